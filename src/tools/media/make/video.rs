//! Videos (`docs/media.md` 5, `docs/xai.md` 8): ordered, asked for until they are done, and fetched at once.

use crate::{
    domain::{job::VideoWish, trouble::Trouble},
    settings::config::media::Media,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Pictures of what is to be in it.
pub const MOST_REFERENCES: usize = 7;
/// To be ordered, and each time that it is asked for.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// The only one that takes pictures of what is to be in it.
const OLDEST: &str = "grok-imagine-video";
const SHAPES: [&str; 7] = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3"];
/// Its usual length, in seconds, the longest, and the longest one from pictures of what is to be in it.
const SECONDS: (u64, u64, u64) = (8, 15, 10);

/// A wish with what the settings say, and with what is out of bounds brought back.
pub fn wish(prompt: &str, first: Option<String>, references: Vec<String>, media: &Media) -> VideoWish {
    let model = if references.is_empty() { media.video_model.as_str() } else { OLDEST };
    VideoWish {
        prompt: prompt.trim().to_string(),
        model: model.to_string(),
        shape: SHAPES[0].into(),
        resolution: "720p".into(),
        seconds: SECONDS.0,
        first,
        references,
    }
}

/// The same with another shape, size and length, as far as there are such.
pub fn sized(mut wish: VideoWish, shape: Option<&str>, resolution: Option<&str>, seconds: Option<u64>) -> VideoWish {
    let longest = if wish.references.is_empty() { SECONDS.1 } else { SECONDS.2 };
    wish.shape = shape.filter(|shape| SHAPES.contains(shape)).unwrap_or(SHAPES[0]).into();
    wish.resolution = resolution.filter(|size| *size == "480p").unwrap_or("720p").into();
    wish.seconds = seconds.unwrap_or(SECONDS.0).clamp(1, longest);
    wish
}

/// The same by the model that is named. Pictures of what is to be in it go to the one that takes them, whatever is named.
pub fn by(mut wish: VideoWish, model: &str) -> VideoWish {
    if wish.references.is_empty() {
        wish.model = model.to_string();
    }
    wish
}

/// Why a wish can't be sent: its kind, and a sentence.
pub fn check(wish: &VideoWish) -> Result<(), (&'static str, String)> {
    match (wish.prompt.is_empty(), wish.first.is_some(), wish.references.len()) {
        (true, ..) => Err(("missing_prompt", "`prompt` is empty; say what happens.".into())),
        (_, _, count) if count > MOST_REFERENCES => {
            Err(("too_many_references", format!("At most {MOST_REFERENCES} pictures can be given.")))
        }
        (_, true, 1..) => Err(("conflicting_inputs", "Give `image_url` or `reference_image_urls`, not both.".into())),
        _ => Ok(()),
    }
}

/// `text`, `image` or `reference`.
pub fn modality(wish: &VideoWish) -> &'static str {
    match (&wish.first, &wish.references[..]) {
        (Some(_), _) => "image",
        (None, []) => "text",
        (None, _) => "reference",
    }
}

/// What is sent to `videos/generations`. The pictures are the wish's, as the service takes them.
pub fn order(wish: &VideoWish, first: Option<&str>, references: &[String]) -> Value {
    let mut body = json!({ "model": wish.model, "prompt": wish.prompt, "duration": wish.seconds, "resolution": wish.resolution });
    match first {
        // the picture decides about the shape
        Some(first) => body["image"] = json!({ "url": first }),
        None => body["aspect_ratio"] = wish.shape.as_str().into(),
    }
    if !references.is_empty() {
        body["reference_images"] = references.iter().map(|url| json!({ "url": url })).collect();
    }
    body
}

/// How far it is.
#[derive(Debug, PartialEq)]
pub enum Stands {
    /// The service is at it: percent, where it tells.
    Making(Option<u64>),
    /// It is behind this link.
    Done {
        /// The link, which does not last.
        link: String,
        /// What else is said of it.
        details: Value,
    },
    /// It came to nothing.
    Failed {
        /// Why.
        trouble: Trouble,
        /// What the service calls that.
        status: &'static str,
    },
}

