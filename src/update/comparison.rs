//! One question, several answers: which of them was the quickest, the shortest and the cheapest.

use crate::domain::{
    conversation::{Best, Body, Ending, EntryId, SetId, Stats},
    facts::Facts,
    pane::{Pane, PaneId},
};

/// The questions that a pane is still to answer with others.
pub fn sets(pane: &Pane) -> Vec<SetId> {
    let running = pane.turn.running().and_then(|running| running.set);
    running.into_iter().chain(pane.queue.iter().filter_map(|waiting| waiting.set)).collect()
}

/// The same as `judge` for several.
pub fn judge_all(facts: &mut Facts, sets: Vec<SetId>) {
    sets.into_iter().for_each(|set| judge(facts, set));
}

/// Marks the best figures of a set, as soon as all of its answers are in.
pub fn judge(facts: &mut Facts, set: SetId) {
    if facts.panes.iter().any(|pane| sets(pane).contains(&set)) {
        return;
    }
    let answers: Vec<(PaneId, EntryId, Stats)> = facts
        .panes
        .iter()
        .flat_map(|pane| pane.conversation.entries.iter().map(move |entry| (pane.id, entry)))
        .filter_map(|(pane, entry)| match &entry.body {
            // half an answer is no shorter one
            Body::Answered(answer) if answer.ending == Some(Ending::Complete) && !answer.commentary => {
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
