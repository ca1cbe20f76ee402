//! Variables of the process, and below them those of `.env`.

use crate::{domain::secret::is_named_secret, files::read};
use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

/// Variables that programs write into `.env`, one behind the other: a line in which the next one begins lost its line break.
pub const WRITTEN: &[&str] = &[
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_TOKEN",
    "CUSTOM_API_KEY",
    "CUSTOM_BASE_URL",
    "DEEPSEEK_API_KEY",
    "DEEPSEEK_BASE_URL",
    "FAL_KEY",
    "GEMINI_API_KEY",
    "GEMINI_BASE_URL",
    "GOOGLE_API_KEY",
    "GROQ_API_KEY",
    "GROQ_BASE_URL",
    "HERMES_XAI_BASE_URL",
    "LMSTUDIO_BASE_URL",
    "MISTRAL_API_KEY",
    "MISTRAL_BASE_URL",
    "OLLAMA_BASE_URL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENROUTER_API_KEY",
    "OPENROUTER_BASE_URL",
    "XAI_API_KEY",
    "XAI_BASE_URL",
];

/// Variables by name. The process wins over the file; an empty variable counts as unset.
#[derive(Clone, Default)]
pub struct Environment {
    process: HashMap<String, String>,
    file: HashMap<String, String>,
    /// What was written into the file by this program since; the newest counts. All that come from one start share it.
    late: Arc<RwLock<Vec<Late>>>,
    /// Why the file was not read; the end of a sentence.
    problem: Option<String>,
}

/// A variable that was written while the program ran. It lives as long as the program: a few bytes for each key that somebody pastes.
type Late = (&'static str, &'static str);

/// The values may be keys: they are not shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("variables", &self.process.len()).field("file", &self.file.len()).finish_non_exhaustive()
    }
}

impl Environment {
    /// The variables of this process.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn of_process() -> Self {
        let process = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
        Self { process, ..Self::default() }
    }
    /// Variables that are given, for tests and for simulated systems.
    pub fn of(variables: &[(&str, &str)]) -> Self {
        Self { process: variables.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(), ..Self::default() }
    }
    /// With some variables replaced.
    pub fn with(mut self, variables: &[(&str, &str)]) -> Self {
        self.process.extend(variables.iter().map(|(k, v)| (k.to_string(), v.to_string())));
        self
    }
    /// Without some variables.
    pub fn without(mut self, names: &[&str]) -> Self {
        for name in names {
            self.process.remove(*name);
            self.file.remove(*name);
        }
        let late = self.late().into_iter().filter(|(name, _)| !names.contains(name)).collect();
        self.late = Arc::new(RwLock::new(late));
        self
    }
    /// Adds the variables of a `.env` file; a missing file has none, and one that can't be read is a problem.
    pub fn with_file(mut self, path: &Path) -> Self {
        match read::text(path) {
            Ok(text) => self.file = expanded(lines(&text), &self.process),
            Err(read::Error::Missing) => {}
            Err(error) => self.problem = Some(error.to_string()),
        }
        self
    }
    /// Why the variables of the file are not known, where they are not.
    pub fn file_problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }
    /// Whether the process was started with a variable.
    pub fn is_exported(&self, name: &str) -> bool {
        self.process.get(name).is_some_and(|value| !value.trim().is_empty())
    }
    fn late(&self) -> Vec<Late> {
        self.late.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// A variable was written into the file, and counts from here on.
    pub fn written(&self, name: &'static str, value: &str) {
        let value: &'static str = Box::leak(value.to_string().into_boxed_str());
        self.late.write().unwrap_or_else(PoisonError::into_inner).push((name, value));
    }
    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let late = || self.late().into_iter().rev().find(|(there, _)| *there == name).map(|(_, value)| value);
        let written = || late().or_else(|| self.file.get(name).map(String::as_str));
        self.process.get(name).map(String::as_str).or_else(written).filter(|v| !v.trim().is_empty())
    }
    /// The first of several that is set, with its name.
    pub fn first<'a>(&self, names: &[&'a str]) -> Option<(&'a str, &str)> {
        names.iter().find_map(|name| self.get(name).map(|value| (*name, value)))
    }
    /// What a program that we start for a model is given: nothing whose name says that it is secret, and nothing of the file.
    pub fn for_tools(&self) -> impl Iterator<Item = (&str, &str)> {
        let plain = |(name, _): &(&String, &String)| !is_named_secret(name);
        self.process.iter().filter(plain).map(|(name, value)| (name.as_str(), value.as_str()))
    }
    /// Values that must not be shown, by the names of their variables.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let all = self.process.iter().chain(&self.file);
        let known = all.map(|(name, value)| (name.as_str(), value.as_str())).chain(self.late());
        known.filter(|(name, _)| is_named_secret(name)).map(|(_, value)| value)
    }
    /// Variables that the file and the process set to different values.
    pub fn overridden(&self) -> Vec<&str> {
        let differs = |(name, value): &(&String, &String)| self.process.get(*name).is_some_and(|p| p != *value);
        let mut names: Vec<&str> = self.file.iter().filter(differs).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
    /// Whether the variable exists at all, even empty.
    pub fn has(&self, name: &str) -> bool {
        self.process.contains_key(name)
    }
}

