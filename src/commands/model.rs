//! `/model` and `/provider`

use super::{Command, When};
use crate::{
    domain::{
        facts::Facts,
        pane::{Choice, Keep},
    },
    flow::{effect::Reach, intent::Intent, screen::Reply},
    providers,
};

pub(super) static MODEL: Command = Command {
    name: "model",
    also: "choose switch",
    takes: "[ID]",
    about: "Pick the model, or name it for this conversation",
    when: When::Idle,
    choices: |facts| {
        let list = facts.catalog.models.get(facts.front().choice.provider.id);
        list.map(|l| l.models.iter().map(|m| m.id.clone()).collect()).unwrap_or_default()
    },
    run: |id, facts| match id {
        "" => picker(facts),
        id => {
            let choice = facts.front().choice.clone();
            let list = facts.catalog.models.get(choice.provider.id);
            let is_listed = |id: &str| list.is_some_and(|list| list.models.iter().any(|model| model.id == id));
            let (provider, model) = providers::meant(id, Some(choice.provider), is_listed);
            let provider = provider.unwrap_or(choice.provider);
            Reply::intent(Intent::ChooseModel(Choice { provider, model: model.to_string(), ..choice }, Keep::Here))
        }
    },
};

pub(super) static PROVIDER: Command = Command {
    name: "provider",
    also: "choose switch",
    takes: "",
    about: "Pick the provider and its model",
    when: When::Idle,
    choices: super::no_choices,
    run: |_, facts| picker(facts),
};

/// Opens the picker, and has somebody look at what it shows.
pub fn picker(facts: &Facts) -> Reply {
    let list = Intent::ListModels { provider: facts.front().choice.provider, reach: Reach::Fresh };
    Reply { intents: vec![Intent::SeeProviders, list], ..Reply::open("picker") }
}
