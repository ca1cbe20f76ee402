//! What can go wrong with a request, and the sentence for it (`docs/wire.md` 13, `docs/xai.md` 2).

use crate::{
    domain::{
        account::span,
        trouble::{Exit, Trouble},
    },
    http::retry,
};
use serde_json::Value;
use std::time::Duration;

/// Why a request did not become an answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection: the request was never sent.
    #[error("no connection: {0}")]
    NotSent(String),
    /// The request was sent, and the connection was lost before any answer: nobody knows what the server did with it.
    #[error("lost after sending: {0}")]
    Lost(String),
    /// Nothing came in time: neither the first byte nor the next one.
    #[error("nothing came for {} s", .0.as_secs())]
    Silent(Duration),
    /// The server answered with another status than 200.
    #[error("status {}", .0.status)]
    Refused(Refusal),
    /// The service gave up inside the stream: code and message.
    #[error("{code}: {message}")]
    Failed {
        /// As the service calls it.
        code: String,
        /// As the service words it.
        message: String,
    },
    /// The stream ended before its end.
    #[error("the stream was cut: {0}")]
    Cut(String),
    /// What came was no stream of events.
    #[error("not a stream of events: {0}")]
    Invalid(String),
}

/// A refusal, read from its status and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The service's code, or nothing.
    pub code: String,
    /// The service's words, or the title of a page.
    pub message: String,
    /// What the server asked us to wait.
    pub retry_after: Option<Duration>,
    /// The body as it came, cut off.
    pub body: String,
}

impl Refusal {
    /// Reads the three shapes of error bodies, and HTML.
    pub fn read(status: u16, retry_after: Option<Duration>, body: &str) -> Self {
        let mut refusal =
            Self { status, code: String::new(), message: String::new(), retry_after, body: body.chars().take(4_000).collect() };
        let word = |value: Option<&Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        match serde_json::from_str::<Value>(body) {
            Ok(value) => match value.get("error") {
                Some(error @ Value::Object(_)) => {
                    refusal.code = word(error.get("code"));
                    refusal.message = word(error.get("message"));
                }
                error => {
                    refusal.code = word(value.get("code"));
                    refusal.message = match word(error) {
                        empty if empty.is_empty() => word(value.get("message").or(value.get("detail"))),
                        text => text,
                    };
                }
            },
            Err(_) => {
                let title = body.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).map(|(title, _)| title);
                let plain = (!body.trim_start().starts_with('<')).then(|| body.trim());
                refusal.message = title.or(plain).unwrap_or_default().chars().take(300).collect();
            }
        }
        refusal
    }

    fn says(&self, words: &[&str]) -> bool {
        let all = format!("{} {}", self.code, self.message).to_lowercase();
        words.iter().any(|w| all.contains(w))
    }
    /// The token or the key was not accepted: 401, or one of the spellings of `docs/sign-in.md` 6.4.
    pub fn is_bad_key(&self) -> bool {
        let words = ["could not be validated", "wke=unauthenticated", "unauthenticated:bad-credentials"];
        let of_keys = ["invalid_api_key", "incorrect api key", "invalid api key", "api key not valid"];
        match self.status {
            401 => true,
            403 => self.says(&words) || self.says(&of_keys),
            // some services say so with a 400; what else "could not be validated" there is a picture or a field
            400 => self.says(&of_keys),
            _ => false,
        }
    }
    /// The account has nothing left to spend.
    pub fn is_spent(&self) -> bool {
        self.status == 402
            || self.says(&["spending-limit", "spending limit", "insufficient_quota", "all credits", "used all available credits"])
    }
    /// The model takes no effort.
    pub fn is_about_effort(&self) -> bool {
        self.status == 400 && self.says(&["reasoningeffort", "reasoning_effort", "reasoning effort"])
    }
    /// The reasoning that was sent back could not be read.
    pub fn is_about_encrypted_reasoning(&self) -> bool {
        self.status == 400 && self.says(&["encrypted_content", "encrypted content"])
    }
}

