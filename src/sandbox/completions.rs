//! `POST /v1/chat/completions`, streamed and whole: the same answers as `/v1/responses` in the older form. Keeps nothing: a request
//! brings its whole conversation.

use super::{
    demo::{self, Plan},
    faults::Fault,
    messages,
    models::Model,
    reply::{broken, faults, json_body, refusal, stopped, uuid},
    shared::Shared,
    stream::tokens,
    wire::{CUT_AFTER, Chunk, Stop, Wire},
};
use axum::{
    body::Body,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::{io::Write, sync::Arc};
use tokio::{sync::mpsc, time::sleep};

/// Characters of a call's arguments in one piece.
const PIECE: usize = 24;

/// Answers one request.
pub async fn create(shared: Arc<Shared>, headers: HeaderMap, bytes: Bytes) -> Response {
    let faults = match faults(&shared, &headers) {
        Ok(faults) => faults,
        Err(response) => return response,
    };
    let accepted = json_body(&headers, &bytes).and_then(|body| messages::check(&body).map(|model| (body, model)));
    match accepted {
        Ok((body, model)) => answer(&shared, &headers, &body, model, faults).await,
        Err(refused) => refusal(&refused),
    }
}

async fn answer(shared: &Shared, headers: &HeaderMap, body: &Value, model: &'static Model, faults: Vec<Fault>) -> Response {
    let mut plan = demo::plan(&messages::asked(body));
    if !model.thinks || body.get("reasoning_effort").and_then(Value::as_str) == Some("none") {
        plan.thoughts.clear();
    }
    let is_asked = |pointer: &str| body.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
    let streamed = is_asked("/stream");
    if !streamed {
        plan.pace = None;
    }
    let input = tokens(&body["messages"].to_string());
    // the header is this endpoint's own name for the key
    let key = body.get("prompt_cache_key").and_then(Value::as_str);
    let cached = shared.cached(key.or_else(|| headers.get("x-grok-conv-id")?.to_str().ok()), input);
    let limit = ["max_completion_tokens", "max_tokens"].iter().find_map(|name| body.get(*name)?.as_u64());
    let with_usage = is_asked("/stream_options/include_usage");
    let (reader, mut chunks) = mpsc::channel::<Chunk>(8);
    let writing = tokio::spawn(async move {
        let answer = Answer {
            wire: Wire::new(reader, &faults),
            model,
            id: uuid(),
            created: chrono::Utc::now().timestamp(),
            with_usage,
            input: (input, cached),
            limit,
        };
        answer.write(plan).await.ok()
    });
    if streamed {
        let body = futures_util::stream::poll_fn(move |context| chunks.poll_recv(context));
        let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
        return (headers, Body::from_stream(body)).into_response();
    }
    while let Some(chunk) = chunks.recv().await {
        if chunk.is_err() {
            return broken();
        }
    }
    match writing.await {
        Ok(Some(whole)) => axum::Json(whole).into_response(),
        _ => stopped(),
    }
}

/// Writes the chunks of one answer.
struct Answer<'a> {
    wire: Wire<'a>,
    model: &'static Model,
    id: String,
    created: i64,
    /// Whether usage is told in the stream.
    with_usage: bool,
    /// Tokens: input, cached.
    input: (u64, u64),
    /// Tokens that the answer may have.
    limit: Option<u64>,
}

