//! How providers stand, from files and variables alone: who is signed in, by what, until when, and why not.

use crate::{
    domain::{
        account::{Credential, Kind, State, span},
        catalog::{Login, Provider, Standing},
        foreign::tame_line,
        secret::Secret,
        trouble::Trouble,
    },
    providers,
    services::{Services, now, tasks::blocking},
    settings::environment::Environment,
    storage::credentials::Store,
};
use std::sync::Arc;

/// What is known of a provider without asking anybody.
pub struct Status {
    /// The provider.
    pub provider: &'static Provider,
    /// Whether it can be asked as far as signing in goes.
    pub signed_in: bool,
    /// `pool:LABEL`, `env:VARIABLE`, or nothing.
    pub source: Option<String>,
    /// What the credential is called.
    pub label: Option<String>,
    /// `api_key`, `oauth_pkce`, `oauth_device_code`.
    pub auth_mode: Option<String>,
    /// When the token ends, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// When it was last renewed, as stored.
    pub last_refresh: Option<String>,
    /// Why nobody is signed in: a code and a sentence.
    pub error: Option<(String, String)>,
}

impl Status {
    /// How it stands, in words: `logged in as me, token renews in 3 h`.
    pub fn words(&self) -> String {
        if self.provider.login == Login::None {
            return "needs no sign-in".into();
        }
        if !self.signed_in {
            let why = self.error.as_ref().map(|(_, message)| format!(" ({})", tame_line(message))).unwrap_or_default();
            return format!("logged out{why}");
        }
        let who = match (&self.label, &self.source) {
            (Some(label), _) => format!(" as {}", tame_line(label)),
            (None, Some(source)) => format!(" with {source}"),
            (None, None) => String::new(),
        };
        let until = match self.expires_at {
            Some(at) if at > now() => format!(", token renews in {}", span(at - now())),
            Some(_) => ", token renews with the next request".into(),
            None => String::new(),
        };
        format!("logged in{who}{until}")
    }
}

/// Whether anything that is stored signs somebody in: no network, no lock. One that only rests does.
pub fn is_signed_in(provider: &Provider, store: &Store) -> bool {
    let rows = store.credentials(provider.id, now());
    active(&rows).is_some() || rows.iter().any(|row| row.only_rests(now()))
}

/// The variable whose key counts for a provider, with that key: one that is set, and that the person did not remove.
pub fn variable<'a>(provider: &Provider, store: &Store, environment: &'a Environment) -> Option<(&'static str, &'a str)> {
    let found = match provider.login {
        Login::Key { variables } => environment.first(variables),
        Login::OptionalKey { variable } => environment.first(&[variable]),
        Login::None | Login::OAuth => None,
    };
    found.filter(|(name, _)| !store.is_removed(provider.id, &source(name)))
}

/// The source of a key of the environment, as rows have it.
pub fn source(variable: &str) -> String {
    format!("env:{variable}")
}

/// The credentials of a provider, one of the environment first: it wins. That has the source for its id, and no number of its own in
/// the file.
pub fn rows(provider: &str, store: &Store, environment: &Environment) -> Vec<Credential> {
    let mut rows = store.credentials(provider, now());
    let known = providers::named(provider).ok().filter(|known| known.id == provider);
    if let Some((name, key)) = known.and_then(|known| variable(known, store, environment)) {
        rows.retain(|row| row.source != source(name));
        let row = Credential {
            id: source(name),
            label: name.to_string(),
            kind: Kind::Key,
            source: source(name),
            access: Secret::new(key),
            refresh: None,
            base_url: None,
            expires_at: None,
            last_refresh: None,
            state: State::Ok,
        };
        rows.insert(0, row);
    }
    rows
}

/// The row that a request would go out with now.
pub fn active(rows: &[Credential]) -> Option<usize> {
    rows.iter().position(|row| row.counts(now()))
}

/// How one provider stands.
pub fn status(provider: &'static Provider, store: &Store, environment: &Environment) -> Status {
    let mut status = Status {
        provider,
        signed_in: provider.login == Login::None,
        source: None,
        label: None,
        auth_mode: None,
        expires_at: None,
        last_refresh: None,
        error: None,
    };
    if let Some((variable, _)) = variable(provider, store, environment) {
        (status.signed_in, status.source) = (true, Some(format!("env:{variable}")));
        return status;
    }
    let rows = store.credentials(provider.id, now());
    let at = active(&rows).or_else(|| rows.iter().position(|row| row.only_rests(now())));
    if let Some(row) = at.map(|n| &rows[n]).or(rows.first()) {
        status.signed_in = at.is_some();
        of_row(&mut status, row);
    } else if provider.login == Login::OAuth {
        let (mode, refreshed) = store.own_facts(provider.id);
        (status.auth_mode, status.last_refresh) = (mode.map(str::to_string), refreshed.map(str::to_string));
        let missing = || ("xai_auth_missing".to_string(), "nobody is signed in".to_string());
        status.error = Some(store.last_error(provider.id).unwrap_or_else(missing));
    } else if provider.login != Login::None {
        status.error = Some(("key_missing".into(), "there is no key".into()));
    }
    status
}