impl Error {
    /// Whether the same request may be sent again by itself: it was refused before it began. One that a server may have acted
    /// upon is not.
    pub fn is_passing(&self) -> bool {
        match self {
            Error::NotSent(_) => true,
            Error::Refused(refusal) => match refusal.status {
                429 => !refusal.is_spent(),
                408 | 500 | 502..=504 | 520..=530 => true,
                _ => false,
            },
            Error::Failed { code, .. } => {
                matches!(code.as_str(), "server_error" | "overloaded_error" | "service_unavailable" | "timeout" | "rate_limit_exceeded")
            }
            Error::Lost(_) | Error::Cut(_) | Error::Silent(_) | Error::Invalid(_) => false,
        }
    }
    /// What the server asked us to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }
    /// Why we wait, in a few words.
    pub fn reason(&self) -> String {
        match self {
            Error::NotSent(_) => "no connection".into(),
            Error::Refused(refusal) if refusal.status == 429 => "too many requests".into(),
            Error::Refused(refusal) => format!("the server failed ({})", refusal.status),
            Error::Failed { .. } => "the server failed".into(),
            Error::Lost(_) | Error::Cut(_) => "the connection broke off".into(),
            Error::Silent(_) | Error::Invalid(_) => "no answer".into(),
        }
    }
    /// The sentence for the person. `who` is the provider's title, `id` its id, `model` the model that was asked.
    pub fn trouble(self, who: &str, id: &str, model: &str) -> Trouble {
        match self {
            Error::Lost(cause) => Trouble::new("request_lost", format!("The connection to {who} was lost before it answered"))
                .help("the question may have been taken; /retry asks it again")
                .raw(cause),
            Error::NotSent(cause) => Trouble::new("unreachable", format!("{who} can't be reached"))
                .help("check the network and the address, then /retry")
                .raw(cause),
            Error::Silent(time) => {
                Trouble::new("timed_out", format!("{who} sent nothing for {} s", time.as_secs())).help("/retry asks again")
            }
            Error::Cut(cause) => Trouble::new("stream_cut", "The answer broke off before its end")
                .help("what came is kept; an empty Enter goes on, /retry asks again")
                .raw(cause),
            Error::Invalid(cause) => Trouble::new("stream_invalid", format!("{who} sent something that is not an answer"))
                .help("check the address of the provider, then /retry")
                .raw(cause),
            Error::Failed { code, message } => {
                let raw = format!("{code}: {message}");
                let message = if message.is_empty() { "it did not say why".into() } else { lower_first(message.trim_end_matches('.')) };
                Trouble::new("server_error", format!("{who} gave up: {message}")).help("what came is kept; /retry asks again").raw(raw)
            }
            Error::Refused(refusal) => refused(refusal, who, id, model),
        }
    }
}