/// `NAME=value` lines, with `export`, quotes, escapes and comments, as python-dotenv reads them: a value in quotes may go on over
/// lines, `\"` and the like stand for what they mean in double quotes, `\'` and `\\` in single ones. Variables of `WRITTEN` that stand
/// behind one another in one line, without quotes, are taken apart, as Hermes Agent does (`docs/files.md` 4).
pub(super) fn parse(text: &str) -> HashMap<String, String> {
    lines(text).into_iter().map(|line| (line.name.to_string(), line.value)).collect()
}

/// The text with a line for each variable.
pub(super) fn unglued(text: &str) -> Cow<'_, str> {
    let mut apart = String::new();
    let mut done = 0;
    for line in lines(text).iter().filter(|line| line.glued) {
        apart.push_str(text[done..line.begin].trim_end_matches([' ', '\t']));
        apart.push('\n');
        done = line.begin;
    }
    if done == 0 { Cow::Borrowed(text) } else { Cow::Owned(apart + &text[done..]) }
}

/// A variable of a file.
struct Line<'a> {
    name: &'a str,
    value: String,
    /// Where it begins in the text.
    begin: usize,
    /// The line of the variable before it goes on with this one.
    glued: bool,
}

/// In the order of the file; a name that stands twice counts with its last value.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut found = vec![];
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let mut rest = text.trim_start_matches('\u{feff}');
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let (mut part, mut glued) = (line.trim_end(), false);
        // where what is not in quotes ends, in all parts of the line
        let mut end = None;
        while let Some((name, value)) = assignment(part).filter(|(name, _)| !name.starts_with('#')) {
            let (begin, value) = (offset(part), value.trim_start());
            let from = offset(value);
            let in_quotes = value.chars().next().filter(|c| ['"', '\''].contains(c)).and_then(|quote| quoted(&text[from + 1..], quote));
            if let Some((value, length)) = in_quotes {
                // what follows the closing quote on its line is a comment
                rest = text[from + 1 + length..].split_once('\n').map_or("", |(_, rest)| rest);
                found.push(Line { name, value, begin, glued });
                break;
            }
            // a quote that is never closed is a character
            let end = *end.get_or_insert_with(|| from + bare(value).len());
            let value = text.get(from..end).unwrap_or_default();
            let next = next_written(value).filter(|_| WRITTEN.contains(&name));
            let own = value[..next.unwrap_or(value.len())].trim_end();
            found.push(Line { name, value: own.to_string(), begin, glued });
            let Some(next) = next else { break };
            (part, glued) = (&part[from + next - begin..], true);
        }
    }
    found
}

/// Where in a value the next variable of `WRITTEN` begins.
fn next_written(value: &str) -> Option<usize> {
    value.match_indices('=').find_map(|(at, _)| {
        let before = &value[..at];
        let begin = WRITTEN.iter().filter(|name| before.ends_with(**name)).map(|name| at - name.len()).min()?;
        (!before[..begin].ends_with('_')).then_some(begin)
    })
}

/// What stands above a line of the file, and the process, take the place of `${NAME}`; `${NAME:-else}` where there is none (python-dotenv,
/// which Hermes Agent starts with, expands in all quotes).
fn expanded(lines: Vec<Line>, process: &HashMap<String, String>) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for Line { name, value, .. } in lines {
        let value = expand(&value, |name| found.get(name).or_else(|| process.get(name)).cloned());
        found.insert(name.to_string(), value);
    }
    found
}

fn expand(value: &str, known: impl Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::new();
    let mut rest = value;
    while let Some((before, (name, after))) = rest.split_once("${").and_then(|(before, from)| Some((before, from.split_once('}')?))) {
        let (name, otherwise) = name.split_once(":-").unwrap_or((name, ""));
        expanded.push_str(before);
        expanded.push_str(&known(name).unwrap_or_else(|| otherwise.to_string()));
        rest = after;
    }
    expanded + rest
}

/// The name and the value that a line gives it, as it stands there.
pub(super) fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(line);
    line.split_once('=').map(|(name, value)| (name.trim(), value))
}

/// Whether a value is read as it stands there, and nothing takes the place of a part of it.
pub(super) fn is_literal(value: &str) -> bool {
    expand(value, |_| None) == value
}

fn bare(value: &str) -> &str {
    if value.starts_with('#') { &value[..0] } else { value.split(" #").next().unwrap_or_default().trim_end() }
}

