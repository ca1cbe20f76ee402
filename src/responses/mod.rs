//! The Responses API: a conversation becomes a request, a stream becomes parts (`docs/wire.md`).

pub mod event;
pub mod request;
