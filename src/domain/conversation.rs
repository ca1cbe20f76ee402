//! What was said, thought, called, returned and noticed, in order.

pub use crate::domain::call::{Call, Made, Maker, Outcome, Told, Use, Used};
use crate::domain::{attached::Attached, draft::Draft, job::Job, tool::Skill, trouble::Trouble};
use std::{borrow::Cow, sync::Arc};

/// The id of an entry, unique in its conversation; later entries have higher ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct EntryId(pub u64);

/// A talk with a model. Cheap to clone: entries are shared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conversation {
    /// `YYYYMMDD_HHMMSS_xxxxxx` (`docs/wire.md` 2): the conversation header and the prompt-cache key.
    pub id: String,
    /// In the order in which they came.
    pub entries: Vec<Arc<Entry>>,
    /// What was taken back by `/undo` or `/retry`: no longer shown or sent, and not destroyed.
    pub dropped: Vec<Arc<Entry>>,
    /// The person's own system prompt; the built-in one when there is none.
    pub system: Option<String>,
    /// What else the model is told; not known until the first question.
    pub context: Option<Arc<Context>>,
    next: u64,
}

/// What a model is told besides its system prompt, read once for a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    /// Who it is: `SOUL.md` of the home, in the place of the built-in prompt.
    pub soul: Option<String>,
    /// What the folder says of itself: the name of the file, and its text.
    pub project: Option<(String, String)>,
    /// What was kept from earlier conversations.
    pub memory: Option<String>,
    /// The skills that there are.
    pub skills: Vec<Skill>,
}

/// One entry of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// When it began, in seconds since 1970.
    pub at: i64,
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
    /// The model asks for a tool, and what became of that.
    Used(Use),
    /// The service has done something by itself: shown, and not sent back.
    Served(Served),
    /// A shell line of the person's own, and what became of it: told with the next question.
    Ran(Use),
    /// Media that the person wished for, and how far they are; never sent to a model.
    Making(Arc<Job>),
    /// The program tells something; never sent to a model.
    Noticed(Notice),
}

/// What a service did by itself while it answered, a search for instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Served {
    /// What it did: `Searched the web for`.
    pub done: &'static str,
    /// What that was about, as the service tells it.
    pub subject: String,
}

/// What the person said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    /// The words.
    pub text: String,
    /// What goes with them.
    pub files: Vec<Attached>,
    /// They were typed like this, long pastes apart: what comes back into the composer.
    pub typed: Draft,
}

impl Said {
    /// What was typed, as it is said; files are read later.
    pub fn of(draft: Draft) -> Self {
        let text = draft.expanded();
        // plain words come back as they are
        let is_plain = draft.pastes.is_empty() && draft.mentions().is_empty();
        Self { text, files: vec![], typed: if is_plain { Draft::default() } else { draft } }
    }
    /// What comes back into the composer.
    pub fn draft(&self) -> Draft {
        if self.typed.is_empty() { Draft::new(self.text.clone()) } else { self.typed.clone() }
    }
}

/// A reasoning item (`docs/wire.md` 4).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Thought {
    /// The summary that the service gives.
    pub summary: String,
    /// How long it took, in tenths of a second; unknown while it goes on.
    pub tenths: Option<u32>,
    /// The item with its encrypted content, when there is one. Replayed to its maker only.
    pub made: Option<Made>,
}

/// What the model answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// Markdown.
    pub text: String,
    /// Words on the way to the answer, and none of it (`phase: commentary`): shown, and sent back to the model.
    pub commentary: bool,
    /// The message item, where the service has items.
    pub made: Option<Made>,
    /// How it ended; nothing while it is coming.
    pub ending: Option<Ending>,
    /// What it cost, when it is finished.
    pub stats: Option<Stats>,
    /// The model that made it.
    pub model: Arc<str>,
    /// Another model made the answer before it: this one's name is told.
    pub named: bool,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The model finished.
    Complete,
    /// The person stopped it.
    Stopped,
    /// The connection or the service broke off.
    Cut,
    /// The limit of the output was reached.
    Truncated,
    /// The provider's filter withheld the rest.
    Filtered,
}

impl Ending {
    /// Whether the service ended it before the model did.
    pub fn is_short(self) -> bool {
        matches!(self, Ending::Truncated | Ending::Filtered)
    }
}

/// The numbers shown under a finished answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// From the request to the last word, in tenths of a second.
    pub tenths: u32,
    /// Tokens of the answer, reasoning included.
    pub output_tokens: u64,
    /// What else is told of an answer that others were asked for, too.
    pub compared: Option<Compared>,
}

