//! How long to wait before the next attempt, and how many there are (`docs/wire.md` 12.1).

use chrono::{DateTime, NaiveDateTime, Utc};
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

/// Reads `Retry-After`: whole or broken seconds, or a date in one of the three forms of HTTP (RFC 9110 10.2.3 and 5.6.7).
pub fn retry_after(header: Option<&str>, now: DateTime<Utc>) -> Option<Duration> {
    let text = header?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let forms = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let date = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    // a time that is over is now
    Some(date.and_utc().signed_duration_since(now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_the_server_is_obeyed() {
        assert_eq!([1, 2, 3].map(|n| wait(n, None, 0.0).as_secs()), [1, 2, 4]);
        let now = DateTime::from_timestamp(1_445_412_000, 0).unwrap(); // Wed, 21 Oct 2015 07:20:00 GMT
        let asked = |text: &str| retry_after(Some(text), now);
        assert_eq!(wait(1, asked("2"), 1.0), Duration::from_secs(2));
        assert_eq!(wait(1, asked("9999"), 0.0), LONGEST);
        for date in ["Wed, 21 Oct 2015 07:38:00 GMT", "Wednesday, 21-Oct-15 07:38:00 GMT", "Wed Oct 21 07:38:00 2015"] {
            assert_eq!(asked(date), Some(Duration::from_secs(18 * 60)), "{date}");
        }
        assert_eq!(asked("Wed, 21 Oct 2015 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!((asked("Wed, 21 Oct"), asked("-1")), (None, None));
    }
}
