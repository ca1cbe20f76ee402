//! The `file` toolset: reading, writing, patching and searching files. A change is worked out before it is done, so that the person
//! sees it first; nothing leads to what the guard keeps.

pub mod change;
pub mod disk;
pub mod place;
pub mod read;
pub mod schemas;
pub mod search;
#[cfg(test)]
mod testing;

use super::{Call, Returned, Row, ToolRow, arguments::Arguments, guard::Guard, terminal::dangers};
use crate::{
    domain::{
        conversation::Outcome,
        tool::{Needs, Request, Risk, Rule, Shown},
    },
    services::tasks::blocking,
    settings::paths::shown,
};
use change::{Change, Refusal};
use futures_util::{FutureExt, future::BoxFuture};
use place::Place;
use serde_json::{Map, Value};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Reading and changing files.
pub static TOOLSET: Row = Row {
    name: "file",
    label: "📁 File Operations",
    is_on: true,
    backend: None,
    tools: &[
        ToolRow {
            name: "read_file",
            doing: "Reading",
            done: "Read",
            subject: &["path"],
            about: schemas::READ_FILE_ABOUT,
            takes: schemas::READ_FILE,
            risk: Risk::Reads,
            own: None,
            needs: Needs::Nothing,
        },
        ToolRow {
            name: "write_file",
            doing: "Writing",
            done: "Wrote",
            subject: &["path"],
            about: schemas::WRITE_FILE_ABOUT,
            takes: schemas::WRITE_FILE,
            risk: Risk::Changes,
            own: None,
            needs: Needs::Nothing,
        },
        ToolRow {
            name: "patch",
            doing: "Changing",
            done: "Changed",
            subject: &["path"],
            about: schemas::PATCH_ABOUT,
            takes: schemas::PATCH,
            risk: Risk::Changes,
            own: None,
            needs: Needs::Nothing,
        },
        ToolRow {
            name: "search_files",
            doing: "Searching for",
            done: "Searched for",
            subject: &["pattern"],
            about: schemas::SEARCH_FILES_ABOUT,
            takes: schemas::SEARCH_FILES,
            risk: Risk::Reads,
            own: None,
            needs: Needs::Nothing,
        },
    ],
    run,
    trial: Some(("search_files", r#"{"pattern":"*","target":"files","limit":8}"#)),
};

/// A search does not go on longer than this.
const LONGEST_SEARCH: Duration = Duration::from_secs(20);

fn run(call: Call<'_>) -> BoxFuture<'_, Result<Returned, String>> {
    async move {
        let Call { order, arguments, workshop, .. } = call;
        let stop = Arc::new(AtomicBool::new(false));
        // a search ends with its call
        let _ends = Ends(stop.clone());
        let (name, allowed) = (order.call.name.clone(), order.allowed);
        let (guard, folder, home) = (workshop.guard.clone(), workshop.bench(&order.conversation).folder(), workshop.services.home());
        let done = blocking(move || {
            let place = Place { folder: &folder, home: home.as_deref(), guard: &*guard };
            match name.as_str() {
                "read_file" => read::read_file(&place, &Arguments(&arguments)).map(|value| Returned::Outcome(seen(&value))),
                "search_files" => {
                    let deadline = Instant::now() + LONGEST_SEARCH;
                    let value = search::search_files(&place, &Arguments(&arguments), deadline, &stop);
                    value.map(|value| Returned::Outcome(found(&value)))
                }
                name => Ok(changed(name, &arguments, allowed, &place)),
            }
        });
        done.await.map_err(|trouble| format!("{}.", trouble.message))?
    }
    .boxed()
}

/// Ends a search when nobody waits for it any more.
struct Ends(Arc<AtomicBool>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl place::Guard for Guard {
    fn path(&self, path: &Path) -> Result<(), String> {
        Guard::path(self, path)
    }
    fn file(&self, file: &File) -> Result<(), String> {
        Guard::file(self, file)
    }
}

fn seen(value: &Value) -> Outcome {
    let text = value["content"].as_str().unwrap_or_default();
    let note = match (value["is_image"].as_bool(), value["is_binary"].as_bool(), text.lines().count()) {
        (Some(true), ..) => "a picture".into(),
        (_, Some(true), _) => "not a text".into(),
        (_, _, 1) => "1 line".into(),
        (_, _, lines) => format!("{lines} lines"),
    };
    Outcome {
        ok: true,
        happened: true,
        output: value.to_string().into(),
        shown: Some(Shown::Text(text.into())),
        note,
        ..Outcome::default()
    }
}

fn found(value: &Value) -> Outcome {
    let mut lines = vec![];
    for row in value["matches"].as_array().into_iter().flatten() {
        lines.push(format!(
            "{}:{}: {}",
            row["path"].as_str().unwrap_or_default(),
            row["line"],
            row["content"].as_str().unwrap_or_default()
        ));
    }
    lines.extend(value["files"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_string));
    if let Some(counts) = value["counts"].as_object() {
        lines.extend(counts.iter().map(|(path, count)| format!("{path}: {count}")));
    }
    let note = match value["total_count"].as_u64() {
        Some(1) => "1 found".into(),
        Some(count) => format!("{count} found"),
        None => String::new(),
    };
    Outcome {
        ok: true,
        happened: true,
        output: value.to_string().into(),
        shown: Some(Shown::Text(lines.join("\n").into())),
        note,
        ..Outcome::default()
    }
}

/// Writes or patches, once it is allowed.
pub(super) fn changed(name: &str, arguments: &Map<String, Value>, allowed: Option<u64>, place: &Place) -> Returned {
    let planned = match name {
        "write_file" => change::plan_write(place, &Arguments(arguments)),
        _ => change::plan_patch(place, &Arguments(arguments)),
    };
    let changes = match planned {
        Ok(changes) => changes,
        Err(refusal) => return Returned::Outcome(not_planned(&refusal)),
    };
    let stamp = change::fingerprint(&changes);
    // what is done must be what was shown: a file that has changed meanwhile is shown again
    if allowed != Some(stamp) {
        return Returned::Asks(request(&changes, stamp, place));
    }
    let counts = changes.iter().map(change::counts).fold((0, 0), |sum, (added, removed)| (sum.0 + added, sum.1 + removed));
    let diff = change::diff_of_all(&changes);
    Returned::Outcome(match change::apply(place, &changes) {
        Ok(applied) => {
            let output = if name == "write_file" { applied.write_json() } else { applied.patch_json(&changes) };
            Outcome {
                ok: true,
                happened: true,
                output: output.to_string().into(),
                shown: Some(Shown::Diff(diff.into())),
                note: format!("+{} −{}", counts.0, counts.1),
                ..Outcome::default()
            }
        }
        Err(why) => Outcome::failed(Refusal::from(why).json().to_string()),
    })
}

fn not_planned(refusal: &Refusal) -> Outcome {
    let shown = [Some(refusal.error.clone()), refusal.hint.clone()].into_iter().flatten().collect::<Vec<_>>().join("\n");
    Outcome { shown: Some(Shown::Text(shown.into())), ..Outcome::failed(refusal.json().to_string()) }
}

fn request(changes: &[Change], stamp: u64, place: &Place) -> Request {
    let title = match changes {
        [one] if one.before.is_none() => format!("Write the new file {}?", one.name),
        [one] if one.after.is_none() => format!("Delete {}?", one.name),
        [one] => format!("Change {}?", one.name),
        many => format!("Change {} files?", many.len()),
    };
    let mut dangers: Vec<String> = vec![];
    let folder = std::fs::canonicalize(place.folder).unwrap_or_else(|_| place.folder.to_path_buf());
    for change in changes {
        for path in [Some(&change.path), change.moved_to.as_ref()].into_iter().flatten() {
            dangers.extend(dangers::written(&path.to_string_lossy()).map(str::to_string));
            if !path.starts_with(&folder) {
                dangers.push(format!("outside of {}", shown(&folder)));
            }
        }
        if change.after.is_none() {
            dangers.push("deletes a file".into());
        }
    }
    dangers.sort();
    dangers.dedup();
    let rule = Rule::FilesBelow(common(changes, &folder).display().to_string());
    let diff = change::diff_of_all(changes);
    // a long diff is cut: which files there are is seen in any case
    let name = |change: &Change| change.moved_name.as_ref().map_or(change.name.clone(), |to| format!("{} → {to}", change.name));
    let names: Vec<String> = changes.iter().map(name).collect();
    let what = if changes.len() > 1 { format!("{}\n\n{diff}", names.join("\n")) } else { diff };
    Request { title, what: Shown::Diff(what.into()), place: shown(&folder), dangers, rule, stamp }
}

/// The folder that a rule for these changes is about: the working folder, where all are below it, else the one that they share.
fn common(changes: &[Change], folder: &Path) -> PathBuf {
    let mut paths = changes.iter().flat_map(|change| [Some(&change.path), change.moved_to.as_ref()]).flatten();
    if paths.clone().all(|path| path.starts_with(folder)) {
        return folder.to_path_buf();
    }
    let first = paths.next().and_then(|path| path.parent()).unwrap_or(folder).to_path_buf();
    paths.fold(first, |shared, path| shared.ancestors().find(|above| path.starts_with(above)).unwrap_or(&shared).to_path_buf())
}
