//! The table of providers, and where each is reached with which key.

mod sandbox;
mod xai;

use crate::{
    domain::{
        catalog::{Login, Provider},
        secret::Secret,
        trouble::{Exit, Trouble},
    },
    http::hosts,
    settings::environment::Environment,
};
use url::Url;

/// Every provider, in the order in which they are offered.
pub static REGISTRY: &[&Provider] = &[&xai::PROVIDER, &sandbox::PROVIDER];

/// The simulator inside this program.
pub static SANDBOX: &Provider = &sandbox::PROVIDER;

/// The provider of that name or alias.
pub fn named(name: &str) -> Result<&'static Provider, Trouble> {
    let wanted = name.trim().to_lowercase();
    REGISTRY.iter().copied().find(|p| p.id == wanted || p.aliases.contains(&wanted.as_str())).ok_or_else(|| {
        let known = REGISTRY.iter().map(|p| format!("`{}`", p.id)).collect::<Vec<_>>().join(", ");
        Trouble::usage(format!("There is no provider called `{name}`")).help(format!("providers are {known}"))
    })
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

/// Where a provider is reached. Asked before each turn, so that a new key counts at once.
pub fn connection(provider: &Provider, environment: &Environment) -> Result<Connection, Trouble> {
    let address = environment.first(provider.address_variables);
    let source = address.map(|(name, _)| name);
    let address = hosts::base_address(address.map_or(provider.address, |(_, value)| value)).map_err(|error| {
        let at = source.map(|name| format!(" (from `{name}`)")).unwrap_or_default();
        Trouble::new("address_refused", format!("The address of {} can't be used{at}: {error}", provider.title))
            .help("use an `https` address, or one of this machine")
            .exit(Exit::Usage)
    })?;
    let key = match provider.login {
        Login::None => None,
        Login::Key { variables } => {
            let key = environment.first(variables).map(|(_, value)| Secret::new(value)).ok_or_else(|| no_key(provider, variables))?;
            Some(key)
        }
    };
    Ok(Connection { address, key })
}

fn no_key(provider: &Provider, variables: &[&str]) -> Trouble {
    let variable = variables.first().copied().unwrap_or_default();
    Trouble::new("key_missing", format!("{} needs a key, and there is none", provider.title))
        .help(format!("put `{variable}=…` into the environment or into `.env`, or try `--provider sandbox`"))
        .exit(Exit::SignIn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_of_providers_is_sound() {
        let mut names = HashSet::new();
        for provider in REGISTRY {
            assert!(!provider.title.is_empty() && !provider.default_model.is_empty());
            for name in std::iter::once(&provider.id).chain(provider.aliases) {
                assert!(names.insert(*name), "{name} is used twice");
            }
        }
    }

    #[test]
    fn a_key_goes_to_the_address_that_the_person_named() {
        let with = |variables: &[(&str, &str)]| connection(&xai::PROVIDER, &Environment::of(variables));
        let good = with(&[("XAI_API_KEY", "k"), ("XAI_BASE_URL", "http://127.0.0.1:9/v1")]).unwrap();
        assert_eq!((good.address.as_str(), good.key.unwrap().reveal()), ("http://127.0.0.1:9/v1", "k"));
        let stronger =
            with(&[("XAI_API_KEY", "k"), ("XAI_BASE_URL", "https://a.example"), ("HERMES_XAI_BASE_URL", "https://b.example")]).unwrap();
        assert_eq!(stronger.address.host_str(), Some("b.example"));
        assert_eq!(with(&[("XAI_API_KEY", "k"), ("XAI_BASE_URL", "http://a.example")]).unwrap_err().code, "address_refused");
        assert_eq!(with(&[]).unwrap_err().exit, Exit::SignIn);
        assert!(named("nobody").unwrap_err().message.contains("nobody"));
    }
}
