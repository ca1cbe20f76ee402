//! The composer: the editor's text with its mark, its chips and its caret. Grows with the text up to ten rows.

use crate::ui::{
    editor::{self, Editor},
    frame::Frame,
    look::Role,
    wrap,
};
use ratatui::layout::{Position, Rect};

/// Rows that the composer grows to.
pub const MOST_ROWS: u16 = 10;
/// Columns of the mark before the text.
const MARK: u16 = 2;

/// The columns of text in a composer that is `width` cells wide.
pub fn text_width(width: u16) -> usize {
    // one column is left for the caret behind a full row
    usize::from(width.saturating_sub(MARK + 1)).max(1)
}

/// How many rows the text wants at this width.
pub fn rows(editor: &Editor, width: u16) -> u16 {
    let shown = editor.shown();
    u16::try_from(editor::rows(&shown.text, text_width(width)).len()).unwrap_or(u16::MAX).clamp(1, MOST_ROWS)
}

/// Rows of a text that are hidden above this area.
pub fn hidden(editor: &Editor, area: Rect) -> usize {
    // most texts are one short line
    if area.height > 0 && editor.text().len() < text_width(area.width) && !editor.text().contains('\n') {
        return 0;
    }
    let shown = editor.shown();
    let rows = editor::rows(&shown.text, text_width(area.width));
    (editor::row_of(&rows, shown.caret) + 1).saturating_sub(usize::from(area.height))
}

/// Draws the text; puts the caret where it belongs, when the keys go there.
pub fn draw(editor: &Editor, hint: &str, area: Rect, front: bool, frame: &mut Frame) {
    frame.put(area.x, area.y, area.right(), "❯ ", if front { Role::Accent } else { Role::Muted });
    let shown = editor.shown();
    let left = area.x + MARK;
    if shown.text.is_empty() {
        frame.put(left, area.y, area.right(), hint, Role::Muted);
    }
    let rows = editor::rows(&shown.text, text_width(area.width));
    let caret_row = editor::row_of(&rows, shown.caret);
    let first = (caret_row + 1).saturating_sub(usize::from(area.height));
    for (y, row) in (area.y..area.bottom()).zip(&rows[first.min(rows.len())..]) {
        let mut x = left;
        let mut at = row.start;
        while at < row.end {
            let chip = shown.chips.iter().find(|c| c.contains(&at));
            let next = match chip {
                Some(chip) => chip.end.min(row.end),
                None => shown.chips.iter().map(|c| c.start).find(|s| *s > at).unwrap_or(row.end).min(row.end),
            };
            x = frame.put(x, y, area.right(), &shown.text[at..next], if chip.is_some() { Role::Muted } else { Role::Text });
            at = next;
        }
    }
    let Some(row) = rows.get(caret_row) else { return };
    let column = u16::try_from(wrap::width(&shown.text[row.start..shown.caret.max(row.start)])).unwrap_or(u16::MAX);
    let x = left.saturating_add(column).min(area.right().saturating_sub(1));
    let y = area.y.saturating_add(u16::try_from(caret_row - first.min(caret_row)).unwrap_or(0));
    if front && area.width > 0 && y < area.bottom() {
        frame.caret = Some(Position::new(x, y));
    }
}
