//! Bytes on their way to the terminal. Nobody waits for a terminal that does not read: what it does not take stays here, and
//! whoever draws asks first whether it was taken.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags, open},
    io::Errno,
    stdio,
    termios::{tcgetsid, ttyname},
};
use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::OnceLock,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};
use tokio::io::{Interest, unix::AsyncFd};

/// Where there is no description of our own, this much is written at a time: a terminal that says that it takes something may
/// still keep a longer write waiting.
const LITTLE: usize = 64;

/// The terminal, opened once more. Writes that don't wait need `O_NONBLOCK`, which belongs to the open description; the one of
/// standard output is shared with the shell and with whoever else writes there. Theirs is left alone, so there is nothing to
/// restore, whatever becomes of us.
static OWN: OnceLock<Option<OwnedFd>> = OnceLock::new();

fn own() -> Option<BorrowedFd<'static>> {
    OWN.get_or_init(reopened).as_ref().map(AsFd::as_fd)
}

fn reopened() -> Option<OwnedFd> {
    let flags = OFlags::WRONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let named = ttyname(stdio::stdout(), vec![]).ok().and_then(|name| open(name, flags, Mode::empty()).ok());
    // in some containers, and after `su`, the name can't be opened; this works where the terminal controls us
    named.or_else(|| tcgetsid(stdio::stdout()).ok().and_then(|_| open("/dev/tty", flags, Mode::empty()).ok()))
}

fn target() -> BorrowedFd<'static> {
    own().unwrap_or_else(stdio::stdout)
}

/// Writes what the terminal takes now.
fn write(bytes: &[u8]) -> rustix::io::Result<usize> {
    loop {
        let result = match own() {
            Some(own) => rustix::io::write(own, bytes),
            None if takes(Duration::ZERO) => rustix::io::write(stdio::stdout(), &bytes[..bytes.len().min(LITTLE)]),
            None => Err(Errno::AGAIN),
        };
        match result {
            Err(Errno::INTR) => {}
            // no error, and no byte: not now
            Ok(0) => return Err(Errno::AGAIN),
            result => return result,
        }
    }
}

/// Whether the terminal takes something, within `patience`.
fn takes(patience: Duration) -> bool {
    let patience = Timespec::try_from(patience).unwrap_or_default();
    let target = target();
    poll(&mut [PollFd::new(&target, PollFlags::OUT)], Some(&patience)).is_ok_and(|n| n > 0)
}

/// Writes all of it, or what the terminal takes within `patience`.
pub(super) fn write_within(patience: Duration, mut bytes: &[u8]) -> io::Result<()> {
    let deadline = Instant::now() + patience;
    while !bytes.is_empty() {
        match write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::AGAIN) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                takes(left);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What was made for the terminal and was not taken yet.
#[derive(Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    taken: usize,
    /// Present while the terminal takes nothing: a terminal that reads would wake us each time it has read.
    stalled: Option<AsyncFd<BorrowedFd<'static>>>,
}

impl Output {
    /// Where bytes are added. They go out in one write.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
    /// Whether the terminal has to read before more is made.
    pub(super) fn is_stalled(&self) -> bool {
        self.stalled.is_some()
    }
    /// Forgets what was not taken.
    pub(super) fn clear(&mut self) {
        *self = Self { bytes: std::mem::take(&mut self.bytes), ..Self::default() };
        self.bytes.clear();
    }

    /// Sends what there is, as far as the terminal takes it.
    pub(super) fn send(&mut self) -> io::Result<()> {
        while self.taken < self.bytes.len() {
            match write(&self.bytes[self.taken..]) {
                Ok(written) => self.taken += written,
                Err(Errno::AGAIN) => {
                    if self.stalled.is_none() {
                        #[expect(
                            deprecated,
                            reason = "the replacement is unsafe to call; the terminal stays open as long as the process lives"
                        )]
                        let stalled = AsyncFd::with_interest(target(), Interest::WRITABLE)?;
                        self.stalled = Some(stalled);
                    }
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.clear();
        Ok(())
    }

    /// Goes on with what was not taken; ready when the terminal has taken it.
    pub(super) fn poll_taken(&mut self, context: &mut Context) -> Poll<io::Result<()>> {
        while let Some(stalled) = &self.stalled {
            let mut guard = ready!(stalled.poll_write_ready(context))?;
            guard.clear_ready();
            self.send()?;
        }
        Poll::Ready(Ok(()))
    }
}
