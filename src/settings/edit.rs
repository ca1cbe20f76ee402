//! Changes of `config.yaml` and `.env` that keep comments, order, quotes and unknown keys (`docs/files.md` 3.2 and 4). A change is
//! made under a lock, to what is there then; nothing is written that does not read back as it was with the one change.

mod lists;

pub use lists::{add, drop_from, switch_toolsets};

use crate::{
    domain::catalog::Provider,
    files::{atomic, read as files},
    settings::{config::Config, environment, yaml},
};
use serde_yaml::{Mapping, Value};
use std::{fs::File, io, path::Path, str::FromStr};
use yaml_edit::{Document, YamlValue, path::YamlPath};

/// Why a file was not changed. The text is the end of a sentence.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It can't be read or written.
    #[error("{0}")]
    Disk(#[from] io::Error),
    /// It is not YAML, or not in a form that can be changed without touching the rest.
    #[error("it can't be edited safely: {0}")]
    Form(String),
}

/// A value that is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// A text, quoted where it must be.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A broken number.
    Float(f64),
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Scalar::Text(text.into())
    }
}

impl Scalar {
    fn written(&self) -> YamlValue {
        match self {
            Scalar::Text(text) => YamlValue::from(text.as_str()),
            Scalar::Bool(value) => YamlValue::from(*value),
            Scalar::Int(number) => YamlValue::from(*number),
            Scalar::Float(number) => YamlValue::from(*number),
        }
    }
    fn read(&self) -> Value {
        match self {
            Scalar::Text(text) => Value::from(text.as_str()),
            Scalar::Bool(value) => Value::from(*value),
            Scalar::Int(number) => Value::from(*number),
            Scalar::Float(number) => Value::from(*number),
        }
    }
}

/// Changes made again because the file was another one meanwhile: a program without our lock wrote it.
const ATTEMPTS: u32 = 5;

/// Reads the file, changes its text, and replaces it, under a lock that all programs of ours take. False when the change left it as
/// it was. A missing file is an empty one.
pub fn change(path: &Path, change: impl Fn(&str) -> Result<String, Error>) -> Result<bool, Error> {
    // on systems and disks without locks the comparison below is all there is
    let lock = lock(path);
    for _ in 0..ATTEMPTS {
        let before = read(path)?;
        let after = change(&before)?;
        if after == before {
            return Ok(false);
        }
        if read(path)? == before {
            if lock.is_ok() {
                // of writers that were killed: nobody else writes now
                atomic::sweep(&atomic::target(path));
            }
            atomic::replace_for_good(path, after.as_bytes())?;
            return Ok(true);
        }
    }
    Err(Error::Form("another program keeps changing it".into()))
}

fn lock(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or(Path::new(".")).join("hermes-tui");
    atomic::private_folder(&folder)?;
    let name = format!("{}.lock", path.file_name().unwrap_or_default().to_string_lossy().trim_start_matches('.'));
    let file = File::options().create(true).append(true).open(folder.join(name))?;
    file.lock()?;
    Ok(file)
}

/// After the first sign-in: the provider becomes the chosen one, unless another one is chosen already.
pub fn adopt(path: &Path, provider: &Provider) -> Result<(), Error> {
    let adopted = |text: &str| {
        let config = Config::parse(text, &|_| None).map_err(Error::Form)?;
        if config.provider.is_some() {
            return Ok(text.to_string());
        }
        let model = config.model.unwrap_or_else(|| provider.default_model.to_string());
        set_all(text, &[("model.default", &model), ("model.provider", provider.id), ("model.base_url", provider.address)])
    };
    change(path, adopted).map(drop)
}

