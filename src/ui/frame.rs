//! One picture in the making: cells, the caret, and the look that turns roles into styles.

use crate::{
    domain::{
        facts::Theme,
        sight::{Thumb, Way},
    },
    ui::{
        line::{Line, Run, Strip},
        look::{Look, Module, Role},
        rows::Rows,
        wrap,
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Modifier, Style},
};
use std::sync::Arc;

/// No more columns and rows than these are drawn, whatever size a window is said to have.
pub const LARGEST: (u16, u16) = (1_000, 500);

/// What a view draws on: the whole window, or a part of it. Whoever draws counts from the part's own corner and can't leave it.
pub struct Frame<'a> {
    /// The cells of the window.
    buffer: &'a mut Buffer,
    /// What they show already; nothing where the picture is drawn on empty cells, or over the one before.
    rows: Option<&'a mut Rows>,
    /// The part that is drawn on, in cells of the window.
    part: Rect,
    /// Where the terminal's real cursor shall stand, counted from the corner of the part.
    pub caret: Option<Position>,
    /// How roles look.
    pub look: Look,
    /// Areas that lead somewhere, in cells of the window.
    pub links: Vec<Link>,
    /// Whether rows may be moved by the terminal: not where something stands beside what moves, for it would move, too.
    pub rows_move: bool,
    /// Pictures that stand in full on cells that show them roughly.
    laid: Vec<Laid>,
}

/// A picture that the terminal can lay over the cells that show it.
#[derive(Debug, Clone)]
pub struct Laid {
    /// Its cells, in cells of the window.
    pub area: Rect,
    /// The picture.
    pub thumb: Arc<Thumb>,
}

/// The same picture in the same place.
impl PartialEq for Laid {
    fn eq(&self, other: &Self) -> bool {
        self.area == other.area && self.thumb.id() == other.thumb.id()
    }
}

/// An area that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its cells.
    pub area: Rect,
    /// Where it leads.
    pub address: Arc<str>,
    /// What all areas of one link have in common, and those of no other link with the same address.
    pub id: u64,
}

