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
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
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

/// Replaces the file whole, through a link, private when it is new.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
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
