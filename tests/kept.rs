//! What was begun is finished: a token that a server has exchanged is written down, whoever leaves meanwhile; and nothing is spent
//! that could not be kept.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::sandbox::{Sandbox, parse_faults};
use serde_json::json;
use std::process::{Command, Stdio};
use support::{
    Start, Terminal,
    account::{
        Adding, Home, approve, ask, edit, follow, hermes, in_place_of_xai, last, lines_of, refreshes, sandbox, signed_in, signed_in_behind,
        token,
    },
};

fn end_the_token(home: &Home) {
    edit(home, |row| row["access_token"] = token(&json!({ "exp": 1 })).into());
}

/// Waits until the server has been asked to exchange something.
fn until_asked(server: &Sandbox, grant: &str) {
    let deadline = std::time::Instant::now() + support::DEADLINE;
    while !server.requests().iter().any(|r| r.path == "/oauth2/token" && r.body["grant_type"] == grant) {
        assert!(std::time::Instant::now() < deadline, "no {grant} came");
        std::thread::yield_now();
    }
}

/// The chat of somebody who has signed in, about to be typed in.
fn chat(home: &Home, server: &Sandbox) -> Terminal {
    let variables = in_place_of_xai(server);
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let terminal = Terminal::start(Start {
        arguments: &["--provider", "xai-oauth"],
        home: Some(home.path()),
        variables: &variables,
        ..Start::default()
    });
    terminal.see("Ask anything");
    terminal
}

/// One question by a program of its own.
fn works(home: &Home, server: &Sandbox) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (status, out, error) = runtime.block_on(ask(home, server));
    assert_eq!((status, last(&out)["type"].as_str()), (Some(0), Some("done")), "{out} {error}");
}

#[test]
fn a_renewal_outlives_whoever_waits_for_it() {
    for leaving in ["Esc", "Ctrl+D", "TERM", "HUP"] {
        let (server, home) = signed_in_behind("");
        end_the_token(&home);
        server.set_faults(parse_faults("token-slow=2000").unwrap());
        let mut terminal = chat(&home, &server);
        terminal.send("hello\r");
        until_asked(&server, "refresh_token");
        match leaving {
            "Esc" => {
                terminal.send("\x1b");
                terminal.see("Stopped");
                terminal.send("say next\r");
                terminal.see("next");
                terminal.send("\x04");
            }
            "Ctrl+D" => terminal.send("\x04"),
            signal => terminal.signal(signal),
        }
        terminal.ended();
        server.set_faults(vec![]);
        works(&home, &server);
        assert_eq!(refreshes(&server), 1, "{leaving}");
    }
}

#[test]
fn asking_again_for_a_list_waits_for_the_same_renewal() {
    let (server, home) = signed_in_behind("");
    end_the_token(&home);
    server.set_faults(parse_faults("token-slow=2000").unwrap());
    let mut terminal = chat(&home, &server);
    terminal.send("\x1bOQ");
    terminal.see("grok-4.3");
    until_asked(&server, "refresh_token");
    terminal.send("\x12");
    terminal.send("\x12");
    terminal.see("live, just now");
    terminal.send("\x1b");
    terminal.wait("the chat alone", |s| !s.contents().contains("Who answers"));
    terminal.send("\x04");
    terminal.ended();
    works(&home, &server);
    assert_eq!(refreshes(&server), 1);
}

