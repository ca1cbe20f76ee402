//! Entering and leaving. Whatever happens (the end, a panic, a signal, an editor in between) the terminal gets its modes back,
//! in one write. The terminal is asked what it is; nobody waits for its answer.

pub use super::modes::NoLine;
use super::{modes, output, output::Output};
use crate::services::tasks;
use crossterm::{
    cursor::Show,
    event::{
        DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags,
        PushKeyboardEnhancementFlags,
    },
    queue,
    terminal::{EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    stdio,
};
use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
    time::Duration,
};

/// For `hermes reset`: what a program that was killed may have left behind, ours or another.
const RESET: &[u8] = b"\x1b[?2026l\x1b[<99u\x1b[>4m\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[?1l\x1b>\x1b[?7h\x1b[?25h\x1b(B\x0f\x1b[r\x1b[0m";
/// Asks for the name of the terminal (XTVERSION), what it can (DA1) and how large its cells are (XTWINOPS).
const WHO: &[u8] = b"\x1b[>q\x1b[c\x1b[16t";
/// Buttons and the wheel. Crossterm's command asks for each movement, too.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";
/// Keeps the title of the window (XTWINOPS), and brings it back.
const TITLE_KEPT: &[u8] = b"\x1b[22;2t";
const TITLE_BACK: &[u8] = b"\x1b[23;2t";
/// Tells when the window gets the focus and loses it.
const FOCUS_ON: &[u8] = b"\x1b[?1004h";
const FOCUS_OFF: &[u8] = b"\x1b[?1004l";
/// Ends whatever sequence was cut off: the rest of a picture is not sent when we leave.
const CUT_OFF: &[u8] = b"\x18\x1b\\";
/// A terminal that doesn't read is left after this time.
const LEAVING: Duration = Duration::from_millis(50);

/// The title of the window is ours.
static TITLED: AtomicBool = AtomicBool::new(false);
/// The terminal is ours.
static ENTERED: AtomicBool = AtomicBool::new(false);
/// Somebody panicked: the screen was given back already, and nothing may be drawn any more.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// The terminal as long as it is ours. Dropping it gives it back.
pub struct Session {
    output: Output,
    /// Whether the terminal shall tell of the mouse, and whether it was told so.
    mouse: (bool, bool),
    /// Bytes that the terminal shall get beside the pictures; the newest count.
    beside: Option<Vec<u8>>,
    /// What the title of the window shall say, and whether it was told so.
    title: (String, bool),
    /// Pictures, piece by piece: one with each picture of the screen, so that none of them waits for long.
    pieces: VecDeque<Vec<u8>>,
}

