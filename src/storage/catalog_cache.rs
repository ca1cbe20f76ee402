//! The models.dev catalog on the disk, shared with Hermes Agent (`docs/files.md` 5): the downloaded object as it is, its age
//! the time of its last change. Several megabytes: only the provider that is asked for is kept while reading.

use crate::{
    domain::catalog::{self, Model},
    files::{atomic, read as files},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value;
use std::{
    fmt, fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

/// A catalog is fresh for so long.
pub const FRESH: Duration = Duration::from_secs(3_600);
/// Nobody's catalog is larger.
const LARGEST: u64 = 64 << 20;

/// What the file says of a provider.
#[derive(Debug, Default, PartialEq)]
pub struct Cached {
    /// Models that chat, the newest first; none when the catalog does not have the provider.
    pub models: Vec<Model>,
    /// When the file was written, in seconds since 1970.
    pub written: i64,
}

/// Reads one provider's models. Nothing comes where there is no file; the error is the end of a sentence.
pub fn read(path: &Path, provider: &str) -> Result<Option<Cached>, String> {
    let bytes = match files::bytes(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(files::Error::Missing) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let models = parse(&bytes, provider)?;
    let written = written(path).and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
    Ok(Some(Cached { models, written: written.and_then(|d| i64::try_from(d.as_secs()).ok()).unwrap_or(0) }))
}

/// Whether the file is young enough not to be asked for again; one from the future is not.
pub fn is_fresh(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok());
    age.is_some_and(|age| age < FRESH)
}

/// When the file was written, for a conditional request.
pub fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|m| m.modified()).ok()
}

/// Replaces the file by what was downloaded, which must be a non-empty object.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    parse(bytes, "")?;
    atomic::replace(path, bytes).map_err(|e| e.to_string())
}

/// The file is as good as new: the server says that nothing has changed.
pub fn touch(path: &Path) -> io::Result<()> {
    fs::File::options().append(true).open(path)?.set_modified(SystemTime::now())
}

fn parse(bytes: &[u8], provider: &str) -> Result<Vec<Model>, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let found = One { provider }.deserialize(&mut deserializer).and_then(|found| deserializer.end().map(|()| found));
    let found = found.map_err(|e| format!("line {}, column {}", e.line(), e.column()))?;
    let models = found.as_ref().and_then(|p| p.get("models")).and_then(Value::as_object);
    let mut models: Vec<Model> = models.into_iter().flatten().filter_map(|(id, model)| chat_model(id, model)).collect();
    models.sort_by(|a, b| a.deprecated.cmp(&b.deprecated).then(b.released.cmp(&a.released)).then(a.id.cmp(&b.id)));
    Ok(models)
}

