//! `video_generate` (`docs/media.md` 5): submitted, asked for until it is done, and fetched at once, because its link does not last.

use super::{failed, fetched, folder, keep, made, reference, sentence};
use crate::{
    domain::tool::{Backend, Needs, Risk},
    http::stream::Content,
    settings::paths::shown,
    tools::{
        Call, Returned, Row, ToolRow,
        arguments::Arguments,
        xai::{Request, Xai},
    },
};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Making videos.
pub static TOOLSET: Row = Row {
    name: "video_gen",
    label: "🎬 Video Generation",
    is_on: false,
    backend: Some(&Backend { name: "xAI Grok Imagine", models: &[] }),
    tools: &[ToolRow {
        name: "video_generate",
        doing: "Making a video of",
        done: "Made a video of",
        subject: &["prompt"],
        about: "Makes a video of some seconds from a description, from a first picture, or from up to 7 pictures of what is to be in it. That \
                takes one to four minutes. The video is a file; tell the person its path.",
        takes: r#"{"type":"object","properties":{
            "prompt":{"type":"string","description":"What happens, in detail"},
            "image_url":{"type":"string","description":"The first picture: a path, an https address or a data URL"},
            "reference_image_urls":{"type":"array","items":{"type":"string"},"description":"Pictures of what is to be in it, 7 at most; not with image_url"},
            "duration":{"type":"integer","description":"Seconds, 1 to 15; 8 when left out"},
            "aspect_ratio":{"type":"string","description":"Its shape, such as 16:9 (when left out), 9:16, 1:1, 4:3, 3:4, 3:2 or 2:3"},
            "resolution":{"type":"string","description":"Its size; 720p when left out","enum":["480p","720p"]}},"required":["prompt"]}"#,
        risk: Risk::Changes,
        own: None,
        needs: Needs::Xai,
    }],
    run: |call| make(call).boxed(),
    trial: None,
};

const SHAPES: [&str; 7] = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3"];
/// Pictures of what is to be in it.
const MOST_REFERENCES: usize = 7;
/// To be submitted, and each time that it is asked for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two questions how far it is.
const PAUSE: Duration = Duration::from_secs(5);
/// It is asked for so long.
const DEADLINE: Duration = Duration::from_secs(600);

async fn make(call: Call<'_>) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    let known = [
        "prompt",
        "image_url",
        "reference_image_urls",
        "duration",
        "aspect_ratio",
        "resolution",
        "negative_prompt",
        "audio",
        "seed",
        "model",
    ];
    arguments.only(&known)?;
    let prompt = arguments.text("prompt")?.trim().to_string();
    let (first, references) = (arguments.maybe_text("image_url")?, arguments.texts("reference_image_urls")?);
    let settings = call.workshop.services.settings.current();
    let model = arguments.maybe_text("model")?.unwrap_or(&settings.tools.media.video_model).to_string();
    let modality = if first.is_some() {
        "image"
    } else if references.is_empty() {
        "text"
    } else {
        "reference"
    };
    let shape = arguments.maybe_text("aspect_ratio")?.filter(|shape| SHAPES.contains(shape)).unwrap_or("16:9");
    let resolution = arguments.maybe_text("resolution")?.filter(|size| *size == "480p").unwrap_or("720p");
    let longest = if references.is_empty() { 15 } else { 10 };
    let duration = arguments.number("duration", 0..=u64::MAX, 8)?.clamp(1, longest);
    let fields = json!({ "model": model, "prompt": prompt, "modality": modality, "aspect_ratio": shape, "duration": duration,
        "resolution": resolution, "provider": "xai" });
    let refused = match (prompt.is_empty(), first.is_some(), references.len()) {
        (true, ..) => Some(("missing_prompt", "`prompt` is empty; say what happens.")),
        (_, _, count) if count > MOST_REFERENCES => Some(("too_many_references", "At most 7 pictures can be given.")),
        (_, true, 1..) => Some(("conflicting_inputs", "Give `image_url` or `reference_image_urls`, not both.")),
        _ => None,
    };
    if let Some((kind, why)) = refused {
        return Ok(failed(fields, kind, why));
    }
    let mut body = json!({ "model": model, "prompt": prompt, "duration": duration, "aspect_ratio": shape, "resolution": resolution });
    if let Some(first) = first {
        body["image"] = json!({ "url": reference(&call, first).await?["url"] });
    }
    let mut pictures = vec![];
    for from in &references {
        pictures.push(json!({ "url": reference(&call, from).await?["url"] }));
    }
    if !pictures.is_empty() {
        body["reference_images"] = json!(pictures);
    }
    Ok(match film(&call, &body, &model).await {
        Ok(Film { bytes, link, id }) => match keep(folder(&call.workshop.services, "", "videos"), &model, "mp4", bytes).await {
            Ok(path) => {
                let mut all = json!({ "video": path, "url": link, "request_id": id });
                all.as_object_mut().into_iter().for_each(|all| all.extend(fields.as_object().cloned().unwrap_or_default()));
                made(all, shown(&path), shown(&path))
            }
            Err(why) => failed(fields, "io_error", &why),
        },
        Err((kind, why)) => failed(fields, &kind, &why),
    })
}

