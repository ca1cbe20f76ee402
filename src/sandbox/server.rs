//! The server: routes, and its end.

use super::{
    billing, completions,
    faults::Fault,
    media, mishaps, models,
    oauth::{self, memory::Decision},
    refusals,
    refusals::Refusal,
    reply::refusal,
    responses,
    shared::{Recorded, Shared},
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
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::{net::TcpListener, task::JoinHandle};

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

/// So long a video takes.
const SECONDS: f64 = 3.0;

/// A running simulator; dropping it ends it.
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// Listens on 127.0.0.1 and serves on the current runtime.
pub async fn serve(options: Options) -> io::Result<Sandbox> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared::new(format!("http://{address}")));
    shared.set_faults(options.faults);
    let router = Router::new()
        .route("/v1/models", get(|| async { Json(models::list()) }))
        .route("/v1/models/{id}", get(|Path(id): Path<String>| async move { one(&id, models::Model::short) }))
        .route("/v1/language-models", get(|| async { Json(models::language_list()) }))
        .route("/v1/language-models/{id}", get(|Path(id): Path<String>| async move { one(&id, models::Model::long) }))
        .route("/v1/api-key", get(key))
        .route("/v1/billing", get(billing::left))
        .route("/v1/responses", post(create))
        .route("/v1/chat/completions", post(complete))
        .merge(oauth::routes())
        .merge(
            media::routes()
                .with_state(Arc::new(media::State::new(SECONDS)))
                .layer(middleware::from_fn_with_state(shared.clone(), mishaps::of_media)),
        )
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
        self.shared.issuer().to_string()
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
        self.shared.requests()
    }
    /// How many answers are being streamed now.
    pub fn answering(&self) -> usize {
        self.shared.answering()
    }
    /// Fails in these ways from now on.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.set_faults(faults);
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

/// Names a bearer without giving it away.
fn fingerprint(bearer: &[u8]) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, bearer);
    hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Remembers every request, then lets it through.
async fn record(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST).await else {
        return refusal(&Refusal { status: 413, code: "invalid-argument", error: "The body is too large.".into() });
    };
    let bearer = parts.headers.get(header::AUTHORIZATION).map(|value| fingerprint(value.as_bytes())).unwrap_or_default();
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
    let recorded =
        Recorded { method: parts.method.to_string(), path: parts.uri.path().to_string(), headers: headers.collect(), bearer, body };
    shared.record(bytes.len(), recorded);
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}
