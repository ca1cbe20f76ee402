//! A refusal: what kind it is, and the sentence for it (`docs/wire.md` 13, `docs/xai.md` 2 and 12).

use crate::{
    domain::{
        account::span,
        catalog::{Login, Provider},
        trouble::{Exit, Trouble},
    },
    http::{page, retry, told::Told},
};
use serde_json::Value;
use std::time::Duration;

/// Who was asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The provider.
    pub provider: &'a Provider,
    /// The model.
    pub model: &'a str,
    /// It was tried more than once.
    pub again: bool,
}

/// A refusal, read from its status and body, or from an event of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The HTTP status; 200 for what came inside an answer, unless that names another.
    pub status: u16,
    /// The reason that was given.
    pub told: Told,
    /// What the server asked us to wait.
    pub retry_after: Option<Duration>,
    /// The body as it came, cut off.
    pub body: String,
    /// The host that a redirect leads to.
    pub leads_to: Option<String>,
    /// The title of the page that came instead of JSON; empty where it has none.
    page: Option<String>,
}

/// What kind of refusal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The token or the key was not accepted.
    Key,
    /// The account has nothing left to spend.
    Spent,
    /// A sign-in was sent where the API is billed and not the plan, and the API has nothing left for it.
    WrongPurse,
    /// The plan does not cover it.
    Plan,
    /// Too many requests.
    Rate,
    /// Nobody knows the model.
    Model,
    /// The conversation is too long.
    Context,
    /// The model takes no effort.
    Effort,
    /// The reasoning that was sent back could not be read.
    Reasoning,
    /// The address leads elsewhere.
    Redirect,
    /// The proxy wants a password.
    Proxy,
    /// Something in between answered with a page of its own.
    Page,
    /// A success without any body.
    Nothing,
    /// There is no such service at the address.
    NoService,
    /// The server failed.
    Server,
    /// Anything else.
    Other,
}

impl Refusal {
    /// Reads a body: JSON of any shape, a page, or plain words.
    pub fn read(status: u16, retry_after: Option<Duration>, body: &str) -> Self {
        let mut refusal = Self { status, retry_after, body: body.chars().take(4_000).collect(), ..Self::default() };
        let text = body.trim_start_matches('\u{feff}').trim();
        match serde_json::from_str::<Value>(text) {
            Ok(value) => refusal.told = Told::read(&value),
            Err(_) if text.starts_with('<') => {
                let title = page::title(text);
                refusal.told.message = title.clone();
                refusal.page = Some(title);
            }
            // words, or words with JSON in them
            Err(_) => refusal.told = Told::read(&Value::String(text.chars().take(4_000).collect())),
        }
        refusal
    }
    /// What a body or an event of a success tells of a failure.
    pub fn told(told: Told) -> Self {
        let body = [told.codes.as_str(), told.message.as_str()].join(" ").trim().to_string();
        Self { status: told.status.unwrap_or(200), told, body, ..Self::default() }
    }

