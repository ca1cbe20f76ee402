//! `POST /v1/videos/generations`, `/edits` and `/extensions`: each begins a job.

use super::{
    answer::{Refusal, apart},
    asked::Asked,
    checks::{self, marks},
    h264,
    ids::{self, Told},
    inputs::{Inputs, NEWEST, OLDEST},
    made::{File, Job, Outcome, Storage},
    mp4, sources,
    state::{State, now},
};
use axum::{Json, extract};
use serde_json::{Value, json};
use std::sync::Arc;

const MODELS: &[&str] = &[OLDEST, NEWEST, "grok-imagine-video-1.5-lite"];
const SHAPES: &[&str] = &["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9", "5:2"];
const SIZES: &[&str] = &["480p", "720p", "1080p"];
/// Fields that only the making of new films has.
const OF_NEW_ONES: &[&str] = &["aspect_ratio", "resolution", "image", "reference_images"];
/// A film that lies elsewhere is taken to be so long.
const ELSEWHERE: f64 = 8.0;

/// What is to be filmed.
struct Order {
    model: &'static str,
    prompt: String,
    /// Of the whole film.
    seconds: f64,
    /// Of the part that is paid for.
    paid: f64,
    resolution: &'static str,
    sides: (u32, u32),
    /// Why it will fail.
    wrong: Option<&'static str>,
}

/// `POST /v1/videos/generations`
pub async fn generate(extract::State(state): extract::State<Arc<State>>, asked: Asked) -> Result<Json<Value>, Refusal> {
    let model = checks::model(&asked, MODELS, None)?;
    let seconds = asked.whole("duration", 1..=15)?.or(asked.whole("seconds", 1..=15)?).unwrap_or(8);
    let resolution = asked.word("resolution", SIZES)?.unwrap_or("480p");
    let shape = asked.word("aspect_ratio", SHAPES)?;
    asked.flag("generate_audio")?;
    let inputs = Inputs::of(&asked, model, seconds, &state)?;
    let prompt = checks::prompt(&asked, inputs.none())?;
    if resolution == "1080p" && (model == OLDEST || inputs.references || inputs.pinned) {
        return Err(Refusal::argument(format!("Model {model} supports at most 720p here.")));
    }
    let sides = match inputs.sides {
        // the picture decides
        Some((width, height)) => checks::sides(&format!("{width}:{height}"), 256),
        None => checks::sides(shape.unwrap_or("16:9"), 256),
    };
    let seconds = seconds as f64;
    begin(&state, asked, Order { model, prompt, seconds, paid: seconds, resolution, sides, wrong: None }).await
}

/// `POST /v1/videos/edits`
pub async fn edit(extract::State(state): extract::State<Arc<State>>, asked: Asked) -> Result<Json<Value>, Refusal> {
    asked.without(OF_NEW_ONES)?;
    asked.without(&["duration", "seconds"])?;
    let (model, prompt) = (checks::model(&asked, MODELS, Some(OLDEST))?, checks::prompt(&asked, true)?);
    let seconds = source_seconds(&asked, &state)?;
    let wrong = (seconds > 8.7).then_some("video too long");
    let order = Order { model, prompt, seconds, paid: seconds, resolution: "720p", sides: checks::sides("16:9", 256), wrong };
    begin(&state, asked, order).await
}

/// `POST /v1/videos/extensions`
pub async fn extend(extract::State(state): extract::State<Arc<State>>, asked: Asked) -> Result<Json<Value>, Refusal> {
    asked.without(OF_NEW_ONES)?;
    asked.without(&["user"])?;
    let (model, prompt) = (checks::model(&asked, MODELS, Some(OLDEST))?, checks::prompt(&asked, true)?);
    let added = asked.whole("duration", 1..=10)?.unwrap_or(6) as f64;
    let source = source_seconds(&asked, &state)?;
    let wrong = match source {
        ..2.0 => Some("video too short"),
        2.0..=30.0 => None,
        _ => Some("video too long"),
    };
    let order = Order { model, prompt, seconds: source + added, paid: added, resolution: "720p", sides: checks::sides("16:9", 256), wrong };
    begin(&state, asked, order).await
}

fn source_seconds(asked: &Asked, state: &State) -> Result<f64, Refusal> {
    let source = sources::film(asked, state)?;
    Ok(source.bytes.as_deref().and_then(mp4::seconds).unwrap_or(ELSEWHERE))
}

