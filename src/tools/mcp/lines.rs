//! Messages as lines over a pair of pipes, for the SDK. Its own reader skips what it can't read and goes on with a line that is too
//! long; ours remembers what was strange, so that the end can be explained, and breaks the connection.

use super::text;
use rmcp::{
    RoleClient,
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    sync::Mutex as Turn,
};

/// Bytes of one message.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Lines in a row that are no messages. A few are forgiven: programs greet, and package managers chat.
const MOST_STRANGE: u32 = 100;

/// What was noticed while a server ran.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Noted>>);

/// What explains an end.
#[derive(Default)]
pub(super) struct Noted {
    /// Why the connection was broken.
    pub fault: Option<String>,
    /// The last line that was no message.
    pub strange: Option<String>,
    /// The last line of its standard error.
    pub last_error: Option<String>,
}

impl Notes {
    pub fn write(&self, change: impl FnOnce(&mut Noted)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub fn read<T>(&self, look: impl FnOnce(&Noted) -> T) -> T {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The two pipes of a server.
pub(super) struct Lines<R, W> {
    read: BufReader<R>,
    /// What has come of the next line: it outlives a reading that was given up in the middle.
    line: Vec<u8>,
    strange: u32,
    /// Whole messages only: whoever writes has his turn.
    write: Arc<Turn<Option<W>>>,
    notes: Notes,
}

impl<R: AsyncRead + Unpin, W> Lines<R, W> {
    pub fn new(read: R, write: W, notes: Notes) -> Self {
        Self { read: BufReader::new(read), line: vec![], strange: 0, write: Arc::new(Turn::new(Some(write))), notes }
    }

    /// The next line, with its end. Nothing when there is none, or none that we want.
    async fn next_line(&mut self) -> Option<Vec<u8>> {
        loop {
            let come = self.read.fill_buf().await.ok().filter(|come| !come.is_empty())?;
            let end = come.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let count = end.unwrap_or(come.len());
            if self.line.len() + count > MOST_BYTES {
                self.notes.write(|notes| notes.fault = Some("it sent a line of more than 16 MiB".into()));
                return None;
            }
            self.line.extend_from_slice(&come[..count]);
            self.read.consume(count);
            if end.is_some() {
                return Some(std::mem::take(&mut self.line));
            }
        }
    }

    /// Remembers a line that is no message. False when there were too many.
    fn forgive(&mut self, line: &[u8]) -> bool {
        let words = text::line(&String::from_utf8_lossy(&line[..line.len().min(1_000)]), 200);
        self.strange += 1;
        let is_enough = self.strange >= MOST_STRANGE;
        self.notes.write(|notes| {
            if is_enough {
                notes.fault = Some(format!("it sends lines that are no messages, such as `{words}`"));
            }
            notes.strange = Some(words);
        });
        !is_enough
    }
}

impl<R, W> Transport<RoleClient> for Lines<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    type Error = io::Error;

    fn send(&mut self, message: TxJsonRpcMessage<RoleClient>) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let write = self.write.clone();
        async move {
            let mut line = serde_json::to_vec(&message)?;
            line.push(b'\n');
            let mut write = write.lock().await;
            let pipe = write.as_mut().ok_or(io::ErrorKind::NotConnected)?;
            pipe.write_all(&line).await?;
            pipe.flush().await
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        loop {
            let line = self.next_line().await?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice(&line) {
                Ok(message) => {
                    self.strange = 0;
                    return Some(message);
                }
                Err(_) if self.forgive(&line) => {}
                Err(_) => return None,
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        // a writer that a full pipe holds up keeps it a little longer; the end of the process frees both
        if let Ok(mut write) = self.write.try_lock() {
            *write = None;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(said: &[u8]) -> (usize, Option<String>, Option<String>) {
        let notes = Notes::default();
        let mut lines = Lines::new(said, tokio::io::sink(), notes.clone());
        let mut count = 0;
        while lines.receive().await.is_some() {
            count += 1;
        }
        notes.read(|notes| (count, notes.fault.clone(), notes.strange.clone()))
    }

    const PING: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";

    #[tokio::test]
    async fn messages_are_found_between_chatter() {
        let (count, fault, strange) = check(format!("hello\n\n{PING}[1]\r\n{PING}{{\"cut").as_bytes()).await;
        assert_eq!((count, fault, strange.as_deref()), (2, None, Some("[1]")));
    }

    #[tokio::test]
    async fn too_much_chatter_breaks_the_connection() {
        let (count, fault, _) = check(format!("{}{PING}", "\x1b[1mno\n".repeat(100)).as_bytes()).await;
        assert_eq!((count, fault.as_deref()), (0, Some("it sends lines that are no messages, such as `no`")));
        assert_eq!(check(format!("{}{PING}", "no\n".repeat(99)).as_bytes()).await.0, 1);
    }

    #[tokio::test]
    async fn an_endless_line_breaks_the_connection() {
        let (count, fault, _) = check(&[PING.as_bytes(), &vec![b'x'; MOST_BYTES + 1], PING.as_bytes()].concat()).await;
        assert_eq!((count, fault.as_deref()), (1, Some("it sent a line of more than 16 MiB")));
    }
}
