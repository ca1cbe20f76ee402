//! Markdown to lines. `Document` keeps what is finished: as text streams in, only the last block is laid out again. The
//! source must be tamed already. Never panics on a text that is cut off anywhere.

use crate::ui::{
    code::Highlighter,
    line::{Line, Styled},
    look::Role,
    table, wrap,
};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

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
    finished: bool,
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

/// A code block that is still coming: the lines that are finished keep their colours.
struct OpenCode {
    start: usize,
    bytes: usize,
    lines: Vec<Line>,
    highlighter: Highlighter,
}

impl Document {
    /// Nothing yet, at `width` cells.
    pub fn new(width: usize) -> Self {
        Self { width: width.max(1), ..Self::default() }
    }
    /// The text is whole. A reference may have been defined after the place that uses it was finished: then all of it is laid out once
    /// more.
    pub fn finish(&mut self, source: &str) {
        if !self.finished && source.contains("]:") {
            *self = Self::new(self.width);
            self.update(source);
        }
        self.finished = true;
    }
    /// Lays out what is new. `source` begins with what it was the last time.
    pub fn update(&mut self, source: &str) {
        let (bytes, lines, blocks) = self.frozen;
        let (bytes, lines, blocks) = if source.is_char_boundary(bytes) { (bytes, lines, blocks) } else { (0, 0, 0) };
        self.lines.truncate(lines);
        self.blocks.truncate(blocks);
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let mut writer = Writer {
            document: self,
            text: Styled::default(),
            levels: vec![],
            roles: vec![],
            lists: vec![],
            gap: lines > 0,
            links: vec![],
            table: None,
            code: None,
            source,
            whole: source.ends_with('\n'),
            block: bytes,
            last: (bytes, lines, blocks),
            depth: 0,
        };
        for (event, range) in Parser::new_ext(&source[bytes..], options).into_offset_iter() {
            writer.event(event, bytes + range.start..bytes + range.end);
        }
        writer.flush();
        let last = writer.last;
        self.frozen = last;
    }
}

/// A container round the text: a quote, or an item of a list.
struct Level {
    /// What stands before the first line; taken by it.
    marker: Option<Styled>,
    /// What stands before the others.
    rest: &'static str,
    width: usize,
}

struct Writer<'a> {
    document: &'a mut Document,
    text: Styled,
    levels: Vec<Level>,
    roles: Vec<Role>,
    lists: Vec<Option<u64>>,
    gap: bool,
    /// Addresses with where their words begin, the innermost last: a picture may stand in a link.
    links: Vec<(String, usize)>,
    table: Option<TableSoFar>,
    code: Option<(String, String)>,
    source: &'a str,
    /// The source ends with a whole line.
    whole: bool,
    block: usize,
    last: (usize, usize, usize),
    depth: usize,
}

#[derive(Default)]
struct TableSoFar {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<Styled>>,
}

