//! The view on macOS: a profile for `sandbox-exec` that denies reading and writing below the hidden paths.

use super::{View, globs::parts};

/// The words before the shell's.
#[cfg(not(target_os = "linux"))]
pub(crate) fn words(view: &View) -> Vec<std::ffi::OsString> {
    vec!["/usr/bin/sandbox-exec".into(), "-p".into(), profile(view).into()]
}

/// The profile. The system compares the real path of what is opened, whatever link or `..` led there.
fn profile(view: &View) -> String {
    let real = |path: &std::path::Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.into()).to_string_lossy().into_owned();
    let folder = expression(&real(&view.folder));
    let mut rules = String::new();
    for pattern in parts(&view.hidden) {
        let pattern = pattern.iter().map(|part| expression(part)).collect::<Vec<_>>().join("/");
        rules.push_str(&format!(" (regex #\"^{folder}/{pattern}(/|$)\")"));
    }
    for path in &view.also {
        rules.push_str(&format!(" (regex #\"^{}(/|$)\")", expression(&real(path))));
    }
    match rules.is_empty() {
        true => "(version 1)(allow default)".into(),
        // links are denied with the writing of the source, and a folder above can't be moved away from under the rule
        false => format!(
            "(version 1)(allow default)(deny file-read* file-write*{rules})(deny file-write-unlink (literal \"{}\"))",
            real(&view.folder).replace(['"', '\\'], "")
        ),
    }
}

/// A regular expression for a name with `*`, in which a quote can't end the text of the rule.
fn expression(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        match letter {
            '*' => text.push_str("[^/]*"),
            '"' => text.push('.'),
            letter if letter.is_alphanumeric() || "/_- ".contains(letter) || !letter.is_ascii() => text.push(letter),
            letter => text.extend(['[', letter, ']']),
        }
    }
    // in brackets these two would mean something else
    text.replace("[^]", "\\^").replace("[\\]", "\\\\").replace("[]]", "\\]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_names_everything_hidden() {
        let view =
            View { folder: "/nowhere/.her\"mes".into(), hidden: vec!["auth.json*".into(), "a/*.key".into()], also: vec!["/x/y".into()] };
        let text = profile(&view);
        assert!(text.contains("(regex #\"^/nowhere/[.]her.mes/auth[.]json[^/]*(/|$)\")"), "{text}");
        assert!(text.contains("/a/[^/]*[.]key(/|$)") && text.contains("(regex #\"^/x/y(/|$)\")"), "{text}");
    }
}