/// Reads the value of one key of an object and skips the others.
struct One<'a> {
    provider: &'a str,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of providers")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut any) = (None, false);
        while let Some(key) = map.next_key::<String>()? {
            any = true;
            if key == self.provider {
                found = Some(map.next_value::<Value>()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if any { Ok(found) } else { Err(serde::de::Error::custom("it is empty")) }
    }
}

/// A model of the catalog that answers in words; efforts and what else only we know come from our own file.
fn chat_model(id: &str, value: &Value) -> Option<Model> {
    let list = |pointer: &str| value.pointer(pointer).and_then(Value::as_array);
    let holds = |items: &Vec<Value>, word: &str| items.iter().any(|i| i.as_str() == Some(word));
    let speaks = list("/modalities/output").is_none_or(|output| holds(output, "text"));
    if !speaks || !catalog::chats(id) || id.len() > 200 {
        return None;
    }
    let known = catalog::model(id);
    let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
    let price = |name: &str| value.pointer(&format!("/cost/{name}")).and_then(Value::as_f64);
    let context = value.pointer("/limit/context").and_then(Value::as_u64).filter(|c| *c > 0);
    Some(Model {
        id: id.to_string(),
        context: context.or(known.map(|k| k.context)).unwrap_or(0),
        efforts: known.map(|k| k.efforts.clone()).unwrap_or_default(),
        default_effort: known.and_then(|k| k.default_effort.clone()),
        price: price("input").zip(price("output")),
        released: value.get("release_date").and_then(Value::as_str).unwrap_or_default().chars().take(10).collect(),
        sees: list("/modalities/input").map_or_else(|| flag("attachment"), |input| holds(input, "image")),
        tools: flag("tool_call"),
        thinks: flag("reasoning"),
        deprecated: value.get("status").and_then(Value::as_str) == Some("deprecated"),
        ..Model::default()
    })
}

/// What a server's own list says: ids, in its order. The two usual forms, and that of llama.cpp, are read.
pub fn live_ids(body: &[u8]) -> Result<Vec<String>, String> {
    #[derive(Deserialize)]
    struct Row {
        #[serde(alias = "name", alias = "model")]
        id: String,
    }
    let value: Value = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let rows = value.get("data").or_else(|| value.get("models")).cloned().unwrap_or(value);
    let rows: Vec<Value> = serde_json::from_value(rows).map_err(|e| e.to_string())?;
    let ids = rows.into_iter().filter_map(|row| serde_json::from_value::<Row>(row).ok()).map(|row| row.id);
    Ok(ids.filter(|id| catalog::chats(id) && !id.is_empty() && id.len() <= 200).take(5_000).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../tests/support/catalog.json");

    #[test]
    fn models_that_chat_are_read_the_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("models_dev_cache.json");
        assert_eq!(read(&path, "xai"), Ok(None));
        write(&path, SAMPLE.as_bytes()).unwrap();
        let cached = read(&path, "xai").unwrap().unwrap();
        let ids: Vec<&str> = cached.models.iter().map(|m| m.id.as_str()).collect();
        assert_eq!(ids, ["grok-4.3", "grok-4.20-0309-non-reasoning", "grok-4.20-0309-reasoning", "grok-4.20-multi-agent-0309"]);
        let first = &cached.models[0];
        assert_eq!((first.context, first.price, first.sees, first.tools, first.thinks), (1_000_000, Some((1.25, 2.5)), true, true, true));
        assert_eq!(first.efforts, ["none", "low", "medium", "high"]);
        assert!(!cached.models[3].tools && is_fresh(&path));
        assert_eq!(read(&path, "nobody").unwrap().unwrap().models, []);
    }

    #[test]
    fn damaged_catalogs_are_told_and_never_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.json");
        let cut = &SAMPLE[..SAMPLE.len() / 2];
        let deep = "[".repeat(100_000);
        for bad in ["", "{}", "[]", "null", cut, &deep, "{\"xai\": 1} trailing"] {
            assert!(write(&path, bad.as_bytes()).is_err());
            fs::write(&path, bad).unwrap();
            assert!(read(&path, "xai").is_err());
        }
        fs::write(&path, "{\"xai\": {\"models\": {\"a\": 3, \"b\": {\"limit\": [], \"cost\": 1, \"modalities\": \"x\"}}}}").unwrap();
        assert_eq!(read(&path, "xai").unwrap().unwrap().models.len(), 2);
    }

    #[test]
    fn lists_of_servers_are_read_in_their_forms() {
        let ids = |text: &str| live_ids(text.as_bytes());
        assert_eq!(ids(r#"{"object":"list","data":[{"id":"grok-4.7"},{"id":"grok-imagine-video"}]}"#), Ok(vec!["grok-4.7".into()]));
        assert_eq!(ids(r#"{"models":[{"name":"qwen3:8b"}]}"#), Ok(vec!["qwen3:8b".into()]));
        assert_eq!(ids(r#"[{"id":"a"},{"nothing":1}]"#), Ok(vec!["a".into()]));
        assert!(ids("<html>").is_err() && ids("{\"data\": 3}").is_err());
    }
}
