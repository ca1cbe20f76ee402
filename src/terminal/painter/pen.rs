//! The style that the terminal draws with, and the shortest sequence that changes it.

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};
use std::io::Write;

/// The modifiers that are drawn, with the numbers that switch them on and off.
const MODIFIERS: [(Modifier, u8, u8); 6] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::REVERSED, 7, 27),
    (Modifier::CROSSED_OUT, 9, 29),
];
const DRAWN: Modifier = Modifier::BOLD
    .union(Modifier::DIM)
    .union(Modifier::ITALIC)
    .union(Modifier::UNDERLINED)
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT);

/// Colours and modifiers that are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Default for Pen {
    fn default() -> Self {
        Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() }
    }
}

impl Pen {
    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier.intersection(DRAWN) }
    }
    /// Whether a cell looks right when it is drawn now.
    pub(super) fn shows(&self, cell: &Cell) -> bool {
        *self == Self::of(cell)
    }
    /// Whether a blank looks like one when it is drawn now.
    pub(super) fn is_blank(&self) -> bool {
        self.bg == Color::Reset && !self.modifier.intersects(Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT))
    }
    /// For a blank: leaves what can't be seen as it is.
    pub(super) fn blank(&mut self, out: &mut Vec<u8>) {
        if !self.is_blank() {
            self.change(Self::default(), out);
        }
    }
    /// For an erasure or a scroll, which paint the background.
    pub(super) fn plain(&mut self, out: &mut Vec<u8>) {
        self.blank(out);
    }
    /// For a cell.
    pub(super) fn set(&mut self, cell: &Cell, out: &mut Vec<u8>) {
        self.change(Self::of(cell), out);
    }

    fn change(&mut self, to: Self, out: &mut Vec<u8>) {
        if *self == to {
            return;
        }
        let mut step = Vec::with_capacity(24);
        self.difference(to, &mut step);
        let mut anew = Vec::with_capacity(24);
        anew.push(b';');
        Self::default().difference(to, &mut anew);
        // `\x1b[m` is the shortest reset
        let anew = if anew.len() == 1 { &anew[..0] } else { &anew[..] };
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(if step.len() <= anew.len() { &step } else { anew });
        if out.last() == Some(&b';') {
            out.pop();
        }
        out.push(b'm');
        *self = to;
    }

    /// The numbers that lead from one style to another, each with a `;` behind it.
    fn difference(self, to: Self, out: &mut Vec<u8>) {
        let mut now = self.modifier;
        for (modifier, _, off) in MODIFIERS {
            if now.contains(modifier) && !to.modifier.contains(modifier) {
                let _ = write!(out, "{off};");
                // one number switches off both weights
                now.remove(if off == 22 { Modifier::BOLD.union(Modifier::DIM) } else { modifier });
            }
        }
        for (modifier, on, _) in MODIFIERS {
            if to.modifier.contains(modifier) && !now.contains(modifier) {
                let _ = write!(out, "{on};");
            }
        }
        if self.fg != to.fg {
            colour(to.fg, 30, out);
        }
        if self.bg != to.bg {
            colour(to.bg, 40, out);
        }
    }
}

fn colour(colour: Color, base: u8, out: &mut Vec<u8>) {
    let named = |n: u8| if n < 8 { base + n } else { base + 52 + n };
    let number = match colour {
        Color::Reset => base + 9,
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
        Color::Indexed(n) => return drop(write!(out, "{};5;{n};", base + 8)),
        Color::Rgb(r, g, b) => return drop(write!(out, "{};2;{r};{g};{b};", base + 8)),
    };
    let _ = write!(out, "{number};");
}
