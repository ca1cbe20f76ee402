//! A picture of the cells: letters from a font, lines and blocks drawn as geometry so that neighbouring cells join.

use hermes::domain::facts::Theme;
use ratatui::{
    buffer::{Buffer, Cell},
    layout::Position,
    style::{Color, Modifier},
};
use std::collections::HashMap;
use swash::{
    FontRef,
    scale::{Render, ScaleContext, Source, image::Image},
    zeno::Format,
};

type Rgb = [u8; 3];

/// Pixels of one cell, and the size of the letters in it.
const CELL: (usize, usize) = (10, 20);
const SIZE: f32 = 16.0;
const BASELINE: i32 = 15;
const PADDING: usize = 12;

static REGULAR: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMono-Bold.ttf");
static ITALIC: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMono-Italic.ttf");
static SYMBOLS: &[u8] = include_bytes!("../../assets/fonts/DejaVuSansMono.ttf");

/// What a terminal makes of the sixteen colours.
struct Palette {
    ground: Rgb,
    text: Rgb,
    ansi: [Rgb; 16],
}

static DARK: Palette = Palette {
    ground: [0x16, 0x18, 0x1d],
    text: [0xd8, 0xdb, 0xe2],
    ansi: [
        [0x2a, 0x2d, 0x36],
        [0xe8, 0x6b, 0x73],
        [0x9c, 0xc9, 0x7f],
        [0xe3, 0xbd, 0x72],
        [0x6f, 0xa8, 0xf0],
        [0xc9, 0x8b, 0xe0],
        [0x62, 0xc4, 0xc9],
        [0xc5, 0xc9, 0xd3],
        [0x68, 0x6d, 0x7a],
        [0xf2, 0x85, 0x8c],
        [0xb2, 0xda, 0x98],
        [0xf0, 0xcf, 0x8e],
        [0x8f, 0xbc, 0xf5],
        [0xd9, 0xa6, 0xec],
        [0x84, 0xd6, 0xda],
        [0xf4, 0xf5, 0xf8],
    ],
};

static LIGHT: Palette = Palette {
    ground: [0xfc, 0xfb, 0xf8],
    text: [0x2b, 0x2d, 0x33],
    ansi: [
        [0x2b, 0x2d, 0x33],
        [0xb8, 0x28, 0x36],
        [0x2f, 0x7d, 0x32],
        [0x96, 0x6a, 0x00],
        [0x1f, 0x5f, 0xc0],
        [0x8e, 0x34, 0xa6],
        [0x0b, 0x76, 0x80],
        [0xd5, 0xd3, 0xcc],
        [0x80, 0x80, 0x80],
        [0xd0, 0x3c, 0x4a],
        [0x3d, 0x94, 0x40],
        [0xb0, 0x80, 0x10],
        [0x3a, 0x78, 0xd6],
        [0xa4, 0x4c, 0xbb],
        [0x1c, 0x8d, 0x97],
        [0xff, 0xff, 0xff],
    ],
};

impl Palette {
    fn of(&self, colour: Color, otherwise: Rgb) -> Rgb {
        let index = match colour {
            Color::Rgb(r, g, b) => return [r, g, b],
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 8,
            Color::LightRed => 9,
            Color::LightGreen => 10,
            Color::LightYellow => 11,
            Color::LightBlue => 12,
            Color::LightMagenta => 13,
            Color::LightCyan => 14,
            Color::White => 15,
            _ => return otherwise,
        };
        self.ansi[index]
    }
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn blend(&mut self, x: i32, y: i32, colour: Rgb, alpha: u8) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x >= self.width || y >= self.height {
            return;
        }
        let at = (y * self.width + x) * 3;
        for (pixel, new) in self.pixels[at..at + 3].iter_mut().zip(colour) {
            let mixed = u32::from(new) * u32::from(alpha) + u32::from(*pixel) * u32::from(255 - alpha);
            *pixel = u8::try_from((mixed + 127) / 255).unwrap();
        }
    }
    fn fill(&mut self, (x, y): (i32, i32), (width, height): (i32, i32), colour: Rgb) {
        for row in y..y + height {
            for column in x..x + width {
                self.blend(column, row, colour, 255);
            }
        }
    }
}

