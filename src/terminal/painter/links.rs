//! Links (OSC 8) on their way to the terminal: where they are on the screen, and which one is being written.

use super::scroll::Shift;
use crate::ui::frame::Link;
use ratatui::layout::Rect;
use std::{io::Write, sync::Arc};

/// The links of the picture that the terminal shows.
#[derive(Default)]
pub(super) struct Links {
    /// From the top left to the bottom right.
    there: Vec<Span>,
    /// The memory of the ones before.
    before: Vec<Span>,
    /// The one that is being written, by its place.
    open: Option<usize>,
}

/// The part of a link on one row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    y: u16,
    left: u16,
    right: u16,
    id: u64,
    address: Arc<str>,
}

impl Links {
    /// The terminal shows nothing any more.
    pub(super) fn clear(&mut self) {
        self.there.clear();
    }
    /// Whether any stands on this row.
    pub(super) fn any_on(&self, y: u16) -> bool {
        self.there.binary_search_by_key(&y, |span| span.y).is_ok()
    }

    /// The terminal moves rows: links move with them, and are gone where the rows are.
    pub(super) fn scroll(&mut self, shift: &Shift) {
        let Shift { top, bottom, rows, up } = *shift;
        self.there.retain_mut(|span| {
            if !(top..=bottom).contains(&span.y) {
                return true;
            }
            let to = if up { span.y.checked_sub(rows) } else { span.y.checked_add(rows) };
            span.y = to.unwrap_or(u16::MAX);
            (top..=bottom).contains(&span.y)
        });
    }

    /// Takes the links of the next picture; gives the rows on the screen on which others stand.
    pub(super) fn take(&mut self, next: Vec<Link>, screen: Rect) -> Vec<u16> {
        std::mem::swap(&mut self.there, &mut self.before);
        self.there.clear();
        for link in next {
            let area = link.area.intersection(screen);
            let span = |y| Span { y, left: area.left(), right: area.right(), id: link.id, address: Arc::clone(&link.address) };
            self.there.extend((area.top()..area.bottom()).filter(|_| area.width > 0).map(span));
        }
        self.there.sort_unstable_by_key(|span| (span.y, span.left));
        if self.before == self.there {
            return vec![];
        }
        (0..screen.height).filter(|y| on(&self.before, *y) != on(&self.there, *y)).collect()
    }

    /// Writes what follows as part of the link that is there, or of none.
    pub(super) fn begin(&mut self, x: usize, y: u16, out: &mut Vec<u8>) {
        let x = u16::try_from(x).unwrap_or(u16::MAX);
        let begun = self.there.partition_point(|span| (span.y, span.left) <= (y, x));
        let here = begun.checked_sub(1).filter(|n| self.there[*n].y == y && x < self.there[*n].right);
        if here == self.open {
            return;
        }
        self.end(out);
        if let Some(span) = here.and_then(|number| self.there.get(number)) {
            // one id for all rows: it is one link; an address with control characters is no link at all
            let address: String = span.address.chars().filter(|c| !c.is_control()).collect();
            let _ = write!(out, "\x1b]8;id=h{:x};{address}\x1b\\", span.id);
            self.open = here;
        }
    }
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        if self.open.take().is_some() {
            out.extend_from_slice(b"\x1b]8;;\x1b\\");
        }
    }
}

/// Those on one row.
fn on(spans: &[Span], y: u16) -> &[Span] {
    let from = spans.partition_point(|span| span.y < y);
    let count = spans[from..].partition_point(|span| span.y == y);
    &spans[from..from + count]
}
