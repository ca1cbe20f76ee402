//! Why there was no connection: each cause has its own sentence and its own next step.

use crate::{
    domain::{catalog::Provider, trouble::Trouble},
    http::refusal::Asked,
};
use std::{error::Error, fmt, io};
use url::Url;

/// Nothing was sent, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// What is in the way.
    pub why: Why,
    /// The host and the port that were to be reached.
    pub at: String,
    /// The proxy on the way, where there is one.
    pub via: Option<Via>,
    /// What the library or the system said.
    pub cause: String,
}

/// A proxy, by the variable that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// `HTTPS_PROXY` and the like.
    pub variable: &'static str,
    /// Its address, without a password.
    pub shown: String,
}

/// What is in the way of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nobody knows the name.
    Name,
    /// Names can't be found out now.
    NoNames,
    /// Nobody listens there.
    Refused,
    /// Nothing came back.
    TimedOut,
    /// There is no way there.
    NoRoute,
    /// The certificate is not trusted; why not.
    Certificate(&'static str),
    /// It speaks no TLS.
    NoTls,
    /// The proxy wants a password.
    ProxyPassword,
    /// The proxy can't be reached.
    ProxyAway,
    /// The proxy does not let us through.
    ProxyRefused,
    /// What the variable holds is no proxy.
    ProxyUnusable,
    /// Something else.
    Other,
}

impl Unreached {
    /// Reads it out of the library's error.
    pub(super) fn read(error: &reqwest::Error, address: &Url, via: Option<Via>) -> Self {
        let cause = chain(error);
        let at = match (address.host_str(), address.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_string(),
            (None, _) => address.as_str().to_string(),
        };
        Self { why: why(error, &cause), at, via, cause }
    }
    /// Something that has no sentence of its own.
    pub fn other(cause: String) -> Self {
        Self { why: Why::Other, at: String::new(), via: None, cause }
    }

    /// Whether it may be over in a moment.
    pub fn is_passing(&self) -> bool {
        matches!(self.why, Why::NoNames | Why::Refused | Why::TimedOut | Why::NoRoute | Why::ProxyAway | Why::Other)
    }
    /// The next step, the same wherever it is told.
    pub fn help(&self, provider: Option<&Provider>) -> String {
        let here = ["127.", "localhost", "[::1]"].iter().any(|start| self.at.starts_with(start));
        match (self.why, &self.via) {
            (Why::ProxyPassword, via) => {
                format!(
                    "put it into the address: `{}=http://user:password@host:port`",
                    via.as_ref().map_or("HTTPS_PROXY", |via| via.variable)
                )
            }
            (Why::ProxyUnusable, _) => "it begins with `http://`, `https://` or `socks5://`; unset it to go without a proxy".into(),
            (Why::ProxyRefused | Why::ProxyAway | Why::Refused | Why::TimedOut | Why::Name | Why::NoNames | Why::NoRoute, Some(via)) => {
                format!("check `{}`, or unset it to go without a proxy", via.variable)
            }
            (Why::Certificate("it has expired" | "it is not valid yet"), _) => {
                "check the clock of this machine; the server's owner can renew it".into()
            }
            (Why::Certificate("it is for another name"), _) => {
                "check the address; a proxy or a network that wants a sign-in may stand in between".into()
            }
            (Why::Certificate(_), _) => "where you trust its authority: `SSL_CERT_FILE=ca.pem` names the file with it".into(),
            (Why::NoTls, _) => "check the address: `http` on this machine, or another port".into(),
            (Why::Refused, None) if provider.is_some_and(|provider| provider.id == "ollama") => {
                "is it running? `ollama serve` starts it; then /retry".into()
            }
            (Why::Refused, None) if here => "is the program there running? Check the port in the address, then /retry".into(),
            (Why::Name, None) => "check the name in the address, then /retry".into(),
            _ => "check the network and the address, then /retry".into(),
        }
    }
    /// The sentence for the person.
    pub fn trouble(self, asked: Asked) -> Trouble {
        let code = match self.why {
            Why::TimedOut => "timed_out",
            Why::ProxyPassword | Why::ProxyRefused | Why::ProxyUnusable | Why::ProxyAway => "proxy_refused",
            // it was the proxy that was not reached
            Why::Refused | Why::Name | Why::NoNames | Why::NoRoute if self.via.is_some() => "proxy_refused",
            _ => "unreachable",
        };
        let help = self.help(Some(asked.provider));
        Trouble::new(code, format!("{} can't be reached: {self}", asked.provider.title)).help(help).raw(self.cause)
    }
}

