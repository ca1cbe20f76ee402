//! Entering and leaving. Whatever happens (the end, a panic, a signal, an editor in between) the terminal gets its modes back,
//! in one write. Nothing is asked of the terminal, so that nothing has to be waited for.

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    stdio,
};
use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
};

/// Alternate screen, bracketed paste, and keys that can be told apart (ignored where unknown).
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[>1u";
/// All modes that we may have set, off; margins and colours as they were.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[<u\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[r\x1b[0m\x1b[?25h\x1b[?1049l\x1b[?25h";
/// For `hermes reset`: what a program that was killed may have left behind, ours or another.
const RESET: &[u8] = b"\x1b[?2026l\x1b[<99u\x1b[>4m\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[?1l\x1b>\x1b[?7h\x1b[?25h\x1b(B\x0f\x1b[r\x1b[0m";
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// The terminal is ours.
static ENTERED: AtomicBool = AtomicBool::new(false);
/// Somebody panicked: the screen was given back already, and nothing may be drawn any more.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// The terminal as long as it is ours. Dropping it gives it back.
pub struct Session;

impl Session {
    /// Takes the terminal. From here on a panic gives it back before it is told.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICKED.store(true, Ordering::SeqCst);
            leave();
            previous(info);
        }));
        let session = Session;
        session.resume(mouse)?;
        Ok(session)
    }
    /// Takes it again, after an editor or the shell had it.
    pub fn resume(&self, mouse: bool) -> io::Result<()> {
        enable_raw_mode()?;
        ENTERED.store(true, Ordering::SeqCst);
        write(ENTER)?;
        if mouse { write(MOUSE_ON) } else { Ok(()) }
    }
    /// Gives it back for a while.
    pub fn pause(&self) {
        leave();
    }
    /// Captures the mouse, or not.
    pub fn set_mouse(&self, on: bool) -> io::Result<()> {
        write(if on { MOUSE_ON } else { MOUSE_OFF })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        leave();
    }
}

/// Whether somebody panicked since the start.
pub fn panicked() -> bool {
    PANICKED.load(Ordering::SeqCst)
}

fn leave() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        // a terminal that is gone needs nothing back
        let _ = write(LEAVE);
        let _ = disable_raw_mode();
    }
}

/// Gives a terminal its modes back that another program, or a killed one, left behind.
pub fn reset() -> io::Result<()> {
    write(RESET)?;
    let mut modes = rustix::termios::tcgetattr(stdio::stdin())?;
    use rustix::termios::{ControlModes, InputModes, LocalModes, OptionalActions, OutputModes};
    modes.input_modes |= InputModes::ICRNL | InputModes::IXON | InputModes::BRKINT;
    modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    modes.control_modes |= ControlModes::CREAD;
    modes.local_modes |=
        LocalModes::ISIG | LocalModes::ICANON | LocalModes::IEXTEN | LocalModes::ECHO | LocalModes::ECHOE | LocalModes::ECHOK;
    rustix::termios::tcsetattr(stdio::stdin(), OptionalActions::Now, &modes)?;
    Ok(())
}

/// Reads from the terminal without showing what is typed; afterwards it shows it again, whatever happened.
pub fn without_echo<T>(read: impl FnOnce() -> T) -> T {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let before = tcgetattr(stdio::stdin()).ok();
    if let Some(mut modes) = before.clone() {
        modes.local_modes -= LocalModes::ECHO;
        let _ = tcsetattr(stdio::stdin(), OptionalActions::Flush, &modes);
    }
    let result = read();
    if let Some(before) = before {
        let _ = tcsetattr(stdio::stdin(), OptionalActions::Now, &before);
    }
    result
}

/// Writes everything to standard output, in one go where the terminal takes it.
pub fn write(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(stdio::stdout(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                poll(&mut [PollFd::new(&stdio::stdout(), PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Reads what is there; nothing means that the terminal is gone.
pub fn read(buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match rustix::io::read(stdio::stdin(), &mut *buffer) {
            Err(rustix::io::Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}

/// Whether more is there to be read, without waiting.
pub fn has_more() -> bool {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let stdin = stdio::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
    poll(&mut fds, Some(&now)).is_ok_and(|n| n > 0)
}

/// Columns and rows of the window.
pub fn size() -> (u16, u16) {
    rustix::termios::tcgetwinsize(stdio::stdout()).map(|w| (w.ws_col, w.ws_row)).ok().filter(|(c, r)| *c > 0 && *r > 0).unwrap_or((80, 24))
}
