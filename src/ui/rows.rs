//! What each row of the picture before shows. A row that shows the same again is neither emptied nor drawn nor compared: while an answer
//! comes in, that is nearly all of them.

use crate::ui::look::Look;
use foldhash::fast::RandomState;
use ratatui::{buffer::Buffer, layout::Rect};
use std::hash::{BuildHasher, Hash};

/// The rows of a window, from one picture to the next.
#[derive(Default)]
pub struct Rows {
    area: Rect,
    look: Look,
    rows: Vec<Row>,
    hasher: RandomState,
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    shows: Shows,
    state: State,
}

/// What a row shows, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shows {
    #[default]
    Anything,
    Nothing,
    /// One line and nothing else, by its number.
    Line(u64),
}

/// What became of a row in this picture so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// It is as the picture before left it.
    #[default]
    Before,
    /// It shows the same again.
    Kept,
    Drawn,
}

impl Rows {
    /// A picture begins on `buffer`, which holds the one before, or is empty where its size is another.
    pub(super) fn begin(&mut self, buffer: &Buffer, look: Look) {
        let anew = self.area != buffer.area;
        let same = !anew && self.look == look;
        (self.area, self.look) = (buffer.area, look);
        self.rows.resize(usize::from(buffer.area.height), Row::default());
        for row in &mut self.rows {
            row.state = State::Before;
            if !same {
                row.shows = if anew { Shows::Nothing } else { Shows::Anything };
            }
        }
    }
    /// It ends: rows on which nobody has drawn are empty.
    pub(super) fn end(&mut self, buffer: &mut Buffer) {
        for (y, row) in self.rows.iter_mut().enumerate().filter(|(_, row)| row.state == State::Before) {
            match row.shows {
                Shows::Nothing => row.state = State::Kept,
                _ => {
                    empty(buffer, y);
                    *row = Row { shows: Shows::Nothing, state: State::Drawn };
                }
            }
        }
    }
    /// Somebody draws on a row.
    pub(super) fn draw(&mut self, y: u16, buffer: &mut Buffer) {
        if let Some(row) = self.rows.get_mut(usize::from(y)) {
            if row.state == State::Before && row.shows != Shows::Nothing {
                empty(buffer, usize::from(y));
            }
            *row = Row { shows: Shows::Anything, state: State::Drawn };
        }
    }
    /// The number of what a line is made of.
    pub(super) fn number(&self, line: impl Hash) -> u64 {
        self.hasher.hash_one(line)
    }
    /// Whether the row shows this line and nothing else; then it stays.
    pub(super) fn keep(&mut self, y: u16, line: u64) -> bool {
        let row = self.rows.get_mut(usize::from(y)).filter(|row| row.state == State::Before && row.shows == Shows::Line(line));
        row.is_some_and(|row| {
            row.state = State::Kept;
            true
        })
    }
    /// Whether nobody has drawn on the row in this picture.
    pub(super) fn is_free(&self, y: u16) -> bool {
        self.rows.get(usize::from(y)).is_some_and(|row| row.state == State::Before)
    }
    /// The row shows this line and nothing else.
    pub(super) fn shows(&mut self, y: u16, line: u64) {
        if let Some(row) = self.rows.get_mut(usize::from(y)).filter(|row| row.state == State::Drawn) {
            row.shows = Shows::Line(line);
        }
    }
    /// Somebody draws on these rows beside the pictures.
    pub fn forget(&mut self, area: Rect) {
        for row in area.rows() {
            if let Some(row) = self.rows.get_mut(usize::from(row.y)) {
                row.shows = Shows::Anything;
            }
        }
    }
    /// Whether a row shows in this picture what it showed in the one before.
    pub fn is_kept(&self, y: usize) -> bool {
        self.rows.get(y).is_some_and(|row| row.state == State::Kept)
    }
}

fn empty(buffer: &mut Buffer, y: usize) {
    let width = usize::from(buffer.area.width);
    if let Some(row) = buffer.content.get_mut(y * width..(y + 1) * width) {
        row.iter_mut().for_each(|cell| cell.reset());
    }
}
