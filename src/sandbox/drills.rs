//! Orders that are carried out exactly, for tests and measurements (`assets/demo/drills.md`). Nothing is random.

/// An order found in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drill {
    /// So many deltas.
    Stream {
        /// How many.
        deltas: usize,
        /// Of Markdown, rather than of words.
        markdown: bool,
        /// So many a second, or as fast as they go.
        rate: Option<u64>,
    },
    /// So many characters of Markdown.
    Characters(usize),
    /// So many words of prose.
    Words(usize),
    /// Exactly this.
    Say(String),
}

/// Finds an order in a message.
pub fn find(message: &str) -> Option<Drill> {
    let lower = message.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let number = |text: &str| text.replace([',', '_'], "").parse::<usize>().ok();
    for (at, pair) in words.windows(3).enumerate() {
        let Some(count) = number(pair[1]).filter(|n| *n <= 2_000_000) else { continue };
        let rest = &words[at + 3..];
        let markdown = rest.starts_with(&["of", "markdown"]);
        match (pair[0], pair[2].trim_end_matches(['.', ','])) {
            ("stream", "words") => {
                let pace = if markdown { &rest[2..] } else { rest };
                let rate = match pace {
                    ["at", rate, "a", "second", ..] => number(rate).and_then(|r| u64::try_from(r).ok()).filter(|r| *r > 0),
                    _ => None,
                };
                return Some(Drill::Stream { deltas: count, markdown, rate });
            }
            ("write", "characters") if markdown => return Some(Drill::Characters(count)),
            ("write", "words") => return Some(Drill::Words(count)),
            _ => {}
        }
    }
    let said = message.trim_start().strip_prefix("say ")?;
    Some(Drill::Say(said.trim_end().to_string()))
}

const WORDS: [&str; 40] = [
    "the",
    "river",
    "runs",
    "slowly",
    "past",
    "old",
    "stone",
    "houses",
    "and",
    "a",
    "bridge",
    "of",
    "grey",
    "granite",
    "where",
    "people",
    "stop",
    "to",
    "watch",
    "boats",
    "go",
    "by",
    "in",
    "evening",
    "light",
    "while",
    "somebody",
    "plays",
    "an",
    "accordion",
    "under",
    "tall",
    "trees",
    "that",
    "lean",
    "over",
    "quiet",
    "water",
    "like",
    "listeners",
];

/// `count` words, one at a time, in paragraphs; the last is `fin.`
pub fn words(count: usize) -> impl Iterator<Item = String> + Send {
    (0..count).map(move |n| match n {
        n if n + 1 == count => "fin.".to_string(),
        n if n % 80 == 79 => format!("{}.\n\n", WORDS[n * 7 % 40]),
        n if n % 13 == 12 => format!("{}. ", WORDS[n * 7 % 40]),
        n => format!("{} ", WORDS[n * 7 % 40]),
    })
}

/// One section of generated Markdown.
fn section(number: usize) -> String {
    let prose = |from: usize, count: usize| (from..from + count).map(|n| WORDS[n * 7 % 40]).collect::<Vec<_>>().join(" ");
    let mut text =
        format!("## Part {number}\n\nIt begins: {}, **and then** {}, with `code` in it.\n\n", prose(number, 30), prose(number + 5, 14));
    match number % 3 {
        0 => text.push_str(&format!("- {}\n- {}\n- *{}*\n\n", prose(number, 9), prose(number + 3, 12), prose(number + 1, 5))),
        1 => text.push_str(&format!(
            "```rust\nfn part_{number}(n: u32) -> u32 {{\n    let next = n * {number} + 1; // {}\n    next.pow(2)\n}}\n```\n\n",
            prose(number, 4)
        )),
        _ => text.push_str(&format!(
            "| name | {number} |\n|------|-----:|\n| {} | {} |\n| {} | 7 |\n\n",
            prose(number, 2),
            number * 3,
            prose(number + 2, 2)
        )),
    }
    text.push_str(&format!("{}.\n\n", prose(number + 11, 40)));
    text
}

/// `count` pieces of Markdown of some five characters; the last is `fin.`
pub fn markdown(count: usize) -> impl Iterator<Item = String> + Send {
    let mut pieces = (1..).flat_map(|number| {
        let letters: Vec<char> = section(number).chars().collect();
        letters.chunks(5).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>()
    });
    (0..count).map(move |n| if n + 1 == count { "\n\nfin.".to_string() } else { pieces.next().unwrap_or_default() })
}

/// `count` characters of Markdown, `fin.` at their end, in some thirty pieces.
pub fn characters(count: usize) -> impl Iterator<Item = String> + Send {
    let mut text = String::new();
    let mut number = 1;
    while text.chars().count() < count {
        text.push_str(&section(number));
        number += 1;
    }
    let mut letters: Vec<char> = text.chars().take(count.saturating_sub(6)).collect();
    letters.extend("\n\nfin.".chars());
    let piece = letters.len().div_ceil(30).max(1);
    letters.chunks(piece).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_found() {
        assert_eq!(find("please stream 20,000 words"), Some(Drill::Stream { deltas: 20_000, markdown: false, rate: None }));
        assert_eq!(
            find("Stream 100 words of markdown at 200 a second"),
            Some(Drill::Stream { deltas: 100, markdown: true, rate: Some(200) })
        );
        assert_eq!(find("write 4000 characters of markdown"), Some(Drill::Characters(4000)));
        assert_eq!(find("write 200 words"), Some(Drill::Words(200)));
        assert_eq!(find("say  two\nlines "), Some(Drill::Say(" two\nlines".into())));
        assert_eq!(find("what do you say to that?"), None);
    }

    #[test]
    fn drills_are_exact() {
        assert_eq!((words(500).count(), words(500).last().as_deref()), (500, Some("fin.")));
        assert_eq!((markdown(900).count(), markdown(900).last().as_deref()), (900, Some("\n\nfin.")));
        let text: String = characters(4000).collect();
        assert_eq!((text.chars().count(), text.ends_with("fin.")), (4000, true));
    }
}
