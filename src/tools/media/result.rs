//! What a job came to, as tools and scripts are told it (`docs/media.md` 3.3, 4.5, 5.5 and 6).

use super::{
    make::{hearing, image, speech, video},
    wrong::unknown,
};
use crate::{
    domain::{
        conversation::Outcome,
        job::{Job, State, Wish},
        tool::Shown,
        trouble::{Exit, Trouble},
    },
    providers::{self, XAI_OAUTH},
    settings::paths::shown,
    tools::Returned,
};
use serde_json::{Map, Value, json};

/// The trouble that a job ended in, if it did.
pub fn trouble(job: &Job) -> Option<Trouble> {
    match &job.state {
        State::Failed(trouble) => Some(trouble.clone()),
        State::Unknown => Some(unknown(&job.wish)),
        State::Cancelled => Some(Trouble::new("interrupted", "It was given up").exit(Exit::Interrupted)),
        _ => None,
    }
}

/// The fields of its result, success or not.
pub fn document(job: &Job) -> Value {
    match trouble(job) {
        None => {
            let mut all = Map::from_iter([("success".to_string(), json!(true))]);
            all.extend(fields(job));
            Value::Object(all)
        }
        Some(trouble) => failure(&job.wish, &kind(job, &trouble), &words(&job.wish, &trouble), fields(job)),
    }
}

/// A result that says why nothing came of a wish.
fn failure(wish: &Wish, kind: &str, why: &str, fields: Map<String, Value>) -> Value {
    let mut all = Map::from_iter([("success".to_string(), json!(false)), ("error".to_string(), json!(why))]);
    if !matches!(wish, Wish::Speech(_)) || kind != "api_error" {
        all.insert("error_type".into(), json!(kind));
    }
    for (name, value) in fields {
        all.entry(name).or_insert(value);
    }
    Value::Object(all)
}

/// The kind of a failure, as tools of this kind name it.
fn kind(job: &Job, trouble: &Trouble) -> String {
    let wish = &job.wish;
    let status = job.product.details.get("status").and_then(Value::as_str).unwrap_or("failed");
    let kind = match trouble.code {
        _ if trouble.exit == Exit::SignIn => {
            if matches!(wish, Wish::Video(_)) {
                "auth_required"
            } else {
                "missing_api_key"
            }
        }
        "timed_out" => "timeout",
        "unreachable" | "request_lost" => "connection_error",
        "file_unwritable" => "io_error",
        "media_unusable" | "stream_invalid" => "invalid_response",
        "answer_empty" => "empty_response",
        "attachment_unusable" if matches!(wish, Wish::Transcript(_)) => "invalid_audio",
        "attachment_unusable" => "invalid_image_url",
        "media_refused" => "moderation",
        "media_unknown" => "unknown_outcome",
        "link_expired" => "link_expired",
        "media_failed" if matches!(wish, Wish::Video(_)) => return format!("xai_{status}"),
        "interrupted" => "cancelled",
        _ => "api_error",
    };
    kind.to_string()
}

/// What is said where no credential is found, in the words that Hermes Agent has for it (`docs/media.md` 2).
fn without_credentials(wish: &Wish) -> &'static str {
    match wish {
        Wish::Speech(_) => {
            "TTS configuration error (xai): No xAI credentials found. Configure xAI OAuth in `hermes model` or set XAI_API_KEY."
        }
        Wish::Image(_) => "No xAI credentials found. Configure xAI OAuth in `hermes model` or set XAI_API_KEY.",
        Wish::Video(_) => {
            "No xAI credentials found. Sign in via `hermes auth add xai-oauth` (SuperGrok subscription) or set XAI_API_KEY from \
             https://console.x.ai/."
        }
        Wish::Transcript(_) => "No xAI credentials found. Configure xAI OAuth in `hermes model` or set XAI_API_KEY",
    }
}

