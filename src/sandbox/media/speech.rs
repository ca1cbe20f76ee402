//! `POST /v1/tts` and `GET /v1/tts/voices`.

use super::{
    answer::{self, Refusal, apart},
    asked::Asked,
    checks, mp3, sound,
};
use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// Characters of a text.
const LONGEST: usize = 15_000;
/// Characters of a text in which words were replaced.
const LONGEST_REPLACED: usize = 60_000;
const VOICES: &[(&str, &str)] = &[("ara", "Ara"), ("eve", "Eve"), ("leo", "Leo"), ("rex", "Rex"), ("sal", "Sal")];
const LANGUAGES: &[&str] = &[
    "auto", "en", "ar-EG", "ar-SA", "ar-AE", "bn", "zh", "fr", "de", "hi", "id", "it", "ja", "ko", "pt-BR", "pt-PT", "ru", "es-MX",
    "es-ES", "tr", "vi",
];
const RATES: &[u64] = &[8_000, 16_000, 22_050, 24_000, 44_100, 48_000];
const BIT_RATES: &[u64] = &[32_000, 64_000, 96_000, 128_000, 192_000];

/// How it is to sound.
struct Format {
    codec: &'static str,
    rate: u32,
    bits: u32,
}

/// `GET /v1/tts/voices`
pub async fn voices() -> Json<Value> {
    let voices: Vec<Value> = VOICES.iter().map(|(id, name)| json!({ "voice_id": id, "name": name })).collect();
    Json(json!({ "voices": voices }))
}

/// The id of a voice, however it is written.
pub fn voice(id: &str) -> Option<&'static str> {
    VOICES.iter().map(|(known, _)| *known).find(|known| known.eq_ignore_ascii_case(id))
}

/// All ids, for a refusal.
pub fn voice_ids() -> String {
    VOICES.iter().map(|(id, _)| *id).collect::<Vec<_>>().join(", ")
}

/// `POST /v1/tts`
pub async fn speak(asked: Result<Asked, Refusal>) -> Result<Response, Refusal> {
    match asked {
        Ok(asked) => say(asked).await,
        Err(refused) => Err(refused),
    }
    .map_err(Refusal::bare)
}

/// Voices that clients of others ask for by their own names.
const OTHERS: &[&str] = &["alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse"];

/// `POST /v1/audio/speech`: the same in the words of OpenAI's clients.
pub async fn speak_as_others(asked: Result<Asked, Refusal>) -> Result<Response, Refusal> {
    let asked = asked?;
    asked.text("model")?.ok_or_else(|| Refusal::kind("Missing field `model`."))?;
    let text = asked.text("input")?.ok_or_else(|| Refusal::kind("Missing field `input`."))?;
    let named = asked.text("voice")?.ok_or_else(|| Refusal::kind("Missing field `voice`."))?;
    let voice = if OTHERS.contains(&named) { "eve" } else { named };
    let codec = asked.word("response_format", &["mp3", "wav", "pcm"])?.unwrap_or("mp3");
    let speed = asked.number("speed", 0.25..=4.0)?.unwrap_or(1.0).clamp(0.7, 1.5);
    let fields = json!({ "text": text, "voice_id": voice, "language": "auto", "speed": speed, "output_format": { "codec": codec } });
    say(Asked::within(&fields, "speech")?).await
}

async fn say(asked: Asked) -> Result<Response, Refusal> {
    let text = text(&asked)?;
    asked.word("language", LANGUAGES)?.ok_or_else(|| Refusal::kind("Missing field `language`."))?;
    let id = asked.text("voice_id")?.unwrap_or("eve");
    let voice = voice(id).ok_or_else(|| Refusal::unknown(format!("Voice not found: {id}. Available voices: {}", voice_ids())))?;
    let format = Format::of(&asked)?;
    let speed = asked.number("speed", 0.7..=1.5)?.unwrap_or(1.0);
    asked.whole("optimize_streaming_latency", 0..=2)?;
    asked.flag("text_normalization")?;
    let timed = asked.flag("with_timestamps")?.unwrap_or(false);
    let seconds = (text.chars().count() as f64 * 0.05 / speed).clamp(0.3, 2.0);
    let kind = format.kind();
    let words = format!("{voice} {text}");
    let audio = apart(move || Ok(format.audio(&words, seconds))).await?;
    if timed {
        let timestamps = timestamps(&text, seconds);
        let audio = STANDARD.encode(audio);
        return Ok(
            Json(json!({ "audio": audio, "content_type": kind, "duration": seconds, "audio_timestamps": timestamps })).into_response()
        );
    }
    Ok(([(header::CONTENT_TYPE, kind), (header::HeaderName::from_static("x-trace-id"), answer::id().as_str())], audio).into_response())
}

