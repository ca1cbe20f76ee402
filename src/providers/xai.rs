//! xAI with a key.

use crate::domain::catalog::{Login, Provider, Transport};

/// xAI's own service (`docs/xai.md` 1).
pub static PROVIDER: Provider = Provider {
    id: "xai",
    aliases: &["x-ai", "x.ai", "grok"],
    title: "xAI",
    address: "https://api.x.ai/v1",
    address_variables: &["HERMES_XAI_BASE_URL", "XAI_BASE_URL"],
    login: Login::Key { variables: &["XAI_API_KEY"] },
    transport: Transport::Responses,
    default_model: "grok-4.3",
    catalog: "xai",
    id_signs: "",
    local: false,
};
