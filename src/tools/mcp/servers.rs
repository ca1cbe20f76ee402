//! All servers, as the house holds them.

use super::{
    Answer, Definition,
    server::{Server, State},
    session::Failed,
    told::{Pace, Surroundings, Told},
};
use crate::services::tasks::{Task, spawn};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout},
};

/// How long a call waits for a server that is being started.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a call that lost its server waits to learn why.
const POST_MORTEM: Duration = Duration::from_secs(3);

/// The servers of the config. Dropping it ends all of them, with everything that they have started.
pub struct Servers {
    servers: BTreeMap<String, Arc<Server>>,
    /// One a server; each ends with us.
    _keepers: Vec<Task>,
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.servers.keys()).finish()
    }
}

impl Servers {
    /// Starts all of them side by side, and returns at once. `tell` must not wait.
    pub fn start(definitions: Vec<Definition>, surroundings: Surroundings, tell: Arc<dyn Fn(Told) + Send + Sync>) -> Self {
        let pace = Pace { first: Duration::from_secs(1), most: Duration::from_secs(60) };
        Self::start_at(pace, definitions, surroundings, tell)
    }

    pub(super) fn start_at(
        pace: Pace,
        definitions: Vec<Definition>,
        surroundings: Surroundings,
        tell: Arc<dyn Fn(Told) + Send + Sync>,
    ) -> Self {
        let surroundings = Arc::new(surroundings);
        let server = |definition: Definition| Server {
            definition,
            surroundings: surroundings.clone(),
            tell: tell.clone(),
            pace,
            state: watch::Sender::new(State::Starting),
            settled: watch::Sender::new(false),
            wake: Notify::new(),
        };
        let servers: BTreeMap<_, _> =
            definitions.into_iter().map(|definition| (definition.name.clone(), Arc::new(server(definition)))).collect();
        let keeper = |server: &Arc<Server>| {
            let (server, crashed) = (server.clone(), server.clone());
            spawn(server.keep(), move |_| crashed.stop("a part of the program broke down".into()))
        };
        let keepers = servers.values().map(keeper).collect();
        Self { servers, _keepers: keepers }
    }

    /// Calls a tool by the server's own name of it. What goes wrong is a sentence.
    pub async fn call(&self, server: &str, tool: &str, arguments: Map<String, Value>) -> Result<Answer, String> {
        let Some(found) = self.servers.get(server) else { return Err(format!("There is no MCP server `{server}`.")) };
        let State::Ready { link, tools, since } = found.reach().await? else { return Err(format!("The MCP server `{server}` is down.")) };
        if !tools.iter().any(|offer| offer.name == tool) {
            return Err(format!("The MCP server `{server}` offers no tool `{tool}`."));
        }
        let patience = found.definition.timeout;
        match timeout(patience, link.call(tool, arguments)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Failed::Because(why))) => Err(format!("The call of `{tool}` at the MCP server `{server}` came to nothing: {why}.")),
            Ok(Err(Failed::Gone)) => Err(found.lost(since).await),
            Err(_) => Err(format!("The MCP server `{server}` gave no answer to `{tool}` within {} s.", patience.as_secs_f32())),
        }
    }

    /// Has those tried again that are down for good.
    pub fn wake(&self) {
        for server in self.servers.values() {
            if matches!(*server.state.borrow(), State::Stopped { .. }) {
                server.wake.notify_one();
            }
        }
    }

    /// Returns when every server has been ready, or has failed, once. It may take long: the caller sets the limit.
    pub async fn settled(&self) {
        for server in self.servers.values() {
            // the sender lives as long as we do
            let _ = server.settled.subscribe().wait_for(|settled| *settled).await;
        }
    }
}

impl Server {
    /// The server when it is ready, or will be soon.
    async fn reach(&self) -> Result<State, String> {
        let mut states = self.state.subscribe();
        let (name, latest) = (&self.definition.name, Instant::now() + PATIENCE);
        let worth_waiting = |state: &State| match state {
            State::Starting => true,
            State::Resting { until, .. } => *until < latest,
            State::Ready { .. } | State::Stopped { .. } => false,
        };
        let found = timeout(PATIENCE, states.wait_for(|state| !worth_waiting(state))).await;
        let state = found.ok().and_then(Result::ok).map_or(State::Starting, |state| state.clone());
        match state {
            State::Ready { .. } => Ok(state),
            State::Starting => Err(format!("The MCP server `{name}` is still being started; try again later.")),
            State::Resting { why, .. } => Err(format!("The MCP server `{name}` is down: {why}. It will be started again by itself.")),
            State::Stopped { why } => {
                self.wake.notify_one();
                Err(format!("The MCP server `{name}` is down: {why}. It is being tried again now, so a later call may reach it."))
            }
        }
    }

    /// Why it went away in the middle of a call.
    async fn lost(&self, before: Instant) -> String {
        let mut states = self.state.subscribe();
        let is_over = |state: &State| !matches!(state, State::Ready { since, .. } if *since == before);
        let why = match timeout(POST_MORTEM, states.wait_for(is_over)).await {
            Ok(Ok(state)) => match &*state {
                State::Resting { why, .. } | State::Stopped { why } => format!(": {why}"),
                State::Starting | State::Ready { .. } => String::new(),
            },
            _ => String::new(),
        };
        format!("The MCP server `{}` went away during the call{why}.", self.definition.name)
    }
}
