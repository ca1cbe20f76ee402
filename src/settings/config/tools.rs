//! What the configuration says of the tools (`docs/tools.md` 2 and 4).

use super::media::Media;
use super::values::{Values, approves_all, boolean, count, rounds, seconds, string, texts};
use serde_json::Value;
use std::time::Duration;

/// What models may use, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSettings {
    /// `agent.max_turns`: rounds with tools that one question may take.
    pub max_turns: u32,
    /// `agent.disabled_toolsets`: toolsets that are off, whatever else is said.
    pub disabled: Vec<String>,
    /// `platform_toolsets.cli`: the toolsets that are on; the usual ones where the list is not there.
    pub toolsets: Option<Vec<String>>,
    /// `approvals.mode` is `off`: nobody is asked before something is changed.
    pub approves_all: bool,
    /// `command_allowlist`: what nobody is asked for any more.
    pub allowlist: Vec<String>,
    /// `terminal.timeout`: how long a command may take that says nothing else.
    pub command_timeout: Duration,
    /// `security.allow_private_urls`: pages of this machine and its network may be fetched.
    pub private_addresses: bool,
    /// `skills.disabled`: skills that are not offered.
    pub disabled_skills: Vec<String>,
    /// `skills.external_dirs`: further folders with skills.
    pub skill_folders: Vec<String>,
    /// `x_search.model`: who searches X.
    pub x_search_model: String,
    /// `x_search.timeout_seconds`: how long that may take.
    pub x_search_timeout: Duration,
    /// `x_search.retries`: how often it is tried again.
    pub x_search_retries: u32,
    /// What makes pictures, videos and sound.
    pub media: Media,
    /// `mcp_discovery_timeout`: how long a question waits for servers that are being started.
    pub discovery: Duration,
    /// `mcp_servers`: programs and addresses that offer tools, as JSON.
    pub servers: Value,
}

impl Default for ToolSettings {
    fn default() -> Self {
        Self {
            max_turns: 90,
            disabled: vec![],
            toolsets: None,
            approves_all: false,
            allowlist: vec![],
            command_timeout: Duration::from_secs(180),
            private_addresses: false,
            disabled_skills: vec![],
            skill_folders: vec![],
            x_search_model: "grok-4.5".into(),
            x_search_timeout: Duration::from_secs(180),
            x_search_retries: 2,
            media: Media::default(),
            discovery: Duration::from_millis(1_500),
            servers: Value::Null,
        }
    }
}

/// The keys that are read here.
pub const KEYS: &[&str] = &[
    "agent.max_turns",
    "agent.disabled_toolsets",
    "platform_toolsets.cli",
    "approvals.mode",
    "command_allowlist",
    "terminal.timeout",
    "security.allow_private_urls",
    "skills.disabled",
    "skills.external_dirs",
    "x_search.model",
    "x_search.timeout_seconds",
    "x_search.retries",
    "mcp_servers",
    "mcp_discovery_timeout",
];

impl ToolSettings {
    pub(super) fn read(reader: &mut Values) -> Self {
        let usual = Self::default();
        Self {
            max_turns: reader.first(&["agent.max_turns", "max_turns"], rounds).unwrap_or(usual.max_turns),
            disabled: reader.value("agent.disabled_toolsets", texts).unwrap_or_default(),
            toolsets: reader.value("platform_toolsets.cli", texts),
            approves_all: reader.value("approvals.mode", approves_all).unwrap_or_default(),
            allowlist: reader.value("command_allowlist", texts).unwrap_or_default(),
            command_timeout: reader.value("terminal.timeout", seconds).unwrap_or(usual.command_timeout),
            private_addresses: reader.value("security.allow_private_urls", boolean).unwrap_or_default(),
            disabled_skills: reader.value("skills.disabled", texts).unwrap_or_default(),
            skill_folders: reader.value("skills.external_dirs", texts).unwrap_or_default(),
            x_search_model: reader.value("x_search.model", string).unwrap_or(usual.x_search_model),
            // a shorter time is never enough
            x_search_timeout: reader
                .value("x_search.timeout_seconds", seconds)
                .map_or(usual.x_search_timeout, |t| t.max(Duration::from_secs(30))),
            x_search_retries: reader.value("x_search.retries", count).unwrap_or(usual.x_search_retries).min(5),
            media: Media::read(reader),
            discovery: reader.value("mcp_discovery_timeout", seconds).unwrap_or(usual.discovery),
            servers: reader.value("mcp_servers", servers).unwrap_or_default(),
        }
    }
}

fn servers(value: &serde_yaml::Value) -> Result<Option<Value>, &'static str> {
    if !value.is_mapping() {
        return Err("is not a mapping of names and servers");
    }
    Ok(Some(as_json(value)))
}

/// YAML as JSON: keys that are numbers or words are taken as they were written.
fn as_json(value: &serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Mapping(map) => {
            let key = |key: &Yaml| match key {
                Yaml::String(text) => Some(text.clone()),
                Yaml::Number(number) => Some(number.to_string()),
                Yaml::Bool(on) => Some(on.to_string()),
                _ => None,
            };
            Value::Object(map.iter().filter_map(|(name, value)| Some((key(name)?, as_json(value)))).collect())
        }
        Yaml::Sequence(items) => Value::Array(items.iter().map(as_json).collect()),
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

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
    "transcription",
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

/// Whether somebody knows a toolset of that name: we, or Hermes Agent.
pub fn is_toolset(name: &str) -> bool {
    TOOLSETS.contains(&name)
}
