//! Chat Completions, as the many compatible servers speak it: a conversation becomes a request, a stream becomes parts.

pub mod event;
pub mod request;
