use super::{
    super::{State, mp4},
    client::{Answer, Server},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::time::Duration;

const MAKE: &str = "/v1/videos/generations";
const EDIT: &str = "/v1/videos/edits";
const EXTEND: &str = "/v1/videos/extensions";

fn asked(more: Value) -> Value {
    let mut body = json!({ "model": "grok-imagine-video", "prompt": "A boat at dawn" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn begun(server: &Server, path: &str, body: Value) -> String {
    let answer = server.post(path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["request_id"].as_str().unwrap().to_string()
}

async fn poll(server: &Server, id: &str) -> Answer {
    server.get(&format!("/v1/videos/{id}")).await
}

/// For a server without delays.
async fn made(server: &Server, path: &str, body: Value) -> Value {
    let id = begun(server, path, body).await;
    let answer = poll(server, &id).await;
    assert_eq!(answer.status, 200);
    answer.json()
}

#[tokio::test]
async fn a_film_takes_its_time() {
    let server = Server::start(State::new(2.0)).await;
    let body = asked(json!({ "model": "grok-imagine-video-1.5", "resolution": "720p" }));
    let id = begun(&server, MAKE, body).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let first = poll(&server, &id).await;
    assert_eq!((first.status, &first.json()["status"]), (202, &json!("pending")));
    let progress = first.json()["progress"].as_u64().unwrap();
    assert!((25..100).contains(&progress), "{progress}");
    let quiet = begun(&server, MAKE, asked(json!({ "prompt": "x sandbox:quiet", "duration": 1 }))).await;
    let quiet = poll(&server, &quiet).await;
    assert_eq!((quiet.status, quiet.body.len()), (202, 0));
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let done = poll(&server, &id).await;
    assert_eq!(done.status, 200);
    let body = done.json();
    assert_eq!((&body["status"], &body["progress"], &body["model"]), (&json!("done"), &json!(100), &json!("grok-imagine-video-1.5")));
    // the documented example
    assert_eq!(body["usage"]["cost_in_usd_ticks"], 11_200_000_000u64);
    assert_eq!((&body["video"]["duration"], &body["video"]["respect_moderation"]), (&json!(8), &json!(true)));
    assert_eq!(poll(&server, &id).await.json(), body, "a later poll says the same");
    let file = server.fetch(&body["video"]["url"]).await;
    assert!(file.status == 200 && file.head.contains("content-type: video/mp4"));
    assert_eq!(mp4::seconds(&file.body), Some(8.0));
}

#[tokio::test]
async fn jobs_end_in_other_ways_too() {
    let server = Server::start(State::new(0.0)).await;
    let end = async |prompt: &str| made(&server, MAKE, asked(json!({ "prompt": prompt, "duration": 1 }))).await;
    let failed = end("x sandbox:failed").await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("failed"), &json!("internal_error")));
    assert_eq!(failed.get("video"), None);
    assert_eq!(end("x sandbox:expired").await, json!({ "status": "expired" }));
    let blocked = end("x sandbox:blocked").await;
    assert_eq!((&blocked["status"], &blocked["video"]["url"]), (&json!("done"), &json!("")));
    assert_eq!(blocked["video"]["respect_moderation"], false);
    assert_eq!(server.fetch(&end("x sandbox:link-expired").await["video"]["url"]).await.status, 404);
    assert_eq!(poll(&server, "none").await.refusal(), (404, "Video not found: none".into()));
    let mut state = State::new(0.0);
    state.seconds_kept = 0.0;
    let forgetful = Server::start(state).await;
    let id = begun(&forgetful, MAKE, asked(json!({ "duration": 1 }))).await;
    assert_eq!(poll(&forgetful, &id).await.json(), json!({ "status": "expired" }));
}

#[tokio::test]
async fn what_does_not_do_is_refused() {
    let server = Server::start(State::new(0.0)).await;
    let one = json!({ "url": "https://example.org/a.png" });
    let many = |count: usize| Value::Array(vec![one.clone(); count]);
    let frame = |time: f64| json!([{ "image": one, "timestamp_s": time }]);
    let newest = |mut more: Value| {
        more["model"] = "grok-imagine-video-1.5".into();
        more
    };
    for (more, status, words) in [
        (json!({ "model": "grok-9" }), 404, "Model not found"),
        (json!({ "prompt": null }), 422, "Missing field `prompt`"),
        (json!({ "prompt": "" }), 400, "must not be empty"),
        (json!({ "prompt": "forbidden" }), 403, "violates usage guidelines"),
        (json!({ "duration": 0 }), 400, "duration must be between 1 and 15"),
        (json!({ "duration": 16 }), 400, "duration must be between 1 and 15"),
        (json!({ "seconds": 16 }), 400, "seconds must be"),
        (json!({ "duration": 2.5 }), 422, "whole number"),
        (json!({ "aspect_ratio": "7:1" }), 422, "unknown variant"),
        (json!({ "resolution": "540p" }), 422, "unknown variant"),
        (json!({ "resolution": "1080p" }), 400, "at most 720p"),
        (newest(json!({ "resolution": "1080p", "reference_images": many(1) })), 400, "at most 720p"),
        (json!({ "reference_images": many(8) }), 400, "reference_images: at most 7 are allowed, 8 were given"),
        (json!({ "reference_images": many(1), "image": one }), 400, "image together with reference_images"),
        (json!({ "reference_images": many(1), "duration": 11 }), 400, "more than 10 seconds"),
        (json!({ "last_frame": one }), 400, "last_frame and keyframes"),
        (newest(json!({ "keyframes": frame(8.0) })), 400, "not inside"),
        (newest(json!({ "keyframes": frame(1.5) })), 400, "multiple of 1/3"),
        (newest(json!({ "reference_audios": [{ "voice_id": "bob" }] })), 400, "Available voices: ara, eve"),
        (json!({ "reference_audios": [{ "voice_id": "eve" }] }), 400, "does not support reference_audios"),
        (json!({ "output": {} }), 422, "upload_url"),
        (json!({ "image": { "url": "file:///a" } }), 400, "public https address"),
    ] {
        let (got, error) = server.post(MAKE, asked(more.clone())).await.refusal();
        assert!(got == status && error.contains(words), "{more}: {got} {error}");
    }
    for good in [
        json!({ "reference_images": many(7), "duration": 10 }),
        json!({ "image": one, "prompt": null }),
        newest(json!({ "image": one, "reference_images": many(2), "keyframes": frame(0.33), "last_frame": one })),
        newest(json!({ "resolution": "1080p", "aspect_ratio": "21:9", "duration": 1 })),
        newest(json!({ "reference_audios": [{ "voice_id": "EVE" }], "duration": 15 })),
    ] {
        begun(&server, MAKE, asked(good)).await;
    }
}

#[tokio::test]
async fn one_key_is_one_job() {
    let server = Server::start(State::new(0.0)).await;
    let body = asked(json!({ "duration": 1 })).to_string();
    let id = async |key: &str| {
        let headers = format!("authorization: Bearer x\r\ncontent-type: application/json\r\nx-idempotency-key: {key}\r\n");
        server.send("POST", MAKE, &headers, body.as_bytes()).await.json()["request_id"].clone()
    };
    let first = id("a").await;
    assert_eq!(id("a").await, first);
    assert_ne!(id("b").await, first);
    assert_ne!(begun(&server, MAKE, asked(json!({}))).await, begun(&server, MAKE, asked(json!({}))).await);
}

#[tokio::test]
async fn films_are_edited_and_extended() {
    let server = Server::start(State::new(0.0)).await;
    let storage = json!({ "filename": "a.mp4", "public_url": true });
    let source = made(&server, MAKE, asked(json!({ "duration": 3, "storage_options": storage }))).await;
    let own = json!({ "url": source["video"]["url"] });
    let bytes = server.fetch(&own["url"]).await.body;
    let inline = json!({ "url": format!("data:video/mp4;base64,{}", STANDARD.encode(&bytes)) });
    let kept = json!({ "file_id": source["video"]["file_output"]["file_id"] });
    assert_eq!(server.fetch(&source["video"]["file_output"]["public_url"]).await.body, bytes);
    for video in [&own, &inline, &kept] {
        let edited = made(&server, EDIT, json!({ "prompt": "Make it snow", "video": video })).await;
        assert_eq!((&edited["video"]["duration"], &edited["model"]), (&json!(3), &json!("grok-imagine-video")));
        let extended = made(&server, EXTEND, asked(json!({ "video": video, "duration": 4 }))).await;
        assert_eq!(mp4::seconds(&server.fetch(&extended["video"]["url"]).await.body), Some(7.0));
        assert_eq!(extended["usage"]["cost_in_usd_ticks"], 2_800_000_000u64, "only the new part is paid for");
    }
    let long = made(&server, MAKE, asked(json!({ "duration": 9 }))).await;
    let failed = made(&server, EDIT, asked(json!({ "video": { "url": long["video"]["url"] } }))).await;
    let message = json!({ "code": "invalid_argument", "message": "video too long" });
    assert_eq!(failed, json!({ "status": "failed", "progress": 0, "error": message }));
    let far = json!({ "url": "https://example.org/a.mp4" });
    for (path, more, status, words) in [
        (EDIT, json!({}), 422, "Missing field `video`"),
        (EDIT, json!({ "video": far, "duration": 3 }), 400, "not supported: duration"),
        (EDIT, json!({ "video": { "url": "data:video/mp4;base64,AAAA" } }), 400, "only MP4"),
        (EDIT, json!({ "video": far, "prompt": null }), 422, "Missing field `prompt`"),
        (EXTEND, json!({ "video": far, "duration": 11 }), 400, "duration must be between 1 and 10"),
        (EXTEND, json!({ "video": far, "aspect_ratio": "1:1" }), 400, "not supported: aspect_ratio"),
        (EXTEND, json!({ "video": { "file_id": "none" } }), 404, "File not found"),
    ] {
        let (got, error) = server.post(path, asked(more.clone())).await.refusal();
        assert!(got == status && error.contains(words), "{path} {more}: {got} {error}");
    }
}
