//! A conversation with its model, its draft and its turn.

pub use crate::domain::draft::{Draft, paste_index, paste_mark};
use crate::domain::{
    attached::{Found, Seen},
    catalog::Provider,
    conversation::{Conversation, EntryId, SetId, Usage},
    tool::{Request, Rule, Task},
    trouble::Remedy,
    turn::Turn,
};

/// Which model answers, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The provider.
    pub provider: &'static Provider,
    /// The model's id.
    pub model: String,
    /// The effort that the person chose; the model's default when none was chosen.
    pub effort: Option<String>,
}

/// How long a choice holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// In this conversation.
    Here,
    /// From the next start on, too.
    Always,
    /// For the next question alone.
    Once,
}

/// Who answers again after a question that somebody else was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Who.
    pub back: Choice,
    /// The question was asked.
    pub asked: bool,
}

/// A question that waits for its turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// The question.
    pub draft: Draft,
    /// Set when other panes were asked the same.
    pub set: Option<SetId>,
}

/// The id of a pane; never given twice in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct PaneId(pub u32);

/// One conversation on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Pane {
    /// Which one it is.
    pub id: PaneId,
    /// What was said so far.
    pub conversation: Conversation,
    /// Who answers.
    pub choice: Choice,
    /// Who answers after the next question, where that is somebody else.
    pub aside: Option<Aside>,
    /// What is being typed.
    pub draft: Draft,
    /// Questions that wait for their turn.
    pub queue: Vec<Waiting>,
    /// What is going on.
    pub turn: Turn,
    /// Tokens and money so far.
    pub usage: Usage,
    /// What can be gone on with.
    pub unfinished: Option<Unfinished>,
    /// What the person is asked before the turn goes on.
    pub question: Option<Question>,
    /// The shell line of the person's own that runs.
    pub line: Option<EntryId>,
    /// What is allowed in this conversation.
    pub allowed: Vec<Rule>,
    /// What the model has set itself to do.
    pub tasks: Vec<Task>,
    /// The files that its draft names.
    pub naming: Naming,
}

/// The files that a draft names, as far as they were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Naming {
    /// The words that may be files.
    pub paths: Vec<String>,
    /// Those that are.
    pub seen: Vec<Seen>,
    /// The word that is being typed…
    pub typed: String,
    /// …and what it could mean, as far as that is known.
    pub found: Option<Found>,
}

/// What was left in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// An answer that broke off.
    Answer,
    /// Work with tools that reached the limit of its rounds.
    Work,
    /// A question that failed; and what helps, if that is known.
    Failed(Remedy),
}

/// Something that the person has to say before a turn goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The call that it is about.
    pub entry: EntryId,
    /// When it was put.
    pub since: u64,
    /// What is asked.
    pub asks: Asks,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// Whether something may be done.
    Leave(Request),
    /// What the model wants to know.
    Words {
        /// The question.
        question: String,
        /// Answers that the model thinks of.
        choices: Vec<String>,
    },
}

/// Keys that were on their way when a question came up by itself belong to what was there before: so many milliseconds.
const GRACE: u64 = 300;

impl Question {
    /// Whether keys are for it.
    pub fn takes_keys(&self, now: u64) -> bool {
        now.saturating_sub(self.since) >= GRACE
    }
}

impl Pane {
    /// An empty pane.
    pub fn new(id: PaneId, conversation: Conversation, choice: Choice) -> Self {
        Self {
            id,
            conversation,
            choice,
            aside: None,
            draft: Draft::default(),
            queue: vec![],
            turn: Turn::Idle,
            usage: Usage::default(),
            unfinished: None,
            question: None,
            line: None,
            allowed: vec![],
            tasks: vec![],
            naming: Naming::default(),
        }
    }
}
