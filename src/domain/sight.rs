//! Pictures to be seen between words: small copies that cells can show.

use std::{fmt, path::PathBuf, sync::Arc};

/// A file that can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The file.
    pub path: PathBuf,
    /// `1024×768, 120 kB`
    pub about: String,
    /// What is shown of it.
    pub thumb: Arc<Thumb>,
}

/// What the terminal has told of how it shows pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Canvas {
    by_name: bool,
    in_tmux: bool,
    iterm: bool,
    sixel: bool,
    cell: Option<(u16, u16)>,
}

/// How pictures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Two pixels a cell.
    Blocks,
    /// In the place of cells that name them (kitty's graphics protocol, "Unicode placeholders").
    ByName {
        /// tmux stands between, and passes on what is wrapped for it.
        in_tmux: bool,
    },
    /// Over the cells, as a file (OSC 1337).
    Iterm,
    /// Over the cells, as sixels; a cell has so many pixels.
    Sixel((u16, u16)),
}

/// Terminals that show a picture in the place of cells that name it, as they call themselves.
const BY_NAME: [&str; 2] = ["kitty", "ghostty"];
/// Terminals that take a file (OSC 1337) and lay it over so many cells.
const ITERM: [&str; 2] = ["iterm2", "wezterm"];
/// No font has larger cells.
const LARGEST_CELL: u16 = 64;

impl Canvas {
    /// The terminal has told its name (XTVERSION). Says whether it is tmux, which knows what stands behind it.
    pub fn named(&mut self, name: &str) -> bool {
        let name = name.to_lowercase();
        let is = |known: &&str| name.starts_with(*known);
        (self.by_name, self.iterm) = (BY_NAME.iter().any(is), ITERM.iter().any(is));
        is(&"tmux")
    }
    /// The terminal behind tmux, which passes on what is wrapped for it.
    pub fn behind_tmux(&mut self, name: &str) {
        self.named(name);
        // what is laid over cells stays where it was when tmux moves them
        (self.iterm, self.in_tmux) = (false, self.by_name);
    }
    /// Whether the terminal knows sixels (DA1).
    pub fn draws_sixel(&mut self, sixel: bool) {
        self.sixel = sixel;
    }
    /// The width and the height of a cell in pixels.
    pub fn has_cells(&mut self, cell: (u16, u16)) {
        let sane = |side| (1..=LARGEST_CELL).contains(&side);
        self.cell = Some(cell).filter(|(width, height)| sane(*width) && sane(*height));
    }
    /// The best way that the terminal has.
    pub fn way(self) -> Way {
        match self.cell {
            _ if self.by_name => Way::ByName { in_tmux: self.in_tmux },
            _ if self.iterm => Way::Iterm,
            Some(cell) if self.sixel => Way::Sixel(cell),
            _ => Way::Blocks,
        }
    }
}

impl Way {
    /// Whether pictures are laid over cells that show them already, as well as those can.
    pub fn is_laid(self) -> bool {
        matches!(self, Self::Iterm | Self::Sixel(_))
    }
}

/// A small copy of a picture, two pixels a cell.
#[derive(Clone, PartialEq, Eq)]
pub struct Thumb {
    /// What terminals that show pictures call it, 24 bits; 0 for one that is not sent to them.
    id: u32,
    columns: u16,
    pixels: Box<[[u8; 3]]>,
}

/// The pixels are many.
impl fmt::Debug for Thumb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumb({}×{})", self.columns, self.rows())
    }
}

/// The largest copy, in cells.
pub const LARGEST: (u16, u16) = (44, 14);

