//! Any server that speaks Chat Completions or Responses, at the address of the configuration or of `CUSTOM_BASE_URL`.

use crate::domain::catalog::{Login, Provider, Transport};

/// A server of the person's own choice; its key is optional. A llama.cpp server of this machine is where it is looked for first.
pub static PROVIDER: Provider = Provider {
    id: "custom",
    aliases: &["openai-compatible", "llamacpp", "llama.cpp"],
    title: "Custom address",
    address: "http://127.0.0.1:8080/v1",
    address_variables: &["CUSTOM_BASE_URL"],
    login: Login::OptionalKey { variable: "CUSTOM_API_KEY" },
    transport: Transport::Completions,
    default_model: "",
    catalog: "",
    id_signs: ":/",
    local: true,
};
