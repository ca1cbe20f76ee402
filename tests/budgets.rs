//! The budgets of the program: the real binary in a PTY of 120×40 against the sandbox in another process. Each figure is
//! printed beside its budget. Figures count in a release build:
//!
//!     cargo test --release --test budgets -- --ignored --nocapture
//!
//! What can be counted whatever the build and however busy the machine is (bytes, wake-ups, modes) is checked in small with every
//! run of the tests.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};
use support::{Start, Terminal, measure, pss};

/// The sandbox, served by a process of its own.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_hermes"))
            .args(["sandbox", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().last().unwrap().to_string();
        Self { process, address }
    }
    fn terminal(&self) -> Terminal {
        let variables = [("XAI_API_KEY", "x"), ("XAI_BASE_URL", self.address.as_str())];
        let terminal =
            Terminal::start(Start { arguments: &["--provider", "xai"], size: (120, 40), variables: &variables, ..Start::default() });
        terminal.see("F1");
        terminal.quiet(Duration::from_millis(100));
        terminal
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Budgets that are counts.
const FIRST_BYTES: f64 = 2_500.0;
const KEY_BYTES: f64 = 24.0;
const CHARACTER_BYTES: f64 = 2.5;
const PICTURES: f64 = 60.0;
const PANES_BYTES: f64 = 6.0;
const RESIZE_BYTES: f64 = 40_000.0;

/// What was measured, and whether it is within its budget.
#[derive(Default)]
struct Report {
    missed: Vec<String>,
}

impl Report {
    fn line(&mut self, what: &str, figure: f64, budget: f64, unit: &str) {
        let met = figure <= budget;
        let mark = if met { "✓" } else { "✗" };
        #[expect(clippy::disallowed_macros, reason = "a benchmark prints its figures")]
        {
            println!("{mark} {what:<52} {figure:>10.4} {unit:<6} budget {budget}");
        }
        if !met {
            self.missed.push(what.to_string());
        }
    }
}

/// Asks, and waits for the last word.
fn ask(terminal: &mut Terminal, question: &str) {
    terminal.send(question);
    terminal.send("\r");
    terminal.see("fin.");
    terminal.wait("the numbers of the answer", |s| s.contents().contains(" tokens"));
}

fn start(report: &mut Report, server: &Server) {
    let mut times = vec![];
    for _ in 0..9 {
        let began = Instant::now();
        let variables = [("XAI_API_KEY", "x"), ("XAI_BASE_URL", server.address.as_str())];
        let mut terminal =
            Terminal::start(Start { arguments: &["--provider", "xai"], size: (120, 40), variables: &variables, ..Start::default() });
        terminal.send("Q");
        terminal.see("❯ Q");
        let time = began.elapsed().as_secs_f64() * 1000.0;
        terminal.quiet(Duration::from_millis(50));
        let measured = measure(terminal.pid());
        times.push((time, measured.cpu, pss(terminal.pid()), terminal.count()));
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (time, cpu, memory, bytes) = times[times.len() / 2];
    report.line("start to a typed key echoed", time, 5.0, "ms");
    report.line("CPU until then", cpu, 0.004, "s");
    report.line("memory then (PSS)", memory, 6.0, "MiB");
    report.line("bytes to the terminal until then", bytes as f64, FIRST_BYTES, "");
}

fn keys(report: &mut Report, server: &Server, count: usize) {
    let mut terminal = server.terminal();
    let (before, bytes) = (measure(terminal.pid()), terminal.count());
    for n in 0..count {
        let key = char::from(b'a' + (n % 26) as u8);
        let text = terminal.count();
        terminal.send(key.to_string());
        terminal.wait("the key", |_| true);
        while terminal.count() == text {
            std::thread::yield_now();
        }
    }
    terminal.quiet(Duration::from_millis(50));
    let after = measure(terminal.pid());
    report.line("CPU a key, idle", (after.cpu - before.cpu) * 1000.0 / count as f64, 0.15, "ms");
    report.line("bytes a key", (terminal.count() - bytes) as f64 / count as f64, KEY_BYTES, "");
}

/// Keys as a person presses them: between two of them everything has gone cold.
fn slow_keys(report: &mut Report, server: &Server, count: usize) {
    let mut terminal = server.terminal();
    let before = measure(terminal.pid());
    for n in 1..=count {
        terminal.send("x");
        terminal.see(&format!("❯ {}", "x".repeat(n)));
        terminal.quiet(Duration::from_millis(100));
    }
    let cpu = measure(terminal.pid()).cpu - before.cpu;
    report.line("CPU a key, ten keys a second", cpu * 1000.0 / count as f64, 0.15, "ms");
}

/// The time that a model takes to think; nothing is waited for.
#[expect(clippy::disallowed_methods, reason = "it is the time itself that is wanted")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// From the moment in which a server sends the first word to the moment in which it has come to the terminal.
fn first_word(report: &mut Report) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let (told, sent) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut request = [0; 1 << 16];
            // each question has its own connection, and is answered after a while
            if connection.read(&mut request).is_ok_and(|read| read > 0) {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
                connection.write_all(head.as_bytes()).unwrap();
                pause(Duration::from_millis(200));
                let word = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"quickest\"}\n\n";
                told.send(Instant::now()).unwrap();
                connection.write_all(word.as_bytes()).unwrap();
                pause(Duration::from_millis(100));
                let end = "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[]}}\n\n";
                connection.write_all(end.as_bytes()).unwrap();
            }
        }
    });
    let variables = [("XAI_API_KEY", "x"), ("XAI_BASE_URL", address.as_str())];
    let mut terminal =
        Terminal::start(Start { arguments: &["--provider", "xai"], size: (120, 40), variables: &variables, ..Start::default() });
    terminal.see("F1");
    let mut times = vec![];
    for _ in 0..9 {
        terminal.send("hello\r");
        let began: Instant = sent.recv_timeout(Duration::from_secs(10)).unwrap();
        terminal.see("quickest");
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        terminal.quiet(Duration::from_millis(300));
        terminal.send("/new\r");
        terminal.wait("an empty screen", |s| !s.contents().contains("quickest"));
    }
    times.sort_by(f64::total_cmp);
    report.line("first byte of an answer to the screen", times[times.len() / 2], 3.0, "ms");
}

