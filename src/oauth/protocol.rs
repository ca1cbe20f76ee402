//! The protocol itself is the `oauth2` crate's; here it is given our client, our answers, and a memory of what a server said: a
//! refusal is told with its status and its words (`docs/sign-in.md` 7).

use crate::{
    domain::{account::Tokens, secret::Secret},
    http::{
        body,
        client::{Client, Failure},
        unreached::Unreached,
    },
    oauth::{CLIENT_ID, error},
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, ClientId, ErrorResponse, HttpRequest, HttpResponse, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::{
    fmt,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// An answer of these endpoints is not longer than this.
const LARGEST: usize = 256 << 10;

/// Our client at any server: a public one, without a secret.
pub(super) fn client()
-> oauth2::Client<BasicErrorResponse, Answer, BasicTokenIntrospectionResponse, StandardRevocableToken, BasicRevocationErrorResponse> {
    oauth2::Client::new(ClientId::new(CLIENT_ID.into())).set_auth_type(AuthType::RequestBody)
}

/// What came of a request that brought nothing.
#[derive(Debug)]
pub(super) enum Refused {
    /// No answer.
    Silent(Failure),
    /// Another status than 200, and the body.
    Status(u16, Vec<u8>),
    /// 200, and a body that is not what it should be.
    Unreadable(Vec<u8>),
}

/// Sends what the crate has made, and remembers what was answered.
pub(super) struct Wire<'a> {
    client: &'a Client,
    patience: Duration,
    /// Whether the answer is about spans of time that the crate is to work with.
    spans: bool,
    heard: Mutex<Option<(u16, Vec<u8>)>>,
}

impl<'a> Wire<'a> {
    pub(super) fn new(client: &'a Client, patience: Duration) -> Self {
        Self { client, patience, spans: false, heard: Mutex::default() }
    }
    /// For an answer with spans of time.
    pub(super) fn with_spans(self) -> Self {
        Self { spans: true, ..self }
    }

    /// The status and the body that were answered.
    pub(super) fn heard(&self) -> Option<(u16, Vec<u8>)> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What an error of the crate means.
    pub(super) fn refused<T: ErrorResponse + 'static>(&self, error: RequestTokenError<Failure, T>) -> Refused {
        match (error, self.heard()) {
            (RequestTokenError::Request(failure), _) => Refused::Silent(failure),
            (_, Some((200, body))) => Refused::Unreadable(body),
            (_, Some((status, body))) => Refused::Status(status, body),
            // nothing was heard, and no failure told: it was never made
            (error, None) => Refused::Silent(Failure::NotSent(Unreached::other(error.to_string()))),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let mut request =
            reqwest::Request::try_from(request).map_err(|error| Failure::NotSent(Unreached::other(error.without_url().to_string())))?;
        *request.timeout_mut() = Some(self.patience);
        let answer = self.client.execute(request).await?;
        let status = answer.status();
        let body = body::whole(answer, LARGEST).await.map_err(|error| match error {
            body::Error::TooLong => Failure::Lost("its answer is too long".into()),
            body::Error::Broken(error) => Failure::Lost(error::cause(error)),
        })?;
        let body = if self.spans { spans(body) } else { body };
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some((status.as_u16(), body.clone()));
        // without its label: what a body is, is seen from the body
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = status;
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Wire<'_> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// Some servers write numbers of seconds as texts, or with a fraction; and nothing lasts less than a second, or more than a day.
pub(super) fn spans(body: Vec<u8>) -> Vec<u8> {
    let Ok(Value::Object(mut map)) = serde_json::from_slice(&body) else { return body };
    for name in ["expires_in", "interval"] {
        if let Some(span) = seconds(map.get(name)) {
            map.insert(name.into(), span.clamp(1, 86_400).into());
        }
    }
    serde_json::to_vec(&map).unwrap_or(body)
}

/// A number of seconds, which some servers write as a text.
pub(super) fn seconds(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_f64().map(|n| n as i64),
        Value::String(text) => text.trim().parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| n as i64),
        _ => None,
    }
}

/// What a token endpoint answered. Servers leave out more than the standard allows; what is missing is told by whoever needs it.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    #[serde(rename = "access_token", default = "nothing", deserialize_with = "access", serialize_with = "hidden")]
    access: AccessToken,
    #[serde(rename = "refresh_token", default, deserialize_with = "refresh", skip_serializing)]
    refresh: Option<RefreshToken>,
    /// Everything else, as it came.
    #[serde(flatten)]
    rest: Map<String, Value>,
    #[serde(skip, default = "bearer")]
    kind: BasicTokenType,
}

