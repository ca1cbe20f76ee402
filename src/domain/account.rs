//! Accounts: the credentials of a provider, whose they are and until when they count (`docs/sign-in.md` 6, `docs/files.md` 2).

use crate::domain::secret::Secret;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// What a token endpoint gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The bearer.
    pub access: Secret,
    /// For the next refresh; xAI's can be used once.
    pub refresh: Secret,
    /// OpenID's; stored, never used. Empty when there is none.
    pub id: Secret,
    /// Seconds that the access token lives, as the server said.
    pub expires_in: Option<i64>,
    /// `Bearer`
    pub kind: String,
}

/// How a person signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// A browser on this machine comes back to a listener on loopback (RFC 8252).
    Browser,
    /// A code that is typed on any other device (RFC 8628).
    Device,
    /// What the browser ended up showing is pasted.
    Paste,
}

impl Method {
    /// Its name in flags and events.
    pub fn name(self) -> &'static str {
        match self {
            Method::Browser => "browser",
            Method::Device => "device",
            Method::Paste => "paste",
        }
    }
}

/// One credential: a row of the pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Credential {
    /// Six hex digits, unique in its pool.
    pub id: String,
    /// What the person calls it; their mail address by default.
    pub label: String,
    /// A token or a key.
    pub kind: Kind,
    /// Where it came from: `manual:xai_pkce`, `loopback_pkce`, …
    pub source: String,
    /// The bearer, or the key.
    pub access: Secret,
    /// For the next refresh.
    pub refresh: Option<Secret>,
    /// Where it is used.
    pub base_url: Option<String>,
    /// Seconds since 1970; unknown for keys and for opaque tokens without `expires_in`.
    pub expires_at: Option<i64>,
    /// When it was last signed in or refreshed, as stored.
    pub last_refresh: Option<String>,
    /// Whether it can be used.
    pub state: State,
}

/// The kinds of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Tokens of an OAuth grant.
    OAuth,
    /// An API key.
    Key,
}

/// Whether a credential can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It can.
    Ok,
    /// Not before this time, in seconds since 1970.
    Exhausted {
        /// When it can be tried again.
        until: i64,
        /// The HTTP status that it failed with.
        code: Option<i64>,
        /// Why.
        reason: Option<String>,
    },
    /// Never again: sign in anew.
    Dead {
        /// Why.
        reason: Option<String>,
    },
}

impl Credential {
    /// Whether it can be used at this time.
    pub fn is_usable(&self, now: i64) -> bool {
        match &self.state {
            State::Ok => true,
            State::Exhausted { until, .. } => *until <= now,
            State::Dead { .. } => false,
        }
    }
    /// Whether somebody is signed in by it: it can be used, and its token lives or can be renewed. The one rule for that.
    pub fn counts(&self, now: i64) -> bool {
        self.is_usable(now) && (self.kind == Kind::Key || self.refresh.is_some() || self.lives(now))
    }
    /// Whether somebody is signed in by it although it rests now: what was refused was the number of requests, or money, not the
    /// sign-in.
    pub fn only_rests(&self, now: i64) -> bool {
        let rests = matches!(&self.state, State::Exhausted { code, .. } if !matches!(code, Some(401 | 403)));
        rests && (self.kind == Kind::Key || self.refresh.is_some() || self.lives(now))
    }
    /// Whether its token came a moment ago, by the clock that tells what is now: it counts whatever it says of its own end, for the
    /// clock may be wrong.
    pub fn is_new(&self, now: i64) -> bool {
        let age = self.last_refresh.as_deref().and_then(seconds_of).map(|at| now.saturating_sub(at));
        age.is_some_and(|age| (0..=NEW).contains(&age))
    }
    /// Whether it mirrors the provider's own entry rather than being an account of its own.
    pub fn is_mirror(&self) -> bool {
        is_mirror(&self.source)
    }
    /// Whether the access token is about to end, or has ended.
    pub fn is_expiring(&self, now: i64) -> bool {
        self.kind == Kind::OAuth && self.expires_at.is_some_and(|at| is_expiring(at, now))
    }
    /// Whether the access token still counts, as far as anybody knows.
    pub fn lives(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }
}

/// A token that is not older, in seconds, came a moment ago.
const NEW: i64 = 60;
/// Clocks that differ by more, in seconds, are not both right: a token is made when it is got.
const WRONG: i64 = 6 * 3_600;
/// The end of the year 9999: no token lives longer, and no calendar goes on.
const END_OF_TIME: i64 = 253_402_300_799;

