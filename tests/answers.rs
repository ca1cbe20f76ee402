//! What servers really send, one recorded body a file: whatever its shape, it becomes the same few events.

#[path = "support/raw.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod raw;

use hermes::{
    completions::event::Chunks,
    domain::{
        catalog::Provider,
        conversation::{Ending, Usage},
        turn::Part,
    },
    http::{
        client::Clients,
        error::Error,
        refusal::Asked,
        stream::{Endpoint, Question},
    },
    providers,
    responses::event::Events,
};
use raw::{Afterwards, Answer, Raw};
use std::{collections::BTreeMap, fs, path::Path, time::Duration};

/// What one answer became.
#[derive(Debug, Default, PartialEq)]
struct Told {
    thought: String,
    text: String,
    commentary: String,
    calls: usize,
    end: String,
    usage: (u64, u64),
}

/// A recorded body with what it is to become.
struct Recorded {
    protocol: String,
    answer: Answer,
    want: Told,
}

fn recorded(path: &Path) -> Recorded {
    let file = fs::read_to_string(path).unwrap();
    let (head, body) = file.split_once("\n---\n").unwrap();
    let facts: BTreeMap<&str, &str> = head.lines().filter_map(|l| l.split_once(": ")).collect();
    let text = |name: &str| facts.get(name).map(|v| serde_json::from_str::<String>(v).unwrap()).unwrap_or_default();
    let (input, output) = facts["usage"].split_once(' ').unwrap();
    let status = facts["status"].parse().unwrap();
    let stays = head.lines().any(|l| l == "stays open");
    // a stream ends with its connection, everything else says how long it is
    let bytes = match facts["type"] {
        kind if stays || kind == "text/event-stream" => raw::stream(kind, body),
        kind => raw::answer(status, kind, body),
    };
    Recorded {
        protocol: facts["protocol"].into(),
        answer: Answer(bytes, if stays { Afterwards::Stay } else { Afterwards::Close }),
        want: Told {
            thought: text("thought"),
            text: text("text"),
            commentary: text("commentary"),
            calls: facts.get("calls").map_or(0, |n| n.parse().unwrap()),
            end: facts["end"].into(),
            usage: (input.parse().unwrap(), output.parse().unwrap()),
        },
    }
}

async fn ask(recorded: &Recorded) -> Told {
    let server = Raw::new(vec![recorded.answer.clone()]);
    let address: url::Url = server.address().parse().unwrap();
    let endpoint = Endpoint {
        client: Clients::default().for_address(&address).unwrap(),
        address,
        key: None,
        headers: vec![],
        first_byte: Duration::from_secs(20),
        stall: Duration::from_secs(20),
    };
    let question = Question { path: "x", body: &serde_json::json!({}), headers: &[] };
    let mut told = Told::default();
    let mut arrived = |parts: Vec<Part>| parts.into_iter().for_each(|part| told.add(part));
    let result = match recorded.protocol.as_str() {
        "responses" => endpoint.ask(&question, &mut Events::default(), &mut arrived).await,
        _ => endpoint.ask(&question, &mut Chunks::default(), &mut arrived).await,
    };
    told.end(result);
    assert_eq!(server.asked().len(), 1, "nothing is sent twice by the reader");
    told
}

impl Told {
    fn add(&mut self, part: Part) {
        match part {
            Part::Text(text) => self.text.push_str(&text),
            Part::Thought(text) => self.thought.push_str(&text),
            Part::Commentary(text) => self.commentary.push_str(&text),
            Part::Served(_) => {}
            Part::TextWasThought => self.thought.push_str(std::mem::take(&mut self.text).trim()),
            // the source of truth
            Part::TextDone { text, commentary: true, .. } => self.commentary = text,
            Part::TextDone { text, .. } => self.text = text,
            Part::ThoughtDone { summary, .. } if !summary.is_empty() => self.thought = summary,
            Part::ThoughtDone { .. } => {}
            Part::Call { call, .. } => {
                assert!(!call.name.is_empty() && serde_json::from_str::<serde_json::Value>(&call.arguments).is_ok(), "{call:?}");
                self.calls += 1;
            }
        }
    }
    fn end(&mut self, result: Result<(Ending, Usage), Error>) {
        let provider: &Provider = providers::CUSTOM;
        match result {
            Ok((ending, usage)) => {
                self.usage = (usage.input_tokens, usage.output_tokens);
                self.end = match ending {
                    Ending::Complete => "stop",
                    Ending::Truncated => "length",
                    Ending::Filtered => "content_filter",
                    Ending::Stopped | Ending::Cut => "no end",
                }
                .into();
            }
            Err(error) => self.end = error.trouble(Asked { provider, model: "m", again: false }).code.into(),
        }
    }
}

#[tokio::test]
async fn whatever_a_server_sends_becomes_the_same_few_events() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/answers");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 60, "the recorded bodies are not there");
    let mut wrong = vec![];
    for path in files {
        let recorded = recorded(&path);
        let told = ask(&recorded).await;
        if told != recorded.want {
            wrong.push(format!("{}\n  want {:?}\n  told {told:?}", path.file_name().unwrap().to_string_lossy(), recorded.want));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_never_ends_is_ended() {
    let much = "x".repeat(256 << 10);
    let blanks = " ".repeat(256 << 10);
    let completion = |delta: serde_json::Value| format!("data: {}\n\n", serde_json::json!({ "choices": [{ "index": 0, "delta": delta }] }));
    let event = |value: serde_json::Value| format!("data: {value}\n\n");
    let piece = |more: &str| serde_json::json!([{ "index": 0, "id": "c", "function": { "name": "f", "arguments": more } }]);
    let nothing = || event(serde_json::json!({ "type": "response.output_item.done", "item": { "type": "message", "content": [] } }));
    let cases = [
        ("completions", completion(serde_json::json!({ "content": blanks }))),
        ("completions", completion(serde_json::json!({ "reasoning_content": much }))),
        ("completions", completion(serde_json::json!({ "tool_calls": piece(&much) }))),
        (
            "completions",
            completion(serde_json::json!({ "tool_calls": [{ "index": 0, "function": { "name": "f", "arguments": { "a": much } } }] })),
        ),
        ("completions", completion(serde_json::json!({ "tool_calls": [{ "index": 0, "id": much, "function": {} }] }))),
        ("responses", event(serde_json::json!({ "type": "response.output_text.delta", "delta": blanks }))),
        ("responses", event(serde_json::json!({ "type": "response.reasoning_text.delta", "delta": much }))),
        ("responses", event(serde_json::json!({ "type": "response.function_call_arguments.delta", "item_id": "f", "delta": much }))),
        ("responses", event(serde_json::json!({ "type": "response.custom_tool_call_input.delta", "item_id": "f", "delta": much }))),
        ("responses", nothing().repeat(1_000)),
    ];
    for (protocol, body) in cases {
        let answer = Answer(raw::stream("text/event-stream", &body), Afterwards::Again);
        let recorded = Recorded { protocol: protocol.into(), answer, want: Told::default() };
        let told = tokio::time::timeout(Duration::from_secs(60), ask(&recorded)).await;
        let end = told.map(|told| (told.end, told.calls));
        assert_eq!(end, Ok(("answer_too_long".to_string(), 0)), "{protocol}: {}", &body[..150]);
    }
}
