//! The token endpoint: a code, or a refresh token, becomes tokens (`docs/sign-in.md` 3.6 and 6.2).

use crate::{
    domain::{account::Tokens, secret::Secret},
    http::body,
    oauth::{
        CLIENT_ID,
        error::{self, Error},
        pkce::Attempt,
    },
};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// A token endpoint is waited for so long.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// An answer of these endpoints is not longer than this.
const LARGEST: usize = 256 << 10;

/// Why an endpoint gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Silence {
    /// There was no connection: nothing was sent.
    NotSent(String),
    /// It was sent: whether the server acted upon it is unknown.
    Lost(String),
}

impl Silence {
    pub(super) fn cause(self) -> String {
        match self {
            Silence::NotSent(cause) | Silence::Lost(cause) => cause,
        }
    }
}

/// What an endpoint answered: its status and the body.
pub(super) async fn post(
    client: &reqwest::Client,
    endpoint: &Url,
    form: &[(&str, &str)],
    patience: Duration,
) -> Result<(u16, Vec<u8>), Silence> {
    let request = client.post(endpoint.clone()).header("accept", "application/json").timeout(patience).form(form);
    let failed = |e: reqwest::Error| if e.is_connect() { Silence::NotSent(error::cause(e)) } else { Silence::Lost(error::cause(e)) };
    let answer = request.send().await.map_err(failed)?;
    let status = answer.status().as_u16();
    match body::whole(answer, LARGEST).await {
        Ok(body) => Ok((status, body)),
        Err(body::Error::TooLong) => Err(Silence::Lost("its answer is too long".into())),
        Err(body::Error::Broken(error)) => Err(Silence::Lost(error::cause(error))),
    }
}

/// Exchanges a code. The challenge is sent again: xAI's endpoint checks it here, too.
pub async fn exchange(
    client: &reqwest::Client,
    endpoint: &Url,
    code: &Secret,
    attempt: &Attempt,
    patience: Duration,
) -> Result<Tokens, Error> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.reveal()),
        ("redirect_uri", &attempt.redirect_uri),
        ("client_id", CLIENT_ID),
        ("code_verifier", attempt.verifier.reveal()),
        ("code_challenge", &attempt.challenge),
        ("code_challenge_method", "S256"),
    ];
    let (status, body) =
        post(client, endpoint, &form, patience.max(PATIENCE)).await.map_err(|silence| Error::ExchangeFailed(0, silence.cause()))?;
    match status {
        200 => {}
        403 => return Err(Error::TierDenied(error::reason(&body))),
        status => return Err(Error::ExchangeFailed(status, error::reason(&body))),
    }
    let value: Value = serde_json::from_slice(&body).map_err(|_| Error::ExchangeInvalid("JSON"))?;
    read(&value).map_err(Error::ExchangeInvalid)
}

/// Reads the tokens of a good answer; says what is missing.
pub(super) fn read(value: &Value) -> Result<Tokens, &'static str> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    Ok(Tokens {
        access: Secret::new(text("access_token").ok_or("an access token")?),
        refresh: Secret::new(text("refresh_token").ok_or("a refresh token")?),
        id: Secret::new(text("id_token").unwrap_or_default()),
        expires_in: seconds(value.get("expires_in")),
        kind: text("token_type").unwrap_or("Bearer").to_string(),
    })
}

/// A number of seconds, which some servers write as a text.
pub(super) fn seconds(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_f64().map(|n| n as i64),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// What a refresh gave.
#[derive(Clone)]
pub struct Refreshed {
    /// The new bearer.
    pub access: Secret,
    /// The new refresh token; none when the old one stays.
    pub refresh: Option<Secret>,
    /// `expires_in`, `id_token` and `token_type` as they came, for the store; without the two tokens.
    pub rest: Value,
}

impl std::fmt::Debug for Refreshed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // the rest holds an id token
        f.debug_struct("Refreshed").field("access", &self.access).finish_non_exhaustive()
    }
}

/// Refreshes once. Single-use tokens: whoever calls holds the lock of the store.
pub async fn refresh(client: &reqwest::Client, endpoint: &Url, token: &Secret) -> Result<Refreshed, Error> {
    let form = [("grant_type", "refresh_token"), ("client_id", CLIENT_ID), ("refresh_token", token.reveal())];
    let (status, body) = post(client, endpoint, &form, PATIENCE).await.map_err(|silence| match silence {
        Silence::NotSent(cause) => Error::RefreshNotSent(cause),
        Silence::Lost(cause) => Error::RefreshLost(cause),
    })?;
    match status {
        200 => {}
        403 => return Err(Error::TierDenied(error::reason(&body))),
        status => return Err(Error::RefreshFailed(status, error::reason(&body))),
    }
    let mut rest: Value = serde_json::from_slice(&body).map_err(|_| Error::RefreshNoJson)?;
    let mut take = |name: &str| {
        let value = rest.as_object_mut().and_then(|map| map.shift_remove(name));
        value.as_ref().and_then(Value::as_str).map(Secret::new).filter(|s| !s.reveal().is_empty())
    };
    let refresh = take("refresh_token");
    Ok(Refreshed { access: take("access_token").ok_or(Error::RefreshMissing)?, refresh, rest })
}
