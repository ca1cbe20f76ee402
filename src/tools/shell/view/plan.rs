//! The plan of a view: which folders are built anew, what of the old ones is shown in them, and what is covered elsewhere.

use super::{
    View,
    globs::{fits, parts},
    mountinfo::{Mount, Place, elsewhere},
};
use std::{
    collections::HashSet,
    fs,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
};

/// The kernel has a limit for mounts, and each of these takes time.
const MOST: usize = 20_000;

/// One step. Paths within the data folder are relative to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A new folder with these permissions.
    Folder(PathBuf, u32),
    /// A link that leads where the old one does.
    Link(PathBuf, PathBuf),
    /// A folder of the old one, with everything in it.
    Show(PathBuf),
    /// Another entry of the old one: a file, a socket.
    ShowFile(PathBuf),
}

/// A plan.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The real path of the data folder.
    pub folder: PathBuf,
    /// How to fill its new self.
    pub steps: Vec<Step>,
    /// Folders elsewhere that become empty.
    pub void: Vec<PathBuf>,
    /// Files elsewhere that become empty.
    pub empty: Vec<PathBuf>,
}

/// Makes the plan, or says why there is none.
pub(crate) fn plan(view: &View, mounts: &[Mount]) -> Result<Plan, String> {
    let folder = fs::canonicalize(&view.folder).map_err(|error| format!("The data folder {}: {error}.", view.folder.display()))?;
    if folder.parent().is_none() {
        return Err("The data folder is the root of the disk.".into());
    }
    let mut plan = Plan { folder, ..Plan::default() };
    // what of `also` lies in the data folder is hidden there
    let also: Vec<PathBuf> = view.also.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let (inside, outside): (Vec<_>, Vec<_>) = also.into_iter().partition(|path| path.starts_with(&plan.folder));
    let mut patterns = parts(&view.hidden);
    let inside: Vec<&Path> = inside.iter().filter_map(|path| path.strip_prefix(&plan.folder).ok()).collect();
    patterns.extend(inside.iter().filter_map(|path| path.iter().map(|part| part.to_str()).collect()));
    let mut linked = HashSet::new();
    plan.fill(Path::new(""), &patterns, &mut linked)?;
    for place in elsewhere(mounts, &plan.folder) {
        match place {
            Place::Same(path) => plan.void.push(path),
            Place::Part(point, part) if concerns(&patterns, &part) => plan.cover(point),
            Place::Part(..) => {}
        }
    }
    for path in outside {
        for place in elsewhere(mounts, &path) {
            match place {
                Place::Same(path) | Place::Part(path, _) => plan.cover(path),
            }
        }
        plan.cover(path);
    }
    let proc = mounts.iter().filter(|mount| mount.kind == "proc" && !mount.point.starts_with("/proc"));
    plan.void.extend(proc.map(|mount| mount.point.clone()));
    if rustix::process::getuid().is_root() {
        plan.empty.extend(disks());
    }
    Ok(plan)
}

impl Plan {
    fn cover(&mut self, path: PathBuf) {
        match path.is_dir() {
            true => self.void.push(path),
            false => self.empty.push(path),
        }
    }

    /// Fills one folder. `linked` are hidden files with further names.
    fn fill(&mut self, inside: &Path, patterns: &[Vec<&str>], linked: &mut HashSet<(u64, u64)>) -> Result<(), String> {
        let folder = self.folder.join(inside);
        let wrong = |error: std::io::Error| format!("The folder {}: {error}.", folder.display());
        let mut shown = Vec::new();
        for entry in fs::read_dir(&folder).map_err(wrong)? {
            let entry = entry.map_err(wrong)?;
            let meta = entry.metadata().map_err(wrong)?;
            let name = entry.file_name();
            let fit = |pattern: &&Vec<&str>| pattern.first().is_some_and(|first| fits(first, &name.to_string_lossy()));
            let fitting: Vec<&Vec<&str>> = patterns.iter().filter(fit).collect();
            if fitting.iter().any(|pattern| pattern.len() == 1) {
                if meta.nlink() > 1 && !meta.is_dir() {
                    linked.insert((meta.dev(), meta.ino()));
                }
                continue;
            }
            let deeper: Vec<Vec<&str>> = fitting.iter().filter_map(|pattern| pattern.get(1..)).map(<[&str]>::to_vec).collect();
            shown.push((inside.join(&name), meta, deeper));
        }
        for (path, meta, deeper) in shown {
            if self.steps.len() > MOST {
                return Err(format!("The data folder {} has too many entries.", self.folder.display()));
            }
            if meta.is_symlink() {
                let target = fs::read_link(self.folder.join(&path)).map_err(wrong)?;
                self.steps.push(Step::Link(path, target));
            } else if meta.is_dir() && deeper.is_empty() {
                self.steps.push(Step::Show(path));
            } else if meta.is_dir() {
                self.steps.push(Step::Folder(path.clone(), meta.mode() & 0o777));
                self.fill(&path, &deeper, linked)?;
            } else if !linked.contains(&(meta.dev(), meta.ino())) {
                self.steps.push(Step::ShowFile(path));
            }
        }
        Ok(())
    }
}

/// Whether something hidden is at this path, above it or below it.
fn concerns(patterns: &[Vec<&str>], path: &Path) -> bool {
    let fit = |pattern: &Vec<&str>| path.iter().zip(pattern).all(|(name, part)| fits(part, &name.to_string_lossy()));
    patterns.iter().any(fit)
}

/// The disks that root could read the files from without asking the file system.
fn disks() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("/dev")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_block_device() => found.push(entry.path()),
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}
