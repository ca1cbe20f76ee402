//! The transcript: which lines of which entries are in sight. The view is anchored to a line of an entry, so that nothing
//! moves while someone reads, whatever arrives below; only what is in sight is laid out and drawn.

use crate::{
    domain::conversation::{Body, Conversation, EntryId},
    ui::{cache::Shelf, entry::Layout, frame::Frame, line::Line, look::Role},
};
use ratatui::layout::Rect;
use std::collections::HashSet;

/// Which way one goes in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To what was said before.
    Up,
    /// To what was said after.
    Down,
}

/// Where the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scroll {
    /// At the end; what comes is followed.
    #[default]
    Tail,
    /// This line is the topmost.
    At(Anchor),
}

/// A line of an entry. Survives a new width by the place of its block in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The entry.
    pub entry: EntryId,
    /// The line of it, from 0.
    pub line: usize,
    /// Where the block of that line begins in the source.
    pub source: u32,
    /// The width at which the line was counted.
    pub width: usize,
}

/// What the reader knows of the end: more lines than these are new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The last entry there was.
    pub entry: EntryId,
    /// How many lines it had.
    pub lines: usize,
}

/// A window on a conversation.
pub struct Viewport<'a> {
    /// The conversation.
    pub conversation: &'a Conversation,
    /// Laid-out entries.
    pub cache: &'a mut Shelf,
    /// Entries that are shown in full.
    pub unfolded: &'a HashSet<EntryId>,
    /// Columns for the text.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// How the end is followed.
    pub follow: Follow,
    /// What stands under the last entry while something goes on; laid out already.
    pub life: Vec<Line>,
}

/// Where a reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// How much of what is read is above, or in sight.
    pub percent: usize,
    /// The number of the question to which it belongs.
    pub question: usize,
    /// How many questions there are.
    pub of: usize,
}

/// How the end of a growing conversation is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Follow {
    /// Row by row: the terminal moves the rows above.
    #[default]
    Rows,
    /// A third of the height at a time: beside other panes the terminal can't move rows, and each step draws all of them.
    Jumps,
}

/// A line by the index of its entry.
type Place = (usize, usize);

