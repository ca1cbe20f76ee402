//! Pictures and films that come with a request: by address, as data, or by the id of a file. Nothing is fetched from elsewhere.

use super::{answer::Refusal, asked::Asked, mp4, state::State};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::Value;

/// A picture or a film.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its bytes, unless it lies elsewhere.
    pub bytes: Option<Bytes>,
}

/// `{"url":…}` or `{"file_id":…}` with a picture.
pub fn picture(value: &Value, name: &str, state: &State) -> Result<Source, Refusal> {
    let source = source(value, name, "image", state)?;
    match source.bytes.as_deref().is_none_or(|bytes| picture_kind(bytes).is_some()) {
        true => Ok(source),
        false => Err(Refusal::new(400, "invalid_image", format!("{name}: only JPEG, PNG and WebP pictures can be read"))),
    }
}

/// The same with a film.
pub fn film(asked: &Asked, state: &State) -> Result<Source, Refusal> {
    let value = asked.get("video").ok_or_else(|| Refusal::kind("Missing field `video`."))?;
    let source = source(value, "video", "video", state)?;
    match source.bytes.as_deref().is_none_or(|bytes| mp4::seconds(bytes).is_some()) {
        true => Ok(source),
        false => Err(Refusal::argument("video: only MP4 can be read")),
    }
}

fn source(value: &Value, name: &str, family: &str, state: &State) -> Result<Source, Refusal> {
    let object = Asked::within(value, name)?;
    match (object.text("url")?, object.text("file_id")?) {
        (Some(_), Some(_)) => Err(Refusal::argument(format!("{name}: only one of url and file_id may be given"))),
        (None, None) => Err(Refusal::kind(format!("{name}: missing field `url`"))),
        (None, Some(id)) => match state.file(id) {
            Some(file) => Ok(Source { bytes: Some(file.bytes) }),
            None => Err(Refusal::unknown(format!("File not found: {id}"))),
        },
        (Some(url), None) => by_address(url, name, family, state),
    }
}

fn by_address(url: &str, name: &str, family: &str, state: &State) -> Result<Source, Refusal> {
    if let Some(own) = state.own(url) {
        let gone = |()| Refusal::argument(format!("{name}: the address could not be fetched"));
        return own.map(|file| Source { bytes: Some(file.bytes) }).map_err(gone);
    }
    if let Some(data) = url.strip_prefix("data:") {
        let read = data
            .split_once(";base64,")
            .filter(|(kind, _)| kind.split('/').next() == Some(family))
            .and_then(|(_, text)| STANDARD.decode(text).ok());
        let wrong = || Refusal::argument(format!("{name}: the data URL holds no {family} in base64"));
        return read.map(|bytes| Source { bytes: Some(bytes.into()) }).ok_or_else(wrong);
    }
    match url.strip_prefix("https://") {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => Ok(Source { bytes: None }),
        _ => Err(Refusal::argument(format!("{name}: url must be a public https address or a data URL"))),
    }
}

fn picture_kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// Width and height of a PNG; of other pictures nobody here needs them.
pub fn png_sides(bytes: &[u8]) -> Option<(u32, u32)> {
    picture_kind(bytes).filter(|kind| *kind == "image/png")?;
    let (width, height) = (mp4::be32(bytes, 16)?, mp4::be32(bytes, 20)?);
    (width > 0 && height > 0).then_some((width, height))
}
