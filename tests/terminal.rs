//! The real binary in a PTY: is the terminal left as it was found, and does the program keep what it promises to keep?

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use std::time::Duration;
use support::{Start, Terminal};

/// The modes of a shell's screen.
fn is_given_back(screen: &vt100::Screen) -> bool {
    !screen.alternate_screen()
        && !screen.hide_cursor()
        && !screen.bracketed_paste()
        && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
}

fn open(start: Start) -> Terminal {
    let terminal = Terminal::start(start);
    terminal.see("❯");
    terminal
}

#[test]
fn a_stranger_says_hello_reads_the_tour_and_leaves() {
    let mut terminal = open(Start::default());
    terminal.see("Ask anything");
    terminal.send("hello\r");
    terminal.wait("the end of the tour", |s| s.contents().contains(" tokens · "));
    terminal.send("\x1b[5~\x1b[5~");
    terminal.wait("how far it is", |s| s.contents().lines().any(|line| line.contains("─ ↓ ") && line.contains(" % ─")));
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
    assert!(terminal.with_screen(is_given_back));
    assert!(terminal.text().trim().is_empty(), "nothing is left on the screen of the shell: {:?}", terminal.text());
}

#[test]
fn signals_give_the_terminal_back_and_name_themselves() {
    for (signal, status) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut terminal = open(Start::default());
        terminal.send("/mouse on\r");
        terminal.see("wheel scrolls");
        terminal.signal(signal);
        assert_eq!(terminal.ended(), status, "SIG{signal}");
        assert!(terminal.with_screen(is_given_back), "SIG{signal}");
    }
}

/// The program at the bare end of a PTY, without a screen that follows what it draws.
struct Bare {
    master: Box<dyn portable_pty::MasterPty + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    reader: Box<dyn std::io::Read + Send>,
    seen: Vec<u8>,
    _home: tempfile::TempDir,
}

impl Bare {
    fn start(columns: u16, rows: u16) -> Self {
        use portable_pty::{CommandBuilder, PtySize, native_pty_system};
        let home = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hermes"));
        command.args(["--provider", "sandbox"]);
        command.env("HERMES_HOME", home.path());
        let child = pair.slave.spawn_command(command).unwrap();
        let reader = pair.master.try_clone_reader().unwrap();
        Self { master: pair.master, child, reader, seen: vec![], _home: home }
    }
    fn until(&mut self, words: &str) {
        while !String::from_utf8_lossy(&self.seen).contains(words) {
            let mut buffer = [0; 64 << 10];
            let read = self.reader.read(&mut buffer).unwrap();
            assert!(read > 0, "the end came before {words}");
            self.seen.extend_from_slice(&buffer[..read]);
        }
    }
}

#[test]
fn a_closed_window_ends_the_program() {
    let mut bare = Bare::start(80, 24);
    bare.until("❯");
    let Bare { master, mut child, reader, _home, .. } = bare;
    // nobody holds the other end any more
    drop((reader, master));
    let deadline = std::time::Instant::now() + support::DEADLINE;
    while child.try_wait().unwrap().is_none() {
        assert!(std::time::Instant::now() < deadline, "the program did not end");
        std::thread::yield_now();
    }
}

#[test]
fn ctrl_c_clears_then_asks_then_quits() {
    let mut terminal = open(Start::default());
    terminal.send("half a thought");
    terminal.see("half a thought");
    terminal.send("\x03");
    terminal.wait("an empty line", |s| !s.contents().contains("half a thought"));
    terminal.send("\x1b[A");
    terminal.see("half a thought");
    terminal.send("\x03\x03");
    terminal.see("again quits");
    terminal.send("\x03");
    assert_eq!(terminal.ended(), 0);
    assert!(terminal.with_screen(is_given_back));
}