/// The id of a question that several panes were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SetId(pub u64);

/// How an answer compares with the others to the same question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compared {
    /// The question.
    pub set: SetId,
    /// Milliseconds from the request to the first word; none for an answer without words.
    pub first: Option<u64>,
    /// Tenths of words a second, from the first word to the last; 0 where that can't be told.
    pub rate: u64,
    /// Money, in ticks; 0 where nobody told.
    pub cost_ticks: u64,
    /// In what it is the best of them.
    pub best: Best,
}

/// In what an answer is the best of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "an answer can be the best in any of these, and in several")]
pub struct Best {
    /// The time to the first word.
    pub first: bool,
    /// Words a second.
    pub rate: bool,
    /// Tokens: the fewest.
    pub tokens: bool,
    /// Money: the least.
    pub cost: bool,
}

impl Entry {
    /// The id under which a call of this entry is sent: the service's own, else one that no other call of the conversation has.
    pub fn call_id<'a>(&self, call: &'a Call) -> Cow<'a, str> {
        if call.id.is_empty() { Cow::Owned(format!("call_{}", self.id.0)) } else { Cow::Borrowed(&call.id) }
    }
}

/// Something that the program says in the transcript.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// Something worth knowing.
    Info(String),
    /// Something failed.
    Trouble(Trouble),
}

/// Tokens and money of one turn, as the service counts them (`docs/xai.md` 4.9).
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
    /// The size of the last round, for the share of the context; unknown where the service does not count.
    pub context_tokens: Option<u64>,
    /// Price in ticks: 1 USD = 10,000,000,000.
    pub cost_ticks: u64,
}

