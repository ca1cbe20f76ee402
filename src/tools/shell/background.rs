//! Commands that go on beside the conversation, each under an id: the end of their output is kept, the whole goes into a file.

use crate::{
    domain::trouble::Trouble,
    services::tasks::{Task, spawn},
    tools::shell::{
        drive::{Finish, Sink, drive},
        launch::{Killer, start},
        order::Order,
        output::Tail,
        veil::Veil,
        whole::Whole,
    },
};
use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hasher},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::{
    io::AsyncWriteExt,
    net::unix::pipe,
    sync::watch,
    time::{Instant, timeout},
};

/// How much of the output is kept in memory.
const KEPT: usize = 256 * 1024;
/// How many of those that ended are remembered.
const REMEMBERED: usize = 64;
/// How long a write waits for a process that doesn't read.
const PATIENCE: Duration = Duration::from_secs(5);

/// The processes in the background. Letting go of it ends all of them.
#[derive(Default)]
pub struct Background {
    all: Mutex<BTreeMap<String, Arc<Entry>>>,
}

/// A process that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// Its id, `proc_` and twelve digits.
    pub id: String,
    /// The number of the process that was started: the shell's, or that of its helper.
    pub pid: i32,
}

/// How a process is.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its id.
    pub id: String,
    /// The number of the process that was started.
    pub pid: i32,
    /// Its command.
    pub command: String,
    /// Where it began.
    pub folder: PathBuf,
    /// When.
    pub started: SystemTime,
    /// For how long it runs, or ran.
    pub ran: Duration,
    /// Whether it runs.
    pub running: bool,
    /// Its exit status.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Why it came to no end of its own, in words.
    pub trouble: Option<String>,
    /// How much it wrote.
    pub bytes: u64,
    /// The last of its output, at most 2,000 bytes.
    pub last: String,
    /// The file with the complete output, once there is some.
    pub whole: Option<PathBuf>,
}

/// A part of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The lines.
    pub text: String,
    /// The number of the first of them, among those that are kept.
    pub first: usize,
    /// How many lines are kept.
    pub lines: usize,
    /// How many bytes before them are only in the file.
    pub lost: u64,
}

struct Entry {
    id: String,
    order: Order,
    started: (SystemTime, Instant),
    killer: Arc<Killer>,
    state: Mutex<State>,
    ended: watch::Sender<bool>,
    input: tokio::sync::Mutex<Option<pipe::Sender>>,
    /// Follows it to its end.
    task: OnceLock<Task>,
}

struct State {
    tail: Tail,
    bytes: u64,
    whole: Option<PathBuf>,
    finish: Option<(Result<Finish, String>, Duration)>,
    killed: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Background {
    fn drop(&mut self) {
        for entry in locked(&self.all).values() {
            entry.killer.stop();
        }
    }
}

impl Background {
    /// Starts a command; its time is not limited. It needs a runtime around it.
    pub fn start(&self, order: Order) -> Result<Started, String> {
        let mut running = start(&order, true)?;
        let killer = Arc::clone(&running.held.killer);
        let started = Started { id: self.new_id(), pid: killer.pid.as_raw_nonzero().get() };
        let state = State { tail: Tail::new(KEPT), bytes: 0, whole: None, finish: None, killed: false };
        let entry = Arc::new(Entry {
            id: started.id.clone(),
            started: (SystemTime::now(), Instant::now()),
            killer,
            state: Mutex::new(state),
            ended: watch::Sender::new(false),
            input: tokio::sync::Mutex::new(running.input.take()),
            task: OnceLock::new(),
            order,
        });
        locked(&self.all).insert(entry.id.clone(), Arc::clone(&entry));
        self.forget();
        let (crashed, follows) = (Arc::clone(&entry), Arc::clone(&entry));
        let work = async move {
            let entry = follows;
            let mut sink = Storing { entry: &entry, whole: Whole::new(entry.order.whole.clone()) };
            let veil = Veil::new(entry.order.secrets.clone());
            let finish = drive(&mut running, &mut sink, veil, None).await;
            locked(&entry.state).finish = Some((finish, entry.started.1.elapsed()));
            entry.input.lock().await.take();
            entry.ended.send_replace(true);
        };
        let broke_down = move |trouble: Trouble| {
            locked(&crashed.state).finish = Some((Err(format!("{}.", trouble.message)), crashed.started.1.elapsed()));
            crashed.ended.send_replace(true);
        };
        // it is set once
        let _ = entry.task.set(spawn(work, broke_down));
        Ok(started)
    }

    /// Every process that is remembered, the oldest first.
    pub fn list(&self) -> Vec<Process> {
        let mut all: Vec<Process> = locked(&self.all).values().map(|entry| entry.told()).collect();
        all.sort_by_key(|process| process.started);
        all
    }

    /// How a process is.
    pub fn poll(&self, id: &str) -> Result<Process, String> {
        Ok(self.entry(id)?.told())
    }

