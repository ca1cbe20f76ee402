//! Bytes from the terminal to `Input`. Keys and pastes come out; replies of the terminal, and sequences that nobody knows, are
//! swallowed whole, however they are split: they never become typed text.

mod csi;
mod layouts;
#[cfg(test)]
mod tests;

use crate::flow::input::{Code, Input, Key, Modifiers, Told};
use std::time::Duration;

/// A paste is cut off here.
const LARGEST_PASTE: usize = 64 << 20;
/// Parameters of a sequence beyond this are of no use.
const LONGEST_SEQUENCE: usize = 256;
const PASTE_END: &[u8] = b"\x1b[201~";
/// The marks round a paste, without their ESC.
const MARKS: [&[u8]; 2] = [b"[200~", b"[201~"];

/// A begun sequence is waited for this long…
const ESCAPE: Duration = Duration::from_millis(30);
/// …and a paste in which nothing comes any more.
const PASTE: Duration = Duration::from_secs(1);
/// Nobody types so many bytes between two looks: they are the rest of a paste that stalled.
const BURST: usize = 32;

/// Where in a sequence the parser is.
#[derive(Debug, Default)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After `ESC [`, with what came since.
    Csi(Vec<u8>),
    /// After `ESC [ M`: three bytes of an old mouse report.
    OldMouse(u8),
    /// After `ESC [ [`: a key of the Linux console.
    LinuxKey,
    /// After `ESC O`.
    Ss3,
    /// Inside OSC, DCS, APC, PM or SOS; whether ESC came just now, the letter that began it, and whether anything followed.
    Text { escape: bool, opener: u8, any: bool },
    /// Inside a bracketed paste.
    Paste(Paste),
    /// Inside the mark of a paste whose ESC came too early: what came after it, and how much of that was taken for something else.
    LateMark { seen: Vec<u8>, told: usize },
}

/// A paste that is coming.
#[derive(Debug, Default)]
struct Paste {
    text: Vec<u8>,
    /// The last bytes that came, which may be the beginning of the end mark. Kept also when the text takes no more.
    tail: Vec<u8>,
}

/// A push parser.
#[derive(Debug, Default)]
pub struct Parser {
    state: State,
    /// The beginning of a character whose bytes have not all come.
    partial: Vec<u8>,
    /// A text sequence was not finished in time once already.
    late: bool,
    /// A paste was not finished in time, and its end has not been seen.
    given_up: bool,
    /// What came after an ESC that was taken for a key, as long as it may have been the beginning of a mark.
    cut: Option<Vec<u8>>,
    /// The character that is coming was typed with Alt, if it is a letter with a place on the keyboard.
    alt: bool,
    /// The beginning of a DCS sequence: a terminal that was asked says there what it is.
    told: Vec<u8>,
}

