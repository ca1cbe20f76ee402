//! Which credential a request goes out with, fresh when it goes. Refreshes hold the lock of `auth.json`, so that any number of
//! programs that share it make one request (`spec/auth.md` 6.3 and 8.1).

use crate::{
    domain::{
        account::{Credential, Kind},
        catalog::{Login, Provider},
        foreign::tame_line,
        secret::Secret,
        trouble::{Exit, Trouble},
    },
    effects::services::Services,
    oauth::{
        self, discovery,
        error::Error,
        token::{self, Refreshed},
    },
    providers::{self, Connection},
    settings::paths::shown,
    storage::{
        auth_file::{self, AuthFile, Locked},
        credentials::Store,
    },
};
use std::{sync::PoisonError, time::Duration};
use url::Url;

/// Pauses between the attempts of a refresh that fails in passing.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// The file of credentials of this home.
pub fn auth_file(services: &Services) -> AuthFile {
    AuthFile::new(services.paths.auth(), services.paths.auth_copy())
}

/// Where a provider is reached, with a key or a token that counts now; and the credential, when it came from the file.
pub async fn connection(provider: &Provider, services: &Services) -> Result<(Connection, Option<Credential>), Trouble> {
    match provider.login {
        Login::None => Ok((providers::connection(provider, &services.environment, configured(provider, services).as_deref(), None)?, None)),
        Login::OptionalKey { variable } => with_key(provider, services, &[variable]).await,
        Login::Key { variables } => with_key(provider, services, variables).await,
        Login::OAuth => {
            let credential = pick(provider, services).await?.ok_or_else(|| signed_out(provider, services))?;
            let credential = match credential.is_expiring(now()) {
                true => refresh(provider, services, &credential).await.map_err(Failure::trouble)?,
                false => credential,
            };
            Ok((with_token(provider, services, &credential)?, Some(credential)))
        }
    }
}

/// After a refusal of this credential: another token for it, from the file or from the server.
pub async fn renewed(provider: &Provider, services: &Services, stale: &Credential) -> Result<(Connection, Credential), Trouble> {
    let credential = refresh(provider, services, stale).await.map_err(Failure::trouble)?;
    Ok((with_token(provider, services, &credential)?, credential))
}

/// Marks a credential that the service refused for good, so that the next one is used from now on. True when there is another.
pub async fn rotate(provider: &Provider, services: &Services, spent: &Credential, status: u16, reason: &str) -> bool {
    let file = auth_file(services);
    let Ok(locked) = file.lock().await else { return false };
    let Ok(mut store) = locked.read() else { return false };
    let others = store.credentials(provider.id, now()).iter().any(|c| c.id != spent.id && c.is_usable(now()));
    store.exhausted(provider.id, &spent.id, status, reason, "", None);
    locked.write(&mut store).is_ok() && others
}

/// A key of the environment, else one that is stored.
async fn with_key(provider: &Provider, services: &Services, variables: &[&str]) -> Result<(Connection, Option<Credential>), Trouble> {
    let from_file = match services.environment.first(variables) {
        Some(_) => None,
        None => pick(provider, services).await?,
    };
    let stored = from_file.as_ref().map(|c| c.access.clone());
    Ok((providers::connection(provider, &services.environment, configured(provider, services).as_deref(), stored)?, from_file))
}

/// The address that was typed since the start, else that of the configuration when it is about this provider.
pub fn configured(provider: &Provider, services: &Services) -> Option<String> {
    let typed = services.addresses.lock().unwrap_or_else(PoisonError::into_inner).get(provider.id).cloned();
    let config = &services.config;
    let named = config.provider.as_deref().and_then(|p| providers::named(p).ok());
    typed.or_else(|| config.base_url.clone().filter(|_| named.is_some_and(|p| p.id == provider.id)))
}

fn with_token(provider: &Provider, services: &Services, credential: &Credential) -> Result<Connection, Trouble> {
    // the address that every row is given says nothing of its own
    let row = credential.base_url.as_deref().filter(|a| a.trim_end_matches('/') != provider.address);
    let address = providers::oauth_address(
        provider,
        &services.environment,
        [row, configured(provider, services).as_deref()],
        &services.config.trusted_hosts,
    )?;
    Ok(Connection { address, key: Some(credential.access.clone()) })
}

