//! Where a key may be sent: over TLS, or to this machine.

use url::{Host, Url};

/// Why an address is not used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// It is no address at all.
    #[error("`{0}` is not an address")]
    Invalid(String),
    /// Plain HTTP to another machine would show the key to everybody on the way.
    #[error("`{0}` is not `https`, and a key is sent in the clear to this machine only")]
    Plain(String),
    /// A token of OAuth goes to the service that it was made for.
    #[error("`{0}` is not at x.ai, and a sign-in there is sent to no other host")]
    Foreign(String),
}

/// Whether the host is this machine.
pub fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Reads a base address that a key may be sent to: `https` anywhere, `http` on loopback.
pub fn base_address(text: &str) -> Result<Url, Error> {
    let text = text.trim().trim_end_matches('/');
    let address = Url::parse(text).map_err(|_| Error::Invalid(text.into()))?;
    match address.scheme() {
        "https" if address.host().is_some() => Ok(address),
        "http" if is_loopback(&address) => Ok(address),
        "http" => Err(Error::Plain(text.into())),
        _ => Err(Error::Invalid(text.into())),
    }
}

/// Reads a base address that a token of OAuth may be sent to: `https` at x.ai or at a trusted host, anything on loopback.
pub fn oauth_address(text: &str, trusted: &[String]) -> Result<Url, Error> {
    let address = base_address(text)?;
    let host = address.host_str().unwrap_or_default().to_lowercase();
    let known = host == "x.ai" || host.ends_with(".x.ai") || trusted.iter().any(|t| t.trim().eq_ignore_ascii_case(&host));
    if known || is_loopback(&address) { Ok(address) } else { Err(Error::Foreign(text.trim().into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_over_tls_or_stay_here() {
        for good in ["https://api.x.ai/v1", "http://127.0.0.1:8080/v1/", "http://localhost:1/v1", "http://[::1]:9/v1"] {
            assert!(base_address(good).is_ok(), "{good}");
        }
        assert!(matches!(base_address("http://api.x.ai/v1"), Err(Error::Plain(_))));
        assert!(matches!(base_address("http://127.0.0.1.evil.example/v1"), Err(Error::Plain(_))));
        for bad in ["api.x.ai", "ftp://x/", "", "https://"] {
            assert!(matches!(base_address(bad), Err(Error::Invalid(_))), "{bad}");
        }
    }
}
