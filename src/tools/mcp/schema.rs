//! What a tool takes, cleaned for services that refuse a request over a keyword they don't know.

use super::text;
use serde_json::{Map, Value, json};

/// The bytes of a schema; more would crowd out the conversation.
const MOST_BYTES: usize = 64 * 1024;
/// The characters of one description in it.
const MOST_WORDS: usize = 2_000;
/// Keywords whose values are named schemas: there the keys are a stranger's names, and stay.
const NAMED: [&str; 6] = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];
/// Keywords whose values are data.
const DATA: [&str; 5] = ["default", "const", "examples", "example", "required"];

/// A schema that every service takes. One that is no object, or too long, says nothing and so allows everything.
pub(super) fn cleaned(given: Option<&Value>) -> Value {
    let nothing = || json!({"type": "object", "properties": {}});
    let Some(Value::Object(given)) = given else { return nothing() };
    let is_object = given.get("type").is_none_or(|kind| kind == "object");
    if !is_object || serde_json::to_string(given).map_or(usize::MAX, |text| text.len()) > MOST_BYTES {
        return nothing();
    }
    let mut schema = object(given);
    schema.entry("type").or_insert_with(|| "object".into());
    if !schema.get("properties").is_some_and(Value::is_object) {
        schema.insert("properties".into(), json!({}));
    }
    Value::Object(schema)
}

/// Also for lists of schemas. The depth is what the reader of JSON lets through.
fn schema(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(object(map)),
        Value::Array(list) => list.iter().map(schema).collect(),
        other => other.clone(),
    }
}

fn object(map: &Map<String, Value>) -> Map<String, Value> {
    map.iter().filter(|(key, value)| !is_refused(key, value)).map(|(key, value)| (key.clone(), part(key, value))).collect()
}

fn part(key: &str, value: &Value) -> Value {
    match value {
        Value::Object(named) if NAMED.contains(&key) => named.iter().map(|(name, value)| (name.clone(), schema(value))).collect(),
        Value::String(words) if key == "description" || key == "title" => text::lines(words, MOST_WORDS).into(),
        value if key == "enum" || DATA.contains(&key) => value.clone(),
        value => schema(value),
    }
}

fn is_refused(key: &str, value: &Value) -> bool {
    let has_slash = |value: &Value| value.as_str().is_some_and(|text| text.contains('/'));
    match key {
        "$schema" | "pattern" | "format" => true,
        "enum" => value.as_array().is_some_and(|list| list.iter().any(has_slash)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_go_and_properties_of_that_name_stay() {
        let given = json!({"$schema": "x", "type": "object", "required": ["pattern"], "properties": {
            "pattern": {"type": "string", "pattern": "^a", "format": "uri"},
            "format": {"enum": ["a", "b"], "default": {"format": "kept"}},
            "properties": {"type": "object", "properties": {"enum": {"enum": ["text/plain", "b"]}}},
            "list": {"items": {"anyOf": [{"format": "date"}, {"type": "null"}]}}},
            "$defs": {"format": {"format": "x", "type": "string"}}});
        let wanted = json!({"type": "object", "required": ["pattern"], "properties": {
            "pattern": {"type": "string"},
            "format": {"enum": ["a", "b"], "default": {"format": "kept"}},
            "properties": {"type": "object", "properties": {"enum": {}}},
            "list": {"items": {"anyOf": [{}, {"type": "null"}]}}},
            "$defs": {"format": {"type": "string"}}});
        assert_eq!(cleaned(Some(&given)), wanted);
    }

    #[test]
    fn what_is_no_object_or_too_long_takes_everything() {
        let nothing = json!({"type": "object", "properties": {}});
        let long = json!({"type": "object", "properties": {"a": {"description": "x".repeat(MOST_BYTES)}}});
        for given in [None, Some(&json!("text")), Some(&json!([1])), Some(&json!({"type": "string"})), Some(&json!({})), Some(&long)] {
            assert_eq!(cleaned(given), nothing, "{given:?}");
        }
    }

    #[test]
    fn words_in_it_are_cleaned() {
        let given = json!({"properties": {"a": {"description": "hid\u{200b}den\u{202e}"}, "description": {"type": "string"}}});
        assert_eq!(cleaned(Some(&given))["properties"]["a"]["description"], "hidden");
        assert_eq!(cleaned(Some(&given))["properties"]["description"], json!({"type": "string"}));
    }
}
