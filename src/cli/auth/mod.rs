//! `hermes auth`: signing in and out, and what is stored.

mod add;
mod renew;
mod stored;

use super::{Subcommand, World};
use crate::{
    accounts::apart::COMMAND,
    domain::{
        catalog::Provider,
        trouble::{Exit, Trouble},
    },
    providers,
};
use clap::{Arg, ArgAction, ArgMatches, Command};

pub(super) static SUBCOMMAND: Subcommand = Subcommand { name: "auth", command, run };

/// `hermes login`: the same as `hermes auth add`.
pub(super) static LOGIN: Subcommand = Subcommand {
    name: "login",
    command: || add::arguments(Command::new("login").about("Sign in; the same as `auth add`"), false),
    run: add::run,
};

fn command() -> Command {
    let json = || Arg::new("json").long("json").help("Print JSON").action(ArgAction::SetTrue);
    let provider = |needed: bool| Arg::new("provider-id").value_name("PROVIDER").help("A provider, by its id or an alias").required(needed);
    Command::new("auth")
        .about("Sign in and out, and see what is stored")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(add::arguments(Command::new("add").about("Sign in, or keep an API key"), true))
        .subcommand(Command::new("list").about("The stored credentials, numbered from 1").arg(provider(false)).arg(json()))
        .subcommand(
            Command::new("remove")
                .about("Drop one credential (the only one, when none is named)")
                .arg(provider(true))
                .arg(Arg::new("target").value_name("INDEX|ID|LABEL").help("Which one")),
        )
        .subcommand(Command::new("logout").about("Clear a provider's own entry and all its credentials").arg(provider(false)))
        .subcommand(Command::new("status").about("Who is signed in, and until when").arg(provider(false)).arg(json()))
        .subcommand(Command::new("reset").about("Forget that credentials were exhausted").arg(provider(true)))
        .subcommand(renew::command(COMMAND))
}

fn run(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    match matches.subcommand() {
        Some(("add", matches)) => add::run(matches, world),
        Some(("list", matches)) => stored::list(matches, world),
        Some(("remove", matches)) => stored::remove(matches, world),
        Some(("logout", matches)) => stored::log_out(matches, world),
        Some(("status", matches)) => stored::status(matches, world),
        Some(("reset", matches)) => stored::reset(matches, world),
        Some((COMMAND, matches)) => renew::run(matches, world),
        _ => Err(Trouble::usage("There is nothing to do").help("`hermes auth --help` lists what there is")),
    }
}

/// The provider that is named, if one is; `--provider` counts, too.
fn named(matches: &ArgMatches, world: &World) -> Result<Option<&'static Provider>, Trouble> {
    let name = matches.get_one::<String>("provider-id").or(world.wishes.provider.as_ref());
    name.map(|name| providers::named(name).map_err(|t| Trouble { code: "invalid_provider", ..t })).transpose()
}

fn needed(matches: &ArgMatches, world: &World) -> Result<&'static Provider, Trouble> {
    named(matches, world)?.ok_or_else(|| {
        Trouble::usage("No provider was named").help("`hermes auth add xai-oauth` signs in with a Grok subscription").exit(Exit::Usage)
    })
}
