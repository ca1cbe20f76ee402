//! What is stored: list, status, remove, logout, reset. Nothing here asks a server.

use super::{named, needed};
use crate::{
    accounts::{
        file_trouble,
        standing::{self, Status},
        waiting,
    },
    cli::{World, print, runtime},
    domain::{
        account::{Credential, Kind, State, span, time_text},
        catalog::Provider,
        foreign::tame_line,
        trouble::{Exit, Trouble},
    },
    providers,
    services::now,
    settings::{edit, environment::Environment, paths::shown},
    storage::{
        auth_file::{self, Locked},
        credentials::{NoTarget, Store, find},
    },
};
use clap::ArgMatches;
use serde_json::{Value, json};

fn read(world: &World) -> Result<Store, Trouble> {
    let file = world.auth_file();
    file.read().map_err(|e| file_trouble(&file, &e))
}

/// Changes the file under its lock. Nothing is written when `change` says so.
fn change<T>(world: &World, change: impl FnOnce(&mut Store) -> Result<(T, bool), Trouble>) -> Result<T, Trouble> {
    let file = world.auth_file();
    runtime::new()?.block_on(async {
        let failed = |e| file_trouble(&file, &e);
        let waits = |seconds| {
            if seconds == auth_file::PATIENT {
                print::note(&format!("{}, {seconds} s\n", waiting(&file)));
            }
        };
        let locked: Locked = file.lock(waits).await.map_err(failed)?;
        let mut store = locked.read().map_err(failed)?;
        let (value, changed) = change(&mut store)?;
        if changed {
            locked.write(&mut store).map_err(failed)?;
        }
        Ok(value)
    })
}

/// Stored providers in the order of the table, then those that only Hermes Agent knows.
fn ids(store: &Store, environment: &Environment, only: Option<&Provider>) -> Vec<String> {
    if let Some(provider) = only {
        return vec![provider.id.to_string()];
    }
    let mut stored = store.providers();
    // keys of the environment are nobody's to store, and count all the same
    let of_variables = |p: &&&Provider| standing::variable(p, store, environment).is_some();
    stored.extend(providers::REGISTRY.iter().filter(of_variables).map(|p| p.id.to_string()));
    let known = providers::REGISTRY.iter().map(|p| p.id.to_string()).filter(|id| stored.contains(id));
    let others = stored.iter().filter(|id| providers::REGISTRY.iter().all(|p| p.id != id.as_str())).cloned();
    known.chain(others).collect()
}

pub(super) fn list(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let only = named(matches, world)?;
    let store = read(world)?;
    let mut documents = vec![];
    let mut text = String::new();
    for id in ids(&store, &world.environment, only) {
        let rows = standing::rows(&id, &store, &world.environment);
        let active = standing::active(&rows);
        if rows.is_empty() {
            continue;
        }
        text.push_str(&format!("{} ({} credentials):\n", tame_line(&id), rows.len()));
        for (number, row) in rows.iter().enumerate() {
            documents.push(document(&id, number, row, active == Some(number)));
            let arrow = if active == Some(number) { " ←" } else { "" };
            let source = row.source.strip_prefix("manual:").unwrap_or(&row.source);
            let label = tame_line(&row.label);
            let kind = if row.kind == Kind::OAuth { "oauth" } else { "api_key" };
            let (id, until) = (tame_line(&row.id), ends(row));
            text.push_str(&format!(
                "  #{}  {id:<6}  {label:<20} {kind:<7} {} · {until}{}{arrow}\n",
                number + 1,
                tame_line(source),
                marks(row)
            ));
        }
        text.push('\n');
    }
    if matches.get_flag("json") {
        print::json(&Value::Array(documents));
    } else {
        print::out(&text);
    }
    Ok(0)
}

fn document(provider: &str, number: usize, row: &Credential, active: bool) -> Value {
    let (status, reason) = match &row.state {
        State::Ok => ("ok", None),
        State::Exhausted { reason, .. } => ("exhausted", reason.clone()),
        State::Dead { reason } => ("dead", reason.clone()),
    };
    json!({
        "provider": provider, "index": number + 1, "id": row.id, "label": row.label,
        "type": if row.kind == Kind::OAuth { "oauth" } else { "api_key" }, "source": row.source, "status": status, "reason": reason,
        "expires_at": row.expires_at.and_then(time_text), "active": active,
    })
}

/// Until when a credential lasts.
fn ends(row: &Credential) -> String {
    match row.expires_at {
        None if row.kind == Kind::Key => "does not end".into(),
        None => "ends at an unknown time".into(),
        Some(at) if at <= now() && row.refresh.is_some() => "renews with the next request".into(),
        Some(at) if at <= now() => "has ended".into(),
        Some(at) => {
            let what = if row.refresh.is_some() { "renews" } else { "ends" };
            format!("{what} in {}{}", span(at - now()), time_text(at).map(|at| format!(" ({at})")).unwrap_or_default())
        }
    }
}

/// ` rate-limited (429) (5m 3s left)`, ` auth failed invalid_grant (401) (re-auth may be required)`
fn marks(row: &Credential) -> String {
    let (kind, reason, code, end) = match &row.state {
        State::Ok => return String::new(),
        State::Exhausted { until, code, reason } => {
            let kind = match code {
                Some(429) => "rate-limited",
                Some(401 | 403) => "auth failed",
                _ => "exhausted",
            };
            (kind, reason, *code, format!(" ({} left)", span(until.saturating_sub(now()))))
        }
        State::Dead { reason } => ("auth failed", reason, Some(401), " (re-auth may be required)".to_string()),
    };
    let reason = reason.as_ref().map(|r| format!(" {}", tame_line(r))).unwrap_or_default();
    let code = code.map(|c| format!(" ({c})")).unwrap_or_default();
    format!(" {kind}{reason}{code}{end}")
}

