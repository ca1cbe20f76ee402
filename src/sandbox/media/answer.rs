//! Refusals in the three shapes that the service has, and what every answer needs.

use axum::{
    Json,
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// How a refusal is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    /// `{"code":…,"error":…}`
    Flat(&'static str),
    /// `{"error":…}`, as speech and transcription answer.
    Bare,
    /// Words alone, as the picture endpoints answer unknown values.
    Plain,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    status: u16,
    shape: Shape,
    error: String,
}

impl Refusal {
    /// With its status, code and words.
    pub fn new(status: u16, code: &'static str, error: impl Into<String>) -> Self {
        Self { status, shape: Shape::Flat(code), error: error.into() }
    }
    /// A value that does not do.
    pub fn argument(error: impl Into<String>) -> Self {
        Self::new(400, "invalid-argument", error)
    }
    /// A value of the wrong type, or a field that is not there.
    pub fn kind(error: impl Into<String>) -> Self {
        Self::new(422, "invalid-argument", error)
    }
    /// Something that is not known.
    pub fn unknown(error: impl Into<String>) -> Self {
        Self::new(404, "not-found", error)
    }
    /// As speech and transcription say it: they know no 422.
    pub fn bare(self) -> Self {
        Self { status: if self.status == 422 { 400 } else { self.status }, shape: Shape::Bare, ..self }
    }
    /// As the picture endpoints say it when a value is unknown.
    pub fn plain(self) -> Self {
        Self { shape: Shape::Plain, ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        match self.shape {
            Shape::Flat(code) => (status, Json(json!({ "code": code, "error": self.error }))).into_response(),
            Shape::Bare => (status, Json(json!({ "error": self.error }))).into_response(),
            Shape::Plain => (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], self.error).into_response(),
        }
    }
}

/// Lets through what shows a bearer; any will do.
pub async fn bearer(request: Request, next: Next) -> Response {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match header.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(token) if !token.trim().is_empty() => next.run(request).await,
        _ => Refusal::new(401, "unauthenticated", "No credentials were given. Send an API key as a bearer token.").into_response(),
    }
}

/// A random id in the shape of a UUID.
pub fn id() -> String {
    let mut bytes = fastrand::u128(..).to_be_bytes();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// What is drawn or played takes a while and must not hold up the others.
pub async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(Refusal::new(500, "internal-error", "The work was given up.")),
    }
}
