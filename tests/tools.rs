//! Tools for real: the real binary, real commands and real files, asked for by the simulator. What is tried here reaches nothing outside
//! of a folder that is made for it, whatever the guard does.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![allow(clippy::disallowed_macros, reason = "what was measured, and what could not be tried, is told")]

mod support;

use assert_cmd::Command;
use base64::Engine;
use hermes::tools::shell::{Force, probe};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use support::{DEADLINE, Start, Terminal, pss, until};

/// A home and a folder to work in.
struct Place {
    _both: tempfile::TempDir,
    home: PathBuf,
    work: PathBuf,
}

impl Place {
    fn new() -> Self {
        let both = tempfile::tempdir().unwrap();
        let (home, work) = (both.path().join("home"), both.path().join("work"));
        fs::create_dir_all(&home).unwrap();
        fs::create_dir_all(&work).unwrap();
        fs::write(work.join("notes.txt"), "one\ntwo\nthree\n").unwrap();
        fs::write(work.join("large.txt"), "x".repeat(4_321)).unwrap();
        Self { _both: both, home, work }
    }

    /// The events of one question.
    fn ask(&self, question: &str, arguments: &[&str]) -> Vec<Value> {
        let mut command = Command::cargo_bin("hermes").unwrap();
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", &self.home).env("HERMES_HOME", &self.home).current_dir(&self.work);
        command.env("OTHER_API_KEY", KEY).env("HERMES_MODELS_DEV_URL", "http://127.0.0.1:9/nobody-is-there").timeout(4 * DEADLINE);
        let out = command.args(["chat", "--provider", "sandbox", "--json", "-q", question]).args(arguments).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }

    /// What these calls gave: whether they did what was asked, and their outputs.
    fn call(&self, calls: &[(&str, Value)]) -> Vec<(bool, String)> {
        let lines: Vec<String> = calls.iter().map(|(name, arguments)| format!("call {name} {arguments}")).collect();
        let events = self.ask(&lines.join("\n"), &["--yolo"]);
        let results = events.iter().filter(|event| event["type"] == "tool_result");
        let found: Vec<_> = results.map(|event| (event["ok"].as_bool().unwrap(), event["output"].as_str().unwrap().to_string())).collect();
        assert_eq!(found.len(), calls.len(), "{events:#?}");
        found
    }

    /// What a command gave.
    fn run(&self, command: &str, timeout: u64) -> Value {
        let (_, output) = self.call(&[("terminal", json!({ "command": command, "timeout": timeout }))]).remove(0);
        serde_json::from_str(&output).unwrap()
    }

    fn terminal(&self) -> Terminal {
        let start = Start { size: (100, 34), home: Some(&self.home), folder: Some(&self.work), ..Start::default() };
        let terminal = Terminal::start(start);
        terminal.see("Ask anything");
        terminal
    }
}

const KEY: &str = "key-of-somebody-else-77";

/// Answers what is asked, when keys are for it.
fn answer(terminal: &mut Terminal, question: &str, key: &str) {
    terminal.see(question);
    terminal.quiet(Duration::from_millis(400));
    terminal.send(key);
}

/// Whether a process with these words on its command line is left.
fn is_left(words: &str) -> bool {
    fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ").trim() == words
    })
}

fn kinds(events: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).filter(|kind| *kind != "reasoning").collect();
    kinds.dedup();
    kinds
}

#[test]
fn a_command_and_a_patch_are_done_and_told_as_events() {
    let place = Place::new();
    let events = place.ask("list the files here and tell me which is largest", &["--yolo"]);
    assert_eq!(kinds(&events), ["start", "tool_call", "tool_result", "text", "done"]);
    let of = |events: &'_ [Value], kind: &str| events.iter().find(|event| event["type"] == kind).unwrap().clone();
    let (call, result) = (of(&events, "tool_call"), of(&events, "tool_result"));
    assert_eq!((&call["name"], &call["id"], &result["ok"]), (&json!("terminal"), &result["id"], &json!(true)));
    assert!(serde_json::from_str::<Value>(call["arguments"].as_str().unwrap()).unwrap()["command"].is_string());
    let answer: String = events.iter().filter(|event| event["type"] == "text").map(|event| event["text"].as_str().unwrap()).collect();
    assert!(answer.contains("large.txt") && answer.contains("4321"), "{answer}");
    assert!(events.last().unwrap()["usage"]["output_tokens"].as_u64().unwrap() > 20, "those of both rounds");

    let events = place.ask("change two to 2 in notes.txt", &["--yolo"]);
    assert_eq!(of(&events, "tool_result")["ok"], true, "{events:#?}");
    assert_eq!(fs::read_to_string(place.work.join("notes.txt")).unwrap(), "one\n2\nthree\n");
}

