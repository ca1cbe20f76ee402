//! Groq with a key.

use crate::domain::catalog::{Login, Provider, Transport};

/// Groq with a key.
pub static PROVIDER: Provider = Provider {
    id: "groq",
    aliases: &[],
    title: "Groq",
    address: "https://api.groq.com/openai/v1",
    address_variables: &["GROQ_BASE_URL"],
    login: Login::Key { variables: &["GROQ_API_KEY"] },
    transport: Transport::Completions,
    default_model: "llama-3.3-70b-versatile",
    catalog: "groq",
    id_signs: "/",
    local: false,
};
