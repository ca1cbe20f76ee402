//! What is sent for each kind of media, and what is read from the answer (`docs/media.md`, `docs/xai.md` 7 to 9).

pub mod hearing;
pub mod image;
pub mod speech;
pub mod video;
