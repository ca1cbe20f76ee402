//! What the chat remembers, and where its parts are on the screen.

use super::{life, tour};
use crate::{
    domain::{
        conversation::EntryId,
        facts::Facts,
        pane::{Pane, PaneId},
    },
    flow::screen::Context,
    ui::{
        bars::MARGIN,
        cache::Cache,
        composer,
        editor::Editor,
        field::Field,
        tasks,
        transcript::{Follow, Scroll, Seen, Viewport},
        wrap::PROSE,
    },
};
use ratatui::layout::Rect;
use std::collections::HashSet;

/// Columns of questions, prose and what is typed; in wider windows they stand in the middle.
const COLUMN: u16 = PROSE as u16 + 4;
/// Questions that are seen waiting.
const MOST_WAITING: u16 = 3;
/// In windows with fewer rows one of them is.
const SMALL: u16 = 20;

/// The state of the chat screen.
#[derive(Default)]
pub struct Chat {
    /// Whose chat it is.
    pub(in crate::screens) pane: PaneId,
    /// The conversation that the rest is about.
    conversation: String,
    /// How much of the window it has.
    pub(in crate::screens) room: Room,
    /// How its transcript is followed.
    pub(in crate::screens) follow: Follow,
    pub(super) editor: Editor,
    pub(super) scroll: Scroll,
    /// What there was when the reader left the end.
    pub(super) seen: Option<Seen>,
    /// Where one was before a jump.
    pub(super) back: Option<(Scroll, Option<Seen>)>,
    pub(super) unfolded: HashSet<EntryId>,
    /// Where in the history the composer is; one gets there from an empty line only.
    pub(super) browsing: Option<usize>,
    /// The marked line of the completion; none when it was closed for this text.
    pub(super) completion: Option<usize>,
    pub(super) find: Option<Find>,
    /// What is asked before the turn goes on.
    pub(super) asking: Option<super::asking::Asking>,
    /// Rows that it takes over the composer.
    pub(super) asked_rows: u16,
    /// Rows that the list of tasks takes there.
    pub(super) task_rows: u16,
    /// Rows of what waits to be asked.
    pub(super) queue_rows: u16,
    /// How far the tour is.
    pub(super) tour: Option<tour::Step>,
    /// Rows that the files of the draft take.
    pub(super) file_rows: u16,
    /// When Ctrl+C was pressed on an empty line.
    pub(super) asked_to_quit: Option<u64>,
    /// When Esc was pressed with nothing to leave.
    pub(super) escaped: Option<u64>,
    /// When the last answer was copied.
    pub(super) copied: Option<u64>,
}

/// How much of the window a chat has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Room {
    /// All of it.
    #[default]
    Whole,
    /// A part, with a line above that names it; the keys are told once for all parts.
    Part,
}

/// A search in the transcript.
#[derive(Default)]
pub(super) struct Find {
    pub words: Field,
    pub places: Vec<(EntryId, usize)>,
    pub at: usize,
    /// What is before this entry does not change any more.
    pub from: EntryId,
    /// Where one was before it.
    pub back: (Scroll, Option<Seen>),
}

/// Where things are, for a window of some size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Geometry {
    pub body: Rect,
    /// What is asked, and what is to be done.
    pub asking: Rect,
    pub tasks: Rect,
    /// What waits to be asked.
    pub queue: Rect,
    /// The step of the tour.
    pub tour: Rect,
    /// The row of the rule over the composer, which tells where the reader is.
    pub rule: u16,
    /// The row of the files that go with the question, if there is one: over the composer.
    pub files: u16,
    pub composer: Rect,
    pub hints: u16,
}

impl Chat {
    /// The chat of a pane, with the draft that was left.
    pub fn new(pane: &Pane) -> Self {
        let mut chat = Self { pane: pane.id, conversation: pane.conversation.id.clone(), completion: Some(0), ..Self::default() };
        if !pane.draft.is_empty() {
            chat.editor.set(pane.draft.clone());
        }
        chat
    }

