//! Files that a question names: found while a word is typed, looked at before the question is sent, read when it is.

use super::{
    file::place::{Place, shown_name},
    guard::Guard,
    pictures,
};
use crate::{
    domain::attached::{Attached, Content, mention, size, without_stop},
    files::read,
    services::Services,
};
use ignore::WalkBuilder;
use std::{
    fs::{self, Metadata},
    io::Read,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// A text that is longer is not sent with a question; the model can read it piece by piece.
const LONGEST_TEXT: u64 = 256 << 10;
/// Names of a folder that are sent.
const MOST_NAMES: usize = 200;
/// Names that are gone through for a word.
const MOST_WALKED: usize = 50_000;
/// As long as names are gone through.
const PATIENCE: Duration = Duration::from_millis(400);

/// Finds what a person's words mean, from the folder that the program was started in.
pub struct Finder {
    folder: PathBuf,
    home: Option<PathBuf>,
    guard: Guard,
}

impl Finder {
    /// One for the folder of the program.
    pub fn new(services: &Services) -> Self {
        let guard = Guard::new(&services.paths, services.home().as_deref());
        Self { folder: services.paths.folder.clone(), home: services.home(), guard }
    }

    /// The file or folder that a path means; nothing where there is none: then it is a word like any other.
    fn located(&self, path: &str) -> Option<Result<(PathBuf, Metadata), String>> {
        let place = Place { folder: &self.folder, home: self.home.as_deref(), guard: &self.guard };
        let found = |path: &str| {
            let named = place.named(path).ok()?;
            let meta = fs::metadata(&named).ok()?;
            Some(place.resolve(path).map(|real| (real, meta)))
        };
        found(path).or_else(|| found(without_stop(path)))
    }

    /// What the person is told of a file before it is sent; nothing where there is none.
    pub fn look(&self, path: &str, sees: bool) -> Option<Result<String, String>> {
        let (real, meta) = match self.located(path)? {
            Ok(found) => found,
            Err(mistake) => return Some(Err(plain(&mistake))),
        };
        let mut head = [0; 64];
        let kind = match meta.is_file() {
            true => fs::File::open(&real).and_then(|mut file| file.read(&mut head)).map(|length| pictures::kind(&head[..length])),
            false => Ok(None),
        };
        Some(match kind {
            Err(error) => Err(read::Error::from(error).to_string()),
            _ if meta.is_dir() => Ok("folder".into()),
            _ if !meta.is_file() => Err(read::Error::NoFile.to_string()),
            Ok(Some(_)) if !sees => Err(BLIND.into()),
            Ok(Some(_)) if meta.len() > pictures::LARGEST_FILE => Err(too_large(meta.len())),
            Ok(Some(_)) => Ok(format!("picture, {}", size(meta.len()))),
            Ok(None) => self.text(&real, &meta).map(|text| size(text.len() as u64)),
        })
    }

    /// Reads a file that goes with a question; nothing where there is none.
    pub fn read(&self, path: &str, sees: bool) -> Option<Result<Attached, String>> {
        let content = self.located(path)?.map_err(|mistake| plain(&mistake)).and_then(|(real, meta)| self.content(&real, &meta, sees));
        Some(content.map(|content| Attached { path: without_stop(path).to_string(), content }))
    }

    fn content(&self, real: &Path, meta: &Metadata, sees: bool) -> Result<Content, String> {
        if meta.is_dir() {
            return Ok(Content::Text(self.names(real).into()));
        }
        // a pipe would be waited for
        if !meta.is_file() {
            return Err(read::Error::NoFile.to_string());
        }
        let mut head = [0; 64];
        let length = fs::File::open(real).and_then(|mut file| file.read(&mut head)).map_err(|e| read::Error::from(e).to_string())?;
        if pictures::kind(&head[..length]).is_none() {
            return self.text(real, meta).map(|text| Content::Text(text.into()));
        }
        if !sees {
            return Err(BLIND.into());
        }
        let bytes = read::bytes(real, pictures::LARGEST_FILE).map_err(|error| error.to_string())?;
        Ok(Content::Picture(pictures::for_model(&bytes)?.url.into()))
    }

    fn text(&self, real: &Path, meta: &Metadata) -> Result<String, String> {
        if meta.len() > LONGEST_TEXT {
            return Err(too_large(meta.len()));
        }
        let text = read::text(real).map_err(|error| match error {
            read::Error::NoText(_) => "it is neither text nor a picture".to_string(),
            error => error.to_string(),
        })?;
        if text.contains('\0') { Err("it is neither text nor a picture".into()) } else { Ok(text) }
    }

    fn names(&self, folder: &Path) -> String {
        let mut names: Vec<String> = self.entries(folder).into_iter().map(|(name, is_folder)| with_slash(name, is_folder)).collect();
        let more = names.len().saturating_sub(MOST_NAMES);
        names.truncate(MOST_NAMES);
        if more > 0 {
            names.push(format!("… and {more} more"));
        }
        names.join("\n")
    }

    /// Names in a folder, and whether they are folders; without what is hidden, or kept from models.
    fn entries(&self, folder: &Path) -> Vec<(String, bool)> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MOST_WALKED);
        let shown = entries.filter(|entry| self.guard.path(&entry.path()).is_ok());
        let named = shown.map(|entry| (shown_name(&entry.file_name()), entry.path().is_dir()));
        let mut names: Vec<(String, bool)> = named.filter(|(name, _)| !name.starts_with('.')).collect();
        names.sort();
        names
    }

    /// Every path below the folder that a word could mean: files and folders, without those that are ignored.
    pub fn paths(&self) -> Vec<String> {
        let until = Instant::now() + PATIENCE;
        let walker = WalkBuilder::new(&self.folder).follow_links(false).require_git(false).git_global(false).build();
        let entries = walker.flatten().take(MOST_WALKED).enumerate().take_while(|(n, _)| n % 64 != 0 || Instant::now() < until);
        let mut paths: Vec<String> = entries
            .filter_map(|(_, entry)| {
                let below = entry.path().strip_prefix(&self.folder).ok().filter(|below| !below.as_os_str().is_empty())?;
                self.guard.path(entry.path()).ok()?;
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                Some(with_slash(shown_name(below.as_os_str()), is_folder))
            })
            .collect();
        paths.sort_by_cached_key(|path| (path.matches('/').count(), path.to_lowercase()));
        paths
    }

    /// Paths that begin with what was typed, for a word that leads out of the folder: `~/`, `/`, `../`.
    pub fn outside(&self, typed: &str) -> Option<Vec<String>> {
        let leads_out = ["~/", "/", "../"].iter().any(|start| typed.starts_with(start));
        let (folder, beginning) = typed.rsplit_once('/').filter(|_| leads_out)?;
        let place = Place { folder: &self.folder, home: self.home.as_deref(), guard: &self.guard };
        let real = place.resolve(&format!("{folder}/")).ok()?;
        let fits = self.entries(&real).into_iter().filter(|(name, _)| name.to_lowercase().starts_with(&beginning.to_lowercase()));
        Some(fits.map(|(name, is_folder)| with_slash(format!("{folder}/{name}"), is_folder)).collect())
    }

    /// The word that attaches what was pasted, when that is the path of a file and nothing else: a file that was dropped on the window.
    pub fn dropped(&self, text: &str) -> Option<String> {
        let path = as_path(text)?;
        let place = Place { folder: &self.folder, home: self.home.as_deref(), guard: &self.guard };
        fs::metadata(place.named(&path).ok()?).ok().filter(Metadata::is_file)?;
        let below = Path::new(&path).strip_prefix(&self.folder).ok().and_then(Path::to_str).filter(|below| !below.is_empty());
        Some(mention(below.unwrap_or(&path)))
    }
}

