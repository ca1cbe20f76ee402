//! Makes of the tables that people write (TOML) what costs nothing, or little, before the first key: the keys become Rust, the
//! models JSON. A table that is not TOML, and a key that does what nobody knows, does not build.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "it talks to cargo: by variables and standard output")]

use serde::de::DeserializeOwned;
use std::{env, error::Error, fs, path::Path, process::Command};

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    println!("cargo::rerun-if-changed=build.rs");
    fs::write(Path::new(&out).join("models.json"), table::<serde_json::Value>("models")?.to_string())?;
    fs::write(Path::new(&out).join("keys.rs"), rust(table("keys")?))?;
    if packs_relocations() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    Ok(())
}

/// Whether the loader of this machine knows packed relocations (glibc 2.36): 0.9 MB that are read and written at each start become
/// 10 kB, and the program takes 0.9 MiB less memory. An older loader would not start such a program.
fn packs_relocations() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|known| known == value);
    let here = env::var("HOST").is_ok_and(|host| is("TARGET", &host));
    if !here || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return false;
    }
    let Ok(told) = Command::new("getconf").arg("GNU_LIBC_VERSION").output() else { return false };
    let told = String::from_utf8_lossy(&told.stdout);
    let version = told.trim().strip_prefix("glibc ").and_then(|version| version.split_once('.'));
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    version.is_some_and(|(major, minor)| (number(major), number(minor)) >= (2, 36))
}

fn table<T: DeserializeOwned>(name: &str) -> Result<T, Box<dyn Error>> {
    let file = format!("assets/{name}.toml");
    println!("cargo::rerun-if-changed={file}");
    Ok(toml::from_str(&fs::read_to_string(&file)?).map_err(|e| format!("{file}: {e}"))?)
}

/// A row of `assets/keys.toml`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    r#where: String,
    on: Vec<String>,
    run: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    also: String,
    #[serde(default)]
    then: String,
    #[serde(default)]
    about: String,
}

#[derive(serde::Deserialize)]
struct Keys {
    key: Vec<Row>,
}

/// The rows as an array of `Row` (`src/flow/keymap.rs`).
fn rust(keys: Keys) -> String {
    let mut rows = String::from("&[\n");
    for Row { r#where: place, on, run, name, also, then, about } in keys.key {
        let action: String = run.split('-').map(capital).collect();
        rows += &format!(
            "Row {{ place: {place:?}, on: &{on:?}, run: Action::{action}, name: {name:?}, also: {also:?}, then: {then:?}, about: {about:?} }},\n"
        );
    }
    rows + "]"
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
