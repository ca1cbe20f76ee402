//! `/doctor`

use super::{Command, When, no_choices};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "doctor",
    also: "check health problem diagnose",
    takes: "",
    about: "Check everything, and say how to mend it",
    when: When::Always,
    choices: no_choices,
    run: |_, _| Reply { intents: vec![Intent::Examine], ..Reply::open("doctor") },
};
