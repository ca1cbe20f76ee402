//! The folders with skills: those of the home, further ones, and the one that comes with the program. A name that is there twice is
//! the first of these.

use crate::{
    domain::{foreign::is_wild, tool},
    files::read,
    services::Services,
    tools::guard::Guard,
};
use serde_yaml::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The skills that come with the program: category and text.
const BUNDLED: &[(&str, &str)] = &[("creative", include_str!("../../../assets/skills/creative/comfyui/SKILL.md"))];

/// Skills that are looked at.
const MOST: usize = 500;
/// Folders below a folder of skills.
const DEEPEST: usize = 4;
/// Files of a skill that are named.
const MOST_FILES: usize = 100;
/// Folders that hold none.
const PASSED_OVER: [&str; 3] = [".git", ".github", ".hub"];
/// Characters of a description.
const LONGEST_ABOUT: usize = 1_024;

/// A skill.
#[derive(Debug, Clone)]
pub struct Skill {
    /// What is told of it.
    pub head: tool::Skill,
    /// Words that it is found by.
    pub tags: Vec<String>,
    /// Skills that go with it.
    pub related: Vec<String>,
    /// Where it is; none for one that comes with the program.
    pub folder: Option<PathBuf>,
    built_in: Option<&'static str>,
}

/// All skills, by their names.
pub struct Library {
    /// Sorted by category and name.
    pub skills: Vec<Skill>,
    /// Where new ones go.
    pub home: PathBuf,
    /// Keeps what must not be read.
    pub guard: Guard,
}

impl Library {
    /// Looks at what is there now.
    pub fn open(services: &Services) -> Self {
        let settings = services.settings.current();
        let person = services.home();
        let home = services.paths.home.join("skills");
        let further = settings.tools.skill_folders.iter().map(|folder| match (folder.strip_prefix("~/"), &person) {
            (Some(rest), Some(person)) => person.join(rest),
            _ => PathBuf::from(folder),
        });
        let guard = Guard::new(&services.paths, person.as_deref());
        let mut skills: Vec<Skill> = vec![];
        for root in std::iter::once(home.clone()).chain(further) {
            below(&root, &root, DEEPEST, &guard, &mut skills);
        }
        let built_in = BUNDLED.iter().filter_map(|(category, text)| read_skill(text, category, "", None, Some(text)));
        skills.extend(built_in);
        let is_wanted = |skill: &Skill| !settings.tools.disabled_skills.contains(&skill.head.name);
        let mut seen = std::collections::HashSet::new();
        skills.retain(|skill| is_wanted(skill) && seen.insert(skill.head.name.clone()));
        skills.sort_by(|a, b| (&a.head.category, &a.head.name).cmp(&(&b.head.category, &b.head.name)));
        Self { skills, home, guard }
    }

    /// The one of that name.
    pub fn named(&self, name: &str) -> Option<&Skill> {
        self.skills.iter().find(|skill| skill.head.name == name)
    }
}

/// Adds what is in a folder and below it. Links are not followed, so that nothing leads in a circle or out.
fn below(folder: &Path, root: &Path, depth: usize, guard: &Guard, found: &mut Vec<Skill>) {
    if found.len() >= MOST || guard.path(folder).is_err() {
        return;
    }
    // a file may be a secret under another name
    let file = folder.join("SKILL.md");
    if let Some(Ok(text)) = guard.path(&file).is_ok().then(|| read::text(&file)) {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let parent = folder.parent().filter(|parent| *parent != root).and_then(Path::file_name);
        let category = parent.map(|parent| parent.to_string_lossy().into_owned()).unwrap_or_else(|| "general".into());
        found.extend(read_skill(&text, &category, &name, Some(folder.to_path_buf()), None));
        return;
    }
    if depth == 0 {
        return;
    }
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| !PASSED_OVER.iter().any(|name| entry.file_name() == *name))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders.iter().for_each(|folder| below(folder, root, depth - 1, guard, found));
}

/// Front matter and body of a text; none where there is no front matter.
pub fn split(text: &str) -> Option<(Value, &str)> {
    let rest = text.trim_start_matches('\u{feff}').trim_start().strip_prefix("---")?;
    let end = rest.find("\n---")?;
    let matter: Value = serde_yaml::from_str(&rest[..end]).ok().filter(Value::is_mapping)?;
    let body = rest[end + 4..].split_once('\n').map_or("", |(_, body)| body);
    Some((matter, body))
}

/// A skill from its text; none for one that says nothing of itself, or is for another system.
fn read_skill(text: &str, category: &str, folder_name: &str, folder: Option<PathBuf>, built_in: Option<&'static str>) -> Option<Skill> {
    let (matter, _) = split(text)?;
    let own = matter.get("metadata").and_then(|metadata| metadata.get("hermes"));
    let of = |name: &str| texts(own.and_then(|own| own.get(name)));
    let clean = |text: &str| text.chars().filter(|c| !is_wild(*c)).take(LONGEST_ABOUT).collect::<String>().trim().to_string();
    let name = matter.get("name").and_then(Value::as_str).unwrap_or(folder_name);
    let about = clean(matter.get("description").and_then(Value::as_str).unwrap_or_default());
    let platforms = texts(matter.get("platforms"));
    let is_for_us = platforms.is_empty() || platforms.iter().any(|platform| platform == std::env::consts::OS);
    if !is_for_us || !is_name(name) || about.is_empty() {
        return None;
    }
    let head = tool::Skill {
        name: name.to_string(),
        category: clean(category),
        about,
        requires: of("requires_tools").into_iter().chain(of("requires_toolsets")).collect(),
        steps_back_for: of("fallback_for_tools").into_iter().chain(of("fallback_for_toolsets")).collect(),
    };
    Some(Skill { head, tags: of("tags"), related: of("related_skills"), folder, built_in })
}

/// Whether a skill may be called so: its name is a folder's, too.
pub fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 64 && name.chars().all(fits) && !name.starts_with('.')
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => text.split(',').map(|text| text.trim().to_string()).filter(|text| !text.is_empty()).collect(),
        Some(Value::Sequence(items)) => items.iter().filter_map(Value::as_str).map(str::to_string).collect(),
        _ => vec![],
    }
}

impl Skill {
    /// Its instructions, without the front matter.
    pub fn text(&self, guard: &Guard) -> Result<String, read::Error> {
        let text = match (self.built_in, &self.folder) {
            (Some(text), _) => text.to_string(),
            (None, Some(folder)) if guard.path(&folder.join("SKILL.md")).is_err() => return Err(read::Error::Denied),
            (None, Some(folder)) => read::text(&folder.join("SKILL.md"))?,
            (None, None) => return Err(read::Error::Missing),
        };
        Ok(split(&text).map(|(_, body)| body.trim().to_string()).unwrap_or(text))
    }

    /// The files beside its instructions, relative to its folder.
    pub fn files(&self) -> Vec<String> {
        let Some(folder) = &self.folder else { return vec![] };
        let mut files = vec![];
        let mut folders = vec![folder.clone()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).into_iter().flatten().flatten().take(MOST_FILES) {
                let Ok(kind) = entry.file_type() else { continue };
                let path = entry.path();
                if kind.is_dir() && path.components().count() <= folder.components().count() + DEEPEST {
                    folders.push(path);
                } else if kind.is_file()
                    && let Some(name) = path.strip_prefix(folder).ok().and_then(Path::to_str)
                {
                    files.push(name.to_string());
                }
            }
            if files.len() >= MOST_FILES {
                break;
            }
        }
        files.retain(|file| file != "SKILL.md");
        files.sort();
        files
    }
}
