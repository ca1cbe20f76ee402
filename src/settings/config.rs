//! `config.yaml`: the keys that this program reads, with their defaults. Unknown keys are nobody's business; a wrong value
//! is named with its key. `assets/config.yaml` lists every key with its default.

use crate::{
    domain::{catalog::Transport, facts::Theme, secret::Secret},
    files::read,
    settings::yaml,
};
use serde_yaml::Value;
use std::{collections::HashMap, path::Path, time::Duration};

/// The settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `model.default`: the model's id.
    pub model: Option<String>,
    /// `model.provider`: a provider's id or alias.
    pub provider: Option<String>,
    /// `model.base_url`: where the provider of the configuration is reached.
    pub base_url: Option<String>,
    /// `model.api_mode`: what the `custom` provider speaks, `chat_completions` or `codex_responses`.
    pub api_mode: Option<Transport>,
    /// `model.api_key`, or the variable that `model.key_env` names: the key for the provider of the configuration.
    pub key: Option<Secret>,
    /// `model.context_length`: how much the model of the configuration can read.
    pub context: Option<u64>,
    /// `model.headers`: headers that the person wants on each request to the provider of the configuration.
    pub headers: Vec<(String, Secret)>,
    /// `agent.reasoning_effort`: how hard models think.
    pub effort: Option<String>,
    /// `agent.system_prompt`: the person's own system prompt.
    pub system: Option<String>,
    /// `agent.max_turns`: rounds with tools that one question may take.
    pub max_turns: u32,
    /// `agent.disabled_toolsets`: toolsets that are off, whatever else is said.
    pub disabled_toolsets: Vec<String>,
    /// `platform_toolsets.cli`: the toolsets that are on; the usual ones where the list is not there.
    pub toolsets: Option<Vec<String>>,
    /// `approvals.mode` is `off`: nobody is asked before something is changed.
    pub approves_all: bool,
    /// `command_allowlist`: what nobody is asked for any more.
    pub allowlist: Vec<String>,
    /// `terminal.timeout`: how long a command may take that says nothing else.
    pub command_timeout: Duration,
    /// `xai.trusted_hosts`: hosts outside x.ai that may be sent a token of OAuth.
    pub trusted_hosts: Vec<String>,
    /// `credential_pool_strategies`: in which order the credentials of a provider are used.
    pub strategies: HashMap<String, Strategy>,
    /// `tui.theme`: `dark`, `light`, `mono`, or `auto` to guess.
    pub theme: String,
    /// `tui.mouse`: whether the mouse is captured.
    pub mouse: bool,
    /// `tui.first_byte_timeout`: seconds to wait for the first byte of an answer.
    pub first_byte: Duration,
    /// `tui.stall_timeout`: seconds of silence in the middle of an answer.
    pub stall: Duration,
    /// Values that could not be used, each a sentence with its line; their defaults count.
    pub problems: Vec<String>,
    /// The file could not be read, or not be understood at all.
    pub is_broken: bool,
}

/// In which order the credentials of a provider are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// The first as long as it can be used.
    #[default]
    FillFirst,
    /// One after the other.
    RoundRobin,
    /// Any.
    Random,
    /// The one that was used least.
    LeastUsed,
}

impl Strategy {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "fill_first" => Self::FillFirst,
            "round_robin" => Self::RoundRobin,
            "random" => Self::Random,
            "least_used" => Self::LeastUsed,
            _ => return None,
        })
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: None,
            provider: None,
            base_url: None,
            api_mode: None,
            key: None,
            context: None,
            headers: vec![],
            effort: None,
            system: None,
            max_turns: 90,
            disabled_toolsets: vec![],
            toolsets: None,
            approves_all: false,
            allowlist: vec![],
            command_timeout: Duration::from_secs(180),
            trusted_hosts: vec![],
            strategies: HashMap::new(),
            theme: "auto".into(),
            mouse: false,
            first_byte: Duration::from_secs(300),
            stall: Duration::from_secs(300),
            problems: vec![],
            is_broken: false,
        }
    }
}