fn words(wish: &Wish, trouble: &Trouble) -> String {
    if trouble.code == providers::not_signed_in(XAI_OAUTH).code {
        return without_credentials(wish).into();
    }
    let sentence = trouble.sentence();
    if matches!(wish, Wish::Speech(_)) { format!("TTS generation failed (xai): {sentence}") } else { sentence }
}

/// What is said of it beside that.
fn fields(job: &Job) -> Map<String, Value> {
    let Job { wish, product, .. } = job;
    let first = product.files.first();
    let mut all = match wish {
        Wish::Image(wish) => json!({ "image": first, "model": wish.model, "prompt": wish.prompt, "aspect_ratio": wish.shape,
            "provider": "xai", "resolution": wish.resolution, "modality": if wish.sources.is_empty() { "text" } else { "image" } }),
        Wish::Video(wish) => json!({ "video": first, "model": wish.model, "prompt": wish.prompt, "modality": video::modality(wish),
            "aspect_ratio": wish.shape, "duration": wish.seconds, "provider": "xai", "request_id": job.remote,
            "resolution": wish.resolution }),
        Wish::Speech(_) => json!({ "file_path": first, "media_tag": first.map(|path| format!("MEDIA:{}", path.display())),
            "provider": "xai", "voice_compatible": false }),
        Wish::Transcript(_) => json!({ "transcript": product.text.as_deref().unwrap_or_default(), "provider": "xai" }),
    };
    let Some(all) = all.as_object_mut() else { return Map::new() };
    if product.files.len() > 1 {
        all.insert("files".into(), json!(product.files));
    }
    for (name, value) in &product.details {
        all.entry(name.clone()).or_insert_with(|| value.clone());
    }
    std::mem::take(all)
}

/// The result for the model, and what people see of it.
pub(super) fn returned(job: &Job) -> Returned {
    let output = document(job).to_string();
    match trouble(job) {
        None => {
            let words = match &job.product.text {
                Some(text) => text.clone(),
                None => job.product.files.iter().map(|path| shown(path)).collect::<Vec<_>>().join("\n"),
            };
            let note = match (&job.wish, job.product.details.get("duration").and_then(Value::as_f64)) {
                (Wish::Transcript(_), Some(seconds)) => format!("{seconds:.0} s of sound"),
                (Wish::Transcript(_), None) => String::new(),
                _ => words.lines().next().unwrap_or_default().to_string(),
            };
            let (shown, sights) = (Some(Shown::Text(words.into())), job.product.sights.clone());
            Returned::Outcome(Outcome { ok: true, happened: true, output: output.into(), shown, sights, note, ..Outcome::default() })
        }
        Some(trouble) => failed(output, &trouble.sentence()),
    }
}

/// Why nothing was sent.
pub(super) fn refused(wish: &Wish, kind: &str, why: &str) -> Returned {
    let empty = match wish {
        Wish::Image(wish) => json!({ "image": null, "model": wish.model, "prompt": wish.prompt, "provider": "xai" }),
        Wish::Video(wish) => json!({ "video": null, "model": wish.model, "prompt": wish.prompt, "provider": "xai" }),
        Wish::Speech(_) => json!({}),
        Wish::Transcript(_) => json!({ "transcript": "" }),
    };
    let fields = empty.as_object().cloned().unwrap_or_default();
    failed(failure(wish, kind, why, fields).to_string(), why)
}

fn failed(output: String, why: &str) -> Returned {
    let shown = Some(Shown::Text(why.into()));
    Returned::Outcome(Outcome { shown, ..Outcome::failed(output) })
}

/// Why a wish can't be sent: its kind, and a sentence.
pub(super) fn check(wish: &Wish, size: Option<u64>) -> Result<(), (&'static str, String)> {
    match wish {
        Wish::Image(wish) => image::check(wish),
        Wish::Video(wish) => video::check(wish),
        Wish::Speech(wish) => speech::check(wish),
        Wish::Transcript(wish) => hearing::check(&wish.path, size),
    }
}
