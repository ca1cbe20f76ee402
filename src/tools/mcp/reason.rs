//! Why something went wrong, in words that end a sentence. What the SDK says of itself is not for readers.

use super::text;
use rmcp::{
    model::ErrorData,
    service::{ClientInitializeError as Greeting, ServiceError},
    transport::{DynamicTransportError, streamable_http_client::StreamableHttpError},
};
use std::error::Error;

/// The characters of a reason.
const MOST: usize = 400;

/// Why a server could not be greeted.
pub(super) fn of_greeting(error: &Greeting) -> String {
    if wants_login(error) {
        return "it wants a login: its `headers` need a valid `Authorization`".into();
    }
    match error {
        Greeting::TransportError { error, .. } => of_transport(error),
        Greeting::JsonRpcError(error) => refusal(error),
        Greeting::ConnectionClosed(_) | Greeting::Cancelled => "it closed the connection".into(),
        Greeting::NoCompatibleProtocolVersion { .. } => "it speaks no version of the protocol that we know".into(),
        _ => "it answered the greeting with something else".into(),
    }
}

/// Whether the server asks who we are: trying again would not help.
pub(super) fn wants_login(error: &Greeting) -> bool {
    let is_refused = |error: &DynamicTransportError| {
        let said = chain(error.error.as_ref());
        said.contains("HTTP 401") || said.contains("HTTP 403")
    };
    error.is_authorization_required() || matches!(error, Greeting::TransportError { error, .. } if is_refused(error))
}

/// Why a request got no result.
pub(super) fn of_request(error: &ServiceError) -> String {
    match error {
        ServiceError::McpError(error) => refusal(error),
        ServiceError::TransportSend(error) => of_transport(error),
        ServiceError::TransportClosed => "it closed the connection".into(),
        ServiceError::UnexpectedResponse => "it answered with something else".into(),
        other => text::line(&other.to_string(), MOST),
    }
}

fn refusal(error: &ErrorData) -> String {
    format!("it refused ({}): {}", error.code.0, text::line(&error.message, MOST))
}

fn of_transport(error: &DynamicTransportError) -> String {
    format!("it can't be reached ({})", text::line(&chain(error.error.as_ref()), MOST))
}

/// What each error says that the ones before have not said. Addresses are left out: they may hold keys.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let words = without_address(&error.to_string());
        if !said.contains(&words) {
            if !said.is_empty() {
                said.push_str(": ");
            }
            said.push_str(&words);
        }
        // the SDK does not name this one as its source
        next = match error.downcast_ref::<StreamableHttpError<reqwest::Error>>() {
            Some(StreamableHttpError::Client(inner)) => Some(inner),
            _ => error.source(),
        };
    }
    said
}

/// reqwest adds ` for url (…)` to what it says.
fn without_address(words: &str) -> String {
    let Some((before, rest)) = words.split_once(" for url (") else { return words.to_string() };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{before}{after}")
}
