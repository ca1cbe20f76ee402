//! Provider and model: providers on the left, models of the marked one on the right. What is typed narrows both sides, whichever has the
//! focus; what is not listed is the last row, and is chosen only by going there. What is marked is remembered by its name: a list that
//! arrives late, or a filter that is taken back, leaves the mark where it was.

mod act;
mod view;

pub(super) use view::{origin, words};

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
use std::{cell::RefCell, rc::Rc};

/// The route to the picker.
pub static SCREEN: Opening =
    Opening { name: "picker", about: "Provider and model", places: &["picker"], open: |facts, _| Box::new(Picker::of(facts)) };

/// What the picker remembers.
struct Picker {
    side: Side,
    /// What narrows both sides.
    words: Field,
    /// The marked provider; the first that fits where nobody went to another.
    provider: Option<&'static str>,
    /// The marked model.
    model: Mark,
    /// The effort that was chosen here.
    effort: Option<String>,
    /// What is being typed into the field that floats.
    asking: Option<(Asked, Field)>,
    /// What fitted when it was last asked for.
    fits: RefCell<Rc<Fits>>,
}

/// What fits some words.
#[derive(Default)]
struct Fits {
    words: String,
    /// Of which lists; none where nobody has looked.
    edition: Option<u64>,
    providers: Vec<Fit>,
}

/// A provider that fits.
struct Fit {
    provider: &'static Provider,
    /// How many of its models fit the words; none as long as there are no words.
    count: usize,
    /// The rows of its models that are shown, the best first: those that fit; all of them where the words name the provider alone.
    models: Vec<usize>,
}

impl Fits {
    fn find(words: &str, facts: &Facts) -> Self {
        let (all, plain) = (facts.catalog.providers, words.trim().to_lowercase());
        let names: Vec<String> = all.iter().map(|p| format!("{} {}", p.title, p.id).to_lowercase()).collect();
        let models: Vec<Vec<usize>> =
            all.iter().map(|provider| picking::fitting(words, facts.catalog.listed(provider.id).iter().map(|m| m.id.clone()))).collect();
        // scattered letters of a name count where nothing fits better, and what no list has can be asked of everybody
        let scattered = picking::fitting(words, names.iter().cloned());
        let held: Vec<usize> = (0..all.len()).filter(|n| names[*n].contains(&plain)).collect();
        let by = |named: &[usize]| (0..all.len()).filter(|n| !models[*n].is_empty() || named.contains(n)).collect::<Vec<_>>();
        let shown = [by(&held), by(&scattered)].into_iter().find(|shown| !shown.is_empty()).unwrap_or_else(|| (0..all.len()).collect());
        let fit = |n: usize| {
            let whole = models[n].is_empty() && !plain.is_empty() && scattered.contains(&n);
            let count = if plain.is_empty() { 0 } else { models[n].len() };
            Fit {
                provider: all[n],
                count,
                models: if whole { (0..facts.catalog.listed(all[n].id).len()).collect() } else { models[n].clone() },
            }
        };
        let shown = if plain.is_empty() { (0..all.len()).collect() } else { shown };
        Self { words: words.to_string(), edition: Some(facts.catalog.edition), providers: shown.into_iter().map(fit).collect() }
    }
}

/// Which row of the models is marked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Mark {
    /// The first that fits; none where none does.
    #[default]
    First,
    /// This one, as long as it fits.
    Model(String),
    /// The row of what was typed.
    Typed,
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

impl Picker {
    /// On the models of the provider that answers now, unless that one can't.
    fn of(facts: &Facts) -> Self {
        let choice = &facts.front().choice;
        Self {
            side: if facts.chosen { Side::Models } else { Side::Providers },
            words: Field::default(),
            // with nothing chosen yet the first one is the one that most people want
            provider: (facts.chosen || choice.provider.local).then_some(choice.provider.id),
            model: if facts.chosen { Mark::Model(choice.model.clone()) } else { Mark::First },
            effort: choice.effort.clone(),
            asking: None,
            fits: RefCell::default(),
        }
    }