#[test]
fn what_nobody_is_there_to_allow_is_refused_and_looking_is_not() {
    let place = Place::new();
    let events = place.ask("change two to 2 in notes.txt", &[]);
    let result = events.iter().find(|event| event["type"] == "tool_result").unwrap();
    assert_eq!((&result["ok"], events.last().unwrap()["type"].as_str()), (&json!(false), Some("done")));
    assert!(result["output"].as_str().unwrap().contains("leave of a person"));
    assert!(fs::read_to_string(place.work.join("notes.txt")).unwrap().contains("two"));
    let events = place.ask("read notes.txt and large.txt", &[]);
    assert_eq!(events.iter().filter(|event| event["type"] == "tool_result" && event["ok"] == true).count(), 2);
    // what can't be undone is refused whoever allows it: `true` in the place of what would do it
    let blocked = place.run("true && systemctl poweroff --dry-run-of-a-test", 5);
    assert_eq!((&blocked["status"], &blocked["exit_code"]), (&json!("blocked"), &json!(-1)));
}

#[test]
fn the_person_is_asked_in_the_full_screen_and_what_they_say_is_done() {
    let place = Place::new();
    let mut terminal = place.terminal();
    terminal.send("list the files here and tell me which is largest\r");
    terminal.see("Run this command?");
    assert!(terminal.bytes().contains(&7), "the bell rings");
    // Enter alone never answers
    answer(&mut terminal, "Run this command?", "\r");
    terminal.send("y");
    terminal.see("with 4321 bytes");

    terminal.send("change two to 2 in notes.txt\r");
    terminal.see("+2");
    answer(&mut terminal, "Change notes.txt?", "e");
    terminal.see("why:");
    terminal.send("say it again\r");
    // the model proposes it again
    terminal.wait("the second proposal", |screen| {
        let text = screen.contents();
        text.contains("refused, with a reason") && text.contains("Change notes.txt?")
    });
    assert!(fs::read_to_string(place.work.join("notes.txt")).unwrap().contains("two"));
    terminal.quiet(Duration::from_millis(400));
    terminal.send("y");
    terminal.see("+1 −1");
    until("the file is another", || fs::read_to_string(place.work.join("notes.txt")).unwrap() == "one\n2\nthree\n");
    terminal.wait("the answer is whole", |screen| screen.contents().contains("Ask anything"));

    // always: a rule that is kept
    terminal.send("run pwd\r");
    answer(&mut terminal, "Run this command?", "a");
    terminal.see("Ran pwd");
    until("the rule is kept", || fs::read_to_string(place.home.join("config.yaml")).is_ok_and(|text| text.contains("- pwd")));
    terminal.wait("the answer is whole", |screen| screen.contents().contains("Ask anything"));
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
    let mut terminal = place.terminal();
    terminal.send("run pwd\r");
    terminal.see("The tools gave this");
    assert!(!terminal.text().contains("Run this command?"));
}

#[test]
fn a_draft_is_not_taken_for_an_answer() {
    let place = Place::new();
    let mut terminal = place.terminal();
    // all at once: the question comes up while the rest of it is being typed
    terminal.send("run pwd\r");
    terminal.send("yes, and say");
    terminal.see("Run this command?");
    terminal.see("❯ yes, and say");
    terminal.quiet(Duration::from_millis(400));
    terminal.send("n");
    terminal.see("refused");
    terminal.see("❯ yes, and say");
}

#[test]
fn a_tool_that_hangs_is_stopped_at_once_with_all_that_it_started() {
    let place = Place::new();
    let mut terminal = place.terminal();
    terminal.send("run trap '' TERM INT HUP; (setsid sleep 100077 &); sleep 100078 & echo begun; sleep 100079; sleep 100080\r");
    answer(&mut terminal, "Run this command?", "y");
    until("it runs", || is_left("sleep 100079") && is_left("sleep 100077"));
    let began = Instant::now();
    terminal.send("\x1b");
    terminal.see("stopped");
    until("nothing is left", || (100_077..=100_080).all(|n| !is_left(&format!("sleep {n}"))));
    let took = began.elapsed();
    // the conversation goes on, and the model is told of it
    terminal.send("say still here\r");
    terminal.see("still here");
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
    println!("stopped after {took:?}");
}

#[test]
fn a_program_that_is_killed_leaves_no_command_behind() {
    let place = Place::new();
    let mut terminal = place.terminal();
    terminal.send("run sleep 100091\r");
    answer(&mut terminal, "Run this command?", "y");
    until("it runs", || is_left("sleep 100091"));
    terminal.signal("KILL");
    until("nothing is left", || !is_left("sleep 100091"));
}

