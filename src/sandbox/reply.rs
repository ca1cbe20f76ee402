//! What every part of the service answers in the same way: refusals, ordered failures, ids.

use super::{
    faults::{Fault, parse_faults},
    refusals::{self, Refusal},
    shared::Shared,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::Value;

/// The JSON of a request that shows a bearer.
pub fn json_body(headers: &HeaderMap, bytes: &Bytes) -> Result<Value, Refusal> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    refusals::bearer(text(header::AUTHORIZATION))?;
    let wrong = |status, error: &str| Refusal { status, code: "invalid-argument", error: error.into() };
    if !text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(wrong(415, "Expected request with `Content-Type: application/json`"));
    }
    if bytes.is_empty() {
        return Err(wrong(415, "The body is empty."));
    }
    serde_json::from_slice(bytes).map_err(|e| wrong(400, &format!("The body is not JSON: {e}")))
}

/// An answer whose connection is dropped.
pub fn broken() -> Response {
    let dropped = Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionAborted));
    Body::from_stream(futures_util::stream::once(async { dropped })).into_response()
}

/// An answer that came to no end.
pub fn stopped() -> Response {
    refusal(&Refusal { status: 500, code: "server_error", error: "The model stopped in the middle of a word.".into() })
}

/// The faults that are left for the answer; the error is the refusal that was ordered.
#[expect(clippy::result_large_err, reason = "a response, once for each request")]
pub fn faults(shared: &Shared, headers: &HeaderMap) -> Result<Vec<Fault>, Response> {
    let faults = match headers.get("x-sandbox-fault").map(|value| parse_faults(value.to_str().unwrap_or("?"))) {
        Some(own) => own.map_err(|error| refusal(&Refusal { status: 400, code: "invalid-argument", error }))?,
        None => shared.faults(),
    };
    match failing(&faults) {
        Some(response) => Err(response),
        None => Ok(faults),
    }
}

/// Refusals that were ordered.
fn failing(faults: &[Fault]) -> Option<Response> {
    let flat = |status: u16, code: &'static str, error: &str| Some(refusal(&Refusal { status, code, error: error.into() }));
    for fault in faults {
        match fault {
            Fault::PlanRefused => {
                return flat(
                    403,
                    "The caller does not have permission to execute the specified operation",
                    "You have either run out of available resources or do not have an active Grok subscription. Manage subscriptions at https://grok.com/?_s=usage or subscribe at https://grok.com/supergrok",
                );
            }
            Fault::QuotaSpent => return flat(403, "personal-team-blocked:spending-limit", "Your team has reached its spending limit."),
            Fault::Status(status) => {
                let mut response = match status {
                    401 => flat(401, "unauthenticated", "The OAuth2 access token could not be validated."),
                    429 => flat(429, "rate_limit_exceeded", "Too many requests"),
                    503 => {
                        let page = "<html><head><title>Service Unavailable</title></head></html>";
                        Some((StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "text/html")], page).into_response())
                    }
                    500.. => flat(*status, "server_error", "Internal error."),
                    _ => flat(*status, "invalid-argument", "Refused on request."),
                }?;
                if let Some(seconds) = faults.iter().find_map(|f| if let Fault::RetryAfter(s) = f { Some(*s) } else { None }) {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                }
                return Some(response);
            }
            _ => {}
        }
    }
    None
}

/// A refusal as a response.
pub fn refusal(refused: &Refusal) -> Response {
    let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, axum::Json(refused.body())).into_response()
}

/// A random id in the shape of a UUID.
pub fn uuid() -> String {
    let n = fastrand::u128(..);
    format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", n >> 96, n >> 80 & 0xffff, n >> 64 & 0xfff, n >> 48 & 0xfff, n & 0xffff_ffff_ffff)
}
