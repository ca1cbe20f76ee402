//! What keys do in the picker.

use super::{Asked, Mark, Picker, Side, standing};
use crate::{
    domain::{
        catalog::{self, Provider, Standing},
        facts::Facts,
        pane::{Choice, Keep},
        secret::Secret,
    },
    flow::{
        action::Action,
        effect::Reach,
        input::Input,
        intent::Intent,
        screen::{Context, Reply, Word},
    },
    screens::typing::{self, Typed},
    ui::field::Field,
};

/// Keys are long in places.
const LONGEST_KEY: usize = 4 << 10;

impl Picker {
    pub(super) fn acts(&mut self, action: Action, context: &mut Context) -> Reply {
        let facts = context.facts;
        if self.asking.is_some() {
            return self.acts_on_field(action, facts);
        }
        let before = self.provider(facts).map(|p| p.id);
        let last = self.rows(self.side, facts).saturating_sub(1);
        let marked = self.row(facts);
        match action {
            Action::Cancel | Action::Interrupt => return Reply::close(),
            Action::Send => return self.choose(Keep::Always, facts),
            Action::ChooseHere => return self.choose(Keep::Here, facts),
            Action::OtherSide => return self.other_side(facts),
            Action::Refresh => {
                let list = self.provider(facts).map(|provider| Intent::ListModels { provider, reach: Reach::Anew });
                return Reply { intents: list.into_iter().chain([Intent::SeeProviders]).collect(), ..Reply::default() };
            }
            Action::CycleEffort => self.cycle_effort(facts),
            Action::Up => self.go(marked.and_then(|row| row.checked_sub(1)).unwrap_or(last), facts),
            Action::Down => self.go(marked.map_or(0, |row| if row >= last { 0 } else { row + 1 }), facts),
            Action::PageUp => self.go(marked.unwrap_or(0).saturating_sub(10), facts),
            Action::PageDown => self.go((marked.unwrap_or(0) + 10).min(last), facts),
            Action::Top | Action::Home => self.go(0, facts),
            Action::Tail | Action::End => self.go(last, facts),
            // with words in the filter these move its caret
            Action::Right if self.words.is_empty() && self.side == Side::Providers => return self.other_side(facts),
            Action::Left if self.words.is_empty() && self.side == Side::Models => self.side = Side::Providers,
            action => self.narrow(facts, |words| typing::act(words, action)),
        }
        self.moved(before, facts)
    }

    pub(super) fn types(&mut self, input: &Input, context: &mut Context) -> Reply {
        let facts = context.facts;
        if let Some((_, typed)) = &mut self.asking {
            typing::input(typed, input);
            return Reply::default();
        }
        let before = self.provider(facts).map(|p| p.id);
        self.narrow(facts, |words| typing::input(words, input));
        self.moved(before, facts)
    }

    /// Somebody signed in on the screen that was on top: on to the models, the first of them marked.
    pub(super) fn signed_in(&mut self, provider: &'static Provider) -> Reply {
        self.words = Field::default();
        (self.provider, self.model, self.side) = (Some(provider.id), Mark::First, Side::Models);
        Reply::intent(Intent::ListModels { provider, reach: Reach::Fresh })
    }

    /// These words, as if they had been typed.
    pub(super) fn look_for(&mut self, words: &str, facts: &Facts) -> Reply {
        let before = self.provider(facts).map(|p| p.id);
        self.narrow(facts, |field| {
            *field = Field::holding(words);
            Typed::Text
        });
        self.moved(before, facts)
    }

    /// Other words: the first that fits is marked, until the person goes elsewhere; without any, what answers now.
    fn narrow(&mut self, facts: &Facts, change: impl FnOnce(&mut Field) -> Typed) {
        if change(&mut self.words) != Typed::Text {
            return;
        }
        let choice = &facts.front().choice;
        (self.provider, self.model) = match self.words.text().trim().is_empty() && facts.chosen {
            true => (Some(choice.provider.id), Mark::Model(choice.model.clone())),
            false => (self.fits(facts), Mark::First),
        };
    }

