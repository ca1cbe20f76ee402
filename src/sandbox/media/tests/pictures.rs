use super::{super::State, client::Server};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const MAKE: &str = "/v1/images/generations";
const EDIT: &str = "/v1/images/edits";

fn asked(more: Value) -> Value {
    let mut body = json!({ "model": "grok-imagine-image", "prompt": "A lighthouse in fog" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Sides and pixels.
fn decode(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}

fn data(value: &Value) -> Vec<u8> {
    STANDARD.decode(value["b64_json"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_picture_is_drawn_and_found_without_a_bearer() {
    let server = Server::start(State::default()).await;
    let answer = server.post(MAKE, asked(json!({ "aspect_ratio": "16:9", "resolution": "1k" }))).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["usage"]["cost_in_usd_ticks"], 200_000_000);
    assert_eq!((&body["data"][0]["mime_type"], body["data"][0].get("b64_json")), (&json!("image/png"), None));
    let file = server.fetch(&body["data"][0]["url"]).await;
    assert!(file.status == 200 && file.head.contains("content-type: image/png"));
    let (width, height, pixels) = decode(&file.body);
    assert_eq!((width, height), (512, 288));
    let colours: std::collections::HashSet<&[u8]> = pixels.chunks(3).collect();
    assert!(colours.len() > 50, "a gradient has many colours, not {}", colours.len());
}

#[tokio::test]
async fn data_is_the_same_for_the_same_words() {
    let server = Server::start(State::default()).await;
    let body = asked(json!({ "n": 2, "aspect_ratio": "9:19.5", "response_format": "b64_json" }));
    let (first, second) = (server.post(MAKE, body.clone()).await.json(), server.post(MAKE, body).await.json());
    assert_eq!((first["data"].as_array().unwrap().len(), &first), (2, &second));
    assert!(first["data"][0]["b64_json"] != first["data"][1]["b64_json"] && first["data"][0].get("url").is_none());
    assert_eq!(first["usage"]["cost_in_usd_ticks"], 400_000_000);
    let (width, height, _) = decode(&data(&first["data"][0]));
    assert_eq!((width, height), (236, 512));
    let other = server.post(MAKE, asked(json!({ "prompt": "A cat", "response_format": "b64_json" }))).await.json();
    assert_ne!(other["data"][0]["b64_json"], first["data"][0]["b64_json"]);
    let large = server.post(MAKE, asked(json!({ "aspect_ratio": "1:1", "resolution": "2k", "response_format": "b64_json" }))).await;
    assert_eq!(decode(&data(&large.json()["data"][0])).0, 1024);
}

#[tokio::test]
async fn what_does_not_do_is_refused() {
    let server = Server::start(State::default()).await;
    for (more, status, words) in [
        (json!({ "model": null }), 422, "Missing field `model`"),
        (json!({ "model": "grok-9" }), 404, "Model not found: grok-9"),
        (json!({ "prompt": null }), 422, "Missing field `prompt`"),
        (json!({ "prompt": " " }), 400, "must not be empty"),
        (json!({ "prompt": 7 }), 422, "prompt: expected a string"),
        (json!({ "prompt": "x".repeat(8001) }), 400, "too long"),
        (json!({ "prompt": "a Forbidden thing" }), 403, "violates usage guidelines"),
        (json!({ "n": 0 }), 400, "n must be between 1 and 10"),
        (json!({ "n": 11 }), 400, "n must be between 1 and 10"),
        (json!({ "n": "2" }), 422, "n: expected a whole number"),
        (json!({ "quality": "low" }), 400, "does not support parameter quality"),
        (json!({ "storage_options": {} }), 422, "missing field `filename`"),
        (json!({ "storage_options": { "filename": "a", "expires_after": 2_592_001 } }), 400, "expires_after must be"),
    ] {
        let (got, error) = server.post(MAKE, asked(more.clone())).await.refusal();
        assert!(got == status && error.contains(words), "{more}: {got} {error}");
    }
    for field in ["aspect_ratio", "resolution", "response_format"] {
        let answer = server.post(MAKE, asked(json!({ field: "5:1" }))).await;
        assert!(answer.status == 422 && answer.head.contains("text/plain"), "{field}: {answer:?}");
        assert!(answer.text().contains(&format!("{field}: unknown variant `5:1`")), "{}", answer.text());
    }
    let high = asked(json!({ "model": "grok-imagine-image-2.0", "quality": "high" }));
    assert_eq!(server.post(MAKE, high).await.status, 422);
    assert_eq!(server.post(MAKE, asked(json!({ "prompt": "unforbiddenly", "n": 10 }))).await.status, 200);
}

#[tokio::test]
async fn the_body_and_the_bearer_are_demanded() {
    let server = Server::start(State::default()).await;
    let body = asked(json!({})).to_string();
    for headers in ["", "authorization: Bearer  \r\n", "authorization: Basic abc\r\n"] {
        let answer = server.send("POST", MAKE, &format!("{headers}content-type: application/json\r\n"), body.as_bytes()).await;
        assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("unauthenticated")), "{headers}");
    }
    for (path, method) in [(EDIT, "POST"), ("/v1/videos/x", "GET"), ("/v1/tts", "POST"), ("/v1/tts/voices", "GET"), ("/v1/stt", "POST")] {
        assert_eq!(server.send(method, path, "", b"").await.status, 401, "{path}");
    }
    let bearer = "authorization: Bearer x\r\n";
    assert_eq!(server.send("POST", MAKE, bearer, body.as_bytes()).await.status, 415);
    let kind = format!("{bearer}content-type: application/json\r\n");
    assert_eq!(server.send("POST", MAKE, &kind, b"").await.status, 415);
    assert_eq!(server.send("POST", MAKE, &kind, b"{").await.status, 400);
    assert_eq!(server.send("GET", MAKE, bearer, b"").await.status, 405);
    assert_eq!(server.get("/v1/sandbox/files/none").await.status, 404);
}

#[tokio::test]
async fn pictures_are_edited() {
    let server = Server::start(State::default()).await;
    let made = server.post(MAKE, asked(json!({ "aspect_ratio": "1:2" }))).await.json();
    let own = json!({ "url": made["data"][0]["url"], "type": "image_url" });
    let bytes = server.fetch(&own["url"]).await.body;
    let inline = json!({ "url": format!("data:image/png;base64,{}", STANDARD.encode(&bytes)) });
    for source in [&own, &inline] {
        let answer = server.post(EDIT, asked(json!({ "image": source, "response_format": "b64_json" }))).await.json();
        let (width, height, _) = decode(&data(&answer["data"][0]));
        assert_eq!((width, height), (256, 512), "the shape follows the source");
        assert_eq!(answer["usage"]["cost_in_usd_ticks"], 220_000_000);
    }
    let far = json!({ "url": "https://example.org/a.jpg" });
    let several = asked(json!({ "images": [far, own, inline], "aspect_ratio": "3:2", "response_format": "b64_json" }));
    let (width, height, _) = decode(&data(&server.post(EDIT, several).await.json()["data"][0]));
    assert_eq!((width, height), (512, 342));
    for (more, status, words) in [
        (json!({}), 422, "Missing field `image`"),
        (json!({ "image": far, "images": [far] }), 400, "Only one of image and images"),
        (json!({ "images": [far, far, far, far] }), 400, "at most 3"),
        (json!({ "image": far, "aspect_ratio": "1:1" }), 400, "not supported: aspect_ratio"),
        (json!({ "image": "https://example.org/a.jpg" }), 422, "expected an object"),
        (json!({ "image": {} }), 422, "missing field `url`"),
        (json!({ "image": { "url": "/etc/passwd" } }), 400, "public https address"),
        (json!({ "image": { "url": "http://example.org/a.jpg" } }), 400, "public https address"),
        (json!({ "image": { "url": "data:image/gif;base64,R0lGODlh" } }), 400, "JPEG, PNG and WebP"),
        (json!({ "image": { "url": "data:image/png;base64,?" } }), 400, "no image in base64"),
        (json!({ "image": { "file_id": "file_1" } }), 404, "File not found"),
        (json!({ "image": { "url": format!("http://{}/v1/sandbox/files/1.png", server.address) } }), 400, "could not be fetched"),
    ] {
        let (got, error) = server.post(EDIT, asked(more.clone())).await.refusal();
        assert!(got == status && error.contains(words), "{more}: {got} {error}");
    }
}

#[tokio::test]
async fn results_are_kept_on_request() {
    let server = Server::start(State::default()).await;
    let storage = json!({ "filename": "a.png", "expires_after": 60, "public_url": { "expires_after": 30 } });
    let body = server.post(MAKE, asked(json!({ "storage_options": storage }))).await.json();
    let output = &body["data"][0]["file_output"];
    assert_eq!(output["filename"], "a.png");
    assert_eq!(output["expires_at"].as_i64().unwrap() - output["public_url_expires_at"].as_i64().unwrap(), 30);
    assert_eq!(server.fetch(&output["public_url"]).await.body, server.fetch(&body["data"][0]["url"]).await.body);
    let edit = asked(json!({ "image": { "file_id": output["file_id"] } }));
    assert_eq!(server.post(EDIT, edit).await.status, 200);
    let private = server.post(MAKE, asked(json!({ "storage_options": { "filename": "a.png" } }))).await.json();
    assert_eq!(private["data"][0]["file_output"].get("public_url"), None);
}

#[tokio::test]
async fn ends_are_ordered_by_words() {
    let server = Server::start(State::default()).await;
    let one = async |prompt: &str| server.post(MAKE, asked(json!({ "prompt": prompt, "n": 2 }))).await.json();
    assert_eq!(one("x sandbox:empty").await["data"], json!([]));
    let blocked = one("x sandbox:blocked").await;
    assert_eq!((&blocked["data"][1]["url"], &blocked["data"][1]["respect_moderation"]), (&json!(""), &json!(false)));
    assert_eq!(server.fetch(&one("x sandbox:link-expired").await["data"][0]["url"]).await.status, 404);
}
