//! Names become addresses here, and are judged before anybody connects. The connection goes to exactly the addresses that were judged,
//! so a name that leads elsewhere the next time changes nothing.

use super::address;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{fmt, net::SocketAddr, sync::Arc};

/// Why a name is not connected to.
#[derive(Debug)]
pub(super) struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Looks names up and lets public ones pass.
pub(super) struct Judge {
    pub inner: Arc<dyn Resolve>,
    /// Anything passes.
    pub private: bool,
    /// The names of proxies, which may well be inside. A page of such a name is judged by `lookup`.
    pub proxies: Vec<String>,
}

impl Resolve for Judge {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
        let passes = self.private || self.proxies.contains(&host);
        let looked_up = self.inner.resolve(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = looked_up.await?.collect();
            if !passes {
                judge(&host, &found)?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// One address inside is enough to refuse the name: which of them is taken would be chance.
fn judge(host: &str, found: &[SocketAddr]) -> Result<(), Refused> {
    match found.iter().all(|at| address::is_public(at.ip())) {
        true => Ok(()),
        false => Err(Refused(address::refusal(host))),
    }
}

/// The names of the system.
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // the port is put in by the one who connects
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Judges a page's name before it is asked. A proxy looks names up by itself, past `Judge`, so this is all that stands before it: what
/// the name leads to here is most likely what it leads to there. Where nothing is found here, as in networks whose only way out is the
/// proxy, the name is let go. Without a proxy `Judge` has the last word.
pub(super) async fn lookup(host: &str) -> Result<(), String> {
    match tokio::net::lookup_host((host, 0)).await {
        Ok(found) => judge(host, &found.collect::<Vec<_>>()).map_err(|refused| refused.0),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Gives one answer after the other.
    struct Answers(Vec<Vec<&'static str>>, AtomicUsize);

    impl Resolve for Answers {
        fn resolve(&self, _: Name) -> Resolving {
            let answer = &self.0[self.1.fetch_add(1, Ordering::Relaxed).min(self.0.len() - 1)];
            let found: Vec<SocketAddr> = answer.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
            Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
        }
    }

    fn judge_of(answers: Vec<Vec<&'static str>>, private: bool) -> Judge {
        Judge { inner: Arc::new(Answers(answers, AtomicUsize::new(0))), private, proxies: vec!["proxy.corp".into()] }
    }

    async fn ask(judge: &Judge, name: &str) -> Result<Vec<String>, String> {
        let found = judge.resolve(name.parse().unwrap()).await.map_err(|error| error.to_string())?;
        Ok(found.map(|at| at.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn a_name_passes_when_all_its_addresses_are_public() {
        let public = judge_of(vec![vec!["8.8.8.8", "2606:4700::1"]], false);
        assert_eq!(ask(&public, "a.example").await.unwrap(), ["8.8.8.8", "2606:4700::1"]);
        for inside in ["127.0.0.1", "10.1.2.3", "::1", "fd00::1", "::ffff:192.168.0.1"] {
            let mixed = judge_of(vec![vec!["8.8.8.8", inside]], false);
            assert!(ask(&mixed, "a.example").await.unwrap_err().starts_with("a.example is not on the public"), "{inside}");
            assert_eq!(ask(&judge_of(vec![vec![inside]], true), "a.example").await.unwrap(), [inside]);
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_the_second_time_is_refused_then() {
        let rebinding = judge_of(vec![vec!["8.8.8.8"], vec!["127.0.0.1"]], false);
        assert!(ask(&rebinding, "a.example").await.is_ok());
        assert!(ask(&rebinding, "a.example").await.is_err());
    }

    #[tokio::test]
    async fn a_proxy_may_be_inside() {
        let judge = judge_of(vec![vec!["10.0.0.1"]], false);
        assert!(ask(&judge, "Proxy.corp.").await.is_ok());
        assert!(ask(&judge, "other.corp").await.is_err());
        assert!(lookup("localhost").await.unwrap_err().contains("not on the public"));
        assert_eq!(lookup("no.such.name.invalid").await, Ok(()));
    }
}
