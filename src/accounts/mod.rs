//! Which credential a request goes out with: picked by the settings, fresh when it goes, the next one when it is refused. Changes of
//! `auth.json` hold its lock, so that any number of programs that share it make one request (`docs/sign-in.md` 6.3 and 8.1).

pub mod apart;
pub mod caller;
pub mod change;
pub mod plan;
pub mod recovery;
mod renewal;
pub mod standing;

use crate::{
    domain::{
        account::{Credential, State, span},
        catalog::{Login, Provider},
        foreign::tame_line,
        secret::{Secret, is_named_secret},
        trouble::{Exit, Trouble},
    },
    files::read,
    http::hosts,
    providers::{self, Connection},
    services::{Services, Word, now},
    settings::{config::Strategy, paths::shown},
    storage::{
        auth_file::{self, AuthFile, Locked},
        credentials::Store,
        rescued::Gain,
    },
};
use std::{borrow::Cow, path::PathBuf, sync::Arc, time::Duration};

pub use renewal::{endpoints, here as renew_here};

/// A token that lives at least this long is used while its successor is fetched beside it, in seconds.
const ENOUGH: i64 = 20;
/// The mark of an account that gets too many requests.
pub const RATE_LIMITED: &str = "rate_limited";
/// Accounts that are tried one after the other when their sign-ins have ended.
const MOST_ACCOUNTS: usize = 16;

/// Why a token was not renewed, and whether trying again is of no use.
pub struct Refused {
    /// The sentence.
    pub trouble: Trouble,
    /// Only a new sign-in, or another plan, helps.
    pub is_final: bool,
}

impl Refused {
    /// The program is about to end, and has spent nothing.
    fn closing() -> Self {
        Self { trouble: Trouble::new("interrupted", "The program ended before the token was renewed"), is_final: false }
    }
}

/// The same credential in what the file holds now. Mirrors are the same whatever their rows are called.
fn same(store: &Store, provider: &Provider, credential: &Credential) -> Option<Credential> {
    let mut rows = store.credentials(provider.id, now());
    let at =
        rows.iter().position(|c| c.id == credential.id).or_else(|| rows.iter().position(|c| c.is_mirror() && credential.is_mirror()))?;
    Some(rows.swap_remove(at))
}

/// The file of credentials of this home.
pub fn auth_file(services: &Services) -> AuthFile {
    AuthFile::new(services.paths.auth(), services.paths.auth_copy(), services.rescued.clone())
}

/// Takes the lock of the file; a wait of more than a moment is said.
pub async fn lock(file: &AuthFile, services: &Services) -> Result<Locked, auth_file::Error> {
    lock_saying(file, services, &waiting(file)).await
}

async fn lock_saying(file: &AuthFile, services: &Services, why: &str) -> Result<Locked, auth_file::Error> {
    let tell = |seconds| services.tell(Word::Waits { why: why.to_string(), seconds });
    file.lock(tell).await
}

/// What is said while another program holds the lock.
pub fn waiting(file: &AuthFile) -> String {
    format!("Another program is changing {}", shown(file.path()))
}

/// Keeps what a server gave once and `auth.json` did not take, for the reason that is given; tells where it is now.
fn rescue(file: &AuthFile, services: &Services, gain: Gain, reason: &str) -> Option<PathBuf> {
    match file.rescued().write(&gain) {
        Ok(path) => {
            services.say(format!("{reason}; the new tokens are in {} and count all the same", shown(&path)));
            Some(path)
        }
        Err(error) => {
            file.rescued().hold(gain);
            services.say(format!("{reason}; the new tokens could not be written anywhere ({error}) and count until this program ends"));
            None
        }
    }
}

/// Where a provider is reached, with a key or a token that counts now; and the credential, when it came from the file.
pub async fn connection(provider: &'static Provider, services: &Arc<Services>) -> Result<(Connection, Option<Credential>), Trouble> {
    connection_of(provider, services, None).await
}

