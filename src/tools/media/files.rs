//! The files that come of jobs: fetched or written, checked for what they are, under a name of their own, with what was wished for beside
//! them (`docs/media.md` 10).

use super::desk::unwritten;
use crate::{
    domain::{
        job::{Job, Wish},
        sight::Sight,
        trouble::Trouble,
    },
    files::{atomic, read},
    services::{
        Services,
        tasks::{self, blocking},
    },
    tools::{
        pictures,
        shell::on_path,
        web::{self, Missing},
    },
};
use serde_json::json;
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};
use tempfile::{NamedTempFile, TempPath};

/// Files that are fetched are not larger.
const LARGEST: u64 = 512 << 20;
/// The first picture of a video has no more bytes, and is there after so long.
const LARGEST_PICTURE: u64 = 8 << 20;
const DECODING: Duration = Duration::from_secs(5);
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

/// What can be seen of a file that is there. It may take some seconds.
pub(super) async fn see(path: &Path, job: &mut Job, services: &Services) {
    let (path, wish, search) = (path.to_path_buf(), job.wish.clone(), search(services));
    // one that can't be shown has its line
    if let Ok(Some(sight)) = blocking(move || sight(&path, &wish, &search)).await {
        job.product.sights.push(sight);
    }
}

/// What can be seen of a file: a picture, or the first one of a video where a decoder is on the PATH. One that can't be read has its line.
fn sight(path: &Path, wish: &Wish, search: &str) -> Option<Sight> {
    let bytes = match wish {
        Wish::Image(_) => read::bytes(path, pictures::LARGEST_FILE).ok()?,
        Wish::Video(_) => first_picture(path, search)?,
        Wish::Speech(_) | Wish::Transcript(_) => return None,
    };
    let (thumb, about) = pictures::thumb(&bytes)?;
    let thumb = if matches!(wish, Wish::Image(_)) { thumb } else { thumb.unsent() };
    Some(Sight { path: path.to_path_buf(), about, thumb: Arc::new(thumb) })
}

/// The first picture of a video, as PNG.
fn first_picture(path: &Path, search: &str) -> Option<Vec<u8>> {
    let mut command = Command::new(on_path("ffmpeg", search.as_ref())?);
    // the file came from a server: nothing but the file is opened, and its time is limited
    command.args(["-v", "quiet", "-nostdin", "-protocol_whitelist", "file,pipe", "-t", "1", "-f", "mp4", "-i"]).arg(path);
    command.args(["-frames:v", "1", "-vf", "scale='min(640,iw)':-2", "-f", "image2pipe", "-c:v", "png", "-"]);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let (sender, receiver) = mpsc::channel();
    let output = child.stdout.take()?;
    tasks::thread(move || {
        let mut bytes = vec![];
        let _ = output.take(LARGEST_PICTURE).read_to_end(&mut bytes);
        // whoever waited may have given up
        let _ = sender.send(bytes);
    });
    let bytes = receiver.recv_timeout(DECODING);
    // it has ended, or takes too long
    let _ = child.kill();
    let _ = child.wait();
    bytes.ok().filter(|bytes| !bytes.is_empty())
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
    let is_known = job.remote.is_some();
    web::download(link, services, LARGEST, is_local, file).await.map_err(|missing| match missing {
        Missing::Gone(why) => {
            let help =
                if is_known { "try again; the service is asked for another link" } else { "try again; it is made anew, and charged" };
            Trouble::new("link_expired", format!("The link to the {} has expired", job.wish.noun())).help(help).raw(why)
        }
        Missing::Disk(error) => unwritten(&folder, &error),
        Missing::Because(why) => {
            Trouble::new("unreachable", format!("The {} is done and could not be fetched: {}", job.wish.noun(), why.trim_end_matches('.')))
                .help("try again; it is not made a second time")
        }
    })?;
    blocking(move || settle(path, &folder, &job)).await?
}

/// Where programs are.
fn search(services: &Services) -> String {
    services.environment.get("PATH").unwrap_or_default().to_string()
}

/// The size of a file, where there is one.
pub(super) async fn size(path: &Path) -> Option<u64> {
    let path = path.to_path_buf();
    blocking(move || fs::metadata(path).ok().map(|meta| meta.len())).await.ok()?
}
