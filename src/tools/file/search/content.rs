//! Lines of files that match a regular expression.

use super::{Limits, List, Mode, Page, walk::Walked};
use crate::tools::file::{
    disk::{self, Found},
    place::Place,
};
use grep_matcher::{LineTerminator, Matcher};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkContextKind, SinkFinish, SinkMatch};
use serde_json::{Value, json};
use std::io::{self, Read};

/// No more matches are counted.
const MOST_MATCHES: usize = 10_000;
/// Lines are shown no longer, in characters.
const LONGEST: usize = 500;
/// A file with longer lines is left out.
const MOST_HELD: usize = 16 << 20;

/// One search, ready to run.
pub struct Search<'a> {
    matcher: RegexMatcher,
    searcher: Searcher,
    mode: Mode,
    limits: Limits<'a>,
    list: List,
    total: usize,
}

impl<'a> Search<'a> {
    /// Understands the pattern.
    pub fn new(pattern: &str, mode: Mode, context: usize, page: Page, limits: Limits<'a>) -> Result<Self, String> {
        let matcher = RegexMatcherBuilder::new().multi_line(true).crlf(true).build(pattern);
        let matcher = matcher.map_err(|e| format!("The pattern is not a valid regular expression for single lines: {e}."))?;
        let context = if mode == Mode::Content { context } else { 0 };
        let searcher = SearcherBuilder::new()
            .line_terminator(LineTerminator::crlf())
            .before_context(context)
            .after_context(context)
            .binary_detection(BinaryDetection::quit(0))
            .heap_limit(Some(MOST_HELD))
            .build();
        Ok(Search { matcher, searcher, mode, limits, list: List::new(page), total: 0 })
    }

    /// Searches the files in their order.
    pub fn run(mut self, place: &Place<'_>, walked: Walked) -> Value {
        let mut cut = walked.cut;
        for path in walked.files {
            if self.limits.reached() {
                cut = Some("time was up");
                break;
            }
            if self.total >= MOST_MATCHES {
                cut = Some("there are too many matches");
                break;
            }
            // refused, gone or no file any more
            let Ok(Found::File(file, _)) = disk::open(place, &path) else { continue };
            let reader = Watched { inner: file, limits: self.limits };
            let mut hits = Hits::new(&self, place.shown(&path));
            // an error is a line too long, or the disk; either way the file can't be searched
            let searched = self.searcher.search_reader(&self.matcher, reader, &mut hits);
            if searched.is_ok() && !hits.is_binary {
                let (name, count, lines) = (hits.name, hits.count, hits.kept);
                self.take(name, count, lines);
            }
        }
        // a file may have been broken off, and be the last one
        cut = cut.or_else(|| self.limits.reached().then_some("time was up"));
        cut = cut.or_else(|| (self.total >= MOST_MATCHES).then_some("there are too many matches"));
        match self.mode {
            Mode::Content => self.list.answer("matches", cut),
            Mode::FilesOnly => self.list.answer("files", cut),
            Mode::Count => self.list.answer_counts(cut, self.total),
        }
    }

    fn take(&mut self, name: String, count: usize, lines: Vec<Hit>) {
        if count == 0 {
            return;
        }
        self.total += count;
        match self.mode {
            Mode::FilesOnly => self.list.offer(name.len(), || name.into()),
            Mode::Count => self.list.offer(name.len(), || json!([name, count])),
            Mode::Content => {
                let mut lines = lines.into_iter();
                for _ in 0..count {
                    // those before the page and after it were only counted
                    if !self.list.wants() {
                        self.list.seen += 1;
                    } else if let Some(hit) = lines.next() {
                        self.list.offer(hit.bytes + name.len(), || hit.value(&name));
                    } else {
                        self.list.full = true;
                        self.list.seen += 1;
                    }
                }
            }
        }
    }
}

/// A line that matched, and those around it that were not given yet.
struct Hit {
    line: u64,
    content: String,
    before: Vec<String>,
    after: Vec<String>,
    bytes: usize,
}