fn flood(report: &mut Report, server: &Server, deltas: usize) {
    let mut figures = vec![];
    for full in [false, true] {
        let mut terminal = server.terminal();
        // the first request makes the client and the connection
        ask(&mut terminal, "stream 2 words");
        let mut best = (f64::MAX, Duration::MAX);
        for _ in 0..5 {
            terminal.send("/new\r");
            if full {
                terminal.quiet(Duration::from_millis(100));
                ask(&mut terminal, "write 1000000 characters of markdown");
            }
            terminal.quiet(Duration::from_millis(200));
            let before = measure(terminal.pid());
            let began = Instant::now();
            terminal.send(format!("stream {deltas} words\r"));
            terminal.wait("the question", |s| s.contents().contains("❯ stream"));
            terminal.see("fin.");
            let time = began.elapsed();
            terminal.quiet(Duration::from_millis(200));
            let cpu = measure(terminal.pid()).cpu - before.cpu;
            best = (best.0.min(cpu * 1000.0 / deltas as f64), best.1.min(time));
        }
        figures.push(best);
    }
    report.line("20,000 deltas at once: CPU s per 1,000", figures[0].0, 0.001, "s");
    report.line("the same, 1 MB transcript: ratio", figures[1].0 / figures[0].0, 1.2, "");
    report.line("the same: whole time (orientation)", figures[0].1.as_secs_f64() * 1000.0, 1_000.0, "ms");
}

fn pace(report: &mut Report, server: &Server, deltas: usize) -> f64 {
    let mut terminal = server.terminal();
    ask(&mut terminal, "stream 2 words");
    terminal.send("/new\r");
    terminal.quiet(Duration::from_millis(200));
    let (before, bytes) = (measure(terminal.pid()), terminal.count());
    terminal.send(format!("stream {deltas} words of markdown at 200 a second\r"));
    terminal.see("fin.");
    terminal.quiet(Duration::from_millis(100));
    let cpu = measure(terminal.pid()).cpu - before.cpu;
    report.line("200 deltas a second: CPU s per 1,000", cpu * 1000.0 / deltas as f64, 0.12, "s");
    // five characters a delta
    report.line("the same: bytes per character", (terminal.count() - bytes) as f64 / (deltas * 5) as f64, CHARACTER_BYTES, "");
    cpu
}

