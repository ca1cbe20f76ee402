//! Changes of `config.yaml` that keep comments, order, quotes and unknown keys (`spec/files.md` 3.2). Nothing is written that
//! does not read back.

use crate::{domain::catalog::Provider, settings::config::Config};
use serde_yaml::Value;
use std::{fs, io, path::Path, str::FromStr};
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

/// After the first sign-in: the provider becomes the chosen one, unless another one is chosen already.
pub fn adopt(path: &Path, provider: &Provider) -> Result<(), Error> {
    let text = read(path)?;
    let config = Config::parse(&text).map_err(Error::Form)?;
    if config.provider.is_some() {
        return Ok(());
    }
    let model = config.model.unwrap_or_else(|| provider.default_model.to_string());
    let mut text = text;
    for (key, value) in [("model.default", model.as_str()), ("model.provider", provider.id), ("model.base_url", provider.address)] {
        text = set(&text, key, YamlValue::from(value))?;
    }
    Ok(write(path, &text)?)
}

/// The person chose a provider and a model: the three keys of `spec/models.md` 5.3, and what a login leaves out goes.
pub fn choose(path: &Path, provider: &Provider, model: &str) -> Result<(), Error> {
    let mut text = read(path)?;
    // a plain text was short for `model.default`
    let root: Value = serde_yaml::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| Error::Form(e.to_string()))?;
    if root.get("model").is_some_and(|m| !m.is_mapping()) {
        text = unset(&text, "model")?;
    }
    for (key, value) in [("model.default", model), ("model.provider", provider.id)] {
        text = set(&text, key, YamlValue::from(value))?;
    }
    // an address that the person wrote down for the same provider stays
    let own = root.get("model").and_then(|m| m.get("provider")).and_then(Value::as_str) == Some(provider.id);
    if !(provider.address.is_empty() || own && provider.local) {
        text = set(&text, "model.base_url", YamlValue::from(provider.address))?;
    }
    Ok(write(path, &text)?)
}

/// The person said where a provider is: it becomes the chosen one there.
pub fn keep_address(path: &Path, provider: &Provider, address: &str) -> Result<(), Error> {
    let mut text = read(path)?;
    for (key, value) in [("model.provider", provider.id), ("model.base_url", address.trim().trim_end_matches('/'))] {
        text = set(&text, key, YamlValue::from(value))?;
    }
    Ok(write(path, &text)?)
}

/// The text without a key; as it is when the key is not there.
pub fn unset(text: &str, key: &str) -> Result<String, Error> {
    let form = |e: &dyn std::fmt::Display| Error::Form(e.to_string());
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let before: Value = serde_yaml::from_str(source).map_err(|e| form(&e))?;
    if key.split('.').try_fold(&before, |value, name| value.get(name)).is_none() {
        return Ok(source.to_string());
    }
    let document = Document::from_str(source).map_err(|e| form(&e))?;
    document.try_remove_path(key).map_err(|e| form(&e))?;
    let edited = document.to_string();
    let after: Value = serde_yaml::from_str(&edited).map_err(|e| form(&e))?;
    match key.split('.').try_fold(&after, |value, name| value.get(name)) {
        // nothing but comments is left: an empty `{}` would be in the way of what comes next
        None if after.as_mapping().is_some_and(|m| m.is_empty()) => {
            let kept = source.lines().filter(|line| line.trim_start().starts_with('#'));
            Ok(kept.map(|line| format!("{line}\n")).collect())
        }
        None => Ok(edited),
        Some(_) => Err(Error::Form(format!("`{key}` is still there"))),
    }
}

/// The text of the file; nothing for one that is not there yet.
pub fn read(path: &Path) -> Result<String, Error> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        text => Ok(text?),
    }
}

/// The text with one value changed or added.
pub fn set(text: &str, key: &str, value: YamlValue) -> Result<String, Error> {
    let form = |e: &dyn std::fmt::Display| Error::Form(e.to_string());
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let before: Value = serde_yaml::from_str(source).map_err(|e| form(&e))?;
    let mut edited = if before.is_null() {
        // empty, or comments only
        let document = Document::new_mapping();
        document.try_set_path(key, value).map_err(|e| form(&e))?;
        let gap = if source.is_empty() || source.ends_with('\n') { "" } else { "\n" };
        format!("{source}{gap}{document}")
    } else {
        let document = Document::from_str(source).map_err(|e| form(&e))?;
        document.try_set_path(key, value).map_err(|e| form(&e))?;
        document.to_string()
    };
    if !edited.ends_with('\n') {
        edited.push('\n');
    }
    let after: Value = serde_yaml::from_str(&edited).map_err(|e| form(&e))?;
    match key.split('.').try_fold(&after, |value, name| value.get(name)) {
        Some(_) => Ok(edited),
        None => Err(Error::Form(format!("`{key}` did not arrive"))),
    }
}

/// Puts a variable into a `.env` file: its line is replaced, or a new one added; every other line stays.
pub fn set_variable(path: &Path, name: &str, value: &str) -> Result<(), Error> {
    if value.chars().any(char::is_control) {
        return Err(Error::Form("the value holds a control character".into()));
    }
    let text = read(path)?;
    let quoted = match value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/@%+=,~".contains(c)) {
        true => value.to_string(),
        false if !value.contains('"') => format!("\"{value}\""),
        false => format!("'{value}'"),
    };
    let is_it = |line: &str| {
        let line = line.trim_start().strip_prefix("export ").unwrap_or(line.trim_start());
        line.split_once('=').is_some_and(|(n, _)| n.trim() == name)
    };
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    match lines.iter_mut().find(|line| is_it(line)) {
        Some(line) => *line = format!("{name}={quoted}"),
        None => lines.push(format!("{name}={quoted}")),
    }
    Ok(write(path, &(lines.join("\n") + "\n"))?)
}

/// Replaces the file whole, through a link, private when it is new.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let mut file = tempfile::Builder::new().prefix(".config_").suffix(".tmp").tempfile_in(folder)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    if let Ok(old) = fs::metadata(&path) {
        fs::set_permissions(file.path(), old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalog::{Login, Transport};

    static PROVIDER: Provider = Provider {
        id: "xai-oauth",
        aliases: &[],
        title: "xAI",
        address: "https://api.x.ai/v1",
        address_variables: &[],
        login: Login::OAuth,
        transport: Transport::Responses,
        default_model: "grok-4.3",
        catalog: "xai",
        local: false,
    };

    fn adopted(before: Option<&str>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        if let Some(text) = before {
            fs::write(&path, text).unwrap();
        }
        let _ = adopt(&path, &PROVIDER);
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_first_sign_in_chooses_its_provider() {
        let model = "model:\n  default: grok-4.3\n  provider: xai-oauth\n  base_url: https://api.x.ai/v1\n";
        assert_eq!(adopted(None), model);
        assert_eq!(adopted(Some("# mine\n")), format!("# mine\n{model}"));
        assert_eq!(adopted(Some("tui:\n  theme: light # why\n")), format!("tui:\n  theme: light # why\n{model}"));
        assert_eq!(
            adopted(Some("model:\n  default: grok-4.7 # best\nother: 1\n")),
            "model:\n  default: grok-4.7 # best\n  provider: xai-oauth\n  base_url: https://api.x.ai/v1\nother: 1\n"
        );
    }

    #[test]
    fn a_choice_and_a_damaged_file_stay() {
        for text in ["model:\n  provider: sandbox\n", "model: [1\n", "- 1\n"] {
            assert_eq!(adopted(Some(text)), text);
        }
    }
}
