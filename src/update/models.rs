//! Which model answers, and what there is to choose from.

use crate::{
    domain::{
        attached,
        catalog::{ModelList, Source},
        conversation::{Body, Notice},
        facts::Facts,
        pane::{Aside, Choice, Keep, PaneId},
    },
    flow::effect::Effect,
    update::pane::see_files,
};

/// Another model answers from now on. The conversation goes on; what the model can't take is left out, and that is said.
pub fn choose(facts: &mut Facts, at: PaneId, choice: Choice, keep: Keep) -> Vec<Effect> {
    facts.chosen = true;
    let (provider, model) = (choice.provider, choice.model.clone());
    let pane = facts.panes.at_mut(at);
    let old = std::mem::replace(&mut pane.choice, choice);
    match keep {
        // whoever answered before the first of several does so again
        Keep::Once => pane.aside = Some(Aside { back: pane.aside.take().map_or_else(|| old.clone(), |aside| aside.back), asked: false }),
        Keep::Here | Keep::Always => pane.aside = None,
    }
    for (provider, model) in [(old.provider, &old.model), (provider, &model)] {
        facts.catalog.used(provider, model);
    }
    let pane = facts.panes.at(at);
    let changed = old.provider.id != provider.id || old.model != model;
    // what is said of it is looked up: another list may be there by now
    let unlisted =
        if facts.catalog.is_unlisted(&pane.choice) { format!("; {} does not list it", provider.short_title()) } else { String::new() };
    let has = |wanted: fn(&Body) -> bool| pane.conversation.entries.iter().any(|e| wanted(&e.body));
    let pictures = has(|body| matches!(body, Body::Said(said) if attached::pictures(&said.files).next().is_some()))
        && !facts.catalog.sees(&pane.choice);
    let thoughts = changed && has(|body| matches!(body, Body::Thought(thought) if thought.made.is_some()));
    let left_out = match (pictures, thoughts) {
        (true, true) => Some("pictures and the earlier model's hidden reasoning are"),
        (true, false) => Some("pictures are"),
        (false, true) => Some("the earlier model's hidden reasoning is"),
        (false, false) => None,
    };
    let when = if keep == Keep::Once { "the next question, and no other" } else { "from here on" };
    match left_out {
        Some(what) => {
            let told = format!("{model} answers {when}; {what} left out of what it is sent{unlisted}");
            facts.notice(at, Notice::Info(told));
        }
        None => drop(super::tell(facts, format!("{model} answers {when}{unlisted}"))),
    }
    let kept = match keep {
        Keep::Always => Some(Effect::KeepChoice { provider, model }),
        Keep::Here | Keep::Once => None,
    };
    // what it takes of the files that are named may be another thing
    kept.into_iter().chain(see_files(facts, at, true)).collect()
}

/// A list was found. A live one is not replaced by what the disk says.
pub fn listed(facts: &mut Facts, list: ModelList) {
    let live = facts.catalog.models.get(list.provider).is_some_and(|known| known.source == Source::Live);
    if live && list.source != Source::Live {
        return;
    }
    facts.catalog.models.insert(list.provider, list);
    facts.catalog.edition += 1;
}
