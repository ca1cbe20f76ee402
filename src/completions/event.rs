//! The chunks of a Chat Completions stream. Servers differ in where reasoning stands, in how calls are cut, in where usage
//! comes, and in whether they say `[DONE]`; each of those that are known is read.

use crate::{
    domain::{
        conversation::{Call, Ending, Usage},
        turn::Part,
    },
    http::{
        judge::{Event, Reader},
        told::{self, Told},
    },
};
use serde_json::Value;
use std::time::Duration;

/// Calls that one answer may make; a server that counts higher is not believed.
const MOST_CALLS: usize = 128;

/// After the finish the usage is waited for so long…
const FOR_USAGE: Duration = Duration::from_secs(2);
/// …and after that the last word of the stream.
const FOR_DONE: Duration = Duration::from_millis(200);

/// Reads the chunks of one answer.
#[derive(Debug, Default)]
pub struct Chunks {
    calls: Vec<Call>,
    thinking: bool,
    ending: Option<Ending>,
    usage: Option<Usage>,
}

impl Reader for Chunks {
    fn read(&mut self, data: &[u8], tell: &mut dyn FnMut(Event)) {
        if data.trim_ascii() == b"[DONE]" {
            return self.end(Some(Ending::Complete)).into_iter().for_each(tell);
        }
        match serde_json::from_slice::<Value>(data) {
            Ok(value) if value.is_object() || told::is_failure(&value) => self.chunk(&value, tell),
            _ => tell(Event::damaged(data)),
        }
    }
    fn whole(&mut self, values: &[Value], tell: &mut dyn FnMut(Event)) {
        let mut any = false;
        for value in values {
            self.chunk(value, &mut |event| {
                any = true;
                tell(event);
            });
        }
        // a single body is whole without saying so; of several the last says it
        let unsaid = (values.len() == 1 && (any || values[0].get("choices").is_some())).then_some(Ending::Complete);
        self.end(unsaid).into_iter().for_each(tell);
    }
    fn closed(&mut self, tell: &mut dyn FnMut(Event)) {
        // a server that finished may close without another word
        self.end(None).into_iter().for_each(tell);
    }
    fn afterwards(&self) -> Option<Duration> {
        self.ending.map(|_| if self.usage.is_some() { FOR_DONE } else { FOR_USAGE })
    }
}

