//! The real binary in a PTY with a VT parser behind it, and what the kernel knows of it.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod account;
pub mod picture;
pub mod shell;
pub mod stage;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read, Write},
    num::NonZeroU16,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

/// Nothing that is waited for takes longer than this, however busy the machine is.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// What a test needs is not there: it says so, and fails where `HERMES_TEST_ALL` demands that nothing is skipped.
#[expect(clippy::disallowed_macros, reason = "a test that is skipped says so")]
#[expect(clippy::disallowed_methods, reason = "it is demanded from outside")]
pub fn skipped(why: &str) {
    assert!(std::env::var_os("HERMES_TEST_ALL").is_none(), "{why}");
    println!("skipped: {why}");
}

/// A program in a terminal.
pub struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    writer: Option<Box<dyn Write + Send>>,
    shared: Arc<Shared>,
    /// A home of its own.
    pub home: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

struct Shared {
    state: Mutex<Seen>,
    changed: Condvar,
}

struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    /// Where in them each read ended.
    reads: Vec<usize>,
    count: usize,
    keep: bool,
    closed: bool,
    /// The terminal doesn't read.
    held: bool,
}

/// How a terminal is started.
pub struct Start<'a> {
    /// Arguments of the program.
    pub arguments: &'a [&'a str],
    /// Columns and rows.
    pub size: (u16, u16),
    /// More variables.
    pub variables: &'a [(&'a str, &'a str)],
    /// A home that exists already.
    pub home: Option<&'a Path>,
    /// The program; ours when there is none.
    pub program: Option<&'a Path>,
    /// The working folder; the home when there is none.
    pub folder: Option<&'a Path>,
}

impl Default for Start<'_> {
    fn default() -> Self {
        Self { arguments: &["--provider", "sandbox"], size: (80, 24), variables: &[], home: None, program: None, folder: None }
    }
}

