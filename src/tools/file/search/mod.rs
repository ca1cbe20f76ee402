//! `search_files`: texts in files, or files by name. Ignored and hidden files are left out and links are not followed; what the guard
//! refuses is left out without a word. Time, entries, matches and the length of the result are bounded, and the result says when a bound
//! was met.

/// Looking into files.
mod content;
/// Finding files.
mod walk;

use crate::tools::{arguments::Arguments, file::place::Place};
use serde_json::{Map, Value, json};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};
use walk::{Names, Walked};

/// A result has no more bytes of names and lines.
const MOST_SHOWN: usize = 200_000;

/// When to stop.
#[derive(Clone, Copy)]
struct Limits<'a> {
    deadline: Instant,
    stop: &'a AtomicBool,
}

impl Limits<'_> {
    fn reached(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || Instant::now() >= self.deadline
    }
}

/// How the matches in files are given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Content,
    FilesOnly,
    Count,
}

/// The part of the results that is shown.
#[derive(Clone, Copy)]
struct Page {
    offset: usize,
    limit: usize,
}

/// Carries out `search_files`. It stops at the deadline, and soon after `stop` is set, with what it has by then.
pub fn search_files(place: &Place<'_>, arguments: &Arguments<'_>, deadline: Instant, stop: &AtomicBool) -> Result<Value, String> {
    arguments.only(&["pattern", "target", "path", "file_glob", "limit", "offset", "output_mode", "context"])?;
    let pattern = arguments.text("pattern")?;
    if pattern.is_empty() {
        return Err("The field `pattern` is empty; say what to search for.".into());
    }
    let by_name = arguments.one_of("target", &["content", "files"])? == Some("files");
    let root = place.resolve(arguments.maybe_text("path")?.unwrap_or("."))?;
    if !root.exists() {
        return Err(format!("There is no `{}` to search in.", place.shown(&root)));
    }
    let mut names = Names::default();
    if let Some(glob) = arguments.maybe_text("file_glob")?.filter(|glob| !glob.is_empty()) {
        names.add_glob("file_glob", glob)?;
    }
    let page =
        Page { limit: arguments.number("limit", 1..=500, 50)? as usize, offset: arguments.number("offset", 0..=1_000_000, 0)? as usize };
    let limits = Limits { deadline, stop };
    if by_name {
        names.add_name(pattern)?;
        let walked = walk::files(place, &root, &names, limits)?;
        return Ok(newest_first(place, walked, page, limits));
    }
    let mode = match arguments.one_of("output_mode", &["content", "files_only", "count"])? {
        Some("files_only") => Mode::FilesOnly,
        Some("count") => Mode::Count,
        _ => Mode::Content,
    };
    let context = arguments.number("context", 0..=10, 0)? as usize;
    let search = content::Search::new(pattern, mode, context, page, limits)?;
    let walked = walk::files(place, &root, &names, limits)?;
    Ok(search.run(place, walked))
}

fn newest_first(place: &Place<'_>, walked: Walked, page: Page, limits: Limits<'_>) -> Value {
    let age = |path: &PathBuf| std::fs::symlink_metadata(path).and_then(|meta| meta.modified()).ok();
    let mut files: Vec<_> = walked.files.into_iter().map(|path| (if limits.reached() { None } else { age(&path) }, path)).collect();
    files.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut list = List::new(page);
    for (_, path) in files {
        let name = place.shown(&path);
        list.offer(name.len(), || name.into());
    }
    let cut = walked.cut.or_else(|| limits.reached().then_some("time was up"));
    list.answer("files", cut)
}

/// Results in their order, of which one page is kept.
struct List {
    page: Page,
    seen: usize,
    bytes: usize,
    kept: Vec<Value>,
    full: bool,
}

impl List {
    fn new(page: Page) -> Self {
        List { page, seen: 0, bytes: 0, kept: Vec::new(), full: false }
    }

    /// Would the next result be kept? Then it is worth making.
    fn wants(&self) -> bool {
        !self.full && self.seen >= self.page.offset && self.kept.len() < self.page.limit
    }

    /// Counts a result, and keeps it when it is on the page and there is room.
    fn offer(&mut self, bytes: usize, value: impl FnOnce() -> Value) {
        if self.wants() {
            self.full = !self.kept.is_empty() && self.bytes + bytes > MOST_SHOWN;
            if !self.full {
                self.bytes += bytes;
                self.kept.push(value());
            }
        }
        self.seen += 1;
    }

    fn answer(self, name: &str, cut: Option<&str>) -> Value {
        let (total, kept) = (self.seen, self.kept.len());
        self.finish(name, cut, total, kept, Value::Array)
    }

    /// The same with counts of matches by the names of files, where the total is that of the matches.
    fn answer_counts(self, cut: Option<&str>, total: usize) -> Value {
        let kept = self.kept.len();
        let pair = |value: Value| match value {
            Value::Array(pair) => match <[Value; 2]>::try_from(pair) {
                Ok([Value::String(name), count]) => Some((name, count)),
                _ => None,
            },
            _ => None,
        };
        self.finish("counts", cut, total, kept, |values| Value::Object(values.into_iter().filter_map(pair).collect::<Map<_, _>>()))
    }

    fn finish(self, name: &str, cut: Option<&str>, total: usize, kept: usize, made: impl FnOnce(Vec<Value>) -> Value) -> Value {
        let next = self.page.offset + kept;
        let more = next < self.seen && kept > 0;
        let mut value = json!({ "total_count": total, name: made(self.kept), "truncated": more || cut.is_some() });
        let hint = match (more, cut) {
            (true, None) => format!("There are more; go on with offset {next}."),
            (true, Some(why)) => format!("There are more; go on with offset {next}. Not everything was searched: {why}."),
            (false, Some(why)) => format!("Not everything was searched: {why}. Narrow it with `path`, `file_glob` or the pattern."),
            (false, None) if kept == 0 && self.seen > 0 => format!("There are only {} results.", self.seen),
            (false, None) => return value,
        };
        if let Some(map) = value.as_object_mut() {
            map.insert("hint".into(), hint.into());
        }
        value
    }
}

#[cfg(test)]
mod tests;
