//! The table of providers, and where each is reached with which key.

mod anthropic;
mod custom;
mod deepseek;
mod gemini;
mod groq;
mod lmstudio;
mod mistral;
mod ollama;
mod openai;
mod openrouter;
mod sandbox;
mod xai;
mod xai_oauth;

use crate::{
    domain::{
        catalog::{Login, Provider},
        secret::Secret,
        trouble::{Exit, Trouble},
    },
    http::hosts::{self, Named},
    settings::environment::Environment,
};
use url::Url;

/// Every provider, in the order in which they are offered.
pub static REGISTRY: &[&Provider] = &[
    &xai_oauth::PROVIDER,
    &xai::PROVIDER,
    &openrouter::PROVIDER,
    &openai::PROVIDER,
    &anthropic::PROVIDER,
    &gemini::PROVIDER,
    &deepseek::PROVIDER,
    &groq::PROVIDER,
    &mistral::PROVIDER,
    &ollama::PROVIDER,
    &lmstudio::PROVIDER,
    &custom::PROVIDER,
    &sandbox::PROVIDER,
];

/// The simulator inside this program.
pub static SANDBOX: &Provider = &sandbox::PROVIDER;

/// xAI with a subscription.
pub static XAI_OAUTH: &Provider = &xai_oauth::PROVIDER;

/// xAI with a key.
pub static XAI: &Provider = &xai::PROVIDER;

/// Any server, at an address of the person's own choice.
pub static CUSTOM: &Provider = &custom::PROVIDER;

/// The provider of that name or alias.
pub fn named(name: &str) -> Result<&'static Provider, Trouble> {
    let wanted = name.trim().to_lowercase();
    REGISTRY.iter().copied().find(|p| p.id == wanted || p.aliases.contains(&wanted.as_str())).ok_or_else(|| {
        let known = REGISTRY.iter().map(|p| format!("`{}`", p.id)).collect::<Vec<_>>().join(", ");
        Trouble::usage(format!("There is no provider called `{name}`")).help(format!("providers are {known}"))
    })
}

/// Which model of which provider a word means. What stands before a `:` or a `/` is a provider only where the present one neither
/// lists the whole word nor has models whose ids hold that sign.
pub fn meant<'a>(
    word: &'a str,
    present: Option<&'static Provider>,
    is_listed: impl Fn(&str) -> bool,
) -> (Option<&'static Provider>, &'a str) {
    let word = word.trim();
    let own = |sign: char| present.is_some_and(|provider| provider.id_signs.contains(sign));
    if present.is_none() || !is_listed(word) {
        for sign in [':', '/'] {
            if let Some((name, model)) = word.split_once(sign).filter(|(_, model)| !model.is_empty() && !own(sign))
                && let Ok(provider) = named(name)
            {
                return (Some(provider), model);
            }
        }
    }
    (present, word)
}

/// The provider that can be used without being named: the first with a key.
pub fn usable(environment: &Environment) -> Option<&'static Provider> {
    REGISTRY.iter().copied().find(|p| matches!(p.login, Login::Key { variables } if environment.first(variables).is_some()))
}

/// An address with the key that may go there.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Base address.
    pub address: Url,
    /// The key; none where none is needed.
    pub key: Option<Secret>,
}

