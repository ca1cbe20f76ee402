//! Which models a provider has, and how providers stand: from the disk at once, then from the catalog's server and from the
//! provider itself (`docs/models.md` 2 to 4).

use crate::{
    accounts::{self, plan, standing},
    domain::{
        catalog::{self, Listed, Login, Model, ModelList, Provider, Source, Standing},
        trouble::Trouble,
    },
    effects::notes::Teller,
    flow::{
        effect::{Effect, Reach},
        news::News,
    },
    http::{body, hosts},
    providers,
    services::{
        Services, now,
        tasks::{Task, blocking, spawn},
    },
    storage::catalog_cache,
};
use futures_util::{FutureExt, future::FusedFuture};
use std::{
    collections::HashMap,
    path::Path,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime},
};
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

/// Lists and looks that are under way; of each the newest wish counts.
pub(super) struct Listing {
    services: Arc<Services>,
    teller: Teller,
    /// By the provider.
    models: HashMap<&'static str, Task>,
    providers: Option<Task>,
    plan: Option<Task>,
}

impl Listing {
    pub(super) fn new(services: Arc<Services>, teller: Teller) -> Self {
        Self { services, teller, models: HashMap::new(), providers: None, plan: None }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        let (services, teller, crashed) = (self.services.clone(), self.teller.clone(), self.teller.clone());
        let broke_down = move |trouble: Trouble| crashed.news(News::Failed(None, trouble));
        match effect {
            Effect::ListModels { provider, reach } => {
                let task = spawn(async move { list(provider, reach, &services, &teller).await }, broke_down);
                // the one before at the same provider ends
                self.models.insert(provider.id, task);
            }
            Effect::SeePlan(provider) => {
                let ask = async move { teller.news(News::PlanSeen(provider.id, plan::ask(provider, &services).await)) };
                self.plan = Some(spawn(ask, broke_down));
            }
            Effect::SeeProviders => {
                let look = async move {
                    match standing::all(&services).await {
                        Ok(standings) => teller.news(News::ProvidersSeen(standings)),
                        Err(trouble) => teller.news(News::Failed(None, trouble)),
                    }
                    // what can be narrowed on both sides has to be known of all
                    for list in all_on_disk(&services).await {
                        teller.news(News::ModelsListed(list));
                    }
                    let (standings, lists) = running(&services).await;
                    for list in lists {
                        teller.news(News::ModelsListed(list));
                    }
                    teller.news(News::ProvidersSeen(standings));
                };
                self.providers = Some(spawn(look, broke_down));
            }
            other => return Some(other),
        }
        None
    }
}

/// What is on the disk at once; then what the catalog's server and the provider itself say.
async fn list(provider: &'static Provider, reach: Reach, services: &Arc<Services>, teller: &Teller) {
    let (mut list, damage) = found(provider, services).await;
    teller.news(News::ModelsListed(list.clone()));
    if let Some(damage) = damage {
        teller.news(News::CatalogDamaged(damage));
    }
    if reach == Reach::Disk {
        return;
    }
    // neither waits for the other: one of them may be a server that takes the connection and says nothing
    let refreshed = async { is_listed(provider) && refresh(services, reach == Reach::Anew).await };
    let (mut refreshed, mut live) = (pin!(refreshed.fuse()), pin!(listed(LIVE_PATIENCE, provider, services).fuse()));
    let mut said: Option<Vec<Listed>> = None;
    for _ in 0..2 {
        tokio::select! {
            is_new = &mut refreshed, if !refreshed.is_terminated() => {
                if !is_new {
                    continue;
                }
                list = found(provider, services).await.0;
            }
            ids = &mut live, if !live.is_terminated() => match ids {
                Some(ids) => said = Some(ids),
                None => continue,
            },
        }
        teller.news(News::ModelsListed(match &said {
            Some(said) => with(provider, &list, said.clone()),
            None => list.clone(),
        }));
    }
}

/// `on_disk`, off the loop: the catalog holds megabytes.
async fn found(provider: &'static Provider, services: &Arc<Services>) -> (ModelList, Option<String>) {
    let services = services.clone();
    blocking(move || on_disk(provider, &services.paths.catalog())).await.unwrap_or_else(|trouble| {
        let models = catalog::merged(provider.catalog, vec![]);
        (ModelList { provider: provider.id, models, source: Source::BuiltIn, fetched_at: None }, Some(trouble.message))
    })
}

/// The same of every provider that the catalog has, which is read once.
async fn all_on_disk(services: &Arc<Services>) -> Vec<ModelList> {
    let path = services.paths.catalog();
    let lists = blocking(move || {
        let names: Vec<&str> = providers::REGISTRY.iter().map(|p| p.catalog).filter(|name| !name.is_empty()).collect();
        let mut found = catalog_cache::read_all(&path, &names).ok().flatten();
        let list = |provider: &&'static Provider| {
            let cached = found.as_mut().and_then(|(all, written)| Some((all.get(provider.catalog)?.clone(), *written)));
            list_of(provider, cached.filter(|(models, _)| !models.is_empty()))
        };
        providers::REGISTRY.iter().filter(|p| !p.catalog.is_empty()).map(list).collect()
    });
    lists.await.unwrap_or_default()
}

