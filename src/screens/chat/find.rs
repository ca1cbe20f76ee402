//! Finding words in the transcript.

use super::{Chat, state::Find};
use crate::{
    domain::{conversation::EntryId, facts::Facts},
    flow::{
        action::Action,
        input::Input,
        screen::{Context, Reply},
    },
    screens::typing::{self, Typed},
    ui::{cache::Cache, field::Field},
};

impl Chat {
    /// From here on nothing is followed: what is found stays where it is.
    pub(super) fn start_find(&mut self, context: &mut Context) {
        let (scroll, seen) = (self.scroll, self.seen);
        self.look(context, |viewport, at| viewport.hold(at));
        self.find = Some(Find { back: (scroll, seen), ..Find::default() });
    }

    pub(super) fn act_in_find(&mut self, action: Action, context: &mut Context) -> Reply {
        match action {
            Action::Up => self.step(context, -1),
            Action::Down => self.step(context, 1),
            Action::Send => {
                // one that was found at the end is followed again
                self.find = None;
                self.look(context, |viewport, at| viewport.scroll(at, 0));
            }
            Action::Cancel | Action::Interrupt => {
                if let Some(find) = self.find.take() {
                    (self.scroll, self.seen) = find.back;
                }
            }
            // a line of its own, with the keys that every field has
            action => self.change_find(context, |words| typing::act(words, action)),
        }
        Reply::default()
    }

    pub(super) fn type_in_find(&mut self, input: &Input, context: &mut Context) {
        self.change_find(context, |words| typing::input(words, input));
    }

    /// Other words are looked for at once: from where one was, downwards.
    fn change_find(&mut self, context: &mut Context, change: impl FnOnce(&mut Field) -> Typed) {
        let Some(find) = &mut self.find else { return };
        if change(&mut find.words) != Typed::Text {
            return;
        }
        (find.places, find.from) = (vec![], EntryId::default());
        self.find_anew(context);
        let Some(find) = &self.find else { return };
        let (from, places) = (find.back.0, find.places.clone());
        let mut viewport = self.viewport(context.facts, context.cache, context.size);
        let at = viewport.first_below(from, &places);
        if let Some(find) = &mut self.find {
            find.at = at;
        }
        self.step(context, 0);
    }

    /// Looks for the words again where something may have come since.
    fn find_anew(&mut self, context: &mut Context) {
        let Some(find) = &self.find else { return };
        let (words, from) = (find.words.text().to_string(), find.from);
        let mut places: Vec<_> = find.places.iter().take_while(|(entry, _)| *entry < from).copied().collect();
        if !words.is_empty() {
            places.extend(self.viewport(context.facts, context.cache, context.size).find_from(from, &words));
        }
        let last = self.pane(context.facts).conversation.entries.last().map(|entry| entry.id);
        if let Some(find) = &mut self.find {
            (find.places, find.from) = (places, last.unwrap_or(from));
        }
    }

    /// How many places there are now, whatever came since they were looked for.
    pub(super) fn count_found(&self, facts: &Facts, cache: &mut Cache, size: (u16, u16)) -> usize {
        let Some(find) = self.find.as_ref().filter(|find| !find.words.is_empty()) else { return 0 };
        let before = find.places.iter().take_while(|(entry, _)| *entry < find.from).count();
        before + self.viewport(facts, cache, size).find_from(find.from, find.words.text()).len()
    }

    fn step(&mut self, context: &mut Context, by: isize) {
        if by != 0 {
            self.find_anew(context);
        }
        let Some(find) = self.find.as_mut().filter(|f| !f.places.is_empty()) else { return };
        let last = find.places.len();
        find.at = (find.at + last).saturating_add_signed(by) % last;
        let (entry, line) = find.places[find.at];
        self.look(context, |viewport, _| {
            let shown = viewport.show(entry, line);
            viewport.hold(shown)
        });
    }
}
