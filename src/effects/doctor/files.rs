//! What `doctor` says of the files of a home: each as it is, and how to mend it.

use super::{Subject, of_trouble};
use crate::{
    accounts::{self, file_trouble},
    domain::{
        account::span,
        foreign::tame_line,
        health::{Check, Health, Section},
        trouble::Trouble,
    },
    files::read,
    providers,
    services::{log, now},
    settings::paths::shown,
    storage::catalog_cache,
};
use std::path::Path;

/// The section; `auth` is what is wrong with `auth.json`.
pub(super) fn section(subject: &Subject, auth: Option<Trouble>) -> Section {
    let mut checks = vec![home(subject)];
    checks.extend(config(subject));
    checks.extend(credentials(subject, auth));
    checks.extend(variables(subject));
    checks.push(catalog(&subject.paths.catalog()));
    let log = log::file(&subject.paths.logs());
    checks.push(match log.exists() {
        true => Check::new("log", Health::Info, shown(&log)),
        false => Check::new("log", Health::Info, format!("{} is made when something has to be noted", shown(&log))),
    });
    Section { title: "Files", checks }
}

fn home(subject: &Subject) -> Check {
    let home = &subject.paths.home;
    match std::fs::metadata(home) {
        // bytes rather than a name alone: a disk without room still takes names
        Ok(meta) if meta.is_dir() => match subject.auth_file().try_room() {
            Err(error) => Check::new("home", Health::Fail, format!("nothing can be written to {}: {error}", shown(home)))
                .help("make room on the disk and the folder writable, or name another one with `HERMES_HOME`"),
            Ok(()) if let Some(owner) = other_owner(home) => of_others("home", home, owner),
            Ok(()) if is_open_to_others(home) => Check::new("home", Health::Warn, format!("others can look into {}", shown(home)))
                .help(format!("`chmod 700 {}`", shown(home))),
            Ok(()) => Check::new("home", Health::Ok, shown(home)),
        },
        Ok(_) => Check::new("home", Health::Fail, format!("{} is not a folder", shown(home))).help("name a folder with `HERMES_HOME`"),
        Err(_) => Check::new("home", Health::Info, format!("{} is made when it is needed", shown(home))),
    }
}

fn config(subject: &Subject) -> Vec<Check> {
    let path = subject.paths.config();
    if !path.exists() {
        return vec![Check::new("config.yaml", Health::Info, "there is none: every setting has its default")];
    }
    let config = subject.config();
    let opens = "`hermes config edit` opens it";
    let health = if config.is_broken { Health::Fail } else { Health::Warn };
    let mut checks: Vec<Check> =
        config.problems.iter().map(|problem| Check::new("config.yaml", health, problem.clone()).help(opens)).collect();
    match config.provider.as_deref().map(providers::named) {
        Some(Err(trouble)) => {
            let message = format!("`model.provider`: {}", lower(&trouble.message));
            checks.push(of_trouble("config.yaml", &Trouble { message, ..trouble }));
        }
        _ if config.is_broken => {}
        _ => {
            let model = config.model.as_deref().unwrap_or("the provider's own model");
            let provider = config.provider.as_deref().unwrap_or("the first provider that can be used");
            checks.push(Check::new("config.yaml", Health::Ok, format!("{} at {}", tame_line(model), tame_line(provider))));
        }
    }
    if let Some(owner) = other_owner(&path) {
        checks.push(of_others("config.yaml", &path, owner));
    }
    if config.key.is_some() && is_open_to_others(&path) {
        checks.push(
            Check::new("config.yaml", Health::Warn, "it holds a key, and other users can read it")
                .help(format!("`chmod 600 {}`", shown(&path))),
        );
    }
    checks
}

