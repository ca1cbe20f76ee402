//! The files below a folder that are searched, in the order of their paths.

use super::Limits;
use crate::tools::file::place::{Place, shown_name};
use globset::{GlobBuilder, GlobMatcher};
use ignore::WalkBuilder;
use std::path::{Path, PathBuf};

/// No more entries of folders are looked at.
const MOST_ENTRIES: usize = 200_000;

/// Which files count, by their names; all when nothing was asked for.
#[derive(Default)]
pub struct Names {
    rules: Vec<Rule>,
}

enum Rule {
    /// The name matches, or the path below the folder when the glob has a slash.
    Glob { matcher: GlobMatcher, whole: bool },
    /// The name holds this, whatever the case; or the path below the folder.
    Holds { text: String, whole: bool },
}

impl Names {
    /// Only files that match a glob.
    pub fn add_glob(&mut self, field: &str, glob: &str) -> Result<(), String> {
        let glob = glob.strip_prefix("./").unwrap_or(glob);
        let built = GlobBuilder::new(glob).literal_separator(true).build();
        let built = built.map_err(|e| format!("The field `{field}` is not a valid glob: {}.", e.kind()))?;
        self.rules.push(Rule::Glob { matcher: built.compile_matcher(), whole: glob.contains('/') });
        Ok(())
    }

    /// Only files with a name like this: a glob, or a part of the name.
    pub fn add_name(&mut self, pattern: &str) -> Result<(), String> {
        if pattern.contains(['*', '?', '[', '{']) {
            return self.add_glob("pattern", pattern);
        }
        self.rules.push(Rule::Holds { text: pattern.to_lowercase(), whole: pattern.contains('/') });
        Ok(())
    }

    fn fit(&self, root: &Path, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        let below = path.strip_prefix(root).ok().filter(|rest| !rest.as_os_str().is_empty()).unwrap_or(Path::new(name));
        self.rules.iter().all(|rule| match rule {
            Rule::Glob { matcher, whole: true } => matcher.is_match(below),
            Rule::Glob { matcher, whole: false } => matcher.is_match(name),
            Rule::Holds { text, whole: true } => below.to_string_lossy().to_lowercase().contains(text),
            Rule::Holds { text, whole: false } => shown_name(name).to_lowercase().contains(text),
        })
    }
}

/// What was found.
pub struct Walked {
    /// Real paths of regular files that the guard lets pass, sorted.
    pub files: Vec<PathBuf>,
    /// Why not everything was looked at.
    pub cut: Option<&'static str>,
}

/// The files at or below a real path.
pub fn files(place: &Place<'_>, root: &Path, names: &Names, limits: Limits<'_>) -> Result<Walked, String> {
    if let Some(folder) = root.ancestors().find(|folder| has_odd_rules(folder)) {
        return Err(format!("The ignore file in `{}` is not a regular file, so nothing is searched there.", place.shown(folder)));
    }
    let mut walked = Walked { files: Vec::new(), cut: None };
    let walker = WalkBuilder::new(root)
        .follow_links(false)
        .require_git(false)
        // a file of the person's own that the guard never saw
        .git_global(false)
        .filter_entry(|entry| !entry.file_type().is_some_and(|kind| kind.is_dir()) || !has_odd_rules(entry.path()))
        .build();
    for (seen, entry) in walker.enumerate() {
        if seen >= MOST_ENTRIES {
            walked.cut = Some("there are too many files");
            break;
        }
        if seen % 64 == 0 && limits.reached() {
            walked.cut = Some("time was up");
            break;
        }
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        if entry.file_type().is_some_and(|kind| kind.is_file()) && names.fit(root, path) && place.guard.path(path).is_ok() {
            walked.files.push(entry.into_path());
        }
    }
    walked.files.sort_unstable();
    Ok(walked)
}

/// The walker opens these without looking, and would wait for a pipe for ever.
fn has_odd_rules(folder: &Path) -> bool {
    let is_odd = |name| std::fs::metadata(folder.join(name)).is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
    [".gitignore", ".ignore", ".git/info/exclude", ".git/commondir", ".git"].into_iter().any(is_odd)
}
