//! `/help`

use super::{Command, When};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "help",
    also: "keys",
    takes: "[ssh]",
    about: "Keys and commands; signing in over SSH",
    when: When::Always,
    choices: |_| vec!["ssh".into()],
    run: |page, _| match page {
        "" => Reply::open("help"),
        "ssh" => Reply::open("help-ssh"),
        other => Reply::intent(Intent::Tell(format!("The help has a page on `ssh`, none on `{other}`"))),
    },
};