/// The person chose a provider and a model: the three keys of `docs/models.md` 5.3.
pub fn choose(path: &Path, provider: &Provider, model: &str) -> Result<(), Error> {
    let chosen = |text: &str| {
        let (mut text, root) = (text.to_string(), parse(text)?);
        // a plain text was short for `model.default`
        if root.get("model").is_some_and(|m| !m.is_mapping()) {
            text = unset(&text, "model")?;
        }
        // what belongs to another provider leaves with it: Hermes Agent would send its key to this one
        let before = root.get("model").and_then(|m| m.get("provider")).and_then(Value::as_str);
        if before != Some(provider.id) {
            for key in ["api_key", "key_env", "api_mode", "api_base", "headers", "context_length"] {
                text = unset(&text, &format!("model.{key}"))?;
            }
        }
        text = set_all(&text, &[("model.default", model), ("model.provider", provider.id)])?;
        // an address that the person wrote down for the same provider stays
        let own = before == Some(provider.id);
        if !(provider.address.is_empty() || own && provider.local) {
            text = set(&text, "model.base_url", &provider.address.into())?;
        }
        Ok(text)
    };
    change(path, chosen).map(drop)
}

/// The model that does what a toolset does: in both places where it is looked for (`docs/media.md` 4.2).
pub fn choose_tool_model(path: &Path, toolset: &str, model: &str) -> Result<(), Error> {
    let keys = [format!("{toolset}.model"), format!("{toolset}.xai.model")];
    change(path, |text| set_all(text, &[(&keys[0], model), (&keys[1], model)])).map(drop)
}

/// The person said where a provider is: it becomes the chosen one there.
pub fn keep_address(path: &Path, provider: &Provider, address: &str) -> Result<(), Error> {
    let address = address.trim().trim_end_matches('/');
    change(path, |text| set_all(text, &[("model.provider", provider.id), ("model.base_url", address)])).map(drop)
}

fn set_all(text: &str, values: &[(&str, &str)]) -> Result<String, Error> {
    values.iter().try_fold(text.to_string(), |text, (key, value)| set(&text, key, &(*value).into()))
}

/// The text of the file; nothing for one that is not there yet.
pub fn read(path: &Path) -> Result<String, Error> {
    match files::text(path) {
        Err(files::Error::Missing) => Ok(String::new()),
        text => Ok(text.map_err(io::Error::from)?),
    }
}

fn form(error: impl std::fmt::Display) -> Error {
    Error::Form(error.to_string())
}

fn parse(text: &str) -> Result<Value, Error> {
    yaml::parse(text).map(|(root, _)| root).map_err(Error::Form)
}

/// The text without a key; as it is when the key is not there.
pub fn unset(text: &str, key: &str) -> Result<String, Error> {
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let before = parse(source)?;
    let names: Vec<&str> = key.split('.').collect();
    let mut wanted = before.clone();
    if !take(&mut wanted, &names) {
        return Ok(text.to_string());
    }
    let document = Document::from_str(source).map_err(form)?;
    document.try_remove_path(key).map_err(form)?;
    let edited = document.to_string();
    let after = parse(&edited)?;
    if after.as_mapping().is_some_and(Mapping::is_empty) && wanted.as_mapping().is_some_and(Mapping::is_empty) {
        // nothing but comments is left: an empty `{}` would be in the way of what comes next
        let kept = source.lines().filter(|line| line.trim_start().starts_with('#'));
        return Ok(kept.map(|line| format!("{line}\n")).collect());
    }
    same(&wanted, &after, key).map(|()| edited)
}

/// The text with one value changed or added.
pub fn set(text: &str, key: &str, value: &Scalar) -> Result<String, Error> {
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut wanted = parse(source)?;
    let edited = set_value(source, key, &value.written())?;
    put(&mut wanted, &key.split('.').collect::<Vec<_>>(), value.read());
    same(&wanted, &parse(&edited)?, key).map(|()| edited)
}

fn set_value(source: &str, key: &str, value: &YamlValue) -> Result<String, Error> {
    let mut edited = if parse(source)?.is_null() {
        // empty, or comments only
        let document = Document::new_mapping();
        document.try_set_path(key, value.clone()).map_err(form)?;
        let gap = if source.is_empty() || source.ends_with('\n') { "" } else { "\n" };
        format!("{source}{gap}{document}")
    } else {
        let document = Document::from_str(source).map_err(form)?;
        document.try_set_path(key, value.clone()).map_err(form)?;
        document.to_string()
    };
    if !edited.ends_with('\n') {
        edited.push('\n');
    }
    Ok(edited)
}

