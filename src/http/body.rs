//! The body of an answer that is no stream: read whole, and never further than anybody needs.

use std::time::Duration;

/// Why there is no body.
#[derive(Debug)]
pub enum Error {
    /// It is longer than anything that is meant for us.
    TooLong,
    /// The connection broke off.
    Broken(reqwest::Error),
}

/// The whole body, unpacked, when it is not longer than `largest` bytes.
pub async fn whole(mut answer: reqwest::Response, largest: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![];
    while let Some(chunk) = answer.chunk().await.map_err(Error::Broken)? {
        if bytes.len() + chunk.len() > largest {
            return Err(Error::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The beginning of a body, as much of it as comes while each piece comes within `patience`: what a refusal says is worth having
/// also when its end is missing.
pub async fn beginning(mut answer: reqwest::Response, most: usize, patience: Duration) -> Vec<u8> {
    let mut bytes = vec![];
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(patience, answer.chunk()).await {
        bytes.extend_from_slice(&chunk[..chunk.len().min(most - bytes.len())]);
        if bytes.len() >= most {
            break;
        }
    }
    bytes
}
