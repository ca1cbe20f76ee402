//! `/help`

use super::{Command, When, no_choices};
use crate::flow::screen::Reply;

pub static COMMAND: Command = Command {
    name: "help",
    also: "keys",
    takes: "",
    about: "Keys and commands",
    when: When::Always,
    choices: no_choices,
    run: |_, _| Reply::open("help"),
};