/// The credential whose turn it is, by the strategy of the configuration.
async fn pick(provider: &Provider, services: &Services) -> Result<Option<Credential>, Trouble> {
    let file = auth_file(services);
    let store = file.read().map_err(|e| file_trouble(&file, &e))?;
    let mut usable = store.credentials(provider.id, now());
    usable.retain(|c| c.is_usable(now()));
    if usable.is_empty() {
        return Ok(None);
    }
    let strategy = services.config.strategies.get(provider.id).map_or("fill_first", String::as_str);
    let at = match strategy {
        "random" => fastrand::usize(..usable.len()),
        "least_used" => (0..usable.len()).min_by_key(|n| store.uses(provider.id, &usable[*n].id)).unwrap_or(0),
        _ => 0,
    };
    let chosen = usable.swap_remove(at);
    if matches!(strategy, "round_robin" | "least_used") {
        // whose turn it is next is written down; where that fails it is simply this one's again
        if let Ok(locked) = file.lock().await
            && let Ok(mut store) = locked.read()
        {
            store.used(provider.id, &chosen.id, strategy == "round_robin");
            let _ = locked.write(&mut store);
        }
    }
    Ok(Some(chosen))
}

/// Why a refresh gave no token.
enum Failure {
    OAuth(Error),
    File(Trouble),
}

impl Failure {
    fn trouble(self) -> Trouble {
        match self {
            Failure::OAuth(error) => error.into(),
            Failure::File(trouble) => trouble,
        }
    }
}

/// Another token for a credential whose token is old: one that another program got meanwhile, else one from the server.
async fn refresh(provider: &Provider, services: &Services, old: &Credential) -> Result<Credential, Failure> {
    let file = auth_file(services);
    let unusable = |e: auth_file::Error| Failure::File(file_trouble(&file, &e));
    let locked = file.lock().await.map_err(unusable)?;
    let mut store = locked.read().map_err(unusable)?;
    store.seed(provider.id);
    let Some(current) = same(&store, provider, old) else { return Err(Failure::File(signed_out(provider, services))) };
    // another program was first; a token that lives shortly is as good as it gets
    if current.access != old.access && current.lives(now()) {
        return Ok(current);
    }
    match ask(provider, services, &store, &current).await {
        Ok(new) => {
            let refresh = new.refresh.as_ref().map(Secret::reveal);
            store.refreshed(provider.id, &current.id, new.access.reveal(), refresh, &new.rest);
            locked.write(&mut store).map_err(unusable)?;
            same(&store, provider, &current).ok_or_else(|| Failure::File(signed_out(provider, services)))
        }
        Err(error) if error.needs_sign_in() => ended(provider, &locked, &current, error),
        // the token still counts for a while
        Err(error) if error.is_passing() && current.expires_at.is_some_and(|at| at > now()) => Ok(current),
        Err(error) => Err(Failure::OAuth(error)),
    }
}

/// The grant is gone, unless a program that knows no lock got another token meanwhile.
fn ended(provider: &Provider, locked: &Locked, current: &Credential, error: Error) -> Result<Credential, Failure> {
    let Ok(mut store) = locked.read() else { return Err(Failure::OAuth(error)) };
    store.seed(provider.id);
    if let Some(newer) = same(&store, provider, current).filter(|c| c.access != current.access && c.lives(now())) {
        return Ok(newer);
    }
    let reason = match &error {
        Error::RefreshFailed(_, reason) => reason.clone(),
        other => other.to_string(),
    };
    store.grant_is_gone(provider.id, current, &reason);
    // what can't be written now is found out again next time
    let _ = locked.write(&mut store);
    Err(Failure::OAuth(error))
}

/// The same credential in what the file holds now. Mirrors are the same whatever their rows are called.
fn same(store: &Store, provider: &Provider, credential: &Credential) -> Option<Credential> {
    let mut rows = store.credentials(provider.id, now());
    let at =
        rows.iter().position(|c| c.id == credential.id).or_else(|| rows.iter().position(|c| c.is_mirror() && credential.is_mirror()))?;
    Some(rows.swap_remove(at))
}

async fn ask(provider: &Provider, services: &Services, store: &Store, credential: &Credential) -> Result<Refreshed, Error> {
    let refresh = credential.refresh.as_ref().ok_or_else(|| Error::RefreshFailed(400, "there is no refresh token".into()))?;
    let issuer = issuer(services);
    let known = store.token_endpoint(provider.id).filter(|_| credential.is_mirror()).and_then(|e| Url::parse(e).ok());
    let known = known.filter(|e| Url::parse(issuer).is_ok_and(|i| discovery::check(e, &i).is_ok()));
    let mut pauses = PAUSES.iter();
    loop {
        let answer = async {
            let endpoint = match &known {
                Some(known) => known.clone(),
                None => {
                    discovery::discover(issuer, &services.clients, token::PATIENCE)
                        .await
                        .map_err(|e| Error::RefreshFailed(0, e.to_string()))?
                        .token
                }
            };
            let client = services.clients.for_address(&endpoint).map_err(|e| Error::RefreshFailed(0, oauth::error::cause(e)))?;
            token::refresh(&client, &endpoint, refresh).await
        };
        match (answer.await, pauses.next()) {
            // a server that answered nothing may have used the token up: it is asked again all the same, for that is the only way
            (Err(error), Some(pause)) if error.is_passing() => tokio::time::sleep(*pause).await,
            (answer, _) => return answer,
        }
    }
}