pub(super) fn status(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let only = named(matches, world)?;
    let store = read(world)?;
    let wanted: Vec<&'static Provider> = match only {
        Some(provider) => vec![provider],
        None => providers::REGISTRY.to_vec(),
    };
    let states: Vec<Status> = wanted.into_iter().map(|p| standing::status(p, &store, &world.environment)).collect();
    if matches.get_flag("json") {
        let mut documents: Vec<Value> = states.iter().map(status_document).collect();
        print::json(&match (only, documents.len()) {
            (Some(_), 1) => documents.remove(0),
            _ => Value::Array(documents),
        });
    } else {
        print::out(&states.iter().map(|s| format!("{}: {}\n", s.provider.id, s.words())).collect::<String>());
    }
    let signed_out = only.is_some() && !states.iter().all(|s| s.signed_in);
    Ok(if signed_out { Exit::SignIn.status() } else { 0 })
}

fn status_document(status: &Status) -> Value {
    json!({
        "provider": status.provider.id, "signed_in": status.signed_in, "source": status.source, "label": status.label,
        "auth_mode": status.auth_mode, "expires_at": status.expires_at.and_then(time_text), "last_refresh": status.last_refresh,
        "error": status.error.as_ref().map(|(code, message)| json!({ "code": code, "message": message })),
    })
}

pub(super) fn remove(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let provider = needed(matches, world)?;
    let target = matches.get_one::<String>("target").map(String::as_str);
    let removed = change(world, |store| {
        let rows = standing::rows(provider.id, store, &world.environment);
        match find(&rows, target) {
            Ok(number) => {
                let row = rows[number].clone();
                match variable_of(&row) {
                    Some(_) => store.remove_source(provider.id, &row.source),
                    None => store.remove(provider.id, &row),
                }
                // a key of `.env` alone leaves nothing behind that would have to be kept away
                let only_of_file = variable_of(&row).is_some_and(|name| !world.environment.is_exported(name));
                Ok(((row, number + 1), !only_of_file))
            }
            Err(why) => Err(no_target(provider, target, &rows, &why)),
        }
    })?;
    let (row, number) = removed;
    if let Some(name) = variable_of(&row) {
        let path = world.paths.env_file();
        let untouched = |error| {
            Trouble::new("file_unwritable", format!("{} was left as it is: {error}", shown(&path))).help("check who may write the file")
        };
        if edit::unset_variable(&path, name).map_err(untouched)? {
            print::out(&format!("Removed {name} from {}\n", shown(&path)));
        }
        if world.environment.is_exported(name) {
            print::note(&format!(
                "The shell still has {name}, which does not count here any more; `unset {name}` takes it away there, too\n"
            ));
        }
    }
    print::out(&format!("Removed {} credential #{number} ({})\n", provider.id, tame_line(&row.label)));
    Ok(0)
}

/// The variable that a row stands for.
fn variable_of(row: &Credential) -> Option<&str> {
    row.source.strip_prefix("env:").filter(|_| row.id == row.source)
}

fn no_target(provider: &Provider, target: Option<&str>, rows: &[Credential], why: &NoTarget) -> Trouble {
    let listed = rows.iter().enumerate().map(|(n, row)| format!("#{} {} ({})", n + 1, tame_line(&row.label), row.id));
    let listed = listed.collect::<Vec<_>>().join(", ");
    let name = tame_line(target.unwrap_or_default());
    match why {
        NoTarget::Empty => Trouble::new("xai_auth_missing", format!("There is no credential of {}", provider.id))
            .help(format!("`hermes auth add {}` adds one", provider.id)),
        NoTarget::Ambiguous if target.is_none() => {
            Trouble::usage(format!("There are several credentials of {}", provider.id)).help(format!("name one of {listed}"))
        }
        NoTarget::Ambiguous => Trouble::usage(format!("Several credentials are called `{name}`")).help(format!("name one of {listed}")),
        NoTarget::Unknown => {
            Trouble::new("usage", format!("No credential of {} is called `{name}`", provider.id)).help(format!("there are {listed}"))
        }
    }
}

pub(super) fn log_out(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let provider = match named(matches, world)? {
        Some(provider) => provider,
        None => {
            let active = read(world)?.active_provider().and_then(|p| providers::named(p).ok());
            let Some(provider) = active else {
                print::out("Nobody is signed in\n");
                return Ok(0);
            };
            provider
        }
    };
    let removed = change(world, |store| {
        let removed = store.log_out(provider.id);
        Ok((removed, removed))
    })?;
    let told = if removed { format!("Signed out of {}\n", provider.id) } else { format!("Nobody was signed in at {}\n", provider.id) };
    print::out(&told);
    if removed {
        print::note(&format!("Nothing was revoked at the server; {} has no tokens any more\n", shown(&world.paths.auth())));
    }
    Ok(0)
}

pub(super) fn reset(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let provider = needed(matches, world)?;
    let count = change(world, |store| {
        let count = store.reset(provider.id);
        Ok((count, count > 0))
    })?;
    print::out(&format!("Reset the marks of {count} {} credentials\n", provider.id));
    Ok(0)
}
