//! Renewing a token. A refresh token of xAI can be used once: whoever spends it holds the lock of `auth.json`, has made room for its
//! successor on the disk, and goes on until that is written, whoever has stopped waiting meanwhile.

use super::{Refused, apart, auth_file, file_trouble, has_time, lock, lock_saying, rescue, same, signed_out};
use crate::{
    domain::{
        account::{Credential, span},
        catalog::Provider,
        trouble::{Exit, Trouble},
    },
    oauth::{
        self,
        discovery::{self, Endpoints},
        error::Error,
        token,
    },
    services::{Services, Setback, now, tasks::Flight},
    storage::{
        auth_file::{self as file, Locked},
        credentials::Store,
        rescued::Gain,
    },
};
use futures_util::FutureExt;
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use url::Url;

/// Pauses between the attempts of a renewal that was refused in passing.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// Why a renewal gave no token.
enum Failure {
    OAuth(Error),
    File(Trouble),
    /// The program is about to end, and nothing was spent.
    Closing,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::OAuth(error)
    }
}

/// Another token for a credential whose token is old: one that another program got meanwhile, else one from the server. Whoever asks
/// while it is under way waits for the same; it goes on when nobody waits.
pub(super) fn begin(provider: &'static Provider, services: &Arc<Services>, old: &Credential) -> Flight<Result<Credential, Trouble>> {
    services.renewals.join(&name(provider, old), &services.kept, || renew(provider, services.clone(), old.clone()).boxed())
}

fn name(provider: &Provider, credential: &Credential) -> String {
    format!("{}/{}", provider.id, if credential.is_mirror() { "own" } else { &credential.id })
}

async fn renew(provider: &'static Provider, services: Arc<Services>, old: Credential) -> Result<Credential, Trouble> {
    let apart = match &services.program {
        Some(program) => apart::renew(program, provider, &services, &old).await,
        None => None,
    };
    let renewed = match apart {
        Some(renewed) => renewed,
        None => here(provider, &services, &old, || {}).await,
    };
    let Refused { trouble, is_final } = match renewed {
        Ok(new) => return Ok(new),
        Err(refused) => refused,
    };
    if !has_time(&old) {
        return Err(trouble);
    }
    // as long as the token lives its failure stops nothing
    if is_final || trouble.code == "file_unwritable" {
        services.say(format!("{}; the present token still works for {}", trouble.message, span(old.expires_at.unwrap_or(0) - now())));
    }
    let setback = Setback { access: old.access.clone(), trouble, is_final };
    services.setbacks.lock().unwrap_or_else(PoisonError::into_inner).insert(name(provider, &old), setback);
    Ok(old)
}

/// Renews it in this process. `sending` is told when it must not be cut off any more.
pub async fn here(
    provider: &'static Provider,
    services: &Arc<Services>,
    old: &Credential,
    sending: impl Fn(),
) -> Result<Credential, Refused> {
    let mut pauses = PAUSES.iter();
    let failure = loop {
        let failure = match attempt(provider, services, old, &sending).await {
            Ok(new) => {
                tracing::info!(provider = provider.id, credential = old.id, "the token was renewed");
                return Ok(new);
            }
            Err(failure) => failure,
        };
        let Failure::OAuth(error) = &failure else { break failure };
        match pauses.next() {
            Some(pause) if error.may_be_repeated() && !services.kept.is_closing() => {
                tokio::select! {
                    () = tokio::time::sleep(*pause) => {}
                    () = services.kept.closing() => break Failure::Closing,
                }
            }
            _ => break failure,
        }
    };
    let refused = match failure {
        Failure::OAuth(error) => Refused { is_final: error.is_final(), trouble: error.into() },
        Failure::File(trouble) => Refused { trouble, is_final: false },
        Failure::Closing => Refused::closing(),
    };
    tracing::warn!(provider = provider.id, credential = old.id, code = refused.trouble.code, "not renewed: {}", refused.trouble.message);
    Err(refused)
}

/// Why the last renewal of this very token failed.
fn setback(provider: &Provider, services: &Services, credential: &Credential) -> Option<Setback> {
    let setbacks = services.setbacks.lock().unwrap_or_else(PoisonError::into_inner);
    setbacks.get(&name(provider, credential)).filter(|s| s.access == credential.access).cloned()
}

/// Whether trying to renew this token may lead to anything.
pub(super) fn is_of_use(provider: &Provider, services: &Services, credential: &Credential) -> bool {
    credential.refresh.is_some() && !setback(provider, services, credential).is_some_and(|s| s.is_final)
}

/// The service refuses a token that could not be renewed: why, and the credential is marked where that is final.
pub(super) async fn gave_up(provider: &Provider, services: &Services, credential: &Credential) -> Trouble {
    let Some(setback) = setback(provider, services, credential) else { return signed_out(provider, services) };
    if setback.trouble.exit == Exit::SignIn
        && let Ok(locked) = lock(&auth_file(services), services).await
        && let Ok(mut store) = locked.read()
    {
        store.seed(provider.id);
        store.grant_is_gone(provider.id, credential, &setback.trouble.message);
        // what can't be written now is found out again next time
        let _ = locked.write(&mut store);
    }
    setback.trouble
}