impl Writer<'_> {
    fn event(&mut self, event: Event, range: std::ops::Range<usize>) {
        match event {
            Event::Start(tag) => {
                self.begin_block(&tag, &range);
                self.start(tag);
            }
            Event::End(tag) => {
                self.end(tag);
                if self.depth > 0 {
                    self.depth -= 1;
                }
            }
            Event::Text(text) if self.code.is_some() => {
                if let Some((_, body)) = &mut self.code {
                    body.push_str(&text);
                }
            }
            Event::Text(text) => {
                let role = self.role();
                self.push_text(&text, role);
            }
            Event::Code(code) => self.text.push(&code, Role::Code),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text.push(&text, Role::Code),
            Event::Html(text) | Event::InlineHtml(text) => self.text.push(&text, Role::Muted),
            Event::SoftBreak => {
                let role = self.role();
                self.text.push(" ", role);
            }
            Event::HardBreak => self.text.push("\n", Role::Text),
            Event::TaskListMarker(done) => {
                if let Some(marker) = self.levels.last_mut().and_then(|l| l.marker.as_mut()) {
                    *marker = Styled::new(if done { "✓ " } else { "○ " }, Role::Muted);
                }
            }
            Event::Rule => {
                self.top_block(range.start, BlockKind::Rule);
                self.space();
                let width = self.room().min(40);
                self.text.push(&"─".repeat(width), Role::Rule);
                self.flush();
                self.gap = true;
            }
            Event::FootnoteReference(name) => self.text.push(&format!("[{name}]"), Role::Muted),
        }
    }

    /// Remembers where a top-level block begins: everything before it is finished.
    fn begin_block(&mut self, tag: &Tag, range: &std::ops::Range<usize>) {
        if self.depth == 0 {
            let kind = match tag {
                Tag::Heading { .. } => BlockKind::Heading,
                Tag::List(_) => BlockKind::List,
                Tag::Table(_) => BlockKind::Table,
                Tag::BlockQuote(_) => BlockKind::Quote,
                Tag::CodeBlock(_) => BlockKind::Code(String::new()),
                _ => BlockKind::Text,
            };
            self.top_block(range.start, kind);
            if let Some(block) = self.document.blocks.last_mut() {
                block.range.end = range.end;
            }
        }
        self.depth += 1;
    }

    fn top_block(&mut self, start: usize, kind: BlockKind) {
        if self.depth > 0 {
            return;
        }
        self.flush();
        self.block = start;
        // what is above can't change any more once this block's first line is whole: until then it may still turn out to be a
        // row of the table above. The next look begins at the line's own beginning: blanks there mean something
        if self.source[start..].contains('\n') {
            let line = self.source[..start].rfind('\n').map_or(0, |n| n + 1).max(self.last.0);
            self.last = (line, self.document.lines.len(), self.document.blocks.len());
        }
        let line = self.document.lines.len() + usize::from(self.gap);
        self.document.blocks.push(Block { range: start..start, code: None, kind, line });
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Paragraph => self.space(),
            Tag::Heading { level, .. } => {
                self.space();
                self.roles.push(if level == HeadingLevel::H1 { Role::Title } else { Role::Heading });
            }
            Tag::BlockQuote(_) => {
                self.space();
                self.levels.push(Level { marker: None, rest: "▎ ", width: 2 });
                self.roles.push(Role::Quote);
                self.gap = false;
            }
            Tag::CodeBlock(kind) => {
                self.space();
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((info, String::new()));
            }
            Tag::List(first) => {
                self.flush();
                if self.lists.is_empty() {
                    self.space();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                self.gap = false;
                let marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => ["• ", "◦ ", "▪ "][self.lists.len().saturating_sub(1) % 3].to_string(),
                };
                let width = wrap::width(&marker);
                self.levels.push(Level { marker: Some(Styled::new(marker, Role::Muted)), rest: " ", width });
            }
            Tag::Table(alignments) => {
                self.space();
                self.table = Some(TableSoFar { alignments, rows: vec![] });
            }
            Tag::TableHead => {
                self.roles.push(Role::Strong);
                self.row();
            }
            Tag::TableRow => self.row(),
            Tag::TableCell => self.text.clear(),
            Tag::Emphasis => self.roles.push(if self.role() == Role::Strong { Role::StrongEmphasis } else { Role::Emphasis }),
            Tag::Strong => self.roles.push(if self.role() == Role::Emphasis { Role::StrongEmphasis } else { Role::Strong }),
            Tag::Strikethrough => self.roles.push(Role::Struck),
            Tag::Link { dest_url, .. } => {
                self.links.push((dest_url.to_string(), self.text.text.len()));
                self.roles.push(Role::Link);
            }
            Tag::Image { dest_url, .. } => {
                self.links.push((dest_url.to_string(), self.text.text.len()));
                self.text.push("picture: ", Role::Muted);
                self.roles.push(Role::Link);
            }
            Tag::HtmlBlock => self.space(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.close(),
            TagEnd::Heading(_) => {
                self.close();
                self.roles.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.levels.pop();
                self.roles.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => {
                if let Some((info, body)) = self.code.take() {
                    self.code(&info, &body, self.whole);
                }
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
                self.gap = self.lists.is_empty();
            }
            TagEnd::Item => {
                // an item without any text still shows its mark
                if self.levels.last().is_some_and(|l| l.marker.is_some()) {
                    self.text.push(" ", Role::Text);
                }
                self.flush();
                self.levels.pop();
                self.gap = false;
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let (width, from) = (self.room(), self.document.lines.len());
                    table::layout(&table.rows, &table.alignments, width, self.block, &mut self.document.lines);
                    self.indent(from);
                }
                self.gap = true;
            }
            TagEnd::TableHead => {
                self.roles.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                if let Some(row) = self.table.as_mut().and_then(|t| t.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.roles.pop();
            }
            TagEnd::Link | TagEnd::Image => {
                self.roles.pop();
                if let Some((address, from)) = self.links.pop() {
                    let shown = self.text.text.get(from..).unwrap_or_default();
                    if !address.is_empty() && shown != address && !address.starts_with('#') && format!("mailto:{shown}") != address {
                        self.text.push(&format!(" ({address})"), Role::Muted);
                    }
                }
            }
            _ => {}
        }
    }

    fn row(&mut self) {
        if let Some(table) = &mut self.table {
            table.rows.push(vec![]);
        }
    }

    fn role(&self) -> Role {
        self.roles.last().copied().unwrap_or(Role::Text)
    }

    /// Text, in which bare addresses are links.
    fn push_text(&mut self, text: &str, role: Role) {
        let mut rest = text;
        while let Some(at) = rest.find("http://").or_else(|| rest.find("https://")).filter(|_| self.links.is_empty()) {
            let at = rest.find("https://").map_or(at, |other| other.min(at));
            let end =
                rest[at..].find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '）')).map_or(rest.len(), |e| at + e);
            let address = rest[at..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
            self.text.push(&rest[..at], role);
            self.text.push(address, Role::Link);
            rest = &rest[at + address.len()..];
        }
        self.text.push(rest, role);
    }

    /// Cells that are left beside the containers.
    fn room(&self) -> usize {
        self.document.width.saturating_sub(self.levels.iter().map(|l| l.width).sum()).max(4)
    }

    /// An empty line before a block, unless it is the first of its item.
    fn space(&mut self) {
        self.flush();
        if self.levels.last().is_some_and(|l| l.marker.is_some()) {
            return;
        }
        if std::mem::take(&mut self.gap) {
            let mut line = Styled::default();
            if self.levels.iter().any(|l| l.rest == "▎ ") {
                line = self.prefix_rest();
            }
            self.document.lines.push(Line::new(line, self.block));
        }
    }

    fn close(&mut self) {
        self.flush();
        self.gap = true;
    }

    fn prefix_rest(&self) -> Styled {
        let mut prefix = Styled::default();
        for level in &self.levels {
            push_rest(&mut prefix, level);
        }
        prefix
    }

    /// Writes out the text that was gathered.
    fn flush(&mut self) {
        if self.text.text.is_empty() {
            return;
        }
        let from = self.document.lines.len();
        let width = self.room();
        while self.text.text.ends_with('\n') {
            self.text.text.pop();
            if let Some(last) = self.text.runs.last_mut() {
                last.len -= 1;
            }
        }
        wrap::lines(&self.text, width, self.block, |_| Styled::default(), &mut self.document.lines);
        self.text.clear();
        self.indent(from);
    }

    /// Puts what the containers want before the lines from `from` on.
    fn indent(&mut self, from: usize) {
        if self.levels.is_empty() {
            return;
        }
        for line in &mut self.document.lines[from..] {
            let mut whole = Styled::default();
            for level in &mut self.levels {
                match level.marker.take() {
                    Some(marker) => {
                        whole.text.push_str(&marker.text);
                        whole.runs.extend(marker.runs);
                    }
                    None => push_rest(&mut whole, level),
                }
            }
            whole.text.push_str(&line.text);
            whole.runs.extend(line.runs.iter().copied());
            *line = Line::new(whole, line.source as usize);
        }
    }

    /// A code block. While it is still open, the lines that are finished keep their colours.
    fn code(&mut self, info: &str, body: &str, whole: bool) {
        let language = info.split_whitespace().next().unwrap_or_default();
        if self.depth == 1
            && let Some(block) = self.document.blocks.last_mut()
        {
            block.code = Some(body.to_string());
            block.kind = BlockKind::Code(language.to_string());
        }
        let width = self.room().saturating_sub(2).max(2);
        let from = self.document.lines.len();
        let start = self.block;
        let text = if whole { body } else { body.strip_suffix('\n').unwrap_or(body) };
        let finished = text.rfind('\n').map_or(0, |n| n + 1);
        let known = self.document.open_code.take().filter(|o| o.start == start && finished >= o.bytes && self.levels.is_empty());
        let mut open = known.unwrap_or_else(|| OpenCode { start, bytes: 0, lines: vec![], highlighter: Highlighter::new(language) });
        for line in text[open.bytes..finished].split_terminator('\n') {
            code_lines(&open.highlighter.line(&expand_tabs(line)), width, start, &mut open.lines);
        }
        open.bytes = finished;
        self.document.lines.extend(open.lines.iter().cloned());
        if finished < text.len() {
            let styled = open.highlighter.clone().line(&expand_tabs(&text[finished..]));
            code_lines(&styled, width, start, &mut self.document.lines);
        }
        if self.document.lines.len() == from {
            code_lines(&Styled::default(), width, start, &mut self.document.lines);
        }
        if let Some(first) = self.document.lines.get_mut(from) {
            label(first, info, width);
        }
        self.document.open_code = Some(open);
        self.indent(from);
        self.gap = true;
    }
}

