//! The chunks of a Chat Completions stream. Servers differ in where reasoning stands, in how calls are cut, in where usage
//! comes, and in whether they say `[DONE]`; each of those that are known is read.

use crate::{
    domain::{
        conversation::{Call, Ending, Usage},
        turn::Part,
    },
    http::stream::{Event, Reader},
};
use serde_json::Value;

/// Calls that one answer may make; a server that counts higher is not believed.
const MOST_CALLS: usize = 128;

/// Reads the chunks of one answer.
#[derive(Debug, Default)]
pub struct Chunks {
    calls: Vec<Call>,
    thinking: bool,
    ending: Option<Ending>,
    usage: Usage,
}

impl Reader for Chunks {
    fn read(&mut self, data: &[u8], tell: &mut dyn FnMut(Event)) {
        if data.trim_ascii() == b"[DONE]" {
            return self.end(Some(Ending::Complete)).into_iter().for_each(tell);
        }
        match serde_json::from_slice::<Value>(data) {
            Ok(chunk) if chunk.is_object() => self.chunk(&chunk, tell),
            _ => tell(Event::Damaged),
        }
    }
    fn closed(&mut self, tell: &mut dyn FnMut(Event)) {
        // a server that finished may close without another word
        self.end(None).into_iter().for_each(tell);
    }
}

impl Chunks {
    fn chunk(&mut self, chunk: &Value, tell: &mut dyn FnMut(Event)) {
        if let Some(error) = chunk.get("error").filter(|e| !e.is_null()) {
            let word = |name: &str| match error.get(name) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => String::new(),
            };
            let message = error.as_str().map_or_else(|| word("message"), str::to_string);
            return tell(Event::Failed { code: word("code"), message });
        }
        if let Some(usage) = chunk.get("usage").or_else(|| chunk.pointer("/x_groq/usage")).filter(|u| u.is_object()) {
            self.usage = read_usage(usage);
        }
        let Some(choice) = chunk.pointer("/choices/0") else { return };
        let delta = choice.get("delta").or_else(|| choice.get("message")).unwrap_or(&Value::Null);
        let thought = ["reasoning_content", "reasoning", "thinking"].iter().find_map(|name| delta.get(*name).and_then(Value::as_str));
        if let Some(thought) = thought.filter(|t| !t.is_empty()) {
            self.thinking = true;
            tell(Event::Part(Part::Thought(thought.to_string())));
        }
        let words = delta.get("content").and_then(Value::as_str).or_else(|| delta.get("refusal").and_then(Value::as_str));
        if let Some(words) = words.filter(|w| !w.is_empty()) {
            self.thought(tell);
            tell(Event::Part(Part::Text(words.to_string())));
        }
        for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            self.call(call);
        }
        match choice.get("finish_reason").and_then(Value::as_str) {
            Some("length") => self.ending = Some(Ending::Truncated),
            Some(_) => self.ending = Some(Ending::Complete),
            None => {}
        }
    }

    /// A thought ends where something else begins.
    fn thought(&mut self, tell: &mut dyn FnMut(Event)) {
        if std::mem::take(&mut self.thinking) {
            tell(Event::Part(Part::ThoughtDone { summary: String::new(), item: None }));
        }
    }

    /// Adds a piece of a call. Most servers number them; some send each whole.
    fn call(&mut self, piece: &Value) {
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
        events.push(Event::End { ending, usage: self.usage });
        events
    }
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
    fn the_streams_of_known_servers_are_read() {
        for (server, thought, text, calls, tokens) in [
            ("openai", "", "Hello there", 0, (9, 2)),
            ("openrouter", "Hm. ", "Hi", 0, (20, 7)),
            ("deepseek", "We think.", "Hi", 0, (12, 9)),
            ("groq", "", "Yes", 0, (5, 1)),
            ("mistral", "", "", 1, (31, 8)),
            ("ollama", "Let me see", "4", 0, (11, 3)),
            ("llamacpp", "", "ok", 0, (3, 1)),
            ("gemini", "", "", 2, (40, 20)),
        ] {
            let path = format!("{}/tests/support/completions/{server}.txt", env!("CARGO_MANIFEST_DIR"));
            let events = read(&std::fs::read_to_string(path).unwrap());
            let (thoughts, said, called, end) = words(&events);
            let (ending, usage) = end.unwrap_or_else(|| panic!("{server} has no end"));
            assert_eq!((thoughts.as_str(), said.as_str(), called.len(), ending), (thought, text, calls, Ending::Complete), "{server}");
            assert_eq!((usage.input_tokens, usage.output_tokens), tokens, "{server}");
            for call in called {
                assert!(!call.name.is_empty() && serde_json::from_str::<Value>(&call.arguments).is_ok(), "{server}: {call:?}");
            }
        }
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
        assert_eq!(error, [Event::Failed { code: "429".into(), message: "No.".into() }]);
        assert_eq!(words(&read("data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}")).3, None, "a cut is no end");
        assert_eq!(read("data: {oops"), [Event::Damaged]);
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
