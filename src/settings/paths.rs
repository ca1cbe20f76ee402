//! Where files are (`docs/files.md` 1). Ours alone live below `hermes-tui/`.

use crate::settings::environment::Environment;
use std::path::{Path, PathBuf};

/// The folders and files of one home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `~/.hermes`, or `HERMES_HOME`.
    pub home: PathBuf,
    /// The working folder: drafts belong to it.
    pub folder: PathBuf,
}

impl Paths {
    /// Finds the home. A relative `HERMES_HOME` counts from the working folder.
    pub fn find(environment: &Environment) -> Self {
        let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        let home = match environment.get("HERMES_HOME") {
            Some(home) => folder.join(home),
            None => dirs::home_dir().unwrap_or_else(|| folder.clone()).join(".hermes"),
        };
        Self { home, folder }
    }
    /// The configuration.
    pub fn config(&self) -> PathBuf {
        self.home.join("config.yaml")
    }
    /// The variables.
    pub fn env_file(&self) -> PathBuf {
        self.home.join(".env")
    }
    /// The models.dev catalog, shared with Hermes Agent.
    pub fn catalog(&self) -> PathBuf {
        self.home.join("models_dev_cache.json")
    }
    /// The credentials.
    pub fn auth(&self) -> PathBuf {
        self.home.join("auth.json")
    }
    /// A copy of the credentials as they were last written.
    pub fn auth_copy(&self) -> PathBuf {
        self.ours().join("auth.last-good.json")
    }
    /// Tokens that `auth.json` could not take.
    pub fn rescued(&self) -> PathBuf {
        self.ours().join("rescued")
    }
    /// What was asked before, shared with Hermes Agent.
    pub fn history(&self) -> PathBuf {
        self.home.join(".hermes_history")
    }
    /// Drafts.
    pub fn drafts(&self) -> PathBuf {
        self.ours().join("drafts")
    }
    /// Media in the making.
    pub fn jobs(&self) -> PathBuf {
        self.ours().join("jobs")
    }
    /// Logs.
    pub fn logs(&self) -> PathBuf {
        self.ours().join("logs")
    }
    /// What is ours alone.
    pub fn ours(&self) -> PathBuf {
        self.home.join("hermes-tui")
    }
}

/// A path as people write it: `~` for their home.
pub fn shown(path: &Path) -> String {
    match dirs::home_dir().and_then(|home| path.strip_prefix(home).ok().map(Path::to_path_buf)) {
        Some(rest) if rest.as_os_str().is_empty() => "~".into(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}
