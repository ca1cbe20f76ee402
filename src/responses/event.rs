//! One event of a Responses stream (`docs/wire.md` 8 and 15). Unknown events and fields are passed over; damaged
//! JSON is told apart from an event that we do not need.

use crate::{
    domain::{
        conversation::{Call, Ending, Served, Usage},
        turn::Part,
    },
    http::{
        judge::{Event, Reader},
        told::{self, Told},
    },
};
use serde::Deserialize;
use serde_json::Value;
use std::{borrow::Cow, sync::Arc};

/// Reads the events of one answer.
#[derive(Debug, Default)]
pub struct Events {
    /// Items that are words on the way to the answer, by their id and their place.
    commentary: Vec<(String, Option<u64>)>,
    /// The part of the thought that is coming.
    paragraph: Option<u64>,
    /// Words, or thoughts, came as deltas since the last finished item.
    said: bool,
    thought: bool,
    /// Items came to their end: what the last event says once more is known.
    finished: bool,
    /// Words or thoughts came at all.
    any_said: bool,
    any_thought: bool,
}

impl Reader for Events {
    fn read(&mut self, data: &[u8], tell: &mut dyn FnMut(Event)) {
        if data.trim_ascii() == b"[DONE]" {
            // an end as good as another, for servers that send no other
            return tell(if self.finished || self.any_said {
                Event::End { ending: Ending::Complete, usage: Usage::default() }
            } else {
                Event::Nothing
            });
        }
        match serde_json::from_slice::<Wire>(data) {
            Ok(wire) => self.event(wire, data, tell),
            Err(_) => self.read_loosely(data, tell),
        }
    }
    fn whole(&mut self, values: &[Value], tell: &mut dyn FnMut(Event)) {
        for value in values {
            // an event that came alone, else the response itself
            match value.get("response").filter(|response| response.is_object()).unwrap_or(value) {
                response if response.get("output").is_some() || response.get("output_text").is_some() => {
                    self.ended(Some(response), Ending::Complete, tell);
                }
                _ => self.read(value.to_string().as_bytes(), tell),
            }
        }
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    delta: Option<Cow<'a, str>>,
    #[serde(borrow)]
    item_id: Option<Cow<'a, str>>,
    output_index: Option<u64>,
    summary_index: Option<u64>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    item: Option<Value>,
    response: Option<Value>,
}

impl Events {
    fn event(&mut self, wire: Wire, data: &[u8], tell: &mut dyn FnMut(Event)) {
        match (wire.kind.as_ref(), wire.delta) {
            ("response.output_text.delta" | "response.refusal.delta", Some(delta)) => {
                let commentary = self.is_commentary(wire.item_id.as_deref(), wire.output_index);
                self.say(delta.into_owned(), commentary, tell);
            }
            ("response.reasoning_summary_text.delta", Some(delta)) => self.think(delta.into_owned(), wire.summary_index, tell),
            ("response.reasoning_text.delta" | "response.reasoning.delta", Some(delta)) => {
                // some servers number each delta of a thought: these are no paragraphs
                self.think(delta.into_owned(), None, tell);
            }
            // told at once by servers that send no deltas
            ("response.output_text.done" | "response.refusal.done", None) if !self.said => {
                let commentary = self.is_commentary(wire.item_id.as_deref(), wire.output_index);
                self.say(wire.text.map(Cow::into_owned).unwrap_or_default(), commentary, tell);
            }
            ("response.reasoning_summary_text.done" | "response.reasoning_text.done", None) if !self.thought => {
                self.think(wire.text.map(Cow::into_owned).unwrap_or_default(), wire.summary_index, tell);
                self.thought = false;
            }
            ("response.output_item.added", _) => {
                (self.said, self.thought, self.paragraph) = (false, false, None);
                if let Some(item) = wire.item.filter(is_commentary) {
                    self.commentary.push((text(item.get("id")), wire.output_index));
                }
            }
            ("response.output_item.done", _) => {
                self.finished = true;
                (self.said, self.thought, self.paragraph) = (false, false, None);
                tell(wire.item.map_or(Event::Nothing, |item| finished(&item)));
            }
            ("response.completed" | "response.done", _) => self.ended(wire.response.as_ref(), Ending::Complete, tell),
            ("response.incomplete", _) => self.ended(wire.response.as_ref(), Ending::Truncated, tell),
            ("response.failed" | "response.cancelled" | "error", _) => tell(failed(data)),
            // an object without a type that is an error is a refusal inside a success
            ("", _) => tell(match serde_json::from_slice::<Value>(data) {
                Ok(value) if told::is_failure(&value) => failed(data),
                _ => Event::Nothing,
            }),
            // of a call, or of something that nobody knows
            (_, Some(delta)) => tell(Event::Piece(delta.len())),
            _ => tell(Event::Nothing),
        }
    }