fn refused(refusal: Refusal, who: &str, id: &str, model: &str) -> Trouble {
    let said = match refusal.message.trim().trim_end_matches('.') {
        "" => format!("status {}", refusal.status),
        message => message.to_string(),
    };
    let raw = format!("HTTP {}\n{}", refusal.status, refusal.body);
    let trouble = if refusal.is_bad_key() {
        Trouble::new("key_refused", format!("{who} did not accept the sign-in or the key"))
            .help(format!("`hermes auth add {id}` signs in again, or keeps another key"))
            .exit(Exit::SignIn)
    } else if refusal.is_spent() {
        Trouble::new("quota_spent", format!("{who} says that the account has spent its limit"))
            .help("signing in again will not help; raise the limit or pick another model or provider")
    } else if refusal.status == 403 {
        let why = if refusal.says(&["permission", "active grok subscription", "out of available resources"]) || refusal.message.is_empty() {
            format!("no plan, a plan without `{model}`, or its quota is used up")
        } else {
            lower_first(&said)
        };
        Trouble::new("plan_refused", format!("{who} does not allow this: {why}"))
            .help("signing in again will not help; see https://grok.com/?_s=usage, or pick another model")
    } else if refusal.status == 429 {
        match refusal.retry_after.filter(|wait| *wait > retry::LONGEST) {
            Some(wait) => {
                let wait = span(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
                Trouble::new("rate_limited", format!("{who} gets too many requests, and asks to wait {wait}"))
                    .help("/retry asks again then")
            }
            None => {
                Trouble::new("rate_limited", format!("{who} gets too many requests, also after waiting")).help("wait a little, then /retry")
            }
        }
    } else if refusal.says(&["model_not_found", "model not found", "does not exist", "no such model"])
        || refusal.status == 404 && refusal.says(&["model"])
    {
        Trouble::new("model_unknown", format!("{who} does not know `{model}`"))
            .help("start with `--model ID` for another one")
            .exit(Exit::Failed)
    } else if refusal.says(&["maximum prompt length", "context length", "context_length", "too many tokens"]) {
        Trouble::new("context_full", format!("The conversation is longer than `{model}` can read")).help("/new begins another one")
    } else if refusal.status == 404 {
        Trouble::new("request_refused", format!("There is no model service at the address of {who} ({said})"))
            .help("check the address: it ends in `/v1` mostly")
    } else if refusal.status >= 500 {
        Trouble::new("server_error", format!("{who} failed ({said}), also after trying again")).help("/retry asks again")
    } else {
        Trouble::new("request_refused", format!("{who} refused the request: {}", lower_first(&said)))
            .help("/retry asks again, /undo takes the question back")
    };
    trouble.raw(raw)
}

/// A sentence of somebody else in the middle of ours.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.as_str().chars().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => first.to_lowercase().chain(chars).collect(),
        _ => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(status: u16, body: &str) -> &'static str {
        Error::Refused(Refusal::read(status, None, body)).trouble("xAI", "xai", "grok-4.3").code
    }

    #[test]
    fn the_documented_refusals_are_told_apart() {
        for (status, body, want) in [
            (401, r#"{"code":"unauthenticated","error":"The OAuth2 access token could not be validated."}"#, "key_refused"),
            (
                403,
                r#"{"code":"permission-denied","error":"The OAuth2 access token could not be validated. [WKE=unauthenticated:bad-credentials]"}"#,
                "key_refused",
            ),
            (
                403,
                r#"{"code":"The caller does not have permission","error":"You have either run out of available resources or do not have an active Grok subscription."}"#,
                "plan_refused",
            ),
            (403, r#"{"code":"personal-team-blocked:spending-limit","error":"Your team has reached its spending limit."}"#, "quota_spent"),
            (
                400,
                r#"{"code":"invalid-argument","error":"This model's maximum prompt length is 1000000 but the request contains 1000321 tokens."}"#,
                "context_full",
            ),
            (404, r#"{"code":"not-found","error":"Model not found: grok-9"}"#, "model_unknown"),
            (400, r#"{"code":"invalid-argument","error":"The image could not be validated."}"#, "request_refused"),
            (429, r#"{"code":"rate_limit_exceeded","error":"Too many requests"}"#, "rate_limited"),
            (503, "<html><head><title>Service Unavailable</title></head></html>", "server_error"),
            (400, r#"{"error":{"message":"Bad.","code":"x"}}"#, "request_refused"),
        ] {
            assert_eq!(code(status, body), want, "{body}");
        }
    }

    #[test]
    fn only_passing_failures_are_tried_again() {
        let refusal = |status, body: &str| Error::Refused(Refusal::read(status, None, body)).is_passing();
        assert!(refusal(429, "{}") && refusal(503, "") && refusal(529, ""));
        assert!(!refusal(429, r#"{"code":"insufficient_quota"}"#) && !refusal(400, "") && !refusal(403, "") && !refusal(501, ""));
    }
}
