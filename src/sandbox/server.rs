//! The server: routes, what it remembers, and its end.

use super::{
    completions,
    faults::Fault,
    models,
    oauth::{self, memory::Decision},
    refusals,
    refusals::Refusal,
    responses::{self, refusal},
};
use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use chrono::Utc;
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Requests that are remembered.
const RECORDED: usize = 4096;
/// Large bodies are remembered for so many requests only.
const RECORDED_WHOLE: usize = 64;
/// A body of more bytes is large.
const LARGE: usize = 4 << 10;
/// Stored responses and cache keys that are remembered.
const REMEMBERED: usize = 256;
/// Bodies are not larger than this: pictures travel in them.
const LARGEST: usize = 64 << 20;

/// What a simulator is told at its start.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port; 0 for any free one.
    pub port: u16,
    /// Faults of every request.
    pub faults: Vec<Fault>,
}

/// A request as it came, its token left out.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// `POST`
    pub method: String,
    /// `/v1/responses`
    pub path: String,
    /// Lower-case names; the bearer as `Bearer …`.
    pub headers: Vec<(String, String)>,
    /// The body, when it was JSON; of a form its names, with `…` for values that may be secret.
    pub body: Value,
}

/// A running simulator; dropping it ends it.
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// What all requests share.
#[derive(Default)]
pub struct Shared {
    issuer: String,
    memory: Mutex<Memory>,
    sign_in: Mutex<oauth::Memory>,
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

/// Listens on 127.0.0.1 and serves on the current runtime.
pub async fn serve(options: Options) -> io::Result<Sandbox> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared { issuer: format!("http://{address}"), ..Shared::default() });
    shared.memory().faults = options.faults;
    let router = Router::new()
        .route("/v1/models", get(|| async { Json(models::list()) }))
        .route("/v1/models/{id}", get(|Path(id): Path<String>| async move { one(&id, models::Model::short) }))
        .route("/v1/language-models", get(|| async { Json(models::language_list()) }))
        .route("/v1/language-models/{id}", get(|Path(id): Path<String>| async move { one(&id, models::Model::long) }))
        .route("/v1/api-key", get(key))
        .route("/v1/responses", post(create))
        .route("/v1/chat/completions", post(complete))
        .merge(oauth::routes())
        .fallback(|| async { refusal(&Refusal { status: 404, code: "not-found", error: "There is nothing here.".into() }) })
        .layer(middleware::from_fn_with_state(shared.clone(), oauth::bearer::check))
        .layer(middleware::from_fn_with_state(shared.clone(), record))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(shared.clone());
    let task = tokio::spawn(async move {
        // ends only when it is aborted
        let _ = axum::serve(listener, router).await;
    });
    Ok(Sandbox { address, shared, task })
}

impl Sandbox {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
    /// `http://127.0.0.1:PORT/v1`
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
    /// `http://127.0.0.1:PORT`, where the sign-in is.
    pub fn issuer(&self) -> String {
        self.shared.issuer.clone()
    }
    /// Says yes to a device code, as a person would on its page. False when no such code waits.
    pub fn approve_device(&self, user_code: &str) -> bool {
        self.shared.sign_in().decide(user_code, Decision::Approved, Utc::now()).is_ok()
    }
    /// Says no to a device code.
    pub fn deny_device(&self, user_code: &str) -> bool {
        self.shared.sign_in().decide(user_code, Decision::Denied, Utc::now()).is_ok()
    }
    /// The last requests, the oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.memory().recorded.iter().map(|(_, recorded)| recorded.clone()).collect()
    }
    /// Fails in these ways from now on.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.memory().faults = faults;
    }
    /// Waits for the end of the server, which comes by itself only when the listener breaks.
    pub async fn stopped(mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// What the sign-in remembers.
    pub fn sign_in(&self) -> MutexGuard<'_, oauth::Memory> {
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

async fn create(State(shared): State<Arc<Shared>>, headers: HeaderMap, bytes: Bytes) -> Response {
    responses::create(shared, headers, bytes).await
}

async fn complete(State(shared): State<Arc<Shared>>, headers: HeaderMap, bytes: Bytes) -> Response {
    completions::create(shared, headers, bytes).await
}

fn one(id: &str, shape: fn(&models::Model) -> Value) -> Response {
    match refusals::model(id) {
        Ok(model) => Json(shape(model)).into_response(),
        Err(refused) => refusal(&refused),
    }
}

async fn key(headers: HeaderMap) -> Response {
    let header = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    if let Err(refused) = refusals::bearer(header) {
        return refusal(&refused);
    }
    Json(json!({
        "redacted_api_key": "xai-...demo", "name": "sandbox", "user_id": "sandbox", "team_id": "sandbox", "api_key_id": "sandbox",
        "create_time": "2026-01-01T00:00:00Z", "modify_time": "2026-01-01T00:00:00Z", "modified_by": "sandbox",
        "acls": ["api-key:model:*", "api-key:endpoint:*"], "team_blocked": false, "api_key_blocked": false, "api_key_disabled": false,
    }))
    .into_response()
}

/// Remembers every request, then lets it through.
async fn record(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST).await else {
        return refusal(&Refusal { status: 413, code: "invalid-argument", error: "The body is too large.".into() });
    };
    let headers = parts.headers.iter().map(|(name, value)| {
        let value =
            if name == header::AUTHORIZATION { "Bearer …".into() } else { String::from_utf8_lossy(value.as_bytes()).into_owned() };
        (name.to_string(), value)
    });
    // large bodies are not worth parsing twice
    let body = match bytes.len() {
        256_000.. => Value::Null,
        _ if oauth::form::is_form(&parts.headers) => oauth::form::redacted(&bytes),
        _ => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    };
    let recorded = Recorded { method: parts.method.to_string(), path: parts.uri.path().to_string(), headers: headers.collect(), body };
    shared.memory().record(bytes.len(), recorded);
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}
