//! One round: where to ask, asking, and obeying what follows a refusal as long as nothing was shown.

use super::recovery::{Extra, Lessons, Next, Recovery};
use crate::{
    accounts,
    completions::{self, event::Chunks},
    domain::{
        account::Credential,
        catalog::Transport,
        conversation::{Ending, Usage},
        foreign::tame_line,
        tool::Own,
        trouble::{Exit, Trouble},
        turn::Part,
    },
    flow::{effect::RoundOrder, news::News},
    http::{
        error::Error,
        refusal::Asked,
        stream::{Endpoint, Question},
    },
    providers::{self, Connection},
    responses::{self, event::Events},
    services::Services,
    tools,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// Runs a round to its end and tells what happens through `tell`.
pub async fn run(order: RoundOrder, services: &Arc<Services>, lessons: &Lessons, tell: impl Fn(News)) {
    let turn = order.turn;
    let news = match Round::new(&order, services, lessons, &tell).ask().await {
        Ok((ending, usage)) => News::RoundFinished { turn, ending, usage },
        Err(mut trouble) => {
            // a server may quote what it was sent
            trouble.message = services.secrets.mask(&trouble.message).into_owned();
            trouble.raw = trouble.raw.map(|raw| services.secrets.mask(&raw).into_owned());
            tracing::warn!(
                provider = order.provider.id,
                model = order.model,
                code = trouble.code,
                cause = trouble.raw,
                "{}",
                trouble.message
            );
            News::TurnFailed { turn, trouble }
        }
    };
    tell(news);
}

/// A round while it runs.
struct Round<'a, T: Fn(News)> {
    order: &'a RoundOrder,
    services: &'a Arc<Services>,
    lessons: &'a Lessons,
    tell: &'a T,
    transport: Transport,
    recovery: Recovery,
}

impl<'a, T: Fn(News)> Round<'a, T> {
    fn new(order: &'a RoundOrder, services: &'a Arc<Services>, lessons: &'a Lessons, tell: &'a T) -> Self {
        let own = order.provider.id == providers::CUSTOM.id;
        let transport = services.settings.current().api_mode.filter(|_| own).unwrap_or(order.provider.transport);
        let is_wanted = |extra: &Extra| match extra {
            Extra::Effort => order.effort.is_some(),
            Extra::Tools => !order.tools.is_empty(),
            Extra::Search => order.tools.iter().any(|tool| tool.own == Some(Own::Service)),
        };
        let extras = [Extra::Effort, Extra::Tools, Extra::Search];
        let recovery = Recovery::new(extras.into_iter().filter(is_wanted).filter(|extra| lessons.takes(*extra, &order.model)).collect());
        Self { order, services, lessons, tell, transport, recovery }
    }

    async fn ask(mut self) -> Result<(Ending, Usage), Trouble> {
        let provider = self.order.provider;
        let (connection, mut credential) = accounts::connection(provider, self.services).await?;
        let mut endpoint = self.endpoint(connection)?;
        let account = |credential: &Option<Credential>| credential.as_ref().map(|c| c.id.clone()).unwrap_or_default();
        let mut by = account(&credential);
        self.started(&by);
        loop {
            let mut shown = false;
            let error = match self.send(&endpoint, &by, &mut shown).await {
                Ok(end) => return Ok(end),
                Err(error) => error,
            };
            match (self.recovery.after(&error, shown, credential.as_ref(), fastrand::f64()), credential.take()) {
                (Next::Without(extra), by) => {
                    self.lessons.refuses(extra, &self.order.model);
                    let model = tame_line(&self.order.model);
                    match extra {
                        Extra::Effort => {}
                        Extra::Tools => self.services.say(format!("{model} takes no tools: it answers without")),
                        Extra::Search => self.services.say(format!("{model} does not search by itself: it answers without")),
                    }
                    credential = by;
                }
                (Next::WithoutReasoning, by) => credential = by,
                (Next::Wait(wait), by) => {
                    self.pause(wait, error.reason()).await;
                    credential = by;
                }
                (Next::Renew, Some(stale)) => {
                    let (connection, new) = match accounts::renewed(provider, self.services, &stale).await {
                        Err(trouble) if trouble.exit == Exit::SignIn && self.recovery.may_move_on() => {
                            accounts::after_ended(provider, self.services, stale, trouble).await?
                        }
                        renewed => renewed?,
                    };
                    if new.id != by {
                        by = new.id.clone();
                        self.started(&by);
                    }
                    (endpoint.key, endpoint.address, credential) = (connection.key, connection.address, Some(new));
                }
                (Next::Rotate { status, reason }, Some(spent)) => {
                    let until = error.retry_after();
                    if !accounts::rotate(provider, self.services, &spent, status, reason, until).await {
                        match self.recovery.stay(&error, fastrand::f64()) {
                            Next::Wait(wait) => {
                                self.pause(wait, error.reason()).await;
                                credential = Some(spent);
                                continue;
                            }
                            _ => return Err(self.trouble(error)),
                        }
                    }
                    let (connection, next) = accounts::connection(provider, self.services).await?;
                    (endpoint.key, endpoint.address, credential) = (connection.key, connection.address, next);
                    by = account(&credential);
                    self.started(&by);
                }
                (Next::GiveUp | Next::Renew | Next::Rotate { .. }, _) => return Err(self.trouble(error)),
            }
        }
    }

