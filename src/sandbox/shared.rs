//! What all requests share: what the service remembers, and the ways in which it was told to fail.

use super::{faults::Fault, oauth::memory};
use serde_json::Value;
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Requests that are remembered.
const RECORDED: usize = 4096;
/// Large bodies are remembered for so many requests only.
const RECORDED_WHOLE: usize = 64;
/// A body of more bytes is large.
const LARGE: usize = 4 << 10;
/// Stored responses and cache keys that are remembered.
const REMEMBERED: usize = 256;
/// A request as it came, its token left out.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// `POST`
    pub method: String,
    /// `/v1/responses`
    pub path: String,
    /// Lower-case names; the bearer as `Bearer …`.
    pub headers: Vec<(String, String)>,
    /// Which bearer it came with: the beginning of its SHA-256; empty without one.
    pub bearer: String,
    /// The body, when it was JSON; of a form its names, with `…` for values that may be secret.
    pub body: Value,
}

/// What all requests share.
#[derive(Default)]
pub struct Shared {
    issuer: String,
    memory: Mutex<Memory>,
    sign_in: Mutex<memory::Memory>,
    answering: Arc<AtomicUsize>,
}

/// A stream under way, until it is dropped: at its end, or with its connection.
pub struct Answering(Arc<AtomicUsize>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Default)]
struct Memory {
    faults: Vec<Fault>,
    /// With the sizes of their bodies.
    recorded: VecDeque<(usize, Recorded)>,
    /// The items of stored responses.
    stored: HashMap<String, Vec<Value>>,
    /// The input of the last request with a cache key, in tokens.
    cached: HashMap<String, u64>,
}

impl Shared {
    /// A service at this address, which remembers nothing yet.
    pub fn new(issuer: String) -> Self {
        Self { issuer, ..Self::default() }
    }
    /// Notes that a stream is under way.
    pub fn begin(&self) -> Answering {
        self.answering.fetch_add(1, Ordering::SeqCst);
        Answering(self.answering.clone())
    }
    /// How many streams are under way.
    pub fn answering(&self) -> usize {
        self.answering.load(Ordering::SeqCst)
    }
    /// The last requests, the oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.memory().recorded.iter().map(|(_, recorded)| recorded.clone()).collect()
    }
    /// Remembers a request with the size of its body.
    pub fn record(&self, size: usize, recorded: Recorded) {
        self.memory().record(size, recorded);
    }
    /// Fails in these ways from now on.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.memory().faults = faults;
    }
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// What the sign-in remembers.
    pub fn sign_in(&self) -> MutexGuard<'_, memory::Memory> {
        self.sign_in.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// `http://127.0.0.1:PORT`
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
    /// The faults of this request for an answer; one that was ordered for some requests counts down.
    pub fn faults(&self) -> Vec<Fault> {
        self.memory().take_faults(|fault| !fault.is_of_sign_in())
    }
    /// The same for a request to the token endpoint.
    pub fn token_faults(&self) -> Vec<Fault> {
        self.memory().take_faults(Fault::is_of_sign_in)
    }
    /// The faults of the sign-in; nothing counts down.
    pub fn sign_in_faults(&self) -> Vec<Fault> {
        let memory = self.memory();
        let over = memory.faults.contains(&Fault::Times(0));
        memory.faults.iter().filter(|fault| !over && fault.is_of_sign_in()).cloned().collect()
    }
    /// Tokens of the input that were sent before under this key.
    pub fn cached(&self, key: Option<&str>, input: u64) -> u64 {
        let Some(key) = key else { return 0 };
        let mut memory = self.memory();
        if memory.cached.len() >= REMEMBERED {
            memory.cached.clear();
        }
        memory.cached.insert(key.to_string(), input).unwrap_or(0).min(input)
    }
    /// Remembers a response for `previous_response_id`.
    pub fn store(&self, response: &Value, mut items: Vec<Value>) {
        let mut memory = self.memory();
        if memory.stored.len() >= REMEMBERED {
            memory.stored.clear();
        }
        items.extend(response["output"].as_array().cloned().unwrap_or_default());
        memory.stored.insert(response["id"].as_str().unwrap_or_default().to_string(), items);
    }
    /// What a stored response held, input and output.
    pub fn stored(&self, id: &str) -> Option<Vec<Value>> {
        self.memory().stored.get(id).cloned()
    }
}

impl Memory {
    /// The faults of one part of the service. `times=N` counts down when there are any.
    fn take_faults(&mut self, of_this_part: fn(&Fault) -> bool) -> Vec<Fault> {
        let counts = |fault: &Fault| matches!(fault, Fault::Times(_));
        let faults: Vec<Fault> = self.faults.iter().filter(|fault| of_this_part(fault) && !counts(fault)).cloned().collect();
        let times = self.faults.iter_mut().find_map(|fault| if let Fault::Times(left) = fault { Some(left) } else { None });
        match times {
            Some(0) => vec![],
            Some(left) if !faults.is_empty() => {
                *left -= 1;
                faults
            }
            _ => faults,
        }
    }
    fn record(&mut self, size: usize, recorded: Recorded) {
        self.recorded.push_back((size, recorded));
        if self.recorded.len() > RECORDED {
            self.recorded.pop_front();
        }
        let older = self.recorded.len().checked_sub(RECORDED_WHOLE + 1);
        if let Some((size, old)) = older.and_then(|at| self.recorded.get_mut(at))
            && *size > LARGE
        {
            old.body = Value::Null;
        }
    }
}
