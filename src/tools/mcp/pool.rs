//! The servers that run, and what they offer to models.

use super::{Definition, Kind, Offer, Servers, Surroundings, Told, definition::enabled, offered_name, read, text};
use crate::{
    domain::{
        conversation::Outcome,
        tool::{Needs, Request, Risk, Rule, Shown, Tool, Words},
    },
    flow::effect::ToolOrder,
    services::{Services, secrets::Secrets, tasks::blocking},
    settings::config::tools::is_toolset,
    tools::{
        Returned,
        guard::Guard,
        workshop::{learn, setting},
    },
};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Names in `mcp_servers`, and whether each is enabled.
pub fn names(servers: &Value) -> Vec<(String, bool)> {
    // what is wrong with one is told when it is started
    let is_enabled = |given: &Value| given.as_object().is_none_or(|given| enabled(given).unwrap_or(true));
    servers.as_object().into_iter().flatten().map(|(name, given)| (name.clone(), is_enabled(given))).collect()
}

/// The toolset of a server: called like it, unless one that is built in is called so.
pub fn toolset(server: &str) -> String {
    if is_toolset(server) { format!("mcp:{server}") } else { server.to_string() }
}

/// Takes what a server has to offer, or why it has nothing: the end of a sentence.
pub type Tell = Arc<dyn Fn(String, Result<Vec<Arc<Tool>>, String>) + Send + Sync>;

/// The servers that run.
#[derive(Default)]
pub struct Pool {
    running: Mutex<HashMap<String, Arc<Servers>>>,
    offers: Offers,
    /// Held while servers are being started: whoever waits for them waits for that, too.
    starting: tokio::sync::Mutex<()>,
    /// Somebody has waited for those that were started last.
    waited: AtomicBool,
}

/// By the name that models use: the server, and its own name of the tool.
type Offers = Arc<Mutex<HashMap<String, (String, String)>>>;

impl Pool {
    /// Runs the servers of these toolsets and no others. Those that run already are left alone.
    pub async fn run(&self, wanted: &[String], services: &Arc<Services>, guard: &Arc<Guard>, tell: &Tell) {
        let _starting = self.starting.lock().await;
        let is_wanted = |server: &String| wanted.contains(&toolset(server));
        lock(&self.running).retain(|name, _| is_wanted(name));
        lock(&self.offers).retain(|_, (server, _)| is_wanted(server));
        self.waited.store(false, Ordering::Relaxed);
        // what could not be learned is not masked; they do not see it, either
        let _ = learn(services).await;
        let mut described = services.settings.current().tools.servers.clone();
        // whoever is wanted is meant, whatever the file says by now
        for given in described.as_object_mut().into_iter().flat_map(Map::values_mut) {
            given.as_object_mut().map(|given| given.shift_remove("enabled"));
        }
        for (name, definition) in read(&described) {
            if lock(&self.running).contains_key(&name) || !is_wanted(&name) {
                continue;
            }
            let started = match definition {
                Ok(definition) => start(definition, services, guard.clone(), self.offers.clone(), tell.clone()).await,
                Err(why) => Err(why),
            };
            match started {
                Ok(server) => _ = lock(&self.running).insert(name, Arc::new(server)),
                Err(why) => tell(toolset(&name), Err(plain(&why))),
            }
        }
    }

    /// Has those tried again that are down for good.
    pub fn wake(&self) {
        lock(&self.running).values().for_each(|server| server.wake());
    }

    /// Returns when every server has been ready, or has failed, once. Waited for once: who comes second knows enough.
    pub async fn settled(&self) {
        if self.waited.load(Ordering::Relaxed) {
            return;
        }
        drop(self.starting.lock().await);
        self.waited.store(true, Ordering::Relaxed);
        let running: Vec<Arc<Servers>> = lock(&self.running).values().cloned().collect();
        for server in running {
            server.settled().await;
        }
    }