/// Four panes, two beside two, in which the same question is asked.
fn four(server: &Server) -> Terminal {
    let mut terminal = server.terminal();
    for keys in ["\x18v", "\x18s", "\x18\x1b[D", "\x18s", "\x18b"] {
        terminal.send(keys);
        terminal.quiet(Duration::from_millis(100));
    }
    terminal.see("Ask all of them");
    terminal
}

/// Four streams at once, while somebody types in one of the panes. Times are told where it is known what one stream takes.
fn four_panes(report: &mut Report, server: &Server, deltas: usize, one: Option<f64>) {
    let mut terminal = four(server);
    terminal.send("stream 2 words\r");
    terminal.wait("four answers", |s| s.contents().matches("first word").count() == 4);
    terminal.quiet(Duration::from_millis(200));
    let (before, bytes) = (measure(terminal.pid()), terminal.count());
    terminal.send(format!("stream {deltas} words of markdown at 200 a second\r"));
    terminal.wait("the question", |s| s.contents().matches("❯ stream").count() > 3);
    let mut echoes = vec![];
    let mut typed = String::new();
    while typed.len() < deltas / 40 {
        terminal.quiet(Duration::from_millis(100));
        typed.push('x');
        let began = Instant::now();
        terminal.send("x");
        terminal.see(&format!("❯ {typed}"));
        echoes.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    terminal.wait("four answers", |s| s.contents().matches("words/s").count() == 4);
    terminal.quiet(Duration::from_millis(100));
    let cpu = measure(terminal.pid()).cpu - before.cpu;
    if let Some(one) = one {
        report.line("four panes at 200 deltas a second each: CPU, times one", cpu / one, 4.0, "");
        echoes.sort_by(f64::total_cmp);
        report.line("the same: a key echoed, median (orientation)", echoes[echoes.len() / 2], 33.0, "ms");
    }
    report.line("four panes: bytes per character", (terminal.count() - bytes) as f64 / (deltas * 20) as f64, PANES_BYTES, "");
    report.line("four panes: cells blanked and drawn again", flickers(&terminal, (120, 40), typed.len()) as f64, 0.0, "");
}

/// Cells that were blank for a moment within one picture, and then what they had been before: what an eye sees as flicker on a
/// terminal that shows each byte as it comes. A picture is a synchronized block, or what was read at once; it ends where the cursor
/// comes to rest, which is behind what was `typed`, for a busy machine reads several at once.
fn flickers(terminal: &Terminal, (columns, rows): (u16, u16), typed: usize) -> usize {
    let (bytes, reads) = (terminal.bytes(), terminal.reads());
    let (row, column) = terminal.with_screen(|screen| screen.cursor_position());
    let rests = |(y, x): (u16, u16)| y == row && x <= column && usize::from(column - x) <= typed;
    let mut parser = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
    let look = |parser: &vt100::Parser, y: u16| -> Vec<String> {
        (0..columns).map(|x| parser.screen().cell(y, x).map_or(String::new(), |c| c.contents().trim().to_string())).collect()
    };
    let mut before: Vec<Vec<String>> = (0..rows).map(|_| vec![String::new(); usize::from(columns)]).collect();
    let mut blanked: HashMap<(u16, usize), String> = HashMap::new();
    let (mut flickers, mut from, mut together) = (0, 0, false);
    let sequences = (0..bytes.len()).filter(|at| matches!(bytes[*at], b'\x1b' | b'\n')).chain(reads.iter().copied());
    let mut ends: Vec<usize> = sequences.chain([bytes.len()]).collect();
    ends.sort_unstable();
    for to in ends {
        let part = &bytes[from..to];
        let begins = part.starts_with(b"\x1b[?2026h");
        if begins || part.starts_with(b"\x1b[?2026l") || !together && reads.binary_search(&from).is_ok() {
            blanked.clear();
        }
        together = begins || together && !part.starts_with(b"\x1b[?2026l");
        let row = parser.screen().cursor_position().0;
        parser.process(part);
        from = to;
        for y in [row, parser.screen().cursor_position().0] {
            let now = look(&parser, y);
            for (x, (old, new)) in before[usize::from(y)].iter().zip(&now).enumerate().filter(|(_, (old, new))| old != new) {
                match (old.is_empty(), new.is_empty()) {
                    (false, true) => drop(blanked.insert((y, x), old.clone())),
                    (true, false) => flickers += usize::from(blanked.remove(&(y, x)).as_ref() == Some(new)),
                    _ => {}
                }
            }
            before[usize::from(y)] = now;
        }
        if !together && rests(parser.screen().cursor_position()) {
            blanked.clear();
        }
    }
    flickers
}

fn turns(report: &mut Report, server: &Server, count: usize) {
    let mut terminal = server.terminal();
    ask(&mut terminal, "stream 2 words");
    let before = measure(terminal.pid());
    for n in 0..count {
        terminal.send(format!("{n}: write 4000 characters of markdown\r"));
        terminal.wait("the answer", |s| {
            let text = s.contents();
            text.contains(&format!("❯ {n}: write")) && text.contains("fin.")
                || text.contains("fin.") && text.contains("Ask anything") && !text.contains("◐")
        });
        terminal.quiet(Duration::from_millis(20));
    }
    let after = measure(terminal.pid());
    report.line("200 turns of 4 kB: CPU s a turn", (after.cpu - before.cpu) / count as f64, 0.004, "s");
    report.line("then: memory (PSS)", pss(terminal.pid()), 25.0, "MiB");
    page_ups(report, &mut terminal);
}

fn page_ups(report: &mut Report, terminal: &mut Terminal) {
    report.line("then: 50 PageUps, CPU", paging(terminal, 50), 30.0, "ms");
}

/// CPU milliseconds of 50 pages: so many up, as many down, and so on. The end is in sight again afterwards.
fn paging(terminal: &mut Terminal, turn: usize) -> f64 {
    let before = measure(terminal.pid());
    for n in 0..50 {
        let bytes = terminal.count();
        terminal.send(if (n / turn).is_multiple_of(2) { "\x1b[5~" } else { "\x1b[6~" });
        while terminal.count() == bytes {
            std::thread::yield_now();
        }
    }
    terminal.quiet(Duration::from_millis(50));
    let cost = (measure(terminal.pid()).cpu - before.cpu) * 1000.0;
    terminal.send("\x1b[F");
    terminal.quiet(Duration::from_millis(100));
    cost
}

/// A conversation with 500 calls in it: 50 PageUps cost as much as through one with none.
fn calls(report: &mut Report, server: &Server) {
    let mut terminal = server.terminal();
    ask(&mut terminal, "stream 2 words");
    for n in 0..10 {
        // one line each; the same call twice in a round would be refused
        let lines: Vec<String> = (0..50).map(|m| format!("call search_files {{\"pattern\":\"nothing-{n}-{m}\",\"limit\":1}}")).collect();
        terminal.send(format!("\x1b[200~{}\x1b[201~\r", lines.join("\n")));
        terminal.quiet(Duration::from_millis(800));
        terminal.see("Ask anything");
    }
    report.line("500 calls: memory (PSS)", pss(terminal.pid()), 25.0, "MiB");
    page_ups(report, &mut terminal);
}

/// That drill alone.
#[test]
#[ignore = "figures count in a release build on a machine with nothing else to do"]
fn five_hundred_calls() {
    let server = Server::start();
    let mut report = Report::default();
    calls(&mut report, &server);
    assert!(report.missed.is_empty(), "missed: {:?}", report.missed);
}

/// CPU milliseconds of a key, over so many.
fn typed(terminal: &mut Terminal, count: u32) -> f64 {
    let before = measure(terminal.pid());
    for n in 0..count {
        let bytes = terminal.count();
        terminal.send(char::from(b'a' + (n % 26) as u8).to_string());
        while terminal.count() == bytes {
            std::thread::yield_now();
        }
    }
    terminal.quiet(Duration::from_millis(50));
    let cost = (measure(terminal.pid()).cpu - before.cpu) * 1000.0 / f64::from(count);
    terminal.send("\x15");
    terminal.see("Ask anything");
    cost
}

/// How often the loop's thread has been woken.
fn woken(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/status")).unwrap();
    status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse().ok()).unwrap()
}

