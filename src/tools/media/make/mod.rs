//! What is sent for each kind of media, and what is read from the answer (`docs/media.md`, `docs/xai.md` 7 to 9).

pub(super) mod hearing;
pub(super) mod image;
pub(super) mod speech;
pub(super) mod video;