impl Hit {
    fn value(self, path: &str) -> Value {
        let mut value = json!({ "path": path, "line": self.line, "content": self.content });
        if let Some(map) = value.as_object_mut() {
            for (name, lines) in [("before", self.before), ("after", self.after)] {
                if !lines.is_empty() {
                    map.insert(name.into(), lines.into());
                }
            }
        }
        value
    }
}

/// What is found in one file.
struct Hits<'m> {
    matcher: RegexMatcher,
    limits: Limits<'m>,
    name: String,
    /// How many matches come before those that are kept, and how many are kept at most.
    skip: usize,
    room: usize,
    /// How many are still counted.
    most: usize,
    count: usize,
    kept: Vec<Hit>,
    bytes: usize,
    before: Vec<String>,
    is_binary: bool,
}

impl<'m> Hits<'m> {
    fn new(search: &Search<'m>, name: String) -> Self {
        let list = &search.list;
        let room = if search.mode == Mode::Content && !list.full { list.page.limit - list.kept.len() } else { 0 };
        Hits {
            matcher: search.matcher.clone(),
            limits: search.limits,
            name,
            skip: list.page.offset.saturating_sub(list.seen),
            room,
            most: if search.mode == Mode::FilesOnly { 1 } else { MOST_MATCHES - search.total },
            count: 0,
            kept: Vec::new(),
            bytes: 0,
            before: Vec::new(),
            is_binary: false,
        }
    }

    /// The line as it is shown: a long one from shortly before its match on.
    fn shown(&self, line: &[u8]) -> String {
        let start = self.matcher.find(line).ok().flatten().map_or(0, |found| found.start());
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if start < LONGEST / 2 {
            return cut(line);
        }
        let mut from = start - LONGEST / 4;
        // not in the middle of a character
        while from > 0 && line.get(from).is_some_and(|byte| byte & 0xc0 == 0x80) {
            from -= 1;
        }
        match line.len() > LONGEST {
            true => format!("…{}", cut(line.get(from..).unwrap_or_default())),
            false => cut(line),
        }
    }
}

/// The first characters of a line, without making text of all of it.
fn cut(line: &[u8]) -> String {
    let head = line.get(..LONGEST * 4 + 4).unwrap_or(line);
    let text = String::from_utf8_lossy(head);
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.into_owned(),
    }
}

impl Sink for Hits<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, io::Error> {
        self.count += 1;
        let before = std::mem::take(&mut self.before);
        if self.count > self.skip && self.kept.len() < self.room && self.bytes <= super::MOST_SHOWN {
            let content = self.shown(found.bytes());
            let bytes = content.len() + before.iter().map(String::len).sum::<usize>();
            self.bytes += bytes;
            self.kept.push(Hit { line: found.line_number().unwrap_or(0), content, before, after: Vec::new(), bytes });
        }
        Ok(self.count < self.most && !self.limits.reached())
    }

    fn context(&mut self, _: &Searcher, context: &SinkContext<'_>) -> Result<bool, io::Error> {
        let bytes = context.bytes();
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let line = format!("{}|{}", context.line_number().unwrap_or(0), cut(bytes.strip_suffix(b"\r").unwrap_or(bytes)));
        let is_kept = self.count - self.skip.min(self.count) == self.kept.len();
        match (context.kind(), self.kept.last_mut()) {
            (SinkContextKind::Before, _) => self.before.push(line),
            (SinkContextKind::After, Some(hit)) if is_kept => {
                hit.bytes += line.len();
                self.bytes += line.len();
                hit.after.push(line);
            }
            _ => {}
        }
        Ok(true)
    }

    fn finish(&mut self, _: &Searcher, finish: &SinkFinish) -> Result<(), io::Error> {
        self.is_binary = finish.binary_byte_offset().is_some();
        Ok(())
    }
}

/// A file that ends when time is up.
struct Watched<'a, R> {
    inner: R,
    limits: Limits<'a>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.limits.reached() { Ok(0) } else { self.inner.read(buffer) }
    }
}
