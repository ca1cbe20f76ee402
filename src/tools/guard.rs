//! The files that no tool may read or write: this program's credentials, the variables, its own stores. A path is judged by where it
//! leads to; a file that is open by what it is: then no link, no other name and no other mount of it matters.

use crate::settings::paths::Paths;
use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::{self, File, Metadata},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Names in the home that begin like this are secret: the files, their copies, and what is written before it takes their place.
const SECRET_NAMES: &[&str] = &["auth.json", "auth.lock", ".env", ".auth", "auth."];
/// Folders in the home that are: our own stores, and what was said in other conversations.
const SECRET_FOLDERS: &[&str] = &["hermes-tui"];
/// The simulator's home, in a home.
const SIMULATOR: &str = "sandbox";
/// The conversations of all programs: they are searched with a tool of their own, and written by none.
const STORES: &str = "state.db";

/// What the secrets are is looked up again after so long: a search asks for thousands of files.
const FRESH: Duration = Duration::from_millis(100);

/// Knows what is secret.
#[derive(Debug)]
pub struct Guard {
    /// The homes as they are named, and as they really are: the one in use, and the person's usual one.
    homes: Vec<PathBuf>,
    /// The secret files by what they are (device and number), and when that was looked up.
    known: Mutex<Option<(Instant, HashSet<Identity>)>>,
}

/// Device and number of a file.
type Identity = (u64, u64);

impl Guard {
    /// A guard over the secrets of these paths.
    pub fn new(paths: &Paths, person: Option<&Path>) -> Self {
        let usual = person.map(|person| person.join(".hermes"));
        let mut homes: Vec<PathBuf> = vec![];
        for home in [Some(paths.home.clone()), usual].into_iter().flatten() {
            for home in [home.join(SIMULATOR), home] {
                let real = fs::canonicalize(&home).ok();
                homes.extend(real.into_iter().chain([home]));
            }
        }
        homes.sort();
        homes.dedup();
        Self { homes, known: Mutex::default() }
    }

    /// Refuses a path that leads to a secret, or is inside a folder of secrets. It need not exist; where it does it has to be resolved.
    pub fn path(&self, path: &Path) -> Result<(), String> {
        let mut inside = self.homes.iter().filter_map(|home| path.strip_prefix(home).ok()?.components().next());
        let is_kept = inside.any(|first| is_secret(first.as_os_str())) || fs::metadata(path).is_ok_and(|meta| self.is(&meta));
        if is_kept { Err(refusal(path)) } else { Ok(()) }
    }

    /// Refuses an open file that is a secret, under whatever name it was opened.
    pub fn file(&self, file: &File) -> Result<(), String> {
        match file.metadata() {
            Ok(meta) if self.is(&meta) => Err(refusal(Path::new("this file"))),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("The file can't be looked at: {error}.")),
        }
    }

    /// The secrets that are there now outside of the home at `home`.
    pub fn elsewhere(&self, home: &Path) -> Vec<PathBuf> {
        self.secrets().filter(|path| path.parent() != Some(home)).collect()
    }

    /// The secrets there are now, on the first level of each home.
    fn secrets(&self) -> impl Iterator<Item = PathBuf> {
        let entries = self.homes.iter().filter_map(|home| fs::read_dir(home).ok()).flatten().flatten();
        entries.filter(|entry| is_secret(&entry.file_name())).map(|entry| entry.path())
    }

    fn is(&self, meta: &Metadata) -> bool {
        let Some(wanted) = identity(meta) else { return false };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = known.take().filter(|(at, _)| at.elapsed() < FRESH);
        let (_, secrets) = known.insert(fresh.unwrap_or_else(|| {
            let files = self.secrets().flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] });
            let secrets = files.filter_map(|path| identity(&fs::metadata(path).ok()?));
            (Instant::now(), secrets.collect())
        }));
        secrets.contains(&wanted)
    }
}

#[cfg(unix)]
fn identity(meta: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((meta.dev(), meta.ino()))
}

/// Where the system tells no such thing the path decides alone.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<Identity> {
    None
}

/// Files of a folder of ours, which is small and not deep.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => found.push(entry.path()),
            }
        }
        if found.len() > 2_000 {
            break;
        }
    }
    found
}

fn is_secret(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    SECRET_NAMES.iter().any(|secret| name.starts_with(secret)) || SECRET_FOLDERS.contains(&name.as_str()) || name.starts_with(STORES)
}

fn refusal(path: &Path) -> String {
    format!("{} holds secrets of this program: no tool can read or write it. Don't try in another way.", path.display())
}

/// Patterns of what a view of the disk without secrets leaves out of the home.
pub fn hidden() -> Vec<String> {
    let names = SECRET_NAMES.iter().map(|name| format!("{name}*"));
    names.chain(SECRET_FOLDERS.iter().map(|name| (*name).to_string())).chain([format!("{STORES}*")]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_place_and_by_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir_all(home.join("hermes-tui/drafts")).unwrap();
        fs::create_dir_all(home.join("skills")).unwrap();
        for name in ["auth.json", ".env", "hermes-tui/drafts/1", "config.yaml", "skills/auth.json.md"] {
            fs::write(home.join(name), "x").unwrap();
        }
        let guard = Guard::new(&Paths { home: home.clone(), folder: folder.path().into() }, None);
        for name in ["auth.json", ".env", "auth.json.tmp", ".env.new", "hermes-tui/x", "hermes-tui", "AUTH.JSON", "state.db-wal"] {
            assert!(guard.path(&home.join(name)).is_err(), "{name}");
        }
        for name in ["config.yaml", "skills/auth.json.md", "skills/auth.json", "memories/MEMORY.md", ""] {
            assert!(guard.path(&home.join(name)).is_ok(), "{name}");
        }
        #[cfg(unix)]
        {
            let (link, hard) = (folder.path().join("link"), folder.path().join("hard"));
            std::os::unix::fs::symlink(home.join("auth.json"), &link).unwrap();
            fs::hard_link(home.join("hermes-tui/drafts/1"), &hard).unwrap();
            assert!(guard.path(&link).is_err() && guard.file(&File::open(&link).unwrap()).is_err());
            assert!(guard.path(&hard).is_err() && guard.file(&File::open(&hard).unwrap()).is_err());
        }
        assert!(guard.file(&File::open(home.join("config.yaml")).unwrap()).is_ok());
    }
}
