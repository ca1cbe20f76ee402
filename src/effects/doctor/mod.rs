//! Checks what can be checked, and says how to mend it. Changes nothing, and asks no server.

mod files;
mod terminal;
mod tools;

use crate::{
    accounts::{file_trouble, standing},
    domain::{
        catalog::Login,
        foreign::tame_line,
        health::{Check, Health, Section},
        sight::Way,
        tool::Tools,
        trouble::Trouble,
    },
    providers,
    services::Services,
    settings::{config::Config, environment::Environment, paths::Paths},
    storage::{auth_file::AuthFile, credentials::Store, rescued::Rescued},
};

/// What is looked at.
pub struct Subject {
    /// Variables.
    pub environment: Environment,
    /// Files.
    pub paths: Paths,
    /// What models may use.
    pub tools: Tools,
    /// How the terminal shows pictures, where it was asked.
    pub way: Option<Way>,
}

impl Subject {
    /// The world of a program that runs.
    pub fn of(services: &Services, tools: Tools) -> Self {
        Self { environment: services.environment.clone(), paths: services.paths.clone(), tools, way: None }
    }
    fn config(&self) -> Config {
        Config::read(&self.paths.config(), &|name| self.environment.get(name).map(str::to_string))
    }
    /// The file of credentials.
    pub fn auth_file(&self) -> AuthFile {
        AuthFile::new(self.paths.auth(), self.paths.auth_copy(), Rescued::new(self.paths.rescued()))
    }
}

/// Looks at everything.
pub fn examine(subject: &Subject) -> Vec<Section> {
    let file = subject.auth_file();
    let store = file.read();
    let trouble = store.as_ref().err().map(|error| file_trouble(&file, error));
    vec![
        files::section(subject, trouble),
        auth_providers(&store.unwrap_or_default(), &subject.environment),
        tools::section(subject),
        terminal::section(&subject.environment, subject.way),
    ]
}

/// A check that ended in trouble.
pub fn of_trouble(name: &str, trouble: &Trouble) -> Check {
    Check { name: name.into(), health: Health::Fail, detail: trouble.message.clone(), help: trouble.help.clone() }
}

fn auth_providers(store: &Store, environment: &Environment) -> Section {
    let checks = providers::REGISTRY.iter().map(|provider| {
        let status = standing::status(provider, store, environment);
        let name = format!("{} ({})", provider.title, provider.id);
        let source = status.source.as_deref().map(|s| format!(" · {}", tame_line(s))).unwrap_or_default();
        let check = |health| Check::new(name.clone(), health, format!("{}{source}", status.words()));
        match (status.signed_in, &provider.login) {
            (true, Login::None) => check(Health::Info),
            (true, _) => check(Health::Ok),
            // not being signed in is no fault; a sign-in that has ended is worth a look
            (false, _) if status.label.is_some() || status.error.as_ref().is_some_and(|(code, _)| code == "xai_refresh_failed") => {
                check(Health::Warn).help(format!("`hermes auth add {}`", provider.id))
            }
            (false, Login::Key { variables }) => {
                let variable = variables.first().copied().unwrap_or_default();
                check(Health::Info).help(format!("`{variable}=…`, or `hermes auth add {}`", provider.id))
            }
            (false, _) => check(Health::Info).help(format!("`hermes auth add {}`", provider.id)),
        }
    });
    Section { title: "Auth Providers", checks: checks.collect() }
}
