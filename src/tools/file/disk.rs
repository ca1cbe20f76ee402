//! Opening, reading and replacing single files. Nothing but a regular file is ever read or replaced: a pipe would be waited for and a
//! device may do something when it is opened. The guard is asked about the open file before a byte of it is read or lost.

use crate::tools::file::place::Place;
use rustix::fs::{Access, OFlags};
use std::{
    fs::{self, File, Metadata, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// What is read whole, to be changed or compared, is not longer.
pub const LARGEST: u64 = 16 << 20;

/// What stands at a path.
pub enum Found {
    /// Nothing.
    Missing,
    /// A regular file, open for reading, that the guard has seen.
    File(File, Metadata),
}

/// Opens the file at a resolved path. Anything but a regular file is an error.
pub fn open(place: &Place<'_>, path: &Path) -> Result<Found, String> {
    // before opening, which alone does something to some devices; and after, for it may be another one by then
    match fs::symlink_metadata(path) {
        Ok(meta) => regular(place, path, &meta)?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        Err(e) => return Err(trouble(place, path, "be opened", &e)),
    }
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = match OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        Err(e) => return Err(trouble(place, path, "be opened", &e)),
    };
    let meta = file.metadata().map_err(|e| trouble(place, path, "be opened", &e))?;
    regular(place, path, &meta)?;
    place.guard.file(&file)?;
    Ok(Found::File(file, meta))
}

fn regular(place: &Place<'_>, path: &Path, meta: &Metadata) -> Result<(), String> {
    let kind = meta.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a named pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_symlink() => "a link",
        () => "a device",
    };
    Err(format!("`{}` is {what}, not a regular file.", place.shown(path)))
}

fn trouble(place: &Place<'_>, path: &Path, what: &str, error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_string(),
        _ => error.to_string(),
    };
    format!("`{}` can't {what}: {why}.", place.shown(path))
}

/// The whole text of a file that is to be changed or compared, or none when there is no file. Binary ones are refused, because what
/// they hold could neither be shown nor be put back.
pub fn text(place: &Place<'_>, path: &Path) -> Result<Option<String>, String> {
    let Found::File(file, meta) = open(place, path)? else { return Ok(None) };
    let too_long = || Err(format!("`{}` is larger than {} MiB, too large to be changed here.", place.shown(path), LARGEST >> 20));
    if meta.len() > LARGEST {
        return too_long();
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| trouble(place, path, "be read", &e))?;
    if bytes.len() as u64 > LARGEST {
        return too_long();
    }
    if bytes.contains(&0) {
        return Err(format!("`{}` is a binary file; only texts can be changed here.", place.shown(path)));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(format!("`{}` is not UTF-8, and changing it here would lose what it holds.", place.shown(path))),
    }
}

/// Puts a text at a resolved path in one step: who reads the file meanwhile sees the old one or the new one whole. Permissions are those
/// of `like`, for a new file the usual ones. Returns whether folders had to be made.
pub fn replace(place: &Place<'_>, path: &Path, text: &str, like: Option<&Metadata>) -> Result<bool, String> {
    let (Some(parent), true) = (path.parent(), path.file_name().is_some()) else {
        return Err(format!("`{}` can't be a file.", place.shown(path)));
    };
    still_there(place, path)?;
    let made = !parent.is_dir();
    if made {
        fs::create_dir_all(parent).map_err(|e| trouble(place, parent, "be made", &e))?;
        still_there(place, path)?;
    }
    let old = match open(place, path)? {
        Found::File(_, meta) => Some(meta),
        Found::Missing => None,
    };
    // renaming would not ask
    if old.is_some() && rustix::fs::access(path, Access::WRITE_OK).is_err() {
        return Err(format!("`{}` is write-protected.", place.shown(path)));
    }
    let failed = |e: io::Error| trouble(place, path, "be written", &e);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tmp-").permissions(Permissions::from_mode(0o666)); // less what the umask takes
    let mut temporary = builder.tempfile_in(parent).map_err(failed)?;
    temporary.write_all(text.as_bytes()).map_err(failed)?;
    if let Some(like) = old.as_ref().or(like) {
        keep_rights(temporary.as_file(), like).map_err(failed)?;
    }
    temporary.persist(path).map_err(|e| failed(e.error))?;
    Ok(made)
}

