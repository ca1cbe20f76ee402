//! Finds rows that moved as a whole, so that the terminal can move them. A wrong guess costs bytes and nothing else.

use ratatui::buffer::{Buffer, Cell};
use std::hash::{DefaultHasher, Hash, Hasher};

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

/// The shift after which the least is left to draw.
pub(super) fn find(front: &Buffer, next: &Buffer) -> Option<Shift> {
    let (width, height) = (usize::from(next.area.width), usize::from(next.area.height));
    let row = |y: usize| y * width..(y + 1) * width;
    let differs = |y: &usize| front.content[row(*y)] != next.content[row(*y)];
    if width == 0 || (0..height).filter(differs).take(FEWEST).count() < FEWEST {
        return None;
    }
    let top = (0..height).find(differs)?;
    let bottom = (0..height).rev().find(differs)?;
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

fn hash(cells: &[Cell]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for cell in cells {
        hasher.write(cell.symbol().as_bytes());
        (cell.fg, cell.bg, cell.modifier).hash(&mut hasher);
    }
    hasher.finish()
}
