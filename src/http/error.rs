//! Why a request did not become an answer, and the sentence for it.

use crate::{
    domain::trouble::Trouble,
    http::{
        refusal::{Asked, Kind, Refusal},
        unreached::Unreached,
    },
};
use std::time::Duration;

/// An answer is not longer than this, thoughts included.
pub const LARGEST_ANSWER: usize = 32 << 20;

/// Why a request did not become an answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection: the request was never sent.
    #[error("no connection: {0}")]
    NotSent(Unreached),
    /// The request was sent, and the connection was lost before any answer: nobody knows what the server did with it.
    #[error("lost after sending: {0}")]
    Lost(String),
    /// Nothing came in time: neither the first byte nor the next one.
    #[error("nothing came for {} s", .0.as_secs())]
    Silent(Duration),
    /// The server answered with another status than a success.
    #[error("status {}", .0.status)]
    Refused(Box<Refusal>),
    /// The service gave up inside a success.
    #[error("gave up: {}", .0.told.message)]
    Failed(Box<Refusal>),
    /// The stream ended before its end.
    #[error("the stream was cut: {0}")]
    Cut(String),
    /// The answer did not end where every answer has ended.
    #[error("the answer is too long")]
    TooLong,
    /// What came was no answer.
    #[error("not an answer: {0}")]
    Invalid(String),
}

impl Error {
    /// Whether the same request may be sent again by itself: it was refused before it began. One that a server may have acted
    /// upon is not.
    pub fn is_passing(&self) -> bool {
        match self {
            Error::NotSent(unreached) => unreached.is_passing(),
            Error::Refused(refusal) => refusal.is_passing(),
            Error::Failed(_) | Error::Lost(_) | Error::Cut(_) | Error::TooLong | Error::Silent(_) | Error::Invalid(_) => false,
        }
    }
    /// What the server asked us to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }
    /// Why we wait, in a few words.
    pub fn reason(&self) -> String {
        match self {
            Error::NotSent(_) => "no connection".into(),
            Error::Refused(refusal) if refusal.status == 429 => "too many requests".into(),
            Error::Refused(refusal) => format!("the server failed ({})", refusal.status),
            Error::Failed(_) => "the server failed".into(),
            Error::Lost(_) | Error::Cut(_) => "the connection broke off".into(),
            Error::Silent(_) | Error::Invalid(_) | Error::TooLong => "no answer".into(),
        }
    }
    /// The sentence for the person.
    pub fn trouble(self, asked: Asked) -> Trouble {
        let who = asked.provider.title;
        match self {
            Error::Lost(cause) => Trouble::new("request_lost", format!("The connection to {who} was lost before it answered"))
                .help("the question may have been taken; /retry asks it again")
                .raw(cause),
            Error::NotSent(unreached) => unreached.trouble(asked),
            Error::Silent(time) => {
                Trouble::new("timed_out", format!("{who} sent nothing for {} s", time.as_secs())).help("/retry asks again")
            }
            Error::Cut(cause) => Trouble::new("stream_cut", "The answer broke off before its end")
                .help("what came is kept; an empty Enter goes on, /retry asks again")
                .raw(cause),
            Error::TooLong => Trouble::new("answer_too_long", format!("The answer was ended at {} MiB", LARGEST_ANSWER >> 20))
                .help("what came is kept; /retry asks again"),
            Error::Invalid(cause) => Trouble::new("stream_invalid", format!("{who} sent something that is not an answer"))
                .help("check the address of the provider, then /retry")
                .raw(cause),
            // what has a sentence of its own keeps it, wherever it was said
            Error::Failed(refusal) if !matches!(refusal.kind(), Kind::Other | Kind::Server | Kind::Nothing | Kind::Plan) => {
                refusal.trouble(asked)
            }
            Error::Failed(refusal) => {
                let by = refusal.told.by.as_ref().map(|by| format!(" (said by {by})")).unwrap_or_default();
                let message = match refusal.told.message.trim_end_matches('.') {
                    "" => "it did not say why".into(),
                    message => super::refusal::lower_first(message),
                };
                Trouble::new("server_error", format!("{who} gave up: {message}{by}"))
                    .help("what came is kept; /retry asks again")
                    .raw(refusal.body)
            }
            Error::Refused(refusal) => refusal.trouble(asked),
        }
    }
}

#[cfg(test)]
mod tests;