/// Twenty videos in the making: typing and scrolling as with none, and a job wakes the program for its polls alone.
fn jobs(report: &mut Report, server: &Server) {
    let mut terminal = server.terminal();
    for _ in 0..8 {
        ask(&mut terminal, "write 6000 characters of markdown");
    }
    // the first keys pay for what all others find
    typed(&mut terminal, 300);
    let (keys, scrolled) = (typed(&mut terminal, 300), paging(&mut terminal, 10));
    for n in 1..=20 {
        terminal.send(format!("/video boat {n} sandbox:slow=250\r"));
        terminal.see("Ask anything");
    }
    terminal.send("\x1b[15~");
    terminal.see("20 in the making");
    terminal.wait("all are ordered", |screen| !screen.contents().contains("waits for its turn"));
    terminal.send("\x1b");
    terminal.see("Ask anything");
    report.line("20 jobs: CPU a key, times none", typed(&mut terminal, 300) / keys, 1.3, "");
    report.line("20 jobs: 50 PageUps, times none", paging(&mut terminal, 10) / scrolled, 1.3, "");
    terminal.quiet(Duration::from_secs(1));
    // threads for the disk come and go, and their counts with them
    pause(Duration::from_secs(3));
    let (before, woken) = (measure(terminal.pid()), woken(terminal.pid()));
    // twenty polls each five seconds
    pause(Duration::from_secs(20));
    let (after, woken) = (measure(terminal.pid()), self::woken(terminal.pid()) - woken);
    report.line("20 jobs: wake-ups a poll", woken as f64 / 80.0, 3.0, "");
    report.line("20 jobs: CPU a poll", (after.cpu - before.cpu) * 1000.0 / 80.0, 1.0, "ms");
}

