//! Text from outside: a model, a server, a file name. `tame` makes it drawable; nothing else does. A tamed text holds no
//! control character but `\n` and `\t`, nothing that turns the direction of writing, and no towers of combining marks.

use std::borrow::Cow;

/// Marks that may pile up on one character before the rest is dropped; more than any written language uses.
const MOST_MARKS: u32 = 6;

/// Returns `text` with everything that could drive a terminal, or fool its reader, made visible or removed:
/// C0 controls become their Unicode pictures (`␛`), C1 controls and bidi controls become `�`, `\r\n` becomes `\n`, invisible
/// characters that terminals measure differently are dropped, and towers of combining marks are cut.
pub fn tame(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_wild) && !has_tower(text) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len());
    Tamer::default().push(text, &mut tamed);
    Cow::Owned(tamed)
}

/// Nothing but what every terminal has shown for fifty years.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b == b'\n' || b == b'\t' || (b' '..0x7f).contains(&b))
}

/// Tames a text that comes in pieces, with the same result as if it came whole: a tower of marks may be spread over several. A piece
/// must not end between `\r` and `\n`.
#[derive(Debug, Default)]
pub struct Tamer {
    /// Marks that piled up so far.
    marks: u32,
}

impl Tamer {
    /// Adds the tamed form of the next piece.
    pub fn push(&mut self, text: &str, tamed: &mut String) {
        if !text.is_empty() && is_plain(text) {
            self.marks = 0;
            return tamed.push_str(text);
        }
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if is_mark(c) {
                self.marks += 1;
                if self.marks > MOST_MARKS {
                    continue;
                }
            } else {
                self.marks = 0;
            }
            match c {
                '\n' | '\t' => tamed.push(c),
                '\r' if chars.peek() == Some(&'\n') => {}
                '\0'..='\x1f' => tamed.push(char::from_u32(0x2400 + c as u32).unwrap_or('�')),
                '\x7f' => tamed.push('␡'),
                c if is_dropped(c) => {}
                c if is_wild(c) => tamed.push('�'),
                c => tamed.push(c),
            }
        }
    }
}

/// `tame` for a place with one line: titles, names, hints. Line ends and tabs become single blanks.
pub fn tame_line(text: &str) -> String {
    tame(text).split(['\n', '\t']).collect::<Vec<_>>().join(" ")
}

/// Characters that `tame` changes.
pub fn is_wild(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}') || is_dropped(c)
        // marks and embeddings that turn the direction of writing, and line separators that terminals treat differently
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
        // private planes: our own marks live there, and no font has them
        || matches!(c, '\u{f0000}'..='\u{10ffff}')
}

/// Characters without any look whose width terminals disagree about.
fn is_dropped(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{180e}'
    ) || matches!(c, '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Combining marks of the blocks that towers are built from; other marks never pile up in practice.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
        || matches!(c, '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}')
}

fn has_tower(text: &str) -> bool {
    let mut marks = 0;
    text.chars().any(|c| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        marks > MOST_MARKS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_becomes_visible() {
        assert_eq!(tame("a\x1b[31mb\x07\r\nc\rd"), "a␛[31mb␇\nc␍d");
        assert_eq!(tame("\u{9b}2J\u{7f}"), "�2J␡");
        assert_eq!(tame("abc\u{202e}fed\u{2066}x"), "abc�fed�x");
        assert_eq!(tame("a\u{200b}b\u{feff}c\u{e0041}d"), "abcd");
        assert_eq!(tame_line("a\nb\tc"), "a b c");
    }

    #[test]
    fn pieces_are_tamed_like_the_whole() {
        let text = format!("a{}b\x1b[31mc\r\nd{}", "\u{301}".repeat(40), "\u{20d0}".repeat(9));
        let (mut tamer, mut tamed) = (Tamer::default(), String::new());
        for piece in text.split_inclusive(|c| c != '\r') {
            tamer.push(piece, &mut tamed);
        }
        assert_eq!(tamed, tame(&text));
    }

    #[test]
    fn towers_are_cut_and_languages_stay() {
        let tower = format!("a{}b", "\u{301}".repeat(200));
        assert_eq!(tame(&tower), format!("a{}b", "\u{301}".repeat(6)));
        for text in ["日本語 👩‍👩‍👧‍👦 🇩🇪 e\u{301} สวัสดี العربية עברית हिन्दी", "plain\n\tcode"]
        {
            assert!(matches!(tame(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
