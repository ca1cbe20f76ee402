//! Reading a file of the person: a regular file, no longer than anybody's, in an encoding that can be told. A pipe, a device or a
//! folder in its place is said and never waited for.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// Files that people write are not longer.
pub const LARGEST: u64 = 16 << 20;

/// Why a file was not read. The text is the end of a sentence.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none.
    #[error("it is not there")]
    Missing,
    /// A folder is in its place.
    #[error("it is a folder")]
    Folder,
    /// Something else is.
    #[error("it is no regular file")]
    NoFile,
    /// The system does not let us.
    #[error("permission denied")]
    Denied,
    /// It is longer than anything that is meant for us.
    #[error("it is longer than {} MiB", .0 >> 20)]
    TooLong(u64),
    /// Its bytes are no text.
    #[error("it is no text in UTF-8 (byte {0} is not)")]
    NoText(usize),
    /// What the system says.
    #[error("{0}")]
    Disk(io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Error::Missing,
            io::ErrorKind::PermissionDenied => Error::Denied,
            _ => Error::Disk(error),
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Missing => io::ErrorKind::NotFound,
            Error::Denied => io::ErrorKind::PermissionDenied,
            _ => io::ErrorKind::InvalidData,
        };
        match error {
            Error::Disk(error) => error,
            error => io::Error::new(kind, error.to_string()),
        }
    }
}

/// The bytes of a file, when there are no more than `most`.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let (file, length) = regular(path)?;
    if length > most {
        return Err(Error::TooLong(most));
    }
    let bytes = first(file, length, most + 1)?;
    if bytes.len() as u64 > most { Err(Error::TooLong(most)) } else { Ok(bytes) }
}

/// The last bytes of a file, no more than `most`.
pub fn end(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let (mut file, length) = regular(path)?;
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    Ok(first(file, length.min(most), most)?)
}

fn first(file: File, length: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file that holds bytes, open, and how many there are.
fn regular(path: &Path) -> Result<(File, u64), Error> {
    let is_file = |meta: &fs::Metadata| match meta.file_type() {
        kind if kind.is_file() => Ok(()),
        kind if kind.is_dir() => Err(Error::Folder),
        _ => Err(Error::NoFile),
    };
    // before opening, which alone does something to some devices; and after, for it may be another one by then
    is_file(&fs::metadata(path)?)?;
    let file = open(path)?;
    let meta = file.metadata()?;
    is_file(&meta)?;
    Ok((file, meta.len()))
}

/// The text of a file: UTF-8, or UTF-16 with its mark. Without the mark.
pub fn text(path: &Path) -> Result<String, Error> {
    decoded(bytes(path, LARGEST)?)
}

/// Never waits for the other end of a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits() as i32);
    options.open(path)
}

fn decoded(bytes: Vec<u8>) -> Result<String, Error> {
    let units = |little: bool| -> Vec<u16> {
        let unit = |pair: &[u8]| if little { u16::from_le_bytes([pair[0], pair[1]]) } else { u16::from_be_bytes([pair[0], pair[1]]) };
        bytes[2..].chunks_exact(2).map(unit).collect()
    };
    let wide = match bytes.as_slice() {
        [0xff, 0xfe, ..] => Some(units(true)),
        [0xfe, 0xff, ..] => Some(units(false)),
        _ => None,
    };
    if let Some(units) = wide {
        // half a unit at the end: something cut it off
        if bytes.len() % 2 == 1 {
            return Err(Error::NoText(bytes.len() - 1));
        }
        return String::from_utf16(&units).map_err(|_| Error::NoText(0));
    }
    // UTF-16 without its mark is UTF-8 full of zeroes
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(Error::NoText(at));
    }
    let text = String::from_utf8(bytes).map_err(|e| Error::NoText(e.utf8_error().valid_up_to()))?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_string(),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_by_their_encoding_or_named_as_unreadable() {
        let utf16 = |text: &str, big: bool| -> Vec<u8> {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        assert_eq!(decoded(utf16("KEY=é", false)).unwrap(), "KEY=é");
        assert_eq!(decoded(utf16("KEY=é", true)).unwrap(), "KEY=é");
        assert!(matches!(decoded(b"\xff\xfe\x41".to_vec()), Err(Error::NoText(2))));
        assert_eq!(decoded(b"\xef\xbb\xbfKEY=x".to_vec()).unwrap(), "KEY=x");
        assert!(matches!(decoded(utf16("KEY", false)[2..].to_vec()), Err(Error::NoText(1))));
        assert!(matches!(decoded(b"KEY=\xe9".to_vec()), Err(Error::NoText(4))));
    }

    #[test]
    fn only_files_are_read_and_no_more_than_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert!(matches!(text(&path), Err(Error::Missing)));
        fs::write(&path, "12345").unwrap();
        assert!(matches!(bytes(&path, 4), Err(Error::TooLong(4))));
        assert_eq!(bytes(&path, 5).unwrap(), b"12345");
        assert_eq!((end(&path, 2).unwrap(), end(&path, 9).unwrap()), (b"45".to_vec(), b"12345".to_vec()));
        assert!(matches!(text(folder.path()), Err(Error::Folder)));
        #[cfg(unix)]
        {
            let pipe = folder.path().join("pipe");
            rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::from_bits_truncate(0o600), 0)
                .unwrap();
            assert!(matches!(text(&pipe), Err(Error::NoFile)));
        }
        assert!(matches!(bytes(Path::new("/dev/zero"), 4), Err(Error::NoFile | Error::Missing)));
    }
}
