//! What the program hands to itself when it starts itself as the helper: one task as arguments, and back.

use crate::tools::shell::{order, view::View};
use std::{ffi::OsString, iter, path::PathBuf};

/// The first argument of the program when it is to be the helper.
pub const WORD: &str = "__shell";

/// How the helper goes about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The shell in a session of its own, no view.
    #[default]
    Plain,
    /// Makes namespaces and starts `Inside` in them.
    Namespaces,
    /// The first process of the namespaces: makes the view, and the shell on it.
    Inside,
    /// Has `bwrap` make the view and start `Within` on it.
    Bwrap,
    /// Inside of `bwrap`: nothing but the shell.
    Within,
    /// The shell under the profile of `sandbox-exec`.
    Sandbox,
    /// Tries whether `Namespaces` would work.
    Probe,
    /// The first process of the namespaces that are tried.
    ProbeInside,
    /// Gives the namespaces of another process (in `folder`) every user's number, which only a privileged one outside of them can.
    Map,
}

const MODES: [(&str, Mode); 9] = [
    ("plain", Mode::Plain),
    ("namespaces", Mode::Namespaces),
    ("inside", Mode::Inside),
    ("bwrap", Mode::Bwrap),
    ("within", Mode::Within),
    ("sandbox", Mode::Sandbox),
    ("probe", Mode::Probe),
    ("probe-inside", Mode::ProbeInside),
    ("map", Mode::Map),
];

/// What is run.
#[derive(Clone, Debug)]
pub(crate) enum Runs {
    /// A text for a shell, which reports its folder into a file at the end.
    Line { shell: PathBuf, command: String, report: Option<PathBuf> },
    /// A program with its arguments.
    Program { path: PathBuf, arguments: Vec<OsString> },
}

impl Default for Runs {
    fn default() -> Self {
        Self::Program { path: PathBuf::new(), arguments: vec![] }
    }
}

impl Runs {
    /// The program that takes this process's place, and its arguments; a shell closes those descriptors first.
    pub fn words(&self, mut close: Vec<u32>) -> Vec<OsString> {
        let is_bash = matches!(self, Self::Line { shell, .. } if shell.ends_with("bash"));
        if !is_bash {
            // others read one digit only
            close.retain(|number| *number < 10);
        }
        match self {
            Self::Line { shell, command, report } => {
                let words = order::words(shell, command, report.as_deref(), &close);
                iter::once(shell.into()).chain(words).collect()
            }
            Self::Program { path, arguments } => {
                let text = format!("{}exec \"$0\" \"$@\"", order::closing(&close));
                let before = ["/bin/sh".into(), "-c".into(), text.into()].into_iter().filter(|_| !close.is_empty());
                before.chain([path.into()]).chain(arguments.iter().cloned()).collect()
            }
        }
    }
}

/// A task for the helper.
#[derive(Clone, Debug, Default)]
pub(crate) struct Task {
    pub mode: Mode,
    pub runs: Runs,
    pub folder: PathBuf,
    /// Whether it reads what we are given to read.
    pub input: bool,
    /// Whether its second output is apart from the first: then its descriptor is the first thing on the socket.
    pub errors: bool,
    pub view: Option<View>,
    pub bwrap: PathBuf,
    /// How many threads the user may have.
    pub threads: Option<u64>,
}

impl Task {
    /// As arguments, with the mode as the first.
    pub fn to_arguments(&self) -> Vec<OsString> {
        let mode = MODES.iter().find(|(_, mode)| *mode == self.mode).map_or("plain", |(name, _)| name);
        let mut all: Vec<OsString> = vec![mode.into()];
        let mut add = |name: &str, value: OsString| all.extend([name.into(), value]);
        add("folder", self.folder.clone().into());
        add("bwrap", self.bwrap.clone().into());
        let word = |yes: bool| if yes { "yes" } else { "no" }.into();
        add("input", word(self.input));
        add("errors", word(self.errors));
        match &self.runs {
            Runs::Line { shell, command, report } => {
                add("shell", shell.into());
                add("command", command.into());
                report.iter().for_each(|report| add("report", report.into()));
            }
            Runs::Program { path, arguments } => {
                add("program", path.into());
                arguments.iter().for_each(|argument| add("argument", argument.clone()));
            }
        }
        if let Some(threads) = self.threads {
            add("threads", threads.to_string().into());
        }
        if let Some(view) = &self.view {
            add("data", view.folder.clone().into());
            view.hidden.iter().for_each(|pattern| add("hidden", pattern.into()));
            view.also.iter().for_each(|path| add("also", path.into()));
        }
        all
    }

    /// From arguments; `None` when they are not ours.
    pub fn from_arguments(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let mode = arguments.next()?;
        let mode = MODES.iter().find(|(name, _)| mode == *name)?.1;
        let mut task = Self { mode, ..Self::default() };
        while let Some(name) = arguments.next() {
            let value = arguments.next()?;
            let view = |task: &mut Self| task.view.take().unwrap_or_default();
            match name.to_str()? {
                "shell" => task.runs = Runs::Line { shell: value.into(), command: String::new(), report: None },
                "program" => task.runs = Runs::Program { path: value.into(), arguments: vec![] },
                "folder" => task.folder = value.into(),
                "bwrap" => task.bwrap = value.into(),
                "input" => task.input = value == "yes",
                "errors" => task.errors = value == "yes",
                word @ ("command" | "report" | "argument") => match (&mut task.runs, word) {
                    (Runs::Line { command, .. }, "command") => *command = value.into_string().ok()?,
                    (Runs::Line { report, .. }, "report") => *report = Some(value.into()),
                    (Runs::Program { arguments, .. }, "argument") => arguments.push(value),
                    _ => return None,
                },
                "threads" => task.threads = value.to_str()?.parse().ok(),
                "data" => task.view = Some(View { folder: value.into(), ..view(&mut task) }),
                "hidden" => {
                    let mut changed = view(&mut task);
                    changed.hidden.push(value.into_string().ok()?);
                    task.view = Some(changed);
                }
                "also" => {
                    let mut changed = view(&mut task);
                    changed.also.push(value.into());
                    task.view = Some(changed);
                }
                _ => return None,
            }
        }
        Some(task)
    }
}