impl Session {
    /// Takes the terminal. From here on a panic gives it back before it is told.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if tasks::in_task() {
                // the failure of one task, which its owner tells on the screen
                return previous(info);
            }
            PANICKED.store(true, Ordering::SeqCst);
            leave();
            previous(info);
        }));
        let mut session = Session {
            output: Output::default(),
            mouse: (mouse, false),
            beside: None,
            title: (String::new(), true),
            pieces: VecDeque::new(),
        };
        session.resume()?;
        Ok(session)
    }
    /// Takes it again, after an editor or the shell had it. It is told together with the next picture.
    pub fn resume(&mut self) -> io::Result<()> {
        modes::take()?;
        ENTERED.store(true, Ordering::SeqCst);
        self.output.clear();
        self.mouse.1 = false;
        self.title.1 = self.title.0.is_empty();
        enter(self.output.bytes())
    }
    /// Gives it back for a while.
    pub fn pause(&mut self) {
        self.output.clear();
        leave();
    }
    /// Gives it back after somebody else had it and may not have tidied up.
    pub fn mend(&mut self) {
        // leaving a screen that was left already brings the cursor back to here
        let _ = output::write_within(LEAVING, b"\x1b7");
        ENTERED.store(true, Ordering::SeqCst);
        self.pause();
    }

    /// Captures the mouse, or not.
    pub fn set_mouse(&mut self, on: bool) {
        self.mouse.0 = on;
    }
    /// Sends bytes before the next picture, instead of those that still wait.
    pub fn send_beside(&mut self, bytes: Vec<u8>) {
        self.beside = Some(bytes);
    }

    /// Sends these one after the other.
    pub fn send_pieces(&mut self, pieces: Vec<Vec<u8>>) {
        self.pieces.extend(pieces);
    }
    /// Whether there are some to be sent.
    pub fn has_pieces(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// Says it in the title of the window, with the next picture. The title that the window has comes back when we leave.
    pub fn set_title(&mut self, title: String) {
        self.title = (title, false);
    }

    /// Where the next picture is written. Nobody does as long as the terminal `is_stalled`.
    pub fn picture(&mut self) -> &mut Vec<u8> {
        self.output.bytes()
    }
    /// Sends what there is. What the terminal doesn't take, it gets later.
    pub fn send(&mut self) -> io::Result<()> {
        if !self.is_stalled() {
            if self.mouse.0 != self.mouse.1 {
                self.mouse.1 = self.mouse.0;
                self.output.bytes().extend_from_slice(if self.mouse.0 { MOUSE_ON } else { MOUSE_OFF });
            }
            if !self.title.1 {
                self.title.1 = true;
                let keep: &[u8] = if TITLED.swap(true, Ordering::SeqCst) { b"" } else { TITLE_KEPT };
                let told = [keep, b"\x1b]2;", self.title.0.as_bytes(), b"\x1b\\"].concat();
                self.output.bytes().extend_from_slice(&told);
            }
            if let Some(bytes) = self.beside.take() {
                self.output.bytes().extend_from_slice(&bytes);
            }
            if let Some(piece) = self.pieces.pop_front() {
                self.output.bytes().extend_from_slice(&piece);
            }
        }
        self.output.send()
    }
    /// Whether the terminal doesn't read: until it does, no picture is made for it.
    pub fn is_stalled(&self) -> bool {
        self.output.is_stalled()
    }
    /// Goes on sending; ready when the terminal has everything. Asked only while it `is_stalled`.
    pub fn poll_taken(&mut self, context: &mut Context) -> Poll<io::Result<()>> {
        self.output.poll_taken(context)
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

/// Whether the terminal is ours to take, or the shell's.
pub fn is_foreground() -> bool {
    modes::is_foreground()
}

/// Whether there is a shell that would wake us after a stop.
pub fn is_a_job() -> bool {
    modes::is_a_job()
}

/// Alternate screen, bracketed paste, and keys that can be told apart, with their places in the usual layout (ignored where unknown).
fn enter(out: &mut Vec<u8>) -> io::Result<()> {
    queue!(
        out,
        EnterAlternateScreen,
        EnableBracketedPaste,
        // the other screen has flags of its own: those on it are ours, from before a stop or a kill that nobody saw coming
        PopKeyboardEnhancementFlags,
        PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES | KeyboardEnhancementFlags::REPORT_ALTERNATE_KEYS),
    )?;
    out.write_all(FOCUS_ON)?;
    out.write_all(WHO)
}

/// All modes that we may have set, off; margins and colours as they were.
fn farewell() -> Vec<u8> {
    let mut out = CUT_OFF.to_vec();
    out.extend_from_slice(FOCUS_OFF);
    if TITLED.swap(false, Ordering::SeqCst) {
        out.extend_from_slice(TITLE_BACK);
    }
    // writing into memory can't fail
    let _ = queue!(out, EndSynchronizedUpdate, PopKeyboardEnhancementFlags, DisableMouseCapture, DisableBracketedPaste);
    let _ = out.write_all(b"\x1b[r\x1b[0m");
    let _ = queue!(out, Show, LeaveAlternateScreen, Show);
    out
}

fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    // stopped by others and sent on in the background: the shell has set its modes already, and touching them would stop us
    let foreground = modes::is_foreground();
    // a terminal that is gone, or doesn't read, needs nothing back
    if foreground || modes::lets_others_write() {
        let _ = output::write_within(LEAVING, &farewell());
    }
    if foreground {
        let _ = modes::give_back();
    }
}

/// Gives a terminal its modes back that another program, or a killed one, left behind.
pub fn reset() -> io::Result<()> {
    // the kernel's modes are mended even where nobody reads
    let told = output::write_within(Duration::from_secs(1), RESET);
    modes::mend()?;
    told
}

/// Reads a line of no more than about `most` bytes without showing what is typed, once `ask` has asked for it; afterwards, and while the program is stopped, the
/// terminal shows it again.
pub fn hidden_line(most: usize, ask: impl FnOnce()) -> Result<String, NoLine> {
    modes::hidden_line(most, ask)
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
