//! What the chat remembers, and where its parts are on the screen.

use crate::{
    domain::{conversation::EntryId, facts::Facts},
    flow::screen::Context,
    ui::{
        bars::MARGIN,
        cache::Cache,
        composer,
        editor::Editor,
        transcript::{Scroll, Seen, Viewport},
    },
};
use ratatui::layout::Rect;
use std::collections::HashSet;

/// The state of the chat screen.
#[derive(Default)]
pub struct Chat {
    pub(super) editor: Editor,
    pub(super) scroll: Scroll,
    /// What there was when the reader left the end.
    pub(super) seen: Option<Seen>,
    pub(super) unfolded: HashSet<EntryId>,
    /// Where in the history the composer is; one gets there from an empty line only.
    pub(super) browsing: Option<usize>,
    /// The marked line of the completion; none when it was closed for this text.
    pub(super) completion: Option<usize>,
    pub(super) find: Option<Find>,
    /// When Ctrl+C was pressed on an empty line.
    pub(super) asked_to_quit: Option<u64>,
    /// When the last answer was copied.
    pub(super) copied: Option<u64>,
}

/// A search in the transcript.
#[derive(Default)]
pub(super) struct Find {
    pub words: String,
    pub places: Vec<(EntryId, usize)>,
    pub at: usize,
}

/// Where things are, for a window of some size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Geometry {
    pub body: Rect,
    /// The row for what is going on, and for the pill.
    pub status: u16,
    pub rule: u16,
    pub composer: Rect,
    pub hints: u16,
}

impl Chat {
    /// A chat with the draft that was left.
    pub fn new(facts: &Facts) -> Self {
        let mut chat = Self { completion: Some(0), ..Self::default() };
        if !facts.pane.draft.is_empty() {
            chat.editor.set(facts.pane.draft.clone());
        }
        chat
    }

    pub(super) fn geometry(&self, (columns, rows): (u16, u16)) -> Geometry {
        let width = columns.saturating_sub(2 * MARGIN);
        // an empty row over the hints where there is room for it
        let air = u16::from(rows >= 20);
        let most = rows.saturating_sub(7 + air).max(1);
        let lines = composer::rows(&self.editor, width).min(most);
        let hints = rows.saturating_sub(1);
        let top = hints.saturating_sub(air + lines);
        let rule = top.saturating_sub(1);
        let status = rule.saturating_sub(1);
        Geometry {
            body: Rect::new(MARGIN, 2, width, status.saturating_sub(2)),
            status,
            rule,
            composer: Rect::new(MARGIN, top, width, lines),
            hints,
        }
    }

    pub(super) fn viewport<'a>(&'a self, facts: &'a Facts, cache: &'a mut Cache, size: (u16, u16)) -> Viewport<'a> {
        let body = self.geometry(size).body;
        Viewport {
            conversation: &facts.pane.conversation,
            cache,
            unfolded: &self.unfolded,
            width: usize::from(body.width),
            height: usize::from(body.height),
        }
    }

    /// Moves the view; leaving the end remembers what there was.
    pub(super) fn look(&mut self, context: &mut Context, go: impl FnOnce(&mut Viewport, Scroll) -> Scroll) {
        let scroll = self.scroll;
        let mut viewport = self.viewport(context.facts, context.cache, context.size);
        let next = go(&mut viewport, scroll);
        let seen = viewport.seen();
        match (scroll, next) {
            (Scroll::Tail, Scroll::At(_)) => self.seen = seen,
            (_, Scroll::Tail) => self.seen = None,
            _ => {}
        }
        self.scroll = next;
    }
}