/// The keys that are read, for the test that compares them with `assets/config.yaml`.
pub const KEYS: &[&str] = &[
    "model.default",
    "model.provider",
    "model.base_url",
    "model.api_mode",
    "model.api_key",
    "model.key_env",
    "model.context_length",
    "model.headers",
    "agent.reasoning_effort",
    "agent.system_prompt",
    "agent.max_turns",
    "agent.disabled_toolsets",
    "platform_toolsets.cli",
    "approvals.mode",
    "command_allowlist",
    "terminal.timeout",
    "xai.trusted_hosts",
    "credential_pool_strategies",
    "tui.theme",
    "tui.mouse",
    "tui.first_byte_timeout",
    "tui.stall_timeout",
];

/// Names of toolsets (`docs/tools.md` 1): a list that holds one of them means what it says.
const TOOLSETS: &[&str] = &[
    "web",
    "browser",
    "terminal",
    "file",
    "code_execution",
    "vision",
    "video",
    "image_gen",
    "video_gen",
    "x_search",
    "moa",
    "tts",
    "skills",
    "todo",
    "memory",
    "context_engine",
    "session_search",
    "clarify",
    "delegation",
    "cronjob",
    "messaging",
    "homeassistant",
    "spotify",
    "discord",
    "discord_admin",
    "yuanbao",
    "computer_use",
];

impl Config {
    /// Whether somebody knows a toolset of that name: we, or Hermes Agent.
    pub fn is_toolset(name: &str) -> bool {
        TOOLSETS.contains(&name)
    }
    /// Reads the file; a missing one has only defaults. One that can't be read has them, too, and says so: it stops nothing that does
    /// not need it. `variable` gives what `${NAME}` and `key_env` stand for.
    pub fn read(path: &Path, variable: &impl Fn(&str) -> Option<String>) -> Self {
        let unread = |what: String| Self { problems: vec![what], is_broken: true, ..Self::default() };
        match read::text(path) {
            Ok(text) => Self::parse(&text, variable)
                .unwrap_or_else(|what| unread(format!("its defaults count, for it can't be understood: {what}"))),
            Err(read::Error::Missing) => Self::default(),
            Err(error) => unread(format!("its defaults count, for {error}")),
        }
    }

    /// Reads the text of a file. A value that can't be used is a problem, and its default counts; the error, the end of a sentence,
    /// is for a text that is no mapping at all.
    pub fn parse(text: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut config = Self::default();
        let (mut root, twice) = yaml::parse(text)?;
        yaml::expand(&mut root, variable);
        if root.is_null() {
            return Ok(config);
        }
        if !root.is_mapping() {
            return Err("it is not a mapping".into());
        }
        let mut problems: Vec<String> =
            twice.iter().map(|key| format!("{}`{key}` stands there twice; the last counts", at_line(last_line_of(text, key)))).collect();
        let mut reader = Values { root: &root, text, problems: &mut problems };
        // `model: grok-4.3` is short for `model.default`; `model.model` is its old name
        config.model = match root.get("model") {
            Some(Value::String(id)) => Some(id.clone()).filter(|id| !id.is_empty()),
            _ => reader.value("model.default", string).or_else(|| reader.value("model.model", string)),
        };
        config.provider = reader.first(&["model.provider", "provider"], string).filter(|p| p != "auto");
        config.base_url = reader.first(&["model.base_url", "model.api_base", "base_url"], string);
        config.api_mode = reader.value("model.api_mode", transport);
        config.context = reader.first(&["model.context_length", "context_length"], tokens);
        config.key = reader.value("model.api_key", string).map(Secret::new);
        if let Some(name) = reader.value("model.key_env", string).filter(|_| config.key.is_none()) {
            config.key = variable(&name).filter(|value| !value.trim().is_empty()).map(Secret::new);
            if config.key.is_none() {
                reader.problem("model.key_env", format!("names `{name}`, which is not set"));
            }
        }
        config.headers = reader.value("model.headers", headers).unwrap_or_default();
        reader.not_ours();
        config.take_named(&root, variable);
        config.trusted_hosts = reader.value("xai.trusted_hosts", texts).unwrap_or_default();
        config.strategies = reader.value("credential_pool_strategies", strategies).unwrap_or_default();
        config.effort = reader.value("agent.reasoning_effort", string);
        config.system = reader.value("agent.system_prompt", string);
        config.max_turns = reader.first(&["agent.max_turns", "max_turns"], rounds).unwrap_or(config.max_turns);
        config.disabled_toolsets = reader.value("agent.disabled_toolsets", texts).unwrap_or_default();
        config.toolsets = reader.value("platform_toolsets.cli", texts);
        config.approves_all = reader.value("approvals.mode", approves_all).unwrap_or_default();
        config.allowlist = reader.value("command_allowlist", texts).unwrap_or_default();
        config.command_timeout = reader.value("terminal.timeout", seconds).unwrap_or(config.command_timeout);
        config.theme = reader.value("tui.theme", theme).unwrap_or(config.theme);
        config.mouse = reader.value("tui.mouse", boolean).unwrap_or(config.mouse);
        config.first_byte = reader.value("tui.first_byte_timeout", seconds).unwrap_or(config.first_byte);
        config.stall = reader.value("tui.stall_timeout", seconds).unwrap_or(config.stall);
        config.problems = problems;
        Ok(config)
    }

