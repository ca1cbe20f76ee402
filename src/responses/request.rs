//! A conversation as the body of `POST /v1/responses` (`spec/responses.md` 3 and 4).

use crate::domain::conversation::{Body, Ending, Entry, Thought};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What a request is made of.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The model's id.
    pub model: &'a str,
    /// Whose encrypted reasoning may be replayed: the provider.
    pub issuer: &'a str,
    /// Reasoning effort; none for models that refuse the parameter.
    pub effort: Option<&'a str>,
    /// The system prompt.
    pub instructions: &'a str,
    /// The history, the question last.
    pub entries: &'a [Arc<Entry>],
    /// Function tools in the flat form of the API.
    pub tools: &'a [Value],
    /// One key for the whole conversation.
    pub cache_key: &'a str,
    /// Whether encrypted reasoning is sent back.
    pub replay: bool,
    /// Whether the model takes pictures.
    pub sees: bool,
}

impl Request<'_> {
    /// The JSON body.
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("model".into(), self.model.into());
        if !self.instructions.trim().is_empty() {
            body.insert("instructions".into(), self.instructions.trim().into());
        }
        body.insert("input".into(), Value::Array(self.input()));
        if !self.tools.is_empty() {
            body.insert("tools".into(), Value::Array(self.tools.to_vec()));
            body.insert("tool_choice".into(), "auto".into());
            body.insert("parallel_tool_calls".into(), true.into());
        }
        body.insert("store".into(), false.into());
        body.insert("stream".into(), true.into());
        body.insert("include".into(), json!(["reasoning.encrypted_content"]));
        if let Some(effort) = self.effort {
            body.insert("reasoning".into(), json!({ "effort": effort }));
        }
        body.insert("prompt_cache_key".into(), self.cache_key.into());
        Value::Object(body)
    }

    /// The items, calls and outputs paired: the service refuses one without the other.
    fn input(&self) -> Vec<Value> {
        let mut items = Vec::with_capacity(self.entries.len());
        for (at, entry) in self.entries.iter().enumerate() {
            match &entry.body {
                Body::Said(said) if said.images.is_empty() || !self.sees => {
                    if !said.text.trim().is_empty() {
                        items.push(json!({ "role": "user", "content": said.text }));
                    }
                }
                Body::Said(said) => {
                    let mut parts = vec![];
                    if !said.text.trim().is_empty() {
                        parts.push(json!({ "type": "input_text", "text": said.text }));
                    }
                    parts.extend(said.images.iter().map(|url| json!({ "type": "input_image", "image_url": url })));
                    items.push(json!({ "role": "user", "content": parts }));
                }
                Body::Thought(thought) => items.extend(self.reasoning(thought, at)),
                Body::Answered(answer) if answer.text.is_empty() => {}
                Body::Answered(answer) => {
                    let status = if matches!(answer.ending, Ending::Complete) { "completed" } else { "incomplete" };
                    let mut item = json!({
                        "type": "message", "role": "assistant", "status": status,
                        "content": [{ "type": "output_text", "text": answer.text }],
                    });
                    if let Some(id) = answer.item.as_ref().filter(|id| id.len() <= 64) {
                        item["id"] = id.as_str().into();
                    }
                    items.push(item);
                }
                Body::Called(call) => {
                    items.push(json!({ "type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": compact(&call.arguments) }));
                    let answered = self.entries[at..].iter().any(|e| matches!(&e.body, Body::Returned(o) if o.call_id == call.call_id));
                    if !answered {
                        items.push(json!({ "type": "function_call_output", "call_id": call.call_id, "output": "not run" }));
                    }
                }
                Body::Returned(outcome) => {
                    let called = self.entries[..at].iter().any(|e| matches!(&e.body, Body::Called(c) if c.call_id == outcome.call_id));
                    if called {
                        items.push(json!({ "type": "function_call_output", "call_id": outcome.call_id, "output": outcome.output }));
                    }
                }
                Body::Noticed(_) => {}
            }
        }
        items
    }

    /// A reasoning item, for the model and the account that made it, and only when its answer follows.
    fn reasoning(&self, thought: &Thought, at: usize) -> Option<Value> {
        let encrypted = thought.encrypted.as_ref().filter(|e| self.replay && e.issuer == self.issuer && e.model == self.model)?;
        let followed = match self.entries.get(at + 1).map(|e| &e.body) {
            Some(Body::Answered(answer)) => !answer.text.is_empty(),
            Some(Body::Called(_) | Body::Thought(_)) => true,
            _ => false,
        };
        let summary: Vec<Value> = match thought.summary.as_str() {
            "" => vec![],
            text => vec![json!({ "type": "summary_text", "text": text })],
        };
        followed.then(|| json!({ "type": "reasoning", "summary": summary, "encrypted_content": encrypted.content }))
    }
}

