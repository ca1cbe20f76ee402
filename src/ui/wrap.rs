//! Line breaks. Measures whole graphemes, never single characters; breaks between words, between wide
//! characters, after a hyphen or a slash between letters, and elsewhere inside a word only when it is longer than the line.
//! Addresses and flags (`--no-browser`) are whole as long as a line holds them.

mod address;
mod cells;

pub use address::address;
pub use cells::{cells, ellipsis, grapheme_width, symbol_width, width};

use crate::ui::line::{Line, Run, Styled, push_run};
use address::Address;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// Prose is not wider than this.
pub const PROSE: usize = 100;

/// The byte ranges of the lines of `text` when it is broken at `width` cells. Blanks at a break belong to no line.
/// Line ends in the text always break.
pub fn breaks(text: &str, width: usize, mut line: impl FnMut(std::ops::Range<usize>)) {
    let width = width.max(1);
    let mut start = 0;
    for part in text.split('\n') {
        break_one(text, start..start + part.len(), width, &mut line);
        start += part.len() + 1;
    }
}

fn break_one(text: &str, range: std::ops::Range<usize>, width: usize, line: &mut impl FnMut(std::ops::Range<usize>)) {
    let part = &text[range.clone()];
    if part.len() <= width && part.is_ascii() {
        return line(range.start..range.start + part.trim_end_matches(' ').len());
    }
    if part.is_ascii() && is_plain(part) {
        return break_plain(part, range.start, width, line);
    }
    // the line begins at `start`; a break is possible before byte `chance`, and before `spare` where there is nothing better; each
    // with the column that it was at
    let (mut start, mut column) = (0, 0);
    let (mut chance, mut chance_column) = (0, 0);
    let (mut spare, mut spare_column) = (0, 0);
    let mut last = Last::Open;
    let mut flag = false;
    let mut address = Address::next(part, 0, width);
    let mut each = |at: usize, grapheme: &str, cells: usize| {
        // one that is longer than a byte is a letter
        let byte = if grapheme.len() == 1 { grapheme.as_bytes()[0] } else { b'a' };
        let blank = is_blank(byte);
        // syllables are wide, too, and parts of words
        let wide = cells == 2 && grapheme.starts_with(|c: char| c.width() == Some(2) || c >= '\u{1f000}');
        if at >= address.end {
            address = Address::next(part, at, width);
        }
        let in_address = at >= address.start;
        let whole = in_address && address.fits;
        let letter = byte.is_ascii_alphanumeric();
        let may = wide || last == Last::Open || last == Last::Hyphen && letter || last == Last::Slash && byte != b'/';
        if may && !blank && at > start {
            if !(whole && at > address.start || flag && matches!(last, Last::Hyphen | Last::Slash)) {
                (chance, chance_column) = (at, column);
            } else if !whole {
                (spare, spare_column) = (at, column);
            }
        }
        if whole && at == address.start {
            (spare, spare_column) = (at, column);
        }
        // twice where what is left behind a break does not fit either
        while column + cells > width && !blank && at > start {
            if chance <= start {
                (chance, chance_column) = if spare > start { (spare, spare_column) } else { (at, column) };
            }
            if chance > start {
                line(range.start + start..range.start + part[..chance].trim_end_matches([' ', '\t']).len().max(start));
                start = chance;
                column -= chance_column;
                spare_column = spare_column.saturating_sub(chance_column);
            }
        }
        column += cells;
        let long = in_address && !address.fits;
        last = if letter && !wide {
            Last::Letter
        } else if wide || blank || long && at >= address.path && matches!(byte, b'?' | b'&' | b'/' | b'-') {
            Last::Open
        } else if last == Last::Letter && (byte == b'-' || byte == b'/') {
            if byte == b'-' { Last::Hyphen } else { Last::Slash }
        } else {
            Last::Other
        };
        // a hyphen that follows no letter begins a flag, and all of the word belongs to it
        flag = !blank && (flag || byte == b'-' && last == Last::Other);
    };
    let mut at = 0;
    while at < part.len() {
        // between two characters of ASCII there is always a border, and most are
        let ascii = part.as_bytes()[at].is_ascii() && part.as_bytes().get(at + 1).is_none_or(u8::is_ascii);
        let grapheme = if ascii { &part[at..=at] } else { part[at..].graphemes(true).next().unwrap_or(&part[at..]) };
        let whole = usize::from(grapheme_width(grapheme));
        if whole <= width {
            each(at, grapheme, whole);
            at += grapheme.len();
            continue;
        }
        // longer than a line by itself
        for (piece, cells) in cells(grapheme) {
            each(at, piece, usize::from(cells));
            at += piece.len();
        }
    }
    line(range.start + start..range.start + part.trim_end_matches([' ', '\t']).len().max(start));
}

