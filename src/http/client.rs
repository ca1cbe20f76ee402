//! HTTP clients, made when they are first needed: reading the root certificates takes longer than drawing a frame.

use std::{
    sync::{Once, OnceLock},
    time::Duration,
};

static PROVIDER: Once = Once::new();

/// The two clients of the process: one for loopback, one for everything else.
#[derive(Debug, Default)]
pub struct Clients {
    loopback: OnceLock<reqwest::Client>,
    world: OnceLock<reqwest::Client>,
}

impl Clients {
    /// The client for an address. The one for loopback goes through no proxy and needs no certificates; neither follows
    /// redirects, so that a token stays with the host it was sent to.
    pub fn for_address(&self, address: &url::Url) -> Result<reqwest::Client, reqwest::Error> {
        let (slot, make): (_, fn() -> _) =
            if super::hosts::is_loopback(address) { (&self.loopback, loopback) } else { (&self.world, world) };
        if let Some(client) = slot.get() {
            return Ok(client.clone());
        }
        let client = make()?;
        Ok(slot.get_or_init(|| client).clone())
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

fn loopback() -> Result<reqwest::Client, reqwest::Error> {
    builder().no_proxy().http1_only().tls_certs_only([]).build()
}

fn world() -> Result<reqwest::Client, reqwest::Error> {
    builder().build().or_else(|_| {
        // minimal systems come without certificates
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|c| reqwest::Certificate::from_der(c.as_ref()).ok());
        builder().tls_certs_only(roots).build()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clients_can_be_made() {
        let clients = Clients::default();
        for address in ["http://127.0.0.1:1/v1", "https://api.x.ai/v1"] {
            assert!(clients.for_address(&address.parse().unwrap()).is_ok(), "{address}");
        }
    }
}
