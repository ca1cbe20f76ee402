//! The tour: one step at a time over the composer, each of which is done by pressing its keys for real.

use super::Chat;
use crate::{
    flow::action::Action,
    ui::{frame::Frame, look::Role, transcript::Scroll, wrap},
};
use ratatui::layout::Rect;

/// Rows that a step takes.
pub(super) const ROWS: u16 = 2;

/// How far somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Send,
    Queue,
    Stop,
    /// Whether the text was left already.
    Scroll(bool),
    Copy,
    /// Everything was pressed.
    Over,
}

impl Step {
    fn number(self) -> usize {
        match self {
            Self::Send => 1,
            Self::Queue => 2,
            Self::Stop => 3,
            Self::Scroll(_) => 4,
            Self::Copy => 5,
            Self::Over => 6,
        }
    }
    /// What is to be done, and what that is good for.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Send => ("Type hello, and press Enter", "Ctrl+J makes a new line; what you type survives whatever happens"),
            Self::Queue => ("Ask to write 2000 words; at once type thanks, and press Enter", "it waits in line; ↑ takes it back"),
            Self::Stop => ("Press Esc", "the answer stops, and what came is kept"),
            Self::Scroll(false) => ("Press PageUp", "the text stands still while you read, whatever comes below"),
            Self::Scroll(true) => ("Press Esc", "it goes back to where you were"),
            Self::Copy => ("Press Ctrl+Y", "the source of the answer goes to the clipboard, not the drawn cells"),
            Self::Over => ("F2 picks who answers; with SuperGrok: /login", "F1 lists all keys, Ctrl+P every action"),
        }
    }
}

impl Chat {
    /// Begins it, or ends it.
    pub(super) fn toggle_tour(&mut self) {
        self.tour = if self.tour.is_none() { Some(Step::Send) } else { None };
    }

    /// A key was pressed: the step that it belongs to is done.
    pub(super) fn tour_acts(&mut self, action: Action, running: bool) {
        self.tour = match (self.tour, action) {
            (Some(Step::Stop), Action::Cancel) if running => Some(Step::Scroll(false)),
            (Some(Step::Copy), Action::Copy) => Some(Step::Over),
            (step, _) => step,
        };
    }

    /// What has become true: the step that waited for it is done.
    pub(super) fn tour_settles(&mut self, pane_waits: bool, pane_runs: bool) {
        self.tour = match self.tour {
            Some(Step::Send) if pane_runs => Some(Step::Queue),
            Some(Step::Queue) if pane_waits => Some(Step::Stop),
            // it came to its end before it was stopped
            Some(Step::Stop) if !pane_runs => Some(Step::Scroll(false)),
            Some(Step::Scroll(false)) if self.scroll != Scroll::Tail => Some(Step::Scroll(true)),
            Some(Step::Scroll(true)) if self.scroll == Scroll::Tail => Some(Step::Copy),
            step => step,
        };
    }

    pub(super) fn draw_tour(&self, area: Rect, frame: &mut Frame) {
        let Some(step) = self.tour.filter(|_| area.height >= ROWS) else { return };
        let place = if step == Step::Over { "Tour done".to_string() } else { format!("Tour {} of 5", step.number()) };
        let right = area.right();
        let x = frame.put(area.x, area.y, right, &place, Role::Muted) + 2;
        let (what, why) = step.words();
        let fit = |text: &str, from: u16, to: u16| wrap::ellipsis(text, usize::from(to.saturating_sub(from)));
        let below = area.y + 1;
        if x + u16::try_from(wrap::width(what)).unwrap_or(u16::MAX) <= right {
            frame.put(x, area.y, right, what, Role::Accent);
            let end = if step == Step::Over { "Esc closes it" } else { "/tour ends it" };
            let to = frame.put_right(right, below, end, Role::Muted).saturating_sub(2);
            frame.put(x, below, to, &fit(why, x, to), Role::Muted);
        } else {
            // the whole step, rather than what it is good for
            let mut y = area.y;
            wrap::breaks(what, usize::from(right.saturating_sub(x)), |row| {
                if y < area.bottom() {
                    frame.put(x, y, right, &what[row], Role::Accent);
                }
                y += 1;
            });
        }
    }
}
