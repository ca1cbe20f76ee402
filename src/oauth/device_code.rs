//! The device grant (RFC 8628): a code for any other device, and waiting until it is used there (`docs/sign-in.md` 4).

use crate::{
    domain::account::Tokens,
    http::{client::Client, hosts::is_loopback},
    oauth::{
        SCOPE,
        error::{self, Error},
        protocol::{self, Refused, Wire, seconds},
        token::PATIENCE,
    },
};
use oauth2::{
    DeviceAuthorizationUrl, DeviceCodeErrorResponseType, RequestTokenError, Scope, StandardDeviceAuthorizationResponse, TokenUrl,
};
use serde_json::Value;
use std::{future::pending, time::Duration};
use url::Url;

/// Codes that are shown are not longer than this, whatever a server sends.
const LONGEST: usize = 64;

/// What the person needs on the other device.
#[derive(Debug, Clone)]
pub struct DeviceCode {
    answer: StandardDeviceAuthorizationResponse,
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
pub async fn request(client: &Client, endpoint: &Url) -> Result<DeviceCode, Error> {
    let wire = Wire::new(client, PATIENCE).with_spans();
    let client = protocol::client().set_device_authorization_url(DeviceAuthorizationUrl::from_url(endpoint.clone()));
    let asked = client.exchange_device_code().add_scope(Scope::new(SCOPE.into())).request_async(&wire).await;
    match asked.map_err(|error| wire.refused(error)) {
        Ok(answer) => read(answer, endpoint),
        Err(Refused::Silent(failure)) => Err(Error::DeviceRefused(failure.to_string())),
        Err(Refused::Status(status, body)) => Err(Error::DeviceRefused(format!("{} (status {status})", error::reason(&body)))),
        Err(Refused::Unreadable(body)) => Err(match serde_json::from_slice(&body) {
            Ok(value) => Error::DeviceInvalid(missing(&value, endpoint)),
            Err(_) => Error::DeviceRefused("the answer was no JSON".into()),
        }),
    }
}

/// An address that a browser can be sent to: `https`, or this machine where the server is on it.
fn web(text: &str, server: &Url) -> Option<Url> {
    Url::parse(text.trim()).ok().filter(|url| url.scheme() == "https" || url.scheme() == "http" && is_loopback(url) && is_loopback(server))
}

/// What a server left out that it must say.
fn missing(value: &Value, server: &Url) -> String {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    let lacks = |name: &&str| match *name {
        "expires_in" => seconds(value.get(*name)).is_none(),
        "verification_uri" => text(name).and_then(|text| web(text, server)).is_none(),
        name => text(name).is_none(),
    };
    let missing: Vec<String> =
        ["device_code", "user_code", "verification_uri", "expires_in"].iter().filter(|n| lacks(n)).map(|n| format!("`{n}`")).collect();
    if missing.is_empty() { "a field in its usual form".into() } else { missing.join(", ") }
}

fn read(answer: StandardDeviceAuthorizationResponse, server: &Url) -> Result<DeviceCode, Error> {
    let lacks = |name: &str| Error::DeviceInvalid(format!("`{name}`"));
    let address = web(answer.verification_uri().as_str(), server).ok_or_else(|| lacks("verification_uri"))?;
    let user_code = answer.user_code().secret().trim();
    if user_code.is_empty() {
        return Err(lacks("user_code"));
    }
    if answer.device_code().secret().trim().is_empty() {
        return Err(lacks("device_code"));
    }
    let span = |time: Duration| Duration::from_secs(time.as_secs().clamp(1, 86_400));
    Ok(DeviceCode {
        user_code: crate::domain::foreign::tame_line(user_code).chars().take(LONGEST).collect(),
        // the person is shown one host, and is sent to no other
        complete: answer
            .verification_uri_complete()
            .and_then(|complete| web(complete.secret(), server))
            .filter(|complete| complete.origin() == address.origin()),
        address,
        expires_in: span(answer.expires_in()),
        interval: span(answer.interval()),
        answer,
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
pub async fn poll(client: &Client, endpoint: &Url, code: &DeviceCode) -> Result<Polled, Error> {
    let wire = Wire::new(client, PATIENCE);
    let client = protocol::client().set_token_uri(TokenUrl::from_url(endpoint.clone()));
    // the crate would go on asking by itself; each question is finished and kept for itself, so it is stopped in its first pause
    let (told, mut pauses) = tokio::sync::mpsc::unbounded_channel();
    let sleep = move |pause: Duration| {
        // nobody hears of the pause after the first
        let _ = told.send(pause);
        pending::<()>()
    };
    let answered = tokio::select! {
        answered = client.exchange_device_access_token(&code.answer).request_async(&wire, sleep, None) => answered,
        Some(pause) = pauses.recv() => {
            // it makes longer pauses also when nobody answered, or a server that is in trouble
            let slower = wire.heard().is_some_and(|(status, _)| status < 500) && pause > code.answer.interval();
            return Ok(if slower { Polled::SlowDown } else { Polled::Pending });
        }
    };
    let error = match answered {
        Ok(answer) => return answer.tokens().map(Polled::Tokens).map_err(|_| Error::DeviceTokenInvalid),
        Err(error) => error,
    };
    let in_trouble = wire.heard().is_some_and(|(status, _)| status >= 500);
    if let RequestTokenError::ServerResponse(refused) = &error
        && !in_trouble
    {
        match refused.error() {
            DeviceCodeErrorResponseType::AccessDenied => return Err(Error::DeviceDenied),
            DeviceCodeErrorResponseType::ExpiredToken => return Err(Error::DeviceExpired),
            _ => {}
        }
    }
    // more than the word for the error may be damaged
    let word = |body: &[u8]| serde_json::from_slice::<Value>(body).ok().and_then(|v| Some(v.get("error")?.as_str()?.to_string()));
    match wire.refused(error) {
        Refused::Silent(_) | Refused::Status(500.., _) => Ok(Polled::Pending),
        Refused::Status(429, _) => Ok(Polled::SlowDown),
        Refused::Status(_, body) if word(&body).as_deref() == Some("authorization_pending") => Ok(Polled::Pending),
        Refused::Status(_, body) if word(&body).as_deref() == Some("slow_down") => Ok(Polled::SlowDown),
        Refused::Status(403, body) => Err(Error::TierDenied(error::reason(&body))),
        Refused::Status(_, body) => Err(Error::DeviceFailed(error::reason(&body))),
        Refused::Unreadable(_) => Err(Error::DeviceTokenInvalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(value: Value) -> Result<DeviceCode, Error> {
        answer_of(value, "https://auth.x.ai/d")
    }

    fn answer_of(value: Value, server: &str) -> Result<DeviceCode, Error> {
        let server = Url::parse(server).unwrap();
        match serde_json::from_value(value.clone()) {
            Ok(answer) => read(answer, &server),
            Err(_) => Err(Error::DeviceInvalid(missing(&value, &server))),
        }
    }

    #[test]
    fn what_the_standard_leaves_out_may_be_missing() {
        let code =
            answer(json!({ "device_code": "d", "user_code": "A-B", "verification_uri": "https://x.ai/d", "expires_in": 600 })).unwrap();
        assert_eq!((code.interval.as_secs(), code.expires_in.as_secs(), code.complete), (5, 600, None));
        let lacks = |value: Value| answer(value).unwrap_err();
        assert_eq!(lacks(json!({ "device_code": "d", "expires_in": 1 })), Error::DeviceInvalid("`user_code`, `verification_uri`".into()));
        for hostile in ["javascript:1", "http://evil.example/d", "http://127.0.0.1/d"] {
            let hostile = json!({ "device_code": "d", "user_code": "A", "verification_uri": hostile, "expires_in": 1 });
            assert_eq!(lacks(hostile), Error::DeviceInvalid("`verification_uri`".into()));
        }
        let elsewhere = |complete: &str| {
            let whole = json!({ "device_code": "d", "user_code": "A", "verification_uri": "http://127.0.0.1:9/d", "expires_in": 1,
                "verification_uri_complete": complete });
            answer_of(whole, "http://127.0.0.1:9/device").unwrap().complete.map(|url| url.to_string())
        };
        assert_eq!(elsewhere("http://127.0.0.1:9/d?user_code=A").as_deref(), Some("http://127.0.0.1:9/d?user_code=A"));
        assert_eq!((elsewhere("https://evil.example/d?user_code=A"), elsewhere("http://127.0.0.1:8/d")), (None, None));
        assert!(
            !format!(
                "{:?}",
                answer(json!({ "device_code": "hush", "user_code": "A", "verification_uri": "https://x.ai/d", "expires_in": 1 }))
            )
            .contains("hush")
        );
    }
}
