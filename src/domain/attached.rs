//! Files that go with a question: `@src/main.rs`, or `@"my notes.txt"`. The word stays in the text; what is in the file goes with it.

use std::{borrow::Cow, ops::Range, sync::Arc};

/// A file that goes with a question, as it was when the question was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its path as the person wrote it.
    pub path: String,
    /// What is in it.
    pub content: Content,
}

/// What is in a file that is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A picture as a `data:` URL, in a form that models take.
    Picture(Arc<str>),
    /// Text; of a folder the names in it.
    Text(Arc<str>),
}

/// A file that a draft names, as far as somebody has looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its path as the person wrote it.
    pub path: String,
    /// `picture, 120 kB`; or why it can't be sent, the end of a sentence.
    pub what: Result<String, String>,
}

/// What a word that is being typed could mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What was typed behind the `@`.
    pub typed: String,
    /// Paths, the best first.
    pub paths: Vec<String>,
}

/// What a model that takes no pictures is told of one that a tool gave to another.
pub const UNSEEN: &str = "A picture was shown here, which you can't see.";

/// The code of a question whose files can't all be sent.
pub const UNSENDABLE: &str = "attachment_unusable";

/// A word of a text that may name a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Where it is, from the `@` on.
    pub range: Range<usize>,
    /// The path, without `@` and quotes.
    pub path: String,
}

/// Words that may name files, in order: each begins with `@` behind a blank, or at the start.
pub fn mentions(text: &str) -> Vec<Mention> {
    let mut found = vec![];
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('@')).map(|at| from + at) {
        let (rest, before) = (&text[at + 1..], text[..at].chars().next_back());
        from = at + 1;
        if before.is_some_and(|c| !c.is_whitespace() && !matches!(c, '(' | '[' | ',')) {
            continue;
        }
        let (path, length) = match rest.strip_prefix('"') {
            Some(quoted) => match quoted.find(['"', '\n']) {
                Some(end) if quoted[end..].starts_with('"') => (&quoted[..end], end + 2),
                _ => continue,
            },
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        from += length;
        if !path.is_empty() {
            found.push(Mention { range: at..at + 1 + length, path: path.to_string() });
        }
    }
    found
}

/// A path as a word that attaches it.
pub fn mention(path: &str) -> String {
    // one that holds quotes, too, can't be written down
    if path.contains(char::is_whitespace) && !path.contains('"') { format!("@\"{path}\"") } else { format!("@{path}") }
}

/// What stands at the end of a sentence rather than of a path.
pub fn without_stop(path: &str) -> &str {
    path.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '"'])
}

/// The text of a question with the files that go with it; `sees` says whether the model is sent the pictures.
pub fn told<'a>(text: &'a str, files: &[Attached], sees: bool) -> Cow<'a, str> {
    let mut whole = Cow::Borrowed(text);
    for file in files {
        match &file.content {
            Content::Text(content) => {
                let fence = fence(content);
                let end = if content.ends_with('\n') { "" } else { "\n" };
                whole.to_mut().push_str(&format!("\n\nAttached, `{}`:\n{fence}\n{content}{end}{fence}", file.path));
            }
            Content::Picture(_) if sees => whole.to_mut().push_str(&format!("\n\n[Image attached at: {}]", file.path)),
            Content::Picture(_) => whole.to_mut().push_str(&format!("\n\n[Image at {}, which you can't see]", file.path)),
        }
    }
    whole
}

/// A fence that the text does not hold.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// `120 kB`
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// The pictures among files that are attached, as `data:` URLs.
pub fn pictures(files: &[Attached]) -> impl Iterator<Item = &Arc<str>> {
    files.iter().filter_map(|file| match &file.content {
        Content::Picture(url) => Some(url),
        Content::Text(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_an_at_may_be_a_file_and_an_address_is_none() {
        let paths = |text: &str| mentions(text).into_iter().map(|m| (text[m.range].to_string(), m.path)).collect::<Vec<_>>();
        let one = |word: &str, path: &str| vec![(word.to_string(), path.to_string())];
        assert_eq!(paths("see @src/main.rs please"), one("@src/main.rs", "src/main.rs"));
        assert_eq!(paths("@\"my notes.txt\"?"), one("@\"my notes.txt\"", "my notes.txt"));
        assert_eq!(paths("(@a.png)"), one("@a.png)", "a.png)"));
        assert_eq!(paths("me@example.org @ @\"open\n@"), []);
        assert_eq!(paths("@a\n@b,@c").len(), 2);
        assert_eq!((mention("a b"), mention("a")), ("@\"a b\"".into(), "@a".into()));
        assert_eq!(without_stop("a.png)."), "a.png");
        for path in ["a b.png", "a.png", "/x/ä"] {
            assert_eq!(mentions(&mention(path))[0].path, path);
        }
    }

    #[test]
    fn a_file_is_told_in_a_fence_that_it_does_not_hold() {
        let text = |path: &str, text: &str| Attached { path: path.into(), content: Content::Text(text.into()) };
        assert_eq!(told("x", &[], true), "x");
        assert_eq!(told("x", &[text("a", "````\n")], true), "x\n\nAttached, `a`:\n`````\n````\n`````");
        let picture = Attached { path: "p".into(), content: Content::Picture("data:".into()) };
        assert_eq!(told("x", std::slice::from_ref(&picture), true), "x\n\n[Image attached at: p]");
        assert!(told("x", &[picture], false).contains("can't see"));
    }
}
