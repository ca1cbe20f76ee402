//! `config.yaml`: the keys that this program reads, with their defaults. Unknown keys are nobody's business; a wrong value
//! is named with its key. `assets/config.yaml` lists every key with its default.

use crate::domain::trouble::Trouble;
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
    pub api_mode: Option<String>,
    /// `agent.reasoning_effort`: how hard models think.
    pub effort: Option<String>,
    /// `agent.system_prompt`: the person's own system prompt.
    pub system: Option<String>,
    /// `xai.trusted_hosts`: hosts outside x.ai that may be sent a token of OAuth.
    pub trusted_hosts: Vec<String>,
    /// `credential_pool_strategies`: in which order the credentials of a provider are used.
    pub strategies: HashMap<String, String>,
    /// `tui.theme`: `dark`, `light`, `mono`, or `auto` to guess.
    pub theme: String,
    /// `tui.mouse`: whether the mouse is captured.
    pub mouse: bool,
    /// `tui.first_byte_timeout`: seconds to wait for the first byte of an answer.
    pub first_byte: Duration,
    /// `tui.stall_timeout`: seconds of silence in the middle of an answer.
    pub stall: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: None,
            provider: None,
            base_url: None,
            api_mode: None,
            effort: None,
            system: None,
            trusted_hosts: vec![],
            strategies: HashMap::new(),
            theme: "auto".into(),
            mouse: false,
            first_byte: Duration::from_secs(300),
            stall: Duration::from_secs(300),
        }
    }
}

/// The keys that are read, for the test that compares them with `assets/config.yaml`.
pub const KEYS: &[&str] = &[
    "model.default",
    "model.provider",
    "model.base_url",
    "model.api_mode",
    "agent.reasoning_effort",
    "agent.system_prompt",
    "xai.trusted_hosts",
    "credential_pool_strategies",
    "tui.theme",
    "tui.mouse",
    "tui.first_byte_timeout",
    "tui.stall_timeout",
];

impl Config {
    /// Reads the file; a missing one has only defaults.
    pub fn read(path: &Path) -> Result<Self, Trouble> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("it could not be read: {error}")),
        }
        .map_err(|what| {
            Trouble::new("file_unreadable", format!("{} is not used: {what}", super::paths::shown(path)))
                .help("mend the file; it was left as it is")
        })
    }

    /// Reads the text of a file. The error is the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut config = Self::default();
        let mut root: Value = serde_yaml::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| e.to_string())?;
        root.apply_merge().map_err(|e| e.to_string())?;
        if root.is_null() {
            return Ok(config);
        }
        if !root.is_mapping() {
            return Err("it is not a mapping".into());
        }
        // `model: grok-4.3` is short for `model.default`; `model.model` is its old name
        config.model = match root.get("model") {
            Some(Value::String(id)) => Some(id.clone()).filter(|id| !id.is_empty()),
            _ => string(&root, "model.default")?.or(string(&root, "model.model")?),
        };
        config.provider = string(&root, "model.provider")?.filter(|p| p != "auto");
        config.base_url = string(&root, "model.base_url")?;
        config.api_mode = string(&root, "model.api_mode")?;
        config.trusted_hosts = texts(&root, "xai.trusted_hosts")?;
        if let Some(strategies) = at(&root, "credential_pool_strategies") {
            let strategies = strategies.as_mapping().ok_or("`credential_pool_strategies` is not a mapping")?;
            config.strategies = strategies.iter().filter_map(|(k, v)| Some((k.as_str()?.to_string(), v.as_str()?.to_string()))).collect();
        }
        config.effort = string(&root, "agent.reasoning_effort")?;
        config.system = string(&root, "agent.system_prompt")?;
        if let Some(theme) = string(&root, "tui.theme")? {
            config.theme = theme;
        }
        if let Some(mouse) = boolean(&root, "tui.mouse")? {
            config.mouse = mouse;
        }
        if let Some(seconds) = seconds(&root, "tui.first_byte_timeout")? {
            config.first_byte = seconds;
        }
        if let Some(seconds) = seconds(&root, "tui.stall_timeout")? {
            config.stall = seconds;
        }
        Ok(config)
    }
}

