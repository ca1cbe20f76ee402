//! What terminals agree about, and what they don't: how many cells a symbol takes. Where they don't, nothing that stands behind it
//! may depend on it.

use super::same_row;
use ratatui::buffer::Cell;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether every terminal agrees about the width.
pub(super) fn is_plain(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => {
            matches!(c, ' '..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{2010}'..='\u{2027}' | '\u{2500}'..='\u{259f}' | '\u{3041}'..='\u{33ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
        }
        _ => false,
    }
}

/// The column from which a row has to be written anew: that of the first symbol, old or new, about which terminals disagree. None when
/// there is none, and when nothing changes from there on.
pub(super) fn first_disputed(old: &[Cell], next: &[Cell]) -> Option<usize> {
    let first = old.iter().zip(next).position(|(old, next)| is_disputed(old.symbol()) || is_disputed(next.symbol()))?;
    (!same_row(&old[first..], &next[first..])).then_some(first)
}

/// Whether terminals are known to disagree: about emoji, about what is joined to one cluster, and about marks that take a cell.
/// Accents, vowel points and the like are zero cells wide in all of them.
fn is_disputed(symbol: &str) -> bool {
    if symbol.len() <= 1 || is_plain(symbol) {
        return false;
    }
    let mut chars = symbol.chars();
    let first = chars.next().unwrap_or(' ');
    let is_joined = |c: char| {
        c.width() != Some(0) || matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}')
    };
    match first.width() {
        Some(1) => is_picture(first) || chars.any(is_joined),
        Some(2) => !is_ideographic(first) || chars.any(is_joined),
        _ => true,
    }
}

/// Emoji, and other pictures that some terminals make as wide as emoji.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1ffff}')
}

fn is_ideographic(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{4dbf}' | '\u{4e00}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff01}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
}

/// The cells that a terminal takes which knows no clusters.
pub(super) fn most_cells(symbol: &str) -> usize {
    if symbol.len() == 1 {
        return 1;
    }
    symbol.chars().map(|c| if is_picture(c) { 2 } else { c.width().unwrap_or(0).min(2) }).sum::<usize>()
}

/// A mark without a letter, which would be drawn on the cell before.
pub(super) fn stands_alone(symbol: &str) -> bool {
    symbol.len() > 1 && symbol.width() == 0
}

/// Whether a symbol belongs to the cluster of the one before it, which was too wide for one cell.
pub(super) fn continues(before: &Cell, next: &Cell) -> bool {
    let (before, next) = (before.symbol(), next.symbol());
    next.len() > 1 && before.len() > 1 && !is_plain(before) && [before, next].concat().graphemes(true).nth(1).is_none()
}
