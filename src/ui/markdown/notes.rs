//! Footnotes: wherever an answer defines them, they stand at its end, in the order in which they are first referred to.

use crate::ui::{
    line::{Line, Styled},
    look::Role,
};

/// What parts the notes from the text.
const RULE: &str = "────────";
/// Labels are not longer than this, in bytes, where they are looked for in a text.
pub(super) const LONGEST_LABEL: usize = 60;
/// The place in the source of all notes: behind everything, for whoever looks for the line of a place.
pub(super) const PLACE: u32 = u32::MAX;

/// The notes of a document, as far as they came.
#[derive(Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    /// Labels in the order in which they were first referred to.
    references: Vec<Box<str>>,
}

struct Note {
    label: Box<str>,
    lines: Vec<Line>,
}

impl Notes {
    /// How many notes and references there are.
    pub(super) fn len(&self) -> (usize, usize) {
        (self.notes.len(), self.references.len())
    }
    /// Drops what came after there were so many.
    pub(super) fn truncate(&mut self, (notes, references): (usize, usize)) {
        self.notes.truncate(notes);
        self.references.truncate(references);
    }
    /// Whether a label in a text is a reference to a note: one that is known, or a number. The note may be still to come.
    pub(super) fn is_reference(&self, label: &str) -> bool {
        let number = (1..=3).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_digit());
        number || self.notes.iter().any(|note| same(&note.label, label))
    }
    pub(super) fn refer(&mut self, label: &str) {
        if !self.references.iter().any(|known| same(known, label)) {
            self.references.push(label.into());
        }
    }
    pub(super) fn add(&mut self, label: Box<str>, mut lines: Vec<Line>) {
        lines.iter_mut().for_each(|line| line.source = PLACE);
        self.notes.push(Note { label, lines });
    }
    /// Appends all of them to the text.
    pub(super) fn layout(&self, out: &mut Vec<Line>) {
        if self.notes.is_empty() {
            return;
        }
        if !out.is_empty() {
            out.push(Line { source: PLACE, ..Line::default() });
        }
        out.push(Line { source: PLACE, ..Line::new(Styled::new(RULE, Role::Rule), 0) });
        let mut notes: Vec<&Note> = self.notes.iter().collect();
        // those that nothing refers to come last, as they were written
        notes.sort_by_key(|note| self.references.iter().position(|known| same(known, &note.label)).unwrap_or(usize::MAX));
        notes.iter().for_each(|note| out.extend(note.lines.iter().cloned()));
    }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
