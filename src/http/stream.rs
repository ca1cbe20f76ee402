//! One request to a model and its stream of events. Says what came as it came; tries nothing twice: whoever calls decides
//! that. Knows no protocol: what an event means is told by whoever asks.

use crate::{
    domain::{
        conversation::{Ending, Usage},
        secret::Secret,
        turn::{Part, merge},
    },
    http::{
        body,
        error::{Error, Refusal},
        redact::redact,
        retry,
        sse::SseParser,
    },
};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// One event is not longer than this.
const LARGEST_EVENT: usize = 64 << 20;
/// The body of a refusal is not read further than this.
const LARGEST_REFUSAL: usize = 64 << 10;

/// What an event means for the turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Something for the conversation.
    Part(Part),
    /// The end of a good answer, or of one that reached its limit.
    End {
        /// Which of the two.
        ending: Ending,
        /// What it cost.
        usage: Usage,
    },
    /// The service gave up: code and message.
    Failed {
        /// As the service calls it.
        code: String,
        /// As the service words it.
        message: String,
    },
    /// Nothing to do.
    Nothing,
    /// Not JSON, or not an object.
    Damaged,
}

/// Reads the events of one stream.
pub trait Reader {
    /// Tells what the data of one event mean, in order.
    fn read(&mut self, data: &[u8], tell: &mut dyn FnMut(Event));
    /// The connection ended: tells the end of the answer where the protocol leaves it unsaid.
    fn closed(&mut self, tell: &mut dyn FnMut(Event)) {
        let _ = tell;
    }
}

/// A request: where below the address, what, and with which headers beside the usual ones.
pub struct Question<'a> {
    /// `responses`
    pub path: &'a str,
    /// The JSON body.
    pub body: &'a Value,
    /// More headers.
    pub headers: &'a [(&'static str, &'a str)],
}

/// Where to ask, and how long to wait.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The client for the address.
    pub client: reqwest::Client,
    /// The base address; `/responses` is appended.
    pub address: Url,
    /// The key, for this address only.
    pub key: Option<Secret>,
    /// How long to wait for the first byte.
    pub first_byte: Duration,
    /// How long to wait for each next one.
    pub stall: Duration,
}

impl Endpoint {
    /// Sends the request and reads the stream to its end; `arrived` is given what each chunk from the network held.
    /// Dropping the future closes the connection.
    pub async fn ask(
        &self,
        question: &Question<'_>,
        reader: &mut impl Reader,
        mut arrived: impl FnMut(Vec<Part>),
    ) -> Result<(Ending, Usage), Error> {
        let mut response = timeout(self.first_byte, self.send(question)).await.map_err(|_| Error::Silent(self.first_byte))??;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(Error::Refused(self.refusal(status, response).await));
        }
        let is_stream = content_type(&response).is_none_or(|kind| kind.contains("event-stream"));
        if !is_stream {
            return Err(Error::Invalid(format!("content type {}", content_type(&response).unwrap_or_default())));
        }
        let mut parser = SseParser::new(LARGEST_EVENT);
        let mut turn = Reading::default();
        loop {
            let chunk = timeout(self.stall, response.chunk()).await.map_err(|_| Error::Silent(self.stall))?;
            let chunk = chunk.map_err(|e| Error::Cut(chain(&e)))?;
            let Some(bytes) = &chunk else {
                parser.finish(&mut |data| reader.read(data, &mut |event| turn.take(event)));
                reader.closed(&mut |event| turn.take(event));
                return turn.finish(&mut arrived).unwrap_or_else(|| Err(Error::Cut("the stream ended without an end".into())));
            };
            let pushed = parser.push(bytes, &mut |data| reader.read(data, &mut |event| turn.take(event)));
            if let Some(result) = turn.finish(&mut arrived) {
                return result;
            }
            pushed.map_err(|_| Error::Invalid(format!("one event is larger than {} MiB", LARGEST_EVENT >> 20)))?;
        }
    }

    async fn send(&self, question: &Question<'_>) -> Result<reqwest::Response, Error> {
        let address = format!("{}/{}", self.address.as_str().trim_end_matches('/'), question.path);
        let mut request = self.client.post(address).header("accept", "text/event-stream").json(question.body);
        for (name, value) in question.headers {
            request = request.header(*name, *value);
        }
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.reveal());
        }
        // a request that found no connection has never been sent; any other failure may have come after the server had it
        request.send().await.map_err(|e| if e.is_connect() { Error::NotSent(chain(&e)) } else { Error::Lost(chain(&e)) })
    }

    async fn refusal(&self, status: u16, response: reqwest::Response) -> Refusal {
        let header = response.headers().get("retry-after").and_then(|v| v.to_str().ok());
        let wait = retry::retry_after(header);
        let body = body::beginning(response, LARGEST_REFUSAL, self.stall.min(Duration::from_secs(10))).await;
        let secret = self.key.as_ref().map(Secret::reveal).unwrap_or_default();
        Refusal::read(status, wait, &redact(&String::from_utf8_lossy(&body), &[secret]))
    }
}

fn content_type(response: &reqwest::Response) -> Option<&str> {
    response.headers().get("content-type")?.to_str().ok()
}

/// The cause of an error in full: the outer text alone says little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// What one stream has brought so far.
#[derive(Default)]
struct Reading {
    parts: Vec<Part>,
    result: Option<Result<(Ending, Usage), Error>>,
    damaged: usize,
    useful: bool,
}

impl Reading {
    fn take(&mut self, event: Event) {
        if self.result.is_some() {
            return;
        }
        match event {
            Event::Part(part) => {
                self.useful = true;
                merge(&mut self.parts, part);
            }
            Event::End { ending, usage } => {
                // an end after nothing but damage is no answer
                self.result = Some(match self.damaged {
                    n if n > 0 && !self.useful => Err(Error::Invalid(format!("{n} damaged events"))),
                    _ => Ok((ending, usage)),
                });
            }
            Event::Failed { code, message } => self.result = Some(Err(Error::Failed { code, message })),
            Event::Damaged => self.damaged += 1,
            Event::Nothing => {}
        }
    }
    /// Hands on what came, and says how the stream ended, when it did.
    fn finish(&mut self, arrived: &mut impl FnMut(Vec<Part>)) -> Option<Result<(Ending, Usage), Error>> {
        if !self.parts.is_empty() {
            arrived(std::mem::take(&mut self.parts));
        }
        self.result.take()
    }
}
