//! The chat: the transcript with the composer under it. What it remembers (caret, scroll, folds) dies with it; the draft is
//! told to `update` with every change.

mod act;
mod asking;
mod files;
mod find;
mod life;
mod state;
mod tour;
mod view;
mod writing;

pub use state::{Chat, Room};

use crate::{
    domain::facts::Facts,
    flow::{
        action::Action,
        input::Input,
        screen::{Context, Reply, Word},
    },
};

impl Chat {
    /// The places of `keys.toml` that are live in it.
    pub fn places(&self, facts: &Facts) -> &'static [&'static str] {
        if let Some(places) = self.asking_places(facts) {
            return places;
        }
        if self.find.is_some() { &["find", "text", "panes", "everywhere"] } else { &["chat", "text", "panes", "everywhere"] }
    }
    /// A key that is bound.
    pub fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        if self.asking_places(context.facts).is_some() {
            return self.act_in_asking(action, context);
        }
        if self.find.is_some() { self.act_in_find(action, context) } else { self.act_in_chat(action, context) }
    }
    /// A key that is not bound, a paste or the mouse.
    pub fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        if self.asking_places(context.facts).is_some() && !matches!(input, Input::Mouse(_)) {
            return self.type_in_asking(input);
        }
        self.typed(input, context)
    }
    /// A word from a screen that was on top.
    pub fn hear(&mut self, word: Word, context: &mut Context) -> Reply {
        self.told(word, context)
    }
    /// In how many milliseconds its picture changes by itself.
    pub fn moves(&self, facts: &Facts) -> Option<u64> {
        life::moves(self.pane(facts), facts.clock.now)
    }
}
