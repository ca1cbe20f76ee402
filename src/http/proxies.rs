//! The proxies of the environment. Nothing goes round one that is set: what can't be used is said, and nothing is sent.

use super::unreached::{Unreached, Via, Why};
use reqwest::{NoProxy, Proxy};
use url::Url;

/// What the variables say, as far as it matters.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    https: Option<(&'static str, String)>,
    http: Option<(&'static str, String)>,
    none: Option<String>,
}

impl Proxies {
    /// Asks for each variable; the one in small letters counts first, as everywhere.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&'static str]| {
            let set = |name: &&'static str| variable(name).map(|value| value.trim().to_string()).filter(|value| !value.is_empty());
            names.iter().find_map(|name| Some((*name, set(name)?)))
        };
        Self {
            https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            http: first(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
            none: first(&["no_proxy", "NO_PROXY"]).map(|(_, value)| value),
        }
    }

    /// Their hosts.
    pub(super) fn hosts(&self) -> Vec<String> {
        let set = [&self.https, &self.http].into_iter().flatten();
        set.filter_map(|(_, value)| address(value)?.host_str().map(|host| host.trim_end_matches('.').to_lowercase())).collect()
    }

    /// Puts them into a client for addresses of one scheme. Without any the system's own settings count, where it has some.
    pub(super) fn put(&self, client: reqwest::ClientBuilder, is_https: bool) -> Result<(reqwest::ClientBuilder, Option<Via>), Unreached> {
        let set = if is_https { &self.https } else { &self.http };
        let Some((variable, value)) = set else {
            // one for the other scheme alone is none for this one
            let other = if is_https { &self.http } else { &self.https };
            return Ok((if other.is_some() { client.no_proxy() } else { client }, None));
        };
        let unusable = |shown: String| Unreached {
            why: Why::ProxyUnusable,
            at: shown.clone(),
            via: Some(Via { variable, shown }),
            cause: String::new(),
        };
        let address = address(value).ok_or_else(|| unusable(without_password(value)))?;
        let shown = without_password(address.as_str());
        let proxy = if is_https { Proxy::https(address.as_str()) } else { Proxy::http(address.as_str()) };
        let proxy = proxy.map_err(|_| unusable(shown.clone()))?;
        let none = self.none.as_deref().and_then(NoProxy::from_string);
        Ok((client.no_proxy().proxy(proxy.no_proxy(none)), Some(Via { variable, shown })))
    }
}

/// The address of a proxy as people write it: also without a scheme, and with `socks`, which desktops set and means SOCKS 5.
fn address(value: &str) -> Option<Url> {
    let whole = if value.contains("://") { value.to_string() } else { format!("http://{value}") };
    let whole = match whole.split_once("://") {
        // names are the proxy's to find out: they would go round it otherwise
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("socks") => format!("socks5h://{rest}"),
        _ => whole,
    };
    let address = Url::parse(&whole).ok()?;
    let is_known = matches!(address.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h");
    (is_known && address.host_str().is_some_and(|host| !host.is_empty())).then_some(address)
}

/// An address in a sentence.
fn without_password(value: &str) -> String {
    let (scheme, rest) = value.split_once("://").map_or((String::new(), value), |(scheme, rest)| (format!("{scheme}://"), rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}{}", host.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_as_people_write_them() {
        let shown = |value: &str| address(value).map(|address| address.to_string());
        assert_eq!(shown("proxy:3128").as_deref(), Some("http://proxy:3128/"));
        assert_eq!(shown("socks://127.0.0.1:1").as_deref(), Some("socks5h://127.0.0.1:1"));
        assert_eq!((shown("ftp://a:1"), shown("http://"), shown("://")), (None, None, None));
        assert_eq!(without_password("http://sam:hunter22@proxy:3128/"), "http://proxy:3128");
        assert_eq!(without_password("sam:hunter22@proxy:3128"), "proxy:3128");
    }

    #[test]
    fn the_nearest_variable_counts_and_a_bad_one_is_named() {
        let of = |variables: &'static [(&str, &str)]| {
            Proxies::read(move |name| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| v.to_string()))
        };
        let via = |proxies: &Proxies, https| {
            proxies.put(reqwest::Client::builder(), https).map(|(_, via)| via.map(|via| via.variable)).map_err(|e| e.to_string())
        };
        let all = of(&[("ALL_PROXY", "socks://127.0.0.1:1"), ("HTTP_PROXY", "http://a:1")]);
        assert_eq!((via(&all, true), via(&all, false)), (Ok(Some("ALL_PROXY")), Ok(Some("HTTP_PROXY"))));
        assert_eq!(of(&[("https_proxy", "socks5h://sam:p@Proxy.Corp.:1080/")]).hosts(), ["proxy.corp"]);
        assert_eq!(via(&of(&[("HTTP_PROXY", "http://a:1")]), true), Ok(None));
        let bad = via(&of(&[("https_proxy", "gopher://sam:hunter22@a:1")]), true).unwrap_err();
        assert!(bad.contains("`https_proxy`") && bad.contains("gopher://a:1") && !bad.contains("hunter22"), "{bad}");
    }
}
