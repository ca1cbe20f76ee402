//! The `vision` toolset: a picture of the disk or of the web is given to the model to look at (`docs/media.md` 9). The model that asks
//! looks by itself: the picture goes with the result.

use super::{
    Call, Returned, Row, ToolRow,
    arguments::Arguments,
    file::place::Place,
    guard::Guard,
    pictures::{self, Picture},
    web,
};
use crate::{
    domain::{
        conversation::Outcome,
        tool::{Needs, Risk, Shown},
    },
    files::read,
    services::{Services, tasks::blocking},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::FutureExt;
use serde_json::json;
use std::{path::PathBuf, sync::Arc};

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
    let folder = call.workshop.bench(&call.order.conversation).folder();
    let looking = Looking { services: &call.workshop.services, guard: &call.workshop.guard, folder };
    let picture = looking.picture(&from).await.map_err(|why| format!("`{}` can't be shown: {why}.", named(&from)))?;
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

/// Where files that are named are looked for, and who watches.
pub(super) struct Looking<'a> {
    /// The world.
    pub services: &'a Arc<Services>,
    /// Keeps secrets away.
    pub guard: &'a Arc<Guard>,
    /// Where relative paths begin.
    pub folder: PathBuf,
}

impl Looking<'_> {
    /// A picture that is named by its path, its address or as a data URL, fit to be sent. The error is the end of a sentence.
    pub async fn picture(&self, named: &str) -> Result<Picture, String> {
        let bytes = match named.split_once(':') {
            Some(("http" | "https", _)) => web::bytes(named, self.services, pictures::LARGEST_FILE, false).await.map_err(end)?,
            Some(("data", rest)) => {
                let encoded = rest.split_once("base64,").map(|(_, encoded)| encoded).ok_or("the data URL is not in base64")?;
                STANDARD.decode(encoded.trim()).map_err(|_| "the data URL is not valid base64")?
            }
            _ => self.file(named, pictures::LARGEST_FILE).await?,
        };
        blocking(move || pictures::for_model(&bytes)).await.map_err(|trouble| trouble.message)?
    }

    /// A file that is named, when it may be read and has no more bytes. The error is the end of a sentence.
    pub async fn file(&self, path: &str, most: u64) -> Result<Vec<u8>, String> {
        let (guard, folder) = (self.guard.clone(), self.folder.clone());
        let (home, path) = (self.services.home(), path.to_string());
        let read = blocking(move || {
            let place = Place { folder: &folder, home: home.as_deref(), guard: &*guard };
            let real = place.resolve(&path)?;
            read::bytes(&real, most).map_err(|error| error.to_string())
        });
        read.await.map_err(|trouble| trouble.message)?.map_err(end)
    }
}

fn end(sentence: String) -> String {
    sentence.trim_end_matches('.').to_string()
}

/// So much of a name is told.
pub(super) fn named(name: &str) -> String {
    name.chars().take(200).collect()
}
