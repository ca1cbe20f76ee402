//! A shell with job control in a terminal, and the program started from it as a person would.

use super::{Start, Terminal, until};
use std::{
    ops::{Deref, DerefMut},
    path::Path,
};

const PROMPT: &str = "shell> ";
const HERMES: &str = env!("CARGO_BIN_EXE_hermes");

/// The shells that are here: `sh` always is, and the test fails without it.
pub fn shells() -> Vec<&'static str> {
    assert!(Path::new("/bin/sh").exists(), "there is no /bin/sh");
    ["/bin/sh", "/bin/bash"].into_iter().filter(|shell| Path::new(shell).exists()).collect()
}

/// A terminal with a shell in it.
pub struct Shell(Terminal);

impl Deref for Shell {
    type Target = Terminal;
    fn deref(&self) -> &Terminal {
        &self.0
    }
}
impl DerefMut for Shell {
    fn deref_mut(&mut self) -> &mut Terminal {
        &mut self.0
    }
}

impl Shell {
    pub fn start(shell: &str, variables: &[(&str, &str)]) -> Self {
        let mut all = vec![("PS1", PROMPT), ("ENV", "")];
        all.extend_from_slice(variables);
        let arguments: &[&str] = if shell.ends_with("bash") { &["--norc", "--noprofile", "--noediting", "-i"] } else { &["-i"] };
        let terminal = Terminal::start(Start { arguments, variables: &all, program: Some(Path::new(shell)), ..Start::default() });
        let mut shell = Self(terminal);
        shell.see(PROMPT);
        // however the shell takes the variable
        shell.say(&format!("PS1='{PROMPT}'; set -m; echo rea''dy"));
        shell.see("ready");
        shell.prompt();
        shell
    }

    /// Types a command for the shell. It may be echoed before the prompt is there, which then stands before what the command
    /// prints: wait for words that the command itself does not contain, not for a line.
    pub fn say(&mut self, command: &str) {
        self.send(format!("{command}\n"));
    }
    /// Opens the chat.
    pub fn open(&mut self) {
        self.say(&format!("{HERMES} --provider sandbox"));
        self.chat();
    }
    /// Waits for the chat on its own screen.
    #[track_caller]
    pub fn chat(&self) {
        self.wait("the chat", |s| s.alternate_screen() && s.contents().contains('❯') && s.bracketed_paste());
    }
    /// Waits for the shell to ask for a command, on the shell's own screen.
    #[track_caller]
    pub fn prompt(&self) {
        self.wait("the prompt of the shell", |s| {
            let (row, column) = s.cursor_position();
            // what ran before may have left the modes so that lines begin somewhere, and the prompt in two of them
            let typed = s.contents_between(row.saturating_sub(1), 0, row, column).replace('\n', "");
            !s.alternate_screen() && typed.trim_end().ends_with(PROMPT.trim_end())
        });
    }
    /// The chat's process.
    #[track_caller]
    pub fn chat_pid(&self) -> u32 {
        let shell = self.pid();
        let mut found = None;
        until("the shell had a child", || {
            found = children(shell).into_iter().find(|(_, name)| name == "hermes").map(|(pid, _)| pid);
            found.is_some()
        });
        found.unwrap()
    }
    /// Waits for the end of the chat; gives its status as the shell sees it.
    #[track_caller]
    pub fn status(&mut self) -> u32 {
        self.say("echo status=$?.");
        let mut status = None;
        self.wait("the status", |s| {
            let text = s.contents();
            status = text.rsplit("status=").find_map(|rest| rest.split_once('.').and_then(|(number, _)| number.parse().ok()));
            status.is_some()
        });
        status.unwrap()
    }
}

/// The children of a process with their names.
pub fn children(parent: u32) -> Vec<(u32, String)> {
    let mut children = vec![];
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        let Some((name, rest)) = stat(pid) else { continue };
        if rest.get(1).and_then(|p| p.parse().ok()) == Some(parent) {
            children.push((pid, name));
        }
    }
    children
}

/// Whether a process is stopped.
pub fn is_stopped(pid: u32) -> bool {
    stat(pid).is_some_and(|(_, rest)| rest.first().is_some_and(|state| state == "T"))
}

/// Whether a process is there still.
pub fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|(_, rest)| rest.first().is_some_and(|state| state != "Z"))
}

fn stat(pid: u32) -> Option<(String, Vec<String>)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (name, rest) = (stat.split_once('(')?.1, stat.rsplit_once(')')?.1);
    Some((name.rsplit_once(')')?.0.to_string(), rest.split_whitespace().map(str::to_string).collect()))
}
