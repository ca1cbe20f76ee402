//! QR codes in half blocks, black on white whatever the theme: scanners need the contrast and the quiet zone. A code is drawn
//! whole or not at all.

use crate::ui::{frame::Frame, look::Module};
use qrcode::{Color, EcLevel};
use ratatui::layout::Rect;

/// Cells of white around a code, where there is room, and where there is not.
const QUIET: [u16; 2] = [4, 2];
/// Pixels of one module in a picture.
const PIXELS: usize = 8;

/// A code, made once for a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrCode {
    modules: Vec<bool>,
    width: u16,
}

impl QrCode {
    /// The smallest code that holds the text; none for a text that no code holds.
    pub fn of(text: &str) -> Option<Self> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let modules = code.to_colors().into_iter().map(|c| c == Color::Dark).collect();
        Some(Self { modules, width: u16::try_from(code.width()).ok()? })
    }
    /// Columns and rows with the widest quiet zone that fits, else with the narrowest one.
    pub fn size(&self, columns: u16, rows: u16) -> (u16, u16) {
        let sizes = QUIET.map(|quiet| self.size_with(quiet));
        sizes.into_iter().find(|(w, h)| *w <= columns && *h <= rows).unwrap_or(sizes[1])
    }
    fn size_with(&self, quiet: u16) -> (u16, u16) {
        let side = self.width + 2 * quiet;
        (side, side.div_ceil(2))
    }
    /// Draws it there; the area has the size that `size` gave. Nothing is drawn that would be cut.
    pub fn draw(&self, area: Rect, inverted: bool, frame: &mut Frame) {
        let quiet = i32::from(area.width.saturating_sub(self.width) / 2);
        if area != area.intersection(frame.area()) {
            return;
        }
        for row in 0..area.height {
            for column in 0..area.width {
                let module = |line: i32| match self.is_dark(i32::from(column) - quiet, line - quiet) != inverted {
                    true => Module::Dark,
                    false => Module::Light,
                };
                let line = i32::from(row) * 2;
                frame.half_block(area.x + column, area.y + row, module(line), module(line + 1));
            }
        }
    }
    fn is_dark(&self, x: i32, y: i32) -> bool {
        let side = i32::from(self.width);
        let inside = (0..side).contains(&x) && (0..side).contains(&y);
        inside && usize::try_from(y * side + x).ok().and_then(|at| self.modules.get(at)).copied().unwrap_or(false)
    }
}

/// A picture of the code as PNG.
pub fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::of(text)?;
    let quiet = i32::from(QUIET[0]);
    let modules = i32::from(code.width) + 2 * quiet;
    let side = usize::try_from(modules).ok()? * PIXELS;
    let at = |pixel: usize| i32::try_from(pixel / PIXELS).unwrap_or(0) - quiet;
    let pixels: Vec<u8> = (0..side * side).map(|n| if code.is_dark(at(n % side), at(n / side)) { 0 } else { 255 }).collect();
    let mut out = vec![];
    let mut encoder = png::Encoder::new(&mut out, u32::try_from(side).ok()?, u32::try_from(side).ok()?);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().ok()?.write_image_data(&pixels).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::facts::Theme, ui::look::Look};
    use ratatui::{buffer::Buffer, style::Color as Ink};

    fn decode(side: usize, dark: impl Fn(usize, usize) -> bool) -> String {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * 4, side * 4, |x, y| if dark(x / 4, y / 4) { 0 } else { 255 });
        image.detect_grids()[0].decode().unwrap().1
    }

    #[test]
    fn drawn_cells_can_be_scanned_in_every_theme() {
        let text = "https://accounts.x.ai/oauth2/device?user_code=ABCD-EFGH";
        let code = QrCode::of(text).unwrap();
        for (columns, rows, want) in [(80, 40, (41, 21)), (40, 19, (37, 19))] {
            let size = code.size(columns, rows);
            assert_eq!(size, want);
            for theme in [Theme::Dark, Theme::Light, Theme::Mono] {
                for inverted in [false, true] {
                    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
                    code.draw(Rect::new(0, 0, size.0, size.1), inverted, &mut Frame::new(&mut buffer, Look::new(theme)));
                    let black = |ink: Ink| (ink == Ink::Rgb(0, 0, 0)) != inverted;
                    let dark = |x: usize, y: usize| {
                        let Some(cell) = buffer.cell((x as u16, (y / 2) as u16)) else { return false };
                        assert_eq!(cell.symbol(), "▀");
                        black(if y.is_multiple_of(2) { cell.fg } else { cell.bg })
                    };
                    assert_eq!(decode(usize::from(size.0), dark), text);
                }
            }
        }
    }

    #[test]
    fn a_code_without_room_is_not_drawn() {
        let code = QrCode::of("text").unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 5));
        code.draw(Rect::new(0, 0, 25, 13), false, &mut Frame::new(&mut buffer, Look::default()));
        assert_eq!(buffer, Buffer::empty(Rect::new(0, 0, 10, 5)));
        assert!(QrCode::of(&"x".repeat(10_000)).is_none());
    }

    #[test]
    fn a_picture_can_be_scanned() {
        let bytes = png("hello").unwrap();
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let (width, height) = (info.width as usize, info.height as usize);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
        assert_eq!(image.detect_grids()[0].decode().unwrap().1, "hello");
    }
}
