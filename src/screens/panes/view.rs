//! The picture of all panes.

use super::Panes;
use crate::{
    domain::{facts::Facts, foreign::tame_line},
    ui::{bars::MARGIN, cache::Cache, frame::Frame, look::Role, wrap},
};
use ratatui::layout::Rect;

impl Panes {
    pub(super) fn draw(&self, facts: &Facts, cache: &mut Cache, frame: &mut Frame) {
        let front = facts.panes.front_id();
        for place in &self.layout.places {
            let Some(chat) = self.chat(place.pane) else { continue };
            frame.within(place.area, |frame| chat.draw(facts, place.pane == front, cache, frame));
        }
        for (x, top, bottom) in &self.layout.dividers {
            frame.divider(*x, *top, *bottom);
            frame.rows_move = false;
        }
        if !self.layout.tabs.is_empty() {
            self.tabs(facts, frame);
        }
        if let Some(place) = self.layout.places.iter().find(|place| place.pane == front && self.layout.places.len() > 1)
            && let Some(chat) = self.chat(front)
        {
            chat.bottom(facts, cache, (place.area.width, place.area.height), frame);
        }
    }

    /// The models of all panes in the first row: the one that has the focus stands out, `◐` is where an answer comes.
    fn tabs(&self, facts: &Facts, frame: &mut Frame) {
        let area = frame.area();
        let right = area.right().saturating_sub(MARGIN);
        frame.clear(Rect::new(0, 0, area.width, 1));
        let count = self.layout.tabs.len();
        let room = usize::from(right.saturating_sub(MARGIN)) / count.max(1);
        let mut x = MARGIN;
        for (n, id) in self.layout.tabs.iter().enumerate() {
            let pane = facts.panes.at(*id);
            let front = *id == facts.panes.front_id();
            let busy = if pane.turn.is_running() { " ◐" } else { "" };
            let name = wrap::ellipsis(&tame_line(&pane.choice.model), room.saturating_sub(5 + wrap::width(busy)));
            let (mark, role) = if front { ("▸", Role::Accent) } else { (" ", Role::Muted) };
            x = frame.put(x, 0, right, &format!("{mark}{} {name}{busy}", n + 1), role);
            x += 2;
        }
    }
}
