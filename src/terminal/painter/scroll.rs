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

/// The shift of the rows between the first and the last that changed after which the least is left to draw.
pub(super) fn find(front: &Buffer, next: &Buffer, changed: &Range<usize>) -> Option<Shift> {
    if changed.len() < FEWEST {
        return None;
    }
    let width = usize::from(next.area.width);
    let row = |y: usize| y * width..(y + 1) * width;
    let (top, bottom) = (changed.start, changed.end - 1);
    let old: Vec<u64> = (top..=bottom).map(|y| hash(&front.content[row(y)])).collect();
    let new: Vec<u64> = (top..=bottom).map(|y| hash(&next.content[row(y)])).collect();
    let blank = hash(&vec![Cell::default(); width]);
    let rows = old.len();
    let mut best: Option<(usize, usize, bool)> = None;
    for by in 1..rows {
        for up in [true, false] {
            let (from, to) = if up { (&old[by..], &new[..rows - by]) } else { (&old[..rows - by], &new[by..]) };
            let still = if up { &old[..rows - by] } else { &old[by..] };
            let gained = from.iter().zip(to).zip(still).filter(|((f, t), s)| f == t && s != t && **t != blank).count();
            // rows that stand still would have to be drawn again
            let lost = from.iter().zip(to).zip(still).filter(|((f, t), s)| f != t && s == t && **t != blank).count();
            let score = gained.saturating_sub(lost);
            if score > best.map_or(1, |(score, ..)| score) {
                best = Some((score, by, up));
            }
        }
    }
    let (_, by, up) = best?;
    Some(Shift { top: u16::try_from(top).ok()?, bottom: u16::try_from(bottom).ok()?, rows: u16::try_from(by).ok()?, up })
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
