//! Where a turn stands: one enum, so that states which exclude each other cannot meet.

use crate::domain::conversation::{Call, EntryId, Maker, Served, SetId};
use std::sync::Arc;

/// The id of a turn; news of a turn that is no longer the current one changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TurnId(pub u64);

/// What the pane is doing. Times are milliseconds of the program's clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Turn {
    /// Nothing; the composer's Enter asks at once.
    #[default]
    Idle,
    /// A question is being answered.
    Running(Box<Running>),
}

/// A turn under way: one or more rounds, each a request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Which turn.
    pub id: TurnId,
    /// When it began.
    pub since: u64,
    /// Which of its rounds, from 1.
    pub round: u32,
    /// Who answers: asked of the turn, for the pane may have chosen somebody else meanwhile.
    pub by: Maker,
    /// The question that several panes were asked, if it is one of those.
    pub set: Option<SetId>,
    /// When the first word of the answer came.
    pub first_word: Option<u64>,
    /// What its rounds have made so far, reasoning included.
    pub output_tokens: u64,
    /// How many more rounds it may have.
    pub rounds_left: u32,
    /// How far the round is.
    pub phase: Phase,
}

/// How far a round is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The request is out, nothing came yet.
    Waiting,
    /// The service asked us to wait, or could not be reached; the next attempt comes by itself.
    Retrying {
        /// When the next attempt starts.
        until: u64,
        /// Why, in a few words.
        reason: String,
    },
    /// Words are coming.
    Streaming {
        /// When something came last.
        heard: u64,
        /// The entry that grows, and when it began.
        entry: Option<(EntryId, u64)>,
    },
    /// Its calls are being done, or wait for the person.
    Working,
}

impl Turn {
    /// The turn under way, if there is one.
    pub fn running(&self) -> Option<&Running> {
        match self {
            Turn::Idle => None,
            Turn::Running(running) => Some(running),
        }
    }
    /// The turn under way, to be changed.
    pub fn running_mut(&mut self) -> Option<&mut Running> {
        match self {
            Turn::Idle => None,
            Turn::Running(running) => Some(running),
        }
    }
    /// The current turn, if one is running.
    pub fn id(&self) -> Option<TurnId> {
        self.running().map(|running| running.id)
    }
    /// Whether something is under way.
    pub fn is_running(&self) -> bool {
        *self != Turn::Idle
    }
}

/// What a stream brings, in order. Neighbouring deltas of one kind may be merged on the way.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Words of the answer.
    Text(String),
    /// Words on the way to the answer.
    Commentary(String),
    /// What came as words of the answer just now was thought: only its end had a mark.
    TextWasThought,
    /// Words of the reasoning summary.
    Thought(String),
    /// A reasoning item is finished.
    ThoughtDone {
        /// The whole summary; empty when only the deltas told it.
        summary: String,
        /// The item, where it holds what can be sent back to its maker.
        item: Option<Arc<str>>,
    },
    /// A message item is finished.
    TextDone {
        /// The whole text: the source of truth.
        text: String,
        /// It is none of the answer.
        commentary: bool,
        /// The item without its text, where the service has items.
        item: Option<Arc<str>>,
    },
    /// The service has done something by itself.
    Served(Served),
    /// The model calls a function.
    Call {
        /// What it calls.
        call: Call,
        /// The item without its arguments, where the service has items.
        item: Option<Arc<str>>,
    },
}

/// Adds a part to a list, merging deltas of the same kind.
pub fn merge(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (Some(Part::Text(so_far)), Part::Text(delta))
        | (Some(Part::Commentary(so_far)), Part::Commentary(delta))
        | (Some(Part::Thought(so_far)), Part::Thought(delta)) => so_far.push_str(&delta),
        (_, part) => parts.push(part),
    }
}
