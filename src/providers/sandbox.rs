//! The simulator inside this program.

use crate::domain::catalog::{Login, Provider, Transport};

/// Answers at once, with no account and no network. Its address is known when it has started.
pub static PROVIDER: Provider = Provider {
    id: "sandbox",
    aliases: &["demo"],
    title: "Sandbox",
    address: "",
    address_variables: &[],
    login: Login::None,
    transport: Transport::Responses,
    default_model: "grok-4.3",
    catalog: "xai",
    id_signs: "",
    local: false,
};
