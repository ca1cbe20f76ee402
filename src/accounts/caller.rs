//! A request with whatever credential there is: it goes out again with a renewed token, with the next account, or after a pause, as long
//! as that may help. Questions to a model and media go by this one path.

use super::{
    after_ended, connection_of,
    recovery::{Extra, Next, Recovery},
    renewed, rotate, wanted_headers,
};
use crate::{
    domain::{
        account::Credential,
        catalog::Provider,
        trouble::{Exit, Trouble},
    },
    http::{error::Error, refusal::Asked, stream::Endpoint},
    providers::Connection,
    services::Services,
};
use std::{sync::Arc, time::Duration};

/// What happens between two attempts.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// This account goes on: the id of its credential, empty where none is stored.
    GoesOn(String),
    /// The same is asked again after a pause.
    Waits(Duration, String),
    /// The pause is over.
    Resumed,
}

/// What the one who asks does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The same.
    Same,
    /// The same without something that this model does not take.
    Without(Extra),
}

/// Where a request goes, and with what.
pub struct Caller<'a> {
    /// Whom it is for.
    pub provider: &'static Provider,
    /// Where it goes now.
    pub endpoint: Endpoint,
    /// What was tried, and what goes along.
    pub recovery: Recovery,
    services: &'a Arc<Services>,
    /// The one that it goes with, when it came from the file.
    credential: Option<Credential>,
    account: String,
    /// Nobody else goes on for this one.
    pinned: bool,
}

impl<'a> Caller<'a> {
    /// A caller with the credential whose turn it is, or with the wanted one where that is there: then no other goes on for it.
    pub async fn connect(
        provider: &'static Provider,
        services: &'a Arc<Services>,
        wanted: Option<&str>,
        recovery: Recovery,
    ) -> Result<Self, Trouble> {
        let (connection, credential) = connection_of(provider, services, wanted).await?;
        let client = services.clients.for_address(&connection.address);
        let client = client.map_err(|unreached| Error::NotSent(unreached).trouble(Asked { provider, model: "", again: false }))?;
        let config = services.settings.current();
        let endpoint = Endpoint {
            client,
            address: connection.address,
            key: connection.key,
            headers: wanted_headers(provider, services),
            first_byte: config.first_byte,
            stall: config.stall,
        };
        Ok(Self { provider, endpoint, recovery, services, account: account(credential.as_ref()), credential, pinned: wanted.is_some() })
    }

    /// The id of the credential, empty where none is stored.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Obeys what follows a failure. `shown`: whether anything came before it; `model`: who was asked, for the sentence. The trouble is
    /// the end of it.
    pub async fn after(&mut self, error: Error, shown: bool, model: &str, tell: impl Fn(Step)) -> Result<Again, Trouble> {
        match (self.recovery.after(&error, shown, self.credential.as_ref(), fastrand::f64()), self.credential.take()) {
            (Next::Without(extra), by) => {
                self.credential = by;
                return Ok(Again::Without(extra));
            }
            (Next::WithoutReasoning, by) => self.credential = by,
            (Next::Wait(wait), by) => {
                self.credential = by;
                pause(wait, &error, &tell).await;
            }
            (Next::Renew, Some(stale)) => {
                let (connection, new) = match renewed(self.provider, self.services, &stale).await {
                    Err(trouble) if trouble.exit == Exit::SignIn && !self.pinned && self.recovery.may_move_on() => {
                        after_ended(self.provider, self.services, stale, trouble).await?
                    }
                    renewed => renewed?,
                };
                self.go_on(connection, Some(new), &tell);
            }
            (Next::Rotate { status, reason }, Some(spent)) => {
                let until = error.retry_after();
                if self.pinned || !rotate(self.provider, self.services, &spent, status, reason, until).await {
                    let Next::Wait(wait) = self.recovery.stay(&error, fastrand::f64()) else { return Err(self.trouble(error, model)) };
                    self.credential = Some(spent);
                    pause(wait, &error, &tell).await;
                    return Ok(Again::Same);
                }
                let (connection, next) = connection_of(self.provider, self.services, None).await?;
                self.go_on(connection, next, &tell);
            }
            (Next::GiveUp | Next::Renew | Next::Rotate { .. }, _) => return Err(self.trouble(error, model)),
        }
        Ok(Again::Same)
    }

    fn go_on(&mut self, connection: Connection, credential: Option<Credential>, tell: &impl Fn(Step)) {
        (self.endpoint.key, self.endpoint.address) = (connection.key, connection.address);
        let next = account(credential.as_ref());
        self.credential = credential;
        if next != self.account {
            self.account.clone_from(&next);
            tell(Step::GoesOn(next));
        }
    }

    fn trouble(&self, error: Error, model: &str) -> Trouble {
        error.trouble(Asked { provider: self.provider, model, again: self.recovery.tried_again() })
    }
}

fn account(credential: Option<&Credential>) -> String {
    credential.map(|c| c.id.clone()).unwrap_or_default()
}

async fn pause(wait: Duration, error: &Error, tell: &impl Fn(Step)) {
    tell(Step::Waits(wait, error.reason()));
    tokio::time::sleep(wait).await;
    tell(Step::Resumed);
}
