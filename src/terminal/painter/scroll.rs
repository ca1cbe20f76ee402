//! Finds rows that moved as a whole, so that the terminal can move them. A wrong guess costs bytes and nothing else.

use ratatui::buffer::{Buffer, Cell};
use std::ops::Range;

/// Rows `top` to `bottom` move by `rows`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    pub top: u16,
    pub bottom: u16,
    pub rows: u16,
    pub up: bool,
}

/// Fewer rows than this are drawn again.
const FEWEST: usize = 3;

/// So many rows that stand still part what moves above them from what moves below.
const STILL: usize = 3;

/// The shifts after which the least is left to draw: one of all rows between the first and the last that changed, or one of each
/// band of them, where panes lie below each other.
pub(super) fn find(front: &Buffer, next: &Buffer, changed: &Range<usize>) -> Vec<Shift> {
    if changed.len() < FEWEST {
        return vec![];
    }
    let width = usize::from(next.area.width);
    let rows = |buffer: &Buffer| -> Vec<u64> {
        buffer.content[changed.start * width..changed.end * width].chunks(width.max(1)).map(hash).collect()
    };
    let (old, new) = (rows(front), rows(next));
    let blank = hash(&vec![Cell::default(); width]);
    let shift = |band: Range<usize>| {
        let best = best(&old[band.clone()], &new[band.clone()], blank)?;
        let [top, bottom, rows] =
            [changed.start + band.start, changed.start + band.end - 1, best.by].map(|n| u16::try_from(n).unwrap_or(u16::MAX));
        Some((Shift { top, bottom, rows, up: best.up }, best))
    };
    let whole = shift(0..old.len());
    if let Some((shift, Best { lost: 0, .. })) = whole {
        return vec![shift];
    }
    let parts: Vec<Shift> = bands(&old, &new).into_iter().filter_map(|band| Some(shift(band)?.0)).collect();
    if parts.is_empty() { whole.into_iter().map(|(shift, _)| shift).collect() } else { parts }
}

/// Rows that changed, parted where several together did not.
fn bands(old: &[u64], new: &[u64]) -> Vec<Range<usize>> {
    let mut bands: Vec<Range<usize>> = vec![];
    for row in (0..old.len()).filter(|row| old[*row] != new[*row]) {
        match bands.last_mut() {
            Some(band) if row < band.end + STILL => band.end = row + 1,
            _ => bands.push(row..row + 1),
        }
    }
    bands
}

/// A way to move rows.
#[derive(Debug, Clone, Copy)]
struct Best {
    /// How far.
    by: usize,
    up: bool,
    /// Rows that are right afterwards.
    score: usize,
    /// Rows that were right before.
    lost: usize,
}

/// How the rows move; none where that saves next to nothing.
fn best(old: &[u64], new: &[u64], blank: u64) -> Option<Best> {
    let rows = old.len();
    let mut best: Option<Best> = None;
    for by in 1..rows {
        for up in [true, false] {
            let (from, to) = if up { (&old[by..], &new[..rows - by]) } else { (&old[..rows - by], &new[by..]) };
            let still = if up { &old[..rows - by] } else { &old[by..] };
            let gained = from.iter().zip(to).zip(still).filter(|((f, t), s)| f == t && s != t && **t != blank).count();
            // rows that stand still would have to be drawn again
            let lost = from.iter().zip(to).zip(still).filter(|((f, t), s)| f != t && s == t && **t != blank).count();
            let score = gained.saturating_sub(lost);
            if score > best.map_or(1, |best| best.score) {
                best = Some(Best { by, up, score, lost });
            }
        }
    }
    best
}

/// FNV-1a over the text of a row, a symbol a step; a wrong guess, and a row that moved and changed its colours, cost nothing but
/// bytes.
fn hash(cells: &[Cell]) -> u64 {
    cells.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, cell| {
        let symbol = match cell.symbol().as_bytes() {
            [byte] => u64::from(*byte),
            bytes => bytes.iter().fold(0, |symbol: u64, byte| symbol.rotate_left(8) ^ u64::from(*byte)),
        };
        (hash ^ symbol).wrapping_mul(0x0100_0000_01b3)
    })
}
