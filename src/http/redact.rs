//! Masks secrets in what is shown or logged.

/// What stands where a secret stood.
pub const MASK: &str = "•••";

/// `text` without the given secrets, and without anything that looks like a bearer token, an xAI key, a refresh token or a JWT.
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut clean = text.to_string();
    for secret in secrets.iter().filter(|s| s.len() > 3) {
        clean = clean.replace(secret, MASK);
    }
    // keys of xAI are long and without a hyphen: `xai-grok-oauth` is the name of a provider
    for (mark, signs, shortest, keeps) in
        [("Bearer ", "-_.~+/=", 8, true), ("xai-", "_", 20, true), ("rt-", "-_.", 16, false), ("eyJ", "-_.", 40, false)]
    {
        let mut from = 0;
        while let Some(at) = clean.get(from..).and_then(|rest| rest.find(mark)).map(|n| from + n) {
            let start = at + mark.len();
            let length = clean[start..].find(|c: char| !c.is_ascii_alphanumeric() && !signs.contains(c)).unwrap_or(clean.len() - start);
            let is_word = !clean[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            from = start;
            if length >= shortest && (is_word || keeps) {
                let begin = if keeps { start } else { at };
                clean.replace_range(begin..start + length, MASK);
                from = begin + MASK.len();
            }
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
        let jwt = format!("eyJ{}.eyJ{}.c2ln", "a".repeat(30), "b".repeat(30));
        assert_eq!(
            redact(&format!("token {jwt} and rt-0123456789abcdef0 in part-0123456789abcdef"), &[]),
            "token ••• and ••• in part-0123456789abcdef"
        );
        assert_eq!(redact("`hermes auth add xai-grok-oauth` signs in", &[]), "`hermes auth add xai-grok-oauth` signs in");
    }
}
