//! `GET /v1/videos/{request_id}`

use super::{
    answer::{self, Refusal},
    asked,
    checks::link,
    ids,
    made::{Job, Outcome},
    state::State,
    videos,
};
use axum::{
    Json,
    extract::{self, Path},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /v1/videos/{request_id}`
pub async fn look(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let job = match (state.job(&id), ids::read(&id)) {
        (Some(job), _) => job,
        // of a simulator before this one
        (None, Some(told)) => state.remember(id, videos::again(told).await?),
        (None, None) => return Err(Refusal::unknown(format!("Video not found: {id}"))),
    };
    let age = super::state::now() - job.begun;
    let takes = job.takes.unwrap_or(state.seconds_per_video);
    if age > state.seconds_kept {
        return Ok(expired());
    }
    if age < takes {
        return Ok(pending(&job, (age / takes * 100.0) as u64));
    }
    Ok(match job.outcome {
        Outcome::Expired => expired(),
        Outcome::Failed(code, message) => {
            Json(json!({ "status": "failed", "progress": 0, "error": { "code": code, "message": message } })).into_response()
        }
        Outcome::Blocked => done(&job, &json!({ "url": "", "duration": length(job.seconds), "respect_moderation": false })),
        Outcome::Done => done(&job, job.shown.get_or_init(|| video(&job, &state, &asked::base(&headers)))),
    })
}

fn pending(job: &Job, progress: u64) -> Response {
    match job.quiet {
        true => StatusCode::ACCEPTED.into_response(),
        false => (StatusCode::ACCEPTED, Json(json!({ "status": "pending", "progress": progress.min(99) }))).into_response(),
    }
}

fn expired() -> Response {
    Json(json!({ "status": "expired" })).into_response()
}

fn done(job: &Job, video: &Value) -> Response {
    let usage = json!({ "cost_in_usd_ticks": job.ticks });
    Json(json!({ "status": "done", "progress": 100, "model": job.model, "video": video, "usage": usage })).into_response()
}

fn video(job: &Job, state: &State, base: &str) -> Value {
    let id = format!("{}.mp4", answer::id());
    let mut video = json!({ "url": link(base, &id), "duration": length(job.seconds), "respect_moderation": true });
    let Some(file) = &job.file else { return video };
    if let Some(storage) = &job.storage {
        video["file_output"] = storage.keep(state, base, file.clone());
    }
    if !job.gone {
        state.keep(id, file.clone());
    }
    video
}

/// Whole seconds are written as whole numbers.
fn length(seconds: f64) -> Value {
    if seconds.fract() == 0.0 { json!(seconds as u64) } else { json!(seconds) }
}
