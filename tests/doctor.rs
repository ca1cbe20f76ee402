//! `hermes doctor` in broken homes: it tells the truth of each, and the next step.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use assert_cmd::Command;
use serde_json::Value;
use std::{fs, path::Path};

/// What the doctor says of a home, with a shell that does something to itself first.
fn asked(home: &Path, before: &str) -> (bool, Vec<Value>) {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{before}exec \"$0\" doctor --json"), env!("CARGO_BIN_EXE_hermes")]);
    command.env_clear().env("HERMES_HOME", home).env("HOME", home).env("PATH", "/usr/bin:/bin").current_dir(home);
    let out = command.output().unwrap();
    let document: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{out:?}"));
    assert_eq!(out.status.success(), document["ok"] == true);
    let files = document["sections"].as_array().unwrap().iter().find(|s| s["title"] == "Files").unwrap();
    (out.status.success(), files["checks"].as_array().unwrap().clone())
}

/// A home that is whole, then broken; and what is said of one of its files: state, words of the detail, words of the help.
fn case(break_it: impl FnOnce(&Path), before: &str, name: &str, (state, detail, help): (&str, &str, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::create_dir(&home).unwrap();
    private(&home, 0o700);
    for (file, text) in [("auth.json", r#"{"version": 1, "providers": {}}"#), (".env", "XAI_API_KEY=k\n"), ("config.yaml", "display: {}\n")]
    {
        fs::write(home.join(file), text).unwrap();
        private(&home.join(file), 0o600);
    }
    let sound = asked(&home, "");
    assert!(sound.0 && sound.1.iter().all(|check| check["state"] != "warn"), "{sound:#?}");
    break_it(&home);
    let (ok, checks) = asked(&home, before);
    let found = checks.iter().find(|c| c["name"] == name && c["state"] == state && c["detail"].as_str().unwrap().contains(detail));
    let found = found.unwrap_or_else(|| panic!("no {state} with “{detail}” of {name}: {checks:#?}"));
    assert!(found["help"].as_str().is_some_and(|words| words.contains(help)), "{found}");
    assert_eq!(ok, state != "fail");
}

fn private(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn each_broken_home_is_told_with_its_next_step() {
    let folder_for = |name: &'static str| {
        move |home: &Path| {
            fs::remove_file(home.join(name)).ok();
            fs::create_dir(home.join(name)).unwrap();
        }
    };
    case(folder_for(".env"), "", ".env", ("fail", "no key in it is found", "ls -l"));
    case(|home| fs::write(home.join(".env"), b"\xff\xfe\x41").unwrap(), "", ".env", ("fail", "no key in it is found", "UTF-8"));
    case(|home| fs::write(home.join(".env"), b"A=\xe9\n").unwrap(), "", ".env", ("fail", "no key in it is found", "UTF-8"));
    case(|home| private(&home.join(".env"), 0o644), "", ".env", ("warn", "other users can read it", "chmod 600"));
    case(|_| {}, "export XAI_API_KEY=other; ", ".env", ("warn", "with another value", "keep one"));
    case(folder_for("auth.json"), "", "auth.json", ("fail", "left as it is", "move the folder away"));
    case(|home| fs::write(home.join("auth.json"), "{").unwrap(), "", "auth.json", ("fail", "left as it is", "mend it"));
    case(|home| private(&home.join("auth.json"), 0o640), "", "auth.json", ("warn", "other users can read it", "chmod 600"));
    case(folder_for("auth.lock"), "", "auth.lock", ("fail", "no lock can be taken", "make the folder writable"));
    case(|_| {}, "ulimit -f 0; ", "auth.json", ("fail", "a token that ends can't be renewed", "make room"));
    case(|_| {}, "ulimit -f 0; ", "home", ("fail", "nothing can be written", "make room"));
    case(|home| private(home, 0o755), "", "home", ("warn", "others can look into", "chmod 700"));
    let twice = "display:\n  streaming: true\n  streaming: false\n";
    case(|home| fs::write(home.join("config.yaml"), twice).unwrap(), "", "config.yaml", ("warn", "line 3", "config edit"));
    case(|home| fs::write(home.join("config.yaml"), "model: [").unwrap(), "", "config.yaml", ("fail", "line", "config edit"));
    let catalog = |home: &Path| fs::write(home.join("models_dev_cache.json"), "{\"xai\": ").unwrap();
    case(catalog, "", "models", ("warn", "can't be used", "--refresh"));
    let rescued = |home: &Path| {
        fs::create_dir_all(home.join("hermes-tui/rescued")).unwrap();
        fs::write(home.join("hermes-tui/rescued/1-1.json"), "{}").unwrap();
    };
    case(rescued, "", "auth.json", ("warn", "did not take a new token", "as soon as that works"));
}

#[test]
fn files_of_another_user_are_told() {
    for name in ["auth.json", ".env", "config.yaml"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("probe"), "").unwrap();
        if std::os::unix::fs::chown(folder.path().join("probe"), Some(65_534), None).is_err() {
            return support::skipped("files can't be given to another user here: only root can");
        }
        let give = |home: &Path| std::os::unix::fs::chown(home.join(name), Some(65_534), None).unwrap();
        case(give, "", name, ("warn", "belongs to user 65534", "chown"));
    }
}
