//! A server that the people of the protocol have written. It is installed from PyPI once, below `target/`.

use super::stage::{Stage, skip};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const PACKAGE: &str = "mcp-server-time==2026.10.19";

/// Its Python, or why there is none.
fn installed() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/mcp-reference");
    let (python, temporary) = (folder.join("venv/bin/python"), folder.join("tmp"));
    let run = |program: &Path, words: &[&str]| {
        let output = Command::new(program).args(words).env("TMPDIR", &temporary).output().map_err(|error| error.to_string())?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    };
    if run(&python, &["-c", "import mcp_server_time"]).is_ok() {
        return Ok(python);
    }
    std::fs::create_dir_all(&temporary).map_err(|error| error.to_string())?;
    run(Path::new("python3"), &["-m", "venv", "--clear", &folder.join("venv").to_string_lossy()])?;
    let quiet = ["--quiet", "--no-cache-dir", "--disable-pip-version-check", "--timeout", "20", "--retries", "1"];
    run(&python, &[&["-m", "pip", "install"], &quiet[..], &[PACKAGE]].concat())?;
    Ok(python)
}

#[tokio::test]
async fn a_server_that_others_have_written_tells_the_time() {
    let python = match tokio::task::spawn_blocking(installed).await.unwrap() {
        Ok(python) => python,
        Err(why) => return skip(&format!("mcp-server-time could not be installed: {why}")),
    };
    let args = ["-m", "mcp_server_time", "--local-timezone", "UTC"];
    let mut stage = Stage::new(json!({"s": {"command": python, "args": args}}));
    let tools = stage.ready().await;
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["get_current_time", "convert_time"]);
    assert_eq!(tools[0].takes["required"], json!(["timezone"]));
    let answer = stage.call("get_current_time", json!({"timezone": "Europe/Berlin"})).await.unwrap();
    let time: Value = serde_json::from_str(&answer.text).unwrap();
    assert!(answer.ok && time["timezone"] == "Europe/Berlin" && time["datetime"].is_string(), "{answer:?}");
    let wrong = stage.call("get_current_time", json!({"timezone": "Nowhere/Land"})).await.unwrap();
    assert!(!wrong.ok && wrong.text.contains("Nowhere/Land"), "{wrong:?}");
}