impl Thumb {
    /// One of so many columns; the pixels row by row, an even number of rows. Nothing where these do not fit.
    pub fn new(id: u32, columns: u16, pixels: Vec<[u8; 3]>) -> Option<Self> {
        let fits = columns > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(usize::from(columns) * 2);
        fits.then(|| Self { id: id & 0x00ff_ffff, columns, pixels: pixels.into() })
    }
    /// How many columns and rows of cells a picture with these sides takes: as large as it may be, not larger than it is, in its shape.
    /// A cell is twice as high as it is wide.
    pub fn cells((width, height): (u32, u32)) -> (u16, u16) {
        let (most_columns, most_rows) = (f64::from(LARGEST.0), f64::from(LARGEST.1));
        let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
        let scale = (most_columns / width).min(most_rows * 2.0 / height).min(1.0);
        let side = |length: f64, most: f64| (length * scale).round().clamp(1.0, most) as u16;
        (side(width, most_columns), side(height / 2.0, most_rows))
    }
    /// Its name for terminals; none where they are not sent it.
    pub fn id(&self) -> Option<u32> {
        Some(self.id).filter(|id| *id != 0)
    }
    /// The same, which no terminal is sent.
    pub fn unsent(self) -> Self {
        Self { id: 0, ..self }
    }
    /// Columns of cells.
    pub fn columns(&self) -> u16 {
        self.columns
    }
    /// Rows of cells.
    pub fn rows(&self) -> u16 {
        u16::try_from(self.pixels.len() / usize::from(self.columns) / 2).unwrap_or(u16::MAX)
    }
    /// The cells of a row: the upper pixel and the lower one of each.
    pub fn row(&self, row: u16) -> impl Iterator<Item = ([u8; 3], [u8; 3])> {
        let columns = usize::from(self.columns);
        let line = |number: usize| self.pixels.get(number * columns..(number + 1) * columns).unwrap_or_default();
        line(usize::from(row) * 2).iter().copied().zip(line(usize::from(row) * 2 + 1).iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape() {
        assert_eq!(Thumb::cells((1600, 900)), (44, 12));
        assert_eq!(Thumb::cells((900, 1600)), (16, 14));
        assert_eq!(Thumb::cells((1000, 1000)), (28, 14));
        assert_eq!(Thumb::cells((4, 4)), (4, 2), "a small one is not made larger");
        assert_eq!(Thumb::cells((10_000, 1)), (44, 1));
        assert_eq!(Thumb::cells((0, 0)), (1, 1));
    }

    #[test]
    fn the_best_way_that_the_terminal_has_told_is_taken() {
        let told = |name: &str, sixel, cell| {
            let mut canvas = Canvas::default();
            let is_tmux = canvas.named(name);
            canvas.draws_sixel(sixel);
            canvas.has_cells(cell);
            (canvas.way(), is_tmux)
        };
        let sixel = Way::Sixel((10, 20));
        assert_eq!(told("kitty(0.42.1)", false, (10, 20)), (Way::ByName { in_tmux: false }, false));
        assert_eq!(told("WezTerm 20240203", true, (10, 20)), (Way::Iterm, false));
        assert_eq!(told("foot(1.16.2)", true, (10, 20)), (sixel, false));
        assert_eq!(told("tmux 3.4", true, (10, 20)), (sixel, true), "tmux knows sixels, and says so where the terminal does");
        assert_eq!(told("XTerm(390)", false, (10, 20)), (Way::Blocks, false));
        for cell in [(0, 0), (10, 9_999)] {
            assert_eq!(told("foot", true, cell), (Way::Blocks, false), "{cell:?}");
        }
        let mut behind = Canvas::default();
        behind.behind_tmux("ghostty 1.2");
        assert_eq!(behind.way(), Way::ByName { in_tmux: true });
        behind.behind_tmux("iTerm2 3.5");
        assert_eq!(behind.way(), Way::Blocks);
    }

    #[test]
    fn rows_have_an_upper_and_a_lower_half() {
        let thumb = Thumb::new(7, 2, vec![[1; 3], [2; 3], [3; 3], [4; 3]]).unwrap();
        assert_eq!((thumb.columns(), thumb.rows()), (2, 1));
        assert_eq!(thumb.row(0).collect::<Vec<_>>(), [([1; 3], [3; 3]), ([2; 3], [4; 3])]);
        assert_eq!(thumb.row(1).count(), 0);
        assert!(Thumb::new(7, 2, vec![[0; 3]; 3]).is_none() && Thumb::new(7, 0, vec![]).is_none());
    }
}