fn push_rest(prefix: &mut Styled, level: &Level) {
    if level.rest == " " {
        prefix.push(&" ".repeat(level.width), Role::Text);
    } else {
        prefix.push(level.rest, Role::Muted);
    }
}

fn expand_tabs(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\t') { text.replace('\t', "    ").into() } else { text.into() }
}

/// One line of code, broken where it is too long, behind its bar.
fn code_lines(code: &Styled, width: usize, source: usize, out: &mut Vec<Line>) {
    let mut start = 0;
    let mut used = 0;
    let mut cuts = vec![];
    if wrap::width(&code.text) > width {
        let mut at = 0;
        for (grapheme, cells) in wrap::cells(&code.text) {
            // graphemes without a width are not told: find the place of this one
            at = code.text[at..].find(grapheme).map_or(at, |n| at + n);
            if used + usize::from(cells) > width {
                cuts.push(start..at);
                (start, used) = (at, 0);
            }
            used += usize::from(cells);
            at += grapheme.len();
        }
    }
    cuts.push(start..code.text.len());
    for range in cuts {
        let mut line = Styled::new("┃ ", Role::Muted);
        line.text.push_str(&code.text[range.clone()]);
        wrap::slice(&code.runs, range, &mut line.runs);
        out.push(Line::new(line, source));
    }
}

/// The language of the code, or the name of the file, at the right end of its first line, when there is room.
fn label(line: &mut Line, info: &str, width: usize) {
    let name = info.split([' ', '\t']).next_back().unwrap_or_default().trim_start_matches("title=").trim_matches('"');
    let used = wrap::width(&line.text);
    let full = (width + 2).min(78);
    if name.is_empty() || used + 2 + wrap::width(name) > full {
        return;
    }
    let mut styled = Styled { text: line.text.to_string(), runs: line.runs.to_vec() };
    styled.push(&" ".repeat(full - used - wrap::width(name)), Role::Text);
    styled.push(name, Role::Muted);
    *line = Line::new(styled, line.source as usize);
}

#[cfg(test)]
mod tests;
