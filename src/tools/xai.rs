//! xAI for tools, whoever answers in the chat: a sign-in first, then a key (`docs/media.md` 2), or in the order that the settings say. The
//! simulator stands in for it where it answers.

use crate::{
    accounts::{
        caller::{Again, Caller},
        recovery::Recovery,
    },
    domain::{
        catalog::Provider,
        trouble::{Exit, Trouble},
    },
    http::{
        error::Error,
        hosts,
        refusal::Asked,
        stream::{Content, Endpoint},
    },
    providers::{self, SANDBOX, XAI, XAI_OAUTH},
    services::Services,
    settings::config::media::Pays,
};
use serde_json::Value;
use std::{collections::HashSet, sync::Arc, time::Duration};

/// Asks xAI.
pub struct Xai<'a> {
    /// The world.
    pub services: &'a Arc<Services>,
    /// With whose credential.
    pub by: By<'a>,
}

/// With whose credential it is asked.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// Whoever is there, beside this one who answers in the chat, for what a toolset does.
    Any(&'static Provider, &'a str),
    /// The one that something was begun with.
    Same(&'static Provider, &'a str),
}

/// A request, and how patient we are with it.
pub struct Request<'a> {
    /// Below the base address.
    pub path: &'a str,
    /// What goes with it.
    pub content: Content<'a>,
    /// Headers beside the usual ones.
    pub headers: &'a [(&'static str, &'a str)],
    /// The model that is asked.
    pub model: &'a str,
    /// Time for each attempt.
    pub patience: Duration,
    /// How often it is sent again after a failure of the server or the network: for what only looks.
    pub retries: u32,
}

impl<'a> Request<'a> {
    /// One that is sent once, without headers of its own.
    pub fn new(path: &'a str, content: Content<'a>, model: &'a str, patience: Duration) -> Self {
        Self { path, content, headers: &[], model, patience, retries: 0 }
    }
}

/// Who gave an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The provider whose credential was used.
    pub provider: &'static Provider,
    /// The id of the credential, empty where none is stored.
    pub account: String,
    /// It is on this machine: a simulator. Its links may lead here, too.
    pub is_local: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Failed {
    /// The sentence.
    pub trouble: Trouble,
    /// What is special about it.
    pub cause: Cause,
}

/// What is special about a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The request was sent, and may have been acted upon.
    Uncertain,
    /// The service does not make such things; its words.
    Moderated(String),
    /// The service knows nothing of what was asked about; its words.
    Nowhere(String),
    /// What went along is too large.
    TooLarge,
    /// Nothing.
    Other,
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, cause: Cause::Other }
    }
}

/// Words of a refusal that is about what was wished for.
const OF_MODERATION: &[&str] = &["moderat", "content policy", "usage guidelines", "usage policy", "safety", "prohibited content"];

