//! What is typed: bytes from the terminal, made keys, in the order they came. Reads only while the terminal is ours, and no
//! more as long as what was read is not worked off.

use crate::{
    flow::input::Input,
    terminal::{parser::Parser, session},
};
use std::{
    collections::VecDeque,
    io,
    task::{Context, Poll},
    time::Instant,
};
use tokio::io::{Interest, unix::AsyncFd};

/// Bytes read in one go.
const READ: usize = 64 << 10;
/// What a person types at once is less than this, and all that there is: whatever comes after it is told anew.
const TYPED: usize = 64;

/// Keys that were typed and are still to be worked off.
pub(super) struct Keys {
    /// Standard input, as long as we may read it.
    input: Option<AsyncFd<io::Stdin>>,
    parser: Parser,
    buffer: Vec<u8>,
    waiting: VecDeque<Input>,
    escape: Option<Instant>,
    more: bool,
}

/// What looking for keys led to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    Nothing,
    Keys,
    /// Nobody will ever type again.
    Gone,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self { input: None, parser: Parser::new(), buffer: vec![0; READ], waiting: VecDeque::new(), escape: None, more: false }
    }

    /// The terminal is ours: what is typed is for us.
    pub(super) fn open(&mut self) -> io::Result<()> {
        // registered anew, so that what is known of it is what is so now: somebody else has read it in between
        self.input = None;
        #[expect(deprecated, reason = "the replacement is unsafe to call; standard input stays open as long as the process lives")]
        let input = AsyncFd::with_interest(io::stdin(), Interest::READABLE)?;
        self.input = Some(input);
        Ok(())
    }
    /// What is typed from now on is for somebody else, and doesn't wake us.
    pub(super) fn close(&mut self) {
        (self.input, self.more) = (None, false);
    }

    /// The next key.
    pub(super) fn next(&mut self) -> Option<Input> {
        self.waiting.pop_front()
    }
    /// Whether keys wait to be worked off, here or in the terminal.
    pub(super) fn wait(&self) -> bool {
        self.more || !self.waiting.is_empty()
    }
    /// When a begun sequence is taken for what it is.
    pub(super) fn due(&self) -> Option<Instant> {
        self.escape
    }
    /// Takes a begun sequence for what it is, if it is time for that.
    pub(super) fn timeout(&mut self, now: Instant) {
        if self.escape.is_some_and(|at| at <= now) {
            let mut inputs = vec![];
            self.parser.timeout(&mut inputs);
            self.waiting.extend(inputs);
            self.escape = self.parser.patience().map(|patience| now + patience);
        }
    }

    /// Reads what is there, unless there are keys still.
    pub(super) fn poll(&mut self, context: &mut Context) -> io::Result<Looked> {
        let Some(input) = &self.input else { return Ok(Looked::Nothing) };
        if !self.waiting.is_empty() {
            return Ok(Looked::Keys);
        }
        while let Poll::Ready(guard) = input.poll_read_ready(context) {
            let mut guard = guard?;
            // reading would wait if another program was quicker
            if !session::has_more() {
                guard.clear_ready();
                continue;
            }
            let read = session::read(&mut self.buffer)?;
            if read == 0 {
                return Ok(Looked::Gone);
            }
            self.more = read >= TYPED && session::has_more();
            if !self.more {
                guard.clear_ready();
            }
            let mut inputs = vec![];
            self.parser.push(&self.buffer[..read], &mut inputs);
            self.waiting.extend(inputs);
            self.escape = self.parser.patience().map(|patience| Instant::now() + patience);
            return Ok(Looked::Keys);
        }
        Ok(Looked::Nothing)
    }
}
