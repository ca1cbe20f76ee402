//! The Responses API: a conversation becomes a request, a stream becomes parts (`spec/responses.md`).

pub mod event;
pub mod request;
