//! `image_generate` (`docs/media.md` 4).

use super::{failed, fetched, folder, keep, made, reference, sentence};
use crate::{
    domain::tool::{Backend, Needs, Risk},
    http::stream::Content,
    settings::paths::shown,
    tools::{
        Call, Returned, Row, ToolRow,
        arguments::Arguments,
        pictures,
        xai::{Request, Xai},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::time::Duration;

/// Making pictures.
pub static TOOLSET: Row = Row {
    name: "image_gen",
    label: "🎨 Image Generation",
    is_on: true,
    backend: Some(&Backend { name: "xAI Grok Imagine (image)", models: MODELS }),
    tools: &[ToolRow {
        name: "image_generate",
        doing: "Making a picture of",
        done: "Made a picture of",
        subject: &["prompt"],
        about: "Makes a picture from a description, or changes one. The picture is a file; tell the person its path.",
        takes: r#"{"type":"object","properties":{
            "prompt":{"type":"string","description":"What is to be seen, in detail"},
            "aspect_ratio":{"type":"string","description":"Its shape; landscape when left out","enum":["landscape","square","portrait"]},
            "image_url":{"type":"string","description":"A picture that is to be changed: a path, an https address or a data URL"},
            "reference_image_urls":{"type":"array","items":{"type":"string"},"description":"Further pictures, three at most with image_url"}},
            "required":["prompt"]}"#,
        risk: Risk::Changes,
        own: None,
        needs: Needs::Xai,
    }],
    run: |call| make(call).boxed(),
    trial: None,
};

/// The models that make pictures (`docs/media.md` 4.2).
const MODELS: &[&str] = &["grok-imagine-image", QUALITY];
/// Every change of a picture is made by this one.
const QUALITY: &str = "grok-imagine-image-quality";
const PATIENCE: Duration = Duration::from_secs(120);

async fn make(call: Call<'_>) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&["prompt", "aspect_ratio", "image_url", "reference_image_urls"])?;
    let prompt = arguments.text("prompt")?.trim().to_string();
    if prompt.is_empty() {
        return Err("`prompt` is empty; say what is to be seen.".into());
    }
    let shape = arguments.maybe_text("aspect_ratio")?.unwrap_or("landscape").to_string();
    let ratio = match shape.as_str() {
        "square" | "1:1" => "1:1",
        "portrait" | "9:16" => "9:16",
        _ => "16:9",
    };
    let mut sources: Vec<String> = arguments.maybe_text("image_url")?.into_iter().map(str::to_string).collect();
    sources.extend(arguments.texts("reference_image_urls")?);
    let services = &call.workshop.services;
    let settings = services.settings.current();
    let model = if sources.is_empty() { settings.tools.media.image_model.as_str() } else { QUALITY };
    let fields = |image: Value| json!({ "image": image, "model": model, "prompt": prompt, "aspect_ratio": shape, "provider": "xai" });
    if sources.len() > 3 {
        return Ok(failed(fields(Value::Null), "too_many_references", "At most 3 pictures can be given."));
    }
    let mut body = json!({ "model": model, "prompt": prompt, "response_format": "b64_json" });
    let mut path = "images/generations";
    if sources.is_empty() {
        body["aspect_ratio"] = ratio.into();
        body["resolution"] = settings.tools.media.image_resolution.as_str().into();
    } else {
        path = "images/edits";
        let mut pictures = vec![];
        for source in &sources {
            pictures.push(reference(&call, source).await?);
        }
        match &pictures[..] {
            [one] => body["image"] = one.clone(),
            many => body["images"] = json!(many),
        }
    }
    let request = Request { path, content: Content::Json(&body), model, patience: PATIENCE, retries: 0 };
    let (answer, source) = match (Xai { services, answering: call.order.provider }).ask(&request).await {
        Ok(answered) => answered,
        Err(trouble) => return Ok(failed(fields(Value::Null), trouble.code, &sentence(&trouble))),
    };
    let text = |name: &str| answer.pointer(&format!("/data/0/{name}")).and_then(Value::as_str);
    let bytes = match (text("b64_json"), text("url")) {
        (Some(encoded), _) => STANDARD.decode(encoded).map_err(|_| "The service sent a picture that can't be read.".to_string()),
        (None, Some(link)) => fetched(link, source, services).await,
        (None, None) => return Ok(failed(fields(Value::Null), "empty_response", "The service gave no picture.")),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(why) => return Ok(failed(fields(Value::Null), "invalid_response", &why)),
    };
    // the name says what is in it, whatever was asked for
    let Some(kind) = pictures::kind(&bytes) else {
        return Ok(failed(fields(Value::Null), "invalid_response", "What the service sent is no picture."));
    };
    let extension = kind.extensions_str().first().copied().unwrap_or("png");
    match keep(folder(services, "image_cache", "images"), model, extension, bytes).await {
        Ok(path) => Ok(made(fields(json!(path)), shown(&path), shown(&path))),
        Err(why) => Ok(failed(fields(Value::Null), "io_error", &why)),
    }
}
