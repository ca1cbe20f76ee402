//! The program as its own helper: what has to be done in a process before a shell takes its place, without code that is unsafe. It must be
//! called first in `main`, while there is one thread.

use crate::tools::shell::{
    supervise::{apart, fail, limit, supervise, thread_limit},
    task::{Mode, Task},
};
use std::{ffi::OsString, process::ExitCode};

/// Does what the arguments after `WORD` say.
pub fn helper(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(task) = Task::from_arguments(arguments) else {
        return fail("The helper was given arguments that it doesn't know.");
    };
    match task.mode {
        Mode::Plain => plain(&task, &[]),
        Mode::Within => {
            limit(task.threads);
            supervise(&task, &[], true)
        }
        #[cfg(target_os = "linux")]
        _ => crate::tools::shell::view::enter::helper(task),
        #[cfg(not(target_os = "linux"))]
        Mode::Sandbox => match &task.view {
            Some(view) => plain(&task, &crate::tools::shell::view::sandbox::words(view)),
            None => fail("There is no view to make."),
        },
        #[cfg(not(target_os = "linux"))]
        _ => fail("This system has no namespaces."),
    }
}

/// A session of its own, with the shell in it.
fn plain(task: &Task, before: &[OsString]) -> ExitCode {
    apart();
    limit(thread_limit());
    supervise(task, before, false)
}
