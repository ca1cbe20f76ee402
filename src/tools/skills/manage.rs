//! Changing skills: each change is one of files below the folder of skills, shown and allowed like any other.

use super::{Fields, Library, Returned, failed, folder};
use crate::{
    files::atomic,
    services::Services,
    tools::{arguments::Arguments, file, guard::Guard},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

const FIELDS: &[&str] =
    &["action", "name", "content", "old_string", "new_string", "replace_all", "category", "file_path", "file_content", "absorbed_into"];
const ACTIONS: &[&str] = &["create", "patch", "edit", "delete", "write_file", "remove_file"];

/// Does what is wanted, once it is allowed.
pub(super) fn change(
    library: &Library,
    arguments: &Fields,
    allowed: Option<u64>,
    services: &Services,
    guard: &Guard,
) -> Result<Returned, String> {
    let fields = Arguments(arguments);
    fields.only(FIELDS)?;
    let action = fields.one_of("action", ACTIONS)?.ok_or("`action` is missing.")?;
    let (tool, wanted) = match planned(library, action, &fields)? {
        Ok(planned) => planned,
        Err(why) => return Ok(Returned::Outcome(failed(json!({ "error": why })))),
    };
    // a folder that can't be made is told by the change itself
    let _ = atomic::private_folder(&library.home);
    let home = services.home();
    let place = file::place::Place { folder: &library.home, home: home.as_deref(), guard };
    let returned = file::changed(tool, &wanted, allowed, &place);
    if let (Returned::Outcome(outcome), true) = (&returned, matches!(action, "delete" | "remove_file"))
        && outcome.ok
    {
        let name = fields.text("name")?;
        library.named(name).and_then(|skill| skill.folder.as_deref()).into_iter().for_each(remove_empty);
    }
    Ok(returned)
}

type Planned = Result<(&'static str, Fields), String>;

/// The change of files that is meant; the inner error is for what can't be done, the outer for a call that can't be meant.
fn planned(library: &Library, action: &'static str, fields: &Arguments<'_>) -> Result<Planned, String> {
    let name = fields.text("name")?.trim();
    if !folder::is_name(name) {
        return Err("`name` must be small letters, digits, `-`, `_` and `.`, 64 at most.".into());
    }
    let category = fields.maybe_text("category")?.map(str::trim).filter(|category| !category.is_empty());
    if category.is_some_and(|category| !folder::is_name(category)) {
        return Err("`category` must be small letters, digits, `-` and `_`.".into());
    }
    let there = library.named(name);
    if action == "create" {
        if there.is_some_and(|skill| skill.folder.is_some()) {
            return Ok(Err(format!("There is a skill `{name}` already; `edit` or `patch` changes it.")));
        }
        let content = whole(fields, name)?;
        let path = library.home.join(category.unwrap_or("general")).join(name).join("SKILL.md");
        return Ok(Ok(("write_file", made([("path", json!(path)), ("content", json!(content))]))));
    }
    let own = match there.map(|skill| &skill.folder) {
        None => return Ok(Err(format!("There is no skill `{name}`."))),
        Some(None) => return Ok(Err(format!("`{name}` comes with the program; `create` makes one of your own that takes its place."))),
        Some(Some(own)) if !own.starts_with(&library.home) => {
            return Ok(Err(format!("`{name}` is in {}, which is not changed from here.", own.display())));
        }
        Some(Some(own)) => own,
    };
    let beside = |needed: bool| match fields.maybe_text("file_path")? {
        None if needed => Err("`file_path` is missing.".to_string()),
        None => Ok(own.join("SKILL.md")),
        Some(path) if Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_))) => Ok(own.join(path)),
        Some(path) => Err(format!("`{path}` leads out of the skill.")),
    };
    Ok(Ok(match action {
        "edit" => ("write_file", made([("path", json!(own.join("SKILL.md"))), ("content", json!(whole(fields, name)?))])),
        "patch" => {
            let mut wanted = made([("mode", json!("replace")), ("path", json!(beside(false)?))]);
            for field in ["old_string", "new_string", "replace_all"] {
                wanted.extend(fields.0.get(field).map(|value| (field.to_string(), value.clone())));
            }
            ("patch", wanted)
        }
        "write_file" => ("write_file", made([("path", json!(beside(true)?)), ("content", json!(fields.text("file_content")?))])),
        "remove_file" => ("patch", removal([beside(true)?.display().to_string()])),
        _ => {
            let files = there.map(|skill| skill.files()).unwrap_or_default();
            let all = files.into_iter().chain(["SKILL.md".to_string()]);
            ("patch", removal(all.map(|file| own.join(file).display().to_string())))
        }
    }))
}

/// A whole `SKILL.md` that will be found again under this name.
fn whole(fields: &Arguments<'_>, name: &str) -> Result<String, String> {
    let content = fields.text("content")?;
    let (matter, body) = folder::split(content).ok_or("`content` must begin with front matter between `---` lines.")?;
    let text = |field: &str| matter.get(field).and_then(serde_yaml::Value::as_str).unwrap_or_default().trim().to_string();
    if text("name") != name {
        return Err(format!("The front matter must say `name: {name}`."));
    }
    if text("description").is_empty() || text("description").chars().count() > 1_024 {
        return Err("The front matter must hold a `description`, of 1,024 characters at most.".into());
    }
    if body.trim().is_empty() { Err("There are no instructions below the front matter.".into()) } else { Ok(content.to_string()) }
}

fn made<const N: usize>(fields: [(&str, Value); N]) -> Fields {
    fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

/// A patch that removes files.
fn removal(files: impl IntoIterator<Item = String>) -> Fields {
    let lines: String = files.into_iter().map(|file| format!("*** Delete File: {file}\n")).collect();
    made([("mode", json!("patch")), ("patch", json!(format!("*** Begin Patch\n{lines}*** End Patch")))])
}

/// Removes a folder and those in it, as far as there is nothing in them.
fn remove_empty(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&entry.path());
        }
    }
    let _ = fs::remove_dir(folder);
}
