//! The panes on the screen: which there are, which one has the focus, and how they lie beside and below each other.

use crate::domain::{
    pane::{Pane, PaneId},
    turn::TurnId,
};

/// So many panes fit one window.
pub const MOST: usize = 4;

/// Where a new pane goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the right of the one it is split from.
    Beside,
    /// Under it.
    Below,
}

/// How panes lie: a pane, or parts that share their room evenly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrangement {
    /// One pane.
    Pane(PaneId),
    /// Parts from left to right, or from top to bottom.
    Split(Way, Vec<Arrangement>),
}

impl Arrangement {
    /// The panes, from left to right and from top to bottom.
    pub fn ids(&self) -> Vec<PaneId> {
        match self {
            Self::Pane(id) => vec![*id],
            Self::Split(_, parts) => parts.iter().flat_map(Self::ids).collect(),
        }
    }
    /// Puts `new` beside or below `id`.
    fn split(&mut self, id: PaneId, way: Way, new: PaneId) {
        match self {
            Self::Pane(here) if *here == id => *self = Self::Split(way, vec![Self::Pane(id), Self::Pane(new)]),
            Self::Pane(_) => {}
            Self::Split(along, parts) => match parts.iter().position(|part| *part == Self::Pane(id)) {
                Some(at) if *along == way => parts.insert(at + 1, Self::Pane(new)),
                _ => parts.iter_mut().for_each(|part| part.split(id, way, new)),
            },
        }
    }
    /// Without a pane; its neighbours take its room.
    fn without(self, id: PaneId) -> Option<Self> {
        match self {
            Self::Pane(here) => (here != id).then_some(self),
            Self::Split(way, parts) => {
                let mut kept: Vec<Self> = parts.into_iter().filter_map(|part| part.without(id)).collect();
                if kept.len() > 1 { Some(Self::Split(way, kept)) } else { kept.pop() }
            }
        }
    }
}

/// One pane at least, `MOST` at most; one of them has the focus.
#[derive(Debug, Clone, PartialEq)]
pub struct Panes {
    list: Vec<Pane>,
    front: PaneId,
    arrangement: Arrangement,
    /// The last id that was given.
    last: PaneId,
    /// Whether a question goes to all of them.
    pub tied: bool,
}

impl Panes {
    /// A single pane.
    pub fn one(pane: Pane) -> Self {
        let id = pane.id;
        Self { list: vec![pane], front: id, arrangement: Arrangement::Pane(id), last: id, tied: false }
    }

    /// The one that has the focus.
    pub fn front(&self) -> &Pane {
        self.at(self.front)
    }
    /// The one that has the focus, to be changed.
    pub fn front_mut(&mut self) -> &mut Pane {
        self.at_mut(self.front)
    }
    /// Its id.
    pub fn front_id(&self) -> PaneId {
        self.front
    }
    /// A pane; for one that is gone, another: there is always one.
    pub fn at(&self, id: PaneId) -> &Pane {
        &self.list[self.position(id)]
    }
    /// The same, to be changed.
    pub fn at_mut(&mut self, id: PaneId) -> &mut Pane {
        let position = self.position(id);
        &mut self.list[position]
    }
    fn position(&self, id: PaneId) -> usize {
        self.list.iter().position(|pane| pane.id == id).unwrap_or(0)
    }
    /// The pane whose turn that is.
    pub fn of_turn(&self, turn: TurnId) -> Option<PaneId> {
        self.list.iter().find(|pane| pane.turn.id() == Some(turn)).map(|pane| pane.id)
    }
    /// All of them, from left to right and from top to bottom.
    pub fn ids(&self) -> Vec<PaneId> {
        self.arrangement.ids()
    }
    /// All of them, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Pane> {
        self.list.iter()
    }
    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }
    /// Whether a pane is there.
    pub fn holds(&self, id: PaneId) -> bool {
        self.list.iter().any(|pane| pane.id == id)
    }
    /// How they lie.
    pub fn arrangement(&self) -> &Arrangement {
        &self.arrangement
    }

    /// Gives a pane the focus.
    pub fn focus(&mut self, id: PaneId) {
        if self.holds(id) {
            self.front = id;
        }
    }
    /// Adds a pane beside or below `id`; the focus stays. Nothing when there is no room for one more.
    pub fn split(&mut self, id: PaneId, way: Way, make: impl FnOnce(PaneId) -> Pane) -> Option<PaneId> {
        if self.list.len() >= MOST || !self.holds(id) {
            return None;
        }
        self.last = PaneId(self.last.0 + 1);
        let new = self.last;
        self.list.push(Pane { id: new, ..make(new) });
        self.arrangement.split(id, way, new);
        Some(new)
    }
    /// Takes a pane away, unless it is the only one. The focus goes to the one before it.
    pub fn close(&mut self, id: PaneId) -> Option<Pane> {
        if self.list.len() < 2 || !self.holds(id) {
            return None;
        }
        let ids = self.ids();
        let at = ids.iter().position(|other| *other == id).unwrap_or(0);
        let next = if at > 0 { ids[at - 1] } else { ids[1] };
        self.arrangement = self.arrangement.clone().without(id).unwrap_or(Arrangement::Pane(next));
        if self.front == id {
            self.front = next;
        }
        let closed = self.list.remove(self.position(id));
        // what is sent to all is sent to more than one
        self.tied &= self.list.len() > 1;
        Some(closed)
    }
}
