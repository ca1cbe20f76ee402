//! Replacing one text in another. The match must be exact, for a near one may be another place; only line ends are forgiven, because a
//! model doesn't see them.

use super::{Refusal, hint};
use crate::tools::file::disk;

/// So many line numbers of matches are named.
const MOST_NAMED: usize = 20;

/// The text with `old` replaced by `new`: once, or everywhere when `all` is set.
pub fn replaced(name: &str, before: &str, old: &str, new: &str, all: bool) -> Result<String, Refusal> {
    if old.is_empty() {
        return Err("`old_string` is empty; it must be the text that is replaced. write_file replaces a whole file.".to_string().into());
    }
    if old == new {
        return Err("`old_string` and `new_string` are the same, so nothing would change.".to_string().into());
    }
    let (old, new) = with_line_ends_of(before, old, new);
    let places = if all { occurrences(before, &old, false, usize::MAX) } else { occurrences(before, &old, true, MOST_NAMED + 1) };
    match places.len() {
        0 => {
            let error = format!("`old_string` was not found in `{name}`. It must be an exact copy, with every space and line break.");
            return Err(Refusal { error, hint: hint::most_similar(before, &old) });
        }
        1 => {}
        _ if all => {}
        _ => return Err(ambiguous(name, before, &places).into()),
    }
    let after = substituted(before, &old, &new, &places);
    if after.len() as u64 > disk::LARGEST {
        return Err(format!("`{name}` would grow beyond {} MiB.", disk::LARGEST >> 20).into());
    }
    if after == before {
        return Err(format!("Nothing in `{name}` would change.").into());
    }
    Ok(after)
}

/// In a file whose lines end in CRLF, texts with plain line breaks mean those. In a file with both, only when nothing else matches.
fn with_line_ends_of(before: &str, old: &str, new: &str) -> (String, String) {
    let breaks = before.matches('\n').count();
    let windows = before.matches("\r\n").count();
    let plain = |text: &str| text.replace("\r\n", "\n");
    let crlf = |text: &str| plain(text).replace('\n', "\r\n");
    let only_crlf = windows > 0 && windows == breaks;
    let as_is = || (old.to_string(), new.to_string());
    if only_crlf {
        return if old.contains('\n') { (crlf(old), crlf(new)) } else { (old.into(), crlf(new)) };
    }
    if windows > 0 && !old.contains("\r\n") && old.contains('\n') && occurrences(before, old, false, 1).is_empty() {
        return (crlf(old), crlf(new));
    }
    as_is()
}

/// The first `most` places where a text begins in another. Overlapping ones count when one is asked for, being as ambiguous as any; not
/// without bound, for each of them costs the length of the text.
fn occurrences(text: &str, wanted: &str, overlapping: bool, most: usize) -> Vec<usize> {
    let mut places = Vec::new();
    let mut from = 0;
    let step = if overlapping { wanted.chars().next().map_or(1, char::len_utf8) } else { wanted.len().max(1) };
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(wanted)) {
        let at = from + at;
        // the second half of a CRLF is no place to begin
        let splits = wanted.starts_with('\n') && text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'\r');
        if !splits {
            places.push(at);
            if places.len() >= most {
                break;
            }
        }
        from = at + step;
    }
    places
}

fn substituted(before: &str, old: &str, new: &str, places: &[usize]) -> String {
    let mut after = String::with_capacity(before.len() + new.len());
    let mut from = 0;
    for at in places {
        after.push_str(before.get(from..*at).unwrap_or_default());
        after.push_str(new);
        from = at + old.len();
    }
    after.push_str(before.get(from..).unwrap_or_default());
    after
}

fn ambiguous(name: &str, before: &str, places: &[usize]) -> String {
    let mut numbers = Vec::new();
    let (mut line, mut from) = (1, 0);
    for at in places.iter().take(MOST_NAMED) {
        line += before.get(from..*at).map_or(0, |between| between.matches('\n').count());
        from = *at;
        numbers.push(line.to_string());
    }
    let many = if places.len() > MOST_NAMED { format!("more than {MOST_NAMED}") } else { places.len().to_string() };
    format!(
        "`old_string` was found {many} times in `{name}`, in lines {}. Add lines around it until it is the only one, or set `replace_all` \
         to replace all of them.",
        numbers.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn once(before: &str, old: &str, new: &str) -> Result<String, Refusal> {
        replaced("f", before, old, new, false)
    }

    #[test]
    fn one_exact_match_is_replaced() {
        assert_eq!(once("a b c", "b", "x").unwrap(), "a x c");
        assert_eq!(once("a\nb", "b", "").unwrap(), "a\n");
        assert_eq!(once("ä🦀ö", "🦀", "crab").unwrap(), "äcrabö");
        assert!(once("a", "", "x").unwrap_err().error.contains("empty"));
        assert!(once("a", "a", "a").unwrap_err().error.contains("the same"));
        assert!(once("a", "A", "b").unwrap_err().error.contains("not found"));
    }

    #[test]
    fn several_matches_are_named_or_all_replaced() {
        let error = once("x\ny\nx\n", "x", "z").unwrap_err().error;
        assert!(error.contains("found 2 times in `f`, in lines 1, 3."), "{error}");
        assert!(once("aaa", "aa", "b").unwrap_err().error.contains("2 times"), "overlapping ones count");
        assert_eq!(replaced("f", "x\ny\nx\n", "x", "z", true).unwrap(), "z\ny\nz\n");
        assert_eq!(replaced("f", "aaaaa", "aa", "b", true).unwrap(), "bba");
        assert!(once(&"x\n".repeat(30), "x", "z").unwrap_err().error.contains("more than 20 times"));
    }

    #[test]
    fn line_ends_of_the_file_are_kept() {
        assert_eq!(once("a\r\nb\r\nc\r\n", "a\nb", "x\ny").unwrap(), "x\r\ny\r\nc\r\n");
        assert_eq!(once("a\r\nb\r\n", "b", "x\ny").unwrap(), "a\r\nx\r\ny\r\n");
        assert_eq!(once("a\r\nb\r\n", "\nb", "\nc").unwrap(), "a\r\nc\r\n");
        assert_eq!(once("a\r\nb\r\n", "a\r\nb", "x\r\ny").unwrap(), "x\r\ny\r\n");
        // both kinds in one file: the exact one first
        assert_eq!(once("a\nb\r\na\r\nb\n", "a\nb", "x\ny").unwrap(), "x\ny\r\na\r\nb\n");
        assert_eq!(once("c\na\r\nb\r\n", "a\nb", "x\ny").unwrap(), "c\nx\r\ny\r\n");
        assert!(once("a\nb\n", "a\r\nb", "x").unwrap_err().hint.unwrap().contains("line ends"));
    }
}
