//! What the parser tells, as lines: roles of words, gaps between blocks, tables. What words are made of is in `words.rs`.

mod words;

use super::{Block, BlockKind, Document, Frozen, code_block::OpenCode, containers::Containers};
use crate::ui::{
    line::{Line, Styled},
    look::Role,
    table, wrap,
};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, LinkType, Tag, TagEnd};
use words::OpenLink;

/// Lays out what the parser tells.
pub(super) struct Writer<'a> {
    document: &'a mut Document,
    text: Styled,
    containers: Containers,
    roles: Vec<Role>,
    lists: Vec<Option<u64>>,
    gap: bool,
    /// Links that are open, the innermost last: a picture may stand in a link.
    links: Vec<OpenLink>,
    /// Notes that are open, the innermost last.
    notes: Vec<OpenNote>,
    table: Option<TableSoFar>,
    code: Option<(String, String)>,
    source: &'a str,
    /// The source ends with a whole line.
    whole: bool,
    block: usize,
    last: Frozen,
    depth: usize,
}

/// A note that is being laid out, and what stood round the place where it is defined.
struct OpenNote {
    label: Box<str>,
    from: usize,
    containers: Containers,
    lists: Vec<Option<u64>>,
    gap: bool,
}

#[derive(Default)]
struct TableSoFar {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<Styled>>,
}

impl<'a> Writer<'a> {
    /// Goes on in a document that holds nothing but what is frozen.
    pub(super) fn new(document: &'a mut Document, source: &'a str, frozen: Frozen) -> Self {
        Self {
            document,
            text: Styled::default(),
            containers: Containers::default(),
            roles: vec![],
            lists: vec![],
            gap: frozen.lines > 0,
            links: vec![],
            notes: vec![],
            table: None,
            code: None,
            source,
            whole: source.ends_with('\n'),
            block: frozen.bytes,
            last: frozen,
            depth: 0,
        }
    }
    /// Writes out what is left, and says what can't change any more.
    pub(super) fn end_of_text(mut self) -> Frozen {
        self.flush();
        self.last
    }

    pub(super) fn event(&mut self, event: Event, range: std::ops::Range<usize>) {
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
            Event::Text(text) => self.put_text(&text),
            Event::Code(code) => self.put(&code, Role::Code),
            Event::InlineMath(text) => self.put_formula(&text, range, false),
            Event::DisplayMath(text) => self.put_formula(&text, range, true),
            Event::Html(text) | Event::InlineHtml(text) => self.put_html(&text),
            Event::SoftBreak => self.put_text(" "),
            Event::HardBreak => self.text.push("\n", Role::Text),
            Event::TaskListMarker(done) => {
                self.containers.mark_task(done);
            }
            Event::Rule => {
                self.top_block(range.start, BlockKind::Rule);
                self.space();
                let width = self.room().min(40);
                self.text.push(&"─".repeat(width), Role::Rule);
                self.flush();
                self.gap = true;
            }
            Event::FootnoteReference(label) => self.put_reference(&label),
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
            let line = self.source[..start].rfind('\n').map_or(0, |n| n + 1).max(self.last.bytes);
            self.last = Frozen {
                bytes: line,
                lines: self.document.lines.len(),
                blocks: self.document.blocks.len(),
                addresses: self.document.addresses.len(),
                notes: self.document.notes.len(),
            };
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
                self.containers.open_quote();
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
                self.containers.open_item(marker);
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
            Tag::Link { dest_url, link_type: LinkType::Email, .. } => self.open_link(&format!("mailto:{dest_url}")),
            Tag::Link { dest_url, .. } => self.open_link(&dest_url),
            Tag::Image { dest_url, .. } => {
                self.open_link(&dest_url);
                self.put("picture: ", Role::Muted);
            }
            Tag::FootnoteDefinition(label) => self.open_note(&label),
            Tag::HtmlBlock => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.close(),
            TagEnd::HtmlBlock => {
                // breaks between blocks are there already
                let text = std::mem::take(&mut self.text);
                if !text.text.is_empty() {
                    self.space();
                    self.text = text;
                    self.close();
                }
            }
            TagEnd::Heading(_) => {
                self.close();
                self.roles.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.containers.close();
                self.roles.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => {
                if let Some((info, body)) = self.code.take() {
                    self.code(&info, &body);
                }
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
                self.gap = self.lists.is_empty();
            }
            TagEnd::Item => {
                self.end_item();
                self.gap = false;
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let (width, from) = (self.wide_room(), self.document.lines.len());
                    let is_last = self.document.blocks.last().is_some_and(|block| block.range.end >= self.source.trim_end().len());
                    let grows = self.document.growing && is_last;
                    table::layout(&table.rows, &table.alignments, width, grows, self.block, &mut self.document.lines);
                    self.indent(from);
                }
                self.gap = true;
            }
            TagEnd::TableHead => {
                self.roles.pop();
            }
            TagEnd::TableCell => {
                let mut cell = std::mem::take(&mut self.text);
                cell.trim_line_ends();
                if let Some(row) = self.table.as_mut().and_then(|t| t.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.roles.pop();
            }
            TagEnd::Link | TagEnd::Image => self.close_link(),
            TagEnd::FootnoteDefinition => self.close_note(),
            _ => {}
        }
    }