impl Terminal {
    pub fn start(start: Start) -> Self {
        let folder = start.home.is_none().then(|| tempfile::tempdir().unwrap());
        let home = start.home.map_or_else(|| folder.as_ref().unwrap().path().to_path_buf(), Path::to_path_buf);
        let (columns, rows) = start.size;
        let pair = native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        let program = start.program.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_hermes")), Path::to_path_buf);
        let mut command = CommandBuilder::new(program);
        command.args(start.arguments);
        command.env_clear();
        for (name, value) in [
            ("TERM", "xterm-256color"),
            ("PATH", "/usr/bin:/bin"),
            ("LANG", "C.UTF-8"),
            ("HOME", home.to_str().unwrap()),
            ("HERMES_HOME", home.to_str().unwrap()),
            ("HERMES_MODELS_DEV_URL", "http://127.0.0.1:9/nobody-is-there"),
        ] {
            command.env(name, value);
        }
        for (name, value) in start.variables {
            command.env(name, value);
        }
        command.cwd(start.folder.unwrap_or(&home));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser = vt100::Parser::new(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap(), 0);
        let shared = Arc::new(Shared {
            state: Mutex::new(Seen { parser, bytes: vec![], reads: vec![], count: 0, keep: true, closed: false, held: false }),
            changed: Condvar::new(),
        });
        let theirs = shared.clone();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut seen = theirs.state.lock().unwrap();
                while seen.held {
                    seen = theirs.changed.wait(seen).unwrap();
                }
                if read == 0 {
                    seen.closed = true;
                    theirs.changed.notify_all();
                    return;
                }
                seen.parser.process(&buffer[..read]);
                seen.count += read;
                if seen.keep {
                    seen.bytes.extend_from_slice(&buffer[..read]);
                    let end = seen.bytes.len();
                    seen.reads.push(end);
                }
                theirs.changed.notify_all();
            }
        });
        Self { master: Some(pair.master), child, writer: Some(writer), shared, home, _folder: folder }
    }

    /// Types.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(bytes.as_ref()).unwrap();
        writer.flush().unwrap();
    }

    /// Waits until the screen is as wanted; the screen is in the message when it never is.
    #[track_caller]
    pub fn wait(&self, what: &str, mut wanted: impl FnMut(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        let mut seen = self.shared.state.lock().unwrap();
        loop {
            if wanted(seen.parser.screen()) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && (!seen.closed || wanted(seen.parser.screen())),
                "never saw {what}:\n{}",
                seen.parser.screen().contents()
            );
            seen = self.shared.changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits until a text is on the screen.
    #[track_caller]
    pub fn see(&self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        self.shared.state.lock().unwrap().parser.screen().contents()
    }
    /// Looks at the screen.
    pub fn with_screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shared.state.lock().unwrap().parser.screen())
    }
    /// Every byte that came so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.shared.state.lock().unwrap().bytes.clone()
    }
    /// Where in those bytes each read ended.
    pub fn reads(&self) -> Vec<usize> {
        self.shared.state.lock().unwrap().reads.clone()
    }
    /// How many bytes came so far.
    pub fn count(&self) -> usize {
        self.shared.state.lock().unwrap().count
    }
    /// Waits until nothing has come for a while: the program has drawn what it had to draw.
    pub fn quiet(&self, pause: Duration) {
        let mut seen = self.shared.state.lock().unwrap();
        loop {
            let count = seen.count;
            let (next, timeout) = self.shared.changed.wait_timeout(seen, pause).unwrap();
            seen = next;
            if timeout.timed_out() && seen.count == count || seen.closed {
                return;
            }
        }
    }
    /// Types without an end, as fast as the terminal takes it.
    pub fn flood(&mut self, bytes: &'static [u8]) {
        let mut writer = self.writer.take().unwrap();
        std::thread::spawn(move || while writer.write_all(bytes).is_ok() {});
    }
    /// Reads no more, like a terminal at the other end of a line that hangs; or reads again.
    pub fn hold(&self, held: bool) {
        self.shared.state.lock().unwrap().held = held;
        self.shared.changed.notify_all();
    }
    /// The kernel's modes of the terminal.
    pub fn modes(&self) -> rustix::termios::Termios {
        use rustix::fs::{Mode, OFlags, open};
        let name = self.master.as_ref().unwrap().tty_name().unwrap();
        let tty = open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        rustix::termios::tcgetattr(tty).unwrap()
    }
    /// Shows an empty screen, as if another program had cleared it.
    pub fn forget(&self) {
        self.shared.state.lock().unwrap().parser.process(b"\x1bc");
    }
    /// Gives the window another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.shared.state.lock().unwrap().parser.screen_mut().set_size(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap());
        self.master.as_ref().unwrap().resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }
    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }
    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        kill(self.pid(), name);
    }
    /// Waits for the end of the program; its exit status.
    #[track_caller]
    pub fn ended(&mut self) -> u32 {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // the last bytes may still be on their way
                self.quiet(Duration::from_millis(50));
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "the program did not end:\n{}", self.text());
            std::thread::yield_now();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal by its name.
pub fn kill(pid: u32, signal: &str) {
    assert!(std::process::Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]).status().unwrap().success());
}

/// Waits until something is so that no screen shows.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never happened that {what}");
        std::thread::yield_now();
    }
}

/// What the kernel knows of a process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    /// CPU seconds of all its threads.
    pub cpu: f64,
    /// How often it was woken.
    pub switches: u64,
}

/// CPU and wake-ups so far.
pub fn measure(pid: u32) -> Measured {
    let mut measured = Measured::default();
    for task in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten() {
        let read = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        measured.cpu += read("schedstat").split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1e9;
        let switches = read("status")
            .lines()
            .filter_map(|l| l.split_once("voluntary_ctxt_switches:"))
            .filter(|(n, _)| n.is_empty())
            .filter_map(|(_, n)| n.trim().parse::<u64>().ok())
            .sum::<u64>();
        measured.switches += switches;
    }
    measured
}

/// Memory that belongs to the process, shared pages by their share, in MiB.
pub fn pss(pid: u32) -> f64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let kib = rollup.lines().find_map(|l| l.strip_prefix("Pss:")).and_then(|l| l.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}