fn of_row(status: &mut Status, row: &Credential) {
    status.source = Some(format!("pool:{}", row.label));
    status.label = Some(row.label.clone());
    status.expires_at = row.expires_at;
    status.last_refresh = row.last_refresh.clone();
    status.auth_mode = match (row.kind, row.source.as_str()) {
        (Kind::Key, _) => Some("api_key".into()),
        (_, source) if source.contains("device") => Some("oauth_device_code".into()),
        _ => Some("oauth_pkce".into()),
    };
    if status.signed_in && row.state == State::Ok {
        return;
    }
    let words = |reason: &Option<String>| reason.clone().unwrap_or_else(|| "it can't be used now".into());
    status.error = match &row.state {
        State::Dead { reason } => Some(("xai_refresh_failed".into(), words(reason))),
        State::Exhausted { reason, code, until } => {
            let code = if *code == Some(429) { "rate_limited" } else { "quota_spent" };
            let why = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            Some((code.into(), format!("it rests for {}{why}", span(until.saturating_sub(now())))))
        }
        State::Ok => Some(("xai_auth_missing_refresh_token".into(), "the token has ended and can't be renewed".into())),
    };
}

/// How every provider stands of which files and variables can tell; servers of this machine have to be asked. Reads the file of
/// credentials off the loop.
pub async fn all(services: &Arc<Services>) -> Result<Vec<(&'static str, Standing)>, Trouble> {
    let services = services.clone();
    blocking(move || read(&services)).await
}

fn read(services: &Services) -> Vec<(&'static str, Standing)> {
    let store = super::auth_file(services).read().unwrap_or_default();
    let standing = |provider: &'static Provider| {
        let status = status(provider, &store, &services.environment);
        let standing = match (&provider.login, status.signed_in) {
            (Login::OAuth, true) => Standing::SignedIn(status.label.unwrap_or_default()),
            (Login::OAuth, false) => Standing::NeedsSignIn,
            (Login::Key { .. }, true) => Standing::KeyFound,
            (Login::Key { .. }, false) => Standing::NeedsKey,
            (Login::OptionalKey { .. }, _) if !has_address(provider, services) => Standing::NeedsAddress,
            (Login::None, _) if provider.local => return None,
            (Login::OptionalKey { .. } | Login::None, _) => Standing::Ready,
        };
        Some((provider.id, standing))
    };
    providers::REGISTRY.iter().copied().filter_map(standing).collect()
}

/// Whether the person said where a provider is.
fn has_address(provider: &Provider, services: &Services) -> bool {
    services.environment.first(provider.address_variables).is_some() || super::configured(provider, services).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_says_who_is_signed_in() {
        let rows = |row: &str| Store::parse(format!(r#"{{"credential_pool":{{"xai-oauth":[{row}]}}}}"#).as_bytes()).unwrap();
        let far = r#""id":"a","auth_type":"oauth","expires_in":100000000,"last_refresh":"2026-01-01T00:00:00Z""#;
        for (row, want) in [
            // a live token without a refresh token
            (format!(r#"{{{far},"access_token":"opaque"}}"#), true),
            (r#"{"id":"a","auth_type":"oauth","access_token":"opaque","expires_in":1,"last_refresh":"2026-01-01T00:00:00Z"}"#.into(), false),
            (
                r#"{"id":"a","auth_type":"oauth","access_token":"opaque","refresh_token":"r","expires_in":1,"last_refresh":"2026-01-01T00:00:00Z"}"#
                    .into(),
                true,
            ),
            (format!(r#"{{{far},"access_token":"opaque","last_status":"dead"}}"#), false),
        ] {
            let store = rows(&row);
            let status = status(providers::XAI_OAUTH, &store, &Environment::default());
            assert_eq!((status.signed_in, is_signed_in(providers::XAI_OAUTH, &store)), (want, want), "{row}");
            assert_eq!(status.error.is_none(), want);
        }
    }
}