impl Answer<'_> {
    /// Writes everything, failing where that was asked for. Gives the answer as a whole.
    async fn write(mut self, mut plan: Plan) -> Result<Value, Stop> {
        self.delta(json!({ "role": "assistant", "content": "" })).await?;
        self.wire.flush().await?;
        if self.wire.fails(&Fault::HugeLine) {
            self.wire.huge_line("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"", "\"}}]}\n\n").await?;
        }
        if self.wire.fails(&Fault::Failed) {
            self.error("Internal error while sampling.").await?;
        }
        let thought = plan.thoughts.concat();
        for delta in std::mem::take(&mut plan.thoughts) {
            if let Some(pace) = plan.pace {
                self.wire.flush().await?;
                sleep(pace * 20).await;
            }
            self.delta(json!({ "reasoning_content": delta })).await?;
        }
        let calls = self.calls(std::mem::take(&mut plan.calls)).await?;
        let mut made: u64 = calls.iter().map(|c| tokens(c["function"]["arguments"].as_str().unwrap_or_default()) + 8).sum();
        let mut message = json!({ "role": "assistant", "content": null, "refusal": null });
        let mut finish = "tool_calls";
        if calls.is_empty() {
            let (text, end) = self.message(plan).await?;
            made += tokens(&text);
            (message["content"], finish) = (text.into(), end);
        } else {
            message["tool_calls"] = Value::Array(calls);
        }
        let usage = usage(self.model, self.input, made, tokens(&thought));
        if !thought.is_empty() {
            message["reasoning_content"] = thought.into();
        }
        self.chunk(json!([{ "index": 0, "delta": {}, "finish_reason": finish }]), None).await?;
        if self.with_usage {
            self.chunk(json!([]), Some(&usage)).await?;
        }
        self.wire.buffer.extend_from_slice(b"data: [DONE]\n\n");
        self.wire.flush().await?;
        Ok(json!({
            "id": self.id, "object": "chat.completion", "created": self.created, "model": self.model.id,
            "choices": [{ "index": 0, "message": message, "finish_reason": finish }], "usage": usage, "system_fingerprint": "fp_sandbox",
        }))
    }

    /// Calls, each in pieces: its id and name, then its arguments.
    async fn calls(&mut self, calls: Vec<(String, String)>) -> Result<Vec<Value>, Stop> {
        let mut whole = vec![];
        for (index, (name, arguments)) in calls.into_iter().enumerate() {
            let id = format!("call_{}{index}", self.id.split('-').next().unwrap_or_default());
            let call = |arguments: &str| json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } });
            let mut first = call("");
            first["index"] = index.into();
            self.delta(json!({ "tool_calls": [first] })).await?;
            let letters: Vec<char> = arguments.chars().collect();
            for piece in letters.chunks(PIECE) {
                let piece: String = piece.iter().collect();
                self.delta(json!({ "tool_calls": [{ "index": index, "function": { "arguments": piece } }] })).await?;
            }
            whole.push(call(&arguments));
        }
        Ok(whole)
    }

    /// The words, and why they end.
    async fn message(&mut self, mut plan: Plan) -> Result<(String, &'static str), Stop> {
        let incomplete = self.wire.fails(&Fault::Incomplete);
        let mut text = String::new();
        // the next delta is due at its own time, whatever the last one took
        let mut due = tokio::time::Instant::now();
        for (number, delta) in plan.words.by_ref().enumerate() {
            if incomplete && number > CUT_AFTER || self.limit.is_some_and(|limit| tokens(&text) >= limit) {
                return Ok((text, "length"));
            }
            if let Some(pace) = plan.pace {
                due += pace;
                if due > tokio::time::Instant::now() {
                    self.wire.flush().await?;
                    tokio::time::sleep_until(due).await;
                }
            }
            text.push_str(&delta);
            self.delta(json!({ "content": delta })).await?;
            self.middle(number).await?;
        }
        if self.wire.fails(&Fault::Cut) {
            self.wire.cut().await?;
        }
        Ok((text, if incomplete { "length" } else { "stop" }))
    }

    /// What goes wrong in the middle of an answer.
    async fn middle(&mut self, number: usize) -> Result<(), Stop> {
        match number {
            3 if self.wire.fails(&Fault::Malformed) => {
                self.wire.buffer.extend_from_slice(b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"oo\n\n");
                self.wire.buffer.extend_from_slice(
                    b": a comment\n\nid: 7\nretry: 1000\ndata: {\"object\":\"something.new\",\"delta\":{\"deep\":[1]}}\n\ndata: 3\n\n",
                );
                Ok(())
            }
            5 if self.wire.fails(&Fault::ErrorFrame) => self.error("The model stopped in the middle of a word.").await,
            5 if self.wire.fails(&Fault::Stall) => self.wire.stall().await,
            CUT_AFTER if self.wire.fails(&Fault::Cut) => self.wire.cut().await,
            _ => Ok(()),
        }
    }

    /// An error where a chunk should be; nothing comes after it.
    async fn error(&mut self, message: &str) -> Result<(), Stop> {
        self.wire.slow().await?;
        let error = json!({ "error": { "message": message, "type": "server_error", "param": null, "code": "server_error" } });
        let _ = write!(self.wire.buffer, "data: {error}\n\n");
        self.wire.flush().await?;
        Err(Stop)
    }

    async fn delta(&mut self, delta: Value) -> Result<(), Stop> {
        self.chunk(json!([{ "index": 0, "delta": delta, "finish_reason": null }]), None).await
    }

    async fn chunk(&mut self, choices: Value, usage: Option<&Value>) -> Result<(), Stop> {
        self.wire.slow().await?;
        let mut chunk = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model.id,
            "choices": choices, "system_fingerprint": "fp_sandbox",
        });
        if self.with_usage {
            chunk["usage"] = usage.cloned().unwrap_or(Value::Null);
        }
        let _ = write!(self.wire.buffer, "data: {chunk}\n\n");
        self.wire.gathered().await
    }
}