impl<'a> Frame<'a> {
    /// A picture on `buffer`, over what is there.
    pub fn new(buffer: &'a mut Buffer, look: Look) -> Self {
        let part = buffer.area;
        Self { buffer, rows: None, part, caret: None, look, links: vec![], rows_move: true, laid: vec![] }
    }
    /// A picture in the place of the one before, which `rows` tells of. `end` ends it.
    pub fn after(buffer: &'a mut Buffer, rows: &'a mut Rows, look: Look) -> Self {
        rows.begin(buffer, look);
        Self { rows: Some(rows), ..Self::new(buffer, look) }
    }
    /// Nothing more is drawn: what nobody has drawn on is empty.
    pub fn end(&mut self) {
        if let Some(rows) = &mut self.rows {
            rows.end(self.buffer);
        }
    }
    /// Cells of rows of the window are about to change.
    fn touch(&mut self, rows: std::ops::Range<u16>) {
        if let Some(known) = &mut self.rows {
            rows.for_each(|y| known.draw(y, self.buffer));
        }
    }
    /// Draws a row that shows what `line` is made of and nothing else, unless it does so already.
    pub fn row(&mut self, y: u16, line: impl std::hash::Hash, draw: impl FnOnce(&mut Self)) {
        let row = self.part.y + y;
        let whole = self.part.x == 0 && self.part.width == self.buffer.area.width;
        let Some(rows) = self.rows.as_mut().filter(|rows| whole && rows.is_free(row)) else { return draw(self) };
        let number = rows.number(line);
        if rows.keep(row, number) {
            return;
        }
        draw(self);
        if let Some(rows) = &mut self.rows {
            rows.shows(row, number);
        }
    }
    /// All of it.
    pub fn area(&self) -> Rect {
        Rect::new(0, 0, self.part.width, self.part.height)
    }
    /// Draws on a part of it. A caret that is set there is the caret; without one the caret stays where it is.
    pub fn within(&mut self, area: Rect, draw: impl FnOnce(&mut Self)) {
        let (outer, caret) = (self.part, self.caret.take());
        let area = area.intersection(self.area());
        self.part = self.in_window(area);
        draw(self);
        self.part = outer;
        self.caret = self.caret.map(|at| Position::new(at.x + area.x, at.y + area.y)).or(caret);
    }
    /// An area of the part, as far as it is in it, in cells of the window.
    fn in_window(&self, area: Rect) -> Rect {
        let inside = area.intersection(self.area());
        Rect { x: self.part.x + inside.x, y: self.part.y + inside.y, ..inside }
    }
    /// The same; its cells are about to change.
    fn touched(&mut self, area: Rect) -> Rect {
        let area = self.in_window(area);
        if area.width > 0 {
            self.touch(area.top()..area.bottom());
        }
        area
    }
    /// Writes one line of text from column `x`, cut off at `right`. Returns the column after it.
    pub fn put(&mut self, x: u16, y: u16, right: u16, text: &str, role: Role) -> u16 {
        let run = [Run::new(text.len(), role)];
        self.put_runs(x, y, right, text, &run)
    }
    /// Writes a laid-out line.
    pub fn put_line(&mut self, x: u16, y: u16, right: u16, line: &Line) -> u16 {
        if let Some(strip) = &line.strip {
            return self.put_strip(x.saturating_add(strip.indent), y, right, strip);
        }
        self.put_runs(x, y, right, &line.text, &line.runs)
    }
    /// Writes text whose parts have roles of their own.
    pub fn put_runs(&mut self, mut x: u16, y: u16, right: u16, text: &str, runs: &[Run]) -> u16 {
        let right = right.min(self.part.width);
        if y >= self.part.height {
            return x;
        }
        let (left, row) = (self.part.x, self.part.y + y);
        self.touch(row..row + 1);
        // a grapheme has one look, that of the run in which it begins
        let mut runs = runs.iter();
        let (mut at, mut end) = (0, 0);
        let mut look = Default::default();
        for (symbol, width) in wrap::cells(text) {
            while at >= end {
                let Some(run) = runs.next() else { return x };
                end += run.len as usize;
                let style = self.look.style(run.role);
                // what was there before, and how it looked, is gone
                look = (style.fg.unwrap_or_default(), style.bg.unwrap_or_default(), style.add_modifier);
            }
            if x.saturating_add(width) > right {
                return x;
            }
            for column in 0..width {
                let cell = &mut self.buffer[(left + x + column, row)];
                cell.set_symbol(if column == 0 { symbol } else { " " });
                (cell.fg, cell.bg, cell.modifier) = look;
            }
            x += width;
            at += symbol.len();
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
        self.fill(Rect::new(left, y, right.saturating_sub(left), 1), "─", Role::Rule);
    }
    /// A heavy rule from `left` to `right`, for what has the focus.
    pub fn heavy_rule(&mut self, left: u16, right: u16, y: u16) {
        self.fill(Rect::new(left, y, right.saturating_sub(left), 1), "━", Role::Accent);
    }
    /// A thin rule from top to bottom.
    pub fn divider(&mut self, x: u16, top: u16, bottom: u16) {
        self.fill(Rect::new(x, top, 1, bottom.saturating_sub(top)), "│", Role::Rule);
    }
    fn fill(&mut self, area: Rect, symbol: &str, role: Role) {
        let style = self.look.style(role);
        let area = self.touched(area);
        for position in area.positions() {
            self.buffer[position].set_symbol(symbol).set_style(style);
        }
    }
    /// Draws a row of a picture.
    fn put_strip(&mut self, x: u16, y: u16, right: u16, strip: &Strip) -> u16 {
        let area = self.touched(Rect::new(x, y, strip.thumb.columns().min(right.saturating_sub(x)), 1));
        if let (Some(id), Way::ByName { .. }) = (strip.thumb.id(), self.way()) {
            let [_, r, g, b] = id.to_be_bytes();
            let mut symbol = String::new();
            for (column, position) in area.positions().enumerate() {
                placeholder(strip.row, column, &mut symbol);
                self.buffer[position].set_symbol(&symbol).set_style(Style::new().fg(Color::Rgb(r, g, b)));
            }
            return x + area.width;
        }
        for (position, (upper, lower)) in area.positions().zip(strip.thumb.row(strip.row)) {
            let (symbol, style) = self.look.pixels(upper, lower);
            self.buffer[position].set_symbol(symbol).set_style(style);
        }
        x + area.width
    }
    /// How pictures are shown. Without colours it is the brightness alone.
    fn way(&self) -> Way {
        if self.look.theme == Theme::Mono { Way::Blocks } else { self.look.canvas.way() }
    }
    /// Tells of the row of a picture that stands there, where the terminal lays pictures over cells. Asked for every row, drawn or not.
    pub fn lay(&mut self, x: u16, y: u16, right: u16, line: &Line) {
        let Some(strip) = line.strip.as_deref().filter(|strip| strip.thumb.id().is_some() && self.way().is_laid()) else { return };
        let area = self.in_window(Rect::new(x + strip.indent, y, strip.thumb.columns().min(right.saturating_sub(x + strip.indent)), 1));
        if strip.row == 0 {
            return self.laid.push(Laid { area, thumb: strip.thumb.clone() });
        }
        let above = self.laid.last_mut().filter(|laid| Arc::ptr_eq(&laid.thumb, &strip.thumb) && laid.area.height == strip.row);
        if let Some(laid) = above.filter(|laid| laid.area.bottom() == area.y && laid.area.x == area.x) {
            laid.area.height += area.height;
        }
    }
    /// The pictures of which nothing is cut off or covered, and that end above the last row: there some terminals would scroll.
    pub fn whole_pictures(&mut self) -> Vec<Laid> {
        let mut laid = std::mem::take(&mut self.laid);
        let end = self.buffer.area.height;
        let is_whole = |laid: &Laid| (laid.area.width, laid.area.height) == (laid.thumb.columns(), laid.thumb.rows());
        laid.retain(|laid| is_whole(laid) && laid.area.bottom() < end);
        laid
    }
    /// Draws two modules of a picture, one above the other.
    pub fn half_block(&mut self, x: u16, y: u16, upper: Module, lower: Module) {
        let style = self.look.half_block(upper, lower);
        let area = self.touched(Rect::new(x, y, 1, 1));
        for position in area.positions() {
            self.buffer[position].set_symbol("▀").set_style(style);
        }
    }
    /// Makes an area one link (OSC 8) for terminals that know links.
    pub fn link(&mut self, area: Rect, address: &str) {
        self.links.push(Link { area: self.in_window(area), address: address.into(), id: 0 });
    }
    /// Makes links of the words of a line that are some, after it was drawn; `leads` tells by the number of a link where it leads, and
    /// its id.
    pub fn link_words<'b>(&mut self, x: u16, y: u16, right: u16, line: &Line, leads: impl Fn(u16) -> Option<(&'b Arc<str>, u64)>) {
        if line.runs.iter().all(|run| run.link == 0) {
            return;
        }
        let (mut at, mut left) = (0, x);
        for words in line.runs.chunk_by(|a, b| a.link == b.link) {
            let end = at + words.iter().map(|run| run.len as usize).sum::<usize>();
            let width = line.text.get(at..end).map_or(0, wrap::width);
            let next = left.saturating_add(u16::try_from(width).unwrap_or(u16::MAX));
            if let Some((address, id)) = leads(words[0].link) {
                let area = self.in_window(Rect::new(left, y, next.min(right).saturating_sub(left), 1));
                if !area.is_empty() {
                    self.links.push(Link { area, address: Arc::clone(address), id });
                }
            }
            (at, left) = (end, next);
        }
    }
    /// What is drawn there from now on leads nowhere.
    fn unlink(&mut self, hole: Rect) {
        if !self.links.iter().any(|link| link.area.intersects(hole)) {
            return;
        }
        for link in std::mem::take(&mut self.links) {
            let area = link.area;
            if !area.intersects(hole) {
                self.links.push(link);
                continue;
            }
            let inside = area.intersection(hole);
            let rest = [
                Rect { height: inside.y - area.y, ..area },
                Rect { y: inside.bottom(), height: area.bottom() - inside.bottom(), ..area },
                Rect { width: inside.x - area.x, ..Rect { x: area.x, ..inside } },
                Rect { x: inside.right(), width: area.right() - inside.right(), ..inside },
            ];
            self.links.extend(rest.into_iter().filter(|part| !part.is_empty()).map(|area| Link { area, ..link.clone() }));
        }
    }
    /// Gives cells that are already drawn another role, keeping their text.
    pub fn tint(&mut self, area: Rect, role: Role) {
        let style = self.look.style(role);
        let area = self.touched(area);
        for position in area.positions() {
            self.buffer[position].set_style(style);
        }
    }
    /// What is drawn there stands back: something floats over it.
    pub fn dim(&mut self, area: Rect) {
        let area = self.touched(area);
        for position in area.positions() {
            let cell = &mut self.buffer[position];
            cell.modifier = cell.modifier.difference(Modifier::BOLD).union(Modifier::DIM);
        }
    }
    /// Empties an area.
    pub fn clear(&mut self, area: Rect) {
        let area = self.touched(area);
        self.unlink(area);
        self.laid.retain(|laid| !laid.area.intersects(area));
        for position in area.positions() {
            self.buffer[position].reset();
        }
        // half of a character can't be drawn: one that reached into the area goes
        let Some(beside) = area.x.checked_sub(1).filter(|_| area.width > 0) else { return };
        for y in area.y..area.bottom() {
            if let Some(cell) = self.buffer.cell_mut((beside, y)).filter(|cell| wrap::width(cell.symbol()) > 1) {
                cell.reset();
            }
        }
    }
}