/// The letters that were drawn before: character and font.
type Glyphs<'a> = HashMap<(char, usize), Option<Image>>;

/// Draws cells as a PNG in the colours of a dark or a light terminal.
pub fn png(buffer: &Buffer, caret: Option<Position>, theme: Theme) -> Vec<u8> {
    let palette = if theme == Theme::Light { &LIGHT } else { &DARK };
    let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2 * PADDING, rows * CELL.1 + 2 * PADDING);
    let mut canvas = Canvas { width, height, pixels: palette.ground.repeat(width * height) };
    let (mut scaler, mut glyphs) = (ScaleContext::new(), Glyphs::new());
    for y in 0..rows {
        for x in 0..columns {
            let cell = &buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())];
            let is_caret = caret.is_some_and(|c| (usize::from(c.x), usize::from(c.y)) == (x, y));
            let corner = (i32::try_from(PADDING + x * CELL.0).unwrap(), i32::try_from(PADDING + y * CELL.1).unwrap());
            draw(cell, is_caret, corner, palette, &mut canvas, &mut scaler, &mut glyphs);
        }
    }
    let mut out = vec![];
    let mut encoder = png::Encoder::new(&mut out, u32::try_from(width).unwrap(), u32::try_from(height).unwrap());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.write_header().unwrap().write_image_data(&canvas.pixels).unwrap();
    out
}

fn draw(
    cell: &Cell,
    is_caret: bool,
    (x, y): (i32, i32),
    palette: &Palette,
    canvas: &mut Canvas,
    scaler: &mut ScaleContext,
    glyphs: &mut Glyphs,
) {
    let (width, height) = (i32::try_from(CELL.0).unwrap(), i32::try_from(CELL.1).unwrap());
    let (mut ink, mut ground) = (palette.of(cell.fg, palette.text), palette.of(cell.bg, palette.ground));
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut ink, &mut ground);
    }
    if cell.modifier.contains(Modifier::DIM) {
        for (ink, ground) in ink.iter_mut().zip(ground) {
            *ink = u8::try_from((u16::from(*ink) * 11 + u16::from(ground) * 9) / 20).unwrap();
        }
    }
    if ground != palette.ground {
        canvas.fill((x, y), (width, height), ground);
    }
    // one that is an emoji only because it says so is drawn like the others
    let is_emoji = cell.symbol().ends_with('\u{fe0f}');
    if is_emoji {
        disc((x + width, y + height / 2), 6, ink, canvas);
    }
    for c in cell.symbol().chars().filter(|c| *c != ' ' && !is_emoji) {
        if !geometry(c, (x, y), ink, canvas) {
            letter(c, cell.modifier, (x, y), ink, canvas, scaler, glyphs);
        }
    }
    if cell.modifier.contains(Modifier::UNDERLINED) {
        canvas.fill((x, y + BASELINE + 2), (width, 1), ink);
    }
    if cell.modifier.contains(Modifier::CROSSED_OUT) {
        canvas.fill((x, y + height / 2), (width, 1), ink);
    }
    if is_caret {
        canvas.fill((x, y + 2), (2, height - 4), palette.text);
    }
}

