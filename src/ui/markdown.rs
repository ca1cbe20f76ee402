//! Markdown to lines. `Document` keeps what is finished: as text streams in, only the last block is laid out again. The
//! source must be tamed already. Never panics on a text that is cut off anywhere.

mod code_block;
mod containers;
mod formulas;
mod links;
mod math;
mod notes;
#[cfg(test)]
mod tests;
mod writer;

use crate::ui::line::Line;
use code_block::OpenCode;
use notes::Notes;
use pulldown_cmark::{Options, Parser, TextMergeWithOffset};
use std::{borrow::Cow, sync::Arc};
use writer::Writer;

/// What is read beyond plain Markdown.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_MATH);

/// A text that may still grow, laid out at one width.
#[derive(Default)]
pub struct Document {
    /// What is drawn.
    pub lines: Vec<Line>,
    /// Where each top-level block is in the source, for copying and anchors.
    pub blocks: Vec<Block>,
    /// Cells for prose.
    width: usize,
    /// Cells for code and tables, which take what they need.
    full: usize,
    /// More of the text comes.
    pub growing: bool,
    /// What can't change any more.
    frozen: Frozen,
    /// Where its links lead, by their number.
    addresses: Vec<Arc<str>>,
    notes: Notes,
    /// Lines before those of the notes.
    body: usize,
    /// The text is whole at so many bytes, and laid out as such.
    finished: Option<usize>,
    open_code: Option<OpenCode>,
    /// The fence of a block of code that was settled before it ended: what follows is code still.
    fence: String,
}

/// Bytes of the source whose blocks can't change any more, and what they made.
#[derive(Debug, Clone, Copy, Default)]
struct Frozen {
    bytes: usize,
    lines: usize,
    blocks: usize,
    addresses: usize,
    notes: (usize, usize),
}

/// A top-level block of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Bytes of the source.
    pub range: std::ops::Range<usize>,
    /// What to copy when it is code: the code without its fence.
    pub code: Option<String>,
    /// What kind of block it is.
    pub kind: BlockKind,
    /// The first of its lines.
    pub line: usize,
}

/// The kinds of blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockKind {
    /// A paragraph, or anything without a name of its own.
    Text,
    /// A heading.
    Heading,
    /// A list.
    List,
    /// A table.
    Table,
    /// A quote.
    Quote,
    /// Code, in a language that may be unknown.
    Code(String),
    /// A line across.
    Rule,
}

impl std::fmt::Display for BlockKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            BlockKind::Text => "text",
            BlockKind::Heading => "heading",
            BlockKind::List => "list",
            BlockKind::Table => "table",
            BlockKind::Quote => "quote",
            BlockKind::Code(language) if language.is_empty() => "code",
            BlockKind::Code(language) => language,
            BlockKind::Rule => "rule",
        })
    }
}

impl Document {
    /// Nothing yet, at `width` cells.
    pub fn new(width: usize) -> Self {
        Self::wide(width, width)
    }
    /// Nothing yet; prose is `width` cells wide, code and tables have `full`.
    pub fn wide(width: usize, full: usize) -> Self {
        Self { width: width.max(1), full: full.max(width).max(1), ..Self::default() }
    }
    /// The text is whole. A reference or a note may have been defined after the place that uses it was finished: then all of it is laid
    /// out once more.
    pub fn finish(&mut self, source: &str) {
        if self.finished == Some(source.len()) {
            return;
        }
        if source.contains("]:") {
            *self = Self::wide(self.width, self.full);
            self.update(source);
        }
        self.finished = Some(source.len());
    }
    /// Lays out what is new. `source` begins with what it was the last time.
    pub fn update(&mut self, source: &str) {
        // the last block by itself would not know the references of the others
        if self.finished == Some(source.len()) {
            return;
        }
        self.finished = None;
        let frozen = if source.is_char_boundary(self.frozen.bytes) { self.frozen } else { Frozen::default() };
        self.lines.truncate(frozen.lines);
        self.blocks.truncate(frozen.blocks);
        self.addresses.truncate(frozen.addresses);
        self.notes.truncate(frozen.notes);
        let mut text = formulas::with_dollars(&source[frozen.bytes..], OPTIONS);
        let fence = self.fence.len();
        if fence > 0 {
            text = Cow::Owned([&self.fence, text.as_ref()].concat());
        }
        let place = |at: usize| frozen.bytes + at.saturating_sub(fence);
        let mut writer = Writer::new(self, source, frozen);
        // an address or a mark may be in several pieces
        for (event, range) in TextMergeWithOffset::new(Parser::new_ext(&text, OPTIONS).into_offset_iter()) {
            writer.event(event, place(range.start)..place(range.end));
        }
        self.frozen = writer.end_of_text();
        if self.frozen.bytes > frozen.bytes {
            self.fence.clear();
        }
        self.body = self.lines.len();
        self.notes.layout(&mut self.lines);
    }
    /// Where the link of that number leads.
    pub fn address(&self, link: u16) -> Option<&Arc<str>> {
        self.addresses.get(usize::from(link).checked_sub(1)?)
    }
    /// Bytes of the source, all of which was laid out, that are laid out again with the next look.
    pub fn unsettled(&self, source: &str) -> usize {
        source.len().saturating_sub(self.frozen.bytes)
    }
    /// Whether the text, which goes on from what was laid out, ends in a block of code that has not come to its end.
    pub fn in_code(&self, source: &str) -> bool {
        let start = self.blocks.last().filter(|block| matches!(block.kind, BlockKind::Code(_))).map(|block| block.range.start);
        let Some(code) = start.and_then(|start| source.get(start..)) else { return false };
        let fence = fence(code);
        !fence.is_empty() && !code.lines().skip(1).any(|line| line.trim() == fence)
    }
    /// Takes everything so far for finished, though the last block may go on: one that never ends would be laid out again and again.
    pub fn settle(&mut self, source: &str) {
        self.update(source);
        let code = self.blocks.last().filter(|block| matches!(block.kind, BlockKind::Code(_)));
        let fence = match code.map(|block| block.range.start) {
            Some(start) if start == self.frozen.bytes && !self.fence.is_empty() => self.fence.trim_end(),
            Some(start) => fence(&source[start..]),
            None => "",
        };
        let last = source.trim_end().rsplit('\n').next().unwrap_or_default().trim_start();
        let is_open = !fence.is_empty() && fence != last;
        self.fence = if is_open { format!("{fence}\n") } else { String::new() };
        self.frozen = Frozen {
            bytes: source.len(),
            lines: self.body,
            blocks: self.blocks.len(),
            addresses: self.addresses.len(),
            notes: self.notes.len(),
        };
        self.open_code = None;
    }
}

/// The signs with which a block of code begins.
fn fence(code: &str) -> &str {
    let code = code.trim_start();
    let rest = code.trim_start_matches(if code.starts_with('~') { '~' } else { '`' });
    &code[..code.len() - rest.len()]
}
