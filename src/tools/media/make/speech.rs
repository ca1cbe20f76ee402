//! Speech (`docs/media.md` 3, `docs/xai.md` 9.1). A text that is longer than the service speaks at once is spoken in parts, and joined.

use crate::{
    domain::{job::SpeechWish, trouble::Trouble},
    settings::config::media::Media,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Characters of a text, some hours of speech: its parts are held until they are joined.
const LONGEST: usize = 200_000;
/// A part of a long text takes minutes.
pub const PATIENCE: Duration = Duration::from_secs(900);

/// A wish with what the settings say.
pub fn wish(text: &str, media: &Media) -> SpeechWish {
    SpeechWish { text: text.trim().to_string(), voice: media.voice.clone(), language: media.speech_language.clone(), wav: false }
}

/// Why a wish can't be sent: its kind, and a sentence.
pub fn check(wish: &SpeechWish) -> Result<(), (&'static str, String)> {
    match wish.text.chars().count() {
        0 => Err(("missing_text", "Text is required".into())),
        count if count > LONGEST => Err(("too_long", format!("The text has {count} characters; at most {LONGEST} are spoken at once."))),
        _ => Ok(()),
    }
}

/// The parts of a text, none of which is longer than `most` characters: cut between paragraphs, else between sentences, else between
/// words.
pub fn parts(text: &str, most: usize) -> Vec<&str> {
    let (mut rest, mut parts) = (text.trim(), vec![]);
    while let Some((limit, _)) = rest.char_indices().nth(most) {
        let head = &rest[..limit];
        let after = |mark: &str| head.rfind(mark).map(|at| at + mark.len());
        let sentence = [". ", "! ", "? ", "。", "\n"].iter().filter_map(|mark| after(mark)).max();
        // a cut near the beginning would make many parts
        let enough = |at: &usize| *at > limit / 4;
        let at = after("\n\n").filter(enough).or(sentence.filter(enough)).or(after(" ").filter(enough)).unwrap_or(limit);
        parts.push(rest[..at].trim());
        rest = rest[at..].trim_start();
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

/// What is sent for a part.
pub fn order(part: &str, wish: &SpeechWish, media: &Media) -> Value {
    let mut body = json!({ "text": part, "voice_id": wish.voice, "language": wish.language });
    let (sample_rate, bit_rate) = media.rates;
    // what is as ever is not said
    if wish.wav {
        body["output_format"] = json!({ "codec": "wav", "sample_rate": sample_rate });
    } else if media.rates != Media::default().rates {
        body["output_format"] = json!({ "codec": "mp3", "sample_rate": sample_rate, "bit_rate": bit_rate });
    }
    if (media.speed - 1.0).abs() > 0.001 {
        body["speed"] = media.speed.into();
    }
    body
}

/// The sound of a text from the sounds of its parts, and its kind: `mp3` or `wav`.
pub fn joined(parts: Vec<Vec<u8>>) -> Result<(Vec<u8>, &'static str), Trouble> {
    let nothing = || Trouble::new("media_unusable", "What the service sent is no sound").help("try again");
    let first = parts.first().ok_or_else(nothing)?;
    if first.starts_with(b"RIFF") {
        return wav(&parts).map(|sound| (sound, "wav")).ok_or_else(nothing);
    }
    if !parts.iter().all(|part| is_mp3(part)) {
        return Err(nothing());
    }
    // frames follow frames; only the first part keeps what stands before them
    let tail = parts.iter().skip(1).flat_map(|part| frames(part)).copied().collect::<Vec<u8>>();
    let mut sound = parts.into_iter().next().unwrap_or_default();
    sound.extend(tail);
    Ok((sound, "mp3"))
}

fn is_mp3(bytes: &[u8]) -> bool {
    matches!(frames(bytes), [0xff, second, ..] if second & 0xe0 == 0xe0)
}

/// An MP3 file without the ID3v2 tag before it (id3.org, 2.4.0, section 3.1: four times seven bits of length).
fn frames(bytes: &[u8]) -> &[u8] {
    match bytes {
        [b'I', b'D', b'3', _, _, _, a, b, c, d, ..] => {
            let length = [a, b, c, d].iter().fold(0, |length, byte| length << 7 | usize::from(**byte & 0x7f));
            bytes.get(10 + length..).unwrap_or_default()
        }
        _ => bytes,
    }
}

/// One WAV file of several of the same kind.
fn wav(parts: &[Vec<u8>]) -> Option<Vec<u8>> {
    let first = parts.first()?;
    let (format, _) = chunks(first)?;
    let mut data = vec![];
    for part in parts {
        let (other, samples) = chunks(part)?;
        if other != format {
            return None;
        }
        data.extend_from_slice(samples);
    }
    let size = |length: usize| u32::try_from(length).ok().map(u32::to_le_bytes);
    let mut all = b"RIFF".to_vec();
    all.extend(size(4 + 8 + format.len() + 8 + data.len())?);
    all.extend_from_slice(b"WAVEfmt ");
    all.extend(size(format.len())?);
    all.extend_from_slice(format);
    all.extend_from_slice(b"data");
    all.extend(size(data.len())?);
    all.extend(data);
    Some(all)
}

/// The format and the samples of a WAV file. One that was sent while it was made says a length that is not there.
fn chunks(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = file.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")?;
    let mut format = None;
    loop {
        let (name, length) = (rest.get(..4)?, rest.get(4..8)?);
        let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
        let body = rest.get(8..)?;
        let body = &body[..length.min(body.len())];
        match name {
            b"fmt " => format = Some(body),
            b"data" => return Some((format?, body)),
            _ => {}
        }
        rest = rest.get(8 + length + length % 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_where_one_breathes() {
        assert_eq!(parts("short", 10), ["short"]);
        assert_eq!(parts("One is here. Two is there. Three", 20), ["One is here.", "Two is there. Three"]);
        assert_eq!(parts("para one\n\npara two. And", 18), ["para one", "para two. And"]);
        assert_eq!(parts("aaaaaaaaaaaa", 5), ["aaaaa", "aaaaa", "aa"]);
        let text = "Wörter und Sätze. ".repeat(200);
        let all = parts(&text, 100);
        assert!(all.iter().all(|part| part.chars().count() <= 100) && all.len() < 50);
        assert_eq!(all.join(" "), text.trim());
    }

    #[test]
    fn parts_are_joined_to_one_file() {
        let part = |samples: &[u8]| {
            let mut file = b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0abcdLIST\x01\0\0\0x\0data\xff\xff\xff\x7f".to_vec();
            file.extend_from_slice(samples);
            file
        };
        let (whole, kind) = joined(vec![part(b"1234"), part(b"56")]).unwrap();
        assert_eq!((kind, chunks(&whole)), ("wav", Some((&b"abcd"[..], &b"123456"[..]))));
        assert_eq!(u32::from_le_bytes(whole[4..8].try_into().unwrap()) as usize, whole.len() - 8);
        let (whole, kind) =
            joined(vec![b"ID3\x04\0\0\0\0\0\x02xx\xff\xfb1".to_vec(), b"ID3\x04\0\0\0\0\0\x01x\xff\xfb2".to_vec()]).unwrap();
        assert_eq!((kind, whole.as_slice()), ("mp3", &b"ID3\x04\0\0\0\0\0\x02xx\xff\xfb1\xff\xfb2"[..]));
        assert_eq!(joined(vec![b"{\"error\":1}".to_vec()]).unwrap_err().code, "media_unusable");
        assert_eq!(joined(vec![]).unwrap_err().code, "media_unusable");
    }
}
