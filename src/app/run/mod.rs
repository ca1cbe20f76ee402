//! The loop of the full screen: waits for keys, notes, signals and the clock; takes all that is ready; draws once. Sleeps when
//! nothing moves. No source keeps another waiting, and neither does a terminal that does not read.

mod aside;
mod gallery;

use super::{
    keys::{Keys, Looked},
    pace::{Dirty, Pace, Part, Resizes},
    signals::{Heard, Signals},
    title::Title,
};
use crate::{
    app::state::State,
    domain::facts::Facts,
    effects::{
        notes::{Note, Notes, Waiting},
        runner::Runner,
    },
    flow::{effect::Effect, input::Input, intent::Intent, message::Message, news::News},
    terminal::{
        painter::{Painter, Picture},
        session::{self, Session},
    },
    ui::{cache::Cache, frame::Frame, rows::Rows},
};
use aside::Holder;
use gallery::Gallery;
use ratatui::{buffer::Buffer, layout::Rect};
use std::{
    future::poll_fn,
    io,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};
use tokio::{task::yield_now, time::sleep_until};

/// Keys are worked off for this long before the others have their turn.
const SLICE: Duration = Duration::from_millis(10);
/// Notes taken in one turn.
const NOTES: usize = 256;
/// The first words of an answer wait so long at most, as long as more comes.
const BURST: Duration = Duration::from_millis(1);
/// Bytes of answers that are laid out for one picture: keys are looked for before the next.
const PIECE: usize = 128 << 10;

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

/// The full screen.
pub struct Screen {
    state: State,
    cache: Cache,
    runner: Runner,
    session: Session,
    holder: Holder,
    painter: Painter,
    buffer: Buffer,
    rows: Rows,
    gallery: Gallery,
    pace: Pace,
    resizes: Resizes,
    keys: Keys,
    signals: Signals,
    title: Title,
    started: Instant,
    /// When the first words of an answer came that are not drawn yet.
    first_words: Option<Instant>,
}

/// What a turn of the loop begins with.
#[derive(Default)]
struct Ready {
    heard: Heard,
    gone: bool,
    keys: bool,
    /// The terminal took what waited for it.
    taken: bool,
    note: Option<Note>,
    /// Words came that are shown with the next picture.
    words: bool,
    due: bool,
}

impl Screen {
    /// Draws the first picture. Takes no longer than that.
    pub fn open(state: State, runner: Runner) -> io::Result<Self> {
        // from here on no signal finds the terminal taken and nobody to give it back
        let signals = Signals::new()?;
        let session = Session::enter(state.facts.look.mouse)?;
        let now = Instant::now();
        let mut screen = Self {
            state,
            cache: Cache::default(),
            runner,
            session,
            holder: Holder::Us,
            painter: Painter::new(),
            buffer: Buffer::default(),
            rows: Rows::default(),
            gallery: Gallery::default(),
            pace: Pace::new(now),
            resizes: Resizes::default(),
            keys: Keys::new(),
            signals,
            title: Title::default(),
            started: now,
            first_words: None,
        };
        screen.show()?;
        Ok(screen)
    }

    /// Goes on until the end.
    pub async fn run(&mut self, first: Vec<Intent>, mut notes: Notes) -> io::Result<Ended> {
        self.keys.open()?;
        for intent in first {
            self.message(Message::Intent(intent), Dirty::Now)?;
        }
        let ended = self.turns(&mut notes).await;
        self.runner.flush();
        match ended {
            // writing failed because nobody is there to read
            Err(error) if is_gone(&error) => Ok(Ended::Gone),
            ended => ended,
        }
    }

    /// Gives the terminal back; what is left is what was true at the end, and whoever has work to finish.
    pub fn close(self) -> (Facts, Runner) {
        (self.state.facts, self.runner)
    }

    async fn turns(&mut self, notes: &mut Notes) -> io::Result<Ended> {
        loop {
            // an editor keeps the terminal until it ends
            if session::panicked() && !self.holder.is_editor() {
                return Ok(Ended::Panicked);
            }
            if self.state.facts.quitting {
                return Ok(Ended::Quit);
            }
            self.take_burst(notes).await?;
            self.show()?;
            if self.keys.wait() || self.cache.is_behind() || self.session.has_pieces() {
                // signals and tasks are looked at between turns; keys and answers without an end would leave no between
                yield_now().await;
            }
            let ready = self.ready(notes).await?;
            if let Some(ended) = self.take(ready, notes)? {
                return Ok(ended);
            }
        }
    }