fn at<'a>(root: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(root, |value, key| value.get(key)).filter(|v| !v.is_null())
}

/// A string that is not empty. YAML 1.1 words and numbers are taken as they were written.
fn string(root: &Value, path: &str) -> Result<Option<String>, String> {
    let text = match at(root, path) {
        None => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(false)) => "off".into(),
        Some(_) => return Err(format!("`{path}` is not a text")),
    };
    Ok(Some(text).filter(|t| !t.trim().is_empty()))
}

/// A list of texts; a single text is a list of one.
fn texts(root: &Value, path: &str) -> Result<Vec<String>, String> {
    match at(root, path) {
        None => Ok(vec![]),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Sequence(items)) => items
            .iter()
            .map(|i| i.as_str().map(str::to_string).ok_or_else(|| format!("`{path}` holds something else than texts")))
            .collect(),
        Some(_) => Err(format!("`{path}` is not a list")),
    }
}

/// A boolean in any spelling of YAML 1.1.
fn boolean(root: &Value, path: &str) -> Result<Option<bool>, String> {
    match at(root, path) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(Value::String(text)) => match text.to_lowercase().as_str() {
            "yes" | "on" | "true" => Ok(Some(true)),
            "no" | "off" | "false" => Ok(Some(false)),
            _ => Err(format!("`{path}` is neither yes nor no")),
        },
        Some(_) => Err(format!("`{path}` is neither yes nor no")),
    }
}

fn seconds(root: &Value, path: &str) -> Result<Option<Duration>, String> {
    let Some(value) = at(root, path) else { return Ok(None) };
    let seconds = value.as_f64().filter(|s| *s > 0.0).and_then(|s| Duration::try_from_secs_f64(s).ok());
    seconds.map(Some).ok_or_else(|| format!("`{path}` is not a number of seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_in_every_spelling() {
        let config = Config::parse("model:\n  default: grok-4.3\n  provider: auto\nagent: {reasoning_effort: high}\ntui: {mouse: on, stall_timeout: 2}\nother: 1\n").unwrap();
        assert_eq!((config.model.as_deref(), config.provider.as_deref()), (Some("grok-4.3"), None));
        assert_eq!((config.effort.as_deref(), config.mouse, config.stall.as_secs()), (Some("high"), true, 2));
        assert_eq!(Config::parse("model: grok-4.7").unwrap().model.as_deref(), Some("grok-4.7"));
        assert_eq!(Config::parse("# nothing\n"), Ok(Config::default()));
    }

    #[test]
    fn a_wrong_value_is_named_with_its_key() {
        assert_eq!(Config::parse("tui: {mouse: maybe}").unwrap_err(), "`tui.mouse` is neither yes nor no");
        assert_eq!(Config::parse("tui: {stall_timeout: -1}").unwrap_err(), "`tui.stall_timeout` is not a number of seconds");
        assert!(Config::parse("a: [1\n").is_err() && Config::parse("- 1\n").is_err());
    }

    #[test]
    fn every_key_has_its_line_in_the_commented_file() {
        let text = include_str!("../../assets/config.yaml");
        let shown = text;
        let root: Value = serde_yaml::from_str(shown).unwrap();
        for key in KEYS {
            assert!(key.split('.').try_fold(&root, |v, k| v.get(k)).is_some(), "{key} is missing in assets/config.yaml");
        }
        assert_eq!(Config::parse(shown).map(|c| (c.theme, c.mouse, c.stall)), Ok(("auto".into(), false, Config::default().stall)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[ -~\n]{0,120}") {
            let _ = Config::parse(&text);
        }
    }
}