    pub(super) fn pane<'a>(&self, facts: &'a Facts) -> &'a Pane {
        facts.panes.at(self.pane)
    }

    /// What was remembered of another conversation is forgotten.
    pub fn settle(&mut self, facts: &Facts, size: (u16, u16)) {
        let id = &self.pane(facts).conversation.id;
        if self.conversation != *id {
            self.conversation.clone_from(id);
            (self.scroll, self.seen, self.find, self.back) = (Scroll::Tail, None, None, None);
            self.unfolded.clear();
        }
        self.settle_asking(facts, size);
        let most = if size.1 < SMALL { 1 } else { MOST_WAITING };
        self.queue_rows = u16::try_from(self.pane(facts).queue.len()).unwrap_or(most).min(most);
        self.file_rows = self.file_rows(facts);
        if self.tour.is_some() {
            let pane = self.pane(facts);
            let (waits, runs) = (!pane.queue.is_empty(), pane.turn.is_running());
            self.tour_settles(waits, runs);
        }
        // what is asked needs the room more
        let free = if self.asking.is_some() { 0 } else { size.1.saturating_sub(12) / 2 };
        self.task_rows = tasks::rows(&self.pane(facts).tasks, free.max(u16::from(self.asking.is_none())));
    }

    /// Whether something is asked.
    pub fn is_asked(&self) -> bool {
        self.asking.is_some()
    }

    pub(super) fn geometry(&self, (columns, rows): (u16, u16)) -> Geometry {
        let width = columns.saturating_sub(2 * MARGIN);
        // in the middle of a wide window; code and tables may go on to its edge
        let left = MARGIN + width.saturating_sub(COLUMN) / 2;
        let (width, full) = (width.min(COLUMN), columns.saturating_sub(left + MARGIN));
        // an empty row over the hints where there is room for it
        let (head, foot) = match self.room {
            Room::Whole => (2, 1 + u16::from(rows >= 20)),
            Room::Part => (1, 0),
        };
        let most = rows.saturating_sub(head + foot + 4 + self.file_rows).max(1);
        let lines = composer::rows(&self.editor, width).min(most);
        let hints = rows.saturating_sub(1);
        let top = rows.saturating_sub(foot + lines);
        let files = top.saturating_sub(self.file_rows);
        let rule = files.saturating_sub(1);
        let tour = rule.saturating_sub(if self.tour.is_some() { tour::ROWS } else { 0 }).max(head);
        let queue = tour.saturating_sub(self.queue_rows).max(head);
        let tasks = queue.saturating_sub(self.task_rows).max(head);
        let asking = tasks.saturating_sub(self.asked_rows).max(head);
        Geometry {
            body: Rect::new(left, head, full, asking.saturating_sub(head)),
            asking: Rect::new(left, asking, full, tasks.saturating_sub(asking)),
            tasks: Rect::new(left, tasks, width, queue.saturating_sub(tasks)),
            queue: Rect::new(left, queue, width, tour.saturating_sub(queue)),
            tour: Rect::new(left, tour, width, rule.saturating_sub(tour)),
            rule,
            files,
            composer: Rect::new(left, top, width, lines),
            hints,
        }
    }

    /// Where the composer is in a part of the window.
    pub fn composer_in(&self, part: Rect) -> Rect {
        let area = self.geometry((part.width, part.height)).composer;
        Rect { x: part.x + area.x, y: part.y + area.y, ..area }.intersection(part)
    }

    pub(super) fn viewport<'a>(&'a self, facts: &'a Facts, cache: &'a mut Cache, size: (u16, u16)) -> Viewport<'a> {
        let body = self.geometry(size).body;
        let mut viewport = Viewport {
            conversation: &self.pane(facts).conversation,
            cache: cache.shelf(self.pane),
            unfolded: &self.unfolded,
            width: usize::from(body.width),
            height: usize::from(body.height),
            follow: self.follow,
            life: vec![],
        };
        if let Some(line) = life::line(self.pane(facts), facts.clock.now, usize::from(body.width)) {
            viewport.live(line);
        }
        viewport
    }

    /// Goes somewhere else, and remembers where one was: Esc goes back there.
    pub(super) fn jump(&mut self, context: &mut Context, go: impl FnOnce(&mut Viewport, Scroll) -> Scroll) {
        let (scroll, seen) = (self.scroll, self.seen);
        self.look(context, go);
        if self.scroll != scroll && self.back.is_none() {
            self.back = Some((scroll, seen));
        }
    }

    /// What was asked just now is followed. Who read further up can go back there.
    pub(super) fn follow_tail(&mut self) {
        self.back = (self.scroll != Scroll::Tail).then_some((self.scroll, self.seen));
        (self.scroll, self.seen) = (Scroll::Tail, None);
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
