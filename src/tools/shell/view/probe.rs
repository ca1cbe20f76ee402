//! In which way this system can keep files from a command.

use crate::tools::shell::{
    order::Setting,
    task::{Mode, Task, WORD},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
};

/// The way in which files are kept from a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Force {
    /// Namespaces that we make ourselves.
    Namespaces,
    /// The program `bwrap`, which is here.
    Bwrap(PathBuf),
    /// The program `sandbox-exec` of macOS.
    SandboxExec,
    /// None, and why.
    None(String),
}

static KNOWN: OnceLock<Mutex<HashMap<PathBuf, Force>>> = OnceLock::new();

/// Tries what works here, with `program` as the helper. It starts one or two short processes.
pub fn probe(program: &Path) -> Force {
    if cfg!(target_os = "macos") {
        let there = Path::new("/usr/bin/sandbox-exec").exists();
        return if there { Force::SandboxExec } else { Force::None("This system has no sandbox-exec.".into()) };
    }
    let task = Task { mode: Mode::Probe, ..Task::default() };
    let mut command = Command::new(program);
    command.arg(WORD).args(task.to_arguments()).env_clear().current_dir("/");
    let why = match said(command) {
        Ok(said) if said.lines().any(|line| line == "exit 0") => return Force::Namespaces,
        Ok(said) => said.lines().find_map(|line| line.strip_prefix("error ")).unwrap_or("The helper says nothing.").to_owned(),
        Err(error) => format!("The helper can't be started: {error}."),
    };
    bwrap().unwrap_or(Force::None(why))
}

/// What a process says on its second output.
fn said(mut command: Command) -> std::io::Result<String> {
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?.wait_with_output()?;
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(target_os = "linux")]
fn bwrap() -> Option<Force> {
    let path = crate::tools::shell::order::on_path("bwrap", "/usr/local/bin:/usr/bin:/bin".as_ref())?;
    let mut command = Command::new(&path);
    command.args(super::bwrap::trial()).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().ok()?.success().then_some(Force::Bwrap(path))
}

#[cfg(not(target_os = "linux"))]
fn bwrap() -> Option<Force> {
    None
}

/// What was found the first time.
pub(crate) fn known(program: &Path) -> Force {
    let all = KNOWN.get_or_init(Mutex::default);
    if let Some(force) = all.lock().unwrap_or_else(PoisonError::into_inner).get(program) {
        return force.clone();
    }
    let force = probe(program);
    all.lock().unwrap_or_else(PoisonError::into_inner).insert(program.into(), force.clone());
    force
}

/// Finds out on a thread where it holds up nobody what a setting needs to know.
pub async fn learn(setting: &Setting) {
    if let (Some(program), Some(_)) = (&setting.program, &setting.view) {
        learn_of(program).await;
    }
}

async fn learn_of(program: &Path) {
    let program = program.to_owned();
    // when that thread breaks down, it is found out later, where it is needed
    let _ = tokio::task::spawn_blocking(move || known(&program)).await;
}
