//! The text that is being typed: caret, words, undo, long pastes as chips. Works on graphemes; knows no keys and no screen.

use crate::{
    domain::pane::{Draft, paste_index, paste_mark},
    ui::{
        chips::{self, Chips},
        undo::{Change, History},
        wrap,
    },
};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// A text with a caret.
#[derive(Debug, Clone, Default)]
pub struct Editor {
    text: String,
    caret: usize,
    /// Every paste since the text was empty: a step back may bring any of them back.
    chips: Chips,
    /// The column that Up and Down aim for.
    goal: Option<usize>,
    history: History,
}

/// The text as it is shown: chips in words.
pub struct Shown {
    /// What is drawn.
    pub text: String,
    /// Bytes of it that are chips.
    pub chips: Vec<Range<usize>>,
    /// Where the caret is in it.
    pub caret: usize,
}

impl Editor {
    /// What is in it, with the pastes that are.
    pub fn draft(&self) -> Draft {
        if self.chips.is_empty() {
            return Draft::new(self.text.clone());
        }
        let mut draft = Draft::default();
        for c in self.text.chars() {
            let paste = paste_index(c).and_then(|index| self.chips.paste(index));
            match paste.and_then(|paste| Some((paste_mark(draft.pastes.len())?, paste))) {
                Some((mark, paste)) => {
                    draft.pastes.push(paste.clone());
                    draft.text.push(mark);
                }
                None => draft.text.push(c),
            }
        }
        draft
    }
    /// The text, chips as single characters.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// How many lines and bytes it has, pastes included.
    pub fn size(&self) -> (usize, usize) {
        let plain = (1 + self.text.matches('\n').count(), self.text.len());
        let pastes = self.text.chars().filter(|_| !self.chips.is_empty()).filter_map(paste_index).map(|index| self.chips.size(index));
        pastes.fold(plain, |(lines, bytes), (ends, length)| (lines + ends, bytes + length))
    }
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
    /// Replaces everything; the caret goes to the end. Can be taken back. A long text becomes a chip, as if it were pasted.
    pub fn set(&mut self, draft: Draft) {
        let mut text = String::with_capacity(draft.text.len());
        // files that are named in a block are none
        if draft.pastes.is_empty() && chips::is_long(&draft.text) && draft.mentions().is_empty() {
            self.chips.recall(draft.text.into(), &mut text);
        } else {
            for c in draft.text.chars() {
                match paste_index(c).map(|index| draft.pastes.get(index)) {
                    Some(Some(paste)) => self.chips.keep(paste.clone(), &mut text),
                    Some(None) => {}
                    None => text.push(c),
                }
            }
        }
        self.put(0..self.text.len(), &text, Change::Other);
    }
    /// Empties it; can be taken back.
    pub fn clear(&mut self) {
        self.put(0..self.text.len(), "", Change::Other);
    }
    /// Empties it, and says what was in it.
    pub fn take(&mut self) -> Draft {
        let draft = self.draft();
        *self = Self::default();
        draft
    }

    /// Types a character.
    pub fn insert(&mut self, c: char) {
        if c != '\n' && c.is_control() || paste_index(c).is_some() {
            return;
        }
        let change = if c.is_whitespace() { Change::Other } else { Change::Typing };
        self.put(self.caret..self.caret, c.encode_utf8(&mut [0; 4]), change);
    }
    /// Pastes a text; a long one becomes a chip.
    pub fn paste(&mut self, text: &str) {
        let mut clean = String::new();
        if chips::is_long(text) {
            self.chips.keep(text.into(), &mut clean);
        } else {
            clean.extend(chips::typeable(text));
        }
        self.put(self.caret..self.caret, &clean, Change::Other);
    }
    /// Where the caret is, in bytes of the text.
    pub fn caret(&self) -> usize {
        self.caret
    }
    /// Puts something in the place of a part of the text; the caret goes behind it.
    pub fn replace(&mut self, range: Range<usize>, text: &str) {
        self.put(range, text, Change::Other);
    }
    /// Replaces everything: completion.
    pub fn complete(&mut self, text: &str) {
        self.put(0..self.text.len(), text, Change::Other);
    }

    /// Deletes the grapheme before the caret.
    pub fn backspace(&mut self) {
        let from = self.before();
        self.delete(from..self.caret, Change::Deleting);
    }
    /// Deletes the grapheme at the caret.
    pub fn delete_ahead(&mut self) {
        let to = self.after();
        self.delete(self.caret..to, Change::Deleting);
    }
    /// Deletes the word before the caret.
    pub fn delete_word(&mut self) {
        let from = self.word_before();
        self.delete(from..self.caret, Change::Other);
    }
    /// Deletes the word after the caret.
    pub fn delete_word_ahead(&mut self) {
        let to = self.word_after();
        self.delete(self.caret..to, Change::Other);
    }
    /// Deletes to the start of the line; at the start, the line end before it.
    pub fn delete_to_start(&mut self) {
        let start = self.line_start();
        let from = if start == self.caret { self.before() } else { start };
        self.delete(from..self.caret, Change::Other);
    }
    /// Deletes to the end of the line; at the end, the line end itself.
    pub fn delete_to_end(&mut self) {
        let end = self.line_end();
        let to = if end == self.caret { self.after() } else { end };
        self.delete(self.caret..to, Change::Other);
    }
    /// Takes the last change back.
    pub fn undo(&mut self) {
        self.goal = None;
        self.caret = self.history.undo(&mut self.text).unwrap_or(self.caret);
    }
    /// Does the change again that was taken back.
    pub fn redo(&mut self) {
        self.goal = None;
        self.caret = self.history.redo(&mut self.text).unwrap_or(self.caret);
    }