    /// What kind it is. The order matters: words say more than a status.
    pub fn kind(&self) -> Kind {
        let says = |words: &[&str]| self.told.says(words);
        let is_page = self.page.is_some();
        match self.status {
            300..400 => return Kind::Redirect,
            407 => return Kind::Proxy,
            511 => return Kind::Page,
            200..300 if is_page => return Kind::Page,
            200..300 if self.body.trim().is_empty() => return Kind::Nothing,
            _ => {}
        }
        if is_page {
            return match self.status {
                401 => Kind::Key,
                404 => Kind::NoService,
                500.. => Kind::Server,
                _ => Kind::Page,
            };
        }
        if self.is_about_effort() {
            return Kind::Effort;
        }
        if self.is_about_reasoning() {
            return Kind::Reasoning;
        }
        let of_tokens = ["could not be validated", "wke=unauthenticated", "unauthenticated:bad-credentials"];
        let of_keys = [
            "invalid_api_key",
            "incorrect api key",
            "invalid api key",
            "api key not valid",
            "api_key_invalid",
            "api key not found",
            "api key expired",
            "no api key",
            "invalid x-api-key",
            "invalid authentication",
            "authentication fails",
        ];
        let bad_key = match self.status {
            401 => true,
            403 => says(&of_tokens) || says(&of_keys),
            // some services say so with a 400; what else "could not be validated" there is a picture or a field
            200 | 400 => says(&of_keys),
            _ => false,
        };
        if bad_key {
            return Kind::Key;
        }
        if says(&["free-usage-exhausted", "personal-team-blocked:spending-limit"]) {
            return Kind::WrongPurse;
        }
        // a limit of so many a minute is over in a minute, whatever else is said of plans
        let shortly = ["per minute", "per_minute", "perminute", "per second", "per_second", "retry in", "try again in"];
        let of_money = [
            "spending-limit",
            "spending limit",
            "insufficient_quota",
            "insufficient credits",
            "insufficient balance",
            "credit balance",
            "all credits",
            "available credits",
            "out of credits",
            "no credits",
            "more credits",
            "billing",
            "monthly quota",
            "monthly limit",
        ];
        let may_be_money = matches!(self.status, 402 | 403 | 429) || self.status == 200 || says(&["insufficient_quota", "spending-limit"]);
        if self.status == 402 || may_be_money && says(&of_money) && !(self.status == 429 && says(&shortly)) {
            return Kind::Spent;
        }
        if self.status == 403 && self.is_json() {
            return Kind::Plan;
        }
        if self.status == 429 || self.status == 200 && says(&["rate_limit_exceeded", "rate limit", "too many requests"]) {
            return Kind::Rate;
        }
        let of_context = [
            "maximum prompt length",
            "context length",
            "context_length",
            "context window",
            "context size",
            "exceed_context_size",
            "too many tokens",
            "prompt is too long",
            "input is too long",
            "maximum number of tokens",
            "input token count",
        ];
        if self.status < 500 && says(&of_context) || says(&["exceed_context", "context_length_exceeded"]) {
            return Kind::Context;
        }
        let of_models = ["model_not_found", "model not found", "no such model", "unknown model", "not a valid model", "try pulling it"];
        if says(&of_models) || says(&["model"]) && (self.status == 404 || says(&["does not exist", "not found"])) {
            return Kind::Model;
        }
        match self.status {
            404 => Kind::NoService,
            500.. => Kind::Server,
            _ => Kind::Other,
        }
    }

    /// The model takes no effort.
    pub fn is_about_effort(&self) -> bool {
        let words = ["reasoningeffort", "reasoning_effort", "reasoning effort", "reasoning.effort"];
        matches!(self.status, 200 | 400 | 422) && self.told.says(&words)
    }
    /// The reasoning that was sent back could not be read.
    pub fn is_about_reasoning(&self) -> bool {
        matches!(self.status, 200 | 400 | 422) && self.told.says(&["encrypted_content", "encrypted content"])
    }

    /// Whether the model does not search by itself.
    pub fn is_about_search(&self) -> bool {
        let is_named = self.told.says(&["web_search", "web search"]);
        matches!(self.status, 400 | 403 | 404 | 422 | 501)
            && is_named
            && self.told.says(&["not support", "unsupported", "not available", "unknown", "invalid"])
    }

    /// The model, or its server, takes no tools.
    pub fn is_about_tools(&self) -> bool {
        let words = [
            "not support tools",
            "not support tool use",
            "not support tool calling",
            "not support function",
            "tool use is not supported",
            "tools are not supported",
            "tools is not supported",
            "not supported: tools",
            "support tool use",
            "tool choice requires",
            "enable-auto-tool-choice",
        ];
        matches!(self.status, 200 | 400 | 404 | 422 | 501) && self.told.says(&words)
    }
    /// Whether the same request may be sent again by itself: it was refused before it began.
    pub fn is_passing(&self) -> bool {
        matches!((self.kind(), self.status), (Kind::Rate, 429) | (Kind::Server | Kind::Other, 408 | 500 | 502..=504 | 520..=530))
    }

    fn is_json(&self) -> bool {
        self.page.is_none() && self.body.trim_start().starts_with(['{', '['])
    }

    /// The reason in the middle of a sentence of ours, with whoever said it; the status where none was given.
    fn said(&self) -> String {
        let by = self.told.by.as_ref().map(|by| format!(" (said by {by})")).unwrap_or_default();
        match (self.told.message.trim().trim_end_matches('.'), &self.page) {
            ("", _) => format!("status {}{by}", self.status),
            (title, Some(_)) => format!("status {}, a page “{title}”", self.status),
            (message, None) => format!("{}{by}", lower_first(message)),
        }
    }