/// The cell of a picture that kitty's protocol calls a Unicode placeholder: a character of its own with a mark for the row and one for the
/// column; its colour is the name of the picture.
fn placeholder(row: u16, column: usize, symbol: &mut String) {
    let mark = |n: usize| MARKS.get(n).copied().and_then(char::from_u32);
    symbol.clear();
    symbol.push('\u{10eeee}');
    symbol.extend([mark(usize::from(row)), mark(column)].into_iter().flatten());
}

/// Marks that stand for numbers from 0 on, as kitty's protocol counts them; as many as the largest picture has columns.
const MARKS: [u32; 44] = [
    0x0305, 0x030d, 0x030e, 0x0310, 0x0312, 0x033d, 0x033e, 0x033f, 0x0346, 0x034a, 0x034b, 0x034c, 0x0350, 0x0351, 0x0352, 0x0357, 0x035b,
    0x0363, 0x0364, 0x0365, 0x0366, 0x0367, 0x0368, 0x0369, 0x036a, 0x036b, 0x036c, 0x036d, 0x036e, 0x036f, 0x0483, 0x0484, 0x0485, 0x0486,
    0x0487, 0x0592, 0x0593, 0x0594, 0x0595, 0x0597, 0x0598, 0x0599, 0x059c, 0x059d,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::line::Styled;

    #[test]
    fn no_half_of_a_character_is_left_where_something_is_cleared() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
        let mut frame = Frame::new(&mut buffer, Look::default());
        frame.put(0, 0, 10, "a日b", Role::Text);
        frame.clear(Rect::new(2, 0, 3, 1));
        assert_eq!([0, 1, 2].map(|x| frame.buffer[(x, 0)].symbol().to_string()), ["a", " ", " "]);
    }

    #[test]
    fn what_is_cleared_leads_nowhere() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 10));
        let mut frame = Frame::new(&mut buffer, Look::default());
        frame.link(Rect::new(2, 2, 10, 4), "https://a.example");
        frame.link(Rect::new(0, 9, 5, 1), "https://b.example");
        frame.clear(Rect::new(4, 3, 3, 2));
        let leads = |at: Position| frame.links.iter().filter(|link| link.area.contains(at)).count();
        for at in Rect::new(0, 0, 20, 9).positions() {
            let cleared = Rect::new(4, 3, 3, 2).contains(at);
            assert_eq!(leads(at), usize::from(Rect::new(2, 2, 10, 4).contains(at) && !cleared), "{at}");
        }
        assert_eq!(leads(Position::new(4, 9)), 1);
    }

    #[test]
    fn words_of_a_line_lead_where_their_number_says() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
        let mut frame = Frame::new(&mut buffer, Look::default());
        let mut words = Styled::new("日 ", Role::Text);
        words.push_linked("two ", Role::Link, 7);
        words.push_linked("words", Role::Code, 7);
        words.push_linked("x", Role::Link, 8);
        words.push(" end", Role::Text);
        let address: Arc<str> = "https://a.example".into();
        frame.link_words(1, 1, 10, &Line::new(words, 0), |link| (link == 7).then_some((&address, 5)));
        assert_eq!(frame.links, [Link { area: Rect::new(4, 1, 6, 1), address: address.clone(), id: 5 }]);
    }
}
