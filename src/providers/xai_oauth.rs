//! xAI with a Grok subscription.

use crate::domain::catalog::{Login, Provider, Transport};

/// The service of xAI, paid by the subscription of whoever signs in (`docs/sign-in.md` 1).
pub static PROVIDER: Provider = Provider {
    id: "xai-oauth",
    aliases: &["grok-oauth", "x-ai-oauth", "xai-grok-oauth"],
    title: "xAI Grok OAuth (SuperGrok Subscription)",
    address: "https://api.x.ai/v1",
    address_variables: &["HERMES_XAI_BASE_URL", "XAI_BASE_URL"],
    login: Login::OAuth,
    transport: Transport::Responses,
    default_model: "grok-4.3",
    catalog: "xai",
    id_signs: "",
    local: false,
};
