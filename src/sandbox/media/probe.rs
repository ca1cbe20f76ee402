//! What kind of recording some bytes are, and how long it is.

use super::{
    mp3,
    mp4::{self, be32},
};

/// What was found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// `wav`
    pub kind: &'static str,
    /// Its length; guessed from the size where the file doesn't say.
    pub seconds: f64,
    /// Whether every sample is zero. Only known of plain samples.
    pub silent: bool,
}

/// A file, by its first bytes.
pub fn file(bytes: &[u8]) -> Option<Recording> {
    let (kind, seconds, silent) = match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => {
            let (seconds, silent) = wav(bytes)?;
            ("wav", Some(seconds), silent)
        }
        [b'O', b'g', b'g', b'S', ..] if position(bytes, b"OpusHead").is_some() => ("opus", ogg(bytes), false),
        [b'O', b'g', b'g', b'S', ..] => ("ogg", ogg(bytes), false),
        [b'f', b'L', b'a', b'C', ..] => ("flac", flac(bytes), false),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => ("mp4", mp4::seconds(bytes), false),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => ("mkv", None, false),
        [0xff, second, ..] if second & 0xf6 == 0xf0 => ("aac", aac(bytes), false),
        [b'I', b'D', b'3', ..] => ("mp3", mp3::seconds(bytes), false),
        // without a tag there is nothing but frames to know it by
        _ => ("mp3", Some(mp3::seconds(bytes)?), false),
    };
    Some(Recording { kind, seconds: seconds.unwrap_or(bytes.len() as f64 / 16_000.0), silent })
}

/// Samples without a file around them.
pub fn raw(kind: &'static str, rate: u64, channels: u64, bytes: &[u8]) -> Recording {
    let width = if kind == "pcm" { 2 } else { 1 };
    let seconds = bytes.len() as f64 / (rate.max(1) * channels.max(1) * width) as f64;
    Recording { kind, seconds, silent: kind == "pcm" && bytes.iter().all(|byte| *byte == 0) }
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    be32(bytes, at).map(u32::swap_bytes)
}

fn position(bytes: &[u8], name: &[u8]) -> Option<usize> {
    // names stand in the first pages
    let head = &bytes[..bytes.len().min(4096)];
    head.windows(name.len()).position(|window| window == name)
}

fn wav(bytes: &[u8]) -> Option<(f64, bool)> {
    let (mut at, mut second) = (12, None);
    loop {
        let (name, size) = (bytes.get(at..at + 4)?, le32(bytes, at + 4)? as usize);
        at += 8;
        match name {
            b"fmt " => second = le32(bytes, at + 8).filter(|second| *second > 0),
            b"data" => {
                // a recorder that was interrupted has not written the size
                let data = &bytes[at..at.saturating_add(size).min(bytes.len())];
                return Some((data.len() as f64 / f64::from(second?), data.iter().all(|byte| *byte == 0)));
            }
            _ => {}
        }
        at = at.checked_add(size)?.checked_add(size & 1)?;
        // what lies behind the end is found out by the next turn; it only must not overflow there
        at = at.min(bytes.len());
    }
}

fn ogg(bytes: &[u8]) -> Option<f64> {
    let rate = match position(bytes, b"\x01vorbis") {
        Some(at) => le32(bytes, at + 12)?,
        None => 48_000,
    };
    let last = bytes.windows(4).rposition(|window| window == b"OggS")?;
    let position = u64::from(le32(bytes, last + 10)?) << 32 | u64::from(le32(bytes, last + 6)?);
    (rate > 0 && position < 1 << 48).then(|| position as f64 / f64::from(rate))
}

fn flac(bytes: &[u8]) -> Option<f64> {
    let (first, second) = (be32(bytes, 18)?, be32(bytes, 22)?);
    let count = u64::from(first & 15) << 32 | u64::from(second);
    (first >> 12 > 0 && count > 0).then(|| count as f64 / f64::from(first >> 12))
}

fn aac(bytes: &[u8]) -> Option<f64> {
    const RATES: [f64; 13] = [96e3, 88.2e3, 64e3, 48e3, 44.1e3, 32e3, 24e3, 22.05e3, 16e3, 12e3, 11.025e3, 8e3, 7.35e3];
    let (mut at, mut sum) = (0, 0.0);
    while let Some([0xff, second, third, fourth, fifth, sixth, _]) = bytes.get(at..at + 7)
        && second & 0xf6 == 0xf0
    {
        let size = usize::from(fourth & 3) << 11 | usize::from(*fifth) << 3 | usize::from(sixth >> 5);
        sum += 1024.0 / RATES.get(usize::from(third >> 2 & 15))?;
        // a frame is not smaller than its head
        at += size.max(7);
    }
    (sum > 0.0).then_some(sum)
}
