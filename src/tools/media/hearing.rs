//! `transcribe` (`docs/media.md` 6).

use super::{failed, made, sentence};
use crate::{
    domain::tool::{Backend, Needs, Risk},
    http::stream::Content,
    tools::{
        Call, Returned, Row, ToolRow,
        arguments::Arguments,
        vision,
        xai::{Request, Xai},
    },
};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::{path::Path, time::Duration};

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

const KINDS: [&str; 10] = ["aac", "flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "ogg", "wav", "webm"];
const LARGEST: usize = 25 << 20;
const PATIENCE: Duration = Duration::from_secs(120);

async fn listen(call: Call<'_>) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&["path", "language", "diarize"])?;
    let path = arguments.text("path")?.trim();
    let nothing = || json!({ "transcript": "" });
    let kind = Path::new(path).extension().map(|kind| kind.to_string_lossy().to_lowercase()).unwrap_or_default();
    if !KINDS.contains(&kind.as_str()) {
        return Ok(failed(nothing(), "unsupported_type", &format!("Unsupported format: .{kind}. Supported: {}", KINDS.join(", "))));
    }
    let bytes = vision::file(&call, path).await?;
    if bytes.len() > LARGEST {
        let size = bytes.len() as f64 / 1e6;
        return Ok(failed(nothing(), "too_large", &format!("File too large: {size:.1}MB (max 25MB)")));
    }
    let services = &call.workshop.services;
    let settings = services.settings.current();
    let language = arguments.maybe_text("language")?.unwrap_or(&settings.tools.media.hearing_language);
    let name = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (content_type, form) = form(language, arguments.flag("diarize")?, &name, &bytes);
    let content = Content::Form(&content_type, &form);
    let request = Request { path: "stt", content, model: "stt", patience: PATIENCE, retries: 0 };
    let answer = match (Xai { services, answering: call.order.provider }).ask(&request).await {
        Ok((answer, _)) => answer,
        Err(trouble) => return Ok(failed(nothing(), trouble.code, &sentence(&trouble))),
    };
    let text = answer.get("text").and_then(Value::as_str).unwrap_or_default().trim().to_string();
    if text.is_empty() {
        return Ok(failed(nothing(), "empty_response", "xAI STT returned empty transcript"));
    }
    let fields = json!({ "transcript": text, "provider": "xai", "language": answer["language"], "duration": answer["duration"], "words": answer["words"] });
    let note = answer["duration"].as_f64().map(|seconds| format!("{seconds:.0} s of sound")).unwrap_or_default();
    Ok(made(fields, text, note))
}

/// A form with the file last, as the service demands it.
fn form(language: &str, diarize: bool, name: &str, file: &[u8]) -> (String, Vec<u8>) {
    let boundary = format!("hermes{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    let plain = |text: &str| text.replace(['"', '\r', '\n'], "_");
    let field =
        |name: &str, value: &str| format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n", plain(value));
    let mut form = field("language", language) + &field("format", "true");
    if diarize {
        form += &field("diarize", "true");
    }
    form += &format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n",
        plain(name)
    );
    let mut bytes = form.into_bytes();
    bytes.extend_from_slice(file);
    bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_last_and_its_name_breaks_nothing() {
        let (kind, bytes) = form("en", true, "a\"\r\nb.wav", b"RIFF");
        let text = String::from_utf8(bytes).unwrap();
        let boundary = kind.split_once("boundary=").unwrap().1;
        let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
        assert_eq!(parts.len(), 6, "{text}");
        assert!(parts[4].contains("name=\"file\"; filename=\"a___b.wav\"") && parts[4].ends_with("\r\n\r\nRIFF\r\n"), "{text}");
        assert_eq!(parts[5], "--\r\n");
    }
}
