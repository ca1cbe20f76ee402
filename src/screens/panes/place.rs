//! Where panes are in the window.

use crate::domain::{
    pane::PaneId,
    panes::{Arrangement, Panes, Way},
};
use ratatui::layout::{Constraint, Layout as Split, Rect};

/// A pane narrower or lower than this can't be read.
const SMALLEST: (u16, u16) = (48, 9);

/// A pane that is seen, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub pane: PaneId,
    pub area: Rect,
}

/// Where all panes are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Layout {
    /// The panes that are seen: all of them, or the one that has the focus.
    pub places: Vec<Place>,
    /// The panes that have a tab; none when all of them are seen.
    pub tabs: Vec<PaneId>,
    /// The thin lines between panes that are side by side: column, first row, row after the last.
    pub dividers: Vec<(u16, u16, u16)>,
    /// What it was made for: the window, the pane that has the focus, and how the panes lie.
    made_for: Option<((u16, u16), PaneId, Arrangement)>,
}

/// A way to go on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Left,
    Right,
    Up,
    Down,
}

impl Layout {
    /// Whether nothing has changed since it was made. Words that stream change nothing.
    pub fn is_of(&self, panes: &Panes, window: (u16, u16)) -> bool {
        let now = (window, panes.front_id(), panes.arrangement());
        self.made_for.as_ref().is_some_and(|(window, front, arrangement)| (*window, *front, arrangement) == now)
    }

    /// As the person arranged them; stacked, when one would be too small; with tabs, when that is too small, too.
    pub fn of(panes: &Panes, window: (u16, u16)) -> Self {
        Self { made_for: Some((window, panes.front_id(), panes.arrangement().clone())), ..Self::placed(panes, window) }
    }

    fn placed(panes: &Panes, (columns, rows): (u16, u16)) -> Self {
        let window = Rect::new(0, 0, columns, rows);
        if panes.count() == 1 {
            return Self { places: vec![Place { pane: panes.front_id(), area: window }], ..Self::default() };
        }
        let stacked = Arrangement::Split(Way::Below, panes.ids().into_iter().map(Arrangement::Pane).collect());
        // the last row tells the keys
        let room = Rect { height: rows.saturating_sub(1), ..window };
        for arrangement in [panes.arrangement(), &stacked] {
            let mut layout = Self::default();
            layout.arrange(arrangement, room);
            if layout.places.iter().all(|place| place.area.width >= SMALLEST.0 && place.area.height >= SMALLEST.1) {
                return layout;
            }
        }
        Self { places: vec![Place { pane: panes.front_id(), area: window }], tabs: panes.ids(), ..Self::default() }
    }

    fn arrange(&mut self, arrangement: &Arrangement, area: Rect) {
        let (way, parts) = match arrangement {
            Arrangement::Pane(pane) => return self.places.push(Place { pane: *pane, area }),
            Arrangement::Split(way, parts) => (*way, parts),
        };
        let even = parts.iter().map(|_| Constraint::Fill(1));
        let areas = match way {
            Way::Below => Split::vertical(even).split(area),
            // a column between them is for the line
            Way::Beside => Split::horizontal(even).spacing(1).split(area),
        };
        for (part, area) in parts.iter().zip(areas.iter()) {
            self.arrange(part, *area);
        }
        if way == Way::Beside {
            self.dividers.extend(areas.iter().skip(1).map(|right| (right.x.saturating_sub(1), area.top(), area.bottom())));
        }
    }

    /// The pane at a cell.
    pub fn at(&self, column: u16, row: u16) -> Option<PaneId> {
        self.places.iter().find(|place| place.area.contains((column, row).into())).map(|place| place.pane)
    }

