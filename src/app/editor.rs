//! The person's own editor on a text.

use crate::{files::read, settings::environment::Environment};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use std::{
    io,
    process::{Child, Command, ExitStatus},
};
use tempfile::NamedTempFile;

/// An editor that runs. It has the terminal, and belongs to our process group: what the keyboard sends reaches both.
pub(super) struct Editor {
    child: Child,
    file: NamedTempFile,
    /// What it was given.
    given: String,
}

/// How an editor was left.
pub enum Edited {
    /// With an error, which is how people say that nothing shall come of it.
    Refused,
    /// As the text was, but for a line end that some editors add.
    Unchanged,
    /// With another text.
    Changed(String),
}

/// Lets the editor change `text`, and waits for it.
pub fn edit(text: &str, environment: &Environment) -> io::Result<Edited> {
    let mut editor = Editor::open(text, environment)?;
    let status = editor.child.wait()?;
    editor.result(status)
}

impl Editor {
    /// Starts it on `text`.
    pub(super) fn open(text: &str, environment: &Environment) -> io::Result<Self> {
        let (_, command) = environment.first(&["VISUAL", "EDITOR"]).unwrap_or(("", "vi"));
        let words = shell_words::split(command).map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        let Some((program, arguments)) = words.split_first() else { return Err(io::ErrorKind::NotFound.into()) };
        // private from its first byte: a draft may hold anything
        let file = tempfile::Builder::new().prefix("hermes-").suffix(".md").tempfile()?;
        std::fs::write(file.path(), text)?;
        let child = Command::new(program)
            .args(arguments)
            .arg(file.path())
            .spawn()
            .map_err(|e| io::Error::new(e.kind(), format!("`{program}`: {e}")))?;
        Ok(Self { child, file, given: text.to_string() })
    }

    /// How it ended, if it did.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }
    /// What came of it.
    pub(super) fn result(&self, status: ExitStatus) -> io::Result<Edited> {
        if !status.success() {
            return Ok(Edited::Refused);
        }
        let text = self.text()?;
        let same = text == self.given || text.strip_suffix('\n') == Some(&self.given);
        Ok(if same { Edited::Unchanged } else { Edited::Changed(text) })
    }
    /// What its file holds now.
    pub(super) fn text(&self) -> io::Result<String> {
        read::text(self.file.path()).map_err(|error| io::Error::other(error.to_string()))
    }

    /// Whether it was stopped since the last look.
    pub(super) fn was_stopped(&self) -> bool {
        let look = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
        waitid(WaitId::Pid(Pid::from_child(&self.child)), look).is_ok_and(|status| status.is_some())
    }
    /// Passes a signal on. Its own pace is not ours: it may have ended.
    pub(super) fn tell(&self, signal: Signal) {
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }
}
