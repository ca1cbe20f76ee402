//! Links (OSC 8) on their way to the terminal: where they are on the screen, and which one is being written.

use crate::ui::frame::Link;
use ratatui::layout::Position;
use std::io::Write;

/// The links of the picture that the terminal shows.
#[derive(Default)]
pub(super) struct Links {
    there: Vec<Link>,
    /// The one that is being written, by its place.
    open: Option<usize>,
}

impl Links {
    pub(super) fn is_empty(&self) -> bool {
        self.there.is_empty()
    }
    /// The terminal shows nothing any more.
    pub(super) fn clear(&mut self) {
        self.there.clear();
    }
    /// Whether any stands in these rows.
    pub(super) fn any_within(&self, top: u16, bottom: u16) -> bool {
        self.there.iter().any(|link| link.area.top() <= bottom && link.area.bottom() > top)
    }

    /// Takes the links of the next picture; gives the rows among the first `height` on which others stand.
    pub(super) fn take(&mut self, next: Vec<Link>, height: u16) -> Vec<u16> {
        let on = |links: &[Link], y: u16| -> Vec<(u16, u16, String)> {
            let there = links.iter().filter(|link| (link.area.top()..link.area.bottom()).contains(&y));
            there.map(|link| (link.area.left(), link.area.right(), link.address.clone())).collect()
        };
        let before = std::mem::replace(&mut self.there, next);
        if before == self.there {
            return vec![];
        }
        (0..height).filter(|y| on(&before, *y) != on(&self.there, *y)).collect()
    }

    /// Writes what follows as part of the link that is there, or of none.
    pub(super) fn begin(&mut self, x: usize, y: u16, out: &mut Vec<u8>) {
        let x = u16::try_from(x).unwrap_or(u16::MAX);
        let here = self.there.iter().position(|link| link.area.contains(Position::new(x, y)));
        if here == self.open {
            return;
        }
        self.end(out);
        if let Some(number) = here {
            // one id for all lines: it is one link; an address with control characters is no link at all
            let address: String = self.there[number].address.chars().filter(|c| !c.is_control()).collect();
            let _ = write!(out, "\x1b]8;id=h{number};{address}\x1b\\");
            self.open = here;
        }
    }
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        if self.open.take().is_some() {
            out.extend_from_slice(b"\x1b]8;;\x1b\\");
        }
    }
}