    /// The sentence for the person.
    pub fn trouble(&self, asked: Asked) -> Trouble {
        let Asked { provider, model, again } = asked;
        let (who, id, said) = (provider.title, provider.id, self.said());
        let after = if again { ", also after trying again" } else { "" };
        let has_words = !self.told.message.trim().is_empty();
        let with_words = |sentence: String| if has_words { format!("{sentence}: {said}") } else { sentence };
        let raw = format!("HTTP {}\n{}", self.status, self.body);
        let trouble = match self.kind() {
            Kind::Key => Trouble::new("key_refused", with_words(format!("{who} did not accept the sign-in or the key")))
                .help(format!("`hermes auth add {id}` signs in again, or keeps another key"))
                .exit(Exit::SignIn),
            Kind::WrongPurse if provider.login == Login::OAuth => Trouble::new(
                "quota_spent",
                format!("This address bills the xAI API and not the plan, and the API has nothing left for this sign-in: {said}"),
            )
            .help("the plan's own share is not used up by it, and signing in again will not help; it comes back within a day. `hermes help plan` says what else helps"),
            Kind::Spent | Kind::WrongPurse => Trouble::new("quota_spent", with_words(format!("{who} says that the account has spent its limit")))
                .help("signing in again will not help; raise the limit or pick another model or provider"),
            Kind::Plan => {
                let is_xai = provider.catalog == "xai";
                let vague = !has_words || self.told.says(&["permission", "active grok subscription", "out of available resources"]);
                let why = if is_xai && vague { format!(" (no plan, a plan without `{model}`, or its quota is used up)") } else { String::new() };
                let help = match is_xai {
                    true => "signing in again will not help; see https://grok.com/?_s=usage, or pick another model",
                    false => "signing in again will not help; look at the account's plan, or pick another model",
                };
                Trouble::new("plan_refused", format!("{who} does not allow this: {said}{why}")).help(help)
            }
            Kind::Rate => match self.retry_after.filter(|wait| *wait > retry::LONGEST) {
                Some(wait) => {
                    let wait = span(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
                    let sentence = format!("{who} gets too many requests, and asks to wait {wait}");
                    Trouble::new("rate_limited", with_words(sentence)).help("/retry asks again then")
                }
                None => {
                    let after = if again { ", also after waiting" } else { "" };
                    Trouble::new("rate_limited", with_words(format!("{who} gets too many requests{after}"))).help("wait a little, then /retry")
                }
            },
            Kind::Model => Trouble::new("model_unknown", with_words(format!("{who} does not know `{model}`")))
                .help("F2 picks another model; the question is in the composer again"),
            Kind::Context => Trouble::new("context_full", with_words(format!("The conversation is longer than `{model}` can read")))
                .help("/new begins another one"),
            Kind::Redirect => {
                let to = self.leads_to.as_deref().map_or_else(|| "elsewhere".to_string(), |host| format!("on to {host}"));
                Trouble::new("redirected", format!("{who} sends us {to} ({}), and a key is sent to no other address than yours", self.status))
                    .help("check the address of the provider: `http` or `https`, the host, and the path, which ends in `/v1` mostly")
            }
            Kind::Proxy => Trouble::new("proxy_refused", format!("The proxy on the way to {who} wants a password (407)"))
                .help("put it into the proxy's address: `HTTPS_PROXY=http://user:password@host:port`"),
            Kind::Page => {
                let title = self.page.as_deref().map(str::trim).filter(|title| !title.is_empty());
                let page = title.map_or_else(|| "a page".to_string(), |title| format!("a page “{title}”"));
                Trouble::new("intercepted", format!("Something between here and {who} answered in its place, with {page} (status {})", self.status))
                    .help("try again in a moment, without a proxy or VPN, or with one; a network that wants a sign-in of its own shows it in the browser")
            }
            Kind::Nothing => Trouble::new("answer_empty", format!("{who} gave no answer: its success (status {}) has nothing in it", self.status))
                .help("check the address of the provider, then /retry"),
            Kind::NoService => Trouble::new("request_refused", format!("There is no model service at the address of {who} ({said})"))
                .help("check the address: it ends in `/v1` mostly"),
            Kind::Server => {
                let said = if self.page.is_some() || !has_words { said } else { format!("status {}: {said}", self.status) };
                Trouble::new("server_error", format!("{who} failed ({said}){after}")).help("/retry asks again")
            }
            Kind::Other | Kind::Effort | Kind::Reasoning => Trouble::new("request_refused", format!("{who} refused the request: {said}"))
                .help("/retry asks again, /undo takes the question back"),
        };
        trouble.raw(raw)
    }
}

/// A sentence of somebody else in the middle of ours.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.as_str().chars().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => first.to_lowercase().chain(chars).collect(),
        _ => text.to_string(),
    }
}