async fn begin(state: &State, asked: Asked, order: Order) -> Result<Json<Value>, Refusal> {
    asked.text("user")?;
    if let Some(output) = asked.get("output")
        && Asked::within(output, "output")?.text("upload_url")?.is_none()
    {
        return Err(Refusal::kind("output: missing field `upload_url`"));
    }
    let storage = Storage::of(&asked)?;
    let file = match outcome(&order) {
        Outcome::Done => Some(File { kind: "video/mp4", bytes: film(&order).await?.into() }),
        _ => None,
    };
    let ticks = (order.paid * price(order.model, order.resolution) * 1e8).round() as u64;
    let id = ids::write(&told(&order));
    let job = Job {
        begun: now(),
        takes: takes(&order.prompt),
        outcome: outcome(&order),
        quiet: order.prompt.contains(marks::QUIET),
        gone: order.prompt.contains(marks::LINK_EXPIRED),
        model: order.model,
        seconds: order.seconds,
        ticks,
        idempotency: asked.idempotency,
        storage,
        file,
        shown: Default::default(),
    };
    Ok(Json(json!({ "request_id": state.begin(id, job) })))
}

/// Seconds that a film takes by a mark in its prompt.
fn takes(prompt: &str) -> Option<f64> {
    let (_, rest) = prompt.split_once(marks::SLOW)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// What the number of a film says.
fn told(order: &Order) -> Told {
    let place = |list: &[&str], word: &str| list.iter().position(|one| *one == word).and_then(|at| u8::try_from(at).ok()).unwrap_or(0);
    let shape = SHAPES.iter().position(|shape| checks::sides(shape, 256) == order.sides).and_then(|at| u8::try_from(at).ok());
    Told {
        at: now() as u32,
        seconds: order.seconds.clamp(1.0, 45.0) as u8,
        places: (place(MODELS, order.model), place(SIZES, order.resolution), shape.unwrap_or(1)),
        quiet: order.prompt.contains(marks::QUIET),
        gone: order.prompt.contains(marks::LINK_EXPIRED),
        end: ids::ENDS.iter().position(|end| std::mem::discriminant(end) == std::mem::discriminant(&outcome(order))).unwrap_or(0) as u8,
        takes: takes(&order.prompt).map(|takes| takes as u8),
        seed: fastrand::u32(..1 << 24),
    }
}

/// A film that a simulator before this one was asked for: it looks different, and is as long.
pub(super) async fn again(told: Told) -> Result<Job, Refusal> {
    let one = |list: &[&'static str], at: u8| list.get(usize::from(at)).copied().unwrap_or(list[0]);
    let (model, resolution, shape) = told.places;
    let (model, resolution, shape) = (one(MODELS, model), one(SIZES, resolution), one(SHAPES, shape));
    let seconds = f64::from(told.seconds);
    let (words, sides) = (format!("{:06x}", told.seed), checks::sides(shape, 256));
    let outcome = ids::ENDS[usize::from(told.end & 3)];
    let film = apart(move || Ok(h264::film(&words, sides, seconds))).await?;
    Ok(Job {
        begun: f64::from(told.at),
        takes: told.takes.map(f64::from),
        outcome,
        quiet: told.quiet,
        gone: told.gone,
        model,
        seconds,
        ticks: (seconds * price(model, resolution) * 1e8).round() as u64,
        idempotency: None,
        storage: None,
        file: (outcome == Outcome::Done).then(|| File { kind: "video/mp4", bytes: film.into() }),
        shown: Default::default(),
    })
}

fn outcome(order: &Order) -> Outcome {
    let marked = |mark: &str| order.prompt.contains(mark);
    match order.wrong {
        Some(message) => Outcome::Failed("invalid_argument", message),
        None if marked(marks::FAILED) => Outcome::Failed("internal_error", "The film could not be made."),
        None if marked(marks::EXPIRED) => Outcome::Expired,
        None if marked(marks::BLOCKED) => Outcome::Blocked,
        None => Outcome::Done,
    }
}

async fn film(order: &Order) -> Result<Vec<u8>, Refusal> {
    let (words, sides, seconds) = (order.prompt.clone(), order.sides, order.seconds);
    apart(move || Ok(h264::film(&words, sides, seconds))).await
}

/// Cents for a second.
fn price(model: &str, resolution: &str) -> f64 {
    match (model, resolution) {
        (OLDEST, "480p") => 5.0,
        (OLDEST, _) => 7.0,
        (NEWEST, "480p") => 8.0,
        (NEWEST, "720p") => 14.0,
        (NEWEST, _) => 25.0,
        (_, "480p") => 2.0,
        (_, "720p") => 3.0,
        _ => 5.0,
    }
}
