//! Where a turn stands: one enum, so that states which exclude each other cannot meet.

use crate::domain::conversation::EntryId;

/// The id of a turn; news of a turn that is no longer the current one changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TurnId(pub u64);

/// What the pane is doing. Times are milliseconds of the program's clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Turn {
    /// Nothing; the composer's Enter asks at once.
    #[default]
    Idle,
    /// The request is out, nothing came yet.
    Waiting {
        /// Which turn.
        id: TurnId,
        /// When it began.
        since: u64,
    },
    /// The service asked us to wait, or could not be reached; the next attempt comes by itself.
    Retrying {
        /// Which turn.
        id: TurnId,
        /// When it began.
        since: u64,
        /// When the next attempt starts.
        until: u64,
        /// Why, in a few words.
        reason: String,
    },
    /// Words are coming.
    Streaming {
        /// Which turn.
        id: TurnId,
        /// When it began.
        since: u64,
        /// When something came last.
        heard: u64,
        /// The entry that grows, and when it began.
        entry: Option<(EntryId, u64)>,
    },
}

impl Turn {
    /// The current turn, if one is running.
    pub fn id(&self) -> Option<TurnId> {
        match self {
            Turn::Idle => None,
            Turn::Waiting { id, .. } | Turn::Retrying { id, .. } | Turn::Streaming { id, .. } => Some(*id),
        }
    }
    /// When the current turn began.
    pub fn since(&self) -> Option<u64> {
        match self {
            Turn::Idle => None,
            Turn::Waiting { since, .. } | Turn::Retrying { since, .. } | Turn::Streaming { since, .. } => Some(*since),
        }
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
    /// Words of the reasoning summary.
    Thought(String),
    /// A reasoning item is finished; its blob, when one was asked for.
    ThoughtDone {
        /// To be sent back to the maker.
        encrypted: Option<String>,
        /// The whole summary; empty when only the deltas told it.
        summary: String,
    },
    /// A message item is finished.
    TextDone {
        /// The service's id of the item.
        item: Option<String>,
        /// The whole text: the source of truth.
        text: String,
    },
    /// The model calls a function.
    Call(crate::domain::conversation::Call),
}

/// Adds a part to a list, merging deltas of the same kind.
pub fn merge(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (Some(Part::Text(so_far)), Part::Text(delta)) | (Some(Part::Thought(so_far)), Part::Thought(delta)) => so_far.push_str(&delta),
        (_, part) => parts.push(part),
    }
}
