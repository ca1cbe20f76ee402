//! What every adapter needs from the world: built once, shared by everything that is under way.

pub mod log;
pub mod secrets;
pub mod settings;
pub mod tasks;

use crate::{
    domain::{account::Credential, secret::Secret, trouble::Trouble},
    http::{client::Clients, proxies::Proxies},
    oauth::discovery::Endpoints,
    services::{
        secrets::Secrets,
        settings::Settings,
        tasks::{Flights, Kept},
    },
    settings::{config::Config, environment::Environment, paths::Paths},
    storage::rescued::Rescued,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fmt,
    future::Future,
    io,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// Starts the simulator when it is first needed, and says its base address.
pub type StartSandbox = Box<dyn Fn() -> Pin<Box<dyn Future<Output = io::Result<String>> + Send>> + Send + Sync>;

/// Takes a short word that the person should hear now.
pub type Say = Arc<dyn Fn(Word) + Send + Sync>;

/// A short word to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    /// Something that has happened.
    Told(String),
    /// Why nothing happens. Told again with each second; where lines stay, the first is enough.
    Waits {
        /// The beginning of the sentence.
        why: String,
        /// For how long by now.
        seconds: u64,
    },
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Word::Told(words) => f.write_str(words),
            Word::Waits { why, seconds } => write!(f, "{why}, {seconds} s"),
        }
    }
}

/// Why a token that still lives was not renewed.
#[derive(Clone)]
pub struct Setback {
    /// The token that was to be replaced.
    pub access: Secret,
    /// What went wrong.
    pub trouble: Trouble,
    /// Whether trying again is of no use.
    pub is_final: bool,
}

/// The world as the program sees it.
pub struct Services {
    /// Variables.
    pub environment: Environment,
    /// Files.
    pub paths: Paths,
    /// Settings.
    pub settings: Settings,
    /// HTTP.
    pub clients: Clients,
    /// The simulator.
    pub sandbox: StartSandbox,
    /// Work that is finished whatever happens.
    pub kept: Kept,
    /// Renewals of credentials that are under way, one for each.
    pub renewals: Flights<Result<Credential, Trouble>>,
    /// Renewals that failed while their token still lived, by the name of the renewal.
    pub setbacks: Mutex<HashMap<String, Setback>>,
    /// What sign-in servers said of themselves, by their address.
    pub issuers: Mutex<Vec<(String, Endpoints)>>,
    /// Tokens that `auth.json` could not take.
    pub rescued: Rescued,
    /// What must never be shown.
    pub secrets: Arc<Secrets>,
    /// This program, for work that must outlive it; none where it may not be started (in tests that are no program).
    pub program: Option<PathBuf>,
    say: Mutex<Say>,
}

impl Services {
    /// A world in which `say` takes what the person should hear.
    pub fn new(environment: Environment, paths: Paths, config: Config, sandbox: StartSandbox, say: Say) -> Self {
        let settings = Settings::new(paths.config(), config, environment.clone());
        let rescued = Rescued::new(paths.rescued());
        let clients = Clients::new(Proxies::read(|name| environment.get(name).map(str::to_string)));
        Self {
            environment,
            paths,
            settings,
            clients,
            sandbox,
            kept: Kept::default(),
            renewals: Flights::default(),
            setbacks: Mutex::default(),
            issuers: Mutex::default(),
            rescued,
            secrets: Arc::default(),
            program: None,
            say: Mutex::new(say),
        }
    }
    /// The person's own folder.
    pub fn home(&self) -> Option<PathBuf> {
        self.environment.get("HOME").map(PathBuf::from).or_else(dirs::home_dir)
    }
    /// Tells the person something while they wait.
    pub fn say(&self, words: impl Into<String>) {
        self.tell(Word::Told(words.into()));
    }
    /// The same, whatever kind of word it is.
    pub fn tell(&self, word: Word) {
        let say = self.say.lock().unwrap_or_else(PoisonError::into_inner).clone();
        say(word);
    }
    /// Somebody else tells the person from here on: a screen, as long as it is there.
    pub fn said_by(&self, say: Say) {
        *self.say.lock().unwrap_or_else(PoisonError::into_inner) = say;
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    chrono::Utc::now().timestamp()
}
