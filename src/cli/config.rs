//! `hermes config`: reading and changing `config.yaml` without losing a comment.

use super::{Subcommand, World, print, runtime};
use crate::{
    app::editor::{self, Edited},
    domain::{
        secret::is_named_secret,
        trouble::{Exit, Trouble},
    },
    http::redact,
    settings::{
        edit::{self, Scalar},
        paths::shown,
        yaml,
    },
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_yaml::Value;

pub(super) static SUBCOMMAND: Subcommand = Subcommand {
    name: "config",
    command: || {
        let key = || Arg::new("key").value_name("KEY").help("A dotted path: `model.default`").required(true);
        Command::new("config")
            .about("Show and change the settings")
            .subcommand(Command::new("show").about("The file as it is"))
            .subcommand(Command::new("path").about("Where it is"))
            .subcommand(Command::new("edit").about("Open it in `$EDITOR`"))
            .subcommand(
                Command::new("get")
                    .about("One value")
                    .arg(key())
                    .arg(Arg::new("json").long("json").help("Print it as JSON").action(ArgAction::SetTrue)),
            )
            .subcommand(
                Command::new("set")
                    .about("Change one value; everything else stays as it is")
                    .arg(key())
                    .arg(Arg::new("value").value_name("VALUE").help("The new value").required(true).allow_hyphen_values(true)),
            )
            .subcommand(Command::new("unset").about("Remove one value").arg(key()))
    },
    run: |matches, world| match matches.subcommand() {
        Some(("path", _)) => {
            print::value(&format!("{}\n", world.paths.config().display()));
            Ok(0)
        }
        Some(("edit", _)) => edit_file(world),
        Some(("get", matches)) => get(matches, world),
        Some(("set", matches)) => set(matches, world),
        Some(("unset", matches)) => unset(matches, world),
        _ => show(world),
    },
};

/// A change that was not made, as a sentence.
fn untouched(world: &World, error: &edit::Error) -> Trouble {
    let path = shown(&world.paths.config());
    Trouble::new("file_unwritable", format!("{path} was left as it is: {error}")).help("`hermes config edit` opens it")
}

/// The same of the variables.
fn variables_untouched(world: &World, error: &edit::Error) -> Trouble {
    Trouble::new("file_unwritable", format!("{} was left as it is: {error}", shown(&world.paths.env_file())))
        .help("check who may write the file")
}

fn read(world: &World) -> Result<String, Trouble> {
    edit::read(&world.paths.config()).map_err(|error| {
        Trouble::new("file_unreadable", format!("{} can't be read: {error}", shown(&world.paths.config())))
            .help("check who may read the file")
    })
}

fn show(world: &World) -> Result<u8, Trouble> {
    let text = read(world)?;
    if text.trim().is_empty() {
        print::note("There are no settings yet: every one has its default\n");
    }
    print::out(&masked(&text));
    // a wrong value is named, and is no reason to show nothing
    world.config();
    Ok(0)
}

/// Shorter words may stand anywhere.
const SHORTEST: usize = 6;

/// The text without what must not be seen.
fn masked(text: &str) -> String {
    fn gather(value: &Value, secrets: &mut Vec<String>) {
        match value {
            Value::Mapping(mapping) => {
                for (key, value) in mapping {
                    match value {
                        Value::String(text) if key.as_str().is_some_and(is_named_secret) && !text.starts_with("${") => {
                            secrets.push(text.clone())
                        }
                        value => gather(value, secrets),
                    }
                }
            }
            Value::Sequence(items) => items.iter().for_each(|item| gather(item, secrets)),
            _ => {}
        }
    }
    let mut secrets = vec![];
    match yaml::parse(text) {
        Ok((root, _)) => gather(&root, &mut secrets),
        // what can't be understood is looked through line by line
        Err(_) => {
            let values = text
                .lines()
                .filter_map(|line| line.split_once(':'))
                .filter(|(key, _)| is_named_secret(key.trim().trim_matches(['"', '\''])));
            secrets.extend(values.map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_string()));
        }
    }
    // the longest first: one may hold another
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.retain(|secret| !secret.is_empty());
    let hidden = |line: &str| {
        let key = line.split(':').next().unwrap_or_default().trim().trim_matches(['"', '\'', '{', ' ']);
        // a short one is hidden beside its name alone: elsewhere it is a part of other words
        let counts = |secret: &&String| secret.len() >= SHORTEST || is_named_secret(key);
        let (name, rest) = line.split_at(line.find(':').map_or(0, |at| at + 1));
        format!("{name}{}", secrets.iter().filter(counts).fold(rest.to_string(), |rest, secret| rest.replace(secret, redact::MASK)))
    };
    redact::redact(&text.split_inclusive('\n').map(hidden).collect::<String>(), &[])
}

fn edit_file(world: &World) -> Result<u8, Trouble> {
    let text = read(world)?;
    let failed = |error: std::io::Error| {
        Trouble::new("file_unreadable", format!("The editor could not be used: {error}")).help("set `EDITOR` to a program that exists")
    };
    let runtime = runtime::new()?;
    let edited = {
        let _inside = runtime.enter();
        // the keyboard is the editor's: Ctrl+C there must not end us and leave it behind
        let _heard = runtime::ignore_keyboard();
        editor::edit(&text, &world.environment).map_err(failed)?
    };
    if let Edited::Changed(edited) = edited {
        let unless_changed = |now: &str| match now == text {
            true => Ok(edited.clone()),
            false => Err(edit::Error::Form("another program changed it meanwhile".into())),
        };
        edit::change(&world.paths.config(), unless_changed).map_err(|error| untouched(world, &error))?;
        world.config();
    }
    Ok(0)
}

