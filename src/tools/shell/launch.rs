//! Starting a command and holding on to it: its process, the pipe of its output, the socket to the helper, and what ends it all at once.

use crate::tools::shell::{
    order::{Order, Setting},
    task::{Mode, Runs, Task},
    tree,
    view::probe::{Force, known},
};
use rustix::{
    net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg},
    process::{Pid, Signal, kill_process_group},
};
use std::{
    ffi::OsString,
    io::IoSlice,
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{fs::PermissionsExt, net::UnixStream as Pair},
    },
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
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

/// A process that we started. Letting go of it ends it, with all that it started.
pub(crate) struct Held {
    pub child: Child,
    pub killer: Arc<Killer>,
    /// To the helper, when there is one.
    pub control: Option<UnixStream>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.killer.stop();
    }
}

impl Held {
    /// The process has ended by itself, and has not ended what was left when `alone`.
    pub fn finish(&self, alone: bool) {
        self.killer.finish(!alone);
    }

    /// Asks everybody to end.
    pub fn ask(&self) {
        match &self.control {
            // the helper passes it on: it alone knows the group of what it started
            Some(control) => {
                let _ = control.try_write(b"T");
            }
            None => {
                let _ = kill_process_group(self.killer.pid, Signal::TERM);
            }
        }
    }
}

/// A command that runs.
pub(crate) struct Running {
    pub held: Held,
    pub output: pipe::Receiver,
    /// What the command reads, in the background.
    pub input: Option<pipe::Sender>,
    report: Option<TempPath>,
    folder: PathBuf,
}

impl Running {
    /// Where the shell was at its end, or where it began when that is not known.
    pub fn folder(&self) -> PathBuf {
        use std::{ffi::OsString, os::unix::ffi::OsStringExt};
        let told = self.report.as_ref().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        let told = told.strip_suffix(b"\n").filter(|path| path.len() < 4096).map(|path| PathBuf::from(OsString::from_vec(path.to_vec())));
        told.filter(|path| path.is_absolute() && path.is_dir()).unwrap_or_else(|| self.folder.clone())
    }
}

/// Where a program is talked to and heard.
pub(crate) struct Pipes {
    pub input: pipe::Sender,
    pub output: pipe::Receiver,
    pub errors: pipe::Receiver,
}

/// A new private file in which the shell reports its folder; without one the folder stays as it was.
fn report_file() -> Option<TempPath> {
    let file = tempfile::Builder::new().prefix("shell-folder-").permissions(PermissionsExt::from_mode(0o600)).tempfile().ok()?;
    Some(file.into_temp_path())
}

/// Starts the order's command. `reads` gives it a pipe to read from.
pub(crate) fn start(order: &Order, reads: bool) -> Result<Running, String> {
    order.check()?;
    let report = report_file();
    let runs = Runs::Line { shell: order.shell(), command: order.command.clone(), report: report.as_deref().map(Into::into) };
    let (output, write) = heard()?;
    let (read, input) = if reads { told().map(|(read, input)| (Some(read), Some(input)))? } else { (None, None) };
    let held = launch(runs, &order.folder, &order.setting, Ends { read, write, errors: None })?;
    Ok(Running { held, output, input, report, folder: order.folder.clone() })
}

/// Starts a program that is talked to.
pub(crate) fn talk(path: PathBuf, arguments: Vec<OsString>, folder: &Path, setting: &Setting) -> Result<(Held, Pipes), String> {
    let ((output, write), (errors, second), (read, input)) = (heard()?, heard()?, told()?);
    let ends = Ends { read: Some(read), write, errors: Some(second) };
    let held = launch(Runs::Program { path, arguments }, folder, setting, ends)?;
    Ok((held, Pipes { input, output, errors }))
}

/// The ends of pipes that are for what is started. Without `errors` it says everything in one place.
struct Ends {
    read: Option<OwnedFd>,
    write: OwnedFd,
    errors: Option<OwnedFd>,
}

