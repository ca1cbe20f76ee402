//! Fields of a form or a query. Never takes the same field twice (RFC 6749 3.1), and takes an empty one for a missing one.

use super::{CLIENT, Rejected};
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// What a request may hold; the consent page sends it along.
pub(super) const FIELDS: [&str; 9] =
    ["response_type", "client_id", "redirect_uri", "scope", "code_challenge", "code_challenge_method", "state", "nonce", "plan"];

/// Names and values in the order they came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body that says it is a form.
    pub fn of_body(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Rejected> {
        match is_form(headers) {
            true => Self::read(bytes),
            false => Err(Rejected::request("The body must be `application/x-www-form-urlencoded`")),
        }
    }
    /// Reads `a=b&c=d`.
    pub fn read(bytes: &[u8]) -> Result<Self, Rejected> {
        let mut fields: Vec<(String, String)> = vec![];
        for (name, value) in url::form_urlencoded::parse(bytes) {
            if fields.iter().any(|(other, _)| *other == name) {
                return Err(Rejected::request(format!("`{name}` is there twice")));
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(fields))
    }
    /// A field that may be missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, value)| other == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
    /// A field that must be there.
    pub fn needed(&self, name: &str) -> Result<&str, Rejected> {
        self.get(name).ok_or_else(|| Rejected::request(format!("{name} is required")))
    }
}

/// Whether the body says it is a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// A form as it may be remembered: the names, and the values of those that are no secrets.
pub fn redacted(bytes: &[u8]) -> Value {
    let fields = url::form_urlencoded::parse(bytes).map(|(name, value)| {
        let open = matches!(name.as_ref(), "grant_type" | "client_id");
        (name.into_owned(), Value::from(if open { value.as_ref() } else { "…" }))
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

/// Reads the form of the one client there is.
pub(super) fn client(headers: &HeaderMap, bytes: &[u8]) -> Result<Form, Rejected> {
    let unknown = |words: &str| Rejected::new("invalid_client", words).status(401);
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(unknown("This client has no secret: send client_id in the form, and no Authorization header"));
    }
    let form = Form::of_body(headers, bytes)?;
    if form.get("client_secret").is_some() {
        return Err(unknown("This client has no secret"));
    }
    match form.needed("client_id")? {
        CLIENT => Ok(form),
        other => Err(unknown(&format!("The client `{other}` is unknown"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_comes_once_and_an_empty_one_is_missing() {
        let form = Form::read(b"a=1+2&b=&c=%3Cx%3E").unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), (Some("1 2"), None, Some("<x>")));
        assert_eq!(form.needed("b"), Err(Rejected::request("b is required")));
        assert_eq!(Form::read(b"a=1&a=1").unwrap_err().error, "invalid_request");
    }

    #[test]
    fn secrets_are_not_remembered() {
        let recorded = redacted(b"grant_type=refresh_token&client_id=me&refresh_token=secret");
        assert_eq!(recorded, json!({ "grant_type": "refresh_token", "client_id": "me", "refresh_token": "…" }));
    }
}
