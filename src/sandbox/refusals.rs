//! What the real service refuses is refused here too (`responses.md` 13 and 17, `xai-api.md` 2 and 4).

use super::models::{self, Model};
use base64::Engine;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// A refusal: status and body.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The code of the body.
    pub code: &'static str,
    /// The words of the body.
    pub error: String,
}

impl Refusal {
    /// With its words.
    pub fn new(status: u16, code: &'static str, error: impl Into<String>) -> Self {
        Self { status, code, error: error.into() }
    }
    /// About what a request says.
    pub fn argument(error: impl Into<String>) -> Self {
        Self::new(400, "invalid-argument", error)
    }
    /// The service's flat form.
    pub fn body(&self) -> Value {
        json!({ "code": self.code, "error": self.error })
    }
}

/// Of a message.
pub const EMPTY: &str = "Each message must have at least one content element.";

/// A bearer is demanded; any will do.
pub fn bearer(header: Option<&str>) -> Result<(), Refusal> {
    match header.and_then(|h| h.strip_prefix("Bearer ")).map(str::trim) {
        Some(token) if !token.is_empty() => Ok(()),
        _ => Err(Refusal::new(401, "unauthenticated", "No credentials were given. Send an API key as a bearer token.")),
    }
}

/// The model that was asked for.
pub fn model(id: &str) -> Result<&'static Model, Refusal> {
    models::find(id).ok_or_else(|| Refusal::new(404, "not-found", format!("Model not found: {id}")))
}

/// Checks a request as a whole, and names its model.
pub fn check(body: &Value) -> Result<&'static Model, Refusal> {
    let (object, model) = object(body)?;
    unsupported(object, &["presence_penalty", "frequency_penalty", "stop"])?;
    sampling(object)?;
    effort(object.get("reasoning").and_then(|r| r.get("effort")), model)?;
    tools(object.get("tools"), "/name")?;
    input(object.get("input"), model)?;
    Ok(model)
}

/// The fields of a request and its model.
pub fn object(body: &Value) -> Result<(&Map<String, Value>, &'static Model), Refusal> {
    let object = body.as_object().ok_or_else(|| Refusal::argument("The body is not a JSON object."))?;
    let id = object.get("model").and_then(Value::as_str).ok_or_else(|| Refusal::new(422, "invalid-argument", "Missing field `model`."))?;
    Ok((object, model(id)?))
}

/// Fields that may be there only as `null`.
pub fn unsupported(object: &Map<String, Value>, names: &[&str]) -> Result<(), Refusal> {
    match names.iter().find(|name| object.get(**name).is_some_and(|v| !v.is_null())) {
        Some(name) => Err(Refusal::argument(format!("Argument not supported: {name}"))),
        None => Ok(()),
    }
}

/// Fields that have a range.
pub fn sampling(object: &Map<String, Value>) -> Result<(), Refusal> {
    if object.get("service_tier").is_some_and(|t| !matches!(t.as_str(), Some("default" | "priority" | "auto"))) {
        return Err(Refusal::argument("Argument not supported: service_tier"));
    }
    if object.get("temperature").and_then(Value::as_f64).is_some_and(|t| !(0.0..=2.0).contains(&t)) {
        return Err(Refusal::argument("temperature is out of range 0 to 2"));
    }
    Ok(())
}

/// An effort that the model takes, or none.
pub fn effort(effort: Option<&Value>, model: &Model) -> Result<(), Refusal> {
    let Some(effort) = effort.filter(|e| !e.is_null()) else { return Ok(()) };
    if model.efforts.is_empty() {
        return Err(Refusal::argument(format!("Model {} does not support parameter reasoningEffort.", model.id)));
    }
    match effort.as_str() {
        Some(effort) if model.efforts.contains(&effort) => Ok(()),
        Some(effort @ ("none" | "minimal" | "low" | "medium" | "high" | "xhigh")) => {
            Err(Refusal::argument(format!("Model {} does not support reasoning effort `{effort}`.", model.id)))
        }
        _ => Err(Refusal::new(422, "invalid-argument", format!("reasoning.effort: unknown variant {effort}"))),
    }
}

/// Tools, whose names stand where the pointer says.
pub fn tools(tools: Option<&Value>, pointer: &str) -> Result<(), Refusal> {
    let Some(tools) = tools.and_then(Value::as_array) else { return Ok(()) };
    if tools.len() > 128 {
        return Err(Refusal::argument("At most 128 tools are allowed."));
    }
    let mut names = HashSet::new();
    for tool in tools {
        if let Some(kind) = tool.get("type").and_then(Value::as_str).filter(|kind| *kind != "function") {
            if !names.insert(kind) {
                return Err(Refusal::argument(format!("Tool names must be unique: {kind}")));
            }
            built_in(kind, tool)?;
            continue;
        }
        let name = tool
            .pointer(pointer)
            .and_then(Value::as_str)
            .ok_or_else(|| Refusal::new(422, "invalid-argument", "A function tool has no name."))?;
        if !names.insert(name) {
            return Err(Refusal::argument(format!("Tool names must be unique: {name}")));
        }
    }
    Ok(())
}

