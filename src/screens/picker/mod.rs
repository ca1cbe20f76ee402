//! Provider and model: providers on the left, models of the marked one on the right. Typing narrows the side that has the focus;
//! what is not listed can be typed and chosen.

mod act;
mod view;

use super::{Opening, picking};
use crate::{
    domain::{
        catalog::{Model, Provider, Standing},
        facts::Facts,
    },
    flow::{
        action::Action,
        input::Input,
        screen::{Context, Reply, Screen, Word},
    },
    ui::{cache::Cache, field::Field, frame::Frame},
};

/// The route to the picker.
pub static SCREEN: Opening =
    Opening { name: "picker", about: "Provider and model", places: &["picker"], open: |facts, _| Box::new(Picker::of(facts)) };

/// What the picker remembers.
struct Picker {
    side: Side,
    /// What narrows the providers, and the models.
    words: [Field; 2],
    /// The marked rows among those that fit.
    marked: [usize; 2],
    /// The effort that was chosen here.
    effort: Option<String>,
    /// What is being typed into the field that floats.
    asking: Option<(Asked, Field)>,
}

/// What a provider needs before it can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Key,
    Address,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Providers,
    Models,
}

impl Side {
    fn index(self) -> usize {
        match self {
            Side::Providers => 0,
            Side::Models => 1,
        }
    }
}

impl Picker {
    /// On the models of the provider that answers now, unless that one can't.
    fn of(facts: &Facts) -> Self {
        let current = facts.front().choice.provider;
        let at = facts.catalog.providers.iter().position(|p| p.id == current.id).unwrap_or(0);
        let list = facts.catalog.models.get(current.id).map(|l| l.models.as_slice()).unwrap_or_default();
        let model = list.iter().position(|m| m.id == facts.front().choice.model).unwrap_or(0);
        let chosen = facts.chosen;
        Self {
            side: if chosen { Side::Models } else { Side::Providers },
            words: Default::default(),
            // with nothing chosen yet the first one is the one that most people want
            marked: [if chosen || current.local { at } else { 0 }, model],
            effort: facts.front().choice.effort.clone(),
            asking: None,
        }
    }

    /// The providers that fit, the best first.
    fn providers(&self, facts: &Facts) -> Vec<&'static Provider> {
        let texts = facts.catalog.providers.iter().map(|p| format!("{} {}", p.title, p.id));
        picking::fitting(self.words[0].text(), texts).into_iter().map(|n| facts.catalog.providers[n]).collect()
    }
    /// The marked provider.
    fn provider(&self, facts: &Facts) -> Option<&'static Provider> {
        let fitting = self.providers(facts);
        fitting.get(self.marked[0].min(fitting.len().saturating_sub(1))).copied()
    }
    /// The models of the marked provider that fit, the best first.
    fn models<'a>(&self, facts: &'a Facts) -> Vec<&'a Model> {
        let list = self.provider(facts).and_then(|p| facts.catalog.models.get(p.id)).map(|l| l.models.as_slice()).unwrap_or_default();
        picking::fitting(self.words[1].text(), list.iter().map(|m| m.id.clone())).into_iter().map(|n| &list[n]).collect()
    }
    /// The id that Enter chooses: the marked one, or what was typed where that is not listed. `None` for the row that does not exist.
    fn model(&self, facts: &Facts) -> Option<String> {
        let fitting = self.models(facts);
        match fitting.get(self.marked[1]) {
            Some(model) => Some(model.id.clone()),
            None => self.typed(facts),
        }
    }
    /// What was typed, when no model is called exactly that: it can be chosen all the same.
    fn typed(&self, facts: &Facts) -> Option<String> {
        let typed = self.words[1].text().trim();
        let listed = self.models(facts).iter().any(|m| m.id.eq_ignore_ascii_case(typed));
        (!typed.is_empty() && !listed && !typed.contains(char::is_whitespace)).then(|| typed.to_string())
    }
    /// How many rows the side has.
    fn rows(&self, side: Side, facts: &Facts) -> usize {
        match side {
            Side::Providers => self.providers(facts).len(),
            Side::Models => self.models(facts).len() + usize::from(self.typed(facts).is_some()),
        }
    }
}

/// How a provider stands, when somebody has looked.
fn standing<'a>(provider: &Provider, facts: &'a Facts) -> Option<&'a Standing> {
    facts.catalog.standings.get(provider.id)
}

impl Screen for Picker {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        // a field that floats has its keys to itself
        if self.asking.is_some() { &["paste-field", "text", "everywhere"] } else { &["picker", "list", "text", "everywhere"] }
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        self.acts(action, context)
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        self.types(input, context)
    }
    fn hear(&mut self, word: Word, context: &mut Context) -> Reply {
        match word {
            Word::SignedIn(provider) => self.signed_in(provider, context),
            _ => Reply::default(),
        }
    }
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        self.draw(facts, frame);
    }
}