/// A list from the catalog, or without one from this program.
fn list_of(provider: &'static Provider, cached: Option<(Vec<Model>, i64)>) -> ModelList {
    let (source, fetched_at, found) = match cached {
        Some((models, written)) => (Source::Cache, Some(written), models),
        None => (Source::BuiltIn, None, vec![]),
    };
    ModelList { provider: provider.id, models: catalog::merged(provider.catalog, found), source, fetched_at }
}

/// What is known of a provider's models without asking anybody, and whether the catalog is damaged.
pub fn on_disk(provider: &'static Provider, catalog_file: &Path) -> (ModelList, Option<String>) {
    let (cached, damage) = match provider.catalog {
        "" => (None, None),
        name => match catalog_cache::read(catalog_file, name) {
            Ok(cached) => (cached.filter(|c| !c.models.is_empty()), None),
            Err(damage) => (None, Some(damage)),
        },
    };
    (list_of(provider, cached.map(|cached| (cached.models, cached.written))), damage)
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
    let Ok(address) = hosts::base_address(address) else { return false };
    let Ok(client) = services.clients.for_address(&address) else { return false };
    let mut request = client.get(address).header("accept", "application/json").timeout(CATALOG_PATIENCE);
    // a file that can't be read is asked for whole
    if let Some(written) = catalog_cache::written(&path).filter(|_| catalog_cache::read(&path, "").is_ok()) {
        request = request.header("if-modified-since", http_date(written));
    }
    let Ok(answer) = client.send(request).await else { return false };
    match answer.status().as_u16() {
        304 => {
            // as good as new; where that can't be noted it is asked for again next time
            let _ = catalog_cache::touch(&path);
            false
        }
        200 => match body::whole(answer, LARGEST).await {
            Ok(bytes) => blocking(move || catalog_cache::write(&path, &bytes).is_ok()).await.unwrap_or(false),
            Err(_) => false,
        },
        _ => false,
    }
}

/// The models of a provider for somebody who waits: what is on the disk, the catalog's server and the provider itself, each as far as
/// it answers within `patience`. And whether the catalog on the disk is damaged.
pub async fn at_once(provider: &'static Provider, services: &Arc<Services>, anew: bool, patience: Duration) -> (ModelList, Option<String>) {
    let refreshed = async { is_listed(provider) && refresh(services, anew).await };
    // a sign-in that has to be renewed first is no reason to wait longer; the renewal is finished all the same
    let live = tokio::time::timeout(patience, listed(patience, provider, services));
    let (refreshed, live) = tokio::join!(tokio::time::timeout(patience, refreshed), live);
    let (list, damage) = found(provider, services).await;
    // a catalog that was fetched anew is not damaged any more
    let damage = damage.filter(|_| refreshed != Ok(true));
    match live.ok().flatten() {
        Some(live) => (with(provider, &list, live), damage),
        None => (list, damage),
    }
}

/// A list whose ids come from the provider itself, with what is known of them from elsewhere.
fn with(provider: &'static Provider, known: &ModelList, listed: Vec<Listed>) -> ModelList {
    let models = catalog::confirmed(provider.catalog, &known.models, listed);
    ModelList { provider: provider.id, models, source: Source::Live, fetched_at: Some(now()) }
}

/// What the provider itself lists.
async fn listed(patience: Duration, provider: &'static Provider, services: &Arc<Services>) -> Option<Vec<Listed>> {
    let (address, key) = if provider.id == providers::SANDBOX.id {
        (Url::parse(&(services.sandbox)().await.ok()?).ok()?, None)
    } else {
        let (connection, _) = accounts::connection(provider, services).await.ok()?;
        (connection.address, connection.key)
    };
    let client = services.clients.for_address(&address).ok()?;
    let mut request = client.get(hosts::below(&address, "models")).timeout(patience);
    if let Some(key) = key {
        request = request.bearer_auth(key.reveal());
    }
    let request = request.headers(hosts::headers(&accounts::wanted_headers(provider, services)));
    let answer = client.send(request).await.ok().filter(|a| a.status().is_success())?;
    let body = tokio::time::timeout(patience, body::whole(answer, LARGEST)).await.ok()?.ok()?;
    catalog_cache::listed(&body).ok().filter(|listed| !listed.is_empty())
}

/// Whether the servers of this machine answer now, and which models those have that do.
async fn running(services: &Arc<Services>) -> (Vec<(&'static str, Standing)>, Vec<ModelList>) {
    let local: Vec<&'static Provider> = providers::REGISTRY.iter().copied().filter(|p| p.local).collect();
    let told = futures_util::future::join_all(local.iter().map(|provider| listed(PROBE, provider, services))).await;
    let (mut standings, mut lists) = (vec![], vec![]);
    for (provider, listed) in local.into_iter().zip(told) {
        match (listed, &provider.login) {
            (Some(listed), _) => {
                standings.push((provider.id, Standing::Running));
                lists.push(with(provider, &list_of(provider, None), listed));
            }
            (None, Login::None) => standings.push((provider.id, Standing::NotRunning)),
            // an address of one's own may be far away and slow
            (None, _) => {}
        }
    }
    (standings, lists)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn http_date(time: SystemTime) -> String {
    chrono::DateTime::<chrono::Utc>::from(time).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
