//! The media part of the simulator: pictures, films, speech and transcription (`xai-api.md` 7 to 9).
//!
//! Nothing is fetched and nothing is read from the disk: whatever comes back is drawn, played or told here. Words in a prompt order the
//! ends that are hard to come by otherwise: `forbidden`, and the [`marks`].

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use std::sync::Arc;

mod answer;
mod asked;
mod checks;
mod sources;
mod made;
mod state;
mod ids;
mod images;
mod paint;
mod videos;
mod inputs;
mod jobs;
mod h264;
mod mp4;
mod speech;
mod sound;
mod mp3;
mod transcripts;
mod form;
mod probe;
#[cfg(test)]
mod tests;

pub use asked::Marks;
pub use checks::marks;
pub use state::{FILES, State};

/// Bodies of JSON are not larger than this: pictures travel in them.
const LARGEST: usize = 64 << 20;

/// All paths of this part. To give it a place beside others: `routes().with_state(state)` can be merged into any router.
pub fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/v1/images/generations", post(images::generate))
        .route("/v1/images/edits", post(images::edit))
        .route("/v1/videos/generations", post(videos::generate))
        .route("/v1/videos/edits", post(videos::edit))
        .route("/v1/videos/extensions", post(videos::extend))
        .route("/v1/videos/{id}", get(jobs::look))
        .route("/v1/tts", post(speech::speak))
        .route("/v1/audio/speech", post(speech::speak_as_others))
        .route("/v1/tts/voices", get(speech::voices))
        .layer(DefaultBodyLimit::max(LARGEST))
        // the form counts its own bytes, because how many it takes is a setting
        .route("/v1/stt", post(transcripts::transcribe).layer(DefaultBodyLimit::disable()))
        .route_layer(middleware::from_fn(answer::bearer))
        .route("/v1/sandbox/files/{id}", get(state::download))
}
