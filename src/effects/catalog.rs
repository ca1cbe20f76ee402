//! Which models a provider has, and how providers stand: from the disk at once, then from the catalog's server and from the
//! provider itself (`spec/models.md` 2 to 4).

use crate::{
    domain::{
        account::Kind,
        catalog::{self, Login, Model, ModelList, Provider, Source, Standing},
    },
    effects::{
        credentials::{self, auth_file, now},
        services::Services,
    },
    providers,
    storage::catalog_cache,
};
use std::time::{Duration, SystemTime};
use url::Url;

/// Where the catalog is, unless `HERMES_MODELS_DEV_URL` names another place.
const CATALOG: &str = "https://models.dev/api.json";
const CATALOG_PATIENCE: Duration = Duration::from_secs(15);
/// A provider's own list is waited for so long.
const LIVE_PATIENCE: Duration = Duration::from_secs(5);
/// A server of this machine that runs has answered by then.
const PROBE: Duration = Duration::from_millis(400);
/// Answers are not longer than this.
const LARGEST: usize = 64 << 20;

/// What is known of a provider's models without asking anybody, and whether the catalog is damaged.
pub fn on_disk(provider: &'static Provider, services: &Services) -> (ModelList, Option<String>) {
    let (cached, damage) = match provider.catalog {
        "" => (None, None),
        name => match catalog_cache::read(&services.paths.catalog(), name) {
            Ok(cached) => (cached.filter(|c| !c.models.is_empty()), None),
            Err(damage) => (None, Some(damage)),
        },
    };
    let (source, fetched_at, found) = match cached {
        Some(cached) => (Source::Cache, Some(cached.written), cached.models),
        None => (Source::BuiltIn, None, vec![]),
    };
    (ModelList { provider: provider.id, models: catalog::merged(provider.catalog, found), source, fetched_at }, damage)
}

/// Whether the catalog's server is asked about a provider: not for the simulator, which works without any network.
pub fn is_listed(provider: &Provider) -> bool {
    !provider.catalog.is_empty() && provider.id != providers::SANDBOX.id
}

/// Fetches the catalog when it is old, or when `anew` says so. True when there is another one now. Failures change nothing.
pub async fn refresh(services: &Services, anew: bool) -> bool {
    let path = services.paths.catalog();
    if !anew && catalog_cache::is_fresh(&path) {
        return false;
    }
    let address = services.environment.get("HERMES_MODELS_DEV_URL").unwrap_or(CATALOG);
    let Ok(address) = crate::http::hosts::base_address(address) else { return false };
    let Ok(client) = services.clients.for_address(&address) else { return false };
    let mut request = client.get(address).header("accept", "application/json").timeout(CATALOG_PATIENCE);
    // a file that can't be read is asked for whole
    if let Some(written) = catalog_cache::written(&path).filter(|_| catalog_cache::read(&path, "").is_ok()) {
        request = request.header("if-modified-since", http_date(written));
    }
    let Ok(answer) = request.send().await else { return false };
    match answer.status().as_u16() {
        304 => {
            // as good as new; where that can't be noted it is asked for again next time
            let _ = catalog_cache::touch(&path);
            false
        }
        200 => match body(answer).await {
            Some(bytes) => catalog_cache::write(&path, &bytes).is_ok(),
            None => false,
        },
        _ => false,
    }
}

/// A list whose ids come from the provider itself, with what is known of them from elsewhere.
pub async fn live(provider: &'static Provider, services: &Services, known: &ModelList) -> Option<ModelList> {
    let (address, key) = if provider.id == providers::SANDBOX.id {
        (Url::parse(&(services.sandbox)().await.ok()?).ok()?, None)
    } else {
        let (connection, _) = credentials::connection(provider, services).await.ok()?;
        (connection.address, connection.key)
    };
    let patience = if provider.local { PROBE } else { LIVE_PATIENCE };
    let client = services.clients.for_address(&address).ok()?;
    let mut request = client.get(format!("{}/models", address.as_str().trim_end_matches('/'))).timeout(patience);
    if let Some(key) = key {
        request = request.bearer_auth(key.reveal());
    }
    let answer = request.send().await.ok().filter(|a| a.status().is_success())?;
    let ids = catalog_cache::live_ids(&body(answer).await?).ok()?;
    if ids.is_empty() {
        return None;
    }
    let describe = |id: String| match known.models.iter().find(|m| m.id == id) {
        Some(model) => model.clone(),
        None => {
            let family = catalog::model(&id).cloned().unwrap_or(Model { tools: true, ..Model::default() });
            // what a family costs, and since when, says nothing of one member
            let (price, released) = if family.prefix { (None, String::new()) } else { (family.price, family.released.clone()) };
            Model { id, prefix: false, provider: None, released, price, ..family }
        }
    };
    // the order of the catalog says more than that of most servers
    let rank = |model: &Model| known.models.iter().position(|m| m.id == model.id).unwrap_or(usize::MAX);
    let mut models: Vec<Model> = ids.into_iter().map(describe).collect();
    models.sort_by_key(rank);
    Some(ModelList {
        provider: provider.id,
        models: catalog::merged(provider.catalog, models),
        source: Source::Live,
        fetched_at: Some(now()),
    })
}

async fn body(mut answer: reqwest::Response) -> Option<Vec<u8>> {
    let mut bytes = vec![];
    while let Some(chunk) = answer.chunk().await.ok()? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST {
            return None;
        }
    }
    Some(bytes)
}

/// How every provider stands, from files and variables alone.
pub fn standings(services: &Services) -> Vec<(&'static str, Standing)> {
    let store = auth_file(services).read().unwrap_or_default();
    let of = |provider: &&'static Provider| {
        let row =
            store.credentials(provider.id, now()).into_iter().find(|c| c.is_usable(now()) && (c.kind == Kind::Key || c.refresh.is_some()));
        let standing = match (&provider.login, row) {
            (Login::OAuth, Some(row)) => Standing::SignedIn(row.label),
            (Login::OAuth, None) => Standing::NeedsSignIn,
            (Login::Key { variables }, None) if services.environment.first(variables).is_none() => Standing::NeedsKey,
            (Login::Key { .. }, _) => Standing::KeyFound,
            (Login::None, _) if !provider.local => Standing::Ready,
            (Login::OptionalKey { .. }, _) if !has_address(provider, services) => Standing::NeedsAddress,
            (Login::OptionalKey { .. }, _) => Standing::Ready,
            (Login::None, _) => Standing::NotRunning,
        };
        (provider.id, standing)
    };
    providers::REGISTRY.iter().map(of).collect()
}

/// Whether the person said where a provider is.
fn has_address(provider: &Provider, services: &Services) -> bool {
    services.environment.first(provider.address_variables).is_some() || credentials::configured(provider, services).is_some()
}

/// Servers of this machine that answer now.
pub async fn running(services: &Services) -> Vec<(&'static str, Standing)> {
    let probes = providers::REGISTRY.iter().filter(|p| p.local).map(|provider| async move {
        let none = ModelList { provider: provider.id, models: vec![], source: Source::BuiltIn, fetched_at: None };
        live(provider, services, &none).await.map(|_| (provider.id, Standing::Running))
    });
    futures_util::future::join_all(probes).await.into_iter().flatten().collect()
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn http_date(time: SystemTime) -> String {
    chrono::DateTime::<chrono::Utc>::from(time).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