    fn end_item(&mut self) {
        // an item without any text still shows its mark
        if self.containers.has_mark() {
            self.text.push(" ", Role::Text);
        }
        self.flush();
        self.containers.close();
    }

    fn row(&mut self) {
        if let Some(table) = &mut self.table {
            table.rows.push(vec![]);
        }
    }

    fn role(&self) -> Role {
        self.roles.last().copied().unwrap_or(Role::Text)
    }

    /// What follows belongs to a note: it will stand at the end, outside of whatever stands round its place.
    fn open_note(&mut self, label: &str) {
        self.flush();
        self.notes.push(OpenNote {
            label: label.into(),
            from: self.document.lines.len(),
            containers: std::mem::take(&mut self.containers),
            lists: std::mem::take(&mut self.lists),
            gap: std::mem::take(&mut self.gap),
        });
        self.containers.open_item(format!("[{label}] "));
        self.roles.push(Role::Muted);
    }

    fn close_note(&mut self) {
        self.end_item();
        self.roles.pop();
        if let Some(note) = self.notes.pop() {
            (self.containers, self.lists, self.gap) = (note.containers, note.lists, note.gap);
            let lines = self.document.lines.split_off(note.from);
            self.document.notes.add(note.label, lines);
        }
    }

    /// Cells that are left beside the containers.
    fn room(&self) -> usize {
        self.containers.room(self.document.width)
    }

    /// The same for what takes what it needs.
    fn wide_room(&self) -> usize {
        self.containers.room(self.document.full)
    }

    /// An empty line before a block, unless it is the first of its item.
    fn space(&mut self) {
        self.flush();
        if self.containers.has_mark() {
            return;
        }
        // nothing parts the first block from the edge, whatever was empty before it
        if std::mem::take(&mut self.gap) && !self.document.lines.is_empty() {
            self.document.lines.push(Line::new(self.containers.gap(), self.block));
        }
    }

    fn close(&mut self) {
        self.flush();
        self.gap = true;
    }

    /// Writes out the text that was gathered.
    fn flush(&mut self) {
        if self.text.text.is_empty() {
            return;
        }
        let from = self.document.lines.len();
        let width = self.room();
        self.text.trim_line_ends();
        wrap::lines(&self.text, width, self.block, |_| Styled::default(), &mut self.document.lines);
        self.text.clear();
        self.indent(from);
    }

    /// Puts what the containers want before the lines from `from` on.
    fn indent(&mut self, from: usize) {
        self.containers.indent(&mut self.document.lines[from..]);
    }

    fn code(&mut self, info: &str, body: &str) {
        let language = info.split_whitespace().next().unwrap_or_default();
        if self.depth == 1
            && let Some(block) = self.document.blocks.last_mut()
        {
            block.code = Some(body.to_string());
            block.kind = BlockKind::Code(language.to_string());
        }
        let (width, from) = (self.wide_room().saturating_sub(2).max(2), self.document.lines.len());
        let text = if self.whole { body } else { body.strip_suffix('\n').unwrap_or(body) };
        let known = self.document.open_code.take().filter(|open| self.containers.is_empty() && open.goes_on(self.block, language, text));
        let mut open = known.unwrap_or_else(|| OpenCode::new(self.block, language));
        open.layout(text, info, width, &mut self.document.lines);
        self.document.open_code = Some(open);
        self.indent(from);
        self.gap = true;
    }
}
