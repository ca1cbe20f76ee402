//! The command line: one file a subcommand. What a screen does can be done here without one, round the same ring.

mod auth;
mod chat;
mod config;
mod doctor;
mod help;
mod media;
mod model;
mod open;
mod print;
mod reset;
mod runtime;
mod sandbox;
mod tools;

use crate::{
    accounts::standing::is_signed_in,
    app::start::Wishes,
    domain::{
        catalog::{Login, Provider},
        tool::Tools,
        trouble::Trouble,
    },
    providers,
    services::{Services, StartSandbox, Word, log, tasks},
    settings::{
        config::Config,
        environment::Environment,
        paths::{Paths, shown},
    },
    storage::{
        auth_file::{AuthFile, PATIENT},
        rescued::Rescued,
    },
    tools as toolsets,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use rustix::process;
use std::{sync::Arc, time::SystemTime};

/// A subcommand.
pub struct Subcommand {
    /// Its name.
    pub name: &'static str,
    /// Its arguments, for clap.
    pub command: fn() -> Command,
    /// Runs it; the number is the exit status.
    pub run: fn(&ArgMatches, &World) -> Result<u8, Trouble>,
}

/// Every subcommand, in the order in which help lists them.
pub static REGISTRY: &[&Subcommand] = &[
    &chat::SUBCOMMAND,
    &model::SUBCOMMAND,
    &auth::LOGIN,
    &auth::SUBCOMMAND,
    &tools::SUBCOMMAND,
    &media::IMAGE,
    &media::VIDEO,
    &media::SAY,
    &media::TRANSCRIBE,
    &config::SUBCOMMAND,
    &doctor::SUBCOMMAND,
    &sandbox::SUBCOMMAND,
    &reset::SUBCOMMAND,
    &help::SUBCOMMAND,
];

/// What every subcommand is given.
pub struct World {
    /// Variables, `.env` included.
    pub environment: Environment,
    /// Files.
    pub paths: Paths,
    /// The flags that count everywhere.
    pub wishes: Wishes,
}

impl World {
    /// The settings. A file that can't be read, and values that can't be used, are told, and stop nothing that does not need them.
    pub fn config(&self) -> Config {
        let config = self.settings();
        for problem in &config.problems {
            print::note(&format!("warning: {}, {problem}\n", shown(&self.paths.config())));
        }
        config
    }
    /// The settings, for those who tell of problems in their own way.
    pub fn settings(&self) -> Config {
        Config::read(&self.paths.config(), &|name| self.environment.get(name).map(str::to_string))
    }
    /// Everything that effects need.
    pub fn services(&self, config: Config) -> Result<Arc<Services>, Trouble> {
        let sandbox: StartSandbox = sandbox::starter(self.environment.get("HERMES_SANDBOX_FAULT"))?;
        let say = Arc::new(|word: Word| {
            // where lines stay, why one waits is said once
            if !matches!(word, Word::Waits { seconds, .. } if seconds > PATIENT) {
                print::note(&format!("{word}\n"));
            }
        });
        let mut services = Services::new(self.environment.clone(), self.paths.clone(), config, sandbox, say);
        log::start(self.paths.logs(), services.secrets.clone());
        // a program that was replaced since its start can't be started again by its name
        services.program = std::env::current_exe().ok().filter(|program| program.exists());
        Ok(Arc::new(services))
    }
    /// What models may use in this run.
    fn tools(&self, config: &Config) -> Tools {
        toolsets::tools(config, self.wishes.toolsets.as_deref(), self.wishes.yolo, &self.paths.folder)
    }
    /// The file of credentials.
    fn auth_file(&self) -> AuthFile {
        AuthFile::new(self.paths.auth(), self.paths.auth_copy(), Rescued::new(self.paths.rescued()))
    }
    /// The provider that somebody is signed in at: that of the last sign-in, else the first of the table.
    fn signed_in(&self) -> Option<&'static Provider> {
        let store = self.auth_file().read().ok()?;
        let last = store.active_provider().and_then(|p| providers::named(p).ok());
        let mut all = last.into_iter().chain(providers::REGISTRY.iter().copied());
        all.find(|p| p.login != Login::None && is_signed_in(p, &store))
    }
}

/// Runs the program with these arguments; gives the exit status.
pub fn run(arguments: Vec<std::ffi::OsString>) -> u8 {
    tasks::catch_panics();
    let json = arguments.iter().any(|a| a == "--json");
    let chat = arguments.iter().any(|a| a == "chat");
    let status = dispatch(arguments).unwrap_or_else(|trouble| {
        match (json, chat) {
            (true, true) => drop(print::json(&chat::error_event(&trouble))),
            (true, false) => drop(print::json(&serde_json::json!({ "error": print::error(&trouble) }))),
            (false, _) => print::trouble(&trouble),
        }
        trouble.exit.status()
    });
    match print::lost() {
        Some(trouble) => {
            print::trouble(&trouble);
            trouble.exit.status()
        }
        None => status,
    }
}

