use super::{
    super::{State, probe},
    client::Server,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const SPEAK: &str = "/v1/tts";
const HEAR: &str = "/v1/stt";

/// Of a form: names and values.
type Parts<'a> = &'a [(&'a str, &'a [u8])];

fn asked(more: Value) -> Value {
    let mut body = json!({ "text": "Good morning.", "language": "en", "voice_id": "eve" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn speech_is_played() {
    let server = Server::start(State::default()).await;
    let plain = server.post(SPEAK, asked(json!({}))).await;
    assert!(plain.status == 200 && plain.head.contains("content-type: audio/mpeg") && plain.head.contains("x-trace-id: "));
    let recording = probe::file(&plain.body).unwrap();
    assert!(recording.kind == "mp3" && (recording.seconds - 0.65).abs() < 0.03, "{recording:?}");
    let wav = server.post(SPEAK, asked(json!({ "output_format": { "codec": "wav", "sample_rate": 16000 } }))).await;
    assert!(wav.head.contains("content-type: audio/wav"));
    assert_eq!(wav.body[24..28], 16_000u32.to_le_bytes());
    let recording = probe::file(&wav.body).unwrap();
    assert!(recording.kind == "wav" && !recording.silent && (recording.seconds - 0.65).abs() < 0.01, "{recording:?}");
    for (codec, kind, width) in [("pcm", "audio/pcm", 2), ("mulaw", "audio/basic", 1), ("alaw", "audio/alaw", 1)] {
        let answer = server.post(SPEAK, asked(json!({ "output_format": { "codec": codec, "sample_rate": 8000 } }))).await;
        assert!(answer.head.contains(kind) && answer.body.len() == 5200 * width, "{codec}: {}", answer.body.len());
    }
    let long = server.post(SPEAK, asked(json!({ "text": "é".repeat(15_000), "output_format": { "codec": "wav" } }))).await;
    assert_eq!(probe::file(&long.body).unwrap().seconds, 2.0);
    let quick = server.post(SPEAK, asked(json!({ "speed": 1.3, "output_format": { "codec": "wav" } }))).await;
    assert!((probe::file(&quick.body).unwrap().seconds - 0.5).abs() < 0.01);
}

#[tokio::test]
async fn speech_is_timed_and_replaced() {
    let server = Server::start(State::default()).await;
    let timed = server.post(SPEAK, asked(json!({ "with_timestamps": true, "replace": { "Good": "Bad" } }))).await.json();
    let characters: String = timed["audio_timestamps"]["graph_chars"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    assert_eq!((characters.as_str(), &timed["content_type"]), ("Bad morning.", &json!("audio/mpeg")));
    assert_eq!(timed["audio_timestamps"]["graph_times"][11], json!([0.55, 0.6]));
    assert_eq!(probe::file(&STANDARD.decode(timed["audio"].as_str().unwrap()).unwrap()).unwrap().kind, "mp3");
}

#[tokio::test]
async fn speech_that_does_not_do_is_refused() {
    let server = Server::start(State::default()).await;
    let entries: Value = (0..201).map(|n| (n.to_string(), json!("x"))).collect::<serde_json::Map<_, _>>().into();
    for (more, status, words) in [
        (json!({ "text": null }), 400, "Missing field `text`"),
        (json!({ "text": "" }), 400, "must not be empty"),
        (json!({ "text": "x".repeat(15_001) }), 400, "at most 15000 characters"),
        (json!({ "language": null }), 400, "Missing field `language`"),
        (json!({ "language": "xx" }), 400, "unknown variant `xx`"),
        (json!({ "voice_id": "bob" }), 404, "Voice not found: bob"),
        (json!({ "speed": 1.6 }), 400, "speed must be between 0.7 and 1.5"),
        (json!({ "optimize_streaming_latency": 3 }), 400, "between 0 and 2"),
        (json!({ "output_format": { "codec": "ogg" } }), 400, "unknown variant `ogg`"),
        (json!({ "output_format": { "sample_rate": 11025 } }), 400, "sample_rate must be one of"),
        (json!({ "output_format": { "bit_rate": 1 } }), 400, "bit_rate must be one of"),
        (json!({ "output_format": { "codec": "wav", "bit_rate": 64000 } }), 400, "mp3 only"),
        (json!({ "replace": entries }), 400, "at most 200 entries"),
        (json!({ "text": "a".repeat(1000), "replace": { "a": "x".repeat(100) } }), 400, "60000"),
    ] {
        let answer = server.post(SPEAK, asked(more.clone())).await;
        let (got, error) = answer.refusal();
        assert!(got == status && error.contains(words), "{more}: {got} {error}");
        assert_eq!(answer.json().get("code"), None, "speech has no codes");
    }
    assert_eq!(server.post(SPEAK, asked(json!({ "voice_id": "ARA" }))).await.status, 200);
    let voices = server.get("/v1/tts/voices").await.json();
    assert_eq!((voices["voices"].as_array().unwrap().len(), &voices["voices"][1]), (5, &json!({ "voice_id": "eve", "name": "Eve" })));
}

#[tokio::test]
async fn recordings_are_described() {
    let server = Server::start(State::default()).await;
    let wav = server.post(SPEAK, asked(json!({ "output_format": { "codec": "wav" } }))).await.body;
    let parts: [(&str, &[u8]); 4] = [("language", b"de"), ("format", b"true"), ("diarize", b"true"), ("file", &wav)];
    let answer = server.form(HEAR, &parts).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["text"], "This is a recording of 0.65 seconds as wav.");
    assert_eq!((&body["language"], &body["duration"]), (&json!("de"), &json!(0.65)));
    assert_eq!(body["words"][8], json!({ "text": "wav.", "start": 0.578, "end": 0.65, "speaker": 1 }));
    let plain = server.form(HEAR, &[("file", &wav)]).await.json();
    assert_eq!((plain["words"][0].get("speaker"), &plain["language"]), (None, &json!("en")));
    let silence: [(&str, &[u8]); 3] = [("audio_format", b"pcm"), ("sample_rate", b"8000"), ("file", &[0; 16000])];
    let silence = server.form(HEAR, &silence).await.json();
    assert_eq!(silence, json!({ "text": "", "language": "en", "duration": 1.0, "words": [] }));
    let channels: [(&str, &[u8]); 3] = [("multichannel", b"true"), ("channels", b"3"), ("file", &wav)];
    let channels = server.form(HEAR, &channels).await.json();
    assert_eq!((channels["channels"].as_array().unwrap().len(), &channels["channels"][2]["index"]), (3, &json!(2)));
}

#[tokio::test]
async fn recordings_come_by_address_when_they_are_ours() {
    let server = Server::start(State::new(0.0)).await;
    let body = json!({ "model": "grok-imagine-video", "prompt": "x", "duration": 2 });
    let id = server.post("/v1/videos/generations", body).await.json()["request_id"].as_str().unwrap().to_string();
    let url = server.get(&format!("/v1/videos/{id}")).await.json()["video"]["url"].as_str().unwrap().to_string();
    let heard = server.form(HEAR, &[("url", url.as_bytes())]).await.json();
    assert_eq!(heard["text"], "This is a recording of 2 seconds as mp4.");
    assert_eq!(server.form(HEAR, &[("url", b"https://example.org/a.mp3")]).await.status, 502);
}

#[tokio::test]
async fn recordings_that_do_not_do_are_refused() {
    let mut state = State::default();
    state.largest_recording = 50_000;
    let server = Server::start(state).await;
    let wav = server.post(SPEAK, asked(json!({ "output_format": { "codec": "wav" } }))).await.body;
    let cases: [(Parts, u16, &str); 14] = [
        (&[("file", b"just some text, and no sound")], 400, "Unsupported audio format"),
        (&[("file", b"")], 400, "empty"),
        (&[("language", b"en")], 400, "Either file or url"),
        (&[("file", &wav), ("language", b"en")], 400, "`file` must be the last field"),
        (&[("file", &[0xff; 50_001])], 413, "At most 50000 bytes"),
        (&[("url", b"https://a.org"), ("file", &wav)], 400, "Only one of file and url"),
        (&[("language", b"auto"), ("file", &wav)], 400, "language must be one of"),
        (&[("format", b"true"), ("file", &wav)], 400, "format needs language"),
        (&[("format", b"yes"), ("file", &wav)], 400, "format must be true or false"),
        (&[("model", b"whisper-1"), ("file", &wav)], 400, "model must be one of"),
        (&[("audio_format", b"pcm"), ("file", &wav)], 400, "sample_rate is required"),
        (&[("multichannel", b"true"), ("channels", b"9"), ("file", &wav)], 400, "channels must be between 2 and 8"),
        (&[("keyterm", &[b'x'; 51]), ("file", &wav)], 400, "keyterm"),
        (&[("vad_threshold", b"2"), ("file", &wav)], 400, "vad_threshold"),
    ];
    for (parts, status, words) in cases {
        let answer = server.form(HEAR, parts).await;
        let (got, error) = answer.refusal();
        assert!(got == status && error.contains(words), "{}: {got} {error}", parts[0].0);
        assert_eq!(answer.json().get("code"), None);
    }
    let (status, error) = server.post(HEAR, json!({ "url": "https://example.org/a.mp3" })).await.refusal();
    assert!(status == 415 && error.contains("multipart/form-data"));
    let bearer = "authorization: Bearer x\r\ncontent-type: multipart/form-data; boundary=b1\r\n";
    assert_eq!(server.send("POST", HEAR, bearer, b"--b1\r\nbroken").await.status, 400);
}