    /// A provider that the file itself describes (`custom_providers`): its address, its key and what it speaks.
    fn take_named(&mut self, root: &Value, variable: &impl Fn(&str) -> Option<String>) {
        let Some(wanted) = self.provider.as_deref() else { return };
        let plain = |name: &str| name.trim().to_lowercase().replace(' ', "-");
        let wanted = plain(wanted.strip_prefix("custom:").unwrap_or(wanted));
        let rows = root.get("custom_providers").and_then(Value::as_sequence).map(Vec::as_slice).unwrap_or_default();
        let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).map(str::to_string).filter(|text| !text.is_empty());
        let Some(row) = rows.iter().find(|row| text(row, "name").is_some_and(|name| plain(&name) == wanted)) else { return };
        self.provider = Some("custom".into());
        self.base_url = text(row, "base_url").or(self.base_url.take());
        self.model = self.model.take().or_else(|| text(row, "model"));
        self.api_mode = row.get("api_mode").and_then(|mode| transport(mode).ok().flatten()).or(self.api_mode);
        let named = text(row, "key_env").and_then(|name| variable(&name));
        self.key = text(row, "api_key").or(named).map(Secret::new).or(self.key.take());
    }
}

/// Keys by which Hermes Agent goes on elsewhere, and we do not.
const NOT_OURS: &[&str] = &["fallback_model", "fallback_providers", "model.fallback_model", "model.fallbacks"];

/// Reads values, and notes those that can't be used.
struct Values<'a> {
    root: &'a Value,
    text: &'a str,
    problems: &'a mut Vec<String>,
}

impl Values<'_> {
    /// The first of several spellings that is there.
    fn first<T>(&mut self, paths: &[&str], read: fn(&Value) -> Result<Option<T>, &'static str>) -> Option<T> {
        paths.iter().find_map(|path| self.value(path, read))
    }
    /// What Hermes Agent understands and this program does not is said, not passed over.
    fn not_ours(&mut self) {
        let is_set = |path: &&&str| {
            let value = path.split('.').try_fold(self.root, |value, key| value.get(key));
            value.is_some_and(|value| !matches!(value, Value::Null) && value.as_sequence().is_none_or(|list| !list.is_empty()))
        };
        let found: Vec<&str> = NOT_OURS.iter().filter(is_set).copied().collect();
        found
            .into_iter()
            .for_each(|path| self.problem(path, "is understood by Hermes Agent alone: nobody else is asked when a model fails".into()));
    }
    fn problem(&mut self, path: &str, what: String) {
        self.problems.push(format!("{}`{path}` {what}", at_line(line_of(self.text, path))));
    }
    /// The value at a path, when it is there and `read` understands it.
    fn value<T>(&mut self, path: &str, read: fn(&Value) -> Result<Option<T>, &'static str>) -> Option<T> {
        let value = path.split('.').try_fold(self.root, |value, key| value.get(key)).filter(|v| !v.is_null())?;
        read(value).unwrap_or_else(|what| {
            self.problem(path, format!("{what}, so its default counts"));
            None
        })
    }
}

