//! The sign-in half of the service: discovery, consent page, token endpoint and device codes (RFC 6749, 7636, 8628 and 7009), at
//! the paths and with the manners of xAI. Knows one public client and one demo account. Never asks for a password, never asks
//! anybody else, and writes nothing to disk.

pub mod authorize;
pub mod bearer;
pub mod consent;
pub mod device;
pub mod form;
pub mod memory;
pub mod token;
pub mod tokens;

pub use memory::Memory;

use super::{
    faults::{Fault, parse_faults},
    shared::Shared,
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The one client that is known: public, without a secret.
pub const CLIENT: &str = "b1a00492-073a-47ea-816f-4c329264a828";
/// Every scope there is; whoever asks for none gets all.
pub const SCOPES: &str = "openid profile email offline_access grok-cli:access api:access";
/// Who signs in.
pub const EMAIL: &str = "demo@sandbox.invalid";
/// The grant type of RFC 8628.
pub const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A refusal in the form of RFC 6749 5.2.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// HTTP status.
    pub status: u16,
    /// `invalid_grant`
    pub error: &'static str,
    /// A sentence for people.
    pub description: String,
}

impl Rejected {
    /// Refuses with status 400.
    pub fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { status: 400, error, description: description.into() }
    }
    /// The grant is not or no longer good.
    pub fn grant(description: impl Into<String>) -> Self {
        Self::new("invalid_grant", description)
    }
    /// Something is missing or makes no sense.
    pub fn request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }
    /// Refuses with another status.
    pub fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (status, private(body)).into_response();
        if self.error == "invalid_client" {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"sandbox\""));
        }
        response
    }
}

/// Every route of the sign-in.
pub fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/jwks.json", get(keys))
        .route("/oauth2/authorize", get(authorize::page).post(authorize::decide))
        .route("/oauth2/token", post(token::answer))
        .route("/oauth2/device/code", post(device::begin))
        .route("/oauth2/device", get(device::page).post(device::decide))
        .route("/oauth2/userinfo", get(bearer::person).post(bearer::person))
        .route("/oauth2/revoke", post(token::revoke))
}

async fn discovery(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let faults = match faults(&shared, &headers) {
        Ok(faults) => faults,
        Err(rejected) => return rejected.into_response(),
    };
    let issuer = shared.issuer();
    let below = |path: &str| format!("{issuer}{path}");
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": below("/oauth2/authorize"),
        "token_endpoint": below("/oauth2/token"),
        "device_authorization_endpoint": below("/oauth2/device/code"),
        "revocation_endpoint": below("/oauth2/revoke"),
        "userinfo_endpoint": below("/oauth2/userinfo"),
        "jwks_uri": below("/.well-known/jwks.json"),
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": SCOPES.split(' ').collect::<Vec<_>>(),
        "claims_supported": ["sub", "email", "email_verified", "name"],
    });
    if faults.contains(&Fault::NoDevice)
        && let Some(fields) = document.as_object_mut()
    {
        fields.shift_remove("device_authorization_endpoint");
        fields.insert("grant_types_supported".into(), json!(["authorization_code", "refresh_token"]));
    }
    Json(document).into_response()
}

async fn keys(State(shared): State<Arc<Shared>>) -> Response {
    let key = shared.sign_in().id_key.public();
    Json(json!({ "keys": key.into_iter().collect::<Vec<_>>() })).into_response()
}

/// JSON that no cache may keep.
fn private(body: Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(body)).into_response()
}

/// The faults of a request that is not for the token endpoint; it takes nothing from `times=N`.
fn faults(shared: &Shared, headers: &HeaderMap) -> Result<Vec<Fault>, Rejected> {
    own_faults(headers).unwrap_or_else(|| Ok(shared.sign_in_faults()))
}

/// The faults that came with the request.
fn own_faults(headers: &HeaderMap) -> Option<Result<Vec<Fault>, Rejected>> {
    let value = headers.get("x-sandbox-fault")?;
    Some(parse_faults(value.to_str().unwrap_or("?")).map_err(Rejected::request))
}

/// The scopes that are granted to whoever asks for these.
fn scope(asked: Option<&str>) -> Result<String, Rejected> {
    within(asked, SCOPES)
}

/// What is asked for, when `granted` holds it all.
fn within(asked: Option<&str>, granted: &str) -> Result<String, Rejected> {
    let Some(asked) = asked else { return Ok(granted.into()) };
    match asked.split_whitespace().find(|scope| !granted.split(' ').any(|g| g == *scope)) {
        Some(unknown) => Err(Rejected::new("invalid_scope", format!("The scope `{unknown}` is not granted"))),
        None => Ok(asked.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}