    /// The pane that lies that way; with tabs, the one before or after.
    pub fn neighbour(&self, from: PaneId, to: Direction) -> Option<PaneId> {
        if !self.tabs.is_empty() {
            let at = self.tabs.iter().position(|tab| *tab == from)?;
            let next = match to {
                Direction::Left | Direction::Up => at.checked_sub(1)?,
                Direction::Right | Direction::Down => at + 1,
            };
            return self.tabs.get(next).copied();
        }
        let here = self.places.iter().find(|place| place.pane == from)?.area;
        let overlap = |a: (u16, u16), b: (u16, u16)| a.1.min(b.1).saturating_sub(a.0.max(b.0));
        let (rows, columns) = (|r: Rect| (r.top(), r.bottom()), |r: Rect| (r.left(), r.right()));
        // the nearest that way; of several, the one that faces most of this one
        let distance = |there: Rect| match to {
            Direction::Left => (here.left().checked_sub(there.right()), overlap(rows(here), rows(there))),
            Direction::Right => (there.left().checked_sub(here.right()), overlap(rows(here), rows(there))),
            Direction::Up => (here.top().checked_sub(there.bottom()), overlap(columns(here), columns(there))),
            Direction::Down => (there.top().checked_sub(here.bottom()), overlap(columns(here), columns(there))),
        };
        let facing = self.places.iter().filter_map(|place| match distance(place.area) {
            (Some(gap), facing) if facing > 0 => Some((gap, std::cmp::Reverse(facing), place.pane)),
            _ => None,
        });
        facing.min().map(|(.., pane)| pane)
    }
}

/// The pane after this one, round and round.
pub(super) fn next(panes: &[PaneId], from: PaneId) -> Option<PaneId> {
    let at = panes.iter().position(|pane| *pane == from)?;
    panes.iter().cycle().nth(at + 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        conversation::Conversation,
        pane::{Choice, Pane},
    };

    /// Panes 0 to 3: 0 beside 1, 2 under 0, 3 under 1.
    fn four() -> Panes {
        let choice = Choice { provider: crate::providers::SANDBOX, model: "m".into(), effort: None };
        let pane = |id| Pane::new(id, Conversation::default(), choice.clone());
        let mut panes = Panes::one(pane(PaneId(0)));
        for (of, way) in [(0, Way::Beside), (0, Way::Below), (1, Way::Below)] {
            panes.split(PaneId(of), way, pane);
        }
        panes
    }

    #[test]
    fn panes_lie_as_arranged_then_stacked_then_under_tabs() {
        let panes = four();
        let layout = Layout::of(&panes, (120, 40));
        let areas: Vec<(u32, Rect)> = layout.places.iter().map(|p| (p.pane.0, p.area)).collect();
        let rect = Rect::new;
        assert_eq!(areas, [(0, rect(0, 0, 60, 20)), (2, rect(0, 20, 60, 19)), (1, rect(61, 0, 59, 20)), (3, rect(61, 20, 59, 19))]);
        assert_eq!(layout.dividers, [(60, 0, 39)]);
        let stacked = Layout::of(&panes, (80, 50));
        assert_eq!((stacked.places.len(), stacked.dividers.len()), (4, 0));
        assert!(stacked.places.windows(2).all(|two| two[0].area.bottom() == two[1].area.top() && two[0].area.width == 80));
        for size in [(80, 24), (60, 16), (1, 1)] {
            let tabs = Layout::of(&panes, size);
            assert_eq!((tabs.places.len(), tabs.tabs.len()), (1, 4));
        }
    }

    #[test]
    fn the_focus_goes_to_what_lies_there() {
        let layout = Layout::of(&four(), (120, 40));
        let to = |from, to| layout.neighbour(PaneId(from), to).map(|p| p.0);
        use Direction::*;
        assert_eq!([to(0, Right), to(0, Down), to(0, Left), to(0, Up)], [Some(1), Some(2), None, None]);
        assert_eq!([to(3, Left), to(3, Up), to(3, Right), to(3, Down)], [Some(2), Some(1), None, None]);
        let tabs = Layout::of(&four(), (60, 16));
        assert_eq!(tabs.neighbour(PaneId(0), Right), Some(PaneId(2)));
        assert_eq!((tabs.neighbour(PaneId(0), Left), tabs.neighbour(PaneId(3), Down)), (None, None));
        assert_eq!(next(&tabs.tabs, PaneId(3)), Some(PaneId(0)));
        assert_eq!(layout.at(100, 30), Some(PaneId(3)));
        assert_eq!((layout.at(60, 3), layout.at(3, 39)), (None, None));
    }
}
