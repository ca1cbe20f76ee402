//! In the helper: starts the shell, watches it, and makes sure that nothing of it outlives the helper. The descriptors say who it talks
//! to: 0 is what a background command reads, 1 where all output goes, and 2 a socket to the program that started us. A `T` on the socket
//! asks for an end with SIGTERM, its closing for an end at once; what we say there is `exit N`, `signal N` or `error SENTENCE`.

use crate::tools::shell::{task::Task, tree};
use rustix::{
    io::FdFlags,
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg},
    process::{Pid, Resource, Rlimit, Signal, WaitOptions, WaitStatus, getpid, getrlimit, kill_process_group, setrlimit, wait},
};
use std::{
    ffi::OsString,
    io::{IoSliceMut, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::{Command, ExitCode, Stdio},
};

/// How many threads a command may have beyond those that the user has already: a build on a large machine needs hundreds, a fork bomb of
/// this size leaves the machine usable.
const MORE_THREADS: u64 = 2048;

/// Leaves the terminal, and becomes the one who adopts what the shell leaves behind.
pub(crate) fn apart() {
    // fails only where we lead a group already, which is as good
    let _ = rustix::process::setsid();
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Says something to the program that started us.
pub(crate) fn say(text: &str) {
    // who is gone need not hear it
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Says why nothing was run.
pub(crate) fn fail(sentence: impl AsRef<str>) -> ExitCode {
    say(&format!("error {}", sentence.as_ref().replace('\n', " ")));
    ExitCode::FAILURE
}

/// How many threads the user may have from now on; none where that can't be known, and for root, who isn't bound by it.
pub(crate) fn thread_limit() -> Option<u64> {
    if rustix::process::getuid().is_root() {
        return None;
    }
    Some(tree::threads_of_user()? + MORE_THREADS)
}

/// No core files (they would hold what the command knew), and no more threads than `threads`.
pub(crate) fn limit(threads: Option<u64>) {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    if let Some(threads) = threads {
        let now = getrlimit(Resource::Nproc);
        let least = |old: Option<u64>| Some(old.map_or(threads, |old| old.min(threads)));
        let _ = setrlimit(Resource::Nproc, Rlimit { current: least(now.current), maximum: least(now.maximum) });
    }
}

/// Descriptors beyond the first three that a command would inherit. Ours all close by themselves; those that we were started with do not,
/// and one of them can be closed only by the shell, because it has no owner here.
fn inherited() -> Vec<u32> {
    const CLOSES: u32 = 0o2_000_000;
    let closes = |number: u32| {
        let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")).ok()?;
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
        Some(u32::from_str_radix(flags.trim(), 8).ok()? & CLOSES != 0)
    };
    let entries = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).filter(|number| *number > 2);
    numbers.filter(|number| closes(*number) == Some(false)).collect()
}

/// What the task runs, behind the words of `before` if there are any.
fn command(task: &Task, before: &[OsString]) -> std::io::Result<Command> {
    let errors = if task.errors { given_errors()? } else { std::io::stdout().as_fd().try_clone_to_owned()? };
    let mut words = before.iter().cloned().chain(task.runs.words(inherited()));
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(&task.folder).process_group(0);
    command.stdin(if task.input { Stdio::inherit() } else { Stdio::null() }).stderr(errors);
    Ok(command)
}

/// Where the second output goes, which the program that started us has laid into the socket.
fn given_errors() -> std::io::Result<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut given = RecvAncillaryBuffer::new(&mut space);
    let mut letter = [0; 1];
    recvmsg(std::io::stderr(), &mut [IoSliceMut::new(&mut letter)], &mut given, RecvFlags::empty())?;
    let rights = given.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let errors = rights.ok_or_else(|| std::io::Error::other("its second output was not handed over"))?;
    rustix::io::fcntl_setfd(&errors, FdFlags::CLOEXEC)?;
    Ok(errors)
}

/// Runs what the task says to its end. `alone` says that this process is the first of its own namespace, so that its end is everybody's;
/// otherwise what is left is searched and ended.
pub(crate) fn supervise(task: &Task, before: &[OsString], alone: bool) -> ExitCode {
    if !task.folder.is_dir() {
        return fail(format!("The folder {} does not exist, or commands must not see it.", task.folder.display()));
    }
    let child = match command(task, before).and_then(|mut command| command.spawn()) {
        Ok(child) => child,
        Err(error) => return fail(format!("It could not be started: {error}.")),
    };
    let Some(shell) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return fail("The shell has no number.");
    };
    std::thread::spawn(move || obey(shell, alone));
    let status = reap_until(shell);
    // said before the others are ended: the socket keeps it
    match status.map(|status| (status.exit_status(), status.terminating_signal())) {
        Some((Some(code), _)) => say(&format!("exit {code}")),
        Some((_, Some(signal))) => say(&format!("signal {signal}")),
        _ => say("error The shell's end was missed."),
    }
    if !alone {
        end_others(shell);
    }
    ExitCode::SUCCESS
}

/// Takes in every process that ends, ours and the adopted, until it is the shell.
fn reap_until(shell: Pid) -> Option<WaitStatus> {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == shell && !status.stopped() => return Some(status),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

/// Ends whatever is left below this process, for as long as that takes. Orphans are adopted, so that nothing is left when there is no child.
fn end_others(shell: Pid) {
    loop {
        tree::stop_below(getpid());
        let _ = kill_process_group(shell, Signal::KILL);
        match wait(WaitOptions::NOHANG) {
            Err(rustix::io::Errno::CHILD) => return,
            Ok(None) => std::thread::park_timeout(std::time::Duration::from_millis(1)),
            _ => {}
        }
    }
}

/// Does what the program that started us asks for, and what its end asks for.
fn obey(shell: Pid, alone: bool) {
    let mut letter = [0; 1];
    loop {
        match rustix::io::read(std::io::stderr(), &mut letter) {
            Ok(1) => {
                let _ = kill_process_group(shell, Signal::TERM);
            }
            Err(rustix::io::Errno::INTR) => {}
            _ => break,
        }
    }
    if !alone {
        end_others(shell);
    }
    std::process::exit(1);
}
