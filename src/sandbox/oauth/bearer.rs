//! Bearers: which of our own tokens still count. Knows nothing of API keys: whatever is not one of our tokens passes here.

use super::{
    super::{refusals::Refusal, reply::refusal, shared::Shared},
    memory::Standing,
    private, tokens,
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::sync::Arc;

/// Lets a request below `/v1/` through unless its bearer is one of ours and does not count.
pub async fn check(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let answer = if request.uri().path().starts_with("/v1/") { counts(&shared, request.headers(), Utc::now()) } else { Ok(()) };
    match answer {
        Ok(()) => next.run(request).await,
        Err(refused) => refusal(&refused),
    }
}

/// `GET /oauth2/userinfo`: who signed in.
pub async fn person(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let standing = token(&headers).map(|token| shared.sign_in().standing(token, Utc::now()));
    if let Some(Standing::Good(_)) = standing {
        return private(tokens::person());
    }
    let body = json!({ "error": "invalid_token", "error_description": "The access token is missing or does not count" });
    let mut response = (StatusCode::UNAUTHORIZED, private(body)).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
    response
}

fn counts(shared: &Shared, headers: &HeaderMap, now: DateTime<Utc>) -> Result<(), Refusal> {
    let Some(token) = token(headers) else { return Ok(()) };
    let refused = |status, code, error: &str| Err(Refusal { status, code, error: error.into() });
    match shared.sign_in().standing(token, now) {
        Standing::Good(_) | Standing::Foreign => Ok(()),
        Standing::Expired => refused(401, "unauthenticated", "The OAuth2 access token could not be validated."),
        // the service says 403 here, and clients must know this one from a plan that does not suffice
        Standing::Refused => {
            refused(403, "permission-denied", "The OAuth2 access token could not be validated. [WKE=unauthenticated:bad-credentials]")
        }
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}
