//! Long pastes in a text that is being typed: each stands there as one character, and is shown as a few words.

use crate::domain::{
    foreign::tame_line,
    pane::{paste_index, paste_mark},
};
use std::sync::Arc;

/// Pastes longer than this many bytes, or lines, become chips.
const LONG: (usize, usize) = (4_000, 40);
/// Characters of a long text that are shown when it comes back.
const FIRST_WORDS: usize = 40;

/// Every paste since the text was empty: a step back may bring any of them back.
#[derive(Debug, Clone, Default)]
pub(super) struct Chips(Vec<Chip>);

#[derive(Debug, Clone)]
struct Chip {
    paste: Arc<str>,
    /// What is shown for it.
    label: Arc<str>,
    /// Its line ends.
    ends: usize,
}

impl Chips {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
    /// The paste that a character of the text stands for.
    pub(super) fn paste(&self, index: usize) -> Option<&Arc<str>> {
        self.0.get(index).map(|chip| &chip.paste)
    }
    /// Line ends and bytes of a paste.
    pub(super) fn size(&self, index: usize) -> (usize, usize) {
        self.0.get(index).map(|chip| (chip.ends, chip.paste.len())).unwrap_or_default()
    }
    pub(super) fn label(&self, index: usize) -> &str {
        self.0.get(index).map(|chip| &*chip.label).unwrap_or_default()
    }
    /// Keeps a paste, and appends to `text` the character that stands for it.
    pub(super) fn keep(&mut self, paste: Arc<str>, text: &mut String) {
        let label = format!("[pasted {}]", size(&paste));
        self.add(paste, label, text);
    }
    /// The same for a long text that comes back as a whole: who looks for it in the history knows how it began.
    pub(super) fn recall(&mut self, whole: Arc<str>, text: &mut String) {
        let start: String = whole.trim_start().lines().next().unwrap_or_default().chars().take(FIRST_WORDS).collect();
        let label = format!("[{}… {}]", tame_line(start.trim_end()), size(&whole));
        self.add(whole, label, text);
    }
    /// What comes again, as when somebody goes up and down in the history, is kept once. When there are too many, the paste itself
    /// stands in the text.
    fn add(&mut self, paste: Arc<str>, label: String, text: &mut String) {
        let known = self.0.iter().position(|chip| *chip.label == *label && chip.paste == paste);
        match paste_mark(known.unwrap_or(self.0.len())) {
            Some(mark) => text.push(mark),
            None => return text.extend(typeable(&paste)),
        }
        if known.is_none() {
            let ends = paste.matches('\n').count();
            self.0.push(Chip { paste, label: label.into(), ends });
        }
    }
}

/// Whether a text is shown as a chip.
pub(super) fn is_long(text: &str) -> bool {
    text.len() > LONG.0 || text.bytes().filter(|b| *b == b'\n').count() > LONG.1
}

/// What may stand in the text of what was pasted.
pub(super) fn typeable(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| (*c == '\n' || *c == '\t' || !c.is_control()) && paste_index(*c).is_none())
}

fn size(text: &str) -> String {
    match text.lines().count() {
        0 | 1 => format!("{} characters", text.chars().count()),
        lines => format!("{lines} lines"),
    }
}
