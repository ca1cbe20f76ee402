//! The lines at the edges: the header with its rule, the hint line, the pill.

use crate::ui::{frame::Frame, look::Role, wrap};
use ratatui::layout::Rect;

/// Cells that stay free at both sides of every screen.
pub const MARGIN: u16 = 2;

/// A title at the left and facts at the right of the first row, with a thin rule under it. The last facts go first when there
/// is no room for all.
pub fn header(title: &str, facts: &[String], frame: &mut Frame) {
    let area = frame.area();
    let right = area.right().saturating_sub(MARGIN);
    let room = usize::from(right.saturating_sub(MARGIN));
    let kept = (1..=facts.len()).rev().find(|n| wrap::width(&facts[..*n].join(" · ")) <= room * 3 / 4).unwrap_or(1);
    let facts = wrap::ellipsis(&facts[..kept.min(facts.len())].join(" · "), room * 3 / 4);
    let from = frame.put_right(right, area.y, &facts, Role::Muted);
    let title = wrap::ellipsis(title, usize::from(from.saturating_sub(MARGIN + 2)));
    frame.put(MARGIN, area.y, from.saturating_sub(1), &title, Role::Strong);
    frame.rule(1, area.right().saturating_sub(1), area.y + 1);
}

/// Keys with what they do, as many as there is room for.
pub fn hints(hints: &[(String, &str)], y: u16, frame: &mut Frame) {
    let right = frame.area().right().saturating_sub(MARGIN);
    let mut x = MARGIN;
    for (key, about) in hints {
        let width = wrap::width(key) + 1 + wrap::width(about);
        if usize::from(x) + width > usize::from(right) {
            break;
        }
        x = frame.put(x, y, right, key, Role::Text);
        x = frame.put(x + 1, y, right, about, Role::Muted);
        x += 3;
    }
}

/// A short word at the right end of a row, over what is there.
pub fn pill(text: &str, y: u16, frame: &mut Frame) {
    let right = frame.area().right().saturating_sub(MARGIN);
    let text = format!(" {text} ");
    let width = u16::try_from(wrap::width(&text)).unwrap_or(0);
    frame.clear(Rect::new(right.saturating_sub(width), y, width, 1));
    frame.put_right(right, y, &text, Role::Accent);
}

/// A short word in the place of the keys, cut where it does not fit.
pub fn flash(words: &str, y: u16, frame: &mut Frame) {
    let right = frame.area().right().saturating_sub(MARGIN);
    frame.put(MARGIN, y, right, &wrap::ellipsis(words, usize::from(right.saturating_sub(MARGIN))), Role::Text);
}

/// The sign of work that goes on, at this moment in milliseconds: four pictures a second.
pub fn spinner(now: u64) -> char {
    ['◐', '◓', '◑', '◒'][usize::try_from(now / 250 % 4).unwrap_or(0)]
}
