//! Boxes that float, and lists in them.

use crate::ui::{frame::Frame, look::Role, wrap};
use ratatui::layout::Rect;

/// A row of a list: what it is called, and what is muted beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// At the left.
    pub label: String,
    /// Muted, after the label.
    pub about: String,
    /// Muted, at the right end: a key.
    pub right: String,
    /// Other words that it is found with.
    pub also: String,
    /// A sentence that is told of the marked row alone.
    pub foot: String,
}

/// A box in the middle, at most `width` × `height`, with a title in its frame. Gives the room inside.
pub fn frame_box(title: &str, width: u16, height: u16, frame: &mut Frame) -> Rect {
    let area = frame.area();
    let width = width.min(area.width.saturating_sub(2));
    let height = height.min(area.height.saturating_sub(2));
    let x = area.x + (area.width - width) / 2;
    let y = area.y + (area.height - height) / 3;
    let outer = Rect::new(x, y, width, height);
    frame.dim(area);
    outline(title, outer, Role::Rule, frame)
}

/// A box with a title in its frame. Gives the room inside; none where there is no room for a frame.
pub fn outline(title: &str, outer: Rect, role: Role, frame: &mut Frame) -> Rect {
    let Rect { x, y, width, height } = outer;
    if width < 4 || height < 3 {
        return Rect::new(x, y, 0, 0);
    }
    frame.clear(outer);
    let bar = "─".repeat(usize::from(width - 2));
    frame.put(x, y, outer.right(), &format!("╭{bar}╮"), role);
    for row in y + 1..outer.bottom() - 1 {
        frame.put(x, row, outer.right(), "│", role);
        frame.put(outer.right() - 1, row, outer.right(), "│", role);
    }
    frame.put(x, outer.bottom() - 1, outer.right(), &format!("╰{bar}╯"), role);
    frame.put(x + 2, y, outer.right() - 2, &format!(" {} ", wrap::ellipsis(title, usize::from(width.saturating_sub(6)))), Role::Strong);
    Rect::new(x + 2, y + 1, width - 4, height - 2)
}

/// The first row that is shown so that `marked` is in sight.
pub fn first_shown(marked: usize, rows: usize) -> usize {
    (marked + 1).saturating_sub(rows)
}

/// Rows of a list; the marked one is set off by its mark and by its look.
pub fn list(items: &[Item], marked: usize, area: Rect, frame: &mut Frame) {
    // labels with nothing beside them need no column
    let labels = items.iter().filter(|i| !i.about.is_empty()).map(|i| wrap::width(&i.label)).max().unwrap_or(0);
    let labels = labels.min(usize::from(area.width) / 2);
    // keys stand in a column of their own, whatever is beside them
    let keys = items.iter().map(|i| wrap::width(&i.right)).max().unwrap_or(0);
    let keys = u16::try_from(keys).unwrap_or(0);
    let right = if keys == 0 { area.right() } else { area.right().saturating_sub(keys + 2) };
    let first = first_shown(marked, usize::from(area.height));
    for (y, (number, item)) in (area.y..area.bottom()).zip(items.iter().enumerate().skip(first)) {
        let chosen = number == marked;
        let role = if chosen { Role::Accent } else { Role::Text };
        frame.put(area.x, y, area.right(), if chosen { "› " } else { "  " }, Role::Accent);
        let room = if item.about.is_empty() { usize::from(right.saturating_sub(area.x + 2)) } else { labels };
        let x = frame.put(area.x + 2, y, right, &wrap::ellipsis(&item.label, room), role);
        frame.put_right(area.right(), y, &item.right, Role::Muted);
        let about_x = x.max(area.x + 2 + u16::try_from(labels).unwrap_or(0)) + 2;
        if about_x < right {
            frame.put(about_x, y, right, &wrap::ellipsis(&item.about, usize::from(right - about_x)), Role::Muted);
        }
    }
}
