//! Providers, models and settings without a screen, and the picker in a real terminal.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::sandbox::{Options, serve};
use serde_json::Value;
use std::{
    fs,
    time::{Duration, Instant},
};
use support::{Start, Terminal, account::Home};

const CATALOG: &str = include_str!("support/catalog.json");

/// Nobody answers there: the catalog's server is not asked in these tests.
const NOWHERE: (&str, &str) = ("HERMES_MODELS_DEV_URL", "http://127.0.0.1:9/api.json");

async fn run(home: &Home, variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
    let out = home.command().env(NOWHERE.0, NOWHERE.1).envs(variables.iter().copied()).args(arguments).output().await.unwrap();
    (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

fn ids(document: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(document).unwrap();
    document["models"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_string()).collect()
}

#[tokio::test]
async fn the_list_comes_from_the_server_the_catalog_or_the_program() {
    let home = Home::new();
    let list = ["model", "list", "--provider", "grok-oauth", "--json"];
    let (status, out, _) = run(&home, &[], &list).await;
    let built_in: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, built_in["source"].as_str(), built_in["fetched_at"].is_null()), (0, Some("builtin"), true));
    assert_eq!(ids(&out), ["grok-4.3", "grok-4.20-0309-reasoning", "grok-4.20-0309-non-reasoning", "grok-4.20-multi-agent-0309"]);
    // a catalog on the disk, with a model that nobody knew, and ones that do not chat
    let catalog = home.path().join("models_dev_cache.json");
    fs::write(&catalog, CATALOG.replace("\"grok-4.3\":{\"id\":\"grok-4.3\"", "\"grok-5\":{\"id\":\"grok-5\"")).unwrap();
    let (_, out, _) = run(&home, &[], &list).await;
    let cached: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(cached["source"], "cache");
    assert_eq!(ids(&out)[..2], ["grok-4.3", "grok-5"], "`grok-4.3` is always first");
    assert!(!out.contains("grok-imagine"));
    assert_eq!(cached["models"][0]["efforts"], serde_json::json!(["none", "low", "medium", "high"]));
    // a damaged one changes nothing, and says so once
    for damaged in ["", "{", "[]", "{\"xai\":", &"[".repeat(60_000)] {
        fs::write(&catalog, damaged).unwrap();
        let (status, out, error) = run(&home, &[], &list).await;
        assert_eq!((status, ids(&out).len()), (0, 4));
        assert_eq!(error.matches("can't be used").count(), 1, "{error}");
        assert_eq!(fs::read_to_string(&catalog).unwrap(), damaged, "it is left as it is");
    }
    fs::remove_file(&catalog).unwrap();
    let server = serve(Options::default()).await.unwrap();
    let base = server.base_url();
    let variables = [("XAI_API_KEY", "x"), ("XAI_BASE_URL", base.as_str())];
    let (_, out, _) = run(&home, &variables, &["model", "list", "--provider", "xai", "--json"]).await;
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["source"], "live");
    assert!(ids(&out).contains(&"grok-4.7".to_string()) && ids(&out)[0] == "grok-4.3");
}

#[tokio::test]
async fn an_old_catalog_is_asked_for_again_and_a_fresh_one_is_not() {
    use axum::{Router, extract::State, http::HeaderMap, routing::get};
    use std::sync::{Arc, Mutex};
    let asked: Arc<Mutex<Vec<bool>>> = Arc::default();
    let answer = async |State(asked): State<Arc<Mutex<Vec<bool>>>>, headers: HeaderMap| {
        let conditional = headers.contains_key("if-modified-since");
        asked.lock().unwrap().push(conditional);
        if conditional { Err(axum::http::StatusCode::NOT_MODIFIED) } else { Ok(CATALOG) }
    };
    let router = Router::new().route("/api.json", get(answer)).with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}/api.json", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "a server of this test")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    let home = Home::new();
    let list = async || {
        let mut command = home.command();
        command.env("HERMES_MODELS_DEV_URL", &address).args(["model", "list", "--provider", "xai-oauth", "--json"]);
        ids(&String::from_utf8(command.output().await.unwrap().stdout).unwrap()).len()
    };
    let path = home.path().join("models_dev_cache.json");
    assert_eq!((list().await, asked.lock().unwrap().clone()), (4, vec![false]));
    assert_eq!(fs::read_to_string(&path).unwrap(), CATALOG, "the file holds what came, byte for byte");
    assert_eq!((list().await, asked.lock().unwrap().len()), (4, 1), "a fresh one is not asked for");
    let old = std::time::SystemTime::now() - Duration::from_secs(7_200);
    fs::File::options().append(true).open(&path).unwrap().set_modified(old).unwrap();
    assert_eq!((list().await, asked.lock().unwrap().clone()), (4, vec![false, true]));
    assert!(fs::metadata(&path).unwrap().modified().unwrap() > old + Duration::from_secs(3_600), "it counts as fresh again");
}

