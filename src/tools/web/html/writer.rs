//! The text of a page, its marks and its headings become Markdown; `blocks.rs` has its other blocks.

use super::{
    super::clean,
    flow::{Flow, Gap},
    marks::{Link, Wanted},
    table::Table,
};

/// So many bytes are written for one page; a small page with one long address can become large by its links.
const MOST: usize = 4 << 20;
/// A main part of more characters stands for the page.
const GOOD: usize = 200;

/// Writes one page.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// Where text goes: the page, or the cell that is open.
    pub flow: Flow,
    /// The page and the cells around that cell.
    pub outer: Vec<Flow>,
    pub tables: Vec<Table>,
    pub lists: Vec<Option<u32>>,
    pub pre: Option<Pre>,
    headings: usize,
    /// Which marks the next word is to have.
    pub wanted: Wanted,
    links: usize,
    spent: usize,
    pub landmarks: [Landmark; 2],
}

/// A block of code in the making.
#[derive(Debug)]
pub(super) struct Pre {
    pub text: String,
    pub language: String,
}

/// Main parts of one kind.
#[derive(Debug, Default)]
pub(super) struct Landmark {
    pub count: usize,
    pub is_open: bool,
    /// The first and the last byte of the latest.
    pub place: (usize, usize),
}

impl Writer {
    /// Was enough written?
    pub fn is_full(&self) -> bool {
        self.spent > MOST
    }

    /// Text of the page: blanks are one, and what nobody sees is left out.
    pub fn text(&mut self, text: &str) {
        if let Some(pre) = &mut self.pre {
            self.spent += text.len();
            pre.text.push_str(&clean::text(text));
            return;
        }
        if text.starts_with(char::is_whitespace) {
            self.flow.gap = self.flow.gap.max(Gap::Space);
        }
        for (n, word) in text.split_whitespace().enumerate() {
            if n > 0 {
                self.flow.gap = self.flow.gap.max(Gap::Space);
            }
            match clean::word(word) {
                word if word.is_empty() => {}
                word => self.put(&word),
            }
        }
        if text.ends_with(char::is_whitespace) {
            self.flow.gap = self.flow.gap.max(Gap::Space);
        }
    }

    /// Puts something down that is one word.
    pub fn put(&mut self, word: &str) {
        let before = self.flow.out.len();
        self.flow.begin(&mut self.wanted);
        self.flow.out.push_str(word);
        self.spent += self.flow.out.len().saturating_sub(before);
    }

    /// Puts lines down as a block of their own.
    pub fn lines(&mut self, lines: impl Iterator<Item = String>) {
        let before = self.flow.out.len();
        self.block(Gap::Blank);
        lines.for_each(|line| self.flow.line(&line));
        self.block(Gap::Blank);
        self.spent += self.flow.out.len().saturating_sub(before);
    }

    /// Are blocks told apart here? They are not in a heading, nor in a block of code.
    pub fn has_structure(&self) -> bool {
        self.headings == 0 && self.pre.is_none()
    }

    /// Ends a line or a paragraph.
    pub fn block(&mut self, gap: Gap) {
        match &mut self.pre {
            Some(pre) if pre.text.is_empty() || pre.text.ends_with('\n') => {}
            Some(pre) => pre.text.push('\n'),
            None if self.headings > 0 => self.flow.gap = self.flow.gap.max(Gap::Space),
            None => self.flow.block(gap),
        }
    }

    /// A line ends where the author wanted it.
    pub fn line_break(&mut self) {
        match &mut self.pre {
            Some(pre) => pre.text.push('\n'),
            None if self.headings > 0 || self.wanted.link.is_some() => self.flow.gap = self.flow.gap.max(Gap::Space),
            None if self.flow.gap == Gap::Line => self.flow.block(Gap::Blank),
            None => self.flow.gap = self.flow.gap.max(Gap::Line),
        }
    }

    /// A line across the page.
    pub fn rule(&mut self) {
        if self.has_structure() {
            self.lines(["---".to_string()].into_iter());
        }
    }

    /// A picture that has words.
    pub fn picture(&mut self, words: &str, address: &str) {
        if self.pre.is_none() {
            self.put(&format!("![{words}]({address})"));
        }
    }

    /// A link begins; it ends when none is wanted any more.
    pub fn link(&mut self, address: String) {
        self.links += 1;
        self.wanted.link = Some(Link { number: self.links, address, is_told: false });
    }

    /// Begins a heading of this level.
    pub fn heading(&mut self, level: usize) -> bool {
        let begins = self.has_structure();
        self.block(Gap::Blank);
        if begins {
            self.flow.head = ["# ", "## ", "### ", "#### ", "##### ", "###### "].get(level.saturating_sub(1)).copied().unwrap_or("# ");
            self.flow.has_blocks = true;
            self.headings += 1;
        }
        begins
    }

    /// Ends it.
    pub fn end_heading(&mut self) {
        self.headings = self.headings.saturating_sub(1);
        self.flow.head = "";
        self.block(Gap::Blank);
    }

    /// Begins what a term means.
    pub fn meaning(&mut self) -> bool {
        self.block(Gap::Line);
        let begins = self.has_structure();
        if begins {
            self.flow.head = ": ";
        }
        begins
    }

    /// Ends it.
    pub fn end_meaning(&mut self) {
        self.flow.head = "";
        self.block(Gap::Line);
    }

    /// The text of the page: of its main part, when it has one that says something.
    pub fn finish(self) -> String {
        let text = self.flow.finish();
        let parts = self.landmarks.iter().rev().filter(|mark| mark.count == 1);
        let mut texts = parts.filter_map(|mark| text.get(mark.place.0..mark.place.1)).map(str::trim);
        let good = texts.find(|part| part.chars().nth(GOOD).is_some());
        good.unwrap_or(text.trim()).to_string()
    }
}
