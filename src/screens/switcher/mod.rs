//! Who answers next: one list of everything that can be asked, over the chat. What was used lately is on digits, what can't be used is one
//! line until it is looked for, and one field narrows provider and model together. Providers have a screen of their own (`picker`).

mod rows;
mod view;

use super::{
    Opening,
    typing::{self, Typed},
};
use crate::{
    commands,
    domain::{
        catalog::{self, Model, Provider},
        facts::Facts,
        pane::{Choice, Keep},
    },
    flow::{
        action::Action,
        effect::Reach,
        input::Input,
        intent::Intent,
        screen::{Context, Reply, Screen, Word},
    },
    ui::{cache::Cache, field::Field, frame::Frame},
};
use rows::{Row, find, is_able, named};
use std::{cell::RefCell, rc::Rc};

/// The route to the switcher.
pub static SCREEN: Opening =
    Opening { name: "switcher", about: "Who answers next", places: &["switcher"], open: |facts, _| Box::new(Switcher::of(facts)) };

const LIVE: &[&str] = &["switcher", "list", "text", "everywhere"];
/// What the switcher remembers.
struct Switcher {
    words: Field,
    /// The marked row, by what it is.
    marked: Option<Row>,
    effort: Option<String>,
    rows: RefCell<Found>,
}

/// The rows, and what they were made of.
#[derive(Default)]
struct Found {
    of: Option<(String, u64, usize, usize)>,
    rows: Rc<Vec<Row>>,
}

impl Switcher {
    /// On the model that answers now.
    fn of(facts: &Facts) -> Self {
        let choice = &facts.front().choice;
        let marked = Some(Row::Model { provider: choice.provider.id, id: choice.model.clone(), digit: None });
        Self { words: Field::default(), marked, effort: choice.effort.clone(), rows: RefCell::default() }
    }

    fn rows(&self, facts: &Facts) -> Rc<Vec<Row>> {
        let mut found = self.rows.borrow_mut();
        let able = facts.catalog.providers.iter().filter(|provider| is_able(facts, provider)).count();
        let of = (self.words.text().to_string(), facts.catalog.edition, facts.catalog.lately.len(), able);
        if found.of.as_ref() != Some(&of) {
            *found = Found { rows: Rc::new(find(&of.0, facts)), of: Some(of) };
        }
        found.rows.clone()
    }

    /// The marked row: the one that was, as long as it is there; else the first that can be marked. What was typed is marked by going
    /// there alone.
    fn at(&self, rows: &[Row]) -> Option<usize> {
        let can = |row: &Row| !matches!(row, Row::Heading(_) | Row::Typed(_));
        let there = self.marked.as_ref().and_then(|marked| rows.iter().position(|row| row.is_same(marked)));
        there.or_else(|| rows.iter().position(can))
    }

    fn go(&mut self, rows: &[Row], by: isize) {
        let count = rows.iter().filter(|row| !matches!(row, Row::Heading(_))).count();
        if count == 0 {
            return;
        }
        let step = by.signum();
        // from nowhere the first step leads to the first row, or to the last
        let mut at = self.at(rows).unwrap_or(if step > 0 { rows.len() - 1 } else { 0 });
        for _ in 0..by.unsigned_abs() {
            loop {
                at = (at + rows.len()).saturating_add_signed(step) % rows.len();
                if !matches!(rows[at], Row::Heading(_)) {
                    break;
                }
            }
        }
        self.marked = rows.get(at).cloned();
    }

    /// Does what a row is for.
    fn choose(&self, row: &Row, keep: Keep, facts: &Facts) -> Reply {
        match row {
            Row::Heading(_) => Reply::default(),
            Row::More(_) => commands::model::picker(facts),
            Row::Provider(id) => named(facts, id).map_or_else(Reply::default, |provider| commands::model::enable(provider, facts)),
            Row::Typed(id) => self.chosen(facts.front().choice.provider, id, keep),
            Row::Model { provider, id, .. } => match named(facts, provider) {
                Some(provider) if is_able(facts, provider) => self.chosen(provider, id, keep),
                Some(provider) => commands::model::enable(provider, facts),
                None => Reply::default(),
            },
        }
    }

    fn chosen(&self, provider: &'static Provider, id: &str, keep: Keep) -> Reply {
        let model = if provider.catalog == "xai" { catalog::plain_id(id) } else { id.to_string() };
        let effort = self.effort.clone().filter(|effort| catalog::model(&model).is_none_or(|known| known.efforts.contains(effort)));
        Reply { intents: vec![Intent::ChooseModel(Choice { provider, model, effort }, keep)], ..Reply::close() }
    }

