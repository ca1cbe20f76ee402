//! `auth.json`: where credentials live, shared with Hermes Agent (`docs/files.md` 2). Read without a lock, changed only under
//! one: re-read, changed, replaced whole. A file that can't be read is never written.

use crate::{
    files::{atomic, read},
    storage::{
        credentials::Store,
        rescued::{Counted, Rescued},
    },
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How often a taken lock is tried again.
const POLL: Duration = Duration::from_millis(50);
/// After so long the person is told why they wait; and again after each second.
pub const PATIENT: u64 = 2;
/// How long a lock is waited for; a refresh holds it as long as its request takes.
const PATIENCE: Duration = Duration::from_secs(25);

/// Why credentials can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is there and can't be read.
    #[error("it could not be read: {cause}")]
    Unreadable {
        /// Why.
        cause: read::Error,
        /// The user that owns the file, where the system has users.
        owner: Option<u32>,
    },
    /// The file holds something else than credentials.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Another program holds the lock.
    #[error("another program has been changing it for {} s", .0.as_secs())]
    Locked(Duration),
    /// The disk did not take it.
    #[error("it could not be written: {0}")]
    Unwritable(io::Error),
}

/// The file of one home.
#[derive(Debug, Clone)]
pub struct AuthFile {
    path: PathBuf,
    /// The copy of what was last written, for the day on which something else damages the file.
    copy: PathBuf,
    /// What the file could not take.
    rescued: Rescued,
}

/// The right to change the file, until it is dropped.
pub struct Locked {
    file: AuthFile,
    _lock: File,
    /// What was put into the store that was read last.
    counted: Mutex<Counted>,
}

impl AuthFile {
    /// The file at `path`; a copy of what was last written is kept at `copy`, and what it could not take counts, too.
    pub fn new(path: PathBuf, copy: PathBuf, rescued: Rescued) -> Self {
        Self { path, copy, rescued }
    }
    /// What the file could not take.
    pub fn rescued(&self) -> &Rescued {
        &self.rescued
    }
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// Where the copy of what was last written is, if there is one.
    pub fn last_good(&self) -> Option<&Path> {
        self.copy.exists().then_some(self.copy.as_path())
    }

    /// Reads it. A missing file holds nothing.
    pub fn read(&self) -> Result<Store, Error> {
        self.read_all().map(|(store, _)| store)
    }
    fn read_all(&self) -> Result<(Store, Counted), Error> {
        let mut store = match read::bytes(&self.path, read::LARGEST) {
            Ok(bytes) => Store::parse(&bytes).map_err(Error::Damaged)?,
            Err(read::Error::Missing) => Store::default(),
            Err(cause) => return Err(Error::Unreadable { cause, owner: owner(&self.path) }),
        };
        let counted = self.rescued.put_into(&mut store);
        Ok((store, counted))
    }
    /// Writes down what the file could not take before, where that works now and nobody else is changing it.
    pub fn settle(&self) {
        if self.rescued.is_empty() {
            return;
        }
        let Some(lock) = self.open_lock().ok().filter(|lock| lock.try_lock().is_ok()) else { return };
        let locked = Locked::new(self.clone(), lock);
        if let Ok(mut store) = locked.read()
            && let Err(error) = locked.write(&mut store)
        {
            tracing::warn!("what was rescued stays where it is: {error}");
        }
    }

    /// Whether a change would find room on the disk.
    pub fn try_room(&self) -> Result<(), Error> {
        atomic::Room::make(&atomic::target(&self.path), GROWTH).map(drop).map_err(Error::Unwritable)
    }

    /// Whether another program holds the lock now.
    pub fn is_locked(&self) -> io::Result<bool> {
        match self.open_lock()?.try_lock() {
            Ok(()) => Ok(false),
            Err(fs::TryLockError::WouldBlock) => Ok(true),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    fn open_lock(&self) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).read(true).open(self.path.with_extension("lock"))
    }

    /// Takes the lock (`flock` on `auth.lock`, as Hermes Agent does). Never hold it while waiting for the person. `waits` is told the
    /// seconds for which somebody else has had it.
    pub async fn lock(&self, mut waits: impl FnMut(u64)) -> Result<Locked, Error> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        atomic::private_folder(folder).map_err(Error::Unwritable)?;
        let lock = self.open_lock().map_err(Error::Unwritable)?;
        let mut waited = Duration::ZERO;
        let mut told = PATIENT;
        loop {
            match lock.try_lock() {
                Ok(()) => {
                    // what others left behind when they were killed holds secrets, beside the copy, too: nobody else writes now
                    atomic::sweep(&atomic::target(&self.path));
                    atomic::sweep(&self.copy);
                    return Ok(Locked::new(self.clone(), lock));
                }
                Err(fs::TryLockError::WouldBlock) if waited < PATIENCE => {
                    tokio::time::sleep(POLL).await;
                    waited += POLL;
                    if waited.as_secs() >= told {
                        waits(told);
                        told += 1;
                    }
                }
                Err(fs::TryLockError::WouldBlock) => return Err(Error::Locked(PATIENCE)),
                Err(fs::TryLockError::Error(error)) => return Err(Error::Unwritable(error)),
            }
        }
    }
}

impl Locked {
    fn new(file: AuthFile, lock: File) -> Self {
        Self { file, _lock: lock, counted: Mutex::default() }
    }
    /// What the file holds now: whatever was read before the lock was taken may be old.
    pub fn read(&self) -> Result<Store, Error> {
        let (store, counted) = self.file.read_all()?;
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = counted;
        Ok(store)
    }
    /// Replaces the file.
    pub fn write(&self, store: &mut Store) -> Result<(), Error> {
        self.make_room(store)?.write(store)
    }
    /// Makes room on the disk for a changed `store` before the change can be known: what comes from a server that gives it once must
    /// not be lost to a full disk.
    pub fn make_room(&self, store: &Store) -> Result<Room<'_>, Error> {
        let target = atomic::target(&self.file.path);
        let size = store.text().ok_or_else(no_text)?.len() + GROWTH;
        let room = atomic::Room::make(&target, size).map_err(Error::Unwritable)?;
        Ok(Room { room, locked: self })
    }
}

/// Tokens are not longer than this; a store grows by no more.
const GROWTH: usize = 64 << 10;

/// Room on the disk for what the file will hold.
pub struct Room<'a> {
    room: atomic::Room,
    locked: &'a Locked,
}

impl Room<'_> {
    /// Replaces the file.
    pub fn write(self, store: &mut Store) -> Result<(), Error> {
        store.stamp();
        let text = store.text().ok_or_else(no_text)?;
        self.room.replace(text.as_bytes()).map_err(Error::Unwritable)?;
        // the copy is a kindness: without it everything works as well
        let file = &self.locked.file;
        let _ = atomic::replace_durably(&file.copy, text.as_bytes());
        let counted = std::mem::take(&mut *self.locked.counted.lock().unwrap_or_else(PoisonError::into_inner));
        file.rescued.let_go(&counted);
        Ok(())
    }
}

/// Nothing is written rather than nothing being all that is left.
fn no_text() -> Error {
    Error::Unwritable(io::Error::other("its text could not be made"))
}

#[cfg(unix)]
fn owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|m| m.uid())
}

#[cfg(not(unix))]
fn owner(_: &Path) -> Option<u32> {
    None
}
