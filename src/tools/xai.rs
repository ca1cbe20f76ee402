//! xAI for tools, whoever answers in the chat: a sign-in first, then a key (`docs/media.md` 2). The simulator stands in for it where it
//! answers.

use crate::{
    accounts,
    domain::{
        account::Credential,
        catalog::Provider,
        trouble::{Exit, Trouble},
    },
    http::{
        error::Error,
        hosts,
        refusal::Asked,
        stream::{Content, Endpoint},
    },
    providers::{self, Connection, SANDBOX, XAI, XAI_OAUTH},
    services::Services,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// Asks xAI.
pub struct Xai<'a> {
    /// The world.
    pub services: &'a Arc<Services>,
    /// Who answers in the chat.
    pub answering: &'static Provider,
}

/// A request, and how patient we are with it.
pub struct Request<'a> {
    /// Below the base address.
    pub path: &'a str,
    /// What goes with it.
    pub content: Content<'a>,
    /// The model that is asked.
    pub model: &'a str,
    /// Time for each attempt.
    pub patience: Duration,
    /// How often it is sent again after a failure of the server or the network: for what only looks.
    pub retries: u32,
}

/// Who gave an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The provider whose credential was used.
    pub provider: &'static str,
    /// It is on this machine: a simulator. Its links may lead here, too.
    pub is_local: bool,
}

impl Xai<'_> {
    /// The answer, which is JSON, and who gave it.
    pub async fn ask(&self, request: &Request<'_>) -> Result<(Value, Source), Trouble> {
        self.answered(request, |endpoint, bytes| endpoint.parsed(&bytes)).await
    }

    /// The answer as it is.
    pub async fn bytes(&self, request: &Request<'_>) -> Result<(Vec<u8>, Source), Trouble> {
        self.answered(request, |_, bytes| Ok(bytes)).await
    }

    async fn answered<T>(
        &self,
        request: &Request<'_>,
        read: impl Fn(&Endpoint, Vec<u8>) -> Result<T, Error>,
    ) -> Result<(T, Source), Trouble> {
        let (provider, connection, mut credential) = self.connect().await?;
        let mut endpoint = self.endpoint(provider, connection)?;
        let (mut attempt, mut renewed) = (0, false);
        loop {
            let answer = endpoint.whole_answer(request.path, &request.content, request.patience).await;
            let error = match answer.and_then(|bytes| read(&endpoint, bytes)) {
                Ok(value) => return Ok((value, Source { provider: provider.id, is_local: hosts::is_loopback(&endpoint.address) })),
                Err(error) => error,
            };
            if let (true, false, Some(stale)) = (is_unauthorized(&error), renewed, &credential) {
                let (connection, new) = accounts::renewed(provider, self.services, stale).await?;
                endpoint = self.endpoint(provider, connection)?;
                (credential, renewed) = (Some(new), true);
                continue;
            }
            if attempt >= request.retries || !may_pass(&error) {
                return Err(error.trouble(Asked { provider, model: request.model, again: attempt > 0 }));
            }
            attempt += 1;
            tokio::time::sleep(Duration::from_millis(u64::from(attempt) * 1_500).min(Duration::from_secs(5))).await;
        }
    }

    async fn connect(&self) -> Result<(&'static Provider, Connection, Option<Credential>), Trouble> {
        if self.answering.id == SANDBOX.id {
            let (connection, credential) = accounts::connection(SANDBOX, self.services).await?;
            return Ok((SANDBOX, connection, credential));
        }
        let signed_out = match accounts::connection(XAI_OAUTH, self.services).await {
            Ok((connection, credential)) => return Ok((XAI_OAUTH, connection, credential)),
            Err(trouble) if trouble.exit == Exit::SignIn => trouble,
            Err(trouble) => return Err(trouble),
        };
        match accounts::connection(XAI, self.services).await {
            Ok((connection, credential)) => Ok((XAI, connection, credential)),
            // a sign-in that has ended says so
            Err(_) if signed_out.code != providers::not_signed_in(XAI_OAUTH).code => Err(signed_out),
            Err(_) => Err(Trouble::new(signed_out.code, "No xAI credentials found")
                .help("`hermes auth add xai-oauth` signs in with a SuperGrok subscription; or set XAI_API_KEY")
                .exit(Exit::SignIn)),
        }
    }

    fn endpoint(&self, provider: &'static Provider, connection: Connection) -> Result<Endpoint, Trouble> {
        let client = self.services.clients.for_address(&connection.address);
        let client = client.map_err(|unreached| Error::NotSent(unreached).trouble(Asked { provider, model: "", again: false }))?;
        let config = self.services.settings.current();
        let (address, key, headers) = (connection.address, connection.key, accounts::wanted_headers(provider, self.services));
        Ok(Endpoint { client, address, key, headers, first_byte: config.first_byte, stall: config.stall })
    }
}

fn is_unauthorized(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.status == 401)
}

/// Whether the next attempt may end better.
fn may_pass(error: &Error) -> bool {
    match error {
        Error::Refused(refusal) => refusal.status >= 500 || refusal.status == 429,
        Error::NotSent(unreached) => unreached.is_passing(),
        Error::Lost(_) | Error::Silent(_) | Error::Cut(_) => true,
        Error::Failed(_) | Error::TooLong | Error::Invalid(_) => false,
    }
}
