//! `/tools`

use super::{Command, When};
use crate::flow::screen::Reply;

pub static COMMAND: Command = Command {
    name: "tools",
    also: "toolsets allowed rules",
    takes: "",
    about: "What the model may use, and what it need not ask for",
    when: When::Always,
    choices: |_| vec![],
    run: |_, _| Reply::open("tools"),
};
