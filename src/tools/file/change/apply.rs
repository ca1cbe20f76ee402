//! Doing what was planned. Every file is looked at again first: nothing is done when one is no longer as it was.

use super::{Change, diff_of_all, is_taken};
use crate::tools::file::{
    disk::{self, Found},
    place::Place,
};
use serde_json::{Value, json};

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many bytes the new texts have.
    pub bytes_written: u64,
    /// Whether folders had to be made.
    pub dirs_created: bool,
    /// The files that held something else, and those that moved, as `old -> new`.
    pub modified: Vec<String>,
    /// The files that were not there.
    pub created: Vec<String>,
    /// The files that are gone.
    pub deleted: Vec<String>,
}

impl Applied {
    /// The result of `write_file`.
    pub fn write_json(&self) -> Value {
        json!({ "bytes_written": self.bytes_written, "dirs_created": self.dirs_created })
    }

    /// The result of `patch`.
    pub fn patch_json(&self, changes: &[Change]) -> Value {
        json!({
            "success": true,
            "diff": diff_of_all(changes),
            "files_modified": self.modified,
            "files_created": self.created,
            "files_deleted": self.deleted,
        })
    }

    fn names(&self) -> String {
        let all: Vec<&str> = [&self.modified, &self.created, &self.deleted].into_iter().flatten().map(String::as_str).collect();
        all.join(", ")
    }
}

/// Carries out a plan. When a file was changed since, nothing is done; when writing fails in the middle, the error says what is done.
pub fn apply(place: &Place<'_>, changes: &[Change]) -> Result<Applied, String> {
    for change in changes {
        unchanged(place, change)?;
    }
    let mut applied = Applied::default();
    for change in changes {
        if let Err(error) = one(place, change, &mut applied) {
            let done = applied.names();
            return Err(if done.is_empty() { error } else { format!("{error} Done before that: {done}. The rest was not done.") });
        }
    }
    Ok(applied)
}

fn unchanged(place: &Place<'_>, change: &Change) -> Result<(), String> {
    place.guard.path(&change.path)?;
    if place.real(&change.path)? != change.path || disk::text(place, &change.path)? != change.before {
        return Err(format!("`{}` was changed meanwhile; read it again. Nothing was done.", change.name));
    }
    if let Some(target) = &change.moved_to {
        place.guard.path(target)?;
        if is_taken(target) {
            return Err(format!("`{}` appeared meanwhile. Nothing was done.", place.shown(target)));
        }
    }
    Ok(())
}

fn one(place: &Place<'_>, change: &Change, applied: &mut Applied) -> Result<(), String> {
    match (&change.after, &change.moved_to) {
        (None, _) => {
            disk::remove(place, &change.path)?;
            applied.deleted.push(change.name.clone());
        }
        (Some(text), None) => {
            applied.dirs_created |= disk::replace(place, &change.path, text, None)?;
            applied.bytes_written += text.len() as u64;
            let list = if change.before.is_some() { &mut applied.modified } else { &mut applied.created };
            list.push(change.name.clone());
        }
        (Some(text), Some(target)) => {
            let Found::File(_, old) = disk::open(place, &change.path)? else {
                return Err(format!("`{}` is not there any more.", change.name));
            };
            applied.dirs_created |= disk::replace(place, target, text, Some(&old))?;
            applied.bytes_written += text.len() as u64;
            let name = place.shown(target);
            if let Err(error) = disk::remove(place, &change.path) {
                applied.created.push(name);
                return Err(error);
            }
            applied.modified.push(format!("{} -> {name}", change.name));
        }
    }
    Ok(())
}
