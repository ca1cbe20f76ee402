//! The server: routes, what it remembers, and its end.

use super::{
    faults::Fault,
    models, oauth, refusals,
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
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Requests that are remembered.
const RECORDED: usize = 4_096;
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
    /// The body, when it was JSON.
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
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    faults: Vec<Fault>,
    recorded: VecDeque<Recorded>,
    /// The items of stored responses.
    stored: HashMap<String, Vec<Value>>,
    /// The input of the last request with a cache key, in tokens.
    cached: HashMap<String, u64>,
    grants: Grants,
}

/// What the sign-in server remembers.
#[derive(Default)]
pub struct Grants {
    /// Codes of the consent page.
    pub codes: HashMap<String, oauth::Code>,
    /// Codes for other devices.
    pub devices: HashMap<String, oauth::DeviceCode>,
    /// Refresh tokens that were used.
    pub used: HashSet<String>,
    /// Grants that are gone.
    pub revoked: HashSet<String>,
    /// Opaque access tokens: their grant and their end.
    pub opaque: HashMap<String, (String, Instant)>,
}

/// Listens on 127.0.0.1 and serves on the current runtime.
pub async fn serve(options: Options) -> io::Result<Sandbox> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared::default());
    shared.memory().faults = options.faults;
    let router = Router::new()
        .route("/v1/models", get(|| async { Json(models::list()) }))
        .route("/v1/models/{id}", get(|Path(id): Path<String>| async move { one(&id, models::Model::short) }))
        .route("/v1/language-models", get(|| async { Json(models::language_list()) }))
        .route("/v1/language-models/{id}", get(|Path(id): Path<String>| async move { one(&id, models::Model::long) }))
        .route("/v1/api-key", get(key))
        .route("/v1/responses", post(create))
        .merge(oauth::routes())
        .fallback(|| async { refusal(&Refusal { status: 404, code: "not-found", error: "There is nothing here.".into() }) })
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
    /// Where people sign in: `http://127.0.0.1:PORT`
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }
    /// Says yes or no on the other device; false for a code that is not there.
    pub fn decide_device(&self, user_code: &str, approve: bool) -> bool {
        self.shared.grants(|grants| oauth::settle(grants, user_code, approve))
    }
    /// The last requests, the oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.memory().recorded.iter().cloned().collect()
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
    /// Looks at, or changes, what the sign-in server remembers.
    pub fn grants<T>(&self, change: impl FnOnce(&mut Grants) -> T) -> T {
        change(&mut self.memory().grants)
    }
    /// The faults as they are, without counting.
    pub fn standing_faults(&self) -> Vec<Fault> {
        self.memory().faults.clone()
    }
    /// The faults of this request; one that was ordered for some requests counts down.
    pub fn faults(&self) -> Vec<Fault> {
        let mut memory = self.memory();
        let faults = memory.faults.clone();
        let times = memory.faults.iter_mut().find_map(|f| if let Fault::Times(n) = f { Some(n) } else { None });
        match times {
            Some(0) => vec![],
            Some(left) => {
                *left -= 1;
                faults
            }
            None => faults,
        }
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

async fn create(State(shared): State<Arc<Shared>>, headers: HeaderMap, bytes: Bytes) -> Response {
    responses::create(shared, headers, bytes).await
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
    let is_form = parts.headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let body = match (is_form, bytes.len() < 256 << 10) {
        (true, true) => oauth::remembered(&bytes),
        (false, true) => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        _ => Value::Null,
    };
    let recorded = Recorded { method: parts.method.to_string(), path: parts.uri.path().to_string(), headers: headers.collect(), body };
    {
        let mut memory = shared.memory();
        memory.recorded.push_back(recorded);
        if memory.recorded.len() > RECORDED {
            memory.recorded.pop_front();
        }
    }
    if parts.uri.path().starts_with("/v1/")
        && let Err(refused) = oauth::check_bearer(&shared, &parts.headers)
    {
        return refusal(&refused);
    }
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}