/// A video that is done.
struct Film {
    bytes: Vec<u8>,
    link: String,
    id: String,
}

/// Has it made; the error is its type and a sentence.
async fn film(call: &Call<'_>, body: &Value, model: &str) -> Result<Film, (String, String)> {
    let services = &call.workshop.services;
    let xai = Xai { services, answering: call.order.provider };
    let submit = Request { path: "videos/generations", content: Content::Json(body), model, patience: PATIENCE, retries: 0 };
    let told = |trouble: crate::domain::trouble::Trouble| (trouble.code.to_string(), sentence(&trouble));
    let (answer, _) = xai.ask(&submit).await.map_err(told)?;
    let id =
        answer.get("request_id").and_then(Value::as_str).ok_or_else(|| wrong("The service gave no number for the video."))?.to_string();
    let path = format!("videos/{id}");
    let (began, mut failures) = (Instant::now(), 0);
    loop {
        sleep(PAUSE).await;
        let ask = Request { path: &path, content: Content::Nothing, model, patience: PATIENCE, retries: 0 };
        let (bytes, source) = match xai.bytes(&ask).await {
            Ok(answered) => answered,
            // one question that was lost is not the end of it
            Err(_) if failures < 5 => {
                failures += 1;
                continue;
            }
            Err(trouble) => return Err(told(trouble)),
        };
        failures = 0;
        // one that is pending may have an empty body
        let state: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        match state.get("status").and_then(Value::as_str).map(str::to_lowercase).as_deref() {
            Some("done") => {
                let link = state.pointer("/video/url").and_then(Value::as_str);
                let link =
                    link.ok_or_else(|| ("empty_response".to_string(), "It is done, but the service gave no link to it.".to_string()))?;
                let bytes =
                    fetched(link, source, services).await.map_err(|why| ("download".to_string(), format!("{why} It is at {link}")))?;
                if bytes.get(4..8) != Some(b"ftyp") {
                    return Err(wrong("What the service gave is no MP4 file."));
                }
                return Ok(Film { bytes, link: link.to_string(), id });
            }
            Some(state_name @ ("failed" | "error" | "expired" | "cancelled")) => {
                let said = state.pointer("/error/message").or_else(|| state.get("message")).and_then(Value::as_str);
                let why = said.map_or_else(|| format!("The video has {state_name}."), str::to_string);
                return Err((format!("xai_{state_name}"), why));
            }
            _ => {}
        }
        if let Some(progress) = state.get("progress").and_then(Value::as_u64) {
            (call.tell)(&format!("{progress} %\n"));
        }
        if began.elapsed() > DEADLINE {
            return Err((
                "timeout".into(),
                format!("It was not done within {} s; the service may go on with it ({id}).", DEADLINE.as_secs()),
            ));
        }
    }
}

fn wrong(why: &str) -> (String, String) {
    ("invalid_response".into(), why.into())
}
