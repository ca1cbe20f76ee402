//! What a stream brings becomes entries: words and thoughts grow, finished items close them.

use crate::domain::{
    conversation::{Answer, Body, Ending, EntryId, Made, Maker, Stats, Thought, Use, Used},
    pane::Pane,
    turn::{Part, Phase},
};
use std::sync::Arc;

/// Adds what came to the entry that grows, or begins a new one.
pub(super) fn add(pane: &mut Pane, now: u64, at: i64, part: Part) {
    let Some(running) = pane.turn.running_mut() else { return };
    let (by, round) = (running.by.clone(), running.round);
    let Phase::Streaming { entry, .. } = &mut running.phase else { return };
    let conversation = &mut pane.conversation;
    let open = entry.and_then(|(id, since)| Some((since, conversation.get_mut(id)?)));
    match (open, part) {
        (Some((_, Body::Answered(answer))), Part::Text(delta)) if !answer.commentary => answer.text.push_str(&delta),
        (Some((_, Body::Answered(answer))), Part::Commentary(delta)) if answer.commentary => answer.text.push_str(&delta),
        // only its end was marked: what was shown as words was thought
        (Some((since, body @ Body::Answered(_))), Part::TextWasThought) => {
            let Body::Answered(answer) = &*body else { return };
            let summary = answer.text.trim().to_string();
            *body = Body::Thought(Thought { summary, tenths: Some(tenths(now.saturating_sub(since))), made: None });
            *entry = None;
        }
        (_, Part::TextWasThought) => {}
        (Some((_, Body::Thought(thought))), Part::Thought(delta)) => thought.summary.push_str(&delta),
        (Some((since, Body::Thought(thought))), Part::ThoughtDone { summary, item }) => {
            finish_thought(thought, summary, item, now.saturating_sub(since), by);
            *entry = None;
        }
        (Some((_, Body::Answered(answer))), Part::TextDone { text, item, commentary }) if answer.commentary == commentary => {
            if !text.is_empty() {
                answer.text = text;
            }
            answer.made = made(item, by);
            answer.ending = Some(Ending::Complete);
            *entry = None;
        }
        (open, part) => {
            match open {
                Some((since, Body::Thought(thought))) => _ = thought.tenths.get_or_insert(tenths(now.saturating_sub(since))),
                // commentary ends where the answer begins
                Some((_, Body::Answered(answer))) if answer.commentary => _ = answer.ending.get_or_insert(Ending::Complete),
                _ => {}
            }
            let Some((body, grows)) = begun(part, by, round) else { return };
            let id = conversation.push(body, at);
            *entry = grows.then_some((id, now));
        }
    }
}

/// The entry that a part begins, and whether more of it is to come; none for a part without anything in it.
fn begun(part: Part, by: Maker, round: u32) -> Option<(Body, bool)> {
    Some(match part {
        Part::Text(text) => (Body::Answered(Answer { text, model: by.model.into(), ..Answer::default() }), true),
        Part::Commentary(text) => (Body::Answered(Answer { text, commentary: true, ..Answer::default() }), true),
        Part::TextWasThought => return None,
        Part::Thought(summary) => (Body::Thought(Thought { summary, ..Thought::default() }), true),
        Part::ThoughtDone { item: None, summary } if summary.is_empty() => return None,
        Part::ThoughtDone { summary, item } => {
            let mut thought = Thought::default();
            finish_thought(&mut thought, summary, item, 0, by);
            (Body::Thought(thought), false)
        }
        Part::TextDone { text, .. } if text.is_empty() => return None,
        Part::TextDone { text, item, commentary } => {
            let (model, ending) = (by.model.as_str().into(), Some(Ending::Complete));
            (Body::Answered(Answer { text, commentary, made: made(item, by), ending, model, ..Answer::default() }), false)
        }
        Part::Served(served) => (Body::Served(served), false),
        Part::Call { call, item } => (Body::Used(Use { call, round, made: made(item, by), told: None, state: Used::Asked }), false),
    })
}

fn made(item: Option<Arc<str>>, by: Maker) -> Option<Made> {
    item.map(|item| Made { by, item })
}

pub(super) fn tenths(milliseconds: u64) -> u32 {
    u32::try_from(milliseconds / 100).unwrap_or(u32::MAX)
}

fn finish_thought(thought: &mut Thought, summary: String, item: Option<Arc<str>>, milliseconds: u64, by: Maker) {
    if !summary.is_empty() {
        thought.summary = summary;
    }
    thought.tenths = Some(tenths(milliseconds));
    thought.made = made(item, by);
}

/// Ends the words of a round after which calls are done.
pub(super) fn end_answer(pane: &mut Pane, now: u64) {
    let Some(Phase::Streaming { entry: Some((id, since)), .. }) = pane.turn.running().map(|running| &running.phase) else { return };
    let (id, since) = (*id, *since);
    match pane.conversation.get_mut(id) {
        Some(Body::Thought(thought)) => _ = thought.tenths.get_or_insert(tenths(now.saturating_sub(since))),
        Some(Body::Answered(answer)) => _ = answer.ending.get_or_insert(Ending::Complete),
        _ => {}
    }
}

/// Ends what is still open, and puts the numbers under the last answer.
pub(super) fn close(pane: &mut Pane, now: u64, ending: Ending, stats: Option<Stats>) {
    let open = match pane.turn.running().map(|running| &running.phase) {
        Some(Phase::Streaming { entry, .. }) => *entry,
        _ => None,
    };
    let conversation = &mut pane.conversation;
    let asked = conversation.last_question().unwrap_or(0);
    let since_question = conversation.entries.get(asked..).unwrap_or_default();
    let last: Option<EntryId> =
        since_question.iter().rev().find(|e| matches!(&e.body, Body::Answered(answer) if !answer.commentary)).map(|e| e.id);
    let unused: Vec<EntryId> =
        since_question.iter().filter(|e| matches!(&e.body, Body::Used(used) if used.is_open())).map(|e| e.id).collect();
    if let Some((id, since)) = open
        && let Some(Body::Thought(thought)) = conversation.get_mut(id)
    {
        thought.tenths.get_or_insert(tenths(now.saturating_sub(since)));
    }
    for id in unused {
        if let Some(Body::Used(used)) = conversation.get_mut(id) {
            used.stop();
        }
    }
    let before = conversation.entries[..asked].iter().rev().find_map(|e| match &e.body {
        Body::Answered(answer) if !answer.commentary => Some(Arc::clone(&answer.model)),
        _ => None,
    });
    if let Some(Body::Answered(answer)) = last.and_then(|id| conversation.get_mut(id)) {
        answer.named = before.is_some_and(|before| before != answer.model);
        // an answer that was whole stays whole, whatever broke afterwards
        if answer.ending.is_none() || ending.is_short() {
            answer.ending = Some(ending);
        }
        answer.stats = stats;
    }
}
