//! `video_generate` (`docs/media.md` 5).

use super::{
    make::video,
    tool::{make, seen_from},
};
use crate::{
    domain::{
        job::Wish,
        tool::{Backend, Needs, Risk},
    },
    tools::{Call, Returned, Row, ToolRow, arguments::Arguments},
};
use futures_util::FutureExt;

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
    run: |call| film(call).boxed(),
    trial: None,
};

/// What other services take, and this one does not.
const KNOWN: [&str; 10] =
    ["prompt", "image_url", "reference_image_urls", "duration", "aspect_ratio", "resolution", "negative_prompt", "audio", "seed", "model"];

async fn film(call: Call<'_>) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&KNOWN)?;
    let first = arguments.maybe_text("image_url")?.map(|named| seen_from(&call, named.to_string()));
    let references = arguments.texts("reference_image_urls")?.into_iter().map(|named| seen_from(&call, named)).collect();
    let media = &call.workshop.services.settings.current().tools.media;
    let mut wish = video::wish(arguments.text("prompt")?, first, references, media);
    if let Some(model) = arguments.maybe_text("model")? {
        wish = video::by(wish, model);
    }
    let seconds = arguments.number("duration", 0..=u64::MAX, 0)?;
    let seconds = Some(seconds).filter(|seconds| *seconds > 0);
    let wish = video::sized(wish, arguments.maybe_text("aspect_ratio")?, arguments.maybe_text("resolution")?, seconds);
    Ok(make(&call, Wish::Video(wish), None).await)
}
