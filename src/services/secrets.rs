//! Every secret that this run has met, and one door that masks them all: in logs, in what servers say, in what tools give back.

use crate::{domain::secret::Secret, http::redact};
use aho_corasick::AhoCorasick;
use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// Shorter words are no secrets: masking them would make a riddle of every sentence.
const SHORTEST: usize = 6;

/// The secrets that are known.
#[derive(Default)]
pub struct Secrets {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    values: HashSet<String>,
    /// Finds them all in one pass; made again after a new one was learned.
    finder: Option<Arc<AhoCorasick>>,
}

impl Secrets {
    /// Remembers a secret.
    pub fn learn(&self, secret: &Secret) {
        let value = secret.reveal();
        if value.len() < SHORTEST {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.values.contains(value) {
            known.values.insert(value.to_string());
            known.finder = None;
        }
    }
    /// The text without any of them, and without what looks like one.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let finder = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.finder.is_none() {
                known.finder =
                    AhoCorasick::builder().match_kind(aho_corasick::MatchKind::LeftmostLongest).build(&known.values).ok().map(Arc::new);
            }
            known.finder.clone()
        };
        let masked = match finder.filter(|finder| finder.is_match(text)) {
            Some(finder) => Cow::Owned(finder.replace_all(text, &vec![redact::MASK; finder.patterns_len()])),
            None => Cow::Borrowed(text),
        };
        match redact::redact(&masked, &[]) {
            same if same == *text => Cow::Borrowed(text),
            clean => Cow::Owned(clean),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_learned_is_masked() {
        let secrets = Secrets::default();
        for value in ["hunter22", "hunter22-long", "abc"] {
            secrets.learn(&Secret::new(value));
        }
        assert_eq!(secrets.mask("hunter22-long and hunter22, abc"), "••• and •••, abc");
        assert_eq!(secrets.mask("nothing here"), "nothing here");
    }
}