#[tokio::test]
async fn a_stopped_question_leaves_a_sign_in_that_works() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    end_the_token(&home);
    server.set_faults(parse_faults("token-slow=2000").unwrap());
    let mut child = hermes(&home, &server).args(["--provider", "xai-oauth", "-z", "hello"]).stdout(Stdio::null()).spawn().unwrap();
    while refreshes(&server) == 0 {
        tokio::task::yield_now().await;
    }
    assert!(Command::new("kill").args(["-INT", &child.id().unwrap().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().await.unwrap().code(), Some(130));
    let (status, out, _) = ask(&home, &server).await;
    assert_eq!((status, refreshes(&server)), (Some(0), 1), "{out}");
}

#[tokio::test]
async fn a_code_that_was_exchanged_is_kept_although_the_person_has_left() {
    let (server, home) = (sandbox("token-slow=2000").await, Home::new());
    let mut adding = Adding::start(&home, &server, &["--manual-paste"]).await;
    let back = approve(&adding.page().await["url"]).await;
    adding.paste(&back).await;
    while server.requests().iter().all(|r| r.body["grant_type"] != "authorization_code") {
        tokio::task::yield_now().await;
    }
    adding.signal("INT");
    assert_eq!(adding.ended().await, 130);
    assert_eq!(home.auth()["credential_pool"]["xai-oauth"].as_array().map(Vec::len), Some(1));
    assert_eq!(ask(&home, &server).await.0, Some(0));
}

#[tokio::test]
async fn a_token_with_time_left_is_used_while_its_successor_is_fetched() {
    // a token that lives 50 minutes is renewed ahead of its time
    let server = sandbox("short-tokens=3000").await;
    let home = signed_in(&server).await;
    let before = home.auth()["credential_pool"]["xai-oauth"][0].clone();
    server.set_faults(parse_faults("token-slow=5000").unwrap());
    let mut command = hermes(&home, &server);
    let mut child = command.args(["--provider", "xai-oauth", "chat", "--json", "-q", "say done"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut events = lines_of(child.stdout.take().unwrap());
    while last(&events.next_line().await.unwrap().unwrap())["type"] != "done" {}
    assert_eq!(home.auth()["credential_pool"]["xai-oauth"][0], before, "the answer waited for nobody");
    assert!(child.wait().await.unwrap().success());
    // and what was begun beside it goes on although the program has ended
    let deadline = std::time::Instant::now() + support::DEADLINE;
    while home.auth()["credential_pool"]["xai-oauth"][0]["refresh_token"] == before["refresh_token"] {
        assert!(std::time::Instant::now() < deadline, "no successor came");
        tokio::task::yield_now().await;
    }
    assert_eq!(refreshes(&server), 1);
}

#[tokio::test]
async fn nothing_is_spent_that_could_not_be_kept() {
    for obstacle in ["no room", "no lock"] {
        for lives in [true, false] {
            let server = sandbox("short-tokens=3000").await;
            let home = signed_in(&server).await;
            if !lives {
                end_the_token(&home);
            }
            let before = home.auth();
            let mut command = match obstacle {
                "no room" => {
                    // no file may grow, as on a disk that is full
                    let mut command = tokio::process::Command::new("sh");
                    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" --provider xai-oauth chat --json -q hello"]);
                    command.arg(env!("CARGO_BIN_EXE_hermes"));
                    command
                }
                _ => {
                    // something that is no file stands where the lock should be
                    std::fs::remove_file(home.path().join("auth.lock")).unwrap();
                    std::fs::create_dir(home.path().join("auth.lock")).unwrap();
                    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_hermes"));
                    command.args(["--provider", "xai-oauth", "chat", "--json", "-q", "hello"]);
                    command
                }
            };
            command.env_clear().env("HERMES_HOME", home.path()).env("HOME", home.path()).env("PATH", "/usr/bin:/bin");
            command.envs(in_place_of_xai(&server)).current_dir(home.path()).stdin(Stdio::null());
            let out = command.output().await.unwrap();
            let text = String::from_utf8_lossy(&out.stdout).into_owned();
            let event = last(&text);
            match lives {
                true => assert_eq!((out.status.code(), event["type"].as_str()), (Some(0), Some("done")), "{obstacle}: {text}"),
                false => assert_eq!((out.status.code(), event["code"].as_str()), (Some(1), Some("file_unwritable")), "{obstacle}: {text}"),
            }
            assert_eq!(refreshes(&server), 0, "{obstacle}");
            assert_eq!(home.auth(), before, "{obstacle}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_not_asked_for_again_by_itself() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    end_the_token(&home);
    server.set_faults(parse_faults("token-lost").unwrap());
    let (status, out, _) = ask(&home, &server).await;
    assert_eq!((status, last(&out)["code"].as_str()), (Some(1), Some("xai_refresh_failed")), "{out}");
    assert_eq!(refreshes(&server), 1);
}

#[tokio::test]
async fn waiting_for_another_program_is_said() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    end_the_token(&home);
    let lock = std::fs::File::options().append(true).create(true).open(home.path().join("auth.lock")).unwrap();
    lock.lock().unwrap();
    let mut command = hermes(&home, &server);
    let mut child =
        command.args(["--provider", "xai-oauth", "-z", "say done"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = lines_of(child.stderr.take().unwrap());
    let line = told.next_line().await.unwrap().unwrap();
    assert_eq!(line, "Another program is renewing the sign-in, 2 s");
    drop(lock);
    let out = child.wait_with_output().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "done\n");
    assert_eq!(told.next_line().await.unwrap(), None, "it is said once where lines stay");
}

#[test]
fn a_screen_counts_the_seconds_for_which_another_program_holds_the_lock() {
    let (server, home) = signed_in_behind("");
    end_the_token(&home);
    let lock = std::fs::File::options().append(true).create(true).open(home.path().join("auth.lock")).unwrap();
    lock.lock().unwrap();
    let mut terminal = chat(&home, &server);
    terminal.send("say through\r");
    terminal.see("Another program is renewing the sign-in, 2 s");
    terminal.see("Another program is renewing the sign-in, 3 s");
    drop(lock);
    terminal.see("through");
    terminal.send("\x04");
    terminal.ended();
}

/// The only row is the one that stands there, whoever reads it next.
async fn counts(home: &Home, server: &Sandbox) {
    let rescued = home.path().join("hermes-tui/rescued");
    let files = || std::fs::read_dir(&rescued).map(|entries| entries.flatten().map(|e| e.path()).collect::<Vec<_>>()).unwrap_or_default();
    let [file] = &files()[..] else { panic!("{:?}", files()) };
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(file).unwrap()) & 0o777, 0o600);
    let (status, out, error) = ask(home, server).await;
    assert_eq!((status, last(&out)["type"].as_str()), (Some(0), Some("done")), "{out} {error}");
    assert_eq!(files(), Vec::<std::path::PathBuf>::new(), "it is written where it belongs");
    assert_eq!(home.auth()["credential_pool"]["xai-oauth"].as_array().map(Vec::len), Some(1));
    assert_eq!(ask(home, server).await.0, Some(0));
}

#[tokio::test]
async fn a_new_token_that_the_file_does_not_take_is_kept_elsewhere_and_counts() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    end_the_token(&home);
    server.set_faults(parse_faults("token-slow=1500").unwrap());
    let mut command = hermes(&home, &server);
    command.args(["--provider", "xai-oauth", "chat", "--json", "-q", "hello"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while refreshes(&server) == 0 {
        tokio::task::yield_now().await;
    }
    take_the_room_away(&home);
    let out = child.wait_with_output().await.unwrap();
    let (text, error) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert_eq!((out.status.code(), last(&text)["type"].as_str()), (Some(0), Some("done")), "{text} {error}");
    assert!(error.contains("hermes-tui/rescued/") && error.contains("count all the same"), "{error}");
    counts(&home, &server).await;
    assert_eq!(refreshes(&server), 1);
}

/// The room that was made for the successor goes away: it can't be written where it belongs.
fn take_the_room_away(home: &Home) {
    let room = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("auth.json.tmp.");
    for entry in std::fs::read_dir(home.path()).unwrap().flatten().filter(room) {
        std::fs::remove_file(entry.path()).unwrap();
    }
}

#[test]
fn a_new_token_that_no_file_takes_counts_as_long_as_the_program_runs() {
    let (server, home) = signed_in_behind("");
    end_the_token(&home);
    let before = home.auth();
    server.set_faults(parse_faults("token-slow=1500").unwrap());
    std::fs::create_dir_all(home.path().join("hermes-tui")).unwrap();
    std::fs::write(home.path().join("hermes-tui/rescued"), "no folder").unwrap();
    let mut terminal = chat(&home, &server);
    terminal.send("say first\r");
    until_asked(&server, "refresh_token");
    take_the_room_away(&home);
    terminal.see("until this program ends");
    terminal.wait("the answer", |s| s.contents().matches("first").count() > 1);
    assert_eq!(home.auth()["credential_pool"], before["credential_pool"], "no file took it");
    terminal.send("say second\r");
    terminal.wait("the answer", |s| s.contents().matches("second").count() > 1);
    assert_eq!(refreshes(&server), 1, "what was spent once is not spent again");
    // what a later change of the file writes stays when the program is gone
    terminal.send("\x04");
    terminal.ended();
    let kept = home.auth()["credential_pool"] != before["credential_pool"];
    assert!(kept, "the file takes it as soon as it can");
    works(&home, &server);
    assert_eq!(refreshes(&server), 1);
}

#[tokio::test]
async fn a_sign_in_that_the_file_does_not_take_is_kept_elsewhere_and_counts() {
    let (server, home) = (sandbox("").await, Home::new());
    let mut adding = Adding::start(&home, &server, &["--method", "browser"]).await;
    let page = adding.page().await;
    std::fs::create_dir(home.path().join("auth.json")).unwrap();
    follow(&approve(&page["url"]).await).await;
    let signed_in = adding.event("signed_in").await;
    assert!(signed_in["stored_in"].as_str().unwrap().contains("hermes-tui/rescued/"), "{signed_in}");
    assert_eq!(adding.ended().await, 0);
    std::fs::remove_dir(home.path().join("auth.json")).unwrap();
    counts(&home, &server).await;
}

#[tokio::test]
async fn no_browser_is_opened_while_the_file_can_not_be_changed() {
    let (server, home) = (sandbox("").await, Home::new());
    let lock = std::fs::File::options().append(true).create(true).open(home.path().join("auth.lock")).unwrap();
    lock.lock().unwrap();
    let mut adding = Adding::start(&home, &server, &["--timeout", "1"]).await;
    let failed = adding.event("error").await;
    assert_eq!(failed["error"]["code"], "file_unwritable", "{failed}");
    assert!(server.requests().is_empty());
    assert_eq!(adding.ended().await, 1);
}
