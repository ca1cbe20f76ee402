//! `image_generate` (`docs/media.md` 4).

use super::{
    make::image,
    tool::{make, seen_from},
    wish,
};
use crate::{
    domain::{
        job::{Plea, Wish},
        tool::{Backend, Needs, Risk},
    },
    tools::{Call, Returned, Row, ToolRow, arguments::Arguments},
};
use futures_util::FutureExt;

/// Making pictures.
pub static TOOLSET: Row = Row {
    name: "image_gen",
    label: "🎨 Image Generation",
    is_on: true,
    backend: Some(&Backend { name: "xAI Grok Imagine (image)", models: image::MODELS }),
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
    run: |call| picture(call).boxed(),
    trial: None,
};

async fn picture(call: Call<'_>) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&["prompt", "aspect_ratio", "image_url", "reference_image_urls"])?;
    let named = arguments.maybe_text("image_url")?.into_iter().map(str::to_string).chain(arguments.texts("reference_image_urls")?);
    let sources = named.map(|named| seen_from(&call, named)).collect();
    let Wish::Image(wish) = wish(Plea::Image(arguments.text("prompt")?.to_string()), &call.workshop.services) else {
        return Err("That can't be drawn.".into());
    };
    let mut wish = image::from_pictures(wish, sources);
    wish.shape = image::shape(arguments.maybe_text("aspect_ratio")?.unwrap_or("landscape")).into();
    Ok(make(&call, Wish::Image(wish), None).await)
}
