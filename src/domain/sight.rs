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
    fn rows_have_an_upper_and_a_lower_half() {
        let thumb = Thumb::new(7, 2, vec![[1; 3], [2; 3], [3; 3], [4; 3]]).unwrap();
        assert_eq!((thumb.columns(), thumb.rows()), (2, 1));
        assert_eq!(thumb.row(0).collect::<Vec<_>>(), [([1; 3], [3; 3]), ([2; 3], [4; 3])]);
        assert_eq!(thumb.row(1).count(), 0);
        assert!(Thumb::new(7, 2, vec![[0; 3]; 3]).is_none() && Thumb::new(7, 0, vec![]).is_none());
    }
}
