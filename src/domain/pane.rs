//! A conversation with its model, its draft and its turn.

use crate::domain::{
    catalog::Provider,
    conversation::{Conversation, Usage},
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

/// What the person has typed and not sent. Long pastes stand in `text` as one private character each (`PASTE + index`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// The text with its marks.
    pub text: String,
    /// The pastes behind the marks.
    pub pastes: Vec<Arc<str>>,
}

/// The first mark of a long paste in a draft: in the last private plane, for fonts with icons use the one before it.
pub const PASTE: u32 = 0x10_0000;

/// The paste that a character stands for.
pub fn paste_index(c: char) -> Option<usize> {
    (c as u32).checked_sub(PASTE).map(|i| i as usize).filter(|i| *i < 0xfff0)
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
                Some(index) => whole.push_str(self.pastes.get(index).map(AsRef::as_ref).unwrap_or_default()),
                None => whole.push(c),
            }
        }
        whole
    }
    /// Whether there is nothing to lose.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// One conversation on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Pane {
    /// What was said so far.
    pub conversation: Conversation,
    /// Who answers.
    pub choice: Choice,
    /// What is being typed.
    pub draft: Draft,
    /// Questions that wait for their turn.
    pub queue: Vec<Draft>,
    /// What is going on.
    pub turn: Turn,
    /// Tokens and money so far.
    pub usage: Usage,
    /// Whether going on after a cut answer is on offer.
    pub can_continue: bool,
}

impl Pane {
    /// An empty pane.
    pub fn new(conversation: Conversation, choice: Choice) -> Self {
        Self {
            conversation,
            choice,
            draft: Draft::default(),
            queue: vec![],
            turn: Turn::Idle,
            usage: Usage::default(),
            can_continue: false,
        }
    }
}