#[tokio::test]
async fn a_model_is_set_without_losing_a_comment() {
    let home = Home::new();
    let before = "# my settings\nmodel:\n  default: grok-4.7 # the best\n  provider: xai # with a key\n  base_url: \"https://api.x.ai/v1\"\n  their: [1, 2]\ntui: {theme: light} # sunny\n";
    fs::write(home.path().join("config.yaml"), before).unwrap();
    let (status, _, error) = run(&home, &[], &["model", "set", "x-ai/Grok-4.3"]).await;
    assert_eq!(status, 0, "{error}");
    assert_eq!(
        home.read("config.yaml"),
        before.replace("default: grok-4.7", "default: grok-4.3").replace("\"https://api.x.ai/v1\"", "https://api.x.ai/v1")
    );
    assert_eq!(run(&home, &[], &["model", "set", "xai-oauth:grok-4.7"]).await.0, 0);
    assert!(home.read("config.yaml").contains("provider: xai-oauth # with a key"));
    assert_eq!(run(&home, &[], &["model", "set", "two words"]).await.0, 2);
    assert_eq!(run(&home, &[], &["model", "set", "x", "--provider", "nobody"]).await.0, 2);
    // a plain text was short for the model
    fs::write(home.path().join("config.yaml"), "model: grok-4.7\n").unwrap();
    assert_eq!(run(&home, &[], &["model", "set", "grok-4.3", "--provider", "xai-grok-oauth"]).await.0, 0);
    assert_eq!(home.read("config.yaml"), "model:\n  default: grok-4.3\n  provider: xai-oauth\n  base_url: https://api.x.ai/v1\n");
}

#[tokio::test]
async fn settings_change_one_line_and_keep_the_rest() {
    let home = Home::new();
    let path = home.path().join("config.yaml");
    let before = "# a file with many comments\n\nmodel:   # who answers\n    default: 'grok-4.3'   # quoted\n    provider: sandbox\n\n# about the agent\nagent:\n    max_turns: 90 # enough\n    list: [a, b] # flow\nanchors: &a {x: 1}\nuse: *a\nunknown_key: yes\n";
    fs::write(&path, before).unwrap();
    let config = async |arguments: &[&str]| run(&home, &[], &[&["config"], arguments].concat()).await;
    assert_eq!(config(&["set", "agent.max_turns", "40"]).await.0, 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), before.replace("max_turns: 90", "max_turns: 40"));
    assert_eq!(config(&["get", "agent.max_turns"]).await.1, "40\n");
    assert_eq!(config(&["get", "agent.list", "--json"]).await.1, "[\"a\",\"b\"]\n");
    assert_eq!(config(&["get", "model.default"]).await.1, "grok-4.3\n");
    assert_eq!(config(&["set", "tui.theme", "light"]).await.0, 0);
    let after = fs::read_to_string(&path).unwrap();
    assert!(after.starts_with(&before.replace("max_turns: 90", "max_turns: 40")) && after.ends_with("tui:\n  theme: light\n"), "{after}");
    assert_eq!(config(&["unset", "tui.theme"]).await.0, 0);
    assert_eq!(config(&["get", "tui.theme"]).await.0, 1);
    assert_eq!(config(&["set", "model.default.x", "1"]).await.0, 1, "a text is not overwritten by a mapping");
    assert_eq!(config(&["set", "..", "1"]).await.0, 2);
    assert_eq!(config(&["path"]).await.1, format!("{}\n", path.display()));
    // keys go where keys belong, private, and are not shown
    let (status, out, _) = config(&["set", "xai_api_key", "xai-very-secret"]).await;
    assert!(status == 0 && !out.contains("secret"), "{out}");
    assert_eq!(home.read(".env"), "XAI_API_KEY=xai-very-secret\n");
    // a value that can't be used is written and named; a damaged file is left alone
    let (status, _, error) = config(&["set", "tui.mouse", "perhaps"]).await;
    assert!(status == 0 && error.contains("tui.mouse"), "{error}");
    fs::write(&path, "a: [1\n").unwrap();
    assert_eq!(config(&["set", "a", "2"]).await.0, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), "a: [1\n");
}

#[test]
fn from_nothing_arrows_and_enter_lead_to_a_chat() {
    let mut terminal = Terminal::start(Start { arguments: &[], variables: &[NOWHERE], ..Start::default() });
    terminal.see("Who shall answer?");
    terminal.see("Look around");
    // everybody is a key away
    terminal.send("\x1bOQ");
    terminal.see("offline demo");
    // up from the first row is the last one: the demo
    terminal.send("\x1b[A");
    terminal.see("› Sandbox");
    terminal.send("\r");
    terminal.see("live, just now");
    terminal.send("\r");
    terminal.see("Ask anything");
    terminal.send("hello\r");
    terminal.see("tokens");
    terminal.send("/quit\r");
    assert_eq!(terminal.ended(), 0);
    assert!(fs::read_to_string(terminal.home.join("config.yaml")).unwrap().contains("provider: sandbox"));
}

