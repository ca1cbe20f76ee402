//! What the kernel does with keys before we see them: its modes are taken and given back here. Remembers what the shell had.

use rustix::{
    process::{getpgrp, getpid, getppid, getsid},
    stdio::stdin,
    termios::{ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, Termios, tcgetattr, tcgetpgrp, tcsetattr},
};
use std::{
    io,
    sync::{Mutex, PoisonError},
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

/// Reads from the terminal without showing what is typed; afterwards it shows it again, whatever happened.
pub(super) fn without_echo<T>(read: impl FnOnce() -> T) -> T {
    let before = tcgetattr(stdin()).ok();
    if let Some(mut modes) = before.clone() {
        modes.local_modes -= LocalModes::ECHO;
        let _ = tcsetattr(stdin(), OptionalActions::Flush, &modes);
    }
    let result = read();
    if let Some(before) = before {
        let _ = tcsetattr(stdin(), OptionalActions::Now, &before);
    }
    result
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
