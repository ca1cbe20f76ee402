//! Where a key may be sent: over TLS, or to this machine.

use crate::domain::secret::Secret;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
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
    /// A name or a password in it would go along, and be shown.
    #[error("it holds a name or a password in front of its host")]
    UserInfo,
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
    let address = Url::parse(text).map_err(|_| Error::Invalid(without_userinfo(text)))?;
    if !address.username().is_empty() || address.password().is_some() {
        return Err(Error::UserInfo);
    }
    match address.scheme() {
        "https" if address.host().is_some() => Ok(address),
        "http" if is_loopback(&address) => Ok(address),
        "http" => Err(Error::Plain(text.into())),
        _ => Err(Error::Invalid(text.into())),
    }
}

/// What may be shown of a text that is no address.
fn without_userinfo(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, rest)) => format!("•••@{rest}"),
        None => text.to_string(),
    }
}

/// The address of something below a base address; a query stays behind the path.
pub fn below(base: &Url, path: &str) -> Url {
    let mut address = base.clone();
    address.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    address
}

/// Headers that the person wants; those that are none are left out.
pub fn headers(wanted: &[(String, Secret)]) -> HeaderMap {
    let header = |(name, value): &(String, Secret)| {
        let mut value = HeaderValue::from_str(value.reveal()).ok()?;
        value.set_sensitive(true);
        Some((name.parse::<HeaderName>().ok()?, value))
    };
    wanted.iter().filter_map(header).collect()
}

/// Who named an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The person, in the settings or in a variable.
    ByPerson,
    /// A file of credentials, or this program.
    ByOthers,
}

/// Reads a base address that a token of OAuth may be sent to: `https` at x.ai or at a trusted host, anything on loopback; at grok.com
/// where the person wants it so (`docs/xai.md` 12).
pub fn oauth_address(text: &str, trusted: &[String], named: Named) -> Result<Url, Error> {
    let address = base_address(text)?;
    let host = address.host_str().unwrap_or_default().to_lowercase();
    let at = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    let known = at("x.ai") || at("grok.com") && named == Named::ByPerson || trusted.iter().any(|t| t.trim().eq_ignore_ascii_case(&host));
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
        for bad in ["http://user:hunter22@evil.example/v1", "https://user@api.x.ai/v1"] {
            assert_eq!(base_address(bad), Err(Error::UserInfo));
        }
        for bad in ["api.x.ai", "ftp://x/", "", "https://"] {
            assert!(matches!(base_address(bad), Err(Error::Invalid(_))), "{bad}");
        }
    }
    #[test]
    fn a_query_stays_behind_the_path() {
        let below = |base: &str| below(&Url::parse(base).unwrap(), "chat/completions").to_string();
        assert_eq!(below("https://a.example/v1"), "https://a.example/v1/chat/completions");
        assert_eq!(below("https://a.example/m/?api-version=1"), "https://a.example/m/chat/completions?api-version=1");
        assert_eq!(below("https://a.example"), "https://a.example/chat/completions");
    }

    #[test]
    fn a_token_goes_to_grok_com_only_where_the_person_wants_it() {
        let at = |text: &str, named| oauth_address(text, &[], named).is_ok();
        assert!(at("https://cli-chat-proxy.grok.com/v1", Named::ByPerson) && at("https://grok.com/v1", Named::ByPerson));
        assert!(!at("https://cli-chat-proxy.grok.com/v1", Named::ByOthers) && !at("https://evilgrok.com/v1", Named::ByPerson));
        assert!(!at("http://grok.com/v1", Named::ByPerson) && !at("https://grok.com.evil.example/", Named::ByPerson));
    }
}