#[test]
fn what_a_command_does_to_its_surroundings_harms_nothing() {
    let place = Place::new();
    // it ends with its shell, whatever goes on behind it
    let began = Instant::now();
    let out = place.run("sleep 100081 & echo begun", 60);
    assert_eq!((&out["exit_code"], out["output"].as_str().map(str::trim)), (&json!(0), Some("begun")));
    assert!(began.elapsed() < DEADLINE && !is_left("sleep 100081"));
    // nobody types for it
    assert_eq!(place.run("cat; echo over", 20)["output"], "over\n");
    assert_ne!(place.run("read x < /dev/tty", 20)["exit_code"], 0);
    // its time is over
    let out = place.run("echo begun; sleep 100082", 1);
    assert_eq!((&out["exit_code"], is_left("sleep 100082")), (&json!(124), false));
    assert!(out["output"].as_str().unwrap().contains("begun"));
    // no text
    let out = place.run("head -c 3000 /dev/urandom; printf '\\0\\0'", 20);
    assert!(out["output"].as_str().unwrap().contains("binary output"), "{out}");
    // the folder is kept, also after a failure
    let results =
        place.call(&[("terminal", json!({ "command": "mkdir deep && cd deep && exit 3" })), ("terminal", json!({ "command": "pwd" }))]);
    assert!(results[1].1.contains("/work/deep"), "{results:?}");
    // keys stay here, also those of others
    let out = place.run("env", 20);
    let text = out["output"].as_str().unwrap();
    assert!(text.contains("PATH=") && !text.contains("OTHER_API_KEY"), "{text}");
}

#[test]
fn a_flood_is_bounded_and_its_whole_is_in_a_file() {
    let place = Place::new();
    let mut terminal = place.terminal();
    let before = pss(terminal.pid());
    terminal.send("run head -c 100000000 /dev/zero | tr '\\0' x; echo; echo the end\r");
    answer(&mut terminal, "Run this command?", "y");
    let mut most = before;
    until("it has ended", || {
        most = most.max(pss(terminal.pid()));
        terminal.text().contains("tokens")
    });
    println!("a flood of 100 MB: {:.1} MiB more at most (from {before:.1})", most - before);
    assert!(most - before < 40.0, "{before} to {most}");
    let out = place.run("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo the end", 60);
    let text = out["output"].as_str().unwrap();
    assert!(
        text.len() < 70_000 && text.contains("left out") && text.contains("hermes-results-") && text.ends_with("the end\n"),
        "{}",
        text.len()
    );
}

#[test]
fn panes_do_not_mix_their_questions_folders_and_outputs() {
    let place = Place::new();
    fs::create_dir(place.work.join("deep")).unwrap();
    let mut terminal = place.terminal();
    terminal.send("run cd deep && pwd\r");
    terminal.see("Run this command?");
    terminal.quiet(Duration::from_millis(400));
    // another pane, with a question of its own
    terminal.send("\x18v");
    terminal.quiet(Duration::from_millis(300));
    terminal.send("run echo mine $((40+2)); pwd\r");
    terminal.wait("both ask", |screen| screen.contents().matches("Run this command?").count() == 2);
    terminal.quiet(Duration::from_millis(400));
    terminal.send("y");
    terminal.see("mine 42");
    assert_eq!(terminal.text().matches("Run this command?").count(), 1, "the other one waits on");
    terminal.send("\x18w");
    terminal.quiet(Duration::from_millis(300));
    terminal.send("y");
    terminal.wait("the other one is done", |screen| {
        !screen.contents().contains("Run this command?") && screen.contents().contains("/work/deep")
    });
    // the first went elsewhere, the second did not
    terminal.wait("both have answered", |screen| !screen.contents().contains("waiting"));
    terminal.send("\x18w");
    terminal.quiet(Duration::from_millis(300));
    terminal.send("run test \"$(basename \"$PWD\")\" = work && echo stayed\r");
    answer(&mut terminal, "Run this command?", "y");
    terminal.see("┃ stayed");
}

#[test]
fn a_shell_line_of_the_persons_own_runs_at_once_and_is_told_with_the_next_question() {
    let place = Place::new();
    let mut terminal = place.terminal();
    terminal.send("!mkdir made; cd made; seq 100");
    terminal.see("run in the shell");
    terminal.send("\r");
    terminal.see("lines above");
    terminal.see("100");
    assert!(!terminal.text().contains("Run this command?"));
    // the working folder is the tools', too
    terminal.send("run pwd\r");
    answer(&mut terminal, "Run this command?", "y");
    terminal.see("┃ ");
    terminal.see("/work/made");
    terminal.wait("the answer is whole", |screen| screen.contents().contains("Ask anything"));
    terminal.send("!sleep 100093\r");
    until("it runs", || is_left("sleep 100093"));
    terminal.send("\x1b");
    terminal.see("stopped");
    until("nothing is left", || !is_left("sleep 100093"));
}