impl Usage {
    /// Adds a turn to a sum. The context is that of the last turn.
    pub fn add(&mut self, turn: &Usage) {
        // a server may say anything
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut self.input_tokens, turn.input_tokens);
        add(&mut self.cached_tokens, turn.cached_tokens);
        add(&mut self.output_tokens, turn.output_tokens);
        add(&mut self.reasoning_tokens, turn.reasoning_tokens);
        add(&mut self.cost_ticks, turn.cost_ticks);
        self.context_tokens = turn.context_tokens.or(self.context_tokens);
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
    /// Adds an entry at the end; `at` is when it began, in seconds since 1970.
    pub fn push(&mut self, body: Body, at: i64) -> EntryId {
        let id = EntryId(self.next);
        self.next += 1;
        self.entries.push(Arc::new(Entry { id, at, body }));
        id
    }
    /// Takes everything from `at` on back: it is neither shown nor sent any more, and stays known.
    pub fn drop_from(&mut self, at: usize) {
        let taken = self.entries.split_off(at.min(self.entries.len()));
        self.dropped.extend(taken);
    }
    /// The entry with that id, to be changed in place.
    pub fn get_mut(&mut self, id: EntryId) -> Option<&mut Body> {
        let at = self.entries.binary_search_by_key(&id, |e| e.id).ok()?;
        Some(&mut Arc::make_mut(&mut self.entries[at]).body)
    }
    /// The same so far, to go on in another way.
    pub fn branch(&self, id: impl Into<String>) -> Self {
        Self { id: id.into(), dropped: vec![], ..self.clone() }
    }
    /// A call by the id of its entry.
    pub fn call_mut(&mut self, id: EntryId) -> Option<&mut Use> {
        match self.get_mut(id) {
            Some(Body::Used(used)) => Some(used),
            _ => None,
        }
    }
    /// The calls of the last round that followed the last question.
    pub fn last_calls(&self) -> impl Iterator<Item = (EntryId, &Use)> {
        let asked = self.last_question().unwrap_or(0);
        let calls = self.entries.get(asked..).unwrap_or_default().iter().filter_map(|e| match &e.body {
            Body::Used(used) => Some((e.id, used)),
            _ => None,
        });
        let round = calls.clone().next_back().map(|(_, used)| used.round);
        calls.filter(move |(_, used)| Some(used.round) == round)
    }
    /// A job has changed: so do the entries that show it.
    pub fn made(&mut self, job: &Arc<Job>) {
        let is_it = |entry: &&mut Arc<Entry>| matches!(&entry.body, Body::Making(there) if there.id == job.id);
        for entry in self.entries.iter_mut().filter(is_it) {
            Arc::make_mut(entry).body = Body::Making(job.clone());
        }
    }
    /// The last answer that has any words.
    pub fn last_answer(&self) -> Option<&Answer> {
        self.entries.iter().rev().find_map(|e| match &e.body {
            Body::Answered(answer) if !answer.text.is_empty() && !answer.commentary => Some(answer),
            _ => None,
        })
    }
    /// Files go with the last question.
    pub fn attach(&mut self, files: Vec<Attached>) {
        let Some(entry) = self.last_question().and_then(|at| self.entries.get_mut(at)) else { return };
        if let Body::Said(said) = &mut Arc::make_mut(entry).body {
            said.files = files;
        }
    }
    /// Where the last question stands.
    pub fn last_question(&self) -> Option<usize> {
        self.entries.iter().rposition(|e| matches!(e.body, Body::Said(_)))
    }
    /// What a model is sent. Servers refuse two questions in a row: one that got no answer, because it was refused or stopped, is left
    /// out. The screen keeps it.
    pub fn to_send(&self) -> Vec<Arc<Entry>> {
        let mut sent: Vec<Arc<Entry>> = Vec::with_capacity(self.entries.len());
        let is_question = |entry: &Arc<Entry>| matches!(entry.body, Body::Said(_));
        let first = self.entries.iter().position(is_question).unwrap_or(self.entries.len());
        sent.extend_from_slice(&self.entries[..first]);
        let mut begin = first;
        while begin < self.entries.len() {
            let end = self.entries[begin + 1..].iter().position(is_question).map_or(self.entries.len(), |at| begin + 1 + at);
            let exchange = &self.entries[begin..end];
            let is_answered = exchange.iter().any(|entry| match &entry.body {
                Body::Answered(answer) => !answer.text.trim().is_empty(),
                Body::Used(_) => true,
                _ => false,
            });
            if is_answered || end == self.entries.len() {
                sent.extend_from_slice(exchange);
            } else {
                // a line of the person's own was run all the same
                sent.extend(exchange.iter().filter(|entry| matches!(entry.body, Body::Ran(_))).cloned());
            }
            begin = end;
        }
        with_lines(sent)
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

/// Shell lines of the person's own are told at the beginning of the question after them: servers take no two in a row.
fn with_lines(entries: Vec<Arc<Entry>>) -> Vec<Arc<Entry>> {
    if !entries.iter().any(|entry| matches!(entry.body, Body::Ran(_))) {
        return entries;
    }
    let mut lines: Vec<String> = vec![];
    let mut sent = Vec::with_capacity(entries.len());
    for entry in entries {
        match &entry.body {
            Body::Ran(used) => lines.push(format!("```\n$ {}\n{}\n```", used.call.arguments, used.output().trim_end())),
            Body::Said(said) if !lines.is_empty() => {
                let text = format!("I ran this in the shell:\n\n{}\n\n{}", lines.join("\n\n"), said.text);
                lines.clear();
                sent.push(Arc::new(Entry { body: Body::Said(Said { text, ..said.clone() }), ..*entry }));
            }
            _ => sent.push(entry),
        }
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_questions_are_sent_in_a_row() {
        let said = |text: &str| Body::Said(Said { text: text.into(), ..Said::default() });
        let answered = |text: &str| Body::Answered(Answer { text: text.into(), ..Answer::default() });
        let refused = || Body::Noticed(Notice::Trouble(Trouble::new("request_refused", "No")));
        let stopped = || Body::Noticed(Notice::Info("Stopped".into()));
        let sent = |bodies: Vec<Body>| {
            let mut talk = Conversation::new("c");
            bodies.into_iter().for_each(|body| _ = talk.push(body, 0));
            let word = |entry: &Arc<Entry>| match &entry.body {
                Body::Said(said) => Some(format!("? {}", said.text)),
                Body::Answered(answer) => Some(answer.text.clone()),
                _ => None,
            };
            talk.to_send().iter().filter_map(word).collect::<Vec<_>>()
        };
        assert_eq!(sent(vec![said("a"), answered("b"), said("c")]), ["? a", "b", "? c"]);
        assert_eq!(sent(vec![said("a"), refused(), said("c")]), ["? c"]);
        assert_eq!(sent(vec![said("a"), stopped(), said("b"), stopped(), said("c"), answered("d")]), ["? c", "d"]);
        assert_eq!(sent(vec![said("a"), answered("half"), refused(), said("c")]), ["? a", "half", "? c"]);
        assert_eq!(sent(vec![said("a"), answered(""), refused(), said("c")]), ["? c"]);
    }
}
