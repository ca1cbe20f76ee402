//! `/attach` and `/image`

use super::{Command, When, no_choices};
use crate::{
    domain::facts::Facts,
    flow::{intent::Intent, screen::Reply},
};

pub static ATTACH: Command = Command {
    name: "attach",
    also: "file picture upload",
    takes: "PATH",
    about: "A file goes with the next question; `@` does the same while you type",
    when: When::Always,
    choices: no_choices,
    run: attach,
};

pub static IMAGE: Command = Command {
    name: "image",
    also: "picture attach",
    takes: "PATH",
    about: "A picture goes with the next question",
    when: When::Always,
    choices: no_choices,
    run: attach,
};

fn attach(path: &str, _: &Facts) -> Reply {
    // quotes as a shell wants them, or none
    let path = path.trim().trim_matches(['"', '\'']);
    Reply::intent(match path {
        "" => Intent::Tell("Which file? `/attach PATH`, or `@` and its name in the question".into()),
        path => Intent::AttachFile(path.trim_start_matches('@').to_string()),
    })
}