/// What the memory of this program holds is nobody else's: other programs can't read it, and no dump of it is written. A file that
/// meets the limit of its size is a failure that is told, and not the end.
fn guard_process() {
    // where the system has no such thing the program is no worse than others
    #[cfg(target_os = "linux")]
    let _ = process::set_dumpable_behavior(process::DumpableBehavior::NotDumpable);
    let cores = process::getrlimit(process::Resource::Core);
    let _ = process::setrlimit(process::Resource::Core, process::Rlimit { current: Some(0), ..cores });
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

fn dispatch(arguments: Vec<std::ffi::OsString>) -> Result<u8, Trouble> {
    guard_process();
    if SystemTime::now() < SystemTime::UNIX_EPOCH {
        return Err(Trouble::new("system_unfit", "The clock of this machine stands before 1970, so nothing about tokens could be told")
            .help("set the clock (`date`), then start again"));
    }
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            // help and version
            print::out(&error.render().to_string());
            return Ok(0);
        }
        Err(error) => return Err(usage(&error)),
    };
    let environment = Environment::of_process();
    let paths = Paths::find(&environment);
    let stood_in = matches.get_flag("sandbox").then(|| sandbox::stand_in(environment.clone(), paths.clone()));
    let (environment, paths) = match stood_in {
        Some(Ok(world)) => world,
        Some(Err(trouble)) => return Err(trouble),
        None => (environment.with_file(&paths.env_file()), paths),
    };
    if let Some(problem) = environment.file_problem() {
        print::note(&format!("warning: {} is not used: {problem}\n", shown(&paths.env_file())));
    }
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let toolsets: Option<Vec<String>> =
        matches.get_many::<String>("toolsets").map(|names| names.map(|name| name.trim().to_string()).collect());
    let yolo = matches.get_flag("yolo");
    let wishes = Wishes { provider: text("provider"), model: text("model"), theme: text("theme"), toolsets, yolo };
    let world = World { environment, paths, wishes };
    if let Some(wished) = &world.wishes.toolsets {
        for name in toolsets::unknown(wished, &world.settings()) {
            print::note(&format!("warning: there is no toolset `{name}`\n"));
        }
    }
    match matches.subcommand() {
        Some((name, matches)) => match REGISTRY.iter().find(|s| s.name == name) {
            Some(subcommand) => (subcommand.run)(matches, &world),
            None => Err(Trouble::usage(format!("There is no command `{name}`")).help("`hermes --help` lists the commands")),
        },
        None => match text("oneshot") {
            Some(question) => chat::answer_only(&question, &world),
            None => open::run(&world),
        },
    }
}

/// The whole command line.
pub fn command() -> Command {
    let option =
        |name: &'static str, value: &'static str, help: &'static str| Arg::new(name).long(name).value_name(value).help(help).global(true);
    Command::new("hermes")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A full-screen terminal chat for Grok and other models. Without a command it opens the chat.")
        .disable_help_subcommand(true)
        .arg(option("provider", "ID", "Who answers: a provider's id"))
        .arg(option("model", "ID", "Which model answers").short('m'))
        .arg(
            Arg::new("sandbox")
                .long("sandbox")
                .help("For this run a simulator stands in for xAI, with a home of its own")
                .action(ArgAction::SetTrue)
                .global(true),
        )
        .arg(option("theme", "NAME", "Colours: dark, light or mono"))
        .arg(option("toolsets", "A,B", "Only these toolsets are on").short('t').value_delimiter(','))
        .arg(
            Arg::new("yolo")
                .long("yolo")
                .help("Nobody is asked before something is changed; what can't be undone is refused all the same")
                .action(ArgAction::SetTrue)
                .global(true),
        )
        .arg(
            Arg::new("oneshot")
                .short('z')
                .value_name("PROMPT")
                .help("Answer one question, print the final answer and nothing else")
                .allow_hyphen_values(true)
                .action(ArgAction::Set),
        )
        .subcommands(REGISTRY.iter().map(|s| (s.command)()))
}

/// A mistake on the command line in our own words.
fn usage(error: &clap::Error) -> Trouble {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_string();
    let mut sentence = first;
    if let Some(letter) = sentence.get(..1).map(str::to_uppercase) {
        sentence.replace_range(..1, &letter);
    }
    // what is missing stands on the lines below
    let more: Vec<&str> = text.lines().skip(1).take_while(|l| !l.trim().is_empty()).map(str::trim).collect();
    if !more.is_empty() {
        sentence = format!("{sentence} {}", more.join(" "));
    }
    Trouble::usage(sentence).help("`hermes --help` shows how it is called")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_subcommands_is_sound() {
        command().debug_assert();
        for subcommand in REGISTRY {
            let command = (subcommand.command)();
            assert_eq!(command.get_name(), subcommand.name);
            assert!(command.get_about().is_some(), "{}", subcommand.name);
        }
    }

    #[test]
    fn mistakes_are_sentences() {
        let error = command().try_get_matches_from(["hermes", "--nonsense"]).unwrap_err();
        let trouble = usage(&error);
        assert!(trouble.message.starts_with("Unexpected argument '--nonsense'"), "{}", trouble.message);
    }
}
