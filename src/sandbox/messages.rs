//! The messages of a Chat Completions request: what the service refuses in them, and what they ask. Never answers.

use super::{
    demo::{self, Asked},
    models::Model,
    refusals::{self, EMPTY, Refusal},
};
use serde_json::Value;

/// Efforts that some model takes.
const EFFORTS: [&str; 6] = ["none", "minimal", "low", "medium", "high", "xhigh"];

/// Checks a request as a whole, and names its model.
pub fn check(body: &Value) -> Result<&'static Model, Refusal> {
    let (object, model) = refusals::object(body)?;
    if model.thinks {
        refusals::unsupported(object, &["presence_penalty", "frequency_penalty", "stop"])?;
    }
    refusals::sampling(object)?;
    let effort = object.get("reasoning_effort").filter(|e| !e.is_null());
    match effort {
        Some(effort) if !model.efforts.is_empty() && !effort.as_str().is_some_and(|e| EFFORTS.contains(&e)) => {
            return Err(Refusal::argument(format!("reasoning_effort: unknown variant {effort}")));
        }
        _ => refusals::effort(effort, model)?,
    }
    refusals::tools(object.get("tools"), "/function/name")?;
    match object.get("messages") {
        Some(Value::Array(messages)) if !messages.is_empty() => all(messages)?,
        Some(Value::Array(_)) => return Err(Refusal::argument("The messages are empty.")),
        Some(_) => return Err(wrong("messages is not a list.")),
        None => return Err(wrong("Missing field `messages`.")),
    }
    Ok(model)
}

/// A field that can't be read.
fn wrong(error: impl Into<String>) -> Refusal {
    Refusal::new(422, "invalid-argument", error)
}

/// The outputs of an assistant's calls come right after them, before anybody else speaks.
fn all(messages: &[Value]) -> Result<(), Refusal> {
    let mut waiting: Vec<&str> = vec![];
    for message in messages {
        let text = |name: &str| message.get(name).and_then(Value::as_str);
        let role = text("role").unwrap_or("none");
        if let Some(id) = waiting.first().filter(|_| role != "tool") {
            return Err(refusals::no_output(id));
        }
        match role {
            "user" | "system" | "developer" => content(message, role)?,
            "assistant" => {
                waiting = calls(message)?;
                // calls may stand without a word
                if waiting.is_empty() || !matches!(message.get("content"), None | Some(Value::Null)) && !is_blank(message) {
                    content(message, role)?;
                }
            }
            "tool" => {
                let id = text("tool_call_id").ok_or_else(|| wrong("A tool message has no tool_call_id."))?;
                let at = waiting.iter().position(|call| *call == id).ok_or_else(|| refusals::no_call(id))?;
                waiting.remove(at);
                // a function may well give nothing
                if !is_blank(message) {
                    content(message, role)?;
                }
            }
            other => return Err(wrong(format!("Unknown role: {other}"))),
        }
    }
    waiting.first().map_or(Ok(()), |id| Err(refusals::no_output(id)))
}

fn is_blank(message: &Value) -> bool {
    message.get("content").and_then(Value::as_str).is_some_and(str::is_empty)
}

fn content(message: &Value, role: &str) -> Result<(), Refusal> {
    match message.get("content") {
        Some(Value::String(text)) if !text.is_empty() => Ok(()),
        Some(Value::Array(parts)) if !parts.is_empty() => parts.iter().try_for_each(|p| part(p, role)),
        None | Some(Value::Null | Value::String(_) | Value::Array(_)) => Err(Refusal::argument(EMPTY)),
        Some(_) => Err(wrong("content is neither a text nor a list of parts.")),
    }
}

fn part(part: &Value, role: &str) -> Result<(), Refusal> {
    match part.get("type").and_then(Value::as_str) {
        Some("text") if part.get("text").is_some_and(Value::is_string) => Ok(()),
        Some("text") => Err(wrong("A part of type text has no text.")),
        Some("refusal") if role == "assistant" => Ok(()),
        Some("image_url") if role == "user" => refusals::picture(part.pointer("/image_url/url").and_then(Value::as_str)),
        other => Err(wrong(format!("Unknown type of content: {}", other.unwrap_or("none")))),
    }
}

/// The ids of an assistant's calls.
fn calls(message: &Value) -> Result<Vec<&str>, Refusal> {
    let calls = match message.get("tool_calls") {
        None | Some(Value::Null) => return Ok(vec![]),
        Some(Value::Array(calls)) => calls,
        Some(_) => return Err(wrong("tool_calls is not a list.")),
    };
    let is_whole = |call: &Value| ["/function/name", "/function/arguments"].iter().all(|p| call.pointer(p).is_some_and(Value::is_string));
    let ids = calls.iter().map(|call| call.get("id").and_then(Value::as_str).filter(|_| is_whole(call)));
    ids.collect::<Option<_>>().ok_or_else(|| wrong("A tool call needs an id, and a function with a name and arguments."))
}

