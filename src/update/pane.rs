//! The conversation as a whole: begun anew, taken back, and what is being typed.

use super::comparison;
use crate::{
    domain::{
        attached::{Found, Seen},
        conversation::{Body, Conversation, Usage},
        facts::Facts,
        pane::{Draft, Pane, PaneId},
    },
    flow::effect::Effect,
};

/// A new conversation. What the old one cost is forgotten with it; the draft stays.
pub fn new(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let id = facts.fresh_conversation();
    let sets = comparison::sets(facts.panes.at(at));
    let pane = facts.panes.at_mut(at);
    let effects = super::stops(pane);
    pane.line = None;
    let system = pane.conversation.system.take();
    pane.conversation = Conversation::new(id).with_system(system);
    pane.turn = Default::default();
    pane.usage = Usage::default();
    pane.queue.clear();
    pane.unfinished = None;
    pane.question = None;
    pane.allowed.clear();
    pane.tasks.clear();
    comparison::judge_all(facts, sets);
    effects
}

/// Takes the last question that waits back, wherever it was put.
pub fn unqueue(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let Some(set) = facts.panes.at_mut(at).queue.pop().and_then(|waiting| waiting.set) else { return vec![] };
    let mut effects = vec![];
    for id in facts.panes.ids().into_iter().filter(|id| *id != at) {
        let pane = facts.panes.at_mut(id);
        let before = pane.queue.len();
        pane.queue.retain(|waiting| waiting.set != Some(set));
        if pane.queue.len() < before {
            effects.push(journal(pane));
        }
    }
    comparison::judge(facts, set);
    effects
}

/// Takes the last question and everything after it back.
pub fn undo(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let pane = facts.panes.at_mut(at);
    if let Some(question) = pane.conversation.last_question() {
        pane.conversation.drop_from(question);
        pane.unfinished = None;
        super::tell(facts, "The last question and its answer are gone; ↑ on an empty line brings the question back");
    }
    vec![]
}

/// Remembers what is in the composer, also on the disk.
pub fn draft(facts: &mut Facts, at: PaneId, draft: Draft) -> Vec<Effect> {
    let pane = facts.panes.at_mut(at);
    if pane.draft == draft {
        return vec![];
    }
    pane.draft = draft;
    let effect = journal(pane);
    std::iter::once(effect).chain(see_files(facts, at, false)).collect()
}

/// Looks at the files that the draft of a pane names, when others are named than before; or in any case, for another model.
pub fn see_files(facts: &mut Facts, at: PaneId, anew: bool) -> Option<Effect> {
    let sees = facts.catalog.sees(&facts.panes.at(at).choice);
    let pane = facts.panes.at_mut(at);
    let paths = pane.draft.mentions();
    if paths.is_empty() || (!anew && pane.naming.paths == paths) {
        pane.naming.paths = paths;
        return None;
    }
    pane.naming.paths.clone_from(&paths);
    Some(Effect::SeeFiles { pane: at, paths, sees })
}

/// What a kill must not lose: the questions that wait, and what is being typed.
pub fn journal(pane: &Pane) -> Effect {
    with_queue(pane, &pane.draft)
}

fn with_queue(pane: &Pane, draft: &Draft) -> Effect {
    if pane.queue.is_empty() {
        return Effect::SaveDraft(pane.id, draft.clone());
    }
    Effect::SaveDraft(
        pane.id,
        Draft::joined(pane.queue.iter().map(|waiting| &waiting.draft).chain([draft]).filter(|draft| !draft.text.trim().is_empty())),
    )
}

/// Looks for files that the word which is being typed could mean.
pub fn find_files(facts: &mut Facts, at: PaneId, typed: String) -> Vec<Effect> {
    facts.panes.at_mut(at).naming.typed.clone_from(&typed);
    vec![Effect::FindFiles(at, typed)]
}

/// What it could mean; what an earlier one meant comes too late.
pub fn found(facts: &mut Facts, at: PaneId, found: Found) {
    if facts.panes.holds(at) && facts.panes.at(at).naming.typed == found.typed {
        facts.panes.at_mut(at).naming.found = Some(found);
    }
}

/// What there is of the files that the draft names, if it still does.
pub fn seen(facts: &mut Facts, at: PaneId, paths: &[String], seen: Vec<Seen>) {
    if facts.panes.holds(at) && facts.panes.at(at).naming.paths == paths {
        facts.panes.at_mut(at).naming.seen = seen;
    }
}

/// Puts a text where Up finds it, also at the next start.
pub fn remember(facts: &mut Facts, draft: Draft) -> Vec<Effect> {
    let text = draft.expanded();
    // it is nowhere else on the disk from here on
    if facts.remember(&text) { vec![Effect::KeepHistory(text)] } else { vec![] }
}

/// The composer was cleared: the text stays on the disk until something else is typed, and can be had back with Up.
pub fn clear_draft(facts: &mut Facts, at: PaneId, draft: Draft) -> Vec<Effect> {
    facts.remember(&draft.expanded());
    facts.panes.at_mut(at).draft = Draft::default();
    super::tell(facts, "Cleared; ↑ brings it back");
    vec![with_queue(facts.panes.at(at), &draft)]
}

/// Chooses the reasoning effort; a model that does not take it says so.
pub fn set_effort(facts: &mut Facts, at: PaneId, effort: String) -> Vec<Effect> {
    match facts.catalog.model(&facts.panes.at(at).choice) {
        Some(known) if known.efforts.is_empty() && !known.prefix => super::tell(facts, format!("{} takes no effort", known.id)),
        Some(known) if !known.efforts.is_empty() && !known.efforts.contains(&effort) => {
            super::tell(facts, format!("{} takes {}", known.id, known.efforts.join(", ")))
        }
        _ => {
            let told = format!("Effort: {effort}");
            facts.panes.at_mut(at).choice.effort = Some(effort);
            super::tell(facts, told)
        }
    }
}

/// Chooses the system prompt of this conversation.
pub fn set_system(facts: &mut Facts, at: PaneId, system: Option<String>) -> Vec<Effect> {
    let told = if system.is_some() { "The system prompt is yours now" } else { "The system prompt is the built-in one" };
    facts.panes.at_mut(at).conversation.system = system;
    super::tell(facts, told)
}

/// Whether the conversation holds anything but notices.
pub fn has_words(conversation: &Conversation) -> bool {
    conversation.entries.iter().any(|e| !matches!(e.body, Body::Noticed(_) | Body::Making(_)))
}
