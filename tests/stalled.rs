//! A terminal that does not read, and one that types without an end: nothing waits for the first, nothing starves by the second.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use std::time::{Duration, Instant};
use support::{Start, Terminal, measure, pss, until};

/// A simulator on a thread of the test: what it was asked shows that the program goes on.
fn simulator() -> hermes::sandbox::Sandbox {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let options = hermes::sandbox::Options { port: 0, faults: hermes::sandbox::parse_faults("").unwrap() };
            sender.send(hermes::sandbox::serve(options).await.unwrap()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().unwrap()
}

fn open(server: &hermes::sandbox::Sandbox) -> Terminal {
    let base = server.base_url();
    let variables = [("XAI_API_KEY", "x"), ("XAI_BASE_URL", base.as_str())];
    let terminal = Terminal::start(Start { arguments: &["--provider", "xai"], size: (120, 40), variables: &variables, ..Start::default() });
    terminal.see("Ask anything");
    terminal
}

/// Waits until the program has stopped writing because nobody reads: it does nothing any more, though words stream.
fn fill(terminal: &mut Terminal) {
    terminal.send("stream 1000000 words at 5000 a second\r");
    terminal.see("❯ stream");
    terminal.hold(true);
    let pid = terminal.pid();
    until("the terminal was full", || is_waiting_to_write(pid));
}

/// Whether the program waits for a terminal that takes nothing.
fn is_waiting_to_write(pid: u32) -> bool {
    // the kernel tells which events are waited for at which file: EPOLLOUT at a terminal
    let Ok(files) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    let files: Vec<_> = files.flatten().map(|f| (f.file_name().to_string_lossy().into_owned(), std::fs::read_link(f.path()))).collect();
    let is_terminal = |number: &str| files.iter().any(|(n, to)| n == number && to.as_ref().is_ok_and(|to| to.starts_with("/dev/pts")));
    let polls = files.iter().filter(|(_, to)| to.as_ref().is_ok_and(|to| to.to_string_lossy().contains("eventpoll")));
    polls.into_iter().any(|(number, _)| {
        let watched = std::fs::read_to_string(format!("/proc/{pid}/fdinfo/{number}")).unwrap_or_default();
        watched.lines().any(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some("tfd:")
                && words.next().is_some_and(is_terminal)
                && words.nth(1).and_then(|events| u32::from_str_radix(events, 16).ok()).is_some_and(|events| events & 4 != 0)
        })
    })
}

/// What can be seen of a screen: a blank that was written looks like one that never was.
fn words(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim_end().to_string()).collect()
}

fn is_given_back(screen: &vt100::Screen) -> bool {
    !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
}