fn get(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let key = key(matches);
    let text = read(world)?;
    // aliases and merge keys count as what they stand for, and of two equal keys the last
    let (root, _) = yaml::parse(&text).map_err(|e| untouched(world, &edit::Error::Form(e)))?;
    let found = key.split('.').try_fold(&root, |value, name| match value {
        Value::Sequence(items) => name.parse::<usize>().ok().and_then(|n| items.get(n)),
        value => value.get(name),
    });
    let Some(value) = found else {
        return Err(Trouble::new("usage", format!("`{key}` is not set")).help("`hermes config show` shows what is").exit(Exit::Failed));
    };
    let json = serde_json::to_value(value).unwrap_or_default();
    let text = match (&json, matches.get_flag("json")) {
        (serde_json::Value::String(text), false) => text.clone(),
        (json, _) => json.to_string(),
    };
    print::value(&format!("{text}\n"));
    Ok(0)
}

fn key(matches: &ArgMatches) -> String {
    matches.get_one::<String>("key").map(|k| k.trim().to_string()).unwrap_or_default()
}

/// The variable in `.env` that a setting lives in rather than in the settings (`docs/files.md` 3.3).
fn variable(key: &str) -> Option<String> {
    let name = key.replace(['.', '-'], "_").to_uppercase();
    let own = matches!(name.as_str(), "XAI_BASE_URL" | "HERMES_XAI_BASE_URL") || name.starts_with("TERMINAL_SSH");
    (is_named_secret(key) || !key.contains('.') && own).then_some(name)
}

/// Whether a setting takes a text, as its default says: `no` is a word there.
fn takes_text(key: &str) -> bool {
    const DEFAULTS: &str = include_str!("../../assets/config.yaml");
    let root: Value = serde_yaml::from_str(DEFAULTS).unwrap_or_default();
    key.split('.').try_fold(&root, |value, name| value.get(name)).is_some_and(Value::is_string)
}

fn set(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let key = key(matches);
    let value = matches.get_one::<String>("value").map(String::as_str).unwrap_or_default();
    if key.is_empty() || key.split('.').any(|part| part.trim().is_empty()) {
        return Err(Trouble::usage(format!("`{key}` is no key")).help("keys are dotted paths: `hermes config set model.default grok-4.3`"));
    }
    if let Some(name) = variable(&key) {
        let path = world.paths.env_file();
        edit::set_variable(&path, &name, value).map_err(|error| variables_untouched(world, &error))?;
        print::out(&format!("Set {name} in {}\n", shown(&path)));
        if !key.contains('.') {
            return Ok(0);
        }
        // the setting names the variable, as Hermes Agent reads it, too
        let config = world.paths.config();
        let named = Scalar::Text(format!("${{{name}}}"));
        edit::change(&config, |text| edit::set(text, &key, &named)).map_err(|e| untouched(world, &e))?;
        print::out(&format!("Set {key} in {} to its name\n", shown(&config)));
        return Ok(0);
    }
    let path = world.paths.config();
    let target = std::cell::RefCell::new(key.clone());
    let with_value = |text: &str| {
        let old = yaml::parse(text).ok().map(|(root, _)| root);
        let model = old.as_ref().and_then(|root| root.get("model"));
        if key == "model" && model.is_some_and(Value::is_mapping) {
            *target.borrow_mut() = "model.default".into();
        }
        // `model: grok-4.3` is short for `model.default`, and is not lost
        let text = match model.and_then(Value::as_str).filter(|_| key.starts_with("model.")) {
            Some(short) => edit::set(&edit::unset(text, "model")?, "model.default", &short.into())?,
            None => text.to_string(),
        };
        edit::set(&text, &target.borrow(), &if takes_text(&target.borrow()) { value.into() } else { typed(value) })
    };
    edit::change(&path, with_value).map_err(|e| untouched(world, &e))?;
    let target = target.into_inner();
    print::out(&format!("Set {target} in {}\n", shown(&path)));
    // what was written is what was asked for; that it can't be used is said at once
    world.config();
    Ok(0)
}

/// A value as Hermes Agent types it: booleans, whole and broken numbers, else a text.
fn typed(value: &str) -> Scalar {
    match value.to_lowercase().as_str() {
        "true" | "yes" | "on" => return Scalar::Bool(true),
        "false" | "no" | "off" => return Scalar::Bool(false),
        _ => {}
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits(value)
        && let Ok(number) = value.parse::<i64>()
    {
        return Scalar::Int(number);
    }
    if let Some((whole, part)) = value.split_once('.')
        && digits(whole)
        && digits(part)
        && let Ok(number) = value.parse::<f64>()
    {
        return Scalar::Float(number);
    }
    value.into()
}

fn unset(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let key = key(matches);
    let mut removed = false;
    if let Some(name) = variable(&key) {
        let path = world.paths.env_file();
        if edit::unset_variable(&path, &name).map_err(|error| variables_untouched(world, &error))? {
            removed = true;
            print::out(&format!("Removed {name} from {}\n", shown(&path)));
        }
        if world.environment.is_exported(&name) {
            print::note(&format!("The environment still has it: `unset {name}` in the shell\n"));
        }
    }
    let path = world.paths.config();
    if edit::change(&path, |text| edit::unset(text, &key)).map_err(|e| untouched(world, &e))? {
        removed = true;
        print::out(&format!("Removed {key} from {}\n", shown(&path)));
    }
    if !removed {
        print::out(&format!("{key} was not set\n"));
    }
    Ok(0)
}
