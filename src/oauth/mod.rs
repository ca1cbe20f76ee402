//! Signing in with OAuth 2.0: discovery, the authorization code grant with PKCE and a listener on loopback (RFC 6749, 7636,
//! 8252), the device grant (RFC 8628), what is pasted, and refreshing (`docs/sign-in.md`). Knows no files and no screen.

pub mod device_code;
pub mod discovery;
pub mod error;
pub mod loopback;
mod page;
pub mod paste;
pub mod pkce;
mod protocol;
pub mod token;

/// Where xAI signs people in, unless `XAI_OAUTH_ISSUER` names another place.
pub const ISSUER: &str = "https://auth.x.ai";
/// The public client that the Grok CLI uses, too; there is no secret.
pub const CLIENT_ID: &str = "b1a00492-073a-47ea-816f-4c329264a828";
/// What is asked for, in this order.
pub const SCOPE: &str = "openid profile email offline_access grok-cli:access api:access";
