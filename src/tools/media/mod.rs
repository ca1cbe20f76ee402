//! Pictures, videos, speech and transcription, made by xAI with the credential that is there anyway (`docs/media.md`). Whatever is made is a
//! job: on the disk before it is sent, and there again after a restart. What comes of it is kept in the home, where Hermes Agent keeps it,
//! too.

mod desk;
mod drive;
mod files;
mod hearing;
mod image;
pub mod jobs;
mod make;
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
        job::{ImageWish, Plea, TranscriptWish, VideoWish, Wish},
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

/// Pictures of one wish.
pub const MOST_PICTURES: u64 = make::image::MOST;

/// The shape of a picture by its name, or as it is written.
pub fn image_shape(named: &str) -> Option<&str> {
    make::image::known_shape(named)
}

/// The same picture, made from others.
pub fn from_pictures(wish: ImageWish, sources: Vec<String>) -> ImageWish {
    make::image::from_pictures(wish, sources)
}

/// A video with a shape, a size and a length, as far as there are such.
pub fn film(
    prompt: &str,
    first: Option<String>,
    references: Vec<String>,
    (shape, resolution, seconds): (Option<&str>, Option<&str>, Option<u64>),
    services: &Services,
) -> VideoWish {
    let wish = make::video::wish(prompt, first, references, &services.settings.current().tools.media);
    make::video::sized(wish, shape, resolution, seconds)
}

/// The same video by the model that is named.
pub fn film_by(wish: VideoWish, model: &str) -> VideoWish {
    make::video::by(wish, model)
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
    result::check(wish, size)
        .map_err(|(_, why)| Trouble::new("attachment_unusable", why.trim_end_matches('.')).help("say it in another way"))
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
        Err(failed) => Outcome::failed(wrong::sentence(&failed.trouble)),
    }
}
