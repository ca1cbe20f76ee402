//! Drafts on the disk, one for each pane: written when typing rests for a moment, and now and then while it goes on. A key leaves
//! its draft in memory and wakes nobody; the loop asks when something is due.

use crate::{
    domain::{
        pane::{Draft, PaneId},
        trouble::Trouble,
    },
    effects::notes::Teller,
    flow::{effect::Effect, news::News},
    services::tasks::{Task, blocking, spawn},
    storage::drafts::Drafts,
};
use std::{
    collections::{BTreeMap, HashMap},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What was typed is written down when nothing was typed for this long…
const REST: Duration = Duration::from_millis(300);
/// …and at the latest this long after the first key that is not written yet: a write costs more than a key.
const LATEST: Duration = Duration::from_secs(1);

/// The drafts of all panes.
pub(super) struct Journal {
    desk: Arc<Desk>,
    teller: Teller,
    writer: Option<Task>,
    searches: HashMap<PaneId, Task>,
}

/// What is typed never waits for the disk: `files` may be held while it is slow, `typed` only for a moment. Whoever needs both takes
/// `files` first.
struct Desk {
    files: Mutex<Files>,
    typed: Mutex<Typed>,
}

/// What is on the disk.
struct Files {
    /// Makes the files of panes.
    first: Drafts,
    open: HashMap<PaneId, Drafts>,
}

/// What is not on the disk yet.
struct Typed {
    waiting: BTreeMap<PaneId, Draft>,
    /// When the oldest change came that waits, and the newest.
    first: Instant,
    last: Instant,
    /// A thread is at it, and stays until nothing waits.
    writing: bool,
}

impl Typed {
    fn due(&self) -> Option<Instant> {
        let idle = self.waiting.is_empty() || self.writing;
        (!idle).then(|| (self.last + REST).min(self.first + LATEST))
    }
}

impl Files {
    fn of(&mut self, pane: PaneId) -> &mut Drafts {
        self.open.entry(pane).or_insert_with(|| self.first.another())
    }
}

impl Desk {
    /// Writes what waits.
    fn write(&self) -> io::Result<()> {
        // held from before it is taken until it is written: a draft that is wiped meanwhile doesn't come back
        let mut files = lock(&self.files);
        let waiting = std::mem::take(&mut lock(&self.typed).waiting);
        let mut result = Ok(());
        for (pane, draft) in waiting {
            result = files.of(pane).save(&draft).and(result);
        }
        result
    }

    /// Writes until nothing waits.
    fn write_all(&self, teller: &Teller) {
        loop {
            tell(teller, self.write());
            let mut typed = lock(&self.typed);
            if typed.waiting.is_empty() {
                typed.writing = false;
                return;
            }
        }
    }

    fn wipe(&self, pane: PaneId) {
        let mut files = lock(&self.files);
        lock(&self.typed).waiting.remove(&pane);
        // a draft that stays is offered again at the next start: a nuisance, not a loss
        if let Err(error) = files.of(pane).wipe() {
            tracing::warn!("the draft that was sent could not be removed: {error}");
        }
    }
}

impl Journal {
    /// A journal whose first pane has `drafts`.
    pub(super) fn new(drafts: Drafts, teller: Teller) -> Self {
        let files = Files { first: drafts.another(), open: HashMap::from([(PaneId::default(), drafts)]) };
        let now = Instant::now();
        let typed = Typed { waiting: BTreeMap::new(), first: now, last: now, writing: false };
        let desk = Desk { files: Mutex::new(files), typed: Mutex::new(typed) };
        Self { desk: Arc::new(desk), teller, writer: None, searches: HashMap::new() }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::SaveDraft(pane, draft) => self.save(pane, draft),
            Effect::WipeDraft(pane) => self.desk.wipe(pane),
            Effect::FindDraft(pane) => self.find(pane),
            Effect::DropDraft(pane) => {
                self.desk.wipe(pane);
                lock(&self.desk.files).open.remove(&pane);
                self.searches.remove(&pane);
            }
            other => return Some(other),
        }
        None
    }

    /// Writes at once what waits.
    pub(super) fn flush(&mut self) {
        let written = self.desk.write();
        tell(&self.teller, written);
    }

    /// When something is to be written.
    pub(super) fn due(&self) -> Option<Instant> {
        lock(&self.desk.typed).due()
    }

    /// Writes what is due, on a thread that may wait for the disk.
    pub(super) fn write_due(&mut self, now: Instant) {
        let mut typed = lock(&self.desk.typed);
        if typed.due().is_none_or(|due| due > now) {
            return;
        }
        typed.writing = true;
        drop(typed);
        let (desk, teller, crashed) = (self.desk.clone(), self.teller.clone(), self.teller.clone());
        let work = async move {
            let (writing, told) = (desk.clone(), teller.clone());
            if let Err(trouble) = blocking(move || writing.write_all(&told)).await {
                lock(&desk.typed).writing = false;
                teller.news(News::DraftNotSaved(trouble));
            }
        };
        self.writer = Some(spawn(work, move |trouble| crashed.news(News::DraftNotSaved(trouble))));
    }

    fn save(&self, pane: PaneId, draft: Draft) {
        let mut typed = lock(&self.desk.typed);
        typed.last = Instant::now();
        if typed.waiting.is_empty() {
            typed.first = typed.last;
        }
        typed.waiting.insert(pane, draft);
    }

    /// Looks for a draft that nobody has taken up; there is hardly ever one.
    fn find(&mut self, pane: PaneId) {
        let (desk, teller, crashed) = (self.desk.clone(), self.teller.clone(), self.teller.clone());
        let search = spawn(
            async move {
                if let Ok(Some(draft)) = blocking(move || lock(&desk.files).of(pane).take_over()).await {
                    teller.news(News::DraftFound(pane, draft));
                }
            },
            move |trouble| crashed.news(News::DraftNotSaved(trouble)),
        );
        self.searches.insert(pane, search);
    }
}

fn tell(teller: &Teller, written: io::Result<()>) {
    if let Err(error) = written {
        let trouble = Trouble::new("file_unwritable", format!("Drafts can't be kept: {error}"))
            .help("what you type is lost if the program is killed");
        teller.news(News::DraftNotSaved(trouble));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
