//! `/login` and `/logout`

use super::{Command, When};
use crate::{
    domain::{
        catalog::{Login, Provider},
        facts::Facts,
    },
    flow::{intent::Intent, screen::Reply},
};

pub(super) static LOGIN: Command = Command {
    name: "login",
    also: "sign in account",
    takes: "[PROVIDER]",
    about: "Sign in: browser, phone or paste",
    when: When::Always,
    choices: ids,
    run: |name, facts| match pick(name, facts) {
        Some(provider) => screen(provider),
        None => Reply::intent(Intent::Tell(format!("No provider called `{name}` takes a sign-in"))),
    },
};

pub(super) static LOGOUT: Command = Command {
    name: "logout",
    also: "sign out",
    takes: "[PROVIDER]",
    about: "Sign out, dropping what is stored",
    when: When::Idle,
    choices: ids,
    run: |name, facts| match pick(name, facts) {
        // it can't be taken back: asked first
        Some(_) => Reply::open("log-out"),
        None => Reply::intent(Intent::Tell(format!("No provider called `{name}` takes a sign-in"))),
    },
};

/// The screen on which somebody signs in there.
pub fn screen(provider: &'static Provider) -> Reply {
    Reply { intents: vec![Intent::LogIn(provider, Default::default())], ..Reply::open("login") }
}

fn ids(facts: &Facts) -> Vec<String> {
    facts.catalog.providers.iter().filter(|p| p.login == Login::OAuth).map(|p| p.id.to_string()).collect()
}

/// The provider that a sign-out without a name is about.
pub fn signs_out(facts: &Facts) -> Option<&'static Provider> {
    pick("", facts)
}

/// The provider of that name; without one that of the conversation, else the first that takes a sign-in.
fn pick(name: &str, facts: &Facts) -> Option<&'static Provider> {
    let mut able = facts.catalog.providers.iter().copied().filter(|p| p.login == Login::OAuth);
    let current = facts.front().choice.provider;
    match name {
        "" if current.login == Login::OAuth => Some(current),
        "" => able.next(),
        name => able.find(|p| p.id == name || p.aliases.contains(&name)),
    }
}
