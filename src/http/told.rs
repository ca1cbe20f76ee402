//! What a body says went wrong. Servers wrap their reasons in every way: flat, nested, in lists, in a text that is JSON again because a
//! gateway passes on what another server said. The most telling words count, wherever they are.

use serde_json::{Map, Value};

/// Nobody wraps a reason more often than this.
const DEEPEST: usize = 8;
/// A reason is not longer than this, in characters.
const LONGEST: usize = 1_000;

/// A reason, as far as a server gave one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The words for people; may be empty.
    pub message: String,
    /// Every code that came with them, one blank between two.
    pub codes: String,
    /// Who said it, where a gateway passes it on.
    pub by: Option<String>,
    /// The HTTP status that the body speaks of, where it does.
    pub status: Option<u16>,
}

impl Told {
    /// Reads the reason out of a body. One without any is empty.
    pub fn read(value: &Value) -> Self {
        let mut told = Self::default();
        told.gather(value, 0);
        told.message = words(value, 0).unwrap_or_default().chars().take(LONGEST).collect();
        told
    }
    /// Whether the code or the words hold one of these, which are in small letters.
    pub fn says(&self, words: &[&str]) -> bool {
        let all = format!("{} {}", self.codes, self.message).to_lowercase();
        words.iter().any(|word| all.contains(word))
    }

    /// Codes, the status and the name of whoever said it, wherever they stand.
    fn gather(&mut self, value: &Value, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Array(items) => items.iter().take(8).for_each(|item| self.gather(item, depth + 1)),
            Value::String(text) => inner(text).iter().for_each(|inner| self.gather(inner, depth + 1)),
            Value::Object(map) => {
                for name in ["code", "type", "status", "statusCode", "status_code", "reason", "error"] {
                    match map.get(name) {
                        Some(Value::String(code)) if is_code(code) => self.code(code),
                        Some(Value::Number(number)) => self.code(&number.to_string()),
                        _ => {}
                    }
                }
                if let Some(name) = map.get("provider_name").and_then(Value::as_str) {
                    self.by = Some(name.to_string());
                }
                for name in HOLDERS {
                    map.get(*name).into_iter().for_each(|value| self.gather(value, depth + 1));
                }
            }
            _ => {}
        }
    }

    fn code(&mut self, code: &str) {
        if let Ok(status @ 400..=599) = code.parse::<u16>() {
            self.status.get_or_insert(status);
        }
        let known = self.codes.split(' ').any(|known| known == code);
        // what says only that there was an error says nothing
        if !known && !matches!(code, "error" | "failed") && self.codes.len() < LONGEST {
            if !self.codes.is_empty() {
                self.codes.push(' ');
            }
            self.codes.push_str(code);
        }
    }
}

/// Members that hold a reason, the most telling first: what another server said, then what this one calls it.
const HOLDERS: &[&str] = &[
    "metadata",
    "raw",
    "error",
    "errors",
    "message",
    "detail",
    "details",
    "error_description",
    "error_message",
    "errorMessage",
    "msg",
    "status_msg",
    "base_resp",
    "response",
    "title",
    "reason",
    "description",
];

/// Whether a JSON value that came where an answer was expected tells of a failure.
pub fn is_failure(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(is_failure),
        Value::Object(map) => is_failed(map),
        _ => false,
    }
}

fn is_failed(map: &Map<String, Value>) -> bool {
    let is_there = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    };
    let has = |name: &str| map.get(name).is_some_and(is_there);
    let text = |name: &str| map.get(name).and_then(Value::as_str);
    if has("error") || has("errors") || text("object") == Some("error") || text("type") == Some("error") {
        return true;
    }
    if map.get("base_resp").and_then(|base| base.get("status_code")).and_then(Value::as_i64).is_some_and(|code| code != 0) {
        return true;
    }
    let is_answer = ["choices", "output", "response", "delta", "item"].iter().any(|name| map.contains_key(*name));
    let is_event = map.contains_key("type") || map.contains_key("object");
    if is_answer || is_event {
        return false;
    }
    let coded = ["code", "status", "statusCode", "status_code"].iter().any(|name| has(name));
    has("detail") || text("message").is_some() && coded || map.get("success") == Some(&Value::Bool(false))
}

