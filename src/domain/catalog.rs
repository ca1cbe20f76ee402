//! Providers and models: what each is called, where it lives and what it can do.

use serde::Deserialize;
use std::sync::LazyLock;

/// A place that serves models. A row of the table in `providers/`.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// The canonical name, as written in flags, variables and files.
    pub id: &'static str,
    /// Other names that mean the same provider.
    pub aliases: &'static [&'static str],
    /// What people read.
    pub title: &'static str,
    /// Base address without a trailing slash; `/responses` and the like are appended. Empty where it is found out at run time.
    pub address: &'static str,
    /// Variables that replace the address, the strongest first.
    pub address_variables: &'static [&'static str],
    /// How one signs in.
    pub login: Login,
    /// What is spoken there.
    pub transport: Transport,
    /// The model that is used when none is chosen; empty where only the server knows.
    pub default_model: &'static str,
    /// Its name in the models.dev catalog; empty where that does not have it.
    pub catalog: &'static str,
    /// Signs that ids of its models hold, of those that may part a provider from a model: `:` and `/`.
    pub id_signs: &'static str,
    /// A server of this machine: reached without a key, and noticed when it runs.
    pub local: bool,
}

impl Provider {
    /// The title without what stands in brackets, for places with little room.
    pub fn short_title(&self) -> &'static str {
        self.title.split(" (").next().unwrap_or(self.title)
    }
    /// Whether an answer costs money: what a plan covers, what runs on this machine, and the simulator, have no price, whatever they
    /// report.
    pub fn has_price(&self) -> bool {
        !self.local && !matches!(self.login, Login::OAuth | Login::None)
    }
}

/// How one signs in at a provider.
#[derive(Debug, PartialEq, Eq)]
pub enum Login {
    /// Nothing is needed.
    None,
    /// OAuth, with the browser, another device, or a paste.
    OAuth,
    /// A key, if the server wants one.
    OptionalKey {
        /// Where it is.
        variable: &'static str,
    },
    /// A key, in one of these variables.
    Key {
        /// Names of variables, the strongest first.
        variables: &'static [&'static str],
    },
}

/// The protocol of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// The Responses API (`docs/wire.md`).
    Responses,
    /// Chat Completions.
    Completions,
}

/// A model, as far as it is known.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Model {
    /// The id that is sent.
    pub id: String,
    /// It describes every model whose id begins so.
    pub prefix: bool,
    /// The catalog's provider in whose built-in list it stands.
    pub provider: Option<String>,
    /// Tokens that fit, prompt and answer together; 0 when nobody said.
    pub context: u64,
    /// Reasoning efforts that it takes; empty when it refuses the parameter.
    pub efforts: Vec<String>,
    /// The effort that is sent when the person chose none.
    #[serde(rename = "effort")]
    pub default_effort: Option<String>,
    /// US dollars for a million tokens, in and out.
    pub price: Option<(f64, f64)>,
    /// `2026-04-30`; empty when nobody said.
    pub released: String,
    /// It takes pictures.
    pub sees: bool,
    /// It calls functions.
    pub tools: bool,
    /// It reasons before it answers.
    pub thinks: bool,
    /// The provider will take it away.
    pub deprecated: bool,
    /// The provider's own list lacks it: whether the account may use it is not known.
    pub unconfirmed: bool,
}

/// The models of a provider, and where the list came from.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelList {
    /// The provider's id.
    pub provider: &'static str,
    /// In the order in which they are offered.
    pub models: Vec<Model>,
    /// Who said so.
    pub source: Source,
    /// When, in seconds since 1970; not for the built-in list.
    pub fetched_at: Option<i64>,
}

/// Where a list of models came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The provider itself.
    Live,
    /// The catalog on the disk.
    Cache,
    /// This program.
    BuiltIn,
}

impl Source {
    /// Its name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Source::Live => "live",
            Source::Cache => "cache",
            Source::BuiltIn => "builtin",
        }
    }
}

/// How a provider stands, seen from this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Somebody is signed in, by this name.
    SignedIn(String),
    /// There is a key.
    KeyFound,
    /// A server answers on this machine.
    Running,
    /// It needs nothing.
    Ready,
    /// It needs a sign-in.
    NeedsSignIn,
    /// It needs a key.
    NeedsKey,
    /// No server answers on this machine.
    NotRunning,
    /// It has no address yet.
    NeedsAddress,
}

impl Standing {
    /// Whether it can be asked now.
    pub fn is_able(&self) -> bool {
        matches!(self, Standing::SignedIn(_) | Standing::KeyFound | Standing::Running | Standing::Ready)
    }
}

#[derive(Deserialize)]
struct ModelFile {
    model: Vec<Model>,
}

/// `assets/models.toml`, as JSON.
const TABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/models.json"));

/// `assets/models.toml`: the models that this program knows of by itself. Ids that are not here can be used all the same.
static MODELS: LazyLock<Vec<Model>> = LazyLock::new(|| serde_json::from_str::<ModelFile>(TABLE).map(|f| f.model).unwrap_or_default());

