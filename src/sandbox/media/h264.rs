//! Films as H.264, which every player shows. The samples are not compressed: each block of 16 × 16 is sent as it is (`I_PCM`), so that no
//! encoder is needed beyond the few bits around them.

use super::{mp4, paint::Scene};

/// Frames in a second.
const RATE: f64 = 2.0;
/// Frames of the longest film.
const MOST: f64 = 128.0;

/// A film of these words. Sides are rounded to whole blocks.
pub fn film(words: &str, (width, height): (u32, u32), seconds: f64) -> Vec<u8> {
    let blocks = (width.div_ceil(16).clamp(1, 40), height.div_ceil(16).clamp(1, 40));
    let scene = Scene::of(words);
    let count = (seconds * RATE).round().clamp(1.0, MOST) as u32;
    let frames: Vec<Vec<u8>> = (0..count)
        .map(|number| {
            let rgb = scene.pixels(blocks.0 * 16, blocks.1 * 16, number as f32 / count as f32);
            frame(&Planes::of(&rgb, blocks.0 as usize * 16), number)
        })
        .collect();
    mp4::film(&mp4::Track {
        sequence: &sequence(blocks),
        pictures: &pictures(),
        width: blocks.0 as u16 * 16,
        height: blocks.1 as u16 * 16,
        frames: &frames,
        milliseconds: (1000.0 / RATE) as u32,
    })
}

/// Brightness and colour apart.
struct Planes {
    width: usize,
    luma: Vec<u8>,
    blue: Vec<u8>,
    red: Vec<u8>,
}

impl Planes {
    /// From red, green and blue (BT.601, narrow range). Colour has half the sides.
    fn of(rgb: &[u8], width: usize) -> Self {
        let pixels = rgb.as_chunks::<3>().0;
        let luma = pixels.iter().map(|pixel| mix(pixel, 16.0, [65.5, 128.6, 25.0])).collect();
        let quarter = || pixels.chunks(width).step_by(2).flat_map(|row| row.iter().step_by(2));
        let blue = quarter().map(|pixel| mix(pixel, 128.0, [-37.8, -74.2, 112.0])).collect();
        let red = quarter().map(|pixel| mix(pixel, 128.0, [112.0, -93.8, -18.2])).collect();
        Self { width, luma, blue, red }
    }
    /// The samples of one block: first its brightness, then its colours.
    fn block(&self, column: usize, row: usize, into: &mut Vec<u8>) {
        for (plane, side) in [(&self.luma, 16), (&self.blue, 8), (&self.red, 8)] {
            let stride = self.width * side / 16;
            for line in 0..side {
                let start = (row * side + line) * stride + column * side;
                into.extend(plane.get(start..start + side).unwrap_or_default());
            }
        }
    }
}

fn mix(pixel: &[u8; 3], base: f32, weights: [f32; 3]) -> u8 {
    let sum: f32 = pixel.iter().zip(weights).map(|(part, weight)| f32::from(*part) * weight / 255.0).sum();
    (base + sum).round().clamp(16.0, 240.0) as u8
}

/// Bits, the highest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) -> &mut Self {
        for at in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> at & 1) as u8) << (7 - self.used % 8);
            }
            self.used += 1;
        }
        self
    }
    /// A number in the code of Golomb: as many zeros as bits follow the first one.
    fn golomb(&mut self, value: u32) -> &mut Self {
        let bits = (value + 1).ilog2();
        self.put(0, bits).put(value + 1, bits + 1)
    }
    fn align(&mut self) {
        self.used = self.used.next_multiple_of(8);
    }
    /// The unit: a byte for its kind, the bits and a closing one. Three bytes that would look like a start are kept apart by a 3.
    fn unit(mut self, kind: u8) -> Vec<u8> {
        self.put(1, 1);
        let mut unit = vec![kind];
        let mut zeros = 0;
        for byte in self.bytes {
            if zeros >= 2 && byte <= 3 {
                unit.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            unit.push(byte);
        }
        unit
    }
}

/// What holds for the film: baseline profile, level 3, order of display is order of sending.
fn sequence((columns, rows): (u32, u32)) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(66, 8).put(0b1100_0000, 8).put(30, 8).golomb(0).golomb(0).golomb(2).golomb(1).put(0, 1);
    // only whole frames, nothing cut off, no more to say
    bits.golomb(columns - 1).golomb(rows - 1).put(1, 1).put(1, 1).put(0, 1).put(0, 1);
    bits.unit(0x67)
}

/// What holds for its pictures: nothing but the defaults, and that each may turn off the smoothing.
fn pictures() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.golomb(0).golomb(0).put(0, 2).golomb(0).golomb(0).golomb(0).put(0, 3).golomb(0).golomb(0).golomb(0).put(0b100, 3);
    bits.unit(0x68)
}

/// A frame that needs no other.
fn frame(planes: &Planes, number: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    // block 0, only such blocks, the parameters above, frame 0; two such frames in a row must differ in the fifth number
    bits.golomb(0).golomb(7).golomb(0).put(0, 4).golomb(number % 2).put(0, 2).golomb(0).golomb(1);
    let columns = planes.width / 16;
    for block in 0..planes.luma.len() / 256 {
        bits.golomb(25);
        bits.align();
        planes.block(block % columns, block / columns, &mut bits.bytes);
        bits.used = bits.bytes.len() as u32 * 8;
    }
    bits.unit(0x65)
}
