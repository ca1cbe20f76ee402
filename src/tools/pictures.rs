//! Pictures as models take them: PNG or JPEG, not larger than is of use to them. Others are converted, larger ones made smaller.

use crate::domain::{attached::size, sight::Thumb};
use base64::{Engine, engine::general_purpose::STANDARD};
use image::{DynamicImage, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType};
use std::io::Cursor;

/// A file is sent as it is when it has no more bytes…
const MOST_BYTES: usize = 5 << 20;
/// …and is not longer on any side; models look at no more.
const LONGEST_SIDE: u32 = 2_048;
/// No picture is unpacked that needs more memory.
const MOST_MEMORY: u64 = 512 << 20;
/// No file with more bytes is a picture for a model.
pub const LARGEST_FILE: u64 = 50 << 20;

/// A picture in a form that models take.
#[derive(Debug, PartialEq)]
pub struct Picture {
    /// A `data:` URL.
    pub url: String,
    /// `1024×768, 120 kB`
    pub about: String,
}

/// What kind of picture a file is, by how it begins; none for one that can't be made fit for a model.
pub fn kind(head: &[u8]) -> Option<ImageFormat> {
    let kind = image::guess_format(head).ok()?;
    matches!(kind, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP).then_some(kind)
}

/// Makes a picture fit for a model. The error is the end of a sentence.
pub fn for_model(bytes: &[u8]) -> Result<Picture, String> {
    let kind = kind(bytes).ok_or("it is no PNG, JPEG, GIF or WebP picture")?;
    let broken = |error: image::ImageError| format!("it can't be read as a picture ({error})");
    let (width, height) = ImageReader::with_format(Cursor::new(bytes), kind).into_dimensions().map_err(broken)?;
    let is_taken = matches!(kind, ImageFormat::Png | ImageFormat::Jpeg);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    // one that is cut off would be refused by the service, and with it every question after it
    let mut image = reader.decode().map_err(broken)?;
    if is_taken && bytes.len() <= MOST_BYTES && width.max(height) <= LONGEST_SIDE {
        return Ok(picture(kind, bytes, width, height));
    }
    if width.max(height) > LONGEST_SIDE {
        image = image.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle);
    }
    encoded(&image, kind).map_err(broken)
}

/// No picture is unpacked for the screen that needs more: none that the service makes does.
const MOST_SEEN: u64 = 128 << 20;

/// A small copy for cells, and what the picture is: `1024×768, 120 kB`. Nothing for one that can't be read, or is a trap.
pub fn thumb(bytes: &[u8]) -> Option<(Thumb, String)> {
    let image = seen(bytes)?;
    let sides = (image.width(), image.height());
    let (columns, rows) = Thumb::cells(sides);
    let small = image.resize_exact(u32::from(columns), u32::from(rows) * 2, FilterType::Triangle).to_rgba8();
    let thumb = Thumb::new(fastrand::u32(1..1 << 24), columns, small.pixels().map(|pixel| opaque(*pixel)).collect())?;
    Some((thumb, format!("{}×{}, {}", sides.0, sides.1, size(bytes.len() as u64))))
}

/// Pixels for a cell of a terminal that shows pictures: columns, rows. More are of no use to most fonts.
const CELL: (u32, u32) = (14, 28);

/// A picture that is not too large to be unpacked for the screen.
fn seen(bytes: &[u8]) -> Option<DynamicImage> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_SEEN);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind(bytes)?);
    reader.limits(limits);
    reader.decode().ok()
}

/// A pixel without what shines through: that shows a quiet grey.
fn opaque(image::Rgba([r, g, b, a]): image::Rgba<u8>) -> [u8; 3] {
    [r, g, b].map(|level| u8::try_from((u16::from(level) * u16::from(a) + 96 * (255 - u16::from(a))) / 255).unwrap_or(255))
}

/// A picture as sixels for so many cells (columns, rows), each of which has so many pixels (width, height).
pub fn sixel(bytes: &[u8], (columns, rows): (u16, u16), (width, height): (u16, u16)) -> Option<String> {
    let (width, height) = (u32::from(columns) * u32::from(width), u32::from(rows) * u32::from(height));
    // a sixel is six pixels high; what is begun in a row that is not the picture's would cover words
    let height = height - height % 6;
    let mut small = seen(bytes)?.resize_exact(width, height.max(6), FilterType::Triangle).to_rgba8();
    for pixel in small.pixels_mut() {
        let [r, g, b] = opaque(*pixel);
        *pixel = image::Rgba([r, g, b, 255]);
    }
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height.max(6)).ok()?);
    icy_sixel::SixelImage::try_from_rgba(small.into_raw(), width, height).ok()?.encode().ok()
}

