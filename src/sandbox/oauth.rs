//! The sign-in server: discovery, the consent page, the token endpoint and codes for other devices (RFC 6749, 7636, 8628). As
//! strict as the real one: S256 is demanded, codes count once and for a minute, refresh tokens rotate, and whoever uses an old
//! one loses the whole grant.

mod pages;
mod tokens;

use super::{
    faults::Fault,
    refusals::Refusal,
    server::{Grants, Shared},
};
use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use pages::Question;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// The client that may sign people in here.
const CLIENT: &str = "b1a00492-073a-47ea-816f-4c329264a828";
/// A code that was not exchanged by then is worth nothing.
const CODE_LIVES: Duration = Duration::from_secs(60);
const DEVICE_LIVES: u64 = 900;
const INTERVAL: u64 = 5;
/// Access tokens live as long as xAI's from a browser.
const TOKEN_LIVES: u64 = 21_600;
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

type Fields = HashMap<String, String>;

/// A code that waits to be exchanged.
pub struct Code {
    challenge: String,
    redirect_uri: String,
    born: Instant,
    /// The grant that it became; a second use ends that.
    grant: Option<String>,
}

/// A code that waits to be used on another device.
pub struct DeviceCode {
    user_code: String,
    decision: Option<bool>,
    born: Instant,
    interval: u64,
    asked: Option<Instant>,
    slowed: bool,
}

/// The routes of the sign-in server.
pub fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/jwks.json", get(|| async { Json(json!({ "keys": [] })) }))
        .route("/oauth2/authorize", get(ask).post(decide))
        .route("/oauth2/token", post(token))
        .route("/oauth2/device/code", post(device_code))
        .route("/oauth2/device", get(device_page).post(device_decide))
        .route("/oauth2/revoke", post(revoke))
        .route("/oauth2/userinfo", get(userinfo))
}

async fn discovery(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let root = root(&headers);
    let mut document = json!({
        "issuer": root, "authorization_endpoint": format!("{root}/oauth2/authorize"), "token_endpoint": format!("{root}/oauth2/token"),
        "device_authorization_endpoint": format!("{root}/oauth2/device/code"), "revocation_endpoint": format!("{root}/oauth2/revoke"),
        "userinfo_endpoint": format!("{root}/oauth2/userinfo"), "jwks_uri": format!("{root}/.well-known/jwks.json"),
        "response_types_supported": ["code"], "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
        "code_challenge_methods_supported": ["S256"], "token_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["openid", "profile", "email", "offline_access", "grok-cli:access", "api:access"],
        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["HS256"],
    });
    if shared.standing_faults().contains(&Fault::NoDevice)
        && let Some(document) = document.as_object_mut()
    {
        document.remove("device_authorization_endpoint");
    }
    Json(document).into_response()
}

/// Where the client found this server.
fn root(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("127.0.0.1");
    let clean: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(*c)).collect();
    format!("http://{clean}")
}

/// What an authorization request lacks, as a sentence.
fn wrong_request(fields: &Fields) -> Option<&'static str> {
    let is = |name: &str, value: &str| fields.get(name).is_some_and(|v| v == value);
    let has = |name: &str| fields.get(name).is_some_and(|v| !v.trim().is_empty());
    let redirect = fields.get("redirect_uri").map_or("", String::as_str);
    let port = redirect.strip_prefix("http://127.0.0.1:").and_then(|r| r.strip_suffix("/callback")).and_then(|p| p.parse::<u16>().ok());
    [
        (is("client_id", CLIENT), "This client is not known here."),
        (port.is_some_and(|p| p != 0), "The redirect_uri must be http://127.0.0.1:PORT/callback."),
        (is("response_type", "code"), "The response_type must be code."),
        (has("code_challenge"), "code_challenge is required."),
        (is("code_challenge_method", "S256"), "code_challenge_method must be S256."),
        (has("state"), "state is required."),
        (is("plan", "generic"), "This client may sign people in with plan=generic only."),
    ]
    .into_iter()
    .find(|(good, _)| !good)
    .map(|(_, sentence)| sentence)
}

