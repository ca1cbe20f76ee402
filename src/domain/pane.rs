//! A conversation with its model, its draft and its turn.

use crate::domain::{
    attached::{self, Found, Seen},
    catalog::Provider,
    conversation::{Conversation, EntryId, SetId, Usage},
    tool::{Request, Rule, Task},
    turn::Turn,
};
use std::sync::Arc;

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
}

/// What the person has typed and not sent. Long pastes stand in `text` as one private character each (`PASTE + index`).
#[derive(Debug, Clone, Eq, Default)]
pub struct Draft {
    /// The text with its marks.
    pub text: String,
    /// The pastes behind the marks.
    pub pastes: Vec<Arc<str>>,
}

/// The first mark of a long paste in a draft: in the last private plane, for fonts with icons use the one before it.
const PASTE: u32 = 0x10_0000;
/// Pastes that a draft can hold.
const MARKS: usize = 0xfff0;

/// The paste that a character stands for.
pub fn paste_index(c: char) -> Option<usize> {
    (c as u32).checked_sub(PASTE).map(|i| i as usize).filter(|i| *i < MARKS)
}

/// The character that stands for a paste; none after the last.
pub fn paste_mark(index: usize) -> Option<char> {
    u32::try_from(index).ok().filter(|_| index < MARKS).and_then(|index| char::from_u32(PASTE + index))
}

impl Draft {
    /// Plain text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), pastes: vec![] }
    }
    /// The whole text, long pastes in place.
    pub fn expanded(&self) -> String {
        if self.pastes.is_empty() {
            return self.text.clone();
        }
        let mut whole = String::with_capacity(self.text.len() + self.pastes.iter().map(|p| p.len()).sum::<usize>());
        for c in self.text.chars() {
            match paste_index(c) {
                Some(index) => whole.push_str(self.paste(index)),
                None => whole.push(c),
            }
        }
        whole
    }
    fn paste(&self, index: usize) -> &str {
        self.pastes.get(index).map(AsRef::as_ref).unwrap_or_default()
    }
    /// Words that may name files; what was pasted as a block names none.
    pub fn mentions(&self) -> Vec<String> {
        attached::mentions(&self.text).into_iter().map(|mention| mention.path).collect()
    }
    /// How the whole text begins, without going through what is long.
    pub fn beginning(&self, most: usize) -> String {
        let mut start = String::new();
        for c in self.text.chars().take(most) {
            match paste_index(c) {
                Some(index) => start.extend(self.paste(index).chars().take(most)),
                None => start.push(c),
            }
        }
        start.chars().take(most).collect()
    }
    /// Whether there is nothing to lose.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
    /// Several drafts as one, with a blank line between; long pastes stay what they are.
    pub fn joined<'a>(drafts: impl IntoIterator<Item = &'a Draft>) -> Self {
        let mut whole = Self::default();
        for draft in drafts {
            if !whole.text.is_empty() {
                whole.text.push_str("\n\n");
            }
            let first = whole.pastes.len();
            for c in draft.text.chars() {
                match paste_index(c).map(|index| (index, paste_mark(first + index))) {
                    None => whole.text.push(c),
                    Some((_, Some(mark))) => whole.text.push(mark),
                    Some((index, None)) => whole.text.push_str(draft.paste(index)),
                }
            }
            whole.pastes.extend(draft.pastes.iter().cloned());
        }
        whole
    }
}

impl PartialEq for Draft {
    fn eq(&self, other: &Self) -> bool {
        // the same paste is not read through to learn that it is the same
        let same = |(a, b): (&Arc<str>, &Arc<str>)| Arc::ptr_eq(a, b) || a == b;
        self.text == other.text && self.pastes.len() == other.pastes.len() && self.pastes.iter().zip(&other.pastes).all(same)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(text: &str, pastes: &[&str]) -> Draft {
        Draft { text: text.into(), pastes: pastes.iter().map(|p| (*p).into()).collect() }
    }

    #[test]
    fn drafts_are_joined_with_their_pastes() {
        let [first, second] = [0, 1].map(|n| paste_mark(n).unwrap());
        let drafts = [pasted(&format!("a {first}"), &["one"]), Draft::new("b"), pasted(&format!("{second}{first}"), &["two", "three"])];
        let whole = Draft::joined(&drafts);
        assert_eq!(whole.expanded(), "a one\n\nb\n\nthreetwo");
        assert_eq!(whole.pastes.len(), 3);
        assert_eq!(whole.beginning(7), "a one\n\n");
        // more pastes than there are marks: what has none stands in the text
        let many = pasted(&first.to_string(), &["x"]);
        let whole = Draft::joined(std::iter::repeat_n(&many, MARKS + 2));
        assert_eq!((whole.expanded().matches('x').count(), whole.pastes.len()), (MARKS + 2, MARKS + 2));
    }
}
