//! The loop of the full screen: waits for keys, notes, signals and the clock; drains what is there; draws once. Sleeps when
//! nothing moves.

use crate::{
    app::state::State,
    domain::{facts::Facts, trouble::Trouble},
    effects::{
        notes::{Note, Notes},
        runner::Runner,
    },
    flow::{effect::Effect, input::Input, intent::Intent, message::Message, news::News},
    terminal::{
        painter::Painter,
        parser::Parser,
        session::{self, Session},
    },
    ui::{cache::Cache, frame::Frame},
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::{
    io,
    time::{Duration, Instant},
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    signal::unix::{Signal, SignalKind, signal},
    time::sleep_until,
};

/// Words that stream are drawn this often at most; a key is drawn at once.
const FRAME: Duration = Duration::from_millis(33);
/// A begun sequence of keys is waited for this long.
const ESCAPE: Duration = Duration::from_millis(30);
/// A window that is being resized is drawn when it has rested this long…
const REST: Duration = Duration::from_millis(60);
/// …and now and then in between.
const RESIZING: Duration = Duration::from_millis(350);
/// Bytes of keys read in one go.
const READ: usize = 64 << 10;

/// How the program ended.
pub enum Ended {
    /// The person left.
    Quit,
    /// A signal, by its number.
    Signal(u8),
    /// The terminal is gone.
    Gone,
    /// Somebody panicked; it was told already.
    Panicked,
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    resize: Signal,
    go_on: Signal,
    stop: Signal,
}

/// The full screen.
pub struct Screen {
    state: State,
    cache: Cache,
    runner: Runner,
    session: Session,
    painter: Painter,
    parser: Parser,
    buffer: Buffer,
    bytes: Vec<u8>,
    started: Instant,
    drawn: Instant,
    cost: Duration,
    /// Something changed since the last picture; whether it has to be shown at once.
    dirty: Dirty,
    escape: Option<Instant>,
    resized: Option<(Instant, Instant)>,
    fresh_id: fn() -> String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Dirty {
    Clean,
    Soon,
    Now,
}

impl Screen {
    /// Draws the first picture. Takes no longer than that.
    pub fn open(state: State, runner: Runner, fresh_id: fn() -> String) -> io::Result<Self> {
        let session = Session::enter(state.facts.mouse)?;
        let now = Instant::now();
        let mut screen = Self {
            state,
            cache: Cache::default(),
            runner,
            session,
            painter: Painter::new(),
            parser: Parser::new(),
            buffer: Buffer::default(),
            bytes: vec![],
            started: now,
            drawn: now,
            cost: Duration::ZERO,
            dirty: Dirty::Now,
            escape: None,
            resized: None,
            fresh_id,
        };
        screen.draw()?;
        Ok(screen)
    }

    /// Goes on until the end.
    pub async fn run(&mut self, first: Vec<Intent>, mut notes: Notes) -> io::Result<Ended> {
        let mut signals = Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            resize: signal(SignalKind::window_change())?,
            go_on: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
        };
        #[expect(deprecated, reason = "the replacement is unsafe to call; standard input stays open as long as the process lives")]
        let input = AsyncFd::with_interest(io::stdin(), Interest::READABLE)?;
        for intent in first {
            self.message(Message::Intent(intent), Dirty::Now).await?;
        }
        self.draw_if_due()?;
        let ended = self.turn(&mut notes, &mut signals, &input).await;
        self.runner.flush();
        match ended {
            // writing failed because nobody is there to read
            Err(error) if is_gone(&error) => Ok(Ended::Gone),
            ended => ended,
        }
    }

    async fn turn(&mut self, notes: &mut Notes, signals: &mut Signals, input: &AsyncFd<io::Stdin>) -> io::Result<Ended> {
        let mut buffer = vec![0; READ];
        loop {
            if session::panicked() {
                return Ok(Ended::Panicked);
            }
            if self.state.facts.quitting {
                return Ok(Ended::Quit);
            }
            let due = self.next_due();
            tokio::select! {
                biased;
                _ = signals.terminate.recv() => return Ok(Ended::Signal(15)),
                _ = signals.hang_up.recv() => return Ok(Ended::Signal(1)),
                _ = signals.interrupt.recv() => return Ok(Ended::Signal(2)),
                ready = input.readable() => {
                    let mut ready = ready?;
                    let read = session::read(&mut buffer)?;
                    if read == 0 {
                        return Ok(Ended::Gone);
                    }
                    let mut inputs = vec![];
                    self.parser.push(&buffer[..read], &mut inputs);
                    if !session::has_more() {
                        ready.clear_ready();
                    }
                    drop(ready);
                    self.inputs(inputs).await?;
                    self.escape = self.parser.is_pending().then(|| Instant::now() + ESCAPE);
                }
                note = notes.recv() => {
                    self.notes(note, notes).await?;
                }
                _ = signals.stop.recv() => self.suspend()?,
                _ = signals.resize.recv() => self.window(),
                _ = signals.go_on.recv() => {
                    self.session.resume(self.state.facts.mouse)?;
                    self.painter.forget();
                    self.window();
                }
                _ = wait(due) => self.due().await?,
            }
            self.draw_if_due()?;
        }
    }

    /// What is true at the end.
    pub fn facts(&self) -> &Facts {
        &self.state.facts
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// When something has to be done without anybody asking.
    fn next_due(&self) -> Option<Instant> {
        let now = Instant::now();
        let tick = self.state.next_tick().map(|ms| now + Duration::from_millis(ms));
        let frame = (self.dirty != Dirty::Clean).then(|| self.frame_due());
        let settled = self.resized.map(|(first, last)| (last + REST).min(first + RESIZING));
        [tick, frame, settled, self.escape].into_iter().flatten().min()
    }

    /// Pictures that are dear to draw are drawn less often.
    fn frame_due(&self) -> Instant {
        self.drawn + FRAME.max(self.cost * 4)
    }

    async fn due(&mut self) -> io::Result<()> {
        let now = Instant::now();
        if self.escape.is_some_and(|at| at <= now) {
            let mut inputs = vec![];
            self.parser.timeout(&mut inputs);
            self.escape = self.parser.is_pending().then(|| now + ESCAPE);
            self.inputs(inputs).await?;
        }
        if self.resized.is_some_and(|(first, last)| (last + REST).min(first + RESIZING) <= now) {
            let still = self.resized.is_some_and(|(_, last)| last + REST > now);
            self.resized = still.then_some((now, now));
            self.take_size();
        }
        if self.state.next_tick().is_some() {
            self.message(Message::Tick, Dirty::Soon).await?;
        }
        Ok(())
    }

    /// The window changed: the first change is drawn at once, a storm of them now and then.
    fn window(&mut self) {
        let now = Instant::now();
        match &mut self.resized {
            Some((_, last)) => *last = now,
            None => {
                self.resized = Some((now, now));
                self.take_size();
            }
        }
    }

    fn take_size(&mut self) {
        let (columns, rows) = session::size();
        if (columns, rows) != self.state.size {
            self.state.update(Message::Input(Input::Resize { columns, rows }), &mut self.cache);
            self.dirty = Dirty::Now;
        }
    }

    async fn inputs(&mut self, inputs: Vec<Input>) -> io::Result<()> {
        for input in inputs {
            self.message(Message::Input(input), Dirty::Now).await?;
        }
        Ok(())
    }

    /// Takes the note and all others that wait: the picture is drawn once for all.
    async fn notes(&mut self, first: Note, notes: &mut Notes) -> io::Result<()> {
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(note) = next {
            match note {
                Note::Bytes(bytes) => session::write(&bytes)?,
                Note::News(news) => {
                    let when = if matches!(news, News::PartsArrived { .. }) { Dirty::Soon } else { Dirty::Now };
                    self.message(Message::News(news), when).await?;
                }
            }
            taken += 1;
            // keys come first, whatever else arrives
            next = if taken < 256 { notes.try_recv() } else { None };
        }
        Ok(())
    }

    async fn message(&mut self, message: Message, dirty: Dirty) -> io::Result<()> {
        self.state.facts.now = self.now();
        if self.state.facts.fresh_id.is_empty() {
            self.state.facts.fresh_id = (self.fresh_id)();
        }
        let outcome = self.state.update(message, &mut self.cache);
        if self.dirty < dirty {
            self.dirty = dirty;
        }
        if outcome.repaint {
            self.painter.forget();
        }
        for effect in outcome.effects {
            match self.runner.run(effect) {
                Some(Effect::OpenEditor(text)) => self.edit(text).await?,
                Some(Effect::SetMouse(on)) => self.session.set_mouse(on)?,
                Some(Effect::Suspend) => self.suspend()?,
                _ => {}
            }
        }
        Ok(())
    }

    fn draw_if_due(&mut self) -> io::Result<()> {
        match self.dirty {
            Dirty::Clean => Ok(()),
            Dirty::Soon if self.frame_due() > Instant::now() => Ok(()),
            _ if session::panicked() => Ok(()),
            _ => self.draw(),
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        let began = Instant::now();
        self.dirty = Dirty::Clean;
        let (columns, rows) = self.state.size;
        let area = Rect::new(0, 0, columns, rows);
        if self.buffer.area == area {
            self.buffer.reset()
        } else {
            self.buffer = Buffer::empty(area)
        }
        let mut frame = Frame::new(&mut self.buffer, self.state.look());
        self.state.view(&mut self.cache, &mut frame);
        let (caret, links) = (frame.caret, frame.links);
        self.bytes.clear();
        self.painter.set_links(links);
        self.painter.paint(&self.buffer, caret, &mut self.bytes);
        self.cost = began.elapsed();
        if !self.bytes.is_empty() {
            session::write(&self.bytes)?;
        }
        self.drawn = Instant::now();
        Ok(())
    }

    /// Hands the terminal to the editor and takes what it wrote.
    async fn edit(&mut self, text: String) -> io::Result<()> {
        self.session.pause();
        let edited = super::editor::edit(&text, &self.runner.services().environment).await;
        self.session.resume(self.state.facts.mouse)?;
        self.painter.forget();
        let news = match edited {
            Ok(None) => News::Done("The editor ended without saving; the text is as it was".into()),
            Ok(text) => News::EditorClosed(text),
            Err(error) => News::Failed(
                Trouble::new("file_unreadable", format!("The editor could not be used: {error}"))
                    .help("set `EDITOR` to a program that exists"),
            ),
        };
        self.take_size();
        Box::pin(self.message(Message::News(news), Dirty::Now)).await
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.runner.flush();
        self.session.pause();
        // the polite signal is ours by now; this one nobody can refuse
        rustix::process::kill_process_group(rustix::process::getpgrp(), rustix::process::Signal::STOP)?;
        // on again: SIGCONT brings the screen back
        Ok(())
    }
}

async fn wait(until: Option<Instant>) {
    match until {
        Some(instant) => sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

fn is_gone(error: &io::Error) -> bool {
    // EIO is what a terminal gives whose other end was closed
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof)
        || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}