#[test]
fn a_draft_survives_a_kill() {
    let home = tempfile::tempdir().unwrap();
    let start = || Start { home: Some(home.path()), ..Start::default() };
    let mut terminal = open(start());
    terminal.send("a thought worth keeping");
    terminal.see("a thought worth keeping");
    let drafts = home.path().join("hermes-tui/drafts");
    let deadline = std::time::Instant::now() + support::DEADLINE;
    while !std::fs::read_dir(&drafts).is_ok_and(|mut d| d.any(|e| e.is_ok_and(|e| e.path().extension().is_some_and(|x| x == "json")))) {
        assert!(std::time::Instant::now() < deadline, "the draft was never written");
        std::thread::yield_now();
    }
    terminal.signal("KILL");
    terminal.ended();
    let mut again = open(start());
    again.see("a thought worth keeping");
    again.send("\r");
    again.wait("the answer", |s| s.contents().contains(" tokens · "));
    again.send("\x04");
    again.ended();
    let third = open(start());
    third.see("Ask anything");
    assert!(!third.text().contains("worth keeping"), "what was sent is no draft any more");
}

#[test]
fn who_looks_elsewhere_is_called_and_the_title_tells_what_goes_on() {
    let mut terminal = open(Start::default());
    terminal.see("Ask anything");
    // the window has lost the focus
    terminal.send("\x1b[O");
    terminal.send("say on we go\r");
    terminal.see("on we go");
    terminal.see("tokens");
    let told = String::from_utf8_lossy(&terminal.bytes()).into_owned();
    assert!(told.contains("\x07\x1b]9;hermes: ✓ Answered · say on we go\x1b\\"), "{told:?}");
    let titles: Vec<usize> = ["\x1b]2;hermes\x1b", "\x1b]2;◐ say on we go · hermes\x1b", "\x1b]2;say on we go · hermes\x1b"]
        .iter()
        .map(|title| told.find(title).unwrap_or_else(|| panic!("{title:?} is not in {told:?}")))
        .collect();
    assert!(titles.is_sorted(), "{titles:?}");
    // and one that looks again is not
    terminal.send("\x1b[Isay the end\r");
    terminal.see("the end");
    terminal.send("/quit\r");
    assert_eq!(terminal.ended(), 0);
    let told = String::from_utf8_lossy(&terminal.bytes()).into_owned();
    assert_eq!(told.matches('\x07').count(), 1);
    assert!(told.contains("\x1b[22;2t") && told.contains("\x1b[23;2t") && told.rfind("\x1b[?1004l") > told.rfind("\x1b[?1004h"));
}

