//! Many models of many makers behind one key.

use crate::domain::catalog::{Login, Provider, Transport};

/// Many models of many makers behind one key.
pub static PROVIDER: Provider = Provider {
    id: "openrouter",
    aliases: &[],
    title: "OpenRouter",
    address: "https://openrouter.ai/api/v1",
    address_variables: &["OPENROUTER_BASE_URL"],
    login: Login::Key { variables: &["OPENROUTER_API_KEY"] },
    transport: Transport::Completions,
    default_model: "openrouter/auto",
    catalog: "openrouter",
    id_signs: ":/",
    local: false,
};
