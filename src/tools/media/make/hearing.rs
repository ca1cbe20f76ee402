//! Transcription (`docs/media.md` 6, `docs/xai.md` 9.2).

use crate::domain::{job::TranscriptWish, trouble::Trouble};
use serde_json::{Map, Value};
use std::{path::Path, time::Duration};

/// Kinds of files that are heard.
pub const KINDS: [&str; 10] = ["aac", "flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "ogg", "wav", "webm"];
/// No larger file is sent.
pub const LARGEST: u64 = 25 << 20;
/// The service answers when it has heard all of it.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Why a file can't be sent: its kind, and a sentence.
pub fn check(path: &Path, size: Option<u64>) -> Result<(), (&'static str, String)> {
    let kind = path.extension().map(|kind| kind.to_string_lossy().to_lowercase()).unwrap_or_default();
    if !KINDS.contains(&kind.as_str()) {
        return Err(("unsupported_type", format!("Unsupported format: .{kind}. Supported: {}", KINDS.join(", "))));
    }
    match size {
        Some(size) if size > LARGEST => Err(("too_large", format!("File too large: {:.1}MB (max 25MB)", size as f64 / 1e6))),
        _ => Ok(()),
    }
}

/// A form with the file last, as the service demands it: its content type, and its bytes.
pub fn form(wish: &TranscriptWish, digits: bool, file: &[u8]) -> (String, Vec<u8>) {
    let boundary = format!("hermes{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    let plain = |text: &str| text.replace(['"', '\r', '\n'], "_");
    let field =
        |name: &str, value: &str| format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n", plain(value));
    let mut form = String::new();
    // left out, the service finds out by itself; digits need to know
    if wish.language != "auto" {
        form += &field("language", &wish.language);
        if digits {
            form += &field("format", "true");
        }
    }
    if wish.diarize {
        form += &field("diarize", "true");
    }
    let name = wish.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    form += &format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n",
        plain(&name)
    );
    let mut bytes = form.into_bytes();
    bytes.extend_from_slice(file);
    bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), bytes)
}

/// What was said, and what else is told of it.
pub fn read(answer: &Value) -> Result<(String, Map<String, Value>), Trouble> {
    let text = answer.get("text").and_then(Value::as_str).unwrap_or_default().trim().to_string();
    if text.is_empty() {
        return Err(Trouble::new("answer_empty", "xAI STT returned empty transcript").help("is anybody heard in the file?"));
    }
    let details = ["language", "duration", "words"].iter().filter_map(|name| Some(((*name).to_string(), answer.get(*name)?.clone())));
    Ok((text, details.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_file_comes_last_and_its_name_breaks_nothing() {
        let wish = TranscriptWish { path: "/x/a\"\r\nb.wav".into(), language: "en".into(), diarize: true };
        let (kind, bytes) = form(&wish, true, b"RIFF");
        let text = String::from_utf8(bytes).unwrap();
        let boundary = kind.split_once("boundary=").unwrap().1;
        let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
        assert_eq!(parts.len(), 6, "{text}");
        assert!(parts[4].contains("name=\"file\"; filename=\"a___b.wav\"") && parts[4].ends_with("\r\n\r\nRIFF\r\n"), "{text}");
        assert_eq!(parts[5], "--\r\n");
        let (_, bytes) = form(&TranscriptWish { language: "auto".into(), diarize: false, ..wish }, true, b"");
        assert!(!String::from_utf8(bytes).unwrap().contains("format"), "digits need a language");
    }

    #[test]
    fn what_can_t_be_heard_is_said() {
        assert_eq!(check(Path::new("a.MP3"), Some(10)), Ok(()));
        assert_eq!(check(Path::new("a.py"), None).unwrap_err().0, "unsupported_type");
        assert_eq!(check(Path::new("a.wav"), Some(26_000_000 + (1 << 20))).unwrap_err().0, "too_large");
        assert_eq!(read(&json!({ "text": " " })).unwrap_err().code, "answer_empty");
        let (text, details) = read(&json!({ "text": "hi ", "duration": 2.4, "words": [] })).unwrap();
        assert_eq!((text.as_str(), details.len()), ("hi", 2));
    }
}