impl Chunks {
    fn chunk(&mut self, chunk: &Value, tell: &mut dyn FnMut(Event)) {
        if told::is_failure(chunk) {
            return tell(Event::Failed(Told::read(chunk)));
        }
        let usage = chunk.get("usage").filter(|u| u.is_object()).or_else(|| chunk.pointer("/x_groq/usage"));
        if let Some(usage) = usage.filter(|u| u.is_object()) {
            self.usage = Some(read_usage(usage));
        }
        // Ollama's own API has no choices
        let native = chunk.get("message").filter(|message| message.is_object()).map(|_| chunk);
        let Some(choice) = chunk.pointer("/choices/0").or(native) else { return };
        let delta = choice.get("delta").filter(|d| d.is_object()).or_else(|| choice.get("message")).unwrap_or(choice);
        let spellings = ["reasoning_content", "reasoning", "thinking", "reasoning_text", "reasoning_details", "thinking_blocks", "thought"];
        if let Some(thought) = spellings.iter().filter_map(|name| delta.get(*name)).map(words).find(|words| !words.is_empty()) {
            self.think(thought, tell);
        }
        match delta.get("content").or_else(|| delta.get("text")) {
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.part(part, tell)),
            content => self.say(content.map(words).unwrap_or_default(), tell),
        }
        self.say(delta.get("refusal").map(words).unwrap_or_default(), tell);
        for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            self.call(call, tell);
        }
        if let Some(call) = delta.get("function_call").filter(|call| call.is_object()) {
            self.call(&serde_json::json!({ "index": 0, "function": call }), tell);
        }
        if let Some(reason) = choice.get("finish_reason").or_else(|| choice.get("done_reason")).and_then(Value::as_str) {
            match finish(reason) {
                Some(ending) => self.ending = Some(ending),
                None => {
                    tell(Event::Failed(Told { message: "its answer ended with an error".into(), codes: reason.into(), ..Told::default() }))
                }
            }
        } else if native.is_some() && chunk.get("done") == Some(&Value::Bool(true)) {
            self.ending = Some(Ending::Complete);
        }
    }

    /// One part of a list of parts.
    fn part(&mut self, part: &Value, tell: &mut dyn FnMut(Event)) {
        match part.get("type").and_then(Value::as_str) {
            Some("thinking" | "reasoning" | "reasoning_text" | "reasoning_content" | "thought") => self.think(words(part), tell),
            // where the answer comes from, and pictures, are no words
            Some("reference" | "image_url" | "image" | "tool_use" | "redacted_thinking") => {}
            _ => self.say(words(part), tell),
        }
    }

    fn think(&mut self, thought: String, tell: &mut dyn FnMut(Event)) {
        if !thought.is_empty() {
            self.thinking = true;
            tell(Event::Part(Part::Thought(thought)));
        }
    }

    fn say(&mut self, words: String, tell: &mut dyn FnMut(Event)) {
        if !words.is_empty() {
            self.thought(tell);
            tell(Event::Part(Part::Text(words)));
        }
    }

    /// A thought ends where something else begins.
    fn thought(&mut self, tell: &mut dyn FnMut(Event)) {
        if std::mem::take(&mut self.thinking) {
            tell(Event::Part(Part::ThoughtDone { summary: String::new(), item: None }));
        }
    }

    /// Adds a piece of a call. Most servers number them; some send each whole.
    fn call(&mut self, piece: &Value, tell: &mut dyn FnMut(Event)) {
        let text = |pointer: &str| piece.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let id = text("/id");
        let numbered = piece.get("index").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        // without a number, an id or a name begins another call, and what has neither goes on with the last
        let begins = !id.is_empty() && self.calls.iter().all(|c| c.id != id) || id.is_empty() && !text("/function/name").is_empty();
        let known = self.calls.iter().position(|c| !id.is_empty() && c.id == id);
        let next = known.unwrap_or(if begins { self.calls.len() } else { self.calls.len().saturating_sub(1) });
        let at = numbered.unwrap_or(next);
        if at >= MOST_CALLS {
            return;
        }
        // all of it is kept until the end
        let kept = |value: &Value| value.as_str().map_or_else(|| value.to_string().len(), str::len);
        let parts = ["/id", "/function/name", "/function/arguments"].map(|part| piece.pointer(part).map_or(0, kept));
        tell(Event::Piece(parts.iter().sum()));
        while self.calls.len() <= at {
            self.calls.push(Call::default());
        }
        let call = &mut self.calls[at];
        if !id.is_empty() {
            call.id = id.to_string();
        }
        if !text("/function/name").is_empty() {
            call.name = text("/function/name").to_string();
        }
        match piece.pointer("/function/arguments") {
            Some(Value::String(arguments)) => call.arguments.push_str(arguments),
            Some(whole @ Value::Object(_)) => call.arguments = whole.to_string(),
            _ => {}
        }
    }

    fn end(&mut self, unsaid: Option<Ending>) -> Vec<Event> {
        let Some(ending) = self.ending.take().or(unsaid) else { return vec![] };
        let mut events = vec![];
        self.thought(&mut |event| events.push(event));
        let calls = std::mem::take(&mut self.calls).into_iter().filter(|c| !c.name.is_empty());
        events.extend(calls.map(|call| Event::Part(Part::Call { call, item: None })));
        events.push(Event::End { ending, usage: self.usage.unwrap_or_default() });
        events
    }
}

