//! Makes of the tables that people write (TOML) what costs nothing, or little, before the first key: the keys become Rust, the
//! models JSON. A table that is not TOML, and a key that does what nobody knows, does not build.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "it talks to cargo: by variables and standard output")]

use serde::de::DeserializeOwned;
use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    println!("cargo::rerun-if-changed=build.rs");
    fs::write(Path::new(&out).join("models.json"), table::<serde_json::Value>("models")?.to_string())?;
    fs::write(Path::new(&out).join("keys.rs"), rust(table("keys")?))?;
    Ok(())
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
