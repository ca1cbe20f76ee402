//! Cells to bytes: turns what the terminal shows into what it shall show, with as few bytes as that takes. Knows nothing of
//! what the cells mean. What a cell holds can never drive the terminal: control characters are drawn as blanks.

mod links;
mod moves;
mod pen;
mod scroll;
mod widths;
#[cfg(test)]
mod tests;

use crate::ui::{
    frame::{LARGEST, Laid, Link},
    rows::Rows,
    wrap::symbol_width,
};
use links::Links;
use moves::go;
use pen::Pen;
use ratatui::{
    buffer::{Buffer, Cell},
    layout::{Position, Rect},
    style::{Color, Modifier},
};
use std::io::Write;
use widths::{continues, first_disputed, is_plain, most_cells, stands_alone};

/// Frames longer than this are wrapped in synchronized output; shorter ones arrive whole anyway.
const SYNCHRONIZED: usize = 512;

/// Remembers what the terminal shows.
#[derive(Default)]
pub struct Painter {
    front: Buffer,
    known: bool,
    /// Where the terminal's cursor is, as far as that is certain.
    at: Option<(u16, u16)>,
    pen: Pen,
    caret_shown: Option<bool>,
    body: Vec<u8>,
    links: Links,
    /// The pictures that lie over cells.
    laid: Vec<Laid>,
}

/// What a terminal shall show.
pub struct Picture<'a> {
    /// The cells.
    pub cells: &'a Buffer,
    /// Which of their rows are those of the picture before, where that is known.
    pub rows: Option<&'a Rows>,
    /// Where links are.
    pub links: Vec<Link>,
    /// Where the cursor stands; hidden without one.
    pub caret: Option<Position>,
    /// Whether rows may be moved rather than drawn.
    pub rows_move: bool,
    /// The pictures that may lie over cells; those that lie elsewhere are drawn over.
    pub laid: &'a [Laid],
}

impl Painter {
    /// Knows nothing yet: the first picture clears the screen.
    pub fn new() -> Self {
        Self::default()
    }
    /// The screen can't be trusted any more: the next picture clears it and draws all.
    pub fn forget(&mut self) {
        self.known = false;
    }

    /// Whether it is known what a terminal of this size shows.
    pub fn shows(&self, area: Rect) -> bool {
        self.known && self.front.area == area
    }

    /// Appends to `out` what makes the terminal show the picture. Nothing when it does already.
    pub fn paint(&mut self, picture: Picture, out: &mut Vec<u8>) {
        let Picture { cells: next, rows, links, caret, rows_move, laid } = picture;
        self.body.clear();
        let area = Rect::new(0, 0, next.area.width, next.area.height);
        let mut scrolled = false;
        let cleared = !self.known || self.front.area != area;
        if cleared {
            self.body.extend_from_slice(b"\x1b[0m\x1b[H\x1b[2J");
            (self.pen, self.at, self.known, self.caret_shown) = (Pen::default(), Some((0, 0)), true, None);
            self.front.area = area;
            self.front.content.clear();
            self.front.content.resize(next.content.len(), Cell::default());
            self.links.clear();
            self.laid.clear();
        }
        let rows_move = rows_move && self.laid.is_empty();
        let uncovered = self.uncover(laid);
        let is_kept = |y: usize| !cleared && rows.is_some_and(|rows| rows.is_kept(y));
        let changed = changed(&self.front, next, is_kept);
        if !cleared && rows_move {
            for shift in scroll::find(&self.front, next, &changed) {
                self.scroll(shift);
                scrolled = true;
            }
        }
        let relinked = self.relink(links);
        self.rows(
            next,
            (0..usize::from(area.height))
                .filter(|y| relinked.contains(y) || uncovered.contains(y) || changed.contains(y) && (scrolled || !is_kept(*y))),
        );
        self.finish(area, caret, scrolled, out);
    }

    /// The same for a picture that differs from the last one in these rows alone, its links included.
    pub fn paint_part(&mut self, next: &Buffer, part: Rect, caret: Option<Position>, out: &mut Vec<u8>) {
        self.body.clear();
        self.rows(next, part.intersection(next.area).rows().map(|row| usize::from(row.y)));
        self.finish(next.area, caret, false, out);
    }