/// The words in a value, whatever holds them: a text, a list of parts, an object with one of the usual members.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(words).collect(),
        Value::Object(map) => {
            let names = ["text", "content", "thinking", "reasoning", "summary", "reasoning_text", "refusal"];
            names.iter().filter_map(|name| map.get(*name)).map(words).find(|words| !words.is_empty()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// What the reason of a finish means; none for an answer that did not come to an end.
fn finish(reason: &str) -> Option<Ending> {
    Some(match reason.to_lowercase().as_str() {
        "length" | "max_tokens" | "max_output_tokens" | "model_length" | "model_context_window_exceeded" => Ending::Truncated,
        "content_filter" | "content-filter" | "safety" | "recitation" | "blocklist" | "prohibited_content" | "spii" | "sensitive" => {
            Ending::Filtered
        }
        "error" | "abort" | "aborted" | "cancelled" | "network_error" | "insufficient_system_resource" => return None,
        _ => Ending::Complete,
    })
}

fn read_usage(value: &Value) -> Usage {
    let number = |pointer: &str| value.pointer(pointer).and_then(Value::as_u64);
    let (input, output) = (number("/prompt_tokens").unwrap_or(0), number("/completion_tokens").unwrap_or(0));
    let cached = number("/prompt_tokens_details/cached_tokens").or_else(|| number("/prompt_cache_hit_tokens")).unwrap_or(0);
    let dollars = value.get("cost").and_then(Value::as_f64).unwrap_or(0.0).max(0.0);
    Usage {
        input_tokens: input,
        cached_tokens: cached,
        output_tokens: output,
        reasoning_tokens: number("/completion_tokens_details/reasoning_tokens").unwrap_or(0),
        // some servers leave reasoning out of what was made, and count it in the total alone
        context_tokens: Some(number("/total_tokens").unwrap_or(0).max(input.saturating_add(output))).filter(|c| *c > 0),
        cost_ticks: number("/cost_in_usd_ticks").unwrap_or((dollars * 1e10) as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a stream of chunks becomes, neighbouring deltas merged.
    fn read(stream: &str) -> Vec<Event> {
        let (mut chunks, mut events) = (Chunks::default(), vec![]);
        for data in stream.lines().filter_map(|l| l.strip_prefix("data: ")) {
            chunks.read(data.as_bytes(), &mut |event| events.push(event));
        }
        chunks.closed(&mut |event| events.push(event));
        events
    }

    fn words(events: &[Event]) -> (String, String, Vec<Call>, Option<(Ending, Usage)>) {
        let (mut thought, mut text, mut calls, mut end) = (String::new(), String::new(), vec![], None);
        for event in events {
            match event {
                Event::Part(Part::Thought(delta)) => thought.push_str(delta),
                Event::Part(Part::Text(delta)) => text.push_str(delta),
                Event::Part(Part::Call { call, .. }) => calls.push(call.clone()),
                Event::End { ending, usage } => assert!(end.replace((*ending, *usage)).is_none(), "two ends"),
                _ => {}
            }
        }
        (thought, text, calls, end)
    }

    #[test]
    fn whole_calls_without_id_and_number_stay_apart() {
        let two = r#"data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"a","arguments":"{}"}},{"function":{"name":"b","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#;
        let names: Vec<String> = words(&read(two)).2.into_iter().map(|call| call.name).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn numbers_without_measure_are_survived() {
        let most = u64::MAX;
        let usage = read_usage(&serde_json::json!({ "prompt_tokens": most, "completion_tokens": most, "total_tokens": 1, "cost": 1e300 }));
        let mut sum = usage;
        sum.add(&usage);
        assert_eq!((sum.input_tokens, sum.context_tokens), (most, Some(most)));
    }

    #[test]
    fn errors_and_cuts_are_told_apart() {
        let error = read("data: {\"error\":{\"message\":\"No.\",\"code\":429}}");
        assert_eq!(error, [Event::Failed(Told { message: "No.".into(), codes: "429".into(), by: None, status: Some(429) })]);
        assert_eq!(words(&read("data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}")).3, None, "a cut is no end");
        assert_eq!(read("data: {oops"), [Event::Damaged("{oops".into())]);
        let long = read("data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"length\"}]}\ndata: [DONE]");
        assert_eq!(words(&long).3.map(|(ending, _)| ending), Some(Ending::Truncated));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), index in 0u64..u64::MAX) {
            let mut chunks = Chunks::default();
            chunks.read(&bytes, &mut |_| {});
            let call = format!("{{\"choices\":[{{\"delta\":{{\"tool_calls\":[{{\"index\":{index},\"function\":{{\"name\":\"f\"}}}}]}}}}]}}");
            chunks.read(call.as_bytes(), &mut |_| {});
            chunks.closed(&mut |_| {});
        }
    }
}
