//! HTTP clients, made when they are first needed: reading the root certificates takes longer than drawing a frame. Every request goes
//! out through `Client::send`, which knows why one did not.

use super::{
    hosts,
    proxies::Proxies,
    unreached::{Unreached, Via, chain},
};
use std::{
    sync::{Once, OnceLock},
    time::Duration,
};
use url::Url;

static PROVIDER: Once = Once::new();

/// The clients of the process.
#[derive(Debug, Default)]
pub struct Clients {
    proxies: Proxies,
    made: [OnceLock<Client>; Way::COUNT],
}

/// A client for some addresses.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    /// The proxy on its way.
    via: Option<Via>,
}

/// Why there is no answer at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// There was no connection: nothing was sent.
    NotSent(Unreached),
    /// It was sent: whether the server acted upon it is unknown.
    Lost(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::NotSent(unreached) => unreached.fmt(f),
            Failure::Lost(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for Failure {}

/// Which client an address is reached with.
#[derive(Debug, Clone, Copy)]
struct Way {
    is_loopback: bool,
    is_https: bool,
    keeps: bool,
}

impl Way {
    const COUNT: usize = 8;

    fn number(self) -> usize {
        usize::from(self.is_loopback) + 2 * usize::from(self.is_https) + 4 * usize::from(self.keeps)
    }
}

impl Clients {
    /// Clients behind these proxies.
    pub fn new(proxies: Proxies) -> Self {
        Self { proxies, ..Self::default() }
    }
    /// The client for an address. The one for loopback goes through no proxy; none follows redirects, so that a token stays with
    /// the host it was sent to.
    pub fn for_address(&self, address: &Url) -> Result<Client, Unreached> {
        self.client(address, true)
    }
    /// The same with a new connection for each request: one that was kept may be closed at the moment in which a request that must
    /// not be sent twice goes out on it.
    pub fn for_sign_in(&self, address: &Url) -> Result<Client, Unreached> {
        self.client(address, false)
    }

    fn client(&self, address: &Url, keeps: bool) -> Result<Client, Unreached> {
        let way = Way { is_loopback: hosts::is_loopback(address), is_https: address.scheme() == "https", keeps };
        let slot = &self.made[way.number()];
        if let Some(client) = slot.get() {
            return Ok(client.clone());
        }
        let client = self.make(way)?;
        Ok(slot.get_or_init(|| client).clone())
    }

    fn make(&self, way: Way) -> Result<Client, Unreached> {
        let begin = || if way.keeps { builder() } else { builder().pool_max_idle_per_host(0) };
        let begin = || match way {
            Way { is_loopback: true, is_https, .. } => {
                let client = begin().no_proxy().http1_only();
                // nothing is verified there, so no certificates are read
                Ok((if is_https { client } else { client.tls_certs_only([]) }, None))
            }
            Way { is_https, .. } => self.proxies.put(begin(), is_https),
        };
        let (_, via) = begin()?;
        Ok(Client { inner: built(|| begin().map(|(client, _)| client))?, via })
    }

    /// A client for pages of the web, which are anybody's: `prepare` says how names are looked up.
    pub fn for_pages(
        &self,
        is_https: bool,
        prepare: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<reqwest::Client, Unreached> {
        built(|| self.proxies.put(prepare(builder()), is_https).map(|(client, _)| client))
    }

    /// The hosts of the proxies that are set.
    pub fn proxy_hosts(&self) -> Vec<String> {
        self.proxies.hosts()
    }
}

/// Builds a client; `begin` is asked again where there are no certificates, as on minimal systems.
fn built(begin: impl Fn() -> Result<reqwest::ClientBuilder, Unreached>) -> Result<reqwest::Client, Unreached> {
    begin()?.build().or_else(|_| {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|c| reqwest::Certificate::from_der(c.as_ref()).ok());
        begin()?.tls_certs_only(roots).build().map_err(|error| Unreached::other(chain(&error)))
    })
}

impl Client {
    /// A request to read something.
    pub fn get(&self, address: Url) -> reqwest::RequestBuilder {
        self.inner.get(address)
    }
    /// A request to do something.
    pub fn post(&self, address: Url) -> reqwest::RequestBuilder {
        self.inner.post(address)
    }
    /// Sends a request; gives the answer's head.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Failure> {
        match request.build() {
            Ok(request) => self.execute(request).await,
            Err(error) => Err(Failure::NotSent(Unreached::other(error.without_url().to_string()))),
        }
    }
    /// Sends a request that is made already.
    pub async fn execute(&self, request: reqwest::Request) -> Result<reqwest::Response, Failure> {
        let address = request.url().clone();
        self.inner.execute(request).await.map_err(|error| {
            // its address may hold a code
            let error = error.without_url();
            // a request that found no connection has never been sent; any other failure may have come after the server had it
            match error.is_connect() {
                true => Failure::NotSent(Unreached::read(&error, &address, self.via.clone())),
                false if error.is_timeout() => Failure::Lost("it did not answer in time: timed out".into()),
                false => Failure::Lost(chain(&error)),
            }
        })
    }
}

fn builder() -> reqwest::ClientBuilder {
    PROVIDER.call_once(|| {
        // an error says that there is one already
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .user_agent(concat!("hermes/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(15))
        .pool_idle_timeout(Duration::from_secs(60))
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_clients_can_be_made() {
        let clients = Clients::default();
        for address in ["http://127.0.0.1:1/v1", "https://localhost:1/v1", "https://api.x.ai/v1"] {
            let address = address.parse().unwrap();
            assert!(clients.for_address(&address).is_ok() && clients.for_sign_in(&address).is_ok(), "{address}");
        }
    }
}