    /// Draws those of the rows that differ.
    fn rows(&mut self, next: &Buffer, rows: impl Iterator<Item = usize>) {
        let width = usize::from(next.area.width);
        for y in rows {
            let range = y * width..(y + 1) * width;
            if !same_row(&self.front.content[range.clone()], &next.content[range.clone()]) {
                self.row(&next.content[range], u16::try_from(y).unwrap_or(u16::MAX));
            }
        }
        self.links.end(&mut self.body);
    }

    /// Puts the caret where it belongs, and sends all of it.
    fn finish(&mut self, area: Rect, caret: Option<Position>, scrolled: bool, out: &mut Vec<u8>) {
        self.caret(caret.filter(|p| p.x < area.width && p.y < area.height));
        if scrolled || self.body.len() > SYNCHRONIZED {
            out.extend_from_slice(b"\x1b[?2026h");
            out.extend_from_slice(&self.body);
            out.extend_from_slice(b"\x1b[?2026l");
        } else {
            out.extend_from_slice(&self.body);
        }
    }

    /// Forgets the pictures that lie where the next one has none: what their cells showed is drawn again. Gives their rows.
    fn uncover(&mut self, wanted: &[Laid]) -> Vec<usize> {
        let width = usize::from(self.front.area.width);
        let mut rows = vec![];
        for gone in self.laid.extract_if(.., |laid| !wanted.contains(laid)) {
            for y in gone.area.rows().map(|row| usize::from(row.y)) {
                self.front.content[y * width..][usize::from(gone.area.left())..usize::from(gone.area.right())].fill(unknown());
                rows.push(y);
            }
        }
        rows
    }

    /// Whether this picture lies there.
    pub fn covers(&self, laid: &Laid) -> bool {
        self.laid.contains(laid)
    }

    /// Lays a picture over its cells; `bytes` make the terminal draw it at its cursor, which stays where it is. What was painted last
    /// has told of it.
    pub fn lay(&mut self, laid: Laid, bytes: &[u8], out: &mut Vec<u8>) {
        if !self.known || !self.front.area.contains(Position::new(laid.area.right().saturating_sub(1), laid.area.bottom())) {
            return; // at the last row, some terminals would scroll
        }
        let _ = write!(out, "\x1b7\x1b[{};{}H", laid.area.y + 1, laid.area.x + 1);
        out.extend_from_slice(bytes);
        out.extend_from_slice(b"\x1b8");
        self.laid.push(laid);
    }

    /// Takes the links of the next picture. Rows on which others stand are not known any more, and are given.
    fn relink(&mut self, links: Vec<Link>) -> Vec<usize> {
        let width = usize::from(self.front.area.width);
        let rows: Vec<usize> = self.links.take(links, self.front.area).into_iter().map(usize::from).collect();
        for y in &rows {
            self.front.content[y * width..(y + 1) * width].fill(unknown());
        }
        rows
    }

    fn row(&mut self, next: &[Cell], y: u16) {
        let width = next.len();
        let start = usize::from(y) * width;
        // everything from here on is blank in the new picture
        let blank_from = next.iter().rposition(|c| !is_blank(c)).map_or(0, |n| n + 1);
        let mut x = 0;
        // the other half of a wide character that was drawn over
        let mut forced = 0;
        let mut disputed = first_disputed(&self.front.content[start..start + width], next);
        // the symbol before this one, and where it ended
        let mut before: Option<(&Cell, usize)> = None;
        while x < width {
            let cells = if x < blank_from { cells(&next[x], width - x) } else { 1 };
            if disputed.take_if(|at| x + cells > *at).is_some() {
                self.erase(x, y, next);
            }
            let old = &self.front.content[start + x];
            let same =
                same(old, &next[x]) && (cells == 1 || x + 1 >= width || same_style(&self.front.content[start + x + 1], &next[x + 1]));
            if same && x >= forced {
                x += cells;
                continue;
            }
            if x >= blank_from {
                return self.erase(x, y, next);
            }
            if cells_of(old) == 2 {
                forced = forced.max(x + 2);
            }
            let blanks = next[x..blank_from].iter().take_while(|c| is_blank(c)).count();
            self.links.begin(x, y, &mut self.body);
            let continues = before.is_some_and(|(cell, end)| end == x && continues(cell, &next[x]));
            // what belongs together comes together: a terminal that joins letters does so
            if !continues {
                self.go(x, y, next);
            }
            if blanks > 7 {
                self.pen.plain(&mut self.body);
                let _ = write!(self.body, "\x1b[{blanks}X");
                if cells_of(&self.front.content[start + x + blanks - 1]) == 2 {
                    forced = forced.max(x + blanks + 1);
                }
                self.front.content[start + x..start + x + blanks].fill(Cell::default());
                x += blanks;
                continue;
            }
            for hidden in 1..cells {
                if cells_of(&self.front.content[start + x + hidden]) == 2 {
                    forced = forced.max(x + hidden + 2);
                }
            }
            let spills = self.cell(&next[x], x, y, cells, width);
            self.front.content[start + x..start + x + cells].clone_from_slice(&next[x..x + cells]);
            before = Some((&next[x], x + cells));
            x += cells;
            if continues {
                self.at = None;
            }
            if spills && x < width {
                self.at = None;
                self.erase(x, y, next);
            }
        }
        // styles of cells that nobody sees may differ still
        self.front.content[start..start + width].clone_from_slice(next);
    }

