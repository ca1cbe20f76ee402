//! From an address to a page: each hop is judged before it is asked, and nothing takes longer or more than its limits say.

use super::{
    Limits, Page, address,
    body::{self, Body, Readable},
    clean, names,
};
use crate::{http::client::Clients, services::tasks::blocking};
use reqwest::{Client, Response, StatusCode, header};
use std::{
    error::Error,
    fs::File,
    io::{self, Write},
    sync::Arc,
};
use url::Url;

/// So much of an answer that is an error is looked at, and so many characters of it are told.
const OF_AN_ERROR: (usize, usize) = (64 << 10, 300);

/// So much of a file is written at once.
const PIECE: usize = 1 << 20;

/// Why a file did not come.
#[derive(Debug)]
pub enum Missing {
    /// It is there no more, or not for us: a sentence.
    Gone(String),
    /// The disk does not take it.
    Disk(io::Error),
    /// Another sentence.
    Because(String),
}

/// Fetches pages: names are judged when they are looked up, and redirects are followed by hand.
pub struct Browser {
    http: Client,
    https: Client,
    pub(super) limits: Limits,
}

impl Browser {
    /// One with these limits.
    pub fn new(clients: &Clients, limits: Limits) -> Result<Self, String> {
        let proxies = clients.proxy_hosts();
        let client = |is_https| {
            let judge = || names::Judge { inner: Arc::new(names::System), private: limits.private, proxies: proxies.clone() };
            let client = clients.for_pages(is_https, |builder| builder.dns_resolver(Arc::new(judge())).referer(false));
            client.map_err(|error| format!("No page can be fetched: {error}."))
        };
        Ok(Self { http: client(false)?, https: client(true)?, limits })
    }

    /// Fetches a page. What goes wrong is said in a sentence for a model.
    pub async fn page(&self, address: &str) -> Result<Page, String> {
        self.in_time(address, |url| async move {
            let (answer, url) = self.arrive(url).await?;
            page(answer, url, &self.limits).await
        })
        .await
    }

    /// The bytes behind an address, when there are no more than `most`.
    pub async fn bytes(&self, address: &str, most: usize) -> Result<Vec<u8>, String> {
        self.in_time(address, |url| async move {
            let (mut answer, _) = self.arrive(url).await?;
            let mut bytes = vec![];
            while let Some(chunk) = answer.chunk().await.map_err(|error| broken(&error.without_url()))? {
                bytes.extend_from_slice(&chunk);
                if bytes.len() > most {
                    return Err(format!("It is larger than {}.", body::size(most as u64)));
                }
            }
            Ok(bytes)
        })
        .await
    }

    /// Writes what is behind an address into a file, when that is no more than `most` bytes.
    pub async fn download(&self, address: &str, most: u64, mut file: File) -> Result<(), Missing> {
        let url = address::read(address).map_err(Missing::Because)?;
        let host = clean::line(url.host_str().unwrap_or_default(), 200);
        let work = async {
            let (mut answer, _) = self.last(url).await.map_err(Missing::Because)?;
            let status = answer.status();
            if !status.is_success() {
                let is_gone = matches!(status.as_u16(), 401 | 403 | 404 | 410);
                let why = format!("{host} answered {status}.");
                return Err(if is_gone { Missing::Gone(why) } else { Missing::Because(why) });
            }
            let (mut piece, mut all) = (vec![], 0);
            loop {
                let chunk = answer.chunk().await.map_err(|error| Missing::Because(broken(&error.without_url())))?;
                piece.extend_from_slice(chunk.as_deref().unwrap_or_default());
                all += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
                if all > most {
                    return Err(Missing::Because(format!("It is larger than {}.", body::size(most))));
                }
                // a disk may take its time
                if piece.len() >= PIECE || chunk.is_none() {
                    let full = std::mem::take(&mut piece);
                    let written = blocking(move || file.write_all(&full).map(|()| file)).await;
                    file = written.map_err(|trouble| Missing::Because(format!("{}.", trouble.message)))?.map_err(Missing::Disk)?;
                }
                if chunk.is_none() {
                    return Ok(());
                }
            }
        };
        let limit = self.limits.time;
        tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| Err(Missing::Because(format!("It did not come in time, which is {limit:?}."))))
    }

    async fn in_time<T, F: Future<Output = Result<T, String>>>(&self, address: &str, work: impl FnOnce(Url) -> F) -> Result<T, String> {
        let url = address::read(address)?;
        let host = clean::line(url.host_str().unwrap_or_default(), 200);
        let fetched = tokio::time::timeout(self.limits.time, work(url)).await;
        fetched.unwrap_or_else(|_| Err(format!("{host} did not give the page in time, which is {:?}.", self.limits.time)))
    }

    /// Follows redirects; gives the last answer, which is a success, and where it is.
    async fn arrive(&self, start: Url) -> Result<(Response, Url), String> {
        let (answer, url) = self.last(start).await?;
        let status = answer.status();
        if status.is_success() { Ok((answer, url)) } else { Err(failed(answer, url, status).await) }
    }

    /// Follows redirects; gives the last answer, whatever it is, and where.
    async fn last(&self, start: Url) -> Result<(Response, Url), String> {
        let limits = &self.limits;
        let mut hops = vec![start];
        loop {
            let Some(url) = hops.last().cloned() else { return Err("There is no address.".into()) };
            let client = if url.scheme() == "https" { &self.https } else { &self.http };
            let answer = ask(client, &url, limits).await?;
            match next(&answer, &url)? {
                None => return Ok((answer, url)),
                Some(next) if hops.contains(&next) => {
                    return Err(format!("The page redirects in a circle, back to {}.", clean::line(next.as_str(), 300)));
                }
                Some(_) if hops.len() > limits.hops => {
                    return Err(format!("The page redirects more than {} times.", limits.hops));
                }
                Some(next) => hops.push(next),
            }
        }
    }
}