async fn attempt(
    provider: &'static Provider,
    services: &Arc<Services>,
    old: &Credential,
    sending: &impl Fn(),
) -> Result<Credential, Failure> {
    let file = auth_file(services);
    let unusable = |e: file::Error| Failure::File(file_trouble(&file, &e));
    // everything that may take its time and spends nothing comes before the lock
    let store = file.read().map_err(unusable)?;
    if let Some(newer) = newer(&store, provider, old) {
        return Ok(newer);
    }
    let endpoint = tokio::select! {
        endpoint = token_endpoint(provider, services, &store, old) => endpoint?,
        () = services.kept.closing() => return Err(Failure::Closing),
    };
    let client = services.clients.for_sign_in(&endpoint).map_err(Error::RefreshNotSent)?;
    let locked = tokio::select! {
        locked = lock_saying(&file, services, "Another program is renewing the sign-in") => locked.map_err(unusable)?,
        () = services.kept.closing() => return Err(Failure::Closing),
    };
    let mut store = locked.read().map_err(unusable)?;
    store.seed(provider.id);
    let Some(current) = same(&store, provider, old) else { return Err(Failure::File(signed_out(provider, services))) };
    // another program was first; a token that lives shortly is as good as it gets
    if current.access != old.access && counts_now(&current) {
        return Ok(current);
    }
    let Some(refresh) = &current.refresh else {
        return Err(Error::RefreshImpossible.into());
    };
    services.secrets.learn(refresh);
    let room = locked.make_room(&store).map_err(unusable)?;
    if services.kept.is_closing() {
        return Err(Failure::Closing);
    }
    sending();
    match token::refresh(&client, &endpoint, refresh).await {
        Ok(new) => {
            services.secrets.learn(&new.access);
            new.refresh.iter().for_each(|refresh| services.secrets.learn(refresh));
            let gain = Gain::renewal(provider.id, refresh, &new.access, new.refresh.as_ref(), &new.rest);
            gain.put_into(&mut store);
            if let Err(error) = room.write(&mut store) {
                rescue(&file, services, gain, &file_trouble(&file, &error).message);
            }
            same(&store, provider, &current).ok_or_else(|| Failure::File(signed_out(provider, services)))
        }
        Err(error) => {
            drop(room);
            if matches!(error, Error::RefreshNotSent(_)) {
                forget(services);
            }
            // the grant is gone; as long as its last token works nobody has to sign in anew
            if error.needs_sign_in() && !has_time(&current) { ended(provider, &locked, &current, error) } else { Err(error.into()) }
        }
    }
}

/// The same credential with a token that another program got, when the file has one.
fn newer(store: &Store, provider: &Provider, old: &Credential) -> Option<Credential> {
    same(store, provider, old).filter(|current| current.access != old.access && counts_now(current))
}

/// A token lives, or came a moment ago: then it counts whatever it says of its end, for our clock may be wrong.
fn counts_now(credential: &Credential) -> bool {
    credential.lives(now()) || credential.is_new(now())
}

/// The grant is gone, unless a program that knows no lock got another token meanwhile.
fn ended(provider: &Provider, locked: &Locked, current: &Credential, error: Error) -> Result<Credential, Failure> {
    let Ok(mut store) = locked.read() else { return Err(error.into()) };
    store.seed(provider.id);
    if let Some(newer) = newer(&store, provider, current) {
        return Ok(newer);
    }
    let reason = match &error {
        Error::RefreshFailed(_, reason) => reason.clone(),
        other => other.to_string(),
    };
    store.grant_is_gone(provider.id, current, &reason);
    // what can't be written now is found out again next time
    let _ = locked.write(&mut store);
    Err(error.into())
}

/// Where tokens are renewed: as the file remembers it for the provider's own entry, else as the server says.
async fn token_endpoint(provider: &Provider, services: &Services, store: &Store, credential: &Credential) -> Result<Url, Error> {
    let known = store.token_endpoint(provider.id).filter(|_| credential.is_mirror()).and_then(|e| Url::parse(e).ok());
    let issuer = Url::parse(issuer(services)).ok();
    match known.filter(|e| issuer.as_ref().is_some_and(|i| discovery::check(e, i).is_ok())) {
        Some(known) => Ok(known),
        None => endpoints(services).await.map(|endpoints| endpoints.token),
    }
}

/// What the sign-in server says of itself; asked once, and again after it could not be reached.
pub async fn endpoints(services: &Services) -> Result<Endpoints, Error> {
    let issuer = issuer(services);
    let remembered = {
        let all = services.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|(name, _)| name == issuer).map(|(_, endpoints)| endpoints.clone())
    };
    if let Some(endpoints) = remembered {
        return Ok(endpoints);
    }
    let endpoints = discovery::discover(issuer, &services.clients, token::PATIENCE).await?;
    services.issuers.lock().unwrap_or_else(PoisonError::into_inner).push((issuer.to_string(), endpoints.clone()));
    Ok(endpoints)
}

/// The server may have moved: it is asked again next time.
fn forget(services: &Services) {
    services.issuers.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Where people sign in.
fn issuer(services: &Services) -> &str {
    services.environment.get("XAI_OAUTH_ISSUER").unwrap_or(oauth::ISSUER)
}