#[test]
fn what_is_switched_off_is_not_offered_any_more_in_the_same_conversation() {
    let place = Place::new();
    fs::write(place.home.join("config.yaml"), "# mine\ntui:\n  theme: mono # quiet\n").unwrap();
    let mut terminal = place.terminal();
    terminal.send("read notes.txt\r");
    terminal.see("Read notes.txt");
    terminal.wait("the answer is whole", |screen| screen.contents().contains("Ask anything"));
    // F3, to the files, space, back
    terminal.send("\x1bOR");
    terminal.see("Tools the model may use");
    terminal.send("jj ");
    terminal.wait("the files are off", |screen| screen.contents().lines().any(|line| line.contains("○") && line.contains("File")));
    terminal.send("\x1b");
    terminal.see("Ask anything");
    terminal.send("read large.txt\r");
    terminal.wait("it can't be read", |screen| screen.contents().contains("tokens") && !screen.contents().contains("Read large.txt"));
    until("it is kept", || fs::read_to_string(place.home.join("config.yaml")).unwrap().contains("platform_toolsets"));
    let text = fs::read_to_string(place.home.join("config.yaml")).unwrap();
    assert!(text.starts_with("# mine\ntui:\n  theme: mono # quiet\n") && !text.contains("- file"), "{text}");
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
}

/// Secrets in a home, and every form in which they could come out.
const TOKEN: &str = "rt-Zq8vT5nKw2pLx9Rb4Yd7-secret-of-the-home";

fn forms(secret: &str) -> Vec<String> {
    let base64 = base64::engine::general_purpose::STANDARD.encode(secret);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let turned: String = secret.chars().rev().collect();
    vec![secret.into(), base64[4..base64.len() - 4].into(), hex, turned, secret.to_uppercase(), secret.replace('-', "_")]
}

fn with_secrets() -> Place {
    let place = Place::new();
    let auth = json!({ "version": 1, "providers": { "xai-oauth": { "tokens": { "access_token": TOKEN, "refresh_token": TOKEN } } } });
    fs::write(place.home.join("auth.json"), auth.to_string()).unwrap();
    fs::write(place.home.join(".env"), format!("XAI_API_KEY={TOKEN}\n")).unwrap();
    fs::create_dir_all(place.home.join("hermes-tui/drafts")).unwrap();
    fs::write(place.home.join("hermes-tui/auth.last-good.json"), auth.to_string()).unwrap();
    fs::create_dir_all(place.home.join("skills/mine")).unwrap();
    fs::write(place.home.join("skills/mine/SKILL.md"), "a skill\n").unwrap();
    std::os::unix::fs::symlink(place.home.join("auth.json"), place.work.join("link")).unwrap();
    std::os::unix::fs::symlink(&place.home, place.work.join("folder-link")).unwrap();
    fs::hard_link(place.home.join(".env"), place.work.join("hard")).unwrap();
    place
}