/// The same, with the credential of that id where it is still there: what was begun with one account is asked for with it.
async fn connection_of(
    provider: &'static Provider,
    services: &Arc<Services>,
    wanted: Option<&str>,
) -> Result<(Connection, Option<Credential>), Trouble> {
    let (connection, credential) = match provider.login {
        Login::None if provider.id == providers::SANDBOX.id => (simulator(services).await?, None),
        Login::None => {
            let address = configured(provider, services);
            (providers::connection(provider, &services.environment, address.as_deref(), written_key(provider, services), None)?, None)
        }
        Login::OptionalKey { variable } => with_key(provider, services, &[variable], wanted).await?,
        Login::Key { variables } => with_key(provider, services, variables, wanted).await?,
        Login::OAuth => {
            let credential = fresh(provider, services, wanted, None).await?;
            (with_token(provider, services, &credential)?, Some(credential))
        }
    };
    if let Some(key) = &connection.key {
        services.secrets.learn(key);
    }
    Ok((connection, credential))
}

/// Where the simulator is reached; it is started when it is first needed.
async fn simulator(services: &Services) -> Result<Connection, Trouble> {
    let started = (services.sandbox)().await.map_err(|e| e.to_string());
    let address = started.and_then(|address| hosts::base_address(&address).map_err(|e| e.to_string()));
    address.map(|address| Connection { address, key: Some(Secret::new("sandbox")) }).map_err(|cause| {
        Trouble::new("unreachable", "The sandbox could not start").help("check that programs may listen on 127.0.0.1").raw(cause)
    })
}

/// Whether a token lives long enough for a request.
fn has_time(credential: &Credential) -> bool {
    credential.expires_at.is_some_and(|at| at > now().saturating_add(ENOUGH))
}

/// A credential whose token counts now. Where a sign-in has ended, that of `ended` for one, the next account goes on, which is said.
async fn fresh(
    provider: &'static Provider,
    services: &Arc<Services>,
    wanted: Option<&str>,
    mut ended: Option<(Credential, Trouble)>,
) -> Result<Credential, Trouble> {
    for _ in 0..MOST_ACCOUNTS {
        let credential = match (pick(provider, services, wanted).await?, ended.take()) {
            (Some(credential), Some((before, trouble))) if credential.id == before.id => return Err(trouble),
            (Some(credential), before) => {
                if let Some((before, _)) = before {
                    let (gone, next) = (tame_line(&before.label), tame_line(&credential.label));
                    services.say(format!("The sign-in of {gone} has ended; {next} goes on"));
                }
                credential
            }
            (None, Some((_, trouble))) => return Err(trouble),
            (None, None) => return Err(signed_out(provider, services)),
        };
        if !credential.is_expiring(now()) {
            return Ok(credential);
        }
        if has_time(&credential) {
            // time enough for a request: whoever is renewing goes on beside it
            if renewal::is_of_use(provider, services, &credential) {
                drop(renewal::begin(provider, services, &credential));
            }
            return Ok(credential);
        }
        match renewal::begin(provider, services, &credential).await.and_then(|renewed| renewed) {
            Err(trouble) if trouble.exit == Exit::SignIn => ended = Some((credential, trouble)),
            renewed => return renewed,
        }
    }
    Err(signed_out(provider, services))
}

/// After a refusal of this credential: another token for it, from the file or from the server.
pub async fn renewed(
    provider: &'static Provider,
    services: &Arc<Services>,
    stale: &Credential,
) -> Result<(Connection, Credential), Trouble> {
    let credential = renewal::begin(provider, services, stale).await.and_then(|renewed| renewed)?;
    if credential.access == stale.access {
        // it lives by its own claim, but the service does not take it any more
        return Err(renewal::gave_up(provider, services, &credential).await);
    }
    Ok((with_token(provider, services, &credential)?, credential))
}

/// The account that goes on after one whose sign-in has ended: for the reason that is given, which is the answer where there is none.
pub async fn after_ended(
    provider: &'static Provider,
    services: &Arc<Services>,
    ended: Credential,
    trouble: Trouble,
) -> Result<(Connection, Credential), Trouble> {
    let credential = fresh(provider, services, None, Some((ended, trouble))).await?;
    Ok((with_token(provider, services, &credential)?, credential))
}

