//! Mistral with a key.

use crate::domain::catalog::{Login, Provider, Transport};

/// Mistral with a key.
pub static PROVIDER: Provider = Provider {
    id: "mistral",
    aliases: &[],
    title: "Mistral",
    address: "https://api.mistral.ai/v1",
    address_variables: &["MISTRAL_BASE_URL"],
    login: Login::Key { variables: &["MISTRAL_API_KEY"] },
    transport: Transport::Completions,
    default_model: "mistral-large-latest",
    catalog: "mistral",
    id_signs: "",
    local: false,
};
