//! What this part remembers: jobs of films, and files.

use super::{
    answer::Refusal,
    made::{File, Job},
};
use axum::{
    extract::{self, Path},
    http::header,
    response::{IntoResponse, Response},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Where files are.
pub const FILES: &str = "/v1/sandbox/files/";
/// Bytes of files that are kept; the oldest go first.
const KEPT: usize = 128 << 20;
/// Jobs that are remembered.
const JOBS: usize = 1024;

/// Seconds since 1970.
pub(super) fn now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map(|since| since.as_secs_f64()).unwrap_or_default()
}

/// Settings and memory.
#[derive(Debug)]
pub struct State {
    /// How long a film takes; 0 for no time at all.
    pub seconds_per_video: f64,
    /// How long a job is remembered; later it has expired.
    pub seconds_kept: f64,
    /// Bytes of a recording; a larger one is refused.
    pub largest_recording: usize,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    jobs: VecDeque<(String, Arc<Job>)>,
    files: VecDeque<(String, File)>,
}

impl Default for State {
    fn default() -> Self {
        Self::new(3.0)
    }
}

impl State {
    /// With films that take so long.
    pub fn new(seconds_per_video: f64) -> Self {
        Self { seconds_per_video, seconds_kept: 86_400.0, largest_recording: 500 << 20, memory: Mutex::default() }
    }
    /// Keeps a file under an id.
    pub(super) fn keep(&self, id: String, file: File) {
        let mut memory = self.memory();
        memory.files.push_back((id, file));
        let mut size: usize = memory.files.iter().map(|(_, file)| file.bytes.len()).sum();
        while size > KEPT
            && let Some((_, oldest)) = memory.files.pop_front()
        {
            size -= oldest.bytes.len();
        }
    }
    /// A file by its id.
    pub(super) fn file(&self, id: &str) -> Option<File> {
        self.memory().files.iter().find(|(known, _)| known == id).map(|(_, file)| file.clone())
    }
    /// A file by its address, when it is one of ours: the error says that it is gone.
    pub(super) fn own(&self, url: &str) -> Option<Result<File, ()>> {
        let (_, path) = url.split_once("://")?;
        let id = path.get(path.find('/')?..)?.strip_prefix(FILES)?;
        Some(self.file(id).ok_or(()))
    }
    /// Remembers a job, and names it. A key that was used before names the job that it made.
    pub(super) fn begin(&self, id: String, job: Job) -> String {
        let mut memory = self.memory();
        let same = |known: &Job| known.idempotency.is_some() && known.idempotency == job.idempotency;
        if let Some((known, _)) = memory.jobs.iter().find(|(_, known)| same(known)) {
            return known.clone();
        }
        if memory.jobs.len() >= JOBS {
            memory.jobs.pop_front();
        }
        memory.jobs.push_back((id.clone(), Arc::new(job)));
        id
    }
    /// Remembers a job of a simulator before this one.
    pub(super) fn remember(&self, id: String, job: Job) -> Arc<Job> {
        let job = Arc::new(job);
        self.memory().jobs.push_back((id, job.clone()));
        job
    }
    /// A job by its id.
    pub(super) fn job(&self, id: &str) -> Option<Arc<Job>> {
        self.memory().jobs.iter().find(|(known, _)| known == id).map(|(_, job)| job.clone())
    }
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `GET /v1/sandbox/files/{id}`, for everyone.
pub async fn download(extract::State(state): extract::State<Arc<State>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let file = state.file(&id).ok_or_else(|| Refusal::unknown("There is no such file, or no longer."))?;
    Ok(([(header::CONTENT_TYPE, file.kind)], file.bytes).into_response())
}
