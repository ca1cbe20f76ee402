//! When pictures are drawn: a key at once, words that stream now and then, a window that is being resized when it rests.

use ratatui::layout::Rect;
use std::time::{Duration, Instant};

/// Words that stream are drawn this often at most; a key is drawn at once.
const FRAME: Duration = Duration::from_millis(33);
/// A window that is being resized is drawn when it has rested this long…
const REST: Duration = Duration::from_millis(60);
/// …and now and then in between.
const RESIZING: Duration = Duration::from_millis(350);

/// Whether something changed since the last picture, and whether it has to be shown at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Dirty {
    Clean,
    Soon,
    Now,
}

/// What is to be drawn anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Nothing,
    /// What was typed, which stands there.
    Typed(Rect),
    All,
}

/// How pictures follow each other.
pub(super) struct Pace {
    drawn: Instant,
    cost: Duration,
    dirty: Dirty,
    part: Part,
}

impl Pace {
    /// The first picture is due at once.
    pub(super) fn new(now: Instant) -> Self {
        Self { drawn: now, cost: Duration::ZERO, dirty: Dirty::Now, part: Part::All }
    }
    /// Something changed.
    pub(super) fn change(&mut self, dirty: Dirty) {
        self.change_part(dirty, Part::All);
    }
    /// A part has changed.
    pub(super) fn change_part(&mut self, dirty: Dirty, part: Part) {
        if self.dirty < dirty {
            self.dirty = dirty;
        }
        self.part = match (self.part, part) {
            (Part::Nothing, part) | (part, Part::Nothing) => part,
            (before, now) if before == now => now,
            _ => Part::All,
        };
    }
    /// What the next picture has to draw.
    pub(super) fn part(&self) -> Part {
        self.part
    }
    /// A picture was made, which took `cost`.
    pub(super) fn drawn(&mut self, now: Instant, cost: Duration) {
        *self = Self { drawn: now, cost, dirty: Dirty::Clean, part: Part::Nothing };
    }
    /// When the next picture is due, if anything changed. As long as more keys wait, none is drawn at once.
    pub(super) fn due(&self, keys_wait: bool) -> Option<Instant> {
        match self.dirty {
            Dirty::Clean => None,
            Dirty::Now if !keys_wait => Some(self.drawn),
            _ => Some(self.next()),
        }
    }
    /// When words that stream are shown next: pictures that are dear to draw are drawn less often.
    pub(super) fn next(&self) -> Instant {
        self.drawn + FRAME.max(self.cost * 4)
    }
}

/// A window that is being resized: when that began, and the last change.
#[derive(Default)]
pub(super) struct Resizes(Option<(Instant, Instant)>);

impl Resizes {
    /// The window changed; whether that is the first change, which is drawn at once.
    pub(super) fn change(&mut self, now: Instant) -> bool {
        match &mut self.0 {
            Some((_, last)) => {
                *last = now;
                false
            }
            None => {
                self.0 = Some((now, now));
                true
            }
        }
    }
    /// When to look at the size again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.map(|(first, last)| (last + REST).min(first + RESIZING))
    }
    /// Whether it is time to look; from then on it counts anew.
    pub(super) fn take_due(&mut self, now: Instant) -> bool {
        let due = self.due().is_some_and(|due| due <= now);
        if due {
            let still = self.0.is_some_and(|(_, last)| last + REST > now);
            self.0 = still.then_some((now, now));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_drawn_at_once_and_a_flood_of_keys_now_and_then() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        pace.drawn(now, Duration::from_millis(1));
        assert_eq!(pace.due(false), None);
        pace.change(Dirty::Soon);
        assert_eq!(pace.due(false), Some(now + FRAME));
        pace.change(Dirty::Now);
        pace.change(Dirty::Soon);
        assert_eq!(pace.due(false), Some(now));
        assert_eq!(pace.due(true), Some(now + FRAME));
        pace.drawn(now, FRAME);
        pace.change(Dirty::Soon);
        assert_eq!(pace.due(false), Some(now + FRAME * 4));
    }

    #[test]
    fn what_was_typed_is_drawn_alone_unless_anything_else_changed() {
        let now = Instant::now();
        let (here, there) = (Part::Typed(Rect::new(2, 37, 116, 1)), Part::Typed(Rect::new(2, 36, 116, 2)));
        let drawn = |parts: &[Part]| {
            let mut pace = Pace::new(now);
            assert_eq!(pace.part(), Part::All);
            pace.drawn(now, Duration::ZERO);
            parts.iter().for_each(|part| pace.change_part(Dirty::Now, *part));
            pace.part()
        };
        assert_eq!(drawn(&[]), Part::Nothing);
        assert_eq!(drawn(&[here, here]), here);
        assert_eq!(drawn(&[here, there]), Part::All);
        assert_eq!(drawn(&[here, Part::All, here]), Part::All);
    }

    #[test]
    fn a_storm_of_resizes_is_drawn_at_once_now_and_then_and_at_its_end() {
        let start = Instant::now();
        let mut resizes = Resizes::default();
        assert!(resizes.change(start));
        let mut drawn = 0;
        for n in 1..=50 {
            let now = start + Duration::from_millis(20) * n;
            assert!(!resizes.change(now));
            drawn += usize::from(resizes.take_due(now));
        }
        assert_eq!(drawn, 2);
        let rested = resizes.due().unwrap();
        assert!(resizes.take_due(rested));
        assert_eq!(resizes.due(), None);
    }
}
