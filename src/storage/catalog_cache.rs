//! The models.dev catalog on the disk, shared with Hermes Agent (`docs/files.md` 5): the downloaded object as it is, its age
//! the time of its last change. Several megabytes: only the provider that is asked for is kept while reading.

use crate::{
    domain::{
        catalog::{self, Listed, Model},
        foreign::is_wild,
    },
    files::{atomic, read as files},
};
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
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
    let found = read_all(path, &[provider])?;
    Ok(found.map(|(mut all, written)| Cached { models: all.remove(provider).unwrap_or_default(), written }))
}

/// The models of several providers, by their names, and when the file was written.
pub type All = (HashMap<String, Vec<Model>>, i64);

/// The same of several providers at once: the file holds megabytes.
pub fn read_all(path: &Path, providers: &[&str]) -> Result<Option<All>, String> {
    let bytes = match files::bytes(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(files::Error::Missing) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let all = parse(&bytes, providers)?;
    let written = written(path).and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
    Ok(Some((all, written.and_then(|d| i64::try_from(d.as_secs()).ok()).unwrap_or(0))))
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
    parse(bytes, &[])?;
    atomic::replace(path, bytes).map_err(|e| e.to_string())
}

/// The file is as good as new: the server says that nothing has changed.
pub fn touch(path: &Path) -> io::Result<()> {
    fs::File::options().append(true).open(path)?.set_modified(SystemTime::now())
}

fn parse(bytes: &[u8], providers: &[&str]) -> Result<HashMap<String, Vec<Model>>, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let found = Chosen { providers }.deserialize(&mut deserializer).and_then(|found| deserializer.end().map(|()| found));
    let found = found.map_err(|e| format!("line {}, column {}", e.line(), e.column()))?;
    Ok(found.into_iter().map(|(name, provider)| (name, models(&provider))).collect())
}

/// The models of a provider that chat, the newest first.
fn models(provider: &Value) -> Vec<Model> {
    let models = provider.get("models").and_then(Value::as_object);
    let mut models: Vec<Model> = models.into_iter().flatten().filter_map(|(id, model)| chat_model(id, model)).collect();
    models.sort_by(|a, b| a.deprecated.cmp(&b.deprecated).then(b.released.cmp(&a.released)).then(a.id.cmp(&b.id)));
    models
}

/// Reads the values of some keys of an object and skips the others.
struct Chosen<'a> {
    providers: &'a [&'a str],
}

impl<'de> DeserializeSeed<'de> for Chosen<'_> {
    type Value = Vec<(String, Value)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Chosen<'_> {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of providers")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut any) = (vec![], false);
        while let Some(key) = map.next_key::<String>()? {
            any = true;
            if self.providers.contains(&key.as_str()) {
                let value = map.next_value::<Value>()?;
                found.push((key, value));
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
    if !speaks || !catalog::chats(id) || !is_id(id) {
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

/// What a server's own list says, in its order, each once. The two usual forms, and that of llama.cpp, are read; an id that could drive
/// a terminal is none.
pub fn listed(body: &[u8]) -> Result<Vec<Listed>, String> {
    let value: Value = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let rows = value.get("data").or_else(|| value.get("models")).unwrap_or(&value);
    let rows = rows.as_array().ok_or("there is no list in it")?;
    let mut seen = HashSet::new();
    let listed = rows.iter().filter_map(|row| {
        let id = ["id", "name", "model"].iter().find_map(|name| row.get(*name).and_then(Value::as_str)).or(row.as_str())?;
        // Gemini puts a folder in front
        let id = id.strip_prefix("models/").unwrap_or(id);
        let counts = catalog::chats(id) && is_id(id) && seen.insert(id.to_string());
        counts.then(|| Listed { id: id.to_string(), context: context(row) })
    });
    Ok(listed.take(5_000).collect())
}

/// Whether a text can be a model's id: a word that every terminal shows as it is.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 200 && !id.chars().any(|c| c.is_whitespace() || is_wild(c))
}

/// How much a model can read, by the many names that servers have for it.
fn context(row: &Value) -> Option<u64> {
    let names = [
        "/context_length",
        "/max_model_len",
        "/context_window",
        "/max_context_length",
        "/max_context_window",
        "/top_provider/context_length",
        "/limits/max_context_window_tokens",
        "/inputTokenLimit",
        "/meta/n_ctx",
        "/meta/n_ctx_train",
    ];
    names.iter().find_map(|name| row.pointer(name).and_then(Value::as_u64)).filter(|tokens| *tokens > 0)
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
        let ids =
            |text: &str| listed(text.as_bytes()).map(|all| all.into_iter().map(|l| (l.id, l.context.unwrap_or(0))).collect::<Vec<_>>());
        let one = |id: &str, context| Ok(vec![(id.to_string(), context)]);
        assert_eq!(ids(r#"{"object":"list","data":[{"id":"grok-4.7"},{"id":"grok-imagine-video"}]}"#), one("grok-4.7", 0));
        assert_eq!(ids(r#"{"models":[{"name":"qwen3:8b"}]}"#), one("qwen3:8b", 0));
        assert_eq!(ids(r#"[{"id":"a"},{"nothing":1}]"#), one("a", 0));
        assert_eq!(ids(r#"{"data":[{"id":"a","max_model_len":4096},{"id":"a","max_model_len":1}]}"#), one("a", 4_096));
        assert_eq!(
            ids(r#"{"data":[{"id":"a","meta":{"n_ctx_train":8192}},{"id":"m\u001b]0;X\u0007"},{"id":"x\u202ey"},{"id":"a b"}]}"#),
            one("a", 8_192)
        );
        assert_eq!(ids(r#"{"data":[{"id":"models/gemini-9"}]}"#), one("gemini-9", 0));
        assert!(ids("<html>").is_err() && ids("{\"data\": 3}").is_err());
    }
}
