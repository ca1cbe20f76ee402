//! What the issuer says of itself (`docs/sign-in.md` 2), and where tokens may go because of it.

use crate::{
    http::{
        body,
        client::{Clients, Failure},
        hosts::is_loopback,
    },
    oauth::{
        ISSUER,
        error::{self, Error},
    },
};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Where xAI gives codes for other devices.
const DEVICE: &str = "https://auth.x.ai/oauth2/device/code";
/// An answer of discovery is not longer than this.
const LARGEST: usize = 256 << 10;

/// Where things are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Where the browser goes.
    pub authorization: Url,
    /// Where codes become tokens.
    pub token: Url,
    /// Where codes for other devices come from; not every server has it, or one that may be used.
    pub device: Result<Url, Error>,
}

/// Reads the description of an issuer.
pub async fn discover(issuer: &str, clients: &Clients, patience: Duration) -> Result<Endpoints, Error> {
    let issuer = issuer.trim().trim_end_matches('/');
    let base = Url::parse(issuer).map_err(|_| Error::DiscoveryInvalid(format!("`{issuer}`")))?;
    check(&base, &base)?;
    let address =
        Url::parse(&format!("{issuer}/.well-known/openid-configuration")).map_err(|_| Error::DiscoveryInvalid(format!("`{issuer}`")))?;
    let client = clients.for_sign_in(&address).map_err(Error::DiscoveryUnreached)?;
    let request = client.get(address).header("accept", "application/json").timeout(patience);
    let answer = client.send(request).await.map_err(|failure| match failure {
        Failure::NotSent(unreached) => Error::DiscoveryUnreached(unreached),
        Failure::Lost(cause) => Error::DiscoveryFailed(cause),
    })?;
    if answer.status() != reqwest::StatusCode::OK {
        return Err(Error::DiscoveryFailed(format!("it answered with status {}", answer.status().as_u16())));
    }
    let body = body::whole(answer, LARGEST).await.map_err(|e| match e {
        body::Error::TooLong => Error::DiscoveryFailed("its answer is too long".into()),
        body::Error::Broken(error) => Error::DiscoveryFailed(error::cause(error)),
    })?;
    read(&body, &base)
}

fn read(body: &[u8], issuer: &Url) -> Result<Endpoints, Error> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Error::DiscoveryNoJson)?;
    let endpoint = |name: &'static str| match value.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty()) {
        Some(text) => {
            let url = Url::parse(text).map_err(|_| Error::DiscoveryInvalid(format!("`{text}`")))?;
            check(&url, issuer).map(|()| Some(url))
        }
        None => Ok(None),
    };
    Ok(Endpoints {
        authorization: endpoint("authorization_endpoint")?.ok_or(Error::DiscoveryIncomplete("authorization_endpoint"))?,
        token: endpoint("token_endpoint")?.ok_or(Error::DiscoveryIncomplete("token_endpoint"))?,
        device: endpoint("device_authorization_endpoint").and_then(|device| {
            // xAI has one also where its description forgets it
            let forgotten = || Url::parse(DEVICE).ok().filter(|_| issuer.as_str().trim_end_matches('/') == ISSUER);
            device.or_else(forgotten).ok_or_else(|| Error::DeviceRefused("it has none".into()))
        }),
    })
}

/// Whether an address may be given codes and tokens: `https` at x.ai, or this machine when the issuer is there.
pub fn check(address: &Url, issuer: &Url) -> Result<(), Error> {
    let host = address.host_str().unwrap_or_default().to_lowercase();
    let at_home = address.scheme() == "https" && (host == "x.ai" || host.ends_with(".x.ai"));
    let on_loopback = is_loopback(issuer) && is_loopback(address) && matches!(address.scheme(), "http" | "https");
    if at_home || on_loopback { Ok(()) } else { Err(Error::DiscoveryInvalid(format!("`{}://{host}`", address.scheme()))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn tokens_go_to_x_ai_or_stay_on_this_machine() {
        let xai = url(ISSUER);
        for good in ["https://x.ai/a", "https://auth.x.ai/t", "https://AUTH.X.AI:8443/t"] {
            assert_eq!(check(&url(good), &xai), Ok(()), "{good}");
        }
        for bad in
            ["http://auth.x.ai/t", "https://evilx.ai/t", "https://x.ai.evil.com/t", "https://auth.x.ai@evil.com/t", "http://127.0.0.1/t"]
        {
            assert!(check(&url(bad), &xai).is_err(), "{bad}");
        }
        let here = url("http://127.0.0.1:9");
        assert_eq!(check(&url("http://localhost:8/t"), &here), Ok(()));
        assert!(check(&url("http://10.0.0.1/t"), &here).is_err());
    }

    #[test]
    fn a_description_is_read_strictly_in_two_fields_only() {
        let xai = url(ISSUER);
        let good = br#"{"authorization_endpoint":" https://auth.x.ai/a ","token_endpoint":"https://auth.x.ai/t","new":{}}"#;
        let endpoints = read(good, &xai).unwrap();
        assert_eq!(endpoints.device.unwrap().as_str(), DEVICE);
        assert_eq!(read(b"<html>", &xai), Err(Error::DiscoveryNoJson));
        assert_eq!(read(b"[]", &xai), Err(Error::DiscoveryIncomplete("authorization_endpoint")));
        assert_eq!(
            read(br#"{"authorization_endpoint":"https://auth.x.ai/a","token_endpoint":" "}"#, &xai),
            Err(Error::DiscoveryIncomplete("token_endpoint"))
        );
        let stolen = br#"{"authorization_endpoint":"https://auth.x.ai/a","token_endpoint":"https://evil.com/t"}"#;
        assert_eq!(read(stolen, &xai).unwrap_err().code(), "xai_discovery_invalid");
        let elsewhere = br#"{"authorization_endpoint":"http://127.0.0.1:9/a","token_endpoint":"http://127.0.0.1:9/t"}"#;
        assert_eq!(read(elsewhere, &url("http://127.0.0.1:9")).unwrap().device.unwrap_err().code(), "device_code_request_failed");
        let foreign = br#"{"authorization_endpoint":"https://auth.x.ai/a","token_endpoint":"https://auth.x.ai/t","device_authorization_endpoint":"https://evil.example/"}"#;
        let endpoints = read(foreign, &xai).unwrap();
        assert_eq!(endpoints.device, Err(Error::DiscoveryInvalid("`https://evil.example`".into())), "the other ways run");
    }
}
