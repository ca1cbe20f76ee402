//! The help: all keys and commands, made from the same tables that the program runs on.

use super::{
    Opening, REGISTRY, login,
    reading::Reading,
    typing::{self, Typed},
};
use crate::{
    commands,
    domain::facts::Facts,
    flow::{
        action::Action,
        input::Input,
        keymap::KEYS,
        screen::{Context, Reply, Screen, ScreenName},
    },
    ui::{
        bars::MARGIN,
        cache::Cache,
        field::Field,
        frame::Frame,
        line::{Line, Styled},
        look::Role,
        wrap::{self, PROSE},
    },
};

/// The route to the help.
pub static SCREEN: Opening = Opening { name: "help", about: "Help", places: &[], open: |_, below| Box::new(Help::at(below.top)) };

/// The same, open at the page on SSH.
pub static SSH_PAGE: Opening =
    Opening { name: "help-ssh", about: "Help", places: &[], open: |_, _| Box::new(Help { topic: SSH_HEADING.into(), ..Help::at("help") }) };

struct Help {
    rows: Vec<Row>,
    /// The heading of the section that is about the screen below.
    topic: String,
    reading: Reading,
    /// What narrows it.
    words: Field,
}

/// Cells of the keys.
const KEYS_WIDE: usize = 25;
/// Windows this wide have two columns, and three.
const TWO: u16 = 120;
const THREE: u16 = 180;
/// Cells between columns.
const GAP: usize = 4;

/// A heading, or keys with what they do.
enum Row {
    Heading(String),
    Entry(Vec<String>, String),
    /// A paragraph.
    Words(String),
    /// A line to be typed in a shell: never broken as long as it fits.
    Typed(String),
    Empty,
}

/// The page on signing in over SSH: a heading, paragraphs, and lines to be typed that begin with four blanks.
pub const SSH: &str = include_str!("../../assets/help/ssh.txt");

/// The heading of that page.
const SSH_HEADING: &str = "Signing in over SSH";

/// Places that have a section of their own.
const APART: [(&str, &str); 3] = [("Panes", "panes"), ("Finding", "find"), ("What a tool may do", "approval")];

/// The sections of keys: heading and places.
pub fn sections() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = vec![];
    for screen in REGISTRY {
        if screen.places.is_empty() || sections.iter().any(|(about, _)| *about == screen.about) {
            continue;
        }
        let places = screen.places.iter().copied().filter(|place| !APART.iter().any(|(_, apart)| apart == place));
        sections.push((screen.about, places.collect()));
        if sections.len() == 1 {
            sections.push(("Everywhere", vec!["everywhere"]));
        }
        sections.extend(APART.iter().filter(|(_, apart)| screen.places.contains(apart)).map(|(about, apart)| (*about, vec![*apart])));
    }
    sections
}

fn rows() -> Vec<Row> {
    let mut rows = vec![];
    for (about, places) in sections() {
        rows.push(Row::Heading(about.into()));
        for place in places {
            for binding in KEYS.iter().filter(|k| k.place == place && !k.about.is_empty()) {
                // two keys a line: what is beside them is read more than they are
                let keys = binding.on.chunks(2).map(|two| two.iter().map(ToString::to_string).collect::<Vec<_>>().join("  ")).collect();
                rows.push(Row::Entry(keys, binding.about.replace('`', "")));
            }
        }
        rows.push(Row::Empty);
        if about == login::SCREEN.about {
            rows.extend(page(SSH));
        }
    }
    rows.push(Row::Heading("Commands".into()));
    for command in commands::REGISTRY {
        let name = format!("/{} {}", command.name, command.takes);
        rows.push(Row::Entry(vec![name.trim_end().to_string()], command.about.into()));
    }
    rows
}

/// A page as rows.
fn page(text: &str) -> impl Iterator<Item = Row> {
    text.lines().map(|line| match (line.strip_prefix("# "), line.strip_prefix("    ")) {
        (Some(heading), _) => Row::Heading(heading.into()),
        (_, Some(typed)) => Row::Typed(typed.into()),
        _ if line.is_empty() => Row::Empty,
        _ => Row::Words(line.replace('`', "")),
    })
}

impl Help {
    /// The help, open at the section of a screen.
    fn at(screen: ScreenName) -> Self {
        let topic = super::named(screen).map(|opening| opening.about.to_string()).unwrap_or_default();
        Self { rows: rows(), topic, reading: Reading::default(), words: Field::default() }
    }
    /// The topmost line until somebody scrolls: the section of the screen below.
    fn top(&self, lines: &Page) -> usize {
        if self.words.is_empty() { lines.topic } else { 0 }
    }

    /// The sections, each with its heading: what fits the words that were typed.
    fn fitting(&self) -> Vec<Vec<&Row>> {
        let words = self.words.text().trim().to_lowercase();
        let fits = |row: &Row| match row {
            Row::Heading(text) | Row::Words(text) | Row::Typed(text) => text.to_lowercase().contains(&words),
            Row::Entry(keys, about) => about.to_lowercase().contains(&words) || keys.iter().any(|key| key.to_lowercase().contains(&words)),
            Row::Empty => words.is_empty(),
        };
        let mut sections: Vec<Vec<&Row>> = vec![];
        for row in &self.rows {
            if matches!(row, Row::Heading(_)) {
                sections.push(vec![]);
            }
            if let Some(section) = sections.last_mut() {
                section.push(row);
            }
        }
        for section in &mut sections {
            // a heading that fits is about all that stands under it
            if !section.first().is_some_and(|heading| fits(heading)) {
                let heading = section.first().copied();
                section.retain(|row| fits(row));
                heading.filter(|_| !section.is_empty()).into_iter().for_each(|heading| section.insert(0, heading));
            }
        }
        sections.retain(|section| !section.is_empty());
        sections
    }

