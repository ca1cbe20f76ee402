//! From one state of a job to the next, until it is over. What is learned is on the disk before the next step begins.

use super::{
    desk::Desk,
    files,
    make::{
        hearing,
        image::{self, Came},
        speech,
        video::{self, Stands},
    },
    wrong::{neutral, trouble, unknown},
};
use crate::{
    domain::{
        catalog::Provider,
        job::{Job, JobId, State, Wish},
        trouble::{Exit, Trouble},
    },
    http::stream::Content,
    providers::{self, XAI_OAUTH},
    services::{now, tasks::blocking},
    storage::jobs::{Claim, JobStore},
    tools::xai::{By, Cause, Failed, Request, Source, Xai},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// A job that was ordered so many seconds ago is not a new one.
const FRESH: u64 = 5;
/// Questions how far it is before it is given up, however old it is.
const LEAST: u32 = 3;
/// Questions in a row how far it is that may fail.
const MOST_FAILURES: u32 = 12;

/// Works on a job until it is over. The claim is held as long as anything of it may still be written.
pub(super) async fn drive(mut job: Job, claim: Arc<Claim>, desk: Arc<Desk>) {
    let mut asked_again = false;
    while !job.is_over() {
        let step = match job.state {
            State::Waiting => send(&mut job, &claim, &desk).await,
            // its program ended in the middle of it
            State::Sent => Err(unknown(&job.wish)),
            State::Making { .. } => watch(&mut job, &desk).await,
            State::Fetching => fetch(&mut job, &desk).await,
            State::Done | State::Failed(_) | State::Unknown | State::Cancelled => Ok(()),
        };
        match step {
            Ok(()) => {}
            // a link that is of no use: one more question gives another
            Err(trouble) if job.state == State::Fetching && job.remote.is_some() && trouble.code != "file_unwritable" && !asked_again => {
                tracing::info!(job = job.id.0, cause = trouble.raw, "{}", trouble.message);
                asked_again = true;
                (job.links, job.state) = (vec![], State::Making { progress: None });
            }
            Err(trouble) => fail(&mut job, trouble),
        }
        if let Err(trouble) = desk.note(&mut job).await {
            tracing::warn!(job = job.id.0, "how it stands could not be written down: {}", trouble.message);
        }
    }
    let (store, id) = (desk.store.clone(), job.id);
    // while it is held: the next one makes another. One that stays does no harm
    let _ = blocking(move || {
        store.unlock(&id);
        drop(claim);
    })
    .await;
}

fn fail(job: &mut Job, trouble: Trouble) {
    tracing::warn!(job = job.id.0, code = trouble.code, cause = trouble.raw, "{}", trouble.message);
    // another question may give a link that lives
    if trouble.code == "link_expired" && job.remote.is_some() {
        job.links.clear();
    }
    job.state = if trouble.code == "media_unknown" { State::Unknown } else { State::Failed(trouble) };
}

/// Sends what is wished for. From the moment in which it is on its way it is not cut off: what the service answers is paid for.
async fn send(job: &mut Job, claim: &Arc<Claim>, desk: &Arc<Desk>) -> Result<(), Trouble> {
    // before the files are read: those of jobs that wait are not in the memory
    let Ok(_permit) = desk.permits.acquire().await else { return Ok(()) };
    let parcel = pack(job, desk).await?;
    job.state = State::Sent;
    // what could not be remembered is not sent
    desk.note(job).await?;
    if job.state != State::Sent {
        return Ok(());
    }
    let (mut sent, claim, office) = (job.clone(), claim.clone(), desk.clone());
    let whole = desk.services.kept.run(async move {
        if let Err(trouble) = post(&mut sent, parcel, &office).await {
            fail(&mut sent, trouble);
        }
        if let Err(trouble) = office.note(&mut sent).await {
            tracing::warn!(job = sent.id.0, "the answer could not be written down: {}", trouble.message);
        }
        drop(claim);
        sent
    });
    // nobody knows how far it came when it broke down
    *job = whole.await.map_err(|trouble| unknown(&job.wish).raw(trouble.message))?;
    Ok(())
}

/// What is sent.
enum Parcel {
    Json(&'static str, Value),
    Parts(Vec<Value>),
    Form(String, Vec<u8>),
}

/// Everything that has to be read before something is sent.
async fn pack(job: &Job, desk: &Desk) -> Result<Parcel, Trouble> {
    let config = desk.services.settings.current();
    Ok(match &job.wish {
        Wish::Image(wish) => {
            let mut sources = vec![];
            for source in &wish.sources {
                sources.push(desk.source(source).await?);
            }
            let (path, body) = image::order(wish, &sources);
            Parcel::Json(path, body)
        }
        Wish::Video(wish) => {
            let first = match &wish.first {
                Some(first) => Some(desk.source(first).await?),
                None => None,
            };
            let mut references = vec![];
            for reference in &wish.references {
                references.push(desk.source(reference).await?);
            }
            Parcel::Json("videos/generations", video::order(wish, first.as_deref(), &references))
        }
        Wish::Speech(wish) => {
            let media = &config.tools.media;
            Parcel::Parts(speech::parts(&wish.text, media.longest_speech).iter().map(|part| speech::order(part, wish, media)).collect())
        }
        Wish::Transcript(wish) => {
            let path = wish.path.to_string_lossy();
            let unusable = |why: String| {
                Trouble::new("attachment_unusable", format!("`{path}` can't be heard: {why}")).help("name a sound file that can be read")
            };
            let file = desk.file(&path, hearing::LARGEST).await.map_err(unusable)?;
            let (kind, bytes) = hearing::form(wish, config.tools.media.hearing.0, &file);
            Parcel::Form(kind, bytes)
        }
    })
}

/// Sends it, and takes in what is answered.
async fn post(job: &mut Job, parcel: Parcel, desk: &Desk) -> Result<(), Trouble> {
    let services = &desk.services;
    let provider = provider(job);
    let wish = job.wish.clone();
    let wrong = |failed: Failed| trouble(failed, &wish);
    let xai = Xai { services, by: By::Any(provider, wish.toolset()) };
    let model = wish.model().unwrap_or(wish.noun()).to_string();
    let patience = match &wish {
        Wish::Image(_) => image::PATIENCE,
        Wish::Video(_) => video::PATIENCE,
        Wish::Speech(_) => speech::PATIENCE,
        Wish::Transcript(_) => hearing::PATIENCE,
    };
    match parcel {
        Parcel::Json(path, body) => {
            // it names the job at the service, whatever becomes of the answer
            let headers = [("x-idempotency-key", job.key.as_str())];
            let request = Request { headers: &headers, ..Request::new(path, Content::Json(&body), &model, patience) };
            let (answer, source) = xai.ask(&request).await.map_err(wrong)?;
            by(job, &source);
            match &wish {
                Wish::Video(_) => {
                    let id = answer.get("request_id").and_then(Value::as_str).filter(|id| is_plain(id));
                    job.remote = Some(id.ok_or_else(|| unknown(&wish).raw(answer.to_string()))?.to_string());
                    job.state = State::Making { progress: None };
                }
                _ => take_pictures(job, &answer, desk).await?,
            }
        }
        Parcel::Parts(parts) => {
            let (mut sounds, one) = (vec![], parts.len() == 1);
            for (number, body) in parts.into_iter().enumerate() {
                let (store, id, order) = (desk.store.clone(), job.id.clone(), body.to_string());
                if let Some(sound) = blocking(move || store.part(&id, number, &order)).await? {
                    sounds.push(sound);
                    continue;
                }
                let (sound, source) = xai.bytes(&Request::new("tts", Content::Json(&body), &model, patience)).await.map_err(&wrong)?;
                by(job, &source);
                let (store, id) = (desk.store.clone(), job.id.clone());
                sounds.push(match one {
                    true => sound,
                    false => blocking(move || keep_part(&store, &id, number, &body, sound)).await?,
                });
            }
            let (sound, _) = blocking(move || speech::joined(sounds)).await??;
            job.product.files.push(files::keep(sound, job, services).await?);
            let (store, id) = (desk.store.clone(), job.id.clone());
            blocking(move || store.drop_parts(&id)).await?;
            job.state = State::Done;
        }
        Parcel::Form(kind, bytes) => {
            let (answer, source) = xai.ask(&Request::new("stt", Content::Form(&kind, &bytes), &model, patience)).await.map_err(wrong)?;
            by(job, &source);
            let (text, details) = hearing::read(&answer)?;
            (job.product.text, job.product.details, job.state) = (Some(text), details, State::Done);
        }
    }
    Ok(())
}

/// A part of a speech is there: when a later one fails it is not made again. One that can't be kept is no worse than before.
fn keep_part(store: &JobStore, id: &JobId, number: usize, order: &Value, sound: Vec<u8>) -> Vec<u8> {
    let _ = store
        .keep_part(id, number, &order.to_string(), &sound)
        .inspect_err(|error| tracing::warn!(job = id.0, "a part could not be kept: {error}"));
    sound
}

/// A number of the service's becomes a part of an address.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.len() <= 200 && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) && !id.starts_with('.')
}

fn by(job: &mut Job, source: &Source) {
    (job.provider, job.account, job.local) = (source.provider.id.into(), source.account.clone(), source.is_local);
}

async fn take_pictures(job: &mut Job, answer: &Value, desk: &Desk) -> Result<(), Trouble> {
    for came in image::read(answer)? {
        match came {
            Came::Link(link) => job.links.push(link),
            Came::Bytes(encoded) => {
                let bytes = blocking(move || STANDARD.decode(encoded.trim())).await?;
                let bytes = bytes.map_err(|_| Trouble::new("media_unusable", "The service sent a picture that can't be read"))?;
                let path = files::keep(bytes, job, &desk.services).await?;
                files::see(&path, job, &desk.services).await;
                job.product.files.push(path);
            }
        }
    }
    if let Some(usage) = answer.get("usage") {
        job.product.details.insert("usage".into(), usage.clone());
    }
    job.state = if job.links.is_empty() { State::Done } else { State::Fetching };
    Ok(())
}

fn provider(job: &Job) -> &'static Provider {
    providers::named(&job.provider).unwrap_or(XAI_OAUTH)
}

