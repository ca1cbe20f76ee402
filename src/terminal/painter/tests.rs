use super::*;
use proptest::prelude::*;
use ratatui::style::Style;
use std::num::NonZeroU16;

/// A terminal that was painted on, and what it ought to show.
struct Bench {
    painter: Painter,
    terminal: vt100::Parser,
    size: (u16, u16),
}

impl Bench {
    fn new(width: u16, height: u16) -> Self {
        Self { painter: Painter::new(), terminal: terminal(width, height), size: (width, height) }
    }
    /// Shows the bytes, one sequence after the other: no cell that is not changed is blank in between, unless its row moves.
    fn replay(&mut self, next: &Buffer, bytes: &[u8]) {
        let moves =
            bytes.windows(2).any(|two| two == b"\x1bM") || bytes.contains(&b'\n') || bytes.windows(4).any(|four| four == b"\x1b[2J");
        let shown = |terminal: &vt100::Parser, x, y| {
            terminal.screen().cell(y, x).map(|cell| cell.contents().trim().to_string()).unwrap_or_default()
        };
        let positions: Vec<Position> = next.area.positions().collect();
        let before: Vec<String> = positions.iter().map(|p| shown(&self.terminal, p.x, p.y)).collect();
        for sequence in bytes.split_inclusive(|byte| matches!(byte, b'X' | b'K')) {
            self.terminal.process(sequence);
            for (position, before) in positions.iter().zip(&before).filter(|_| !moves) {
                let stays = next[*position].symbol() == before && !before.is_empty() && before.is_ascii();
                let now = shown(&self.terminal, position.x, position.y);
                assert!(!stays || !now.is_empty(), "{position} is blank for a moment: {:?}", String::from_utf8_lossy(bytes));
            }
        }
    }
    /// Paints, compares every cell, and says how many bytes it took.
    fn paint(&mut self, buffer: &Buffer, caret: Option<(u16, u16)>) -> usize {
        let size = (buffer.area.width, buffer.area.height);
        if size != self.size {
            self.size = size;
            self.terminal = terminal(size.0, size.1);
        }
        let mut bytes = vec![];
        self.painter.paint(picture(buffer, vec![], caret.map(|(x, y)| Position::new(x, y))), &mut bytes);
        self.shows(buffer, caret, &bytes)
    }
    /// Paints what differs in a part.
    fn paint_part(&mut self, buffer: &Buffer, part: Rect, caret: Option<(u16, u16)>) -> usize {
        let mut bytes = vec![];
        self.painter.paint_part(buffer, part, caret.map(|(x, y)| Position::new(x, y)), &mut bytes);
        self.shows(buffer, caret, &bytes)
    }
    /// The terminal shows the picture after these bytes; says how many they are.
    fn shows(&mut self, buffer: &Buffer, caret: Option<(u16, u16)>, bytes: &[u8]) -> usize {
        let size = (buffer.area.width, buffer.area.height);
        self.replay(buffer, bytes);
        let screen = self.terminal.screen();
        for y in 0..size.1 {
            let mut x = 0;
            while x < size.0 {
                let want = &buffer[(x, y)];
                let symbol = drawn(want, usize::from(size.0 - x));
                let have = screen.cell(y, x).unwrap();
                let shown = if have.has_contents() { have.contents() } else { " " };
                assert_eq!(shown, symbol, "at {x},{y} of {size:?} after {:?}", String::from_utf8_lossy(bytes));
                assert_eq!(colour(have.bgcolor()), want.bg, "background at {x},{y}");
                if !is_blank(want) {
                    assert_eq!(colour(have.fgcolor()), want.fg, "colour at {x},{y} after {:?}", String::from_utf8_lossy(bytes));
                    let flags = [have.bold(), have.dim(), have.italic(), have.underline(), have.inverse()];
                    let wanted = [Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED]
                        .map(|m| want.modifier.contains(m));
                    assert_eq!(flags, wanted, "at {x},{y}");
                }
                x += u16::try_from(cells(want, usize::from(size.0 - x))).unwrap();
            }
        }
        assert_eq!(screen.hide_cursor(), caret.is_none());
        if let Some((x, y)) = caret {
            assert_eq!(screen.cursor_position(), (y, x));
        }
        bytes.len()
    }
}

