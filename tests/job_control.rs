//! The program as a job of a real shell in a PTY: the terminal is lent to the shell and to editors, and comes back right.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use std::{path::Path, time::Duration};
use support::{
    Terminal, kill, measure,
    shell::{Shell, children, is_alive, is_stopped, shells},
    until,
};

/// A script that stands in for an editor.
fn script(folder: &Path, text: &str) -> String {
    let file = folder.join("editor");
    std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
    assert!(std::process::Command::new("chmod").args(["755", file.to_str().unwrap()]).status().unwrap().success());
    file.to_str().unwrap().to_string()
}

/// How often a word is on the screen.
fn count(terminal: &Terminal, word: &str) -> usize {
    terminal.text().matches(word).count()
}

fn is_cooked(terminal: &Terminal) -> bool {
    use rustix::termios::{LocalModes, OutputModes};
    let modes = terminal.modes();
    modes.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG) && modes.output_modes.contains(OutputModes::OPOST)
}

#[test]
fn fg_shows_the_screen_without_a_key_and_the_next_key_counts_once() {
    for name in shells() {
        let mut shell = Shell::start(name, &[]);
        shell.open();
        shell.send("thought");
        shell.see("❯ thought");
        let pid = shell.chat_pid();
        for round in 1..3 {
            shell.send("\x1a");
            shell.prompt();
            until("it was stopped", || is_stopped(pid));
            until("the modes were those of the shell", || is_cooked(&shell));
            shell.say(&format!("echo between-{round}"));
            shell.wait("what the shell says", |s| s.contents().matches(&format!("between-{round}")).count() == 2);
            shell.say("fg");
            shell.chat();
            shell.wait("the draft", |s| s.contents().contains("❯ thought") && !s.contents().contains("between"));
            shell.send("x");
            shell.see(&format!("❯ thought{}", "x".repeat(round)));
            shell.quiet(Duration::from_millis(50));
            assert_eq!(count(&shell, "thought"), 1, "{name}: {}", shell.text());
            assert_eq!(count(&shell, "xxx"), 0, "{name}: {}", shell.text());
        }
        shell.send("\x03");
        shell.send("\x04");
        shell.prompt();
        assert_eq!(shell.status(), 0);
        until("the modes were those of the shell", || is_cooked(&shell));
    }
}

#[test]
fn a_stop_that_nobody_saw_coming_is_survived() {
    for name in shells() {
        let mut shell = Shell::start(name, &[]);
        shell.open();
        shell.send("thought");
        shell.see("❯ thought");
        let pid = shell.chat_pid();
        kill(pid, "STOP");
        // the shell has to talk on a screen that is still ours
        shell.wait("the prompt", |s| s.contents().contains("shell>"));
        if name.ends_with("bash") {
            // others leave the modes as the stopped program had them
            until("the shell set its modes", || is_cooked(&shell));
        }
        shell.say("fg");
        shell.wait("the picture", |s| s.alternate_screen() && s.contents().contains("❯ thought") && !s.contents().contains("shell>"));
        shell.send("s and one more");
        shell.see("❯ thoughts and one more");
        // nobody took the terminal in between
        kill(pid, "STOP");
        shell.wait("the prompt", |s| s.contents().contains("shell>"));
        shell.say("fg");
        shell.wait("the picture", |s| s.contents().contains("❯ thoughts and one more") && !s.contents().contains("shell>"));
        shell.send("\x03\x04");
        shell.prompt();
        until("the modes were those of the shell", || is_cooked(&shell));
    }
}

#[test]
fn in_the_background_the_answer_goes_on_and_the_shell_keeps_its_terminal() {
    for name in shells() {
        let mut shell = Shell::start(name, &[]);
        shell.open();
        shell.send("stream 400 words at 400 a second\r");
        shell.see("❯ stream");
        let pid = shell.chat_pid();
        shell.send("\x1a");
        shell.prompt();
        until("it was stopped", || is_stopped(pid));
        shell.say("bg");
        until("it goes on", || !is_stopped(pid));
        shell.say("echo still mine");
        shell.wait("what the shell says", |s| s.contents().matches("still mine").count() == 2);
        shell.prompt();
        let (before, bytes) = (measure(pid), shell.count());
        // long enough for the whole answer, and for loops that eat time
        shell.quiet(Duration::from_millis(1500));
        assert!(!is_stopped(pid), "{name}");
        assert_eq!(shell.count(), bytes, "{name}: nothing is drawn in the background");
        assert!(measure(pid).switches - before.switches < 2_000 && measure(pid).cpu - before.cpu < 1.0, "{name}");
        until("the modes were those of the shell", || is_cooked(&shell));
        shell.say("fg");
        shell.chat();
        shell.wait("the answer", |s| s.contents().contains("fin."));
        // and a signal ends it in the background
        shell.send("\x1a");
        shell.prompt();
        shell.say("bg");
        until("it goes on", || !is_stopped(pid));
        shell.say("kill %1; wait %1");
        until("it ended", || !is_alive(pid));
        assert_eq!(shell.status(), 143, "{name}");
        until("the modes were those of the shell", || is_cooked(&shell));
    }
}

