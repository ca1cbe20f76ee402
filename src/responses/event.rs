//! One event of a Responses stream (`docs/wire.md` 8 and 15). Unknown events and fields are passed over; damaged
//! JSON is told apart from an event that we do not need.

use crate::{
    domain::{
        conversation::{Call, Ending, Usage},
        turn::Part,
    },
    http::stream::{Event, Reader},
};
use serde::Deserialize;
use serde_json::Value;
use std::{borrow::Cow, sync::Arc};

/// Reads the events of one answer.
#[derive(Debug, Default)]
pub struct Events;

impl Reader for Events {
    fn read(&mut self, data: &[u8], tell: &mut dyn FnMut(Event)) {
        tell(read(data));
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    delta: Option<Cow<'a, str>>,
    item: Option<Value>,
    response: Option<Value>,
    error: Option<Value>,
    code: Option<Value>,
    message: Option<Value>,
}

/// Reads the data of one event.
pub fn read(data: &[u8]) -> Event {
    if data == b"[DONE]" {
        return Event::Nothing;
    }
    let Ok(wire) = serde_json::from_slice::<Wire>(data) else { return read_loosely(data) };
    match (wire.kind.as_ref(), wire.delta) {
        ("response.output_text.delta" | "response.refusal.delta", Some(delta)) => Event::Part(Part::Text(delta.into_owned())),
        ("response.reasoning_summary_text.delta" | "response.reasoning_text.delta", Some(delta)) => {
            Event::Part(Part::Thought(delta.into_owned()))
        }
        ("response.output_item.done", _) => wire.item.map_or(Event::Nothing, |item| finished(&item)),
        ("response.completed" | "response.done", _) => end(wire.response.as_ref(), Ending::Complete),
        ("response.incomplete", _) => end(wire.response.as_ref(), Ending::Truncated),
        ("response.failed" | "response.cancelled", _) => failed(wire.response.as_ref().and_then(|r| r.get("error")), None, None),
        ("error", _) => failed(wire.error.as_ref(), wire.code.as_ref(), wire.message.as_ref()),
        // an object without a type but with an error is a refusal inside a 200
        ("", _) if wire.error.is_some() => failed(wire.error.as_ref(), wire.code.as_ref(), wire.message.as_ref()),
        _ => Event::Nothing,
    }
}

/// An event whose fields are not of the types that we expect: of no use, but no damage either.
fn read_loosely(data: &[u8]) -> Event {
    match serde_json::from_slice::<Value>(data) {
        Ok(Value::Object(_)) => Event::Nothing,
        _ => Event::Damaged,
    }
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_string()
}

/// A finished item: the source of truth for what it holds.
fn finished(item: &Value) -> Event {
    match item.get("type").and_then(Value::as_str) {
        Some("message") => {
            let parts = item.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let whole = parts.iter().filter_map(|p| p.get("text").or_else(|| p.get("refusal")).and_then(Value::as_str)).collect::<String>();
            Event::Part(Part::TextDone { text: whole, item: without(item, "content") })
        }
        Some("reasoning") => {
            let parts = item.get("summary").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let summary = parts.iter().filter_map(|p| p.get("text").and_then(Value::as_str)).collect::<Vec<_>>().join("\n\n");
            let hides = item.get("encrypted_content").and_then(Value::as_str).is_some_and(|e| !e.is_empty());
            Event::Part(Part::ThoughtDone { summary, item: hides.then(|| item.to_string().into()) })
        }
        Some("function_call") if !matches!(item.get("status").and_then(Value::as_str), Some("queued" | "in_progress" | "incomplete")) => {
            let call = Call { id: text(item.get("call_id")), name: text(item.get("name")), arguments: text(item.get("arguments")) };
            Event::Part(Part::Call { call, item: without(item, "arguments") })
        }
        _ => Event::Nothing,
    }
}

/// The item as it came, but for what the entry holds anyway.
fn without(item: &Value, field: &str) -> Option<Arc<str>> {
    let mut item = item.as_object()?.clone();
    item.shift_remove(field);
    Some(Value::Object(item).to_string().into())
}

fn end(response: Option<&Value>, ending: Ending) -> Event {
    Event::End { ending, usage: response.and_then(|r| r.get("usage")).map(usage).unwrap_or_default() }
}

/// Reads `usage`; every field may be missing (`docs/xai.md` 4.9).
pub fn usage(value: &Value) -> Usage {
    let number = |path: &str| value.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    let (input, cached, output) = (number("/input_tokens"), number("/input_tokens_details/cached_tokens"), number("/output_tokens"));
    // some services leave the cached tokens out of the input
    let input = if cached > input { input.saturating_add(cached) } else { input };
    let context = number("/context_details/input_tokens").saturating_add(number("/context_details/output_tokens"));
    let context = if context > 0 { context } else { input.saturating_add(output) };
    let nano = number("/cost_in_nano_usd").saturating_mul(10);
    Usage {
        input_tokens: input,
        cached_tokens: cached,
        output_tokens: output,
        reasoning_tokens: number("/output_tokens_details/reasoning_tokens"),
        context_tokens: Some(context).filter(|c| *c > 0),
        cost_ticks: Some(number("/cost_in_usd_ticks")).filter(|t| *t > 0).unwrap_or(nano),
    }
}

fn failed(error: Option<&Value>, code: Option<&Value>, message: Option<&Value>) -> Event {
    let pick = |name: &str, flat: Option<&Value>| match error.and_then(|e| e.get(name)).or(flat) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let message = match (pick("message", message), error) {
        (empty, Some(Value::String(text))) if empty.is_empty() => text.clone(),
        (text, _) => text,
    };
    Event::Failed { code: pick("code", code), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read() {
        assert_eq!(read(br#"{"type":"response.output_text.delta","delta":"a\u00e9","logprobs":[]}"#), Event::Part(Part::Text("aé".into())));
        assert_eq!(read(br#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#), Event::Part(Part::Thought("hm".into())));
        assert_eq!(
            read(br#"{"type":"response.output_item.done","item":{"type":"reasoning","summary":[],"encrypted_content":"b"}}"#),
            Event::Part(Part::ThoughtDone {
                summary: String::new(),
                item: Some(r#"{"type":"reasoning","summary":[],"encrypted_content":"b"}"#.into())
            })
        );
        assert_eq!(
            read(br#"{"type":"response.output_item.done","item":{"id":"m","type":"message","content":[{"type":"output_text","text":"hi"}]}}"#),
            Event::Part(Part::TextDone { text: "hi".into(), item: Some(r#"{"id":"m","type":"message"}"#.into()) })
        );
        assert_eq!(
            read(br#"{"type":"error","code":"server_error","message":"Broken."}"#),
            Event::Failed { code: "server_error".into(), message: "Broken.".into() }
        );
        assert_eq!(read(br#"{"error":{"code":500,"message":"No."}}"#), Event::Failed { code: "500".into(), message: "No.".into() });
        assert_eq!(read(br#"{"code":"x","error":"flat"}"#), Event::Failed { code: "x".into(), message: "flat".into() });
        assert_eq!(read(b"[DONE]"), Event::Nothing);
        assert_eq!(read(br#"{"type":"response.new_thing","delta":{"a":1}}"#), Event::Nothing);
        assert_eq!(read(b"{oops"), Event::Damaged);
        assert_eq!(read(b"3"), Event::Damaged);
    }

    #[test]
    fn usage_is_read_in_both_ways_of_counting() {
        let value = serde_json::json!({ "input_tokens": 10, "input_tokens_details": { "cached_tokens": 30 }, "output_tokens": 5, "cost_in_usd_ticks": 7 });
        let usage = usage(&value);
        assert_eq!((usage.input_tokens, usage.context_tokens, usage.cost_ticks), (40, Some(45), 7));
        let most = serde_json::json!({ "input_tokens": u64::MAX, "input_tokens_details": { "cached_tokens": u64::MAX }, "output_tokens": u64::MAX,
            "context_details": { "input_tokens": u64::MAX, "output_tokens": u64::MAX }, "cost_in_nano_usd": u64::MAX });
        assert_eq!(self::usage(&most).context_tokens, Some(u64::MAX), "a server may say anything");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            read(&bytes);
        }
    }
}
