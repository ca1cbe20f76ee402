//! The help: all keys and commands, made from the same tables that the program runs on.

use super::{
    Opening, REGISTRY, login,
    reading::{self, Reading},
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
}

/// Where the words beside the keys begin.
const COLUMN: u16 = MARGIN + 2 + 25;

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
        Self { rows: rows(), topic, reading: Reading::default() }
    }
    /// The topmost line until somebody scrolls: the section of the screen below.
    fn top(&self, lines: &[Line]) -> usize {
        lines.iter().position(|line| *line.text == *self.topic).unwrap_or(0)
    }
    /// The rows as lines that fit the window.
    fn lines(&self, columns: u16) -> Vec<Line> {
        let mut lines = vec![];
        let room = usize::from(columns.saturating_sub(COLUMN + MARGIN)).max(10);
        for row in &self.rows {
            match row {
                Row::Heading(text) => lines.push(Line::new(Styled::new(text, Role::Strong), 0)),
                Row::Entry(keys, about) => {
                    let beside = |n: usize| {
                        let mut left = Styled::new("  ", Role::Text);
                        let width = usize::from(COLUMN - MARGIN - 2);
                        match keys.get(n) {
                            Some(keys) => left.push(&format!("{keys:<width$}"), Role::Text),
                            None => left.push(&" ".repeat(width), Role::Text),
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
                    let room = usize::from(columns.saturating_sub(2 * MARGIN + 2)).clamp(10, PROSE);
                    wrap::lines(&Styled::new(text, Role::Text), room, 0, |_| Styled::new("  ", Role::Text), &mut lines);
                }
                Row::Typed(text) => {
                    let room = usize::from(columns.saturating_sub(2 * MARGIN + 4)).max(10);
                    wrap::lines(&Styled::new(text, Role::Code), room, 0, |_| Styled::new("    ", Role::Text), &mut lines);
                }
                Row::Empty => lines.push(Line::default()),
            }
        }
        lines
    }
}

impl Screen for Help {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        reading::PLACES
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        let lines = self.lines(context.size.0);
        let top = self.top(&lines);
        self.reading.act(action, lines.len(), top, context.size)
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        let lines = self.lines(context.size.0);
        let top = self.top(&lines);
        self.reading.text(input, lines.len(), top, context.size)
    }
    fn view(&self, _: &Facts, _: &mut Cache, frame: &mut Frame) {
        let lines = self.lines(frame.area().width);
        let version = concat!("hermes ", env!("CARGO_PKG_VERSION")).to_string();
        self.reading.draw("Keys and commands", &[version], &lines, self.top(&lines), frame);
    }
}
