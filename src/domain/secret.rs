//! A string that must not be shown: keys, tokens, codes.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// Holds a secret; prints as `•••` wherever it is printed by mistake. Its own memory is wiped when it is dropped; what was made
/// from [`reveal`](Secret::reveal), a header or the text of a file, is not.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps what must not be shown. Blanks and line ends around it are dropped: they come with pasted keys.
    pub fn new(value: impl AsRef<str>) -> Self {
        Self(SecretString::from(value.as_ref().trim()))
    }
    /// The secret itself, for the header or the file it belongs in and for nothing else.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Whether what a setting, a variable or a header of that name holds must not be shown: its last word says so.
pub fn is_named_secret(name: &str) -> bool {
    let last = name.rsplit(['.', '_', '-']).next().unwrap_or(name).to_lowercase();
    matches!(last.as_str(), "key" | "apikey" | "token" | "password" | "passwd" | "pass" | "secret" | "auth" | "authorization" | "cookie")
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.reveal() == other.reveal()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new(" xai-123\n");
        assert_eq!(secret.reveal(), "xai-123");
        assert_eq!(format!("{secret:?}"), "•••");
    }

    #[test]
    fn the_last_word_of_a_name_says_whether_it_is_a_secret() {
        for name in ["XAI_API_KEY", "FAL_KEY", "SUDO_PASSWORD", "model.api_key", "x_token", "X-Api-Key", "Authorization", "apikey"] {
            assert!(is_named_secret(name), "{name}");
        }
        for name in ["model.key_env", "max_tokens", "tui.theme", "hotkey", "X-Team", "passage"] {
            assert!(!is_named_secret(name), "{name}");
        }
    }
}
