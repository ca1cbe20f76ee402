//! Every secret that this run has met, and one door that masks them all: in logs, in what servers say, in what tools give back.

use crate::{domain::secret::Secret, http::redact};
use aho_corasick::AhoCorasick;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// Shorter words are no secrets: masking them would make a riddle of every sentence.
const SHORTEST: usize = 6;

/// A shorter piece of Base64 could be anything.
const SHORTEST_DISGUISE: usize = 8;

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
            known.values.extend(disguises(value));
            known.finder = None;
        }
    }
    /// The bytes without any of them.
    pub fn mask_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        match self.finder().filter(|finder| finder.is_match(bytes)) {
            Some(finder) => finder.replace_all_bytes(bytes, &vec![redact::MASK; finder.patterns_len()]),
            None => bytes.to_vec(),
        }
    }
    /// The text without any of them, and otherwise as it is: for what somebody has to see in full.
    pub fn mask_known(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.mask_bytes(text.as_bytes())).into_owned()
    }
    /// How many bytes at the end could be the beginning of one: what comes next tells.
    pub fn begun(&self, bytes: &[u8]) -> usize {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let overlap = |secret: &String| {
            let secret = secret.as_bytes();
            let most = bytes.len().min(secret.len().saturating_sub(1));
            (1..=most).rev().find(|length| bytes.ends_with(&secret[..*length])).unwrap_or(0)
        };
        known.values.iter().map(overlap).max().unwrap_or(0)
    }
    fn finder(&self) -> Option<Arc<AhoCorasick>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.finder.is_none() {
            let builder = AhoCorasick::builder().match_kind(aho_corasick::MatchKind::LeftmostLongest).build(&known.values);
            known.finder = builder.ok().map(Arc::new);
        }
        known.finder.clone()
    }
    /// The text without any of them, and without what looks like one.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let masked = match self.finder().filter(|finder| finder.is_match(text)) {
            Some(finder) => Cow::Owned(finder.replace_all(text, &vec![redact::MASK; finder.patterns_len()])),
            None => Cow::Borrowed(text),
        };
        match redact::redact(&masked, &[]) {
            same if same == *text => Cow::Borrowed(text),
            clean => Cow::Owned(clean),
        }
    }
}

/// Forms in which a secret is still one: Base64 of it, at each of the three places at which it may begin in a longer text, and the
/// form that it has in an address. What depends on its neighbours is left out at both ends.
fn disguises(value: &str) -> Vec<String> {
    let mut found = vec![];
    for begin in 0..3_usize {
        let mut bytes = vec![0; begin];
        bytes.extend_from_slice(value.as_bytes());
        let text = STANDARD_NO_PAD.encode(&bytes);
        let (first, rest) = ((begin * 8).div_ceil(6), bytes.len() * 8 / 6);
        let Some(core) = text.get(first..rest).filter(|core| core.len() >= SHORTEST_DISGUISE) else { continue };
        found.extend([core.to_string(), core.replace('+', "-").replace('/', "_")]);
    }
    let address: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let percent = address.replace('+', "%20");
    found.extend([percent.to_lowercase(), percent, address].into_iter().filter(|form| form != value && form.len() >= SHORTEST));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_disguise_is_masked() {
        let secrets = Secrets::default();
        let secret = "sk/very+secret value=1234567890";
        secrets.learn(&Secret::new(secret));
        for (before, after) in [("", ""), ("x", "y"), ("xx", "zz"), ("{\"token\":\"", "\"}")] {
            let text = base64::engine::general_purpose::STANDARD.encode(format!("{before}{secret}{after}"));
            assert!(secrets.mask(&text).contains("•••"), "{text}");
            assert!(secrets.mask(&text).len() < 30, "{}", secrets.mask(&text));
        }
        for text in ["token=sk%2Fvery%2Bsecret%20value%3D1234567890", "sk%2Fvery%2Bsecret+value%3D1234567890"] {
            assert!(!secrets.mask(text).contains("secret"), "{text}");
        }
    }

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
