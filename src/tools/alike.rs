//! How alike two short texts are: for the name that was meant, and the line that was meant. Work is bounded by what is compared, never
//! by what a model or a disk holds.

/// No more characters of a text are compared.
const MOST: usize = 200;

/// From 0.0, nothing in common, to 1.0, the same: one minus the share of characters that must change.
pub fn alikeness(one: &str, other: &str) -> f64 {
    let one: Vec<char> = one.chars().take(MOST).collect();
    let other: Vec<char> = other.chars().take(MOST).collect();
    let longest = one.len().max(other.len());
    if longest == 0 {
        return 1.0;
    }
    1.0 - distance(&one, &other) as f64 / longest as f64
}

/// How many characters must be put in, taken out or replaced.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (up, a) in one.iter().enumerate() {
        let mut left = up + 1;
        let mut corner = up;
        for (cell, b) in row.iter_mut().skip(1).zip(other) {
            let swapped = corner + usize::from(a != b);
            corner = *cell;
            left = swapped.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = up + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// How well `name` would do where `wanted` was asked for; a name that holds the other counts, whatever its case.
pub fn likeness_of_names(wanted: &str, name: &str) -> f64 {
    let (wanted, name) = (wanted.to_lowercase(), name.to_lowercase());
    let held = !wanted.is_empty() && !name.is_empty() && (name.contains(&wanted) || wanted.len() > 3 && wanted.contains(&name));
    alikeness(&wanted, &name).max(if held { 0.6 } else { 0.0 })
}

/// The names that may have been meant, the likeliest first.
pub fn closest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>, most: usize) -> Vec<&'n str> {
    let mut scored: Vec<(f64, &str)> = names.into_iter().map(|name| (likeness_of_names(wanted, name), name)).collect();
    scored.retain(|(score, _)| *score >= 0.5);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(most).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_by_what_must_change() {
        assert_eq!(alikeness("", ""), 1.0);
        assert_eq!(alikeness("abc", "abc"), 1.0);
        assert_eq!(alikeness("abcd", "abxd"), 0.75);
        assert_eq!(alikeness("abc", ""), 0.0);
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&chars("kitten"), &chars("sitting")), 3);
        assert_eq!(distance(&chars("ab"), &chars("xaby")), 2);
    }

    #[test]
    fn the_name_that_was_meant_comes_first() {
        assert_eq!(closest("mian.rs", ["lib.rs", "main.rs", "README"], 1), ["main.rs"]);
        assert_eq!(closest("readme", ["README.md", "main.rs"], 5), ["README.md"]);
        assert!(closest("zzz", ["main.rs"], 5).is_empty());
    }
}