fn picture(cells: &Buffer, links: Vec<Link>, caret: Option<Position>) -> Picture<'_> {
    Picture { cells, rows: None, links, caret, rows_move: true, laid: &[] }
}

fn terminal(width: u16, height: u16) -> vt100::Parser {
    vt100::Parser::new(NonZeroU16::new(height).unwrap(), NonZeroU16::new(width).unwrap(), 0)
}

fn colour(colour: vt100::Color) -> Color {
    match colour {
        vt100::Color::Default => Color::Reset,
        vt100::Color::Idx(1) => Color::Red,
        vt100::Color::Idx(4) => Color::Blue,
        vt100::Color::Idx(10) => Color::LightGreen,
        vt100::Color::Idx(n) => Color::Indexed(n),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

fn text(width: u16, height: u16, from: usize) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    for y in 0..height {
        buffer.set_string(0, y, format!("line {} of a text that goes on and on", from + usize::from(y)), Style::new());
    }
    buffer
}

#[test]
fn a_typed_key_costs_its_character() {
    let mut bench = Bench::new(120, 40);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
    buffer.set_string(2, 37, "❯ hell", Style::new());
    bench.paint(&buffer, Some((8, 37)));
    buffer.set_string(8, 37, "o", Style::new());
    assert_eq!(bench.paint(&buffer, Some((9, 37))), 1);
    assert_eq!(bench.paint(&buffer, Some((9, 37))), 0);
}

#[test]
fn scrolling_costs_the_new_line() {
    let mut bench = Bench::new(120, 40);
    bench.paint(&text(120, 40, 0), Some((3, 39)));
    let mut next = text(120, 40, 1);
    // the last two rows stand still
    for y in 38..40 {
        next.set_string(0, y, format!("line {y} of a text that goes on and on"), Style::new());
    }
    next.set_string(0, 37, "x".repeat(80), Style::new());
    let bytes = bench.paint(&next, Some((3, 39)));
    assert!(bytes <= 80 + 60, "{bytes} bytes");
    let back = bench.paint(&text(120, 40, 0), Some((3, 39)));
    assert!(back <= 140, "{back} bytes");
}

#[test]
fn panes_below_each_other_scroll_by_themselves() {
    // twenty rows each with a line between; the upper one moves by one row, the lower one by two
    let stacked = |upper: usize, lower: usize| {
        let mut buffer = text(80, 40, upper);
        for (y, row) in (20..40u16).zip(0..) {
            buffer.set_string(0, y, format!("{:<79}", format!("other {} which is as long as this", lower + row)), Style::new());
        }
        for y in 17..21 {
            buffer.set_string(0, y, format!("{:<79}", format!("what stands still, row {y}")), Style::new());
        }
        buffer
    };
    let mut bench = Bench::new(80, 40);
    bench.paint(&stacked(0, 100), Some((3, 39)));
    let bytes = bench.paint(&stacked(1, 102), Some((3, 39)));
    assert!(bytes <= 260, "{bytes} bytes");
}

#[test]
fn links_that_stay_cost_nothing() {
    let link = |y| Link { area: Rect::new(2, y, 5, 1), address: "https://x.ai".into(), id: 1 };
    let mut painter = Painter::new();
    let mut paint = |buffer: &Buffer, links| {
        let mut bytes = vec![];
        painter.paint(picture(buffer, links, None), &mut bytes);
        String::from_utf8(bytes).unwrap()
    };
    let mut buffer = text(40, 12, 0);
    let first = paint(&buffer, vec![link(3), link(7)]);
    assert_eq!(first.matches("https://x.ai").count(), 2);
    buffer.set_string(0, 10, "something else", Style::new());
    let next = paint(&buffer, vec![link(3), link(7)]);
    assert!(!next.contains("https") && next.len() < 40, "{next:?}");
    let one_less = paint(&buffer, vec![link(7)]);
    assert!(!one_less.contains("https") && one_less.contains("line 3") && !one_less.contains("line 7"), "{one_less:?}");
    // the terminal moves links with their rows
    let moved = paint(&text(40, 12, 1), vec![link(6)]);
    assert!(!moved.contains("https") && moved.contains("line 12"), "{moved:?}");
    let other = paint(&text(40, 12, 1), vec![Link { id: 2, ..link(6) }]);
    assert_eq!(other.matches("https://x.ai").count(), 1, "{other:?}");
}

/// What the painter says of links, as colours: the terminal of the tests knows these alone.
fn coloured(bytes: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut out = String::new();
    let mut parts = text.split("\x1b]8;");
    let without_colours = |part: &str| {
        let mut pieces = part.split("\x1b[");
        let mut kept = pieces.next().unwrap_or_default().to_string();
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(piece.len());
            match piece[end..].strip_prefix('m') {
                Some(rest) => kept.push_str(rest),
                None => kept.push_str(&format!("\x1b[{piece}")),
            }
        }
        kept
    };
    out.push_str(&without_colours(parts.next().unwrap_or_default()));
    for part in parts {
        let (link, rest) = part.split_once("\x1b\\").unwrap();
        match link.strip_prefix("id=h").and_then(|link| link.split_once(';')) {
            Some((id, address)) => {
                assert_eq!(address, format!("https://{id}.example"));
                out.push_str(&format!("\x1b[48;5;{}m", u8::from_str_radix(id, 16).unwrap()));
            }
            None => out.push_str("\x1b[49m"),
        }
        out.push_str(&without_colours(rest));
    }
    out.into_bytes()
}

