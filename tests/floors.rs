//! Floors: a folder imports from lower numbers only. The numbers are read from `src/lib.rs`.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "support/sources.rs"]
mod sources;

use sources::sources;
use std::{collections::BTreeMap, fs, path::Path};

fn floors() -> BTreeMap<String, u32> {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    map.lines()
        .filter_map(|line| {
            let (name, rest) = line.strip_prefix("pub mod ")?.split_once(';')?;
            let number = rest.trim().strip_prefix("// ")?.split_once(':')?.0.parse().ok()?;
            Some((name.to_string(), number))
        })
        .collect()
}

/// Every folder of the crate that a file names after `crate::`, also in a `use crate::{…}` group.
fn named(text: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = vec![];
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(word(rest));
            continue;
        };
        let mut depth = 1;
        let mut fresh = true;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => fresh = true,
                c if fresh && depth == 1 && c.is_alphabetic() => {
                    names.push(word(&group[at..]));
                    fresh = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

#[test]
fn no_import_points_up_or_sideways() {
    let floors = floors();
    assert!(floors.len() >= 15, "the map in lib.rs can't be read: {floors:?}");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&source);
    let mut wrong = vec![];
    for file in files {
        let relative = file.strip_prefix(&source).unwrap();
        let Some(folder) = relative.parent().and_then(|p| p.iter().next()).map(|f| f.to_string_lossy().into_owned()) else { continue };
        let floor = floors.get(&folder).unwrap_or_else(|| panic!("{folder} is not in the map"));
        for name in named(&fs::read_to_string(&file).unwrap()) {
            match floors.get(&name) {
                Some(other) if name != folder && (other >= floor || name == "sandbox" && !["cli", "app"].contains(&folder.as_str())) => {
                    wrong.push(format!("{}: {folder} ({floor}) imports {name} ({other})", relative.display()));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_sandbox_imports_nothing_of_ours() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox"));
    for file in files {
        assert_eq!(named(&fs::read_to_string(&file).unwrap()), Vec::<String>::new(), "{}", file.display());
    }
}

/// Every path below `crate` or `super` that a file names, written out: `use crate::{a::{b, c}, d}` names three.
fn paths(text: &str) -> Vec<Vec<String>> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
    let mut found = vec![];
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            // `super::super::x` is found at its first word
            let before = &code[..at];
            if before.ends_with("super::") || before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
                continue;
            }
            tree(&code[at..], &mut vec![], &mut found);
        }
    }
    found
}

/// Reads one path with its groups; gives back how much of the text it took.
fn tree(text: &str, so_far: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if word.is_empty() {
        return 0;
    }
    so_far.push(word.clone());
    let mut at = word.len();
    match text[at..].strip_prefix("::") {
        Some(rest) if rest.starts_with('{') => {
            at += "::{".len();
            loop {
                at += text[at..].len() - text[at..].trim_start_matches([' ', ',', '\n']).len();
                if text[at..].starts_with('}') || text[at..].is_empty() {
                    at = (at + 1).min(text.len());
                    break;
                }
                match tree(&text[at..], so_far, found) {
                    0 => at += text[at..].chars().next().map_or(0, char::len_utf8),
                    taken => at += taken,
                }
            }
        }
        Some(rest) => at += "::".len() + tree(rest, so_far, found),
        None => found.push(so_far.clone()),
    }
    so_far.pop();
    at
}

/// The module that a file is: `cli/auth/mod.rs` is `["cli", "auth"]`.
fn module(file: &Path) -> Vec<String> {
    let mut names: Vec<String> = file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    names.pop_if(|last| ["mod", "lib", "main"].contains(&last.as_str()));
    names
}

#[test]
fn no_files_go_round_in_a_circle() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = sources(&source);
    files.retain(|file| file.file_name().is_some_and(|name| name != "tests.rs"));
    let modules: BTreeMap<Vec<String>, String> =
        files.iter().map(|file| file.strip_prefix(&source).unwrap()).map(|file| (module(file), file.display().to_string())).collect();
    let mut imports: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in &files {
        let own = module(file.strip_prefix(&source).unwrap());
        let name = modules[&own].clone();
        let text = fs::read_to_string(file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for path in paths(text) {
            let mut whole: Vec<String> = if path[0] == "crate" { vec![] } else { own.clone() };
            for word in path.iter().skip(usize::from(path[0] == "crate")) {
                if word == "super" { drop(whole.pop()) } else { whole.push(word.clone()) }
            }
            while !modules.contains_key(&whole) && whole.pop().is_some() {}
            // a room knows its house: what the rooms of a folder share stands where they are listed
            if !own.starts_with(&whole) {
                imports.entry(name.clone()).or_default().push(modules[&whole].clone());
            }
        }
    }
    let mut circles = vec![];
    for start in imports.keys() {
        let mut ways = vec![vec![start.clone()]];
        let mut seen = vec![];
        while let Some(way) = ways.pop() {
            for next in imports.get(&way[way.len() - 1]).into_iter().flatten() {
                if next == start {
                    circles.push(format!("{} → {start}", way.join(" → ")));
                } else if !seen.contains(next) {
                    seen.push(next.clone());
                    ways.push([way.clone(), vec![next.clone()]].concat());
                }
            }
        }
    }
    circles.sort();
    circles.dedup();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn groups_of_imports_are_read() {
    assert_eq!(named("use crate::{domain::{a, b}, ui}; crate::flow::x"), ["domain", "ui", "flow"]);
    let words = |text: &str| paths(text).iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(
        words("use crate::{domain::{a, b::C}, ui}; super::super::x::y()"),
        ["crate::domain::a", "crate::domain::b::C", "crate::ui", "super::super::x::y"]
    );
}
