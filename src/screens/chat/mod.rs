//! The chat: the transcript with the composer under it. What it remembers (caret, scroll, folds) dies with it; the draft is
//! told to `update` with every change.

mod act;
mod find;
mod state;
mod view;
mod writing;

pub use view::QUIET;

use super::Opening;
use crate::{
    domain::facts::Facts,
    flow::{
        action::Action,
        input::Input,
        screen::{Context, Reply, Screen, Word},
    },
    ui::{cache::Cache, frame::Frame},
};
pub use state::Chat;

/// The route to the chat.
pub static SCREEN: Opening =
    Opening { name: "chat", about: "Chat", places: &["chat", "text", "find"], open: |facts| Box::new(Chat::new(facts)) };

impl Screen for Chat {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        if self.find.is_some() { &["find", "everywhere"] } else { &["chat", "text", "everywhere"] }
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        if self.find.is_some() { self.act_in_find(action, context) } else { self.act_in_chat(action, context) }
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        self.typed(input, context)
    }
    fn hear(&mut self, word: Word, context: &mut Context) -> Reply {
        self.told(word, context)
    }
    fn view(&self, facts: &Facts, cache: &mut Cache, frame: &mut Frame) {
        self.draw(facts, cache, frame);
    }
}
