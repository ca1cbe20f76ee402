//! The arguments of a call, as a model wrote them: one JSON object in which numbers may be texts, flags may be words and names may be
//! misspelt. Whatever can't be meant is said in a sentence that lets the model mend its call.

use crate::tools::alike;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// The fields of one call. A field that is `null` counts as left out.
pub struct Arguments<'a>(pub &'a Map<String, Value>);

impl<'a> Arguments<'a> {
    /// What a model sent as arguments. An empty text stands for no arguments.
    pub fn read(json_text: &str) -> Result<Map<String, Value>, String> {
        if json_text.trim().is_empty() {
            return Ok(Map::new());
        }
        match serde_json::from_str(json_text) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(other) => Err(format!("The arguments must be one JSON object, and {} was given.", named(&other))),
            Err(e) => Err(format!("The arguments are not valid JSON ({e}). Send them again as one JSON object.")),
        }
    }

    /// Refuses fields that the tool doesn't have, for a misspelt one would be lost without a word.
    pub fn only(&self, known: &[&str]) -> Result<(), String> {
        let Some(stranger) = self.0.keys().find(|key| !known.contains(&key.as_str())) else { return Ok(()) };
        let meant = alike::closest(stranger, known.iter().copied(), 1);
        let guess = meant.first().map(|name| format!(" Did you mean `{name}`?")).unwrap_or_default();
        let stranger: String = stranger.chars().take(60).collect();
        Err(format!("There is no field `{stranger}`.{guess} The fields are {}.", list(known)))
    }

    /// A text that the tool can't do without. It may be empty.
    pub fn text(&self, name: &str) -> Result<&'a str, String> {
        self.maybe_text(name)?.ok_or_else(|| format!("The field `{name}` is missing; it must be a text."))
    }

    /// A text that may be left out.
    pub fn maybe_text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(name, "a text", other)),
        }
    }

    /// A list of texts, which models also send as one text or as JSON in a text; none when it is left out.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        let list = match self.given(name) {
            None => return Ok(vec![]),
            Some(Value::String(text)) => match serde_json::from_str::<Value>(text) {
                Ok(Value::Array(items)) => items,
                _ => vec![Value::String(text.clone())],
            },
            Some(Value::Array(items)) => items.clone(),
            Some(other) => return Err(wrong(name, "a list of texts", other)),
        };
        list.into_iter().map(|item| item.as_str().map(str::to_string).ok_or_else(|| wrong(name, "a list of texts", &item))).collect()
    }

    /// A whole number, which models also send as a text or with `.0`.
    pub fn number(&self, name: &str, range: RangeInclusive<u64>, default: u64) -> Result<u64, String> {
        let Some(value) = self.given(name) else { return Ok(default) };
        let wanted = || format!("a whole number from {} to {}", range.start(), range.end());
        let number = match value {
            Value::Number(n) => n.as_u64().or_else(|| n.as_f64().and_then(whole)),
            Value::String(text) => text.trim().parse::<u64>().ok().or_else(|| text.trim().parse().ok().and_then(whole)),
            _ => None,
        };
        number.filter(|n| range.contains(n)).ok_or_else(|| wrong(name, &wanted(), value))
    }

    /// A switch that is off when it is left out.
    pub fn flag(&self, name: &str) -> Result<bool, String> {
        match self.given(name) {
            None => Ok(false),
            Some(Value::Bool(on)) => Ok(*on),
            Some(Value::String(word)) if word.eq_ignore_ascii_case("true") => Ok(true),
            Some(Value::String(word)) if word.eq_ignore_ascii_case("false") => Ok(false),
            Some(other) => Err(wrong(name, "true or false", other)),
        }
    }

    /// One of a few words, or none when it is left out.
    pub fn one_of(&self, name: &str, choices: &[&'static str]) -> Result<Option<&'static str>, String> {
        let Some(value) = self.given(name) else { return Ok(None) };
        let chosen = value.as_str().and_then(|word| choices.iter().find(|choice| choice.eq_ignore_ascii_case(word.trim())));
        chosen.map(|choice| Some(*choice)).ok_or_else(|| wrong(name, &format!("one of {}", list(choices)), value))
    }

    fn given(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

/// A float without a fraction, small enough to be exact.
fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number)).then_some(number as u64)
}

fn wrong(name: &str, wanted: &str, given: &Value) -> String {
    format!("The field `{name}` must be {wanted}, and {} was given.", named(given))
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What a value is, for a sentence.
fn named(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(on) => on.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.chars().count() > 40 => "a long text".into(),
        Value::String(text) => format!("the text {text:?}"),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check<T>(value: Value, then: impl FnOnce(Arguments<'_>) -> T) -> T {
        let map = Arguments::read(&value.to_string()).unwrap();
        then(Arguments(&map))
    }

    #[test]
    fn one_object_is_read() {
        assert!(Arguments::read("  ").unwrap().is_empty());
        assert_eq!(Arguments::read(r#"{"a":1}"#).unwrap().len(), 1);
        let error = Arguments::read("{\"a\":\n}").unwrap_err();
        assert!(error.contains("line 2 column 1") && error.contains("one JSON object"), "{error}");
        assert!(Arguments::read("[1]").unwrap_err().contains("a list was given"));
        assert!(Arguments::read(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn a_stranger_is_named_with_a_guess() {
        let error = check(json!({"pth": "a"}), |a| a.only(&["path", "content"])).unwrap_err();
        assert_eq!(error, "There is no field `pth`. Did you mean `path`? The fields are `path`, `content`.");
        assert!(check(json!({"path": "a"}), |a| a.only(&["path"])).is_ok());
        assert!(!check(json!({"zzz": "a"}), |a| a.only(&["path"])).unwrap_err().contains("mean"));
    }

    #[test]
    fn texts_are_texts() {
        check(json!({"a": "x", "n": null, "l": []}), |a| {
            assert_eq!(a.text("a"), Ok("x"));
            assert_eq!(a.maybe_text("n"), Ok(None));
            assert!(a.text("n").unwrap_err().contains("missing"));
            assert!(a.text("l").unwrap_err().contains("must be a text, and a list was given"));
        });
    }

    #[test]
    fn numbers_come_in_several_forms() {
        for given in [json!(12), json!("12"), json!(12.0), json!(" 12.0 ")] {
            assert_eq!(check(json!({ "n": given }), |a| a.number("n", 1..=20, 5)), Ok(12));
        }
        assert_eq!(check(json!({}), |a| a.number("n", 1..=20, 5)), Ok(5));
        for given in [json!(0), json!(21), json!(-1), json!(1.5), json!("x"), json!(true), json!(1e300)] {
            assert!(check(json!({ "n": given }), |a| a.number("n", 1..=20, 5)).unwrap_err().contains("from 1 to 20"));
        }
    }

    #[test]
    fn flags_and_choices() {
        assert_eq!(check(json!({"f": "True"}), |a| a.flag("f")), Ok(true));
        assert_eq!(check(json!({"f": "false"}), |a| a.flag("f")), Ok(false));
        assert_eq!(check(json!({}), |a| a.flag("f")), Ok(false));
        assert!(check(json!({"f": 1}), |a| a.flag("f")).unwrap_err().contains("the number 1"));
        assert_eq!(check(json!({"c": "Files"}), |a| a.one_of("c", &["content", "files"])), Ok(Some("files")));
        assert_eq!(check(json!({}), |a| a.one_of("c", &["content"])), Ok(None));
        assert!(check(json!({"c": "no"}), |a| a.one_of("c", &["content", "files"])).unwrap_err().contains("`content`, `files`"));
    }
}
