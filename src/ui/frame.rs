//! One picture in the making: cells, the caret, and the look that turns roles into styles.

use crate::ui::{
    line::{Line, Run},
    look::{Look, Module, Role},
    wrap,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

/// What a view draws on.
pub struct Frame<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// Where the terminal's real cursor shall stand.
    pub caret: Option<Position>,
    /// How roles look.
    pub look: Look,
    /// Areas that lead somewhere.
    pub links: Vec<Link>,
}

/// An area that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its cells.
    pub area: Rect,
    /// Where it leads.
    pub address: String,
}

impl<'a> Frame<'a> {
    /// An empty picture on `buffer`.
    pub fn new(buffer: &'a mut Buffer, look: Look) -> Self {
        Self { buffer, caret: None, look, links: vec![] }
    }
    /// All of it.
    pub fn area(&self) -> Rect {
        self.buffer.area
    }
    /// Writes one line of text from column `x`, cut off at `right`. Returns the column after it.
    pub fn put(&mut self, x: u16, y: u16, right: u16, text: &str, role: Role) -> u16 {
        let run = [Run { len: u32::try_from(text.len()).unwrap_or(u32::MAX), role }];
        self.put_runs(x, y, right, text, &run)
    }
    /// Writes a laid-out line.
    pub fn put_line(&mut self, x: u16, y: u16, right: u16, line: &Line) -> u16 {
        self.put_runs(x, y, right, &line.text, &line.runs)
    }
    /// Writes text whose parts have roles of their own.
    pub fn put_runs(&mut self, mut x: u16, y: u16, right: u16, text: &str, runs: &[Run]) -> u16 {
        let area = self.buffer.area;
        let right = right.min(area.right());
        if y < area.y || y >= area.bottom() {
            return x;
        }
        let mut at = 0;
        for run in runs {
            let end = (at + run.len as usize).min(text.len());
            let Some(part) = text.get(at..end) else { return x };
            let style = self.look.style(run.role);
            for (grapheme, width) in wrap::cells(part) {
                if x + width > right {
                    return x;
                }
                let cell = &mut self.buffer[(x, y)];
                cell.set_symbol(grapheme).set_style(style);
                for hidden in 1..width {
                    self.buffer[(x + hidden, y)].set_symbol(" ").set_style(style);
                }
                x += width;
            }
            at = end;
        }
        x
    }
    /// Writes text so that it ends before column `right`; says where it began.
    pub fn put_right(&mut self, right: u16, y: u16, text: &str, role: Role) -> u16 {
        let width = u16::try_from(wrap::width(text)).unwrap_or(u16::MAX);
        let x = right.saturating_sub(width);
        self.put(x, y, right, text, role);
        x
    }
    /// A thin rule from `left` to `right`.
    pub fn rule(&mut self, left: u16, right: u16, y: u16) {
        let style = self.look.style(Role::Rule);
        for x in left..right.min(self.buffer.area.right()) {
            if y < self.buffer.area.bottom() {
                self.buffer[(x, y)].set_symbol("─").set_style(style);
            }
        }
    }
    /// Draws two modules of a picture, one above the other.
    pub fn half_block(&mut self, x: u16, y: u16, upper: Module, lower: Module) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol("▀").set_style(self.look.half_block(upper, lower));
        }
    }
    /// Makes an area one link (OSC 8) for terminals that know links.
    pub fn link(&mut self, area: Rect, address: &str) {
        self.links.push(Link { area: area.intersection(self.buffer.area), address: address.to_string() });
    }
    /// Gives cells that are already drawn another role, keeping their text.
    pub fn tint(&mut self, area: Rect, role: Role) {
        let style = self.look.style(role);
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                self.buffer[(x, y)].set_style(style);
            }
        }
    }
    /// Empties an area.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
    }
}