async fn ask(client: &Client, url: &Url, limits: &Limits) -> Result<Response, String> {
    address::judge(url, limits.private)?;
    if let (false, Some(url::Host::Domain(name))) = (limits.private, url.host()) {
        names::lookup(name).await?;
    }
    let types = "text/html,application/xhtml+xml,text/markdown,text/plain;q=0.9,*/*;q=0.5";
    let request = client.get(url.clone()).header(header::ACCEPT, types);
    request.send().await.map_err(|error| unreached(url, &error))
}

/// Where an answer sends us; nowhere when it is the page.
fn next(answer: &Response, url: &Url) -> Result<Option<Url>, String> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = answer.headers().get(header::LOCATION) else { return Ok(None) };
    let location = String::from_utf8_lossy(location.as_bytes());
    let mut next =
        url.join(&location).map_err(|_| format!("The page redirects to `{}`, which is no address.", clean::line(&location, 200)))?;
    next.set_fragment(None);
    if url.scheme() == "https" && next.scheme() == "http" {
        return Err(format!("The page redirects from https to http, to {}; that is not followed.", clean::line(next.as_str(), 300)));
    }
    Ok(Some(next))
}

async fn page(answer: Response, url: Url, limits: &Limits) -> Result<Page, String> {
    let body = receive(answer, limits.bytes).await?;
    let Readable { title, text, cut } = readable(body, url.clone(), limits.characters).await?;
    Ok(Page { address: url.into(), title, text, cut })
}

/// What a server says instead of the page.
async fn failed(answer: Response, url: Url, status: StatusCode) -> String {
    let (bytes, characters) = OF_AN_ERROR;
    let host = clean::line(url.host_str().unwrap_or_default(), 200);
    let said = match receive(answer, bytes).await {
        Ok(body) => readable(body, url, bytes).await.map(|page| clean::line(&page.text, characters)).unwrap_or_default(),
        Err(_) => String::new(),
    };
    let begin = format!("{host} answered {status}");
    if said.is_empty() { format!("{begin}.") } else { format!("{begin}: {said}") }
}

/// Reads so many bytes; of what is no text, none.
async fn receive(mut answer: Response, most: usize) -> Result<Body, String> {
    let header =
        |name| answer.headers().get(name).map(|value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let content_type = header(header::CONTENT_TYPE).unwrap_or_default();
    let size = header(header::CONTENT_LENGTH).and_then(|size| size.parse().ok()).map(|size| format!(" of {}", body::size(size)));
    let kind = body::kind(&content_type).map_err(|name| format!("That is {name}{}, not a page with text.", size.unwrap_or_default()))?;
    // what was decompressed has lost this header
    if let Some(packed) = header(header::CONTENT_ENCODING).filter(|how| !how.trim().eq_ignore_ascii_case("identity")) {
        return Err(format!("The page is packed as {}, which nobody asked for.", clean::line(&packed, 50)));
    }
    let mut body = Body { bytes: vec![], cut: false, kind, charset: body::charset_of(&content_type) };
    while let Some(chunk) = answer.chunk().await.map_err(|error| format!("The page broke off: {}.", deepest(&error.without_url())))? {
        let room = most.saturating_sub(body.bytes.len());
        body.cut = chunk.len() > room;
        body.bytes.extend(chunk.iter().take(room));
        if body.cut {
            break;
        }
    }
    Ok(body)
}

async fn readable(body: Body, url: Url, most: usize) -> Result<Readable, String> {
    // a page may take a second
    let read = blocking(move || body::read(body, &url, most)).await;
    read.map_err(|_| "The page could not be read.".to_string())?
}

fn broken(error: &reqwest::Error) -> String {
    format!("It broke off: {}.", deepest(error))
}

fn unreached(url: &Url, error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<names::Refused>() {
            return refused.to_string();
        }
        cause = error.source();
    }
    let host = clean::line(url.host_str().unwrap_or_default(), 200);
    format!("{host} can't be reached: {}.", deepest(error))
}

/// The cause of all causes, which says the most.
fn deepest(error: &reqwest::Error) -> String {
    let mut deepest: &dyn Error = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    clean::line(deepest.to_string().trim_end_matches('.'), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(from: &str, status: u16, location: &str) -> Result<Option<String>, String> {
        let answer = axum::http::Response::builder().status(status).header(header::LOCATION, location).body("").unwrap();
        next(&answer.into(), &Url::parse(from).unwrap()).map(|next| next.map(String::from))
    }

    #[test]
    fn a_redirect_may_be_relative_and_never_gives_up_https() {
        for (location, next) in [
            ("../b?c#d", "https://a.example/b?c"),
            ("//b.example", "https://b.example/"),
            ("https://b.example/x", "https://b.example/x"),
            ("", "https://a.example/x/y"),
        ] {
            assert_eq!(leads("https://a.example/x/y", 302, location), Ok(Some(next.to_string())), "{location}");
        }
        assert!(leads("https://a.example/", 301, "http://a.example/").unwrap_err().contains("from https to http"));
        assert!(leads("http://a.example/", 301, "https://a.example/").is_ok_and(|next| next.is_some()));
        assert_eq!(leads("https://a.example/", 200, "/x"), Ok(None));
        assert_eq!(leads("https://a.example/", 304, "/x"), Ok(None));
    }
}