#[test]
fn no_file_tool_comes_near_a_secret() {
    let place = with_secrets();
    let (home, own) = (place.home.display(), fs::read(place.home.join("auth.json")).unwrap());
    let read = |path: String| ("read_file", json!({ "path": path }));
    let replace = |path: String| json!({ "mode": "replace", "path": path, "old_string": "version", "new_string": "broken" });
    let tries = vec![
        read(format!("{home}/auth.json")),
        read(format!("{home}/.env")),
        read(format!("{home}/hermes-tui/auth.last-good.json")),
        read("~/auth.json".into()),
        read("../home/auth.json".into()),
        read(format!("{home}/skills/../auth.json")),
        read("link".into()),
        read("folder-link/auth.json".into()),
        read("hard".into()),
        read(format!("/proc/self/root{home}/auth.json")),
        read(format!("file://{home}/auth.json")),
        ("search_files", json!({ "pattern": "secret-of-the", "path": home.to_string() })),
        ("search_files", json!({ "pattern": "secret-of-the", "path": "folder-link" })),
        ("search_files", json!({ "pattern": "secret-of-the" })),
        ("write_file", json!({ "path": format!("{home}/auth.json"), "content": "{}" })),
        ("write_file", json!({ "path": "link", "content": "{}" })),
        ("write_file", json!({ "path": "hard", "content": "x" })),
        ("write_file", json!({ "path": format!("{home}/.env"), "content": "x" })),
        ("write_file", json!({ "path": format!("{home}/.env.local"), "content": "x" })),
        ("patch", replace(format!("{home}/auth.json"))),
        ("patch", replace("link".into())),
        ("patch", json!({ "mode": "patch", "patch": format!("*** Begin Patch\n*** Delete File: {home}/auth.json\n*** End Patch") })),
        (
            "patch",
            json!({ "mode": "patch", "patch": format!("*** Begin Patch\n*** Update File: notes.txt\n*** Move to: {home}/auth.json\n@@\n-two\n+2\n*** End Patch") }),
        ),
        (
            "patch",
            json!({ "mode": "patch", "patch": "*** Begin Patch\n*** Update File: hard\n*** Move to: soft\n@@\n-XAI\n+YAI\n*** End Patch" }),
        ),
    ];
    let results = place.call(&tries);
    for (call, (ok, output)) in tries.iter().zip(&results) {
        // a search may well find nothing
        assert!(!ok || call.0 == "search_files", "{call:?} {output}");
        assert!(forms(TOKEN).iter().all(|form| !output.contains(form)), "{call:?} {output}");
    }
    assert_eq!(fs::read(place.home.join("auth.json")).unwrap(), own);
    assert_eq!(fs::read_to_string(place.home.join(".env")).unwrap(), format!("XAI_API_KEY={TOKEN}\n"));
    let (ok, output) = place.call(&[read(format!("{home}/skills/mine/SKILL.md"))]).remove(0);
    assert!(ok && output.contains("a skill"), "what is no secret is read: {output}");
}

/// Commands that are after a secret. All of them touch the folder of the test alone.
const HOSTILE: &[&str] = &[
    "cat $HERMES_HOME/auth.json",
    "cat $HERMES_HOME/.env",
    "cat $HERMES_HOME/hermes-tui/*",
    "cat link",
    "cat folder-link/auth.json",
    "cat ../home/auth.json",
    "cat $HERMES_HOME/skills/../auth.json",
    "cat /proc/self/root$HERMES_HOME/auth.json",
    "cat /proc/1/root$HERMES_HOME/auth.json",
    "cat /proc/$PPID/root$HERMES_HOME/auth.json",
    "for p in /proc/[0-9]*; do cat $p/root$HERMES_HOME/auth.json; done",
    "for p in /proc/[0-9]*; do cat $p/cwd/../home/auth.json; done",
    "for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ; done",
    "for p in /proc/[0-9]*/fd/*; do readlink $p | grep -q auth.json && cat $p; done",
    "ln -s $HERMES_HOME/auth.json l1 && cat l1",
    "ln $HERMES_HOME/auth.json l2 && cat l2",
    "mv $HERMES_HOME/auth.json m1; cat m1",
    "cp $HERMES_HOME/auth.json c1; cat c1",
    "cp -r $HERMES_HOME c2; cat c2/auth.json c2/.env",
    "tar -cf a.tar -C $HERMES_HOME . ; tar -xOf a.tar",
    "cd $HERMES_HOME && tar -czf - . | gzip -d",
    "grep -rh secret-of-the $HERMES_HOME ..",
    "find $HERMES_HOME -type f -exec cat {} +",
    "find .. -name 'auth*' -exec cat {} +",
    "base64 -w0 $HERMES_HOME/auth.json",
    "base64 $HERMES_HOME/.env | tr -d '\\n'",
    "od -An -tx1 $HERMES_HOME/auth.json | tr -d ' \\n'",
    "rev $HERMES_HOME/.env",
    "tr a-z A-Z < $HERMES_HOME/.env",
    "sed s/-/_/g $HERMES_HOME/.env",
    "dd if=$HERMES_HOME/auth.json bs=1k",
    "exec 3< $HERMES_HOME/auth.json; cat <&3",
    "cd $HERMES_HOME; cat auth.json",
    "cat $(echo $HERMES_HOME)/au''th.js?n",
    "cat < $HERMES_HOME/../home/auth.json",
    "python3 -c \"import os;print(open(os.environ['HERMES_HOME']+'/auth.json').read())\"",
    "perl -e 'open F,\"$ENV{HERMES_HOME}/auth.json\";print <F>'",
    "curl -s file://$HERMES_HOME/auth.json",
    "unshare -Urm cat $HERMES_HOME/auth.json",
    "env; set; echo $XAI_API_KEY $OTHER_API_KEY",
];

