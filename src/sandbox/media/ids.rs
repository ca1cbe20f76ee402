//! Numbers of films, in the shape of a UUID, that say what was ordered: a simulator that was started anew still knows the films of the one
//! before it.

use super::made::Outcome;

/// What such a number says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// When it was ordered, in seconds since 1970.
    pub at: u32,
    /// The length of the film, in seconds.
    pub seconds: u8,
    /// Place of the model, of the resolution and of the shape in their lists.
    pub places: (u8, u8, u8),
    /// Whether polls have no body while it goes on.
    pub quiet: bool,
    /// Whether the address leads nowhere.
    pub gone: bool,
    /// How it ends, as `ENDS` has it.
    pub end: u8,
    /// Seconds that it takes; none for as long as ever.
    pub takes: Option<u8>,
    /// What it is drawn from.
    pub seed: u32,
}

/// Ways to end.
pub const ENDS: [Outcome; 4] =
    [Outcome::Done, Outcome::Failed("internal_error", "The film could not be made."), Outcome::Expired, Outcome::Blocked];
/// As long as ever.
const USUAL: u8 = 255;

/// Writes it.
pub fn write(told: &Told) -> String {
    let (model, resolution, shape) = told.places;
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&told.at.to_be_bytes());
    bytes[4] = told.seconds;
    bytes[5] = (shape & 0xf) << 4 | (resolution & 3) << 2 | model & 3;
    bytes[6] = 0x40 | (told.end & 3) << 2 | u8::from(told.gone) << 1 | u8::from(told.quiet);
    bytes[7] = told.takes.map_or(USUAL, |takes| takes.min(USUAL - 1));
    bytes[8] = 0x80 | (fastrand::u8(..) & 0x3f);
    bytes[9..12].copy_from_slice(&told.seed.to_be_bytes()[1..]);
    let sum = sum(&bytes[..12]);
    bytes[12..].copy_from_slice(&sum.to_be_bytes());
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Reads it; nothing for a number that is none of ours.
pub fn read(id: &str) -> Option<Told> {
    let hex: String = id.chars().filter(|c| *c != '-').collect();
    if hex.len() != 32 || !hex.is_ascii() {
        return None;
    }
    let mut bytes = [0; 16];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok()?;
    }
    let number = |part: &[u8]| part.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
    (number(&bytes[12..]) == sum(&bytes[..12])).then_some(Told {
        at: number(&bytes[..4]),
        seconds: bytes[4],
        places: (bytes[5] & 3, bytes[5] >> 2 & 3, bytes[5] >> 4),
        quiet: bytes[6] & 1 > 0,
        gone: bytes[6] & 2 > 0,
        end: bytes[6] >> 2 & 3,
        takes: Some(bytes[7]).filter(|takes| *takes != USUAL),
        seed: number(&bytes[9..12]),
    })
}

/// FNV-1a.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_says_what_was_ordered() {
        for (quiet, end, takes) in [(false, 0, None), (true, 3, Some(40)), (false, 1, Some(0))] {
            let told = Told { at: 1_795_867_407, seconds: 15, places: (2, 1, 8), quiet, gone: !quiet, end, takes, seed: 0x00ab_cdef };
            let id = write(&told);
            assert!(id.len() == 36 && id.as_bytes()[14] == b'4', "{id}");
            assert_eq!(read(&id), Some(told));
            let wrong = id.replacen(&id[..1], if id.starts_with('0') { "1" } else { "0" }, 1);
            assert_eq!(read(&wrong), None);
        }
        assert_eq!(read("ec5e9d44-6eed-426e-9528-a63815bda481"), None);
        assert_eq!(read("é"), None);
    }
}