/// What the messages ask.
pub fn asked(body: &Value) -> Asked<'_> {
    let list = |name: &str| body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let tools = list("tools").iter().filter_map(|t| t.pointer("/function/name")?.as_str()).collect();
    let mut asked = Asked { text: String::new(), turn: 0, pictures: vec![], outputs: vec![], tools, built_in: vec![], looked: false };
    for message in list("messages") {
        let content = message.get("content");
        match message.get("role").and_then(Value::as_str) {
            Some("user") => {
                asked.turn += 1;
                asked.outputs.clear();
                asked.text = demo::text_of(content);
                asked.pictures = content.and_then(Value::as_array).into_iter().flatten().filter_map(demo::picture).collect();
            }
            Some("tool") => asked.outputs.push(demo::text_of(content)),
            _ => {}
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(fields: Value) -> Option<(u16, String)> {
        let mut body = json!({ "model": "grok-4.3", "messages": [{ "role": "user", "content": "x" }] });
        if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
            body.extend(fields);
        }
        check(&body).err().map(|refusal| (refusal.status, refusal.error))
    }

    fn of_messages(messages: Value) -> Option<(u16, String)> {
        refused(json!({ "messages": messages }))
    }

    fn called(id: &str) -> Value {
        json!({ "role": "assistant", "content": null, "tool_calls": [{ "id": id, "type": "function", "function": { "name": "f", "arguments": "{}" } }] })
    }

    #[test]
    fn calls_and_outputs_belong_together() {
        let output = |id: &str| json!({ "role": "tool", "tool_call_id": id, "content": "" });
        let user = json!({ "role": "user", "content": "x" });
        assert_eq!(of_messages(json!([user, called("a"), output("a"), called("a"), output("a"), user])), None, "ids may come again");
        let no_call = Some((400, "No tool call found for function call output with call_id b.".into()));
        assert_eq!(of_messages(json!([user, output("b")])), no_call);
        assert_eq!(of_messages(json!([user, called("a"), output("b")])), no_call);
        let no_output = Some((400, "No tool output found for function call a.".into()));
        assert_eq!(of_messages(json!([user, called("a")])), no_output);
        assert_eq!(of_messages(json!([user, called("a"), user, output("a")])), no_output, "before anybody else speaks");
        let nameless = json!({ "role": "assistant", "tool_calls": [{ "id": "a" }] });
        assert_eq!(of_messages(json!([user, nameless])).map(|r| r.0), Some(422));
        assert_eq!(of_messages(json!([user, { "role": "tool", "content": "x" }])).map(|r| r.0), Some(422));
    }

    #[test]
    fn contents_are_looked_at() {
        let user = |content: Value| of_messages(json!([{ "role": "user", "content": content }]));
        let picture = |url: &str| user(json!([{ "type": "image_url", "image_url": { "url": url } }])).map(|r| r.0);
        for empty in [json!(""), json!([]), Value::Null] {
            assert_eq!(user(empty), Some((400, EMPTY.into())));
        }
        assert_eq!(of_messages(json!([{ "role": "assistant", "content": "" }])), Some((400, EMPTY.into())));
        assert_eq!(user(json!([{ "type": "text", "text": "x" }])), None);
        assert_eq!(
            (picture("data:image/png;base64,AA=="), picture("data:image/gif;base64,AA=="), picture("x")),
            (None, Some(400), Some(422))
        );
        assert_eq!(user(json!([{ "type": "input_text", "text": "x" }])).map(|r| r.0), Some(422));
        assert_eq!(of_messages(json!([{ "role": "critic", "content": "x" }])), Some((422, "Unknown role: critic".into())));
        assert_eq!(of_messages(json!([])).map(|r| r.0), Some(400));
        assert_eq!(
            (of_messages(json!("x")).map(|r| r.0), check(&json!({ "model": "grok-4.3" })).err().map(|r| r.status)),
            (Some(422), Some(422))
        );
    }

    #[test]
    fn efforts_and_arguments_are_those_of_the_model() {
        let effort = |model: &str, effort: &str| refused(json!({ "model": model, "reasoning_effort": effort }));
        assert_eq!(effort("grok-4.3", "low"), None);
        assert_eq!(effort("grok-4.3", "xhigh"), Some((400, "Model grok-4.3 does not support reasoning effort `xhigh`.".into())));
        assert_eq!(effort("grok-4.3", "turbo"), Some((400, "reasoning_effort: unknown variant \"turbo\"".into())));
        let takes_none = "Model grok-4.20-0309-reasoning does not support parameter reasoningEffort.";
        assert_eq!(effort("grok-4.20", "low"), Some((400, takes_none.into())));
        assert_eq!(refused(json!({ "stop": ["x"] })), Some((400, "Argument not supported: stop".into())));
        assert_eq!(refused(json!({ "model": "grok-4.20-non-reasoning", "stop": ["x"] })), None);
        assert_eq!(refused(json!({ "tools": [{ "type": "function", "name": "flat" }] })).map(|r| r.0), Some(422));
        assert_eq!(refused(json!({ "model": "grok-9" })), Some((404, "Model not found: grok-9".into())));
    }

    #[test]
    fn the_last_question_is_asked() {
        let body = json!({ "messages": [
            { "role": "system", "content": "Be kind." },
            { "role": "user", "content": [{ "type": "text", "text": "look" }, { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } }] },
            called("a"), { "role": "tool", "tool_call_id": "a", "content": "saw" },
        ], "tools": [{ "type": "function", "function": { "name": "f" } }] });
        let asked = asked(&body);
        assert_eq!((asked.text.as_str(), asked.turn, asked.outputs, asked.tools), ("look", 1, vec!["saw".to_string()], vec!["f"]));
        assert_eq!(asked.pictures, [("image/png".to_string(), 3)]);
    }
}
