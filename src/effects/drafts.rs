//! Drafts on the disk, one for each pane: written when typing rests for a moment, and now and then while it goes on.

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
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What was typed is written down when nothing was typed for this long…
const REST: Duration = Duration::from_millis(300);
/// …and at the latest this long after the first key that is not written yet: a write costs more than a key.
const LATEST: Duration = Duration::from_secs(1);

/// The drafts that are still to be written, and what has been, by their panes.
pub(super) struct Journal {
    /// Makes the journals of panes.
    first: Drafts,
    leaves: HashMap<PaneId, Leaf>,
    teller: Teller,
}

/// The journal of a pane.
struct Leaf {
    shared: Arc<Mutex<Shared>>,
    timer: Option<Task>,
    search: Option<Task>,
}

struct Shared {
    drafts: Drafts,
    waiting: Option<Draft>,
    /// When something was typed last.
    changed: Instant,
    /// A timer will write it.
    ordered: bool,
}

impl Shared {
    fn write(&mut self) -> io::Result<()> {
        self.ordered = false;
        match self.waiting.take() {
            Some(draft) => self.drafts.save(&draft),
            None => Ok(()),
        }
    }
}

impl Leaf {
    fn new(drafts: Drafts) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Shared { drafts, waiting: None, changed: Instant::now(), ordered: false })),
            timer: None,
            search: None,
        }
    }

    /// Writes at once what waits.
    fn flush(&mut self, teller: &Teller) {
        self.timer = None;
        let written = lock(&self.shared).write();
        tell(teller, written);
    }

    fn save(&mut self, draft: Draft, teller: &Teller) {
        let mut shared = lock(&self.shared);
        (shared.waiting, shared.changed) = (Some(draft), Instant::now());
        let latest = shared.changed + LATEST;
        if std::mem::replace(&mut shared.ordered, true) {
            return;
        }
        let (shared, teller, crashed) = (self.shared.clone(), teller.clone(), teller.clone());
        self.timer = Some(spawn(
            async move {
                loop {
                    let due = (lock(&shared).changed + REST).min(latest);
                    if due <= Instant::now() {
                        break;
                    }
                    tokio::time::sleep_until(due.into()).await;
                }
                match blocking(move || lock(&shared).write()).await {
                    Ok(written) => tell(&teller, written),
                    Err(trouble) => teller.news(News::DraftNotSaved(trouble)),
                }
            },
            move |trouble| crashed.news(News::DraftNotSaved(trouble)),
        ));
    }

    fn wipe(&mut self) {
        self.timer = None;
        let mut shared = lock(&self.shared);
        (shared.waiting, shared.ordered) = (None, false);
        // a draft that stays is offered again at the next start: a nuisance, not a loss
        if let Err(error) = shared.drafts.wipe() {
            tracing::warn!("the draft that was sent could not be removed: {error}");
        }
    }

    /// Looks for a draft that nobody has taken up; there is hardly ever one.
    fn find(&mut self, pane: PaneId, teller: &Teller) {
        let (shared, teller, crashed) = (self.shared.clone(), teller.clone(), teller.clone());
        self.search = Some(spawn(
            async move {
                if let Ok(Some(draft)) = blocking(move || lock(&shared).drafts.take_over()).await {
                    teller.news(News::DraftFound(pane, draft));
                }
            },
            move |trouble| crashed.news(News::DraftNotSaved(trouble)),
        ));
    }
}

impl Journal {
    /// A journal whose first pane has `drafts`.
    pub(super) fn new(drafts: Drafts, teller: Teller) -> Self {
        let first = drafts.another();
        Self { first, leaves: HashMap::from([(PaneId::default(), Leaf::new(drafts))]), teller }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::SaveDraft(pane, draft) => {
                let teller = self.teller.clone();
                self.leaf(pane).save(draft, &teller);
            }
            Effect::WipeDraft(pane) => self.leaf(pane).wipe(),
            Effect::FindDraft(pane) => {
                let teller = self.teller.clone();
                self.leaf(pane).find(pane, &teller);
            }
            Effect::DropDraft(pane) => {
                if let Some(mut leaf) = self.leaves.remove(&pane) {
                    leaf.wipe();
                }
            }
            other => return Some(other),
        }
        None
    }

    /// Writes at once what waits.
    pub(super) fn flush(&mut self) {
        for leaf in self.leaves.values_mut() {
            leaf.flush(&self.teller);
        }
    }

    fn leaf(&mut self, pane: PaneId) -> &mut Leaf {
        self.leaves.entry(pane).or_insert_with(|| Leaf::new(self.first.another()))
    }
}

fn tell(teller: &Teller, written: io::Result<()>) {
    if let Err(error) = written {
        let trouble = Trouble::new("file_unwritable", format!("Drafts can't be kept: {error}"))
            .help("what you type is lost if the program is killed");
        teller.news(News::DraftNotSaved(trouble));
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
