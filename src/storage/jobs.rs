//! Jobs on the disk: one file a job, replaced as a whole, and a lock beside it that whoever is at it holds. So any number of programs see
//! the same jobs, and one of them is at each.

use crate::{
    domain::job::{Job, JobId},
    files::{atomic, read},
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Jobs that are remembered; of those that are over the oldest are forgotten.
const MOST: usize = 200;
/// How often a lock is tried that is taken away under our hands.
const TRIES: usize = 3;
/// No job needs more.
const LARGEST: u64 = 16 << 20;
/// No part of what is made is larger.
const LARGEST_PART: u64 = 256 << 20;

/// The folder of the jobs.
#[derive(Debug, Clone)]
pub struct JobStore {
    folder: PathBuf,
}

/// The right to be at a job, as long as it is held.
#[derive(Debug)]
pub struct Claim {
    _lock: File,
}

impl JobStore {
    /// Jobs in that folder, which need not exist.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn file(&self, id: &JobId) -> PathBuf {
        // a name of ours is letters, digits and lines
        let plain: String = id.0.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
        self.folder.join(format!("{plain}.json"))
    }

    /// Writes a job down.
    pub fn save(&self, job: &Job) -> io::Result<()> {
        atomic::private_folder(&self.folder)?;
        // what was sent must not look unsent after a loss of power
        atomic::replace_durably(&self.file(&job.id), serde_json::to_string(job)?.as_bytes())
    }

    /// A job as it stands on the disk.
    pub fn read(&self, id: &JobId) -> Option<Job> {
        read_job(&self.file(id))
    }

    /// Takes the right to be at a job; nothing where another program has it, or the disk refuses it.
    pub fn claim(&self, id: &JobId) -> Option<Claim> {
        atomic::private_folder(&self.folder).ok()?;
        let path = self.file(id).with_extension("lock");
        for _ in 0..TRIES {
            let lock = File::options().write(true).create(true).truncate(false).open(&path).ok()?;
            // a file system without locks: better two programs at one job than none
            if matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)) {
                return None;
            }
            // whoever had it may have taken the file away between the two
            if is_at(&lock, &path) {
                return Some(Claim { _lock: lock });
            }
        }
        None
    }

    /// All jobs, the oldest first, and for each that is not over the right to be at it, where nobody else has it. Jobs that are over and
    /// too many are forgotten.
    pub fn all(&self) -> Vec<(Job, Option<Claim>)> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(|path| is_job(path)).collect();
        files.sort();
        let mut jobs: Vec<(Job, Option<Claim>)> = files.iter().filter_map(|path| read_job(path)).map(|job| (job, None)).collect();
        let mut spare = jobs.len().saturating_sub(MOST);
        jobs.retain(|(job, _)| {
            let goes = spare > 0 && job.is_over();
            if goes {
                spare -= 1;
                self.forget(&job.id);
            }
            !goes
        });
        for (job, claim) in jobs.iter_mut().filter(|(job, _)| !job.is_over()) {
            *claim = self.claim(&job.id);
            match claim {
                // it may have gone on between the two looks
                Some(_) => *job = self.read(&job.id).unwrap_or_else(|| job.clone()),
                None => job.elsewhere = true,
            }
        }
        jobs
    }

    fn part_file(&self, id: &JobId, number: usize) -> PathBuf {
        self.file(id).with_extension(format!("part{number}"))
    }

    /// Keeps a part of what a job makes: it was paid for, and need not be made again when a later one fails. `order` is what was sent for
    /// it.
    pub fn keep_part(&self, id: &JobId, number: usize, order: &str, bytes: &[u8]) -> io::Result<()> {
        atomic::private_folder(&self.folder)?;
        atomic::replace(&self.part_file(id, number), &[order.as_bytes(), b"\n", bytes].concat())
    }

    /// A part that is there already, if it came of the same order.
    pub fn part(&self, id: &JobId, number: usize, order: &str) -> Option<Vec<u8>> {
        let all = read::bytes(&self.part_file(id, number), LARGEST_PART).ok()?;
        all.strip_prefix(order.as_bytes())?.strip_prefix(b"\n").map(<[u8]>::to_vec)
    }

    /// Removes all parts.
    pub fn drop_parts(&self, id: &JobId) {
        (0..).take_while(|number| fs::remove_file(self.part_file(id, *number)).is_ok()).for_each(drop);
    }

    /// Removes the lock of a job that is over; for whoever holds it.
    pub fn unlock(&self, id: &JobId) {
        let _ = fs::remove_file(self.file(id).with_extension("lock"));
    }

    /// Removes a job; what it made stays. For whoever has the right to be at it.
    pub fn forget(&self, id: &JobId) {
        self.drop_parts(id);
        let file = self.file(id);
        for path in [file.clone(), file.with_extension("lock")] {
            // gone already is as good
            let _ = fs::remove_file(path);
        }
    }
}

