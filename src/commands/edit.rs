//! `/edit`

use super::{Command, When, no_choices};
use crate::{
    domain::conversation::Body,
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
            Body::Said(said) => Some(said.draft()),
            _ => None,
        });
        match said {
            Some(draft) => Reply { word: Some(Word::Fill(draft)), ..Reply::intent(Intent::Undo) },
            None => Reply::intent(Intent::Tell("There is no question to edit".into())),
        }
    },
};