    /// The one that answered before.
    fn before(&self, facts: &Facts) -> Reply {
        let now = &facts.front().choice;
        let other = facts.catalog.lately.iter().find(|(provider, id)| (provider.id, id) != (now.provider.id, &now.model));
        match other {
            Some((provider, id)) => self.chosen(provider, id, Keep::Always),
            None => Reply::intent(Intent::Tell("Nobody else has answered yet".into())),
        }
    }

    fn efforts<'a>(&self, rows: &[Row], facts: &'a Facts) -> Option<(&'a Model, &'a [String])> {
        let Some(Row::Model { provider, id, .. }) = self.at(rows).and_then(|at| rows.get(at)) else { return None };
        let choice = Choice { provider: named(facts, provider)?, model: id.clone(), effort: None };
        facts.catalog.model(&choice).map(|known| (known, known.efforts.as_slice())).filter(|(_, efforts)| !efforts.is_empty())
    }

    fn effort_of(&self, known: &Model) -> String {
        let own = self.effort.as_ref().filter(|effort| known.efforts.contains(effort));
        own.or(known.default_effort.as_ref()).cloned().unwrap_or_default()
    }
}

impl Screen for Switcher {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        LIVE
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        let facts = context.facts;
        let rows = self.rows(facts);
        let marked = self.at(&rows).and_then(|at| rows.get(at));
        let nobody = || {
            let there = rows.iter().any(|row| matches!(row, Row::Typed(_)));
            let hint = if there { "; ↓ goes to the row that uses it as it is" } else { "" };
            Reply::intent(Intent::Tell(format!("No model of that name is listed{hint}")))
        };
        match action {
            Action::Cancel | Action::Interrupt => return Reply::close(),
            Action::Send => return marked.map_or_else(nobody, |row| self.choose(row, Keep::Always, facts)),
            Action::ChooseOnce => return marked.map_or_else(nobody, |row| self.choose(row, Keep::Once, facts)),
            Action::BeforeThat => return self.before(facts),
            Action::CycleEffort => {
                if let Some((known, efforts)) = self.efforts(&rows, facts) {
                    let now = self.effort_of(known);
                    let next = efforts.iter().position(|effort| *effort == now).map_or(0, |at| (at + 1) % efforts.len());
                    self.effort = efforts.get(next).cloned();
                }
            }
            Action::Refresh => {
                let anew = |provider: &&'static Provider| Intent::ListModels { provider, reach: Reach::Anew };
                let able = facts.catalog.providers.iter().filter(|provider| is_able(facts, provider)).map(anew);
                return Reply { intents: able.chain([Intent::SeeProviders]).collect(), ..Reply::default() };
            }
            Action::Up => self.go(&rows, -1),
            Action::Down => self.go(&rows, 1),
            Action::PageUp => self.go(&rows, -8),
            Action::PageDown => self.go(&rows, 8),
            action => self.narrow(facts, |words| typing::act(words, action)),
        }
        Reply::default()
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        let facts = context.facts;
        // a digit chooses at once, as long as nothing is looked for
        if let Some(wanted) = typing::digit(input).filter(|_| self.words.is_empty()) {
            let rows = self.rows(facts);
            let row = rows.iter().find(|row| matches!(row, Row::Model { digit, .. } if *digit == Some(wanted)));
            if let Some(row) = row {
                return self.choose(row, Keep::Always, facts);
            }
        }
        self.narrow(facts, |words| typing::input(words, input));
        Reply::default()
    }
    fn hear(&mut self, word: Word, context: &mut Context) -> Reply {
        match word {
            Word::LookFor(text) => self.narrow(context.facts, |words| {
                *words = Field::holding(&text);
                Typed::Text
            }),
            Word::SignedIn(provider) => {
                self.words = Field::default();
                self.marked = Some(Row::Model { provider: provider.id, id: provider.default_model.into(), digit: None });
                return Reply::intent(Intent::ListModels { provider, reach: Reach::Fresh });
            }
            _ => {}
        }
        Reply::default()
    }
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        self.draw(facts, frame);
    }
}

impl Switcher {
    /// Other words: the first that fits is marked; without any, what answers now.
    fn narrow(&mut self, facts: &Facts, change: impl FnOnce(&mut Field) -> Typed) {
        if change(&mut self.words) == Typed::Text {
            self.marked = if self.words.text().trim().is_empty() { Self::of(facts).marked } else { None };
        }
    }
}
