//! A server that we start: its process, its pipes, and the end of everything that it started.

use super::text;
use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::{ExposeSecret, SecretString};
use std::{
    ffi::OsString,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    runtime::Handle,
    time::timeout,
};

/// How long a server that was asked to end may take.
const GRACE: Duration = Duration::from_secs(2);

/// What is started.
pub(super) struct Program<'a> {
    pub command: &'a str,
    pub args: &'a [String],
    /// What everything starts with, and what this one gets beside it.
    pub base: &'a [(OsString, OsString)],
    pub env: &'a [(String, SecretString)],
    pub folder: Option<&'a PathBuf>,
}

/// Where a server is talked to and heard.
pub(super) struct Pipes {
    pub input: ChildStdin,
    pub output: ChildStdout,
    pub errors: ChildStderr,
}

/// A process with the group that it leads. Letting go of it ends the whole group, without waiting: first it is asked to, and what is
/// left after two seconds is killed.
pub(super) struct Group(Option<Leader>);

struct Leader {
    child: Child,
    pid: Pid,
    swept: bool,
}

impl Leader {
    /// Kills what is left. Once only: the number may be another's later.
    fn sweep(&mut self) {
        if !std::mem::replace(&mut self.swept, true) {
            // nobody left is as good
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }
}

/// Also when the runtime goes away in the middle of the grace.
impl Drop for Leader {
    fn drop(&mut self) {
        self.sweep();
    }
}

impl Group {
    /// Waits for the end of the process, and ends what it has left behind.
    pub async fn ended(&mut self) -> String {
        let Some(leader) = &mut self.0 else { return "it was ended".into() };
        let status = leader.child.wait().await;
        // in the same breath, as its number is free now
        leader.sweep();
        status.map_or_else(|error| format!("its end could not be learned ({error})"), |status| described(&status))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(mut leader) = self.0.take().filter(|leader| !leader.swept) else { return };
        let _ = kill_process_group(leader.pid, Signal::TERM);
        // without a runtime nobody can wait: then it is killed at once
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            let _ = timeout(GRACE, leader.child.wait()).await;
            leader.sweep();
        });
    }
}

fn described(status: &ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(0), _) => "it ended".into(),
        (Some(code), _) => format!("it ended with exit status {code}"),
        (None, Some(signal)) => format!("it was ended by signal {signal}"),
        (None, None) => "it ended".into(),
    }
}

/// Starts a program. What is wrong with it is the end of a sentence.
pub(super) fn start(program: &Program<'_>) -> Result<(Group, Pipes), String> {
    if let Some(folder) = program.folder.filter(|folder| !folder.is_dir()) {
        return Err(format!("its folder {} does not exist", text::line(&folder.to_string_lossy(), 300)));
    }
    let mut command = Command::new(program.command);
    command.args(program.args).env_clear().envs(program.base.iter().map(|(name, value)| (name, value)));
    command.envs(program.env.iter().map(|(name, value)| (name, value.expose_secret())));
    command.current_dir(program.folder.map_or(Path::new("."), PathBuf::as_path));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| refused(program.command, &error))?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw).ok_or("it has no number")?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let group = Group(Some(Leader { child, pid, swept: false }));
    let (Some(input), Some(output), Some(errors)) = pipes else { return Err("its pipes could not be made".into()) };
    Ok((group, Pipes { input, output, errors }))
}

fn refused(command: &str, error: &std::io::Error) -> String {
    let command = text::line(command, 300);
    match error.kind() {
        ErrorKind::NotFound => format!("the program `{command}` was not found"),
        ErrorKind::PermissionDenied => format!("the program `{command}` may not be run"),
        _ => format!("the program `{command}` could not be started ({error})"),
    }
}