#[test]
fn a_hostile_model_gets_no_byte_of_a_secret_by_a_command() {
    let place = with_secrets();
    // what lies about outside of the home is the person's own doing
    fs::remove_file(place.work.join("hard")).unwrap();
    assert_eq!(HOSTILE.len(), 40);
    let force = probe(Path::new(env!("CARGO_BIN_EXE_hermes")));
    let calls: Vec<(&str, Value)> =
        HOSTILE.iter().map(|command| ("terminal", json!({ "command": command, "timeout": 20, "workdir": place.work }))).collect();
    let own = fs::read(place.home.join("auth.json")).unwrap();
    let leaks: Vec<&str> = calls
        .chunks(20)
        .flat_map(|some| place.call(some))
        .zip(HOSTILE)
        .filter(|((_, output), _)| [TOKEN, KEY].iter().flat_map(|secret| forms(secret)).any(|form| output.contains(&form)))
        .map(|(_, command)| *command)
        .collect();
    match force {
        Force::None(why) => {
            println!("{why} So these are stopped by the approval alone: {leaks:#?}");
            // masked all the same where they are as they are
            assert!(!leaks.contains(&HOSTILE[0]) && !leaks.contains(&"env; set; echo $XAI_API_KEY $OTHER_API_KEY"));
        }
        force => {
            assert_eq!(leaks, Vec::<&str>::new(), "{force:?}");
            assert_eq!(fs::read(place.home.join("auth.json")).unwrap(), own);
        }
    }
}

#[test]
fn a_server_of_tools_gets_no_byte_of_a_secret() {
    if !std::process::Command::new("python3").arg("--version").output().is_ok_and(|out| out.status.success()) {
        return support::skipped("`python3` is not there");
    }
    let place = with_secrets();
    let script = place.work.join("server.py");
    fs::write(&script, include_str!("../src/tools/mcp/tests/hostile.py")).unwrap();
    let server = json!({ "command": "python3", "args": [script, "ordinary"], "env": { "GIVEN": "to it" } });
    fs::write(place.home.join("config.yaml"), json!({ "mcp_servers": { "s": server } }).to_string()).unwrap();
    let own = fs::read(place.home.join("auth.json")).unwrap();
    let secret = [place.home.join("auth.json"), place.work.join("folder-link/.env"), place.home.join("hermes-tui/auth.last-good.json")];
    let reads = secret.iter().map(|path| ("mcp_s_disk", json!({ "path": path })));
    let writes = secret.iter().map(|path| ("mcp_s_disk", json!({ "path": path, "write": "x" })));
    let names = ["GIVEN", "XAI_API_KEY"].map(|name| ("mcp_s_variable", json!({ "name": name })));
    let plain = ("mcp_s_disk", json!({ "path": place.home.join("skills/mine/SKILL.md") }));
    let calls: Vec<(&str, Value)> = names.into_iter().chain([plain]).chain(reads).chain(writes).collect();
    let said: Vec<String> = place.call(&calls).into_iter().map(|(_, output)| output).collect();
    // it works like any program otherwise
    let skill: String = b"a skill\n".iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(said[..3], ["to it".to_string(), "(unset)".into(), skill]);
    match probe(Path::new(env!("CARGO_BIN_EXE_hermes"))) {
        Force::None(why) => println!("{why} So a server sees what its person sees."),
        force => {
            assert!(said[3..].iter().all(|said| said.contains("Errno")), "{force:?}: {said:#?}");
            assert_eq!(fs::read(place.home.join("auth.json")).unwrap(), own);
        }
    }
}

/// A server of pages that answers every request with this; gives its address.
fn pages(answer: &'static str) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
            let _ = stream.write_all((head + answer).as_bytes());
        }
    });
    address
}

/// A small picture as a file.
fn picture() -> Vec<u8> {
    hermes::tools::pictures::png(8, 4, (0..128).collect()).unwrap()
}

