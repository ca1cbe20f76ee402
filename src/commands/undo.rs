//! `/undo`

use super::{Command, When, no_choices};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "undo",
    also: "take back",
    takes: "",
    about: "Take the last question and its answer back",
    when: When::Idle,
    choices: no_choices,
    run: |_, facts| match facts.front().conversation.last_question() {
        Some(_) => Reply::intent(Intent::Undo),
        None => Reply::intent(Intent::Tell("There is nothing to take back".into())),
    },
};
