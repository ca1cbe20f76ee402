//! A conversation as the body of `POST /v1/responses` (`docs/wire.md` 3 and 4).

use crate::domain::{
    attached,
    conversation::{Body, Ending, Entry, Made, Maker, Thought, Use},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What a request is made of.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The model's id.
    pub model: &'a str,
    /// The provider that is asked…
    pub provider: &'a str,
    /// …and the account: items of theirs alone are sent back as such.
    pub account: &'a str,
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
        if self.replay {
            body.insert("include".into(), json!(["reasoning.encrypted_content"]));
        }
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
                Body::Said(said) => {
                    let text = attached::told(&said.text, &said.files, self.sees);
                    let pictures: Vec<Value> = attached::pictures(&said.files).filter(|_| self.sees).map(|url| picture(url)).collect();
                    let words = (!text.trim().is_empty()).then(|| words(&text));
                    match words {
                        Some(_) if pictures.is_empty() => items.push(json!({ "role": "user", "content": text })),
                        None if pictures.is_empty() => {}
                        words => items.push(json!({ "role": "user", "content": words.into_iter().chain(pictures).collect::<Vec<_>>() })),
                    }
                }
                Body::Thought(thought) => items.extend(self.reasoning(thought, at)),
                Body::Answered(answer) if answer.text.is_empty() => {}
                Body::Answered(answer) => {
                    let status = if answer.ending == Some(Ending::Complete) { "completed" } else { "incomplete" };
                    let mut item = json!({
                        "type": "message", "role": "assistant", "status": status,
                        "content": [{ "type": "output_text", "text": answer.text }],
                    });
                    // ids mean something to their maker only
                    let made = answer.made.as_ref().and_then(|made| self.own(made)).unwrap_or_default();
                    for name in ["id", "phase"] {
                        if let Some(value) = made.get(name).filter(|v| v.as_str().is_some_and(|text| text.len() <= 64)) {
                            item[name] = value.clone();
                        }
                    }
                    items.push(item);
                }
                Body::Used(used) => {
                    let (id, call) = (entry.call_id(&used.call), &used.call);
                    items.push(json!({ "type": "function_call", "call_id": id, "name": call.name, "arguments": compact(&call.arguments) }));
                    // outputs follow all calls of their round
                    if !matches!(self.entries.get(at + 1).map(|e| &e.body), Some(Body::Used(next)) if next.round == used.round) {
                        items.extend(self.outputs(at, used.round));
                    }
                }
                Body::Noticed(_) | Body::Making(_) | Body::Ran(_) | Body::Served(_) => {}
            }
        }
        items
    }

    /// The outputs of the calls of one round, the last of which is `last`.
    fn outputs(&self, last: usize, round: u32) -> Vec<Value> {
        let call = |entry: &'_ Arc<Entry>| match &entry.body {
            Body::Used(used) if used.round == round => Some((entry.clone(), used.clone())),
            _ => None,
        };
        let calls = self.entries[..=last].iter().rev().map_while(call);
        let output = |(entry, used): (Arc<Entry>, Use)| {
            let output = match used.picture() {
                Some(url) if self.sees => json!([words(&used.output()), picture(url)]),
                Some(_) => json!(attached::UNSEEN),
                None => json!(used.output()),
            };
            json!({ "type": "function_call_output", "call_id": entry.call_id(&used.call), "output": output })
        };
        let mut outputs: Vec<Value> = calls.map(output).collect();
        outputs.reverse();
        outputs
    }

    /// An item as it came, for whoever made it.
    fn own(&self, made: &Made) -> Option<Value> {
        let Maker { provider, account, model } = &made.by;
        let ours = provider == self.provider && account == self.account && model == self.model;
        serde_json::from_str(&made.item).ok().filter(|_| ours && self.replay)
    }

    /// A reasoning item, for the model and the account that made it, and only when its answer follows.
    fn reasoning(&self, thought: &Thought, at: usize) -> Option<Value> {
        let item = thought.made.as_ref().and_then(|made| self.own(made))?;
        // what is only shown stands between them sometimes
        let is_sent = |entry: &&Arc<Entry>| !matches!(entry.body, Body::Served(_) | Body::Noticed(_) | Body::Making(_) | Body::Ran(_));
        let followed = match self.entries.iter().skip(at + 1).find(is_sent).map(|e| &e.body) {
            Some(Body::Answered(answer)) => !answer.text.is_empty(),
            Some(Body::Used(_) | Body::Thought(_)) => true,
            _ => false,
        };
        let summary = item.get("summary").cloned().unwrap_or_else(|| json!([]));
        followed.then(|| json!({ "type": "reasoning", "summary": summary, "encrypted_content": item["encrypted_content"] }))
    }
}

fn words(text: &str) -> Value {
    json!({ "type": "input_text", "text": text })
}