/// A conversation with forty pictures in it.
fn pictures(report: &mut Report, server: &Server) {
    let mut terminal = server.terminal();
    for n in 1..=40 {
        terminal.send(format!("/image boat number {n}\r"));
        terminal
            .wait("it is there", |screen| screen.contents().contains(&format!("boat number {n}")) && screen.contents().contains(".png"));
        terminal.quiet(Duration::from_millis(150));
    }
    report.line("40 pictures: memory (PSS)", pss(terminal.pid()), 30.0, "MiB");
    report.line("40 pictures: 50 PageUps, CPU", paging(&mut terminal, 10), 60.0, "ms");
}

#[test]
#[ignore = "figures count in a release build on a machine with nothing else to do"]
fn jobs_and_pictures() {
    let server = Server::start();
    let mut report = Report::default();
    jobs(&mut report, &server);
    pictures(&mut report, &server);
    assert!(report.missed.is_empty(), "missed: {:?}", report.missed);
}

fn idle(report: &mut Report, server: &Server, seconds: u64) {
    let mut terminal = server.terminal();
    ask(&mut terminal, "stream 50 words");
    // pools and short words at the bottom come to rest
    terminal.quiet(Duration::from_secs(6));
    let before = measure(terminal.pid());
    terminal.quiet(Duration::from_secs(seconds));
    let after = measure(terminal.pid());
    report.line("idle: CPU", (after.cpu - before.cpu) / seconds as f64 * 100.0, 0.0, "%");
    report.line("idle: wake-ups a second", (after.switches - before.switches) as f64 / seconds as f64, 0.0, "");
}

fn resizes(report: &mut Report, server: &Server) {
    let mut terminal = server.terminal();
    ask(&mut terminal, "write 6000 characters of markdown");
    terminal.quiet(Duration::from_millis(500));
    let (before, bytes) = (measure(terminal.pid()), terminal.count());
    let began = Instant::now();
    for n in 0..100u16 {
        terminal.resize(90 + n % 31, 30 + n % 11);
        let next = began + Duration::from_millis(20) * u32::from(n + 1);
        while Instant::now() < next {
            terminal.quiet(next.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)));
        }
    }
    terminal.quiet(Duration::from_millis(400));
    report.line("100 resizes in 2 s: CPU", measure(terminal.pid()).cpu - before.cpu, 0.05, "s");
    report.line("100 resizes in 2 s: bytes", (terminal.count() - bytes) as f64, RESIZE_BYTES, "");
}