/// A value up to its closing quote, and how many bytes it took with that.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((value, at + c.len_utf8())),
            '\\' => match (chars.next()?.1, quote) {
                (c @ ('\\' | '\''), '\'') | (c @ ('\\' | '\'' | '"'), '"') => value.push(c),
                ('n', '"') => value.push('\n'),
                ('r', '"') => value.push('\r'),
                ('t', '"') => value.push('\t'),
                (other, _) => value.extend(['\\', other]),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_meanwhile_counts_at_once_and_below_the_process() {
        let environment = Environment::of(&[("SET", "process")]);
        let other = environment.clone();
        for (name, value) in [("SET", "late"), ("XAI_API_KEY", "one"), ("XAI_API_KEY", "two")] {
            environment.written(name, value);
        }
        assert_eq!((other.get("SET"), other.get("XAI_API_KEY")), (Some("process"), Some("two")));
        assert!(other.secrets().any(|value| value == "two"));
        assert_eq!(other.clone().without(&["XAI_API_KEY"]).get("XAI_API_KEY"), None);
        assert_eq!(other.get("XAI_API_KEY"), Some("two"), "the others have it all the same");
    }

    #[test]
    fn a_file_of_variables_is_read() {
        let read = parse("\u{feff}# note\nexport A=1\nB = \"two words\" # why\nC=x # y\nD='#1'\nE=\n");
        let get = |n: &str| read.get(n).map(String::as_str);
        assert_eq!([get("A"), get("B"), get("C"), get("D"), get("E")], [Some("1"), Some("two words"), Some("x"), Some("#1"), Some("")]);
        let read = parse("A=\"a\\\"b\\\\c\" # d\nB='it\\'s'\nC=\"one\ntwo\"\nD=\"open\nE=#no\n");
        let get = |n: &str| read.get(n).map(String::as_str);
        assert_eq!(
            [get("A"), get("B"), get("C"), get("D"), get("E")],
            [Some("a\"b\\c"), Some("it's"), Some("one\ntwo"), Some("\"open"), Some("")]
        );
        let read = parse("D='#1'\nE=\n");
        assert_eq!(Environment { file: read, ..Environment::default() }.get("E"), None);
    }

    #[test]
    fn variables_that_were_glued_together_are_taken_apart() {
        let apart = |text: &str| unglued(text).into_owned();
        assert_eq!(
            apart("OPENAI_API_KEY=sk-aXAI_API_KEY=xai-bGROQ_BASE_URL=https://g/v1\nA=1\n"),
            "OPENAI_API_KEY=sk-a\nXAI_API_KEY=xai-b\nGROQ_BASE_URL=https://g/v1\nA=1\n"
        );
        assert_eq!(
            apart("\u{feff}export OPENAI_API_KEY=a XAI_API_KEY=\"b c\" # d"),
            "\u{feff}export OPENAI_API_KEY=a\nXAI_API_KEY=\"b c\" # d"
        );
        assert_eq!(apart("OPENAI_API_KEY=aXAI_API_KEY= # b"), "OPENAI_API_KEY=a\nXAI_API_KEY= # b");
        assert_eq!(apart("OPENAI_API_KEY=aXAI_API_KEY=#b\nA=1"), "OPENAI_API_KEY=a\nXAI_API_KEY=#b\nA=1");
        for whole in [
            "OPENAI_API_KEY=\"aXAI_API_KEY=b\"",
            "OPENAI_API_KEY=a # XAI_API_KEY=b",
            "# OPENAI_API_KEY=aXAI_API_KEY=b",
            "MINE=aXAI_API_KEY=b",
            "OPENAI_API_KEY=aMY_XAI_API_KEY=b",
            "OPENAI_API_KEY=a=\nXAI_API_KEY=b\n",
            "OPENAI_API_KEY=é=日XAI_API_KEY\n",
            "A=\"one\nOPENAI_API_KEY=aXAI_API_KEY=b\n\"\n",
        ] {
            assert_eq!(apart(whole), whole);
        }
        assert_eq!(parse("OPENAI_API_KEY=aXAI_API_KEY=b").get("XAI_API_KEY").map(String::as_str), Some("b"));
    }

    #[test]
    fn names_in_values_stand_for_what_is_above_them_or_in_the_process() {
        let process = HashMap::from([("P".to_string(), "p".to_string()), ("A".into(), "not this".into())]);
        let text = "A=1\nA=2\nB=${A}-${P}-${NO}-${NO:-else}-${B}\nC='${A}'\nD=$A ${A ${\nA=3\nE=${A}${A:-x}\n";
        let read = expanded(lines(text), &process);
        let get = |n: &str| read.get(n).map(String::as_str);
        assert_eq!([get("A"), get("B"), get("C")], [Some("3"), Some("2-p--else-"), Some("2")]);
        assert_eq!([get("D"), get("E")], [Some("$A ${A ${"), Some("33")]);
        assert!(is_literal("a$b{c}${") && !is_literal("a${b}"));
    }
}
