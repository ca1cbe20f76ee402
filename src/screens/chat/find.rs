//! Finding words in the transcript.

use super::{Chat, state::Find};
use crate::{
    flow::{
        action::Action,
        input::Input,
        screen::{Context, Reply},
    },
    screens::typing::{self, Typed},
    ui::{field::Field, transcript::Scroll},
};

impl Chat {
    pub(super) fn start_find(&mut self) {
        self.find = Some(Find::default());
    }

    pub(super) fn act_in_find(&mut self, action: Action, context: &mut Context) -> Reply {
        match action {
            Action::Up => self.step(context, -1),
            Action::Down => self.step(context, 1),
            Action::Cancel | Action::Interrupt => self.find = None,
            // a line of its own, with the keys that every field has
            action => self.change_find(context, |words| typing::act(words, action)),
        }
        Reply::default()
    }

    pub(super) fn type_in_find(&mut self, input: &Input, context: &mut Context) {
        self.change_find(context, |words| typing::input(words, input));
    }

    /// Other words are looked for at once.
    fn change_find(&mut self, context: &mut Context, change: impl FnOnce(&mut Field) -> Typed) {
        let Some(find) = &mut self.find else { return };
        if change(&mut find.words) != Typed::Text {
            return;
        }
        let words = find.words.text().to_string();
        let mut viewport = self.viewport(context.facts, context.cache, context.size);
        let places = if words.is_empty() { vec![] } else { viewport.find(&words) };
        if let Some(find) = &mut self.find {
            // the newest is what people mostly look for
            find.at = places.len().saturating_sub(1);
            find.places = places;
        }
        self.step(context, 0);
    }

    fn step(&mut self, context: &mut Context, by: isize) {
        let Some(find) = self.find.as_mut().filter(|f| !f.places.is_empty()) else { return };
        let last = find.places.len();
        find.at = (find.at + last).saturating_add_signed(by) % last;
        let (entry, line) = find.places[find.at];
        self.look(context, |viewport, _| match viewport.show(entry, line) {
            Scroll::Tail => Scroll::Tail,
            place => place,
        });
    }
}
