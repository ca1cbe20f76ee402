//! Turns the tables that people write (TOML) into JSON, which costs a quarter less work before the first key. A table that
//! is not TOML does not build.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "it talks to cargo: by variables and standard output")]

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    println!("cargo::rerun-if-changed=build.rs");
    for name in ["keys", "models"] {
        let file = format!("assets/{name}.toml");
        println!("cargo::rerun-if-changed={file}");
        let table: serde_json::Value = toml::from_str(&fs::read_to_string(&file)?).map_err(|e| format!("{file}: {e}"))?;
        fs::write(Path::new(&out).join(name).with_extension("json"), table.to_string())?;
    }
    Ok(())
}