/// A pipe that we hear.
fn heard() -> Result<(pipe::Receiver, OwnedFd), String> {
    let made = std::io::pipe().and_then(|(read, write)| Ok((pipe::Receiver::from_owned_fd(read.into())?, write.into())));
    made.map_err(|error| format!("The pipe for the output could not be made: {error}."))
}

/// A pipe that we tell something by.
fn told() -> Result<(OwnedFd, pipe::Sender), String> {
    let made = std::io::pipe().and_then(|(read, write)| Ok((read.into(), pipe::Sender::from_owned_fd(write.into())?)));
    made.map_err(|error| format!("The pipe for the input could not be made: {error}."))
}

/// The two ends of the socket to the helper, ours also for whoever ends it. `errors` lies in it as the first thing that is read there.
fn socket(errors: Option<&OwnedFd>) -> std::io::Result<(UnixStream, Pair, Pair)> {
    let (ours, theirs) = Pair::pair()?;
    if let Some(errors) = errors {
        let rights = [errors.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut given = SendAncillaryBuffer::new(&mut space);
        given.push(SendAncillaryMessage::ScmRights(&rights));
        sendmsg(&ours, &[IoSlice::new(b"E")], &mut given, SendFlags::empty())?;
    }
    let second = ours.try_clone()?;
    ours.set_nonblocking(true)?;
    Ok((UnixStream::from_std(ours)?, second, theirs))
}

fn launch(runs: Runs, folder: &Path, setting: &Setting, ends: Ends) -> Result<Held, String> {
    let (mut command, how, control, second) = match &setting.program {
        Some(program) => {
            let made = socket(ends.errors.as_ref());
            let (ours, second, theirs) = made.map_err(|error| format!("The socket to the helper could not be made: {error}."))?;
            let task = Task { runs, folder: folder.into(), input: ends.read.is_some(), errors: ends.errors.is_some(), ..Task::default() };
            let (task, how) = forced(task, setting, program);
            let mut command = Command::new(program);
            // not that folder: a process that stands in it holds what the view may hide
            command.arg(crate::tools::shell::WORD).args(task.to_arguments()).current_dir("/").stderr(Stdio::from(OwnedFd::from(theirs)));
            (command, how, Some(ours), Some(second))
        }
        None => {
            let mut words = runs.words(vec![]).into_iter();
            let mut command = Command::new(words.next().unwrap_or_default());
            let errors = ends.errors.map_or_else(|| ends.write.try_clone(), Ok);
            let errors = errors.map_err(|error| format!("The pipe for the output could not be made: {error}."))?;
            command.args(words).current_dir(folder).process_group(0).stderr(Stdio::from(errors));
            (command, How::Group, None, None)
        }
    };
    command.stdin(ends.read.map_or_else(Stdio::null, Stdio::from)).stdout(Stdio::from(ends.write));
    command.env_clear().envs(setting.environment.iter().map(|(name, value)| (name, value)));
    let child = command.spawn().map_err(|error| format!("It could not be started: {error}."))?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw).ok_or("It has no number.")?;
    let killer = Killer { pid, how, control: second, done: AtomicBool::new(false) }.into();
    Ok(Held { child, killer, control })
}

/// The task with the way in which this system keeps the view's secrets from it.
fn forced(task: Task, setting: &Setting, program: &Path) -> (Task, How) {
    let Some(view) = &setting.view else { return (task, How::Tree) };
    let view = Some(view.clone());
    match known(program) {
        Force::Namespaces => (Task { mode: Mode::Namespaces, view, ..task }, How::Namespace),
        Force::Bwrap(bwrap) => (Task { mode: Mode::Bwrap, view, bwrap, ..task }, How::Namespace),
        Force::SandboxExec => (Task { mode: Mode::Sandbox, view, ..task }, How::Tree),
        Force::None(_) => (task, How::Tree),
    }
}
