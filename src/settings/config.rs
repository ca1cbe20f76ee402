//! `config.yaml`: the keys that this program reads, with their defaults. Unknown keys are nobody's business; a wrong value
//! is named with its key. `assets/config.yaml` lists every key with its default.

pub mod media;
pub mod tools;
mod values;

use crate::{
    domain::{catalog::Transport, secret::Secret},
    files::read,
    settings::yaml,
};
use serde_yaml::Value;
use std::{collections::HashMap, path::Path, time::Duration};
use tools::ToolSettings;
use values::{Values, at_line, boolean, headers, last_line_of, plan, seconds, strategies, string, texts, theme, tokens, transport};

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
    /// What models may use, and how.
    pub tools: ToolSettings,
    /// `xai.trusted_hosts`: hosts outside x.ai that may be sent a token of OAuth.
    pub trusted_hosts: Vec<String>,
    /// `credential_pool_strategies`: in which order the credentials of a provider are used.
    pub strategies: HashMap<String, Strategy>,
    /// `tui.theme`: `dark`, `light`, `mono`, or `auto` to guess.
    pub theme: String,
    /// `tui.mouse`: whether the mouse is captured.
    pub mouse: bool,
    /// `tui.notify`: whether the desktop is told of an answer while nobody looks at the window.
    pub notify: bool,
    /// `tui.title`: whether the window's title says what goes on.
    pub title: bool,
    /// `usage.plan`: whether what is left of the plan is looked after while a chat is open (`always`), or only when somebody asks.
    pub plan_always: bool,
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
            tools: ToolSettings::default(),
            trusted_hosts: vec![],
            strategies: HashMap::new(),
            theme: "auto".into(),
            mouse: false,
            notify: true,
            title: true,
            plan_always: false,
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
    "xai.trusted_hosts",
    "credential_pool_strategies",
    "tui.theme",
    "tui.mouse",
    "tui.notify",
    "tui.title",
    "usage.plan",
    "tui.first_byte_timeout",
    "tui.stall_timeout",
];

impl Config {
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
        config.tools = ToolSettings::read(&mut reader);
        config.theme = reader.value("tui.theme", theme).unwrap_or(config.theme);
        config.mouse = reader.value("tui.mouse", boolean).unwrap_or(config.mouse);
        config.notify = reader.value("tui.notify", boolean).unwrap_or(config.notify);
        config.title = reader.value("tui.title", boolean).unwrap_or(config.title);
        config.plan_always = reader.value("usage.plan", plan).unwrap_or(config.plan_always);
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

#[cfg(test)]
mod tests;