/// Whether a text has no address and no flag in it: then a line ends where the last break before its edge is.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let flag = |at: usize| {
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        bytes[at] == b'-' && !before.is_ascii_alphanumeric() && bytes.get(at + 1).is_some_and(|after| !is_blank(*after) && *after != b'>')
    };
    !(0..bytes.len()).any(flag) && !text.contains("://")
}

/// The same for a plain text of ASCII, which takes no look at most of its letters.
fn break_plain(text: &str, offset: usize, width: usize, line: &mut impl FnMut(std::ops::Range<usize>)) {
    let bytes = text.as_bytes();
    let letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let may = |at: usize| match bytes[at - 1] {
        b' ' | b'\t' => true,
        b'-' => letter(at.checked_sub(2)) && letter(Some(at)),
        b'/' => letter(at.checked_sub(2)) && bytes[at] != b'/',
        _ => false,
    };
    let end = text.trim_end_matches([' ', '\t']).len();
    let mut start = 0;
    while end - start > width {
        // blanks may stand over the edge
        let edge = (start + width..end).find(|at| !is_blank(bytes[*at])).unwrap_or(end);
        let next = (start + 1..=edge).rev().find(|at| may(*at)).unwrap_or(edge);
        line(offset + start..offset + text[..next].trim_end_matches([' ', '\t']).len().max(start));
        start = next;
    }
    line(offset + start..offset + end);
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// What stood before a place where a line may be broken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A blank, a wide character, or a sign inside an address that is longer than a line.
    Open,
    Letter,
    /// A hyphen or a slash after a letter.
    Hyphen,
    Slash,
    Other,
}

/// The runs of a part of a text.
pub fn slice(runs: &[Run], range: std::ops::Range<usize>, into: &mut Vec<Run>) {
    let mut at = 0;
    for run in runs {
        let end = at + run.len as usize;
        let (from, to) = (at.max(range.start), end.min(range.end));
        if from < to {
            push_run(into, Run { link: run.link, ..Run::new(to - from, run.role) });
        }
        if end >= range.end {
            break;
        }
        at = end;
    }
}