fn leaving(report: &mut Report, server: &Server) {
    for signal in ["TERM", "HUP", "INT"] {
        let mut terminal = server.terminal();
        let began = Instant::now();
        terminal.signal(signal);
        terminal.wait("the screen of the shell", |s| !s.alternate_screen() && !s.hide_cursor() && !s.bracketed_paste());
        report.line(&format!("terminal given back after SIG{signal}"), began.elapsed().as_secs_f64() * 1000.0, 50.0, "ms");
        terminal.ended();
    }
}

#[test]
#[ignore = "figures count in a release build on a machine with nothing else to do"]
fn every_budget_with_its_figure() {
    let server = Server::start();
    let mut report = Report::default();
    start(&mut report, &server);
    keys(&mut report, &server, 500);
    slow_keys(&mut report, &server, 50);
    first_word(&mut report);
    flood(&mut report, &server, 20_000);
    let one = pace(&mut report, &server, 2_000);
    four_panes(&mut report, &server, 2_000, Some(one));
    turns(&mut report, &server, 200);
    calls(&mut report, &server);
    idle(&mut report, &server, 10);
    resizes(&mut report, &server);
    leaving(&mut report, &server);
    assert!(report.missed.is_empty(), "missed: {:?}", report.missed);
}

/// The drill of four panes alone.
#[test]
#[ignore = "figures count in a release build on a machine with nothing else to do"]
fn four_panes_alone() {
    let server = Server::start();
    let mut report = Report::default();
    let one = pace(&mut report, &server, 2_000);
    four_panes(&mut report, &server, 2_000, Some(one));
    assert!(report.missed.is_empty(), "missed: {:?}", report.missed);
}

#[test]
fn what_can_be_counted_is_within_its_budget() {
    let server = Server::start();
    let mut report = Report::default();
    let mut terminal = server.terminal();
    report.line("bytes to the terminal until the first picture", terminal.count() as f64, FIRST_BYTES, "");
    let (bytes, pictures) = (terminal.count(), terminal.reads().len());
    for n in 1..=40 {
        terminal.send("x");
        terminal.see(&format!("❯ {}", "x".repeat(n)));
    }
    report.line("bytes a key", (terminal.count() - bytes) as f64 / 40.0, KEY_BYTES, "");
    report.line("pictures a key", (terminal.reads().len() - pictures) as f64 / 40.0, 1.0, "");
    terminal.send("\x15");
    ask(&mut terminal, "stream 2 words");
    terminal.send("/new\r");
    terminal.quiet(Duration::from_millis(200));
    let (bytes, pictures, began) = (terminal.count(), terminal.reads().len(), Instant::now());
    terminal.send("stream 400 words of markdown at 200 a second\r");
    terminal.see("fin.");
    let seconds = began.elapsed().as_secs_f64();
    report.line("400 deltas: pictures a second", (terminal.reads().len() - pictures) as f64 / seconds, PICTURES, "");
    terminal.quiet(Duration::from_millis(100));
    // an answer that does not fill the window yet: the line under it moves with each of its lines
    report.line("200 deltas a second: bytes per character", (terminal.count() - bytes) as f64 / 2_000.0, CHARACTER_BYTES + 0.8, "");
    // pools and short words at the bottom come to rest
    terminal.quiet(Duration::from_secs(6));
    let (before, bytes) = (measure(terminal.pid()), terminal.count());
    terminal.quiet(Duration::from_secs(2));
    report.line("idle: wake-ups in two seconds", (measure(terminal.pid()).switches - before.switches) as f64, 0.0, "");
    report.line("idle: bytes", (terminal.count() - bytes) as f64, 0.0, "");
    let bytes = terminal.count();
    for n in 0..20u16 {
        terminal.resize(90 + n % 31, 30 + n % 11);
        terminal.quiet(Duration::from_millis(10));
    }
    terminal.quiet(Duration::from_millis(400));
    report.line("20 resizes: bytes", (terminal.count() - bytes) as f64, RESIZE_BYTES / 5.0, "");
    terminal.signal("TERM");
    terminal.wait("the screen of the shell", |s| !s.alternate_screen() && !s.hide_cursor() && !s.bracketed_paste());
    terminal.ended();
    four_panes(&mut report, &server, 400, None);
    assert!(report.missed.is_empty(), "missed: {:?}", report.missed);
}
