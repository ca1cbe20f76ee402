//! Requests and what comes of them: clients and proxies, bodies and server-sent events, the judge of answers, refusals and their
//! sentences, waiting between attempts, and which token may go where.

pub mod body;
pub mod client;
pub mod error;
pub mod hosts;
pub mod judge;
pub mod page;
pub mod proxies;
pub mod redact;
pub mod refusal;
pub mod retry;
pub mod sse;
pub mod stream;
pub mod think;
pub mod told;
pub mod unreached;
