//! `/model` and `/provider`

use super::{Command, When};
use crate::{
    domain::{
        catalog::{Login, Provider, Standing},
        facts::Facts,
        pane::{Choice, Keep},
    },
    flow::{
        effect::Reach,
        intent::Intent,
        screen::{Reply, Word},
    },
    providers,
};

pub(super) static MODEL: Command = Command {
    name: "model",
    also: "choose switch",
    takes: "[ID]",
    about: "Pick the model, or name it for this conversation",
    when: When::Idle,
    choices: |facts| facts.catalog.listed(facts.front().choice.provider.id).iter().map(|model| model.id.clone()).collect(),
    run: |id, facts| match id {
        "" => switcher(facts),
        id => {
            let choice = facts.front().choice.clone();
            let lists = |provider: &Provider, id: &str| facts.catalog.listed(provider.id).iter().any(|model| model.id == id);
            let (provider, model) = providers::meant(id, Some(choice.provider), |id| lists(choice.provider, id));
            let (provider, model) = (provider.unwrap_or(choice.provider), model.to_string());
            let chosen =
                |provider| Reply::intent(Intent::ChooseModel(Choice { provider, model: model.clone(), ..choice.clone() }, Keep::Here));
            let is_able = |provider: &Provider| facts.catalog.standings.get(provider.id).is_none_or(Standing::is_able);
            if is_able(provider) && (lists(provider, &model) || facts.catalog.listed(provider.id).is_empty()) {
                return chosen(provider);
            }
            // who was not named is looked for where it can be had
            let others: Vec<&'static Provider> = facts.catalog.providers.iter().copied().filter(|p| lists(p, &model)).collect();
            match others.as_slice() {
                [other] if provider.id == choice.provider.id && facts.catalog.standings.get(other.id).is_some_and(Standing::is_able) => {
                    chosen(other)
                }
                _ => Reply { word: Some(Word::LookFor(model.clone())), ..switcher(facts) },
            }
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

/// Opens the list of everything that can be asked, and has somebody look at what it shows; before anybody was chosen, the picker.
pub fn switcher(facts: &Facts) -> Reply {
    if !facts.chosen {
        return picker(facts);
    }
    let able = |provider: &&Provider| {
        provider.id == facts.front().choice.provider.id || facts.catalog.standings.get(provider.id).is_some_and(Standing::is_able)
    };
    let lists = facts.catalog.providers.iter().copied().filter(able).map(|provider| {
        // one question to the catalog's server is enough
        let is_asked = provider.local || provider.id == facts.front().choice.provider.id;
        Intent::ListModels { provider, reach: if is_asked { Reach::Fresh } else { Reach::Disk } }
    });
    Reply { intents: std::iter::once(Intent::SeeProviders).chain(lists).collect(), ..Reply::open("switcher") }
}

/// What has to be done before a provider can be asked: sign in, or what the picker asks for.
pub fn enable(provider: &'static Provider, facts: &Facts) -> Reply {
    match provider.login {
        Login::OAuth => super::login::screen(provider),
        _ => Reply { word: Some(Word::LookFor(provider.title.into())), ..picker(facts) },
    }
}

/// Opens the picker, and has somebody look at what it shows.
pub fn picker(facts: &Facts) -> Reply {
    let list = Intent::ListModels { provider: facts.front().choice.provider, reach: Reach::Fresh };
    Reply { intents: vec![Intent::SeeProviders, list], ..Reply::open("picker") }
}
