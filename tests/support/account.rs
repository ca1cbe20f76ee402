//! A home of its own, the real binary in it, and a person at the sandbox's consent page.

use hermes::sandbox::Sandbox;
use serde_json::Value;
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// Nothing that is waited for takes longer than this.
const DEADLINE: Duration = Duration::from_secs(30);

/// An empty home.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    pub fn path(&self) -> &Path {
        self.0.path()
    }
    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).unwrap()
    }
    /// What is in `auth.json`.
    pub fn auth(&self) -> Value {
        serde_json::from_str(&self.read("auth.json")).unwrap()
    }
    /// The binary, with nothing of the surroundings.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hermes"));
        command
            .env_clear()
            .env("HERMES_HOME", self.path())
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin")
            .env("HERMES_MODELS_DEV_URL", "http://127.0.0.1:9/nobody-is-there")
            .current_dir(self.path());
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

/// The binary, with the sandbox in place of xAI.
pub fn hermes(home: &Home, server: &Sandbox) -> Command {
    let mut command = home.command();
    command.env("XAI_OAUTH_ISSUER", server.issuer()).env("XAI_BASE_URL", server.base_url());
    command
}

pub fn lines(stdout: ChildStdout) -> Lines<BufReader<ChildStdout>> {
    BufReader::new(stdout).lines()
}

/// `hermes auth add xai-oauth --json`, under way.
pub struct Adding {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Adding {
    pub async fn start(home: &Home, server: &Sandbox, arguments: &[&str]) -> Self {
        let mut command = hermes(home, server);
        command.args(["auth", "add", "xai-oauth", "--json"]).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, stdin, lines: lines(stdout) }
    }
    /// The next event of that name; `error` is the last line of a failed run.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let line = timeout(DEADLINE, self.lines.next_line()).await.unwrap_or_else(|_| panic!("no {name} in time")).unwrap();
            let line = line.unwrap_or_else(|| panic!("the run ended without {name}"));
            let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
            if event["event"] == name || name == "error" && event.get("error").is_some() {
                return event;
            }
        }
    }
    pub async fn page(&mut self) -> Value {
        self.event("authorize_url").await
    }
    pub async fn paste(&mut self, text: &str) {
        self.stdin.write_all(format!("{text}\n").as_bytes()).await.unwrap();
        self.stdin.flush().await.unwrap();
    }
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }
    pub async fn ended(&mut self) -> i32 {
        timeout(DEADLINE, self.child.wait()).await.unwrap().unwrap().code().unwrap()
    }
}

/// A browser that does not follow redirects by itself.
pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// Presses a button on the consent page; gives the address that the browser is sent to.
pub async fn decide(authorize: &Value, decision: &str) -> String {
    let address = authorize.as_str().unwrap();
    let page = client().get(address).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let (endpoint, query) = address.split_once('?').unwrap();
    let request = client().post(endpoint).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(format!("{query}&decision={decision}")).send().await.unwrap();
    assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap());
    answer.headers()["location"].to_str().unwrap().to_string()
}

pub async fn approve(authorize: &Value) -> String {
    decide(authorize, "approve").await
}

/// The browser goes back to the program: status and page.
pub async fn follow(address: &str) -> (u16, String) {
    let answer = client().get(address).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Names of all files below a folder that hold a text.
pub fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(files_with(&entry.path(), text));
        } else if String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).contains(text) {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}
