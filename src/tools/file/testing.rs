//! What the tests of this crate share: a folder of their own, and guards that let everything or almost everything pass.

use crate::tools::{
    arguments::Arguments,
    file::place::{Guard, Place},
};
use serde_json::{Map, Value};
use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Refuses paths with `secret` in the name and files with a second name.
pub struct Strict;

impl Guard for Strict {
    fn path(&self, path: &Path) -> Result<(), String> {
        if path.to_string_lossy().contains("secret") { Err("`secret` is off limits".into()) } else { Ok(()) }
    }

    fn file(&self, file: &File) -> Result<(), String> {
        if file.metadata().unwrap().nlink() > 1 { Err("the file has a second name".into()) } else { Ok(()) }
    }
}

/// A folder that goes away with the test.
pub struct Yard {
    _dir: tempfile::TempDir,
    pub root: PathBuf,
}

impl Yard {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        Yard { _dir: dir, root }
    }

    pub fn place(&self) -> Place<'_> {
        Place { folder: &self.root, home: Some(&self.root), guard: &Strict }
    }

    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub fn get(&self, name: &str) -> String {
        fs::read_to_string(self.root.join(name)).unwrap()
    }

    pub fn has(&self, name: &str) -> bool {
        self.root.join(name).symlink_metadata().is_ok()
    }

    pub fn link(&self, name: &str, target: impl AsRef<Path>) {
        std::os::unix::fs::symlink(target, self.root.join(name)).unwrap();
    }

    pub fn fifo(&self, name: &str) {
        let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::from_raw_mode(0o600));
        rustix::fs::mknodat(rustix::fs::CWD, self.root.join(name), kind, mode, 0).unwrap();
    }
}

/// The fields of a call, from `json!`.
pub fn fields(value: Value) -> Map<String, Value> {
    Arguments::read(&value.to_string()).unwrap()
}