/// Words with links: each is a row, a column, a length and an id.
type Scene = Vec<(u16, u16, u16, u8)>;

/// Paints pictures one after the other: every cell with something in it has its link and no other.
fn check_links(scenes: &[(usize, Scene)]) {
    let (mut painter, mut terminal) = (Painter::new(), terminal(30, 12));
    for (from, words) in scenes {
        let buffer = text(30, 12, *from);
        let mut links: Vec<Link> = vec![];
        for (y, x, width, id) in words {
            let area = Rect::new(*x, *y, *width, 1).intersection(buffer.area);
            if !links.iter().any(|link| link.area.intersects(area)) {
                links.push(Link { area, address: format!("https://{id:x}.example").into(), id: u64::from(*id) });
            }
        }
        let mut bytes = vec![];
        painter.paint(picture(&buffer, links.clone(), None), &mut bytes);
        terminal.process(&coloured(&bytes));
        for at in buffer.area.positions().filter(|at| buffer[*at].symbol() != " ") {
            let id = links.iter().find(|link| link.area.contains(at)).map(|link| u8::try_from(link.id).unwrap());
            let cell = terminal.screen().cell(at.y, at.x).unwrap();
            assert_eq!(cell.contents(), buffer[at].symbol(), "at {at}");
            let shown = id.map_or(vt100::Color::Default, vt100::Color::Idx);
            assert_eq!(cell.bgcolor(), shown, "at {at} after {:?}", String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn links_scroll_with_their_rows() {
    // a link over two rows, and one by itself; they move up, and the first loses its upper row
    let before = vec![(1, 20, 10, 1), (2, 0, 6, 1), (8, 3, 4, 2)];
    let after = vec![(0, 0, 6, 1), (6, 3, 4, 2), (11, 3, 4, 3)];
    check_links(&[(10, before.clone()), (12, after.clone()), (10, before), (12, after), (12, vec![])]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_cell_has_its_link(scenes in proptest::collection::vec((10usize..16, proptest::collection::vec((0u16..12, 0u16..30, 1u16..9, 1u8..4), 0..6)), 1..6)) {
        check_links(&scenes);
    }
}

#[test]
fn an_empty_screen_costs_next_to_nothing() {
    let mut bench = Bench::new(120, 40);
    let bytes = bench.paint(&Buffer::empty(Rect::new(0, 0, 120, 40)), Some((0, 0)));
    assert!(bytes < 30, "{bytes} bytes");
}

#[test]
fn cells_can_not_drive_the_terminal() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 2));
    for (x, symbol) in ["\x1b[2J", "\u{9b}", "\x07", "", "日", "\r\n"].iter().enumerate() {
        buffer[(u16::try_from(x).unwrap(), 0)].set_symbol(symbol);
    }
    buffer[(9, 1)].set_symbol("日");
    let mut bytes = vec![];
    Painter::new().paint(picture(&buffer, vec![], None), &mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains('\x07') && !text.contains('\u{9b}') && text.matches("\x1b[2J").count() == 1);
    Bench::new(10, 2).paint(&buffer, None);
}

fn symbols() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("a"), 2 => Just(" "), 1 => Just("é"), 2 => Just("日"), 1 => Just("─"), 1 => Just("e\u{301}")]
}