impl Viewport<'_> {
    fn entries(&self) -> usize {
        self.conversation.entries.len()
    }
    /// What is under the last entry counts as one more.
    fn end(&self) -> Place {
        (self.entries() + 1, 0)
    }
    fn height_of(&mut self, index: usize) -> usize {
        if index == self.entries() {
            return self.life.len();
        }
        self.cache.height(self.conversation, index, self.unfolded)
    }
    fn index_of(&self, entry: EntryId) -> usize {
        self.conversation.entries.partition_point(|e| e.id < entry).min(self.entries().saturating_sub(1))
    }

    /// The topmost place when the end is in sight.
    fn tail(&mut self) -> Place {
        let end = self.end();
        let top = self.up(end, self.height);
        if self.follow == Follow::Rows || top == (0, 0) {
            return top;
        }
        // rows that stay empty until they are needed: told by the length of what grows alone, so that they do not depend on the past
        let step = (self.height / 3).max(1);
        let grown = self.entries().checked_sub(1).map_or(0, |last| self.height_of(last)) + self.life.len();
        let ahead = grown.next_multiple_of(step) - grown;
        self.up(end, self.height.saturating_sub(ahead).max(1))
    }
    /// A place `lines` further up.
    fn up(&mut self, (mut index, mut line): Place, mut lines: usize) -> Place {
        while lines > line {
            lines -= line;
            if index == 0 {
                return (0, 0);
            }
            index -= 1;
            line = self.height_of(index);
        }
        (index, line - lines)
    }
    /// A place `lines` further down, as far as there are any.
    fn down(&mut self, (mut index, line): Place, lines: usize) -> Place {
        let mut line = line + lines;
        while (index, 0) < self.end() {
            let height = self.height_of(index);
            if line < height {
                return (index, line);
            }
            line -= height;
            index += 1;
        }
        self.end()
    }
    /// The topmost place for a scroll position.
    fn top(&mut self, scroll: Scroll) -> Place {
        self.cache.prepare(self.conversation, self.width);
        match scroll {
            Scroll::Tail => self.tail(),
            Scroll::At(anchor) => {
                let index = self.index_of(anchor.entry);
                let place = (index, self.line_of(index, anchor));
                let tail = self.tail();
                place.min(tail)
            }
        }
    }
    /// The line of an anchor at the present width.
    fn line_of(&mut self, index: usize, anchor: Anchor) -> usize {
        let width = self.width;
        let Some(layout) = self.cache.layout(self.conversation, index, self.unfolded) else { return 0 };
        let last = layout.len().saturating_sub(1);
        if anchor.width == width {
            return anchor.line.min(last);
        }
        (0..layout.len()).find(|n| layout.get(*n).is_some_and(|(_, l)| l.source >= anchor.source)).unwrap_or(last)
    }
    /// The scroll position whose topmost line is there; the tail when the end is in sight.
    fn at(&mut self, place: Place) -> Scroll {
        if place >= self.tail() {
            return Scroll::Tail;
        }
        self.anchored(place).unwrap_or(Scroll::Tail)
    }
    fn anchored(&mut self, place: Place) -> Option<Scroll> {
        let width = self.width;
        let layout = self.cache.layout(self.conversation, place.0, self.unfolded)?;
        let source = layout.get(place.1).map_or(0, |(_, l)| l.source);
        Some(Scroll::At(Anchor { entry: self.conversation.entries.get(place.0)?.id, line: place.1, source, width }))
    }

    /// Scrolls by lines, negative ones up.
    pub fn scroll(&mut self, scroll: Scroll, lines: isize) -> Scroll {
        let top = self.top(scroll);
        let place = if lines < 0 { self.up(top, lines.unsigned_abs()) } else { self.down(top, lines.unsigned_abs()) };
        self.at(place)
    }
    /// The beginning.
    pub fn beginning(&mut self) -> Scroll {
        self.cache.prepare(self.conversation, self.width);
        self.at((0, 0))
    }
    /// The question before or after the topmost line; or the call, where it is unfolded.
    pub fn turn(&mut self, scroll: Scroll, to: Direction) -> Scroll {
        let top = self.top(scroll);
        let asked = |index: &usize| {
            let entry = &self.conversation.entries[*index];
            match entry.body {
                Body::Said(_) => true,
                Body::Used(_) => self.unfolded.contains(&entry.id),
                _ => false,
            }
        };
        let found = match to {
            Direction::Down => (top.0 + 1..self.entries()).find(asked),
            Direction::Up => {
                let before = if top.1 > 0 { top.0 + 1 } else { top.0 };
                (0..before.min(self.entries())).rev().find(asked)
            }
        };
        match (found, to) {
            (Some(index), _) => self.at((index, 0)),
            (None, Direction::Down) => Scroll::Tail,
            (None, Direction::Up) => self.at((0, 0)),
        }
    }
    /// The position that puts a line of an entry into the upper third.
    pub fn show(&mut self, entry: EntryId, line: usize) -> Scroll {
        self.cache.prepare(self.conversation, self.width);
        let index = self.index_of(entry);
        let place = self.up((index, line), self.height / 3);
        self.at(place)
    }
    /// Puts a line under the last entry, apart from it.
    pub fn live(&mut self, line: Line) {
        self.cache.prepare(self.conversation, self.width);
        let ends = (0..self.entries()).rev().find_map(|index| {
            let layout = self.cache.layout(self.conversation, index, self.unfolded)?;
            let last = layout.len().checked_sub(1)?;
            layout.get(last).map(|(_, line)| line.text.is_empty() && line.strip.is_none())
        });
        self.life =
            [ends.filter(|empty| !empty).map(|_| Line::default()), Some(line), Some(Line::default())].into_iter().flatten().collect();
    }
    /// Where the reader is: in the entry of the lowest line that is seen.
    pub fn place(&mut self, scroll: Scroll) -> Reading {
        let top = self.top(scroll);
        let lowest = self.down(top, self.height.saturating_sub(1)).min((self.entries().saturating_sub(1), usize::MAX));
        let of = self.conversation.entries.iter().filter(|entry| matches!(entry.body, Body::Said(_))).count();
        let question = self.conversation.entries.iter().take(lowest.0 + 1).filter(|entry| matches!(entry.body, Body::Said(_))).count();
        let height = self.height_of(lowest.0).max(1);
        Reading { percent: (lowest.1.saturating_add(1)).min(height) * 100 / height, question, of }
    }
    /// What is known of the end now.
    pub fn seen(&mut self) -> Option<Seen> {
        self.cache.prepare(self.conversation, self.width);
        let last = self.entries().checked_sub(1)?;
        Some(Seen { entry: self.conversation.entries[last].id, lines: self.height_of(last) })
    }
    /// Lines that came since.
    pub fn new_lines(&mut self, seen: Seen) -> usize {
        let from = self.index_of(seen.entry);
        (from..self.entries()).map(|index| self.height_of(index)).sum::<usize>().saturating_sub(seen.lines)
    }
    /// The same place, which stays however much comes below.
    pub fn hold(&mut self, scroll: Scroll) -> Scroll {
        let place = self.top(scroll);
        self.anchored(place).unwrap_or(scroll)
    }
    /// Which of these lines is the first at or below the topmost one; the last where all are above.
    pub fn first_below(&mut self, scroll: Scroll, lines: &[(EntryId, usize)]) -> usize {
        let top = self.top(scroll);
        let below = lines.iter().position(|(entry, line)| (self.index_of(*entry), *line) >= top);
        below.unwrap_or(lines.len().saturating_sub(1))
    }
    /// Every line that holds the words, ignoring case, from this entry on: entry and line.
    pub fn find_from(&mut self, first: EntryId, words: &str) -> Vec<(EntryId, usize)> {
        self.cache.prepare(self.conversation, self.width);
        let words = words.to_lowercase();
        let mut found = vec![];
        for index in self.conversation.entries.partition_point(|entry| entry.id < first)..self.entries() {
            let id = self.conversation.entries[index].id;
            let (conversation, unfolded) = (self.conversation, self.unfolded);
            self.cache.whole(|shelf| {
                let Some(layout) = shelf.layout(conversation, index, unfolded) else { return };
                let holds = |n: &usize| layout.get(*n).is_some_and(|(_, l)| l.text.to_lowercase().contains(&words));
                found.extend((0..layout.len()).filter(holds).map(|n| (id, n)));
            });
        }
        found
    }

    /// Draws what is in sight. What was sought is marked where it stands.
    pub fn draw(&mut self, scroll: Scroll, sought: Option<&Sought>, area: Rect, frame: &mut Frame) {
        let (mut index, mut line) = self.top(scroll);
        let words = sought.filter(|sought| !sought.words.is_empty()).map(|sought| (sought.words.to_lowercase(), sought.here));
        let mut y = area.y;
        // a short conversation stands at the top
        while y < area.bottom() && index < self.entries() {
            let Some(layout) = self.cache.layout(self.conversation, index, self.unfolded) else { break };
            y = draw_entry((self.conversation.entries[index].id, layout), line, words.as_ref(), y, area, frame);
            index += 1;
            line = 0;
        }
        for (y, line) in (y..area.bottom()).zip(self.life.iter().skip(line).filter(|_| index == self.entries())) {
            frame.row(y, (area.x, area.right(), &line.text, &line.runs), |frame| _ = frame.put_line(area.x, y, area.right(), line));
        }
    }
}