impl Xai<'_> {
    /// The answer, which is JSON, and who gave it.
    pub async fn ask(&self, request: &Request<'_>) -> Result<(Value, Source), Failed> {
        self.answered(request, |endpoint, bytes| endpoint.parsed(&bytes)).await
    }

    /// The answer as it is.
    pub async fn bytes(&self, request: &Request<'_>) -> Result<(Vec<u8>, Source), Failed> {
        self.answered(request, |_, bytes| Ok(bytes)).await
    }

    async fn answered<T>(
        &self,
        request: &Request<'_>,
        read: impl Fn(&Endpoint, Vec<u8>) -> Result<T, Error>,
    ) -> Result<(T, Source), Failed> {
        let mut caller = self.caller().await?;
        let mut attempt = 0;
        loop {
            let answer = caller.endpoint.whole_answer(request.path, &request.content, request.headers, request.patience).await;
            let error = match answer.and_then(|bytes| read(&caller.endpoint, bytes)) {
                Ok(value) => {
                    let (account, is_local) = (caller.account().to_string(), hosts::is_loopback(&caller.endpoint.address));
                    return Ok((value, Source { provider: caller.provider, account, is_local }));
                }
                Err(error) => error,
            };
            // what only looks may be sent again whatever became of it
            if attempt < request.retries && may_pass(&error) {
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(u64::from(attempt) * 1_500).min(Duration::from_secs(5))).await;
                continue;
            }
            let cause = cause(&error, &request.content);
            if cause == Cause::Uncertain {
                let asked = Asked { provider: caller.provider, model: request.model, again: attempt > 0 };
                return Err(Failed { trouble: error.trouble(asked), cause });
            }
            match caller.after(error, false, request.model, |_| {}).await {
                // it holds nothing that could be left out
                Ok(Again::Same | Again::Without(_)) => {}
                Err(trouble) => return Err(Failed { trouble, cause }),
            }
        }
    }

    async fn caller(&self) -> Result<Caller<'_>, Trouble> {
        let none = || Recovery::new(HashSet::new());
        let services = self.services;
        let (answering, toolset) = match self.by {
            By::Same(provider, account) => {
                let caller = Caller::connect(provider, services, Some(account).filter(|id| !id.is_empty()), none()).await?;
                if account.is_empty() || caller.account() == account {
                    return Ok(caller);
                }
                return Err(Trouble::new(
                    providers::not_signed_in(XAI_OAUTH).code,
                    "The account that it was ordered with is no longer signed in",
                )
                .help("sign in with it again (`hermes auth add xai-oauth`), then try again")
                .exit(Exit::SignIn));
            }
            By::Any(answering, toolset) => (answering, toolset),
        };
        if answering.id == SANDBOX.id {
            return Caller::connect(SANDBOX, services, None, none()).await;
        }
        let mut signed_out: Option<Trouble> = None;
        for pays in services.settings.current().tools.media.order(toolset) {
            let provider = match pays {
                Pays::Key => XAI,
                Pays::SignIn => XAI_OAUTH,
            };
            match Caller::connect(provider, services, None, none()).await {
                Ok(caller) => return Ok(caller),
                // a sign-in that has ended says so
                Err(trouble) if provider.id == XAI_OAUTH.id && trouble.exit != Exit::SignIn => return Err(trouble),
                Err(trouble) if provider.id == XAI_OAUTH.id && trouble.code != providers::not_signed_in(XAI_OAUTH).code => {
                    signed_out = Some(trouble);
                }
                Err(_) => {}
            }
        }
        Err(signed_out.unwrap_or_else(|| {
            Trouble::new(providers::not_signed_in(XAI_OAUTH).code, "No xAI credentials found")
                .help("`hermes auth add xai-oauth` signs in with a SuperGrok subscription; or set XAI_API_KEY")
                .exit(Exit::SignIn)
        }))
    }
}

fn cause(error: &Error, content: &Content<'_>) -> Cause {
    match error {
        // asking how something stands changes nothing
        Error::Lost(_) | Error::Silent(_) | Error::Cut(_) | Error::TooLong | Error::Invalid(_) if !matches!(content, Content::Nothing) => {
            Cause::Uncertain
        }
        // something in between gave up waiting for a service that may be at it
        Error::Refused(refusal) if matches!(refusal.status, 504 | 520 | 524) && !matches!(content, Content::Nothing) => Cause::Uncertain,
        Error::Refused(refusal) | Error::Failed(refusal) if refusal.told.says(OF_MODERATION) => {
            Cause::Moderated(refusal.told.message.clone())
        }
        Error::Refused(refusal) if refusal.status == 413 => Cause::TooLarge,
        Error::Refused(refusal) if refusal.status == 404 => Cause::Nowhere(refusal.told.message.clone()),
        _ => Cause::Other,
    }
}

/// Whether the next attempt may end better.
fn may_pass(error: &Error) -> bool {
    match error {
        Error::Refused(refusal) => refusal.status >= 500,
        // the caller waits for these by itself
        Error::NotSent(_) => false,
        Error::Lost(_) | Error::Silent(_) | Error::Cut(_) => true,
        Error::Failed(_) | Error::TooLong | Error::Invalid(_) => false,
    }
}
