//! Plays: a melody that follows from the words, as samples, WAV or the codes of telephones.

use super::paint::hash;
use fastrand::Rng;

/// How long a note is.
const NOTE: f64 = 0.18;
/// Hertz.
const SCALE: [f64; 6] = [261.63, 293.66, 329.63, 392.0, 440.0, 523.25];

/// One channel of samples.
pub fn melody(words: &str, rate: u32, seconds: f64) -> Vec<i16> {
    let mut rng = Rng::with_seed(hash(words));
    let notes: Vec<f64> = (0..=(seconds / NOTE) as usize).map(|_| SCALE[rng.usize(..SCALE.len())]).collect();
    let count = (seconds * f64::from(rate)) as u32;
    let sample = |number: u32| {
        let time = f64::from(number) / f64::from(rate);
        let note = notes.get((time / NOTE) as usize).copied().unwrap_or_default();
        // each note comes and goes softly, which leaves no clicks
        let loudness = (time % NOTE / NOTE * std::f64::consts::PI).sin();
        ((time * note * std::f64::consts::TAU).sin() * loudness * 9_000.0) as i16
    };
    (0..count).map(sample).collect()
}

/// Samples as bytes, the lower one first.
pub fn pcm(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// The same as a file.
pub fn wav(samples: &[i16], rate: u32) -> Vec<u8> {
    let data = pcm(samples);
    let size = data.len() as u32;
    let mut file = b"RIFF".to_vec();
    file.extend((size + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(size.to_le_bytes());
    file.extend(data);
    file
}

/// G.711 as in America and Japan.
pub fn mulaw(sample: i16) -> u8 {
    let size = u32::from(sample.unsigned_abs()).min(32_635) + 132;
    let exponent = size.ilog2() - 7;
    let sign = if sample < 0 { 0x80 } else { 0 };
    !(sign | (exponent << 4) as u8 | (size >> (exponent + 3) & 15) as u8)
}

/// G.711 as elsewhere.
pub fn alaw(sample: i16) -> u8 {
    // negative numbers are counted from -1
    let size = u32::from(if sample < 0 { !sample } else { sample } as u16) >> 3;
    let segment = if size < 32 { 0 } else { size.ilog2() - 4 };
    let code = (segment << 4) as u8 | (size >> segment.max(1) & 15) as u8;
    code ^ if sample < 0 { 0x55 } else { 0xd5 }
}
