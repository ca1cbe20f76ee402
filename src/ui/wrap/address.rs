//! Web addresses in a text.

use super::cells;

/// An address in a text: where it begins, where its path may be broken at the earliest, where it ends, and whether a line holds it.
pub(super) struct Address {
    pub(super) start: usize,
    pub(super) path: usize,
    pub(super) end: usize,
    pub(super) fits: bool,
}

impl Address {
    /// The first one that ends after `from`; one that is never reached when there is none.
    pub(super) fn next(text: &str, from: usize, width: usize) -> Self {
        match address(text, from) {
            Some(found) => {
                let scheme = text[found.clone()].find("//").map_or(0, |at| at + 2);
                let fits = cells::width(&text[found.clone()]) <= width;
                Self { start: found.start, path: found.start + scheme, end: found.end, fits }
            }
            None => Self { start: usize::MAX, path: usize::MAX, end: usize::MAX, fits: true },
        }
    }
}

/// Where the next web address stands in a text, without the punctuation of the sentence round it.
pub fn address(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let mut at = from;
    loop {
        let colon = at + text.get(at..)?.find("://")?;
        let before = &text[from..colon];
        let ends_with = |scheme: &str| {
            before.len() >= scheme.len() && before.as_bytes()[before.len() - scheme.len()..].eq_ignore_ascii_case(scheme.as_bytes())
        };
        if let Some(scheme) = ["https", "http"].into_iter().find(|scheme| ends_with(scheme)) {
            let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '）' | '」' | '。' | '，' | '、');
            let end = text[colon..].find(ends).map_or(text.len(), |end| colon + end);
            return Some(colon - scheme.len()..colon + unpunctuated(&text[colon..end]));
        }
        at = colon + 3;
    }
}

/// Bytes of an address without the punctuation after it. A parenthesis that it opened itself belongs to it.
fn unpunctuated(address: &str) -> usize {
    let opened = address.matches('(').count();
    let mut closed = address.matches(')').count();
    let mut kept = address;
    loop {
        kept = kept.trim_end_matches(['.', ',', ';', ':', '!', '?', ']', '\'', '*']);
        match kept.strip_suffix(')') {
            Some(shorter) if closed > opened => (kept, closed) = (shorter, closed - 1),
            _ => return kept.len(),
        }
    }
}
