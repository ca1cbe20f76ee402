//! `POST /v1/stt`

use super::{
    answer::Refusal,
    form::Form,
    probe::{self, Recording},
    state::State,
};
use axum::{
    Json,
    extract::{
        self,
        multipart::{Multipart, MultipartRejection},
    },
};
use serde_json::{Value, json};
use std::sync::Arc;

const MODELS: &[&str] = &["grok-voice-transcribe-1.0", "grok-voice-transcribe-2.0"];
const LANGUAGES: &[&str] = &[
    "ar", "cs", "da", "nl", "en", "fil", "fr", "de", "hi", "id", "it", "ja", "ko", "mk", "ms", "fa", "pl", "pt", "ro", "ru", "es", "sv",
    "th", "tr", "vi",
];

/// `POST /v1/stt`
pub async fn transcribe(
    extract::State(state): extract::State<Arc<State>>,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Json<Value>, Refusal> {
    let form = match multipart {
        Ok(multipart) => Form::read(multipart, state.largest_recording).await,
        Err(_) => Err(Refusal::new(415, "invalid-argument", "Expected request with `Content-Type: multipart/form-data`")),
    };
    form.and_then(|form| answer(&form, &state)).map(Json).map_err(Refusal::bare)
}

fn answer(form: &Form, state: &State) -> Result<Value, Refusal> {
    form.word("model", MODELS)?;
    let language = form.word("language", LANGUAGES)?;
    if form.flag("format")? && language.is_none() {
        return Err(Refusal::argument("format needs language"));
    }
    form.flag("filler_words")?;
    let diarize = form.flag("diarize")?;
    let terms = form.all("keyterm").count();
    if terms > 100 || form.all("keyterm").any(|term| term.chars().count() > 50) {
        return Err(Refusal::argument("keyterm: at most 100 terms of at most 50 characters are allowed"));
    }
    if form.text("vad_threshold").is_some_and(|text| !text.parse::<f64>().is_ok_and(|number| (0.0..=1.0).contains(&number))) {
        return Err(Refusal::argument("vad_threshold must be between 0 and 1"));
    }
    let channels = channels(form)?;
    let recording = recording(form, channels.unwrap_or(1), state)?;
    Ok(transcript(&recording, language.unwrap_or("en"), diarize, channels))
}

/// How many there are, when each is to be written apart.
fn channels(form: &Form) -> Result<Option<u64>, Refusal> {
    let count = form.whole("channels", 2, 8)?;
    Ok(if form.flag("multichannel")? { Some(count.unwrap_or(2)) } else { None })
}

fn recording(form: &Form, channels: u64, state: &State) -> Result<Recording, Refusal> {
    let raw = form.word("audio_format", &["pcm", "mulaw", "alaw"])?;
    let rate = form.whole("sample_rate", 8_000, 48_000)?;
    let elsewhere;
    let bytes = match (&form.file, form.text("url")) {
        (Some(_), Some(_)) => return Err(Refusal::argument("Only one of file and url may be given.")),
        (None, None) => return Err(Refusal::argument("Either file or url is required.")),
        (Some(bytes), None) => bytes.as_slice(),
        (None, Some(url)) => {
            // no other server is asked: what is not ours cannot be fetched
            let own = state.own(url).and_then(Result::ok);
            let file = own.ok_or_else(|| Refusal::new(502, "bad-gateway", format!("The audio could not be fetched: {url}")))?;
            elsewhere = file.bytes;
            &elsewhere
        }
    };
    if bytes.is_empty() {
        return Err(Refusal::argument("The audio file is empty."));
    }
    match (raw, rate) {
        (Some(_), None) => Err(Refusal::argument("sample_rate is required for raw audio")),
        (Some(kind), Some(rate)) => Ok(probe::raw(kind, rate, channels, bytes)),
        (None, _) => probe::file(bytes).ok_or_else(|| {
            Refusal::argument("Unsupported audio format. Supported formats: wav, mp3, ogg, opus, flac, aac, mp4, m4a, mkv, or raw audio")
        }),
    }
}

/// The service hears words; here the recording is described in some.
fn transcript(recording: &Recording, language: &str, diarize: bool, channels: Option<u64>) -> Value {
    let seconds = (recording.seconds * 100.0).round() / 100.0;
    let text = match recording.silent {
        true => String::new(),
        false => format!("This is a recording of {seconds} seconds as {}.", recording.kind),
    };
    let words = words(&text, seconds, diarize);
    let mut answer = json!({ "text": text, "language": language, "duration": seconds, "words": words });
    if let Some(count) = channels {
        let all = (0..count).map(|index| json!({ "index": index, "text": text, "words": words }));
        answer["channels"] = all.collect();
    }
    answer
}

/// Spread evenly; when speakers are told apart the second half has another one.
fn words(text: &str, seconds: f64, diarize: bool) -> Vec<Value> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = |number: usize| (seconds * number as f64 / words.len() as f64 * 1000.0).round() / 1000.0;
    let entry = |(number, word): (usize, &&str)| {
        let mut entry = json!({ "text": word, "start": at(number), "end": at(number + 1) });
        if diarize {
            entry["speaker"] = usize::from(number * 2 >= words.len()).into();
        }
        entry
    };
    words.iter().enumerate().map(entry).collect()
}
