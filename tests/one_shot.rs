//! `hermes chat -q`, `hermes -z` and the other commands, as scripts use them.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use assert_cmd::Command;
use serde_json::Value;

fn hermes(home: &tempfile::TempDir) -> Command {
    let mut command = Command::cargo_bin("hermes").unwrap();
    command
        .env_clear()
        .env("HERMES_HOME", home.path())
        .env("HOME", home.path())
        .current_dir(home.path())
        .timeout(std::time::Duration::from_secs(60));
    command
}

fn out(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_question_is_answered_on_standard_output() {
    let home = home();
    for arguments in [
        &["chat", "-q", "say **yes**", "--provider", "sandbox"][..],
        &["-z", "say **yes**", "--provider", "sandbox"],
        &["--provider", "demo", "chat", "-q", "say **yes**"],
    ] {
        assert_eq!(out(hermes(&home).args(arguments)), (0, "**yes**\n".into(), String::new()), "{arguments:?}");
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "a single question leaves nothing behind");
}

#[test]
fn standard_input_is_added_to_the_question() {
    let home = home();
    let (status, text, _) = out(hermes(&home).args(["chat", "--provider", "sandbox"]).write_stdin("say piped"));
    assert_eq!((status, text.as_str()), (0, "piped\n"));
    let (_, text, _) = out(hermes(&home).args(["chat", "-q", "say both", "--provider", "sandbox"]).write_stdin("and this\n"));
    assert_eq!(text, "both\n\nand this\n");
}

#[test]
fn events_are_json_a_line_each() {
    let home = home();
    let (status, text, errors) = out(hermes(&home).args(["chat", "-q", "a table", "--json", "--provider", "sandbox"]));
    assert_eq!((status, errors.as_str()), (0, ""));
    let events: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let kinds: Vec<&str> = events.iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], *kinds.last().unwrap()), ("start", "done"));
    assert!(kinds.contains(&"reasoning") && kinds.contains(&"text"));
    assert_eq!((events[0]["provider"].as_str(), events[0]["model"].as_str()), (Some("sandbox"), Some("grok-4.3")));
    assert!(events[0]["session_id"].as_str().unwrap().len() == 22);
    let done = events.last().unwrap();
    assert_eq!(done["finish_reason"], "stop");
    for field in ["input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "cost_usd"] {
        assert!(done["usage"][field].is_number(), "{field} in {done}");
    }
}

#[test]
fn failures_have_their_status_their_sentence_and_their_help() {
    let home = home();
    for (fault, status, code) in [
        ("plan-refused", 1, "plan_refused"),
        ("status=401", 3, "key_refused"),
        ("cut", 1, "stream_cut"),
        ("error-frame", 1, "server_error"),
    ] {
        let ask = || {
            let mut command = hermes(&home);
            command.env("HERMES_SANDBOX_FAULT", fault).args(["chat", "-q", "stream 90 words", "--provider", "sandbox"]);
            command
        };
        let (ended, text, errors) = out(&mut ask());
        assert_eq!(ended, status, "{fault}");
        assert!(errors.starts_with("error: ") && errors.contains("\n  help: "), "{errors}");
        assert!(!text.contains("error") && (fault != "cut" || text.starts_with("the ")), "{text}");
        let (ended, text, _) = out(ask().arg("--json"));
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!((ended, last["type"].as_str(), last["code"].as_str()), (status, Some("error"), Some(code)), "{fault}");
        assert!(last["message"].is_string() && last["help"].is_string());
    }
}

