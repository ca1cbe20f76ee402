//! The file that holds the complete output of a command, private to the person and bounded.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// No file grows beyond this.
const MOST: u64 = 1 << 30;

/// The file, once it is made. Trouble with it is told in the output and ends nothing.
pub(crate) struct Whole {
    path: PathBuf,
    file: Option<File>,
    made: bool,
    written: u64,
    full: bool,
    trouble: Option<String>,
}

impl Whole {
    /// Not made yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, made: false, written: 0, full: false, trouble: None }
    }

    /// Whether it was made, or was tried to be made.
    pub fn begun(&self) -> bool {
        self.made || self.trouble.is_some()
    }

    /// Where it is, once it is there.
    pub fn path(&self) -> Option<&Path> {
        self.made.then_some(self.path.as_path())
    }

    /// Adds to the file, on a thread where a slow disk stops nobody.
    pub async fn write(&mut self, mut bytes: Vec<u8>) {
        if self.trouble.is_some() || self.full {
            return;
        }
        let room = usize::try_from(MOST - self.written).unwrap_or(usize::MAX);
        self.full = bytes.len() > room;
        bytes.truncate(room);
        let (file, path, length) = (self.file.take(), self.path.clone(), bytes.len() as u64);
        let work = move || -> io::Result<File> {
            let mut file = match file {
                Some(file) => file,
                None => make(&path)?,
            };
            file.write_all(&bytes)?;
            Ok(file)
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(file)) => {
                self.file = Some(file);
                self.made = true;
                self.written += length;
            }
            Ok(Err(error)) => self.trouble = Some(error.to_string()),
            Err(error) => self.trouble = Some(error.to_string()),
        }
    }

    /// Where the complete output is, in words.
    pub fn place(&self) -> String {
        let path = self.path.display();
        match (&self.trouble, self.made) {
            (Some(trouble), true) => format!("only a part of it is in {path}: {trouble}"),
            (Some(trouble), false) => format!("they could not be kept in {path}: {trouble}"),
            (None, _) if self.full => format!("the first 1 GiB of the output is in {path}"),
            (None, _) => format!("the whole output is in {path}"),
        }
    }
}

/// Makes the file, empty and private. A link in its place is not followed: it could lead into a file of somebody's.
fn make(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).custom_flags(flags).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}