impl Parser {
    /// Nothing begun.
    pub fn new() -> Self {
        Self::default()
    }
    /// How long the caller waits for more of what is begun, before it calls `timeout`; nothing when nothing is.
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Ground => None,
            // the end of a paste can be lost, and with it every key
            State::Paste(_) => Some(PASTE),
            _ => Some(ESCAPE),
        }
    }

    /// Takes bytes as they were read; appends what they mean.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        let mut at = 0;
        if !bytes.is_empty()
            && let Some(seen) = self.cut.take()
            && is_mark(&[&seen[..], bytes].concat())
        {
            self.state = State::LateMark { told: seen.len(), seen };
        }
        // a paste that was given up goes on after all: its lines are no keys that send something
        if self.given_up && matches!(self.state, State::Ground) && is_rest_of_paste(bytes) {
            self.state = State::Paste(Paste::default());
        }
        while at < bytes.len() {
            if let State::Paste(paste) = &mut self.state {
                let (taken, ended) = paste.take(&bytes[at..]);
                at += taken;
                if ended {
                    self.given_up = false;
                    out.push(Input::Paste(clean(&paste.text)));
                    self.state = State::Ground;
                }
                continue;
            }
            self.byte(bytes[at], out);
            at += 1;
        }
    }

    /// Nothing came for a moment: what is begun is what it is.
    pub fn timeout(&mut self, out: &mut Vec<Input>) {
        let state = std::mem::take(&mut self.state);
        let alt = |c: char| Input::Key(csi::held(Key::plain(Code::Char(c)), Modifiers::ALT));
        match state {
            State::Escape => {
                self.cut = Some(vec![]);
                out.push(Input::Key(Key::plain(Code::Esc)));
            }
            State::Csi(seen) => {
                if seen.is_empty() {
                    out.push(alt('['));
                }
                self.cut = Some([b"[", &seen[..]].concat()).filter(|seen| is_mark(seen));
            }
            State::LateMark { seen, told } => seen[told..].iter().for_each(|byte| self.ground(*byte, out)),
            State::Ss3 => out.push(alt('O')),
            State::Text { opener, any: false, .. } => out.push(alt(char::from(opener))),
            // the rest of a reply may still be on its way
            State::Text { escape, opener, any } if !self.late => {
                self.late = true;
                self.state = State::Text { escape, opener, any };
                return;
            }
            // the end is not going to come: what did come was pasted
            State::Paste(paste) => {
                self.given_up = true;
                // the end may be cut behind its ESC
                self.cut = paste.tail.iter().rposition(|byte| *byte == 0x1b).map(|at| paste.tail[at + 1..].to_vec());
                out.push(Input::Paste(clean(&paste.text)));
            }
            _ => {}
        }
        self.late = false;
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<Input>) {
        match &mut self.state {
            State::Ground => self.ground(byte, out),
            State::Escape => self.escape(byte, out),
            State::Csi(seen) => match byte {
                b'[' if seen.is_empty() => self.state = State::LinuxKey,
                b'M' if seen.is_empty() => self.state = State::OldMouse(3),
                0x40..=0x7e => {
                    let seen = std::mem::take(seen);
                    self.state = State::Ground;
                    if byte == b'~' && (seen == b"200" || seen == b"201") {
                        self.given_up = false;
                    }
                    if byte == b'~' && seen == b"200" {
                        self.state = State::Paste(Paste::default());
                    } else if seen.len() < LONGEST_SEQUENCE {
                        out.extend(csi::read(&seen, byte));
                    }
                }
                0x1b => self.state = State::Escape,
                0x18 | 0x1a => self.state = State::Ground,
                _ if seen.len() < LONGEST_SEQUENCE => seen.push(byte),
                _ => {}
            },
            State::OldMouse(left) => {
                *left -= 1;
                if *left == 0 {
                    self.state = State::Ground;
                }
            }
            State::LinuxKey => {
                self.state = State::Ground;
                if let b'A'..=b'E' = byte {
                    out.push(Input::Key(Key::plain(Code::F(byte - b'A' + 1))));
                }
            }
            State::Ss3 => {
                self.state = State::Ground;
                out.extend(csi::ss3(byte));
            }
            State::Text { escape, any, opener } => {
                let ended = matches!(byte, 0x07 | 0x18 | 0x1a) && (byte != 0x07 || *opener == b']') || *escape && byte == b'\\';
                if *opener == b'P' && !ended && self.told.len() < LONGEST_SEQUENCE {
                    self.told.push(byte);
                }
                *any = true;
                *escape = byte == 0x1b;
                if ended {
                    self.state = State::Ground;
                    self.late = false;
                    out.extend(name(&std::mem::take(&mut self.told)).map(|name| Input::Terminal(Told::Name(name))));
                }
            }
            State::LateMark { seen, told } => {
                seen.push(byte);
                if MARKS.contains(&&seen[..]) {
                    self.given_up = false;
                    self.state = if seen == MARKS[0] { State::Paste(Paste::default()) } else { State::Ground };
                } else if !is_mark(seen) {
                    // somebody typed that
                    let typed = seen.split_off(*told);
                    self.state = State::Ground;
                    typed.into_iter().for_each(|byte| self.byte(byte, out));
                }
            }
            State::Paste(_) => {}
        }
    }

    fn ground(&mut self, byte: u8, out: &mut Vec<Input>) {
        if byte >= 0x80 || !self.partial.is_empty() {
            return self.character(byte, out);
        }
        self.alt = false;
        if byte == 0x1b {
            self.state = State::Escape;
        } else {
            out.push(Input::Key(control(byte)));
        }
    }

    /// Gathers the bytes of a character; those that are none are dropped.
    fn character(&mut self, byte: u8, out: &mut Vec<Input>) {
        if byte < 0x80 {
            self.partial.clear();
            return self.ground(byte, out);
        }
        if byte >= 0xc0 {
            self.partial.clear();
        }
        self.partial.push(byte);
        let length = match self.partial[0] {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => {
                self.alt = false;
                return self.partial.clear();
            }
        };
        if self.partial.len() < length {
            return;
        }
        let bytes = std::mem::take(&mut self.partial);
        let alt = std::mem::take(&mut self.alt);
        let Some(c) = std::str::from_utf8(&bytes).ok().and_then(|s| s.chars().next()) else { return };
        match c {
            '\u{9b}' => self.state = State::Csi(vec![]),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => self.state = State::Text { escape: false, opener: b']', any: true },
            c if c.is_control() => {}
            c => out.push(Input::Key(match layouts::key_of(c).filter(|_| alt) {
                Some(key) => csi::held(Key::plain(Code::Char(key)), Modifiers::ALT),
                None => Key::plain(Code::Char(c)),
            })),
        }
    }

    fn escape(&mut self, byte: u8, out: &mut Vec<Input>) {
        self.state = State::Ground;
        match byte {
            b'[' => self.state = State::Csi(vec![]),
            b'O' => self.state = State::Ss3,
            b']' | b'P' | b'_' | b'^' | b'X' => {
                self.told.clear();
                self.state = State::Text { escape: false, opener: byte, any: false };
            }
            0x1b => {
                out.push(Input::Key(Key::plain(Code::Esc)));
                self.state = State::Escape;
            }
            0x80.. => {
                self.alt = true;
                self.character(byte, out);
            }
            _ => out.push(Input::Key(csi::held(control(byte), Modifiers::ALT))),
        }
    }
}

