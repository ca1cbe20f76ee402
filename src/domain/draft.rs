//! What is being typed, with the long pastes that stand in it.

use crate::domain::attached;
use std::sync::Arc;

/// What the person has typed and not sent. Long pastes stand in `text` as one private character each (`PASTE + index`).
#[derive(Debug, Clone, Eq, Default)]
pub struct Draft {
    /// The text with its marks.
    pub text: String,
    /// The pastes behind the marks.
    pub pastes: Vec<Arc<str>>,
}

/// The first mark of a long paste in a draft: in the last private plane, for fonts with icons use the one before it.
const PASTE: u32 = 0x10_0000;
/// Pastes that a draft can hold.
const MARKS: usize = 0xfff0;

/// The paste that a character stands for.
pub fn paste_index(c: char) -> Option<usize> {
    (c as u32).checked_sub(PASTE).map(|i| i as usize).filter(|i| *i < MARKS)
}

/// The character that stands for a paste; none after the last.
pub fn paste_mark(index: usize) -> Option<char> {
    u32::try_from(index).ok().filter(|_| index < MARKS).and_then(|index| char::from_u32(PASTE + index))
}

impl Draft {
    /// Plain text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), pastes: vec![] }
    }
    /// The whole text, long pastes in place.
    pub fn expanded(&self) -> String {
        if self.pastes.is_empty() {
            return self.text.clone();
        }
        let mut whole = String::with_capacity(self.text.len() + self.pastes.iter().map(|p| p.len()).sum::<usize>());
        for c in self.text.chars() {
            match paste_index(c) {
                Some(index) => whole.push_str(self.paste(index)),
                None => whole.push(c),
            }
        }
        whole
    }
    fn paste(&self, index: usize) -> &str {
        self.pastes.get(index).map(AsRef::as_ref).unwrap_or_default()
    }
    /// Words that may name files; what was pasted as a block names none.
    pub fn mentions(&self) -> Vec<String> {
        attached::mentions(&self.text).into_iter().map(|mention| mention.path).collect()
    }
    /// How the whole text begins, without going through what is long.
    pub fn beginning(&self, most: usize) -> String {
        let mut start = String::new();
        for c in self.text.chars().take(most) {
            match paste_index(c) {
                Some(index) => start.extend(self.paste(index).chars().take(most)),
                None => start.push(c),
            }
        }
        start.chars().take(most).collect()
    }
    /// Whether there is nothing to lose.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
    /// Several drafts as one, with a blank line between; long pastes stay what they are.
    pub fn joined<'a>(drafts: impl IntoIterator<Item = &'a Draft>) -> Self {
        let mut whole = Self::default();
        for draft in drafts {
            if !whole.text.is_empty() {
                whole.text.push_str("\n\n");
            }
            let first = whole.pastes.len();
            for c in draft.text.chars() {
                match paste_index(c).map(|index| (index, paste_mark(first + index))) {
                    None => whole.text.push(c),
                    Some((_, Some(mark))) => whole.text.push(mark),
                    Some((index, None)) => whole.text.push_str(draft.paste(index)),
                }
            }
            whole.pastes.extend(draft.pastes.iter().cloned());
        }
        whole
    }
}

impl PartialEq for Draft {
    fn eq(&self, other: &Self) -> bool {
        // the same paste is not read through to learn that it is the same
        let same = |(a, b): (&Arc<str>, &Arc<str>)| Arc::ptr_eq(a, b) || a == b;
        self.text == other.text && self.pastes.len() == other.pastes.len() && self.pastes.iter().zip(&other.pastes).all(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(text: &str, pastes: &[&str]) -> Draft {
        Draft { text: text.into(), pastes: pastes.iter().map(|p| (*p).into()).collect() }
    }

    #[test]
    fn drafts_are_joined_with_their_pastes() {
        let [first, second] = [0, 1].map(|n| paste_mark(n).unwrap());
        let drafts = [pasted(&format!("a {first}"), &["one"]), Draft::new("b"), pasted(&format!("{second}{first}"), &["two", "three"])];
        let whole = Draft::joined(&drafts);
        assert_eq!(whole.expanded(), "a one\n\nb\n\nthreetwo");
        assert_eq!(whole.pastes.len(), 3);
        assert_eq!(whole.beginning(7), "a one\n\n");
        // more pastes than there are marks: what has none stands in the text
        let many = pasted(&first.to_string(), &["x"]);
        let whole = Draft::joined(std::iter::repeat_n(&many, MARKS + 2));
        assert_eq!((whole.expanded().matches('x').count(), whole.pastes.len()), (MARKS + 2, MARKS + 2));
    }
}
