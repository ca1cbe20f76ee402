//! The `mcp_servers` of the config, as Hermes Agent writes them.

use crate::http::hosts;
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::{Map, Value};
use std::{fmt, path::PathBuf, time::Duration};
use url::Url;

/// A server as the config names it.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name in the config.
    pub name: String,
    /// How it is reached.
    pub kind: Kind,
    /// How long one call may take.
    pub timeout: Duration,
    /// How long it may take until its tools are known.
    pub connect: Duration,
    /// The tools that alone are wanted; they win over `exclude`.
    pub include: Option<Vec<String>>,
    /// The tools that are not wanted.
    pub exclude: Vec<String>,
}

/// How a server is reached.
#[derive(Clone)]
pub enum Kind {
    /// A program that we start; we talk by its standard input and output.
    Stdio {
        /// The program.
        command: String,
        /// What it is given.
        args: Vec<String>,
        /// What it finds in its environment beside what the house gives.
        env: Vec<(String, SecretString)>,
        /// Where it starts, when not where the house says.
        folder: Option<PathBuf>,
    },
    /// A service that answers there.
    Http {
        /// Its address.
        url: Url,
        /// Sent with each request to that origin, and nowhere else.
        headers: Vec<(HeaderName, SecretString)>,
    },
}

/// Arguments and addresses may hold keys, too: they are counted, or cut to the origin.
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdio { command, args, env, folder } => {
                let names: Vec<&String> = env.iter().map(|(name, _)| name).collect();
                f.debug_struct("Stdio")
                    .field("command", command)
                    .field("args", &args.len())
                    .field("env", &names)
                    .field("folder", folder)
                    .finish()
            }
            Self::Http { url, headers } => {
                let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
                f.debug_struct("Http").field("origin", &url.origin().ascii_serialization()).field("headers", &names).finish()
            }
        }
    }
}

impl Definition {
    /// Whether the config wants that tool.
    pub(super) fn wants(&self, tool: &str) -> bool {
        match &self.include {
            Some(wanted) => wanted.iter().any(|name| name == tool),
            None => !self.exclude.iter().any(|name| name == tool),
        }
    }
}

/// Reads all; what is wrong with one is said for it alone, in a sentence, and stops none of the others. Those with `enabled: false` are
/// left out.
pub fn read(servers: &Value) -> Vec<(String, Result<Definition, String>)> {
    match servers {
        Value::Null => vec![],
        Value::Object(servers) => servers.iter().filter_map(|(name, given)| Some((name.clone(), one(name, given).transpose()?))).collect(),
        _ => vec![("mcp_servers".into(), Err("`mcp_servers` must be a map of names and servers.".into()))],
    }
}

/// Nothing when it is switched off.
fn one(name: &str, given: &Value) -> Result<Option<Definition>, String> {
    let Value::Object(given) = given else { return Err("It must be a map with a `command` or a `url`.".into()) };
    if !enabled(given)? {
        return Ok(None);
    }
    if name.trim().is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err("Its name must have 1 to 64 characters.".into());
    }
    let tools = match given.get("tools") {
        None | Some(Value::Null) => &Map::new(),
        Some(Value::Object(tools)) => tools,
        Some(_) => return Err("`tools` must be a map with `include` or `exclude`.".into()),
    };
    let include = tools.contains_key("include").then(|| texts(tools, "include")).transpose()?;
    Ok(Some(Definition {
        name: name.to_string(),
        kind: kind(given)?,
        timeout: seconds(given, "timeout", 120)?,
        connect: seconds(given, "connect_timeout", 60)?,
        include: include.filter(|wanted| !wanted.is_empty()),
        exclude: texts(tools, "exclude")?,
    }))
}