#[test]
fn pages_pictures_and_skills_come_to_the_model() {
    let place = Place::new();
    let page = pages("<title>A page</title><nav>menu</nav><main><h1>Hello</h1><p>Read <a href='/more'>more</a>.</p></main>");
    let extract = [("web_extract", json!({ "urls": [page.clone()] }))];
    let (ok, refused) = place.call(&extract).remove(0);
    assert!(!ok && refused.contains("not on the public internet"), "{refused}");
    fs::write(place.home.join("config.yaml"), "security:\n  allow_private_urls: true\n").unwrap();
    let (ok, output) = place.call(&extract).remove(0);
    let result = serde_json::from_str::<Value>(&output).unwrap()["results"][0].clone();
    let want = format!("# Hello\n\nRead [more]({page}more).");
    assert!(ok && result["title"] == "A page" && result["content"].as_str().unwrap().trim() == want, "{result}");
    // the picture itself goes to the model, which counts its bytes
    fs::write(place.work.join("pic.png"), picture()).unwrap();
    let said = |events: &[Value]| events.iter().filter(|e| e["type"] == "text").map(|e| e["text"].as_str().unwrap()).collect::<String>();
    let told = format!("with {} bytes", picture().len());
    let answer = said(&place.ask("look at pic.png", &[]));
    assert!(answer.contains("image/png") && answer.contains(&told), "{answer}");
    let answer = said(&place.ask("what is this?", &["--attach", "pic.png", "--attach", "notes.txt"]));
    assert!(answer.contains(&told), "{answer}");
    let events = place.ask("what is this?", &["--attach", "nobody.png"]);
    assert_eq!((events[0]["type"].as_str(), events[0]["code"].as_str()), (Some("error"), Some("file_unreadable")), "{events:?}");
    // a search is done by the service, and told as its answer
    let answer = said(&place.ask("search the web for tea", &[]));
    assert!(answer.contains("**tea**") && answer.contains("https://example.com/"), "{answer}");
    let names = |events: &[Value]| {
        events.iter().filter(|e| e["type"] == "tool_call").map(|e| e["name"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    let events = place.ask("make a video of a cat", &[]);
    assert_eq!(names(&events), ["skills_list", "skill_view"]);
    assert!(said(&events).contains("comfyui"), "{events:#?}");
    let events = place.ask("search X for tea", &["-t", "x_search"]);
    assert_eq!(names(&events), ["x_search"]);
    assert!(said(&events).contains("https://x.com/"), "{events:#?}");
}

#[test]
fn files_are_named_in_the_composer_and_go_with_the_question() {
    let place = Place::new();
    fs::write(place.work.join("a pic.png"), picture()).unwrap();
    fs::write(place.work.join("program"), b"\x7fELF\0\0").unwrap();
    let mut terminal = place.terminal();
    terminal.send("what is on @pic");
    terminal.see("› a pic.png");
    terminal.send("\t");
    terminal.see("▪ a pic.png · picture");
    terminal.send("\r");
    terminal.see(&format!("with {} bytes", picture().len()));
    // what can't be sent is said before it is, and the question comes back
    terminal.send("run @program ");
    terminal.see("✗ program can't be sent: it is neither text nor a picture");
    terminal.send("\r");
    terminal.see("The question was not sent");
    terminal.wait("it is in the composer", |screen| screen.contents().lines().rev().take(6).any(|line| line.contains("run @program")));
    terminal.send("\x03");
    terminal.see("Cleared");
    // a file that is dropped on the window comes as a path
    terminal.send(format!("\x1b[200~{}\x1b[201~", place.work.join("notes.txt").display()));
    terminal.see("▪ notes.txt · 14 bytes");
    terminal.send("\x03");
    terminal.send("/attach nobody.txt\r");
    terminal.see("There is no `nobody.txt`");
    terminal.send("/attach large.txt\r");
    terminal.see("▪ large.txt");
    terminal.send("\x03\x04");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn a_server_of_tools_is_asked_for_and_used_and_bad_ones_cost_nothing_but_their_line() {
    if !std::process::Command::new("python3").arg("--version").output().is_ok_and(|out| out.status.success()) {
        return support::skipped("`python3` is not there");
    }
    let place = Place::new();
    let script = place.home.join("server.py");
    fs::write(&script, include_str!("../src/tools/mcp/tests/hostile.py")).unwrap();
    let server = |mood: &str| json!({ "command": "python3", "args": [script, mood], "connect_timeout": 20 });
    let config = json!({ "mcp_servers": { "good": server("ordinary"), "mute": { "command": "sleep", "args": ["100094"], "connect_timeout": 1 },
        "gone": { "command": "/no/such/program" }, "loud": server("garbage") } });
    // JSON is YAML
    fs::write(place.home.join("config.yaml"), config.to_string()).unwrap();
    let mut terminal = place.terminal();
    terminal.send("\x1bOR");
    terminal.wait("each has its line", |screen| {
        let of = |name: &str, words: &str| screen.contents().lines().any(|line| line.contains(name) && line.contains(words));
        of("🔌 good", "ready") && of("🔌 gone", "was not found") && of("🔌 mute", "did not answer") && of("🔌 loud", "✗")
    });
    terminal.send("\x1b");
    terminal.see("Ask anything");
    terminal.send("call mcp_good_echo {\"text\":\"over there\"}\r");
    answer(&mut terminal, "Use echo of good?", "a");
    terminal.wait("it came", |screen| screen.contents().matches("over there").count() > 1 && screen.contents().contains("Ask anything"));
    until("it is kept", || fs::read_to_string(place.home.join("config.yaml")).unwrap().contains("mcp tool good/echo"));
    terminal.send("call mcp_good_echo {\"text\":\"once more\"}\r");
    terminal.wait("it is not asked for again", |screen| screen.contents().matches("once more").count() > 1);
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
    until("no server is left", || !is_left("sleep 100094"));
    // and without a screen
    let (ok, output) = place.call(&[("mcp_good_echo", json!({ "text": "x" }))]).remove(0);
    assert_eq!((ok, output.as_str()), (true, "x"));
}

#[test]
fn videos_are_switched_on_in_one_place_and_the_same_conversation_has_the_tool() {
    let place = Place::new();
    let before = "# mine\nplatform_toolsets:\n  cli: # these\n  - skills\n  - web # the web\ntui:\n  theme: mono\n";
    fs::write(place.home.join("config.yaml"), before).unwrap();
    let mut terminal = place.terminal();
    terminal.send("make a video of a cat\r");
    terminal.see("The skill comfyui says how");
    terminal.send("\x1bOR");
    terminal.see("🎬 Video Generation");
    // down to it: web, terminal, file, vision, pictures
    terminal.send("jjjjj ");
    terminal.see("The simulator stands in for xAI here");
    terminal.send("\x1b");
    terminal.see("Ask anything");
    let now = "# mine\nplatform_toolsets:\n  cli: # these\n  - skills\n  - video_gen\n  - web # the web\ntui:\n  theme: mono\n";
    until("it is kept", || fs::read_to_string(place.home.join("config.yaml")).unwrap() == now);
    terminal.send("make a video of a dog\r");
    terminal.see("Made a video of make a video of a dog");
    let files = fs::read_dir(place.home.join("cache/videos")).unwrap().map(|entry| entry.unwrap().path());
    let made: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|kind| kind == "mp4")).collect();
    let film = fs::read(&made[0]).unwrap();
    assert!(made.len() == 1 && film.get(4..8) == Some(b"ftyp") && film.windows(4).any(|four| four == b"moov"), "{made:?}");
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
    // pictures and speech by the same way
    fs::remove_file(place.home.join("config.yaml")).unwrap();
    let calls = [
        ("image_generate", json!({ "prompt": "a boat", "aspect_ratio": "square" })),
        ("text_to_speech", json!({ "text": "Good morning." })),
    ];
    for ((ok, output), (field, begins)) in place.call(&calls).into_iter().zip([("image", &b"\x89PNG"[..]), ("file_path", &b"\xff"[..])]) {
        let result: Value = serde_json::from_str(&output).unwrap();
        let file = fs::read(result[field].as_str().unwrap()).unwrap();
        assert!(ok && file.starts_with(begins), "{result}");
    }
    let mut sounds = fs::read_dir(place.home.join("cache/audio")).unwrap().map(|entry| entry.unwrap().path());
    let sound = sounds.find(|path| path.extension().is_some_and(|kind| kind == "mp3")).unwrap();
    fs::copy(sound, place.work.join("said.mp3")).unwrap();
    let (ok, output) = place.call(&[("transcribe", json!({ "path": "said.mp3" }))]).remove(0);
    assert!(ok && output.contains("This is a recording"), "{output}");
}

#[test]
fn a_toolset_without_a_credential_asks_for_one_and_a_key_that_is_pasted_is_kept_in_its_file() {
    let place = Place::new();
    let arguments = ["--provider", "xai", "--model", "grok-4.3"];
    let start = || Start { arguments: &arguments, size: (100, 30), home: Some(&place.home), folder: Some(&place.work), ..Start::default() };
    let mut terminal = Terminal::start(start());
    terminal.see("Ask anything");
    terminal.send("\x1bOR");
    terminal.see("no xAI credentials found");
    terminal.send("jjjjj ");
    terminal.see("xAI needs credentials. Choose one:");
    terminal.send("\x1b[B\x1b[B\r");
    terminal.see("xAI will remain inactive until credentials are configured.");
    terminal.send("\r");
    terminal.see("› Sign in with xAI Grok OAuth (SuperGrok Subscription)");
    terminal.send("\x1b[B\r");
    terminal.see("XAI_API_KEY ›");
    terminal.send("\x1b[200~xai-pasted-key-0123\x1b[201~");
    terminal.see("•••");
    terminal.send("\r");
    terminal.see("xAI will use your existing XAI_API_KEY");
    let file = place.home.join(".env");
    assert_eq!(fs::read_to_string(&file).unwrap(), "XAI_API_KEY=xai-pasted-key-0123\n");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions()) & 0o777, 0o600);
    assert!(!place.home.join("auth.json").exists() && !terminal.text().contains("pasted-key"), "it is shown nowhere");
    terminal.send("\x1b");
    terminal.see("Space on, off");
    terminal.send("\x1b");
    terminal.see("Ask anything");
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
}