/// `line 3: `
fn at_line(line: Option<usize>) -> String {
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}

/// The last line, from 1, on which a key of that name stands.
fn last_line_of(text: &str, key: &str) -> Option<usize> {
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
fn string(value: &Value) -> Result<Option<String>, &'static str> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(false) => "off".into(),
        _ => return Err("is not a text"),
    };
    Ok(Some(text).filter(|t| !t.trim().is_empty()))
}

fn transport(value: &Value) -> Result<Option<Transport>, &'static str> {
    match string(value)?.as_deref() {
        None => Ok(None),
        Some("codex_responses" | "responses") => Ok(Some(Transport::Responses)),
        Some("chat_completions") => Ok(Some(Transport::Completions)),
        // a mode of Hermes Agent that we do not speak
        Some(_) => Err("is neither `chat_completions` nor `codex_responses`"),
    }
}

fn theme(value: &Value) -> Result<Option<String>, &'static str> {
    match string(value)? {
        Some(name) if name != "auto" && Theme::named(&name).is_none() => Err("is not one of `auto`, `dark`, `light` and `mono`"),
        name => Ok(name),
    }
}

/// A list of texts; a single text is a list of one.
fn texts(value: &Value) -> Result<Option<Vec<String>>, &'static str> {
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
fn headers(value: &Value) -> Result<Option<Vec<(String, Secret)>>, &'static str> {
    let mapping = value.as_mapping().ok_or("is not a mapping of names and values")?;
    let header = |(name, value): (&Value, &Value)| Some((name.as_str()?.to_string(), Secret::new(string(value).ok()??)));
    let headers: Option<Vec<_>> = mapping.iter().map(header).collect();
    headers.map(Some).ok_or("holds something else than texts")
}

/// Names with their strategies.
fn strategies(value: &Value) -> Result<Option<HashMap<String, Strategy>>, &'static str> {
    let mapping = value.as_mapping().ok_or("is not a mapping")?;
    let strategy = |(name, value): (&Value, &Value)| Some((name.as_str()?.to_string(), Strategy::named(value.as_str()?)?));
    let strategies: Option<HashMap<_, _>> = mapping.iter().map(strategy).collect();
    strategies.map(Some).ok_or("holds something else than `fill_first`, `round_robin`, `random` and `least_used`")
}

/// A boolean in any spelling of YAML 1.1.
fn boolean(value: &Value) -> Result<Option<bool>, &'static str> {
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
fn rounds(value: &Value) -> Result<Option<u32>, &'static str> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number| *number > 0);
    number.and_then(|number| u32::try_from(number).ok()).map(Some).ok_or("is not a number of rounds")
}

/// Whether nobody is asked. A mode in which a model decides is one in which we ask.
fn approves_all(value: &Value) -> Result<Option<bool>, &'static str> {
    match string(value)?.as_deref() {
        None => Ok(None),
        Some("off") => Ok(Some(true)),
        Some("manual" | "smart") => Ok(Some(false)),
        Some(_) => Err("is not one of `manual`, `smart` and `off`"),
    }
}

/// A number of tokens.
fn tokens(value: &Value) -> Result<Option<u64>, &'static str> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().replace('_', "").parse().ok());
    number.map(|number| Some(number).filter(|number| *number > 0)).ok_or("is not a number of tokens")
}

fn seconds(value: &Value) -> Result<Option<Duration>, &'static str> {
    let seconds = value.as_f64().filter(|s| *s > 0.0).and_then(|s| Duration::try_from_secs_f64(s).ok());
    seconds.map(Some).ok_or("is not a number of seconds")
}

#[cfg(test)]
mod tests;