/// Marks a credential that the service refused for good, so that the next one is used from now on. Says who goes on; nothing where
/// there is no other.
pub async fn rotate(
    provider: &Provider,
    services: &Services,
    spent: &Credential,
    status: u16,
    reason: &str,
    rest: Option<Duration>,
) -> bool {
    let file = auth_file(services);
    let Ok(locked) = lock(&file, services).await else { return false };
    let Ok(mut store) = locked.read() else { return false };
    let next = store.credentials(provider.id, now()).into_iter().find(|c| c.id != spent.id && c.counts(now()));
    // the only account of a person is asked again soon: a limit that passes leaves no mark on it
    if next.is_none() && reason == RATE_LIMITED {
        return false;
    }
    let until = rest.map(|rest| now().saturating_add(i64::try_from(rest.as_secs()).unwrap_or(i64::MAX)) as f64);
    store.exhausted(provider.id, &spent.id, status, reason, "", until);
    match (locked.write(&mut store), next) {
        (Ok(()), Some(next)) => {
            tracing::info!(provider = provider.id, status, reason, "the next account goes on");
            let (label, next) = (tame_line(&spent.label), tame_line(&next.label));
            services.say(match reason {
                RATE_LIMITED => format!("{label} gets too many requests and rests; {next} goes on"),
                "auth_failed" => format!("The sign-in of {label} is not accepted any more; {next} goes on"),
                _ => format!("{label} has nothing left; {next} goes on"),
            });
            true
        }
        _ => false,
    }
}

/// A key of the environment, else one that is stored.
async fn with_key(
    provider: &'static Provider,
    services: &Services,
    variables: &[&str],
    wanted: Option<&str>,
) -> Result<(Connection, Option<Credential>), Trouble> {
    let written = written_key(provider, services);
    let mut environment = Cow::Borrowed(&services.environment);
    if environment.first(variables).is_some() {
        // a key that the person removed is still set in the shell, and does not count; a file that can't be read removed nothing
        let store = auth_file(services).read().unwrap_or_default();
        if standing::variable(provider, &store, &environment).is_none() {
            environment = Cow::Owned(services.environment.clone().without(variables));
        }
    }
    let from_file = match environment.first(variables) {
        None if written.is_none() => pick(provider, services, wanted).await?,
        _ => None,
    };
    let stored = from_file.as_ref().map(|c| c.access.clone());
    let address = configured(provider, services);
    Ok((providers::connection(provider, &environment, address.as_deref(), written, stored)?, from_file))
}

/// The headers of the configuration, when it is about this provider.
pub fn wanted_headers(provider: &Provider, services: &Services) -> Vec<(String, Secret)> {
    let config = services.settings.current();
    let named = config.provider.as_deref().and_then(|p| providers::named(p).ok());
    let headers = if named.is_some_and(|p| p.id == provider.id) { config.headers.clone() } else { vec![] };
    headers.iter().filter(|(name, _)| is_named_secret(name)).for_each(|(_, value)| services.secrets.learn(value));
    headers
}

/// The key of the configuration, when it is about this provider, and about no other address than the one that is used: a key goes
/// where the person wrote it down for.
fn written_key(provider: &Provider, services: &Services) -> Option<Secret> {
    let config = services.settings.current();
    let named = config.provider.as_deref().and_then(|p| providers::named(p).ok());
    let elsewhere =
        services.environment.first(provider.address_variables).is_some_and(|(_, address)| config.base_url.as_deref() != Some(address));
    config.key.clone().filter(|_| named.is_some_and(|p| p.id == provider.id) && !elsewhere)
}

/// The address of the configuration, when it is about this provider.
pub fn configured(provider: &Provider, services: &Services) -> Option<String> {
    let config = services.settings.current();
    let named = config.provider.as_deref().and_then(|p| providers::named(p).ok());
    config.base_url.clone().filter(|_| named.is_some_and(|p| p.id == provider.id))
}

fn with_token(provider: &Provider, services: &Services, credential: &Credential) -> Result<Connection, Trouble> {
    // the address that every row is given says nothing of its own
    let row = credential.base_url.as_deref().filter(|a| a.trim_end_matches('/') != provider.address);
    let address = providers::oauth_address(
        provider,
        &services.environment,
        [row, configured(provider, services).as_deref()],
        &services.settings.current().trusted_hosts,
    )?;
    Ok(Connection { address, key: Some(credential.access.clone()) })
}

