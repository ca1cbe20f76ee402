//! What pictures and films are asked with alike: models, prompts, shapes, and where the result is kept.

use super::{
    answer::{self, Refusal},
    asked::Asked,
    made::{File, Storage},
    state::State,
};
use chrono::Utc;
use serde_json::{Value, json};

/// Words in a prompt that order an end.
pub mod marks {
    /// The picture or film is made and then held back: `respect_moderation` is false.
    pub const BLOCKED: &str = "sandbox:blocked";
    /// No picture comes back.
    pub const EMPTY: &str = "sandbox:empty";
    /// The job ends with `failed`.
    pub const FAILED: &str = "sandbox:failed";
    /// The job ends with `expired`.
    pub const EXPIRED: &str = "sandbox:expired";
    /// Polls of a job that goes on have an empty body.
    pub const QUIET: &str = "sandbox:quiet";
    /// A film takes so many seconds, whose number follows.
    pub const SLOW: &str = "sandbox:slow=";
    /// The address of the result leads nowhere.
    pub const LINK_EXPIRED: &str = "sandbox:link-expired";
}

/// Characters of a prompt. The documents name no limit; this one is ours.
pub const LONGEST_PROMPT: usize = 8_000;
/// The longest time for which a file is kept, in seconds.
const LONGEST_STAY: u64 = 2_592_000;

/// The model that was asked for.
pub fn model(asked: &Asked, known: &[&'static str], default: Option<&'static str>) -> Result<&'static str, Refusal> {
    let Some(id) = asked.text("model")?.or(default) else { return Err(Refusal::kind("Missing field `model`.")) };
    known.iter().find(|model| **model == id).copied().ok_or_else(|| Refusal::unknown(format!("Model not found: {id}")))
}

/// The prompt. One that breaks the rules is refused before anything is made.
pub fn prompt(asked: &Asked, required: bool) -> Result<String, Refusal> {
    let Some(prompt) = asked.text("prompt")? else {
        return if required { Err(Refusal::kind("Missing field `prompt`.")) } else { Ok(String::new()) };
    };
    if prompt.trim().is_empty() && required {
        return Err(Refusal::argument("The prompt must not be empty."));
    }
    if prompt.chars().count() > LONGEST_PROMPT {
        return Err(Refusal::argument(format!("The prompt is too long: at most {LONGEST_PROMPT} characters are allowed.")));
    }
    within_rules(prompt)?;
    Ok(prompt.to_string())
}

/// Whether the service is willing: it refuses the word "forbidden".
pub fn within_rules(words: &str) -> Result<(), Refusal> {
    if words.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("forbidden")) {
        return Err(Refusal::new(
            403,
            "The caller does not have permission to execute the specified operation",
            "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_SANDBOX",
        ));
    }
    Ok(())
}

/// Width and height of a shape such as `16:9` or `9:19.5`; the longer side is given. Anything else is a square.
pub fn sides(shape: &str, longer: u32) -> (u32, u32) {
    let parsed = shape.split_once(':').and_then(|(w, h)| Some((w.parse::<f64>().ok()?, h.parse::<f64>().ok()?)));
    let Some((width, height)) = parsed.filter(|(w, h)| *w > 0.0 && *h > 0.0) else { return (longer, longer) };
    // even numbers, so that a film can follow
    let side = |part: f64| ((f64::from(longer) * part / width.max(height) / 2.0).round() as u32 * 2).max(16);
    (side(width), side(height))
}

impl Storage {
    /// As the request says.
    pub fn of(asked: &Asked) -> Result<Option<Self>, Refusal> {
        let Some(value) = asked.get("storage_options") else { return Ok(None) };
        let options = Asked::within(value, "storage_options")?;
        let filename = options.text("filename")?.ok_or_else(|| Refusal::kind("storage_options: missing field `filename`"))?;
        let expires_after = options.whole("expires_after", 1..=LONGEST_STAY)?;
        let (public, public_expires_after) = match options.get("public_url") {
            None => (false, None),
            Some(Value::Bool(public)) => (*public, None),
            Some(value) => (true, Asked::within(value, "public_url")?.whole("expires_after", 1..=LONGEST_STAY)?),
        };
        Ok(Some(Self { filename: filename.to_string(), expires_after, public, public_expires_after }))
    }
    /// Keeps the file, and says where.
    pub fn keep(&self, state: &State, base: &str, file: File) -> Value {
        let id = format!("file_{}", answer::id());
        let at = |seconds: Option<u64>| seconds.map(|seconds| Utc::now().timestamp() + seconds as i64);
        let mut output = json!({ "file_id": id, "filename": self.filename, "expires_at": at(self.expires_after) });
        if self.public {
            output["public_url"] = link(base, &id).into();
            output["public_url_expires_at"] = at(self.public_expires_after).into();
        }
        state.keep(id, file);
        output
    }
}

/// Where a file is found.
pub fn link(base: &str, id: &str) -> String {
    format!("{base}{}{id}", super::state::FILES)
}
