//! Where a path leads. A model names a file as it likes; what counts is the real path behind it, with every link followed, and only
//! that is shown to the guard. `..` is followed by the system and never worked out from the text, for behind a link it means another
//! folder.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Component, Path, PathBuf},
};

/// Decides what is off limits. It is asked about a real path first and about the open file again, because a path can be made to lead
/// elsewhere in between, and a file can have a second name. Its errors are sentences for the model.
pub trait Guard: Sync {
    /// May this real path be read or written?
    fn path(&self, path: &Path) -> Result<(), String>;
    /// May this open file be read, or replaced?
    fn file(&self, file: &File) -> Result<(), String>;
}

/// From where paths are understood, and who watches.
pub struct Place<'a> {
    /// Relative paths start here.
    pub folder: &'a Path,
    /// What `~` stands for.
    pub home: Option<&'a Path>,
    /// Who is asked.
    pub guard: &'a dyn Guard,
}

impl Place<'_> {
    /// The real path that a model means, which need not exist yet, when the guard lets it pass.
    pub fn resolve(&self, text: &str) -> Result<PathBuf, String> {
        let path = self.real(&self.named(text)?)?;
        self.guard.path(&path)?;
        Ok(path)
    }

    /// The path as it was written, from the root, with no link followed.
    pub fn named(&self, text: &str) -> Result<PathBuf, String> {
        let text = text.strip_prefix("file://").unwrap_or(text);
        if text.trim().is_empty() {
            return Err("The path is empty.".into());
        }
        if text.contains('\0') {
            return Err("The path holds a NUL character, which no path may.".into());
        }
        let from_home = if text == "~" { Some("") } else { text.strip_prefix("~/") };
        match (from_home, self.home) {
            (None, _) => Ok(self.folder.join(text)),
            // more slashes would start at the root again
            (Some(rest), Some(home)) => Ok(home.join(rest.trim_start_matches('/'))),
            (Some(_), None) => Err("The home folder is not known; give a path without `~`.".into()),
        }
    }

    /// Follows every link of a path as far as it exists. What does not exist yet is appended, and may not go up.
    pub fn real(&self, path: &Path) -> Result<PathBuf, String> {
        for ancestor in path.ancestors() {
            match fs::canonicalize(ancestor) {
                Ok(real) => return self.appended(path, ancestor, real),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    if fs::symlink_metadata(ancestor).is_ok_and(|meta| meta.is_symlink()) {
                        return Err(format!("`{}` is a link that leads nowhere.", self.shown(ancestor)));
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
                    return Err(format!("`{}` can't be there: a part of the path is a file, not a folder.", self.shown(path)));
                }
                Err(e) => return Err(format!("`{}` can't be reached: {e}.", self.shown(ancestor))),
            }
        }
        Err(format!("`{}` can't be reached.", self.shown(path)))
    }

    fn appended(&self, path: &Path, ancestor: &Path, real: PathBuf) -> Result<PathBuf, String> {
        let rest = path.strip_prefix(ancestor).unwrap_or(Path::new(""));
        if rest.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(format!("`{}` goes up with `..` from a folder that does not exist.", self.shown(path)));
        }
        if rest.as_os_str().is_empty() { Ok(real) } else { Ok(real.join(rest)) }
    }

    /// Is the path itself a link? Then deleting or moving what it leads to is not what its name says.
    pub fn is_link(&self, text: &str) -> bool {
        // a trailing slash would follow it
        self.named(text).is_ok_and(|path| fs::symlink_metadata(path.components().collect::<PathBuf>()).is_ok_and(|meta| meta.is_symlink()))
    }

    /// A path as the model may write it again: relative to the folder when inside it.
    pub fn shown(&self, path: &Path) -> String {
        let real = fs::canonicalize(self.folder).ok();
        let inside = real.as_deref().and_then(|folder| path.strip_prefix(folder).ok()).or_else(|| path.strip_prefix(self.folder).ok());
        match inside {
            Some(rest) if rest.as_os_str().is_empty() => ".".into(),
            Some(rest) => shown_name(rest.as_os_str()),
            None => shown_name(path.as_os_str()),
        }
    }
}

/// A name as text. A line break in it would look like the next line of a list.
pub fn shown_name(name: &OsStr) -> String {
    name.to_string_lossy().replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::file::testing::{Strict, Yard};

    #[test]
    fn a_path_starts_at_the_folder_at_home_or_at_the_root() {
        let yard = Yard::new();
        let file = yard.put("sub/a.txt", "x");
        let place = yard.place();
        for text in ["sub/a.txt", "./sub/../sub/a.txt", "~/sub/a.txt", "~//sub/a.txt", file.to_str().unwrap()] {
            assert_eq!(place.resolve(text).unwrap(), file, "{text}");
        }
        assert_eq!(place.resolve(&format!("file://{}", file.display())).unwrap(), file);
        assert_eq!(place.resolve("~").unwrap(), yard.root);
        assert_eq!(place.resolve("new/b.txt").unwrap(), yard.root.join("new/b.txt"));
        assert_eq!(place.resolve("~x").unwrap(), yard.root.join("~x"));
        assert_eq!(place.shown(&file), "sub/a.txt");
        assert_eq!(place.shown(Path::new("/etc/passwd")), "/etc/passwd");
        let homeless = Place { folder: &yard.root, home: None, guard: &Strict };
        assert!(homeless.resolve("~/x").unwrap_err().contains("without `~`"));
    }

    #[test]
    fn what_is_no_path_is_said() {
        let yard = Yard::new();
        yard.put("a.txt", "x");
        let place = yard.place();
        assert!(place.resolve("").unwrap_err().contains("empty"));
        assert!(place.resolve("a\0b").unwrap_err().contains("NUL"));
        assert!(place.resolve("no/../a.txt").unwrap_err().contains("goes up"));
        assert!(place.resolve("a.txt/b").unwrap_err().contains("not a folder"));
        assert!(place.resolve("the_secret").unwrap_err().contains("off limits"));
        assert!(place.resolve(&"x".repeat(5000)).unwrap_err().contains("can't be reached"));
    }

    #[test]
    fn links_are_followed_before_the_guard_is_asked() {
        let yard = Yard::new();
        yard.put("secret/key", "x");
        yard.put("deep/er/a.txt", "x");
        yard.link("innocent", yard.root.join("secret"));
        yard.link("to_er", yard.root.join("deep/er"));
        yard.link("nowhere", yard.root.join("gone"));
        yard.link("round", yard.root.join("round"));
        let place = yard.place();
        assert!(place.resolve("innocent/key").unwrap_err().contains("off limits"));
        assert!(place.resolve("innocent/new").unwrap_err().contains("off limits"));
        // `..` of the folder behind the link, not of the link
        assert_eq!(place.resolve("to_er/../x").unwrap(), yard.root.join("deep/x"));
        assert!(place.resolve("nowhere").unwrap_err().contains("leads nowhere"));
        assert!(place.resolve("nowhere/x").unwrap_err().contains("leads nowhere"));
        assert!(place.resolve("round").is_err());
        assert!(place.is_link("to_er") && place.is_link("to_er/") && !place.is_link("deep"));
    }
}