    /// The rows as lines that fit the window, in as many columns as it has room for.
    fn page(&self, columns: u16) -> Page {
        let count = match columns {
            THREE.. => 3,
            TWO.. => 2,
            _ => 1,
        };
        let room = usize::from(columns.saturating_sub(2 * MARGIN)).saturating_sub(GAP * (count - 1)) / count;
        let sections: Vec<(bool, Vec<Line>)> =
            self.fitting().iter().map(|section| (self.is_topic(section), lines(section, room))).collect();
        let all: usize = sections.iter().map(|(_, lines)| lines.len()).sum();
        let mut page: Vec<Vec<Line>> = vec![vec![]];
        let mut topic = 0;
        for (is_topic, mut lines) in sections {
            // a section stays in one column
            let here = page.last().map_or(0, Vec::len);
            if here > 0 && here + lines.len() / 2 > all.div_ceil(count) && page.len() < count {
                page.push(vec![]);
            }
            if let Some(column) = page.last_mut() {
                if is_topic {
                    topic = column.len();
                }
                column.append(&mut lines);
            }
        }
        Page { lines: beside(page, room), topic }
    }

    fn is_topic(&self, section: &[&Row]) -> bool {
        matches!(section.first(), Some(Row::Heading(text)) if *text == self.topic)
    }
}

/// What is shown, and the line at which the section of the screen below begins.
struct Page {
    lines: Vec<Line>,
    topic: usize,
}

/// Columns beside each other, as lines of the whole width.
fn beside(mut columns: Vec<Vec<Line>>, room: usize) -> Vec<Line> {
    if columns.len() < 2 {
        return columns.pop().unwrap_or_default();
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let row = |at: usize| {
        let mut whole = Styled::default();
        for (number, column) in columns.iter().enumerate() {
            let before = number * (room + GAP);
            whole.push(&" ".repeat(before.saturating_sub(wrap::width(&whole.text))), Role::Text);
            if let Some(line) = column.get(at) {
                whole.append(&line.text, &line.runs);
            }
        }
        Line::new(whole, 0)
    };
    (0..rows).map(row).collect()
}

/// Rows as lines of so many cells.
fn lines(rows: &[&Row], width: usize) -> Vec<Line> {
    let mut lines = vec![];
    // in narrow columns what keys do has the other half
    let keys_wide = KEYS_WIDE.min(width / 2);
    let room = width.saturating_sub(keys_wide + 2).max(10);
    for row in rows {
        match row {
            Row::Heading(text) => lines.push(Line::new(Styled::new(text, Role::Strong), 0)),
            Row::Entry(keys, about) => {
                let beside = |n: usize| {
                    let mut left = Styled::new("  ", Role::Text);
                    match keys.get(n) {
                        Some(keys) => left.push(&format!("{keys:<keys_wide$}"), Role::Text),
                        None => left.push(&" ".repeat(keys_wide), Role::Text),
                    }
                    left
                };
                let before = lines.len();
                wrap::lines(&Styled::new(about, Role::Muted), room, 0, beside, &mut lines);
                for more in lines.len() - before..keys.len() {
                    lines.push(Line::new(beside(more), 0));
                }
            }
            Row::Words(text) => {
                let room = width.saturating_sub(2).clamp(10, PROSE);
                wrap::lines(&Styled::new(text, Role::Text), room, 0, |_| Styled::new("  ", Role::Text), &mut lines);
            }
            Row::Typed(text) => {
                let room = width.saturating_sub(4).max(10);
                wrap::lines(&Styled::new(text, Role::Code), room, 0, |_| Styled::new("    ", Role::Text), &mut lines);
            }
            Row::Empty => lines.push(Line::default()),
        }
    }
    lines
}

impl Screen for Help {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        &["list", "reading", "text", "everywhere"]
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        if action == Action::Cancel && !self.words.is_empty() {
            self.words.clear();
            self.reading = Reading::default();
            return Reply::default();
        }
        if typing::act(&mut self.words, action) == Typed::Text {
            self.reading = Reading::default();
            return Reply::default();
        }
        let page = self.page(context.size.0);
        self.reading.act(action, page.lines.len(), self.top(&page), context.size)
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        if typing::input(&mut self.words, input) == Typed::Text {
            self.reading = Reading::default();
            return Reply::default();
        }
        let page = self.page(context.size.0);
        self.reading.text(input, page.lines.len(), self.top(&page), context.size)
    }
    fn view(&self, _: &Facts, _: &mut Cache, frame: &mut Frame) {
        let page = self.page(frame.area().width);
        let words = if self.words.is_empty() { "type to filter".to_string() } else { format!("{}▏", self.words.text()) };
        let version = concat!("hermes ", env!("CARGO_PKG_VERSION")).to_string();
        let nothing = [Line::new(Styled::new("Nothing of that name. Esc shows all of it.", Role::Muted), 0)];
        let lines = if page.lines.is_empty() { &nothing[..] } else { &page.lines };
        let out = if self.words.is_empty() { "close" } else { "show all" };
        self.reading.draw(("Keys and commands", out), &[words.into(), version.into()], lines, self.top(&page), frame);
    }
}