/// The credential that is wanted, where it is there; else the one whose turn it is, by the strategy of the configuration.
async fn pick(provider: &Provider, services: &Services, wanted: Option<&str>) -> Result<Option<Credential>, Trouble> {
    let file = auth_file(services);
    file.settle();
    let store = file.read().map_err(|e| file_trouble(&file, &e))?;
    let mut able = store.credentials(provider.id, now());
    // also when it rests: nobody else knows of what was begun with it
    if let Some(at) = wanted.and_then(|wanted| able.iter().position(|c| c.id == wanted)) {
        return Ok(Some(able.swap_remove(at)));
    }
    able.retain(|c| c.counts(now()));
    if able.is_empty() {
        return Ok(None);
    }
    let strategy = services.settings.current().strategies.get(provider.id).copied().unwrap_or_default();
    let at = match strategy {
        Strategy::Random => fastrand::usize(..able.len()),
        Strategy::LeastUsed => (0..able.len()).min_by_key(|n| store.uses(provider.id, &able[*n].id)).unwrap_or(0),
        Strategy::FillFirst | Strategy::RoundRobin => 0,
    };
    let chosen = able.swap_remove(at);
    if matches!(strategy, Strategy::RoundRobin | Strategy::LeastUsed) {
        // whose turn it is next is written down; where that fails it is simply this one's again
        if let Ok(locked) = lock(&file, services).await
            && let Ok(mut store) = locked.read()
        {
            match strategy {
                Strategy::RoundRobin => store.used_and_moved(provider.id, &chosen.id),
                _ => store.used(provider.id, &chosen.id),
            }
            let _ = locked.write(&mut store);
        }
    }
    Ok(Some(chosen))
}

/// Why there is no credential: nobody signed in, or a sign-in that has ended, with the reason that was kept.
fn signed_out(provider: &Provider, services: &Services) -> Trouble {
    let store = auth_file(services).read().unwrap_or_default();
    let help = format!("`hermes auth add {}` signs in again", provider.id);
    if let Some((code, message)) = store.last_error(provider.id) {
        let code = if code == "xai_refresh_failed" { "xai_refresh_failed" } else { "xai_auth_missing" };
        return Trouble::new(code, format!("The sign-in at {} has ended: {}", provider.title, tame_line(&message)))
            .help(help)
            .exit(Exit::SignIn);
    }
    let Some(row) = store.credentials(provider.id, now()).into_iter().next() else { return providers::not_signed_in(provider) };
    let label = tame_line(&row.label);
    match row.state {
        State::Exhausted { until, reason, .. } => {
            let wait = span(until.saturating_sub(now()));
            let why = reason.map(|r| format!(" ({})", tame_line(&r))).unwrap_or_default();
            Trouble::new("quota_spent", format!("Every credential of {} rests: `{label}` for {wait}{why}", provider.title))
                .help(format!("wait, or `hermes auth reset {}` tries them again", provider.id))
        }
        State::Dead { reason } => {
            let why = reason.map(|r| format!(": {}", tame_line(&r))).unwrap_or_default();
            Trouble::new("xai_refresh_failed", format!("The sign-in of `{label}` has ended{why}")).help(help).exit(Exit::SignIn)
        }
        State::Ok => Trouble::new(
            "xai_auth_missing_refresh_token",
            format!("The token of `{label}` has ended, and there is nothing to renew it with"),
        )
        .help(help)
        .exit(Exit::SignIn),
    }
}

/// What to say of a file of credentials that can't be used.
pub fn file_trouble(file: &AuthFile, error: &auth_file::Error) -> Trouble {
    let path = shown(file.path());
    match error {
        auth_file::Error::Unreadable { owner, cause } => {
            let of_others = matches!(cause, read::Error::Denied);
            let owner = owner.filter(|_| of_others).map(|o| format!(" (it belongs to user {o})")).unwrap_or_default();
            let help = match cause {
                read::Error::Denied => format!("give it back to yourself: `chown $(id -u) {path} && chmod 600 {path}`"),
                read::Error::Folder => format!("move the folder away: `mv {path} {path}.folder`; a sign-in makes the file"),
                read::Error::NoFile => format!("move it away: `mv {path} {path}.old`; a sign-in makes a file"),
                read::Error::TooLong(_) => {
                    "no file of credentials is as long as that: look into it, or move it away and sign in again".into()
                }
                _ => "check the disk and the folder, then try again".into(),
            };
            Trouble::new("file_unreadable", format!("{path} is left as it is: {error}{owner}")).help(help)
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
