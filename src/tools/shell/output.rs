//! Keeping the output of a command within bounds: its beginning and its end as bytes, and text from bytes that come in pieces.

use std::{collections::VecDeque, path::Path};

/// How much of the beginning, and how much of the end, is kept.
pub(crate) const PART: usize = 32 * 1024;

/// Makes text of bytes that come in pieces: a character that is cut by the border of two pieces comes out whole with the second.
#[derive(Default)]
pub(crate) struct Decoder {
    rest: Vec<u8>,
    /// How many bytes were no text.
    pub invalid: u64,
}

impl Decoder {
    /// The text of what came, as far as it is complete.
    pub fn decode(&mut self, bytes: &[u8]) -> String {
        let joined;
        let mut bytes = match self.rest.is_empty() {
            true => bytes,
            false => {
                let mut rest = std::mem::take(&mut self.rest);
                rest.extend_from_slice(bytes);
                joined = rest;
                &joined
            }
        };
        let mut text = String::with_capacity(bytes.len());
        loop {
            match std::str::from_utf8(bytes) {
                Ok(valid) => {
                    text.push_str(valid);
                    return text;
                }
                Err(wrong) => {
                    let (valid, after) = bytes.split_at(wrong.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(length) = wrong.error_len() else {
                        self.rest = after.to_vec();
                        return text;
                    };
                    self.invalid += length as u64;
                    text.push(char::REPLACEMENT_CHARACTER);
                    bytes = after.get(length..).unwrap_or_default();
                }
            }
        }
    }

    /// What is left of a character that was never completed.
    pub fn finish(&mut self) -> &'static str {
        self.invalid += self.rest.len() as u64;
        match std::mem::take(&mut self.rest).is_empty() {
            true => "",
            false => "\u{fffd}",
        }
    }
}

/// The last bytes of a stream.
pub(crate) struct Tail {
    bytes: VecDeque<u8>,
    most: usize,
}

impl Tail {
    /// Keeps at most so many bytes.
    pub fn new(most: usize) -> Self {
        Self { bytes: VecDeque::new(), most }
    }

    /// Adds what came and lets go of what is too old.
    pub fn push(&mut self, bytes: &[u8]) {
        let bytes = bytes.get(bytes.len().saturating_sub(self.most)..).unwrap_or_default();
        let over = (self.bytes.len() + bytes.len()).saturating_sub(self.most);
        self.bytes.drain(..over.min(self.bytes.len()));
        self.bytes.extend(bytes);
    }

    /// What is kept.
    pub fn to_vec(&self) -> Vec<u8> {
        self.bytes.iter().copied().collect()
    }
}

/// The beginning and the end of an output.
pub(crate) struct Kept {
    head: Vec<u8>,
    tail: Tail,
    /// How much came.
    pub bytes: u64,
    zero: bool,
}

impl Kept {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { head: Vec::new(), tail: Tail::new(PART), bytes: 0, zero: false }
    }

    /// Adds what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.zero |= bytes.contains(&0);
        let (head, tail) = bytes.split_at(bytes.len().min(PART - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.push(tail);
    }

    /// Whether something is left out.
    pub fn exceeded(&self) -> bool {
        self.bytes > 2 * PART as u64
    }

    /// Everything that is kept.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut all = self.head.clone();
        all.extend(self.tail.to_vec());
        all
    }

    /// Whether this is no text, of which so many bytes were invalid.
    pub fn binary(&self, invalid: u64) -> bool {
        self.zero || (invalid > 8 && invalid.saturating_mul(10) > self.bytes.saturating_mul(3))
    }

    /// The text: all of it, or the beginning and the end with a line between. `place` says where the whole is.
    pub fn text(&self, place: &str) -> String {
        if !self.exceeded() {
            return String::from_utf8_lossy(&self.to_vec()).into_owned();
        }
        let tail = self.tail.to_vec();
        let head = self.head.get(..whole_characters(&self.head)).unwrap_or_default();
        // the end starts with a whole character
        let start = tail.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
        let tail = tail.get(start..).unwrap_or_default();
        let left = self.bytes - head.len() as u64 - tail.len() as u64;
        let between = if head.ends_with(b"\n") { "" } else { "\n" };
        format!("{}{between}[… {left} bytes left out; {place} …]\n{}", String::from_utf8_lossy(head), String::from_utf8_lossy(tail))
    }
}

/// How long the bytes are without a character that is cut at their end.
pub(crate) fn whole_characters(bytes: &[u8]) -> usize {
    let start = bytes.len().saturating_sub(3);
    for at in (start..bytes.len()).rev() {
        let Some(byte) = bytes.get(at) else { break };
        if byte & 0xc0 == 0x80 {
            continue;
        }
        let needs = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        return if bytes.len() - at < needs { at } else { bytes.len() };
    }
    bytes.len()
}

/// The sentence that stands for an output that is no text.
pub(crate) fn binary_sentence(bytes: u64, file: Option<&Path>) -> String {
    match file {
        Some(file) => format!("[binary output, {bytes} bytes, in {}]", file.display()),
        None => format!("[binary output, {bytes} bytes]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_survive_borders() {
        let text = "aé€😀z".repeat(50);
        for size in 1..7 {
            let mut decoder = Decoder::default();
            let mut out: String = text.as_bytes().chunks(size).map(|piece| decoder.decode(piece)).collect();
            out.push_str(decoder.finish());
            assert_eq!(out, text);
            assert_eq!(decoder.invalid, 0);
        }
    }

    #[test]
    fn broken_bytes_are_replaced() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.decode(b"a\xffb\xe2\x82"), "a\u{fffd}b");
        assert_eq!(decoder.decode(b"\xac\xf0"), "€");
        assert_eq!(decoder.finish(), "\u{fffd}");
    }

    #[test]
    fn the_middle_is_left_out_between_characters() {
        let mut kept = Kept::new();
        let all = "€".repeat(40_000);
        all.as_bytes().chunks(777).for_each(|piece| kept.push(piece));
        let text = kept.text("all of it is in F");
        assert!(!text.contains('\u{fffd}'));
        let (head, rest) = text.split_once("\n[… ").unwrap();
        let (left, tail) = rest.split_once(" bytes left out; all of it is in F …]\n").unwrap();
        assert_eq!(head.len() + tail.len() + left.parse::<usize>().unwrap(), all.len());
        assert!(head.len() > PART - 4 && tail.len() > PART - 4);
    }
}
