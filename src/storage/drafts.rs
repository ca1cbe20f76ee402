//! What was typed and not sent, on disk until it is. One file for each pane of a running program, named after its working folder; a
//! lock beside it says that the pane lives. The draft of one that is gone is taken over by the next one there.
//!
//! As long as words are added, a file holds the draft again and again, each time in a line of its own; the last whole line counts. A
//! line that was cut off, by a kill or a full disk, costs nothing but itself.

use crate::{
    domain::pane::Draft,
    files::{atomic, read},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// A file that would get longer than this many bytes is begun anew.
const LONG: usize = 64 << 10;

/// Names that are tried.
const NAMES: usize = 16;
/// A lock without a draft that is older was left by a program that was killed.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// The journal of one pane.
pub struct Drafts {
    /// How the files of this folder begin.
    prefix: String,
    /// How its files begin.
    name: PathBuf,
    file: PathBuf,
    lock_path: PathBuf,
    /// Held as long as the program lives; none where the disk refused it.
    lock: Option<File>,
    /// Whether the file exists now.
    written: bool,
    /// What is in it, as long as we have written all of it and nothing went wrong: its bytes, and the newest draft.
    kept: Option<(usize, Draft)>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    text: String,
    #[serde(default)]
    pastes: Vec<String>,
}

impl Drafts {
    /// A journal in `drafts` for the first pane of a program that works in `folder`, and the draft that an earlier one left there.
    /// Writes nothing unless a draft is taken over.
    pub fn open(drafts: &Path, folder: &Path, process: u32) -> (Self, Option<Draft>) {
        let prefix = format!("{:016x}", fingerprint(folder));
        let name = drafts.join(format!("{prefix}-{process}"));
        let mut journal = Self { prefix, file: name.clone(), lock_path: name.clone(), name, lock: None, written: false, kept: None };
        let left = journal.take_over();
        (journal, left)
    }

    /// A journal for another pane of the same program.
    pub fn another(&self) -> Self {
        let name = self.name.clone();
        Self { prefix: self.prefix.clone(), file: name.clone(), lock_path: name.clone(), name, lock: None, written: false, kept: None }
    }

    /// Writes the draft down. An empty one removes the file.
    pub fn save(&mut self, draft: &Draft) -> io::Result<()> {
        if draft.is_empty() {
            return self.wipe();
        }
        self.take_lock()?;
        let stored = Stored { text: draft.text.clone(), pastes: draft.pastes.iter().map(|p| p.to_string()).collect() };
        let line = serde_json::to_string(&stored)? + "\n";
        // what was taken back, a key that went into the wrong window, does not stay in the file
        let goes_on = |before: &Draft| draft.text.starts_with(&before.text) && draft.pastes.starts_with(&before.pastes);
        let longer = self.kept.take().filter(|(_, before)| goes_on(before)).map(|(size, _)| size + line.len());
        let size = match longer.filter(|size| *size <= LONG) {
            Some(size) if append(&self.file, line.as_bytes()).is_ok() => size,
            _ => {
                atomic::replace(&self.file, line.as_bytes())?;
                line.len()
            }
        };
        self.kept = Some((size, draft.clone()));
        self.written = true;
        Ok(())
    }

    /// The draft was sent: nothing of it stays.
    pub fn wipe(&mut self) -> io::Result<()> {
        if !self.written {
            return Ok(());
        }
        (self.written, self.kept) = (false, None);
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn take_lock(&mut self) -> io::Result<()> {
        if self.lock.is_some() {
            return Ok(());
        }
        if let Some(folder) = self.name.parent() {
            atomic::private_folder(folder)?;
            sweep(folder);
        }
        for _ in 0..NAMES {
            // two containers that share a home may both be process 1
            let mut name = self.name.clone().into_os_string();
            name.push(format!("-{:06x}.json", fastrand::u32(..0x100_0000)));
            self.file = name.into();
            self.lock_path = self.file.with_extension("lock");
            let lock = match File::create_new(&self.lock_path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                lock => lock?,
            };
            // a file system without locks: the draft is kept all the same
            let _ = lock.try_lock();
            self.lock = Some(lock);
            return Ok(());
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// The newest draft of panes that are gone becomes ours; the others stay for the next one. Nothing while we have one.
    pub fn take_over(&mut self) -> Option<Draft> {
        if self.written {
            return None;
        }
        let mut left: Vec<(std::time::SystemTime, PathBuf)> = fs::read_dir(self.name.parent()?)
            .ok()?
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().starts_with(&self.prefix) && e.path().extension().is_some_and(|x| x == "json"))
            .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
            .collect();
        left.sort();
        for (_, path) in left.into_iter().rev() {
            let lock_path = path.with_extension("lock");
            let lock = File::options().write(true).create(true).truncate(false).open(&lock_path).ok();
            if lock.as_ref().is_some_and(|l| l.try_lock().is_err()) {
                continue;
            }
            let stored = read::end(&path, read::LARGEST).ok().and_then(|bytes| last(&bytes));
            let Some(stored) = stored.filter(|s| !s.text.is_empty()) else { continue };
            // ours from here on, under our own name
            if self.take_lock().is_err() || fs::rename(&path, &self.file).is_err() {
                continue;
            }
            let _ = fs::remove_file(lock_path);
            (self.written, self.kept) = (true, None);
            return Some(Draft { text: stored.text, pastes: stored.pastes.into_iter().map(Into::into).collect() });
        }
        None
    }
}

impl Drop for Drafts {
    fn drop(&mut self) {
        if self.lock.is_some() && !self.written {
            let _ = fs::remove_file(&self.lock_path);
        }
    }
}

/// Adds a line to a file that is there; nobody has taken it away, and nobody has put something else there.
fn append(file: &Path, line: &[u8]) -> io::Result<()> {
    File::options().append(true).open(file)?.write_all(line)
}

/// The last draft that a file holds in whole.
fn last(bytes: &[u8]) -> Option<Stored> {
    bytes.rsplit(|b| *b == b'\n').find_map(|line| serde_json::from_slice(line).ok())
}

/// Removes the locks of programs that were killed, as far as nobody holds them and no draft is beside them.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let age = entry.metadata().and_then(|m| m.modified()).ok().and_then(|at| at.elapsed().ok());
        if path.extension().is_some_and(|e| e == "lock") && age.is_some_and(|age| age > STALE) && !path.with_extension("json").exists() {
            let unheld = File::open(&path).is_ok_and(|lock| lock.try_lock().is_ok());
            if unheld {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// FNV-1a of a path: stable from run to run and from version to version.
fn fingerprint(path: &Path) -> u64 {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> Draft {
        Draft { text: text.into(), pastes: vec!["long".into()] }
    }

    #[test]
    fn a_draft_is_taken_over_when_its_program_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let (mut first, left) = Drafts::open(home.path(), Path::new("/a"), 1);
        assert_eq!(left, None);
        first.save(&draft("one")).unwrap();
        let (_second, left) = Drafts::open(home.path(), Path::new("/a"), 2);
        assert_eq!(left, None, "the first program still lives");
        drop(first);
        assert_eq!(Drafts::open(home.path(), Path::new("/b"), 3).1, None, "another folder");
        let (mut third, left) = Drafts::open(home.path(), Path::new("/a"), 4);
        assert_eq!(left, Some(draft("one")));
        third.wipe().unwrap();
        drop(third);
        assert_eq!(Drafts::open(home.path(), Path::new("/a"), 5).1, None);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing is left behind");
    }

    #[test]
    fn locks_of_killed_programs_are_swept_and_those_of_living_ones_stay() {
        let home = tempfile::tempdir().unwrap();
        let old = |name: &str| {
            let file = File::create(home.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - STALE * 2).unwrap();
            file
        };
        let held = old("held.lock");
        held.lock().unwrap();
        drop((old("left.lock"), old("with.lock"), old("with.json")));
        File::create(home.path().join("new.lock")).unwrap();
        let (mut journal, _) = Drafts::open(home.path(), Path::new("/a"), 1);
        journal.save(&draft("one")).unwrap();
        let exists = |name: &str| home.path().join(name).exists();
        assert_eq!(["held.lock", "left.lock", "with.lock", "new.lock"].map(exists), [true, false, true, true]);
    }

    #[test]
    fn a_line_that_was_cut_off_costs_nothing_but_itself() {
        let home = tempfile::tempdir().unwrap();
        let open = || Drafts::open(home.path(), Path::new("/a"), 1);
        let (mut first, _) = open();
        first.save(&draft("one")).unwrap();
        first.save(&draft("one two")).unwrap();
        let file = first.file.clone();
        let written = fs::read_to_string(&file).unwrap();
        assert_eq!(written.lines().count(), 2, "the second was added to the first: {written}");
        let mut left = File::options().append(true).open(&file).unwrap();
        left.write_all(b"{\"text\":\"one two th").unwrap();
        drop(first);
        let (mut second, left) = open();
        assert_eq!(left, Some(draft("one two")));
        // what is not ours alone is not added to
        second.save(&draft("three")).unwrap();
        assert_eq!(fs::read_to_string(&second.file).unwrap().lines().count(), 1);
        // taken away by somebody: written again, not into nothing
        fs::remove_file(&second.file).unwrap();
        second.save(&draft("four")).unwrap();
        drop(second);
        assert_eq!(open().1, Some(draft("four")));
    }

    #[test]
    fn what_was_taken_back_is_not_in_the_file() {
        let home = tempfile::tempdir().unwrap();
        let (mut journal, _) = Drafts::open(home.path(), Path::new("/a"), 1);
        for text in ["see", "see sk-secret", "see ", "see you"] {
            journal.save(&draft(text)).unwrap();
        }
        let written = fs::read_to_string(&journal.file).unwrap();
        assert!(!written.contains("sk-secret") && written.lines().count() == 2, "{written}");
        journal.save(&Draft::new("see you")).unwrap();
        assert!(!fs::read_to_string(&journal.file).unwrap().contains("long"), "nor what was pasted");
    }

    #[test]
    fn a_file_of_drafts_stays_short() {
        let home = tempfile::tempdir().unwrap();
        let (mut journal, _) = Drafts::open(home.path(), Path::new("/a"), 1);
        for n in 0..100 {
            journal.save(&draft(&"x".repeat(LONG / 20 + n))).unwrap();
            assert!(fs::metadata(&journal.file).unwrap().len() <= LONG as u64);
        }
        let long = "x".repeat(LONG * 2);
        journal.save(&draft(&long)).unwrap();
        journal.save(&draft("short")).unwrap();
        assert_eq!(last(&fs::read(&journal.file).unwrap()).map(|stored| stored.text), Some("short".into()));
    }

    #[test]
    fn damaged_drafts_are_passed_over() {
        let home = tempfile::tempdir().unwrap();
        let name = format!("{:016x}-9.json", fingerprint(Path::new("/a")));
        fs::write(home.path().join(name), "{oops").unwrap();
        assert_eq!(Drafts::open(home.path(), Path::new("/a"), 1).1, None);
    }

    #[test]
    fn two_programs_with_one_process_number_keep_both_drafts() {
        let home = tempfile::tempdir().unwrap();
        let open = || Drafts::open(home.path(), Path::new("/a"), 1);
        let ((mut one, _), (mut two, _)) = (open(), open());
        one.save(&Draft::new("from one")).unwrap();
        two.save(&Draft::new("from two")).unwrap();
        one.save(&Draft::new("from one, still")).unwrap();
        assert_eq!(open().1, None, "both are alive");
        drop((one, two));
        let ((first, left), (second, other)) = (open(), open());
        let mut all = [left, other].map(|draft| draft.unwrap().text);
        all.sort();
        assert_eq!(all, ["from one, still", "from two"]);
        drop((first, second));
    }
}
