//! One round: where to ask, asking, and obeying what follows a refusal as long as nothing was shown.

use crate::{
    accounts::{
        caller::{Again, Caller, Step},
        recovery::{Extra, Lessons, Recovery},
    },
    completions::{self, event::Chunks},
    domain::{
        catalog::Transport,
        conversation::{Ending, Usage},
        foreign::tame_line,
        tool::Own,
        trouble::Trouble,
        turn::Part,
    },
    flow::{effect::RoundOrder, news::News},
    http::{error::Error, stream::Question},
    providers,
    responses::{self, event::Events},
    services::Services,
    tools,
};
use serde_json::Value;
use std::sync::Arc;

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
}

impl<'a, T: Fn(News)> Round<'a, T> {
    fn new(order: &'a RoundOrder, services: &'a Arc<Services>, lessons: &'a Lessons, tell: &'a T) -> Self {
        let own = order.provider.id == providers::CUSTOM.id;
        let transport = services.settings.current().api_mode.filter(|_| own).unwrap_or(order.provider.transport);
        Self { order, services, lessons, tell, transport }
    }

    /// Nothing was tried yet; what the model is known to refuse does not go along.
    fn recovery(&self) -> Recovery {
        let order = self.order;
        let is_wanted = |extra: &Extra| match extra {
            Extra::Effort => order.effort.is_some(),
            Extra::Tools => !order.tools.is_empty(),
            Extra::Search => order.tools.iter().any(|tool| tool.own == Some(Own::Service)),
        };
        let extras = [Extra::Effort, Extra::Tools, Extra::Search];
        let wanted = extras.into_iter().filter(is_wanted).filter(|extra| self.lessons.takes(*extra, &order.model));
        Recovery::new(wanted.collect())
    }

    async fn ask(self) -> Result<(Ending, Usage), Trouble> {
        let mut caller = Caller::connect(self.order.provider, self.services, None, self.recovery()).await?;
        self.told(Step::GoesOn(caller.account().to_string()));
        loop {
            let mut shown = false;
            let error = match self.send(&caller, &mut shown).await {
                Ok(end) => return Ok(end),
                Err(error) => error,
            };
            if let Again::Without(extra) = caller.after(error, shown, &self.order.model, |step| self.told(step)).await? {
                self.lessons.refuses(extra, &self.order.model);
                let model = tame_line(&self.order.model);
                match extra {
                    Extra::Effort => {}
                    Extra::Tools => self.services.say(format!("{model} takes no tools: it answers without")),
                    Extra::Search => self.services.say(format!("{model} does not search by itself: it answers without")),
                }
            }
        }
    }

    fn told(&self, step: Step) {
        let turn = self.order.turn;
        (self.tell)(match step {
            Step::GoesOn(account) => News::RoundStarted { turn, account },
            Step::Waits(wait, reason) => News::TurnRetrying { turn, wait: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), reason },
            Step::Resumed => News::TurnResumed { turn },
        });
    }

    async fn send(&self, caller: &Caller<'_>, shown: &mut bool) -> Result<(Ending, Usage), Error> {
        let (order, Caller { endpoint, recovery, .. }) = (self.order, caller);
        let takes = |extra| recovery.extras.contains(&extra);
        let offered = order.tools.iter().filter(|tool| takes(Extra::Tools) && (tool.own != Some(Own::Service) || takes(Extra::Search)));
        let definitions: Vec<Value> = offered.filter_map(|tool| tools::definition(tool)).collect();
        let effort = order.effort.as_deref().filter(|_| takes(Extra::Effort));
        let arrived = |parts: Vec<Part>| {
            *shown = true;
            (self.tell)(News::PartsArrived { turn: order.turn, parts });
        };
        match self.transport {
            Transport::Responses => {
                let body = responses_body(order, caller.account(), &definitions, effort, recovery.replay);
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
