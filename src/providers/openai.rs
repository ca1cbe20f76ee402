//! OpenAI with a key.

use crate::domain::catalog::{Login, Provider, Transport};

/// OpenAI with a key.
pub static PROVIDER: Provider = Provider {
    id: "openai",
    aliases: &[],
    title: "OpenAI",
    address: "https://api.openai.com/v1",
    address_variables: &["OPENAI_BASE_URL"],
    login: Login::Key { variables: &["OPENAI_API_KEY"] },
    transport: Transport::Responses,
    default_model: "gpt-5",
    catalog: "openai",
    id_signs: "",
    local: false,
};