#[test]
fn what_is_left_is_a_page_that_asks_when_it_is_opened() {
    let mut terminal = open(Start::default());
    terminal.see("Ask anything");
    terminal.send("hello\r");
    terminal.see(" tokens · ");
    terminal.send("/usage\r");
    terminal.see("This week");
    let text = terminal.text();
    for words in ["Questions           1", "nothing", "38 %   new on ", "Chat"] {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
    assert!(!text.contains('$'), "a simulator has no price: {text}");
    terminal.send("\x1b");
    terminal.see("Ask anything");
    terminal.send("/quit\r");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn nothing_moves_where_somebody_reads() {
    let mut terminal = open(Start::default());
    terminal.see("Ask anything");
    terminal.send("stream 1200 words of markdown at 400 a second\r");
    terminal.see("Part 5");
    terminal.send("\x1b[5~\x1b[5~");
    terminal.see(" new line");
    // something came after it: the picture of the place is whole
    terminal.send("and what then?\r");
    terminal.see("↑ edit");
    let from = terminal.bytes().len();
    // meanwhile everything goes on: another question waits, a draft grows, the answer ends, and the next one comes
    terminal.send("and after that?\r");
    terminal.see("  2  and after that?");
    terminal.send("one\x0atwo\x0athree");
    terminal.see("three");
    terminal.send("\x15");
    terminal.see(" · 1 of 3");
    terminal.quiet(std::time::Duration::from_millis(300));
    let bytes = terminal.bytes();
    let cells = |count| std::num::NonZero::new(count).unwrap();
    let mut replayed = vt100::Parser::new(cells(24), cells(80), 0);
    replayed.process(&bytes[..from]);
    let read = |screen: &vt100::Screen| screen.rows(0, 80).skip(2).take(8).collect::<Vec<_>>();
    let before = read(replayed.screen());
    assert!(before.iter().filter(|row| !row.trim().is_empty()).count() > 4, "{before:?}");
    for (at, byte) in bytes[from..].iter().enumerate() {
        replayed.process(&[*byte]);
        assert_eq!(read(replayed.screen()), before, "after byte {at} of {}", bytes.len() - from);
    }
    assert!(bytes.len() - from > 1_000, "something was drawn meanwhile: {}", bytes.len() - from);
}

#[test]
fn replies_of_the_terminal_are_not_typed() {
    let mut terminal = open(Start::default());
    terminal.send(b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[?62;22c\x1b[12;40R\x1bP>|term\x1b\\");
    terminal.send("x");
    terminal.see("❯ x");
    let text = terminal.text();
    assert!(!text.contains("rgb") && !text.contains("62;22c") && !text.contains("40R") && !text.contains("term\n"), "{text}");
}

#[test]
fn a_paste_of_a_megabyte_is_a_chip_and_is_sent_whole() {
    let mut terminal = open(Start::default());
    let text = "0123456789 abcdef\n".repeat(60_000);
    terminal.send("\x1b[200~");
    terminal.send(&text);
    terminal.send("\x1b[201~");
    terminal.see("[pasted 60000 lines]");
    terminal.send("\r");
    terminal.see("more lines");
    terminal.wait("the answer", |s| s.contents().contains(" tokens · "));
}

#[test]
fn text_that_tries_to_drive_the_terminal_is_only_text() {
    let mut terminal = open(Start { size: (100, 40), ..Start::default() });
    terminal.send("hostile\r");
    terminal.wait("the answer", |s| s.contents().contains(" tokens · "));
    let text = terminal.text();
    assert!(text.contains("␛[2J␛[31mred") && text.contains("␛[?1049l in code"), "{text}");
    assert!(terminal.with_screen(|s| s.alternate_screen()));
    let bytes = terminal.bytes();
    let sent = String::from_utf8_lossy(&bytes);
    assert!(
        !sent.contains("\x1b]0;")
            && !sent.contains("\x1b]52")
            && !sent.contains('\u{9b}')
            && !sent.contains('\u{202e}')
            && !sent.contains('\x07')
    );
}

#[test]
fn any_size_is_survived_and_small_ones_say_what_they_need() {
    let mut terminal = open(Start { size: (80, 24), ..Start::default() });
    for (columns, rows) in [(1, 1), (2, 30), (59, 16), (20, 5)] {
        terminal.resize(columns, rows);
        terminal.quiet(Duration::from_millis(120));
    }
    terminal.see("needs");
    terminal.resize(60, 16);
    terminal.see("Ask anything");
    terminal.resize(200, 60);
    terminal.see("Ask anything");
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn without_colour_no_colour_is_sent() {
    let mut terminal = open(Start { variables: &[("NO_COLOR", "1")], ..Start::default() });
    terminal.send("show code in rust\r");
    terminal.wait("the answer", |s| s.contents().contains(" tokens · "));
    let bytes = terminal.bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for sequence in text.split("\x1b[").skip(1) {
        if let Some((numbers, _)) = sequence.split_once('m').filter(|(n, _)| n.chars().all(|c| c.is_ascii_digit() || c == ';')) {
            for number in numbers.split(';').filter_map(|n| n.parse::<u8>().ok()) {
                assert!(number < 30, "a colour was sent: {numbers}");
            }
        }
    }
}

#[test]
fn the_editor_gets_the_terminal_and_gives_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let editor = folder.path().join("editor");
    std::fs::write(&editor, "#!/bin/sh\nprintf ' and more' >> \"$1\"\n").unwrap();
    std::process::Command::new("chmod").args(["755", editor.to_str().unwrap()]).status().unwrap();
    let mut terminal = open(Start { variables: &[("EDITOR", editor.to_str().unwrap())], ..Start::default() });
    terminal.send("one thought");
    terminal.see("one thought");
    terminal.send("\x07");
    terminal.see("one thought and more");
    assert!(terminal.with_screen(|s| s.alternate_screen()));
    terminal.send("!");
    terminal.see("one thought and more!");
    // who only looks changes nothing: what was pasted stays a chip
    std::fs::write(&editor, "#!/bin/sh\nexit 0\n").unwrap();
    terminal.send(format!("\x15see \x1b[200~{}\x1b[201~", "line\n".repeat(60)));
    terminal.see("see [pasted 60 lines]");
    terminal.send("\x07");
    terminal.wait("the screen again", |s| s.alternate_screen());
    terminal.send("?");
    terminal.see("see [pasted 60 lines]?");
}

#[test]
fn the_cursor_stands_at_the_caret() {
    let mut terminal = open(Start::default());
    terminal.send("ab日👩‍👩‍👧‍👦c");
    terminal.wait("the caret", |s| s.cursor_position().1 == 4 + 2 + 2 + 2 + 1);
    terminal.send("\x1b[D\x1b[D");
    terminal.wait("the caret before the family", |s| s.cursor_position().1 == 4 + 2 + 2);
}

#[test]
fn without_a_provider_a_screen_asks_and_a_script_is_told() {
    let mut terminal = Terminal::start(Start { arguments: &[], ..Start::default() });
    terminal.see("Who shall answer?");
    terminal.see("Look around");
    terminal.send("\x1b");
    terminal.see("Ask anything");
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
    let mut terminal = Terminal::start(Start { arguments: &["-z", "hello"], ..Start::default() });
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 3);
    let text = terminal.text();
    assert!(text.contains("error: No provider is set up yet") && text.contains("--provider sandbox"), "{text}");
}

#[test]
fn a_newcomer_looks_around_and_presses_every_key_of_the_tour() {
    let mut terminal = Terminal::start(Start { arguments: &[], ..Start::default() });
    terminal.see("Look around");
    let digit =
        terminal.with_screen(|s| s.contents().lines().find(|line| line.contains("Look around")).unwrap().trim_start()[..1].to_string());
    terminal.send(digit);
    terminal.see("Tour 1 of 5");
    terminal.send("hello\r");
    terminal.see("Tour 2 of 5");
    terminal.see(" tokens · ");
    terminal.send("write 2000 words\r");
    terminal.see("Esc stop");
    terminal.send("thanks\r");
    terminal.see("Tour 3 of 5");
    terminal.send("\x1b");
    terminal.see("Tour 4 of 5");
    terminal.see("Press PageUp");
    terminal.send("\x1b[5~");
    terminal.see("Press Esc");
    terminal.send("\x1b");
    terminal.see("Tour 5 of 5");
    terminal.send("\x19");
    terminal.see("Tour done");
    terminal.send("/quit\r");
    assert_eq!(terminal.ended(), 0);
}

/// A simulator that a test can steer while the program runs against it.
fn sign_in_server(faults: &str) -> hermes::sandbox::Sandbox {
    let options = hermes::sandbox::Options { port: 0, faults: hermes::sandbox::parse_faults(faults).unwrap() };
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async {
            sender.send(hermes::sandbox::serve(options).await.unwrap()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn signing_in(server: &hermes::sandbox::Sandbox, arguments: &[&str], size: (u16, u16)) -> Terminal {
    let (issuer, base) = (server.issuer(), server.base_url());
    let variables = [("XAI_OAUTH_ISSUER", issuer.as_str()), ("XAI_BASE_URL", base.as_str()), ("SSH_TTY", "/dev/pts/1")];
    Terminal::start(Start { arguments, size, variables: &variables, ..Start::default() })
}

/// The QR code on the screen, read as a phone would.
fn scanned(screen: &vt100::Screen) -> Option<String> {
    let (rows, columns) = screen.size();
    let dark = |colour: vt100::Color| colour == vt100::Color::Rgb(0, 0, 0);
    let module = |x: usize, y: usize| {
        let cell = screen.cell((y / 2) as u16, x as u16).filter(|c| c.contents() == "▀");
        cell.is_some_and(|c| dark(if y.is_multiple_of(2) { c.fgcolor() } else { c.bgcolor() }))
    };
    let (width, height) = (usize::from(columns.get()) * 4, usize::from(rows.get()) * 8);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| if module(x / 4, y / 4) { 0 } else { 255 });
    image.detect_grids().first().and_then(|grid| grid.decode().ok()).map(|(_, text)| text)
}

#[test]
fn a_phone_scans_the_code_and_the_person_is_signed_in() {
    let server = sign_in_server("quick-device");
    let mut terminal = signing_in(&server, &["auth", "add", "xai-oauth"], (80, 24));
    terminal.see("Scan with your phone");
    terminal.see("Browser  ");
    terminal.see("ssh -N -L");
    terminal.wait("a code that can be scanned", |screen| scanned(screen).is_some());
    let address = terminal.with_screen(scanned).unwrap();
    assert!(address.starts_with(&server.issuer()) && address.contains("user_code="), "{address}");
    // alone on the screen, and inverted twice, it says the same
    terminal.send("zii");
    terminal.wait("the code alone", |s| !s.contents().contains("Scan") && scanned(s).as_ref() == Some(&address));
    terminal.send("z");
    terminal.see("Scan with your phone");
    // the address for the browser is one link over its line
    assert!(String::from_utf8_lossy(&terminal.bytes()).contains("\x1b]8;id=h0;http://127.0.0.1:"));
    assert!(server.approve_device(address.split("user_code=").nth(1).unwrap()));
    terminal.see("Signed in as demo@sandbox.invalid");
    terminal.send("\r");
    assert_eq!(terminal.ended(), 0);
    assert!(terminal.with_screen(is_given_back));
    assert!(terminal.home.join("auth.json").exists());
}

#[test]
fn a_paste_is_an_answer_wherever_it_lands_and_a_refusal_stays_on_the_screen() {
    let server = sign_in_server("");
    let mut terminal = signing_in(&server, &["login"], (100, 34));
    terminal.see("referrer=hermes-agent");
    terminal.send("v");
    terminal.wait("the address alone", |s| s.contents().starts_with("http://127.0.0.1"));
    let address = serde_json::Value::String(terminal.text().split_whitespace().collect());
    terminal.send("v");
    terminal.see("waiting at 127.0.0.1");
    terminal.send("\x1b[200~?code=x&state=other\x1b[201~");
    terminal.see("belongs to another sign-in");
    let back = runtime().block_on(support::account::approve(&address));
    terminal.send(format!("\x1b[200~{}\r\n{}\x1b[201~", &back[..40], &back[40..]));
    terminal.see("Signed in as");
    terminal.send("\r");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn leaving_the_sign_in_is_no_sign_in() {
    let server = sign_in_server("");
    let mut terminal = signing_in(&server, &["auth", "add", "xai-oauth"], (60, 16));
    terminal.see("Browser  ");
    terminal.see("No room for the QR code");
    terminal.send("\x1b");
    assert_eq!(terminal.ended(), 130);
    assert!(terminal.with_screen(is_given_back));
    terminal.see("Not signed in. `hermes login` tries again.");
    assert!(!terminal.home.join("auth.json").exists());
}

#[test]
fn time_runs_out_on_the_screen_and_r_starts_over() {
    let server = sign_in_server("");
    let mut terminal = signing_in(&server, &["auth", "add", "xai-oauth", "--timeout", "1"], (80, 24));
    terminal.see("xai_callback_timeout");
    terminal.send("r");
    terminal.see("Browser  ");
    terminal.send("\x03");
    assert_eq!(terminal.ended(), 130);
}

#[test]
fn a_stranger_signs_in_inside_the_chat_and_goes_on() {
    let mut terminal = Terminal::start(Start { arguments: &["--sandbox", "--provider", "sandbox"], ..Start::default() });
    terminal.see("Ask anything");
    terminal.send("/login\r");
    terminal.see("Sign in to xAI Grok OAuth");
    terminal.see("Phone code");
    let code = |screen: &vt100::Screen| screen.contents().lines().find(|line| line.contains(" – ")).map(|line| line[..30].to_string());
    let first = terminal.with_screen(code);
    assert!(first.is_some());
    // looking at something else ends nothing: the same code waits
    terminal.send("\x1b");
    terminal.see("a sign-in waits");
    terminal.send("/login\r");
    terminal.see("start over");
    assert_eq!(terminal.with_screen(code), first);
    terminal.send("\x1b");
    terminal.see("a sign-in waits");
    terminal.send("/quit\r");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn a_task_that_breaks_down_is_told_and_the_chat_goes_on() {
    let mut terminal = Terminal::start(Start { variables: &[("HERMES_CRASH", "1")], ..Start::default() });
    terminal.see("Ask anything");
    terminal.send("hello\r");
    terminal.see("A part of hermes broke down");
    terminal.see("Enter asks again");
    terminal.send("say on we go\r");
    terminal.wait("the next answer", |screen| screen.contents().matches("on we go").count() > 1);
    let log = std::fs::read_to_string(terminal.home.join("hermes-tui/logs/hermes.log")).unwrap();
    assert!(log.contains("ordered by HERMES_CRASH") && log.contains("src/effects/turns"), "{log}");
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn who_types_without_a_rest_is_written_down_all_the_same() {
    let mut terminal = open(Start::default());
    let drafts = terminal.home.join("hermes-tui/drafts");
    support::until("something is on the disk while typing goes on", || {
        terminal.send("x");
        terminal.quiet(Duration::from_millis(20));
        let files = std::fs::read_dir(&drafts).into_iter().flatten().flatten();
        files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).any(|text| text.contains("xx"))
    });
    // and the last word when it rests
    terminal.send("!");
    support::until("all of it is", || {
        let files = std::fs::read_dir(&drafts).into_iter().flatten().flatten();
        files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).any(|text| text.contains("x!"))
    });
}

#[test]
fn a_window_that_nobody_has_costs_no_memory_and_is_told() {
    let mut bare = Bare::start(65_535, 65_535);
    bare.until("This window has 65535×65535 cells");
    let memory = support::pss(bare.child.process_id().unwrap());
    assert!(memory < 150.0, "{memory} MiB");
    std::io::Write::write_all(&mut bare.master.take_writer().unwrap(), b"\x04").unwrap();
    bare.until("\x1b[?1049l");
    assert!(bare.child.wait().unwrap().success());
}

#[test]
fn an_editor_that_is_not_there_is_told_where_one_looks_and_costs_no_draft() {
    let mut terminal = open(Start { variables: &[("EDITOR", "/nonexistent/ed")], size: (140, 24), ..Start::default() });
    terminal.see("Ask anything");
    terminal.send("my draft\x07");
    terminal.wait("the sentence in the line of the keys", |s| {
        let last = s.rows(0, 140).last().unwrap_or_default();
        last.contains("The editor could not be used: `/nonexistent/ed`") && last.contains("set `EDITOR`")
    });
    terminal.see("❯ my draft");
    terminal.send("\x03\x04");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn keys_are_told_apart_by_their_place() {
    let mut terminal = open(Start::default());
    let asked = String::from_utf8_lossy(&terminal.bytes()).into_owned();
    assert!(asked.contains("\x1b[>5u"), "alternate keys are asked for: {asked:?}");
    // Ctrl+P, typed on a Russian keyboard, opens the palette and closes it, whether the terminal says where the key lies or not
    for palette in ["\x1b[1079::112;5u", "\x1b[1079;5u"] {
        terminal.send(palette);
        terminal.wait("the palette", |s| s.contents().contains("Do what?"));
        // a key of the desktop types nothing into its field
        terminal.send("\x1b[113;9u");
        terminal.send("\x1b[57414;1:3u");
        terminal.send(palette);
        terminal.wait("the chat", |s| !s.contents().contains("Do what?"));
    }
    terminal.send("\x1b[1089u\x1b[57399u");
    terminal.see("❯ с0");
    terminal.send("\x1b[1089::99;5u");
    terminal.see("Ask anything");
    // an Esc that came early does not make a paste typed
    terminal.send("\x1b");
    std::thread::park_timeout(Duration::from_millis(150));
    terminal.send("[200~one\ntwo\x1b[201~");
    terminal.see("two");
    terminal.see("one");
    assert!(!terminal.text().contains("200~"));
}

#[test]
fn every_script_can_be_typed() {
    let mut terminal = open(Start::default());
    for words in ["हिन्दी पंक्ति विद्या ABC", "மொழி க்ஷௌ ABC", "\u{301}x ABC"] {
        terminal.send(words);
        terminal.see(words);
        // the caret stands behind it, and nothing of it stays when it is gone
        terminal.send("!");
        terminal.see(&format!("{words}!"));
        terminal.send("\x03");
        terminal.wait("an empty line", |s| s.rows(0, 80).any(|row| row.trim_end().ends_with("❯ Ask anything")));
    }
}
