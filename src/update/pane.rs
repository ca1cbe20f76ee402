//! The conversation as a whole: begun anew, taken back, and what is being typed.

use crate::{
    domain::{
        catalog,
        conversation::{Body, Conversation, Usage},
        facts::Facts,
        pane::Draft,
    },
    flow::effect::Effect,
};

/// A new conversation. What the old one cost is forgotten with it; the draft stays.
pub fn new(facts: &mut Facts) -> Vec<Effect> {
    let effects: Vec<Effect> = facts.pane.turn.id().map(Effect::StopTurn).into_iter().collect();
    let system = facts.pane.conversation.system.take();
    facts.pane.conversation = Conversation::new(std::mem::take(&mut facts.ids.fresh)).with_system(system);
    facts.pane.turn = Default::default();
    facts.pane.usage = Usage::default();
    facts.pane.queue.clear();
    facts.pane.can_continue = false;
    effects
}

/// Takes the last question and everything after it back.
pub fn undo(facts: &mut Facts) -> Vec<Effect> {
    if let Some(at) = facts.pane.conversation.last_question() {
        facts.pane.conversation.drop_from(at);
        facts.pane.can_continue = false;
        super::tell(facts, "The last question and its answer are gone");
    }
    vec![]
}

/// Remembers what is in the composer, also on the disk.
pub fn draft(facts: &mut Facts, draft: Draft) -> Vec<Effect> {
    if facts.pane.draft == draft {
        return vec![];
    }
    facts.pane.draft = draft;
    vec![journal(facts)]
}

/// What a kill must not lose: the questions that wait, and what is being typed.
pub fn journal(facts: &Facts) -> Effect {
    with_queue(facts, &facts.pane.draft)
}

fn with_queue(facts: &Facts, draft: &Draft) -> Effect {
    if facts.pane.queue.is_empty() {
        return Effect::SaveDraft(draft.clone());
    }
    Effect::SaveDraft(Draft::joined(facts.pane.queue.iter().chain([draft]).filter(|draft| !draft.text.trim().is_empty())))
}

/// The composer was cleared: the text stays on the disk until something else is typed, and can be had back with Up.
pub fn clear_draft(facts: &mut Facts, draft: Draft) -> Vec<Effect> {
    let text = draft.expanded();
    if !text.trim().is_empty() && facts.history.last() != Some(&text) {
        facts.history.push(text);
    }
    facts.pane.draft = Draft::default();
    super::tell(facts, "Cleared; ↑ brings it back");
    vec![with_queue(facts, &draft)]
}

/// Chooses the reasoning effort; a model that does not take it says so.
pub fn set_effort(facts: &mut Facts, effort: String) -> Vec<Effect> {
    let model = &facts.pane.choice.model;
    match catalog::model(model) {
        Some(known) if known.efforts.is_empty() && !known.prefix => super::tell(facts, format!("{} takes no effort", known.id)),
        Some(known) if !known.efforts.is_empty() && !known.efforts.contains(&effort) => {
            super::tell(facts, format!("{} takes {}", known.id, known.efforts.join(", ")))
        }
        _ => {
            let told = format!("Effort: {effort}");
            facts.pane.choice.effort = Some(effort);
            super::tell(facts, told)
        }
    }
}

/// Chooses the system prompt of this conversation.
pub fn set_system(facts: &mut Facts, system: Option<String>) -> Vec<Effect> {
    let told = if system.is_some() { "The system prompt is yours now" } else { "The system prompt is the built-in one" };
    facts.pane.conversation.system = system;
    super::tell(facts, told)
}

/// Whether the conversation holds anything but notices.
pub fn has_words(conversation: &Conversation) -> bool {
    conversation.entries.iter().any(|e| !matches!(e.body, Body::Noticed(_)))
}
