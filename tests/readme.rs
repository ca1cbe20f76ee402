//! The README and the documents tell the truth: keys are those of the table, files and sections that are named exist.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "support/sources.rs"]
mod sources;

use hermes::{flow::keymap::KEYS, screens::help};
use sources::sources;
use std::{fs, path::Path};

/// A table of keys for each part of the screen, from the table that the program runs on.
fn keys() -> String {
    let mut text = String::new();
    for (about, places) in help::sections() {
        let rows: Vec<String> = KEYS
            .iter()
            .filter(|k| places.contains(&k.place) && !k.about.is_empty())
            .map(|k| {
                let on = k.on.iter().map(|chord| format!("`{chord}`")).collect::<Vec<_>>().join(" ");
                format!("| {} | {} |\n", on.replace('|', "\\|"), k.about)
            })
            .collect();
        if !rows.is_empty() {
            text.push_str(&format!("\n| {about} | |\n|---|---|\n{}", rows.concat()));
        }
    }
    text + "\n"
}

#[test]
fn the_keys_are_those_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- keys:").unwrap();
    let (mark, rest) = rest.split_once("-->\n").unwrap();
    let (shown, after) = rest.split_once("<!-- end of keys -->").unwrap();
    let keys = keys();
    #[expect(clippy::disallowed_methods, reason = "the program's own settings are not asked here")]
    let update = std::env::var_os("README_UPDATE").is_some();
    if update && shown != keys {
        fs::write(&path, format!("{before}<!-- keys:{mark}-->\n{keys}<!-- end of keys -->{after}")).unwrap();
        return;
    }
    assert_eq!(shown, keys, "run this test with README_UPDATE=1");
}

#[test]
fn every_file_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    for document in documents.chain([root.join("README.md")]) {
        let text = fs::read_to_string(&document).unwrap();
        let links: Vec<&str> =
            text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|l| l.contains('.') && !l.contains("://")).collect();
        assert!(!links.is_empty() || !document.ends_with("README.md"));
        for link in links {
            assert!(document.parent().unwrap().join(link).exists(), "{} names {link}", document.display());
        }
    }
}

#[test]
fn every_section_that_a_comment_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for path in ["src", "tests"].into_iter().flat_map(|folder| sources(&root.join(folder))) {
        let text = fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices(concat!("`", "docs/")) {
            let (name, rest) = text[at + 1..].split_once('`').unwrap();
            let Ok(document) = fs::read_to_string(root.join(name)) else { panic!("{} names {name}", path.display()) };
            let section: String = rest.trim_start_matches(' ').chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let section = section.trim_end_matches('.');
            let has = document
                .lines()
                .any(|line| line.trim_start_matches('#').strip_prefix(' ').is_some_and(|l| l.starts_with(&format!("{section} "))));
            assert!(section.is_empty() || has, "{} names {name} {section}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} references");
}