/// Where a provider is reached with a key. Asked before each turn, so that a new key counts at once. `configured` is the address of
/// the configuration and `written` the key that stands beside it; `stored` is a key that was kept by `hermes auth add`, which
/// variables win over.
pub fn connection(
    provider: &Provider,
    environment: &Environment,
    configured: Option<&str>,
    written: Option<Secret>,
    stored: Option<Secret>,
) -> Result<Connection, Trouble> {
    let (source, text) = match (environment.first(provider.address_variables), configured) {
        (Some((name, value)), _) => (Some(name), value),
        (None, Some(value)) => (Some("model.base_url"), value),
        (None, None) => (None, provider.address),
    };
    let address = hosts::base_address(text).map_err(|e| refused(provider, source, &e))?;
    let key = match provider.login {
        Login::None => written,
        // the one beside the address is the one for it
        Login::OptionalKey { variable } => written.or(environment.get(variable).map(Secret::new)).or(stored),
        // its tokens go where `oauth_address` says
        Login::OAuth => return Err(not_signed_in(provider)),
        Login::Key { variables } => {
            let key = environment.first(variables).map(|(_, value)| Secret::new(value)).or(written).or(stored);
            Some(key.ok_or_else(|| no_key(provider, variables))?)
        }
    };
    Ok(Connection { address, key })
}

/// Where a token of OAuth may be sent: the address of the variables, of the credential, of the configuration, else the
/// provider's own; each is refused unless it is xAI's, this machine, or trusted by the person (`docs/sign-in.md` 10.3).
pub fn oauth_address(
    provider: &Provider,
    environment: &Environment,
    others: [Option<&str>; 2],
    trusted: &[String],
) -> Result<Url, Trouble> {
    let (source, text, named) = match (environment.first(provider.address_variables), others) {
        (Some((name, value)), _) => (Some(name), value, Named::ByPerson),
        (None, [Some(row), _]) => (Some("auth.json"), row, Named::ByOthers),
        (None, [None, Some(configured)]) => (Some("model.base_url"), configured, Named::ByPerson),
        (None, [None, None]) => (None, provider.address, Named::ByOthers),
    };
    hosts::oauth_address(text, trusted, named).map_err(|e| refused(provider, source, &e))
}

fn refused(provider: &Provider, source: Option<&str>, error: &hosts::Error) -> Trouble {
    let at = source.map(|name| format!(" (from `{name}`)")).unwrap_or_default();
    let help = match error {
        hosts::Error::Foreign(_) => "use an address of x.ai or of this machine, or name the host in `xai.trusted_hosts`",
        hosts::Error::UserInfo => "leave them out: a key goes into `.env`, and other headers into `model.headers`",
        _ => "use an `https` address, or one of this machine",
    };
    Trouble::new("address_refused", format!("The address of {} can't be used{at}: {error}", provider.title)).help(help).exit(Exit::Usage)
}

/// Nobody is signed in.
pub fn not_signed_in(provider: &Provider) -> Trouble {
    Trouble::new("xai_auth_missing", format!("Nobody is signed in at {}", provider.title))
        .help(format!("`hermes auth add {}` signs in", provider.id))
        .exit(Exit::SignIn)
}

