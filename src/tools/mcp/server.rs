//! One server and its keeper: it is started, watched, and started again when it goes away.

use super::{
    child::{self, Program},
    chores,
    definition::{Definition, Kind},
    lines::{Lines, Notes},
    offer::Offer,
    reason,
    session::{Client, Link},
    stderr,
    told::{Pace, Surroundings, Told},
};
use crate::services::tasks::blocking;
use reqwest::header::HeaderValue;
use rmcp::{
    RoleClient, serve_client,
    transport::{IntoTransport, StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig},
};
use secrecy::{ExposeSecret, SecretString};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc::unbounded_channel, watch},
    time::{Instant, sleep, sleep_until, timeout_at},
};

/// Starts in a row that came to nothing, after which a server stays down.
const MOST_FAILURES: u32 = 5;
/// How long a server must have served to begin anew with the shortest pause.
const STEADY: Duration = Duration::from_secs(60);
/// How long we wait for the rest of the story when a server goes away: its exit status, its last words, its last answer.
const AFTERMATH: Duration = Duration::from_secs(1);

/// How a server is.
#[derive(Clone)]
pub(super) enum State {
    /// It is being started, or connected to.
    Starting,
    /// It serves.
    Ready { link: Link, tools: Arc<[Offer]>, since: Instant },
    /// It went away and will be started again then.
    Resting { why: String, until: Instant },
    /// It went away and stays down until it is needed.
    Stopped { why: String },
}

/// One server.
pub(super) struct Server {
    pub definition: Definition,
    pub surroundings: Arc<Surroundings>,
    pub tell: Arc<dyn Fn(Told) + Send + Sync>,
    pub pace: Pace,
    pub state: watch::Sender<State>,
    /// Whether it was ready, or has failed, once.
    pub settled: watch::Sender<bool>,
    /// Somebody needs it although it stays down.
    pub wake: Notify,
}

/// How an attempt ended.
struct End {
    /// The end of a sentence.
    why: String,
    kind: Ending,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It went away by itself.
    Gone,
    /// We gave it up.
    GivenUp,
    /// Trying again would not help.
    Hopeless,
}

impl End {
    fn new(kind: Ending, why: impl Into<String>) -> Self {
        Self { why: why.into(), kind }
    }
}

impl Server {
    fn name(&self) -> String {
        self.definition.name.clone()
    }

    /// Keeps the server going, without end.
    pub async fn keep(self: Arc<Self>) {
        let (mut pause, mut failures) = (self.pace.first, 0);
        loop {
            self.state.send_replace(State::Starting);
            let end = self.attempt().await;
            let served = match &*self.state.borrow() {
                State::Ready { since, .. } => Some(since.elapsed()),
                _ => None,
            };
            failures = if served.is_some() { 0 } else { failures + 1 };
            if served.is_some_and(|served| served >= STEADY) {
                pause = self.pace.first;
            }
            if end.kind == Ending::Hopeless || failures >= MOST_FAILURES {
                self.stop(end.why);
                self.wake.notified().await;
                (pause, failures) = (self.pace.first, 0);
                continue;
            }
            self.fall(State::Resting { why: end.why.clone(), until: Instant::now() + pause }, end.why);
            sleep(pause).await;
            pause = (pause * 2).min(self.pace.most);
        }
    }

    /// It stays down.
    pub fn stop(&self, why: String) {
        self.fall(State::Stopped { why: why.clone() }, why);
    }

    fn fall(&self, state: State, why: String) {
        self.state.send_replace(state);
        self.settled.send_replace(true);
        (self.tell)(Told::Down { server: self.name(), why });
    }

    async fn attempt(&self) -> End {
        match &self.definition.kind {
            Kind::Stdio { command, args, env, folder } => {
                let house = &self.surroundings.folder;
                let folder = folder.as_ref().map_or_else(|| house.clone(), |folder| house.join(folder));
                self.run(&Program { command, args, env, folder: &folder }).await
            }
            Kind::Http { url, headers } => {
                let mut config = StreamableHttpClientTransportConfig::with_uri(url.as_str());
                config.custom_headers = headers.iter().filter_map(|(name, value)| Some((name.clone(), sealed(value)?))).collect();
                let Some(http) = self.surroundings.http.clone() else {
                    return End::new(Ending::Hopeless, "there is no way to reach it".to_string());
                };
                self.serve(StreamableHttpClientTransport::with_client(http, config)).await
            }
        }
    }

