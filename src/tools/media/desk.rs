//! Where jobs are worked on: what is needed for it, and the one place where how they stand is written down and told.

use crate::{
    domain::{
        job::{Job, JobId, State},
        trouble::Trouble,
    },
    services::{Services, now, tasks::blocking},
    settings::paths::shown,
    storage::jobs::JobStore,
    tools::{
        guard::Guard,
        vision::{Looking, named},
    },
};
use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Semaphore, watch};

/// Takes a job each time that it has changed.
pub type Tell = Arc<dyn Fn(Arc<Job>) + Send + Sync>;

/// Requests that make something, at the same time; further ones wait for their turn.
const AT_ONCE: usize = 4;

/// What jobs are worked on with.
pub(super) struct Desk {
    pub services: Arc<Services>,
    pub guard: Arc<Guard>,
    pub store: JobStore,
    pub permits: Semaphore,
    jobs: Mutex<BTreeMap<JobId, Arc<Job>>>,
    /// One note at a time: what is written last is what is told last.
    noting: tokio::sync::Mutex<()>,
    /// Counts the changes, for those who wait for one.
    changes: watch::Sender<u64>,
    tell: Tell,
}

impl Desk {
    pub fn new(services: Arc<Services>, guard: Arc<Guard>, tell: Tell) -> Self {
        let store = JobStore::new(services.paths.jobs());
        let (jobs, changes) = (Mutex::default(), watch::Sender::new(0));
        Self { services, guard, store, permits: Semaphore::new(AT_ONCE), jobs, noting: tokio::sync::Mutex::default(), changes, tell }
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<JobId, Arc<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All jobs as they stand.
    pub fn all(&self) -> BTreeMap<JobId, Arc<Job>> {
        self.jobs().clone()
    }

    /// A job as it stands.
    pub fn job(&self, id: &JobId) -> Option<Arc<Job>> {
        self.jobs().get(id).cloned()
    }

    /// Takes a job in, or as it stands now, and tells it. What can be seen of its files is not on the disk: it is kept.
    pub fn show(&self, mut job: Job) {
        if let Some(there) = self.job(&job.id).filter(|there| job.product.sights.is_empty() && there.product.files == job.product.files) {
            job.product.sights.clone_from(&there.product.sights);
        }
        let job = Arc::new(job);
        self.jobs().insert(job.id.clone(), job.clone());
        self.changes.send_modify(|changes| *changes += 1);
        (self.tell)(job);
    }

    /// Forgets a job.
    pub fn forget(&self, id: &JobId) {
        self.jobs().remove(id);
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Returns when the job is over, with all that is told until then; nothing when it is forgotten.
    pub async fn over(&self, id: &JobId, mut tell: impl FnMut(&Job)) -> Option<Arc<Job>> {
        let mut changes = self.changes.subscribe();
        let mut last: Option<Arc<Job>> = None;
        loop {
            let job = self.job(id)?;
            if last.as_ref() != Some(&job) {
                tell(&job);
            }
            if job.is_over() {
                return Some(job);
            }
            last = Some(job);
            // the sender lives as long as we do
            let _ = changes.changed().await;
        }
    }

    /// Writes down how a job stands, then tells it. One that the person has given up meanwhile stays given up, and keeps what was learned;
    /// but that nobody knows what became of it is more than that.
    pub async fn note(&self, job: &mut Job) -> Result<(), Trouble> {
        let _noting = self.noting.lock().await;
        if self.job(&job.id).is_some_and(|there| there.state == State::Cancelled) && job.state != State::Unknown {
            job.state = State::Cancelled;
        }
        job.ended_at = if job.is_over() { job.ended_at.or_else(|| Some(now())) } else { None };
        let (store, kept) = (self.store.clone(), job.clone());
        let saved = blocking(move || store.save(&kept)).await?;
        // one that is not on the disk yet, and can't be, does not begin
        if saved.is_ok() || self.job(&job.id).is_some() {
            self.show(job.clone());
        }
        saved.map_err(|error| unwritten(&self.services.paths.jobs(), &error))
    }

    /// What to say where no job can be begun.
    pub fn unwritable(&self) -> Trouble {
        unwritten(&self.services.paths.jobs(), &io::ErrorKind::PermissionDenied.into())
    }

    /// A picture that a wish names by its path, its address or as a data URL, as the service takes it.
    pub async fn source(&self, from: &str) -> Result<String, Trouble> {
        // what is public the service fetches by itself
        if from.starts_with("https://") {
            return Ok(from.to_string());
        }
        let picture = self.looking().picture(from).await;
        picture.map(|picture| picture.url).map_err(|why| {
            Trouble::new("attachment_unusable", format!("The picture `{}` can't be used: {why}", named(from)))
                .help("name a PNG, JPEG or WebP picture")
        })
    }

    /// A file that a wish names, when tools may read it; the error is the end of a sentence.
    pub async fn file(&self, path: &str, most: u64) -> Result<Vec<u8>, String> {
        self.looking().file(path, most).await
    }

    fn looking(&self) -> Looking<'_> {
        Looking { services: &self.services, guard: &self.guard, folder: self.services.paths.folder.clone() }
    }
}

/// What to say of a disk that does not take a file.
pub(super) fn unwritten(path: &Path, error: &io::Error) -> Trouble {
    let help = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on the disk, then try again",
        _ => "make the folder writable, then try again",
    };
    Trouble::new("file_unwritable", format!("{} could not be written: {error}", shown(path))).help(help)
}