type Laid<'a> = (EntryId, &'a Layout);

/// What is sought, and the line of it at which one is.
pub struct Sought<'a> {
    /// The words.
    pub words: &'a str,
    /// Entry and line.
    pub here: Option<(EntryId, usize)>,
}

/// The words in small letters.
type Lowered = (String, Option<(EntryId, usize)>);

fn draw_entry((entry, layout): Laid, mut line: usize, sought: Option<&Lowered>, mut y: u16, area: Rect, frame: &mut Frame) -> u16 {
    while y < area.bottom() {
        let Some((indent, shown)) = layout.get(line) else { break };
        let x = area.x + indent;
        let words = sought.map(|(words, here)| (words, *here == Some((entry, line))));
        frame.row(y, (x, area.right(), &shown.text, &shown.runs, &shown.strip, words), |frame| {
            frame.put_line(x, y, area.right(), shown);
            if let Some((words, here)) = words {
                let role = if here { Role::FoundHere } else { Role::Found };
                mark(&shown.text, words, role, (x, y), area.right(), frame);
                if here {
                    frame.put(area.x.saturating_sub(1), y, area.right(), "▸", Role::Accent);
                }
            }
        });
        frame.lay(x, y, area.right(), shown);
        frame.link_words(x, y, area.right(), shown, |link| Some((layout.address(link)?, entry.0 << 16 | u64::from(link))));
        line += 1;
        y += 1;
    }
    y
}

fn mark(text: &str, words: &str, role: Role, (x, y): (u16, u16), right: u16, frame: &mut Frame) {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return; // lower case changed the places of the letters; the line is found all the same
    }
    for (at, found) in lower.match_indices(words) {
        let Some(before) = text.get(..at) else { continue };
        let column = x.saturating_add(u16::try_from(crate::ui::wrap::width(before)).unwrap_or(u16::MAX));
        let width = u16::try_from(crate::ui::wrap::width(found)).unwrap_or(0);
        let width = width.min(right.saturating_sub(column));
        frame.tint(Rect::new(column, y, width, 1), role);
    }
}
