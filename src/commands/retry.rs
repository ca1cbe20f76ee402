//! `/retry`

use super::{Command, When, no_choices};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "retry",
    also: "again regenerate",
    takes: "",
    about: "Ask the last question again",
    when: When::Idle,
    choices: no_choices,
    run: |_, _| Reply::intent(Intent::Retry),
};