/// The end of a sentence.
impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { why, at, via, cause } = self;
        // with a proxy in between it is the proxy that was not reached
        let end = via.as_ref().map_or_else(|| at.clone(), |Via { variable, shown }| format!("the proxy of `{variable}` ({shown})"));
        match why {
            Why::Name if via.is_some() => write!(f, "nobody knows the name of {end}"),
            Why::Name => write!(f, "nobody knows the name `{}`", at.rsplit_once(':').map_or(at.as_str(), |(host, _)| host)),
            Why::NoNames => write!(f, "the name of {end} can't be looked up now"),
            Why::Refused => write!(f, "{end} refused the connection"),
            Why::TimedOut => write!(f, "the connection to {end} timed out"),
            Why::NoRoute => write!(f, "there is no way to {end} in this network"),
            Why::Certificate(detail) => write!(f, "the certificate of {at} is not trusted: {detail}"),
            Why::NoTls => write!(f, "{at} does not speak TLS"),
            Why::ProxyPassword => write!(f, "{end} wants a password"),
            Why::ProxyAway => write!(f, "{end} can't be reached itself"),
            Why::ProxyRefused => write!(f, "{end} does not let us through to {at}"),
            Why::ProxyUnusable => match via {
                Some(Via { variable, shown }) => write!(f, "`{variable}` holds no proxy that can be used (`{shown}`)"),
                None => write!(f, "the proxy can't be used"),
            },
            Why::Other => f.write_str(cause.rsplit(": ").next().unwrap_or("no connection")),
        }
    }
}

fn why(error: &reqwest::Error, cause: &str) -> Why {
    if cause.contains("proxy authorization required") || cause.contains("407 Proxy") {
        return Why::ProxyPassword;
    }
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = source {
        if let Some(found) =
            error.downcast_ref::<io::Error>().and_then(of_system).or_else(|| error.downcast_ref::<rustls::Error>().map(of_tls))
        {
            return found;
        }
        source = error.source();
    }
    let has = |words: &[&str]| words.iter().any(|word| cause.contains(word));
    if error.is_dns() || has(&["dns error", "failed to lookup address"]) {
        return if has(&["emporary failure"]) { Why::NoNames } else { Why::Name };
    }
    if error.is_timeout() || has(&["deadline has elapsed", "timed out"]) {
        return Why::TimedOut;
    }
    // what went wrong on the way to a SOCKS proxy is lost in its library
    if has(&["failed to create underlying connection"]) {
        return Why::ProxyAway;
    }
    if has(&["tunnel error", "SOCKS error", "socks error", "proxy"]) {
        return if has(&["auth"]) && has(&["SOCKS", "socks"]) { Why::ProxyPassword } else { Why::ProxyRefused };
    }
    Why::Other
}

/// What the system says, or TLS through it.
fn of_system(error: &io::Error) -> Option<Why> {
    if let Some(inner) = error.get_ref() {
        if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
            return Some(of_tls(tls));
        }
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return of_system(inner);
        }
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(Why::Refused),
        io::ErrorKind::TimedOut => Some(Why::TimedOut),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkDown => Some(Why::NoRoute),
        _ => None,
    }
}

fn of_tls(error: &rustls::Error) -> Why {
    use rustls::CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => Why::Certificate(match bad {
            Bad::Expired | Bad::ExpiredContext { .. } => "it has expired",
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => "it is not valid yet",
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => "it is for another name",
            Bad::UnknownIssuer => "nobody who is trusted here has signed it",
            Bad::Revoked => "it was revoked",
            _ => "it can't be verified",
        }),
        rustls::Error::InvalidMessage(_) => Why::NoTls,
        _ => Why::Other,
    }
}

/// The cause of an error in full, each thing said once: the outer text alone says little.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
