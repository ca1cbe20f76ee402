//! The draft on the disk: written a moment after the first key that changed it.

use crate::{
    domain::{pane::Draft, trouble::Trouble},
    effects::notes::Teller,
    flow::{effect::Effect, news::News},
    services::tasks::{Task, blocking, spawn},
    storage::drafts::Drafts,
};
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Keystrokes are written down this long after the first of them.
const DELAY: Duration = Duration::from_millis(300);

/// The draft that is still to be written, and what has been.
pub(super) struct Journal {
    shared: Arc<Mutex<Shared>>,
    timer: Option<Task>,
    teller: Teller,
}

struct Shared {
    drafts: Drafts,
    waiting: Option<Draft>,
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

impl Journal {
    pub(super) fn new(drafts: Drafts, teller: Teller) -> Self {
        let shared = Arc::new(Mutex::new(Shared { drafts, waiting: None, ordered: false }));
        Self { shared, timer: None, teller }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::SaveDraft(draft) => self.save(draft),
            Effect::WipeDraft => {
                self.timer = None;
                let mut shared = lock(&self.shared);
                (shared.waiting, shared.ordered) = (None, false);
                // a draft that stays is offered again at the next start: a nuisance, not a loss
                if let Err(error) = shared.drafts.wipe() {
                    tracing::warn!("the draft that was sent could not be removed: {error}");
                }
            }
            other => return Some(other),
        }
        None
    }

    /// Writes at once what waits.
    pub(super) fn flush(&mut self) {
        self.timer = None;
        let written = lock(&self.shared).write();
        tell(&self.teller, written);
    }

    fn save(&mut self, draft: Draft) {
        let mut shared = lock(&self.shared);
        shared.waiting = Some(draft);
        if std::mem::replace(&mut shared.ordered, true) {
            return;
        }
        let (shared, teller, crashed) = (self.shared.clone(), self.teller.clone(), self.teller.clone());
        self.timer = Some(spawn(
            async move {
                tokio::time::sleep(DELAY).await;
                match blocking(move || lock(&shared).write()).await {
                    Ok(written) => tell(&teller, written),
                    Err(trouble) => teller.news(News::DraftNotSaved(trouble)),
                }
            },
            move |trouble| crashed.news(News::DraftNotSaved(trouble)),
        ));
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