    /// A grapheme to the left.
    pub fn left(&mut self) {
        self.go(self.before());
    }
    /// A grapheme to the right.
    pub fn right(&mut self) {
        self.go(self.after());
    }
    /// A word to the left.
    pub fn word_left(&mut self) {
        self.go(self.word_before());
    }
    /// A word to the right.
    pub fn word_right(&mut self) {
        self.go(self.word_after());
    }
    /// The start of the line.
    pub fn home(&mut self) {
        self.go(self.line_start());
    }
    /// The end of the line.
    pub fn end(&mut self) {
        self.go(self.line_end());
    }
    /// A row up on the screen; false on the first row.
    pub fn up(&mut self, width: usize) -> bool {
        self.vertical(width, -1)
    }
    /// A row down on the screen; false on the last row.
    pub fn down(&mut self, width: usize) -> bool {
        self.vertical(width, 1)
    }

    /// The text as it is drawn.
    pub fn shown(&self) -> Shown {
        if self.chips.is_empty() {
            return Shown { text: self.text.clone(), chips: vec![], caret: self.caret };
        }
        let mut shown = Shown { text: String::new(), chips: vec![], caret: 0 };
        for (at, c) in self.text.char_indices() {
            if at == self.caret {
                shown.caret = shown.text.len();
            }
            let from = shown.text.len();
            match paste_index(c) {
                Some(index) => {
                    shown.text.push_str(self.chips.label(index));
                    shown.chips.push(from..shown.text.len());
                }
                None => shown.text.push(c),
            }
        }
        if self.caret == self.text.len() {
            shown.caret = shown.text.len();
        }
        shown
    }

    fn vertical(&mut self, width: usize, by: isize) -> bool {
        let shown = self.shown();
        let rows = rows(&shown.text, width);
        let row = row_of(&rows, shown.caret);
        let Some(target) = row.checked_add_signed(by).and_then(|r| rows.get(r)) else { return false };
        let column = self.goal.unwrap_or_else(|| wrap::width(&shown.text[rows[row].start..shown.caret]));
        let mut at = target.start;
        let mut used = 0;
        for grapheme in shown.text[target.clone()].graphemes(true) {
            if used >= column {
                break;
            }
            used += usize::from(wrap::grapheme_width(grapheme));
            at += grapheme.len();
        }
        // the end of a row that was broken is the start of the next one: stay before it
        if at == target.end && rows.iter().any(|r| r.start == at) && at > target.start {
            at = shown.text[..at].grapheme_indices(true).next_back().map_or(at, |(n, _)| n);
        }
        self.history.pause();
        self.caret = self.place_in_text(at);
        self.goal = Some(column);
        true
    }

    /// The place in the text of a place in what is shown.
    fn place_in_text(&self, place: usize) -> usize {
        let mut shown = 0;
        for (at, c) in self.text.char_indices() {
            if shown >= place {
                return at;
            }
            shown += paste_index(c).map_or(c.len_utf8(), |index| self.chips.label(index).len());
        }
        self.text.len()
    }

