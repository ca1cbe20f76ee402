//! How long to wait before the next attempt, and how many there are (`docs/wire.md` 12.1).

use std::time::Duration;

/// Attempts in all.
pub const ATTEMPTS: u32 = 4;
/// Nobody waits longer than this for a server.
pub const LONGEST: Duration = Duration::from_secs(120);

/// What to wait after attempt `attempt` (from 1). `asked` is what `Retry-After` said; `jitter` is random, from 0 to 1.
pub fn wait(attempt: u32, asked: Option<Duration>, jitter: f64) -> Duration {
    if let Some(asked) = asked {
        return asked.min(LONGEST);
    }
    let base = f64::from(1u32 << attempt.saturating_sub(1).min(5));
    Duration::from_secs_f64(base * (1.0 + 0.25 * jitter.clamp(0.0, 1.0)))
}

/// Reads `Retry-After` in whole or broken seconds; dates are not used by any service we speak to.
pub fn retry_after(header: Option<&str>) -> Option<Duration> {
    let seconds: f64 = header?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_the_server_is_obeyed() {
        assert_eq!([1, 2, 3].map(|n| wait(n, None, 0.0).as_secs()), [1, 2, 4]);
        assert_eq!(wait(1, retry_after(Some("2")), 1.0), Duration::from_secs(2));
        assert_eq!(wait(1, retry_after(Some("9999")), 0.0), LONGEST);
        assert_eq!(retry_after(Some("Wed, 21 Oct")), None);
        assert_eq!(retry_after(Some("-1")), None);
    }
}
