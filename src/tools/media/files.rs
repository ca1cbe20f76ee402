//! The files that come of jobs: fetched or written, checked for what they are, under a name of their own, with what was wished for beside
//! them (`docs/media.md` 10).

use super::desk::unwritten;
use crate::{
    domain::{
        job::{Job, Wish},
        trouble::Trouble,
    },
    files::atomic,
    services::{Services, tasks::blocking},
    tools::{
        pictures,
        web::{self, Missing},
    },
};
use serde_json::json;
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::{NamedTempFile, TempPath};

/// Files that are fetched are not larger.
const LARGEST: u64 = 512 << 20;
/// So much of a file says what it is.
const HEAD: u64 = 64;

/// Where files of a wish are kept: the folder of old where it exists.
fn folder(services: &Services, wish: &Wish) -> PathBuf {
    let (old, new) = match wish {
        Wish::Image(_) => ("image_cache", "images"),
        Wish::Video(_) => ("", "videos"),
        Wish::Speech(_) | Wish::Transcript(_) => ("audio_cache", "audio"),
    };
    let home = &services.paths.home;
    let before = home.join(old);
    if !old.is_empty() && before.is_dir() { before } else { home.join("cache").join(new) }
}

/// What a file is, by how it begins; the ending of its name.
fn kind(head: &[u8], wish: &Wish) -> Result<&'static str, Trouble> {
    let found = match wish {
        // the name says what is in it, whatever was asked for
        Wish::Image(_) => pictures::kind(head).and_then(|kind| kind.extensions_str().first().copied()),
        Wish::Video(_) => (head.get(4..8) == Some(b"ftyp")).then_some("mp4"),
        Wish::Speech(_) if head.starts_with(b"RIFF") => Some("wav"),
        Wish::Speech(_) => Some("mp3"),
        Wish::Transcript(_) => None,
    };
    found.ok_or_else(|| {
        Trouble::new("media_unusable", format!("What the service sent is no {}", wish.noun())).help("try again; it is made anew")
    })
}

/// Puts a file where those of its kind are, under a name of its own, and what was wished for beside it.
fn settle(temporary: TempPath, folder: &Path, job: &Job) -> Result<PathBuf, Trouble> {
    let mut head = vec![];
    let read = File::open(&temporary).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.map_err(|error| unwritten(folder, &error))?;
    let kind = kind(&head, &job.wish)?;
    let now = chrono::Local::now().format("%Y%m%d_%H%M%S");
    let name = job.wish.model().unwrap_or("tts");
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect();
    let own = folder.join(format!("tts_{now}.{kind}"));
    let path = match &job.wish {
        Wish::Speech(_) if !own.exists() => own,
        _ => folder.join(format!("xai_{plain}_{now}_{:08x}.{kind}", fastrand::u32(..))),
    };
    temporary.persist_noclobber(&path).map_err(|error| unwritten(&path, &error.error))?;
    let about = json!({ "prompt": job.wish.subject(), "wish": job.wish, "request_id": job.remote, "made_at": job.made_at, "provider": job.provider });
    // the file is there all the same
    let _ = atomic::replace(&path.with_extension("json"), format!("{about:#}\n").as_bytes())
        .inspect_err(|error| tracing::warn!("the prompt could not be written beside {}: {error}", path.display()));
    Ok(path)
}

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    atomic::private_folder(folder)?;
    tempfile::Builder::new().prefix(".coming-").tempfile_in(folder)
}

/// Writes what came.
pub(super) async fn keep(bytes: Vec<u8>, job: &Job, services: &Services) -> Result<PathBuf, Trouble> {
    let (folder, job) = (folder(services, &job.wish), job.clone());
    let written = blocking(move || {
        let mut file = temporary(&folder).map_err(|error| unwritten(&folder, &error))?;
        io::Write::write_all(&mut file, &bytes).map_err(|error| unwritten(&folder, &error))?;
        settle(file.into_temp_path(), &folder, &job)
    });
    written.await?
}

/// Fetches what is behind a link of the service's: without the token, which is not for whoever serves it.
pub(super) async fn fetch(link: &str, is_local: bool, job: &Job, services: &Arc<Services>) -> Result<PathBuf, Trouble> {
    let (folder, job) = (folder(services, &job.wish), job.clone());
    let place = folder.clone();
    let made = blocking(move || {
        let file = temporary(&place)?;
        Ok((file.reopen()?, file.into_temp_path()))
    });
    let (file, path) = made.await?.map_err(|error: io::Error| unwritten(&folder, &error))?;
    web::download(link, services, LARGEST, is_local, file).await.map_err(|missing| match missing {
        Missing::Gone(why) => Trouble::new("link_expired", format!("The link to the {} has expired", job.wish.noun()))
            .help("try again; the service is asked for another link")
            .raw(why),
        Missing::Disk(error) => unwritten(&folder, &error),
        Missing::Because(why) => {
            Trouble::new("unreachable", format!("The {} is done and could not be fetched: {}", job.wish.noun(), why.trim_end_matches('.')))
                .help("try again; it is not made a second time")
        }
    })?;
    blocking(move || settle(path, &folder, &job)).await?
}

/// The size of a file, where there is one.
pub(super) async fn size(path: &Path) -> Option<u64> {
    let path = path.to_path_buf();
    blocking(move || fs::metadata(path).ok().map(|meta| meta.len())).await.ok()?
}