    /// Empties the rest of a row.
    fn erase(&mut self, x: usize, y: u16, next: &[Cell]) {
        self.links.end(&mut self.body);
        self.go(x, y, next);
        self.pen.plain(&mut self.body);
        self.body.extend_from_slice(b"\x1b[K");
        let start = usize::from(y) * next.len();
        self.front.content[start + x..start + next.len()].fill(Cell::default());
    }

    /// Draws one cell; the cursor is on it. Says whether some terminals take more cells for it, and other things stand there now.
    fn cell(&mut self, cell: &Cell, x: usize, y: u16, cells: usize, width: usize) -> bool {
        if is_blank(cell) {
            self.pen.blank(&mut self.body);
        } else {
            self.pen.set(cell, &mut self.body);
        }
        let symbol = drawn(cell, width - x);
        let most = most_cells(symbol);
        // what is too long for its row does not go on in the next one
        let kept = x + most > width;
        if kept {
            self.body.extend_from_slice(b"\x1b[?7l");
        }
        if stands_alone(symbol) {
            self.body.push(b' ');
        }
        self.body.extend_from_slice(symbol.as_bytes());
        if kept {
            self.body.extend_from_slice(b"\x1b[?7h");
        }
        let next = x + cells;
        // at the edge the cursor waits to wrap; and terminals disagree about the width of clusters
        self.at = (next < width && is_plain(symbol)).then(|| (u16::try_from(next).unwrap_or(u16::MAX), y));
        most > cells
    }

    /// Moves the cursor by the shortest way. Cells between that don't change are printed again when that is shorter.
    fn go(&mut self, x: usize, y: u16, next: &[Cell]) {
        let x16 = u16::try_from(x).unwrap_or(u16::MAX);
        if self.at == Some((x16, y)) {
            return;
        }
        // a link would swallow the cells between
        if !self.links.any_on(y)
            && let Some((from, row)) = self.at
            && row == y
            && usize::from(from) < x
            && x - usize::from(from) <= 3
            // the other half of a wide character is no blank: printing one there would take the whole character away
            && (from == 0 || cells_of(&next[usize::from(from) - 1]) < 2)
        {
            let between = &next[usize::from(from)..x];
            if between
                .iter()
                .all(|c| c.symbol().len() == 1 && is_plain(drawn(c, 1)) && (self.pen.shows(c) || is_blank(c) && self.pen.is_blank()))
            {
                for cell in between {
                    self.body.extend_from_slice(drawn(cell, 1).as_bytes());
                }
                self.at = Some((x16, y));
                return;
            }
        }
        go(self.at, (x16, y), &mut self.body);
        self.at = Some((x16, y));
    }

    fn caret(&mut self, caret: Option<Position>) {
        if let Some(position) = caret {
            if self.at != Some((position.x, position.y)) {
                go(self.at, (position.x, position.y), &mut self.body);
                self.at = Some((position.x, position.y));
            }
            if self.caret_shown != Some(true) {
                self.body.extend_from_slice(b"\x1b[?25h");
            }
        } else if self.caret_shown != Some(false) {
            self.body.extend_from_slice(b"\x1b[?25l");
        }
        self.caret_shown = Some(caret.is_some());
    }

