//! Pictures (`docs/media.md` 4, `docs/xai.md` 7).

use crate::{
    domain::{job::ImageWish, trouble::Trouble},
    settings::config::media::Media,
};
use serde_json::{Value, json};
use std::time::Duration;

/// The models that make pictures.
pub const MODELS: &[&str] = &["grok-imagine-image", QUALITY];
/// Every change of a picture is made by this one.
pub const QUALITY: &str = "grok-imagine-image-quality";
/// Pictures that one is made from.
pub const MOST_SOURCES: usize = 3;
/// Pictures of one wish.
pub const MOST: u64 = 10;
/// The service answers when the picture is there.
pub const PATIENCE: Duration = Duration::from_secs(300);
/// Names of shapes, and the shapes.
const SHAPES: [(&str, &str); 3] = [("landscape", "16:9"), ("square", "1:1"), ("portrait", "9:16")];
/// Other shapes that the service takes.
const MORE_SHAPES: [&str; 11] = ["3:4", "4:3", "2:3", "3:2", "1:2", "2:1", "9:19.5", "19.5:9", "9:20", "20:9", "auto"];

/// The shape of that name, or as it is written.
pub fn known_shape(named: &str) -> Option<&'static str> {
    let by_name = SHAPES.iter().find(|(name, shape)| [*name, *shape].contains(&named)).map(|(_, shape)| *shape);
    by_name.or_else(|| MORE_SHAPES.iter().copied().find(|shape| *shape == named))
}

/// The same; landscape for what is none.
pub fn shape(named: &str) -> &'static str {
    known_shape(named).unwrap_or("16:9")
}

/// The same picture, made from others.
pub fn from_pictures(mut wish: ImageWish, sources: Vec<String>) -> ImageWish {
    if !sources.is_empty() {
        wish.model = QUALITY.into();
    }
    ImageWish { sources, ..wish }
}

/// A wish with what the settings say.
pub fn wish(prompt: &str, sources: Vec<String>, media: &Media) -> ImageWish {
    let wish = ImageWish {
        prompt: prompt.trim().to_string(),
        model: media.image_model.clone(),
        shape: "16:9".into(),
        resolution: media.image_resolution.clone(),
        sources: vec![],
        count: 1,
    };
    from_pictures(wish, sources)
}

/// Why a wish can't be sent: its kind, and a sentence.
pub fn check(wish: &ImageWish) -> Result<(), (&'static str, String)> {
    if wish.prompt.is_empty() {
        return Err(("missing_prompt", "`prompt` is empty; say what is to be seen.".into()));
    }
    if wish.sources.len() > MOST_SOURCES {
        return Err(("too_many_references", format!("At most {MOST_SOURCES} pictures can be given.")));
    }
    Ok(())
}

/// Where it is sent, and what. `sources` are the wish's, as the service takes them.
pub fn order(wish: &ImageWish, sources: &[String]) -> (&'static str, Value) {
    let mut body = json!({ "model": wish.model, "prompt": wish.prompt });
    if wish.count > 1 {
        body["n"] = wish.count.into();
    }
    let source = |url: &String| json!({ "url": url, "type": "image_url" });
    match sources {
        [] => {
            body["aspect_ratio"] = wish.shape.as_str().into();
            body["resolution"] = wish.resolution.as_str().into();
            return ("images/generations", body);
        }
        // of one picture the shape is its own
        [one] => body["image"] = source(one),
        many => body["images"] = many.iter().map(source).collect(),
    }
    ("images/edits", body)
}

/// A picture that came.
#[derive(Debug, PartialEq)]
pub enum Came {
    /// Behind a link that does not last.
    Link(String),
    /// As it is, in base64.
    Bytes(String),
}

/// What the answer holds.
pub fn read(answer: &Value) -> Result<Vec<Came>, Trouble> {
    let data = answer.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_blocked = |one: &Value| one.get("respect_moderation") == Some(&json!(false));
    let came = |one: &Value| {
        let text = |name: &str| one.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_string);
        text("b64_json").map(Came::Bytes).or_else(|| text("url").map(Came::Link))
    };
    let pictures: Vec<Came> = data.iter().filter(|one| !is_blocked(one)).filter_map(came).collect();
    match pictures.is_empty() {
        false => Ok(pictures),
        true if data.iter().any(is_blocked) => {
            Err(Trouble::new("media_refused", "The service made the picture and withheld it").help("say it in another way"))
        }
        true => Err(Trouble::new("answer_empty", "The service gave no picture").help("try again, or say it in another way")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_what_the_service_takes() {
        let mut new = wish(" a cat ", vec![], &Media::default());
        new.shape = shape("portrait").into();
        let (path, body) = order(&new, &[]);
        assert_eq!(path, "images/generations");
        assert_eq!(body, json!({ "model": "grok-imagine-image", "prompt": "a cat", "aspect_ratio": "9:16", "resolution": "1k" }));
        let changed = wish("a hat", vec!["a".into(), "b".into()], &Media::default());
        let (path, body) = order(&changed, &["data:a".into(), "data:b".into()]);
        assert_eq!((path, body["images"][1]["url"].as_str(), &body["model"]), ("images/edits", Some("data:b"), &json!(QUALITY)));
        assert!(body.get("aspect_ratio").is_none() && body.get("image").is_none());
        assert_eq!((shape("3:2"), shape("round"), shape("1:1")), ("3:2", "16:9", "1:1"));
        assert_eq!(check(&wish("x", vec![String::new(); 4], &Media::default())).unwrap_err().0, "too_many_references");
    }

    #[test]
    fn what_came_is_read_and_what_was_withheld_is_said() {
        let answer = json!({ "data": [{ "url": "https://x/1.png" }, { "b64_json": "AAAA" }, { "url": "", "respect_moderation": false }] });
        assert_eq!(read(&answer).unwrap(), [Came::Link("https://x/1.png".into()), Came::Bytes("AAAA".into())]);
        assert_eq!(read(&json!({ "data": [{ "url": "https://x", "respect_moderation": false }] })).unwrap_err().code, "media_refused");
        assert_eq!(read(&json!({ "data": [] })).unwrap_err().code, "answer_empty");
    }
}
