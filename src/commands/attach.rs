//! `/attach`, and `/image`, which makes a picture or attaches one

use super::{Command, When, no_choices};
use crate::{
    domain::{facts::Facts, job::Plea},
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
    also: "picture attach make generate draw",
    takes: "WORDS or PATH",
    about: "Make a picture of this; the path of a picture alone attaches that",
    when: When::Always,
    choices: no_choices,
    run: |words, _| match words.trim() {
        "" => Reply::intent(Intent::Tell("A picture of what? `/image a lighthouse in fog`, or `/image PATH`".into())),
        words => Reply::intent(Intent::Make(Plea::Image(words.into()))),
    },
};

fn attach(path: &str, _: &Facts) -> Reply {
    // quotes as a shell wants them, or none
    let path = path.trim().trim_matches(['"', '\'']);
    Reply::intent(match path {
        "" => Intent::Tell("Which file? `/attach PATH`, or `@` and its name in the question".into()),
        path => Intent::AttachFile(path.trim_start_matches('@').to_string()),
    })
}
