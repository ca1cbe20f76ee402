//! One request to a model and its answer, a stream of events or a body that came whole: the body decides, not its label. Says what
//! came as it came; tries nothing twice: whoever calls decides that. Knows no protocol: what an event means is told by whoever asks.

use crate::{
    domain::{
        conversation::{Ending, Usage},
        secret::Secret,
        turn::Part,
    },
    http::{
        body,
        client::{Client, Failure},
        error::{Error, LARGEST_ANSWER},
        hosts,
        judge::{Event, Judge, Reader},
        redact::redact,
        refusal::Refusal,
        retry,
        sse::SseParser,
        told::{self, Told},
        unreached::chain,
    },
};
use reqwest::Response;
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;

/// One event is not longer than this.
const LARGEST_EVENT: usize = 64 << 20;
/// The body of a refusal is not read further than this.
const LARGEST_REFUSAL: usize = 64 << 10;
/// Larger bodies are not looked at before their connection ends: each look reads all of it.
const LOOKED_AT: usize = 1 << 20;
/// A body that is whole by the look of it is waited for so long, in case it goes on.
const WHOLE: Duration = Duration::from_millis(500);

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
    pub client: Client,
    /// The base address; `/responses` is appended to its path.
    pub address: Url,
    /// The key, for this address only.
    pub key: Option<Secret>,
    /// Headers that the person wants.
    pub headers: Vec<(String, Secret)>,
    /// How long to wait for the first byte.
    pub first_byte: Duration,
    /// How long to wait for each next one.
    pub stall: Duration,
}

/// What goes with a request that is answered at once.
pub enum Content<'a> {
    /// Nothing: it asks how something stands.
    Nothing,
    /// JSON.
    Json(&'a Value),
    /// A form: its content type, and its bytes.
    Form(&'a str, &'a [u8]),
}

/// Files that are answered are not larger.
const LARGEST_FILE: usize = 128 << 20;

/// What a body turns out to be.
enum Look {
    /// Server-sent events.
    Stream,
    /// JSON: one value, or one a line.
    Json,
    /// A page.
    Page,
    /// Words of somebody else.
    Words,
}

