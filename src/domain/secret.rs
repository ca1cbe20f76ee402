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
}
