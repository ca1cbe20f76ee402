//! What an answer is. Both protocols tell what they read as events; here it is decided what of it counts: thoughts in the text, an
//! answer that was left among the thoughts, an end that is none, an answer without measure.

use crate::{
    domain::{
        conversation::{Ending, Usage},
        turn::{Part, merge},
    },
    http::{
        error::{Error, LARGEST_ANSWER},
        refusal::Refusal,
        think::{self, Piece, Splitter},
        told::Told,
    },
};
use serde_json::Value;
use std::time::Duration;

/// What is quoted of something that is no event, in characters.
const QUOTED: usize = 300;

/// What each part counts for, were there nothing in it: there is no end to what is empty either.
const PART: usize = 256;

/// What an event means for the turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Something for the conversation.
    Part(Part),
    /// The end of an answer that came to its end, or to a limit.
    End {
        /// How it ended.
        ending: Ending,
        /// What it cost.
        usage: Usage,
    },
    /// The service gave up.
    Failed(Told),
    /// A piece of something that is told when it is whole, a call: how many bytes it has.
    Piece(usize),
    /// Nothing to do.
    Nothing,
    /// No JSON object: what it was.
    Damaged(String),
}

impl Event {
    /// What is no event, as much of it as is told.
    pub fn damaged(data: &[u8]) -> Self {
        Event::Damaged(String::from_utf8_lossy(&data[..data.len().min(4 * QUOTED)]).trim().chars().take(QUOTED).collect())
    }
}

/// Reads what one server sends, in its protocol.
pub trait Reader {
    /// Tells what the data of one event of a stream mean, in order.
    fn read(&mut self, data: &[u8], tell: &mut dyn FnMut(Event));
    /// Tells what a body means that came whole instead of a stream: one value, or one a line.
    fn whole(&mut self, values: &[Value], tell: &mut dyn FnMut(Event));
    /// The connection ended: tells the end of the answer where the protocol leaves it unsaid.
    fn closed(&mut self, tell: &mut dyn FnMut(Event)) {
        let _ = tell;
    }
    /// How long more is waited for after the answer has come to its end, its figures being on their way; nothing as long as it has
    /// not.
    fn afterwards(&self) -> Option<Duration> {
        None
    }
}

/// What one answer has brought so far.
#[derive(Default)]
pub struct Judge {
    parts: Vec<Part>,
    result: Option<Result<(Ending, Usage), Error>>,
    damaged: Option<String>,
    splitter: Splitter,
    /// Bytes of words and thoughts.
    bytes: usize,
    /// Bytes of what is not whole yet.
    pieces: usize,
    /// Anything came that the conversation keeps.
    useful: bool,
    /// Words of the answer, or a call.
    answered: bool,
    /// Thoughts, as long as there is no answer.
    thoughts: String,
}

impl Judge {
    /// Takes what an event means. After the end nothing counts.
    pub fn take(&mut self, event: Event) {
        if self.result.is_some() {
            return;
        }
        match event {
            Event::Part(part) => self.part(part),
            Event::Piece(bytes) => {
                self.pieces = self.pieces.saturating_add(bytes);
                if self.pieces > LARGEST_ANSWER {
                    self.too_long();
                }
            }
            Event::End { ending, usage } => {
                self.flush();
                self.rescue();
                // an end after nothing but damage is no answer
                self.result = Some(match self.damaged.take() {
                    Some(what) if !self.useful => Err(Error::Invalid(what)),
                    _ => Ok((ending, usage)),
                });
            }
            Event::Failed(told) => {
                self.flush();
                self.result = Some(Err(Error::Failed(Refusal::told(told).into())));
            }
            Event::Damaged(what) => _ = self.damaged.get_or_insert(what),
            Event::Nothing => {}
        }
    }

    /// Hands on what came, and says how the answer ended, when it did.
    pub fn finish(&mut self, arrived: &mut impl FnMut(Vec<Part>)) -> Option<Result<(Ending, Usage), Error>> {
        if !self.parts.is_empty() {
            arrived(std::mem::take(&mut self.parts));
        }
        self.result.take()
    }

