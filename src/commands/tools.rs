//! `/tools`

use super::{Command, When};
use crate::flow::{intent::Intent, screen::Reply};

/// The screen; what can be used depends on who is signed in.
pub fn screen() -> Reply {
    Reply { intents: vec![Intent::SeeProviders], ..Reply::open("tools") }
}

pub(super) static COMMAND: Command = Command {
    name: "tools",
    also: "toolsets allowed rules",
    takes: "",
    about: "What the model may use, and what it need not ask for",
    when: When::Always,
    choices: |_| vec![],
    run: |_, _| screen(),
};
