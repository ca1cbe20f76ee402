//! Changes of a text that can be taken back, each as large as what it changed: a letter in a long text costs a letter.

use std::{collections::VecDeque, ops::Range};

/// Changes that can be taken back…
const MOST: usize = 300;
/// …and what they may hold together, in bytes.
const MOST_BYTES: usize = 4 << 20;

/// Changes of one kind that follow each other are taken back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change {
    /// Something else came between.
    #[default]
    None,
    /// Letters are typed.
    Typing,
    /// Letters are deleted.
    Deleting,
    /// A step of its own.
    Other,
}

/// One step.
#[derive(Debug, Clone)]
struct Step {
    at: usize,
    removed: String,
    inserted: String,
    /// Where the caret was before.
    caret: usize,
}

impl Step {
    fn size(&self) -> usize {
        self.removed.len() + self.inserted.len()
    }
}

/// The steps back and forth.
#[derive(Debug, Clone, Default)]
pub struct History {
    back: VecDeque<Step>,
    forth: Vec<Step>,
    size: usize,
    last: Change,
}

impl History {
    /// Puts `new` in the place of `range`, and remembers it. `caret` is where the caret was.
    pub fn replace(&mut self, text: &mut String, range: Range<usize>, new: &str, caret: usize, change: Change) {
        let removed = &text[range.clone()];
        let grows = change == self.last && matches!(change, Change::Typing | Change::Deleting);
        let added = removed.len() + new.len();
        match self.back.back_mut().filter(|_| grows) {
            Some(step) if change == Change::Typing && removed.is_empty() && range.start == step.at + step.inserted.len() => {
                step.inserted.push_str(new);
            }
            Some(step) if change == Change::Deleting && new.is_empty() && range.end == step.at => {
                step.removed.insert_str(0, removed);
                step.at = range.start;
            }
            Some(step) if change == Change::Deleting && new.is_empty() && range.start == step.at => step.removed.push_str(removed),
            _ => self.back.push_back(Step { at: range.start, removed: removed.into(), inserted: new.into(), caret }),
        }
        self.size += added;
        text.replace_range(range, new);
        self.forth.clear();
        self.last = change;
        while self.back.len() > MOST || self.size > MOST_BYTES && self.back.len() > 1 {
            let Some(oldest) = self.back.pop_front() else { break };
            self.size = self.size.saturating_sub(oldest.size());
        }
    }
    /// What follows is a step of its own.
    pub fn pause(&mut self) {
        self.last = Change::None;
    }
    /// Takes the last step back; where the caret goes.
    pub fn undo(&mut self, text: &mut String) -> Option<usize> {
        self.pause();
        let step = self.back.pop_back()?;
        self.size = self.size.saturating_sub(step.size());
        text.replace_range(step.at..step.at + step.inserted.len(), &step.removed);
        let caret = step.caret;
        self.forth.push(step);
        Some(caret.min(text.len()))
    }
    /// Does it again; where the caret goes.
    pub fn redo(&mut self, text: &mut String) -> Option<usize> {
        self.pause();
        let step = self.forth.pop()?;
        text.replace_range(step.at..step.at + step.removed.len(), &step.inserted);
        let caret = step.at + step.inserted.len();
        self.size += step.size();
        self.back.push_back(step);
        Some(caret)
    }
    /// Bytes that are held.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.back.iter().chain(&self.forth).map(Step::size).sum()
    }
}
