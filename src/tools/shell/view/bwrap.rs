//! The plan of a view as arguments for `bwrap`, for systems that let this program make namespaces and not us.

use super::plan::{Plan, Step};
use std::ffi::OsString;

/// What every call has: everything as it is, but processes and capabilities of its own, and an end with us.
const ALWAYS: [&str; 10] =
    ["--dev-bind", "/", "/", "--unshare-user-try", "--unshare-pid", "--die-with-parent", "--cap-drop", "ALL", "--proc", "/proc"];

/// The arguments before `--`.
pub(crate) fn words(plan: &Plan) -> Vec<OsString> {
    let folder = &plan.folder;
    let mut all: Vec<OsString> = ALWAYS.map(Into::into).into();
    let mut add = |words: &[OsString]| all.extend_from_slice(words);
    add(&["--perms".into(), "0700".into(), "--tmpfs".into(), folder.into()]);
    for step in &plan.steps {
        match step {
            Step::Folder(path, mode) => {
                add(&["--perms".into(), format!("{mode:04o}").into(), "--dir".into(), folder.join(path).into()]);
            }
            Step::Link(path, target) => add(&["--symlink".into(), target.into(), folder.join(path).into()]),
            Step::Show(path) | Step::ShowFile(path) => {
                add(&["--bind-try".into(), folder.join(path).into(), folder.join(path).into()]);
            }
        }
    }
    for path in plan.empty.iter().filter(|path| std::fs::symlink_metadata(path).is_ok()) {
        add(&["--ro-bind".into(), "/dev/null".into(), path.into()]);
    }
    add(&["--remount-ro".into(), folder.into()]);
    for path in plan.void.iter().filter(|path| path.is_dir()) {
        add(&["--tmpfs".into(), path.into(), "--remount-ro".into(), path.into()]);
    }
    all
}

/// A call that shows whether it works.
pub(crate) fn trial() -> Vec<OsString> {
    let mut all: Vec<OsString> = ALWAYS.map(Into::into).into();
    all.extend(["--tmpfs", "/tmp", "--remount-ro", "/tmp", "--", "/bin/sh", "-c", "exit 0"].map(Into::into));
    all
}
