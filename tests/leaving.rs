//! However the program ends, the shell finds its terminal as it was, and at once.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use rustix::termios::{LocalModes, OutputModes};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use support::{
    Start, Terminal, kill,
    shell::{Shell, is_alive, shells},
    until,
};

fn is_cooked(terminal: &Terminal) -> bool {
    let modes = terminal.modes();
    modes.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG) && modes.output_modes.contains(OutputModes::OPOST)
}

fn is_given_back(screen: &vt100::Screen) -> bool {
    !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
}

#[test]
fn quit_gives_the_terminal_back() {
    for name in shells() {
        let mut shell = Shell::start(name, &[]);
        shell.open();
        kill(shell.chat_pid(), "QUIT");
        shell.prompt();
        assert_eq!(shell.status(), 131, "{name}");
        until("the modes were those of the shell", || is_cooked(&shell));
    }
}

#[test]
fn after_a_kill_the_next_one_works_and_leaves_modes_that_a_shell_can_use() {
    for name in shells() {
        for mend in ["hermes", "reset"] {
            let mut shell = Shell::start(name, &[]);
            shell.open();
            let pid = shell.chat_pid();
            kill(pid, "KILL");
            until("it was killed", || !is_alive(pid));
            shell.wait("the prompt", |s| s.contents().contains("shell>"));
            // a shell that mends the modes itself has done its part; the others are the point of this
            shell.say(&format!(
                "stty raw -echo; '{}' {}",
                env!("CARGO_BIN_EXE_hermes"),
                if mend == "reset" { "reset" } else { "--provider sandbox" }
            ));
            if mend == "hermes" {
                shell.wait("the chat", |s| s.contents().contains("Ask anything") && !s.contents().contains("shell>"));
                shell.send("x");
                shell.see("❯ x");
                shell.send("\x03\x04");
            }
            shell.wait("the prompt", |s| is_given_back(s) && s.contents().contains("shell>"));
            assert_eq!(shell.status(), 0, "{name}, {mend}");
            until("the modes were those of the shell", || is_cooked(&shell));
        }
    }
}

#[test]
fn modes_that_are_not_those_of_a_killed_program_come_back_as_they_were() {
    let mut shell = Shell::start("/bin/sh", &[]);
    shell.say("stty -ixon -echoe; echo changed");
    shell.wait("the shell", |s| s.contents().lines().any(|line| line.trim() == "changed"));
    shell.prompt();
    shell.open();
    shell.send("\x1a");
    shell.prompt();
    // changed while we were away
    shell.say("stty echoe -onlcr");
    shell.wait("the prompt", |s| s.contents().contains("-onlcr"));
    shell.say("fg");
    shell.chat();
    shell.send("\x04");
    until("the modes are those of the shell", || {
        let modes = shell.modes();
        modes.local_modes.contains(LocalModes::ICANON | LocalModes::ECHOE)
            && !modes.output_modes.contains(OutputModes::ONLCR)
            && !modes.input_modes.contains(rustix::termios::InputModes::IXON)
    });
}

/// The other half of the next test: it panics while it has the terminal.
#[test]
#[ignore = "started by the next test in a terminal of its own"]
fn a_panic_on_a_terminal() {
    let mut session = hermes::terminal::session::Session::enter(true).unwrap();
    session.picture().extend_from_slice(b"half a pict\x1b[3");
    session.send().unwrap();
    panic!("on purpose");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let program = std::env::current_exe().unwrap();
    let arguments = ["--exact", "a_panic_on_a_terminal", "--ignored", "--nocapture"];
    let mut terminal = Terminal::start(Start { arguments: &arguments, program: Some(&program), ..Start::default() });
    terminal.see("on purpose");
    assert_ne!(terminal.ended(), 0);
    assert!(terminal.with_screen(is_given_back));
    assert!(terminal.with_screen(|s| s.mouse_protocol_mode() == vt100::MouseProtocolMode::None));
    assert!(!terminal.text().contains("half a pict"));
    until("the modes were those of the shell", || is_cooked(&terminal));
}

/// A library that makes each look-up of a name wait, as with a server that never answers.
fn silent_names(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("names.c"), folder.join("names.so"));
    let text = "#include <unistd.h>\n#include <fcntl.h>\n#include <stdlib.h>\n\
        int getaddrinfo(const char *a, const char *b, const void *c, void **d) {\n\
        close(open(getenv(\"ASKED\"), O_CREAT | O_WRONLY, 0600)); for (;;) sleep(60); }\n";
    std::fs::write(&source, text).unwrap();
    let made = std::process::Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    assert!(made.is_ok_and(|status| status.success()), "`cc`, which links the program, can't make a library");
    library
}

#[test]
fn nobody_waits_for_names_that_are_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let library = silent_names(folder.path());
    for arguments in [&["--provider", "xai"][..], &["--provider", "xai", "-z", "hello"]] {
        let asked = folder.path().join("asked");
        let _ = std::fs::remove_file(&asked);
        let variables = [
            ("XAI_API_KEY", "x"),
            ("XAI_BASE_URL", "https://nobody.invalid/v1"),
            ("LD_PRELOAD", library.to_str().unwrap()),
            ("ASKED", asked.to_str().unwrap()),
        ];
        let mut terminal = Terminal::start(Start { arguments, variables: &variables, ..Start::default() });
        let one_shot = arguments.contains(&"-z");
        if !one_shot {
            terminal.see("❯");
            terminal.send("hello\r");
        }
        until("a name was looked up", || asked.exists());
        let began = Instant::now();
        if one_shot {
            terminal.signal("INT");
        } else {
            terminal.send("\x04");
            terminal.wait("the screen of the shell", is_given_back);
        }
        let status = terminal.ended();
        assert!(began.elapsed() < Duration::from_secs(2), "{arguments:?} took {:?}", began.elapsed());
        assert_eq!(status, if one_shot { 130 } else { 0 });
    }
}
