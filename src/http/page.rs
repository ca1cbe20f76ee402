//! Pages that come where JSON was expected.

/// The title of a page, on one line; empty where it has none.
pub fn title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let between = |open: &str, close: &str| {
        let from = lower.find(open)?;
        let from = from + lower[from..].find('>')? + 1;
        let to = from + lower[from..].find(close)?;
        page.get(from..to)
    };
    let found = between("<title", "</title").or_else(|| between("<h1", "</h1")).unwrap_or_default();
    let mut title = found.split_whitespace().collect::<Vec<_>>().join(" ");
    for (entity, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#039;", "'"), ("&nbsp;", " "), ("&amp;", "&")]
    {
        title = title.replace(entity, sign);
    }
    title.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_found() {
        for (page, want) in [
            ("<html><title>Just a moment...</title>", "Just a moment..."),
            ("<!DOCTYPE html><HTML><TITLE lang=en>\n 502 &amp; more\n</TITLE>", "502 & more"),
            ("<html><body><h1>Sign in</h1>", "Sign in"),
            ("<html>", ""),
            ("<title", ""),
        ] {
            assert_eq!(title(page), want);
        }
    }
}
