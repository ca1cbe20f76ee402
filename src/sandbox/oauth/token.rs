//! The token endpoint: codes, refresh tokens and device codes become tokens. Never takes a client secret, and lets no cache keep
//! an answer.

use super::{
    super::{faults::Fault, shared::Shared},
    DEVICE_GRANT, Rejected,
    form::{Form, client},
    memory::Mood,
    own_faults, private,
    tokens::{self, Grant},
    within,
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// `POST /oauth2/token`
pub async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, bytes: Bytes) -> Response {
    let faults = match own_faults(&headers).unwrap_or_else(|| Ok(shared.token_faults())) {
        Ok(faults) => faults,
        Err(rejected) => return rejected.into_response(),
    };
    let answer = match exchange(&shared, &headers, &bytes, &faults, Utc::now()) {
        Ok(tokens) => private(tokens),
        Err(rejected) => rejected.into_response(),
    };
    for fault in faults {
        match fault {
            Fault::TokenSlow(milliseconds) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
            Fault::TokenLost => return lost(),
            _ => {}
        }
    }
    answer
}

/// An answer that breaks off before anybody can read it.
fn lost() -> Response {
    let broken = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("the connection was dropped"))]);
    Response::new(axum::body::Body::from_stream(broken))
}

/// `POST /oauth2/revoke`: ends the whole grant; a token that is not ours is no error (RFC 7009 2.2).
pub async fn revoke(State(shared): State<Arc<Shared>>, headers: HeaderMap, bytes: Bytes) -> Response {
    let token = client(&headers, &bytes).and_then(|form| form.needed("token").map(str::to_string));
    match token {
        Ok(token) => shared.sign_in().revoke(&token),
        Err(rejected) => return rejected.into_response(),
    }
    private(json!({}))
}

fn exchange(shared: &Shared, headers: &HeaderMap, bytes: &[u8], faults: &[Fault], now: DateTime<Utc>) -> Result<Value, Rejected> {
    failing(faults)?;
    let form = client(headers, bytes)?;
    let (grant, scope) = match form.needed("grant_type")? {
        "authorization_code" => code(shared, &form, now)?,
        "refresh_token" => refresh(shared, &form, now)?,
        DEVICE_GRANT => device(shared, &form, faults, now)?,
        other => return Err(Rejected::new("unsupported_grant_type", format!("The grant type `{other}` is not supported"))),
    };
    Ok(give(shared, &grant, &scope, faults, now))
}

/// Refusals that were ordered.
fn failing(faults: &[Fault]) -> Result<(), Rejected> {
    if faults.contains(&Fault::TokenFail) {
        return Err(Rejected::new("server_error", "Internal error").status(500));
    }
    if faults.contains(&Fault::TokenPlanRefused) {
        return Err(Rejected::new("unauthorized_client", "You do not have an active Grok subscription").status(403));
    }
    Ok(())
}

fn code(shared: &Shared, form: &Form, now: DateTime<Utc>) -> Result<(Grant, String), Rejected> {
    let (code, redirect_uri) = (form.needed("code")?, form.needed("redirect_uri")?);
    let verifier = form.needed("code_verifier")?;
    if form.get("code_challenge_method").is_some_and(|method| method != "S256") {
        return Err(Rejected::request("code_challenge_method must be S256"));
    }
    let mut memory = shared.sign_in();
    // xAI looks at the challenge again when it is sent
    if let (Some(sent), Some(known)) = (form.get("code_challenge"), memory.challenge(code))
        && sent != known
    {
        return Err(Rejected::grant("code_challenge is not that of the authorization request"));
    }
    let grant = memory.exchange(code, redirect_uri, verifier, now)?;
    let scope = grant.scope.clone();
    Ok((grant, scope))
}

fn refresh(shared: &Shared, form: &Form, now: DateTime<Utc>) -> Result<(Grant, String), Rejected> {
    let token = form.needed("refresh_token")?;
    let mut memory = shared.sign_in();
    // too wide a scope is refused before the token is used up
    let scope = within(form.get("scope"), &memory.refresh_token(token, now)?.grant.scope)?;
    Ok((memory.spend(token, now)?, scope))
}

fn device(shared: &Shared, form: &Form, faults: &[Fault], now: DateTime<Utc>) -> Result<(Grant, String), Rejected> {
    let mood = Mood { slow_first: faults.contains(&Fault::DeviceSlowDown), deny: faults.contains(&Fault::DeviceDeny) };
    let grant = shared.sign_in().poll(form.needed("device_code")?, mood, now)?;
    let scope = grant.scope.clone();
    Ok((grant, scope))
}

fn give(shared: &Shared, grant: &Grant, scope: &str, faults: &[Fault], now: DateTime<Utc>) -> Value {
    let short = faults.iter().find_map(|fault| if let Fault::ShortTokens(seconds) = fault { Some(*seconds) } else { None });
    let lives = short.map_or(grant.lives, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
    let issuer = shared.issuer();
    let mut memory = shared.sign_in();
    let access = match faults.contains(&Fault::OpaqueTokens) {
        true => memory.give_opaque(grant, lives, now),
        false => tokens::access(issuer, &Grant { scope: scope.into(), ..grant.clone() }, lives, now),
    };
    let mut answer = json!({ "access_token": access, "token_type": "Bearer", "expires_in": lives, "scope": scope });
    let granted = |name: &str| grant.scope.split(' ').any(|scope| scope == name);
    if granted("offline_access") {
        answer["refresh_token"] = tokens::refresh(issuer, grant, now).into();
    }
    if granted("openid")
        && let Some(token) = memory.id_key.sign(issuer, grant, now)
    {
        answer["id_token"] = token.into();
    }
    answer
}