/// The most telling words in a value.
fn words(value: &Value, depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    match value {
        Value::String(text) => {
            let text = text.trim();
            let deeper = inner(text).and_then(|inner| words(&inner, depth + 1));
            deeper.or_else(|| (!text.is_empty()).then(|| text.to_string()))
        }
        Value::Array(items) => items.iter().find_map(|item| words(item, depth + 1)),
        Value::Object(map) => {
            let mut code = None;
            for name in HOLDERS {
                let Some(said) = map.get(*name).and_then(|value| words(value, depth + 1)) else { continue };
                // a code, or "Not Found": there may be something better beside it
                if is_code(&said) {
                    code.get_or_insert(said);
                    continue;
                }
                // where in the request the fault is
                let place = map.get("loc").and_then(Value::as_array).map(|parts| {
                    let parts = parts.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_string));
                    parts.filter(|part| part != "body").collect::<Vec<_>>().join(".")
                });
                return Some(match place.filter(|place| !place.is_empty()) {
                    Some(place) => format!("{place}: {said}"),
                    None => said,
                });
            }
            code
        }
        _ => None,
    }
}

/// A word for programs.
fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= 80 && !text.contains(char::is_whitespace)
}

/// JSON in a text: all of it, or what stands in it from the first bracket on.
fn inner(text: &str) -> Option<Value> {
    let from = text.find(['{', '['])?;
    let to = text.rfind(['}', ']'])?;
    let value: Value = serde_json::from_str(text.get(from..=to)?).ok()?;
    // a list of numbers, or a word in brackets, is part of the sentence
    (value.is_object() || from == 0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(value: Value) -> (String, String) {
        let told = Told::read(&value);
        (told.message, told.codes)
    }

    #[test]
    fn the_most_telling_words_count_whatever_holds_them() {
        for (body, message) in [
            (json!({"error": "flat", "code": "x"}), "flat"),
            (json!({"error": {"message": "Nested.", "type": "invalid_request_error"}}), "Nested."),
            (json!([{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}]), "API key not valid."),
            (
                json!({"error": {"message": "Provider returned error", "metadata": {"raw": "{\"error\":{\"message\":\"At most 1 image.\"}}", "provider_name": "Foo"}}}),
                "At most 1 image.",
            ),
            (
                json!({"error": {"message": "Provider returned error", "metadata": {"raw": "upstream is down", "provider_name": "Foo"}}}),
                "upstream is down",
            ),
            (
                json!({"error": {"message": "litellm.BadRequestError: OpenAIException - {\"error\": {\"message\": \"No such thing.\"}}"}}),
                "No such thing.",
            ),
            (json!({"object": "error", "message": "Too long.", "code": 400}), "Too long."),
            (
                json!({"detail": [{"loc": ["body", "messages", 0], "msg": "field required", "type": "missing"}]}),
                "messages.0: field required",
            ),
            (json!({"detail": "Not authenticated"}), "Not authenticated"),
            (json!({"timestamp": 1, "status": 404, "error": "Not Found", "message": "no handler for it", "path": "/"}), "Not Found"),
            (json!({"error": "invalid_grant", "error_description": "The token was revoked."}), "The token was revoked."),
            (json!({"errors": [{"code": 7003, "message": "Could not route."}], "success": false}), "Could not route."),
            (json!({"base_resp": {"status_code": 1004, "status_msg": "login fail"}}), "login fail"),
            (json!({"error": "invalid_grant"}), "invalid_grant"),
            (json!({"error": {"code": "x", "message": ""}}), ""),
            (json!({}), ""),
        ] {
            assert_eq!(Told::read(&body).message, message, "{body}");
        }
        let passed_on = json!({"error": {"message": "no", "code": 429, "metadata": {"raw": "{\"error\":{\"code\":\"slow_down\"}}", "provider_name": "Foo"}}});
        let told = Told::read(&passed_on);
        assert_eq!((told.by.as_deref(), told.status, told.says(&["slow_down"])), (Some("Foo"), Some(429), true));
    }

    #[test]
    fn answers_are_no_failures() {
        for good in [
            json!({"choices": [], "error": null}),
            json!({"type": "response.created", "response": {}}),
            json!({"error": {}, "choices": [1]}),
            json!({"message": {"content": "x"}, "done": false}),
            json!({"id": 1}),
        ] {
            assert!(!is_failure(&good), "{good}");
        }
        for bad in [
            json!({"error": "x"}),
            json!([{"error": {"code": 1}}]),
            json!({"object": "error"}),
            json!({"detail": "x"}),
            json!({"message": "x", "code": 3}),
            json!({"base_resp": {"status_code": 2}}),
        ] {
            assert!(is_failure(&bad), "{bad}");
        }
    }

    #[test]
    fn what_is_wrapped_without_end_is_survived() {
        let mut text = "\"x\"".to_string();
        for _ in 0..12 {
            text = json!({ "error": text }).to_string();
        }
        assert!(told(serde_json::from_str(&text).unwrap()).0.len() <= LONGEST);
    }
}
