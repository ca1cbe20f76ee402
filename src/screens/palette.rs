//! The palette: every command and every action, by name.

use super::{
    Opening,
    picking::{PLACES, Picking},
};
use crate::{
    commands,
    domain::{facts::Facts, pane::Draft},
    flow::{
        action::Action,
        input::Input,
        keymap::KEYS,
        screen::{Context, Reply, Screen, Word},
    },
    ui::{cache::Cache, frame::Frame, popup::Item},
};

/// The route to the palette.
pub static SCREEN: Opening = Opening {
    name: "palette",
    about: "Lists",
    places: &["list"],
    open: |_| Box::new(Palette { picking: Picking::default(), rows: rows() }),
};

struct Palette {
    picking: Picking,
    rows: Vec<(Item, Word)>,
}

/// Commands first, then what keys do in the chat.
fn rows() -> Vec<(Item, Word)> {
    let of_commands = commands::REGISTRY.iter().map(|command| {
        let label = format!("/{}", command.name);
        let word = if command.takes.is_empty() { Word::Run(label.clone()) } else { Word::Fill(Draft::new(format!("{label} "))) };
        (Item { label, also: command.also.into(), foot: command.about.into(), ..Item::default() }, word)
    });
    let named = KEYS.iter().filter(|bound| !bound.name.is_empty());
    let of_keys = named.map(|bound| {
        let right = bound.on.first().map(ToString::to_string).unwrap_or_default();
        let foot = bound.about.replace('`', "");
        (Item { label: bound.name.clone(), right, also: bound.also.clone(), foot, ..Item::default() }, Word::Act(bound.run))
    });
    of_commands.chain(of_keys).collect()
}

impl Palette {
    fn items(&self) -> Vec<Item> {
        self.rows.iter().map(|(item, _)| item.clone()).collect()
    }
}

impl Screen for Palette {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        PLACES
    }
    fn act(&mut self, action: Action, _: &mut Context) -> Reply {
        let fitting = self.picking.fitting(&self.items());
        match action {
            Action::Send => match fitting.get(self.picking.marked) {
                Some(row) => Reply::close_with(self.rows[*row].1.clone()),
                None => Reply::default(),
            },
            Action::Cancel | Action::Palette | Action::Interrupt => Reply::close(),
            action => {
                self.picking.act(action, fitting.len());
                Reply::default()
            }
        }
    }
    fn text(&mut self, input: &Input, _: &mut Context) -> Reply {
        self.picking.text(input);
        Reply::default()
    }
    fn view(&self, _: &Facts, _: &mut Cache, frame: &mut Frame) {
        self.picking.view("Do what?", "type to narrow", &self.items(), "nothing is called that", frame);
    }
}