    /// The connection broke off before the end: what came is handed on.
    pub fn cut(mut self, cause: String, arrived: &mut impl FnMut(Vec<Part>)) -> Error {
        self.flush();
        if !self.parts.is_empty() {
            arrived(std::mem::take(&mut self.parts));
        }
        match self.damaged {
            Some(what) if !self.useful => Error::Invalid(what),
            Some(what) => Error::Cut(format!("{cause}; {what}")),
            None => Error::Cut(cause),
        }
    }

    fn part(&mut self, part: Part) {
        let more = match &part {
            Part::Text(text) | Part::Commentary(text) | Part::Thought(text) => text.len(),
            Part::TextDone { text, .. } => text.len(),
            Part::ThoughtDone { summary, item } => summary.len() + item.as_ref().map_or(0, |item| item.len()),
            Part::Call { call, .. } => call.arguments.len(),
            Part::Served(served) => served.subject.len(),
            Part::TextWasThought => 0,
        };
        let is_delta = matches!(part, Part::Text(_) | Part::Thought(_) | Part::Commentary(_));
        self.bytes = self.bytes.saturating_add(if is_delta { more } else { more.saturating_add(PART) });
        // finished items say once more what their deltas said
        if self.bytes > if is_delta { LARGEST_ANSWER } else { 2 * LARGEST_ANSWER } {
            return self.too_long();
        }
        match part {
            Part::Text(text) => {
                let mut splitter = std::mem::take(&mut self.splitter);
                splitter.push(&text, &mut |piece| self.piece(piece));
                self.splitter = splitter;
            }
            Part::TextDone { text, item, commentary: false } if text.contains("think") || text.contains("<thought>") => {
                let told = self.useful;
                // its deltas are out of date
                self.splitter = Splitter::default();
                let (thought, words) = think::split(&text);
                if !told && !thought.is_empty() {
                    self.add(Part::Thought(thought));
                    self.add(Part::ThoughtDone { summary: String::new(), item: None });
                }
                self.add(Part::TextDone { text: words, item, commentary: false });
            }
            Part::TextDone { .. } => {
                self.splitter = Splitter::default();
                self.add(part);
            }
            part @ (Part::Call { .. } | Part::Served(_) | Part::Thought(_) | Part::Commentary(_)) => {
                self.flush();
                self.add(part);
            }
            part => self.add(part),
        }
    }

    fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Text(text) => {
                self.answered = self.answered || !text.trim().is_empty();
                self.useful = true;
                // nearly every delta: not copied twice
                match self.parts.last_mut() {
                    Some(Part::Text(so_far)) => so_far.push_str(text),
                    _ => self.parts.push(Part::Text(text.to_string())),
                }
            }
            Piece::Thought(text) => self.add(Part::Thought(text.to_string())),
            Piece::ThoughtDone => self.add(Part::ThoughtDone { summary: String::new(), item: None }),
            Piece::TextWasThought => self.add(Part::TextWasThought),
        }
    }

    fn add(&mut self, part: Part) {
        match &part {
            Part::Text(text) | Part::TextDone { text, commentary: false, .. } => self.answered |= !text.trim().is_empty(),
            Part::Call { .. } => self.answered = true,
            Part::TextWasThought => self.answered = false,
            Part::Thought(text) | Part::ThoughtDone { summary: text, .. } if !self.answered => self.thoughts.push_str(text),
            _ => {}
        }
        self.useful = true;
        merge(&mut self.parts, part);
    }

    fn too_long(&mut self) {
        self.flush();
        self.result = Some(Err(Error::TooLong));
    }

    /// What was held back because more could have followed is what it is.
    fn flush(&mut self) {
        let mut splitter = std::mem::take(&mut self.splitter);
        splitter.finish(&mut |piece| self.piece(piece));
    }

    /// Some models leave their answer among their thoughts, between marks of its own (`docs/wire.md` 9).
    fn rescue(&mut self) {
        if self.answered {
            return;
        }
        let left = self.thoughts.rsplit_once("<response>").and_then(|(_, rest)| rest.split_once("</response>"));
        let left = left.map(|(words, _)| words.trim()).filter(|words| !words.is_empty()).map(str::to_string);
        if let Some(words) = left {
            self.add(Part::Text(words));
        }
    }
}
