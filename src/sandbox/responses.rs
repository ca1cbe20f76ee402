//! `POST /v1/responses`, streamed and whole.

use super::{
    demo::{self, Asked},
    faults::Fault,
    refusals::{self, Refusal},
    reply::{broken, faults, json_body, refusal, stopped, uuid},
    shared::Shared,
    stream::{Answer, tokens},
    wire::{Chunk, Wire},
};
use axum::{
    body::Body,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Answers one request.
pub async fn create(shared: Arc<Shared>, headers: HeaderMap, bytes: Bytes) -> Response {
    let faults = match faults(&shared, &headers) {
        Ok(faults) => faults,
        Err(response) => return response,
    };
    match accept(&shared, &headers, &bytes) {
        Ok((body, model)) => answer(&shared, body, model, faults).await,
        Err(refused) => refusal(&refused),
    }
}

fn accept(shared: &Shared, headers: &HeaderMap, bytes: &Bytes) -> Result<(Value, &'static super::models::Model), Refusal> {
    let mut body = json_body(headers, bytes)?;
    earlier(shared, &mut body)?;
    let model = refusals::check(&body)?;
    Ok((body, model))
}

/// Puts what an earlier response held before the input.
fn earlier(shared: &Shared, body: &mut Value) -> Result<(), Refusal> {
    let Some(id) = body.get("previous_response_id").and_then(Value::as_str).map(str::to_string) else { return Ok(()) };
    if body.get("instructions").is_some_and(|i| !i.is_null()) {
        return Err(Refusal {
            status: 400,
            code: "invalid-argument",
            error: "instructions can't be used together with previous_response_id.".into(),
        });
    }
    let Some(mut items) = shared.stored(&id) else {
        return Err(Refusal { status: 404, code: "not-found", error: format!("Response not found: {id}") });
    };
    items.extend(items_of(body));
    body["input"] = Value::Array(items);
    Ok(())
}

fn items_of(body: &Value) -> Vec<Value> {
    match body.get("input") {
        Some(Value::String(text)) => vec![json!({ "role": "user", "content": text })],
        Some(Value::Array(items)) => items.clone(),
        _ => vec![],
    }
}

async fn answer(shared: &Arc<Shared>, body: Value, model: &'static super::models::Model, faults: Vec<Fault>) -> Response {
    let asked = Asked::read(&body);
    let mut plan = demo::plan(&asked);
    let effort = body.pointer("/reasoning/effort").and_then(Value::as_str);
    if !model.thinks || effort == Some("none") {
        plan.thoughts.clear();
    }
    let streamed = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    let stored = body.get("store").and_then(Value::as_bool).unwrap_or(true);
    let input = tokens(&body["input"].to_string()) + tokens(body.get("instructions").and_then(Value::as_str).unwrap_or_default());
    let cached = shared.cached(body.get("prompt_cache_key").and_then(Value::as_str), input);
    let id = uuid();
    let field = |name: &str, missing: Value| body.get(name).cloned().unwrap_or(missing);
    let response = json!({
        "id": id, "object": "response", "created_at": chrono::Utc::now().timestamp(), "status": "in_progress", "model": model.id, "output": [],
        "parallel_tool_calls": field("parallel_tool_calls", json!(true)), "tool_choice": field("tool_choice", json!("auto")), "tools": field("tools", json!([])),
        "store": stored, "reasoning": { "effort": effort, "summary": if model.thinks { json!("detailed") } else { Value::Null } },
        "error": null, "incomplete_details": null, "usage": null,
    });
    let include = body.get("include").and_then(Value::as_array).is_some_and(|list| list.iter().any(|i| i == "reasoning.encrypted_content"));
    let (wire, mut chunks) = mpsc::channel::<Chunk>(8);
    if !streamed {
        plan.pace = None;
    }
    let items = items_of(&body);
    let task = shared.clone();
    tokio::spawn(async move {
        let answer = Answer {
            wire: Wire::new(wire, &faults),
            model,
            response,
            id,
            encrypt: include || model.id == "grok-4.7",
            input: (input, cached),
            sequence: 0,
        };
        answer.write(plan).await;
        drop(task);
    });
    if streamed {
        // kept only when asked for, and then when the stream is over
        let keep = stored.then(|| (shared.clone(), items));
        let mut last = vec![];
        let answering = shared.begin();
        let body = futures_util::stream::poll_fn(move |context| {
            let _ = &answering;
            let polled = chunks.poll_recv(context);
            if let (std::task::Poll::Ready(Some(Ok(chunk))), Some(_)) = (&polled, &keep) {
                last.extend_from_slice(chunk);
            }
            if let (std::task::Poll::Ready(None), Some((shared, items))) = (&polled, &keep)
                && let Some(response) = ended(&last)
            {
                shared.store(&response, items.clone());
            }
            polled
        });
        let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
        return (headers, Body::from_stream(body)).into_response();
    }
    let mut bytes = vec![];
    while let Some(chunk) = chunks.recv().await {
        match chunk {
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(_) => return broken(),
        }
    }
    match ended(&bytes) {
        Some(response) => {
            if stored {
                shared.store(&response, items);
            }
            axum::Json(response).into_response()
        }
        None => stopped(),
    }
}

/// The response in the last event of a stream.
fn ended(stream: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(stream);
    let data = text.lines().rev().filter_map(|l| l.strip_prefix("data: ")).find(|d| d.starts_with('{'))?;
    let mut event: Value = serde_json::from_str(data).ok()?;
    let mut response = event.get_mut("response").map(Value::take)?;
    response["completed_at"] = chrono::Utc::now().timestamp().into();
    Some(response)
}
