//! A home of its own, the real binary in it, and a person at the sandbox's consent page.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hermes::sandbox::{Options, Sandbox, parse_faults, serve};
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

/// Lines of what a program prints.
pub fn lines_of<R: tokio::io::AsyncRead + Unpin>(output: R) -> Lines<BufReader<R>> {
    BufReader::new(output).lines()
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

pub async fn sandbox(faults: &str) -> Sandbox {
    serve(Options { port: 0, faults: parse_faults(faults).unwrap() }).await.unwrap()
}

/// A home in which somebody has signed in.
pub async fn signed_in(server: &Sandbox) -> Home {
    let home = Home::new();
    let mut adding = Adding::start(&home, server, &["--method", "browser"]).await;
    follow(&approve(&adding.page().await["url"]).await).await;
    adding.event("signed_in").await;
    assert_eq!(adding.ended().await, 0);
    home
}

pub fn token(claims: &Value) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Changes the only row.
pub fn edit(home: &Home, change: impl FnOnce(&mut Value)) {
    let mut auth = home.auth();
    change(&mut auth["credential_pool"]["xai-oauth"][0]);
    std::fs::write(home.path().join("auth.json"), auth.to_string()).unwrap();
}

pub fn refreshes(server: &Sandbox) -> usize {
    server.requests().iter().filter(|r| r.path == "/oauth2/token" && r.body["grant_type"] == "refresh_token").count()
}

pub async fn ask(home: &Home, server: &Sandbox) -> (Option<i32>, String, String) {
    let out = hermes(home, server).args(["--provider", "xai-oauth", "chat", "--json", "-q", "hello"]).output().await.unwrap();
    (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

pub fn last(out: &str) -> Value {
    serde_json::from_str(out.lines().last().unwrap()).unwrap()
}

/// A service on a thread of its own, for tests that wait for a terminal; and a home in which somebody has signed in there.
pub fn signed_in_behind(faults: &str) -> (Sandbox, Home) {
    let faults = faults.to_string();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = sandbox(&faults).await;
            let home = signed_in(&server).await;
            sender.send((server, home)).unwrap();
            std::future::pending::<()>().await
        });
    });
    receiver.recv().unwrap()
}

/// Variables that put the service in place of xAI.
pub fn in_place_of_xai(server: &Sandbox) -> [(&'static str, String); 2] {
    [("XAI_OAUTH_ISSUER", server.issuer()), ("XAI_BASE_URL", server.base_url())]
}
