//! `hermes config`: reading and changing `config.yaml` without losing a comment.

use super::{Subcommand, World, print, runtime};
use crate::{
    app::editor::{self, Edited},
    domain::trouble::{Exit, Trouble},
    settings::{
        edit::{self, Scalar},
        paths::shown,
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
    print::out(&text);
    // a wrong value is named, and is no reason to show nothing
    world.config();
    Ok(0)
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
    let parsed = serde_yaml::from_str::<Value>(text.trim_start_matches('\u{feff}'));
    let mut root = parsed.map_err(|e| untouched(world, &edit::Error::Form(e.to_string())))?;
    // aliases and merge keys count as what they stand for
    let _ = root.apply_merge();
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
    print::out(&format!("{text}\n"));
    Ok(0)
}

fn key(matches: &ArgMatches) -> String {
    matches.get_one::<String>("key").map(|k| k.trim().to_string()).unwrap_or_default()
}

/// Keys and addresses that live in `.env` rather than in the settings (`docs/files.md` 3.3).
fn is_variable(key: &str) -> bool {
    let upper = key.to_uppercase();
    !key.contains('.')
        && (upper.ends_with("_API_KEY") || upper.ends_with("_TOKEN") || matches!(upper.as_str(), "XAI_BASE_URL" | "HERMES_XAI_BASE_URL"))
}

fn set(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let key = key(matches);
    let value = matches.get_one::<String>("value").map(String::as_str).unwrap_or_default();
    if key.is_empty() || key.split('.').any(|part| part.trim().is_empty()) {
        return Err(Trouble::usage(format!("`{key}` is no key")).help("keys are dotted paths: `hermes config set model.default grok-4.3`"));
    }
    if is_variable(&key) {
        let (path, name) = (world.paths.env_file(), key.to_uppercase());
        edit::set_variable(&path, &name, value).map_err(|error| {
            Trouble::new("file_unwritable", format!("{} was left as it is: {error}", shown(&path))).help("check who may write the file")
        })?;
        print::out(&format!("Set {name} in {}\n", shown(&path)));
        return Ok(0);
    }
    let path = world.paths.config();
    let target = std::cell::RefCell::new(key.clone());
    let with_value = |text: &str| {
        let old = serde_yaml::from_str::<Value>(text.trim_start_matches('\u{feff}')).ok();
        let model = old.as_ref().and_then(|root| root.get("model"));
        if key == "model" && model.is_some_and(Value::is_mapping) {
            *target.borrow_mut() = "model.default".into();
        }
        // `model: grok-4.3` is short for `model.default`, and is not lost
        let text = match model.and_then(Value::as_str).filter(|_| key.starts_with("model.")) {
            Some(short) => edit::set(&edit::unset(text, "model")?, "model.default", &short.into())?,
            None => text.to_string(),
        };
        edit::set(&text, &target.borrow(), &typed(value))
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
    let path = world.paths.config();
    if !edit::change(&path, |text| edit::unset(text, &key)).map_err(|e| untouched(world, &e))? {
        print::out(&format!("{key} was not set\n"));
        return Ok(0);
    }
    print::out(&format!("Removed {key} from {}\n", shown(&world.paths.config())));
    Ok(0)
}
