//! Masks secrets in what is shown or logged.

/// `text` without the given secrets, and without anything that looks like a bearer token or an xAI key.
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut clean = text.to_string();
    for secret in secrets.iter().filter(|s| s.len() > 3) {
        clean = clean.replace(secret, "•••");
    }
    for mark in ["Bearer ", "xai-"] {
        let mut from = 0;
        while let Some(at) = clean.get(from..).and_then(|rest| rest.find(mark)).map(|n| from + n) {
            let start = at + mark.len();
            let length = clean[start..].find(|c: char| !c.is_ascii_alphanumeric() && !"-_.~+/=".contains(c)).unwrap_or(clean.len() - start);
            if length >= 8 {
                clean.replace_range(start..start + length, "•••");
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
        assert_eq!(redact("Bearer abcdefghijk. xai-0123456789abc, xai-1", &[]), "Bearer ••• xai-•••, xai-1");
    }
}