#[test]
fn without_a_shell_there_is_nothing_to_go_back_to() {
    let folder = tempfile::tempdir().unwrap();
    let editor = script(folder.path(), "kill -STOP $$\nprintf y >> \"$1\"");
    let mut terminal = Terminal::start(support::Start { variables: &[("EDITOR", &editor)], ..support::Start::default() });
    terminal.see("❯");
    terminal.send("\x1a");
    terminal.see("no shell");
    terminal.send("x");
    terminal.see("❯ x");
    // an editor that stops is sent on
    terminal.send("\x07");
    terminal.see("❯ xy");
}

#[test]
fn what_is_wrapped_round_the_program_is_stopped_with_it() {
    for name in shells() {
        let mut shell = Shell::start(name, &[]);
        shell.say(&format!("sh -c '{} --provider sandbox; echo wrap\"\"ped'", env!("CARGO_BIN_EXE_hermes")));
        shell.chat();
        shell.send("thought\x1a");
        shell.prompt();
        shell.say("fg");
        shell.chat();
        shell.see("❯ thought");
        shell.send("\x03\x04");
        shell.see("wrapped");
        until("the modes were those of the shell", || is_cooked(&shell));
    }
}

#[test]
fn a_stop_in_the_editor_stops_both_and_fg_wakes_both() {
    // as vim does, as others do, and with somebody in between
    let stops = [
        "kill -TSTP 0",
        "kill -STOP $$",
        "sh -c 'kill -TSTP 0'",
        // one that tidies up before it stops
        "trap 'trap - TSTP; sleep 0.1; stty sane; kill -TSTP $$' TSTP; kill -TSTP 0",
    ];
    for (name, stop) in shells().into_iter().flat_map(|name| stops.map(|stop| (name, stop))) {
        let folder = tempfile::tempdir().unwrap();
        let editor =
            script(folder.path(), &format!("stty raw\n{stop}\nstty sane\nprintf 'awake again: '; read word\nprintf \" $word\" >> \"$1\""));
        let mut shell = Shell::start(name, &[("EDITOR", &editor)]);
        shell.open();
        let pid = shell.chat_pid();
        shell.send("one");
        shell.see("❯ one");
        shell.send("\x07");
        until("it was stopped", || is_stopped(pid));
        shell.prompt();
        shell.say("stty sane; echo in the shell");
        shell.wait("what the shell says", |s| s.contents().matches("in the shell").count() == 2);
        shell.say("fg");
        shell.wait("the editor", |s| !s.alternate_screen() && s.contents().contains("awake again: "));
        shell.say("two");
        shell.chat();
        shell.wait("what the editor wrote", |s| s.contents().contains("❯ one two") && !s.contents().contains("awake"));
        shell.send("!");
        shell.see("❯ one two!");
        shell.send("\x1a");
        shell.prompt();
        shell.say("fg");
        shell.wait("the draft", |s| s.alternate_screen() && s.contents().contains("❯ one two!"));
        shell.send("\x03\x04");
        shell.prompt();
        assert_eq!(shell.status(), 0, "{name}: {stop}");
        until("the modes were those of the shell", || is_cooked(&shell));
    }
}

#[test]
fn ctrl_z_typed_in_an_editor_reaches_both() {
    let folder = tempfile::tempdir().unwrap();
    let editor = script(folder.path(), "echo editing\nread word\nprintf \" $word\" >> \"$1\"");
    for name in shells() {
        let mut shell = Shell::start(name, &[("EDITOR", &editor)]);
        shell.open();
        shell.send("one\x07");
        shell.see("editing");
        shell.send("\x1a");
        shell.prompt();
        shell.say("fg");
        shell.quiet(Duration::from_millis(50));
        shell.say("two");
        shell.chat();
        shell.see("❯ one two");
    }
}

#[test]
fn ctrl_c_in_an_editor_belongs_to_the_editor() {
    let folder = tempfile::tempdir().unwrap();
    // whether a shell reads on after its trap differs
    let ending = "word=\nwhile [ -z \"$word\" ]; do read word; done\nprintf \" $word\" >> \"$1\"";
    let editor = script(folder.path(), &format!("trap 'echo caught' INT\necho editing\n{ending}"));
    let ignoring = folder.path().join("ignoring");
    std::fs::create_dir(&ignoring).unwrap();
    let ignoring = script(&ignoring, &format!("trap '' INT QUIT\necho editing\nread word\necho caught\n{ending}"));
    for editor in [&editor, &ignoring] {
        let mut shell = Shell::start("/bin/sh", &[("EDITOR", editor)]);
        shell.open();
        shell.send("one\x07");
        shell.see("editing");
        shell.send("\x03");
        if editor == &ignoring {
            shell.send("\x1c\n");
        }
        shell.see("caught");
        shell.say("two");
        shell.chat();
        shell.see("❯ one two");
        shell.quiet(Duration::from_millis(50));
        shell.send("!");
        shell.see("❯ one two!");
    }
}

