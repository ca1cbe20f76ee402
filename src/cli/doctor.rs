//! `hermes doctor`: checks what can be checked, and says how to mend it. Changes nothing, and asks no server unless told to.

use super::{Subcommand, World, chat, print};
use crate::{
    accounts::standing,
    domain::{
        catalog::Login,
        foreign::tame_line,
        health::{Check, Health, Section, is_well},
        trouble::{Exit, Trouble},
    },
    effects::doctor::{self, Subject},
    providers,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

pub(super) static SUBCOMMAND: Subcommand = Subcommand {
    name: "doctor",
    command: || {
        let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help).action(ArgAction::SetTrue);
        Command::new("doctor")
            .about("Check everything, and say how to mend it")
            .arg(flag("json", "Print JSON"))
            .arg(flag("prove", "Send one tiny real request to every provider that can be used"))
    },
    run,
};

fn run(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let subject =
        Subject { environment: world.environment.clone(), paths: world.paths.clone(), tools: world.tools(&world.settings()), way: None };
    let mut sections = doctor::examine(&subject);
    if matches.get_flag("prove") {
        sections.push(proofs(world));
    }
    let ok = is_well(&sections);
    if matches.get_flag("json") {
        print::json(&document(ok, &sections));
    } else {
        print::out(&text(ok, &sections));
    }
    Ok(if ok { 0 } else { Exit::Failed.status() })
}

/// One tiny request to everybody who can be asked.
fn proofs(world: &World) -> Section {
    let store = world.auth_file().read().unwrap_or_default();
    let able = providers::REGISTRY.iter().filter(|p| p.login != Login::None && standing::status(p, &store, &world.environment).signed_in);
    let mut checks: Vec<Check> = able
        .map(|provider| {
            let began = std::time::Instant::now();
            match chat::prove(provider, world) {
                Ok(model) => {
                    let time = began.elapsed().as_secs_f64();
                    Check::new(provider.id, Health::Ok, format!("{} answered in {time:.1} s", tame_line(&model)))
                }
                Err(trouble) => doctor::of_trouble(provider.id, &trouble),
            }
        })
        .collect();
    if checks.is_empty() {
        checks.push(Check::new("request", Health::Info, "there is nobody to ask yet"));
    }
    Section { title: "Proof", checks }
}

fn document(ok: bool, sections: &[Section]) -> Value {
    let check = |c: &Check| json!({ "name": c.name, "state": c.health.word(), "detail": c.detail, "help": c.help });
    let sections = sections.iter().map(|s| json!({ "title": s.title, "checks": s.checks.iter().map(check).collect::<Vec<_>>() }));
    json!({ "ok": ok, "sections": sections.collect::<Vec<_>>() })
}

fn text(ok: bool, sections: &[Section]) -> String {
    let mut text = String::new();
    for section in sections {
        text.push_str(&format!("◆ {}\n", section.title));
        for check in &section.checks {
            text.push_str(&format!("  {} {}: {}", check.health.mark(), tame_line(&check.name), tame_line(&check.detail)));
            let help = check.help.as_ref().map(|h| format!(" — {}", tame_line(h))).unwrap_or_default();
            text.push_str(&format!("{help}\n"));
        }
        text.push('\n');
    }
    text.push_str(if ok { "Nothing is broken\n" } else { "Something marked ✗ needs a look\n" });
    text
}