/// Sources of rows that mirror the provider's own entry.
pub fn is_mirror(source: &str) -> bool {
    matches!(source, "loopback_pkce" | "device_code")
}

/// The rule of `docs/sign-in.md` 6.1: an hour ahead while much is left, two minutes when little is.
fn is_expiring(expires_at: i64, now: i64) -> bool {
    let left = expires_at.saturating_sub(now);
    left <= if left > 0 && left <= 45 * 60 { 120 } else { 3_600 }
}

/// The claims of a JWT, unchecked: whoever made it is asked by the server, not by us.
pub fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
}

/// When a token ends: its own claim, else what was said when it was given.
pub fn expiry(access: &str, last_refresh: Option<&str>, expires_in: Option<i64>) -> Option<i64> {
    let claims = claims(access).unwrap_or_default();
    let claim = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| seconds as i64);
    let got = last_refresh.and_then(seconds_of);
    let end = match (claim("exp"), claim("iat"), got) {
        // by a clock that is a day ahead every new token has ended already: its length is what counts
        (Some(exp), Some(iat), Some(got)) if got.saturating_sub(iat).saturating_abs() > WRONG => {
            exp.saturating_add(got.saturating_sub(iat))
        }
        (Some(exp), ..) => exp,
        (None, _, got) => got?.saturating_add(expires_in?),
    };
    Some(end).filter(|end| (0..=END_OF_TIME).contains(end))
}

/// Who a token says it belongs to.
pub fn owner(token: &str) -> Option<String> {
    let claims = claims(token)?;
    ["email", "preferred_username", "upn"]
        .iter()
        .find_map(|name| claims.get(*name).and_then(Value::as_str).map(str::trim).filter(|v| !v.is_empty()))
        .map(str::to_string)
}

/// Seconds since 1970 of a time as the file has it: with `Z`, with `+00:00`, or without a zone, which means UTC.
pub fn seconds_of(text: &str) -> Option<i64> {
    if let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp());
    }
    let naive = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(naive.and_utc().timestamp())
}

/// A time for documents and screens: RFC 3339 in UTC.
pub fn time_text(seconds: i64) -> Option<String> {
    chrono::DateTime::from_timestamp(seconds, 0).map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A length of time as people read it: `7s`, `5m 3s`, `1h 0m`, `2d 4h`.
pub fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m {}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h {}m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token with these claims and no signature.
    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn the_end_of_a_token_is_its_own_claim_or_what_was_said() {
        assert_eq!(expiry(&token(r#"{"exp":100}"#), Some("2026-11-22T13:36:49.508171Z"), Some(9)), Some(100));
        assert_eq!(expiry("opaque", Some("1970-01-01T00:01:00Z"), Some(40)), Some(100));
        assert_eq!(expiry("opaque", Some("1970-01-01T00:01:00"), None), None);
        let day_ahead = token(r#"{"iat":1000,"exp":22600}"#);
        assert_eq!(expiry(&day_ahead, Some("1970-01-02T00:16:40Z"), None), Some(86_400 + 22_600), "by our clock");
        assert_eq!(expiry(&day_ahead, Some("1970-01-01T00:16:45Z"), None), Some(22_600));
        assert_eq!(expiry(&token(r#"{"exp":1795656319000}"#), None, None), None, "no calendar knows that year");
        assert_eq!(expiry("a.b.c", None, Some(40)), None);
        assert_eq!(owner(&token(r#"{"email":" ","upn":"sam"}"#)).as_deref(), Some("sam"));
    }

    #[test]
    fn long_lives_are_refreshed_an_hour_ahead_and_short_ones_two_minutes() {
        for (left, want) in
            [(-5, true), (0, true), (100, true), (120, true), (121, false), (2_700, false), (2_701, true), (3_600, true), (3_601, false)]
        {
            assert_eq!(is_expiring(1_000_000 + left, 1_000_000), want, "{left} s left");
        }
    }

    #[test]
    fn times_and_spans_are_read_and_written() {
        assert_eq!(["1970-01-01T00:00:01.5Z", "1970-01-01T00:00:01+00:00", "1970-01-01T00:00:01"].map(seconds_of), [Some(1); 3]);
        assert_eq!(seconds_of("soon"), None);
        assert_eq!([7, 303, 3_600, 187_200].map(span), ["7s", "5m 3s", "1h 0m", "2d 4h"]);
        assert_eq!(time_text(0).as_deref(), Some("1970-01-01T00:00:00Z"));
    }
}
