//! DeepSeek with a key.

use crate::domain::catalog::{Login, Provider, Transport};

/// DeepSeek with a key.
pub static PROVIDER: Provider = Provider {
    id: "deepseek",
    aliases: &[],
    title: "DeepSeek",
    address: "https://api.deepseek.com/v1",
    address_variables: &["DEEPSEEK_BASE_URL"],
    login: Login::Key { variables: &["DEEPSEEK_API_KEY"] },
    transport: Transport::Completions,
    default_model: "deepseek-chat",
    catalog: "deepseek",
    id_signs: "",
    local: false,
};
