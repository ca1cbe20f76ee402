//! What is being made, and what was.

use axum::body::Bytes;
use serde_json::Value;
use std::sync::OnceLock;

/// A film that is being made.
#[derive(Debug)]
pub struct Job {
    /// When it was asked for, in seconds since 1970.
    pub begun: f64,
    /// How long it takes; none for as long as ever.
    pub takes: Option<f64>,
    /// How it ends.
    pub outcome: Outcome,
    /// Whether polls have no body while it goes on.
    pub quiet: bool,
    /// Whether the address leads nowhere.
    pub gone: bool,
    /// Who makes it.
    pub model: &'static str,
    /// How long the film is.
    pub seconds: f64,
    /// What it costs.
    pub ticks: u64,
    /// The key of its request.
    pub idempotency: Option<String>,
    /// Who wants to keep it.
    pub storage: Option<Storage>,
    /// What comes of it.
    pub file: Option<File>,
    /// The `video` of the answer, once it was shown: it stays the same.
    pub shown: OnceLock<Value>,
}

/// How a job ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// With a film.
    Done,
    /// With a film that is held back.
    Blocked,
    /// With an error: code and message.
    Failed(&'static str, &'static str),
    /// It was too old.
    Expired,
}

/// A file that can be fetched.
#[derive(Debug, Clone)]
pub struct File {
    /// `image/png`
    pub kind: &'static str,
    /// What is in it.
    pub bytes: Bytes,
}

/// Who wants the result in the Files API.
#[derive(Debug, Clone)]
pub struct Storage {
    /// Its name there.
    pub filename: String,
    /// Seconds that it is kept.
    pub expires_after: Option<u64>,
    /// Whether anybody may have it.
    pub public: bool,
    /// Seconds for which anybody may.
    pub public_expires_after: Option<u64>,
}
