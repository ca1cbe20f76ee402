//! Chat Completions of the sandbox over real HTTP: what a stream is made of, a round of tools, what is refused and what fails.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[allow(dead_code, reason = "only its client is used here")]
#[path = "support/account.rs"]
mod account;

use account::client;
use hermes::sandbox::{Options, Sandbox, parse_faults, serve};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn sandbox(faults: &str) -> Sandbox {
    serve(Options { port: 0, faults: parse_faults(faults).unwrap() }).await.unwrap()
}

/// A body with one question, and more fields.
fn asking(question: &str, fields: Value) -> Value {
    let mut body = json!({ "model": "grok-4.3", "messages": [{ "role": "user", "content": question }] });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

async fn post(sandbox: &Sandbox, body: &Value, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = client().post(format!("{}/chat/completions", sandbox.base_url())).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.to_string()).send().await.unwrap()
}

const BEARER: (&str, &str) = ("authorization", "Bearer x");

/// Status and JSON of an answer that is not streamed.
async fn whole(sandbox: &Sandbox, body: &Value, fault: &str) -> (u16, Value) {
    let answer = post(sandbox, body, &[BEARER, ("x-sandbox-fault", fault)]).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The data of a stream, and whether the connection was dropped.
async fn stream(sandbox: &Sandbox, body: &Value, fault: &str) -> (Vec<String>, bool) {
    let mut answer = post(sandbox, body, &[BEARER, ("x-sandbox-fault", fault)]).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].as_bytes()), (200, &b"text/event-stream"[..]));
    let mut bytes = vec![];
    let dropped = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    let text = String::from_utf8(bytes).unwrap();
    (text.lines().filter_map(|line| line.strip_prefix("data: ")).map(str::to_string).collect(), dropped)
}

fn chunks(data: &[String]) -> Vec<Value> {
    data.iter().filter_map(|d| serde_json::from_str(d).ok()).collect()
}

fn joined(chunks: &[Value], pointer: &str) -> String {
    chunks.iter().filter_map(|c| c.pointer(pointer)?.as_str()).collect()
}

#[tokio::test]
async fn an_answer_is_streamed() {
    let sandbox = sandbox("").await;
    let body = asking("a table", json!({ "stream": true, "stream_options": { "include_usage": true } }));
    let (data, dropped) = stream(&sandbox, &body, "").await;
    assert!(!dropped && data.last().unwrap() == "[DONE]");
    let chunks = chunks(&data);
    assert!(chunks.iter().all(|c| c["object"] == "chat.completion.chunk" && c["id"] == chunks[0]["id"] && c["model"] == "grok-4.3"));
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let thought = chunks.iter().position(|c| c.pointer("/choices/0/delta/reasoning_content").is_some()).unwrap();
    let word = chunks.iter().position(|c| c.pointer("/choices/0/delta/content").is_some_and(|c| c != "")).unwrap();
    assert!(thought < word && joined(&chunks, "/choices/0/delta/content").contains("|---"));
    assert_eq!(joined(&chunks, "/choices/0/finish_reason"), "stop");
    let last = chunks.last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert!(last["usage"]["total_tokens"].as_u64() > last["usage"]["prompt_tokens"].as_u64());
    assert_eq!(chunks.iter().filter(|c| !c["usage"].is_null()).count(), 1);
    let (data, _) = stream(&sandbox, &asking("stream 500 words", json!({ "stream": true })), "").await;
    assert!(data.iter().all(|d| !d.contains("usage")), "usage was not asked for");
    assert_eq!(joined(&self::chunks(&data), "/choices/0/delta/content").split_whitespace().count(), 500);
}

#[tokio::test]
async fn drills_answer_the_same_as_responses() {
    let sandbox = sandbox("").await;
    let (status, answer) = whole(&sandbox, &asking("write 4000 characters of markdown", json!({})), "").await;
    assert_eq!((status, &answer["object"], &answer["choices"][0]["finish_reason"]), (200, &json!("chat.completion"), &json!("stop")));
    let url = format!("{}/responses", sandbox.base_url());
    let body = json!({ "model": "grok-4.3", "input": "write 4000 characters of markdown", "store": false });
    let request = client().post(url).header("authorization", "Bearer x").header("content-type", "application/json");
    let other: Value = request.body(body.to_string()).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], other["output"][0]["content"][0]["text"]);
    // a key is told by the body or by the header
    let keyed = [BEARER, ("x-grok-conv-id", "k")];
    let first: Value = post(&sandbox, &asking("say hi", json!({})), &keyed).await.json().await.unwrap();
    let second: Value = post(&sandbox, &asking("say hi", json!({ "prompt_cache_key": "k" })), &[BEARER]).await.json().await.unwrap();
    let cached = |answer: &Value| answer["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap();
    assert_eq!((cached(&first), cached(&second)), (0, second["usage"]["prompt_tokens"].as_u64().unwrap()));
    let paced = Instant::now();
    stream(&sandbox, &asking("stream 50 words at 100 a second", json!({ "stream": true })), "").await;
    assert!(paced.elapsed() > Duration::from_millis(400));
}

