//! A request in JSON, and its fields one by one.

use super::answer::Refusal;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Marks that count as if they stood in the prompt: faults that were ordered.
#[derive(Debug, Clone, Default)]
pub struct Marks(pub String);

/// What was asked.
#[derive(Debug, Default)]
pub struct Asked {
    /// `http://127.0.0.1:PORT`, as the client wrote it.
    pub base: String,
    /// Two requests with one such key are one.
    pub idempotency: Option<String>,
    fields: Map<String, Value>,
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let headers = request.headers();
        if !text(headers, "content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            return Err(Refusal::new(415, "invalid-argument", "Expected request with `Content-Type: application/json`"));
        }
        let base = base(headers);
        let marks = request.extensions().get::<Marks>().cloned().unwrap_or_default();
        let idempotency = text(headers, "x-idempotency-key").map(str::to_string);
        let too_large = |_| Refusal::new(413, "invalid-argument", "The body is too large.");
        let bytes = Bytes::from_request(request, state).await.map_err(too_large)?;
        if bytes.is_empty() {
            return Err(Refusal::new(415, "invalid-argument", "The body is empty."));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(mut fields)) => {
                if let Some(Value::String(prompt)) = fields.get_mut("prompt") {
                    prompt.push_str(&marks.0);
                }
                Ok(Self { base, idempotency, fields })
            }
            Ok(_) => Err(Refusal::kind("The body is not a JSON object.")),
            Err(error) => Err(Refusal::argument(format!("The body is not JSON: {error}"))),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Where the client found this server.
pub fn base(headers: &HeaderMap) -> String {
    format!("http://{}", text(headers, header::HOST.as_str()).unwrap_or("127.0.0.1"))
}

impl Asked {
    /// The fields of an object inside of a request.
    pub fn within(value: &Value, name: &str) -> Result<Self, Refusal> {
        match value {
            Value::Object(fields) => Ok(Self { fields: fields.clone(), ..Self::default() }),
            _ => Err(Refusal::kind(format!("{name}: expected an object"))),
        }
    }
    /// A field, when it is there and not `null`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }
    /// All names.
    pub fn entries(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.fields.iter()
    }
    /// A string.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.typed(name, "a string", Value::as_str)
    }
    /// `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.typed(name, "a boolean", Value::as_bool)
    }
    /// A list with at most so many members; an empty one is none.
    pub fn list(&self, name: &str, most: usize) -> Result<&[Value], Refusal> {
        let list = self.typed(name, "a list", |value| value.as_array().map(Vec::as_slice))?.unwrap_or_default();
        match list.len() <= most {
            true => Ok(list),
            false => Err(Refusal::argument(format!("{name}: at most {most} are allowed, {} were given", list.len()))),
        }
    }
    /// A whole number of a range.
    pub fn whole(&self, name: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_i64() {
            None => Err(Refusal::kind(format!("{name}: expected a whole number"))),
            Some(number) => match u64::try_from(number).ok().filter(|number| range.contains(number)) {
                Some(number) => Ok(Some(number)),
                None => Err(Refusal::argument(format!("{name} must be between {} and {}, got {number}", range.start(), range.end()))),
            },
        }
    }
    /// A number of a range.
    pub fn number(&self, name: &str, range: RangeInclusive<f64>) -> Result<Option<f64>, Refusal> {
        match self.typed(name, "a number", Value::as_f64)? {
            Some(number) if !range.contains(&number) => {
                Err(Refusal::argument(format!("{name} must be between {} and {}, got {number}", range.start(), range.end())))
            }
            number => Ok(number),
        }
    }
    /// One of these words.
    pub fn word(&self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let known = words.iter().find(|word| **word == text).copied();
        let all = || words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        known.map(Some).ok_or_else(|| {
            let error = format!("{name}: unknown variant `{text}`, expected one of {}", all());
            Refusal::kind(format!("Failed to deserialize the JSON body into the target type: {error}"))
        })
    }
    /// Refuses fields that this endpoint does not have.
    pub fn without(&self, names: &[&str]) -> Result<(), Refusal> {
        match names.iter().find(|name| self.get(name).is_some()) {
            Some(name) => Err(Refusal::argument(format!("Argument not supported: {name}"))),
            None => Ok(()),
        }
    }
    fn typed<'a, T>(&'a self, name: &str, what: &str, read: impl Fn(&'a Value) -> Option<T>) -> Result<Option<T>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| Refusal::kind(format!("{name}: expected {what}")))
    }
}