    /// Calls a tool by the name that models use, once it is allowed: nobody knows what a stranger's tool does.
    pub async fn call(&self, order: &ToolOrder, arguments: Map<String, Value>) -> Result<Returned, String> {
        let name = &order.call.name;
        let found = lock(&self.offers).get(name).cloned();
        let Some((server, tool)) = found else { return Err(format!("There is no tool `{name}`.")) };
        let stamp = stamp(&server, &tool, &arguments);
        if order.allowed != Some(stamp) {
            return Ok(Returned::Asks(request(&server, &tool, &arguments, stamp)));
        }
        let running = lock(&self.running).get(&server).cloned();
        let Some(running) = running else { return Err(format!("The MCP server `{server}` was switched off.")) };
        let answer = running.call(&server, &tool, arguments).await?;
        let note = if answer.ok { String::new() } else { "failed".into() };
        Ok(Returned::Outcome(Outcome { ok: answer.ok, happened: true, output: answer.text.into(), note, ..Outcome::default() }))
    }
}

async fn start(definition: Definition, services: &Arc<Services>, guard: Arc<Guard>, offers: Offers, tell: Tell) -> Result<Servers, String> {
    let world = services.clone();
    let is_http = matches!(definition.kind, Kind::Http { .. });
    // certificates are read when they are needed, and not on the loop's thread
    let http = blocking(move || match is_http {
        true => world.clients.for_pages(true, |builder| builder.referer(false)).map(Some).map_err(|error| error.to_string()),
        false => Ok(None),
    });
    let http = http.await.map_err(|trouble| trouble.message)??;
    let folder = services.paths.folder.clone();
    let world = services.clone();
    let surroundings = Surroundings { setting: Arc::new(move || setting(&world, &guard)), folder, http };
    let secrets = services.secrets.clone();
    let told = move |told: Told| match told {
        Told::Ready { server, tools } => {
            let tools = taken(&server, tools, &secrets, &mut lock(&offers));
            tell(toolset(&server), Ok(tools));
        }
        Told::Down { server, why } => {
            tracing::warn!(server, "{}", secrets.mask(&why));
            let why = secrets.mask(&plain(&why)).into_owned();
            tell(toolset(&server), Err(why));
        }
        Told::Log { server, line } => tracing::info!(server, "{}", secrets.mask(&line)),
    };
    Ok(Servers::start(vec![definition], surroundings, Arc::new(told)))
}

/// The tools as models know them. A name that another tool has already is nobody else's.
fn taken(server: &str, tools: Vec<Offer>, secrets: &Secrets, offers: &mut HashMap<String, (String, String)>) -> Vec<Arc<Tool>> {
    offers.retain(|_, (of, _)| of != server);
    let mut taken = vec![];
    for Offer { name, about, takes, .. } in tools {
        let offered = offered_name(server, &name);
        if offers.contains_key(&offered) {
            continue;
        }
        offers.insert(offered.clone(), (server.to_string(), name.clone()));
        let words = |verb: &str| format!("{verb} {} of {}", text::line(&name, 60), text::line(server, 60)).into();
        taken.push(Arc::new(Tool {
            name: offered.into(),
            words: Words { doing: words("Using"), done: words("Used"), subject: &[] },
            about: secrets.mask(&format!("[{}] {about}", text::line(server, 60))).into_owned().into(),
            takes: secrets.mask(&takes.to_string()).into_owned().into(),
            risk: Risk::Changes,
            own: None,
            needs: Needs::Nothing,
        }));
    }
    taken
}

fn request(server: &str, tool: &str, arguments: &Map<String, Value>, stamp: u64) -> Request {
    let given = match arguments.is_empty() {
        true => "without arguments".to_string(),
        false => serde_json::to_string_pretty(arguments).unwrap_or_default(),
    };
    Request {
        title: format!("Use {tool} of {server}?"),
        what: Shown::Text(given.into()),
        place: format!("{server}, a server of `mcp_servers`"),
        dangers: vec![],
        // by the names that the server has: what models call it may be another's tomorrow
        rule: Rule::Tool(format!("{server}/{tool}")),
        stamp,
    }
}

fn stamp(server: &str, tool: &str, arguments: &Map<String, Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (server, tool, Value::Object(arguments.clone()).to_string()).hash(&mut hasher);
    hasher.finish()
}

fn plain(sentence: &str) -> String {
    sentence.trim_end_matches('.').to_string()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
