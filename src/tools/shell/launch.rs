//! Starting a command and holding on to it: its process, the pipe of its output, the socket to the helper, and what ends it all at once.

use crate::tools::shell::{
    order::{Order, words},
    task::{Mode, Task},
    tree,
    view::probe::{Force, known},
};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    os::{
        fd::OwnedFd,
        unix::{fs::PermissionsExt, net::UnixStream as Pair},
    },
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
};
use tempfile::TempPath;
use tokio::{
    net::{UnixStream, unix::pipe},
    process::{Child, Command},
};

/// Ends a command, from anywhere and without waiting.
#[derive(Debug)]
pub(crate) struct Killer {
    /// The process that we started.
    pub pid: Pid,
    how: How,
    /// To the helper; closing it is the order to end.
    control: Option<Pair>,
    done: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// A plain shell that leads its group.
    Group,
    /// A helper that adopts what the shell leaves behind.
    Tree,
    /// A helper with the first process of a namespace in its group.
    Namespace,
}

impl Killer {
    /// Ends everything at once.
    pub fn stop(&self) {
        if self.done.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Some(control) = &self.control {
            // closed already is as good
            let _ = control.shutdown(std::net::Shutdown::Write);
        }
        match self.how {
            How::Group => tree::stop_halted(self.pid),
            How::Tree => tree::stop_helped(self.pid),
            How::Namespace => tree::stop_group(self.pid),
        }
    }

    /// The process that we started has ended: its number may be another's soon. `swept` is false when it did not see to the others.
    fn finish(&self, swept: bool) {
        if !self.done.swap(true, Ordering::SeqCst) && !swept {
            tree::stop_session(self.pid);
        }
    }
}

/// A command that runs. Letting go of it ends it.
pub(crate) struct Running {
    pub child: Child,
    pub killer: std::sync::Arc<Killer>,
    pub output: pipe::Receiver,
    /// To the helper, when there is one.
    pub control: Option<UnixStream>,
    /// What the command reads, in the background.
    pub input: Option<pipe::Sender>,
    report: Option<TempPath>,
    folder: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.killer.stop();
    }
}

impl Running {
    /// The process has ended by itself, and has not ended what was left when `alone`.
    pub fn finish(&self, alone: bool) {
        self.killer.finish(!alone);
    }

    /// Asks everybody to end.
    pub fn ask(&self) {
        match &self.control {
            // the helper passes it on: it alone knows the shell's group
            Some(control) => {
                let _ = control.try_write(b"T");
            }
            None => {
                let _ = kill_process_group(self.killer.pid, Signal::TERM);
            }
        }
    }

    /// Where the shell was at its end, or where it began when that is not known.
    pub fn folder(&self) -> PathBuf {
        use std::{ffi::OsString, os::unix::ffi::OsStringExt};
        let told = self.report.as_ref().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        let told = told.strip_suffix(b"\n").filter(|path| path.len() < 4096).map(|path| PathBuf::from(OsString::from_vec(path.to_vec())));
        told.filter(|path| path.is_absolute() && path.is_dir()).unwrap_or_else(|| self.folder.clone())
    }
}

/// A new private file in which the shell reports its folder; without one the folder stays as it was.
fn report_file() -> Option<TempPath> {
    let file = tempfile::Builder::new().prefix("shell-folder-").permissions(PermissionsExt::from_mode(0o600)).tempfile().ok()?;
    Some(file.into_temp_path())
}

/// Starts the order's command. `reads` gives it a pipe to read from.
pub(crate) fn start(order: &Order, reads: bool) -> Result<Running, String> {
    order.check()?;
    let wrong = |what: &str, error: std::io::Error| format!("{what} could not be made: {error}.");
    let (output, written) = std::io::pipe().map_err(|error| wrong("The pipe for the output", error))?;
    let output = pipe::Receiver::from_owned_fd(output.into()).map_err(|error| wrong("The pipe for the output", error))?;
    let report = report_file();
    let task = Task {
        shell: order.shell(),
        command: order.command.clone(),
        folder: order.folder.clone(),
        report: report.as_deref().map(Into::into),
        input: reads,
        ..Task::default()
    };
    let (mut command, how, control, second) = match &order.program {
        Some(program) => {
            let (ours, theirs) = Pair::pair().map_err(|error| wrong("The socket to the helper", error))?;
            let second = ours.try_clone().map_err(|error| wrong("The socket to the helper", error))?;
            let ours = ours.set_nonblocking(true).and_then(|()| UnixStream::from_std(ours));
            let ours = ours.map_err(|error| wrong("The socket to the helper", error))?;
            let (task, how) = forced(task, order, program);
            let mut command = Command::new(program);
            // not the order's folder: a process that stands in it holds what the view may hide
            command.arg(crate::tools::shell::WORD).args(task.to_arguments()).current_dir("/");
            command.stdout(Stdio::from(OwnedFd::from(written))).stderr(Stdio::from(OwnedFd::from(theirs)));
            (command, how, Some(ours), Some(second))
        }
        None => {
            let mut command = Command::new(&task.shell);
            command.args(words(&task.shell, &task.command, report.as_deref(), &[])).current_dir(&order.folder).process_group(0);
            let second = written.try_clone().map_err(|error| wrong("The pipe for the output", error))?;
            command.stdout(Stdio::from(OwnedFd::from(written))).stderr(Stdio::from(OwnedFd::from(second)));
            (command, How::Group, None, None)
        }
    };
    command.env_clear().envs(order.environment.iter().map(|(name, value)| (name, value)));
    let input = match reads {
        true => {
            let (read, write) = std::io::pipe().map_err(|error| wrong("The pipe for the input", error))?;
            command.stdin(Stdio::from(OwnedFd::from(read)));
            Some(pipe::Sender::from_owned_fd(write.into()).map_err(|error| wrong("The pipe for the input", error))?)
        }
        false => {
            command.stdin(Stdio::null());
            None
        }
    };
    let child = command.spawn().map_err(|error| format!("The shell could not be started: {error}."))?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw).ok_or("The shell has no number.")?;
    let killer = Killer { pid, how, control: second, done: AtomicBool::new(false) }.into();
    Ok(Running { child, killer, output, control, input, report, folder: order.folder.clone() })
}

/// The task with the way in which this system keeps the view's secrets from it.
fn forced(task: Task, order: &Order, program: &std::path::Path) -> (Task, How) {
    let Some(view) = &order.view else { return (task, How::Tree) };
    let view = Some(view.clone());
    match known(program) {
        Force::Namespaces => (Task { mode: Mode::Namespaces, view, ..task }, How::Namespace),
        Force::Bwrap(bwrap) => (Task { mode: Mode::Bwrap, view, bwrap, ..task }, How::Namespace),
        Force::SandboxExec => (Task { mode: Mode::Sandbox, view, ..task }, How::Tree),
        Force::None(_) => (task, How::Tree),
    }
}
