//! A conversation in a file that the person named.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Writes `text` to `path`, counted from `folder`. A file that exists is never overwritten: the name gets a number.
pub fn write(folder: &Path, path: &str, text: &str) -> io::Result<PathBuf> {
    let at_home = path.strip_prefix("~/").and_then(|rest| Some(dirs::home_dir()?.join(rest)));
    let wanted = at_home.unwrap_or_else(|| folder.join(path));
    let mut target = wanted.clone();
    for number in 2..1_000 {
        match OpenOptions::new().write(true).create_new(true).open(&target) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(target);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let stem = wanted.file_stem().unwrap_or_default().to_string_lossy();
                let end = wanted.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
                target = wanted.with_file_name(format!("{stem}-{number}{end}"));
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(write(folder.path(), "talk.md", "one").unwrap().file_name().unwrap(), "talk.md");
        assert_eq!(write(folder.path(), "talk.md", "two").unwrap().file_name().unwrap(), "talk-2.md");
        assert_eq!(std::fs::read_to_string(folder.path().join("talk.md")).unwrap(), "one");
        assert!(write(folder.path(), "missing/talk.md", "x").is_err());
    }
}