/// Nothing but the one key may have changed.
fn same(wanted: &Value, after: &Value, key: &str) -> Result<(), Error> {
    if wanted == after { Ok(()) } else { Err(Error::Form(format!("more than `{key}` would change"))) }
}

/// Puts a value at a path: what is missing is made, a scalar in the way gives way, a number names an item of a list.
fn put(value: &mut Value, path: &[&str], new: Value) {
    let Some((name, rest)) = path.split_first() else {
        *value = new;
        return;
    };
    if let Value::Sequence(items) = value
        && let Some(item) = name.parse::<usize>().ok().and_then(|n| items.get_mut(n))
    {
        return put(item, rest, new);
    }
    if !value.is_mapping() {
        *value = Value::Mapping(Mapping::new());
    }
    if let Value::Mapping(mapping) = value {
        put(mapping.entry(Value::from(*name)).or_insert(Value::Null), rest, new);
    }
}

/// Takes the value at a path away; false when there is none.
fn take(value: &mut Value, path: &[&str]) -> bool {
    match (value, path) {
        (Value::Mapping(mapping), [name]) => mapping.shift_remove(*name).is_some(),
        (Value::Mapping(mapping), [name, rest @ ..]) => mapping.get_mut(*name).is_some_and(|value| take(value, rest)),
        (Value::Sequence(items), [name]) => {
            let at = name.parse::<usize>().ok().filter(|n| *n < items.len());
            at.map(|n| items.remove(n)).is_some()
        }
        (Value::Sequence(items), [name, rest @ ..]) => {
            name.parse::<usize>().ok().and_then(|n| items.get_mut(n)).is_some_and(|value| take(value, rest))
        }
        _ => false,
    }
}

/// Puts a variable into a `.env` file: its line is replaced, or a new one added; every other line stays.
pub fn set_variable(path: &Path, name: &str, value: &str) -> Result<(), Error> {
    if value.chars().any(char::is_control) {
        return Err(Error::Form("the value holds a control character".into()));
    }
    change(path, |text| with_variable(text, name, value))?;
    // it was another file's mode before it held a key
    atomic::make_private(path)?;
    Ok(())
}

/// Takes a variable out of a `.env` file; false when it is not there.
pub fn unset_variable(path: &Path, name: &str) -> Result<bool, Error> {
    change(path, |text| {
        let mut wanted = environment::parse(text);
        if wanted.remove(name).is_none() {
            return Ok(text.to_string());
        }
        let text = environment::unglued(text);
        let kept: Vec<&str> = text.lines().filter(|line| !is_line_of(line, name)).collect();
        let edited = if kept.is_empty() { String::new() } else { kept.join("\n") + "\n" };
        match environment::parse(&edited) == wanted {
            true => Ok(edited),
            false => Err(Error::Form(format!("more than `{name}` would change"))),
        }
    })
}

/// Whether a line of a `.env` file sets a variable.
fn is_line_of(line: &str, name: &str) -> bool {
    environment::assignment(line).is_some_and(|(found, _)| found == name)
}

fn with_variable(text: &str, name: &str, value: &str) -> Result<String, Error> {
    if !environment::is_literal(value) {
        return Err(Error::Form("`${…}` in a value would be read as another variable".into()));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@%+=,~".contains(c);
    let written = match value.chars().all(plain) {
        true => format!("{name}={value}"),
        false => format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
    };
    let text = &environment::unglued(text);
    let mut lines: Vec<&str> = text.lines().collect();
    // the last one counts
    match lines.iter().rposition(|line| is_line_of(line, name)) {
        Some(at) => lines[at] = &written,
        None => lines.push(&written),
    }
    let edited = lines.join("\n") + "\n";
    let mut wanted = environment::parse(text);
    wanted.insert(name.to_string(), value.to_string());
    match environment::parse(&edited) == wanted {
        true => Ok(edited),
        false => Err(Error::Form(format!("more than `{name}` would change"))),
    }
}

#[cfg(test)]
mod tests;
