//! Anthropic with a key, through its OpenAI-compatible address.

use crate::domain::catalog::{Login, Provider, Transport};

/// Anthropic with a key, through its OpenAI-compatible address.
pub static PROVIDER: Provider = Provider {
    id: "anthropic",
    aliases: &["claude"],
    title: "Anthropic",
    address: "https://api.anthropic.com/v1",
    address_variables: &["ANTHROPIC_BASE_URL"],
    login: Login::Key { variables: &["ANTHROPIC_API_KEY"] },
    transport: Transport::Completions,
    default_model: "claude-sonnet-4-5",
    catalog: "anthropic",
    id_signs: "",
    local: false,
};
