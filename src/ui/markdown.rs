//! Markdown to lines. `Document` keeps what is finished: as text streams in, only the last block is laid out again. The
//! source must be tamed already. Never panics on a text that is cut off anywhere.

mod code_block;
mod containers;
#[cfg(test)]
mod tests;
mod writer;

use crate::ui::line::Line;
use code_block::OpenCode;
use pulldown_cmark::{Options, Parser};
use writer::Writer;

/// A text that may still grow, laid out at one width.
#[derive(Default)]
pub struct Document {
    /// What is drawn.
    pub lines: Vec<Line>,
    /// Where each top-level block is in the source, for copying and anchors.
    pub blocks: Vec<Block>,
    width: usize,
    /// Bytes of the source whose blocks can't change any more, with the lines and blocks they made.
    frozen: (usize, usize, usize),
    /// The text is whole at so many bytes, and laid out as such.
    finished: Option<usize>,
    open_code: Option<OpenCode>,
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
        Self { width: width.max(1), ..Self::default() }
    }
    /// The text is whole. A reference may have been defined after the place that uses it was finished: then all of it is laid out once
    /// more.
    pub fn finish(&mut self, source: &str) {
        if self.finished == Some(source.len()) {
            return;
        }
        if source.contains("]:") {
            *self = Self::new(self.width);
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
        let (bytes, lines, blocks) = self.frozen;
        let (bytes, lines, blocks) = if source.is_char_boundary(bytes) { (bytes, lines, blocks) } else { (0, 0, 0) };
        self.lines.truncate(lines);
        self.blocks.truncate(blocks);
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let mut writer = Writer::new(self, source, (bytes, lines, blocks));
        for (event, range) in Parser::new_ext(&source[bytes..], options).into_offset_iter() {
            writer.event(event, bytes + range.start..bytes + range.end);
        }
        self.frozen = writer.end_of_text();
    }
}
