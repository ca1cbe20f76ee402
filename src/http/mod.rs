//! The client, server-sent events, waiting between attempts, and which token may go where.

pub mod body;
pub mod client;
pub mod error;
pub mod hosts;
pub mod redact;
pub mod retry;
pub mod sse;
pub mod stream;
