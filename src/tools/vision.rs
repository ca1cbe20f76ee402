//! The `vision` toolset: a picture of the disk or of the web is given to the model to look at (`docs/media.md` 9). The model that asks
//! looks by itself: the picture goes with the result.

use super::{
    Call, Returned, Row, ToolRow,
    arguments::Arguments,
    file::place::Place,
    pictures::{self, Picture},
    web,
};
use crate::{
    domain::{
        conversation::Outcome,
        tool::{Needs, Risk, Shown},
    },
    files::read,
    services::tasks::blocking,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::FutureExt;
use serde_json::json;

/// Looking at pictures.
pub static TOOLSET: Row = Row {
    name: "vision",
    label: "👁️  Vision / Image Analysis",
    is_on: true,
    backend: None,
    tools: &[ToolRow {
        name: "vision_analyze",
        doing: "Looking at",
        done: "Looked at",
        subject: &["image_url"],
        about: "Shows you a picture: a file on this machine, an address, or a data URL. PNG, JPEG, GIF and WebP.",
        takes: r#"{"type":"object","properties":{
            "image_url":{"type":"string","description":"A path, an http(s) address, or a data URL"},
            "question":{"type":"string","description":"What you want to know of it"}},"required":["image_url","question"]}"#,
        risk: Risk::Reads,
        own: None,
        needs: Needs::Sight,
    }],
    run: |call| look(call).boxed(),
    trial: None,
};

async fn look(call: Call<'_>) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&["image_url", "question"])?;
    let (from, question) = (arguments.text("image_url")?.trim().to_string(), arguments.text("question")?.to_string());
    let picture = picture(&call, &from).await?;
    let output =
        json!({ "success": true, "analysis": "The picture is beside this. Look at it, and answer by yourself.", "question": question });
    Ok(Returned::Outcome(Outcome {
        ok: true,
        happened: true,
        output: output.to_string().into(),
        shown: Some(Shown::Text(question.into())),
        picture: Some(picture.url.into()),
        note: picture.about,
        ..Outcome::default()
    }))
}

/// A picture that a model names, by its path, its address or as a data URL, fit to be sent.
pub(super) async fn picture(call: &Call<'_>, from: &str) -> Result<Picture, String> {
    let bytes = match from.split_once(':') {
        Some(("http" | "https", _)) => web::bytes(from, &call.workshop.services, pictures::LARGEST_FILE, false).await?,
        Some(("data", rest)) => {
            let encoded = rest.split_once("base64,").map(|(_, encoded)| encoded).ok_or("The data URL is not in base64.")?;
            STANDARD.decode(encoded.trim()).map_err(|_| "The data URL is not valid base64.")?
        }
        _ => file(call, from).await?,
    };
    let picture = blocking(move || pictures::for_model(&bytes)).await.map_err(|trouble| format!("{}.", trouble.message))?;
    picture.map_err(|why| format!("`{}` can't be shown: {why}.", from.chars().take(200).collect::<String>()))
}

/// A file that a model names, when it may be read.
pub(super) async fn file(call: &Call<'_>, path: &str) -> Result<Vec<u8>, String> {
    let (guard, folder) = (call.workshop.guard.clone(), call.workshop.bench(&call.order.conversation).folder());
    let (home, path) = (call.workshop.services.home(), path.to_string());
    let read = blocking(move || {
        let place = Place { folder: &folder, home: home.as_deref(), guard: &*guard };
        let real = place.resolve(&path)?;
        read::bytes(&real, pictures::LARGEST_FILE).map_err(|error| format!("`{}` can't be shown: {error}.", place.shown(&real)))
    });
    read.await.map_err(|trouble| format!("{}.", trouble.message))?
}