    /// One life of a program.
    async fn run(&self, program: &Program<'_>) -> End {
        let surroundings = self.surroundings.clone();
        let Ok(setting) = blocking(move || (surroundings.setting)()).await else {
            return End::new(Ending::Gone, "a part of the program broke down");
        };
        let (mut group, pipes) = match child::start(program, setting).await {
            Ok(started) => started,
            Err(why) => return End::new(Ending::Hopeless, why),
        };
        let notes = Notes::default();
        let mut session = pin!(self.serve(Lines::new(pipes.output, pipes.input, notes.clone())));
        let mut errors = pin!(stderr::follow(pipes.errors, &notes, |line| (self.tell)(Told::Log { server: self.name(), line })));
        let mut exit = pin!(group.ended());
        let (mut ended, mut status, mut is_mute, mut patience) = (None, None, false, None);
        // whichever comes first, the others mostly follow at once; what a grandchild holds open does not
        while ended.is_none() || status.is_none() || !is_mute {
            tokio::select! {
                end = &mut session, if ended.is_none() => ended = Some(end),
                how = &mut exit, if status.is_none() => status = Some(how),
                () = &mut errors, if !is_mute => is_mute = true,
                () = sleep_until(patience.unwrap_or_else(Instant::now)), if patience.is_some() => break,
            }
            let is_given_up = ended.as_ref().is_some_and(|end: &End| end.kind == Ending::GivenUp);
            if is_given_up || notes.read(|notes| notes.fault.is_some()) {
                break;
            }
            if ended.is_some() || status.is_some() {
                patience = patience.or_else(|| Some(Instant::now() + AFTERMATH));
            }
        }
        explained(ended, status, &notes)
    }

    /// One connection, from the greeting to its end.
    async fn serve<T, E, A>(&self, transport: T) -> End
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let (client, deadline) = (Client::default(), Instant::now() + self.definition.connect);
        let late = || End::new(Ending::GivenUp, format!("it did not answer within {} s", self.definition.connect.as_secs_f32()));
        let service = match timeout_at(deadline, serve_client(client.clone(), transport)).await {
            Err(_) => return late(),
            Ok(Err(error)) => {
                let kind = if reason::wants_login(&error) { Ending::Hopeless } else { Ending::Gone };
                return End::new(kind, reason::of_greeting(&error));
            }
            Ok(Ok(service)) => service,
        };
        let (sender, abandoned) = unbounded_channel();
        let link = Link { peer: service.peer().clone(), abandoned: sender };
        match timeout_at(deadline, link.list(&self.definition)).await {
            Err(_) => return late(),
            Ok(Err(why)) => return End::new(Ending::Gone, why),
            Ok(Ok(tools)) => self.ready(&link, tools, Instant::now()),
        }
        let since = Instant::now();
        let listed = |list| match list {
            Ok(tools) => self.ready(&link, tools, since),
            Err(why) => (self.tell)(Told::Log { server: self.name(), line: format!("(Its tools could not be listed again: {why}.)") }),
        };
        tokio::select! {
            _ = service.waiting() => End::new(Ending::Gone, "it closed the connection"),
            () = chores::run(&self.definition, &link, &client, abandoned, listed) => End::new(Ending::Gone, "it was let go"),
        }
    }

    fn ready(&self, link: &Link, tools: Vec<Offer>, since: Instant) {
        let state = State::Ready { link: link.clone(), tools: tools.as_slice().into(), since };
        self.state.send_replace(state);
        self.settled.send_replace(true);
        (self.tell)(Told::Ready { server: self.name(), tools });
    }
}

/// The value of a header, marked so that nothing prints it.
fn sealed(value: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value.expose_secret()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What is most helpful of what is known.
fn explained(ended: Option<End>, status: Option<String>, notes: &Notes) -> End {
    let kind = ended.as_ref().map_or(Ending::Gone, |end| end.kind);
    notes.read(|notes| {
        if let Some(fault) = &notes.fault {
            return End::new(Ending::Gone, fault.clone());
        }
        let why = match (ended, status) {
            (Some(end), _) if end.kind != Ending::Gone => end.why,
            (_, Some(status)) => status,
            (Some(end), None) => end.why,
            (None, None) => "it went away".into(),
        };
        let last = match (&notes.last_error, &notes.strange) {
            (Some(line), _) => format!(", and its last words were: {line}"),
            (None, Some(line)) => format!(", and it sent what is no message: {line}"),
            (None, None) => String::new(),
        };
        End::new(kind, format!("{why}{}", last.trim_end_matches('.')))
    })
}
