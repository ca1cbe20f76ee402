//! Writing a file so that a reader, or a crash, finds the old one or the new one and nothing between.

use std::{
    fs, io,
    io::Write,
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

/// Replaces the file at `path`. A link is followed. New files are readable by their owner alone.
pub fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let path: PathBuf = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    private_folder(folder)?;
    let mut file = tempfile::Builder::new().prefix(".hermes-").tempfile_in(folder)?;
    file.write_all(text)?;
    if let Ok(old) = fs::metadata(&path) {
        fs::set_permissions(file.path(), old.permissions())?;
    }
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
