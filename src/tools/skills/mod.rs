//! The `skills` toolset: instructions that are read when they are needed, one folder with a `SKILL.md` each (`docs/tools.md` 6).

pub mod folder;
mod manage;

use super::{Call, Returned, Row, ToolRow, alike, arguments::Arguments, guard::Guard};
use crate::{
    domain::{
        conversation::Outcome,
        tool::{Needs, Risk, Shown},
    },
    files::read,
    services::{Services, tasks::blocking},
};
use folder::{Library, Skill};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Instructions.
pub static TOOLSET: Row = Row {
    name: "skills",
    label: "📚 Skills",
    is_on: true,
    backend: None,
    tools: &[
        ToolRow {
            name: "skills_list",
            doing: "Listing skills",
            done: "Listed skills",
            subject: &["category"],
            about: "Lists the skills: instructions for particular kinds of work. Read the one that fits with skill_view before you begin.",
            takes: r#"{"type":"object","properties":{"category":{"type":"string","description":"Only skills of this category"}}}"#,
            risk: Risk::Reads,
            own: None,
            needs: Needs::Nothing,
        },
        ToolRow {
            name: "skill_view",
            doing: "Reading the skill",
            done: "Read the skill",
            subject: &["name"],
            about: "Gives a skill: its instructions and the files beside them; with `file_path` one of these files.",
            takes: r#"{"type":"object","properties":{"name":{"type":"string","description":"The name of the skill"},
                "file_path":{"type":"string","description":"A file of the skill, as it is listed there"}},"required":["name"]}"#,
            risk: Risk::Reads,
            own: None,
            needs: Needs::Nothing,
        },
        ToolRow {
            name: "skill_manage",
            doing: "Changing the skill",
            done: "Changed the skill",
            subject: &["name"],
            about: "Keeps what you have learned about a kind of work as a skill, or changes one: `create` and `edit` take the whole SKILL.md \
                    (front matter with name and description between --- lines, then instructions), `patch` replaces a text in it, `write_file` and \
                    `remove_file` are for files beside it, `delete` removes it.",
            takes: r#"{"type":"object","properties":{
                "action":{"type":"string","description":"What is to be done","enum":["create","patch","edit","delete","write_file","remove_file"]},
                "name":{"type":"string","description":"The name of the skill: small letters, digits, - and _"},
                "content":{"type":"string","description":"For create and edit: the whole SKILL.md"},
                "old_string":{"type":"string","description":"For patch: the text that is replaced"},
                "new_string":{"type":"string","description":"For patch: what takes its place"},
                "replace_all":{"type":"boolean","description":"For patch: wherever it stands"},
                "category":{"type":"string","description":"For create: the folder that it goes into"},
                "file_path":{"type":"string","description":"For patch, write_file and remove_file: a file of the skill"},
                "file_content":{"type":"string","description":"For write_file: what it holds"}},"required":["action","name"]}"#,
            risk: Risk::Changes,
            own: None,
            needs: Needs::Nothing,
        },
    ],
    run,
    trial: Some(("skills_list", "{}")),
};

/// A file of a skill that is given whole has no more bytes.
const LONGEST: u64 = 1 << 20;
/// Names that are offered for one that is not there.
const MOST_OFFERED: usize = 20;