/// Where people sign in.
pub fn issuer(services: &Services) -> &str {
    services.environment.get("XAI_OAUTH_ISSUER").unwrap_or(oauth::ISSUER)
}

/// Why there is no credential: nobody signed in, or a sign-in that has ended, with the reason that was kept.
fn signed_out(provider: &Provider, services: &Services) -> Trouble {
    let store = auth_file(services).read().unwrap_or_default();
    let dead = store.credentials(provider.id, now()).into_iter().find(|c| !c.is_usable(now()));
    let help = format!("`hermes auth add {}` signs in again", provider.id);
    if let Some((code, message)) = store.last_error(provider.id) {
        let code = if code == "xai_refresh_failed" { "xai_refresh_failed" } else { "xai_auth_missing" };
        return Trouble::new(code, format!("The sign-in at {} has ended: {}", provider.title, tame_line(&message)))
            .help(help)
            .exit(Exit::SignIn);
    }
    match dead.map(|c| (c.label, c.state)) {
        Some((label, crate::domain::account::State::Exhausted { until, reason, .. })) => {
            let wait = crate::domain::account::span(until - now());
            let why = reason.map(|r| format!(" ({})", tame_line(&r))).unwrap_or_default();
            Trouble::new("quota_spent", format!("Every credential of {} rests: `{label}` for {wait}{why}", provider.title))
                .help(format!("wait, or `hermes auth reset {}` tries them again", provider.id))
        }
        Some((label, crate::domain::account::State::Dead { reason })) => {
            let why = reason.map(|r| format!(": {}", tame_line(&r))).unwrap_or_default();
            Trouble::new("xai_refresh_failed", format!("The sign-in of `{}` has ended{why}", tame_line(&label)))
                .help(help)
                .exit(Exit::SignIn)
        }
        _ => providers::not_signed_in(provider),
    }
}

/// What to say of a file of credentials that can't be used.
pub fn file_trouble(file: &AuthFile, error: &auth_file::Error) -> Trouble {
    let path = shown(file.path());
    match error {
        auth_file::Error::Unreadable { owner, .. } => {
            let owner = owner.map(|o| format!(" (it belongs to user {o})")).unwrap_or_default();
            Trouble::new("file_unreadable", format!("{path} is left as it is: {error}{owner}"))
                .help(format!("give it back to yourself: `chown $(id -u) {path} && chmod 600 {path}`"))
        }
        auth_file::Error::Damaged(_) => {
            let copy = file.last_good().map(|c| format!("copy {} over it, or ", shown(c))).unwrap_or_default();
            Trouble::new("file_unreadable", format!("{path} is left as it is: {error}"))
                .help(format!("mend it, {copy}move it away and sign in again"))
        }
        auth_file::Error::Locked(_) => {
            Trouble::new("file_unwritable", format!("{path} can't be changed: {error}")).help("end the other program, then try again")
        }
        auth_file::Error::Unwritable(_) => Trouble::new("file_unwritable", format!("{path} can't be changed: {error}"))
            .help("make room on the disk, and the folder writable"),
    }
}

/// Keeps an API key; gives its number, from 1, and its label.
pub async fn keep_key(provider: &Provider, key: &Secret, label: Option<String>, services: &Services) -> Result<(usize, String), Trouble> {
    let file = auth_file(services);
    let failed = |e| file_trouble(&file, &e);
    let locked = file.lock().await.map_err(failed)?;
    let mut store = locked.read().map_err(failed)?;
    let added = store.add_key(provider.id, key, label, provider.address);
    locked.write(&mut store).map_err(failed)?;
    Ok(added)
}

/// Clears everything that is stored of a provider; false when there was nothing.
pub async fn log_out(provider: &Provider, services: &Services) -> Result<bool, Trouble> {
    let file = auth_file(services);
    let failed = |e| file_trouble(&file, &e);
    let locked = file.lock().await.map_err(failed)?;
    let mut store = locked.read().map_err(failed)?;
    let removed = store.log_out(provider.id);
    if removed {
        locked.write(&mut store).map_err(failed)?;
    }
    Ok(removed)
}

/// Seconds since 1970.
pub fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// Whether there is anything to sign in with: no network, no lock.
pub fn is_signed_in(provider: &Provider, file: &AuthFile) -> bool {
    let usable = |c: &Credential| c.is_usable(now()) && (c.kind == Kind::Key || c.refresh.is_some() || c.lives(now()));
    file.read().is_ok_and(|store| store.credentials(provider.id, now()).iter().any(usable))
}
