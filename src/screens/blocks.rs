//! The parts of the last answer, to be copied, quoted or saved one by one.

use super::Opening;
use crate::{
    domain::{
        facts::Facts,
        foreign::{tame, tame_line},
    },
    flow::{
        action::Action,
        input::Input,
        intent::Intent,
        screen::{Context, Reply, Screen, Word},
    },
    ui::{
        bars,
        cache::Cache,
        frame::Frame,
        markdown::{BlockKind, Document},
        popup::{self, Item},
    },
};
use ratatui::layout::Rect;

/// The route to the list.
pub static SCREEN: Opening =
    Opening { name: "blocks", about: "Parts of an answer", places: &["blocks"], open: |facts, _| Box::new(Blocks::of(facts)) };

struct Blocks {
    rows: Vec<(Item, String)>,
    marked: usize,
}

impl Blocks {
    /// The last part is marked: mostly it is the one that is wanted.
    fn of(facts: &Facts) -> Self {
        let text = tame(facts.front().conversation.last_answer().map(|a| a.text.as_str()).unwrap_or_default());
        let mut document = Document::new(80);
        document.update(&text);
        document.finish(&text);
        let rows: Vec<(Item, String)> = document
            .blocks
            .iter()
            .filter(|block| block.kind != BlockKind::Rule)
            .map(|block| {
                let source = block.code.clone().unwrap_or_else(|| text.get(block.range.clone()).unwrap_or_default().trim_end().to_string());
                let first = source.lines().find(|l| !l.trim().is_empty()).unwrap_or_default().trim();
                let lines = source.lines().count();
                let right = if lines == 1 { "1 line".to_string() } else { format!("{lines} lines") };
                (Item { label: block.kind.to_string(), about: tame_line(first), right, ..Item::default() }, source)
            })
            .collect();
        let marked = rows.len().saturating_sub(1);
        Self { rows, marked }
    }
}

/// How files in that language end.
fn ending(language: &str) -> &str {
    match language {
        "rust" => "rs",
        "python" => "py",
        "javascript" | "node" => "js",
        "typescript" => "ts",
        "shell" | "bash" | "sh" | "zsh" | "console" => "sh",
        "yaml" => "yml",
        "golang" => "go",
        "c++" => "cpp",
        "ruby" => "rb",
        "markdown" | "text" | "heading" | "list" | "table" | "quote" => "md",
        // most languages end in their own names; what is none is a text
        other if other != "code" && other.len() <= 5 && other.chars().all(|c| c.is_ascii_alphanumeric()) => other,
        _ => "txt",
    }
}

impl Screen for Blocks {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        &["blocks", "list", "reading", "everywhere"]
    }
    fn act(&mut self, action: Action, _: &mut Context) -> Reply {
        let last = self.rows.len().saturating_sub(1);
        match action {
            Action::CopyBlock => match self.rows.get(self.marked) {
                Some((item, text)) => Reply {
                    intents: vec![Intent::Copy { text: text.clone(), what: format!("{} ({})", item.label, item.right) }],
                    ..Reply::close()
                },
                None => Reply::close(),
            },
            Action::QuoteBlock => match self.rows.get(self.marked) {
                Some((_, text)) => Reply::close_with(Word::Quote(text.clone())),
                None => Reply::close(),
            },
            Action::SaveBlock => match self.rows.get(self.marked) {
                Some((item, text)) => {
                    let path = format!("answer-{}.{}", self.marked + 1, ending(&item.label));
                    Reply { intents: vec![Intent::Save { path, text: format!("{}\n", text.trim_end_matches('\n')) }], ..Reply::close() }
                }
                None => Reply::close(),
            },
            Action::Cancel | Action::Interrupt => Reply::close(),
            Action::Up => {
                self.marked = self.marked.saturating_sub(1);
                Reply::default()
            }
            Action::Down => {
                self.marked = (self.marked + 1).min(last);
                Reply::default()
            }
            Action::Top | Action::PageUp => {
                self.marked = 0;
                Reply::default()
            }
            Action::Tail | Action::PageDown => {
                self.marked = last;
                Reply::default()
            }
            _ => Reply::default(),
        }
    }
    fn text(&mut self, _: &Input, _: &mut Context) -> Reply {
        Reply::default()
    }
    fn view(&self, _: &Facts, _: &mut Cache, frame: &mut Frame) {
        let rows = u16::try_from(self.rows.len()).unwrap_or(u16::MAX).clamp(1, 16);
        let inner = popup::frame_box("Which part?", 76, rows + 2, frame);
        let items: Vec<Item> = self.rows.iter().map(|(item, _)| item.clone()).collect();
        popup::list(&items, self.marked, inner, frame);
        let bottom = frame.area().bottom().saturating_sub(1);
        frame.clear(Rect::new(0, bottom, frame.area().width, 1));
        bars::hints(
            &[("↑↓".into(), "move"), ("y".into(), "copy"), ("q".into(), "quote"), ("s".into(), "save"), ("Esc".into(), "close")],
            bottom,
            frame,
        );
    }
}
