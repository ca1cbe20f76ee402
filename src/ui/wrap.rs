//! Widths and line breaks. Measures whole graphemes, never single characters; breaks between words, between wide
//! characters, and inside a word only when it is longer than the line.

use crate::ui::line::{Line, Run, Styled, push_run};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The width of a text in cells. Line ends and tabs count as one.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { cells(text).map(|(_, width)| usize::from(width)).sum() }
}

/// The graphemes of a text with the cells that each takes; those without any are left out.
pub fn cells(text: &str) -> impl Iterator<Item = (&str, u16)> {
    let ascii = text.is_ascii();
    let plain = ascii.then(|| (0..text.len()).map(move |i| (&text[i..=i], 1)));
    let rich = (!ascii).then(|| text.graphemes(true).map(|g| (g, grapheme_width(g))).filter(|(_, w)| *w > 0));
    plain.into_iter().flatten().chain(rich.into_iter().flatten())
}

/// Cells of one grapheme: at most two, whatever it is made of.
pub fn grapheme_width(grapheme: &str) -> u16 {
    if grapheme.len() == 1 { 1 } else { u16::try_from(grapheme.width()).unwrap_or(2).min(2) }
}

/// Cuts a text at `most` cells, with `…` in place of what is left out.
pub fn ellipsis(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_string();
    }
    let mut short = String::new();
    let mut used = 0;
    for (grapheme, width) in cells(text) {
        if used + usize::from(width) + 1 > most {
            break;
        }
        used += usize::from(width);
        short.push_str(grapheme);
    }
    if most > 0 {
        short.push('…');
    }
    short
}

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
    // the line begins at `start`; a break is possible before byte `chance`, where the column was `chance_column`
    let (mut start, mut column) = (0, 0);
    let (mut chance, mut chance_column) = (0, 0);
    let mut last_was_blank = false;
    let mut each = |at: usize, grapheme: &str, cells: usize| {
        let blank = grapheme == " " || grapheme == "\t";
        let wide = cells == 2;
        if (last_was_blank || wide) && !blank && at > start {
            (chance, chance_column) = (at, column);
        }
        if column + cells > width && !blank {
            if chance <= start {
                (chance, chance_column) = (at, column);
            }
            if chance > start {
                line(range.start + start..range.start + part[..chance].trim_end_matches([' ', '\t']).len().max(start));
                start = chance;
                column -= chance_column;
            }
        }
        column += cells;
        last_was_blank = blank;
        if (wide || grapheme == "-" || grapheme == "/") && !blank {
            (chance, chance_column) = (at + grapheme.len(), column);
        }
    };
    if part.is_ascii() {
        for at in 0..part.len() {
            each(at, &part[at..=at], 1);
        }
    } else {
        for (at, grapheme) in part.grapheme_indices(true) {
            each(at, grapheme, usize::from(grapheme_width(grapheme)));
        }
    }
    line(range.start + start..range.start + part.trim_end_matches([' ', '\t']).len().max(start));
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
    }

    #[test]
    fn long_texts_are_cut_with_a_mark() {
        assert_eq!(ellipsis("abcdef", 4), "abc…");
        assert_eq!(ellipsis("日本語", 4), "日…");
        assert_eq!(ellipsis("ok", 4), "ok");
        assert_eq!(ellipsis("ok", 0), "");
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_letter_is_lost(text in "[ a-zé日🇩👩\u{301}\u{200d}\\-\n]{0,60}", most in 2usize..20) {
            let lines = broken(&text, most);
            for line in &lines {
                prop_assert!(width(line) <= most, "{line:?}");
            }
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
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