/// Arguments written again compactly with sorted keys, so that the cached prefix stays the same.
fn compact(arguments: &str) -> String {
    match serde_json::from_str::<Value>(arguments) {
        Ok(mut value) => {
            value.sort_all_objects();
            value.to_string()
        }
        Err(_) if arguments.trim().is_empty() => "{}".into(),
        Err(_) => arguments.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::{Answer, Call, Conversation, Encrypted, Outcome, Said};

    fn request(conversation: &Conversation) -> Request<'_> {
        Request {
            model: "grok-4.3",
            issuer: "xai",
            effort: Some("medium"),
            instructions: " Be kind. ",
            entries: &conversation.entries,
            tools: &[],
            cache_key: "key",
            replay: true,
            sees: true,
        }
    }

    fn thought(model: &str) -> Body {
        let encrypted = Some(Encrypted { content: "blob".into(), model: model.into(), issuer: "xai".into() });
        Body::Thought(Thought { summary: "Two look-ups.".into(), tenths: Some(3), encrypted })
    }

    #[test]
    fn a_conversation_becomes_the_items_of_the_documented_examples() {
        let mut talk = Conversation::new("c");
        talk.push(Body::Said(Said { text: "What is 17 times 23?".into(), images: vec![] }));
        talk.push(thought("grok-4.3"));
        talk.push(Body::Answered(Answer { text: "391".into(), item: Some("msg_1".into()), ending: Ending::Complete, stats: None }));
        talk.push(Body::Said(Said { text: "And?".into(), images: vec!["data:image/png;base64,AA==".into()] }));
        assert_eq!(
            request(&talk).body(),
            json!({
                "model": "grok-4.3", "instructions": "Be kind.",
                "input": [
                    { "role": "user", "content": "What is 17 times 23?" },
                    { "type": "reasoning", "summary": [{ "type": "summary_text", "text": "Two look-ups." }], "encrypted_content": "blob" },
                    { "type": "message", "role": "assistant", "status": "completed", "content": [{ "type": "output_text", "text": "391" }], "id": "msg_1" },
                    { "role": "user", "content": [
                        { "type": "input_text", "text": "And?" },
                        { "type": "input_image", "image_url": "data:image/png;base64,AA==" } ] },
                ],
                "store": false, "stream": true, "include": ["reasoning.encrypted_content"],
                "reasoning": { "effort": "medium" }, "prompt_cache_key": "key",
            })
        );
    }

    #[test]
    fn reasoning_goes_back_to_its_maker_only() {
        let mut talk = Conversation::new("c");
        talk.push(thought("grok-4.7"));
        talk.push(Body::Answered(Answer { text: "x".into(), ..Answer::default() }));
        talk.push(thought("grok-4.3"));
        assert_eq!(request(&talk).body()["input"].as_array().map(Vec::len), Some(1), "one of another model, one without an answer");
    }

    #[test]
    fn every_call_has_its_output_and_every_output_its_call() {
        let mut talk = Conversation::new("c");
        talk.push(Body::Called(Call { call_id: "a".into(), name: "f".into(), arguments: "{\"z\": 1, \"b\": 2}".into() }));
        talk.push(Body::Returned(Outcome { call_id: "lost".into(), ok: true, output: "x".into() }));
        let body = request(&talk).body();
        assert_eq!(body["input"][0]["arguments"], "{\"b\":2,\"z\":1}");
        assert_eq!(body["input"][1]["call_id"], "a");
        assert_eq!(body["input"].as_array().map(Vec::len), Some(2));
    }
}
