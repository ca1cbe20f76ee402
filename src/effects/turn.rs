//! One turn: where to ask, asking, waiting and asking again as long as nothing was shown.

use crate::{
    completions::{self, event::Chunks},
    domain::{
        account::{Credential, Kind},
        catalog::Transport,
        conversation::{Ending, Usage},
        trouble::Trouble,
        turn::Part,
    },
    effects::{credentials, services::Services},
    flow::{effect::TurnOrder, news::News},
    http::{
        error::Error,
        retry,
        stream::{Endpoint, Question},
    },
    providers::{self, Connection},
    responses::{self, event::Events},
    tools,
};
use serde_json::Value;
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Refused tokens are renewed this often in a turn.
const RENEWALS: u32 = 2;
/// Accounts that are tried after the first one.
const ROTATIONS: u32 = 8;

/// What was learned from refusals: models that take no effort.
#[derive(Default)]
pub struct Lessons {
    no_effort: Mutex<HashSet<String>>,
}

impl Lessons {
    fn takes_effort(&self, model: &str) -> bool {
        !self.no_effort.lock().unwrap_or_else(PoisonError::into_inner).contains(model)
    }
    fn refuses_effort(&self, model: &str) {
        self.no_effort.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_string());
    }
}

/// Runs a turn to its end and tells what happens through `tell`.
pub async fn run(order: TurnOrder, services: &Services, lessons: &Lessons, tell: impl Fn(News)) {
    let turn = order.turn;
    let news = match ask(&order, services, lessons, &tell).await {
        Ok((ending, usage)) => News::TurnFinished { turn, ending, usage },
        Err(trouble) => News::TurnFailed { turn, trouble },
    };
    tell(news);
}

async fn ask(order: &TurnOrder, services: &Services, lessons: &Lessons, tell: &impl Fn(News)) -> Result<(Ending, Usage), Trouble> {
    let provider = order.provider;
    let (connection, mut credential) = connect(order, services).await?;
    let client = services.clients.for_address(&connection.address).map_err(|e| {
        Trouble::new("unreachable", "The HTTP client can't be made").help("check the certificates of the system").raw(e.to_string())
    })?;
    let mut endpoint = Endpoint {
        client,
        address: connection.address,
        key: connection.key,
        first_byte: services.config.first_byte,
        stall: services.config.stall,
    };
    let transport = match services.config.api_mode.as_deref() {
        Some("codex_responses" | "responses") if provider.id == providers::CUSTOM.id => Transport::Responses,
        _ => provider.transport,
    };
    let definitions = tools::definitions();
    let mut replay = true;
    let mut attempt = 1;
    let (mut renewals, mut rotations) = (0, 0);
    loop {
        let effort = order.effort.as_deref().filter(|_| lessons.takes_effort(&order.model));
        let sent_effort = effort.is_some();
        let (path, body) = match transport {
            Transport::Responses => ("responses", responses_body(order, &definitions, effort, replay)),
            Transport::Completions => ("chat/completions", completions_body(order, &definitions, effort)),
        };
        let mut shown = false;
        let arrived = |parts: Vec<Part>| {
            shown = true;
            tell(News::PartsArrived { turn: order.turn, parts });
        };
        let headers = [("x-grok-conv-id", order.conversation.as_str())];
        // the header is the business of xAI alone
        let headers = if path == "responses" && provider.catalog == "xai" { &headers[..] } else { &[] };
        let question = Question { path, body: &body, headers };
        let answered = match transport {
            Transport::Responses => endpoint.ask(&question, &mut Events, arrived).await,
            Transport::Completions => endpoint.ask(&question, &mut Chunks::default(), arrived).await,
        };
        let error = match answered {
            Ok(end) => return Ok(end),
            Err(error) => error,
        };
        match &error {
            // both are answered once by leaving out what was refused
            Error::Refused(refusal) if refusal.is_about_effort() && sent_effort => lessons.refuses_effort(&order.model),
            Error::Refused(refusal) if refusal.is_about_encrypted_reasoning() && replay => replay = false,
            // an old token: another one, and the same again. A server that refuses new ones, too, is not asked for ever
            Error::Refused(refusal)
                if refusal.is_bad_key() && !shown && renewals < RENEWALS && credential.as_ref().is_some_and(is_token) =>
            {
                renewals += 1;
                if let Some(stale) = credential.take() {
                    let (connection, new) = credentials::renewed(provider, services, &stale).await?;
                    endpoint.key = connection.key;
                    credential = Some(new);
                }
            }
            // this account has nothing left: the next one of the person's goes on
            Error::Refused(refusal)
                if (refusal.is_spent() || refusal.is_bad_key()) && !shown && rotations < ROTATIONS && credential.is_some() =>
            {
                rotations += 1;
                let Some(spent) = credential.take() else { continue };
                let reason = if refusal.is_spent() { "quota_spent" } else { "auth_failed" };
                if !credentials::rotate(provider, services, &spent, refusal.status, reason).await {
                    return Err(error.trouble(provider.title, provider.id, &order.model));
                }
                let (connection, next) = credentials::connection(provider, services).await?;
                (endpoint.key, endpoint.address, credential, renewals) = (connection.key, connection.address, next, 0);
            }
            // never before the time that the server asks for
            error
                if error.is_passing()
                    && !shown
                    && attempt < retry::ATTEMPTS
                    && error.retry_after().is_none_or(|wait| wait <= retry::LONGEST) =>
            {
                let wait = retry::wait(attempt, error.retry_after(), fastrand::f64());
                attempt += 1;
                pause(order, wait, error.reason(), tell).await;
            }
            _ => return Err(error.trouble(provider.title, provider.id, &order.model)),
        }
    }
}

fn responses_body(order: &TurnOrder, tools: &[Value], effort: Option<&str>, replay: bool) -> Value {
    let request = responses::request::Request {
        model: &order.model,
        issuer: order.provider.id,
        effort,
        instructions: &order.instructions,
        entries: &order.entries,
        tools,
        cache_key: &order.conversation,
        replay,
        sees: order.sees,
    };
    request.body()
}

fn completions_body(order: &TurnOrder, tools: &[Value], effort: Option<&str>) -> Value {
    let request = completions::request::Request {
        model: &order.model,
        effort,
        instructions: &order.instructions,
        entries: &order.entries,
        tools,
        sees: order.sees,
    };
    request.body()
}

async fn pause(order: &TurnOrder, wait: Duration, reason: String, tell: &impl Fn(News)) {
    let milliseconds = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    tell(News::TurnRetrying { turn: order.turn, wait: milliseconds, reason });
    tokio::time::sleep(wait).await;
    tell(News::TurnResumed { turn: order.turn });
}

fn is_token(credential: &Credential) -> bool {
    credential.kind == Kind::OAuth
}

async fn connect(order: &TurnOrder, services: &Services) -> Result<(Connection, Option<Credential>), Trouble> {
    if order.provider.id != providers::SANDBOX.id {
        return credentials::connection(order.provider, services).await;
    }
    let started = (services.sandbox)().await.map_err(|e| e.to_string());
    let address = started.and_then(|address| crate::http::hosts::base_address(&address).map_err(|e| e.to_string()));
    let connection = address.map(|address| Connection { address, key: Some(crate::domain::secret::Secret::new("sandbox")) });
    connection.map(|c| (c, None)).map_err(|cause| {
        Trouble::new("unreachable", "The sandbox could not start").help("check that programs may listen on 127.0.0.1").raw(cause)
    })
}
