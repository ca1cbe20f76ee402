//! The person's own editor on a draft.

use crate::settings::environment::Environment;
use std::{io, process::Stdio};

/// Lets the editor change `text`. Nothing comes back when it was left with an error.
pub async fn edit(text: &str, environment: &Environment) -> io::Result<Option<String>> {
    let (_, command) = environment.first(&["VISUAL", "EDITOR"]).unwrap_or(("", "vi"));
    let words = shell_words::split(command).map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
    let Some((program, arguments)) = words.split_first() else { return Err(io::ErrorKind::NotFound.into()) };
    // private from its first byte: a draft may hold anything
    let file = tempfile::Builder::new().prefix("hermes-").suffix(".md").tempfile()?;
    std::fs::write(file.path(), text)?;
    let status = tokio::process::Command::new(program)
        .args(arguments)
        .arg(file.path())
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit())
        .status()
        .await
        .map_err(|e| io::Error::new(e.kind(), format!("`{program}`: {e}")))?;
    if !status.success() {
        return Ok(None);
    }
    std::fs::read_to_string(file.path()).map(Some)
}
