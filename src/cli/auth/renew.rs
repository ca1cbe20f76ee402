//! `hermes auth renew`: the other side of `accounts::apart`. Not for people: it tells lines of JSON to the program that started it,
//! and goes on when nobody reads them.

use super::needed;
use crate::{
    accounts::{
        self, Refused,
        apart::{Line, fingerprint},
    },
    cli::{World, print, runtime},
    domain::trouble::Trouble,
    services::now,
    settings::config::Config,
};
use clap::{Arg, ArgMatches, Command};
use std::sync::Arc;

/// Its arguments: provider, credential, and the fingerprint of the token that shall be replaced.
pub(super) fn command(name: &'static str) -> Command {
    let argument = |name: &'static str| Arg::new(name).required(true);
    Command::new(name).hide(true).args([argument("provider-id"), argument("credential"), argument("token")])
}

pub(super) fn run(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let provider = needed(matches, world)?;
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let services = world.services(Config::default())?;
    services.said_by(Arc::new(|word| tell(&Line::Say(word))));
    let file = world.auth_file();
    let line = match file.read() {
        Err(error) => Line::from(&Refused { trouble: accounts::file_trouble(&file, &error), is_final: false }),
        Ok(store) => match store.credentials(provider.id, now()).into_iter().find(|c| c.id == text("credential")) {
            None => Line::from(&Refused { trouble: Trouble::new("xai_auth_missing", "The credential is gone"), is_final: false }),
            // another program was first
            Some(current) if fingerprint(&current) != text("token") && current.lives(now()) => Line::Renewed,
            Some(current) => {
                let renewal = accounts::renew_here(provider, &services, &current, || tell(&Line::Sending));
                let finished = async {
                    // whoever ends everything else must not end this
                    let _deaf = runtime::ignore_signals();
                    renewal.await
                };
                match runtime::run(&services, finished)? {
                    Ok(_) => Line::Renewed,
                    Err(refused) => Line::from(&refused),
                }
            }
        },
    };
    services.rescued.take_held().into_iter().for_each(|gain| tell(&Line::Held(gain)));
    tell(&line);
    Ok(0)
}

fn tell(line: &Line) {
    if let Ok(text) = serde_json::to_string(line) {
        print::value(&format!("{text}\n"));
    }
}
