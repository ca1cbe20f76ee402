//! Ways to fail on request: `--fault`, `HERMES_SANDBOX_FAULT`, or the header `x-sandbox-fault` of one request.

/// One way to fail.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Answer with this status.
    Status(u16),
    /// Send `Retry-After` with it.
    RetryAfter(u64),
    /// Fail this often, then work.
    Times(u32),
    /// Drop the connection in the middle of the answer.
    Cut,
    /// Wait so many milliseconds before each event.
    Slow(u64),
    /// Stop sending, and keep the connection.
    Stall,
    /// Send damaged and unknown events among the good ones.
    Malformed,
    /// Send one line of many megabytes.
    HugeLine,
    /// Send an `error` event inside the stream.
    ErrorFrame,
    /// End with `response.failed`.
    Failed,
    /// End with `response.incomplete`.
    Incomplete,
    /// Refuse because of the plan.
    PlanRefused,
    /// Refuse because of the quota.
    QuotaSpent,
    /// Access tokens live so many seconds.
    ShortTokens(u64),
    /// Access tokens are random strings that say nothing.
    OpaqueTokens,
    /// Tell the first poll of a device code to slow down.
    DeviceSlowDown,
    /// Deny every device code.
    DeviceDeny,
    /// Ask for a poll each second.
    QuickDevice,
    /// Have no device codes.
    NoDevice,
    /// Exchange at the token endpoint at once, and answer so many milliseconds later.
    TokenSlow(u64),
    /// Exchange at the token endpoint, and drop the connection without an answer.
    TokenLost,
    /// Answer 500 at the token endpoint.
    TokenFail,
    /// Refuse because of the plan at the token endpoint.
    TokenPlanRefused,
    /// Videos take so many seconds.
    VideoSlow(u64),
    /// Links to what was made lead nowhere.
    LinkExpired,
    /// What is wished for is not made.
    Moderation,
    /// What is left of the plan is told in this shape.
    Plan(Shape),
}

/// How what is left of the plan is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// 38 % of the week.
    Week,
    /// 91 % of it.
    NearlySpent,
    /// Nothing was used: the percentage is left out.
    Unused,
    /// No percentage is ever given; there is a limit, as texts.
    Limit,
    /// There is nothing but a limit of zero.
    Nothing,
    /// As `Week`, without `config` around it.
    Flat,
}

impl Shape {
    /// By its name in a fault: `plan=week`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "week" => Self::Week,
            "nearly-spent" => Self::NearlySpent,
            "unused" => Self::Unused,
            "limit" => Self::Limit,
            "nothing" => Self::Nothing,
            "flat" => Self::Flat,
            _ => return None,
        })
    }
}

impl Fault {
    /// Whether it is one of the sign-in. `times=N` counts requests of the part that its neighbours are of.
    pub fn is_of_sign_in(&self) -> bool {
        use Fault::{
            DeviceDeny, DeviceSlowDown, NoDevice, OpaqueTokens, QuickDevice, ShortTokens, TokenFail, TokenLost, TokenPlanRefused, TokenSlow,
        };
        let of_devices = matches!(self, DeviceSlowDown | DeviceDeny | QuickDevice | NoDevice);
        of_devices || matches!(self, ShortTokens(_) | OpaqueTokens | TokenSlow(_) | TokenLost | TokenFail | TokenPlanRefused)
    }
}

/// Every name, for the error message.
const NAMES: &str = "status=CODE, retry-after=SECS, times=N, cut, slow=MS, stall, malformed, huge-line, error-frame, failed, incomplete, \
plan-refused, quota-spent, short-tokens=SECS, opaque-tokens, device-slow-down, device-deny, quick-device, no-device, token-slow=MS, \
token-lost, token-fail, token-plan-refused, video-slow=SECS, link-expired, moderation, plan=SHAPE";

/// Reads `status=429,retry-after=2`. The error is a sentence.
pub fn parse_faults(text: &str) -> Result<Vec<Fault>, String> {
    text.split(',').map(str::trim).filter(|f| !f.is_empty()).map(parse).collect()
}

fn parse(text: &str) -> Result<Fault, String> {
    let (name, argument) = text.split_once('=').map_or((text, None), |(n, a)| (n.trim(), Some(a.trim())));
    let wrong = || format!("The fault `{text}` needs a number");
    let number = || argument.and_then(|a| a.parse::<u64>().ok()).ok_or_else(wrong);
    Ok(match name {
        "status" => Fault::Status(number()?.try_into().ok().filter(|s| (300..600).contains(s)).ok_or_else(wrong)?),
        "retry-after" => Fault::RetryAfter(number()?),
        "times" => Fault::Times(number()?.try_into().map_err(|_| wrong())?),
        "cut" => Fault::Cut,
        "slow" => Fault::Slow(number()?),
        "stall" => Fault::Stall,
        "malformed" => Fault::Malformed,
        "huge-line" => Fault::HugeLine,
        "error-frame" => Fault::ErrorFrame,
        "failed" => Fault::Failed,
        "incomplete" => Fault::Incomplete,
        "plan-refused" => Fault::PlanRefused,
        "quota-spent" => Fault::QuotaSpent,
        "short-tokens" => Fault::ShortTokens(number()?),
        "opaque-tokens" => Fault::OpaqueTokens,
        "device-slow-down" => Fault::DeviceSlowDown,
        "device-deny" => Fault::DeviceDeny,
        "quick-device" => Fault::QuickDevice,
        "no-device" => Fault::NoDevice,
        "token-slow" => Fault::TokenSlow(number()?),
        "token-lost" => Fault::TokenLost,
        "token-fail" => Fault::TokenFail,
        "token-plan-refused" => Fault::TokenPlanRefused,
        "video-slow" => Fault::VideoSlow(number()?),
        "link-expired" => Fault::LinkExpired,
        "moderation" => Fault::Moderation,
        "plan" => Fault::Plan(
            argument
                .and_then(Shape::named)
                .ok_or_else(|| format!("The fault `{text}` needs one of week, nearly-spent, unused, limit, nothing and flat"))?,
        ),
        _ => return Err(format!("There is no fault called `{name}`; there are {NAMES}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known() {
        for name in NAMES.split(',').map(|name| {
            name.trim().replace("SHAPE", "limit").replace("CODE", "429").replace("SECS", "1").replace("MS", "1").replace('N', "1")
        }) {
            assert!(parse_faults(&name).is_ok(), "{name}");
        }
    }

    #[test]
    fn faults_are_read() {
        assert_eq!(parse_faults("status=429, retry-after=2,cut"), Ok(vec![Fault::Status(429), Fault::RetryAfter(2), Fault::Cut]));
        assert_eq!(parse_faults(""), Ok(vec![]));
        assert!(parse_faults("status").is_err() && parse_faults("status=42").is_err());
        assert_eq!(parse_faults("short-tokens=2,token-fail"), Ok(vec![Fault::ShortTokens(2), Fault::TokenFail]));
        assert!(parse_faults("nonsense").unwrap_err().contains("huge-line"));
    }
}
