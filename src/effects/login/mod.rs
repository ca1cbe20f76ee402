//! Signing in: the browser, another device and a paste at the same time; the first to finish wins and ends the others
//! (`docs/sign-in.md` 3 to 5). What a server gives once (the tokens for a code) is asked for and written down in one piece of work,
//! which is finished although the person has left.

mod keeper;
mod ways;

use crate::{
    accounts,
    domain::{
        account::Method,
        login::{Answer, LoginId, LoginNews, SignedIn},
        trouble::Trouble,
    },
    effects::notes::Teller,
    flow::{
        effect::{Effect, LoginOrder},
        news::News,
    },
    oauth::error::Error,
    services::{
        Services,
        tasks::{Task, spawn},
    },
};
use keeper::Keeper;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, timeout},
};
use ways::{Open, Ways};

/// The sign-in that is under way, and where to put what the person pastes.
pub(super) struct Login {
    services: Arc<Services>,
    teller: Teller,
    running: Option<(LoginId, UnboundedSender<Answer>, Task)>,
}

impl Login {
    pub(super) fn new(services: Arc<Services>, teller: Teller) -> Self {
        Self { services, teller, running: None }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::StartLogin(order) => {
                let (services, teller, crashed, login) = (self.services.clone(), self.teller.clone(), self.teller.clone(), order.login);
                let (sender, answers) = unbounded_channel();
                // whoever was signing in gives the port back first
                self.running = None;
                let work = async move {
                    run(order, &services, answers, |news| teller.news(News::Login { login, news })).await;
                };
                let broke_down = move |trouble| crashed.news(News::Login { login, news: LoginNews::Failed(trouble) });
                self.running = Some((login, sender, spawn(work, broke_down)));
            }
            Effect::StopLogin(login) => drop(self.running.take_if(|(id, ..)| *id == login)),
            Effect::AnswerLogin(login, answer) => {
                if let Some((id, answers, _)) = &self.running
                    && *id == login
                {
                    // an attempt that has ended takes nothing any more, and has said so
                    let _ = answers.send(answer);
                }
            }
            other => return Some(other),
        }
        None
    }
}

/// Signs in, and tells what happens. `answers` is what the person says meanwhile.
pub async fn run(order: LoginOrder, services: &Arc<Services>, answers: UnboundedReceiver<Answer>, tell: impl Fn(LoginNews)) {
    tell(match sign_in(&order, services, answers, &tell).await {
        Ok(signed_in) => LoginNews::SignedIn(signed_in),
        Err(trouble) => {
            tracing::warn!(provider = order.provider.id, code = trouble.code, "{}", trouble.message);
            LoginNews::Failed(trouble)
        }
    });
}

async fn sign_in(
    order: &LoginOrder,
    services: &Arc<Services>,
    answers: UnboundedReceiver<Answer>,
    tell: &impl Fn(LoginNews),
) -> Result<SignedIn, Trouble> {
    // better now than after the person has been to the browser
    let file = accounts::auth_file(services);
    let unusable = |e| accounts::file_trouble(&file, &e);
    file.read().and_then(|_| file.try_room()).map_err(unusable)?;
    accounts::lock(&file, services).await.map(drop).map_err(unusable)?;
    let began = Instant::now();
    let endpoints = match order.wish.timeout.map(Duration::from_secs) {
        Some(bound) => timeout(bound, accounts::endpoints(services)).await.map_err(|_| too_late(order, bound))??,
        None => accounts::endpoints(services).await?,
    };
    let client = services.clients.for_sign_in(&endpoints.token).map_err(|unreached| Error::ExchangeFailed(0, unreached.to_string()))?;
    let keeper = Keeper::new(order.clone(), services.clone());
    let mut ways =
        Ways { order, services, began, endpoints, client, tell, answers, attempt: None, listening: None, open: Open::default(), keeper };
    ways.race().await
}

fn too_late(order: &LoginOrder, window: Duration) -> Error {
    let only_device = !order.wish.wants(Method::Browser) && !order.wish.wants(Method::Paste);
    if only_device { Error::DeviceTimeout } else { Error::CallbackTimeout(window) }
}