async fn ask(Query(fields): Query<Fields>) -> Response {
    match wrong_request(&fields) {
        Some(sentence) => (StatusCode::BAD_REQUEST, Html(pages::message("Not possible", sentence))).into_response(),
        None => Html(pages::question(&Question::Consent(&fields))).into_response(),
    }
}

async fn decide(State(shared): State<Arc<Shared>>, Form(fields): Form<Fields>) -> Response {
    if let Some(sentence) = wrong_request(&fields) {
        return (StatusCode::BAD_REQUEST, Html(pages::message("Not possible", sentence))).into_response();
    }
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let back = |pairs: &[(&str, &str)]| {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).append_pair("state", &field("state")).finish();
        (StatusCode::FOUND, [(header::LOCATION, format!("{}?{query}", field("redirect_uri")))]).into_response()
    };
    match field("decision").as_str() {
        decision @ ("approve" | "show") => {
            let code = tokens::random();
            let born = Instant::now();
            let waiting = Code { challenge: field("code_challenge"), redirect_uri: field("redirect_uri"), born, grant: None };
            shared.grants(|grants| grants.codes.insert(code.clone(), waiting));
            if decision == "show" { Html(pages::code(&code)).into_response() } else { back(&[("code", &code)]) }
        }
        _ => back(&[("error", "access_denied"), ("error_description", "The request was denied on the consent page")]),
    }
}

