//! How many cells a text takes, and the pieces in which it is drawn. Measures whole graphemes, never single characters.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of a text in cells. Line ends and tabs count as one.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { cells(text).map(|(_, width)| usize::from(width)).sum() }
}

/// The graphemes of a text with the cells that each takes, those wider than two cells in parts: together they are the text. What has no
/// width is not seen.
pub fn cells(text: &str) -> impl Iterator<Item = (&str, u16)> {
    let (mut rest, mut grapheme) = (text, "");
    let ascii = text.is_ascii();
    std::iter::from_fn(move || {
        if grapheme.is_empty() {
            // most text is this; nothing joins two of these but a line end
            if ascii && !rest.is_empty() || matches!(rest.as_bytes(), [b' '..0x80] | [b' '..0x80, 0..0x80, ..]) {
                let (symbol, after) = rest.split_at(1);
                rest = after;
                return Some((symbol, 1));
            }
            grapheme = rest.graphemes(true).next()?;
            rest = &rest[grapheme.len()..];
        }
        let (part, width) = part(grapheme);
        grapheme = &grapheme[part.len()..];
        Some((part, width))
    })
}

/// The beginning of a grapheme that takes at most two cells, and how many. Syllables of many scripts take more.
fn part(grapheme: &str) -> (&str, u16) {
    let first = grapheme.chars().next().unwrap_or(' ');
    if grapheme.len() == first.len_utf8() {
        return (grapheme, char_width(first));
    }
    // no emoji is longer, and there is no end to what can be joined to a letter
    let head = &grapheme[..grapheme.floor_char_boundary(64)];
    if has_no_width(first) {
        // what has no letter to stand on
        let marks = &head[..head.len() - head.trim_start_matches(has_no_width).len()];
        return (marks, u16::from(!marks.chars().all(is_never_seen)));
    }
    let mut part = head;
    if head.width() > 2 {
        let ends = head.char_indices().map(|(at, c)| at + c.len_utf8());
        let fits = |end: &usize| *end == first.len_utf8() || head[..*end].width() <= 2;
        part = &head[..ends.take_while(fits).last().unwrap_or(head.len())];
    }
    (part, u16::try_from(part.width()).unwrap_or(2).min(2))
}

/// Cells of one grapheme, all its parts together.
pub fn grapheme_width(grapheme: &str) -> u16 {
    let mut rest = grapheme;
    let mut cells = 0_u16;
    while !rest.is_empty() {
        let (part, width) = part(rest);
        cells = cells.saturating_add(width);
        rest = &rest[part.len()..];
    }
    cells
}

/// Cells of what one cell holds: at most two. A mark without a letter is shown on a blank; what nobody can see takes none.
pub fn symbol_width(symbol: &str) -> u16 {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => char_width(c),
        _ => match symbol.width() {
            0 => u16::from(!symbol.chars().all(is_never_seen)),
            width => u16::try_from(width).unwrap_or(2).min(2),
        },
    }
}

fn char_width(c: char) -> u16 {
    // letters, and what rules and frames are drawn with
    if c < '\u{80}' || matches!(c, '\u{2500}'..='\u{259f}') {
        return 1;
    }
    match c.width() {
        Some(0) => u16::from(!is_never_seen(c)),
        Some(2..) => 2,
        _ => 1,
    }
}

fn has_no_width(c: char) -> bool {
    c.width() == Some(0)
}

/// Joiners, selectors and fillers, which have no look of their own.
fn is_never_seen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'
            ..='\u{180f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
    ) || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}')
        || matches!(c, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Cuts a text at `most` cells, with `…` in place of what is left out.
pub fn ellipsis(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_string();
    }
    let mut short = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let width = usize::from(grapheme_width(grapheme));
        if used + width + 1 > most {
            break;
        }
        used += width;
        short.push_str(grapheme);
    }
    if most > 0 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_wider_than_two_cells_come_in_parts() {
        let parts = |text| cells(text).collect::<Vec<_>>();
        assert_eq!(parts("aहिन्दी!"), [("a", 1), ("हि", 2), ("न्द", 2), ("ी", 1), ("!", 1)]);
        assert_eq!((width("हिन्दी पंक्ति विद्या ABC"), grapheme_width("न्दी")), (20, 3));
        assert_eq!(parts("👩‍👩‍👧‍👦e\u{301}🇩🇪\r\n"), [("👩‍👩‍👧‍👦", 2), ("e\u{301}", 1), ("🇩🇪", 2), ("\r\n", 1)]);
        // a mark without a letter is seen, a joiner is not; a letter that is three cells wide is told as two
        assert_eq!(parts("\u{301}"), [("\u{301}", 1)]);
        assert_eq!(parts("\u{200d}\nx"), [("\u{200d}", 0), ("\n", 1), ("x", 1)]);
        assert_eq!(parts("\u{17d8}"), [("\u{17d8}", 2)]);
        // one that never ends does not take for ever
        let long = "क्".repeat(200_000);
        assert_eq!((cells(&long).count(), width(&long)), (100_000, 200_000));
        assert_eq!(ellipsis("विद्या", 4), "वि…");
    }

    #[test]
    fn long_texts_are_cut_with_a_mark() {
        assert_eq!(ellipsis("abcdef", 4), "abc…");
        assert_eq!(ellipsis("日本語", 4), "日…");
        assert_eq!(ellipsis("ok", 4), "ok");
        assert_eq!(ellipsis("ok", 0), "");
    }
}
