//! The device grant (RFC 8628): a code for any other device, and waiting until it is used there (`docs/sign-in.md` 4).

use crate::{
    domain::account::Tokens,
    domain::secret::Secret,
    oauth::{
        CLIENT_ID, SCOPE,
        error::{self, Error},
        token,
    },
};
use serde_json::Value;
use std::time::Duration;
use url::Url;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Codes that are shown are not longer than this, whatever a server sends.
const LONGEST: usize = 64;

/// What the person needs on the other device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    device_code: Secret,
    /// What is typed there.
    pub user_code: String,
    /// Where.
    pub address: Url,
    /// The same with the code filled in.
    pub complete: Option<Url>,
    /// How long it lives.
    pub expires_in: Duration,
    /// The pause between two questions.
    pub interval: Duration,
}

/// Asks for a code.
pub async fn request(client: &reqwest::Client, endpoint: &Url) -> Result<DeviceCode, Error> {
    let form = [("client_id", CLIENT_ID), ("scope", SCOPE)];
    let (status, body) =
        token::post(client, endpoint, &form, token::PATIENCE).await.map_err(|silence| Error::DeviceRefused(silence.cause()))?;
    if status != 200 {
        return Err(Error::DeviceRefused(format!("{} (status {status})", error::reason(&body))));
    }
    read(&serde_json::from_slice(&body).map_err(|_| Error::DeviceRefused("the answer was no JSON".into()))?)
}

fn read(value: &Value) -> Result<DeviceCode, Error> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    let web = |name: &str| text(name).and_then(|t| Url::parse(t).ok()).filter(|u| matches!(u.scheme(), "http" | "https"));
    let missing: Vec<&str> = ["device_code", "user_code", "verification_uri", "expires_in"]
        .into_iter()
        .filter(|name| match *name {
            "expires_in" => token::seconds(value.get(*name)).is_none(),
            "verification_uri" => web(name).is_none(),
            name => text(name).is_none(),
        })
        .collect();
    let (Some(device_code), Some(user_code), Some(address), Some(lives)) =
        (text("device_code"), text("user_code"), web("verification_uri"), token::seconds(value.get("expires_in")))
    else {
        return Err(Error::DeviceInvalid(missing.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", ")));
    };
    let span = |seconds: i64| Duration::from_secs(u64::try_from(seconds.clamp(1, 86_400)).unwrap_or(1));
    Ok(DeviceCode {
        device_code: Secret::new(device_code),
        user_code: crate::domain::foreign::tame_line(user_code).chars().take(LONGEST).collect(),
        address,
        complete: web("verification_uri_complete"),
        expires_in: span(lives),
        interval: span(token::seconds(value.get("interval")).unwrap_or(5)),
    })
}

/// What one question about a code brought.
#[derive(Debug)]
pub enum Polled {
    /// It was used: these are the tokens, given this once.
    Tokens(Tokens),
    /// It was not used yet; ask again after the pause.
    Pending,
    /// Ask again, and less often from now on.
    SlowDown,
}

/// How much longer the pauses get when the server asks for it (RFC 8628 3.5).
pub const SLOWER: Duration = Duration::from_secs(5);

/// Asks once whether the code was used. Failures of the network and of the server are waited out.
pub async fn poll(client: &reqwest::Client, endpoint: &Url, code: &DeviceCode) -> Result<Polled, Error> {
    let form = [("grant_type", GRANT), ("client_id", CLIENT_ID), ("device_code", code.device_code.reveal())];
    let Ok((status, body)) = token::post(client, endpoint, &form, token::PATIENCE).await else { return Ok(Polled::Pending) };
    if status == 200 {
        let value: Value = serde_json::from_slice(&body).map_err(|_| Error::DeviceTokenInvalid)?;
        return token::read(&value).map(Polled::Tokens).map_err(|_| Error::DeviceTokenInvalid);
    }
    if status >= 500 {
        return Ok(Polled::Pending);
    }
    let value: Value = serde_json::from_slice(&body).unwrap_or_default();
    match value.get("error").and_then(Value::as_str) {
        Some("authorization_pending") => Ok(Polled::Pending),
        Some("slow_down") => Ok(Polled::SlowDown),
        Some("access_denied") => Err(Error::DeviceDenied),
        Some("expired_token") => Err(Error::DeviceExpired),
        _ if status == 403 => Err(Error::TierDenied(error::reason(&body))),
        _ if status == 429 => Ok(Polled::SlowDown),
        _ => Err(Error::DeviceFailed(error::reason(&body))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_standard_leaves_out_may_be_missing() {
        let code =
            read(&json!({ "device_code": "d", "user_code": "A-B", "verification_uri": "https://x.ai/d", "expires_in": "600" })).unwrap();
        assert_eq!((code.interval.as_secs(), code.expires_in.as_secs(), code.complete), (5, 600, None));
        assert_eq!(
            read(&json!({ "device_code": "d", "expires_in": 1 })),
            Err(Error::DeviceInvalid("`user_code`, `verification_uri`".into()))
        );
        assert!(read(&json!({ "device_code": "d", "user_code": "A", "verification_uri": "javascript:1", "expires_in": 1 })).is_err());
    }
}
