//! A conversation as the body of `POST /chat/completions`. Reasoning is left out: no server takes it back in this form.

use crate::domain::{
    attached,
    conversation::{Body, Entry, Said},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What a request is made of.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The model's id.
    pub model: &'a str,
    /// Reasoning effort; none for models that refuse the parameter.
    pub effort: Option<&'a str>,
    /// The system prompt.
    pub instructions: &'a str,
    /// The history, the question last.
    pub entries: &'a [Arc<Entry>],
    /// Function tools in the flat form of the Responses API.
    pub tools: &'a [Value],
    /// Whether the model takes pictures.
    pub sees: bool,
}

impl Request<'_> {
    /// The JSON body.
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("model".into(), self.model.into());
        body.insert("messages".into(), Value::Array(self.messages()));
        body.insert("stream".into(), true.into());
        body.insert("stream_options".into(), json!({ "include_usage": true }));
        if let Some(effort) = self.effort {
            body.insert("reasoning_effort".into(), effort.into());
        }
        if !self.tools.is_empty() {
            body.insert("tools".into(), self.tools.iter().map(nested).collect());
            body.insert("tool_choice".into(), "auto".into());
        }
        Value::Object(body)
    }

    /// Calls belong to the assistant message before them, and every call has its output: servers refuse one without the other.
    fn messages(&self) -> Vec<Value> {
        let mut messages = vec![];
        if !self.instructions.trim().is_empty() {
            messages.push(json!({ "role": "system", "content": self.instructions.trim() }));
        }
        let mut open = Open::default();
        let mut round = None;
        for entry in self.entries {
            match &entry.body {
                Body::Said(question) => {
                    open.close(&mut messages);
                    messages.extend(self.user(question));
                }
                Body::Answered(answer) if !answer.text.is_empty() => {
                    open.close(&mut messages);
                    open.said = Some(answer.text.as_str());
                }
                Body::Used(used) => {
                    if round.replace(used.round).is_some_and(|before| before != used.round) {
                        open.close(&mut messages);
                    }
                    let (id, call) = (entry.call_id(&used.call), &used.call);
                    let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
                    open.calls.push(json!({ "id": id, "type": "function", "function": { "name": call.name, "arguments": arguments } }));
                    let output = if used.picture().is_some() && !self.sees { attached::UNSEEN.into() } else { used.output() };
                    open.outputs.push(json!({ "role": "tool", "tool_call_id": id, "content": output }));
                    open.pictures.extend(used.picture().filter(|_| self.sees).map(|url| picture(url)));
                }
                _ => {}
            }
        }
        open.close(&mut messages);
        messages
    }

    fn user(&self, said: &Said) -> Option<Value> {
        let text = attached::told(&said.text, &said.files, self.sees);
        let has_words = !text.trim().is_empty();
        let mut pictures = attached::pictures(&said.files).filter(|_| self.sees).map(|url| picture(url)).peekable();
        if pictures.peek().is_none() {
            return has_words.then(|| json!({ "role": "user", "content": text }));
        }
        let words = has_words.then(|| json!({ "type": "text", "text": text }));
        Some(json!({ "role": "user", "content": words.into_iter().chain(pictures).collect::<Vec<_>>() }))
    }
}

fn picture(url: &str) -> Value {
    json!({ "type": "image_url", "image_url": { "url": url } })
}

/// An assistant message that is being put together.
#[derive(Default)]
struct Open<'a> {
    said: Option<&'a str>,
    calls: Vec<Value>,
    outputs: Vec<Value>,
    /// What the calls gave to look at: outputs are text here, so that pictures follow as the person's.
    pictures: Vec<Value>,
}

impl Open<'_> {
    /// Ends it: its words, its calls, then their outputs.
    fn close(&mut self, messages: &mut Vec<Value>) {
        let Self { said, calls, outputs, pictures } = std::mem::take(self);
        match (said, calls.is_empty()) {
            (None, true) => {}
            (Some(words), true) => messages.push(json!({ "role": "assistant", "content": words })),
            (words, false) => messages.push(json!({ "role": "assistant", "content": words, "tool_calls": calls })),
        }
        messages.extend(outputs);
        if !pictures.is_empty() {
            let words = json!({ "type": "text", "text": "What the tools gave to look at:" });
            messages.push(json!({ "role": "user", "content": std::iter::once(words).chain(pictures).collect::<Vec<_>>() }));
        }
    }
}

