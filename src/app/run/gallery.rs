//! Pictures that the terminal lays over the cells that show them roughly (OSC 1337, sixel). Such a terminal can't be told to move one: it is
//! laid when it has rested, and while the text moves its cells are what is seen.

use crate::{terminal::painter::Painter, ui::frame::Laid};
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

/// What has not moved for so long rests.
const REST: Duration = Duration::from_millis(150);
/// Bytes that are kept of pictures that are not on the screen.
const MOST_KEPT: usize = 8 << 20;

/// What is on the screen, and what is ready to be laid there.
#[derive(Default)]
pub(super) struct Gallery {
    wanted: Vec<Laid>,
    since: Option<Instant>,
    /// By their ids, the latest at the end. One that can't be made is empty.
    ready: Vec<(u32, Arc<[u8]>)>,
    ordered: HashSet<u32>,
}

impl Gallery {
    /// The screen shows these, in full.
    pub(super) fn want(&mut self, laid: Vec<Laid>, now: Instant) {
        if laid != self.wanted {
            (self.wanted, self.since) = (laid, Some(now));
        }
    }

    /// A picture is ready.
    pub(super) fn keep(&mut self, id: u32, bytes: Vec<u8>) {
        self.ordered.remove(&id);
        self.ready.retain(|(known, _)| *known != id);
        self.ready.push((id, bytes.into()));
        while self.ready.len() > 1 && self.ready.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > MOST_KEPT {
            self.ready.remove(0);
        }
    }

    fn bytes(&self, id: u32) -> Option<&Arc<[u8]>> {
        self.ready.iter().find(|(known, _)| *known == id).map(|(_, bytes)| bytes)
    }

    /// One that rests, and is neither laid nor being made.
    fn waiting(&self, painter: &Painter) -> Option<(&Laid, u32)> {
        let open = |id: &u32| !self.ordered.contains(id) && self.bytes(*id).is_none_or(|bytes| !bytes.is_empty());
        self.wanted.iter().find_map(|laid| Some((laid, laid.thumb.id().filter(open)?)).filter(|_| !painter.covers(laid)))
    }

    /// When one of them is to be laid, or ordered.
    pub(super) fn due(&self, painter: &Painter) -> Option<Instant> {
        if self.wanted.is_empty() {
            return None;
        }
        self.waiting(painter)?;
        Some(self.since? + REST)
    }

    /// The next, with its bytes; without them it is to be ordered.
    pub(super) fn next(&mut self, painter: &Painter) -> Option<(Laid, Option<Arc<[u8]>>)> {
        let (laid, id) = self.waiting(painter)?;
        let (laid, bytes) = (laid.clone(), self.bytes(id).cloned());
        if bytes.is_none() {
            self.ordered.insert(id);
        }
        Some((laid, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sight::Thumb;
    use ratatui::layout::Rect;

    #[test]
    fn a_picture_is_ordered_once_when_it_rests_and_laid_when_it_is_ready() {
        let painter = Painter::new();
        let mut gallery = Gallery::default();
        let now = Instant::now();
        assert_eq!(gallery.due(&painter), None);
        let thumb = Arc::new(Thumb::new(7, 2, vec![[0; 3]; 4]).unwrap());
        let at = |y| vec![Laid { area: Rect::new(0, y, 2, 1), thumb: thumb.clone() }];
        gallery.want(at(1), now);
        gallery.want(at(2), now + REST / 2);
        gallery.want(at(2), now + REST);
        assert_eq!(gallery.due(&painter), Some(now + REST / 2 + REST), "it has rested since it moved last");
        assert!(matches!(gallery.next(&painter), Some((_, None))));
        assert_eq!(gallery.due(&painter), None, "it is being made");
        gallery.keep(7, b"bytes".to_vec());
        assert!(matches!(gallery.next(&painter), Some((laid, Some(bytes))) if laid == at(2)[0] && *bytes == *b"bytes"));
        gallery.keep(7, vec![]);
        assert_eq!(gallery.due(&painter), None, "what can't be made is not ordered again");
        // what was not on the screen for long goes first
        (8..11).for_each(|id| gallery.keep(id, vec![0; MOST_KEPT / 2]));
        assert_eq!(gallery.ready.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [9, 10]);
    }
}