/// Breaks a text at `width` cells into lines; `prefix` says what stands before each line, given its number.
pub fn lines(styled: &Styled, width: usize, source: usize, mut prefix: impl FnMut(usize) -> Styled, out: &mut Vec<Line>) {
    let mut number = 0;
    // runs are walked once: lines come in order
    let (mut run, mut run_start) = (0, 0);
    breaks(&styled.text, width, |range| {
        let mut line = prefix(number);
        number += 1;
        while run < styled.runs.len() && run_start + styled.runs[run].len as usize <= range.start {
            run_start += styled.runs[run].len as usize;
            run += 1;
        }
        line.text.push_str(&styled.text[range.clone()]);
        slice(&styled.runs[run..], range.start - run_start.min(range.start)..range.end.saturating_sub(run_start), &mut line.runs);
        out.push(Line::new(line, source));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::Role;
    use proptest::prelude::*;

    fn broken(text: &str, width: usize) -> Vec<&str> {
        let mut lines = vec![];
        breaks(text, width, |range| lines.push(&text[range]));
        lines
    }

    #[test]
    fn lines_break_between_words_and_wide_characters() {
        assert_eq!(broken("one two three", 7), ["one two", "three"]);
        assert_eq!(broken("one two  three", 8), ["one two", "three"]);
        assert_eq!(broken("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(broken("ab cdefgh", 4), ["ab", "cdef", "gh"]);
        assert_eq!(broken("日本語です", 5), ["日本", "語で", "す"]);
        assert_eq!(broken("see 日本", 6), ["see 日", "本"]);
        assert_eq!(broken("a\n\nb", 9), ["a", "", "b"]);
        assert_eq!(broken("well-known", 6), ["well-", "known"]);
        assert_eq!(broken("", 3), [""]);
        assert_eq!(broken("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3), ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]);
        assert_eq!(broken("क्षि क्ष्म्य विद्या", 6), ["क्षि", "क्ष्म्य", "विद्या"], "syllables stay whole");
        assert_eq!(broken(&"क्".repeat(7), 3), ["क्क्", "क्क्", "क्क्क्"], "one that is longer than the line does not");
    }

    #[test]
    fn addresses_and_flags_are_not_broken_while_a_line_holds_them() {
        let flags = "start it with --no-browser or --a-very-long-flag there";
        assert_eq!(broken(flags, 20), ["start it with", "--no-browser or", "--a-very-long-flag", "there"]);
        assert_eq!(broken("give (--no-browser) or -x", 16), ["give", "(--no-browser)", "or -x"]);
        assert_eq!(broken("one two--three", 9), ["one", "two--thre", "e"]);
        assert_eq!(broken("x --no-browser", 8), ["x", "--no-", "browser"]);
        let address = "it is at https://example.com/a-b/c?d=e, see there";
        assert_eq!(broken(address, 30), ["it is at", "https://example.com/a-b/c?d=e,", "see there"]);
        assert_eq!(broken(address, 29), ["it is at", "https://example.com/a-b/c?d=e", ", see there"]);
        assert_eq!(broken(address, 22), ["it is at", "https://example.com/a-", "b/c?d=e, see there"]);
        assert_eq!(broken("(https://example.com/x)", 21), ["(", "https://example.com/x", ")"]);
        assert_eq!(broken("at https://example.com", 11), ["at", "https://exa", "mple.com"]);
        assert_eq!(broken("https://a.io/?q=1&r=2&s=3", 12), ["https://a.io", "/?q=1&r=2&", "s=3"]);
        assert_eq!(broken("日本 https://a.io/日本-語/x 語", 20), ["日本 https://a.io/日", "本-語/x 語"]);
        assert_eq!(broken("either/or a//b /etc/hosts", 7), ["either/", "or a//b", "/etc/", "hosts"]);
        assert_eq!(broken("a->bc x=-1", 4), ["a->b", "c", "x=-1"]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_letter_is_lost(text in "([ a-zé日🇩👩\u{301}\u{200d}क\u{94d}\u{93e}\\-/?&:\n]|--|https?://){0,60}", most in 2usize..20) {
            let lines = broken(&text, most);
            for line in &lines {
                prop_assert!(width(line) <= most, "{line:?}");
            }
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }

        #[test]
        fn a_plain_text_is_broken_as_any_other(text in "[ ab/\\-,]{0,60}", most in 1usize..12) {
            let mut with_address = vec![];
            let whole = format!("é {text}");
            breaks(&whole, most, |range| with_address.push(whole[range].to_string()));
            let mut plain = vec![];
            if is_plain(&text) {
                breaks(&format!("e {text}"), most, |range| plain.push(format!("e {text}")[range].replacen('e', "é", 1)));
                prop_assert_eq!(plain, with_address);
            }
        }

        #[test]
        fn roles_cover_the_lines(words in proptest::collection::vec(("[a-z日 ]{1,8}", any::<bool>()), 0..8), most in 2usize..12) {
            let mut styled = Styled::default();
            for (word, strong) in &words {
                styled.push(word, if *strong { Role::Strong } else { Role::Text });
            }
            let mut out = vec![];
            lines(&styled, most, 0, |_| Styled::default(), &mut out);
            for line in out {
                prop_assert_eq!(line.runs.iter().map(|r| r.len as usize).sum::<usize>(), line.text.len());
            }
        }
    }
}