    fn go(&mut self, place: usize) {
        self.caret = place;
        self.goal = None;
        self.history.pause();
    }
    fn before(&self) -> usize {
        self.text[..self.caret].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }
    fn after(&self) -> usize {
        self.text[self.caret..].graphemes(true).next().map_or(self.caret, |g| self.caret + g.len())
    }
    fn line_start(&self) -> usize {
        self.text[..self.caret].rfind('\n').map_or(0, |n| n + 1)
    }
    fn line_end(&self) -> usize {
        self.text[self.caret..].find('\n').map_or(self.text.len(), |n| self.caret + n)
    }
    fn word_before(&self) -> usize {
        let blank = self.text[..self.caret].trim_end_matches(|c: char| !is_word(c));
        blank.trim_end_matches(is_word).len()
    }
    fn word_after(&self) -> usize {
        let rest = &self.text[self.caret..];
        let word = rest.trim_start_matches(|c: char| !is_word(c));
        self.text.len() - word.trim_start_matches(is_word).len()
    }
    fn delete(&mut self, range: Range<usize>, change: Change) {
        if range.is_empty() {
            return;
        }
        self.put(range, "", change);
    }
    /// The one door through which the text changes.
    fn put(&mut self, range: Range<usize>, new: &str, change: Change) {
        let end = range.start + new.len();
        self.history.replace(&mut self.text, range, new, self.caret, change);
        self.caret = end;
        self.goal = None;
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || paste_index(c).is_some()
}

/// The rows of a text at a width, in bytes; together they are the whole text but for its line ends.
pub fn rows(text: &str, width: usize) -> Vec<Range<usize>> {
    let mut rows: Vec<Range<usize>> = vec![];
    let mut start = 0;
    for part in text.split('\n') {
        let first = rows.len();
        wrap::breaks(part, width, |range| {
            if rows.len() > first
                && let Some(last) = rows.last_mut()
            {
                last.end = start + range.start;
            }
            rows.push(start + range.start..start + part.len());
        });
        start += part.len() + 1;
    }
    rows
}

/// The row that the caret is on.
pub fn row_of(rows: &[Range<usize>], caret: usize) -> usize {
    rows.iter().rposition(|r| r.start <= caret).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Editor {
        let mut editor = Editor::default();
        text.chars().for_each(|c| editor.insert(c));
        editor
    }

    #[test]
    fn graphemes_are_deleted_whole() {
        let mut editor = typed("a👩‍👩‍👧‍👦e\u{301}🇩🇪");
        editor.backspace();
        assert_eq!(editor.text(), "a👩‍👩‍👧‍👦e\u{301}");
        editor.left();
        editor.left();
        editor.delete_ahead();
        assert_eq!(editor.text(), "ae\u{301}");
    }

    #[test]
    fn words_and_lines_are_deleted_and_come_back() {
        let mut editor = typed("one two_2 three");
        editor.delete_word();
        assert_eq!(editor.text(), "one two_2 ");
        editor.word_left();
        editor.delete_to_end();
        assert_eq!(editor.text(), "one ");
        editor.undo();
        editor.undo();
        assert_eq!(editor.text(), "one two_2 three");
        editor.redo();
        assert_eq!(editor.text(), "one two_2 ");
    }

    #[test]
    fn a_long_paste_is_one_chip_and_is_sent_whole() {
        let mut editor = typed("see ");
        let long = "line\n".repeat(100);
        editor.paste(&long);
        editor.insert('!');
        assert_eq!(editor.shown().text, "see [pasted 100 lines]!");
        assert_eq!(editor.draft().expanded(), format!("see {long}!"));
        editor.left();
        editor.backspace();
        assert_eq!(editor.draft().expanded(), "see !");
    }

    #[test]
    fn what_was_pasted_comes_back_with_every_step() {
        let mut editor = typed("see ");
        let long = "line\n".repeat(100);
        editor.paste(&long);
        // the history, `$EDITOR` and a queued question take its place for a while
        editor.set(Draft::new("another question"));
        assert_eq!(editor.draft(), Draft::new("another question"), "what is not there any more is not written down");
        editor.undo();
        assert_eq!(editor.draft().expanded(), format!("see {long}"));
        editor.undo();
        assert_eq!(editor.text(), "see ");
        editor.redo();
        editor.set(Draft { text: format!("two {}", paste_mark(0).unwrap()), pastes: vec!["x".repeat(5_000).into()] });
        editor.insert('!');
        assert_eq!(editor.draft().expanded(), format!("two {}!", "x".repeat(5_000)));
        editor.undo();
        editor.undo();
        assert_eq!(editor.draft().expanded(), format!("see {long}"));
    }

    #[test]
    fn who_goes_through_the_history_sees_how_a_long_question_begins_and_keeps_it_once() {
        let mut editor = Editor::default();
        let long = format!("\n  Why does this fail?\n{}", "line\n".repeat(100));
        for _ in 0..20 {
            editor.set(Draft::new(long.clone()));
            assert_eq!(editor.shown().text, "[Why does this fail?… 102 lines]");
            editor.set(Draft::new("a short one"));
        }
        assert_eq!(editor.chips.len(), 1);
    }

    #[test]
    fn a_recalled_question_of_a_megabyte_costs_no_more_than_a_short_one() {
        let mut editor = Editor::default();
        editor.set(Draft::new("word ".repeat(200_000)));
        let words = "twenty more words ".repeat(5);
        words.chars().for_each(|c| editor.insert(c));
        assert!(editor.shown().text.len() < 200 && editor.text().len() < 200);
        assert!(editor.history.size() < 400, "{} bytes", editor.history.size());
        assert_eq!(editor.draft().expanded().len(), 1_000_000 + words.len());
        // and in a text that is no chip a step costs what it changed
        let mut editor = Editor::default();
        (0..100).for_each(|_| editor.paste(&"x".repeat(3_900)));
        let before = editor.history.size();
        words.chars().for_each(|c| editor.insert(c));
        assert!(editor.history.size() - before <= words.len());
    }

    #[test]
    fn up_and_down_follow_the_rows_on_the_screen() {
        let mut editor = typed("alpha beta gamma");
        assert!(editor.up(6), "the text takes three rows");
        editor.insert('|');
        assert_eq!(editor.text(), "alpha beta| gamma");
        assert!(editor.up(6));
        assert!(!editor.up(6));
    }

    #[test]
    fn control_characters_are_not_typed() {
        let mut editor = typed("a\u{7}b\u{100001}");
        editor.paste("c\x1b[31m\td\r");
        assert_eq!(editor.text(), "abc[31m\td", "a tab of a Makefile stays one");
    }
}
