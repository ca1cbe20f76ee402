//! One line to type in: the filter of a list, words to find, a key, an address, a code. The caret may stand in the middle, and every
//! field knows the same keys. The text, its caret and its undo are `tui-textarea`'s; whole graphemes, what may be typed and the
//! picture are ours.

use crate::{
    domain::foreign::is_wild,
    ui::{frame::Frame, look::Role, wrap},
};
use ratatui::layout::{Position, Rect};
use tui_textarea::{CursorMove, TextArea};
use unicode_segmentation::UnicodeSegmentation;

/// Nothing that is typed into a field is longer, unless it is said.
const LONGEST: usize = 300;

/// A line that is being typed. Never shown by `Debug`: it may be a key.
#[derive(Clone)]
pub struct Field {
    area: TextArea<'static>,
    /// Bytes that it holds at most.
    longest: usize,
}

impl Default for Field {
    fn default() -> Self {
        Self::new(LONGEST)
    }
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Field").finish_non_exhaustive()
    }
}

impl Field {
    /// An empty field that holds so many bytes.
    pub fn new(longest: usize) -> Self {
        let mut area = TextArea::default();
        area.set_undo_coalescing(true);
        Self { area, longest }
    }
    /// A field in which something stands already; the caret is behind it.
    pub fn holding(text: &str) -> Self {
        let mut field = Self::default();
        field.paste(text);
        field
    }

    /// What is in it.
    pub fn text(&self) -> &str {
        self.area.lines().first().map(String::as_str).unwrap_or_default()
    }
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }
    /// Empties it; nothing of it can be had back.
    pub fn clear(&mut self) {
        *self = Self::new(self.longest);
    }
    /// Empties it, and says what was in it.
    pub fn take(&mut self) -> String {
        let text = self.text().to_string();
        self.clear();
        text
    }

    /// Types a character.
    pub fn insert(&mut self, c: char) {
        if typeable(c) && self.text().len() + c.len_utf8() <= self.longest {
            self.area.insert_char(c);
        }
    }
    /// Pastes the first line that has anything in it; what does not fit is left out.
    pub fn paste(&mut self, text: &str) {
        let line = text.split(['\r', '\n']).find(|line| !line.trim().is_empty()).unwrap_or_default();
        let mut room = self.longest.saturating_sub(self.text().len());
        let fits = |c: &char| {
            let left = room.checked_sub(c.len_utf8());
            room = left.unwrap_or(0);
            left.is_some()
        };
        self.area.insert_str(line.chars().filter(|c| typeable(*c)).take_while(fits).collect::<String>());
    }

    /// A grapheme to the left.
    pub fn left(&mut self) {
        self.step(CursorMove::Back, self.before());
    }
    /// A grapheme to the right.
    pub fn right(&mut self) {
        self.step(CursorMove::Forward, self.after());
    }
    /// A word to the left.
    pub fn word_left(&mut self) {
        self.area.move_cursor(CursorMove::WordBack);
    }
    /// A word to the right.
    pub fn word_right(&mut self) {
        let rest = &self.text()[self.caret()..];
        let word = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let behind = word.trim_start_matches(char::is_alphanumeric);
        let step = rest.chars().count() - behind.chars().count();
        self.step(CursorMove::Forward, step);
    }
    /// To the start.
    pub fn home(&mut self) {
        self.area.move_cursor(CursorMove::Head);
    }
    /// Behind the end.
    pub fn end(&mut self) {
        self.area.move_cursor(CursorMove::End);
    }
    /// Deletes the grapheme before the caret.
    pub fn backspace(&mut self) {
        for _ in 0..self.before() {
            self.area.delete_char();
        }
    }
    /// Deletes the grapheme at the caret.
    pub fn delete_ahead(&mut self) {
        for _ in 0..self.after() {
            self.area.delete_next_char();
        }
    }
    /// Deletes the word before the caret.
    pub fn delete_word(&mut self) {
        self.area.delete_word();
    }
    /// Deletes the word ahead.
    pub fn delete_word_ahead(&mut self) {
        self.area.delete_next_word();
    }
    /// Deletes to the start.
    pub fn delete_to_start(&mut self) {
        self.area.delete_line_by_head();
    }
    /// Deletes to the end.
    pub fn delete_to_end(&mut self) {
        self.area.delete_line_by_end();
    }
    /// Takes the last change back.
    pub fn undo(&mut self) {
        self.area.undo();
    }
    /// Does it again.
    pub fn redo(&mut self) {
        self.area.redo();
    }

    /// Draws it with its caret. `hint` stands there as long as nothing is typed.
    pub fn draw(&self, mark: &str, hint: &str, area: Rect, frame: &mut Frame) {
        self.draw_as(self.text(), self.caret(), mark, hint, area, frame);
    }
    /// The same for a secret: dots, and in clear what stands in the last `shown` places.
    pub fn draw_hidden(&self, shown: usize, mark: &str, hint: &str, area: Rect, frame: &mut Frame) {
        let count = self.text().graphemes(true).count();
        let mut caret = 0;
        let mut hidden = String::new();
        for (n, (at, grapheme)) in self.text().grapheme_indices(true).enumerate() {
            hidden.push_str(if n + shown < count { "•" } else { grapheme });
            if at < self.caret() {
                caret = hidden.len();
            }
        }
        self.draw_as(&hidden, caret, mark, hint, area, frame);
    }

    fn draw_as(&self, text: &str, caret: usize, mark: &str, hint: &str, area: Rect, frame: &mut Frame) {
        let x = frame.put(area.x, area.y, area.right(), mark, Role::Accent);
        let room = usize::from(area.right().saturating_sub(x + 1));
        // the caret is in sight, whatever stands before it
        let mut before = text.get(..caret).unwrap_or(text);
        while wrap::width(before) > room {
            before = &before[before.graphemes(true).next().map_or(before.len(), str::len)..];
        }
        let at = frame.put(x, area.y, area.right(), before, Role::Text);
        frame.put(at, area.y, area.right(), text.get(caret..).unwrap_or_default(), Role::Text);
        if text.is_empty() {
            frame.put(x, area.y, area.right(), hint, Role::Muted);
        }
        frame.caret = Some(Position::new(at.min(area.right().saturating_sub(1)), area.y));
    }

    fn step(&mut self, step: CursorMove, times: usize) {
        (0..times).for_each(|_| self.area.move_cursor(step));
    }
    /// Where the caret is, in bytes.
    fn caret(&self) -> usize {
        let text = self.text();
        text.char_indices().nth(self.area.cursor().1).map_or(text.len(), |(at, _)| at)
    }
    /// Characters of the grapheme before the caret.
    fn before(&self) -> usize {
        self.text()[..self.caret()].graphemes(true).next_back().map_or(0, |grapheme| grapheme.chars().count())
    }
    /// Characters of the grapheme at the caret.
    fn after(&self) -> usize {
        self.text()[self.caret()..].graphemes(true).next().map_or(0, |grapheme| grapheme.chars().count())
    }
}

