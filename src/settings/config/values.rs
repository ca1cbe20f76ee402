//! Values of the configuration, in every spelling that people use; one that can't be used is named with its line.

use super::Strategy;
use crate::domain::{catalog::Transport, facts::Theme, secret::Secret};
use serde_yaml::Value;
use std::{collections::HashMap, time::Duration};

/// Keys by which Hermes Agent goes on elsewhere, and we do not.
const NOT_OURS: &[&str] = &["fallback_model", "fallback_providers", "model.fallback_model", "model.fallbacks"];

/// Reads values, and notes those that can't be used.
pub(super) struct Values<'a> {
    pub root: &'a Value,
    pub text: &'a str,
    pub problems: &'a mut Vec<String>,
}

impl Values<'_> {
    /// The first of several spellings that is there.
    pub fn first<T>(&mut self, paths: &[&str], read: fn(&Value) -> Result<Option<T>, &'static str>) -> Option<T> {
        paths.iter().find_map(|path| self.value(path, read))
    }
    /// What Hermes Agent understands and this program does not is said, not passed over.
    pub fn not_ours(&mut self) {
        let is_set = |path: &&&str| {
            let value = path.split('.').try_fold(self.root, |value, key| value.get(key));
            value.is_some_and(|value| !matches!(value, Value::Null) && value.as_sequence().is_none_or(|list| !list.is_empty()))
        };
        let found: Vec<&str> = NOT_OURS.iter().filter(is_set).copied().collect();
        found
            .into_iter()
            .for_each(|path| self.problem(path, "is understood by Hermes Agent alone: nobody else is asked when a model fails".into()));
    }
    pub fn problem(&mut self, path: &str, what: String) {
        self.problems.push(format!("{}`{path}` {what}", at_line(line_of(self.text, path))));
    }
    /// The value at a path, when it is there and `read` understands it.
    pub fn value<T>(&mut self, path: &str, read: fn(&Value) -> Result<Option<T>, &'static str>) -> Option<T> {
        let value = path.split('.').try_fold(self.root, |value, key| value.get(key)).filter(|v| !v.is_null())?;
        read(value).unwrap_or_else(|what| {
            self.problem(path, format!("{what}, so its default counts"));
            None
        })
    }
}

/// `line 3: `
pub(super) fn at_line(line: Option<usize>) -> String {
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}

/// The last line, from 1, on which a key of that name stands.
pub(super) fn last_line_of(text: &str, key: &str) -> Option<usize> {
    let count = text.lines().count();
    (0..count).rev().find(|skipped| text.lines().nth(*skipped).is_some_and(|line| line_of(line, key).is_some())).map(|at| at + 1)
}

/// The line, from 1, on which a key stands; the keys above it are looked for first.
fn line_of(text: &str, path: &str) -> Option<usize> {
    let mut found = None;
    let mut lines = text.lines().enumerate().peekable();
    for key in path.split('.') {
        let is_it = |line: &str| {
            let code = line.split(" #").next().unwrap_or_default();
            let starts = [key.to_string(), format!("\"{key}\""), format!("'{key}'")];
            starts.iter().any(|name| {
                code.match_indices(name.as_str()).any(|(at, _)| {
                    let before = code[..at].chars().next_back();
                    code[at + name.len()..].trim_start().starts_with(':') && before.is_none_or(|c| c.is_whitespace() || "{,".contains(c))
                })
            })
        };
        // a flow mapping has several keys on one line
        while let Some((number, line)) = lines.peek() {
            if !line.trim_start().starts_with('#') && is_it(line) {
                found = Some(number + 1);
                break;
            }
            lines.next();
        }
        lines.peek()?;
    }
    found
}

/// A string that is not empty. YAML 1.1 words and numbers are taken as they were written.
pub(super) fn string(value: &Value) -> Result<Option<String>, &'static str> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(false) => "off".into(),
        _ => return Err("is not a text"),
    };
    Ok(Some(text).filter(|t| !t.trim().is_empty()))
}

pub(super) fn transport(value: &Value) -> Result<Option<Transport>, &'static str> {
    match string(value)?.as_deref() {
        None => Ok(None),
        Some("codex_responses" | "responses") => Ok(Some(Transport::Responses)),
        Some("chat_completions") => Ok(Some(Transport::Completions)),
        // a mode of Hermes Agent that we do not speak
        Some(_) => Err("is neither `chat_completions` nor `codex_responses`"),
    }
}

