//! What the desktop is told while nobody looks at the window: that an answer has come, or failed, or that somebody is asked.

use crate::{
    domain::{
        conversation::{Body, Notice},
        facts::Facts,
        foreign::tame_line,
        pane::{Pane, PaneId},
    },
    flow::effect::Effect,
};

/// Turns that run at this moment.
pub(super) fn running(facts: &Facts) -> Vec<PaneId> {
    facts.panes.iter().filter(|pane| pane.turn.is_running()).map(|pane| pane.id).collect()
}

/// Adds what the desktop is told to what news have led to: `ran` are the turns that ran before.
pub(super) fn call(facts: &Facts, ran: &[PaneId], effects: &mut Vec<Effect>) {
    let over = ran.iter().copied().filter(|pane| facts.panes.holds(*pane)).map(|pane| facts.panes.at(pane));
    let over = over.filter(|pane| !pane.turn.is_running()).map(ended).next();
    let asks = effects.iter().position(|effect| *effect == Effect::Ring);
    let asked = asks.map(|at| {
        effects.remove(at);
        "A question waits for you".to_string()
    });
    if let Some(words) = asked.or(over) {
        effects.push(Effect::Notify(facts.look.herald, words));
    }
}

fn ended(pane: &Pane) -> String {
    let topic = pane.conversation.topic().map_or_else(|| "hermes".into(), tame_line);
    match pane.conversation.entries.last().map(|entry| &entry.body) {
        Some(Body::Noticed(Notice::Trouble(trouble))) => format!("✗ {} · {topic}", tame_line(&trouble.message)),
        _ => format!("✓ Answered · {topic}"),
    }
}
