//! The events of one answer, in the order and shape of `responses.md` 16.

use super::{
    demo::Plan,
    faults::Fault,
    models::Model,
    refusals::seal,
    wire::{CUT_AFTER, Stop, Wire},
};
use serde_json::{Value, json};
use std::io::Write;
use tokio::time::sleep;

/// Writes the events of one answer.
pub struct Answer<'a> {
    /// Down to the reader.
    pub wire: Wire<'a>,
    /// Who answers.
    pub model: &'static Model,
    /// The answer without its output, usage and end.
    pub response: Value,
    /// A bare UUID.
    pub id: String,
    /// Whether the reasoning blob was asked for.
    pub encrypt: bool,
    /// Tokens: input, cached.
    pub input: (u64, u64),
    /// Events that were written.
    pub sequence: u64,
}

impl Answer<'_> {
    /// Writes everything, failing where that was asked for.
    pub async fn write(mut self, mut plan: Plan) {
        // either way nothing more is to be done: the reader has gone, or a fault was acted out
        let _ = self.all(&mut plan).await;
    }

    async fn all(&mut self, plan: &mut Plan) -> Result<(), Stop> {
        self.event("response.created", json!({ "response": self.response })).await?;
        self.event("response.in_progress", json!({ "response": self.response })).await?;
        self.wire.flush().await?;
        if self.wire.fails(&Fault::HugeLine) {
            self.wire.huge_line("data: {\"type\":\"response.output_text.delta\",\"delta\":\"", "\"}\n\n").await?;
        }
        if self.wire.fails(&Fault::Failed) {
            self.response["status"] = "failed".into();
            self.response["error"] = json!({ "code": "server_error", "message": "Internal error while sampling." });
            self.event("response.failed", json!({ "response": self.response })).await?;
            return self.wire.flush().await;
        }
        let mut output = vec![];
        let mut made = 0;
        if !plan.thoughts.is_empty() {
            let thought = plan.thoughts.concat();
            made += tokens(&thought);
            output.push(self.reasoning(plan, &thought).await?);
        }
        let reasoning_tokens = made;
        for item in std::mem::take(&mut plan.served) {
            self.served(output.len(), &item).await?;
            output.push(item);
        }
        for (number, (name, arguments)) in std::mem::take(&mut plan.calls).into_iter().enumerate() {
            made += tokens(&arguments) + 8;
            output.push(self.call(output.len(), number, &name, &arguments).await?);
        }
        let calls = output.iter().any(|o| o["type"] == "function_call");
        let incomplete = self.wire.fails(&Fault::Incomplete);
        if !calls {
            let message = self.message(plan, output.len(), incomplete).await?;
            made += tokens(message["content"][0]["text"].as_str().unwrap_or_default());
            output.push(message);
        }
        let served = output.iter().filter(|item| !matches!(item["type"].as_str(), Some("message" | "reasoning" | "function_call"))).count();
        self.response["output"] = Value::Array(output);
        self.response["usage"] = usage(self.model, self.input, made, reasoning_tokens);
        self.response["usage"]["num_server_side_tools_used"] = served.into();
        let end = if incomplete { "incomplete" } else { "completed" };
        self.response["status"] = end.into();
        if incomplete {
            self.response["incomplete_details"] = json!({ "reason": "max_output_tokens" });
        }
        self.event(&format!("response.{end}"), json!({ "response": self.response })).await?;
        self.wire.buffer.extend_from_slice(b"data: [DONE]\n\n");
        self.wire.flush().await
    }

    async fn reasoning(&mut self, plan: &mut Plan, thought: &str) -> Result<Value, Stop> {
        let id = format!("rs_{}", self.id);
        let at = json!({ "item_id": id, "output_index": 0, "summary_index": 0 });
        let with = |name: &str, value: Value| {
            let mut fields = at.clone();
            fields[name] = value;
            fields
        };
        let open = json!({ "id": id, "type": "reasoning", "summary": [], "status": "in_progress" });
        self.event("response.output_item.added", json!({ "output_index": 0, "item": open })).await?;
        self.event("response.reasoning_summary_part.added", with("part", json!({ "type": "summary_text", "text": "" }))).await?;
        for delta in std::mem::take(&mut plan.thoughts) {
            if let Some(pace) = plan.pace {
                self.wire.flush().await?;
                sleep(pace * 20).await;
            }
            self.event("response.reasoning_summary_text.delta", with("delta", delta.into())).await?;
        }
        self.event("response.reasoning_summary_text.done", with("text", thought.into())).await?;
        self.event("response.reasoning_summary_part.done", with("part", json!({ "type": "summary_text", "text": thought }))).await?;
        let mut item =
            json!({ "id": id, "type": "reasoning", "summary": [{ "type": "summary_text", "text": thought }], "status": "completed" });
        if self.encrypt {
            item["encrypted_content"] = seal(self.model, thought).into();
        }
        self.event("response.output_item.done", json!({ "output_index": 0, "item": item })).await?;
        Ok(item)
    }

    /// What the service does by itself.
    async fn served(&mut self, index: usize, item: &Value) -> Result<(), Stop> {
        let mut begun = item.clone();
        begun["status"] = "in_progress".into();
        self.event("response.output_item.added", json!({ "output_index": index, "item": begun })).await?;
        if item["type"] == "web_search_call" {
            for state in ["in_progress", "searching", "completed"] {
                let at = json!({ "item_id": item["id"], "output_index": index });
                self.event(&format!("response.web_search_call.{state}"), at).await?;
            }
        }
        self.event("response.output_item.done", json!({ "output_index": index, "item": item })).await
    }

    async fn call(&mut self, index: usize, number: usize, name: &str, arguments: &str) -> Result<Value, Stop> {
        let id = format!("fc_{}_{number}", self.id);
        let call = format!("call_{}{number}", self.id.split('-').next().unwrap_or_default());
        let item = |arguments: &str, status: &str| json!({ "id": id, "type": "function_call", "call_id": call, "name": name, "arguments": arguments, "status": status });
        self.event("response.output_item.added", json!({ "output_index": index, "item": item("", "in_progress") })).await?;
        self.event("response.function_call_arguments.delta", json!({ "item_id": id, "output_index": index, "delta": arguments })).await?;
        self.event(
            "response.function_call_arguments.done",
            json!({ "item_id": id, "output_index": index, "name": name, "arguments": arguments }),
        )
        .await?;
        let done = item(arguments, "completed");
        self.event("response.output_item.done", json!({ "output_index": index, "item": done })).await?;
        Ok(done)
    }

    async fn message(&mut self, plan: &mut Plan, index: usize, incomplete: bool) -> Result<Value, Stop> {
        let id = format!("msg_{}", self.id);
        let open = json!({ "id": id, "type": "message", "role": "assistant", "status": "in_progress", "content": [] });
        self.event("response.output_item.added", json!({ "output_index": index, "item": open })).await?;
        let at = json!({ "item_id": id, "output_index": index, "content_index": 0 });
        let with = |name: &str, value: Value| {
            let mut fields = at.clone();
            fields[name] = value;
            fields
        };
        self.event("response.content_part.added", with("part", json!({ "type": "output_text", "text": "", "annotations": [] }))).await?;
        let mut text = String::new();
        // the next delta is due at its own time, whatever the last one took
        let mut due = tokio::time::Instant::now();
        for (number, delta) in plan.words.by_ref().enumerate() {
            if let Some(pace) = plan.pace {
                due += pace;
                if due > tokio::time::Instant::now() {
                    self.wire.flush().await?;
                    tokio::time::sleep_until(due).await;
                }
            }
            text.push_str(&delta);
            self.delta(&id, index, &delta).await?;
            self.middle(number).await?;
            if incomplete && number >= CUT_AFTER {
                break;
            }
        }
        if self.wire.fails(&Fault::Cut) {
            self.wire.cut().await?;
        }
        for (number, cite) in plan.cites.iter().enumerate() {
            let mut fields = with("annotation", cite.clone());
            fields["annotation_index"] = number.into();
            self.event("response.output_text.annotation.added", fields).await?;
        }
        let part = json!({ "type": "output_text", "text": text, "annotations": plan.cites, "logprobs": [] });
        let mut done = with("text", text.as_str().into());
        done["logprobs"] = json!([]);
        self.event("response.output_text.done", done).await?;
        self.event("response.content_part.done", with("part", part.clone())).await?;
        let status = if incomplete { "incomplete" } else { "completed" };
        let item = json!({ "id": id, "type": "message", "role": "assistant", "status": status, "content": [part] });
        self.event("response.output_item.done", json!({ "output_index": index, "item": item })).await?;
        Ok(item)
    }

    /// What goes wrong in the middle of an answer.
    async fn middle(&mut self, number: usize) -> Result<(), Stop> {
        if number == 3 && self.wire.fails(&Fault::Malformed) {
            self.wire
                .buffer
                .extend_from_slice(b"event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"oo\n\n");
            self.wire.buffer.extend_from_slice(
                b": a comment\n\nid: 7\nretry: 1000\ndata: {\"type\":\"response.something_new\",\"delta\":{\"deep\":[1]}}\n\ndata: 3\n\n",
            );
        }
        if number == 5 && self.wire.fails(&Fault::ErrorFrame) {
            self.event("error", json!({ "code": "server_error", "message": "The model stopped in the middle of a word.", "param": null }))
                .await?;
            self.wire.flush().await?;
            return Err(Stop);
        }
        if number == 5 && self.wire.fails(&Fault::Stall) {
            return self.wire.stall().await;
        }
        if number == CUT_AFTER && self.wire.fails(&Fault::Cut) {
            self.wire.cut().await?;
        }
        Ok(())
    }

    /// One delta of text: by far the most frequent event, so written by hand.
    async fn delta(&mut self, id: &str, index: usize, delta: &str) -> Result<(), Stop> {
        self.wire.slow().await?;
        self.wire.buffer.extend_from_slice(b"event: response.output_text.delta\n");
        let sequence = self.sequence;
        let _ = write!(
            self.wire.buffer,
            "data: {{\"type\":\"response.output_text.delta\",\"sequence_number\":{sequence},\"item_id\":\"{id}\",\"output_index\":{index},\"content_index\":0,\"delta\":{},\"logprobs\":[]}}\n\n",
            Value::from(delta)
        );
        self.sequence += 1;
        self.wire.gathered().await
    }

    async fn event(&mut self, kind: &str, fields: Value) -> Result<(), Stop> {
        self.wire.slow().await?;
        let mut data = json!({ "type": kind, "sequence_number": self.sequence });
        if let (Some(data), Value::Object(fields)) = (data.as_object_mut(), fields) {
            data.extend(fields);
        }
        self.sequence += 1;
        let _ = write!(self.wire.buffer, "event: {kind}\ndata: {data}\n\n");
        self.wire.gathered().await
    }
}

/// About as many as a real model would count.
pub fn tokens(text: &str) -> u64 {
    text.len() as u64 / 4 + u64::from(!text.is_empty())
}

fn usage(model: &Model, (input, cached): (u64, u64), output: u64, reasoning: u64) -> Value {
    json!({
        "input_tokens": input, "input_tokens_details": { "cached_tokens": cached },
        "output_tokens": output, "output_tokens_details": { "reasoning_tokens": reasoning },
        "total_tokens": input + output, "num_sources_used": 0, "num_server_side_tools_used": 0,
        "cost_in_usd_ticks": model.ticks(input, cached, output),
    })
}