#[test]
fn ctrl_c_in_the_editor_of_the_settings_belongs_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let ending = "word=\nwhile [ -z \"$word\" ]; do read word; done\nprintf \"$word\\n\" > \"$1\"";
    let editor = script(folder.path(), &format!("trap 'echo caught' INT\necho editing\n{ending}"));
    let mut shell = Shell::start("/bin/sh", &[("EDITOR", &editor)]);
    let hermes = env!("CARGO_BIN_EXE_hermes");
    shell.say(&format!("{hermes} config edit"));
    shell.see("editing");
    shell.send("\x03");
    shell.see("caught");
    shell.say("theme: light");
    assert_eq!(shell.status(), 0);
    shell.say(&format!("echo \"<$({hermes} config get theme)>\""));
    shell.see("<light>");
}

#[test]
fn signals_end_the_program_and_the_editor_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let polite =
        script(folder.path(), "printf ' and more' >> \"$1\"\nprintf '\\033[?1049h'\nstty raw -echo\necho editing\nsleep 600 & wait");
    let stubborn = folder.path().join("stubborn");
    std::fs::create_dir(&stubborn).unwrap();
    let stubborn = script(&stubborn, "trap '' TERM HUP\nstty raw -echo\nprintf '\\033[?1049h'\necho editing\nwhile :; do sleep 0.1; done");
    for (signal, status) in [("TERM", 143), ("HUP", 129)] {
        for editor in [&polite, &stubborn] {
            let mut shell = Shell::start("/bin/sh", &[("EDITOR", editor)]);
            shell.open();
            let pid = shell.chat_pid();
            shell.send("one");
            shell.see("❯ one");
            shell.send("\x07");
            shell.see("editing");
            let editors = children(pid);
            let began = std::time::Instant::now();
            kill(pid, signal);
            until("it ended", || !is_alive(pid));
            assert!(began.elapsed() < Duration::from_secs(5), "{signal}");
            shell.wait("the prompt", |s| !s.alternate_screen() && s.contents().contains("shell>"));
            assert_eq!(shell.status(), status);
            until("the modes are the shell's", || is_cooked(&shell));
            if editor == &polite {
                until("the editor ended, too", || editors.iter().all(|(pid, _)| !is_alive(*pid)));
                // what was saved is not lost
                shell.open();
                shell.see("❯ one and more");
            } else {
                editors.iter().for_each(|(pid, _)| kill(*pid, "KILL"));
            }
        }
    }
}

#[test]
fn words_that_stream_while_an_editor_runs_are_there_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let editor = script(folder.path(), "echo editing\nread word");
    let mut shell = Shell::start("/bin/sh", &[("EDITOR", &editor)]);
    shell.open();
    shell.send("stream 300 words at 300 a second\r");
    shell.see("❯ stream");
    shell.send("\x07");
    shell.see("editing");
    let bytes = shell.count();
    shell.quiet(Duration::from_millis(1200));
    assert_eq!(shell.count(), bytes, "the editor has the terminal alone");
    shell.say("");
    shell.chat();
    shell.wait("the answer", |s| s.contents().contains("fin."));
}

#[test]
fn a_key_is_asked_for_unseen_and_what_is_typed_afterwards_is_seen() {
    for name in shells() {
        let mut shell = Shell::start(name, &[]);
        // a shell that goes on after Ctrl+C: nobody else sets the modes right
        let hermes = env!("CARGO_BIN_EXE_hermes");
        shell.say(&format!("sh -c 'trap : INT; {hermes} auth add xai --type api-key; echo en\"\"ded $?'"));
        shell.see("it is not shown");
        shell.send("sec");
        shell.quiet(Duration::from_millis(50));
        assert!(!shell.text().contains("sec"), "{name}: {}", shell.text());
        shell.send("\x03");
        shell.see("ended 130");
        until("what is typed is seen", || is_cooked(&shell));
        shell.say(&format!("{hermes} auth add xai --type api-key"));
        shell.wait("another question", |s| s.contents().matches("it is not shown").count() == 2);
        shell.send("\x1a");
        shell.prompt();
        until("what is typed is seen", || is_cooked(&shell));
        shell.say("fg");
        until("it goes on unseen", || !is_cooked(&shell));
        shell.send("of-a-person\r");
        shell.see("Added xai credential #1");
        shell.prompt();
        assert!(is_cooked(&shell) && !shell.text().contains("of-a-person"), "{name}: {}", shell.text());
    }
}
