//! What a conversation begins with besides the built-in prompt: who the model is (`SOUL.md`), what the folder says of itself
//! (`AGENTS.md` and its like), and what was kept from earlier ones. Read once for a conversation (`docs/wire.md` 6).

use super::{guard::Guard, memory, skills};
use crate::{
    domain::{conversation::Context, foreign::is_wild, tool::Skill},
    files::read,
    services::Services,
};
use std::path::{Path, PathBuf};

/// A file is cut to so many characters: its beginning and its end are kept.
const LONGEST: usize = 20_000;
/// Names in the working folder and in those above it, up to the root of the repository; the first that is found counts.
const ABOVE: [&str; 2] = [".hermes.md", "HERMES.md"];
/// Names in the working folder alone.
const HERE: [&str; 3] = ["AGENTS.md", "CLAUDE.md", ".cursorrules"];

/// Reads all of it. `remembers`: whether the memory is on.
pub fn read(services: &Services, remembers: bool) -> Context {
    let guard = Guard::new(&services.paths, services.home().as_deref());
    let home = &services.paths.home;
    let text = |path: &Path| text(path, &guard).map(|text| services.secrets.mask(&text).into_owned());
    Context {
        soul: text(&home.join("SOUL.md")),
        project: found(&services.paths.folder).into_iter().find_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            Some((name, text(&path)?))
        }),
        skills: skills::heads(services).into_iter().map(|skill| masked(skill, services)).collect(),
        memory: memory::prompt(home).filter(|_| remembers).map(|text| services.secrets.mask(&text).into_owned()),
    }
}

fn masked(mut skill: Skill, services: &Services) -> Skill {
    skill.about = services.secrets.mask(&skill.about).into_owned();
    skill
}

/// Files that may say something of the folder, the one that counts first.
fn found(folder: &Path) -> Vec<PathBuf> {
    let root = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder);
    let above = folder.ancestors().take_while(|folder| folder.starts_with(root));
    let named = above.flat_map(|folder| ABOVE.map(|name| folder.join(name)));
    named.chain(HERE.map(|name| folder.join(name))).filter(|path| path.is_file()).collect()
}

/// The text of a file, without what nobody sees, and no more of it than is of use; nothing for one that is empty, or none of theirs.
fn text(path: &Path, guard: &Guard) -> Option<String> {
    // a link may lead to what no model is shown
    let path = std::fs::canonicalize(path).ok()?;
    guard.path(&path).ok()?;
    let text: String = read::text(&path).ok()?.chars().filter(|c| !is_wild(*c) || *c == '\n').collect();
    let text = text.trim();
    (!text.is_empty()).then(|| cut(text))
}

/// The first seven tenths and the last two of what is too long.
fn cut(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONGEST {
        return text.to_string();
    }
    let place = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    let (head, tail) = (place(LONGEST * 7 / 10), place(count - LONGEST * 2 / 10));
    format!("{}\n\n[… {} characters are left out …]\n\n{}", &text[..head], count - LONGEST * 9 / 10, &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{config::Config, environment::Environment, paths::Paths};
    use std::{fs, sync::Arc};

    #[test]
    fn the_first_file_that_says_something_counts() {
        let place = tempfile::tempdir().unwrap();
        let (home, work) = (place.path().join("home"), place.path().join("repo/deep"));
        fs::create_dir_all(&home).unwrap();
        fs::create_dir_all(&work).unwrap();
        fs::create_dir(place.path().join("repo/.git")).unwrap();
        let paths = Paths { home: home.clone(), folder: work.clone() };
        let nowhere = Box::new(|| Box::pin(async { Ok(String::new()) }) as _);
        let services = Services::new(Environment::of(&[("HOME", "/nobody")]), paths, Config::default(), nowhere, Arc::new(|_| {}));
        let project = || read(&services, true).project;
        let nothing = read(&services, true);
        assert_eq!((nothing.soul, nothing.project, nothing.memory), (None, None, None));
        fs::write(place.path().join("HERMES.md"), "outside of the repository").unwrap();
        fs::write(work.join("CLAUDE.md"), "c").unwrap();
        assert_eq!(project(), Some(("CLAUDE.md".into(), "c".into())));
        fs::write(work.join("AGENTS.md"), " \n").unwrap();
        assert_eq!(project(), Some(("CLAUDE.md".into(), "c".into())), "one that is empty says nothing");
        fs::write(work.join("AGENTS.md"), "use\u{200b} make\u{1b}[2J\n").unwrap();
        assert_eq!(project(), Some(("AGENTS.md".into(), "use make[2J".into())));
        fs::write(place.path().join("repo/HERMES.md"), "h").unwrap();
        assert_eq!(project().unwrap().0, "HERMES.md");
        fs::write(home.join("SOUL.md"), "You are a pirate.").unwrap();
        fs::create_dir(home.join("memories")).unwrap();
        fs::write(home.join("memories/MEMORY.md"), "tea\n").unwrap();
        let all = read(&services, true);
        assert_eq!((all.soul.as_deref(), all.memory.is_some()), (Some("You are a pirate."), true));
        assert_eq!(read(&services, false).memory, None);
        // a link to a secret is nobody's instructions
        fs::remove_file(place.path().join("repo/HERMES.md")).unwrap();
        fs::remove_file(work.join("AGENTS.md")).unwrap();
        fs::write(home.join("auth.json"), "{}").unwrap();
        std::os::unix::fs::symlink(home.join("auth.json"), work.join("AGENTS.md")).unwrap();
        assert_eq!(project().unwrap().0, "CLAUDE.md");
    }

    #[test]
    fn what_is_too_long_keeps_its_beginning_and_its_end() {
        let text = format!("begin{}end", "ä".repeat(30_000));
        let kept = cut(&text);
        assert!(kept.starts_with("begin") && kept.ends_with("end") && kept.contains("left out"));
        assert!(kept.chars().count() < 18_100, "{}", kept.chars().count());
    }
}