impl Endpoint {
    /// Sends the request and reads the answer to its end; `arrived` is given what each chunk from the network held.
    /// Dropping the future closes the connection.
    pub async fn ask(
        &self,
        question: &Question<'_>,
        reader: &mut impl Reader,
        mut arrived: impl FnMut(Vec<Part>),
    ) -> Result<(Ending, Usage), Error> {
        let mut response = timeout(self.first_byte, self.question(question)).await.map_err(|_| Error::Silent(self.first_byte))??;
        let status = response.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(Error::Refused(self.refusal(response).await.into()));
        }
        let mut beginning = vec![];
        let look = loop {
            if let Some(look) = look(&beginning, content_type(&response)) {
                break look;
            }
            // blanks without end are no answer
            if beginning.len() > LARGEST_REFUSAL {
                break Look::Words;
            }
            match self.chunk(&mut response).await? {
                Some(bytes) => beginning.extend_from_slice(&bytes),
                None => break Look::Words,
            }
        };
        match look {
            Look::Stream => self.stream(response, &beginning, reader, &mut arrived).await,
            Look::Json => self.whole(response, beginning, reader, &mut arrived).await,
            Look::Page | Look::Words => {
                let rest = body::beginning(response, LARGEST_REFUSAL, self.patience_for_words()).await;
                beginning.extend_from_slice(&rest);
                let words = self.clean(&beginning);
                match words.trim() {
                    "" => Err(Error::Refused(Refusal::read(status, None, "").into())),
                    text if text.starts_with('<') => Err(Error::Refused(Refusal::read(200, None, text).into())),
                    text => Err(Error::Invalid(text.chars().take(300).collect())),
                }
            }
        }
    }

    /// Sends a request that is answered at once, and reads all of the answer within `patience`.
    pub async fn whole_answer(
        &self,
        path: &str,
        content: &Content<'_>,
        headers: &[(&'static str, &str)],
        patience: Duration,
    ) -> Result<Vec<u8>, Error> {
        let answer = async {
            let address = hosts::below(&self.address, path);
            let mut request = match content {
                Content::Nothing => self.client.get(address),
                Content::Json(value) => self.client.post(address).json(value),
                Content::Form(kind, bytes) => self.client.post(address).header("content-type", *kind).body(bytes.to_vec()),
            };
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let response = self.send(request).await?;
            if !response.status().is_success() {
                return Err(Error::Refused(self.refusal(response).await.into()));
            }
            body::whole(response, LARGEST_FILE).await.map_err(|error| match error {
                body::Error::TooLong => Error::TooLong,
                body::Error::Broken(error) => Error::Cut(chain(&error.without_url())),
            })
        };
        timeout(patience, answer).await.map_err(|_| Error::Silent(patience))?
    }

    /// What such an answer holds.
    pub fn parsed(&self, bytes: &[u8]) -> Result<Value, Error> {
        serde_json::from_slice(bytes).map_err(|_| Error::Invalid(self.quoted(bytes)))
    }

    /// Reads events until one is the last, or until nothing more is to come.
    async fn stream(
        &self,
        mut response: Response,
        beginning: &[u8],
        reader: &mut impl Reader,
        arrived: &mut impl FnMut(Vec<Part>),
    ) -> Result<(Ending, Usage), Error> {
        let mut parser = SseParser::new(LARGEST_EVENT);
        let mut judge = Judge::default();
        let too_large = |_| Error::Invalid(format!("one event is larger than {} MiB", LARGEST_EVENT >> 20));
        let pushed = parser.push(beginning, &mut |data| reader.read(data, &mut |event| judge.take(event)));
        if let Some(result) = judge.finish(arrived) {
            return result;
        }
        pushed.map_err(too_large)?;
        let mut over: Option<Instant> = None;
        loop {
            // after the end of the words only figures are to come: a connection that stays open does not keep anybody
            let ended = reader.afterwards().map(|patience| *over.get_or_insert_with(Instant::now) + patience);
            let patience = ended.map_or(self.stall, |ended| ended.saturating_duration_since(Instant::now()));
            let chunk = match timeout(patience, response.chunk()).await {
                Err(_) if ended.is_some() => None,
                Err(_) => {
                    judge.cut(String::new(), arrived);
                    return Err(Error::Silent(self.stall));
                }
                Ok(Err(_)) if ended.is_some() => None,
                Ok(Err(error)) => return Err(judge.cut(chain(&error.without_url()), arrived)),
                Ok(Ok(chunk)) => chunk,
            };
            let Some(bytes) = &chunk else {
                parser.finish(&mut |data| reader.read(data, &mut |event| judge.take(event)));
                reader.closed(&mut |event| judge.take(event));
                return judge.finish(arrived).unwrap_or_else(|| Err(judge.cut("the stream ended without an end".into(), arrived)));
            };
            let pushed = parser.push(bytes, &mut |data| reader.read(data, &mut |event| judge.take(event)));
            if let Some(result) = judge.finish(arrived) {
                return result;
            }
            pushed.map_err(too_large)?;
        }
    }

    /// Reads a body that comes whole.
    async fn whole(
        &self,
        mut response: Response,
        mut body: Vec<u8>,
        reader: &mut impl Reader,
        arrived: &mut impl FnMut(Vec<Part>),
    ) -> Result<(Ending, Usage), Error> {
        let mut judge = Judge::default();
        loop {
            // a server may send all of it and leave the connection open
            let ends = body.len() <= LOOKED_AT && matches!(body.trim_ascii_end().last(), Some(b'}' | b']'));
            let complete = ends && values(&body).is_some();
            match timeout(if complete { WHOLE } else { self.stall }, response.chunk()).await {
                Err(_) if complete => break,
                Err(_) => return Err(Error::Silent(self.stall)),
                Ok(Err(_)) if complete => break,
                Ok(Err(error)) => return Err(judge.cut(chain(&error.without_url()), arrived)),
                Ok(Ok(None)) => break,
                Ok(Ok(Some(_))) if body.len() > LARGEST_ANSWER => return Err(Error::TooLong),
                Ok(Ok(Some(bytes))) => body.extend_from_slice(&bytes),
            }
        }
        let Some(values) = values(&body) else {
            return Err(judge.cut(format!("JSON that ends in the middle: {}", self.quoted(&body)), arrived));
        };
        match values.iter().find(|value| told::is_failure(value)) {
            Some(failure) => judge.take(Event::Failed(Told::read(failure))),
            None => reader.whole(&values, &mut |event| judge.take(event)),
        }
        let unread = Error::Invalid(self.quoted(&body));
        judge.finish(arrived).unwrap_or(Err(unread))
    }

    /// The next piece of an answer that has not begun.
    async fn chunk(&self, response: &mut Response) -> Result<Option<bytes::Bytes>, Error> {
        let chunk = timeout(self.stall, response.chunk()).await.map_err(|_| Error::Silent(self.stall))?;
        chunk.map_err(|error| Error::Cut(chain(&error.without_url())))
    }

    async fn question(&self, question: &Question<'_>) -> Result<Response, Error> {
        let mut request =
            self.client.post(hosts::below(&self.address, question.path)).header("accept", "text/event-stream").json(question.body);
        for (name, value) in question.headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    async fn send(&self, mut request: reqwest::RequestBuilder) -> Result<Response, Error> {
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.reveal());
        }
        if !self.headers.is_empty() {
            request = request.headers(hosts::headers(&self.headers));
        }
        self.client.send(request).await.map_err(|failure| match failure {
            Failure::NotSent(unreached) => Error::NotSent(unreached),
            Failure::Lost(cause) => Error::Lost(cause),
        })
    }

    async fn refusal(&self, response: Response) -> Refusal {
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_string);
        let (status, wait, location) = (response.status().as_u16(), header("retry-after"), header("location"));
        let leads_to = location.and_then(|to| self.address.join(&to).ok()).and_then(|to| to.host_str().map(str::to_string));
        let body = body::beginning(response, LARGEST_REFUSAL, self.patience_for_words()).await;
        let mut refusal = Refusal::read(status, retry::retry_after(wait.as_deref(), chrono::Utc::now()), &self.clean(&body));
        refusal.leads_to = leads_to;
        refusal
    }

    fn patience_for_words(&self) -> Duration {
        self.stall.min(Duration::from_secs(10))
    }
    /// What somebody sent, without what was sent to them: they may quote it.
    fn clean(&self, bytes: &[u8]) -> String {
        let secrets: Vec<&str> = self.key.iter().chain(self.headers.iter().map(|(_, value)| value)).map(Secret::reveal).collect();
        redact(&String::from_utf8_lossy(bytes), &secrets)
    }
    fn quoted(&self, bytes: &[u8]) -> String {
        self.clean(&bytes[..bytes.len().min(1_200)]).trim().chars().take(300).collect()
    }
}

/// What the beginning of a body says it is; nothing when more has to come.
fn look(beginning: &[u8], label: Option<&str>) -> Option<Look> {
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning).trim_ascii_start();
    let is_labelled = label.is_none_or(|label| label.contains("event-stream"));
    let fields: [&[u8]; 5] = [b"data", b"event", b"id", b"retry", b":"];
    match text.first()? {
        b'{' | b'[' => Some(Look::Json),
        b'<' => Some(Look::Page),
        _ if is_labelled || fields.iter().any(|field| text.starts_with(field)) => Some(Look::Stream),
        // the name of a field may be cut
        _ if fields.iter().any(|field| field.starts_with(text)) => None,
        _ => Some(Look::Words),
    }
}

/// The values of a body, one or one a line; nothing where it is cut or no JSON.
fn values(body: &[u8]) -> Option<Vec<Value>> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::Deserializer::from_slice(body).into_iter::<Value>().collect::<Result<Vec<_>, _>>().ok().filter(|values| !values.is_empty())
}

fn content_type(response: &Response) -> Option<&str> {
    response.headers().get("content-type")?.to_str().ok()
}
