//! Servers with an address: answers as JSON and as a stream, headers that stay at home, refusals.

use super::stage::{GENEROUS, Stage};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::time::timeout;

/// What came: which way, and with which authorization.
type Seen = Arc<Mutex<Vec<(String, Option<String>)>>>;

#[expect(clippy::disallowed_methods, reason = "this is the other side, not ours")]
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::task::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

async fn answer(State(seen): State<Seen>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let what = said["method"].as_str().map_or_else(|| method.to_string(), str::to_string);
    let key = headers.get("authorization").map(|value| value.to_str().unwrap().to_string());
    seen.lock().unwrap().push((what.clone(), key));
    let result = |result: Value| json!({"jsonrpc": "2.0", "id": said["id"], "result": result});
    match what.as_str() {
        "initialize" => {
            let greeting = json!({"protocolVersion": said["params"]["protocolVersion"], "capabilities": {"tools": {}},
                "serverInfo": {"name": "http", "version": "1"}});
            ([("mcp-session-id", "session-1")], Json(result(greeting))).into_response()
        }
        "tools/list" => {
            Json(result(json!({"tools": [{"name": "json", "inputSchema": {}}, {"name": "stream", "inputSchema": {}}]}))).into_response()
        }
        "tools/call" => {
            let answer = result(json!({"content": [{"type": "text", "text": format!("by {}", said["params"]["name"])}]}));
            if said["params"]["name"] == "json" {
                return Json(answer).into_response();
            }
            let note = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x"}});
            ([("content-type", "text/event-stream")], format!("data: {note}\n\nid: 1\ndata: {answer}\n\n")).into_response()
        }
        "DELETE" => StatusCode::OK.into_response(),
        "GET" => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        _ => StatusCode::ACCEPTED.into_response(),
    }
}

#[tokio::test]
async fn answers_come_as_json_and_as_a_stream() {
    let seen = Seen::default();
    let address = serve(Router::new().fallback(answer).with_state(seen.clone())).await;
    let mut stage = Stage::new(json!({"s": {"url": format!("{address}/mcp"), "headers": {"Authorization": "Bearer hunter2"}}}));
    assert_eq!(stage.ready().await.len(), 2);
    assert_eq!(stage.says("json", json!({})).await, "by \"json\"");
    assert_eq!(stage.says("stream", json!({})).await, "by \"stream\"");
    let seen = seen.lock().unwrap();
    assert!(seen.iter().filter(|(what, _)| what == "tools/call").count() == 2);
    assert!(seen.iter().all(|(_, key)| key.as_deref() == Some("Bearer hunter2")), "{seen:?}");
}

#[tokio::test]
async fn a_redirection_takes_no_headers_along() {
    let (there, here) = (Seen::default(), Seen::default());
    let other = serve(Router::new().fallback(answer).with_state(there.clone())).await;
    let aside = move |State(here): State<Seen>| async move {
        here.lock().unwrap().push(("moved".into(), None));
        (StatusCode::TEMPORARY_REDIRECT, [("location", format!("{other}/mcp"))]).into_response()
    };
    let address = serve(Router::new().fallback(aside).with_state(here.clone())).await;
    let mut stage = Stage::new(json!({"s": {"url": format!("{address}/mcp?key=hunter2"), "headers": {"Authorization": "Bearer hunter2"}}}));
    let why = stage.down().await;
    assert!(why.contains("307") && !why.contains("hunter2"), "{why}");
    assert!(!here.lock().unwrap().is_empty() && there.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_login_that_is_wanted_is_said_once() {
    for challenge in [true, false] {
        let refuse = move || async move {
            let mut answer = StatusCode::UNAUTHORIZED.into_response();
            if challenge {
                answer.headers_mut().insert("www-authenticate", "Bearer realm=\"x\"".parse().unwrap());
            }
            answer
        };
        let address = serve(Router::new().fallback(refuse)).await;
        let mut stage = Stage::new(json!({"s": {"url": address}}));
        assert_eq!(stage.down().await, "it wants a login: its `headers` need a valid `Authorization`");
        let said = stage.call("x", json!({})).await.unwrap_err();
        assert!(said.contains("It is being tried again now"), "{said}");
        assert_eq!(stage.rest(), [], "it was tried more often");
    }
}

#[tokio::test]
async fn nobody_at_home_is_a_sentence_without_the_address() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/mcp?key=hunter2", listener.local_addr().unwrap());
    drop(listener);
    let mut stage = Stage::new(json!({"s": {"url": address}}));
    let why = stage.down().await;
    assert!(why.starts_with("it can't be reached (") && why.contains("refused") && !why.contains("hunter2"), "{why}");
    timeout(GENEROUS, stage.servers.settled()).await.unwrap();
}