    /// An answer that comes all at once is drawn once: its first words wait for what follows them at once, and not for long.
    async fn take_burst(&mut self, notes: &mut Notes) -> io::Result<()> {
        let Some(began) = self.first_words.take() else { return Ok(()) };
        while began.elapsed() < BURST {
            // whoever reads the answer has its turn
            yield_now().await;
            let Some(note) = notes.try_recv() else { break };
            self.notes(note, notes)?;
        }
        self.first_words = None;
        Ok(())
    }

    /// Waits until something is ready; then gives all that is.
    async fn ready(&mut self, notes: &mut Notes) -> io::Result<Ready> {
        // words gather until the next picture: each of them would wake us otherwise
        let shown = self.pace.next();
        let held = !notes.is_empty() && shown > Instant::now();
        let mut due = pin!(wait([self.next_due(), held.then_some(shown)].into_iter().flatten().min()));
        poll_fn(|context| {
            let heard = self.signals.poll(context);
            let mut ready = Ready { heard, ..Ready::default() };
            if self.session.is_stalled()
                && let Poll::Ready(taken) = self.session.poll_taken(context)
            {
                taken?;
                ready.taken = true;
            }
            match self.keys.poll(context)? {
                Looked::Nothing => {}
                Looked::Keys => ready.keys = true,
                Looked::Gone => ready.gone = true,
            }
            ready.due = due.as_mut().poll(context).is_ready();
            let waiting = notes.look(context, |news| self.goes_on(news));
            if waiting == Waiting::Urgent || ready.is_any() || waiting == Waiting::Words && shown <= Instant::now() {
                ready.note = notes.try_recv();
            } else {
                ready.words = waiting == Waiting::Words && !held;
            }
            if ready.is_any() { Poll::Ready(Ok(ready)) } else { Poll::Pending }
        })
        .await
    }

