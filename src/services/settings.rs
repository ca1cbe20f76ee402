//! The settings as they are now: read again when the file has changed, whoever changed it.

use crate::settings::{config::Config, environment::Environment};
use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

/// The settings of one file.
pub struct Settings {
    path: PathBuf,
    environment: Environment,
    held: Mutex<(Stamp, Arc<Config>)>,
}

/// What tells one state of a file from another; nothing for a file that is not there.
type Stamp = Option<(SystemTime, u64)>;

impl Settings {
    /// Settings that were read from the file at `path` a moment ago; `environment` has what they name.
    pub fn new(path: PathBuf, config: Config, environment: Environment) -> Self {
        let stamp = stamp(&path);
        Self { path, environment, held: Mutex::new((stamp, Arc::new(config))) }
    }
    /// What counts now. A file that can't be read leaves everything as it was.
    pub fn current(&self) -> Arc<Config> {
        let now = stamp(&self.path);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 != now {
            held.0 = now;
            let config = Config::read(&self.path, &|name| self.environment.get(name).map(str::to_string));
            match config.is_broken {
                false => held.1 = Arc::new(config),
                true => tracing::warn!("the settings are left as they were: {}", config.problems.join("; ")),
            }
        }
        held.1.clone()
    }
    /// Until the file changes, these count: a change that the disk did not take.
    pub fn assume(&self, change: impl FnOnce(&mut Config)) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut held.1));
    }
}

fn stamp(path: &PathBuf) -> Stamp {
    let meta = fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_at_once_and_a_damaged_file_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        let settings = Settings::new(path.clone(), Config::default(), Environment::default());
        let model = || settings.current().model.clone();
        assert_eq!(model(), None);
        fs::write(&path, "model:\n  default: grok-4.7\n").unwrap();
        assert_eq!(model().as_deref(), Some("grok-4.7"));
        fs::write(&path, "model: [broken and of another length\n").unwrap();
        assert_eq!(model().as_deref(), Some("grok-4.7"));
        settings.assume(|config| config.model = Some("mine".into()));
        assert_eq!(model().as_deref(), Some("mine"));
    }
}