/// Asks how far it is until it is done. One question that gets no answer is not the end of it.
async fn watch(job: &mut Job, desk: &Desk) -> Result<(), Trouble> {
    let Some(id) = job.remote.clone() else { return Err(unknown(&job.wish)) };
    let path = format!("videos/{id}");
    let account = job.account.clone();
    let xai = Xai { services: &desk.services, by: By::Same(provider(job), &account) };
    let model = job.wish.model().unwrap_or_default().to_string();
    let (mut failures, mut asked) = (0, 0);
    loop {
        let taken = job.seconds(now());
        // one that was left for a while may be there at once; nobody gives up before it was asked for
        match video::pause(taken) {
            _ if asked == 0 && taken >= FRESH => {}
            Some(pause) => sleep(pause).await,
            None if asked < LEAST => sleep(Duration::from_secs(5)).await,
            None => {
                return Err(Trouble::new("timed_out", format!("The service is not done with it after {} minutes", taken / 60))
                    .help("try again later; it is asked for and not made anew"));
            }
        }
        asked += 1;
        let stands = match xai.bytes(&Request::new(&path, Content::Nothing, &model, video::PATIENCE)).await {
            Ok((bytes, _)) => video::read(&bytes),
            Err(Failed { cause: Cause::Nowhere(_), .. }) => Stands::Failed {
                trouble: Trouble::new("media_failed", "The service knows nothing of the video any more").help("try again; it is made anew"),
                status: "expired",
            },
            Err(failed) if failures < MOST_FAILURES && failed.trouble.exit != Exit::SignIn => {
                failures += 1;
                continue;
            }
            Err(failed) => return Err(neutral(failed.trouble)),
        };
        failures = 0;
        match stands {
            Stands::Making(progress) => {
                let now = State::Making { progress };
                if job.state != now {
                    job.state = now;
                    // how far it is need not survive
                    desk.show(job.clone());
                }
            }
            Stands::Done { link, details } => {
                job.product.details = details.as_object().cloned().unwrap_or_else(Map::new);
                job.product.details.insert("url".into(), link.as_str().into());
                job.links = vec![link];
                job.state = State::Fetching;
                return Ok(());
            }
            Stands::Failed { trouble, status } => {
                job.product.details.insert("status".into(), status.into());
                return Err(trouble);
            }
        }
    }
}

/// Fetches what is behind the links; those that are fetched are no longer among them.
async fn fetch(job: &mut Job, desk: &Desk) -> Result<(), Trouble> {
    while let Some(link) = job.links.first().cloned() {
        let path = files::fetch(&link, job.local, job, &desk.services).await?;
        job.product.files.push(path.clone());
        job.links.remove(0);
        // it is there: nobody fetches it again, whatever happens while it is looked at
        desk.note(job).await?;
        files::see(&path, job, &desk.services).await;
        if job.state != State::Fetching {
            return Ok(());
        }
    }
    // without its links nothing is fetched a second time
    job.state = State::Done;
    Ok(())
}
