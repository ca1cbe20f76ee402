//! Foreign text, made fit to be read: bounded, and without what drives a terminal, turns the direction of writing, or hides words.

/// One line of at most `most` characters; what parts lines becomes a blank.
pub(super) fn line(text: &str, most: usize) -> String {
    let cleaned = cut(visible(text).map(|c| if c == '\n' || c == '\t' { ' ' } else { c }), most);
    cleaned.trim().to_string()
}

/// Text of at most `most` characters that keeps its lines.
pub(super) fn lines(text: &str, most: usize) -> String {
    cut(visible(text), most).trim().to_string()
}

fn cut(mut chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut kept: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        kept.pop();
        kept.push('…');
    }
    kept
}

/// The characters that show. The orders of terminals go as a whole: their tails would be left as rubbish.
fn visible(text: &str) -> impl Iterator<Item = char> {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            let c = chars.next()?;
            if c == '\x1b' && chars.next_if_eq(&'[').is_some() {
                while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
                chars.next_if(|c| matches!(c, '@'..='~'));
            } else if c == '\n' || c == '\t' || !c.is_control() && !is_hidden(c) {
                return Some(c);
            }
        }
    })
}

/// Characters without a look of their own: marks of direction, blanks without width, fillers, tags, private planes.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

/// `12 kB`, for a sentence.
pub(super) fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_removed() {
        assert_eq!(lines("a\u{202e}b\u{200b}c\x07\r\nd\te\u{e0041}", 99), "abc\nd\te");
        assert_eq!(line(" \x1b[31;1mred\x1b[0m\nnext\x1b", 99), "red next");
        assert_eq!(line("Grüße, 東京 🙂", 99), "Grüße, 東京 🙂");
    }

    #[test]
    fn what_is_too_long_is_cut_by_characters() {
        assert_eq!(line("äöüß", 4), "äöüß");
        assert_eq!(line("äöüßx", 4), "äöü…");
        assert_eq!(lines(&"\u{200b}".repeat(5_000), 3), "");
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!([size(12), size(12_900), size(1_250_000)], ["12 bytes", "12 kB", "1.2 MB"]);
    }
}