#[tokio::test]
async fn tools_make_a_round() {
    let sandbox = sandbox("").await;
    let tools = json!([{ "type": "function", "function": { "name": "look", "parameters": { "type": "object" } } }]);
    let question = "call look {\"at\": \"a place with a long name\"}\ncall look {}\ncall nothing {}";
    let body = asking(question, json!({ "tools": tools, "stream": true }));
    let chunks = chunks(&stream(&sandbox, &body, "").await.0);
    assert_eq!(joined(&chunks, "/choices/0/finish_reason"), "tool_calls");
    let mut calls: Vec<Value> = vec![];
    for piece in chunks.iter().filter_map(|c| c.pointer("/choices/0/delta/tool_calls/0")) {
        let mut piece = piece.clone();
        let index = piece["index"].as_u64().unwrap() as usize;
        piece.as_object_mut().unwrap().remove("index");
        match calls.get_mut(index) {
            Some(call) => {
                let arguments = &mut call["function"]["arguments"];
                *arguments = format!("{}{}", arguments.as_str().unwrap(), piece["function"]["arguments"].as_str().unwrap()).into();
            }
            None => calls.push(piece),
        }
    }
    assert_eq!((calls.len(), &calls[0]["function"]["arguments"]), (2, &json!("{\"at\": \"a place with a long name\"}")));
    let mut messages = vec![body["messages"][0].clone(), json!({ "role": "assistant", "content": null, "tool_calls": calls })];
    messages
        .extend(calls.iter().map(|call| json!({ "role": "tool", "tool_call_id": call["id"], "content": format!("saw {}", call["id"]) })));
    let answer = whole(&sandbox, &asking("", json!({ "messages": messages, "tools": tools })), "").await.1;
    let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(calls.iter().all(|call| text.contains(call["id"].as_str().unwrap())), "{text}");
}

#[tokio::test]
async fn what_the_service_refuses_is_refused() {
    let sandbox = sandbox("").await;
    let body = asking("say x", json!({}));
    assert_eq!(post(&sandbox, &body, &[]).await.status(), 401);
    assert_eq!(post(&sandbox, &body, &[("authorization", "Bearer ")]).await.status(), 401);
    let call =
        json!({ "role": "assistant", "tool_calls": [{ "id": "a", "type": "function", "function": { "name": "f", "arguments": "{}" } }] });
    let user = json!({ "role": "user", "content": "x" });
    for (fields, status, words) in [
        (json!({ "model": "grok-9" }), 404, "Model not found: grok-9"),
        (json!({ "messages": [] }), 400, "empty"),
        (json!({ "messages": [{ "role": "user", "content": "" }] }), 400, "at least one content element"),
        (json!({ "messages": [user, { "role": "tool", "tool_call_id": "a", "content": "x" }] }), 400, "No tool call found"),
        (json!({ "messages": [user, call] }), 400, "No tool output found"),
        (json!({ "messages": [user, call, user] }), 400, "No tool output found"),
        (json!({ "reasoning_effort": "xhigh" }), 400, "does not support reasoning effort `xhigh`"),
        (json!({ "reasoning_effort": "turbo" }), 400, "unknown variant"),
        (json!({ "model": "grok-4.20-0309-reasoning", "reasoning_effort": "low" }), 400, "does not support parameter reasoningEffort"),
    ] {
        let (got, refusal) = whole(&sandbox, &asking("x", fields.clone()), "").await;
        assert_eq!(got, status, "{fields}");
        assert!(refusal["error"].as_str().unwrap().contains(words) && refusal["code"].is_string(), "{fields}: {refusal}");
    }
}

#[tokio::test]
async fn faults_are_those_of_responses() {
    let sandbox = sandbox("times=1,status=429,retry-after=3").await;
    let streamed = asking("stream 60 words", json!({ "stream": true, "stream_options": { "include_usage": true } }));
    let first = post(&sandbox, &streamed, &[BEARER]).await;
    assert_eq!((first.status().as_u16(), &first.headers()["retry-after"]), (429, &reqwest::header::HeaderValue::from(3)));
    assert_eq!(post(&sandbox, &streamed, &[BEARER]).await.status(), 200, "once only");
    for (fault, status) in [("plan-refused", 403), ("quota-spent", 403), ("status=500", 500), ("error-frame", 500), ("nonsense", 400)] {
        let (got, body) = whole(&sandbox, &asking("stream 60 words", json!({})), fault).await;
        assert!(got == status && body["error"].is_string(), "{fault}: {got} {body}");
    }
    let (data, dropped) = stream(&sandbox, &streamed, "cut").await;
    assert!(dropped && data.len() > 20 && data.iter().all(|d| !d.contains("[DONE]")));
    let (data, _) = stream(&sandbox, &streamed, "error-frame").await;
    let last: Value = serde_json::from_str(data.last().unwrap()).unwrap();
    assert_eq!(last["error"]["message"], "The model stopped in the middle of a word.");
    let (data, _) = stream(&sandbox, &streamed, "malformed").await;
    assert!(data.iter().any(|d| serde_json::from_str::<Value>(d).is_err() && d != "[DONE]") && data.last().unwrap() == "[DONE]");
    assert_eq!(joined(&chunks(&data), "/choices/0/delta/content").split_whitespace().count(), 60);
    let (data, _) = stream(&sandbox, &streamed, "incomplete").await;
    assert_eq!(joined(&chunks(&data), "/choices/0/finish_reason"), "length");
    let (data, _) = stream(&sandbox, &streamed, "huge-line").await;
    assert!(data.iter().any(|d| d.len() > 16 << 20) && data.last().unwrap() == "[DONE]");
    let slow = Instant::now();
    stream(&sandbox, &asking("say x", json!({ "stream": true })), "slow=50").await;
    assert!(slow.elapsed() > Duration::from_millis(140), "three chunks");
    let mut stalled = post(&sandbox, &streamed, &[BEARER, ("x-sandbox-fault", "stall")]).await;
    let silent = async { while let Ok(Some(_)) = stalled.chunk().await {} };
    assert!(tokio::time::timeout(Duration::from_millis(300), silent).await.is_err(), "the connection stays");
}
