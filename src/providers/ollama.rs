//! Ollama on this machine.

use crate::domain::catalog::{Login, Provider, Transport};

/// Ollama on this machine.
pub static PROVIDER: Provider = Provider {
    id: "ollama",
    aliases: &[],
    title: "Ollama",
    address: "http://127.0.0.1:11434/v1",
    address_variables: &["OLLAMA_BASE_URL"],
    login: Login::None,
    transport: Transport::Completions,
    default_model: "",
    catalog: "",
    id_signs: ":/",
    local: true,
};
