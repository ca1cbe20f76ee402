//! Laid-out entries, a shelf for each pane. May be thrown away at any time; nothing in it is true, only fast.

use crate::{
    domain::{
        conversation::{Conversation, EntryId},
        pane::PaneId,
    },
    ui::{
        entry::{Layout, Wanted},
        qr_code::QrCode,
    },
};
use std::collections::{HashMap, HashSet};

/// Lines that are kept for all panes; of the entries of a pane, the ones furthest from what is looked at go first.
const MOST_LINES: usize = 40_000;

/// The cache of everything that is drawn.
#[derive(Default)]
pub struct Cache {
    shelves: HashMap<PaneId, Shelf>,
    /// The time, in milliseconds: what runs tells how long.
    clock: u64,
    /// Bytes of answers that may be laid out until more is allowed; any number without it.
    allowed: Option<usize>,
    /// The QR code that was drawn last; none for a text that no code holds.
    qr_code: Option<(String, Option<QrCode>)>,
}

/// The entries of one conversation at one width.
#[derive(Default)]
pub struct Shelf {
    conversation: String,
    width: usize,
    layouts: HashMap<EntryId, Layout>,
    lines: usize,
    clock: u64,
    /// Lines that it may keep.
    most: usize,
    /// Bytes of answers that it may lay out.
    allowed: Option<usize>,
    /// There was more.
    behind: bool,
}

impl Cache {
    /// The shelf of a pane.
    pub fn shelf(&mut self, pane: PaneId) -> &mut Shelf {
        let others = self.shelves.len() - usize::from(self.shelves.contains_key(&pane));
        let (allowed, clock) = (self.allowed, self.clock);
        let shelf = self.shelves.entry(pane).or_insert_with(|| Shelf { allowed, ..Shelf::default() });
        (shelf.most, shelf.clock) = (MOST_LINES / (1 + others), clock);
        shelf
    }
    /// Says what time it is.
    pub fn set_clock(&mut self, now: u64) {
        self.clock = now;
    }
    /// From now on no more than so many bytes of answers are laid out, until more is allowed: whoever draws looks for keys in between.
    pub fn allow(&mut self, bytes: usize) {
        let each = Some(bytes / self.shelves.len().max(1));
        self.allowed = each;
        self.shelves.values_mut().for_each(|shelf| (shelf.allowed, shelf.behind) = (each, false));
    }
    /// Whether something that was looked at since is longer than that.
    pub fn is_behind(&self) -> bool {
        self.shelves.values().any(|shelf| shelf.behind)
    }
    /// Keeps the shelves of these panes alone.
    pub fn keep(&mut self, panes: impl Fn(PaneId) -> bool) {
        self.shelves.retain(|pane, _| panes(*pane));
    }
    /// The QR code of a text.
    pub fn qr_code(&mut self, text: &str) -> Option<QrCode> {
        if self.qr_code.as_ref().is_none_or(|(made, _)| made != text) {
            self.qr_code = Some((text.to_string(), QrCode::of(text)));
        }
        self.qr_code.as_ref().and_then(|(_, code)| code.clone())
    }
}

impl Shelf {
    /// Makes the shelf one for this conversation at this width; what it held for another is dropped.
    pub fn prepare(&mut self, conversation: &Conversation, width: usize) {
        if self.width != width || self.conversation != conversation.id {
            self.layouts.clear();
            self.lines = 0;
            self.width = width;
            self.conversation.clone_from(&conversation.id);
        }
    }

    /// The layout of the entry at `index`, brought up to date.
    pub fn layout(&mut self, conversation: &Conversation, index: usize, unfolded: &HashSet<EntryId>) -> Option<&Layout> {
        let entry = conversation.entries.get(index)?;
        if self.lines > self.most && !self.layouts.contains_key(&entry.id) {
            self.evict(entry.id);
        }
        let layout = self.layouts.entry(entry.id).or_default();
        let before = layout.len();
        let before_it = index.checked_sub(1).and_then(|before| conversation.entries.get(before)).map(|entry| &entry.body);
        let wanted =
            Wanted { width: self.width, unfolded: unfolded.contains(&entry.id), now: self.clock, most: self.allowed.unwrap_or(usize::MAX) };
        let taken = layout.update(entry, before_it, &wanted);
        self.allowed = self.allowed.map(|allowed| allowed.saturating_sub(taken));
        self.behind |= layout.is_behind();
        self.lines = self.lines + layout.len() - before.min(self.lines);
        Some(layout)
    }

    /// Does something for which all lines have to be there.
    pub fn whole<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let allowed = self.allowed.take();
        let found = look(self);
        self.allowed = allowed;
        found
    }

    /// How many lines the entry at `index` takes.
    pub fn height(&mut self, conversation: &Conversation, index: usize, unfolded: &HashSet<EntryId>) -> usize {
        self.layout(conversation, index, unfolded).map_or(0, Layout::len)
    }

    /// Keeps the entries nearest to `here`.
    fn evict(&mut self, here: EntryId) {
        let mut ids: Vec<EntryId> = self.layouts.keys().copied().collect();
        ids.sort_by_key(|id| std::cmp::Reverse(id.0.abs_diff(here.0)));
        for id in ids {
            if self.lines <= self.most / 2 {
                break;
            }
            if let Some(layout) = self.layouts.remove(&id) {
                self.lines = self.lines.saturating_sub(layout.len());
            }
        }
    }
}