/// The path must lead where it led when it was resolved, and the guard must still let it pass.
fn still_there(place: &Place<'_>, path: &Path) -> Result<(), String> {
    if place.real(path)? != path {
        return Err(format!("`{}` leads elsewhere by now.", place.shown(path)));
    }
    place.guard.path(path)
}

/// The set-user and set-group bits go, as they do when a file is written in place.
fn keep_rights(file: &File, like: &Metadata) -> io::Result<()> {
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (like.uid(), like.gid()) {
        // only root may give a file away; for others it stays theirs
        let _ = std::os::unix::fs::fchown(file, Some(like.uid()), Some(like.gid()));
    }
    file.set_permissions(Permissions::from_mode(like.mode() & 0o777))
}

/// Takes a file away.
pub fn remove(place: &Place<'_>, path: &Path) -> Result<(), String> {
    still_there(place, path)?;
    match open(place, path)? {
        Found::Missing => Err(format!("`{}` is not there.", place.shown(path))),
        Found::File(..) => fs::remove_file(path).map_err(|e| trouble(place, path, "be deleted", &e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::file::testing::Yard;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn only_regular_files_that_the_guard_has_seen_are_read() {
        let yard = Yard::new();
        let file = yard.put("a.txt", "hello");
        yard.fifo("pipe");
        yard.link("link", &file);
        let place = yard.place();
        assert_eq!(text(&place, &file).unwrap().unwrap(), "hello");
        assert_eq!(text(&place, &yard.root.join("no")), Ok(None));
        assert!(text(&place, &yard.root.join("pipe")).unwrap_err().contains("a named pipe"));
        assert!(text(&place, &yard.root.join("link")).unwrap_err().contains("a link"));
        assert!(text(&place, &yard.root).unwrap_err().contains("a folder"));
        assert!(text(&place, Path::new("/dev/null")).unwrap_err().contains("a device"));
        fs::hard_link(&file, yard.root.join("twin")).unwrap();
        assert!(text(&place, &file).unwrap_err().contains("second name"));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let yard = Yard::new();
        assert!(text(&yard.place(), &yard.put("nul", b"a\0b")).unwrap_err().contains("binary"));
        assert!(text(&yard.place(), &yard.put("latin", b"caf\xe9")).unwrap_err().contains("not UTF-8"));
        let large = yard.put("large", "");
        File::options().write(true).open(&large).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(text(&yard.place(), &large).unwrap_err().contains("larger than 16 MiB"));
    }

    #[test]
    fn a_file_is_replaced_with_its_rights_kept() {
        let yard = Yard::new();
        let file = yard.put("a.sh", "old");
        fs::set_permissions(&file, Permissions::from_mode(0o750)).unwrap();
        assert_eq!(replace(&yard.place(), &file, "new", None), Ok(false));
        assert_eq!((yard.get("a.sh").as_str(), mode(&file)), ("new", 0o750));
        let new = yard.root.join("x/y/b.txt");
        assert_eq!(replace(&yard.place(), &new, "new", None), Ok(true));
        assert_eq!(mode(&new) & 0o600, 0o600);
        assert_eq!(mode(&new) & 0o111, 0);
        assert_eq!(fs::read_dir(&yard.root).unwrap().count(), 2, "nothing is left behind");
    }

    #[test]
    fn nothing_odd_is_replaced() {
        let yard = Yard::new();
        yard.fifo("pipe");
        let twin = yard.put("twin", "x");
        fs::hard_link(&twin, yard.root.join("other")).unwrap();
        yard.put("target/a", "x");
        yard.link("into", yard.root.join("target"));
        let place = yard.place();
        for (path, why) in [("pipe", "named pipe"), ("target", "a folder"), ("twin", "second name"), ("into/a", "elsewhere")] {
            assert!(replace(&place, &yard.root.join(path), "new", None).unwrap_err().contains(why), "{path}");
        }
        assert!(replace(&place, &yard.root.join("secret/a"), "new", None).is_err() && !yard.has("secret"));
        assert_eq!(yard.get("target/a"), "x");
        assert!(remove(&place, &yard.root.join("pipe")).is_err() && yard.has("pipe"));
        assert!(remove(&place, &yard.root.join("gone")).is_err());
        assert!(remove(&place, &yard.root.join("target/a")).is_ok() && !yard.has("target/a"));
    }
}