/// What is known of the model `id` without asking anybody: of the model itself, or of its family.
pub fn model(id: &str) -> Option<&'static Model> {
    let id = plain_id(id);
    let bare = id.strip_suffix("-latest").unwrap_or(&id);
    let family = || MODELS.iter().filter(|m| m.prefix && bare.starts_with(&m.id)).max_by_key(|m| m.id.len());
    MODELS.iter().find(|m| m.id == id || m.id == bare).or_else(family)
}

/// The built-in list of a catalog's provider.
pub fn built_in(catalog: &str) -> Vec<Model> {
    MODELS.iter().filter(|m| m.provider.as_deref() == Some(catalog)).cloned().collect()
}

/// Whether a model of that id answers in words, as far as its name says.
pub fn chats(id: &str) -> bool {
    let id = plain_id(id).to_lowercase();
    let others = [
        "grok-imagine",
        "grok-voice",
        "grok-2-image",
        "grok-stt",
        "grok-tts",
        "text-embedding",
        "tts-",
        "whisper",
        "dall-e",
        "gpt-image",
        "omni-moderation",
        "sora",
    ];
    !others.iter().any(|other| id.starts_with(other)) && !id.contains("embed")
}

/// A model as a server's own list has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listed {
    /// The id that is sent.
    pub id: String,
    /// Tokens that fit, where the server says so.
    pub context: Option<u64>,
}

/// What a provider lists, merged with what is known of its models from elsewhere. xAI's list is short of what an account may use, so
/// everything known stays, and what the list lacks is marked; any other list is the whole truth.
pub fn confirmed(catalog: &str, known: &[Model], listed: Vec<Listed>) -> Vec<Model> {
    let described = |listed: &Listed| {
        let mut model = known.iter().find(|m| m.id == listed.id).cloned().unwrap_or_else(|| {
            let family = model(&listed.id).cloned().unwrap_or(Model { tools: true, ..Model::default() });
            // what a family costs, and since when, says nothing of one member
            let (price, released) = if family.prefix { (None, String::new()) } else { (family.price, family.released.clone()) };
            Model { id: listed.id.clone(), prefix: false, provider: None, released, price, ..family }
        });
        model.context = listed.context.unwrap_or(model.context);
        model.unconfirmed = false;
        model
    };
    let mut models: Vec<Model> = listed.iter().map(described).collect();
    // the order of the catalog says more than that of most servers
    models.sort_by_key(|model| known.iter().position(|m| m.id == model.id).unwrap_or(usize::MAX));
    if catalog != "xai" {
        return merged(catalog, models);
    }
    let is_listed = |id: &str| listed.iter().any(|l| l.id == id || model(id).is_some_and(|m| m.id == l.id && !m.prefix));
    let mut all: Vec<Model> = merged(catalog, known.to_vec());
    for known in &mut all {
        match models.iter().position(|model| model.id == known.id) {
            Some(at) => *known = models.remove(at),
            None => known.unconfirmed = !is_listed(&known.id),
        }
    }
    all.extend(models);
    merged(catalog, all)
}

/// The list that a provider offers: what was found, what this program knows and nobody else named, `grok-4.3` first for xAI.
pub fn merged(catalog: &str, found: Vec<Model>) -> Vec<Model> {
    let mut models = found;
    for known in built_in(catalog).into_iter().filter(|m| !m.prefix) {
        if models.iter().all(|m| m.id != known.id) {
            models.push(known);
        }
    }
    if let Some(at) = models.iter().position(|m| catalog == "xai" && m.id == "grok-4.3") {
        models[..=at].rotate_right(1);
    }
    models
}

/// The part of an id that says which model it is: without the provider in front that some people write.
pub fn plain_id(id: &str) -> String {
    let id = id.trim();
    let tail = id.rsplit('/').next().unwrap_or(id);
    if tail.to_lowercase().starts_with("grok-") { tail.to_lowercase() } else { tail.to_string() }
}

/// Tokens as people read them: `950`, `12.4k`, `1M`.
pub fn tokens(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..100_000 => format!("{:.1}k", count as f64 / 1e3).replace(".0k", "k"),
        100_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{:.1}M", count as f64 / 1e6).replace(".0M", "M"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_by_their_names() {
        let context = |id| model(id).map(|m| m.context);
        assert_eq!(
            [context("grok-4.3-latest"), context("x-ai/Grok-4.3"), context("grok-9"), context("llama")],
            [Some(1_000_000), Some(1_000_000), Some(131_072), None]
        );
        assert!(serde_json::from_str::<ModelFile>(TABLE).is_ok());
        for model in MODELS.iter() {
            assert!(model.default_effort.as_ref().is_none_or(|e| model.efforts.contains(e)), "{}", model.id);
        }
        assert_eq!(built_in("xai").first().map(|m| m.id.as_str()), Some("grok-4.3"));
    }

    #[test]
    fn tokens_are_short() {
        assert_eq!([999, 12_400, 45_000, 312_500, 1_000_000, 2_500_000].map(tokens), ["999", "12.4k", "45k", "312k", "1M", "2.5M"]);
    }
}
