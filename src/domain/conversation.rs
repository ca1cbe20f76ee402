//! What was said, thought, called, returned and noticed, in order.

use crate::domain::trouble::Trouble;
use std::sync::Arc;

/// The id of an entry, unique in its conversation; later entries have higher ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u64);

/// A talk with a model. Cheap to clone: entries are shared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conversation {
    /// `YYYYMMDD_HHMMSS_xxxxxx` (`spec/responses.md` 2): the conversation header and the prompt-cache key.
    pub id: String,
    /// In the order in which they came.
    pub entries: Vec<Arc<Entry>>,
    /// The person's own system prompt; the built-in one when there is none.
    pub system: Option<String>,
    next: u64,
}

/// One entry of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// What it is.
    pub body: Body,
}

/// The kinds of entries. Texts are as they came; whoever draws one tames it first.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// The person's words.
    Said(Said),
    /// A reasoning item.
    Thought(Thought),
    /// The model's words.
    Answered(Answer),
    /// The model asks for a tool.
    Called(Call),
    /// What the tool gave.
    Returned(Outcome),
    /// The program tells something; never sent to a model.
    Noticed(Notice),
}

/// What the person said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    /// The words.
    pub text: String,
    /// Pictures as `data:` URLs or https addresses.
    pub images: Vec<String>,
}

/// A reasoning item (`spec/responses.md` 4).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Thought {
    /// The summary that the service gives.
    pub summary: String,
    /// How long it took, in tenths of a second; unknown while it goes on.
    pub tenths: Option<u32>,
    /// The blob to send back, with who made it. Replayed to that maker only.
    pub encrypted: Option<Encrypted>,
}

/// Reasoning that only its maker can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// The opaque blob.
    pub content: String,
    /// The model that made it.
    pub model: String,
    /// The provider (and so the account) it was made for.
    pub issuer: String,
}

/// What the model answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// Markdown.
    pub text: String,
    /// The id that the service gave the message item.
    pub item: Option<String>,
    /// How it ended.
    pub ending: Ending,
    /// What it cost, when it is finished.
    pub stats: Option<Stats>,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ending {
    /// It is still coming.
    #[default]
    Open,
    /// The model finished.
    Complete,
    /// The person stopped it.
    Stopped,
    /// The connection or the service broke off.
    Cut,
    /// The limit of the output was reached.
    Truncated,
}

/// The numbers shown under a finished answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// From the request to the last word, in tenths of a second.
    pub tenths: u32,
    /// Tokens of the answer, reasoning included.
    pub output_tokens: u64,
}

/// A function call (`spec/responses.md` 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Pairs the call with its output.
    pub call_id: String,
    /// The function.
    pub name: String,
    /// JSON as the model wrote it.
    pub arguments: String,
}

/// The output of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The call that it answers.
    pub call_id: String,
    /// Whether the tool did what it was asked.
    pub ok: bool,
    /// What the model is given.
    pub output: String,
}

/// Something that the program says in the transcript.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// Something worth knowing.
    Info(String),
    /// Something failed.
    Trouble(Trouble),
}

/// Tokens and money of one turn, as the service counts them (`spec/xai-api.md` 4.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// All prompt tokens.
    pub input_tokens: u64,
    /// Those of them that came from the cache.
    pub cached_tokens: u64,
    /// All tokens that were made.
    pub output_tokens: u64,
    /// Those of them that were reasoning.
    pub reasoning_tokens: u64,
    /// The size of the last round, for the share of the context.
    pub context_tokens: u64,
    /// Price in ticks: 1 USD = 10,000,000,000.
    pub cost_ticks: u64,
}

impl Usage {
    /// Adds a turn to a sum. The context is that of the last turn.
    pub fn add(&mut self, turn: &Usage) {
        self.input_tokens += turn.input_tokens;
        self.cached_tokens += turn.cached_tokens;
        self.output_tokens += turn.output_tokens;
        self.reasoning_tokens += turn.reasoning_tokens;
        self.context_tokens = turn.context_tokens;
        self.cost_ticks += turn.cost_ticks;
    }
    /// The price in US dollars.
    pub fn cost_usd(&self) -> f64 {
        self.cost_ticks as f64 / 1e10
    }
}

impl Conversation {
    /// An empty conversation.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
    /// With a system prompt of the person's own, or with the built-in one.
    pub fn with_system(mut self, system: Option<String>) -> Self {
        self.system = system;
        self
    }
    /// Adds an entry at the end.
    pub fn push(&mut self, body: Body) -> EntryId {
        let id = EntryId(self.next);
        self.next += 1;
        self.entries.push(Arc::new(Entry { id, body }));
        id
    }
    /// The entry with that id, to be changed in place.
    pub fn get_mut(&mut self, id: EntryId) -> Option<&mut Body> {
        let at = self.entries.binary_search_by_key(&id, |e| e.id).ok()?;
        Some(&mut Arc::make_mut(&mut self.entries[at]).body)
    }
    /// The last answer that has any words.
    pub fn last_answer(&self) -> Option<&Answer> {
        self.entries.iter().rev().find_map(|e| match &e.body {
            Body::Answered(answer) if !answer.text.is_empty() => Some(answer),
            _ => None,
        })
    }
    /// Where the last question stands.
    pub fn last_question(&self) -> Option<usize> {
        self.entries.iter().rposition(|e| matches!(e.body, Body::Said(_)))
    }
    /// The first question on one line: what the conversation is called until it has a title.
    pub fn topic(&self) -> Option<&str> {
        self.entries.iter().find_map(|e| match &e.body {
            Body::Said(said) => said.text.lines().map(str::trim).find(|l| !l.is_empty()),
            _ => None,
        })
    }
    /// True before anything was said.
    pub fn is_empty(&self) -> bool {
        !self.entries.iter().any(|e| matches!(e.body, Body::Said(_)))
    }
}
