//! `text_to_speech` (`docs/media.md` 3).

use super::{failed, folder, keep, made, sentence};
use crate::{
    domain::tool::{Backend, Needs, Risk},
    http::stream::Content,
    settings::paths::shown,
    tools::{
        Call, Returned, Row, ToolRow,
        arguments::Arguments,
        xai::{Request, Xai},
    },
};
use futures_util::FutureExt;
use serde_json::json;
use std::time::Duration;

/// Speaking.
pub static TOOLSET: Row = Row {
    name: "tts",
    label: "🔊 Text-to-Speech",
    is_on: true,
    backend: Some(&Backend { name: "xAI TTS", models: &[] }),
    tools: &[ToolRow {
        name: "text_to_speech",
        doing: "Speaking",
        done: "Spoke",
        subject: &["text"],
        about: "Speaks a text, into a sound file; tell the person its path. Up to 15,000 characters.",
        takes: r#"{"type":"object","properties":{"text":{"type":"string","description":"What is to be said"}},"required":["text"]}"#,
        risk: Risk::Changes,
        own: None,
        needs: Needs::Xai,
    }],
    run: |call| speak(call).boxed(),
    trial: None,
};

/// Characters that are spoken at once.
const LONGEST: usize = 15_000;
const PATIENCE: Duration = Duration::from_secs(60);

async fn speak(call: Call<'_>) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&["text", "output_path"])?;
    let text: String = arguments.text("text")?.trim().chars().take(LONGEST).collect();
    if text.is_empty() {
        return Ok(failed(json!({}), "missing_text", "Text is required"));
    }
    let services = &call.workshop.services;
    let media = &services.settings.current().tools.media;
    let body = json!({ "text": text, "voice_id": media.voice, "language": media.speech_language });
    let request = Request { path: "tts", content: Content::Json(&body), model: "tts", patience: PATIENCE, retries: 0 };
    let bytes = match (Xai { services, answering: call.order.provider }).bytes(&request).await {
        Ok((bytes, _)) if bytes.is_empty() => return Ok(failed(json!({}), "empty_response", "The service gave no sound.")),
        Ok((bytes, _)) => bytes,
        Err(trouble) => return Ok(failed(json!({}), trouble.code, &format!("TTS generation failed (xai): {}", sentence(&trouble)))),
    };
    let kind = if bytes.starts_with(b"RIFF") { "wav" } else { "mp3" };
    match keep(folder(services, "audio_cache", "audio"), "tts", kind, bytes).await {
        Ok(path) => {
            let tag = format!("MEDIA:{}", path.display());
            Ok(made(
                json!({ "file_path": path, "media_tag": tag, "provider": "xai", "voice_compatible": false }),
                shown(&path),
                shown(&path),
            ))
        }
        Err(why) => Ok(failed(json!({}), "io_error", &why)),
    }
}
