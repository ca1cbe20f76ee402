//! MPEG audio, layer III: silence by hand, and how long a file is.

use super::mp4::be32;

/// Kilobits a second, of MPEG 1.
const NEW: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
/// Kilobits a second, of MPEG 2 and 2.5.
const OLD: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/// Hertz, of MPEG 1; MPEG 2 halves them and MPEG 2.5 once more.
const RATES: [u32; 3] = [44_100, 48_000, 32_000];

/// What the first four bytes of a frame say.
struct Head {
    /// In bytes, with the head.
    size: usize,
    samples: u32,
    rate: u32,
}

/// Silence. A frame whose side information is all zeros has no sound in it. Rates above what MPEG 2 has become its highest.
pub fn silence(rate: u32, bits: u32, seconds: f64) -> Vec<u8> {
    let (version, divider) = match rate {
        32_000.. => (3u32, 1),
        16_000.. => (2, 2),
        _ => (0, 4),
    };
    let table = if version == 3 { NEW } else { OLD };
    let at = table.iter().rposition(|kilobits| kilobits * 1000 <= bits).unwrap_or(1).max(1);
    let rate_at = RATES.iter().position(|full| full / divider == rate).unwrap_or(0);
    // layer III, no checksum, one channel
    let head = 0xffe0_0000 | version << 19 | 1 << 17 | 1 << 16 | (at as u32) << 12 | (rate_at as u32) << 10 | 0b11 << 6;
    let Some(known) = Head::of(head) else { return vec![] };
    let mut frame = head.to_be_bytes().to_vec();
    frame.resize(known.size, 0);
    frame.repeat((seconds * f64::from(known.rate) / f64::from(known.samples)).ceil().max(1.0) as usize)
}

impl Head {
    fn of(head: u32) -> Option<Self> {
        let (version, layer) = (head >> 19 & 3, head >> 17 & 3);
        if head >> 21 != 0x7ff || version == 1 || layer != 1 {
            return None;
        }
        let table = if version == 3 { &NEW } else { &OLD };
        let kilobits = table.get((head >> 12 & 15) as usize).copied().filter(|kilobits| *kilobits > 0)?;
        let divider = match version {
            3 => 1,
            2 => 2,
            _ => 4,
        };
        let rate = RATES.get((head >> 10 & 3) as usize)? / divider;
        let samples = if version == 3 { 1152 } else { 576 };
        let size = samples / 8 * kilobits * 1000 / rate + (head >> 9 & 1);
        Some(Self { size: size as usize, samples, rate })
    }
}

/// How long the frames are together; none when there are none.
pub fn seconds(bytes: &[u8]) -> Option<f64> {
    let mut at = tag(bytes);
    let mut sum = 0.0;
    while let Some(head) = be32(bytes, at).and_then(Head::of) {
        sum += f64::from(head.samples) / f64::from(head.rate);
        at += head.size;
    }
    (sum > 0.0).then_some(sum)
}

/// The size of the tag in front, whose numbers have seven bits a byte.
fn tag(bytes: &[u8]) -> usize {
    match bytes {
        [b'I', b'D', b'3', _, _, _, a, b, c, d, ..] => {
            [a, b, c, d].iter().fold(0usize, |sum, byte| sum << 7 | usize::from(**byte & 0x7f)) + 10
        }
        _ => 0,
    }
}
