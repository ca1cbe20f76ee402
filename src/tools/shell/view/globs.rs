//! Names with `*` in them.

/// Whether a name fits a pattern in which each `*` stands for any number of characters.
#[cfg(any(test, target_os = "linux"))]
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        // the leftmost place leaves the most room for the others
        match name.split_once(part) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    name.ends_with(last)
}

/// The parts of each pattern; what is empty or leads upwards is left out.
pub(crate) fn parts(patterns: &[String]) -> Vec<Vec<&str>> {
    let mut all = Vec::new();
    for pattern in patterns {
        let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if !pattern.is_empty() && !pattern.contains(&"..") {
            all.push(pattern);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, fit) in [
            ("auth.json*", "auth.json", true),
            ("auth.json*", "auth.json.lock", true),
            ("auth.json*", "auth.jso", false),
            (".env*", "x.env", false),
            ("*.key", "a.key", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "ac", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("plain", "plain", true),
            ("plain", "plainer", false),
        ] {
            assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
        }
    }
}