/// A refusal of the token endpoint (RFC 6749 5.2).
fn oauth_error(status: StatusCode, error: &str, description: &str) -> Response {
    let body = Json(json!({ "error": error, "error_description": description }));
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

fn bad(error: &str, description: &str) -> Response {
    oauth_error(StatusCode::BAD_REQUEST, error, description)
}

async fn token(State(shared): State<Arc<Shared>>, Form(fields): Form<Fields>) -> Response {
    let faults = shared.faults();
    if faults.contains(&Fault::TokenFail) {
        return oauth_error(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The token endpoint is out of order");
    }
    if faults.contains(&Fault::TokenPlanRefused) {
        return oauth_error(StatusCode::FORBIDDEN, "access_denied", "This plan does not include API access");
    }
    if fields.get("client_id").map(String::as_str) != Some(CLIENT) {
        return oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "This client is not known here");
    }
    match fields.get("grant_type").map_or("", String::as_str) {
        "authorization_code" => exchange(&shared, &fields, &faults),
        "refresh_token" => refresh(&shared, &fields, &faults),
        DEVICE_GRANT => device_token(&shared, &fields, &faults),
        _ => bad("unsupported_grant_type", "There are authorization_code, refresh_token and the device grant"),
    }
}

fn exchange(shared: &Shared, fields: &Fields, faults: &[Fault]) -> Response {
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let checked = shared.grants(|grants| {
        let Some(code) = grants.codes.get_mut(field("code")) else { return Err(("invalid_grant", "This code is not known")) };
        if let Some(grant) = code.grant.clone() {
            grants.revoked.insert(grant);
            return Err(("invalid_grant", "This code was used before"));
        }
        if code.born.elapsed() > CODE_LIVES {
            return Err(("invalid_grant", "This code has expired"));
        }
        if code.redirect_uri != field("redirect_uri") {
            return Err(("invalid_grant", "The redirect_uri is not that of the request"));
        }
        let verifier = field("code_verifier");
        if !(43..=128).contains(&verifier.len()) || tokens::challenge(verifier) != code.challenge {
            return Err(("invalid_grant", "The code_verifier does not fit the challenge"));
        }
        // xAI checks these here once more
        let echoed = fields.get("code_challenge").is_none_or(|c| *c == code.challenge);
        if !echoed || fields.get("code_challenge_method").is_some_and(|m| m != "S256") {
            return Err(("invalid_request", "code_challenge_method must be S256, and the challenge that of the request"));
        }
        let grant = tokens::random();
        code.grant = Some(grant.clone());
        Ok(grant)
    });
    match checked {
        Ok(grant) => give(shared, &grant, TOKEN_LIVES, faults),
        Err((error, description)) => bad(error, description),
    }
}

fn refresh(shared: &Shared, fields: &Fields, faults: &[Fault]) -> Response {
    let Some((grant, id)) = tokens::read_refresh(fields.get("refresh_token").map_or("", String::as_str)) else {
        return bad("invalid_grant", "This refresh token is not known");
    };
    let good = shared.grants(|grants| {
        if !grants.used.insert(id) {
            // somebody has a copy: nobody keeps the grant
            grants.revoked.insert(grant.clone());
        }
        !grants.revoked.contains(&grant)
    });
    if good { give(shared, &grant, TOKEN_LIVES, faults) } else { bad("invalid_grant", "Refresh token has been revoked") }
}

/// Fresh tokens of a grant.
fn give(shared: &Shared, grant: &str, lives: u64, faults: &[Fault]) -> Response {
    let short = faults.iter().find_map(|f| if let Fault::ShortTokens(seconds) = f { Some(*seconds) } else { None });
    let lives = short.unwrap_or(lives);
    let access = if faults.contains(&Fault::OpaqueTokens) {
        let token = format!("{}{}", tokens::OPAQUE, tokens::random());
        let end = Instant::now() + Duration::from_secs(lives);
        shared.grants(|grants| grants.opaque.insert(token.clone(), (grant.to_string(), end)));
        token
    } else {
        tokens::access(grant, lives)
    };
    let body = json!({
        "access_token": access, "refresh_token": tokens::refresh(grant), "id_token": tokens::access(grant, lives),
        "token_type": "Bearer", "expires_in": lives,
        "scope": "openid profile email offline_access grok-cli:access api:access",
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn device_code(State(shared): State<Arc<Shared>>, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let faults = shared.standing_faults();
    if faults.contains(&Fault::NoDevice) {
        return oauth_error(StatusCode::NOT_FOUND, "invalid_request", "There is nothing here");
    }
    if fields.get("client_id").map(String::as_str) != Some(CLIENT) {
        return oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "This client is not known here");
    }
    let interval = if faults.contains(&Fault::QuickDevice) { 1 } else { INTERVAL };
    let (device_code, user_code) = (tokens::random(), tokens::user_code());
    let decision = faults.contains(&Fault::DeviceDeny).then_some(false);
    let waiting = DeviceCode { user_code: user_code.clone(), decision, born: Instant::now(), interval, asked: None, slowed: false };
    shared.grants(|grants| grants.devices.insert(device_code.clone(), waiting));
    let page = format!("{}/oauth2/device", root(&headers));
    Json(json!({
        "device_code": device_code, "user_code": user_code, "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"), "expires_in": DEVICE_LIVES, "interval": interval,
    }))
    .into_response()
}

fn device_token(shared: &Shared, fields: &Fields, faults: &[Fault]) -> Response {
    let name = fields.get("device_code").map_or("", String::as_str);
    let decided = shared.grants(|grants| {
        let Some(code) = grants.devices.get_mut(name) else { return Err(("invalid_grant", "This device code is not known")) };
        if code.born.elapsed() > Duration::from_secs(DEVICE_LIVES) {
            return Err(("expired_token", "The device code has expired"));
        }
        let now = Instant::now();
        // a little early is no hurry: clocks and networks are not exact
        let hurries =
            code.asked.replace(now).is_some_and(|before| now - before + Duration::from_millis(300) < Duration::from_secs(code.interval));
        let told = faults.contains(&Fault::DeviceSlowDown) && !std::mem::replace(&mut code.slowed, true);
        if hurries || told {
            code.interval += 5;
            return Err(("slow_down", "Ask less often"));
        }
        match code.decision {
            None => Err(("authorization_pending", "The person has not decided yet")),
            Some(false) => Err(("access_denied", "The person said no")),
            Some(true) => Ok(()),
        }
    });
    if let Err((error, description)) = decided {
        return bad(error, description);
    }
    shared.grants(|grants| grants.devices.remove(name));
    give(shared, &tokens::random(), DEVICE_LIVES, faults)
}

async fn device_page(Query(fields): Query<Fields>) -> Html<String> {
    Html(pages::question(&Question::Device(fields.get("user_code").map_or("", String::as_str))))
}

async fn device_decide(State(shared): State<Arc<Shared>>, Form(fields): Form<Fields>) -> Response {
    let approve = fields.get("decision").is_some_and(|d| d == "approve");
    let code = fields.get("user_code").map_or("", String::as_str);
    match (shared.grants(|grants| settle(grants, code, approve)), approve) {
        (false, _) => {
            (StatusCode::BAD_REQUEST, Html(pages::message("Unknown code", "This code is not known, or has been used."))).into_response()
        }
        (true, true) => Html(pages::message("Done", "You can go back to the terminal: it is signed in.")).into_response(),
        (true, false) => Html(pages::message("Refused", "Nobody was signed in. You can close this page.")).into_response(),
    }
}

/// Notes the person's decision; false for a code that is not there.
pub(super) fn settle(grants: &mut Grants, user_code: &str, approve: bool) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_uppercase();
    let found = grants.devices.values_mut().find(|d| d.decision.is_none() && plain(&d.user_code) == plain(user_code));
    found.map(|device| device.decision = Some(approve)).is_some()
}

async fn revoke(State(shared): State<Arc<Shared>>, Form(fields): Form<Fields>) -> StatusCode {
    if let Some((grant, _)) = tokens::read_refresh(fields.get("token").map_or("", String::as_str)) {
        shared.grants(|grants| grants.revoked.insert(grant));
    }
    // RFC 7009: also for a token that is not known
    StatusCode::OK
}

async fn userinfo(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    match check_bearer(&shared, &headers) {
        Ok(()) => Json(json!({ "sub": "demo", "email": tokens::EMAIL })).into_response(),
        Err(refused) => super::responses::refusal(&refused),
    }
}

/// Refuses a token of ours that has ended or was revoked. Anything else is taken for an API key, and is nobody's business here.
pub(super) fn check_bearer(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    let bearer =
        headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
    let ended = Refusal { status: 401, code: "unauthenticated", error: "The OAuth2 access token could not be validated.".into() };
    let stale = || Refusal {
        status: 403,
        code: "permission-denied",
        error: "The OAuth2 access token could not be validated. [WKE=unauthenticated:bad-credentials]".into(),
    };
    let (grant, lives) = if bearer.starts_with(tokens::OPAQUE) {
        match shared.grants(|grants| grants.opaque.get(bearer).cloned()) {
            Some((grant, end)) => (grant, end > Instant::now()),
            None => return Err(ended),
        }
    } else {
        match tokens::read_access(bearer) {
            tokens::Access::Foreign => return Ok(()),
            tokens::Access::Forged => return Err(stale()),
            tokens::Access::Of { grant, lives } => (grant, lives),
        }
    };
    if shared.grants(|grants| grants.revoked.contains(&grant)) {
        return Err(stale());
    }
    if lives { Ok(()) } else { Err(ended) }
}

/// What is remembered of a form: who asked for what, and no secret.
pub(super) fn remembered(bytes: &[u8]) -> Value {
    let pairs = url::form_urlencoded::parse(bytes).map(|(name, value)| {
        let known = matches!(name.as_ref(), "grant_type" | "client_id" | "code_challenge_method" | "scope" | "decision");
        (name.into_owned(), Value::String(if known { value.into_owned() } else { "…".into() }))
    });
    Value::Object(pairs.collect())
}

/// Bytes as they travel in tokens.
fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
