//! Writing a file so that a reader, or a crash, finds the old one or the new one and nothing between.

use std::{
    fs, io,
    io::{Seek, Write},
    path::{Path, PathBuf},
};

/// Makes a folder and those above it, private to the person where they are new.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file that holds a secret from now on is readable by its owner alone.
pub fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let meta = fs::metadata(path)?;
        if meta.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(meta.permissions().mode() & 0o700))?;
        }
    }
    Ok(())
}

/// Whoever owned the file at `path` owns the one that takes its place: a file of another user's is not taken from them by the one who
/// may write it.
fn keep_owner(path: &Path, file: &fs::File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let (Ok(old), Ok(new)) = (fs::metadata(path), file.metadata())
            && (old.uid(), old.gid()) != (new.uid(), new.gid())
        {
            // only who may does; the others replace what is theirs anyway
            let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
        }
    }
}

/// Removes temporary files of writers that were killed, beside the file at `path`, which is no link. For those who hold the lock of the
/// file: nobody else writes then.
pub fn sweep(path: &Path) {
    let Some(folder) = path.parent() else { return };
    let prefix = temporary_prefix(path);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The file that a path leads to: links are followed, also one whose file is not there yet.
pub fn target(path: &Path) -> PathBuf {
    if let Ok(found) = fs::canonicalize(path) {
        return found;
    }
    match fs::read_link(path) {
        Ok(link) => path.parent().unwrap_or(Path::new(".")).join(link),
        Err(_) => path.to_path_buf(),
    }
}

/// How the temporary files of `replace_durably` begin.
pub fn temporary_prefix(path: &Path) -> String {
    format!("{}.tmp.", path.file_name().unwrap_or_default().to_string_lossy())
}

/// Room on the disk beside a file, to replace it later without needing more.
pub struct Room {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Room {
    /// Room for `size` bytes beside the file at `path`, which is no link; private from its first byte, and given back when it is not
    /// used.
    pub fn make(path: &Path, size: usize) -> io::Result<Self> {
        let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        private_folder(folder)?;
        let prefix = format!("{}{}.", temporary_prefix(path), std::process::id());
        // private: that is how temporary files are made
        let mut file = tempfile::Builder::new().prefix(&prefix).tempfile_in(folder)?;
        // no disk can pack these
        let mut block = [0; 4_096];
        for _ in 0..size.div_ceil(block.len()) {
            block.fill_with(|| fastrand::u8(..));
            file.write_all(&block)?;
        }
        file.as_file().sync_all()?;
        Ok(Self { file, path: path.to_path_buf() })
    }
    /// Replaces the file so that it survives a loss of power; always readable by its owner alone, who stays the same.
    pub fn replace(mut self, bytes: &[u8]) -> io::Result<()> {
        keep_owner(&self.path, self.file.as_file());
        self.file.rewind()?;
        self.file.write_all(bytes)?;
        self.file.as_file().set_len(bytes.len() as u64)?;
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path).map_err(|e| e.error)?;
        // some file systems can't; the file itself is safe by now
        let _ = self.path.parent().map(|folder| fs::File::open(folder).and_then(|folder| folder.sync_all()));
        Ok(())
    }
}

/// Replaces the file at `path`, which is no link, so that it survives a loss of power; always readable by its owner alone.
pub fn replace_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Room::make(path, 0)?.replace(bytes)
}

/// Replaces the file at `path`. A link is followed. New files are readable by their owner alone, others keep their mode.
pub fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    replaced(path, text, |_| Ok(()))
}

/// The same, so that it survives a loss of power.
pub fn replace_for_good(path: &Path, text: &[u8]) -> io::Result<()> {
    replaced(path, text, fs::File::sync_all)
}

fn replaced(path: &Path, text: &[u8], before_it_counts: fn(&fs::File) -> io::Result<()>) -> io::Result<()> {
    let path = target(path);
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    private_folder(folder)?;
    let prefix = format!("{}{}.", temporary_prefix(&path), std::process::id());
    let mut file = tempfile::Builder::new().prefix(&prefix).tempfile_in(folder)?;
    file.write_all(text)?;
    if let Ok(old) = fs::metadata(&path) {
        fs::set_permissions(file.path(), old.permissions())?;
        keep_owner(&path, file.as_file());
    }
    before_it_counts(file.as_file())?;
    file.persist(&path).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_private_and_replaced_through_its_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.json");
        replace(&path, b"1").unwrap();
        replace(&path, b"2").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&path, &link).unwrap();
            replace(&link, b"3").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"3");
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        }
    }
}