    /// The provider that stays marked: the one that was, as long as it has a model that fits, or as nobody fits better.
    fn fits(&self, facts: &Facts) -> Option<&'static str> {
        let fitting = self.providers(facts);
        let nobody = fitting.len() == facts.catalog.providers.len() && fitting.iter().all(|(_, models)| *models == 0);
        let stays = |(provider, models): &&(&Provider, usize)| Some(provider.id) == self.provider && (*models > 0 || nobody);
        fitting.iter().find(stays).map(|(provider, _)| provider.id)
    }

    /// Another provider is marked: its models are shown from the disk, which asks nobody.
    fn moved(&mut self, before: Option<&str>, facts: &Facts) -> Reply {
        match self.provider(facts) {
            Some(provider) if Some(provider.id) != before => {
                let current = facts.chosen && facts.front().choice.provider.id == provider.id;
                self.model = if current { Mark::Model(facts.front().choice.model.clone()) } else { Mark::First };
                self.effort = None;
                let reach = if provider.local { Reach::Fresh } else { Reach::Disk };
                Reply::intent(Intent::ListModels { provider, reach })
            }
            _ => Reply::default(),
        }
    }

    fn other_side(&mut self, facts: &Facts) -> Reply {
        match (self.side, self.provider(facts)) {
            (Side::Providers, Some(provider)) => {
                self.side = Side::Models;
                Reply::intent(Intent::ListModels { provider, reach: Reach::Fresh })
            }
            _ => {
                self.side = Side::Providers;
                Reply::default()
            }
        }
    }

    /// A provider that can be asked shows its models; any other one is made able first.
    fn choose(&mut self, keep: Keep, facts: &Facts) -> Reply {
        let Some(provider) = self.provider(facts) else {
            return Reply::intent(Intent::Tell("Nobody is called that, and no model is".into()));
        };
        if self.side == Side::Models && self.marked_model(facts).is_none() {
            let words = match self.typed(facts) {
                Some(_) => "No model of that name is listed; ↓ goes to the row that uses it as it is",
                None => "There is no model to choose; type an id",
            };
            return Reply::intent(Intent::Tell(words.into()));
        }
        match standing(provider, facts) {
            Some(Standing::NeedsSignIn) => {
                return Reply { intents: vec![Intent::LogIn(provider, Default::default())], ..Reply::open("login") };
            }
            Some(Standing::NeedsKey) => {
                self.asking = Some((Asked::Key, Field::new(LONGEST_KEY)));
                return Reply::default();
            }
            Some(Standing::NotRunning) => {
                return Reply::intent(Intent::Tell(format!(
                    "{} does not answer at {}; start it, then Ctrl+R",
                    provider.title, provider.address
                )));
            }
            Some(Standing::NeedsAddress) => {
                self.asking = Some((Asked::Address, Field::default()));
                return Reply::default();
            }
            _ => {}
        }
        if self.side == Side::Providers {
            return self.other_side(facts);
        }
        let Some(model) = self.model(facts) else { return Reply::intent(Intent::Tell("Type a model's id".into())) };
        let model = if provider.catalog == "xai" { catalog::plain_id(&model) } else { model };
        let effort = self.effort.clone().filter(|e| catalog::model(&model).is_none_or(|m| m.efforts.contains(e)));
        Reply { intents: vec![Intent::ChooseModel(Choice { provider, model, effort }, keep)], ..Reply::close_with(Word::Chosen) }
    }

    fn cycle_effort(&mut self, facts: &Facts) {
        let Some(known) = self.model(facts).as_deref().and_then(catalog::model).filter(|m| !m.efforts.is_empty()) else { return };
        let now = self.effort.as_ref().or(known.default_effort.as_ref());
        let at = now.and_then(|now| known.efforts.iter().position(|e| e == now)).map_or(0, |n| (n + 1) % known.efforts.len());
        self.effort = known.efforts.get(at).cloned();
    }

    fn acts_on_field(&mut self, action: Action, facts: &Facts) -> Reply {
        match (action, &mut self.asking) {
            (Action::Send, asking) => {
                let asked = asking.take();
                if let (Some(provider), Some((what, typed))) = (self.provider(facts), asked) {
                    return self.given(provider, what, typed.text().trim());
                }
            }
            (Action::Cancel | Action::Interrupt, asking) => *asking = None,
            (action, Some((_, typed))) => _ = typing::act(typed, action),
            _ => {}
        }
        Reply::default()
    }

    /// What was asked for was given: on to the models.
    fn given(&mut self, provider: &'static Provider, what: Asked, typed: &str) -> Reply {
        if typed.is_empty() {
            return Reply::default();
        }
        // what narrowed the providers has led to this one
        self.words = Field::default();
        (self.provider, self.side) = (Some(provider.id), Side::Models);
        match what {
            Asked::Key => {
                let kept = Intent::KeepKey(provider, Secret::new(typed));
                Reply { intents: vec![kept, Intent::ListModels { provider, reach: Reach::Disk }], ..Reply::default() }
            }
            Asked::Address => {
                let kept = Intent::KeepAddress(provider, typed.to_string());
                Reply { intents: vec![kept, Intent::ListModels { provider, reach: Reach::Fresh }], ..Reply::default() }
            }
        }
    }
}
