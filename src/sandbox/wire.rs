//! The way down to the reader of a stream, whatever the form of its events: gathers bytes, keeps the pace of the fault `slow`, and
//! acts out the faults that end a stream. Knows no event by name.

use super::faults::Fault;
use bytes::Bytes;
use std::{io, time::Duration};
use tokio::{sync::mpsc::Sender, time::sleep};

/// Events are gathered up to this many bytes where nobody waits for them.
const CHUNK: usize = 16 << 10;
/// With the fault `cut`, the connection is dropped after so many deltas.
pub const CUT_AFTER: usize = 20;

/// What goes down the wire; an error drops the connection.
pub type Chunk = Result<Bytes, io::Error>;

/// The reader has gone, or a fault ends the stream here.
pub struct Stop;

/// A stream on its way.
pub struct Wire<'a> {
    /// To the reader.
    pub reader: Sender<Chunk>,
    /// The faults of this request.
    pub faults: &'a [Fault],
    /// Bytes that wait.
    pub buffer: Vec<u8>,
}

impl<'a> Wire<'a> {
    /// Nothing is written yet.
    pub fn new(reader: Sender<Chunk>, faults: &'a [Fault]) -> Self {
        Self { reader, faults, buffer: vec![] }
    }
    /// Whether that was asked for.
    pub fn fails(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }
    /// Before an event is written.
    pub async fn slow(&mut self) -> Result<(), Stop> {
        if let Some(ms) = self.faults.iter().find_map(|f| if let Fault::Slow(ms) = f { Some(*ms) } else { None }) {
            self.flush().await?;
            sleep(Duration::from_millis(ms)).await;
        }
        Ok(())
    }
    /// After an event is written.
    pub async fn gathered(&mut self) -> Result<(), Stop> {
        if self.buffer.len() >= CHUNK { self.flush().await } else { Ok(()) }
    }
    /// Sends what waits.
    pub async fn flush(&mut self) -> Result<(), Stop> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let bytes = Bytes::from(std::mem::take(&mut self.buffer));
        self.reader.send(Ok(bytes)).await.map_err(|_| Stop)
    }
    /// Drops the connection.
    pub async fn cut(&mut self) -> Result<(), Stop> {
        self.flush().await?;
        // what was written is on its way before the connection is dropped; the server would drop both together
        sleep(Duration::from_millis(50)).await;
        let _ = self.reader.send(Err(io::ErrorKind::ConnectionAborted.into())).await;
        Err(Stop)
    }
    /// Sends nothing more until the reader goes.
    pub async fn stall(&mut self) -> Result<(), Stop> {
        self.flush().await?;
        self.reader.closed().await;
        Err(Stop)
    }
    /// One line of many megabytes between two texts.
    pub async fn huge_line(&mut self, before: &str, after: &str) -> Result<(), Stop> {
        self.buffer.extend_from_slice(before.as_bytes());
        for _ in 0..(16 << 20) / CHUNK {
            self.buffer.extend(std::iter::repeat_n(b'x', CHUNK));
            self.flush().await?;
        }
        self.buffer.extend_from_slice(after.as_bytes());
        self.flush().await
    }
}
