//! `hermes doctor`: checks what can be checked, and says how to mend it. Changes nothing, and asks no server unless told to.

use super::{Subcommand, World, auth, chat, print};
use crate::{
    accounts::{file_trouble, standing},
    domain::{
        catalog::Login,
        foreign::{tame, tame_line},
        trouble::{Exit, Trouble},
    },
    providers,
    services::log,
    settings::{config::Config, paths::shown},
    storage::credentials::Store,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::path::Path;

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
    let mut sections = vec![files(world, store.as_ref().err().map(|e| file_trouble(&file, e)))];
    sections.push(auth_providers(&store.unwrap_or_default(), world));
    if matches.get_flag("prove") {
        sections.push(proofs(world));
    }
    let ok = sections.iter().flat_map(|s| &s.checks).all(|c| c.verdict != Verdict::Fail);
    print::out(&if matches.get_flag("json") { format!("{}\n", document(ok, &sections)) } else { text(ok, &sections) });
    Ok(if ok { 0 } else { Exit::Failed.status() })
}

fn files(world: &World, auth: Option<Trouble>) -> Section {
    let paths = &world.paths;
    let mut checks = vec![];
    checks.push(match std::fs::metadata(&paths.home) {
        Ok(meta) if meta.is_dir() => match tempfile::tempfile_in(&paths.home) {
            Ok(_) => Check::new("home", Verdict::Ok, shown(&paths.home)),
            Err(error) => Check::new("home", Verdict::Fail, format!("nothing can be written to {}: {error}", shown(&paths.home)))
                .help("make the folder writable, or name another one with `HERMES_HOME`"),
        },
        Ok(_) => {
            Check::new("home", Verdict::Fail, format!("{} is not a folder", shown(&paths.home))).help("name a folder with `HERMES_HOME`")
        }
        Err(_) => Check::new("home", Verdict::Info, format!("{} is made when it is needed", shown(&paths.home))),
    });
    checks.push(match (world.config(), paths.config().exists()) {
        (Err(trouble), _) => Check::of_trouble("config.yaml", &trouble),
        (Ok(config), true) => config_check(&config),
        (Ok(_), false) => Check::new("config.yaml", Verdict::Info, "there is none: every setting has its default"),
    });
    checks.push(match (auth, paths.auth().exists()) {
        (Some(trouble), _) => Check::of_trouble("auth.json", &trouble),
        (None, true) if is_open_to_others(&paths.auth()) => {
            Check::new("auth.json", Verdict::Warn, "other users can read it").help(format!("`chmod 600 {}`", shown(&paths.auth())))
        }
        (None, true) => Check::new("auth.json", Verdict::Ok, shown(&paths.auth())),
        (None, false) => Check::new("auth.json", Verdict::Info, "there is none yet: a sign-in makes it"),
    });
    if is_open_to_others(&paths.env_file()) {
        checks.push(Check::new(".env", Verdict::Warn, "other users can read it").help(format!("`chmod 600 {}`", shown(&paths.env_file()))));
    }
    let log = log::file(&paths.logs());
    checks.push(match log.exists() {
        true => Check::new("log", Verdict::Info, shown(&log)),
        false => Check::new("log", Verdict::Info, format!("{} is made when something has to be noted", shown(&log))),
    });
    for name in world.environment.overridden() {
        checks.push(
            Check::new(".env", Verdict::Warn, format!("`{name}` is set there and, with another value, in the environment, which wins"))
                .help("keep one of the two"),
        );
    }
    Section { title: "Files", checks }
}

fn config_check(config: &Config) -> Check {
    match config.provider.as_deref().map(providers::named) {
        Some(Err(trouble)) => {
            Check::of_trouble("config.yaml", &Trouble { message: format!("`model.provider`: {}", lower(&trouble.message)), ..trouble })
        }
        _ => {
            let model = config.model.as_deref().unwrap_or("the provider's own model");
            let provider = config.provider.as_deref().unwrap_or("the first provider that can be used");
            Check::new("config.yaml", Verdict::Ok, format!("{} at {}", tame_line(model), tame_line(provider)))
        }
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
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
            let help = check.help.as_ref().map(|h| format!(" — {}", tame(h))).unwrap_or_default();
            text.push_str(&format!("{help}\n"));
        }
        text.push('\n');
    }
    text.push_str(if ok { "Nothing is broken\n" } else { "Something marked ✗ needs a look\n" });
    text
}
