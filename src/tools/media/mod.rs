//! Pictures, videos, speech and transcription, made by xAI with the credential that is there anyway (`docs/media.md`). What is made is kept
//! in the home, where Hermes Agent keeps it, too.

mod hearing;
mod image;
mod speech;
mod video;

pub use hearing::TOOLSET as TRANSCRIPTION;
pub use image::TOOLSET as IMAGE;
pub use speech::TOOLSET as SPEECH;
pub use video::TOOLSET as VIDEO;

use super::{
    Call, Returned, pictures, web,
    workshop::Workshop,
    xai::{Request, Source, Xai},
};
use crate::{
    domain::{catalog::Provider, conversation::Outcome, tool::Shown, trouble::Trouble},
    files::atomic,
    http::stream::Content,
    services::{Services, tasks::blocking},
    settings::paths::shown,
};
use serde_json::{Map, Value, json};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Files that are fetched are not larger.
const LARGEST: u64 = 256 << 20;

/// Asks the service who is there, with the credential that would be used: what shows that the tools can work, and costs nothing.
pub async fn asked(answering: &'static Provider, workshop: &Arc<Workshop>) -> Outcome {
    let services = &workshop.services;
    let request = Request { path: "models", content: Content::Nothing, model: "", patience: Duration::from_secs(20), retries: 0 };
    match (Xai { services, answering }).ask(&request).await {
        Ok((answer, source)) => {
            let count = answer.get("data").and_then(Value::as_array).map_or(0, Vec::len);
            let output = format!("xAI answers ({}), with {count} models.", source.provider).into();
            Outcome { ok: true, happened: true, output, ..Outcome::default() }
        }
        Err(trouble) => Outcome::failed(sentence(&trouble)),
    }
}

/// Where files of a kind are kept: the folder of old where it exists (`docs/media.md` 10).
fn folder(services: &Services, old: &str, new: &str) -> PathBuf {
    let home = &services.paths.home;
    let before = home.join(old);
    if !old.is_empty() && before.is_dir() { before } else { home.join("cache").join(new) }
}

/// Writes a file under a name of its own: `xai_<model>_<time>_<8 hex>.<kind>`.
async fn keep(folder: PathBuf, name: &str, kind: &str, bytes: Vec<u8>) -> Result<PathBuf, String> {
    let now = chrono::Local::now().format("%Y%m%d_%H%M%S");
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect();
    let path = folder.join(format!("xai_{plain}_{now}_{:08x}.{kind}", fastrand::u32(..)));
    let file = path.clone();
    let written = blocking(move || atomic::private_folder(&folder).and_then(|()| atomic::replace(&file, &bytes))).await;
    let written = written.map_err(|trouble| format!("{}.", trouble.message))?;
    written.map(|()| path.clone()).map_err(|error| format!("{} could not be written: {error}.", shown(&path)))
}

/// What is behind a link of the service's: without the token, which is not for whoever serves it.
async fn fetched(link: &str, source: Source, services: &Arc<Services>) -> Result<Vec<u8>, String> {
    web::bytes(link, services, LARGEST, source.is_local).await
}

/// A result for the model: the fields that tools of this kind have, and what people see.
fn made(fields: Value, shown_as: String, note: String) -> Returned {
    let mut all = Map::from_iter([("success".to_string(), json!(true))]);
    all.extend(fields.as_object().cloned().unwrap_or_default());
    let output = Value::Object(all).to_string().into();
    let shown = Some(Shown::Text(shown_as.into()));
    Returned::Outcome(Outcome { ok: true, happened: true, output, shown, note, ..Outcome::default() })
}

/// Why nothing was made.
fn failed(fields: Value, kind: &str, why: &str) -> Returned {
    let mut all =
        Map::from_iter([("success".to_string(), json!(false)), ("error".to_string(), json!(why)), ("error_type".to_string(), json!(kind))]);
    all.extend(fields.as_object().cloned().unwrap_or_default());
    let shown = Some(Shown::Text(why.into()));
    Returned::Outcome(Outcome { shown, ..Outcome::failed(Value::Object(all).to_string()) })
}

/// The sentence of a trouble with its next step.
fn sentence(trouble: &Trouble) -> String {
    let help = trouble.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{}{help}", trouble.message)
}

/// A picture that a model names, as the service takes it.
async fn reference(call: &Call<'_>, from: &str) -> Result<Value, String> {
    // what is public the service fetches by itself
    if from.starts_with("https://") {
        return Ok(json!({ "url": from, "type": "image_url" }));
    }
    let pictures::Picture { url, .. } = super::vision::picture(call, from).await?;
    Ok(json!({ "url": url, "type": "image_url" }))
}
