//! What is mounted where, and through which of it one file can be reached.

use std::{
    ffi::OsString,
    os::unix::{ffi::OsStringExt, fs::MetadataExt},
    path::{Path, PathBuf},
};

/// One mount.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    device: String,
    /// Which folder of its file system it shows.
    root: PathBuf,
    /// Where it shows it.
    pub point: PathBuf,
    /// What kind of file system it is.
    pub kind: String,
}

/// A further place of something.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The thing itself is there.
    Same(PathBuf),
    /// A part of it is: where, and which.
    Part(PathBuf, PathBuf),
}

/// Every mount of this process.
pub(crate) fn read() -> std::io::Result<Vec<Mount>> {
    Ok(parse(&std::fs::read("/proc/self/mountinfo")?))
}

fn parse(text: &[u8]) -> Vec<Mount> {
    let line = |line: &[u8]| {
        let mut fields = line.split(|byte| *byte == b' ');
        let device = String::from_utf8(fields.nth(2)?.to_vec()).ok()?;
        let (root, point) = (path(fields.next()?), path(fields.next()?));
        let kind = String::from_utf8_lossy(fields.skip_while(|field| *field != b"-").nth(1)?).into_owned();
        Some(Mount { device, root, point, kind })
    };
    text.split(|byte| *byte == b'\n').filter_map(line).collect()
}

/// A path in which blanks and the like are written as `\040`.
fn path(text: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let number = text.get(at + 1..at + 4).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match (byte, number) {
            (b'\\', Some(number)) => {
                bytes.push(number);
                at += 4;
            }
            _ => {
                bytes.push(*byte);
                at += 1;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

/// Where else the file or folder at a real path, or a part of it, can be reached.
pub(crate) fn elsewhere(mounts: &[Mount], target: &Path) -> Vec<Place> {
    // of those that are mounted on one another the last is on top
    let holds = mounts.iter().filter(|mount| target.starts_with(&mount.point)).max_by_key(|mount| mount.point.components().count());
    let Some(holds) = holds else { return Vec::new() };
    let Ok(inner) = target.strip_prefix(&holds.point) else { return Vec::new() };
    let within = holds.root.join(inner);
    let mut places = Vec::new();
    for mount in mounts.iter().filter(|mount| mount.device == holds.device) {
        let place = match (within.strip_prefix(&mount.root), mount.root.strip_prefix(&within)) {
            (Ok(rest), _) => Place::Same(join(&mount.point, rest)),
            (_, Ok(part)) => Place::Part(mount.point.clone(), part.into()),
            _ => continue,
        };
        if place != Place::Same(target.into()) && !places.contains(&place) {
            places.push(place);
        }
    }
    places.retain(|place| match place {
        // something else may be mounted over it
        Place::Same(path) => same(path, target),
        Place::Part(..) => true,
    });
    places
}

/// Without a slash at the end, which a file's path must not have.
fn join(folder: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { folder.into() } else { folder.join(rest) }
}

fn same(one: &Path, other: &Path) -> bool {
    let (Ok(one), Ok(other)) = (std::fs::metadata(one), std::fs::metadata(other)) else { return false };
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let text = b"22 27 0:21 / /proc rw,relatime - proc proc rw\n28 27 8:1 /@home/a\\040b /mnt/x\\134y rw shared:5 master:1 - btrfs /dev/sda rw\n";
        let mounts = parse(text);
        assert_eq!(mounts.len(), 2);
        assert_eq!((mounts[0].point.as_path(), mounts[0].kind.as_str()), (Path::new("/proc"), "proc"));
        assert_eq!((mounts[1].root.as_path(), mounts[1].point.as_path()), (Path::new("/@home/a b"), Path::new("/mnt/x\\y")));
        assert_eq!((mounts[1].device.as_str(), mounts[1].kind.as_str()), ("8:1", "btrfs"));
    }

    #[test]
    fn parts_that_are_mounted_elsewhere_are_found() {
        let text = b"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 8:1 /home/me/.h/auth.json /srv/x rw - ext4 /dev/sda rw\n3 1 9:1 /home/me/.h /srv/y rw - ext4 /dev/sdb rw\n";
        let places = elsewhere(&parse(text), Path::new("/home/me/.h"));
        assert_eq!(places, [Place::Part("/srv/x".into(), "auth.json".into())]);
    }
}
