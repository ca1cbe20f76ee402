//! `/edit`

use super::{Command, When, no_choices};
use crate::{
    domain::{conversation::Body, pane::Draft},
    flow::{
        intent::Intent,
        screen::{Reply, Word},
    },
};

pub static COMMAND: Command = Command {
    name: "edit",
    also: "change question",
    takes: "",
    about: "Take the last question back into the composer",
    when: When::Idle,
    choices: no_choices,
    run: |_, facts| {
        let conversation = &facts.front().conversation;
        let said = conversation.last_question().and_then(|at| match &conversation.entries[at].body {
            Body::Said(said) => Some(said.text.clone()),
            _ => None,
        });
        match said {
            Some(text) => Reply { word: Some(Word::Fill(Draft::new(text))), ..Reply::intent(Intent::Undo) },
            None => Reply::intent(Intent::Tell("There is no question to edit".into())),
        }
    },
};
