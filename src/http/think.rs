//! Reasoning between `<think>` marks in the text of an answer, as servers send it that don't take it out themselves. Reads deltas:
//! a mark may be cut anywhere.

use std::borrow::Cow;

/// Marks, and what ends what they begin.
const MARKS: [(&str, &str); 3] = [("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<thought>", "</thought>")];
/// Templates begin the thought themselves, so that only its end comes.
const BARE_END: &str = "</think>";

/// So many blanks in a row wait for what follows them; more are words of their own.
const MOST_BLANKS: usize = 1_024;

/// What a piece of text turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words of the answer.
    Text(&'a str),
    /// Words of a thought.
    Thought(&'a str),
    /// The end of a thought.
    ThoughtDone,
    /// Everything since the beginning was a thought.
    TextWasThought,
}

/// Where in a text the splitter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// Nothing but blanks came: a mark may begin a thought.
    #[default]
    Start,
    /// In a thought that this ends; whether any of it was told.
    Thought(&'static str, bool),
    /// Behind a thought: blanks before the answer are nobody's.
    Behind,
    /// In the answer.
    Text,
}

/// Splits a text that comes in pieces.
#[derive(Debug, Default)]
pub struct Splitter {
    place: Place,
    /// What may be the beginning of a mark.
    held: String,
    /// The words so far stand between no marks, and no thought was marked.
    unmarked: bool,
    /// The text so far ends with a whole line.
    at_line: bool,
    /// In the middle of a block of code.
    in_code: bool,
    /// The line so far.
    line: String,
}

impl Splitter {
    /// Takes a piece; tells what it is.
    pub fn push(&mut self, piece: &str, tell: &mut impl FnMut(Piece)) {
        // nearly every piece of nearly every answer
        if self.place == Place::Text && !self.unmarked {
            return tell(Piece::Text(piece));
        }
        let held = std::mem::take(&mut self.held);
        let text = if held.is_empty() { Cow::Borrowed(piece) } else { Cow::Owned(held + piece) };
        let mut rest = text.as_ref();
        while !rest.is_empty() {
            match self.step(rest, tell) {
                Some(taken) => rest = &rest[taken..],
                None => {
                    self.held = rest.to_string();
                    return;
                }
            }
        }
    }

    /// The text is at its end: what was held back is what it is.
    pub fn finish(&mut self, tell: &mut impl FnMut(Piece)) {
        let held = std::mem::take(&mut self.held);
        match self.place {
            Place::Thought(..) if !held.trim().is_empty() => tell(Piece::Thought(held.trim_end())),
            // the end of a thought without its beginning, on the last line
            Place::Text if self.unmarked && held == BARE_END => tell(Piece::TextWasThought),
            Place::Text if !held.is_empty() => tell(Piece::Text(&held)),
            Place::Start if !held.trim().is_empty() => tell(Piece::Text(&held)),
            Place::Behind if !held.trim().is_empty() => tell(Piece::Text(held.trim_start())),
            _ => {}
        }
        *self = Self::default();
    }

    /// Takes some of the text; nothing when more has to come first.
    fn step(&mut self, text: &str, tell: &mut impl FnMut(Piece)) -> Option<usize> {
        match self.place {
            Place::Start | Place::Behind => {
                let blanks = text.len() - text.trim_start().len();
                let words = &text[blanks..];
                let waits = blanks <= MOST_BLANKS || self.place == Place::Behind;
                if words.is_empty() && waits {
                    // blanks before a thought are nobody's; before an answer they are its own
                    return if self.place == Place::Behind { Some(text.len()) } else { None };
                }
                if let Some((begin, end)) = MARKS.iter().find(|(begin, _)| words.starts_with(begin)) {
                    self.place = Place::Thought(end, false);
                    return Some(blanks + begin.len());
                }
                if waits && MARKS.iter().any(|(begin, _)| begin.starts_with(words)) {
                    return None;
                }
                self.unmarked = self.place == Place::Start;
                self.at_line = true;
                let skipped = if self.place == Place::Behind { blanks } else { 0 };
                self.place = Place::Text;
                Some(skipped).filter(|n| *n > 0).or_else(|| self.step(text, tell))
            }
            Place::Thought(end, begun) => {
                let ended = text.find(end);
                // blanks, and what may be the beginning of the end, wait
                let whole = ended.unwrap_or(text.len() - half(text, end));
                let told = text[..whole].trim_end();
                let told = if whole - told.len() > MOST_BLANKS { &text[..whole] } else { told };
                // and blanks before the first word are nobody's
                let words = if begun { told } else { told.trim_start() };
                if !words.is_empty() {
                    tell(Piece::Thought(words));
                    self.place = Place::Thought(end, true);
                }
                if let Some(at) = ended {
                    tell(Piece::ThoughtDone);
                    self.place = Place::Behind;
                    return Some(at + end.len());
                }
                Some(told.len()).filter(|n| *n > 0)
            }
            Place::Text if self.unmarked => self.unmarked_step(text, tell),
            Place::Text => {
                tell(Piece::Text(text));
                Some(text.len())
            }
        }
    }

    /// A text without a mark so far, line by line: an end of a thought stands on a line of its own, outside of code.
    fn unmarked_step(&mut self, text: &str, tell: &mut impl FnMut(Piece)) -> Option<usize> {
        if self.at_line && !self.in_code {
            if let Some(behind) = text.strip_prefix(BARE_END) {
                if behind.is_empty() {
                    return None;
                }
                if behind.starts_with(['\n', '\r']) {
                    tell(Piece::TextWasThought);
                    (self.place, self.unmarked) = (Place::Behind, false);
                    return Some(BARE_END.len());
                }
            } else if BARE_END.starts_with(text) {
                return None;
            }
        }
        let taken = text.find('\n').map_or(text.len(), |n| n + 1);
        let piece = &text[..taken];
        self.at_line = piece.ends_with('\n');
        if self.line.len() < 16 {
            self.line.push_str(piece.get(..16).unwrap_or(piece));
        }
        if self.at_line {
            let fence = self.line.trim_start();
            if fence.starts_with("```") || fence.starts_with("~~~") {
                self.in_code = !self.in_code;
            }
            self.line.clear();
        }
        tell(Piece::Text(piece));
        Some(taken)
    }
}

/// How many bytes at the end of a text may be the beginning of `mark`.
fn half(text: &str, mark: &str) -> usize {
    (1..mark.len()).rev().find(|n| text.ends_with(&mark[..*n])).unwrap_or(0)
}

/// A whole text: its thoughts, and its words.
pub fn split(text: &str) -> (String, String) {
    let (mut thought, mut words) = (String::new(), String::new());
    let mut tell = |piece: Piece| match piece {
        Piece::Text(text) => words.push_str(text),
        Piece::Thought(text) => thought.push_str(text),
        Piece::ThoughtDone => {}
        Piece::TextWasThought => thought.push_str(std::mem::take(&mut words).trim()),
    };
    let mut splitter = Splitter::default();
    splitter.push(text, &mut tell);
    splitter.finish(&mut tell);
    (thought.trim().to_string(), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, in pieces of `size` characters.
    fn pieces(text: &str, size: usize) -> (String, String) {
        let (mut thought, mut words) = (String::new(), String::new());
        let mut tell = |piece: Piece| match piece {
            Piece::Text(text) => words.push_str(text),
            Piece::Thought(text) => thought.push_str(text),
            Piece::ThoughtDone => {}
            Piece::TextWasThought => thought.push_str(&std::mem::take(&mut words)),
        };
        let mut splitter = Splitter::default();
        let letters: Vec<char> = text.chars().collect();
        for piece in letters.chunks(size) {
            splitter.push(&piece.iter().collect::<String>(), &mut tell);
        }
        splitter.finish(&mut tell);
        (thought.trim().to_string(), words)
    }

    #[test]
    fn blanks_without_end_are_not_kept_back() {
        for before in ["", "<think>", "<think>x", "<think>x</think>"] {
            let mut splitter = Splitter::default();
            splitter.push(before, &mut |_| {});
            for _ in 0..2_000 {
                splitter.push(" \n", &mut |_| {});
                assert!(splitter.held.len() <= MOST_BLANKS + 2, "{before}");
            }
        }
        // and are the answer's own, or a part of the thought
        let blanks = " ".repeat(2 * MOST_BLANKS);
        assert_eq!(pieces(&format!("{blanks}a"), 1), (String::new(), format!("{blanks}a")));
        let thought = format!("a{blanks}b");
        assert_eq!(pieces(&format!("<think>{thought}</think>c"), 7), (thought, "c".into()));
    }

    #[test]
    fn thoughts_are_told_from_words_however_they_are_cut() {
        for (text, thought, words) in [
            ("<think>\nLet me see.\n</think>\n\nFour.", "Let me see.", "Four."),
            ("\n<thinking>a\n\nb</thinking>c", "a\n\nb", "c"),
            ("<think></think>x", "", "x"),
            ("<think>never ended", "never ended", ""),
            ("<think>a</think>\n<think>b</think>\nc", "ab", "c"),
            ("plain <think>x</think>", "", "plain <think>x</think>"),
            ("<thin air", "", "<thin air"),
            ("  indented", "", "  indented"),
            // a template that begins the thought itself
            ("Let me see.\n</think>\n\nFour.", "Let me see.", "Four."),
            ("Let me see.\n</think>", "Let me see.", ""),
            ("It ends with\n</think> in a line", "", "It ends with\n</think> in a line"),
            ("```\n</think>\n```\nthat is it", "", "```\n</think>\n```\nthat is it"),
            ("", "", ""),
            ("a < b", "", "a < b"),
            ("日本\n語", "", "日本\n語"),
        ] {
            assert_eq!(split(text), (thought.to_string(), words.to_string()), "{text}");
            for size in 1..6 {
                assert_eq!(pieces(text, size), (thought.to_string(), words.to_string()), "{text} by {size}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_letter_is_lost(text in "(<think>|</think>|[a-c \n<`/]){0,30}", size in 1usize..7) {
            let letters = |text: &str| text.replace("<think>", "").replace("</think>", "").chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let (thought, words) = pieces(&text, size);
            proptest::prop_assert_eq!(letters(&format!("{thought}{words}")), letters(&text));
        }
    }
}