/// Why a picture is not sent to a model that takes none.
const BLIND: &str = "the model takes no pictures";

fn too_large(bytes: u64) -> String {
    format!("it is too long to go with a question ({})", size(bytes))
}

/// The reason in a sentence of the guard's, as the end of another.
fn plain(sentence: &str) -> String {
    sentence.trim_end_matches('.').to_string()
}

fn with_slash(name: String, is_folder: bool) -> String {
    if is_folder { name + "/" } else { name }
}

/// Whether a text that is pasted looks like a path, as terminals write one that is dropped: bare, in quotes, with backslashes, as a URL.
pub fn as_path(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > 4_096 || text.contains(['\n', '\0']) {
        return None;
    }
    if let Some(url) = text.strip_prefix("file://") {
        return url::Url::parse(&format!("file://{url}")).ok()?.to_file_path().ok()?.to_str().map(str::to_string);
    }
    if !["/", "~/", "'/", "\"/"].iter().any(|start| text.starts_with(start)) {
        return None;
    }
    let words = shell_words::split(text).ok()?;
    match &words[..] {
        [path] => Some(path.clone()),
        // a path with blanks that nobody marked
        _ => Some(text.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::paths::Paths;

    fn yard() -> (tempfile::TempDir, Finder) {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().canonicalize().unwrap();
        let (home, folder) = (root.join("home"), root.join("work"));
        fs::create_dir_all(folder.join("src/deep")).unwrap();
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("auth.json"), "{}").unwrap();
        fs::write(folder.join(".gitignore"), "target\n").unwrap();
        fs::write(folder.join("target"), "x").unwrap();
        fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
        fs::write(folder.join("a b.png"), pictures::png(2, 2, vec![9; 16]).unwrap()).unwrap();
        fs::write(folder.join("data"), b"\x7fELF\0\0\0").unwrap();
        fs::write(folder.join("long.txt"), "x".repeat(300 << 10)).unwrap();
        let guard = Guard::new(&Paths { home: home.clone(), folder: folder.clone() }, None);
        (place, Finder { folder, home: Some(home), guard })
    }

    #[test]
    fn a_file_is_looked_at_and_read_and_what_can_t_be_sent_is_said() {
        let (_place, finder) = yard();
        let said = |path: &str| finder.look(path, true).map(|what| what.unwrap_or_else(|why| format!("no: {why}")));
        assert_eq!(said("src/main.rs").as_deref(), Some("13 bytes"));
        assert_eq!(said("src/main.rs.").as_deref(), Some("13 bytes"), "the end of a sentence");
        assert!(said("a b.png").unwrap().starts_with("picture, "));
        assert_eq!(said("src").as_deref(), Some("folder"));
        assert_eq!(said("nobody"), None);
        assert_eq!(said("data").as_deref(), Some("no: it is neither text nor a picture"));
        assert!(said("long.txt").unwrap().contains("too long"));
        assert!(said("~/auth.json").unwrap().starts_with("no: "), "{:?}", said("~/auth.json"));
        assert_eq!(finder.look("a b.png", false), Some(Err(BLIND.into())));
        let read = |path: &str, sees| finder.read(path, sees).map(|read| read.map(|file| file.content));
        assert_eq!(read("src/main.rs", true), Some(Ok(Content::Text("fn main() {}\n".into()))));
        assert_eq!(read("src", true), Some(Ok(Content::Text("deep/\nmain.rs".into()))));
        assert!(matches!(read("a b.png", true), Some(Ok(Content::Picture(url))) if url.starts_with("data:image/png;base64,")));
        assert_eq!(read("a b.png", false), Some(Err(BLIND.into())));
        assert!(matches!(read("~/auth.json", true), Some(Err(_))));
        assert_eq!((read("nobody", true), read("data", true)), (None, Some(Err("it is neither text nor a picture".into()))));
    }

    #[test]
    fn words_are_completed_to_what_is_there_and_not_ignored() {
        let (_place, finder) = yard();
        assert_eq!(finder.paths(), ["a b.png", "data", "long.txt", "src/", "src/main.rs", "src/deep/"]);
        assert_eq!(finder.outside("../wo"), Some(vec!["../work/".into()]));
        assert_eq!(finder.outside("~/a"), Some(vec![]), "what is kept is not even named");
        assert_eq!(finder.outside("src/"), None);
    }

    #[test]
    fn a_file_that_is_dropped_is_known_by_its_path_in_every_spelling() {
        let (_place, finder) = yard();
        let path = finder.folder.join("a b.png").display().to_string();
        for text in [
            format!("'{path}'"),
            path.replace(' ', "\\ "),
            format!("file://{}", path.replace(' ', "%20")),
            path.clone(),
            format!("{path} "),
        ] {
            assert_eq!(finder.dropped(&text).as_deref(), Some("@\"a b.png\""), "{text}");
        }
        let outside = finder.home.clone().unwrap().join("x.txt");
        fs::write(&outside, "x").unwrap();
        assert_eq!(finder.dropped(&outside.display().to_string()), Some(format!("@{}", outside.display())));
        for text in ["/nobody/there", "hello /a", "src/main.rs", "/", "a\n/b"] {
            assert_eq!(finder.dropped(text), None, "{text}");
        }
    }
}