/// What would drive a terminal, or turn a text around, is no part of a line.
fn typeable(c: char) -> bool {
    !c.is_control() && !is_wild(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::Look;
    use ratatui::buffer::Buffer;

    fn drawn(field: &Field, width: u16, hidden: Option<usize>) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(area);
        let mut frame = Frame::new(&mut buffer, Look::default());
        match hidden {
            Some(shown) => field.draw_hidden(shown, "› ", "hint", area, &mut frame),
            None => field.draw("› ", "hint", area, &mut frame),
        }
        let caret = frame.caret.unwrap().x;
        let cells: Vec<&str> =
            (0..width).map(|x| if x == caret && buffer[(x, 0)].symbol() == " " { "▏" } else { buffer[(x, 0)].symbol() }).collect();
        cells.concat().trim_end().to_string()
    }

    #[test]
    fn the_caret_stands_in_the_middle_and_graphemes_are_whole() {
        let mut field = Field::holding("a👩‍👩‍👧‍👦e\u{301}🇩🇪");
        field.backspace();
        field.left();
        field.left();
        field.delete_ahead();
        assert_eq!(field.text(), "ae\u{301}");
        field.home();
        field.insert('x');
        field.right();
        field.insert('y');
        assert_eq!(field.text(), "xaye\u{301}");
        field.delete_to_end();
        assert_eq!(field.text(), "xay");
        field.undo();
        assert_eq!(field.text(), "xaye\u{301}");
        field.redo();
        assert_eq!(field.text(), "xay");
    }

    #[test]
    fn words_are_gone_through_and_deleted() {
        let mut field = Field::holding("one two three");
        field.word_left();
        field.delete_word();
        assert_eq!(field.text(), "one three");
        field.home();
        field.word_right();
        field.insert('!');
        assert_eq!(field.text(), "one! three");
        let mut short = Field::holding("I am");
        short.home();
        short.word_right();
        short.insert('!');
        assert_eq!(short.text(), "I! am");
        field.delete_word_ahead();
        assert_eq!(field.text().trim_end(), "one!");
        field.delete_to_start();
        assert!(field.is_empty());
    }

    #[test]
    fn one_line_without_control_characters_and_no_longer_than_it_may_be() {
        let mut field = Field::new(8);
        field.paste("\r\n  \u{202e}a\x1b[1m\rb");
        assert_eq!(field.text(), "  a[1m");
        field.paste("日日日");
        assert_eq!(field.text(), "  a[1m", "no half of a character");
        field.insert('\n');
        field.insert('x');
        field.insert('y');
        field.insert('z');
        assert_eq!(field.take(), "  a[1mxy");
        assert!(field.is_empty() && !format!("{:?}", Field::holding("secret")).contains("secret"));
    }

    #[test]
    fn the_caret_is_in_sight_and_secrets_are_not() {
        assert_eq!(drawn(&Field::default(), 20, None), "› hint");
        let mut field = Field::holding("a long line that does not fit");
        assert_eq!(drawn(&field, 12, None), "› s not fit▏");
        field.home();
        assert_eq!(drawn(&field, 12, None), "› a long lin");
        assert_eq!(drawn(&Field::holding("xai-1234567"), 20, Some(0)), "› •••••••••••▏");
        assert_eq!(drawn(&Field::holding("xai-1234567"), 20, Some(4)), "› •••••••4567▏");
    }
}