/// What the service does by itself.
fn built_in(kind: &str, tool: &Value) -> Result<(), Refusal> {
    const KNOWN: &[&str] = &["web_search", "x_search", "code_interpreter", "file_search", "mcp", "image_generation", "shell"];
    if !KNOWN.contains(&kind) {
        return Err(Refusal::new(422, "invalid-argument", format!("tools: unknown variant {kind}")));
    }
    let handles = |name: &str| tool.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let (allowed, excluded) = (handles("allowed_x_handles"), handles("excluded_x_handles"));
    if allowed > 0 && excluded > 0 {
        return Err(Refusal::argument("Only one of allowed_x_handles and excluded_x_handles may be given."));
    }
    if allowed.max(excluded) > 10 {
        return Err(Refusal::argument("At most 10 handles are allowed."));
    }
    Ok(())
}

fn input(input: Option<&Value>, model: &Model) -> Result<(), Refusal> {
    let items = match input {
        Some(Value::String(text)) if !text.is_empty() => return Ok(()),
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(Value::String(_) | Value::Array(_)) | None => return Err(Refusal::argument("The input is empty.")),
        Some(_) => return Err(Refusal::new(422, "invalid-argument", "input is neither a text nor a list of items.")),
    };
    let mut called = vec![];
    for item in items {
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        match text("type").unwrap_or("message") {
            "message" => match (text("role"), item.get("content")) {
                (Some("user" | "assistant" | "system" | "developer"), Some(Value::String(text))) if !text.is_empty() => {}
                (Some("user" | "assistant" | "system" | "developer"), Some(Value::Array(parts))) if !parts.is_empty() => {
                    parts.iter().try_for_each(part)?
                }
                (Some("user" | "assistant" | "system" | "developer"), _) => return Err(Refusal::argument(EMPTY)),
                (role, _) => return Err(Refusal::new(422, "invalid-argument", format!("Unknown role: {}", role.unwrap_or("none")))),
            },
            "reasoning" => encrypted(text("encrypted_content"), model)?,
            "function_call" => called.push((text("call_id").unwrap_or_default(), false)),
            "function_call_output" => {
                let id = text("call_id").unwrap_or_default();
                match called.iter_mut().find(|(call, _)| *call == id) {
                    Some((_, answered)) => *answered = true,
                    None => return Err(no_call(id)),
                }
            }
            "compaction"
            | "custom_tool_call"
            | "web_search_call"
            | "x_search_call"
            | "code_interpreter_call"
            | "file_search_call"
            | "mcp_call" => {}
            other => return Err(Refusal::new(422, "invalid-argument", format!("Unknown type of input item: {other}"))),
        }
    }
    match called.iter().find(|(_, answered)| !answered) {
        Some((id, _)) => Err(no_output(id)),
        None => Ok(()),
    }
}

/// An output answers no call.
pub fn no_call(id: &str) -> Refusal {
    Refusal::argument(format!("No tool call found for function call output with call_id {id}."))
}

/// A call has no output.
pub fn no_output(id: &str) -> Refusal {
    Refusal::argument(format!("No tool output found for function call {id}."))
}

fn part(part: &Value) -> Result<(), Refusal> {
    let text = |name: &str| part.get(name).and_then(Value::as_str);
    match text("type") {
        Some("input_text" | "output_text" | "refusal" | "input_file") => Ok(()),
        Some("input_image") => picture(text("image_url")),
        other => Err(Refusal::new(422, "invalid-argument", format!("Unknown type of content: {}", other.unwrap_or("none")))),
    }
}

/// A picture by its address.
pub fn picture(url: Option<&str>) -> Result<(), Refusal> {
    match url {
        Some(url) if url.starts_with("https://") => Ok(()),
        Some(url) if url.starts_with("data:image/png;base64,") || url.starts_with("data:image/jpeg;base64,") => Ok(()),
        Some(url) if url.starts_with("data:") => Err(Refusal::argument("Only JPEG and PNG pictures are supported.")),
        _ => Err(Refusal::new(422, "invalid-argument", "image_url must be an https or a data URL.")),
    }
}

/// A blob that only its maker can read.
pub fn seal(model: &Model, words: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(format!("sandbox:{}:{}", family(model.id), words.len()))
}

fn encrypted(blob: Option<&str>, model: &Model) -> Result<(), Refusal> {
    let Some(blob) = blob else { return Ok(()) };
    let opened = base64::engine::general_purpose::STANDARD.decode(blob).ok().and_then(|b| String::from_utf8(b).ok());
    if opened.is_some_and(|text| text.starts_with(&format!("sandbox:{}:", family(model.id)))) {
        return Ok(());
    }
    Err(Refusal::argument("Could not decode encrypted_content of reasoning item."))
}

/// `grok-4.20-0309-reasoning` belongs to `grok-4.20`.
fn family(id: &str) -> String {
    id.split('-').take(2).collect::<Vec<_>>().join("-")
}