fn letter(c: char, modifier: Modifier, (x, y): (i32, i32), ink: Rgb, canvas: &mut Canvas, scaler: &mut ScaleContext, glyphs: &mut Glyphs) {
    let style = if modifier.contains(Modifier::BOLD) {
        1
    } else if modifier.contains(Modifier::ITALIC) {
        2
    } else {
        0
    };
    let image = glyphs.entry((c, style)).or_insert_with(|| {
        let has = |bytes: &&&'static [u8]| FontRef::from_index(bytes, 0).is_some_and(|font| font.charmap().map(c) != 0);
        let bytes = [[REGULAR, BOLD, ITALIC][style], REGULAR, SYMBOLS].iter().find(has).copied()?;
        let font = FontRef::from_index(bytes, 0)?;
        let mut sized = scaler.builder(font).size(SIZE).build();
        Render::new(&[Source::Outline]).format(Format::Alpha).render(&mut sized, font.charmap().map(c))
    });
    let Some(image) = image else {
        return match unicode_width::UnicodeWidthChar::width(c) {
            // an emoji, which terminals draw in colours of its own: a disc stands for it
            Some(2) => disc((x + i32::try_from(CELL.0).unwrap(), y + i32::try_from(CELL.1).unwrap() / 2), 6, ink, canvas),
            // any other character of no font is seen in the picture
            _ => canvas.fill((x + 2, y + 4), (6, 12), ink),
        };
    };
    let (wide, place) = (usize::try_from(image.placement.width).unwrap(), image.placement);
    for (at, alpha) in image.data.iter().enumerate() {
        let (column, row) = (i32::try_from(at % wide).unwrap(), i32::try_from(at / wide).unwrap());
        canvas.blend(x + place.left + column, y + BASELINE - place.top + row, ink, *alpha);
    }
}

/// A soft disc.
fn disc((x, y): (i32, i32), radius: i32, ink: Rgb, canvas: &mut Canvas) {
    for (across, down) in (-radius..=radius).flat_map(|across| (-radius..=radius).map(move |down| (across, down))) {
        let inside = radius * radius - across * across - down * down;
        if inside >= 0 {
            canvas.blend(x + across, y + down, ink, if inside > radius { 120 } else { 60 });
        }
    }
}

/// Lines and blocks; false for anything else.
fn geometry(c: char, (x, y): (i32, i32), ink: Rgb, canvas: &mut Canvas) -> bool {
    let (width, height) = (i32::try_from(CELL.0).unwrap(), i32::try_from(CELL.1).unwrap());
    let (middle, centre) = (width / 2, height / 2);
    // left, right, up, down
    let arms = match c {
        '─' => [1, 1, 0, 0],
        '━' => [3, 3, 0, 0],
        '│' => [0, 0, 1, 1],
        '┃' => [0, 0, 2, 2],
        '┌' | '╭' => [0, 1, 0, 1],
        '┐' | '╮' => [1, 0, 0, 1],
        '└' | '╰' => [0, 1, 1, 0],
        '┘' | '╯' => [1, 0, 1, 0],
        '├' => [0, 1, 1, 1],
        '┤' => [1, 0, 1, 1],
        '┬' => [1, 1, 0, 1],
        '┴' => [1, 1, 1, 0],
        '┼' => [1, 1, 1, 1],
        '▀' => {
            canvas.fill((x, y), (width, centre), ink);
            return true;
        }
        '▄' => {
            canvas.fill((x, y + centre), (width, height - centre), ink);
            return true;
        }
        '█' => {
            canvas.fill((x, y), (width, height), ink);
            return true;
        }
        '▏' => {
            canvas.fill((x, y), (1, height), ink);
            return true;
        }
        '░' => {
            (y..y + height).for_each(|row| (x..x + width).for_each(|column| canvas.blend(column, row, ink, 50)));
            return true;
        }
        _ => return false,
    };
    let [left, right, up, down] = arms;
    for (weight, from, to) in [(left, 0, middle + 1), (right, middle, width)] {
        canvas.fill((x + from, y + centre), (if weight > 0 { to - from } else { 0 }, weight), ink);
    }
    for (weight, from, to) in [(up, 0, centre + 1), (down, centre, height)] {
        canvas.fill((x + middle, y + from), (weight, if weight > 0 { to - from } else { 0 }), ink);
    }
    true
}