/// The service counts reasoning beside the completion here, not in it: only the total holds both.
fn usage(model: &Model, (input, cached): (u64, u64), output: u64, reasoning: u64) -> Value {
    json!({
        "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output + reasoning,
        "prompt_tokens_details": { "text_tokens": input, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": cached },
        "completion_tokens_details": { "reasoning_tokens": reasoning, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0 },
        "num_sources_used": 0, "cost_in_usd_ticks": model.ticks(input, cached, output + reasoning),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frames of an answer, and the answer as a whole.
    async fn written(plan: Plan, faults: &[Fault], limit: Option<u64>) -> (Vec<Value>, Option<Value>) {
        let (reader, mut chunks) = mpsc::channel(1024);
        let wire = Wire::new(reader, faults);
        let model = &super::super::models::MODELS[0];
        let answer = Answer { wire, model, id: "a1-b".into(), created: 7, with_usage: true, input: (10, 4), limit };
        let whole = answer.write(plan).await.ok();
        let mut bytes = vec![];
        while let Some(Ok(chunk)) = chunks.recv().await {
            bytes.extend_from_slice(&chunk);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let frames = text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok());
        (frames.collect(), whole)
    }

    fn plan(thoughts: &[&str], calls: &[(&str, &str)], words: usize) -> Plan {
        let thoughts = thoughts.iter().map(|t| t.to_string()).collect();
        let calls = calls.iter().map(|(name, arguments)| (name.to_string(), arguments.to_string())).collect();
        Plan { thoughts, served: vec![], cites: vec![], calls, words: Box::new((0..words).map(|n| format!("{n} "))), pace: None }
    }

    fn joined(frames: &[Value], pointer: &str) -> String {
        frames.iter().filter_map(|f| f.pointer(pointer)?.as_str()).collect()
    }

    #[tokio::test]
    async fn the_stream_and_the_whole_say_the_same() {
        let (frames, whole) = written(plan(&["Hm. ", "Yes."], &[], 3), &[], None).await;
        let message = &whole.as_ref().unwrap()["choices"][0]["message"];
        assert_eq!(frames[0]["choices"][0]["delta"], json!({ "role": "assistant", "content": "" }));
        assert_eq!((joined(&frames, "/choices/0/delta/content").as_str(), &message["content"]), ("0 1 2 ", &json!("0 1 2 ")));
        assert_eq!(joined(&frames, "/choices/0/delta/reasoning_content"), message["reasoning_content"].as_str().unwrap());
        assert_eq!(joined(&frames, "/choices/0/finish_reason"), "stop");
        let last = frames.last().unwrap();
        assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &whole.as_ref().unwrap()["usage"]));
        let number = |name: &str| last["usage"][name].as_u64().unwrap();
        let reasoning = last["usage"]["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap();
        assert_eq!(number("prompt_tokens") + number("completion_tokens") + reasoning, number("total_tokens"));
    }

    #[tokio::test]
    async fn calls_come_in_pieces() {
        let long = format!("{{\"at\":\"{}\"}}", "é".repeat(40));
        let (frames, whole) = written(plan(&[], &[("look", &long), ("go", "{}")], 3), &[], None).await;
        let whole = whole.unwrap();
        let pieces: Vec<&Value> = frames.iter().filter_map(|f| f.pointer("/choices/0/delta/tool_calls/0")).collect();
        let arguments: String = pieces.iter().filter(|p| p["index"] == 0).filter_map(|p| p["function"]["arguments"].as_str()).collect();
        assert_eq!((arguments.as_str(), &whole["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]), (&*long, &json!(long)));
        assert_eq!(pieces.iter().filter(|p| p["index"] == 0).count(), 4);
        assert_eq!(pieces.iter().filter(|p| p.get("id").is_some()).count(), 2);
        assert_eq!(
            (joined(&frames, "/choices/0/finish_reason").as_str(), joined(&frames, "/choices/0/delta/content").as_str()),
            ("tool_calls", "")
        );
    }

    #[tokio::test]
    async fn an_answer_may_be_too_long_or_break_off() {
        for (faults, limit, words) in [(vec![Fault::Incomplete], None, CUT_AFTER + 1), (vec![], Some(1), 1)] {
            let (frames, whole) = written(plan(&[], &[], 60), &faults, limit).await;
            assert_eq!(joined(&frames, "/choices/0/finish_reason"), "length");
            assert_eq!(whole.unwrap()["choices"][0]["message"]["content"].as_str().unwrap().split_whitespace().count(), words);
        }
        let (frames, whole) = written(plan(&[], &[], 60), &[Fault::ErrorFrame], None).await;
        assert_eq!((&frames.last().unwrap()["error"]["code"], whole), (&json!("server_error"), None));
    }
}
