//! Floors: a folder imports from lower numbers only. The numbers are read from `src/lib.rs`.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

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

fn sources(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
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
    let mut files = vec![];
    sources(&source, &mut files);
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
    let mut files = vec![];
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox"), &mut files);
    for file in files {
        assert_eq!(named(&fs::read_to_string(&file).unwrap()), Vec::<String>::new(), "{}", file.display());
    }
}

#[test]
fn groups_of_imports_are_read() {
    assert_eq!(named("use crate::{domain::{a, b}, ui}; crate::flow::x"), ["domain", "ui", "flow"]);
}
