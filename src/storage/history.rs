//! `.hermes_history`: what was asked, shared with Hermes Agent (`docs/files.md` 8).

use crate::files::{atomic::private_folder, read as file};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Questions that are kept in memory.
const MOST: usize = 1_000;
/// The end of the file that is read.
const MOST_BYTES: u64 = 512 << 10;

/// The latest questions, the oldest first. A missing or damaged file has none.
pub fn read(path: &Path) -> Vec<String> {
    let Ok(bytes) = file::end(path, MOST_BYTES) else { return vec![] };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut found: Vec<String> = vec![];
    let mut open = false;
    for line in text.lines() {
        match line.strip_prefix('+') {
            Some(line) if open => {
                if let Some(last) = found.last_mut() {
                    last.push('\n');
                    last.push_str(line);
                }
            }
            Some(line) => found.push(line.to_string()),
            None => {}
        }
        open = line.starts_with('+');
    }
    found.dedup();
    found.drain(..found.len().saturating_sub(MOST));
    found
}

/// Adds a question. `stamp` is the local time as `2026-11-22 13:37:00.123456`.
pub fn append(path: &Path, text: &str, stamp: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
    }
    // a pipe would keep us until somebody reads it
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return Err(io::Error::other("it is no file"));
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let body: String = text.lines().map(|line| format!("+{line}\n")).collect();
    options.open(path)?.write_all(format!("\n# {stamp}\n{body}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x/.hermes_history");
        assert!(read(&path).is_empty());
        append(&path, "one\ntwo", "2026-11-22 13:37:00.123456").unwrap();
        append(&path, "three", "2026-11-22 13:38:00.000000").unwrap();
        assert_eq!(read(&path), ["one\ntwo", "three"]);
        assert!(fs::read_to_string(&path).unwrap().starts_with("\n# 2026-11-22 13:37:00.123456\n+one\n+two\n\n# "));
    }
}
