//! What a server gives once, the tokens for a code, is asked for and written down in one piece of work.

use crate::{
    accounts::change,
    domain::{
        account::{Method, Tokens},
        login::SignedIn,
        trouble::Trouble,
    },
    flow::effect::LoginOrder,
    oauth::error::Error,
    services::{Services, tasks::Waiting},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Why a sign-in did not come about.
pub(super) enum Failure {
    /// One way did not work.
    Way(Error),
    /// There were tokens, and they could not be kept.
    Kept(Trouble),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Way(error) => error.into(),
            Failure::Kept(trouble) => trouble,
        }
    }
}

/// What comes of an answer: somebody is signed in, nothing yet, or nothing at all.
pub(super) type Kept<A> = Waiting<Result<Result<SignedIn, A>, Failure>>;

/// Turns an answer into tokens and writes them down, in one piece of work that is finished.
#[derive(Clone)]
pub(super) struct Keeper {
    order: LoginOrder,
    services: Arc<Services>,
    /// Somebody was first: an attempt makes one credential.
    taken: Arc<AtomicBool>,
    /// Whether anybody still waits for the attempt.
    attended: Arc<AtomicBool>,
}

impl Keeper {
    pub(super) fn new(order: LoginOrder, services: Arc<Services>) -> Self {
        Self { order, services, taken: Arc::default(), attended: Arc::new(true.into()) }
    }

    /// Nobody waits for the attempt any more.
    pub(super) fn left_alone(&self) {
        self.attended.store(false, Ordering::SeqCst);
    }

    /// Asks for tokens, or hears that there are none yet, and keeps them.
    pub(super) fn keep<A: Send + 'static>(
        &self,
        method: Method,
        ask: impl Future<Output = Result<Result<Tokens, A>, Error>> + Send + 'static,
    ) -> Kept<A> {
        let keeper = self.clone();
        self.services.kept.run(async move {
            match ask.await.map_err(Failure::Way)? {
                Ok(tokens) => keeper.write(method, tokens).await.map(Ok).map_err(Failure::Kept),
                Err(not_yet) => Ok(Err(not_yet)),
            }
        })
    }

    async fn write(self, method: Method, tokens: Tokens) -> Result<SignedIn, Trouble> {
        if self.taken.swap(true, Ordering::SeqCst) {
            return Err(Trouble::new("interrupted", "Another way was quicker"));
        }
        let (provider, label) = (self.order.provider, self.order.wish.label.clone());
        let signed_in = change::keep_sign_in(provider, label, method, tokens, self.services.clone()).await;
        if !self.attended.load(Ordering::SeqCst) {
            self.services.say(match &signed_in {
                Ok(signed_in) => format!("Signed in as {} after all: it had gone through already", signed_in.label),
                Err(trouble) => trouble.message.clone(),
            });
        }
        signed_in
    }
}