pub(super) fn theme(value: &Value) -> Result<Option<String>, &'static str> {
    match string(value)? {
        Some(name) if name != "auto" && Theme::named(&name).is_none() => Err("is not one of `auto`, `dark`, `light` and `mono`"),
        name => Ok(name),
    }
}

/// Whether the plan is looked after without anybody asking.
pub(super) fn plan(value: &Value) -> Result<Option<bool>, &'static str> {
    match string(value)?.as_deref() {
        None => Ok(None),
        Some("always") => Ok(Some(true)),
        Some("ask") => Ok(Some(false)),
        Some(_) => Err("is neither `ask` nor `always`"),
    }
}

/// A list of texts; a single text is a list of one.
pub(super) fn texts(value: &Value) -> Result<Option<Vec<String>>, &'static str> {
    match value {
        Value::String(text) => Ok(Some(vec![text.clone()])),
        Value::Sequence(items) => {
            let texts = items.iter().map(|i| i.as_str().map(str::to_string)).collect::<Option<Vec<_>>>();
            texts.map(Some).ok_or("holds something else than texts")
        }
        _ => Err("is not a list"),
    }
}

/// Names and values of headers.
pub(super) fn headers(value: &Value) -> Result<Option<Vec<(String, Secret)>>, &'static str> {
    let mapping = value.as_mapping().ok_or("is not a mapping of names and values")?;
    let header = |(name, value): (&Value, &Value)| Some((name.as_str()?.to_string(), Secret::new(string(value).ok()??)));
    let headers: Option<Vec<_>> = mapping.iter().map(header).collect();
    headers.map(Some).ok_or("holds something else than texts")
}

/// Names with their strategies.
pub(super) fn strategies(value: &Value) -> Result<Option<HashMap<String, Strategy>>, &'static str> {
    let mapping = value.as_mapping().ok_or("is not a mapping")?;
    let strategy = |(name, value): (&Value, &Value)| Some((name.as_str()?.to_string(), Strategy::named(value.as_str()?)?));
    let strategies: Option<HashMap<_, _>> = mapping.iter().map(strategy).collect();
    strategies.map(Some).ok_or("holds something else than `fill_first`, `round_robin`, `random` and `least_used`")
}

/// A boolean in any spelling of YAML 1.1.
pub(super) fn boolean(value: &Value) -> Result<Option<bool>, &'static str> {
    match value {
        Value::Bool(value) => Ok(Some(*value)),
        Value::String(text) => match text.to_lowercase().as_str() {
            "yes" | "on" | "true" => Ok(Some(true)),
            "no" | "off" | "false" => Ok(Some(false)),
            _ => Err("is neither yes nor no"),
        },
        _ => Err("is neither yes nor no"),
    }
}

/// How many rounds a question may take.
pub(super) fn rounds(value: &Value) -> Result<Option<u32>, &'static str> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number| *number > 0);
    number.and_then(|number| u32::try_from(number).ok()).map(Some).ok_or("is not a number of rounds")
}

/// Whether nobody is asked. A mode in which a model decides is one in which we ask.
pub(super) fn approves_all(value: &Value) -> Result<Option<bool>, &'static str> {
    match string(value)?.as_deref() {
        None => Ok(None),
        Some("off") => Ok(Some(true)),
        Some("manual" | "smart") => Ok(Some(false)),
        Some(_) => Err("is not one of `manual`, `smart` and `off`"),
    }
}

/// A number of tokens.
pub(super) fn tokens(value: &Value) -> Result<Option<u64>, &'static str> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().replace('_', "").parse().ok());
    number.map(|number| Some(number).filter(|number| *number > 0)).ok_or("is not a number of tokens")
}

pub(super) fn seconds(value: &Value) -> Result<Option<Duration>, &'static str> {
    let seconds = value.as_f64().filter(|s| *s > 0.0).and_then(|s| Duration::try_from_secs_f64(s).ok());
    seconds.map(Some).ok_or("is not a number of seconds")
}

/// A number.
pub(super) fn number(value: &Value) -> Result<Option<f64>, &'static str> {
    value.as_f64().filter(|number| number.is_finite()).map(Some).ok_or("is not a number")
}

/// A small number; how often, how many.
pub(super) fn count(value: &Value) -> Result<Option<u32>, &'static str> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.map(Some).ok_or("is not a number")
}
