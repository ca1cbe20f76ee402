//! Changes of lists: an item more or less, the rows that stay left as they are. Here, too, is what it means to switch a toolset.

use super::{Error, Scalar, change, parse, put, same, set, set_value};
use crate::settings::config::tools::is_toolset;
use serde_yaml::Value;
use std::{path::Path, str::FromStr};
use yaml_edit::{Document, YamlValue};

/// Adds a text to a list, at its end; a list that is not there is made.
pub fn add(path: &Path, key: &str, item: &str) -> Result<(), Error> {
    change(path, |text| {
        let mut items = list(text, key)?.unwrap_or_default();
        if items.iter().any(|there| there == item) {
            return Ok(text.to_string());
        }
        items.push(item.to_string());
        set_list(text, key, &items)
    })
    .map(drop)
}

/// Takes a text out of a list.
pub fn drop_from(path: &Path, key: &str, item: &str) -> Result<(), Error> {
    change(path, |text| match list(text, key)? {
        Some(items) if items.iter().any(|there| there == item) => {
            set_list(text, key, &items.into_iter().filter(|there| there != item).collect::<Vec<_>>())
        }
        _ => Ok(text.to_string()),
    })
    .map(drop)
}

/// Toolsets that Hermes Agent has on where nobody says anything: what a list that names them one by one begins with, for it is its
/// list, too (`docs/tools.md` 4).
const USUAL_TOOLSETS: &[&str] = &[
    "browser",
    "clarify",
    "code_execution",
    "computer_use",
    "cronjob",
    "delegation",
    "file",
    "image_gen",
    "memory",
    "messaging",
    "session_search",
    "skills",
    "terminal",
    "todo",
    "tts",
    "vision",
    "web",
];

/// Switches toolsets on or off: in `platform_toolsets.cli` alone, unless `agent.disabled_toolsets` keeps one off that is to be on. Names
/// in the list that are nobody's here stay. A server of `mcp_servers` is switched where it is described.
pub fn switch_toolsets(path: &Path, names: &[&str], on: bool) -> Result<(), Error> {
    const LIST: &str = "platform_toolsets.cli";
    const OFF: &str = "agent.disabled_toolsets";
    change(path, |text| {
        let mut text = text.to_string();
        let root = parse(text.strip_prefix('\u{feff}').unwrap_or(&text))?;
        // a toolset that is built in is meant where a server is called the same
        let served = |name: &str| name.strip_prefix("mcp:").unwrap_or(name).to_string();
        let is_server = |name: &&&str| {
            let there = root.get("mcp_servers").and_then(|servers| servers.get(served(name))).is_some();
            there && (name.starts_with("mcp:") || !is_toolset(name))
        };
        let (servers, names): (Vec<&str>, Vec<&str>) =
            (names.iter().filter(is_server).copied().collect(), names.iter().filter(|name| !is_server(name)).copied().collect());
        for name in &servers {
            let name = served(name);
            if name.contains('.') {
                return Err(Error::Form(format!("the name of the server `{name}` holds a dot: write `enabled: {on}` by hand")));
            }
            text = set(&text, &format!("mcp_servers.{name}.enabled"), &Scalar::Bool(on))?;
        }
        let off = list(&text, OFF)?.unwrap_or_default();
        if on && off.iter().any(|name| servers.contains(&name.as_str())) {
            text = set_list(&text, OFF, &off.into_iter().filter(|name| !servers.contains(&name.as_str())).collect::<Vec<_>>())?;
        }
        if names.is_empty() {
            return Ok(text);
        }
        let listed = list(&text, LIST)?;
        let is_empty = listed.as_ref().is_some_and(Vec::is_empty);
        let before = listed.unwrap_or_default();
        let is_named = |name: &String| USUAL_TOOLSETS.contains(&name.as_str()) || is_toolset(name);
        let mut items: Vec<String> = match is_empty || before.iter().any(is_named) {
            true => before,
            // a composite stands for many: they are named from here on
            false => USUAL_TOOLSETS
                .iter()
                .map(ToString::to_string)
                .chain(before.into_iter().filter(|name| !name.starts_with("hermes-")))
                .collect(),
        };
        items.retain(|name| on || !names.contains(&name.as_str()));
        for name in names.iter().filter(|_| on) {
            if !items.iter().any(|there| there == name) {
                let at = items.iter().position(|there| there.as_str() > *name).unwrap_or(items.len());
                items.insert(at, (*name).to_string());
            }
        }
        text = set_list(&text, LIST, &items)?;
        let off = list(&text, OFF)?.unwrap_or_default();
        if on && off.iter().any(|name| names.contains(&name.as_str())) {
            text = set_list(&text, OFF, &off.into_iter().filter(|name| !names.contains(&name.as_str())).collect::<Vec<_>>())?;
        }
        Ok(text)
    })
    .map(drop)
}

/// The texts of a list; nothing for one that is not there.
pub(super) fn list(text: &str, key: &str) -> Result<Option<Vec<String>>, Error> {
    let root = parse(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    match key.split('.').try_fold(&root, |value, name| value.get(name)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Sequence(items)) => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_string)).collect::<Option<Vec<_>>>();
            texts.map(Some).ok_or_else(|| Error::Form(format!("`{key}` holds something else than texts")))
        }
        Some(_) => Err(Error::Form(format!("`{key}` is not a list"))),
    }
}

/// The text with a list that holds these. Rows that stay are left as they are, with what is noted beside them; where the list can't be
/// changed row by row it is written anew.
pub(super) fn set_list(text: &str, key: &str, items: &[String]) -> Result<String, Error> {
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut wanted = parse(source)?;
    let before = list(text, key)?.unwrap_or_default();
    if before == items {
        return Ok(text.to_string());
    }
    let names: Vec<&str> = key.split('.').collect();
    put(&mut wanted, &names, Value::Sequence(items.iter().map(|item| Value::from(item.as_str())).collect()));
    let is_right = |edited: &String| parse(edited).is_ok_and(|after| after == wanted);
    let row_by_row = || {
        let document = Document::from_str(source).ok()?;
        let (last, above) = names.split_last()?;
        let mut mapping = document.as_mapping()?;
        for name in above {
            mapping = mapping.get_mapping(*name)?;
        }
        let rows = mapping.get_sequence(*last).filter(|rows| !rows.is_empty() && !items.is_empty())?;
        let mut now = before.clone();
        for at in (0..now.len()).rev().filter(|at| !items.contains(&before[*at])) {
            rows.remove(at)?;
            now.remove(at);
        }
        for (at, item) in items.iter().enumerate() {
            if now.get(at) != Some(item) {
                if at == now.len() {
                    rows.push(item.as_str())
                } else {
                    rows.insert(at, item.as_str())
                }
                now.insert(at, item.clone());
            }
        }
        Some(document.to_string())
    };
    if let Some(edited) = row_by_row().filter(is_right) {
        return Ok(edited);
    }
    let all = YamlValue::Sequence(items.iter().map(|item| YamlValue::from(item.as_str())).collect());
    let edited = set_value(source, key, &all)?;
    same(&wanted, &parse(&edited)?, key).map(|()| edited)
}