fn picture(url: &str) -> Value {
    json!({ "type": "input_image", "image_url": url })
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
    use crate::domain::{
        attached::{Attached, Content},
        conversation::{Answer, Call, Conversation, Outcome, Said, Served, Used},
    };

    fn request(conversation: &Conversation) -> Request<'_> {
        Request {
            model: "grok-4.3",
            provider: "xai",
            account: "a",
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
        let item = r#"{"id":"rs_1","type":"reasoning","status":"completed","summary":[{"type":"summary_text","text":"Two"},{"type":"summary_text","text":"look-ups."}],"encrypted_content":"blob"}"#;
        Body::Thought(Thought { summary: "Two\n\nlook-ups.".into(), tenths: Some(3), made: made(model, "a", item) })
    }

    fn made(model: &str, account: &str, item: &str) -> Option<Made> {
        let by = Maker { provider: "xai".into(), account: account.into(), model: model.into() };
        Some(Made { by, item: item.into() })
    }

    #[test]
    fn a_conversation_becomes_the_items_of_the_documented_examples() {
        let mut talk = Conversation::new("c");
        talk.push(Body::Said(Said { text: "What is 17 times 23?".into(), ..Said::default() }), 0);
        talk.push(thought("grok-4.3"), 0);
        let answer = made("grok-4.3", "a", r#"{"id":"msg_1","type":"message"}"#);
        let picture = Attached { path: "a.png".into(), content: Content::Picture("data:image/png;base64,AA==".into()) };
        talk.push(Body::Answered(Answer { text: "391".into(), made: answer, ending: Some(Ending::Complete), ..Answer::default() }), 0);
        talk.push(Body::Said(Said { text: "And?".into(), files: vec![picture], ..Said::default() }), 0);
        assert_eq!(
            request(&talk).body(),
            json!({
                "model": "grok-4.3", "instructions": "Be kind.",
                "input": [
                    { "role": "user", "content": "What is 17 times 23?" },
                    { "type": "reasoning", "summary": [
                        { "type": "summary_text", "text": "Two" }, { "type": "summary_text", "text": "look-ups." }], "encrypted_content": "blob" },
                    { "type": "message", "role": "assistant", "status": "completed", "content": [{ "type": "output_text", "text": "391" }], "id": "msg_1" },
                    { "role": "user", "content": [
                        { "type": "input_text", "text": "And?\n\n[Image attached at: a.png]" },
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
        talk.push(thought("grok-4.7"), 0);
        talk.push(Body::Answered(Answer { text: "x".into(), made: made("grok-4.7", "a", r#"{"id":"msg_7"}"#), ..Answer::default() }), 0);
        talk.push(thought("grok-4.3"), 0);
        let body = request(&talk).body();
        assert_eq!(body["input"].as_array().map(Vec::len), Some(1), "one of another model, one without an answer");
        assert_eq!(body["input"][0]["id"], Value::Null, "nor do ids of another model");
        // another account of the same person can't read it either
        let mut other = Conversation::new("c");
        other.push(thought("grok-4.3"), 0);
        other.push(Body::Served(Served { done: "Searched the web for", subject: "x".into() }), 0);
        other.push(Body::Answered(Answer { text: "x".into(), ..Answer::default() }), 0);
        let kinds = |request: Request| request.body()["input"].as_array().map(Vec::len);
        assert_eq!(kinds(request(&other)), Some(2));
        assert_eq!(kinds(Request { account: "b", ..request(&other) }), Some(1));
        // and where it was refused nothing more of the kind is asked for
        let body = Request { replay: false, ..request(&other) }.body();
        assert_eq!((body.get("include"), body["input"].as_array().map(Vec::len)), (None, Some(1)));
    }

    #[test]
    fn every_call_has_its_output_whatever_became_of_it() {
        let mut talk = Conversation::new("c");
        let used = |id: &str, round, state| {
            let arguments = "{\"z\": 1, \"b\": 2}".to_string();
            Body::Used(Use { call: Call { id: id.into(), name: "f".into(), arguments }, round, made: None, told: None, state })
        };
        talk.push(used("a", 1, Used::Done(Outcome { ok: true, output: "x".into(), ..Outcome::default() })), 0);
        talk.push(used("", 1, Used::Refused { reason: Some("too risky".into()) }), 0);
        talk.push(used("b", 2, Used::Dropped { printed: String::new(), begun: false }), 0);
        talk.push(Body::Answered(Answer { text: "so".into(), ..Answer::default() }), 0);
        talk.push(used("", 3, Used::Dropped { printed: String::new(), begun: false }), 0);
        let body = request(&talk).body();
        let items = body["input"].as_array().unwrap();
        let of = |n: usize| (items[n]["type"].as_str().unwrap(), items[n]["call_id"].as_str().unwrap_or_default());
        assert_eq!(items[0]["arguments"], "{\"b\":2,\"z\":1}");
        assert_eq!(
            (0..items.len()).map(of).collect::<Vec<_>>(),
            [
                ("function_call", "a"),
                ("function_call", "call_1"),
                ("function_call_output", "a"),
                ("function_call_output", "call_1"),
                ("function_call", "b"),
                ("function_call_output", "b"),
                ("message", ""),
                ("function_call", "call_4"),
                ("function_call_output", "call_4"),
            ]
        );
        assert_eq!((items[2]["output"].as_str(), items[3]["output"].as_str()), (Some("x"), Some("too risky")));
        assert!(items[8]["output"].as_str().unwrap().starts_with("Not done"));
    }
}
