//! The README tells the truth: its keys are those of the table, its files exist.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use hermes::{flow::keymap::KEYS, screens::help};
use std::{fs, path::Path};

/// A table of keys for each part of the screen, from the table that the program runs on.
fn keys() -> String {
    let mut text = String::new();
    for (about, places) in help::sections() {
        let rows: Vec<String> = KEYS
            .iter()
            .filter(|k| places.contains(&k.place.as_str()) && !k.about.is_empty())
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
    let text = fs::read_to_string(root.join("README.md")).unwrap();
    let links: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|l| !l.contains("://")).collect();
    assert!(!links.is_empty());
    for link in links {
        assert!(root.join(link).exists(), "{link}");
    }
}
