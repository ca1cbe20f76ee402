//! Google Gemini with a key, through its OpenAI-compatible address.

use crate::domain::catalog::{Login, Provider, Transport};

/// Google Gemini with a key, through its OpenAI-compatible address.
pub static PROVIDER: Provider = Provider {
    id: "gemini",
    aliases: &["google"],
    title: "Google Gemini",
    address: "https://generativelanguage.googleapis.com/v1beta/openai",
    address_variables: &["GEMINI_BASE_URL"],
    login: Login::Key { variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY"] },
    transport: Transport::Completions,
    default_model: "gemini-2.5-pro",
    catalog: "google",
    id_signs: "/",
    local: false,
};
