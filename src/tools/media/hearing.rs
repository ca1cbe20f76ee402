//! `transcribe` (`docs/media.md` 6).

use super::{
    files, result,
    tool::{make, seen_from},
};
use crate::{
    domain::{
        job::{TranscriptWish, Wish},
        tool::{Backend, Needs, Risk},
    },
    tools::{Call, Returned, Row, ToolRow, arguments::Arguments},
};
use futures_util::FutureExt;
use std::path::PathBuf;

/// Writing down what is said.
pub static TOOLSET: Row = Row {
    name: "transcription",
    label: "🎙️  Transcription",
    is_on: true,
    backend: Some(&Backend { name: "xAI STT", models: &[] }),
    tools: &[ToolRow {
        name: "transcribe",
        doing: "Listening to",
        done: "Listened to",
        subject: &["path"],
        about: "Writes down what is said in a sound or video file.",
        takes: r#"{"type":"object","properties":{
            "path":{"type":"string","description":"The file: aac, flac, m4a, mp3, mp4, mpeg, mpga, ogg, wav or webm, 25 MB at most"},
            "language":{"type":"string","description":"The language that is spoken, such as en; the configured one when left out"},
            "diarize":{"type":"boolean","description":"Whether speakers are told apart"}},"required":["path"]}"#,
        risk: Risk::Reads,
        own: None,
        needs: Needs::Xai,
    }],
    run: |call| listen(call).boxed(),
    trial: None,
};

async fn listen(call: Call<'_>) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&["path", "language", "diarize"])?;
    let path = PathBuf::from(seen_from(&call, arguments.text("path")?.trim().to_string()));
    let media = &call.workshop.services.settings.current().tools.media;
    let language = arguments.maybe_text("language")?.unwrap_or(&media.hearing_language).to_string();
    let diarize = arguments.flag("diarize")? || media.hearing.1;
    let Some(size) = files::size(&path).await else {
        let wish = Wish::Transcript(TranscriptWish { path: path.clone(), language, diarize });
        return Ok(result::refused(&wish, "not_found", &format!("Audio file not found: {}", path.display())));
    };
    let size = Some(size);
    Ok(make(&call, Wish::Transcript(TranscriptWish { path, language, diarize }), size).await)
}