fn run(call: Call<'_>) -> BoxFuture<'_, Result<Returned, String>> {
    async move {
        let Call { order, arguments, workshop, .. } = call;
        let (order, services, guard) = (order.clone(), workshop.services.clone(), workshop.guard.clone());
        let done = blocking(move || {
            let library = Library::open(&services);
            match order.call.name.as_str() {
                "skills_list" => list(&library, &Arguments(&arguments), &order.offered).map(Returned::Outcome),
                "skill_view" => view(&library, &Arguments(&arguments)).map(Returned::Outcome),
                _ => manage::change(&library, &arguments, order.allowed, &services, &guard),
            }
        });
        done.await.map_err(|trouble| format!("{}.", trouble.message))?
    }
    .boxed()
}

/// What the system prompt tells of them.
pub fn heads(services: &Services) -> Vec<crate::domain::tool::Skill> {
    Library::open(services).skills.into_iter().map(|skill| skill.head).collect()
}

fn list(library: &Library, arguments: &Arguments<'_>, offered: &[String]) -> Result<Outcome, String> {
    arguments.only(&["category"])?;
    let category = arguments.maybe_text("category")?;
    let fits = |skill: &&Skill| skill.head.fits(offered) && category.is_none_or(|category| skill.head.category == category);
    let skills: Vec<&Skill> = library.skills.iter().filter(fits).collect();
    let mut categories: Vec<&str> = skills.iter().map(|skill| skill.head.category.as_str()).collect();
    categories.sort_unstable();
    categories.dedup();
    let rows: Vec<Value> = skills
        .iter()
        .map(|skill| json!({ "name": skill.head.name, "description": skill.head.about, "category": skill.head.category }))
        .collect();
    let lines: Vec<String> = skills.iter().map(|skill| format!("{}: {}", skill.head.name, skill.head.about)).collect();
    let output = json!({ "success": true, "skills": rows, "categories": categories, "count": skills.len(),
        "hint": "skill_view(name) gives the whole of one." });
    Ok(done(&output, lines.join("\n"), format!("{} found", skills.len())))
}

fn view(library: &Library, arguments: &Arguments<'_>) -> Result<Outcome, String> {
    arguments.only(&["name", "file_path"])?;
    let name = arguments.text("name")?.trim();
    let Some(skill) = library.named(name) else { return Ok(missing(library, name)) };
    if let Some(path) = arguments.maybe_text("file_path")? {
        return Ok(file(skill, path, &library.guard));
    }
    let body = match skill.text(&library.guard) {
        Ok(body) => body,
        Err(why) => return Ok(failed(json!({ "error": format!("The skill `{name}` can't be read: {why}.") }))),
    };
    let folder = skill.folder.as_ref().map(|folder| folder.display().to_string());
    let content = body.replace("${HERMES_SKILL_DIR}", folder.as_deref().unwrap_or(""));
    let output = json!({ "success": true, "name": skill.head.name, "description": skill.head.about, "tags": skill.tags,
        "related_skills": skill.related, "content": content, "path": folder.as_ref().map(|folder| format!("{folder}/SKILL.md")),
        "skill_dir": folder, "linked_files": skill.files(), "readiness_status": "available", "setup_needed": false });
    let lines = content.lines().count();
    Ok(done(&output, content, format!("{lines} lines")))
}

/// A file beside the instructions, which never leads out of the folder.
fn file(skill: &Skill, path: &str, guard: &Guard) -> Outcome {
    let files = skill.files();
    let is_there = |folder: &&PathBuf| files.iter().any(|file| file == path) && guard.path(&folder.join(path)).is_ok();
    let Some(folder) = skill.folder.as_ref().filter(is_there) else {
        return failed(json!({ "error": format!("The skill has no file `{path}`."), "available_files": files }));
    };
    match read::bytes(&folder.join(path), LONGEST).map(String::from_utf8) {
        Ok(Err(_)) => failed(json!({ "error": format!("`{path}` is no text."), "available_files": files })),
        Ok(Ok(content)) => {
            let kind = Path::new(path).extension().map(|kind| kind.to_string_lossy().into_owned()).unwrap_or_default();
            let output = json!({ "success": true, "name": skill.head.name, "file": path, "content": content, "file_type": kind });
            let lines = content.lines().count();
            done(&output, content, format!("{lines} lines"))
        }
        Err(why) => failed(json!({ "error": format!("`{path}` can't be read: {why}.") })),
    }
}

fn missing(library: &Library, name: &str) -> Outcome {
    let names: Vec<&str> = library.skills.iter().map(|skill| skill.head.name.as_str()).take(MOST_OFFERED).collect();
    let meant = alike::closest(name, names.iter().copied(), 1);
    let hint = meant.first().map(|name| format!("Did you mean `{name}`?"));
    failed(json!({ "error": format!("There is no skill `{name}`."), "available_skills": names, "hint": hint }))
}

fn done(output: &Value, shown: String, note: String) -> Outcome {
    Outcome {
        ok: true,
        happened: true,
        output: output.to_string().into(),
        shown: Some(Shown::Text(shown.into())),
        note,
        ..Outcome::default()
    }
}

fn failed(mut fields: Value) -> Outcome {
    let shown = fields["error"].as_str().unwrap_or_default().to_string();
    if let Some(fields) = fields.as_object_mut() {
        fields.shift_insert(0, "success".into(), false.into());
        fields.retain(|_, value: &mut Value| !value.is_null());
    }
    Outcome { shown: Some(Shown::Text(shown.into())), ..Outcome::failed(fields.to_string()) }
}

/// The fields of a call that changes a skill, as those of a call that changes a file.
type Fields = Map<String, Value>;

#[cfg(test)]
mod tests;
