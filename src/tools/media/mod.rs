//! Pictures, videos, speech and transcription, made by xAI with the credential that is there anyway (`docs/media.md`). Whatever is made is a
//! job: on the disk before it is sent, and there again after a restart. What comes of it is kept in the home, where Hermes Agent keeps it,
//! too.

mod desk;
mod drive;
mod files;
mod hearing;
mod image;
pub mod jobs;
pub mod make;
pub mod result;
mod speech;
mod tool;
mod video;
mod wrong;

pub use hearing::TOOLSET as TRANSCRIPTION;
pub use image::TOOLSET as IMAGE;
pub use speech::TOOLSET as SPEECH;
pub use video::TOOLSET as VIDEO;

use crate::{
    domain::{
        catalog::Provider,
        conversation::Outcome,
        job::{Plea, TranscriptWish, Wish},
        trouble::Trouble,
    },
    http::stream::Content,
    services::Services,
    settings::paths::shown,
    tools::{
        workshop::Workshop,
        xai::{By, Request, Xai},
    },
};
use serde_json::Value;
use std::{path::Path, sync::Arc, time::Duration};

/// What the person asks for, with what the settings say.
pub fn wish(plea: Plea, services: &Services) -> Wish {
    let media = &services.settings.current().tools.media;
    match plea {
        Plea::Image(words) => {
            let mut wish = make::image::wish(&words, vec![], media);
            // as in Hermes Agent the variable wins over the settings
            if let Some(model) = services.environment.get("XAI_IMAGE_MODEL").filter(|model| make::image::MODELS.contains(model)) {
                wish.model = model.to_string();
            }
            Wish::Image(wish)
        }
        Plea::Video(words) => Wish::Video(make::video::wish(&words, None, vec![], media)),
        Plea::Speech(text) => Wish::Speech(make::speech::wish(&text, media)),
        Plea::Transcript(path) => Wish::Transcript(TranscriptWish {
            path: absolute(path, &services.paths.folder, services).into(),
            language: media.hearing_language.clone(),
            diarize: media.hearing.1,
        }),
    }
}

/// What names a file by an address or as a data URL as it is; a path from the root, as it is seen from a folder.
pub fn absolute(named: String, folder: &Path, services: &Services) -> String {
    if ["https://", "http://", "data:"].iter().any(|scheme| named.starts_with(scheme)) {
        return named;
    }
    let path = match (named.strip_prefix("~/"), services.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folder.join(named),
    };
    path.to_string_lossy().into_owned()
}

/// Refuses what can't be sent.
pub async fn checked(wish: &Wish) -> Result<(), Trouble> {
    let size = match wish {
        Wish::Transcript(wish) => match files::size(&wish.path).await {
            None => {
                return Err(Trouble::new("file_unreadable", format!("Audio file not found: {}", shown(&wish.path)))
                    .help("name a sound or video file that is there"));
            }
            size => size,
        },
        _ => None,
    };
    result::check(wish, size).map_err(|(kind, why)| {
        let why = why.trim_end_matches('.');
        match kind {
            "missing_prompt" | "missing_text" => Trouble::usage(why),
            "too_many_references" | "conflicting_inputs" => Trouble::new("attachment_unusable", why).help("name fewer pictures"),
            _ => Trouble::new("attachment_unusable", why).help("name another file, or a shorter text"),
        }
    })
}

/// Asks the service who is there, with the credential that would be used: what shows that a toolset can work, and costs nothing.
pub async fn asked(toolset: &str, answering: &'static Provider, workshop: &Arc<Workshop>) -> Outcome {
    let services = &workshop.services;
    let request = Request::new("models", Content::Nothing, "", Duration::from_secs(20));
    match (Xai { services, by: By::Any(answering, toolset) }).ask(&request).await {
        Ok((answer, source)) => {
            let count = answer.get("data").and_then(Value::as_array).map_or(0, Vec::len);
            let output = format!("xAI answers ({}), with {count} models.", source.provider.id).into();
            Outcome { ok: true, happened: true, output, ..Outcome::default() }
        }
        Err(failed) => Outcome::failed(failed.trouble.sentence()),
    }
}
