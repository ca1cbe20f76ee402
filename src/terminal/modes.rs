//! What the kernel does with keys before we see them: its modes are taken and given back here. Remembers what the shell had.

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    process::{Signal, getpgrp, getpid, getppid, getsid, kill_process},
    stdio::stdin,
    termios::{ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, Termios, tcgetattr, tcgetpgrp, tcsetattr},
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP},
    flag, low_level,
};
use std::{
    io::{self, Read},
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// The modes that the terminal gets back.
static SHELL: Mutex<Option<Termios>> = Mutex::new(None);

/// Every key as it is typed, from now on. What the terminal has at this moment is what it gets back, unless a program that was
/// killed left it like this: then it gets what a shell wants.
pub(super) fn take() -> io::Result<()> {
    let found = tcgetattr(stdin())?;
    let mut raw = found.clone();
    raw.make_raw();
    let mut shell = SHELL.lock().unwrap_or_else(PoisonError::into_inner);
    if !is_left_behind(&found) {
        *shell = Some(found);
    } else if shell.is_none() {
        *shell = Some(usable(found));
    }
    Ok(tcsetattr(stdin(), OptionalActions::Now, &raw)?)
}

/// Gives the terminal the modes back that it had; nothing happens when they were never taken.
pub(super) fn give_back() -> io::Result<()> {
    let shell = SHELL.lock().unwrap_or_else(PoisonError::into_inner);
    match &*shell {
        Some(modes) => Ok(tcsetattr(stdin(), OptionalActions::Now, modes)?),
        None => Ok(()),
    }
}

/// Gives the terminal modes in which a shell can be used, whatever it has.
pub(super) fn mend() -> io::Result<()> {
    let found = tcgetattr(stdin())?;
    Ok(tcsetattr(stdin(), OptionalActions::Now, &usable(found))?)
}

/// Why no line was read.
pub enum NoLine {
    /// A signal came, by its number.
    Signal(u8),
    /// The reading failed.
    Failed(io::Error),
}

/// Reads a line from the terminal without showing what is typed, once `ask` has asked for it. Afterwards, and while the program is stopped, the terminal shows it
/// again, whatever happened.
pub(super) fn hidden_line(most: usize, ask: impl FnOnce()) -> Result<String, NoLine> {
    let (bell, rings) = UnixStream::pair().map_err(NoLine::Failed)?;
    let Ok(shown) = tcgetattr(stdin()) else {
        ask();
        return line(most, &bell, || None, || {});
    };
    let mut hidden = shown.clone();
    hidden.local_modes -= LocalModes::ECHO;
    // a terminal that is gone is found out by reading it
    let set = |modes: &Termios| _ = tcsetattr(stdin(), OptionalActions::Now, modes);
    let (over, came) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP] {
        // after the line they do again what they always do
        let _ = flag::register_conditional_default(number, over.clone());
        let _ = flag::register_usize(number, came.clone(), usize::try_from(number).unwrap_or(0));
        let _ = rings.try_clone().and_then(|rings| low_level::pipe::register(number, rings));
    }
    set(&hidden);
    ask();
    let stop = || {
        set(&shown);
        let _ = kill_process(getpid(), Signal::STOP);
        set(&hidden);
    };
    let result = line(most, &bell, || u8::try_from(came.swap(0, Ordering::SeqCst)).ok().filter(|number| *number > 0), stop);
    set(&shown);
    over.store(true, Ordering::SeqCst);
    result
}

/// A line of standard input; `bell` rings when a signal has come, `came` gives its number, `stop` stops the program until it is to go
/// on.
fn line(most: usize, mut bell: &UnixStream, came: impl Fn() -> Option<u8>, stop: impl Fn()) -> Result<String, NoLine> {
    let (input, mut line, mut buffer) = (stdin(), vec![], [0; 1_024]);
    loop {
        let mut ready = [PollFd::new(&input, PollFlags::IN), PollFd::new(bell, PollFlags::IN)];
        match poll(&mut ready, None) {
            Err(Errno::INTR) => continue,
            Err(error) => return Err(NoLine::Failed(error.into())),
            Ok(_) => {}
        }
        if !ready[1].revents().is_empty() {
            let _ = bell.read(&mut buffer);
            match came() {
                Some(number) if i32::from(number) == SIGTSTP => stop(),
                Some(number) => return Err(NoLine::Signal(number)),
                None => {}
            }
            continue;
        }
        let read = rustix::io::read(input, &mut buffer);
        match read {
            Err(Errno::INTR) => continue,
            Err(error) => return Err(NoLine::Failed(error.into())),
            Ok(read) => line.extend_from_slice(&buffer[..read]),
        }
        let is_over = matches!(read, Ok(0)) || line.contains(&b'\n') || line.len() > most;
        if is_over {
            let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
            return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
        }
    }
}

/// Whether the terminal is ours to read and to set: a program in the background that tries is stopped.
pub(super) fn is_foreground() -> bool {
    // a terminal that doesn't control us knows no background; one that is gone is found out by reading it
    tcgetpgrp(stdin()).map_or(true, |group| group == getpgrp())
}

/// Whether programs in the background may write; otherwise they are stopped when they try.
pub(super) fn lets_others_write() -> bool {
    tcgetattr(stdin()).is_ok_and(|modes| !modes.local_modes.contains(LocalModes::TOSTOP))
}

/// Whether a shell would wake us after a stop. Shells put each job in a group of its own; the group of the session's leader was
/// started by the terminal itself, and nobody watches it.
pub(super) fn is_a_job() -> bool {
    let session = getsid(None).unwrap_or_else(|_| getpid());
    getpgrp() != session && getppid().is_some_and(|parent| getsid(Some(parent)) == Ok(session))
}

/// Whether a program that took the whole terminal must have left these modes. Line editors of shells, out of which a program
/// can be started, too, keep signals and line feeds.
fn is_left_behind(modes: &Termios) -> bool {
    !modes.local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
        && !modes.output_modes.contains(OutputModes::OPOST)
}

fn usable(mut modes: Termios) -> Termios {
    modes.input_modes |= InputModes::ICRNL | InputModes::IXON | InputModes::BRKINT;
    modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    modes.control_modes |= ControlModes::CREAD;
    modes.local_modes |=
        LocalModes::ISIG | LocalModes::ICANON | LocalModes::IEXTEN | LocalModes::ECHO | LocalModes::ECHOE | LocalModes::ECHOK;
    modes
}