fn styles() -> impl Strategy<Value = Style> {
    let colours = prop_oneof![3 => Just(Color::Reset), 1 => Just(Color::Red), 1 => Just(Color::LightGreen), 1 => Just(Color::Rgb(1, 2, 3))];
    let modifiers = prop_oneof![3 => Just(Modifier::empty()), 1 => Just(Modifier::BOLD), 1 => Just(Modifier::DIM), 1 => Just(Modifier::UNDERLINED), 1 => Just(Modifier::REVERSED | Modifier::ITALIC)];
    let backgrounds = prop_oneof![6 => Just(Color::Reset), 1 => Just(Color::Blue)];
    (colours, backgrounds, modifiers).prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier))
}

/// A change of the picture: writing somewhere, moving rows, or another size.
#[derive(Debug, Clone)]
enum Change {
    Write(u16, u16, Vec<&'static str>, Style),
    Up(u16),
    Down(u16),
    Clear(u16),
    Resize(u16, u16),
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => (0u16..40, 0u16..20, proptest::collection::vec(symbols(), 1..30), styles()).prop_map(|(x, y, s, style)| Change::Write(x, y, s, style)),
        2 => (1u16..5).prop_map(Change::Up),
        2 => (1u16..5).prop_map(Change::Down),
        1 => (0u16..20).prop_map(Change::Clear),
        1 => (1u16..50, 1u16..25).prop_map(|(w, h)| Change::Resize(w, h)),
    ]
}

fn apply(buffer: &mut Buffer, change: &Change) {
    let (width, height) = (buffer.area.width, buffer.area.height);
    match change {
        Change::Write(x, y, symbols, style) => {
            let (mut x, y) = (x % width, y % height);
            for symbol in symbols {
                let cells = symbol_width(symbol);
                if x + cells > width {
                    break;
                }
                // a wide character that is half covered goes away whole, as a view would have drawn it
                if x > 0 && buffer[(x - 1, y)].symbol() == "日" {
                    buffer[(x - 1, y)].reset();
                }
                if cells == 1 && x + 1 < width && buffer[(x, y)].symbol() == "日" {
                    buffer[(x + 1, y)].reset();
                }
                if cells == 2 && x + 2 < width && buffer[(x + 1, y)].symbol() == "日" {
                    buffer[(x + 2, y)].reset();
                }
                buffer[(x, y)].reset();
                buffer[(x, y)].set_symbol(symbol).set_style(*style);
                if cells == 2 {
                    buffer[(x + 1, y)].reset();
                    buffer[(x + 1, y)].set_style(*style);
                }
                x += cells;
            }
        }
        Change::Up(rows) | Change::Down(rows) => {
            let moved = usize::from((*rows).min(height)) * usize::from(width);
            if matches!(change, Change::Up(_)) { buffer.content.rotate_left(moved) } else { buffer.content.rotate_right(moved) }
        }
        Change::Clear(y) => (0..width).for_each(|x| buffer[(x, y % height)].reset()),
        Change::Resize(w, h) => *buffer = Buffer::empty(Rect::new(0, 0, *w, *h)),
    }
}

