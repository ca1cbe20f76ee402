//! Characters that nobody sees. A page that hides words from people in them would still show them to a model.

use std::borrow::Cow;

/// Steers how text is drawn, or is not drawn at all.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What is left of one character: line breaks of all kinds are one kind, and tabs stay.
pub(super) fn character(c: char) -> Option<char> {
    match c {
        ' '..='~' | '\n' | '\t' => Some(c),
        '\u{2028}' | '\u{2029}' | '\u{85}' => Some('\n'),
        c if c.is_control() || is_unseen(c) => None,
        c => Some(c),
    }
}

/// Text without what nobody sees.
pub(super) fn text(text: &str) -> String {
    // a single return is the line break of old systems
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter_map(character).collect()
}

/// A word without what nobody sees.
pub(super) fn word(word: &str) -> Cow<'_, str> {
    match word.bytes().all(|b| b.is_ascii_graphic()) {
        true => Cow::Borrowed(word),
        false => word.chars().filter_map(character).collect(),
    }
}

/// One line of at most so many characters, as it may stand in a sentence.
pub(super) fn line(from: &str, most: usize) -> String {
    let mut line = String::new();
    for word in from.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter_map(character));
        if line.len() / 4 > most {
            break;
        }
    }
    match head(&line, most) {
        shorter if shorter.len() < line.len() => format!("{}…", shorter.trim_end()),
        _ => line,
    }
}

/// The first so many characters.
pub(super) fn head(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_gone() {
        assert_eq!(text("a\u{200b}b\u{202e}c\u{feff}\u{e0041}\u{1b}[1m\r\nd\re\u{2028}f\tg\u{ad}"), "abc[1m\nd\ne\nf\tg");
        assert_eq!(text("Grüße, 世界 🎉"), "Grüße, 世界 🎉");
    }

    #[test]
    fn a_line_is_short_and_one() {
        assert_eq!(line(" a\n b\t\u{200b}c ", 10), "a b c");
        assert_eq!(line("äöü äöü", 4), "äöü…");
        assert_eq!((head("äöü", 2), head("äöü", 3), head("", 0)), ("äö", "äöü", ""));
    }
}