/// A key is needed, and there is none.
fn no_key(provider: &Provider, variables: &[&str]) -> Trouble {
    let variable = variables.first().copied().unwrap_or_default();
    Trouble::new("key_missing", format!("{} needs a key, and none was found", provider.title))
        .help(format!("put `{variable}=…` into the environment or into `.env`, or `hermes auth add {}` keeps one", provider.id))
        .exit(Exit::SignIn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::environment::WRITTEN;
    use std::collections::HashSet;

    #[test]
    fn the_table_of_providers_is_sound() {
        let mut names = HashSet::new();
        for provider in REGISTRY {
            assert!(!provider.title.is_empty() && (provider.local || !provider.default_model.is_empty()));
            for name in std::iter::once(&provider.id).chain(provider.aliases) {
                assert!(names.insert(*name), "{name} is used twice");
            }
        }
    }

    #[test]
    fn a_prefix_is_a_provider_only_where_it_can_be_nothing_else() {
        let meant = |word: &'static str, present: &str, listed: bool| {
            let (provider, model) = meant(word, named(present).ok(), |_| listed);
            (provider.map(|p| p.id).unwrap_or_default(), model)
        };
        assert_eq!(meant("mistral:7b", "ollama", false), ("ollama", "mistral:7b"));
        assert_eq!(meant("ollama:mistral:7b", "xai", false), ("ollama", "mistral:7b"));
        assert_eq!(meant("xai-oauth:grok-4.3", "xai", false), ("xai-oauth", "grok-4.3"));
        assert_eq!(meant("openai/gpt-5", "xai", false), ("openai", "gpt-5"));
        assert_eq!(meant("openai/gpt-5", "openrouter", false), ("openrouter", "openai/gpt-5"));
        assert_eq!(meant("openai/gpt-oss-120b", "groq", false), ("groq", "openai/gpt-oss-120b"));
        assert_eq!(meant("mistral:odd", "xai", true), ("xai", "mistral:odd"));
        assert_eq!(meant("nobody:x", "xai", false), ("xai", "nobody:x"));
    }

    #[test]
    fn every_variable_that_is_kept_in_a_file_is_known_there() {
        for provider in REGISTRY {
            let keys: &[&str] = match &provider.login {
                Login::Key { variables } => variables,
                Login::OptionalKey { variable } => &[variable],
                Login::OAuth | Login::None => &[],
            };
            for name in keys.iter().chain(provider.address_variables) {
                assert!(WRITTEN.contains(name), "{name}");
            }
        }
    }

    #[test]
    fn a_key_goes_to_the_address_that_the_person_named() {
        let with = |variables: &[(&str, &str)]| connection(&xai::PROVIDER, &Environment::of(variables), None, None, None);
        let good = with(&[("XAI_API_KEY", "k"), ("XAI_BASE_URL", "http://127.0.0.1:9/v1")]).unwrap();
        assert_eq!((good.address.as_str(), good.key.unwrap().reveal()), ("http://127.0.0.1:9/v1", "k"));
        let stronger =
            with(&[("XAI_API_KEY", "k"), ("XAI_BASE_URL", "https://a.example"), ("HERMES_XAI_BASE_URL", "https://b.example")]).unwrap();
        assert_eq!(stronger.address.host_str(), Some("b.example"));
        assert_eq!(with(&[("XAI_API_KEY", "k"), ("XAI_BASE_URL", "http://a.example")]).unwrap_err().code, "address_refused");
        assert_eq!(with(&[]).unwrap_err().exit, Exit::SignIn);
        assert_eq!(
            connection(&xai::PROVIDER, &Environment::of(&[]), None, None, Some(Secret::new("kept"))).unwrap().key.unwrap().reveal(),
            "kept"
        );
        assert!(named("nobody").unwrap_err().message.contains("nobody"));
    }

    #[test]
    fn tokens_of_oauth_go_to_x_ai_and_to_trusted_hosts_only() {
        let with = |variables: &[(&str, &str)], others: [Option<&str>; 2], trusted: &[String]| {
            oauth_address(XAI_OAUTH, &Environment::of(variables), others, trusted).map(|a| a.to_string()).map_err(|t| t.code)
        };
        assert_eq!(with(&[], [None, None], &[]), Ok("https://api.x.ai/v1".into()));
        assert_eq!(
            with(&[("XAI_BASE_URL", "http://127.0.0.1:9/v1")], [Some("https://api.x.ai/v1"), None], &[]),
            Ok("http://127.0.0.1:9/v1".into())
        );
        assert_eq!(with(&[], [Some("https://eu.x.ai/v1"), Some("https://b.x.ai")], &[]), Ok("https://eu.x.ai/v1".into()));
        assert_eq!(with(&[("XAI_BASE_URL", "https://evil.example/v1")], [None, None], &[]), Err("address_refused"));
        assert_eq!(
            with(&[("XAI_BASE_URL", "https://own.example/v1")], [None, None], &["own.example".into()]),
            Ok("https://own.example/v1".into())
        );
        assert!(named(" X-AI-OAuth ").is_ok_and(|p| p.id == "xai-oauth") && named("grok").is_ok_and(|p| p.id == "xai"));
    }
}