/// Whether the file that is open is the one at the path.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let what = |meta: fs::Metadata| (meta.dev(), meta.ino());
        matches!((file.metadata().map(what), fs::metadata(path).map(what)), (Ok(one), Ok(other)) if one == other)
    }
    #[cfg(not(unix))]
    {
        file.metadata().is_ok() && path.exists()
    }
}

fn is_job(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "json")
}

fn read_job(path: &Path) -> Option<Job> {
    let bytes = read::bytes(path, LARGEST).ok()?;
    serde_json::from_slice(&bytes).inspect_err(|error| tracing::warn!("{} is no job: {error}", path.display())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::job::{SpeechWish, State, Wish};

    fn job(id: &str, state: State) -> Job {
        let wish = Wish::Speech(SpeechWish { text: "hello".into(), voice: "eve".into(), language: "en".into(), wav: false });
        Job { state, ..Job::new(JobId(id.into()), wish, "xai", 100) }
    }

    #[test]
    fn one_program_is_at_a_job() {
        let home = tempfile::tempdir().unwrap();
        let store = JobStore::new(home.path().join("jobs"));
        assert!(store.all().is_empty());
        store.save(&job("a", State::Waiting)).unwrap();
        store.save(&job("b", State::Done)).unwrap();
        let first = store.all();
        assert!(first[0].1.is_some() && !first[0].0.elsewhere && first[1].1.is_none());
        let second = store.all();
        assert!(second[0].1.is_none() && second[0].0.elsewhere);
        drop(first);
        assert!(store.all()[0].1.is_some(), "its program is gone");
    }

    #[test]
    fn a_part_is_kept_for_its_order_and_goes_with_its_job() {
        let home = tempfile::tempdir().unwrap();
        let store = JobStore::new(home.path().join("jobs"));
        let (one, other) = (JobId("a".into()), JobId("b".into()));
        store.save(&job("a", State::Waiting)).unwrap();
        for number in 0..3 {
            store.keep_part(&one, number, "order", b"sound\n").unwrap();
        }
        assert_eq!(store.part(&one, 2, "order"), Some(b"sound\n".to_vec()));
        assert_eq!((store.part(&one, 2, "orde"), store.part(&one, 2, "another"), store.part(&other, 0, "order")), (None, None, None));
        assert_eq!(store.all().len(), 1, "parts are no jobs");
        store.forget(&one);
        assert_eq!(fs::read_dir(home.path().join("jobs")).unwrap().count(), 0);
    }

    #[test]
    fn what_is_damaged_or_too_much_stops_nothing() {
        let home = tempfile::tempdir().unwrap();
        let store = JobStore::new(home.path().into());
        fs::write(home.path().join("x.json"), "{oops").unwrap();
        for n in 0..MOST + 5 {
            store.save(&job(&format!("j{n:04}"), if n == 0 { State::Unknown } else { State::Done })).unwrap();
        }
        store.save(&job("j0001", State::Waiting)).unwrap();
        let left: Vec<String> = store.all().into_iter().map(|(job, _)| job.id.0).collect();
        assert_eq!((left.len(), left[0].as_str(), left[1].as_str()), (MOST, "j0001", "j0006"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(home.path().join("j0009.json")).unwrap().permissions().mode() & 0o077, 0);
        }
    }
}
