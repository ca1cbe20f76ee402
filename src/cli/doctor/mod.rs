//! `hermes doctor`: checks what can be checked, and says how to mend it. Changes nothing, and asks no server unless told to.

mod files;
mod terminal;
mod tools;

use super::{Subcommand, World, auth, chat, print};
use crate::{
    accounts::{file_trouble, standing},
    domain::{
        catalog::Login,
        foreign::tame_line,
        trouble::{Exit, Trouble},
    },
    providers,
    storage::credentials::Store,
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

/// How a check went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warn,
    Fail,
    Info,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
            Verdict::Info => "info",
        }
    }
    fn mark(self) -> &'static str {
        match self {
            Verdict::Ok => "✓",
            Verdict::Warn => "⚠",
            Verdict::Fail => "✗",
            Verdict::Info => "→",
        }
    }
}

struct Check {
    name: String,
    verdict: Verdict,
    detail: String,
    help: Option<String>,
}

impl Check {
    fn new(name: impl Into<String>, verdict: Verdict, detail: impl Into<String>) -> Self {
        Self { name: name.into(), verdict, detail: detail.into(), help: None }
    }
    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    fn of_trouble(name: &str, trouble: &Trouble) -> Self {
        Self { name: name.into(), verdict: Verdict::Fail, detail: trouble.message.clone(), help: trouble.help.clone() }
    }
}

struct Section {
    title: &'static str,
    checks: Vec<Check>,
}

fn run(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let file = world.auth_file();
    let store = file.read();
    let mut sections = vec![files::section(world, store.as_ref().err().map(|e| file_trouble(&file, e)))];
    sections.push(auth_providers(&store.unwrap_or_default(), world));
    sections.push(tools::section(world));
    sections.push(terminal::section(&world.environment));
    if matches.get_flag("prove") {
        sections.push(proofs(world));
    }
    let ok = sections.iter().flat_map(|s| &s.checks).all(|c| c.verdict != Verdict::Fail);
    if matches.get_flag("json") {
        print::json(&document(ok, &sections));
    } else {
        print::out(&text(ok, &sections));
    }
    Ok(if ok { 0 } else { Exit::Failed.status() })
}

fn auth_providers(store: &Store, world: &World) -> Section {
    let checks = providers::REGISTRY.iter().map(|provider| {
        let status = standing::status(provider, store, &world.environment);
        let name = format!("{} ({})", provider.title, provider.id);
        let source = status.source.as_deref().map(|s| format!(" · {}", tame_line(s))).unwrap_or_default();
        let check = |verdict| Check::new(name.clone(), verdict, format!("{}{source}", auth::words(&status)));
        match (status.signed_in, &provider.login) {
            (true, Login::None) => check(Verdict::Info),
            (true, _) => check(Verdict::Ok),
            // not being signed in is no fault; a sign-in that has ended is worth a look
            (false, _) if status.label.is_some() || status.error.as_ref().is_some_and(|(code, _)| code == "xai_refresh_failed") => {
                check(Verdict::Warn).help(format!("`hermes auth add {}`", provider.id))
            }
            (false, Login::Key { variables }) => {
                let variable = variables.first().copied().unwrap_or_default();
                check(Verdict::Info).help(format!("`{variable}=…`, or `hermes auth add {}`", provider.id))
            }
            (false, _) => check(Verdict::Info).help(format!("`hermes auth add {}`", provider.id)),
        }
    });
    Section { title: "Auth Providers", checks: checks.collect() }
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
                    Check::new(provider.id, Verdict::Ok, format!("{} answered in {time:.1} s", tame_line(&model)))
                }
                Err(trouble) => Check::of_trouble(provider.id, &trouble),
            }
        })
        .collect();
    if checks.is_empty() {
        checks.push(Check::new("request", Verdict::Info, "there is nobody to ask yet"));
    }
    Section { title: "Proof", checks }
}

fn document(ok: bool, sections: &[Section]) -> Value {
    let check = |c: &Check| json!({ "name": c.name, "state": c.verdict.word(), "detail": c.detail, "help": c.help });
    let sections = sections.iter().map(|s| json!({ "title": s.title, "checks": s.checks.iter().map(check).collect::<Vec<_>>() }));
    json!({ "ok": ok, "sections": sections.collect::<Vec<_>>() })
}

fn text(ok: bool, sections: &[Section]) -> String {
    let mut text = String::new();
    for section in sections {
        text.push_str(&format!("◆ {}\n", section.title));
        for check in &section.checks {
            text.push_str(&format!("  {} {}: {}", check.verdict.mark(), tame_line(&check.name), tame_line(&check.detail)));
            let help = check.help.as_ref().map(|h| format!(" — {}", tame_line(h))).unwrap_or_default();
            text.push_str(&format!("{help}\n"));
        }
        text.push('\n');
    }
    text.push_str(if ok { "Nothing is broken\n" } else { "Something marked ✗ needs a look\n" });
    text
}
