//! `/oauth2/authorize`: asks the person, and sends the browser back with a code. Never sends it anywhere but to `/callback` on
//! 127.0.0.1, and shows an error as a page instead of sending it to an address that was not checked.

use super::{super::shared::Shared, CLIENT, Rejected, consent, form::Form, memory::Asked, scope};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::Utc;
use std::sync::Arc;
use url::form_urlencoded::Serializer;

/// Shows the consent page.
pub async fn page(RawQuery(query): RawQuery) -> Response {
    match Form::read(query.unwrap_or_default().as_bytes()).and_then(|form| read(&form).map(|asked| (form, asked))) {
        Ok((form, asked)) => consent::ask(&form, &asked),
        Err(rejected) => consent::trouble(&rejected.description),
    }
}

/// Takes the answer of the consent page.
pub async fn decide(State(shared): State<Arc<Shared>>, headers: HeaderMap, bytes: Bytes) -> Response {
    decided(&shared, &headers, &bytes).unwrap_or_else(|rejected| consent::trouble(&rejected.description))
}

fn decided(shared: &Shared, headers: &HeaderMap, bytes: &[u8]) -> Result<Response, Rejected> {
    let form = Form::of_body(headers, bytes)?;
    let asked = read(&form)?;
    let state = form.needed("state")?;
    let redirect_uri = asked.redirect_uri.clone();
    let code = || shared.sign_in().give_code(asked, Utc::now());
    match form.needed("decision")? {
        "approve" => back(&redirect_uri, &[("code", &code()), ("state", state)]),
        "show" => Ok(consent::code(&code())),
        "deny" => {
            let words = "The resource owner denied the request";
            back(&redirect_uri, &[("error", "access_denied"), ("error_description", words), ("state", state)])
        }
        _ => Err(Rejected::request("decision must be approve, deny or show")),
    }
}

/// Sends the browser back to the program.
fn back(redirect_uri: &str, fields: &[(&str, &str)]) -> Result<Response, Rejected> {
    let query = Serializer::new(String::new()).extend_pairs(fields).finish();
    let place = HeaderValue::try_from(format!("{redirect_uri}?{query}")).map_err(|_| Rejected::request("state can't be sent back"))?;
    Ok((StatusCode::FOUND, [(header::LOCATION, place), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response())
}

fn read(form: &Form) -> Result<Asked, Rejected> {
    let exactly = |name: &str, value: &str| match form.needed(name)? {
        given if given == value => Ok(()),
        _ => Err(Rejected::request(format!("{name} must be {value}"))),
    };
    if form.needed("client_id")? != CLIENT {
        return Err(Rejected::request("This client is unknown"));
    }
    let redirect_uri = form.needed("redirect_uri")?;
    if !is_loopback_callback(redirect_uri) {
        return Err(Rejected::request("redirect_uri must be http://127.0.0.1:PORT/callback"));
    }
    exactly("response_type", "code")?;
    let challenge = form.needed("code_challenge")?;
    exactly("code_challenge_method", "S256")?;
    if challenge.len() != 43 || !challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(Rejected::request("code_challenge must be a SHA-256 in base64url without padding"));
    }
    form.needed("state")?;
    if form.get("plan") != Some("generic") {
        return Err(Rejected::request("Loopback redirects are refused for this client without plan=generic"));
    }
    Ok(Asked {
        redirect_uri: redirect_uri.into(),
        challenge: challenge.into(),
        scope: scope(form.get("scope"))?,
        nonce: form.get("nonce").map(str::to_string),
    })
}

fn is_loopback_callback(redirect_uri: &str) -> bool {
    let port = redirect_uri.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.strip_suffix("/callback"));
    port.is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "response_type=code&client_id=b1a00492-073a-47ea-816f-4c329264a828&redirect_uri=http%3A%2F%2F127.0.0.1%3A56121%2Fcallback\
                        &scope=openid+profile&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
                        &state=s&nonce=n&plan=generic&referrer=hermes-agent";

    fn refused(query: &str) -> String {
        Form::read(query.as_bytes()).and_then(|form| read(&form)).map_or_else(|r| r.description, |asked| format!("taken: {asked:?}"))
    }

    #[test]
    fn a_good_request_is_taken() {
        let asked = read(&Form::read(GOOD.as_bytes()).unwrap()).unwrap();
        assert_eq!((asked.scope.as_str(), asked.nonce.as_deref()), ("openid profile", Some("n")));
    }

    #[test]
    fn each_missing_or_wrong_field_is_named() {
        for (from, to, words) in [
            ("response_type=code", "response_type=token", "response_type must be code"),
            ("client_id=b1", "client_id=b2", "This client is unknown"),
            ("56121", "0", "redirect_uri must be"),
            ("127.0.0.1", "localhost", "redirect_uri must be"),
            ("%2Fcallback", "%2Fother", "redirect_uri must be"),
            ("code_challenge=E", "code_challenge=", "code_challenge must be a SHA-256"),
            ("code_challenge_method=S256", "code_challenge_method=plain", "code_challenge_method must be S256"),
            ("&code_challenge_method=S256", "", "code_challenge_method is required"),
            ("&state=s", "", "state is required"),
            ("&plan=generic", "", "plan=generic"),
            ("openid+profile", "openid+admin", "`admin`"),
            ("&nonce=n", "&state=t", "`state` is there twice"),
        ] {
            let said = refused(&GOOD.replacen(from, to, 1));
            assert!(said.contains(words), "{from} -> {to}: {said}");
        }
    }
}
