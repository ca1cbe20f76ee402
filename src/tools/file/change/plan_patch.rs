//! Mode `patch`: what the sections of a patch would do to the files that they name.

use super::{Change, Refusal, file_path, hunks, is_taken, patch_text};
use crate::tools::file::{disk, place::Place};
use patch_text::{Hunk, Section};
use std::path::Path;

/// The changes of a whole patch; none when one of them can't be made.
pub fn plan(place: &Place<'_>, patch: &str) -> Result<Vec<Change>, Refusal> {
    if patch.len() as u64 > disk::LARGEST {
        return Err(format!("The patch is larger than {} MiB.", disk::LARGEST >> 20).into());
    }
    let mut changes = Vec::new();
    for section in patch_text::sections(patch)? {
        one(place, section, &mut changes)?;
    }
    Ok(changes)
}

fn one(place: &Place<'_>, section: Section, changes: &mut Vec<Change>) -> Result<(), String> {
    match section {
        Section::Add { path, text } => {
            let path = unused(place, changes, &path)?;
            let name = place.shown(&path);
            changes.push(Change { path, name, before: None, after: Some(text), moved_to: None, moved_name: None });
        }
        Section::Delete { path: text } => {
            not_a_link(place, &text)?;
            let path = file_path(place, &text)?;
            not_named_before(place, changes, &path)?;
            let name = place.shown(&path);
            let before = existing(place, &path, &name)?;
            changes.push(Change { path, name, before: Some(before), after: None, moved_to: None, moved_name: None });
        }
        Section::Update { path, moved_to, hunks } => update(place, &path, moved_to.as_deref(), &hunks, changes)?,
    }
    Ok(())
}

fn update(place: &Place<'_>, text: &str, target: Option<&str>, hunks: &[Hunk], changes: &mut Vec<Change>) -> Result<(), String> {
    let path = file_path(place, text)?;
    let name = place.shown(&path);
    if hunks.is_empty() && target.is_none() {
        return Err(format!("The patch has no hunk for `{name}`."));
    }
    // some patches name a file again for the next hunk; it then meets what the hunks before made of it
    let again = changes.iter_mut().find(|change| change.path == path && change.before.is_some() && change.moved_to.is_none());
    if let (Some(Change { after: Some(after), .. }), None) = (again, target) {
        *after = grown(&name, after, hunks)?;
        return Ok(());
    }
    not_named_before(place, changes, &path)?;
    let before = existing(place, &path, &name)?;
    let after = grown(&name, &before, hunks)?;
    let moved_to = match target {
        Some(target) => {
            not_a_link(place, text)?;
            let target = unused(place, changes, target)?;
            if target == path {
                return Err(format!("`{name}` can't be moved to where it is."));
            }
            Some(target)
        }
        None => None,
    };
    if after == before && moved_to.is_none() {
        return Err(format!("The patch changes nothing in `{name}`."));
    }
    let moved_name = moved_to.as_deref().map(|path| place.shown(path));
    changes.push(Change { path, name, before: Some(before), after: Some(after), moved_to, moved_name });
    Ok(())
}

fn grown(name: &str, before: &str, hunks: &[Hunk]) -> Result<String, String> {
    let after = hunks::applied(name, before, hunks)?;
    if after.len() as u64 > disk::LARGEST { Err(format!("`{name}` would grow beyond {} MiB.", disk::LARGEST >> 20)) } else { Ok(after) }
}

/// The path of a file that is not there and that no other section makes.
fn unused(place: &Place<'_>, changes: &[Change], text: &str) -> Result<std::path::PathBuf, String> {
    let path = file_path(place, text)?;
    not_named_before(place, changes, &path)?;
    if is_taken(&path) {
        Err(format!("`{}` exists already; use `*** Update File:`, or another name.", place.shown(&path)))
    } else {
        Ok(path)
    }
}

fn existing(place: &Place<'_>, path: &Path, name: &str) -> Result<String, String> {
    disk::text(place, path)?.ok_or_else(|| format!("There is no `{name}`; `*** Add File:` makes a new file."))
}

fn not_named_before(place: &Place<'_>, changes: &[Change], path: &Path) -> Result<(), String> {
    let named = changes.iter().any(|change| change.path == path || change.moved_to.as_deref() == Some(path));
    if named { Err(format!("The patch names `{}` twice; name each file once.", place.shown(path))) } else { Ok(()) }
}

fn not_a_link(place: &Place<'_>, text: &str) -> Result<(), String> {
    if place.is_link(text) { Err(format!("`{text}` is a link; it can't be deleted or moved here.")) } else { Ok(()) }
}
