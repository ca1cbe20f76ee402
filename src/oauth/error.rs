//! What can go wrong while signing in or refreshing, its code (`docs/sign-in.md` 7) and its sentence.

use crate::{
    domain::trouble::{Exit, Trouble},
    http::unreached::Unreached,
};
use std::time::Duration;

/// Why a step did not work. Texts of servers are cut and never hold a token.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// No answer, or another status than 200.
    #[error("discovery: {0}")]
    DiscoveryFailed(String),
    /// There was no connection.
    #[error("discovery: {0}")]
    DiscoveryUnreached(Unreached),
    /// The answer was no JSON.
    #[error("discovery: no JSON")]
    DiscoveryNoJson,
    /// An endpoint is missing.
    #[error("discovery: `{0}` is missing")]
    DiscoveryIncomplete(&'static str),
    /// An endpoint is somewhere that tokens may not go.
    #[error("discovery: {0} may not be used")]
    DiscoveryInvalid(String),
    /// No port could be listened on.
    #[error("no port: {0}")]
    BindFailed(String),
    /// The browser did not come back in time.
    #[error("no callback within {} s", .0.as_secs())]
    CallbackTimeout(Duration),
    /// The server, or the person, said no.
    #[error("denied: {0}")]
    Denied(String),
    /// A refusal that is not of this attempt; it ends nothing.
    #[error("a stranger: {0}")]
    Stranger(String),
    /// The answer belongs to another attempt.
    #[error("another state")]
    StateMismatch,
    /// There was no code in what came.
    #[error("no code")]
    CodeMissing,
    /// The token endpoint refused the code: status (0 for no answer) and reason.
    #[error("exchange: {0} {1}")]
    ExchangeFailed(u16, String),
    /// The token endpoint answered something else than tokens.
    #[error("exchange: {0}")]
    ExchangeInvalid(&'static str),
    /// The account may not use the API.
    #[error("403 from the token endpoint: {0}")]
    TierDenied(String),
    /// The device endpoint refused, or did not answer.
    #[error("device endpoint: {0}")]
    DeviceRefused(String),
    /// These fields were missing.
    #[error("device endpoint: {0} missing")]
    DeviceInvalid(String),
    /// The person said no on the other device.
    #[error("denied on the other device")]
    DeviceDenied,
    /// The server says that the code is too old.
    #[error("the device code has expired")]
    DeviceExpired,
    /// The code's time is over.
    #[error("the device code was not used in time")]
    DeviceTimeout,
    /// Any other refusal while waiting.
    #[error("device token: {0}")]
    DeviceFailed(String),
    /// The answer had no tokens.
    #[error("device token: no token")]
    DeviceTokenInvalid,
    /// The refresh was refused: status and reason.
    #[error("refresh: {0} {1}")]
    RefreshFailed(u16, String),
    /// The refresh was never sent; the token is as good as it was.
    #[error("refresh: not sent: {0}")]
    RefreshNotSent(Unreached),
    /// The refresh was sent and not answered: whether the token is spent is unknown.
    #[error("refresh: no answer: {0}")]
    RefreshLost(String),
    /// There is no token to refresh with.
    #[error("refresh: no refresh token")]
    RefreshImpossible,
    /// The answer to a refresh was no JSON.
    #[error("refresh: no JSON")]
    RefreshNoJson,
    /// It had no access token.
    #[error("refresh: no access token")]
    RefreshMissing,
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Error::DiscoveryFailed(_) | Error::DiscoveryUnreached(_) => "xai_discovery_failed",
            Error::DiscoveryNoJson => "xai_discovery_invalid_json",
            Error::DiscoveryIncomplete(_) => "xai_discovery_incomplete",
            Error::DiscoveryInvalid(_) => "xai_discovery_invalid",
            Error::BindFailed(_) => "xai_callback_bind_failed",
            Error::CallbackTimeout(_) => "xai_callback_timeout",
            Error::Denied(_) | Error::Stranger(_) => "xai_authorization_failed",
            Error::StateMismatch => "xai_state_mismatch",
            Error::CodeMissing => "xai_code_missing",
            Error::ExchangeFailed(..) => "xai_token_exchange_failed",
            Error::ExchangeInvalid(_) => "xai_token_exchange_invalid",
            Error::TierDenied(_) => "xai_oauth_tier_denied",
            Error::DeviceRefused(_) => "device_code_request_failed",
            Error::DeviceInvalid(_) => "device_code_invalid",
            Error::DeviceTimeout => "device_code_timeout",
            Error::DeviceDenied | Error::DeviceExpired | Error::DeviceFailed(_) => "xai_device_token_failed",
            Error::DeviceTokenInvalid => "xai_device_token_invalid",
            Error::RefreshFailed(..) | Error::RefreshNotSent(_) | Error::RefreshLost(_) => "xai_refresh_failed",
            Error::RefreshImpossible => "xai_auth_missing_refresh_token",
            Error::RefreshNoJson => "xai_refresh_invalid_json",
            Error::RefreshMissing => "xai_refresh_missing_access_token",
        }
    }
    /// Whether only signing in again helps.
    pub fn needs_sign_in(&self) -> bool {
        matches!(self, Error::RefreshFailed(400 | 401, _) | Error::RefreshMissing | Error::RefreshImpossible)
    }
    /// Whether the token may be sent again by itself: it was refused before it was spent.
    pub fn may_be_repeated(&self) -> bool {
        match self {
            Error::RefreshNotSent(unreached) | Error::DiscoveryUnreached(unreached) => unreached.is_passing(),
            Error::DiscoveryFailed(_) => true,
            Error::RefreshFailed(status, _) => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }
    /// Whether only a new sign-in, or another plan, helps: the token that still lives is no good either.
    pub fn is_final(&self) -> bool {
        self.needs_sign_in() || matches!(self, Error::TierDenied(_))
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let code = error.code();
        let again = "start over, or try another way to sign in";
        let (message, help) = match &error {
            Error::DiscoveryFailed(cause) => {
                (format!("The sign-in server can't be reached: {cause}"), "check the network, a proxy, and `XAI_OAUTH_ISSUER`")
            }
            Error::DiscoveryUnreached(unreached) => {
                let help =
                    format!("{}; also `XAI_OAUTH_ISSUER`", unreached.help(None).replace(", then /retry", "").replace("; then /retry", ""));
                return Trouble::new(code, format!("The sign-in server can't be reached: {unreached}"))
                    .help(help)
                    .raw(unreached.cause.clone());
            }
            Error::DiscoveryNoJson => {
                ("The sign-in server did not describe itself in JSON".into(), "check the network, and `XAI_OAUTH_ISSUER`")
            }
            Error::DiscoveryIncomplete(field) => (format!("The sign-in server did not say its `{field}`"), "check `XAI_OAUTH_ISSUER`"),
            Error::DiscoveryInvalid(address) => (
                format!("The sign-in server named {address}, which is not an address of x.ai"),
                "nothing was sent there; check the network and `XAI_OAUTH_ISSUER`",
            ),
            Error::BindFailed(cause) => {
                (format!("No port of this machine can be listened on: {cause}"), "use the code on another device, or `--manual-paste`")
            }
            Error::CallbackTimeout(window) => (
                format!("Timed out: nobody came back from the browser within {} s", window.as_secs()),
                "start over; what the browser shows can be pasted, too",
            ),
            Error::Denied(reason) => (format!("The sign-in was refused: {reason}"), "start over and choose to allow it"),
            Error::Stranger(reason) => (
                format!("A stranger sent a refusal that is not of this sign-in (“{reason}”); nothing has ended"),
                "go on in the browser, or paste the whole address that it shows",
            ),
            Error::StateMismatch => (
                "The answer belongs to another sign-in (its `state` differs), so nothing was accepted: possible CSRF".into(),
                "start over, and use the address of this attempt only",
            ),
            Error::CodeMissing => ("There was no code in the answer".into(), "paste the whole address, its query, or the code alone"),
            Error::ExchangeFailed(0, cause) => {
                (format!("The token endpoint can't be reached: {cause}"), "check the network, then start over")
            }
            Error::ExchangeFailed(status, reason) => (format!("The token endpoint refused the code ({status}): {reason}"), again),
            Error::ExchangeInvalid(what) => (format!("The token endpoint answered without {what}"), again),
            Error::TierDenied(reason) => (
                format!("The plan of this account does not include API access: {reason}"),
                "signing in again will not help; upgrade at https://grok.com/supergrok, or use `XAI_API_KEY` with provider `xai`",
            ),
            Error::DeviceRefused(reason) => {
                (format!("The server gave no code for another device: {reason}"), "sign in with the browser instead")
            }
            Error::DeviceInvalid(fields) => {
                (format!("The server's answer lacks {fields}, so no other device can be used"), "sign in with the browser instead")
            }
            Error::DeviceTimeout => ("Timed out: the code for the other device was not used in time".into(), "start over for a new one"),
            Error::DeviceExpired => ("The code for the other device has expired".into(), "start over for a new one"),
            Error::DeviceDenied => ("The sign-in was refused on the other device".into(), "start over and choose to allow it"),
            Error::DeviceFailed(reason) => (format!("The server ended the sign-in of the other device: {reason}"), again),
            Error::DeviceTokenInvalid => ("The server's answer to the other device has no tokens".into(), again),
            Error::RefreshNotSent(cause) => {
                (format!("The sign-in could not be renewed: {cause}"), "check the network; the sign-in is kept")
            }
            Error::RefreshLost(cause) => (
                format!("The sign-in server took the renewal and did not answer: {cause}"),
                "try again; if the sign-in has ended by then, `hermes auth add xai-oauth` signs in again",
            ),
            Error::RefreshImpossible => {
                ("The token has ended, and there is nothing to renew it with".into(), "`hermes auth add xai-oauth` signs in again")
            }
            Error::RefreshFailed(400 | 401, reason) => {
                (format!("The sign-in has ended: {reason}"), "`hermes auth add xai-oauth` signs in again")
            }
            Error::RefreshFailed(status, reason) => {
                (format!("The sign-in could not be renewed ({status}): {reason}"), "try again in a moment; the sign-in is kept")
            }
            Error::RefreshNoJson => {
                ("The sign-in could not be renewed: the answer was no JSON".into(), "try again in a moment; the sign-in is kept")
            }
            Error::RefreshMissing => {
                ("The sign-in could not be renewed: the answer had no token".into(), "`hermes auth add xai-oauth` signs in again")
            }
        };
        let trouble = Trouble::new(code, message).help(help);
        if error.needs_sign_in() { trouble.exit(Exit::SignIn) } else { trouble }
    }
}

/// What a server says of a refusal, for people: its description, else its error, cut and on one line. Never a whole body: it
/// could hold anything.
pub fn reason(body: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |name: &str| value.get(name).and_then(|v| v.as_str()).map(str::trim).filter(|t| !t.is_empty());
    let text = match (word("error"), word("error_description")) {
        (Some(error), Some(description)) if description.contains(error) => description.to_string(),
        (Some(error), Some(description)) => format!("{description} ({error})"),
        (Some(one), None) | (None, Some(one)) => one.to_string(),
        (None, None) => return "it did not say why".into(),
    };
    let text: String = crate::domain::foreign::tame_line(&text).chars().take(300).collect();
    crate::http::redact::redact(&text, &[])
}

/// The innermost cause of a failed request, without its address: that may hold a code.
pub fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    if error.is_timeout() {
        return "it did not answer in time".into();
    }
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
