//! Tokens: signed under a key that everybody may know, and complete in themselves, so that a later run of the simulator accepts
//! what an earlier one gave. What was used up or revoked is remembered by the server alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest, hmac,
    rand::{SecureRandom, SystemRandom},
};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// How opaque tokens begin.
pub(super) const OPAQUE: &str = "sandbox-at-";
/// Whom everybody is here.
pub(super) const EMAIL: &str = "demo@sandbox.invalid";
const REFRESH: &str = "sandbox-rt-";
const ISSUER: &str = "urn:hermes:sandbox";
/// No secret: it protects nothing.
const KEY: &[u8] = b"a demo needs no secret";

/// What a bearer is.
pub(super) enum Access {
    /// No token of this server.
    Foreign,
    /// One that says so and is not.
    Forged,
    /// One of a grant; whether it still counts.
    Of {
        /// The grant.
        grant: String,
        /// It has not ended.
        lives: bool,
    },
}

/// 32 random characters.
pub(super) fn random() -> String {
    let mut bytes = [0; 24];
    // without random numbers the demo is still a demo
    if SystemRandom::new().fill(&mut bytes).is_err() {
        fastrand::fill(&mut bytes);
    }
    super::encode(bytes)
}

/// Eight letters that make no word: `BCDF-GHJK`.
pub(super) fn user_code() -> String {
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    let letter = |_| char::from(LETTERS[fastrand::usize(..LETTERS.len())]);
    let (left, right): (String, String) = ((0..4).map(letter).collect(), (0..4).map(letter).collect());
    format!("{left}-{right}")
}

/// The S256 challenge of a verifier.
pub(super) fn challenge(verifier: &str) -> String {
    super::encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// An access token in the form of a JWT.
pub(super) fn access(grant: &str, lives: u64) -> String {
    let now = now();
    let claims = json!({ "iss": ISSUER, "sub": "demo", "email": EMAIL, "iat": now, "exp": now + lives, "jti": random(), "grant": grant });
    let body = format!("{}.{}", super::encode(r#"{"alg":"HS256","typ":"JWT"}"#), super::encode(claims.to_string()));
    format!("{body}.{}", sign(&body))
}

/// Reads an access token.
pub(super) fn read_access(token: &str) -> Access {
    let Some((body, signature)) = token.rsplit_once('.') else { return Access::Foreign };
    let payload = body.split_once('.').and_then(|(_, payload)| URL_SAFE_NO_PAD.decode(payload).ok());
    let claims: Value = payload.and_then(|p| serde_json::from_slice(&p).ok()).unwrap_or_default();
    if claims["iss"] != ISSUER {
        return Access::Foreign;
    }
    match claims["grant"].as_str() {
        Some(grant) if signature == sign(body) => {
            Access::Of { grant: grant.to_string(), lives: claims["exp"].as_u64().is_some_and(|exp| exp > now()) }
        }
        _ => Access::Forged,
    }
}

/// A refresh token of a grant, to be used once.
pub(super) fn refresh(grant: &str) -> String {
    let body = format!("{grant}.{}", random());
    format!("{REFRESH}{body}.{}", sign(&body))
}

/// The grant of a refresh token, and its own id.
pub(super) fn read_refresh(token: &str) -> Option<(String, String)> {
    let (body, signature) = token.strip_prefix(REFRESH)?.rsplit_once('.')?;
    let (grant, id) = body.split_once('.')?;
    (signature == sign(body)).then(|| (grant.to_string(), id.to_string()))
}

fn sign(text: &str) -> String {
    super::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, KEY), text.as_bytes()))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
