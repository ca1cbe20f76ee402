//! Every script on the screen: what is joined, what is wider than a cell, and what terminals measure in different ways. The judge is a
//! terminal that knows no clusters; the cases are those of Unicode's own test.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use hermes::{
    domain::foreign::tame,
    terminal::painter::{Painter, Picture},
    ui::{
        frame::Frame,
        line::{Line, Styled},
        look::{Look, Role},
        wrap,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::num::NonZeroU16;

const SIZE: (u16, u16) = (40, 5);

/// A terminal that is painted on.
struct Bench {
    painter: Painter,
    terminal: vt100::Parser,
}

impl Bench {
    fn new() -> Self {
        let terminal = vt100::Parser::new(NonZeroU16::new(SIZE.1).unwrap(), NonZeroU16::new(SIZE.0).unwrap(), 0);
        Self { painter: Painter::new(), terminal }
    }
    /// Shows a text as an answer is shown; what was sent.
    fn show(&mut self, text: &str) -> String {
        let mut lines: Vec<Line> = vec![];
        wrap::lines(&Styled::new(tame(text).replace('\t', "    "), Role::Text), 38, 0, |_| Styled::default(), &mut lines);
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        let mut frame = Frame::new(&mut buffer, Look::default());
        for (y, line) in (0..SIZE.1).zip(&lines) {
            frame.put_line(1, y, SIZE.0, line);
        }
        let mut bytes = vec![];
        self.painter.paint(Picture { cells: &buffer, rows: None, links: vec![], caret: None, rows_move: true, laid: &[] }, &mut bytes);
        self.terminal.process(&bytes);
        String::from_utf8(bytes).unwrap()
    }
    fn rows(&self) -> Vec<String> {
        self.terminal.screen().rows(0, SIZE.0).map(|row| row.trim_end().to_string()).collect()
    }
    /// Where a letter stands: row and column.
    fn place(&self, letter: char) -> Option<(u16, u16)> {
        let holds = |y, x| self.terminal.screen().cell(y, x).is_some_and(|cell| cell.contents().starts_with(letter));
        (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (y, x))).find(|(y, x)| holds(*y, *x))
    }
}

/// The characters that were sent, without blanks and without what drives the terminal.
fn sent(bytes: &str) -> String {
    let mut text = String::new();
    let mut chars = bytes.chars();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' if chars.next() == Some('[') => _ = chars.by_ref().find(|c| ('\x40'..='\x7e').contains(c)),
            c if is_shown(c) => text.push(c),
            _ => {}
        }
    }
    text
}

fn is_shown(c: char) -> bool {
    !c.is_control() && !c.is_whitespace() && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

fn cases() -> Vec<String> {
    let lines = include_str!("data/graphemes.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(' ').map(|hex| char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap()).collect()).collect()
}

#[test]
fn every_letter_of_unicodes_own_cases_reaches_the_terminal() {
    let cases = cases();
    assert!(cases.len() > 700, "{}", cases.len());
    let mut bench = Bench::new();
    for case in &cases {
        let text = format!("A{case}B");
        let tamed = tame(&text).into_owned();
        // from an empty screen: all of it is sent
        let fresh = sent(&Bench::new().show(&text));
        assert_eq!(fresh, tamed.chars().filter(|c| is_shown(*c)).collect::<String>(), "{case:?}");
        // what follows stands where it belongs, whatever stood there before and however the terminal counts
        let bytes = bench.show(&text);
        assert!(!bytes.contains(['\r', '\u{85}']), "{case:?}");
        // one column is left of the text, and B is the last cell of its line
        let last = tamed.split('\n').next_back().unwrap();
        let column = u16::try_from(wrap::width(last)).unwrap();
        assert_eq!(bench.place('B').map(|(_, x)| x), Some(column), "{case:?} {:?}", bench.rows());
        // and nothing of it stays beside the next line
        bench.show("plain words");
        assert_eq!(bench.rows(), [" plain words", "", "", "", ""], "{case:?}");
    }
}

#[test]
fn whatever_follows_whatever_the_screen_is_as_if_it_were_drawn_at_once() {
    let mut random = fastrand::Rng::with_seed(17);
    let cases = cases();
    let mut bench = Bench::new();
    for n in 0..3_000 {
        let mut text = String::new();
        for _ in 0..random.usize(1..6) {
            text.push_str(["plain ", "日本", "", " ", "e\u{301}"][random.usize(0..5)]);
            text.push_str(&cases[random.usize(0..cases.len())].replace('\n', ""));
        }
        bench.show(&text);
        let mut fresh = Bench::new();
        fresh.show(&text);
        assert_eq!(bench.rows(), fresh.rows(), "{text:?} after {n} pictures");
    }
}

#[test]
fn every_script_is_shown() {
    for text in [
        "हिन्दी पंक्ति विद्या ABC",
        "বাংলা ক্ষুদ্র ABC",
        "தமிழ் க்ஷௌ ABC",
        "ಕನ್ನಡ ಸ್ತ್ರೀ ABC",
        "ไทย กำลัง ABC",
        "ខ្មែរ ស្ត្រី ABC",
        "မြန်မာ က္ကျွန်ုပ် ABC",
        "العربية لا ABC",
        "עברית שָׁלוֹם ABC",
        "각힣 ᄀᄀᄀ각ᆨᆨ ABC",
        "\u{301} \u{94d}ABC",
        "👩‍👩‍👧‍👦🇩🇪❤️👍🏽🏴‍☠️ ABC",
        "Z\u{301}\u{302}\u{303}ABC",
    ] {
        let mut bench = Bench::new();
        let bytes = bench.show(text);
        assert_eq!(sent(&bytes), text.chars().filter(|c| is_shown(*c)).collect::<String>(), "{text}");
        assert_eq!(bench.place('C'), Some((0, u16::try_from(wrap::width(text)).unwrap())), "{text}");
        assert!(bench.rows()[0].ends_with("ABC"), "{text}: {:?}", bench.rows());
        // letter by letter, as an answer comes
        let mut growing = Bench::new();
        for (at, c) in text.char_indices() {
            growing.show(&text[..at + c.len_utf8()]);
        }
        assert_eq!(growing.rows(), bench.rows(), "{text}");
    }
}

#[test]
fn a_syllable_that_is_longer_than_the_line_goes_on_in_the_next() {
    let text = "क्".repeat(60);
    let mut bench = Bench::new();
    assert_eq!(sent(&bench.show(&text)), text);
    assert_eq!(bench.rows()[0].chars().filter(|c| *c == 'क').count(), 38);
    assert_eq!(bench.rows()[1].chars().filter(|c| *c == 'क').count(), 22);
}

#[test]
fn plain_rows_cost_no_more_than_before() {
    let mut bench = Bench::new();
    bench.show("plain words");
    assert_eq!(bench.show("plain words."), ".");
    // and a word behind a family costs its row, once
    bench.show("👩‍👩‍👧‍👦 word");
    let bytes = bench.show("👩‍👩‍👧‍👦 words");
    assert!(bytes.contains("\x1b[K") && bytes.len() < 80, "{bytes:?}");
    assert_eq!(bench.show("👩‍👩‍👧‍👦 words"), "");
}
