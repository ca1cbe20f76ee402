//! What every test here needs: servers from a config, and what they tell.

use super::super::{Answer, Offer, Servers, Surroundings, Told, read, told::Pace};
use crate::tools::shell::Setting;
use serde_json::{Map, Value, json};
use std::{ffi::OsString, path::Path, process::Command, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

/// Far more than anything takes on a busy machine.
pub(super) const GENEROUS: Duration = Duration::from_secs(60);

/// Servers that run, and what they told.
pub(super) struct Stage {
    pub servers: Servers,
    told: UnboundedReceiver<Told>,
    _folder: TempDir,
}

/// A config of one server in that mood, with more settings. Nothing where there is no Python.
pub(super) fn mood(mood: &str, more: Value) -> Option<(TempDir, Value)> {
    if !Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        skip("there is no python3");
        return None;
    }
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("hostile.py");
    std::fs::write(&script, include_str!("hostile.py")).unwrap();
    let args: Vec<&str> = [script.to_str().unwrap()].into_iter().chain(mood.split(' ')).collect();
    let mut config = json!({"command": "python3", "args": args});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Some((folder, config))
}

/// Says why a test tests nothing here.
#[expect(clippy::disallowed_macros, reason = "a test that is skipped must say so")]
pub(super) fn skip(why: &str) {
    let must_run = environment().iter().any(|(name, _)| name == "HERMES_TEST_ALL");
    assert!(!must_run, "{why}");
    println!("skipped: {why}");
}

#[expect(clippy::disallowed_methods, reason = "programs are found by the PATH of whoever tests")]
fn environment() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

/// What a house gives that has no helper, and nothing to hide.
pub(super) fn surroundings(folder: &Path) -> Surroundings {
    let setting = || Setting { environment: environment(), ..Setting::default() };
    Surroundings { setting: Arc::new(setting), folder: folder.into(), http: Some(client()) }
}

/// A client such as the house hands in.
fn client() -> reqwest::Client {
    // somebody else's is as good
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

impl Stage {
    /// Starts what the config names; pauses are short.
    pub fn new(config: Value) -> Self {
        Self::in_folder(TempDir::new().unwrap(), config)
    }

    /// One server in a mood, called `s`.
    pub fn in_mood(name: &str, more: Value) -> Option<Self> {
        let (folder, config) = mood(name, more)?;
        Some(Self::in_folder(folder, json!({ "s": config })))
    }

    fn in_folder(folder: TempDir, config: Value) -> Self {
        let (sender, told) = unbounded_channel();
        let definitions = read(&config).into_iter().map(|(_, definition)| definition.unwrap()).collect();
        let surroundings = surroundings(folder.path());
        let pace = Pace { first: Duration::from_millis(10), most: Duration::from_millis(80) };
        let servers = Servers::start_at(pace, definitions, surroundings, Arc::new(move |told| drop(sender.send(told))));
        Self { servers, told, _folder: folder }
    }

    /// The next that is told and wanted.
    pub async fn told<T>(&mut self, wanted: impl Fn(Told) -> Option<T>) -> T {
        let find = async {
            loop {
                if let Some(found) = wanted(self.told.recv().await.unwrap()) {
                    return found;
                }
            }
        };
        timeout(GENEROUS, find).await.expect("it was never told")
    }

    /// The tools, once it is ready.
    pub async fn ready(&mut self) -> Vec<Offer> {
        self.told(|told| if let Told::Ready { tools, .. } = told { Some(tools) } else { None }).await
    }

    /// Why it is down, once it is.
    pub async fn down(&mut self) -> String {
        self.told(|told| if let Told::Down { why, .. } = told { Some(why) } else { None }).await
    }

    /// What was told and nobody has looked at, but for what servers said.
    pub fn rest(&mut self) -> Vec<Told> {
        std::iter::from_fn(|| self.told.try_recv().ok()).filter(|told| !matches!(told, Told::Log { .. })).collect()
    }

    /// Calls a tool of `s`.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<Answer, String> {
        self.servers.call("s", tool, arguments.as_object().cloned().unwrap_or_else(Map::new)).await
    }

    /// What a tool of `s` says.
    pub async fn says(&self, tool: &str, arguments: Value) -> String {
        self.call(tool, arguments).await.unwrap().text
    }
}