    /// Lines of what is kept of a process's output: `limit` of them from line `offset`, or the last ones without it.
    pub fn log(&self, id: &str, offset: Option<usize>, limit: usize) -> Result<Log, String> {
        let entry = self.entry(id)?;
        let (kept, bytes) = {
            let state = locked(&entry.state);
            (state.tail.to_vec(), state.bytes)
        };
        let lost = bytes - kept.len() as u64;
        // a character that lost its beginning
        let cut = if lost > 0 { kept.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count() } else { 0 };
        let text = String::from_utf8_lossy(kept.get(cut..).unwrap_or_default());
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let first = offset.unwrap_or_else(|| lines.len().saturating_sub(limit)).min(lines.len());
        let text = lines.iter().skip(first).take(limit).copied().collect();
        Ok(Log { text, first, lines: lines.len(), lost })
    }

    /// Waits for a process's end, but not longer than `limit`.
    pub async fn wait(&self, id: &str, limit: Duration) -> Result<Process, String> {
        let entry = self.entry(id)?;
        let mut ended = entry.ended.subscribe();
        // it runs on when the time is over, as what is told says
        let _ = timeout(limit, ended.wait_for(|ended| *ended)).await;
        Ok(entry.told())
    }

    /// Ends a process with everything that it started.
    pub fn kill(&self, id: &str) -> Result<Process, String> {
        let entry = self.entry(id)?;
        let mut state = locked(&entry.state);
        state.killed |= state.finish.is_none();
        drop(state);
        entry.killer.stop();
        Ok(entry.told())
    }

    /// Writes to what a process reads.
    pub async fn write(&self, id: &str, data: &[u8]) -> Result<(), String> {
        let entry = self.entry(id)?;
        let mut input = entry.input.lock().await;
        let Some(pipe) = input.as_mut() else { return Err(format!("The process {id} reads no more.")) };
        match timeout(PATIENCE, pipe.write_all(data)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("The process {id} does not take it: {error}.")),
            Err(_) => Err(format!("The process {id} does not read; a part of it may have been written.")),
        }
    }

    /// Closes what a process reads.
    pub async fn close(&self, id: &str) -> Result<(), String> {
        self.entry(id)?.input.lock().await.take();
        Ok(())
    }

    fn entry(&self, id: &str) -> Result<Arc<Entry>, String> {
        locked(&self.all).get(id).cloned().ok_or_else(|| format!("There is no process {id}."))
    }

    fn new_id(&self) -> String {
        loop {
            // the standard library's keys are random, and no two of them are alike
            let number = std::hash::RandomState::new().build_hasher().finish() & 0xffff_ffff_ffff;
            let id = format!("proc_{number:012x}");
            if !locked(&self.all).contains_key(&id) {
                return id;
            }
        }
    }

    /// Lets go of the oldest of those that ended, when there are many.
    fn forget(&self) {
        let mut all = locked(&self.all);
        let ended = all.values().filter(|entry| locked(&entry.state).finish.is_some());
        let mut ended: Vec<(SystemTime, String)> = ended.map(|entry| (entry.started.0, entry.id.clone())).collect();
        ended.sort();
        let over = ended.len().saturating_sub(REMEMBERED);
        for (_, id) in ended.into_iter().take(over) {
            all.remove(&id);
        }
    }
}

impl Entry {
    fn told(&self) -> Process {
        let state = locked(&self.state);
        let kept = state.tail.to_vec();
        let last = kept.get(kept.len().saturating_sub(2000)..).unwrap_or_default();
        let cut = last.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
        let (exit, signal, trouble) = match &state.finish {
            Some((Ok(finish), _)) => (finish.exit, finish.signal, None),
            // ended by us, the helper had no time to say anything
            Some((Err(_), _)) if state.killed => (None, Some(rustix::process::Signal::KILL.as_raw()), None),
            Some((Err(sentence), _)) => (None, None, Some(sentence.clone())),
            None => (None, None, None),
        };
        Process {
            id: self.id.clone(),
            pid: self.killer.pid.as_raw_nonzero().get(),
            command: self.order.command.clone(),
            folder: self.order.folder.clone(),
            started: self.started.0,
            ran: state.finish.as_ref().map_or_else(|| self.started.1.elapsed(), |(_, ran)| *ran),
            running: state.finish.is_none(),
            exit,
            signal,
            trouble,
            bytes: state.bytes,
            last: String::from_utf8_lossy(last.get(cut..).unwrap_or_default()).into_owned(),
            whole: state.whole.clone(),
        }
    }
}

/// Keeps what a process writes.
struct Storing<'a> {
    entry: &'a Entry,
    whole: Whole,
}

impl Sink for Storing<'_> {
    async fn take(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        {
            let mut state = locked(&self.entry.state);
            state.tail.push(bytes);
            state.bytes += bytes.len() as u64;
        }
        self.whole.write(bytes.to_vec()).await;
        if let Some(path) = self.whole.path() {
            locked(&self.entry.state).whole = Some(path.into());
        }
    }

    fn due(&self) -> Option<Instant> {
        None
    }

    fn tick(&mut self) {}
}