/// A tool in the nested form.
fn nested(tool: &Value) -> Value {
    let Some(tool) = tool.as_object().filter(|t| t.get("type").and_then(Value::as_str) == Some("function")) else { return tool.clone() };
    let function: Map<String, Value> = tool.iter().filter(|(name, _)| *name != "type").map(|(n, v)| (n.clone(), v.clone())).collect();
    json!({ "type": "function", "function": function })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        attached::{Attached, Content},
        conversation::{Answer, Call, Conversation, Made, Maker, Outcome, Thought, Use, Used},
    };

    #[test]
    fn a_conversation_of_another_transport_goes_on_here() {
        let mut talk = Conversation::new("c");
        let picture = Attached { path: "a.png".into(), content: Content::Picture("data:image/png;base64,AA==".into()) };
        talk.push(Body::Said(Said { text: "Look".into(), files: vec![picture], ..Said::default() }), 0);
        let made = Some(Made { by: Maker::default(), item: "{\"encrypted_content\":\"blob\"}".into() });
        talk.push(Body::Thought(Thought { summary: "hm".into(), tenths: None, made }), 0);
        talk.push(Body::Answered(Answer { text: "I read it.".into(), ..Answer::default() }), 0);
        let used = |id: &str, round, arguments: &str, state| {
            let call = Call { id: id.into(), name: "read".into(), arguments: arguments.into() };
            Body::Used(Use { call, round, made: None, told: None, state })
        };
        talk.push(used("a", 1, "{}", Used::Done(Outcome { ok: true, output: "x".into(), ..Outcome::default() })), 0);
        talk.push(used("", 1, "", Used::Refused { reason: None }), 0);
        talk.push(
            used("b", 2, "{}", Used::Done(Outcome { ok: true, output: "y".into(), picture: Some("data:,".into()), ..Outcome::default() })),
            0,
        );
        talk.push(Body::Answered(Answer { text: "Done.".into(), ..Answer::default() }), 0);
        talk.push(Body::Said(Said { text: "Thanks".into(), ..Said::default() }), 0);
        let tools = [json!({ "type": "function", "name": "read", "parameters": { "type": "object" } })];
        let request =
            |sees| Request { model: "m", effort: Some("low"), instructions: " Be kind. ", entries: &talk.entries, tools: &tools, sees };
        let body = request(true).body();
        assert_eq!(
            body["messages"],
            json!([
                { "role": "system", "content": "Be kind." },
                { "role": "user", "content": [{ "type": "text", "text": "Look\n\n[Image attached at: a.png]" }, { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA==" } }] },
                { "role": "assistant", "content": "I read it.", "tool_calls": [
                    { "id": "a", "type": "function", "function": { "name": "read", "arguments": "{}" } },
                    { "id": "call_4", "type": "function", "function": { "name": "read", "arguments": "{}" } } ] },
                { "role": "tool", "tool_call_id": "a", "content": "x" },
                { "role": "tool", "tool_call_id": "call_4", "content": "Refused by the person. Don't try it in another way; ask, or go on without it." },
                { "role": "assistant", "content": null, "tool_calls": [
                    { "id": "b", "type": "function", "function": { "name": "read", "arguments": "{}" } } ] },
                { "role": "tool", "tool_call_id": "b", "content": "y" },
                { "role": "user", "content": [
                    { "type": "text", "text": "What the tools gave to look at:" }, { "type": "image_url", "image_url": { "url": "data:," } } ] },
                { "role": "assistant", "content": "Done." },
                { "role": "user", "content": "Thanks" },
            ])
        );
        assert_eq!(body["tools"][0]["function"]["name"], "read");
        assert_eq!((body["reasoning_effort"].as_str(), body["stream_options"]["include_usage"].as_bool()), (Some("low"), Some(true)));
        assert_eq!(
            request(false).body()["messages"][1],
            json!({ "role": "user", "content": "Look\n\n[Image at a.png, which you can't see]" })
        );
    }
}
