//! Masks secrets in what is shown or logged.

/// What stands where a secret stood.
pub const MASK: &str = "•••";

/// `text` without the given secrets, and without anything that looks like a bearer token or an xAI key.
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut clean = text.to_string();
    for secret in secrets.iter().filter(|s| s.len() > 3) {
        clean = clean.replace(secret, MASK);
    }
    // keys of xAI are long and without a hyphen: `xai-grok-oauth` is the name of a provider
    for (mark, signs, shortest) in [("Bearer ", "-_.~+/=", 8), ("xai-", "_", 20)] {
        let mut from = 0;
        while let Some(at) = clean.get(from..).and_then(|rest| rest.find(mark)).map(|n| from + n) {
            let start = at + mark.len();
            let length = clean[start..].find(|c: char| !c.is_ascii_alphanumeric() && !signs.contains(c)).unwrap_or(clean.len() - start);
            if length >= shortest {
                clean.replace_range(start..start + length, MASK);
            }
            from = start;
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        assert_eq!(redact("key hunter22 is wrong", &["hunter22"]), "key ••• is wrong");
        assert_eq!(redact("Bearer abcdefghijk. xai-0123456789abcdefghij, xai-1", &[]), "Bearer ••• xai-•••, xai-1");
        assert_eq!(redact("`hermes auth add xai-grok-oauth` signs in", &[]), "`hermes auth add xai-grok-oauth` signs in");
    }
}