impl Answer {
    /// The tokens of a sign-in; says what is missing.
    pub(super) fn tokens(&self) -> Result<Tokens, &'static str> {
        let text = |name: &str| self.rest.get(name).and_then(plain);
        let access = Some(self.access.secret()).filter(|token| !token.is_empty()).ok_or("an access token")?;
        Ok(Tokens {
            access: Secret::new(access),
            refresh: Secret::new(self.refresh.as_ref().ok_or("a refresh token")?.secret()),
            id: Secret::new(text("id_token").unwrap_or_default()),
            expires_in: seconds(self.rest.get("expires_in")),
            kind: text("token_type").unwrap_or("Bearer").to_string(),
        })
    }
    /// The tokens, either of which may be missing, and the rest.
    pub(super) fn parts(mut self) -> (Option<Secret>, Option<Secret>, Value) {
        self.rest.retain(|name, value| name != "id_token" || plain(value).is_some());
        let access = Some(self.access.secret()).filter(|token| !token.is_empty()).map(Secret::new);
        (access, self.refresh.map(|token| Secret::new(token.secret())), Value::Object(self.rest))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // the rest holds an id token
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

impl TokenResponse for Answer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access
    }
    fn token_type(&self) -> &BasicTokenType {
        &self.kind
    }
    fn expires_in(&self) -> Option<Duration> {
        seconds(self.rest.get("expires_in")).and_then(|n| u64::try_from(n).ok()).map(Duration::from_secs)
    }
    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh.as_ref()
    }
    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

fn nothing() -> AccessToken {
    AccessToken::new(String::new())
}
fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}
fn access<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccessToken, D::Error> {
    Ok(AccessToken::new(word(deserializer)?.unwrap_or_default()))
}
fn refresh<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RefreshToken>, D::Error> {
    Ok(word(deserializer)?.map(RefreshToken::new))
}
/// A token, if it is one.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(plain(&Value::deserialize(deserializer)?).map(str::to_string))
}

/// A text of the characters that tokens are made of (RFC 6749 A.12 and A.17); any other could end a header or a line.
fn plain(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
}
/// The crate wants answers that can be written; a token never is.
fn hidden<S: Serializer>(_: &AccessToken, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(value: Value) -> Result<Tokens, &'static str> {
        serde_json::from_value::<Answer>(value).unwrap().tokens()
    }

    #[test]
    fn what_servers_leave_out_or_write_as_texts_is_read_all_the_same() {
        let tokens = answer(json!({ "access_token": " a ", "refresh_token": "r", "expires_in": "21600.0" })).unwrap();
        assert_eq!((tokens.access.reveal(), tokens.expires_in, tokens.kind.as_str()), ("a", Some(21_600), "Bearer"));
        let tokens = answer(json!({ "access_token": "a", "refresh_token": "r", "expires_in": 12.5, "token_type": "bearer" })).unwrap();
        assert_eq!((tokens.expires_in, tokens.kind.as_str()), (Some(12), "bearer"));
        assert_eq!(answer(json!({ "access_token": null, "refresh_token": "r" })).unwrap_err(), "an access token");
        assert_eq!(answer(json!({ "access_token": "a", "refresh_token": "" })).unwrap_err(), "a refresh token");
        for no_token in ["a\nb", "a\u{1b}[2J", "a\u{7f}", "ключ"] {
            assert_eq!(answer(json!({ "access_token": no_token, "refresh_token": "r" })).unwrap_err(), "an access token");
            assert_eq!(answer(json!({ "access_token": "a", "refresh_token": no_token })).unwrap_err(), "a refresh token");
            let id = answer(json!({ "access_token": "a", "refresh_token": "r", "id_token": no_token })).unwrap().id;
            assert_eq!(id.reveal(), "");
        }
    }

    #[test]
    fn spans_are_whole_seconds_within_a_day() {
        let of = |value: Value| serde_json::from_slice::<Value>(&spans(value.to_string().into_bytes())).unwrap();
        assert_eq!(of(json!({ "expires_in": "600.0", "interval": 2.5 })), json!({ "expires_in": 600, "interval": 2 }));
        assert_eq!(of(json!({ "expires_in": 1e18, "interval": u64::MAX })), json!({ "expires_in": 86_400, "interval": 86_400 }));
        assert_eq!(of(json!({ "expires_in": 0, "interval": -1 })), json!({ "expires_in": 1, "interval": 1 }));
        assert_eq!((of(json!({})), spans(b"no".to_vec())), (json!({}), b"no".to_vec()));
    }

    #[test]
    fn no_token_is_written_or_shown() {
        let answer: Answer =
            serde_json::from_value(json!({ "access_token": "hush", "refresh_token": "hush", "id_token": "hush" })).unwrap();
        assert!(!format!("{answer:?}").contains("hush"));
        assert_eq!(serde_json::to_value(&answer).unwrap()["access_token"], "");
        let (access, refresh, rest) = answer.parts();
        assert_eq!((access.unwrap().reveal(), refresh.unwrap().reveal(), rest), ("hush", "hush", json!({ "id_token": "hush" })));
    }
}