    fn trouble(&self, error: Error) -> Trouble {
        error.trouble(Asked { provider: self.order.provider, model: &self.order.model, again: self.recovery.tried_again() })
    }

    fn endpoint(&self, connection: Connection) -> Result<Endpoint, Trouble> {
        let client = self.services.clients.for_address(&connection.address);
        let client = client.map_err(|unreached| self.trouble(Error::NotSent(unreached)))?;
        let config = self.services.settings.current();
        Ok(Endpoint {
            client,
            address: connection.address,
            key: connection.key,
            headers: accounts::wanted_headers(self.order.provider, self.services),
            first_byte: config.first_byte,
            stall: config.stall,
        })
    }

    fn started(&self, account: &str) {
        (self.tell)(News::RoundStarted { turn: self.order.turn, account: account.to_string() });
    }

    async fn send(&self, endpoint: &Endpoint, account: &str, shown: &mut bool) -> Result<(Ending, Usage), Error> {
        let order = self.order;
        let takes = |extra| self.recovery.extras.contains(&extra);
        let offered = order.tools.iter().filter(|tool| takes(Extra::Tools) && (tool.own != Some(Own::Service) || takes(Extra::Search)));
        let definitions: Vec<Value> = offered.filter_map(|tool| tools::definition(tool)).collect();
        let effort = order.effort.as_deref().filter(|_| takes(Extra::Effort));
        let arrived = |parts: Vec<Part>| {
            *shown = true;
            (self.tell)(News::PartsArrived { turn: order.turn, parts });
        };
        match self.transport {
            Transport::Responses => {
                let body = responses_body(order, account, &definitions, effort, self.recovery.replay);
                // the header is the business of xAI alone
                let own = [("x-grok-conv-id", order.conversation.as_str())];
                let headers = if order.provider.catalog == "xai" { &own[..] } else { &[] };
                endpoint.ask(&Question { path: "responses", body: &body, headers }, &mut Events::default(), arrived).await
            }
            Transport::Completions => {
                let body = completions_body(order, &definitions, effort);
                endpoint.ask(&Question { path: "chat/completions", body: &body, headers: &[] }, &mut Chunks::default(), arrived).await
            }
        }
    }

    async fn pause(&self, wait: Duration, reason: String) {
        let turn = self.order.turn;
        (self.tell)(News::TurnRetrying { turn, wait: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), reason });
        tokio::time::sleep(wait).await;
        (self.tell)(News::TurnResumed { turn });
    }
}

fn responses_body(order: &RoundOrder, account: &str, tools: &[Value], effort: Option<&str>, replay: bool) -> Value {
    let request = responses::request::Request {
        model: &order.model,
        provider: order.provider.id,
        account,
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

fn completions_body(order: &RoundOrder, tools: &[Value], effort: Option<&str>) -> Value {
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