#[test]
fn signals_end_a_program_whose_terminal_does_not_read() {
    use rustix::termios::LocalModes;
    for (signal, status) in [("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131)] {
        let server = simulator();
        let mut terminal = open(&server);
        fill(&mut terminal);
        let began = Instant::now();
        terminal.signal(signal);
        let pid = terminal.pid();
        until("it ended", || !support::shell::is_alive(pid));
        assert!(began.elapsed() < Duration::from_secs(1), "SIG{signal}: {:?}", began.elapsed());
        assert!(terminal.modes().local_modes.contains(LocalModes::ICANON | LocalModes::ECHO));
        terminal.hold(false);
        assert_eq!(terminal.ended(), status, "SIG{signal}");
    }
}

#[test]
fn keys_count_and_the_network_goes_on_while_nobody_reads_and_then_the_newest_picture_is_shown() {
    let server = simulator();
    let mut terminal = open(&server);
    fill(&mut terminal);
    let pid = terminal.pid();
    // the answer goes on coming
    let (memory, before) = (pss(pid), measure(pid));
    until("words came", || measure(pid).cpu - before.cpu > 0.1);
    // Esc stops it, and the next question is asked, though nobody sees either
    terminal.send("\x1b");
    until("it was stopped", || {
        let before = measure(pid).cpu;
        std::thread::park_timeout(Duration::from_millis(300));
        measure(pid).cpu - before < 0.02
    });
    let asked = server.requests().len();
    terminal.send("stream 5 words\r");
    until("the question was asked", || server.requests().len() > asked);
    terminal.resize(100, 30);
    let grown = pss(pid) - memory;
    assert!(grown < 8.0, "memory grew by {grown} MiB");
    let bytes = terminal.count();
    terminal.hold(false);
    terminal.wait("the newest picture", |s| s.contents().contains("❯ stream 5 words") && s.contents().contains("fin."));
    terminal.send("typed");
    terminal.see("❯ typed");
    assert!(terminal.text().contains("Ask anything") || terminal.text().contains("typed"));
    // what had waited is a frame and what the kernel holds, no history of pictures
    assert!(terminal.count() - bytes < 200_000, "{} bytes came late", terminal.count() - bytes);
    terminal.send("\x03\x04");
    assert_eq!(terminal.ended(), 0);
    assert!(terminal.with_screen(is_given_back));
}

#[test]
fn a_terminal_that_pauses_again_and_again_misses_nothing() {
    let server = simulator();
    let mut terminal = open(&server);
    for round in 0..5 {
        terminal.send("stream 3000 words of markdown at 4000 a second\r");
        terminal.wait("the question", |s| s.contents().contains("❯ stream"));
        for _ in 0..6 {
            terminal.hold(true);
            std::thread::park_timeout(Duration::from_millis(40));
            terminal.hold(false);
            std::thread::park_timeout(Duration::from_millis(15));
        }
        terminal.see("fin.");
        terminal.wait("the whole picture", |s| {
            s.contents().contains(" tokens · ") && s.contents().contains("Enter send") && s.contents().trim_end().ends_with("F1 help")
        });
        let shown = words(&terminal.text());
        // drawn anew, it is the same picture
        let bytes = terminal.count();
        terminal.send("\x0c");
        until("it was drawn anew", || terminal.count() > bytes);
        terminal.wait(&format!("the same picture in round {round}"), |s| words(&s.contents()) == shown);
        terminal.send("/new\r");
        terminal.see("New conversation");
        terminal.wait("an empty screen", |s| !s.contents().contains("fin."));
    }
}

#[test]
fn keys_without_an_end_starve_nothing() {
    // letters, each of which is a longer draft, and keys that change nothing
    for keys in [&b"some words and "[..], b"\x1b[C\x1b[D"] {
        let server = simulator();
        let mut terminal = open(&server);
        let pid = terminal.pid();
        terminal.send("stream 3000 words at 2000 a second\r");
        terminal.see("❯ stream");
        terminal.flood(&keys.repeat(1000).leak()[..]);
        terminal.see("fin.");
        for (columns, rows) in [(100, 30), (90, 20)] {
            let began = Instant::now();
            terminal.resize(columns, rows);
            terminal.wait("the new size", |s| {
                s.contents().lines().any(|line| line.chars().filter(|c| *c == '─').count() == usize::from(columns) - 2)
            });
            assert!(began.elapsed() < Duration::from_secs(3), "resize took {:?}", began.elapsed());
        }
        // stopped and sent on, it draws everything again
        support::kill(pid, "STOP");
        until("it was stopped", || support::shell::is_stopped(pid));
        terminal.forget();
        let began = Instant::now();
        support::kill(pid, "CONT");
        terminal.wait("the picture", |s| s.alternate_screen() && s.contents().contains("stream 3000 words"));
        assert!(began.elapsed() < Duration::from_secs(3), "going on took {:?}", began.elapsed());
        let began = Instant::now();
        terminal.signal("TERM");
        assert_eq!(terminal.ended(), 143);
        assert!(began.elapsed() < Duration::from_secs(3), "the end took {:?}", began.elapsed());
    }
}
