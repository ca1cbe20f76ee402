//! Every script on the screen: whatever a text is made of, all of it reaches the terminal, what follows stands where it belongs, and
//! nothing old stays beside it. Judged by a terminal that counts some clusters otherwise than we do.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use hermes::{
    domain::foreign::{is_wild, tame_line},
    terminal::painter::{Painter, Picture},
    ui::{
        frame::Frame,
        look::{Look, Role},
        wrap,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::num::NonZeroU16;
use unicode_segmentation::UnicodeSegmentation;

/// A terminal, and what paints on it.
struct Bench {
    painter: Painter,
    terminal: vt100::Parser,
}

impl Bench {
    fn new() -> Self {
        let (rows, columns) = (NonZeroU16::new(2).unwrap(), NonZeroU16::new(40).unwrap());
        Self { painter: Painter::new(), terminal: vt100::Parser::new(rows, columns, 0) }
    }
    /// Shows one row; gives the bytes.
    fn show(&mut self, text: &str) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 2));
        Frame::new(&mut buffer, Look::default()).put(0, 0, 40, text, Role::Text);
        let mut bytes = vec![];
        self.painter.paint(Picture { cells: &buffer, links: vec![], caret: None, rows_move: true }, &mut bytes);
        self.terminal.process(&bytes);
        String::from_utf8(bytes).unwrap()
    }
    fn row(&self) -> String {
        self.terminal.screen().rows(0, 40).next().unwrap()
    }
}

/// The texts of Unicode's own test of grapheme clusters, tamed, and some of people's.
fn texts() -> Vec<String> {
    let cases = include_str!("support/grapheme_breaks.txt").lines().filter(|line| !line.starts_with('#')).map(|line| {
        let points = line.split([' ', '÷']).filter(|point| !point.is_empty());
        points.map(|point| char::from_u32(u32::from_str_radix(point, 16).unwrap()).unwrap()).collect::<String>()
    });
    let mut texts: Vec<String> = cases.map(|text| tame_line(&text)).collect();
    assert!(texts.len() > 700);
    texts.extend(
        [
            "हिन्दी पंक्ति विद्या",
            "தமிழ் க்ஷ",
            "മലയാളം ന്ത്ര",
            "မြန်မာ ကြွေး",
            "ខ្មែរ",
            "สวัสดี",
            "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽✅",
            "e\u{301}o\u{308}\u{323}",
            "العربية",
            "한국어 ᄒ\u{1161}ᆫ",
        ]
        .map(String::from),
    );
    texts
}

/// Characters that nobody can see by themselves.
fn is_seen(c: &char) -> bool {
    !matches!(c, '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{1160}'..='\u{11ff}' | ' ') && !is_wild(*c)
}

#[test]
fn every_letter_arrives_and_nothing_old_stays_beside_it() {
    for text in texts() {
        let mut bench = Bench::new();
        bench.show("something old, as long as the whole row");
        let bytes = bench.show(&format!("A{text}B"));
        let mut sent = bytes.chars();
        for c in text.chars().filter(is_seen) {
            assert!(sent.any(|s| s == c), "{c:?} of {text:?} is not sent: {bytes:?}");
        }
        let at = u16::try_from(wrap::width(&format!("A{text}"))).unwrap();
        let after = bench.terminal.screen().cell(0, at).unwrap();
        assert_eq!(after.contents(), "B", "{text:?} is followed at {at}: {:?}", bench.row());
        assert_eq!(bench.row().trim_end().chars().last(), Some('B'), "{text:?}: {:?}", bench.row());
        // typed on: a part of the row changes
        bench.show(&format!("A{text}BC"));
        assert!(bench.row().trim_end().ends_with("BC"), "{text:?}: {:?}", bench.row());
        bench.show("Apqrstu");
        assert_eq!(bench.row().trim_end(), "Apqrstu", "after {text:?}");
    }
}

#[test]
fn lines_are_broken_between_clusters() {
    for text in texts() {
        let clusters: Vec<&str> = text.graphemes(true).collect();
        for most in [2, 3, 5, 8] {
            let mut lines = vec![];
            wrap::breaks(&text, most, |range| lines.push(&text[range]));
            let mut left = clusters.iter().filter(|cluster| !cluster.trim().is_empty());
            for line in &lines {
                for cluster in line.graphemes(true).filter(|cluster| !cluster.trim().is_empty()) {
                    assert_eq!(left.next().map(|cluster| cluster.trim_end()), Some(cluster.trim_end()), "{text:?} at {most}: {lines:?}");
                }
            }
            assert_eq!(left.next(), None, "{text:?} at {most}: {lines:?}");
        }
    }
}
