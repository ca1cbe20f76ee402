//! Following a command from its start to its end: what it writes goes on as it comes, its time is measured, and after the shell's end
//! only what is in the pipe already is read.

use crate::tools::shell::{
    launch::{Held, Running},
    veil::Veil,
};
use std::{process::ExitStatus, time::Duration};
use tokio::{
    net::UnixStream,
    time::{Instant, sleep_until},
};

/// How long a command that was asked to end may take for it.
const GRACE: Duration = Duration::from_millis(300);
/// How much is read at once.
const PIECE: usize = 64 * 1024;
/// How much is read after the end: more than a pipe holds, but bounded, because somebody outside may hold the pipe too.
const REST: usize = 4 * 1024 * 1024;
/// What the helper says is short.
const SAID: usize = 8 * 1024;

/// How it ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finish {
    pub exit: Option<i32>,
    pub signal: Option<i32>,
    pub timed_out: bool,
}

/// Where the output goes.
pub(crate) trait Sink {
    /// Takes what came.
    fn take(&mut self, bytes: &[u8]) -> impl Future<Output = ()>;
    /// When it wants to be called though nothing comes.
    fn due(&self) -> Option<Instant>;
    /// It is that time.
    fn tick(&mut self);
}

/// Follows a command to its end.
pub(crate) async fn drive<S: Sink>(
    running: &mut Running,
    sink: &mut S,
    mut veil: Veil,
    timeout: Option<Duration>,
) -> Result<Finish, String> {
    let mut piece = vec![0; PIECE];
    let mut said = Vec::new();
    let mut open = true;
    let plain = running.held.control.is_none();
    let mut timed_out = false;
    let mut limit = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let status = loop {
        let (at, due) = (limit, sink.due());
        tokio::select! {
            biased;
            status = running.held.child.wait() => break status,
            more = hear(running.held.control.as_ref(), &mut said) => if !more {
                running.held.control = None;
            },
            () = until(at) => {
                if timed_out {
                    limit = None;
                    running.held.killer.stop();
                } else {
                    timed_out = true;
                    limit = Some(Instant::now() + GRACE);
                    running.held.ask();
                }
            }
            () = until(due) => sink.tick(),
            ready = running.output.readable(), if open => {
                let count = match ready.and_then(|()| running.output.try_read(&mut piece)) {
                    Ok(count) => count,
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
                    Err(_) => 0,
                };
                open = count > 0;
                sink.take(&veil.push(piece.get(..count).unwrap_or_default())).await;
                // a flood leaves the others of this thread their turn
                tokio::task::yield_now().await;
            }
        }
    };
    running.held.finish(plain || status.as_ref().is_ok_and(|status| !status.success()));
    let mut rest = REST;
    while open && rest > 0 {
        // not through the runtime: it may not have noticed yet that there is something
        match rustix::io::read(&running.output, &mut piece) {
            Ok(count) if count > 0 => {
                rest = rest.saturating_sub(count);
                sink.take(&veil.push(piece.get(..count).unwrap_or_default())).await;
            }
            Err(rustix::io::Errno::INTR) => {}
            _ => break,
        }
    }
    sink.take(&veil.finish()).await;
    hear_rest(&running.held, &mut said);
    judge(status, &String::from_utf8_lossy(&said), timed_out, plain)
}

/// Waits for the end of what was started, and sees to what it left behind.
pub(crate) async fn ended(held: &mut Held) -> Result<Finish, String> {
    let status = held.child.wait().await;
    let plain = held.control.is_none();
    // in the same breath, as its number is free now
    held.finish(plain || status.as_ref().is_ok_and(|status| !status.success()));
    let mut said = Vec::new();
    hear_rest(held, &mut said);
    judge(status, &String::from_utf8_lossy(&said), false, plain)
}

/// What the helper has said before its end.
fn hear_rest(held: &Held, said: &mut Vec<u8>) {
    let mut piece = [0; SAID];
    while let Some(control) = &held.control
        && let Ok(count @ 1..) = rustix::io::read(control, &mut piece)
    {
        let room = SAID.saturating_sub(said.len());
        said.extend_from_slice(piece.get(..count.min(room)).unwrap_or_default());
    }
}

/// Waits for a time, or for ever.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Hears what the helper says. False when it says no more.
async fn hear(control: Option<&UnixStream>, said: &mut Vec<u8>) -> bool {
    let Some(control) = control else { return std::future::pending().await };
    let mut piece = [0; 1024];
    loop {
        if control.readable().await.is_err() {
            return false;
        }
        match control.try_read(&mut piece) {
            Ok(0) => return false,
            Ok(count) => {
                let room = SAID.saturating_sub(said.len());
                said.extend_from_slice(piece.get(..count.min(room)).unwrap_or_default());
                return true;
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
    }
}

/// What all of this means.
fn judge(status: std::io::Result<ExitStatus>, said: &str, timed_out: bool, plain: bool) -> Result<Finish, String> {
    use std::os::unix::process::ExitStatusExt;
    if timed_out {
        return Ok(Finish { exit: Some(124), signal: None, timed_out });
    }
    let number = |word: &str| said.lines().rev().find_map(|line| line.strip_prefix(word)?.trim().parse().ok());
    let (exit, signal) = (number("exit "), number("signal "));
    if exit.is_some() || signal.is_some() {
        return Ok(Finish { exit, signal, timed_out });
    }
    if let Some(sentence) = said.lines().find_map(|line| line.strip_prefix("error ")) {
        return Err(sentence.into());
    }
    let status = status.map_err(|error| format!("Its end was missed: {error}."))?;
    match plain || status.signal().is_some() {
        true => Ok(Finish { exit: status.code(), signal: status.signal(), timed_out }),
        false => Err(format!("The helper broke down ({status}): {}", said.trim())),
    }
}