#[test]
fn waiting_is_told_on_standard_error_and_as_an_event() {
    let home = home();
    let fault = "status=429,retry-after=0,times=1";
    let (status, text, errors) =
        out(hermes(&home).env("HERMES_SANDBOX_FAULT", fault).args(["chat", "-q", "say ok", "--provider", "sandbox"]));
    assert_eq!((status, text.as_str(), errors.as_str()), (0, "ok\n", "too many requests: trying again in 0 s\n"));
    let (_, text, _) =
        out(hermes(&home).env("HERMES_SANDBOX_FAULT", fault).args(["chat", "-q", "say ok", "--json", "--provider", "sandbox"]));
    assert!(text.contains(r#"{"type":"retry","wait":0.0,"reason":"too many requests"}"#), "{text}");
}

#[test]
fn wrong_usage_ends_with_2() {
    let home = home();
    for arguments in [
        &["--nonsense"][..],
        &["chat", "-q", "x", "--provider", "nobody"],
        &["chat", "-q", " ", "--provider", "sandbox"],
        &["sandbox", "--fault", "nonsense"],
        &["help", "nothing"],
    ] {
        let (status, text, errors) = out(hermes(&home).args(arguments));
        assert_eq!((status, text.as_str()), (2, ""), "{arguments:?}");
        assert!(errors.starts_with("error: ") && errors.contains("\n  help: "), "{errors}");
    }
    // a screen without a terminal
    assert_eq!(out(hermes(&home).args(["--provider", "sandbox"])).0, 2);
}

#[test]
fn a_missing_key_ends_with_3_and_says_where_to_put_it() {
    let home = home();
    let (status, _, errors) = out(hermes(&home).args(["chat", "-q", "x", "--provider", "xai"]));
    assert_eq!(status, 3);
    assert!(errors.contains("XAI_API_KEY"), "{errors}");
    let (status, _, errors) =
        out(hermes(&home).env("XAI_API_KEY", "k").env("XAI_BASE_URL", "http://example.com/v1").args(["chat", "-q", "x"]));
    assert_eq!(status, 2);
    assert!(errors.contains("in the clear"), "{errors}");
}

#[test]
fn a_damaged_configuration_is_named_and_left_alone() {
    let home = home();
    let file = home.path().join("config.yaml");
    std::fs::write(&file, "model: [1\n").unwrap();
    // what does not need it goes on
    let (status, _, errors) = out(hermes(&home).args(["chat", "-q", "x", "--provider", "sandbox"]));
    assert_eq!(status, 0, "{errors}");
    assert!(errors.contains("config.yaml") && errors.contains("line 2"), "{errors}");
    // what would write over it does not
    assert_eq!(out(hermes(&home).args(["model", "set", "grok-4.3", "--provider", "sandbox"])).0, 1);
    let (status, text, _) = out(hermes(&home).arg("doctor"));
    assert!(status == 1 && text.contains("✗ config.yaml"), "{text}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "model: [1\n");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = home();
    let binary = assert_cmd::cargo::cargo_bin("hermes");
    let command = format!("'{}' chat -q 'stream 20000 words' --provider sandbox | head -n 1", binary.display());
    let (status, text, errors) = out(Command::new("sh").env("HERMES_HOME", home.path()).args(["-c", &command]));
    assert_eq!((status, errors.as_str()), (0, ""));
    assert!(text.starts_with("the "));
}

#[test]
fn help_and_version_are_there() {
    let home = home();
    assert!(out(hermes(&home).arg("--version")).1.starts_with("hermes 0."));
    for arguments in [&["--help"][..], &["help"]] {
        let (status, text, _) = out(hermes(&home).args(arguments));
        assert!(status == 0 && text.contains("chat") && text.contains("sandbox") && text.contains("reset"), "{text}");
    }
    assert!(out(hermes(&home).args(["help", "errors"])).1.contains("stream_cut"));
    assert!(out(hermes(&home).args(["help", "chat"])).1.contains("--json"));
}

#[test]
fn what_did_not_arrive_is_no_success() {
    let home = home();
    let command = format!("{} chat -q 'write 2000 words' --provider sandbox >/dev/full", env!("CARGO_BIN_EXE_hermes"));
    let (status, _, errors) = out(Command::new("sh").env("HERMES_HOME", home.path()).args(["-c", &command]));
    assert_eq!(status, 1);
    assert!(errors.contains("Standard output can't be written"), "{errors}");
}

#[test]
fn mistakes_are_json_where_json_was_asked_for_and_help_fits_a_script() {
    let home = home();
    let (status, text, _) = out(hermes(&home).args(["chat", "--bogus", "--json"]));
    let event: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!((status, event["type"].as_str(), event["code"].as_str()), (2, Some("error"), Some("usage")));
    let (status, text, _) = out(hermes(&home).args(["auth", "status", "nobody", "--json"]));
    let error: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, error["error"]["code"].as_str()), (2, Some("invalid_provider")));
    let (_, _, errors) = out(hermes(&home).env("HERMES_SANDBOX_FAULT", "cut").args(["chat", "-q", "hello", "--provider", "sandbox"]));
    assert!(errors.contains("run the command again") && !errors.contains("/retry"), "{errors}");
}

#[test]
fn keys_stay_out_of_the_settings_and_out_of_sight() {
    let home = home();
    let (file, variables) = (home.path().join("config.yaml"), home.path().join(".env"));
    for (name, value) in [("FAL_KEY", "fal-1"), ("SUDO_PASSWORD", "pw-1"), ("model.api_key", "sk-very-secret")] {
        assert_eq!(out(hermes(&home).args(["config", "set", name, value])).0, 0, "{name}");
    }
    let settings = std::fs::read_to_string(&file).unwrap();
    assert!(settings.contains("${MODEL_API_KEY}") && !settings.contains("sk-very-secret"), "{settings}");
    let kept = std::fs::read_to_string(&variables).unwrap();
    assert!(["FAL_KEY=fal-1", "SUDO_PASSWORD=pw-1", "MODEL_API_KEY=sk-very-secret"].iter().all(|line| kept.contains(line)), "{kept}");
    assert_eq!(out(hermes(&home).args(["config", "unset", "FAL_KEY"])).0, 0);
    assert!(!std::fs::read_to_string(&variables).unwrap().contains("FAL_KEY"));
    // written by hand it is hidden, and a short one hides nothing else
    std::fs::write(&file, "# a note\nmodel: {api_key: sk-very-secret}\nx_token: a\n").unwrap();
    let (_, shown, _) = out(hermes(&home).args(["config", "show"]));
    assert_eq!(shown, "# a note\nmodel: {api_key: •••}\nx_token: •••\n");
    // a word that YAML reads otherwise stays the word that it is
    std::fs::remove_file(&file).unwrap();
    assert_eq!(out(hermes(&home).args(["config", "set", "model.default", "no"])).0, 0);
    assert_eq!(out(hermes(&home).args(["config", "get", "model.default", "--json"])).1, "\"no\"\n");
}

#[test]
fn a_key_of_the_variables_is_listed_and_removed() {
    let home = home();
    let variables = home.path().join(".env");
    std::fs::write(&variables, "OTHER=1\nXAI_API_KEY=of-the-file\n").unwrap();
    let (_, listed, _) = out(hermes(&home).args(["auth", "list"]));
    assert!(listed.contains("env:XAI_API_KEY") && !listed.contains("of-the-file"), "{listed}");
    assert_eq!(out(hermes(&home).args(["auth", "remove", "xai", "1"])).0, 0);
    assert_eq!(std::fs::read_to_string(&variables).unwrap(), "OTHER=1\n");
    // one of the shell can't be taken out of it, and does not count any more
    let with_key = |arguments: &[&str]| out(hermes(&home).env("XAI_API_KEY", "of-the-shell").args(arguments));
    let (status, _, errors) = with_key(&["auth", "remove", "xai", "1"]);
    assert!(status == 0 && errors.contains("The shell still has XAI_API_KEY"), "{errors}");
    assert_eq!(with_key(&["auth", "status", "xai"]).0, 3);
}

#[test]
fn a_question_may_begin_with_a_dash_and_a_silent_pipe_is_not_waited_for() {
    let home = home();
    let (status, text, _) = out(hermes(&home).args(["--provider", "sandbox", "-z", "- say one"]));
    assert_eq!((status, text.is_empty()), (0, false));
    assert_eq!(out(hermes(&home).args(["--provider", "sandbox", "chat", "-q", "--what is this?"])).0, 0);
    let mut asked = std::process::Command::new(assert_cmd::cargo::cargo_bin("hermes"));
    asked.env("HERMES_HOME", home.path()).args(["--provider", "sandbox", "-z", "say two"]).stdin(std::process::Stdio::piped());
    let mut child = asked.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    // held open until it has answered
    let held = child.stdin.take();
    let ended = child.wait_with_output().unwrap();
    drop(held);
    let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success() && errors.contains("Standard input says nothing"), "{errors}");
}

/// The binary behind a shell that first does something to itself.
fn after(home: &tempfile::TempDir, before: &str, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{before}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_hermes")]).args(arguments);
    command.env_clear().env("HERMES_HOME", home.path()).env("HOME", home.path()).env("PATH", "/usr/bin:/bin");
    let (status, text, error) = out(command.current_dir(home.path()).timeout(std::time::Duration::from_secs(60)));
    (status, format!("{text}{error}"))
}

#[test]
fn a_system_that_gives_too_little_is_told() {
    // from none to spare to one less than the program asks for
    for files in 5..27 {
        let (status, told) = after(&home(), &format!("ulimit -n {files}"), &["--provider", "sandbox", "-z", "hello"]);
        assert!(status == 1 && told.contains("open files") && !told.contains("panicked"), "{files}: {told}");
    }
    let (status, told) = after(&home(), "ulimit -f 0", &["auth", "add", "xai", "--api-key", "k-of-a-person"]);
    assert!(status == 1 && told.contains("can't be changed"), "{status:?} {told}");
}

/// What the system lets other programs of the same person do is seen by whom `/proc` says that the process belongs to.
#[cfg(target_os = "linux")]
#[test]
fn nobody_looks_into_the_memory_and_no_dump_of_it_is_written() {
    use std::{
        io::{BufRead, BufReader},
        os::unix::{fs::MetadataExt, process::CommandExt},
        process::{Command, Stdio},
    };
    let folder = tempfile::tempdir().unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let binary = folder.path().join("hermes");
    std::fs::copy(env!("CARGO_BIN_EXE_hermes"), &binary).unwrap();
    let of_root = folder.path().metadata().unwrap().uid() == 0;
    let start = |program: &std::path::Path, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // root may look into everything: somebody else it is
        if of_root {
            command.uid(65_534).gid(65_534);
        }
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let process = std::path::PathBuf::from(format!("/proc/{}", child.id()));
        let owner = process.join("mem").metadata().unwrap().uid();
        let limits = std::fs::read_to_string(process.join("limits")).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        (owner, limits)
    };
    let (owner, _) = start(std::path::Path::new("/bin/sh"), &["-c", "echo; read x"]);
    assert_ne!(owner, 0, "the system shows the owner of every process");
    let (owner, limits) = start(&binary, &["sandbox", "--port", "0"]);
    assert_eq!(owner, 0);
    let core = limits.lines().find(|l| l.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
}

#[test]
fn a_key_on_the_command_line_is_warned_of() {
    let home = home();
    let (status, _, told) = out(hermes(&home).args(["auth", "add", "xai", "--api-key", "k-of-a-person"]));
    assert!(status == 0 && told.contains("`ps`") && !told.contains("k-of-a-person"), "{told}");
}
