//! Makes of the tables that people write (TOML) what costs nothing, or little, before the first key: the keys become Rust, the
//! models JSON. A table that is not TOML, and a key that does what nobody knows, does not build.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "it talks to cargo: by variables and standard output")]

use serde_json::Value;
use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    println!("cargo::rerun-if-changed=build.rs");
    fs::write(Path::new(&out).join("models.json"), table("models")?.to_string())?;
    fs::write(Path::new(&out).join("keys.rs"), rows(&table("keys")?)?)?;
    Ok(())
}

fn table(name: &str) -> Result<Value, Box<dyn Error>> {
    let file = format!("assets/{name}.toml");
    println!("cargo::rerun-if-changed={file}");
    Ok(toml::from_str(&fs::read_to_string(&file)?).map_err(|e| format!("{file}: {e}"))?)
}

/// The rows of `assets/keys.toml` as an array of `Row` (`src/flow/keymap.rs`).
fn rows(table: &Value) -> Result<String, Box<dyn Error>> {
    let mut rows = String::from("&[\n");
    for row in table["key"].as_array().ok_or("assets/keys.toml has no `[[key]]`")? {
        let words = ["where", "on", "run", "name", "also", "then", "about"];
        if let Some(unknown) = row.as_object().into_iter().flatten().map(|(name, _)| name).find(|name| !words.contains(&name.as_str())) {
            return Err(format!("assets/keys.toml: `{unknown}` says nothing of a key").into());
        }
        let word = |name: &str| row[name].as_str().unwrap_or_default();
        let on: Vec<&str> = row["on"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let action: String = word("run").split('-').map(capital).collect();
        let [place, name, also, then, about] = ["where", "name", "also", "then", "about"].map(word);
        rows += &format!(
            "Row {{ place: {place:?}, on: &{on:?}, run: Action::{action}, name: {name:?}, also: {also:?}, then: {then:?}, about: {about:?} }},\n"
        );
    }
    Ok(rows + "]")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