/// A picture as a PNG file for a terminal that shows it in so many cells (columns, rows).
pub fn for_terminal(bytes: &[u8], (columns, rows): (u16, u16)) -> Option<Vec<u8>> {
    let image = seen(bytes)?;
    let (width, height) = (u32::from(columns) * CELL.0, u32::from(rows) * CELL.1);
    let image = if image.width() > width || image.height() > height { image.resize(width, height, FilterType::Triangle) } else { image };
    let mut png = vec![];
    image.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).ok()?;
    Some(png)
}

/// Photographs as JPEG, everything else as PNG where that is small enough.
fn encoded(image: &DynamicImage, kind: ImageFormat) -> Result<Picture, image::ImageError> {
    if kind != ImageFormat::Jpeg {
        let mut png = vec![];
        image.write_to(&mut Cursor::new(&mut png), ImageFormat::Png)?;
        if png.len() <= MOST_BYTES {
            return Ok(picture(ImageFormat::Png, &png, image.width(), image.height()));
        }
    }
    let mut jpeg = vec![];
    JpegEncoder::new_with_quality(&mut jpeg, 85).encode_image(&image.to_rgb8())?;
    Ok(picture(ImageFormat::Jpeg, &jpeg, image.width(), image.height()))
}

fn picture(kind: ImageFormat, bytes: &[u8], width: u32, height: u32) -> Picture {
    Picture {
        url: format!("data:{};base64,{}", kind.to_mime_type(), STANDARD.encode(bytes)),
        about: format!("{width}×{height}, {}", size(bytes.len() as u64)),
    }
}

/// Raw pixels (four bytes each) as a PNG file; none where their number is not what the sides say.
pub fn png(width: u32, height: u32, pixels: Vec<u8>) -> Option<Vec<u8>> {
    let mut bytes = vec![];
    let image = image::RgbaImage::from_raw(width, height, pixels)?;
    image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(width: u32, height: u32, kind: ImageFormat) -> Vec<u8> {
        let mut bytes = vec![];
        let image = DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 7])));
        image.write_to(&mut Cursor::new(&mut bytes), kind).unwrap();
        bytes
    }

    #[test]
    fn what_models_take_is_sent_as_it_is_and_the_rest_is_made_fit() {
        for kind in [ImageFormat::Png, ImageFormat::Jpeg] {
            let bytes = file(40, 30, kind);
            let url = format!("data:{};base64,{}", kind.to_mime_type(), STANDARD.encode(&bytes));
            assert_eq!(for_model(&bytes).unwrap().url, url);
        }
        let gif = for_model(&file(40, 30, ImageFormat::Gif)).unwrap();
        assert!(gif.url.starts_with("data:image/png;base64,") && gif.about.starts_with("40×30, "), "{}", gif.about);
        assert!(for_model(&file(4_096, 64, ImageFormat::Png)).unwrap().about.starts_with("2048×32, "));
        assert!(for_model(&file(64, 4_096, ImageFormat::Jpeg)).unwrap().url.starts_with("data:image/jpeg;"));
    }

    #[test]
    fn a_small_copy_is_for_cells() {
        let (thumb, about) = thumb(&file(160, 90, ImageFormat::Png)).unwrap();
        assert_eq!((thumb.columns(), thumb.rows()), (44, 12));
        assert!(about.starts_with("160×90, "), "{about}");
        let (first, _) = thumb.row(0).next().unwrap();
        assert!(first[0] < 10 && first[2] == 7, "{first:?}");
    }

    #[test]
    fn sixels_stay_in_their_cells() {
        let drawn = sixel(&file(160, 90, ImageFormat::Png), (44, 12), (9, 19)).unwrap();
        assert!(drawn.starts_with("\x1bP") && drawn.ends_with("\x1b\\") && drawn.is_ascii(), "{:?}", &drawn[..20]);
        let back = icy_sixel::SixelImage::decode(drawn.as_bytes()).unwrap();
        assert_eq!(back.dimensions(), (44 * 9, 12 * 19 / 6 * 6));
        assert_eq!(sixel(b"hello", (44, 12), (9, 19)), None);
    }

    #[test]
    fn what_is_no_picture_or_a_trap_is_said() {
        assert!(for_model(b"hello").unwrap_err().contains("no PNG"));
        for kind in [ImageFormat::Gif, ImageFormat::Png, ImageFormat::Jpeg] {
            let mut cut = file(40, 30, kind);
            cut.truncate(cut.len() / 2);
            assert!(for_model(&cut).unwrap_err().contains("can't be read"), "{kind:?}");
        }
        // a few bytes that say they are four thousand million pixels
        let mut bomb = file(4, 4, ImageFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        assert!(for_model(&bomb).is_err());
        assert_eq!((thumb(&bomb), thumb(b"hello")), (None, None));
        assert_eq!(png(2, 2, vec![0; 3]), None);
        assert_eq!(kind(&png(1, 1, vec![0; 4]).unwrap()), Some(ImageFormat::Png));
    }
}
