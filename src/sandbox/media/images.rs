//! `POST /v1/images/generations` and `/v1/images/edits`.

use super::{
    answer::{self, Refusal, apart},
    asked::Asked,
    checks::{self, link, marks},
    made::{File, Storage},
    paint, sources,
    state::State,
};
use axum::{Json, extract};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;

const MODELS: &[&str] = &["grok-imagine-image", "grok-imagine-image-quality", "grok-imagine-image-pro", NEWEST];
/// The only one that has `quality`.
const NEWEST: &str = "grok-imagine-image-2.0";
const SHAPES: &[&str] = &["1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "9:19.5", "19.5:9", "9:20", "20:9", "1:2", "2:1", "auto"];
/// Pictures that can be edited at once.
const MOST_SOURCES: usize = 3;

/// What is to be drawn.
struct Order {
    base: String,
    prompt: String,
    count: u64,
    sides: (u32, u32),
    as_data: bool,
    storage: Option<Storage>,
    ticks: u64,
}

/// `POST /v1/images/generations`
pub async fn generate(extract::State(state): extract::State<Arc<State>>, asked: Asked) -> Result<Json<Value>, Refusal> {
    let shape = shape(&asked)?.filter(|shape| *shape != "auto").unwrap_or("4:3");
    draw(&state, order(&asked, 0, |longer| checks::sides(shape, longer))?).await
}

/// `POST /v1/images/edits`
pub async fn edit(extract::State(state): extract::State<Arc<State>>, asked: Asked) -> Result<Json<Value>, Refusal> {
    let several = asked.list("images", MOST_SOURCES)?;
    let given = match (asked.get("image"), several) {
        (Some(_), [_, ..]) => return Err(Refusal::argument("Only one of image and images may be given.")),
        (None, []) => return Err(Refusal::kind("Missing field `image`.")),
        (Some(one), []) => std::slice::from_ref(one),
        (None, several) => several,
    };
    if given.len() == 1 {
        // the picture has a shape of its own
        asked.without(&["aspect_ratio"])?;
    }
    let shape = shape(&asked)?.filter(|shape| *shape != "auto");
    let sources = given.iter().map(|value| sources::picture(value, "image", &state)).collect::<Result<Vec<_>, _>>()?;
    let first = sources.first().and_then(|source| source.bytes.as_deref()).and_then(sources::png_sides);
    let own = || first.map_or_else(|| "1:1".to_string(), |(width, height)| format!("{width}:{height}"));
    let shape = shape.map_or_else(own, str::to_string);
    draw(&state, order(&asked, sources.len() as u64, |longer| checks::sides(&shape, longer))?).await
}

/// Unknown words are refused in plain text.
fn shape(asked: &Asked) -> Result<Option<&'static str>, Refusal> {
    asked.word("aspect_ratio", SHAPES).map_err(Refusal::plain)
}

fn order(asked: &Asked, sources: u64, sides: impl Fn(u32) -> (u32, u32)) -> Result<Order, Refusal> {
    let model = checks::model(asked, MODELS, None)?;
    let prompt = checks::prompt(asked, true)?;
    let word = |name, words| asked.word(name, words).map_err(Refusal::plain);
    let large = word("resolution", &["1k", "2k"])? == Some("2k");
    let as_data = word("response_format", &["url", "b64_json"])? == Some("b64_json");
    let quality = word("quality", &["low", "medium"])?;
    if quality.is_some() && model != NEWEST {
        return Err(Refusal::argument(format!("Model {model} does not support parameter quality.")));
    }
    asked.text("user")?;
    let count = asked.whole("n", 1..=10)?.unwrap_or(1);
    let storage = Storage::of(asked)?;
    let ticks = count * price(model, quality == Some("low"), large) + sources * source_price(model);
    // small on purpose: they are made while someone waits
    let sides = sides(if large { 1024 } else { 512 });
    Ok(Order { base: asked.base.clone(), prompt, count, sides, as_data, storage, ticks })
}

/// A ten-thousand-millionth of a dollar is a tick.
fn price(model: &str, low: bool, large: bool) -> u64 {
    let cents = match (model, low, large) {
        (NEWEST, true, false) => 4,
        (NEWEST, false, true) => 8,
        (NEWEST, ..) => 6,
        ("grok-imagine-image", ..) => 2,
        _ => 5,
    };
    cents * 100_000_000
}

fn source_price(model: &str) -> u64 {
    if model == NEWEST { 100_000_000 } else { 20_000_000 }
}

async fn draw(state: &State, order: Order) -> Result<Json<Value>, Refusal> {
    let usage = json!({ "cost_in_usd_ticks": order.ticks });
    if order.prompt.contains(marks::EMPTY) {
        return Ok(Json(json!({ "data": [], "usage": usage })));
    }
    if order.prompt.contains(marks::BLOCKED) {
        let blocked = json!({ "url": "", "mime_type": "image/png", "revised_prompt": "", "respect_moderation": false });
        return Ok(Json(json!({ "data": vec![blocked; order.count as usize], "usage": usage })));
    }
    let (words, count, (width, height)) = (order.prompt.clone(), order.count, order.sides);
    // the first follows from the words alone, the others from their number too
    let name = move |number: u64| if number == 0 { words.clone() } else { format!("{words} #{number}") };
    let made = apart(move || (0..count).map(|number| paint::picture(&name(number), width, height)).collect::<Result<Vec<_>, _>>()).await?;
    let data: Vec<Value> = made.into_iter().map(|bytes| entry(state, &order, bytes.into())).collect();
    Ok(Json(json!({ "data": data, "usage": usage })))
}

fn entry(state: &State, order: &Order, bytes: Bytes) -> Value {
    let file = File { kind: "image/png", bytes };
    let mut entry = json!({ "mime_type": file.kind, "revised_prompt": "", "respect_moderation": true });
    if let Some(storage) = &order.storage {
        entry["file_output"] = storage.keep(state, &order.base, file.clone());
    }
    if order.as_data {
        entry["b64_json"] = STANDARD.encode(&file.bytes).into();
        return entry;
    }
    let id = format!("{}.png", answer::id());
    entry["url"] = link(&order.base, &id).into();
    if !order.prompt.contains(marks::LINK_EXPIRED) {
        state.keep(id, file);
    }
    entry
}
