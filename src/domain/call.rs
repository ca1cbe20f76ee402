//! A function call: what the model asked for, and what became of it.

use crate::domain::{
    sight::Sight,
    tool::{Shown, Text},
};
use std::{borrow::Cow, sync::Arc};

/// Who made an item: what is encrypted in it, and its id, mean something to them alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Maker {
    /// The provider's id.
    pub provider: String,
    /// The account: the id of its credential; empty where none was stored.
    pub account: String,
    /// The model's id.
    pub model: String,
}

/// An item as the service sent it, without the text that the entry holds anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Who sent it.
    pub by: Maker,
    /// A JSON object.
    pub item: Arc<str>,
}

/// A function call with what became of it. Its own id is that of its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// What the model asked for.
    pub call: Call,
    /// The round of its turn that asked.
    pub round: u32,
    /// The item, where the service has items.
    pub made: Option<Made>,
    /// In which words it is told; none where nobody knows the tool.
    pub told: Option<Told>,
    /// What became of it.
    pub state: Used,
}

/// So much of what a tool prints is kept while it runs.
const PRINTED: usize = 8 << 10;

/// The words of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// While it runs: `Reading`.
    pub doing: Text,
    /// Afterwards: `Read`.
    pub done: Text,
    /// What it is about: a path, a command. As the model wrote it.
    pub subject: String,
}

/// A function call (`docs/wire.md` 4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// The service's id, which pairs the call with its output; empty where the service gives none.
    pub id: String,
    /// The function.
    pub name: String,
    /// JSON as the model wrote it.
    pub arguments: String,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Used {
    /// Nothing yet.
    Asked,
    /// The tool has been running since this moment of the program's clock, in milliseconds.
    Running {
        /// When it began.
        since: u64,
        /// The end of what it has printed so far.
        printed: String,
    },
    /// The tool has ended.
    Done(Outcome),
    /// It was not allowed, or can't be done; why, where that is known.
    Refused {
        /// For the model.
        reason: Option<String>,
    },
    /// The turn ended before the tool did.
    Dropped {
        /// The end of what it had printed.
        printed: String,
        /// Whether it had begun: then it may have done something.
        begun: bool,
    },
}

/// The output of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Whether the tool did what it was asked.
    pub ok: bool,
    /// Whether anything was done at all: a command that failed has run.
    pub happened: bool,
    /// What the model is given.
    pub output: Arc<str>,
    /// What the person is shown instead, where that is another thing: a diff, the output without its wrapping.
    pub shown: Option<Shown>,
    /// A picture that goes with it, as a `data:` URL.
    pub picture: Option<Arc<str>>,
    /// What it made and can be seen.
    pub sights: Vec<Sight>,
    /// What became of it in a word or two: `exit 1`, `12 lines`.
    pub note: String,
    /// How long it took, in tenths of a second.
    pub tenths: u32,
}

impl Outcome {
    /// A call that failed, and what the model is told of it.
    pub fn failed(why: impl AsRef<str>) -> Self {
        Self { output: why.as_ref().into(), note: "failed".into(), ..Self::default() }
    }
}

impl Use {
    /// What the model is told of it: every call has an output, whatever became of it.
    pub fn output(&self) -> Cow<'_, str> {
        match &self.state {
            Used::Done(outcome) => Cow::Borrowed(&outcome.output),
            Used::Refused { reason: Some(reason) } => Cow::Borrowed(reason),
            Used::Refused { reason: None } => {
                Cow::Borrowed("Refused by the person. Don't try it in another way; ask, or go on without it.")
            }
            Used::Running { printed, .. } | Used::Dropped { printed, .. } if !printed.trim().is_empty() => {
                Cow::Owned(format!("It was stopped before its end. So far it had printed:\n{printed}"))
            }
            Used::Running { .. } | Used::Dropped { begun: true, .. } => {
                Cow::Borrowed("It was begun, and stopped before its end: what it did until then is not known.")
            }
            Used::Asked | Used::Dropped { .. } => Cow::Borrowed("Not done: the turn was stopped before."),
        }
    }
    /// The picture that goes with it.
    pub fn picture(&self) -> Option<&Arc<str>> {
        match &self.state {
            Used::Done(outcome) => outcome.picture.as_ref(),
            _ => None,
        }
    }
    /// In which words it is told now: what it does or did, and what that is about. What did not happen is not told as if it had.
    pub fn words(&self) -> (&str, &str) {
        let has_happened = matches!(&self.state, Used::Done(outcome) if outcome.happened);
        match &self.told {
            Some(told) => (if has_happened { &told.done } else { &told.doing }, told.subject.trim()),
            None => (&self.call.name, &self.call.arguments),
        }
    }
    /// It prints: the end of it is kept.
    pub fn printed(&mut self, text: &str) {
        if let Used::Running { printed, .. } = &mut self.state {
            printed.push_str(text);
            if printed.len() > 2 * PRINTED {
                printed.drain(..printed.ceil_char_boundary(printed.len() - PRINTED));
            }
        }
    }
    /// It has ended, at this moment of the program's clock.
    pub fn end(&mut self, mut outcome: Outcome, now: u64) {
        if let Used::Running { since, .. } = &self.state {
            outcome.tenths = u32::try_from(now.saturating_sub(*since) / 100).unwrap_or(u32::MAX);
        }
        self.state = Used::Done(outcome);
    }
    /// It was stopped before its end.
    pub fn stop(&mut self) {
        let (printed, begun) = match &mut self.state {
            Used::Running { printed, .. } => (std::mem::take(printed), true),
            _ => (String::new(), false),
        };
        self.state = Used::Dropped { printed, begun };
    }
    /// Whether it waits, or runs.
    pub fn is_open(&self) -> bool {
        matches!(self.state, Used::Asked | Used::Running { .. })
    }
}
