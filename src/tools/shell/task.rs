//! What the program hands to itself when it starts itself as the helper: one task as arguments, and back.

use crate::tools::shell::view::View;
use std::{ffi::OsString, path::PathBuf};

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

/// A task for the helper.
#[derive(Clone, Debug, Default)]
pub(crate) struct Task {
    pub mode: Mode,
    pub shell: PathBuf,
    pub command: String,
    pub folder: PathBuf,
    pub report: Option<PathBuf>,
    /// Whether the command reads what we are given to read.
    pub input: bool,
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
        add("shell", self.shell.clone().into());
        add("folder", self.folder.clone().into());
        add("bwrap", self.bwrap.clone().into());
        add("command", self.command.clone().into());
        add("input", if self.input { "yes" } else { "no" }.into());
        if let Some(report) = &self.report {
            add("report", report.clone().into());
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
                "shell" => task.shell = value.into(),
                "folder" => task.folder = value.into(),
                "bwrap" => task.bwrap = value.into(),
                "command" => task.command = value.into_string().ok()?,
                "input" => task.input = value == "yes",
                "report" => task.report = Some(value.into()),
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