pub(super) fn enabled(given: &Map<String, Value>) -> Result<bool, String> {
    match given.get("enabled") {
        None | Some(Value::Null) => Ok(true),
        Some(Value::Bool(on)) => Ok(*on),
        Some(Value::String(word)) if ["true", "yes", "on", "1"].contains(&word.to_lowercase().as_str()) => Ok(true),
        Some(Value::String(word)) if ["false", "no", "off", "0"].contains(&word.to_lowercase().as_str()) => Ok(false),
        Some(_) => Err("`enabled` must be true or false.".into()),
    }
}

fn kind(given: &Map<String, Value>) -> Result<Kind, String> {
    match (maybe_text(given, "command")?, maybe_text(given, "url")?) {
        (Some(_), Some(_)) => Err("It has both a `command` and a `url`: one of them must go.".into()),
        (None, None) => Err("It has neither a `command` nor a `url`.".into()),
        (Some(command), None) => Ok(Kind::Stdio {
            command,
            args: texts(given, "args")?,
            env: pairs(given, "env")?.into_iter().map(variable).collect::<Result<_, _>>()?,
            folder: maybe_text(given, "cwd")?.map(PathBuf::from),
        }),
        (None, Some(url)) => {
            let url = Url::parse(&url).map_err(|error| format!("`url` is no address ({error})."))?;
            // headers hold keys
            if url.scheme() != "https" && !(url.scheme() == "http" && hosts::is_loopback(&url)) || !url.has_host() {
                return Err("`url` must begin with https://; http:// is for this machine alone.".into());
            }
            Ok(Kind::Http { url, headers: pairs(given, "headers")?.into_iter().map(header).collect::<Result<_, _>>()? })
        }
    }
}

fn variable((name, value): (String, String)) -> Result<(String, SecretString), String> {
    if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
        return Err(format!("`env` has a variable that can't be: {name:?}."));
    }
    Ok((name, value.into()))
}

fn header((name, value): (String, String)) -> Result<(HeaderName, SecretString), String> {
    let known: HeaderName = name.parse().map_err(|_| format!("`headers` has a name that can't be: {name:?}."))?;
    // the value is not named: it is a secret mostly
    HeaderValue::from_str(&value).map_err(|_| format!("The value of the header `{known}` has characters that can't be sent."))?;
    if ["accept", "content-length", "content-type", "host", "last-event-id", "mcp-session-id"].contains(&known.as_str()) {
        return Err(format!("The header `{known}` is set by the protocol."));
    }
    Ok((known, value.into()))
}

fn maybe_text(given: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match given.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() || text.contains('\0') => Err(format!("`{key}` is empty.")),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` must be a text.")),
    }
}

/// YAML makes numbers and flags of words that were meant as texts.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(on) => Some(on.to_string()),
        _ => None,
    }
}

fn texts(given: &Map<String, Value>, key: &str) -> Result<Vec<String>, String> {
    let all = match given.get(key) {
        None | Some(Value::Null) => Some(vec![]),
        Some(Value::Array(list)) => list.iter().map(word).collect(),
        Some(one) => word(one).map(|one| vec![one]),
    };
    all.filter(|all| !all.iter().any(|text| text.contains('\0'))).ok_or_else(|| format!("`{key}` must be a list of texts."))
}

fn pairs(given: &Map<String, Value>, key: &str) -> Result<Vec<(String, String)>, String> {
    let all = match given.get(key) {
        None | Some(Value::Null) => Some(vec![]),
        Some(Value::Object(map)) => map.iter().map(|(name, value)| Some((name.clone(), word(value)?))).collect(),
        Some(_) => None,
    };
    all.ok_or_else(|| format!("`{key}` must be a map of names and texts."))
}

fn seconds(given: &Map<String, Value>, key: &str, default: u64) -> Result<Duration, String> {
    let number = match given.get(key) {
        None | Some(Value::Null) => return Ok(Duration::from_secs(default)),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let number = number.filter(|number| (0.1..=86_400.0).contains(number));
    number.map(Duration::from_secs_f64).ok_or_else(|| format!("`{key}` must be a number of seconds, up to 86400."))
}

#[cfg(test)]
#[path = "tests/definition.rs"]
mod tests;