#[test]
fn an_address_of_ones_own_is_typed_and_asked() {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = serve(Options::default()).await.unwrap();
            sender.send(server.base_url()).unwrap();
            server.stopped().await;
        });
    });
    let address = receiver.recv().unwrap();
    let variables = [NOWHERE, ("CUSTOM_API_KEY", "x")];
    let mut terminal = Terminal::start(Start { arguments: &[], variables: &variables, ..Start::default() });
    terminal.see("Look around");
    // a name that is typed is looked for
    terminal.send("custom");
    terminal.see("› Custom address");
    terminal.send("\r");
    terminal.see("Where is the server?");
    terminal.send("http://example.com\r");
    terminal.see("is not `https`");
    terminal.send("\x1b[Z\x1b[D\r");
    terminal.see("Where is the server?");
    terminal.send(format!("{address}\r"));
    terminal.see("live, just now");
    terminal.send("grok-4.3\r");
    terminal.see("Ask anything");
    terminal.send("hello\r");
    terminal.see("A short tour");
    assert!(fs::read_to_string(terminal.home.join("config.yaml")).unwrap().contains(&format!("base_url: {address}")));
}

#[test]
fn a_bad_setting_is_named_with_its_line_and_stops_nothing() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("config.yaml"), "tui:\n  mouse: perhaps\nmodel:\n  provider: nobody\n").unwrap();
    let start = Start { arguments: &["--provider", "sandbox"], variables: &[NOWHERE], home: Some(home.path()), ..Start::default() };
    let mut terminal = Terminal::start(start);
    terminal.see("line 2");
    terminal.see("`tui.mouse` is neither yes nor no");
    terminal.see("❯");
    terminal.send("hello\r");
    terminal.see("tokens");
    // a provider that nobody knows leads to the picker
    let start = Start { arguments: &[], variables: &[NOWHERE], home: Some(home.path()), ..Start::default() };
    let mut terminal = Terminal::start(start);
    terminal.see("Who shall answer?");
    terminal.send("\x1b");
    terminal.see("There is no provider called `nobody`");
}

#[test]
fn a_catalog_that_is_replaced_shows_its_new_model_at_the_next_look() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("models_dev_cache.json");
    fs::write(&path, CATALOG).unwrap();
    let start = Start { arguments: &["--provider", "xai-oauth"], variables: &[NOWHERE], home: Some(home.path()), ..Start::default() };
    let mut terminal = Terminal::start(start);
    terminal.see("Ask anything");
    terminal.send("\x1bOQ");
    terminal.see("catalog, just now");
    assert!(!terminal.text().contains("grok-9-new"));
    terminal.send("\x1b");
    terminal.wait("the chat alone", |s| !s.contents().contains("Who answers"));
    fs::write(&path, CATALOG.replace("grok-4.20-0309-reasoning", "grok-9-new")).unwrap();
    terminal.send("\x1bOQ");
    terminal.see("grok-9-new");
}

#[test]
fn a_thousand_models_are_filtered_within_a_frame() {
    use hermes::domain::catalog::{Model, ModelList, Source};
    use hermes::flow::{message::Message, news::News};
    let mut stage = support::stage::Stage::new(120, 40);
    let models = (0..1_000).map(|n| Model { id: format!("vendor-{}/model-{n}-instruct", n % 37), ..Model::default() }).collect();
    stage.message(Message::News(News::ModelsListed(ModelList { provider: "sandbox", models, source: Source::Live, fetched_at: None })));
    stage.press("f2");
    // the list on the disk does not take the place of what the provider said a moment ago
    stage.message(Message::News(News::ModelsListed(ModelList {
        provider: "sandbox",
        models: vec![],
        source: Source::BuiltIn,
        fetched_at: None,
    })));
    let mut slowest = Duration::ZERO;
    for letter in ["m", "o", "d", "e", "l", "9", "9"] {
        let began = Instant::now();
        stage.type_text(letter).screen();
        slowest = slowest.max(began.elapsed());
    }
    assert!(stage.screen().contains("model-99-instruct"));
    // printed rather than judged: a busy machine is no fault. A frame is 16.7 ms in a release build
    #[expect(clippy::disallowed_macros, reason = "a benchmark prints its figure")]
    {
        println!("1,000 models: the slowest letter took {:.2} ms to a finished picture, a frame has 16.7", slowest.as_secs_f64() * 1e3);
    }
}

#[tokio::test]
async fn a_warning_about_the_settings_is_printed_once() {
    let home = support::account::Home::new();
    fs::write(home.path().join("config.yaml"), "tui:\n  mouse: perhaps\n").unwrap();
    let out = home.command().args(["model", "list", "--provider", "sandbox"]).output().await.unwrap();
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!((out.status.code(), told.matches("warning").count()), (Some(0), 1), "{told}");
}