fn credentials(subject: &Subject, trouble: Option<Trouble>) -> Vec<Check> {
    let (path, file) = (subject.paths.auth(), subject.auth_file());
    let mut checks = vec![match (trouble, path.exists()) {
        (Some(trouble), _) => of_trouble("auth.json", &trouble),
        (None, true) if let Some(owner) = other_owner(&path) => of_others("auth.json", &path, owner),
        (None, true) if is_open_to_others(&path) => {
            Check::new("auth.json", Health::Warn, "other users can read it").help(format!("`chmod 600 {}`", shown(&path)))
        }
        (None, true) => Check::new("auth.json", Health::Ok, shown(&path)),
        (None, false) => Check::new("auth.json", Health::Info, "there is none yet: a sign-in makes it"),
    }];
    if !file.rescued().is_empty() {
        let where_it_is = shown(&subject.paths.rescued());
        checks.push(
            Check::new(
                "auth.json",
                Health::Warn,
                format!("it did not take a new token, which is in {where_it_is} and counts all the same"),
            )
            .help("it is written where it belongs as soon as that works"),
        );
    }
    if !path.exists() {
        return checks;
    }
    if let Err(error) = file.try_room() {
        let trouble = file_trouble(&file, &error);
        checks.push(of_trouble(
            "auth.json",
            &Trouble { message: format!("{}; a token that ends can't be renewed", trouble.message), ..trouble },
        ));
    }
    match file.is_locked() {
        Ok(true) => checks.push(
            Check::new("auth.lock", Health::Warn, accounts::waiting(&file))
                .help("a sign-in or a renewal waits for it; if it stays, end that program"),
        ),
        Ok(false) => {}
        Err(error) => checks.push(
            Check::new("auth.lock", Health::Fail, format!("no lock can be taken: {error}"))
                .help("a sign-in can't be renewed without it: make the folder writable, on a disk that has locks"),
        ),
    }
    checks
}

fn variables(subject: &Subject) -> Vec<Check> {
    let path = subject.paths.env_file();
    let mut checks = vec![];
    match subject.environment.file_problem() {
        Some(problem) => {
            let help = format!("save it as plain text (UTF-8) that you can read: `ls -l {}`", shown(&path));
            checks.push(Check::new(".env", Health::Fail, format!("no key in it is found, for {problem}")).help(help));
        }
        None if !path.exists() => {
            checks.push(Check::new(".env", Health::Info, "there is none: keys of the environment and of sign-ins count"))
        }
        None if let Some(owner) = other_owner(&path) => checks.push(of_others(".env", &path, owner)),
        None if is_open_to_others(&path) => {
            checks.push(Check::new(".env", Health::Warn, "other users can read it").help(format!("`chmod 600 {}`", shown(&path))));
        }
        None => checks.push(Check::new(".env", Health::Ok, shown(&path))),
    }
    for name in subject.environment.overridden() {
        let differs = format!("`{}` is set there and, with another value, in the environment, which wins", tame_line(name));
        checks.push(Check::new(".env", Health::Warn, differs).help("keep one of the two"));
    }
    checks
}

fn catalog(path: &Path) -> Check {
    match catalog_cache::read(path, "") {
        Ok(None) => Check::new("models", Health::Info, "there is no catalog yet: the built-in list counts"),
        Ok(Some(cached)) => {
            let age = span(now().saturating_sub(cached.written));
            Check::new("models", Health::Ok, format!("the catalog of models is {age} old"))
        }
        Err(damage) => {
            Check::new("models", Health::Warn, format!("the catalog of models can't be used, so the built-in list counts: {damage}"))
                .help(format!("`hermes model list --refresh` fetches it anew; or remove {}", shown(path)))
        }
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// What belongs to another user works today, and may not tomorrow.
fn of_others(name: &str, path: &Path, owner: u32) -> Check {
    let path = shown(path);
    Check::new(name, Health::Warn, format!("{path} belongs to user {owner}"))
        .help(format!("give it back to yourself: `chown $(id -u) {path}`"))
}

/// The user to whom it belongs, if that is not the one who asks.
#[cfg(unix)]
fn other_owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let owner = std::fs::metadata(path).ok()?.uid();
    (owner != rustix::process::geteuid().as_raw()).then_some(owner)
}

#[cfg(not(unix))]
fn other_owner(_: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // a file that can't be read at all has a check of its own
    std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0) && !matches!(read::bytes(path, 0), Err(read::Error::Denied))
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}
