//! What is asked for and what comes back: an order for one command, how it ended, and the text that the shell is given.

use crate::{services::secrets::Secrets, tools::shell::view::View};
use std::{
    ffi::{OsStr, OsString},
    fmt::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// The longest command: one argument of a program holds no more than 128 KiB.
const LONGEST: usize = 120 * 1024;

/// One command to run.
#[derive(Clone)]
pub struct Order {
    /// The text for the shell.
    pub command: String,
    /// Where it starts.
    pub folder: PathBuf,
    /// How long it may take; a background process has no limit.
    pub timeout: Duration,
    /// What it runs in.
    pub setting: Setting,
    /// The file for the complete output, made only when the output exceeds what is kept (always for a background process).
    pub whole: PathBuf,
    /// What must not be in its output.
    pub secrets: Arc<Secrets>,
}

/// What a command, or another program, is run in.
#[derive(Clone, Default)]
pub struct Setting {
    /// The complete environment: the child gets exactly these.
    pub environment: Vec<(OsString, OsString)>,
    /// This program, which starts itself as the helper; `None` runs the child plainly, in its own process group.
    pub program: Option<PathBuf>,
    /// What the child must not see.
    pub view: Option<View>,
}

impl Setting {
    /// Where a program is on this environment's PATH.
    pub(crate) fn on_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.environment.iter().rev().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_os_str());
        on_path(name, path.unwrap_or("/usr/local/bin:/usr/bin:/bin".as_ref()))
    }
}

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its output: the beginning and the end, with a line between that says what was left out.
    pub output: String,
    /// Its exit status, 124 after a time-out; none when a signal ended the shell.
    pub exit: Option<i32>,
    /// The signal that ended the shell.
    pub signal: Option<i32>,
    /// Whether the time was over.
    pub timed_out: bool,
    /// The shell's folder at its end, for the next call; the one before when it is not known.
    pub folder: PathBuf,
    /// The file with the complete output, when one was made.
    pub whole: Option<PathBuf>,
    /// How much it wrote.
    pub bytes: u64,
}

impl Order {
    /// Why this order cannot be carried out, if so.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !self.folder.is_dir() {
            return Err(format!("The folder {} does not exist (any more).", self.folder.display()));
        }
        if self.command.contains('\0') {
            return Err("The command contains a zero byte.".into());
        }
        if self.command.len() > LONGEST {
            return Err("The command is too long (120 KiB is the limit): write it to a file and run that.".into());
        }
        Ok(())
    }

    /// `bash` if it is on the order's PATH, else `sh`.
    pub(crate) fn shell(&self) -> PathBuf {
        ["bash", "sh"].iter().find_map(|name| self.setting.on_path(name)).unwrap_or_else(|| "/bin/sh".into())
    }
}

/// Where a program is on a PATH. Relative entries are passed over: what they mean depends on the folder.
pub(crate) fn on_path(name: &str, path: &OsStr) -> Option<PathBuf> {
    let runs = |file: &PathBuf| file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0);
    std::env::split_paths(path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).find(runs)
}

/// The arguments for the shell: ours around the command, which reports the folder at the end. The command is evaluated as one word, so that
/// nothing in it (a comment at its end, an open quotation, a heredoc, a backslash) reaches the lines around it. The trap covers `exit` and
/// `set -e`, the last line a command with a trap of its own. `exec` and a signal leave the folder unknown. `close` are descriptors that
/// we inherited from whoever started us and that are nothing for a command.
pub(crate) fn words(shell: &Path, command: &str, report: Option<&Path>, close: &[u32]) -> [OsString; 4] {
    let mut text = closing(close);
    // two line ends: a backslash as the last character joins its line with the next, which must not be ours
    let eval = "eval 'shift\n'\"$1\"'\n\n'";
    match report.and_then(Path::to_str) {
        None => text.push_str(eval),
        Some(report) => {
            // `>|`: the command may have set noclobber; `set +x`: it may have asked to be shown every step, but not ours
            let report = format!("command pwd -P 2>/dev/null >|{}", shell_words::quote(report));
            let trap = shell_words::quote(&format!("{{ set +x; }} 2>/dev/null; {report}")).into_owned();
            let _ = write!(text, "trap {trap} EXIT\n{eval}\n{{ set -- \"$?\"; set +ex; }} 2>/dev/null; {report}; exit \"$1\"");
        }
    }
    ["-c".into(), text.into(), shell.into(), command.into()]
}

/// Shell words that close descriptors.
pub(crate) fn closing(descriptors: &[u32]) -> String {
    descriptors.iter().fold(String::new(), |mut text, number| {
        let _ = write!(text, "exec {number}>&-; ");
        text
    })
}
