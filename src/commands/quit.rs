//! `/quit`

use super::{Command, When, no_choices};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "quit",
    also: "exit leave",
    takes: "",
    about: "Leave; the draft is kept",
    when: When::Always,
    choices: no_choices,
    run: |_, _| Reply::intent(Intent::Quit),
};
