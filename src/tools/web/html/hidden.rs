//! Which elements people don't see. Instructions to a model are hidden there.

/// Does this style hide what it is put on?
pub(super) fn is_hiding(style: &str) -> bool {
    let style = without_comments(style).to_ascii_lowercase();
    style.split(';').any(|rule| {
        let Some((name, value)) = rule.split_once(':') else { return false };
        let value = value.split('!').next().unwrap_or("").trim();
        match name.trim() {
            "display" => value == "none",
            "visibility" => matches!(value, "hidden" | "collapse"),
            "content-visibility" => value == "hidden",
            "opacity" | "font-size" => is_nothing(value),
            _ => false,
        }
    })
}

/// `0`, `0.0`, `0px`, `0%`
fn is_nothing(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    number.parse::<f64>().is_ok_and(|number| number == 0.0)
}

fn without_comments(style: &str) -> String {
    let mut kept = String::new();
    let mut rest = style;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::is_hiding;

    #[test]
    fn styles_that_hide() {
        for style in [
            "display:none",
            " color:red; DISPLAY : None !important",
            "dis/**/play:none",
            "visibility:hidden",
            "opacity:0",
            "font-size: 0.0px",
        ] {
            assert!(is_hiding(style), "{style}");
        }
        for style in
            ["", "display:block", "opacity:0.5", "font-size:10px", "x-display:none", "content:'display'", "/*display:none*/", "display"]
        {
            assert!(!is_hiding(style), "{style}");
        }
    }
}
