//! `/export`

use super::{Command, When, no_choices};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "export",
    also: "save write file",
    takes: "[FILE]",
    about: "Write the conversation to a Markdown file",
    when: When::Always,
    choices: no_choices,
    run: |path, _| Reply::intent(Intent::Export { path: Some(path.to_string()).filter(|p| !p.is_empty()) }),
};
