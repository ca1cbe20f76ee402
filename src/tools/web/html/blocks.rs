//! The blocks of a page: code, quotes, lists, tables and main parts.

use super::{
    flow::{Around, Gap},
    marks::fence,
    table::Table,
    writer::{Landmark, Pre, Writer},
};
use std::mem;

/// Tables inside each other beyond these are plain text: each takes the text of all that are in it once more.
const TABLES: usize = 6;

impl Writer {
    /// Begins a block of code.
    pub fn pre(&mut self, language: String) -> bool {
        let begins = self.has_structure();
        if begins {
            self.pre = Some(Pre { text: String::new(), language });
        }
        begins
    }

    /// Says the language of the block of code that just began.
    pub fn language(&mut self, language: String) {
        if let Some(pre) = self.pre.as_mut().filter(|pre| pre.language.is_empty()) {
            pre.language = language;
        }
    }

    /// Ends it.
    pub fn end_pre(&mut self) {
        let Some(pre) = self.pre.take() else { return };
        let text = pre.text.strip_prefix('\n').unwrap_or(&pre.text).trim_end();
        if text.is_empty() {
            return;
        }
        let fence = fence(text, 3);
        self.flow.has_blocks = true;
        let first = format!("{fence}{}", pre.language);
        self.lines([first].into_iter().chain(text.lines().map(str::to_string)).chain([fence]));
    }

    /// Begins a quote.
    pub fn quote(&mut self) -> bool {
        self.block(Gap::Blank);
        self.has_structure() && self.flow.enter(Around::Quote)
    }

    /// Ends it.
    pub fn end_quote(&mut self) {
        self.flow.leave();
        self.block(Gap::Blank);
    }

    /// Begins a list; its first number, where it has numbers.
    pub fn list(&mut self, first: Option<u32>) {
        self.block(if self.lists.is_empty() { Gap::Blank } else { Gap::Line });
        self.lists.push(first);
    }

    /// Ends it.
    pub fn end_list(&mut self) {
        self.lists.pop();
        self.block(if self.lists.is_empty() { Gap::Blank } else { Gap::Line });
    }

    /// Begins an item.
    pub fn item(&mut self) -> bool {
        self.block(Gap::Line);
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number = number.saturating_add(1);
                format!("{}. ", number.saturating_sub(1)).into()
            }
            _ => "- ".into(),
        };
        self.has_structure() && self.flow.enter(Around::Item { marker, is_written: false })
    }

    /// Ends it. The next one follows without a blank line.
    pub fn end_item(&mut self) {
        self.flow.leave();
        self.flow.gap = self.flow.gap.clamp(Gap::None, Gap::Line);
    }

    /// Begins a table.
    pub fn table(&mut self) -> bool {
        self.block(Gap::Blank);
        let begins = self.has_structure() && self.tables.len() < TABLES;
        if begins {
            self.tables.push(Table::default());
        }
        begins
    }

    /// Ends it.
    pub fn end_table(&mut self) {
        let lines = self.tables.pop().map(Table::lines).unwrap_or_default();
        if !lines.is_empty() {
            self.flow.has_blocks = true;
            self.lines(lines.into_iter());
        }
    }

    /// Begins a row of the table.
    pub fn row(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            table.row();
        }
    }

    /// Begins a cell.
    pub fn cell(&mut self) {
        self.flow.block(Gap::None);
        self.outer.push(mem::take(&mut self.flow));
    }

    /// Ends it.
    pub fn end_cell(&mut self) {
        let Some(outer) = self.outer.pop() else { return };
        let cell = mem::replace(&mut self.flow, outer);
        let has_blocks = cell.has_blocks;
        if let Some(table) = self.tables.last_mut() {
            table.cell(cell.finish(), has_blocks);
        }
    }

    /// Begins a main part: an article, or that of the page. It is of use only when nothing but the page is around it.
    pub fn landmark(&mut self, is_main: bool) -> bool {
        self.block(Gap::Blank);
        let is_plain = self.outer.is_empty() && self.flow.is_plain() && self.has_structure();
        let Some(mark) = self.landmarks.get_mut(usize::from(is_main)).filter(|mark| is_plain && !mark.is_open) else { return false };
        *mark = Landmark { count: mark.count + 1, is_open: true, place: (self.flow.out.len(), self.flow.out.len()) };
        true
    }

    /// Ends it.
    pub fn end_landmark(&mut self, is_main: bool) {
        self.block(Gap::Blank);
        if let Some(mark) = self.landmarks.get_mut(usize::from(is_main)) {
            (mark.is_open, mark.place.1) = (false, self.flow.out.len());
        }
    }
}
