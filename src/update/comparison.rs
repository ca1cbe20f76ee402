//! One question, several answers: which of them was the quickest, the shortest and the cheapest.

use crate::domain::{
    conversation::{Best, Body, EntryId, SetId, Stats},
    facts::Facts,
    pane::{Pane, PaneId},
};

/// Marks the best figures of a set, as soon as all of its answers are in.
pub fn judge(facts: &mut Facts, set: SetId) {
    let coming = |pane: &Pane| {
        pane.turn.running().is_some_and(|running| running.set == Some(set)) || pane.queue.iter().any(|waiting| waiting.set == Some(set))
    };
    if facts.panes.iter().any(coming) {
        return;
    }
    let answers: Vec<(PaneId, EntryId, Stats)> = facts
        .panes
        .iter()
        .flat_map(|pane| pane.conversation.entries.iter().map(move |entry| (pane.id, entry)))
        .filter_map(|(pane, entry)| match &entry.body {
            Body::Answered(answer) => {
                answer.stats.filter(|s| s.compared.is_some_and(|c| c.set == set)).map(|stats| (pane, entry.id, stats))
            }
            _ => None,
        })
        .collect();
    if answers.len() < 2 {
        return;
    }
    // a figure that all share is no reason to choose
    let range = |figure: fn(&Stats) -> Option<u64>| {
        let figures = || answers.iter().filter_map(|(.., stats)| figure(stats));
        figures().min().zip(figures().max()).filter(|(least, most)| least < most)
    };
    let least = |figure| range(figure).map(|(least, _)| least);
    let bests = (least(first), range(rate).map(|(_, most)| most), least(tokens), least(cost));
    let is = |best: Option<u64>, figure: Option<u64>| best.is_some() && best == figure;
    for (pane, entry, stats) in &answers {
        let best = Best {
            first: is(bests.0, first(stats)),
            rate: is(bests.1, rate(stats)),
            tokens: is(bests.2, tokens(stats)),
            cost: is(bests.3, cost(stats)),
        };
        if let Some(Body::Answered(answer)) = facts.panes.at_mut(*pane).conversation.get_mut(*entry)
            && let Some(compared) = answer.stats.as_mut().and_then(|stats| stats.compared.as_mut())
        {
            compared.best = best;
        }
    }
}

// what looks the same is the same: figures are compared as they are shown
fn first(stats: &Stats) -> Option<u64> {
    stats.compared.and_then(|compared| compared.first).map(|first| first / 100)
}
fn rate(stats: &Stats) -> Option<u64> {
    stats.compared.map(|compared| (compared.rate + 5) / 10).filter(|rate| *rate > 0)
}
fn tokens(stats: &Stats) -> Option<u64> {
    Some(stats.output_tokens).filter(|tokens| *tokens > 0)
}
fn cost(stats: &Stats) -> Option<u64> {
    stats.compared.map(|compared| compared.cost_ticks).filter(|cost| *cost > 0)
}