    /// What fits the words; looked for once as long as neither they nor the lists change.
    fn found(&self, facts: &Facts) -> Rc<Fits> {
        let mut fits = self.fits.borrow_mut();
        if fits.edition != Some(facts.catalog.edition) || fits.words != self.words.text() {
            *fits = Rc::new(Fits::find(self.words.text(), facts));
        }
        fits.clone()
    }
    /// The providers that fit, in their order: by their names, or for their models. With the number of models that fit.
    fn providers(&self, facts: &Facts) -> Vec<(&'static Provider, usize)> {
        self.found(facts).providers.iter().map(|fit| (fit.provider, fit.count)).collect()
    }
    /// The row of the marked provider: the one that the person went to, else the first that has a model that fits.
    fn marked_provider(&self, fitting: &[(&'static Provider, usize)]) -> usize {
        let went = fitting.iter().position(|(provider, _)| Some(provider.id) == self.provider);
        let by_models = || fitting.iter().position(|(_, models)| *models > 0);
        went.or_else(by_models).unwrap_or(0)
    }
    /// The marked provider.
    fn provider(&self, facts: &Facts) -> Option<&'static Provider> {
        let fitting = self.providers(facts);
        fitting.get(self.marked_provider(&fitting)).map(|(provider, _)| *provider)
    }
    /// The models of the marked provider that fit, the best first; all of them where the words name the provider alone.
    fn models<'a>(&self, facts: &'a Facts) -> Vec<&'a Model> {
        let Some(provider) = self.provider(facts) else { return vec![] };
        let list = facts.catalog.listed(provider.id);
        let fits = self.found(facts);
        let rows = fits.providers.iter().find(|fit| fit.provider.id == provider.id).map(|fit| fit.models.as_slice()).unwrap_or_default();
        rows.iter().filter_map(|row| list.get(*row)).collect()
    }
    /// The row of the marked model, the last being that of what was typed; none where nothing fits and nobody went there.
    fn marked_model(&self, facts: &Facts) -> Option<usize> {
        let models = self.models(facts);
        match &self.model {
            Mark::Typed if self.typed(facts).is_some() => Some(models.len()),
            Mark::Model(id) => models.iter().position(|m| m.id == *id).or((!models.is_empty()).then_some(0)),
            Mark::First | Mark::Typed => (!models.is_empty()).then_some(0),
        }
    }
    /// The id that Enter chooses.
    fn model(&self, facts: &Facts) -> Option<String> {
        let marked = self.marked_model(facts)?;
        match self.models(facts).get(marked) {
            Some(model) => Some(model.id.clone()),
            None => self.typed(facts),
        }
    }
    /// What was typed, when no model is called exactly that: it can be chosen all the same.
    fn typed(&self, facts: &Facts) -> Option<String> {
        let typed = self.words.text().trim();
        let provider = self.provider(facts)?;
        let is_listed = facts.catalog.listed(provider.id).iter().any(|m| m.id.eq_ignore_ascii_case(typed));
        (!typed.is_empty() && !is_listed && !typed.contains(char::is_whitespace)).then(|| typed.to_string())
    }
    /// How many rows the side has.
    fn rows(&self, side: Side, facts: &Facts) -> usize {
        match side {
            Side::Providers => self.providers(facts).len(),
            Side::Models => self.models(facts).len() + usize::from(self.typed(facts).is_some()),
        }
    }
    /// Marks a row of the side that has the focus.
    fn go(&mut self, row: usize, facts: &Facts) {
        match self.side {
            Side::Providers => self.provider = self.providers(facts).get(row).map(|(provider, _)| provider.id),
            Side::Models => {
                self.model = match self.models(facts).get(row) {
                    Some(model) => Mark::Model(model.id.clone()),
                    None => Mark::Typed,
                };
            }
        }
    }
    /// The marked row of the side that has the focus.
    fn row(&self, facts: &Facts) -> Option<usize> {
        match self.side {
            Side::Providers => Some(self.marked_provider(&self.providers(facts))),
            Side::Models => self.marked_model(facts),
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
            Word::SignedIn(provider) => self.signed_in(provider),
            Word::LookFor(words) => {
                self.side = Side::Providers;
                self.look_for(&words, context.facts)
            }
            _ => Reply::default(),
        }
    }
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        self.draw(facts, frame);
    }
}
