//! The jobs of this program, and those that were left by others: begun, watched, given up, tried again.

use super::{
    desk::{Desk, Tell},
    drive::drive,
    files,
};
use crate::{
    domain::{
        catalog::Provider,
        job::{Job, JobId, Product, State, Wish},
        trouble::Trouble,
    },
    services::{
        Services, now,
        tasks::{Task, blocking, spawn},
    },
    storage::jobs::Claim,
    tools::guard::Guard,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::sleep;

/// A random UUID (RFC 9562 5.4).
fn uuid() -> String {
    let bits = fastrand::u128(..) & !(0xf << 76 | 0b11 << 62) | 4 << 76 | 0b10 << 62;
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The jobs. Dropping it stops the watching; what is on its way to the service is finished, and the rest goes on at the next start.
pub struct Jobs {
    desk: Arc<Desk>,
    working: Mutex<HashMap<JobId, Task>>,
    /// One look at the disk at a time: two would take each other's claims for another program's.
    looking: tokio::sync::Mutex<()>,
    /// Looks after what other programs are at.
    watching: Mutex<Option<Task>>,
}

/// How often it is looked after what other programs are at.
const AGAIN: Duration = Duration::from_secs(3);

/// How often it is looked, twenty milliseconds apart, whether our own work has let go of a job.
const LETTING_GO: usize = 25;

impl Jobs {
    /// Jobs of this home; `tell` is told each change.
    pub fn new(services: Arc<Services>, guard: Arc<Guard>, tell: Tell) -> Self {
        Self {
            desk: Arc::new(Desk::new(services, guard, tell)),
            working: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
            watching: Mutex::default(),
        }
    }

    fn working(&self) -> MutexGuard<'_, HashMap<JobId, Task>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins what is wished for, for the one who answers in the chat. It is on the disk when this returns.
    pub async fn begin(&self, wish: Wish, answering: &'static Provider) -> Result<JobId, Trouble> {
        let (at, local) = (now(), chrono::Local::now());
        // milliseconds before what is random: names sort by time
        let id = JobId(format!("{}_{:03x}{:03x}", local.format("%Y%m%d_%H%M%S"), local.timestamp_subsec_millis(), fastrand::u16(..0x1000)));
        let mut job = Job { key: uuid(), ..Job::new(id.clone(), wish, answering.id, at) };
        // ours before anybody can see it: what nobody is at would be sent by the next program
        let Some(claim) = self.claim(&id).await else { return Err(self.desk.unwritable()) };
        self.desk.note(&mut job).await?;
        self.work(job, claim);
        Ok(id)
    }

    /// The right to be at a job, where nobody else has it.
    async fn claim(&self, id: &JobId) -> Option<Claim> {
        let (store, id) = (self.desk.store.clone(), id.clone());
        blocking(move || store.claim(&id)).await.ok().flatten()
    }

    /// The same for one that is over: our own work on it, which was just given up, may not have let go of it yet.
    async fn claim_soon(&self, id: &JobId) -> Option<Claim> {
        for _ in 0..LETTING_GO {
            let claim = self.claim(id).await;
            if claim.is_some() || self.desk.job(id).is_none_or(|job| job.elsewhere) {
                return claim;
            }
            sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// The right to change a job that is over, and how it stands on the disk, where others may have been at it.
    async fn over_here(&self, id: &JobId) -> Result<Option<(Claim, Job)>, Trouble> {
        let Some(claim) = self.claim_soon(id).await else { return Err(busy()) };
        let (store, name) = (self.desk.store.clone(), id.clone());
        let read = blocking(move || store.read(&name)).await?;
        Ok(read.filter(Job::is_over).map(|job| (claim, job)))
    }

    fn work(&self, job: Job, claim: Claim) {
        let (desk, broken) = (self.desk.clone(), self.desk.clone());
        let (id, lost) = (job.id.clone(), job.id.clone());
        let crashed = move |trouble: Trouble| {
            if let Some(job) = broken.job(&lost) {
                broken.show(Job { state: State::Failed(trouble), ended_at: Some(now()), ..Job::clone(&job) });
            }
        };
        let mut working = self.working();
        working.retain(|_, task| !task.is_over());
        working.insert(id, spawn(drive(job, Arc::new(claim), desk), crashed));
    }

    /// Reads what is on the disk: jobs that nobody is at go on here. As long as others are at some, it looks again from time to time.
    pub async fn see(self: &Arc<Self>) {
        if !self.look().await {
            return;
        }
        let jobs = Arc::downgrade(self);
        let watch = async move {
            loop {
                sleep(AGAIN).await;
                let Some(jobs) = jobs.upgrade() else { return };
                if !jobs.look().await {
                    return;
                }
            }
        };
        // it says nothing when it ends, and begins anew with the next look
        *self.watching.lock().unwrap_or_else(PoisonError::into_inner) = Some(spawn(watch, |_| {}));
    }

    /// Whether other programs are at some.
    async fn look(&self) -> bool {
        let _looking = self.looking.lock().await;
        let (store, before) = (self.desk.store.clone(), self.desk.all());
        let Ok(all) = blocking(move || store.all()).await else { return false };
        let mut others = false;
        for (job, claim) in all {
            let there = self.desk.job(&job.id);
            if let Some(claim) = claim {
                self.desk.show(job.clone());
                self.work(job, claim);
                continue;
            }
            // what has changed here meanwhile is newer than what was read; what is worked on here is known better
            let is_newer = there.as_ref().map(Arc::as_ptr) != before.get(&job.id).map(Arc::as_ptr);
            if is_newer || there.as_ref().is_some_and(|there| !there.is_over() && !there.elsewhere) {
                continue;
            }
            others |= job.elsewhere;
            let is_same = there.is_some_and(|there| {
                let mut known = Job::clone(&there);
                known.product.sights.clear();
                known == job
            });
            if !is_same {
                self.desk.show(job);
            }
        }
        others
    }

    /// Sees what can be seen of what this one made, unless that was seen already; without an id all jobs are looked for, and the newest is
    /// meant.
    pub async fn see_products(self: &Arc<Self>, id: Option<JobId>) {
        let job = match id {
            Some(id) => self.desk.job(&id),
            None => {
                self.see().await;
                self.desk.all().pop_last().map(|(_, job)| job)
            }
        };
        let unseen = |job: &Arc<Job>| job.state == State::Done && job.product.sights.is_empty();
        let Some(mut job) = job.filter(unseen).map(|job| Job::clone(&job)) else { return };
        for file in job.product.files.clone() {
            files::see(&file, &mut job, &self.desk.services).await;
        }
        if !job.product.sights.is_empty() && self.desk.job(&job.id).is_some() {
            self.desk.show(job);
        }
    }

    /// A job as it stands.
    pub fn job(&self, id: &JobId) -> Option<Arc<Job>> {
        self.desk.job(id)
    }

    /// Waits until a job is over, and is told all that happens until then. Nothing when it was forgotten.
    pub async fn over(&self, id: &JobId, tell: impl FnMut(&Job)) -> Option<Arc<Job>> {
        self.desk.over(id, tell).await
    }

    /// Gives a job up. What the service has begun it may go on with.
    pub async fn cancel(&self, id: &JobId) -> Result<(), Trouble> {
        let Some(job) = self.desk.job(id).filter(|job| !job.is_over() && !job.elsewhere) else { return Ok(()) };
        let mut job = Job { state: State::Cancelled, ..Job::clone(&job) };
        // first: a look at the disk would take one that nobody is at any more, and that is not given up there, for left behind
        let noted = self.desk.note(&mut job).await;
        drop(self.working().remove(id));
        noted
    }

    /// Tries a job again, from where it came to nothing.
    pub async fn again(&self, id: &JobId) -> Result<(), Trouble> {
        let Some((claim, before)) = self.over_here(id).await?.filter(|(_, job)| job.state != State::Done) else { return Ok(()) };
        let mut job = Job { state: before.again(), ended_at: None, made_at: now(), ..before.clone() };
        if job.state == State::Waiting {
            (job.remote, job.links, job.product) = (None, vec![], Product::default());
            // what may be made already is asked for by the same key
            if matches!(before.state, State::Failed(_)) {
                job.key = uuid();
            }
        }
        // it is no longer given up
        self.desk.forget(id);
        self.desk.note(&mut job).await?;
        self.work(job, claim);
        Ok(())
    }

    /// Forgets a job that is over; what it made stays.
    pub async fn forget(&self, id: &JobId) -> Result<bool, Trouble> {
        let Some((claim, _)) = self.over_here(id).await? else { return Ok(false) };
        self.desk.forget(id);
        let (store, id) = (self.desk.store.clone(), id.clone());
        blocking(move || {
            store.forget(&id);
            drop(claim);
        })
        .await?;
        Ok(true)
    }
}

/// Somebody else is at it, or what was sent is not answered yet.
fn busy() -> Trouble {
    Trouble::new("job_busy", "Another program is at this job, or the service has not answered yet").help("try again in a moment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_random_uuids() {
        let key = uuid();
        assert!(key.len() == 36 && key.as_bytes()[14] == b'4' && b"89ab".contains(&key.as_bytes()[19]), "{key}");
        assert_ne!(key, uuid());
    }
}
