//! `/new`

use super::{Command, When, no_choices};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "new",
    also: "clear reset start",
    takes: "",
    about: "Begin a new conversation",
    when: When::Always,
    choices: no_choices,
    run: |_, _| Reply::intent(Intent::New),
};
