//! Which parts of a text are formulas. Prices are none, nor are variables of a shell: where in doubt, a text stays as it was written.

use pulldown_cmark::{Event, Options, Parser};
use std::{borrow::Cow, ops::Range};

/// What a formula is said with: words without any of these are words.
const SIGNS: [char; 14] = ['\\', '^', '_', '=', '+', '-', '*', '/', '<', '>', '|', '(', '!', '\''];
/// Those that stand in formulas alone.
const SURE: [char; 3] = ['\\', '^', '_'];

/// How a formula was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// `$…$`
    Dollar,
    /// `$$…$$`
    Dollars,
    /// `\(…\)`
    Round,
    /// `\[…\]`
    Square,
}

impl Written {
    /// How the formula was written that begins there; the parser says whether it is one that stands by itself.
    pub(super) fn at(source: &str, display: bool) -> Self {
        match (display, source.as_bytes()) {
            (true, [b'\\', b'(', ..]) => Self::Round,
            (true, [b'\\', b'[', ..]) => Self::Square,
            (true, _) => Self::Dollars,
            (false, _) => Self::Dollar,
        }
    }
    /// Whether it stands on lines of its own.
    pub(super) fn is_display(self) -> bool {
        matches!(self, Self::Dollars | Self::Square)
    }
    /// What stands round it.
    pub(super) fn marks(self) -> (&'static str, &'static str) {
        match self {
            Self::Dollar => ("$", "$"),
            Self::Dollars => ("$$", "$$"),
            Self::Round => ("\\(", "\\)"),
            Self::Square => ("\\[", "\\]"),
        }
    }
    /// Whether such a text is a formula, between these characters.
    pub(super) fn is_formula(self, text: &str, before: Option<char>, after: Option<char>) -> bool {
        // some people write no blanks at all, but not with these letters
        let glued = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let inside = text.trim();
        let stands = match self {
            Self::Dollar => inside.len() == text.len() && !glued(before) && !glued(after),
            Self::Dollars => before != Some('$') && after != Some('$'),
            Self::Round | Self::Square => !glued(before),
        };
        let blanks = inside.contains(char::is_whitespace);
        let word = inside.split(|c: char| !c.is_alphabetic()).map(|word| word.chars().count()).max().unwrap_or(0);
        let says = match self {
            _ if inside.contains(SURE) => true,
            // a dollar is money, or a variable's: `5 (or 10`, `HOME/bin`
            Self::Dollar | Self::Dollars if inside.starts_with(|c: char| c.is_ascii_digit()) && word > 1 => false,
            Self::Dollar | Self::Dollars if word > if blanks { 2 } else { 3 } => false,
            // `\[` is how Markdown writes a bracket that is none of its own
            Self::Square => inside.contains(SIGNS),
            _ => inside.contains(SIGNS) || !blanks && word <= 3,
        };
        stands && says && inside.contains(char::is_alphanumeric)
    }
}

/// The text with `$$` for `\(`, `\)`, `\[` and `\]` round formulas: the parser knows these alone, and it is as long. What is code, or
/// an address, stays.
pub(super) fn with_dollars(text: &str, options: Options) -> Cow<'_, str> {
    let pairs = pairs(text);
    if pairs.is_empty() {
        return text.into();
    }
    // only the parser knows where code is, and where a block ends: what it takes for formulas are some
    let tried = replaced(text, &pairs);
    let mut formulas = vec![];
    for (event, range) in Parser::new_ext(&tried, options).into_offset_iter() {
        if matches!(event, Event::DisplayMath(_))
            && pairs.binary_search_by_key(&range.start, |pair| pair.start).is_ok_and(|n| pairs[n] == range)
        {
            formulas.push(range);
        }
    }
    match formulas.len() {
        0 => text.into(),
        all if all == pairs.len() => tried.into(),
        _ => replaced(text, &formulas).into(),
    }
}

/// What stands between `\(` and `\)`, or `\[` and `\]`, and looks like a formula; the marks included.
fn pairs(text: &str) -> Vec<Range<usize>> {
    let mut found = vec![];
    let mut open: Option<(usize, u8)> = None;
    let mut at = 0;
    while let Some(slash) = text[at..].find('\\').map(|n| at + n) {
        let mark = text.as_bytes().get(slash + 1).copied().unwrap_or(0);
        at = slash + 1 + usize::from(mark.is_ascii() && mark != 0);
        match (mark, open) {
            (b'(' | b'[', _) => open = Some((slash, mark)),
            (b')', Some((start, b'('))) | (b']', Some((start, b'['))) => {
                open = None;
                let inside = &text[start + 2..slash];
                let before = text[..start].chars().next_back();
                let written = if mark == b')' { Written::Round } else { Written::Square };
                if !inside.contains("\n\n") && !inside.contains('$') && written.is_formula(inside, before, None) {
                    found.push(start..slash + 2);
                }
            }
            _ => {}
        }
    }
    found
}

fn replaced(text: &str, pairs: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for pair in pairs {
        out.push_str(&text[at..pair.start]);
        out.push_str("$$");
        out.push_str(&text[pair.start + 2..pair.end - 2]);
        out.push_str("$$");
        at = pair.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_and_variables_are_no_formulas() {
        let is = |text: &str, before, after| Written::Dollar.is_formula(text, before, after);
        assert!(is("x^2", Some(' '), Some('.')) && is("n", None, None) && is("100", None, Some(' ')));
        assert!(!is("5 and ", None, Some('6')) && !is(" x", None, None));
        assert!(!is("5/", None, Some('6')) && !is("5-", Some(' '), Some('1')));
        assert!(!is("HOME/bin:", None, Some('P')) && !is("PATH", None, None) && !is("5 or 10", None, None));
        assert!(!is("x+", Some('S'), None));
        assert!(!is("5 (or 10", None, Some(')')) && !is("5/month + 1", None, None) && !is("HOME/bin", None, None));
        assert!(is("f(x) = a + b", None, None) && is("x", Some('\u{8bbe}'), Some('\u{4e3a}')) && is("O(n)", None, None));
    }

    #[test]
    fn marks_of_formulas_are_dollars_for_the_parser_and_no_others_are() {
        let options = Options::ENABLE_MATH | Options::ENABLE_TABLES;
        let dollars = |text: &str| with_dollars(text, options).into_owned();
        assert_eq!(dollars("so \\(x^2\\) is"), "so $$x^2$$ is");
        assert_eq!(dollars("\\[\na = b\n\\]"), "$$\na = b\n$$");
        assert_eq!(dollars("use `\\(` as in \\(x\\)"), "use `\\(` as in $$x$$");
        for text in [
            "`\\(x^2\\)`",
            "```\n\\(x^2\\)\n```",
            "\\(x^2",
            "\\[TODO\\] and \\[1\\]",
            "f\\(x\\)",
            "\\\\(x\\\\)",
            "- \\(a +\n- b\\)",
            "\\(a +\n\n b\\)",
            "[a](https://x.example/\\(y_1\\))",
            "|a|\n|-|\n|\\(x | y\\)|",
            "\\",
        ] {
            assert_eq!(dollars(text), text);
        }
    }
}
