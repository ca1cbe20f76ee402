//! What was asked before, to be found and asked again.

use super::{
    Opening,
    picking::{PLACES, Picking},
};
use crate::{
    domain::{facts::Facts, foreign::tame_line, pane::Draft},
    flow::{
        action::Action,
        input::Input,
        screen::{Context, Reply, Screen, Word},
    },
    ui::{cache::Cache, frame::Frame, popup::Item},
};

/// The route to the search.
pub static SCREEN: Opening =
    Opening { name: "history", about: "Lists", places: &["list"], open: |_, _| Box::new(History { picking: Picking::default() }) };

struct History {
    picking: Picking,
}

/// The newest first.
fn items(facts: &Facts) -> Vec<Item> {
    let shown = |text: &String| Item { label: tame_line(&text.chars().take(200).collect::<String>()), ..Item::default() };
    facts.history.iter().rev().map(shown).collect()
}

impl Screen for History {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        PLACES
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        let fitting = self.picking.fitting(&items(context.facts));
        match action {
            Action::Send => match fitting.get(self.picking.marked).and_then(|row| context.facts.history.iter().rev().nth(*row)) {
                Some(text) => Reply::close_with(Word::Fill(Draft::new(text.clone()))),
                None => Reply::default(),
            },
            Action::Cancel | Action::Interrupt => Reply::close(),
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
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        self.picking.view("Asked before", "type to search", &items(facts), "nothing like that was asked before", frame);
    }
}
