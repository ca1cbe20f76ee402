//! Programs that behave, and programs that don't.

use super::super::{Servers, Told, read};
use super::stage::{GENEROUS, Stage, mood, surroundings};
use futures_util::future::join_all;
use rustix::process::{Pid, test_kill_process};
use serde_json::{Value, json};
use std::{io::Read, net::TcpListener, sync::Arc, time::Duration};
use tokio::time::timeout;

#[tokio::test]
async fn an_ordinary_server_offers_and_answers() {
    let more = json!({"env": {"GIVEN": "here"}, "tools": {"exclude": ["unwanted"]}});
    let Some(mut stage) = Stage::in_mood("ordinary", more) else { return };
    let tools = stage.ready().await;
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    // from four pages, one of which holds a tool that the SDK can't read
    assert_eq!(names, ["echo", "broken", "variable", "fail", "refuse", "wait", "waited", "data", "asks", "grow", "disk"]);
    assert!(tools[0].read_only && !tools[1].read_only && tools[0].about == "Says it again");
    assert_eq!(tools[0].takes, json!({"type": "object", "properties": {"text": {"type": "string"}}}));
    assert_eq!(tools[1].takes, json!({"type": "object", "properties": {}}));
    let many = join_all((0..50).map(|n| stage.says("echo", json!({ "text": n.to_string() })))).await;
    assert_eq!(many, (0..50).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(stage.says("variable", json!({"name": "GIVEN"})).await, "here");
    assert_eq!(stage.says("data", json!({})).await, "{\"n\":1}");
    let failed = stage.call("fail", json!({})).await.unwrap();
    assert!(!failed.ok && failed.text == "it broke");
    let refused = stage.call("refuse", json!({})).await.unwrap_err();
    assert!(refused.contains("-32602") && refused.contains("not like this"), "{refused}");
    assert!(stage.call("unwanted", json!({})).await.unwrap_err().contains("no tool `unwanted`"));
    assert!(stage.servers.call("t", "echo", Default::default()).await.unwrap_err().contains("no MCP server `t`"));
}

#[tokio::test]
async fn what_a_server_asks_is_answered_and_gives_it_nothing() {
    let Some(mut stage) = Stage::in_mood("ordinary", json!({})) else { return };
    stage.ready().await;
    let heard = timeout(GENEROUS, stage.says("asks", json!({}))).await.unwrap();
    assert_eq!(heard, r#"[["r1", "result"], ["r2", "error"], ["r3", "result"]]"#);
}

#[tokio::test]
async fn a_call_that_is_given_up_is_called_off_and_holds_up_nobody() {
    let Some(mut stage) = Stage::in_mood("ordinary", json!({"timeout": 0.5})) else { return };
    stage.ready().await;
    let late = stage.call("wait", json!({})).await.unwrap_err();
    assert!(late.contains("no answer to `wait` within 0.5 s"), "{late}");
    // dropped after it was sent: the answer to the other one comes behind it
    let (waited, other) = (stage.call("wait", json!({})), stage.call("echo", json!({"text": "x"})));
    tokio::select! { biased; _ = waited => panic!("it was answered"), other = other => assert_eq!(other.unwrap().text, "x") }
    let both = async { while serde_json::from_str::<Value>(&stage.says("waited", json!({})).await).unwrap()[1].is_null() {} };
    timeout(GENEROUS, both).await.expect("the server was not told");
}

#[tokio::test]
async fn a_server_that_reads_nothing_holds_up_no_call_for_longer_than_its_time() {
    let Some(mut stage) = Stage::in_mood("deaf", json!({"timeout": 0.5})) else { return };
    stage.ready().await;
    // far more than a pipe holds
    let calls = join_all((0..20).map(|_| stage.call("echo", json!({"text": "x".repeat(200_000)}))));
    let late = timeout(Duration::from_secs(20), calls).await.expect("the calls hang");
    assert!(late.iter().all(|late| late.as_ref().is_err_and(|why| why.contains("no answer"))), "{late:?}");
}

#[tokio::test]
async fn a_list_without_end_is_cut() {
    let Some(mut stage) = Stage::in_mood("many", json!({})) else { return };
    let tools = stage.ready().await;
    assert_eq!((tools.len(), tools[999].name.as_str()), (1_000, "t999"));
}

#[tokio::test]
async fn a_silent_server_is_given_up_and_stops_no_other() {
    let Some((_folder, silent)) = mood("silent", json!({"connect_timeout": 5})) else { return };
    let Some((_other, ordinary)) = mood("ordinary", json!({})) else { return };
    let mut stage = Stage::new(json!({"mute": silent, "s": ordinary}));
    let first = stage.told(|told| if matches!(told, Told::Log { .. }) { None } else { Some(told) }).await;
    assert!(matches!(first, Told::Ready { .. }), "{first:?}");
    let down = stage.told(|told| if let Told::Down { server, why } = told { Some((server, why)) } else { None }).await;
    assert_eq!(down, ("mute".into(), "it did not answer within 5 s".into()));
    timeout(GENEROUS, stage.servers.settled()).await.unwrap();
    assert_eq!(stage.says("echo", json!({"text": "still"})).await, "still");
}

#[tokio::test]
async fn chatter_is_forgiven_and_garbage_is_not() {
    let Some(mut stage) = Stage::in_mood("chatty", json!({})) else { return };
    stage.ready().await;
    let Some(mut stage) = Stage::in_mood("chatty", json!({})) else { return };
    let line = stage.told(|told| if let Told::Log { line, .. } = told { Some(line) } else { None }).await;
    assert_eq!(line, "ready to go");
    let Some(mut stage) = Stage::in_mood("garbage", json!({})) else { return };
    assert_eq!(stage.down().await, "it sends lines that are no messages, such as `hello, I am a web server`");
}

#[tokio::test]
async fn an_endless_line_ends() {
    let Some(mut stage) = Stage::in_mood("endless", json!({})) else { return };
    assert_eq!(stage.down().await, "it sent a line of more than 16 MiB");
}

#[tokio::test]
async fn a_server_that_dies_is_explained_and_started_again() {
    let Some(mut stage) = Stage::in_mood("dies", json!({})) else { return };
    stage.ready().await;
    // more often than a server may fail to start: it did start
    for n in 0..7 {
        assert_eq!(stage.says("echo", json!({ "text": n.to_string() })).await, n.to_string());
        assert_eq!(stage.down().await, "it ended with exit status 3, and its last words were: fatal: out of luck");
        stage.ready().await;
    }
}

#[tokio::test]
async fn a_call_that_loses_its_server_says_why() {
    let Some(mut stage) = Stage::in_mood("dies", json!({})) else { return };
    stage.ready().await;
    let (lost, answered) = tokio::join!(stage.call("wait", json!({})), stage.call("echo", json!({"text": "x"})));
    assert_eq!(answered.unwrap().text, "x");
    let lost = lost.unwrap_err();
    assert!(lost.contains("went away during the call: it ended with exit status 3, and"), "{lost}");
}

#[tokio::test]
async fn a_server_that_never_starts_stays_down_until_it_is_called() {
    let Some(mut stage) = Stage::in_mood("fails", json!({})) else { return };
    for _ in 0..5 {
        assert_eq!(stage.down().await, "it ended with exit status 4, and its last words were: no such database");
    }
    let said = stage.call("echo", json!({})).await.unwrap_err();
    assert!(said.contains("no such database. It is being tried again now"), "{said}");
    assert_eq!(stage.rest(), [], "it was tried more often");
    for _ in 0..5 {
        stage.down().await;
    }
    assert_eq!(stage.rest(), []);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_not_tried_again() {
    let mut stage = Stage::new(json!({"s": {"command": "no-such-program-here"}}));
    assert_eq!(stage.down().await, "the program `no-such-program-here` was not found");
    timeout(GENEROUS, stage.servers.settled()).await.unwrap();
    let said = stage.call("echo", json!({})).await.unwrap_err();
    assert!(said.contains("not found. It is being tried again now"), "{said}");
    assert_eq!(stage.rest(), [], "it was tried more often");
    let mut stage = Stage::new(json!({"s": {"command": "true", "cwd": "/no/such/folder"}}));
    assert_eq!(stage.down().await, "its folder /no/such/folder does not exist");
}

#[tokio::test]
async fn a_list_that_has_changed_is_read_again() {
    let Some(mut stage) = Stage::in_mood("ordinary", json!({})) else { return };
    let before = stage.ready().await;
    assert!(stage.call("grown", json!({})).await.is_err());
    stage.says("grow", json!({})).await;
    let after = stage.ready().await;
    assert!(after.len() == before.len() + 1 && after.iter().any(|tool| tool.name == "grown"));
    assert_eq!(stage.says("grown", json!({})).await, "done");
}

/// Reads the number of the grandchild, which holds the connection as long as it lives.
fn grandchild(listener: &TcpListener) -> (std::net::TcpStream, Pid) {
    let (mut line, _) = listener.accept().unwrap();
    line.set_read_timeout(Some(GENEROUS)).unwrap();
    let mut number = vec![];
    while !number.ends_with(b"\n") {
        let mut byte = [0];
        line.read_exact(&mut byte).unwrap();
        number.push(byte[0]);
    }
    let number = std::str::from_utf8(&number).unwrap().trim().parse().unwrap();
    (line, Pid::from_raw(number).unwrap())
}

/// Waits until the line is closed and nobody has that number; what is left may wait to be buried.
fn is_gone(mut line: std::net::TcpStream, pid: Pid) -> bool {
    let began = std::time::Instant::now();
    let is_there = || {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        test_kill_process(pid).is_ok() && !state.contains(") Z")
    };
    // `read_exact` goes on when a signal breaks in, such as that of a child that has ended
    let closed = line.read_exact(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::UnexpectedEof);
    // its files are closed a moment before it is dead
    while closed && is_there() && began.elapsed() < GENEROUS {
        std::thread::yield_now();
    }
    closed && !is_there()
}

#[tokio::test]
async fn dropping_the_servers_ends_their_grandchildren() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let Some(mut stage) = Stage::in_mood(&format!("forks {}", listener.local_addr().unwrap().port()), json!({})) else { return };
    stage.ready().await;
    let (line, pid) = tokio::task::spawn_blocking(move || grandchild(&listener)).await.unwrap();
    assert!(test_kill_process(pid).is_ok());
    let began = std::time::Instant::now();
    drop(stage);
    assert!(began.elapsed() < Duration::from_secs(1), "dropping waited");
    assert!(tokio::task::spawn_blocking(move || is_gone(line, pid)).await.unwrap());
    // both ignore the polite signal
    assert!(began.elapsed() >= Duration::from_millis(1_900), "nobody was asked first");
}

#[test]
fn a_runtime_that_ends_takes_everything_along() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let Some((folder, config)) = mood(&format!("forks {}", listener.local_addr().unwrap().port()), json!({})) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let definitions = read(&json!({ "s": config })).into_iter().map(|(_, definition)| definition.unwrap()).collect();
    let surroundings = surroundings(folder.path());
    let (servers, (line, pid)) = runtime.block_on(async {
        let servers = Servers::start(definitions, surroundings, Arc::new(|_| {}));
        (servers, tokio::task::spawn_blocking(move || grandchild(&listener)).await.unwrap())
    });
    drop(runtime);
    assert!(is_gone(line, pid));
    drop(servers);
}
