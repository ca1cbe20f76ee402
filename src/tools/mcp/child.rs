//! A server that we start: its process, its pipes, and the end of everything that it started.

use super::text;
use crate::tools::shell::{Finish, Held, Pipes, Setting, ended, learn, talk};
use secrecy::{ExposeSecret, SecretString};
use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{runtime::Handle, time::timeout};

/// How long a server that was asked to end may take.
const GRACE: Duration = Duration::from_secs(2);

/// What is started.
pub(super) struct Program<'a> {
    pub command: &'a str,
    pub args: &'a [String],
    /// What it finds in its environment beside what everything starts with.
    pub env: &'a [(String, SecretString)],
    pub folder: &'a Path,
}

/// A process with all that it starts. Letting go of it ends them, without waiting: first they are asked to, and what is left after two
/// seconds is killed.
pub(super) struct Group(Option<Held>);

impl Group {
    /// Waits for the end of the process, and ends what it has left behind.
    pub async fn ended(&mut self) -> String {
        let Some(held) = &mut self.0 else { return "it was ended".into() };
        let how = ended(held).await;
        self.0 = None;
        match how {
            Ok(Finish { exit: Some(0), .. }) => "it ended".into(),
            Ok(Finish { exit: Some(code), .. }) => format!("it ended with exit status {code}"),
            Ok(Finish { signal: Some(signal), .. }) => format!("it was ended by signal {signal}"),
            Ok(_) => "it ended".into(),
            Err(sentence) => format!("it could not be run ({})", text::line(sentence.trim_end_matches('.'), 300)),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(mut held) = self.0.take() else { return };
        held.ask();
        // without a runtime nobody can wait: then it is killed at once
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            // what is left is killed as it is let go, also when the runtime goes away meanwhile
            let _ = timeout(GRACE, ended(&mut held)).await;
        });
    }
}

/// Starts a program in a setting. What is wrong with it is the end of a sentence.
pub(super) async fn start(program: &Program<'_>, mut setting: Setting) -> Result<(Group, Pipes), String> {
    let folder = program.folder;
    if !folder.is_dir() {
        return Err(format!("its folder {} does not exist", text::line(&folder.to_string_lossy(), 300)));
    }
    setting.environment.extend(program.env.iter().map(|(name, value)| (name.into(), value.expose_secret().into())));
    let path = found(program.command, folder, &setting)?;
    learn(&setting).await;
    let started = talk(path, program.args.iter().map(Into::into).collect(), folder, &setting);
    let (held, pipes) = started.map_err(|sentence| format!("it could not be run ({})", sentence.trim_end_matches('.')))?;
    Ok((Group(Some(held)), pipes))
}

/// Where the program is: on the PATH, or seen from its folder.
fn found(command: &str, folder: &Path, setting: &Setting) -> Result<PathBuf, String> {
    let named = text::line(command, 300);
    if !command.contains('/') {
        return setting.on_path(command).ok_or_else(|| format!("the program `{named}` was not found"));
    }
    let path = folder.join(command);
    match path.metadata() {
        Err(_) => Err(format!("the program `{named}` was not found")),
        Ok(meta) if !meta.is_file() || meta.permissions().mode() & 0o111 == 0 => Err(format!("the program `{named}` may not be run")),
        Ok(_) => Ok(path),
    }
}
