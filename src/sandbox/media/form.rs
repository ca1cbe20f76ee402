//! The form of a transcription, field by field.

use super::answer::Refusal;
use axum::extract::multipart::{Field, Multipart, MultipartError};

/// Bytes of a field that is no file.
const LONGEST: usize = 64 << 10;
/// Fields of a form.
const MOST: usize = 256;

/// What was sent.
#[derive(Debug, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    /// The recording.
    pub file: Option<Vec<u8>>,
}

impl Form {
    /// Reads it. The file must be the last field, as the service streams it.
    pub async fn read(mut multipart: Multipart, largest: usize) -> Result<Self, Refusal> {
        let mut form = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_string();
            if form.file.is_some() {
                return Err(Refusal::argument(format!("`file` must be the last field of the form, but `{name}` follows it")));
            }
            if name == "file" {
                form.file = Some(bytes(field, largest).await?);
                continue;
            }
            let value = String::from_utf8(bytes(field, LONGEST).await?);
            form.fields.push((name, value.map_err(|_| Refusal::argument("A field is not UTF-8."))?));
            if form.fields.len() > MOST {
                return Err(Refusal::argument("The form has too many fields."));
            }
        }
        Ok(form)
    }
    /// A field that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next().filter(|value| !value.is_empty())
    }
    /// All fields of this name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
    /// `true` or `false`; false when it is not there.
    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Refusal::argument(format!("{name} must be true or false, got {other}"))),
        }
    }
    /// One of these words.
    pub fn word(&self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let known = words.iter().find(|word| **word == text).copied();
        known.map(Some).ok_or_else(|| Refusal::argument(format!("{name} must be one of {}, got {text}", words.join(", "))))
    }
    /// A whole number.
    pub fn whole(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or_else(|| Refusal::argument(format!("{name} must be between {least} and {most}, got {text}")))
    }
}

async fn bytes(mut field: Field<'_>, largest: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = vec![];
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > largest {
            return Err(Refusal::new(413, "invalid-argument", format!("At most {largest} bytes are allowed.")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broken(error: MultipartError) -> Refusal {
    Refusal::argument(format!("The form could not be read: {}", error.body_text()))
}
