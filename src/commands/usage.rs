//! `/usage`

use super::{Command, When, no_choices};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "usage",
    also: "cost tokens context plan quota left",
    takes: "",
    about: "What was used, and what is left of context and plan",
    when: When::Always,
    choices: no_choices,
    run: |_, _| Reply { intents: vec![Intent::SeePlan], ..Reply::open("usage") },
};