    /// An event some of whose fields are not of the types that we expect: the others count.
    fn read_loosely(&mut self, data: &[u8], tell: &mut dyn FnMut(Event)) {
        let Ok(Value::Object(mut map)) = serde_json::from_slice::<Value>(data) else {
            return tell(match serde_json::from_slice::<Value>(data) {
                Ok(value) if told::is_failure(&value) => Event::Failed(Told::read(&value)),
                _ => Event::damaged(data),
            });
        };
        let is_number = |name: &str| name.ends_with("_index");
        let is_text = |name: &str| matches!(name, "type" | "delta" | "item_id" | "text");
        map.retain(|name, value| (value.is_string() || !is_text(name)) && (value.is_u64() || !is_number(name)));
        let value = Value::Object(map);
        match Wire::deserialize(&value) {
            Ok(wire) => self.event(wire, data, tell),
            Err(_) => tell(Event::Nothing),
        }
    }

    fn is_commentary(&self, item: Option<&str>, index: Option<u64>) -> bool {
        self.commentary.iter().any(|(id, at)| if id.is_empty() || item.is_none() { *at == index } else { item == Some(id) })
    }

    fn say(&mut self, words: String, commentary: bool, tell: &mut dyn FnMut(Event)) {
        if !words.is_empty() {
            (self.said, self.any_said) = (true, true);
            tell(Event::Part(if commentary { Part::Commentary(words) } else { Part::Text(words) }));
        }
    }

    /// Parts of a summary are paragraphs.
    fn think(&mut self, words: String, part: Option<u64>, tell: &mut dyn FnMut(Event)) {
        if words.is_empty() {
            return;
        }
        let another = self.paragraph.is_some() && part.is_some() && self.paragraph != part;
        self.paragraph = part.or(self.paragraph);
        (self.thought, self.any_thought) = (true, true);
        tell(Event::Part(Part::Thought(if another { format!("\n\n{words}") } else { words })));
    }