#[test]
fn a_caret_on_half_a_wide_character_takes_nothing_away() {
    let mut bench = Bench::new(15, 1);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 15, 1));
    buffer.set_string(5, 0, "日日a", Style::default());
    bench.paint(&buffer, Some((8, 0)));
    buffer.set_string(9, 0, "é", Style::default());
    bench.paint(&buffer, Some((8, 0)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_terminal_shows_every_picture(changes in proptest::collection::vec((changes(), 1usize..3), 1..25), caret in proptest::option::of((0u16..50, 0u16..25))) {
        let mut bench = Bench::new(40, 20);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 20));
        for chunk in changes.chunks(2) {
            for (change, _) in chunk {
                apply(&mut buffer, change);
            }
            let caret = caret.map(|(x, y)| (x % buffer.area.width, y % buffer.area.height));
            bench.paint(&buffer, caret);
        }
    }
}

#[test]
fn a_part_is_painted_alone_and_the_next_whole_picture_goes_on_from_there() {
    let mut bench = Bench::new(80, 24);
    let mut buffer = text(80, 24, 0);
    assert!(!bench.painter.shows(buffer.area));
    bench.paint(&buffer, Some((0, 20)));
    assert!(bench.painter.shows(buffer.area));
    let part = Rect::new(2, 20, 40, 2);
    for (n, words) in ["é one", "two", "日本 three and more", ""].into_iter().enumerate() {
        for y in part.top()..part.bottom() {
            buffer.set_string(part.x, y, " ".repeat(40), Style::new());
        }
        buffer.set_string(part.x, part.y, words, Style::new());
        let bytes = bench.paint_part(&buffer, part, Some((5, 20)));
        assert!(bytes > 0);
        if n % 2 == 1 {
            assert_eq!(bench.paint(&buffer, Some((5, 20))), 0, "the same picture as a whole");
        }
    }
    assert_eq!(bench.paint_part(&buffer, part, Some((6, 20))), 3, "the caret alone");
    bench.paint(&text(80, 24, 1), None);
}

#[test]
fn a_picture_lies_over_its_cells_until_they_move() {
    let thumb = std::sync::Arc::new(crate::domain::sight::Thumb::new(7, 4, vec![[9; 3]; 16]).unwrap());
    let at = |y| [Laid { area: Rect::new(2, y, 4, 2), thumb: thumb.clone() }];
    let scene = |top: u16| {
        let mut buffer = text(40, 12, usize::from(20 - top));
        buffer.set_string(2, top, "▀▀▀▀", Style::new().fg(Color::Red));
        buffer.set_string(2, top + 1, "▀▀▀▀", Style::new().fg(Color::Red));
        buffer
    };
    let mut painter = Painter::new();
    let paint = |painter: &mut Painter, buffer: &Buffer, laid: &[Laid]| {
        let mut bytes = vec![];
        painter.paint(Picture { laid, ..picture(buffer, vec![], None) }, &mut bytes);
        String::from_utf8(bytes).unwrap()
    };
    let before = scene(4);
    paint(&mut painter, &before, &at(4));
    assert!(!painter.covers(&at(4)[0]));
    let mut bytes = vec![];
    painter.lay(at(4)[0].clone(), b"PICTURE", &mut bytes);
    assert_eq!(bytes, b"\x1b7\x1b[5;3HPICTURE\x1b8");
    assert!(painter.covers(&at(4)[0]) && !painter.covers(&at(3)[0]));
    assert_eq!(paint(&mut painter, &before, &at(4)), "", "nothing is drawn over it");
    // the text moves: the terminal moves no rows, for what lies there might stay
    let moved = paint(&mut painter, &scene(3), &at(3));
    assert!(moved.matches('▀').count() == 8, "{moved:?}");
    assert!(!painter.covers(&at(4)[0]));
    painter.lay(at(3)[0].clone(), b"PICTURE", &mut vec![]);
    // something stands over it now: its cells are drawn, though they show what they did
    let covered = paint(&mut painter, &scene(3), &[]);
    assert_eq!(covered.matches('▀').count(), 8, "{covered:?}");
    // at the last row some terminals would scroll
    let mut bytes = vec![];
    painter.lay(at(10)[0].clone(), b"PICTURE", &mut bytes);
    assert!(bytes.is_empty());
    painter.lay(at(3)[0].clone(), b"PICTURE", &mut vec![]);
    painter.forget();
    paint(&mut painter, &scene(3), &at(3));
    assert!(!painter.covers(&at(3)[0]), "a screen that was cleared shows none");
}
