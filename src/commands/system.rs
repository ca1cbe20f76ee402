//! `/system`

use super::{Command, When};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "system",
    also: "prompt instructions",
    takes: "[TEXT|default]",
    about: "Show or change the system prompt of this conversation",
    when: When::Idle,
    choices: |_| vec!["default".into()],
    run: |text, _| match text {
        "" => Reply::intent(Intent::ShowSystem),
        "default" => Reply::intent(Intent::SetSystem(None)),
        text => Reply::intent(Intent::SetSystem(Some(text.to_string()))),
    },
};
