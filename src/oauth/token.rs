//! The token endpoint: a code, or a refresh token, becomes tokens (`docs/sign-in.md` 3.6 and 6.2).

use crate::{
    domain::{account::Tokens, secret::Secret},
    http::client::{Client, Failure},
    oauth::{
        error::{self, Error},
        pkce::Attempt,
        protocol::{self, Refused, Wire},
    },
};
use oauth2::{AuthorizationCode, PkceCodeVerifier, RedirectUrl, RefreshToken, TokenUrl};
use serde_json::Value;
use std::{borrow::Cow, time::Duration};
use url::Url;

/// A token endpoint is waited for so long.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Exchanges a code. The challenge is sent again: xAI's endpoint checks it here, too.
pub async fn exchange(client: &Client, endpoint: &Url, code: &Secret, attempt: &Attempt, patience: Duration) -> Result<Tokens, Error> {
    let wire = Wire::new(client, patience.max(PATIENCE));
    let redirect = RedirectUrl::new(attempt.redirect_uri.clone()).map_err(|_| Error::CodeMissing)?;
    let client = protocol::client().set_token_uri(TokenUrl::from_url(endpoint.clone()));
    let request = client
        .exchange_code(AuthorizationCode::new(code.reveal().into()))
        .set_redirect_uri(Cow::Owned(redirect))
        .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.reveal().into()))
        .add_extra_param("code_challenge", &attempt.challenge)
        .add_extra_param("code_challenge_method", "S256");
    match request.request_async(&wire).await.map_err(|error| wire.refused(error)) {
        Ok(answer) => answer.tokens().map_err(Error::ExchangeInvalid),
        Err(Refused::Silent(failure)) => Err(Error::ExchangeFailed(0, failure.to_string())),
        Err(Refused::Unreadable(_)) => Err(Error::ExchangeInvalid("JSON")),
        Err(Refused::Status(403, body)) => Err(Error::TierDenied(error::reason(&body))),
        Err(Refused::Status(status, body)) => Err(Error::ExchangeFailed(status, error::reason(&body))),
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
pub async fn refresh(client: &Client, endpoint: &Url, token: &Secret) -> Result<Refreshed, Error> {
    let wire = Wire::new(client, PATIENCE);
    let client = protocol::client().set_token_uri(TokenUrl::from_url(endpoint.clone()));
    let token = RefreshToken::new(token.reveal().into());
    let answered = client.exchange_refresh_token(&token).request_async(&wire).await;
    match answered.map_err(|error| wire.refused(error)) {
        Ok(answer) => {
            let (access, refresh, rest) = answer.parts();
            Ok(Refreshed { access: access.ok_or(Error::RefreshMissing)?, refresh, rest })
        }
        Err(Refused::Silent(Failure::NotSent(unreached))) => Err(Error::RefreshNotSent(unreached)),
        Err(Refused::Silent(Failure::Lost(cause))) => Err(Error::RefreshLost(cause)),
        // JSON without a token in it
        Err(Refused::Unreadable(body)) if serde_json::from_slice::<Value>(&body).is_ok() => Err(Error::RefreshMissing),
        Err(Refused::Unreadable(_)) => Err(Error::RefreshNoJson),
        Err(Refused::Status(403, body)) => Err(Error::TierDenied(error::reason(&body))),
        Err(Refused::Status(status, body)) => Err(Error::RefreshFailed(status, error::reason(&body))),
    }
}