/// What the answer to a question how far it is says; one that is pending may be empty.
pub fn read(body: &[u8]) -> Stands {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    // some write it into an envelope
    let inner = answer.get("response").filter(|inner| inner.is_object()).unwrap_or(&answer);
    let get = |path: &str| inner.pointer(path).or_else(|| answer.pointer(path));
    let status = get("/status").and_then(Value::as_str).map(str::to_lowercase).unwrap_or_default();
    let blocked = get("/video/respect_moderation") == Some(&json!(false));
    let failed = |trouble: Trouble, status| Stands::Failed { trouble, status };
    match status.as_str() {
        "done" if blocked => {
            let trouble = Trouble::new("media_refused", "The service made the video and withheld it");
            failed(trouble.help("say it in another way, then try again"), "moderation")
        }
        "done" => match get("/video/url").and_then(Value::as_str).filter(|link| !link.is_empty()) {
            Some(link) => {
                let details = json!({ "duration": get("/video/duration"), "usage": get("/usage") });
                Stands::Done { link: link.to_string(), details }
            }
            None => failed(Trouble::new("answer_empty", "The video is done, but the service gave no link to it").help("try again"), "done"),
        },
        "expired" => {
            let trouble = Trouble::new("media_failed", "The service has forgotten the video: it was asked for too late");
            failed(trouble.help("try again; it is made anew"), "expired")
        }
        "failed" | "error" | "cancelled" => {
            let said = get("/error/message").or_else(|| get("/message")).and_then(Value::as_str).filter(|said| !said.is_empty());
            let why = said.map_or_else(|| format!("the service says `{status}`"), |said| said.trim_end_matches('.').to_string());
            let trouble = Trouble::new("media_failed", format!("The video could not be made: {why}"));
            let named = ["error", "cancelled"].into_iter().find(|named| *named == status).unwrap_or("failed");
            failed(trouble.help("try again, or say it in another way"), named)
        }
        _ => Stands::Making(get("/progress").and_then(Value::as_u64)),
    }
}

/// How long to wait before it is asked again, when it has taken so many seconds: often while it may be done at any moment, rarely later;
/// nothing when it never will be.
pub fn pause(taken: u64) -> Option<Duration> {
    match taken {
        ..600 => Some(Duration::from_secs(5)),
        600..7_200 => Some(Duration::from_secs(60)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_what_the_service_takes() {
        let media = Media::default();
        let plain = sized(wish("a boat", None, vec![], &media), Some("9:16"), Some("1080p"), Some(99));
        let body = json!({ "model": OLDEST, "prompt": "a boat", "duration": 15, "resolution": "720p", "aspect_ratio": "9:16" });
        assert_eq!((order(&plain, None, &[]), modality(&plain)), (body, "text"));
        let first = wish("a boat", Some("x.png".into()), vec![], &media);
        assert!(order(&first, Some("data:x"), &[]).get("aspect_ratio").is_none());
        let seven = sized(wish("a boat", None, vec!["x".into(); 7], &media), None, None, Some(12));
        assert_eq!((seven.seconds, check(&seven), modality(&seven)), (10, Ok(()), "reference"));
        assert_eq!(check(&wish("a", None, vec!["x".into(); 8], &media)).unwrap_err().0, "too_many_references");
        assert_eq!(check(&wish("a", Some("y".into()), vec!["x".into()], &media)).unwrap_err().0, "conflicting_inputs");
    }

    #[test]
    fn every_answer_says_how_far_it_is() {
        let read = |value: Value| read(value.to_string().as_bytes());
        assert_eq!(super::read(b""), Stands::Making(None));
        assert_eq!(read(json!({ "status": "pending", "progress": 40 })), Stands::Making(Some(40)));
        assert_eq!(read(json!({ "status": "anything" })), Stands::Making(None));
        let link = |stands: Stands| matches!(stands, Stands::Done { link, .. } if link == "https://v/x.mp4");
        assert!(link(read(json!({ "status": "DONE", "video": { "url": "https://v/x.mp4" } }))));
        assert!(link(read(json!({ "status": "done", "response": { "video": { "url": "https://v/x.mp4" } } }))));
        let code = |stands: Stands| match stands {
            Stands::Failed { trouble, .. } => (trouble.code, trouble.message),
            other => panic!("{other:?}"),
        };
        assert_eq!(code(read(json!({ "status": "done", "video": { "url": "", "respect_moderation": false } }))).0, "media_refused");
        assert_eq!(code(read(json!({ "status": "done", "video": {} }))).0, "answer_empty");
        let said = code(read(json!({ "status": "failed", "error": { "message": "video too long." } })));
        assert_eq!(said, ("media_failed", "The video could not be made: video too long".into()));
        assert!(code(read(json!({ "status": "expired" }))).1.contains("forgotten"));
    }
}
