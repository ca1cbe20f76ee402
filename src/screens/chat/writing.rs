//! What changes the text: typing, completion, and the history that is gone through.

use super::Chat;
use crate::{
    commands,
    domain::{facts::Facts, pane::Draft},
    flow::{
        intent::Intent,
        screen::{Context, Reply},
    },
    ui::{composer, editor::Editor},
};

/// A text with more lines, or bytes, says how long it is.
const LONG: (usize, usize) = (5, 2_000);

impl Chat {
    /// A change of the text: completion starts over, the draft is told.
    pub(super) fn edit(&mut self, change: impl FnOnce(&mut Editor)) -> Reply {
        let before = self.is_plain();
        change(&mut self.editor);
        self.completion = Some(0);
        self.asked_to_quit = None;
        let mut reply = Reply { typed_only: before && self.is_plain(), ..Reply::intent(Intent::Draft(self.editor.draft())) };
        reply.intents.extend(self.asks_for_files());
        reply
    }
    /// The caret goes somewhere else.
    pub(super) fn go(&mut self, step: impl FnOnce(&mut Editor)) -> Reply {
        step(&mut self.editor);
        Reply { typed_only: self.is_plain(), ..Reply::default() }
    }
    /// Whether the text shows nowhere but in the composer: what is offered for a command stands above it.
    fn is_plain(&self) -> bool {
        let text = self.editor.text();
        // a file that is named stands in a row of its own
        let is_words = !commands::is_command(text) && !text.starts_with('!') && !text.contains('@');
        self.browsing.is_none() && self.find.is_none() && is_words && !self.is_long()
    }
    /// Whether the rule above says how long the text is.
    pub(super) fn is_long(&self) -> bool {
        let (lines, bytes) = self.editor.size();
        lines > LONG.0 || bytes > LONG.1
    }

    pub(super) fn complete(&mut self, context: &mut Context) -> Reply {
        if let Some(reply) = self.take_file(context.facts) {
            return reply;
        }
        let completions = commands::completions(self.editor.text(), context.facts);
        match completions.get(self.completion.unwrap_or(0)) {
            Some(chosen) => {
                let line = if chosen.is_open() { format!("{} ", chosen.line) } else { chosen.line.clone() };
                self.edit(|e| e.complete(&line))
            }
            None => Reply::default(),
        }
    }

    pub(super) fn up(&mut self, context: &mut Context) -> Reply {
        if let Some(reply) = self.move_completion(context, -1) {
            return reply;
        }
        let width = composer::text_width(self.geometry(context.size).composer.width);
        if self.browsing.is_none() && self.editor.up(width) {
            return Reply::default();
        }
        let facts = context.facts;
        if self.editor.is_empty() && !self.pane(facts).queue.is_empty() {
            let draft = self.pane(facts).queue.last().map(|waiting| waiting.draft.clone()).unwrap_or_default();
            let mut reply = self.edit(|e| e.set(draft));
            reply.intents.insert(0, Intent::Unqueue);
            return reply;
        }
        if !self.editor.is_empty() && self.browsing.is_none() {
            return Reply::default();
        }
        let before = self.browsing.unwrap_or(facts.history.len()).checked_sub(1);
        match before.and_then(|before| facts.history.get(before)) {
            Some(text) => {
                let reply = self.edit(|e| e.set(Draft::new(text.clone())));
                self.browsing = before;
                reply
            }
            None => Reply::default(),
        }
    }

    pub(super) fn down(&mut self, context: &mut Context) -> Reply {
        if let Some(reply) = self.move_completion(context, 1) {
            return reply;
        }
        let Some(at) = self.browsing else {
            let width = composer::text_width(self.geometry(context.size).composer.width);
            self.editor.down(width);
            return Reply::default();
        };
        // below the last one is what was there before: nothing
        let text = context.facts.history.get(at + 1).cloned();
        self.browsing = text.is_some().then_some(at + 1);
        self.edit(|e| e.set(Draft::new(text.unwrap_or_default())))
    }

    fn move_completion(&mut self, context: &mut Context, by: isize) -> Option<Reply> {
        let marked = self.completion?;
        let count = self.offers(context.facts);
        if count == 0 || self.browsing.is_some() {
            return None;
        }
        self.completion = Some((marked + count).saturating_add_signed(by) % count);
        Some(Reply::default())
    }

    /// How many lines complete what is typed.
    pub(super) fn offers(&self, facts: &Facts) -> usize {
        commands::completions(self.editor.text(), facts).len() + self.offered_files(facts).len()
    }
}