/// What is to be said, words replaced.
fn text(asked: &Asked) -> Result<String, Refusal> {
    let text = asked.text("text")?.ok_or_else(|| Refusal::kind("Missing field `text`."))?;
    if text.trim().is_empty() {
        return Err(Refusal::argument("text must not be empty"));
    }
    let count = text.chars().count();
    if count > LONGEST {
        return Err(Refusal::argument(format!("text must be at most {LONGEST} characters, got {count}")));
    }
    checks::within_rules(text)?;
    let Some(value) = asked.get("replace") else { return Ok(text.to_string()) };
    let mut text = text.to_string();
    let map = Asked::within(value, "replace")?;
    if map.entries().count() > 200 {
        return Err(Refusal::argument("replace: at most 200 entries are allowed"));
    }
    for (from, to) in map.entries() {
        let to = to.as_str().ok_or_else(|| Refusal::kind("replace: expected strings"))?;
        if from.is_empty() || from.chars().count() > 100 || to.chars().count() > 128 {
            return Err(Refusal::argument("replace: keys have 1 to 100 characters, values at most 128"));
        }
        text = text.replace(from, to);
        // checked each time, so that it cannot grow without end
        if text.chars().count() > LONGEST_REPLACED {
            return Err(Refusal::argument(format!("replace: the text must not grow beyond {LONGEST_REPLACED} characters")));
        }
    }
    Ok(text)
}

/// When each character is said: from and to.
fn timestamps(text: &str, seconds: f64) -> Value {
    let characters: Vec<String> = text.chars().map(String::from).collect();
    let at = |number: usize| (seconds * number as f64 / characters.len() as f64 * 1000.0).round() / 1000.0;
    let times: Vec<[f64; 2]> = (0..characters.len()).map(|number| [at(number), at(number + 1)]).collect();
    json!({ "graph_chars": characters, "graph_times": times })
}

impl Format {
    fn of(asked: &Asked) -> Result<Self, Refusal> {
        let none = Value::Object(Default::default());
        let format = Asked::within(asked.get("output_format").unwrap_or(&none), "output_format")?;
        let codec = format.word("codec", &["mp3", "wav", "pcm", "mulaw", "alaw"])?.unwrap_or("mp3");
        if codec != "mp3" && format.get("bit_rate").is_some() {
            return Err(Refusal::argument("bit_rate is for mp3 only"));
        }
        let one_of = |name: &str, known: &[u64], default| match format.whole(name, 0..=u64::MAX)? {
            None => Ok(default),
            Some(number) if known.contains(&number) => Ok(number as u32),
            Some(number) => Err(Refusal::argument(format!("{name} must be one of {known:?}, got {number}"))),
        };
        Ok(Self { codec, rate: one_of("sample_rate", RATES, 24_000)?, bits: one_of("bit_rate", BIT_RATES, 128_000)? })
    }
    fn kind(&self) -> &'static str {
        match self.codec {
            "wav" => "audio/wav",
            "pcm" => "audio/pcm",
            "mulaw" => "audio/basic",
            "alaw" => "audio/alaw",
            _ => "audio/mpeg",
        }
    }
    fn audio(&self, words: &str, seconds: f64) -> Vec<u8> {
        let samples = || sound::melody(words, self.rate, seconds);
        match self.codec {
            "wav" => sound::wav(&samples(), self.rate),
            "pcm" => sound::pcm(&samples()),
            "mulaw" => samples().into_iter().map(sound::mulaw).collect(),
            "alaw" => samples().into_iter().map(sound::alaw).collect(),
            _ => mp3::silence(self.rate, self.bits, seconds),
        }
    }
}