    /// Lets the terminal move rows, and moves them in what is known of it.
    fn scroll(&mut self, shift: scroll::Shift) {
        let (top, bottom) = (shift.top, shift.bottom);
        self.pen.plain(&mut self.body);
        // the window may have more rows than are drawn
        let whole = top == 0 && bottom + 1 == self.front.area.height && self.front.area.height < LARGEST.1;
        if !whole {
            let _ = write!(self.body, "\x1b[{};{}r", top + 1, bottom + 1);
        }
        // a line feed at the bottom margin and a reverse index at the top one are understood by every terminal
        if shift.up {
            let _ = write!(self.body, "\x1b[{}H", bottom + 1);
            self.body.extend(std::iter::repeat_n(b'\n', usize::from(shift.rows)));
        } else {
            let _ = write!(self.body, "\x1b[{}H", top + 1);
            for _ in 0..shift.rows {
                self.body.extend_from_slice(b"\x1bM");
            }
        }
        if !whole {
            self.body.extend_from_slice(b"\x1b[r");
        }
        self.at = if whole { None } else { Some((0, 0)) };
        let width = usize::from(self.front.area.width);
        let band = &mut self.front.content[usize::from(top) * width..(usize::from(bottom) + 1) * width];
        let moved = usize::from(shift.rows) * width;
        if shift.up {
            band.rotate_left(moved);
            let kept = band.len() - moved;
            band[kept..].fill(Cell::default());
        } else {
            band.rotate_right(moved);
            band[..moved].fill(Cell::default());
        }
        // links are a part of the cells, as colours are
        self.links.scroll(&shift);
    }
}

/// A cell that no picture has.
fn unknown() -> Cell {
    let mut cell = Cell::new("\0");
    cell.set_bg(Color::Rgb(1, 2, 3));
    cell
}

/// The rows from the first to the last that differ; none of them is looked at twice when nothing moved, and none that is kept.
fn changed(front: &Buffer, next: &Buffer, is_kept: impl Fn(usize) -> bool) -> std::ops::Range<usize> {
    let width = usize::from(next.area.width).max(1);
    let rows = || front.content.chunks(width).zip(next.content.chunks(width)).enumerate();
    let differs = |(y, (old, new)): (usize, (&[Cell], &[Cell]))| !is_kept(y) && !same_row(old, new);
    match rows().position(differs) {
        Some(first) => first..rows().rposition(differs).map_or(first, |last| last) + 1,
        None => 0..0,
    }
}

fn same_row(a: &[Cell], b: &[Cell]) -> bool {
    a.iter().zip(b).all(|(a, b)| same_style(a, b) && same_symbol(a.symbol().as_bytes(), b.symbol().as_bytes()))
}

/// Most symbols are one byte long, and comparing that is quicker than asking for a comparison of memory.
fn same_symbol(a: &[u8], b: &[u8]) -> bool {
    match (a, b) {
        ([a], [b]) => a == b,
        _ => a == b,
    }
}

/// Nothing is seen there, whatever the colour of the text.
fn is_blank(cell: &Cell) -> bool {
    let shown = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);
    let blank = match cell.symbol().as_bytes() {
        [byte] => !byte.is_ascii_graphic(),
        _ => drawn(cell, 2) == " ",
    };
    blank && cell.bg == Color::Reset && !cell.modifier.intersects(shown)
}

fn same_style(a: &Cell, b: &Cell) -> bool {
    a.fg == b.fg && a.bg == b.bg && a.modifier == b.modifier
}

fn same(a: &Cell, b: &Cell) -> bool {
    a.symbol() == b.symbol() && same_style(a, b) || is_blank(a) && is_blank(b)
}

/// What is sent for a cell that has `room` cells up to the edge.
fn drawn(cell: &Cell, room: usize) -> &str {
    let symbol = cell.symbol();
    let byte = symbol.as_bytes().first().copied().unwrap_or(0);
    if symbol.len() == 1 {
        return if (b' '..0x7f).contains(&byte) { symbol } else { " " };
    }
    let width = usize::from(symbol_width(symbol));
    if symbol.is_empty() || width == 0 || width > room || symbol.chars().any(char::is_control) { " " } else { symbol }
}

/// Cells that a cell of the new picture covers.
fn cells(cell: &Cell, room: usize) -> usize {
    if cell.symbol().len() <= 1 { 1 } else { usize::from(symbol_width(drawn(cell, room))).clamp(1, 2) }
}

fn cells_of(cell: &Cell) -> usize {
    if cell.symbol().len() <= 2 { 1 } else { usize::from(symbol_width(cell.symbol())).clamp(1, 2) }
}
