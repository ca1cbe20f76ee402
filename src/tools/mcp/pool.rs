//! The servers that run, and what they offer to models.

use super::{Definition, Offer, Servers, Surroundings, Told, offered_name, read, text};
use crate::{
    domain::{
        conversation::Outcome,
        tool::{Needs, Request, Risk, Rule, Shown, Tool, Words},
    },
    flow::effect::ToolOrder,
    services::Services,
    tools::{
        Returned,
        workshop::{learn_secrets, plain_environment},
    },
};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Names in `mcp_servers`, and whether each is enabled.
pub fn names(servers: &Value) -> Vec<(String, bool)> {
    let enabled = |given: &Value| match given.get("enabled") {
        Some(Value::Bool(on)) => *on,
        Some(Value::String(word)) => !matches!(word.to_lowercase().as_str(), "false" | "no" | "off" | "0"),
        _ => true,
    };
    servers.as_object().into_iter().flatten().map(|(name, given)| (name.clone(), enabled(given))).collect()
}

/// Takes what a server has to offer, or why it has nothing: the end of a sentence.
pub type Tell = Arc<dyn Fn(String, Result<Vec<Arc<Tool>>, String>) + Send + Sync>;

/// The servers that run.
#[derive(Default)]
pub struct Pool {
    running: Mutex<HashMap<String, Arc<Servers>>>,
    offers: Offers,
}

/// By the name that models use: the server, and its own name of the tool.
type Offers = Arc<Mutex<HashMap<String, (String, String)>>>;

impl Pool {
    /// Runs these and no others. Those that run already are left alone. To be called where there is a runtime.
    pub fn run(&self, wanted: &[String], services: &Arc<Services>, tell: &Tell) {
        let mut running = lock(&self.running);
        running.retain(|name, _| wanted.contains(name));
        lock(&self.offers).retain(|_, (server, _)| wanted.contains(server));
        let mut described = services.settings.current().tools.servers.clone();
        // whoever is wanted is meant, whatever the file says by now
        for given in described.as_object_mut().into_iter().flat_map(Map::values_mut) {
            given.as_object_mut().map(|given| given.shift_remove("enabled"));
        }
        for (name, definition) in read(&described) {
            if running.contains_key(&name) || !wanted.contains(&name) {
                continue;
            }
            match definition.and_then(|definition| start(definition, services, self.offers.clone(), tell.clone())) {
                Ok(server) => _ = running.insert(name, Arc::new(server)),
                Err(why) => tell(name, Err(plain(&why))),
            }
        }
    }

    /// Returns when every server has been ready, or has failed, once.
    pub async fn settled(&self) {
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
        let stamp = stamp(name, &arguments);
        if order.allowed != Some(stamp) {
            return Ok(Returned::Asks(request(&server, &tool, name, &arguments, stamp)));
        }
        let running = lock(&self.running).get(&server).cloned();
        let Some(running) = running else { return Err(format!("The MCP server `{server}` was switched off.")) };
        let answer = running.call(&server, &tool, arguments).await?;
        let note = if answer.ok { String::new() } else { "failed".into() };
        Ok(Returned::Outcome(Outcome { ok: answer.ok, happened: true, output: answer.text.into(), note, ..Outcome::default() }))
    }
}

fn start(definition: Definition, services: &Arc<Services>, offers: Offers, tell: Tell) -> Result<Servers, String> {
    learn_secrets(services);
    let http = services.clients.for_pages(true, |builder| builder.referer(false)).map_err(|error| error.to_string())?;
    let folder = Some(services.paths.folder.clone());
    let surroundings = Surroundings { environment: plain_environment(services), folder, http };
    let secrets = services.secrets.clone();
    let told = move |told: Told| match told {
        Told::Ready { server, tools } => {
            let tools = taken(&server, tools, &mut lock(&offers));
            tell(server, Ok(tools));
        }
        Told::Down { server, why } => {
            tracing::warn!(server, "{}", secrets.mask(&why));
            let why = secrets.mask(&plain(&why)).into_owned();
            tell(server, Err(why));
        }
        Told::Log { server, line } => tracing::info!(server, "{}", secrets.mask(&line)),
    };
    Ok(Servers::start(vec![definition], surroundings, Arc::new(told)))
}

/// The tools as models know them. A name that another tool has already is nobody else's.
fn taken(server: &str, tools: Vec<Offer>, offers: &mut HashMap<String, (String, String)>) -> Vec<Arc<Tool>> {
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
            about: format!("[{}] {about}", text::line(server, 60)).into(),
            takes: takes.to_string().into(),
            risk: Risk::Changes,
            own: None,
            needs: Needs::Nothing,
        }));
    }
    taken
}

fn request(server: &str, tool: &str, offered: &str, arguments: &Map<String, Value>, stamp: u64) -> Request {
    let given = match arguments.is_empty() {
        true => "without arguments".to_string(),
        false => serde_json::to_string_pretty(arguments).unwrap_or_default(),
    };
    Request {
        title: format!("Use {tool} of {server}?"),
        what: Shown::Text(given.into()),
        place: format!("{server}, a server of `mcp_servers`"),
        dangers: vec![],
        rule: Rule::Tool(offered.to_string()),
        stamp,
    }
}

fn stamp(name: &str, arguments: &Map<String, Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, Value::Object(arguments.clone()).to_string()).hash(&mut hasher);
    hasher.finish()
}

fn plain(sentence: &str) -> String {
    sentence.trim_end_matches('.').to_string()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
