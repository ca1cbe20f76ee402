//! Carrying out the plan of a view with mounts of our own.

use super::plan::{Plan, Step};
use rustix::{
    fs::{Mode, OFlags, open},
    mount::{MountFlags, mount, mount_bind_recursive, mount_remount},
};
use std::{
    fs,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::fs::{DirBuilderExt, OpenOptionsExt, symlink},
    },
    path::{Path, PathBuf},
};

/// What every mount of ours forbids.
const TAME: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// Why something could not be mounted.
fn wrong<E: std::fmt::Display>(what: &Path) -> impl Fn(E) -> String {
    let what = what.display().to_string();
    move |error| format!("{what} can't be covered: {error}.")
}

/// A path that leads to what a descriptor holds, also when something is mounted over it.
fn held(file: &OwnedFd) -> PathBuf {
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

fn hold(path: &Path) -> rustix::io::Result<OwnedFd> {
    open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
}

/// Carries out the plan. What was there before is reachable only through descriptors that are gone when this returns.
pub(crate) fn make(plan: &Plan) -> Result<(), String> {
    let folder = &plan.folder;
    let old = hold(folder).map_err(wrong(folder))?;
    // below the new folder, and covered by it: an empty file that stands for others
    tmpfs(folder, TAME)?;
    let empty = folder.join("empty");
    fs::OpenOptions::new().write(true).create_new(true).mode(0o444).open(&empty).map_err(wrong(folder))?;
    let empty = hold(&empty).map_err(wrong(folder))?;
    tmpfs(folder, TAME)?;
    for step in &plan.steps {
        show(folder, &old, step)?;
    }
    for path in &plan.empty {
        if fs::symlink_metadata(path).is_err() {
            continue;
        }
        mount_bind_recursive(held(&empty), path).map_err(wrong(path))?;
        mount_remount(path, MountFlags::BIND | MountFlags::RDONLY | TAME, c"").map_err(wrong(path))?;
    }
    // better an error than a new file that is gone with the command
    mount_remount(folder, MountFlags::BIND | MountFlags::RDONLY | TAME, c"").map_err(wrong(folder))?;
    for path in &plan.void {
        if path.is_dir() {
            tmpfs(path, TAME | MountFlags::RDONLY)?;
        }
    }
    Ok(())
}

fn tmpfs(at: &Path, flags: MountFlags) -> Result<(), String> {
    mount("tmpfs", at, "tmpfs", flags, c"mode=0700").map_err(wrong(at))
}

fn show(folder: &Path, old: &OwnedFd, step: &Step) -> Result<(), String> {
    let bind = |path: &Path, at: &Path| match mount_bind_recursive(held(old).join(path), at) {
        Err(rustix::io::Errno::NOENT) => Ok(()), // gone since the plan was made
        other => other.map_err(wrong(at)),
    };
    match step {
        Step::Folder(path, mode) => {
            let at = folder.join(path);
            fs::DirBuilder::new().mode(*mode).create(&at).map_err(wrong(&at))
        }
        Step::Link(path, target) => symlink(target, folder.join(path)).map_err(wrong(&folder.join(path))),
        Step::Show(path) => {
            let at = folder.join(path);
            fs::create_dir(&at).map_err(wrong(&at))?;
            bind(path, &at)
        }
        Step::ShowFile(path) => {
            let at = folder.join(path);
            fs::File::create_new(&at).map_err(wrong(&at))?;
            bind(path, &at)
        }
    }
}

/// What root may write without any capability and what the kernel then acts on outside of the namespaces, such as the program that takes in
/// core files.
pub(crate) fn tame_root() -> Result<(), String> {
    let flags = MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOEXEC | TAME;
    mount_bind_recursive("/proc/sys", "/proc/sys").map_err(wrong(Path::new("/proc/sys")))?;
    for path in ["/proc/sys", "/sys"].map(Path::new) {
        match mount_remount(path, flags, c"") {
            // no mount of its own, so nothing of the kernel's
            Err(rustix::io::Errno::INVAL) if path == Path::new("/sys") => {}
            other => other.map_err(wrong(path))?,
        }
    }
    Ok(())
}

/// The processes of the new namespace, in the place of everybody's.
pub(crate) fn processes() -> Result<(), String> {
    mount("proc", "/proc", "proc", TAME | MountFlags::NOEXEC, c"").map_err(|error| format!("/proc can't be mounted: {error}."))
}

/// Tries whether a folder can be covered; the one that is covered for it is of no use to the helper any more.
pub(crate) fn try_out() -> Result<(), String> {
    let folder = std::env::temp_dir();
    tmpfs(&folder, TAME)?;
    let old = hold(Path::new("/")).map_err(wrong(&folder))?;
    show(&folder, &old, &Step::Show("proc".into()))?;
    mount_remount(&folder, MountFlags::BIND | MountFlags::RDONLY | TAME, c"").map_err(wrong(&folder))
}
