//! `write_file` and `patch`. What a call would do is worked out first, as a list of changes that a person can be shown; `apply` does it
//! afterwards, and only to files that are still as they were then.

/// Doing what was planned.
mod apply;
/// Changes as a unified diff.
mod diff;
/// The most similar region of a file, for a text that was not found.
mod hint;
/// Finding the hunks of a patch in a file.
mod hunks;
/// Reading the text of a patch.
mod patch_text;
/// Mode `patch`.
mod plan_patch;
/// Mode `replace`.
mod replace;

pub use apply::{Applied, apply};
pub use diff::{counts, diff, diff_of_all};

use crate::tools::{
    arguments::Arguments,
    file::{disk, place::Place},
};
use serde_json::{Value, json};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
};

/// What a call would do to one file. `before` and `after` are whole texts; no text means no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The real path of the file.
    pub path: PathBuf,
    /// How people and models read the path: relative to the folder when inside it.
    pub name: String,
    /// What the file holds now.
    pub before: Option<String>,
    /// What it would hold.
    pub after: Option<String>,
    /// Where it would be moved to.
    pub moved_to: Option<PathBuf>,
    /// How the new path is read.
    pub moved_name: Option<String>,
}

/// Why a change can't be worked out: a sentence, and sometimes what the file holds instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong with the call.
    pub error: String,
    /// The region of the file that may have been meant, and how it differs.
    pub hint: Option<String>,
}

impl Refusal {
    /// The result that the model is given.
    pub fn json(&self) -> Value {
        let mut value = json!({ "success": false, "error": self.error });
        if let (Some(hint), Some(map)) = (&self.hint, value.as_object_mut()) {
            map.insert("_hint".into(), hint.as_str().into());
        }
        value
    }
}

impl From<String> for Refusal {
    fn from(error: String) -> Self {
        Refusal { error, hint: None }
    }
}

/// What `write_file` would do.
pub fn plan_write(place: &Place<'_>, arguments: &Arguments<'_>) -> Result<Vec<Change>, Refusal> {
    arguments.only(&["path", "content"])?;
    let path = file_path(place, arguments.text("path")?)?;
    let content = arguments.text("content")?;
    if content.len() as u64 > disk::LARGEST {
        return Err(format!("The content is larger than {} MiB.", disk::LARGEST >> 20).into());
    }
    let before = disk::text(place, &path)?;
    Ok(vec![Change { name: place.shown(&path), path, before, after: Some(content.into()), moved_to: None, moved_name: None }])
}

/// What `patch` would do. The mode may be left out when the fields make it plain.
pub fn plan_patch(place: &Place<'_>, arguments: &Arguments<'_>) -> Result<Vec<Change>, Refusal> {
    arguments.only(&["mode", "path", "old_string", "new_string", "replace_all", "patch"])?;
    let patch = arguments.maybe_text("patch")?.filter(|text| !text.trim().is_empty());
    let old = arguments.maybe_text("old_string")?;
    let mode = match (arguments.one_of("mode", &["replace", "patch"])?, patch, old) {
        (Some(mode), ..) => mode,
        (None, Some(_), None) => "patch",
        (None, None, Some(_)) => "replace",
        (None, Some(_), Some(_)) => return Err("Give `patch`, or `old_string` and `new_string`, not both.".to_string().into()),
        (None, None, None) => {
            return Err("Give `path`, `old_string` and `new_string` with mode `replace`, or `patch` with mode `patch`.".to_string().into());
        }
    };
    match mode {
        "patch" => plan_patch::plan(place, patch.ok_or_else(|| "The field `patch` is missing; mode `patch` needs it.".to_string())?),
        _ => plan_replace(place, arguments).map(|change| vec![change]),
    }
}

fn plan_replace(place: &Place<'_>, arguments: &Arguments<'_>) -> Result<Change, Refusal> {
    let path = file_path(place, arguments.text("path")?)?;
    let (old, new) = (arguments.text("old_string")?, arguments.text("new_string")?);
    let all = arguments.flag("replace_all")?;
    let name = place.shown(&path);
    let Some(before) = disk::text(place, &path)? else {
        return Err(format!("There is no `{name}`; write_file makes a new file.").into());
    };
    let after = replace::replaced(&name, &before, old, new, all)?;
    Ok(Change { path, name, before: Some(before), after: Some(after), moved_to: None, moved_name: None })
}

/// The real path of a file, which is no folder.
fn file_path(place: &Place<'_>, text: &str) -> Result<PathBuf, String> {
    if text.ends_with('/') {
        return Err(format!("`{text}` names a folder; give the path of a file."));
    }
    place.resolve(text)
}

/// Tells one plan from another, so that what a person agreed to is what is done. The same within a run of the program.
pub fn fingerprint(changes: &[Change]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for change in changes {
        (&change.path, &change.before, &change.after, &change.moved_to).hash(&mut hasher);
    }
    changes.len().hash(&mut hasher);
    hasher.finish()
}

/// Is there anything at the path, be it a link that leads nowhere?
fn is_taken(path: &std::path::Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[cfg(test)]
mod tests;