    fn take(&mut self, ready: Ready, notes: &mut Notes) -> io::Result<Option<Ended>> {
        let heard = ready.heard;
        if let Some(number) = heard.end.or(heard.keyboard).filter(|_| !self.holder.is_editor()) {
            return Ok(Some(Ended::Signal(number)));
        }
        if ready.gone {
            return Ok(Some(Ended::Gone));
        }
        if let Some(ended) = self.aside(&heard)? {
            return Ok(Some(ended));
        }
        if heard.resize && self.resizes.change(Instant::now()) {
            self.take_size();
        }
        if ready.due {
            self.due()?;
        }
        self.work_off_keys()?;
        if let Some(note) = ready.note {
            self.notes(note, notes)?;
        }
        Ok(None)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// When something has to be done without anybody asking.
    fn next_due(&self) -> Option<Instant> {
        if !self.holder.is_us() {
            return self.holder.due();
        }
        let tick = self.state.next_tick().map(|ms| Instant::now() + Duration::from_millis(ms));
        let frame = self.pace.due(self.keys.wait()).filter(|_| !self.session.is_stalled());
        let piece = (self.session.has_pieces() && !self.session.is_stalled()).then(Instant::now);
        let laid = self.gallery.due(&self.painter).filter(|_| !self.session.is_stalled());
        [tick, frame, piece, laid, self.resizes.due(), self.keys.due()].into_iter().flatten().min()
    }

    fn due(&mut self) -> io::Result<()> {
        let now = Instant::now();
        self.keys.timeout(now);
        if self.resizes.take_due(now) {
            self.take_size();
        }
        if self.state.next_tick().is_some() {
            self.message(Message::Tick, Dirty::Soon)?;
        }
        self.lay_pictures(now);
        Ok(())
    }

    /// Lays one of the pictures that rest over its cells; one that is not ready is ordered.
    fn lay_pictures(&mut self, now: Instant) {
        // what is due on the screen comes first: it may move them
        if self.session.is_stalled() || self.pace.part() != Part::Nothing || self.gallery.due(&self.painter).is_none_or(|due| due > now) {
            return;
        }
        match self.gallery.next(&self.painter) {
            Some((laid, Some(bytes))) => self.painter.lay(laid, &bytes, self.session.picture()),
            Some((laid, None)) => {
                let sights = self.state.facts.jobs.iter().flat_map(|job| &job.product.sights);
                let way = self.state.facts.look.canvas.way();
                if let Some(sight) = sights.into_iter().find(|sight| sight.thumb.id() == laid.thumb.id()) {
                    self.runner.run(Effect::SendPicture(sight.clone(), way));
                }
            }
            None => {}
        }
    }

    pub(super) fn take_size(&mut self) {
        let (columns, rows) = session::size();
        let before = self.state.size;
        self.state.update(Message::Input(Input::Resize { columns, rows }), &mut self.cache);
        if self.state.size != before {
            self.pace.change(Dirty::Now);
        }
    }

    /// Does what was typed, as long as the terminal is ours: what follows on a key that gives it away waits.
    fn work_off_keys(&mut self) -> io::Result<()> {
        let until = Instant::now() + SLICE;
        while self.holder.is_us()
            && let Some(input) = self.keys.next()
        {
            match input {
                Input::Terminal(told) => self.message(Message::News(News::TerminalTold(told)), Dirty::Now)?,
                input => self.message(Message::Input(input), Dirty::Now)?,
            }
            if Instant::now() >= until || self.state.facts.quitting {
                break;
            }
        }
        Ok(())
    }

    /// Whether news are more words of an answer whose first are there.
    fn goes_on(&self, news: &News) -> bool {
        matches!(news, News::PartsArrived { turn, .. } if self.state.facts.has_begun(*turn))
    }

    /// Takes the note and others that wait: the picture is drawn once for all.
    fn notes(&mut self, first: Note, notes: &mut Notes) -> io::Result<()> {
        let mut next = Some(first);
        for _ in 0..NOTES {
            match next {
                None => break,
                Some(Note::Bytes(bytes)) => self.session.send_beside(bytes),
                Some(Note::Picture { id, way, pieces }) if way.is_laid() => self.gallery.keep(id, pieces.concat()),
                Some(Note::Picture { pieces, .. }) => self.session.send_pieces(pieces),
                Some(Note::News(news)) => {
                    // the first words are what the person waits for; those after them come at the pace of the screen
                    let goes_on = self.goes_on(&news);
                    let when = if goes_on { Dirty::Soon } else { Dirty::Now };
                    if matches!(news, News::PartsArrived { .. }) && !goes_on {
                        self.first_words = Some(Instant::now());
                    }
                    self.message(Message::News(news), when)?;
                }
            }
            next = notes.try_recv();
        }
        Ok(())
    }

    pub(super) fn message(&mut self, message: Message, dirty: Dirty) -> io::Result<()> {
        self.state.facts.clock.now = self.now();
        let outcome = self.state.update(message, &mut self.cache);
        self.pace.change_part(dirty, outcome.typed.map_or(Part::All, Part::Typed));
        if outcome.repaint {
            self.painter.forget();
        }
        for effect in outcome.effects {
            match self.runner.run(effect) {
                Some(Effect::OpenEditor(pane, text)) => self.open_editor(pane, &text)?,
                Some(Effect::SetMouse(on)) => self.session.set_mouse(on),
                Some(Effect::Suspend) => self.suspend()?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Brings what is due to the terminal, if it is ours and reads.
    fn show(&mut self) -> io::Result<()> {
        if !self.holder.is_us() || self.session.is_stalled() || session::panicked() {
            return Ok(());
        }
        if self.pace.due(self.keys.wait()).is_some_and(|due| due <= Instant::now()) {
            self.draw();
        }
        self.session.send()
    }

    fn draw(&mut self) {
        let began = Instant::now();
        let (columns, rows) = self.state.size;
        let area = Rect::new(0, 0, columns, rows);
        match self.pace.part() {
            Part::Typed(part) if self.painter.shows(area) && self.buffer.area == area => {
                let mut frame = Frame::new(&mut self.buffer, self.state.look());
                self.state.view_typing(&mut frame);
                let caret = frame.caret;
                self.rows.forget(part);
                self.painter.paint_part(&self.buffer, part, caret, self.session.picture());
            }
            _ => {
                if self.buffer.area != area {
                    self.buffer = Buffer::empty(area)
                }
                if self.state.facts.look.titled
                    && let Some(title) = self.title.change(&self.state.facts)
                {
                    self.session.set_title(title);
                }
                self.cache.allow(PIECE);
                let mut frame = Frame::after(&mut self.buffer, &mut self.rows, self.state.look());
                self.state.view(&mut self.cache, &mut frame);
                frame.end();
                let laid = frame.whole_pictures();
                let (caret, links, rows_move) = (frame.caret, frame.links, frame.rows_move);
                let picture = Picture { cells: &self.buffer, rows: Some(&self.rows), links, caret, rows_move, laid: &laid };
                self.painter.paint(picture, self.session.picture());
                self.gallery.want(laid, began);
            }
        }
        let now = Instant::now();
        self.pace.drawn(now, now - began);
        if self.cache.is_behind() {
            self.pace.change(Dirty::Now);
        }
    }
}

impl Ready {
    fn is_any(&self) -> bool {
        self.heard != Heard::default() || self.gone || self.keys || self.taken || self.note.is_some() || self.words || self.due
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
