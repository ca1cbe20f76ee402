//! LM Studio on this machine.

use crate::domain::catalog::{Login, Provider, Transport};

/// LM Studio on this machine.
pub static PROVIDER: Provider = Provider {
    id: "lmstudio",
    aliases: &["lm-studio"],
    title: "LM Studio",
    address: "http://127.0.0.1:1234/v1",
    address_variables: &["LMSTUDIO_BASE_URL"],
    login: Login::None,
    transport: Transport::Completions,
    default_model: "",
    catalog: "",
    id_signs: ":/@",
    local: true,
};