/// The name in the answer to XTVERSION (`DCS > | name ST`).
fn name(told: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(told.strip_prefix(b">|")?).ok()?.trim_end_matches('\u{1b}');
    Some(name.chars().filter(|c| !c.is_control()).collect())
}

/// A single byte below 0x80 as a key.
fn control(byte: u8) -> Key {
    match byte {
        b'\r' => Key::plain(Code::Enter),
        b'\t' => Key::plain(Code::Tab),
        0x7f => Key::plain(Code::Backspace),
        0x08 => Key::ctrl(Code::Backspace),
        0 => Key::ctrl(Code::Char(' ')),
        1..=26 => Key::ctrl(Code::Char(char::from(byte + b'a' - 1))),
        0x1b => Key::plain(Code::Esc),
        0x1c..=0x1f => Key::ctrl(Code::Char(['\\', ']', '^', '_'][usize::from(byte - 0x1c)])),
        _ => Key::plain(Code::Char(char::from(byte))),
    }
}

impl Paste {
    /// Takes bytes up to the end mark, or all of them: how many, and whether that was the end. The mark is no part of the text.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let most = PASTE_END.len() - 1;
        for at in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'~').map(|(at, _)| at) {
            // the mark may be split between what came before and what comes now
            let from_before = most.saturating_sub(at).min(self.tail.len());
            let before = &self.tail[self.tail.len() - from_before..];
            if [before, &bytes[at.saturating_sub(most)..=at]].concat() == PASTE_END {
                let here = (PASTE_END.len() - from_before).min(at + 1);
                self.keep(&bytes[..at + 1 - here]);
                // a text that took no more holds nothing of the mark
                if self.text.ends_with(&PASTE_END[..from_before]) {
                    self.text.truncate(self.text.len() - from_before);
                }
                return (at + 1, true);
            }
        }
        self.keep(bytes);
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(most)..]);
        self.tail.drain(..self.tail.len().saturating_sub(most));
        (bytes.len(), false)
    }
    fn keep(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(LARGEST_PASTE.saturating_sub(self.text.len()));
        self.text.extend_from_slice(&bytes[..kept]);
    }
}

/// Whether bytes that came after a paste was given up belong to it still.
fn is_rest_of_paste(bytes: &[u8]) -> bool {
    let mark = bytes.windows(PASTE_END.len()).find(|window| window.starts_with(b"\x1b[20") && window.ends_with(b"~"));
    bytes.first().is_some_and(|first| *first != 0x1b) && (bytes.len() >= BURST || mark == Some(PASTE_END))
}

/// Whether bytes behind an ESC are the beginning of a mark, or begin with one.
fn is_mark(bytes: &[u8]) -> bool {
    MARKS.iter().any(|mark| mark.starts_with(bytes) || bytes.starts_with(mark))
}

/// A paste as text: line ends as `\n`, no other control characters but tabs.
fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                clean.push('\n');
            }
            '\n' | '\t' => clean.push(c),
            c if c.is_control() => {}
            c => clean.push(c),
        }
    }
    clean
}