    /// The last event. What no other said before it is said by it.
    fn ended(&mut self, response: Option<&Value>, ending: Ending, tell: &mut dyn FnMut(Event)) {
        let status = response.and_then(|r| r.get("status")).and_then(Value::as_str);
        if matches!(status, Some("failed" | "cancelled")) {
            return tell(Event::Failed(response.map(Told::read).unwrap_or_default()));
        }
        let output = response.and_then(|r| r.get("output")).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if !self.finished {
            let mut told = self.any_said;
            for item in output {
                let known = match item.get("type").and_then(Value::as_str) {
                    Some("message") => self.any_said,
                    Some("reasoning") => self.any_thought || self.any_said,
                    _ => false,
                };
                if !known {
                    told |= item.get("type").and_then(Value::as_str) == Some("message");
                    tell(finished(item));
                }
            }
            // some gateways put the words beside the items
            let beside = response.and_then(|r| r.get("output_text")).and_then(Value::as_str).unwrap_or_default();
            if !told && !beside.is_empty() {
                tell(Event::Part(Part::Text(beside.to_string())));
            }
        }
        let short = status == Some("incomplete") || ending == Ending::Truncated;
        let reason = response.and_then(|r| r.pointer("/incomplete_details/reason")).and_then(Value::as_str);
        let ending = match (short, reason) {
            (true, Some("content_filter")) => Ending::Filtered,
            (true, _) => Ending::Truncated,
            (false, _) => ending,
        };
        tell(Event::End { ending, usage: response.and_then(|r| r.get("usage")).map(usage).unwrap_or_default() });
    }
}

fn is_commentary(item: &Value) -> bool {
    matches!(item.get("phase").and_then(Value::as_str), Some("commentary" | "analysis"))
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_string()
}

/// A finished item: the source of truth for what it holds.
fn finished(item: &Value) -> Event {
    match item.get("type").and_then(Value::as_str) {
        Some("message") => {
            let whole = match item.get("content") {
                Some(Value::Array(parts)) => {
                    parts.iter().filter_map(|p| p.get("text").or_else(|| p.get("refusal")).unwrap_or(p).as_str()).collect::<String>()
                }
                content => text(content),
            };
            Event::Part(Part::TextDone { text: whole, commentary: is_commentary(item), item: without(item, "content") })
        }
        Some("reasoning") => {
            // the summary, else the thought itself where a server shows it
            let parts = |name: &str| {
                let parts = item.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                parts.iter().filter_map(|p| p.get("text").and_then(Value::as_str)).collect::<Vec<_>>().join("\n\n")
            };
            let summary = Some(parts("summary")).filter(|summary| !summary.is_empty()).unwrap_or_else(|| parts("content"));
            let hides = item.get("encrypted_content").and_then(Value::as_str).is_some_and(|e| !e.is_empty());
            Event::Part(Part::ThoughtDone { summary, item: hides.then(|| item.to_string().into()) })
        }
        Some("function_call") if !matches!(item.get("status").and_then(Value::as_str), Some("queued" | "in_progress" | "incomplete")) => {
            let call = Call { id: text(item.get("call_id")), name: text(item.get("name")), arguments: text(item.get("arguments")) };
            Event::Part(Part::Call { call, item: without(item, "arguments") })
        }
        Some(kind) => served(kind, item).map_or(Event::Nothing, |served| Event::Part(Part::Served(served))),
        None => Event::Nothing,
    }
}

/// What the service did by itself (`docs/xai.md` 5); nothing for an item that is none of it.
fn served(kind: &str, item: &Value) -> Option<Served> {
    let action = |name: &str| text(item.pointer("/action").and_then(|action| action.get(name)));
    // its input is JSON in a text
    let input = || serde_json::from_str::<Value>(item.get("input").or_else(|| item.get("arguments"))?.as_str()?).ok();
    let asked = || {
        input()
            .and_then(|input| ["query", "username", "post_id", "url"].iter().find_map(|name| Some(input.get(*name)?.as_str()?.to_string())))
    };
    let first_line = |name: &str| text(item.get(name)).lines().next().unwrap_or_default().to_string();
    let (done, subject) = match (kind, action("type").as_str()) {
        ("web_search_call", "open_page") => ("Read", action("url")),
        ("web_search_call", "find" | "find_in_page") => ("Looked for", action("pattern")),
        ("web_search_call", _) => ("Searched the web for", action("query")),
        ("x_search_call", _) => ("Searched X for", asked().unwrap_or_else(|| action("query"))),
        ("custom_tool_call", _) if text(item.get("name")).starts_with("x_") => ("Searched X for", asked().unwrap_or_default()),
        ("custom_tool_call", _) => ("Used", text(item.get("name"))),
        ("code_interpreter_call", _) => ("Ran code", first_line("code")),
        ("file_search_call", _) => ("Searched files for", text(item.pointer("/queries/0"))),
        ("mcp_call", _) => ("Used", text(item.get("name"))),
        ("image_generation_call", _) => ("Made a picture of", text(item.get("prompt"))),
        _ => return None,
    };
    Some(Served { done, subject })
}

/// The item as it came, but for what the entry holds anyway.
fn without(item: &Value, field: &str) -> Option<Arc<str>> {
    let mut item = item.as_object()?.clone();
    item.shift_remove(field);
    Some(Value::Object(item).to_string().into())
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

fn failed(data: &[u8]) -> Event {
    Event::Failed(serde_json::from_slice::<Value>(data).map(|value| Told::read(&value)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What one event by itself means.
    fn read(data: &[u8]) -> Event {
        let mut told = vec![];
        Events::default().read(data, &mut |event| told.push(event));
        assert!(told.len() <= 1, "{told:?}");
        told.pop().unwrap_or(Event::Nothing)
    }

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
            Event::Part(Part::TextDone { text: "hi".into(), commentary: false, item: Some(r#"{"id":"m","type":"message"}"#.into()) })
        );
        for (frame, message, code) in [
            (&br#"{"type":"error","code":"server_error","message":"Broken."}"#[..], "Broken.", "server_error"),
            (br#"{"error":{"code":500,"message":"No."}}"#, "No.", "500"),
            (br#"{"code":"x","error":"flat"}"#, "flat", "x flat"),
            (br#"{"type":"response.failed","response":{"error":{"code":"server_error","message":"Gone."}}}"#, "Gone.", "server_error"),
        ] {
            let Event::Failed(told) = read(frame) else { panic!("{}", String::from_utf8_lossy(frame)) };
            assert_eq!((told.message.as_str(), told.says(&[code.split(' ').next().unwrap()])), (message, true));
        }
        for (item, done, subject) in [
            (
                r#"{"type":"web_search_call","status":"completed","action":{"type":"search","query":"rust"}}"#,
                "Searched the web for",
                "rust",
            ),
            (r#"{"type":"web_search_call","action":{"type":"open_page","url":"https://a.b"}}"#, "Read", "https://a.b"),
            (r#"{"type":"web_search_call"}"#, "Searched the web for", ""),
            (r#"{"type":"custom_tool_call","name":"x_keyword_search","input":"{\"query\":\"cats\"}"}"#, "Searched X for", "cats"),
        ] {
            let event = format!(r#"{{"type":"response.output_item.done","item":{item}}}"#);
            assert_eq!(read(event.as_bytes()), Event::Part(Part::Served(Served { done, subject: subject.into() })));
        }
        assert_eq!(read(br#"{"type":"response.output_item.done","item":{"type":"compaction"}}"#), Event::Nothing);
        assert_eq!(read(b"[DONE]"), Event::Nothing);
        assert_eq!(read(br#"{"type":"response.new_thing","delta":{"a":1}}"#), Event::Nothing);
        assert_eq!(read(b"{oops"), Event::Damaged("{oops".into()));
        assert_eq!(read(b"3"), Event::Damaged("3".into()));
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
            Events::default().read(&bytes, &mut |_| {});
        }
    }
}
