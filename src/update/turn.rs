//! One turn from the question to the last word. A pure machine: an intent or a piece of news in, facts and orders out.

use crate::{
    domain::{
        conversation::{Answer, Body, Encrypted, Ending, EntryId, Notice, Said, Stats, Thought},
        facts::Facts,
        pane::{Draft, Pane},
        turn::{Part, Turn, TurnId},
    },
    flow::{
        effect::{Effect, TurnOrder},
        news::News,
    },
};

/// What the model is told when the person has no system prompt of their own.
pub const INSTRUCTIONS: &str = "You are a helpful assistant in a terminal chat. Answer in Markdown: short paragraphs, lists and tables where they help, \
code in fenced blocks with their language. Say it plainly when you don't know something.";
/// Sent when the person lets a broken answer go on.
const GO_ON: &str = "Go on exactly where your answer broke off.";

/// A question: asked at once, or put into the queue while an answer comes. Nothing, after an answer that broke off, goes on.
pub fn ask(facts: &mut Facts, draft: Draft) -> Vec<Effect> {
    let text = draft.expanded();
    if text.trim().is_empty() {
        return match facts.pane.turn {
            Turn::Idle if !facts.pane.queue.is_empty() => next_in_queue(facts),
            Turn::Idle if facts.pane.can_continue => go_on(facts),
            _ => vec![],
        };
    }
    if facts.history.last() != Some(&text) {
        facts.history.push(text.clone());
    }
    facts.pane.draft = Draft::default();
    let mut effects = vec![Effect::KeepHistory(text.clone())];
    if facts.pane.turn.is_running() {
        facts.pane.queue.push(draft);
        effects.push(super::pane::journal(facts));
    } else {
        effects.push(Effect::WipeDraft);
        effects.extend(start(facts, Said { text, images: vec![] }));
    }
    effects
}

/// Goes on after an answer that broke off.
pub fn go_on(facts: &mut Facts) -> Vec<Effect> {
    if facts.pane.turn.is_running() || !facts.pane.can_continue {
        return vec![];
    }
    start(facts, Said { text: GO_ON.into(), images: vec![] })
}

/// Asks the last question again; what came after it is dropped.
pub fn retry(facts: &mut Facts) -> Vec<Effect> {
    let conversation = &mut facts.pane.conversation;
    let Some(at) = conversation.last_question().filter(|_| !facts.pane.turn.is_running()) else {
        return super::tell(facts, "There is no question to ask again");
    };
    let said = match &conversation.entries[at].body {
        Body::Said(said) => said.clone(),
        _ => return vec![],
    };
    conversation.entries.truncate(at);
    start(facts, said)
}

/// Stops the turn. What came stays; what waits in the queue waits on.
pub fn stop(facts: &mut Facts) -> Vec<Effect> {
    let Some(id) = facts.pane.turn.id() else { return vec![] };
    let silent = !matches!(facts.pane.turn, Turn::Streaming { .. });
    close(facts, Ending::Stopped, None);
    facts.pane.turn = Turn::Idle;
    if silent {
        facts.pane.conversation.push(Body::Noticed(Notice::Info("Stopped before anything came. /retry asks again.".into())));
    }
    vec![Effect::StopTurn(id)]
}

fn start(facts: &mut Facts, said: Said) -> Vec<Effect> {
    facts.last_turn = TurnId(facts.last_turn.0 + 1);
    let turn = facts.last_turn;
    let now = facts.now;
    let pane = &mut facts.pane;
    pane.can_continue = false;
    pane.conversation.push(Body::Said(said));
    pane.turn = Turn::Waiting { id: turn, since: now };
    vec![Effect::StartTurn(Box::new(TurnOrder {
        turn,
        provider: pane.choice.provider,
        model: pane.choice.model.clone(),
        effort: pane.choice.effort_to_send().map(str::to_string),
        sees: pane.choice.sees(),
        instructions: pane.conversation.system.clone().unwrap_or_else(|| INSTRUCTIONS.into()),
        entries: pane.conversation.entries.clone(),
        conversation: pane.conversation.id.clone(),
    }))]
}

fn next_in_queue(facts: &mut Facts) -> Vec<Effect> {
    if facts.pane.queue.is_empty() {
        return vec![];
    }
    let draft = facts.pane.queue.remove(0);
    let mut effects = vec![super::pane::journal(facts)];
    effects.extend(start(facts, Said { text: draft.expanded(), images: vec![] }));
    effects
}

/// News of the current turn. News of any other turn changes nothing.
pub fn on_news(facts: &mut Facts, news: News) -> Vec<Effect> {
    let now = facts.now;
    let (Some(id), Some(since)) = (facts.pane.turn.id(), facts.pane.turn.since()) else { return vec![] };
    match news {
        News::TurnRetrying { turn, wait, reason } if turn == id => {
            facts.pane.turn = Turn::Retrying { id, since, until: now + wait, reason };
        }
        News::TurnResumed { turn } if turn == id => facts.pane.turn = Turn::Waiting { id, since },
        News::PartsArrived { turn, parts } if turn == id => {
            match &mut facts.pane.turn {
                Turn::Streaming { heard, .. } => *heard = now,
                turn => *turn = Turn::Streaming { id, since, heard: now, entry: None },
            }
            for part in parts {
                add(&mut facts.pane, part, now);
            }
        }
        News::TurnFinished { turn, ending, usage } if turn == id => {
            facts.pane.usage.add(&usage);
            let tenths = u32::try_from(now.saturating_sub(since) / 100).unwrap_or(u32::MAX);
            close(facts, ending, Some(Stats { tenths, output_tokens: usage.output_tokens }));
            let asked = facts.pane.conversation.last_question().unwrap_or(0);
            let silent = !facts.pane.conversation.entries[asked..].iter().any(|e| matches!(e.body, Body::Answered(_) | Body::Called(_)));
            facts.pane.turn = Turn::Idle;
            facts.pane.can_continue = ending == Ending::Truncated;
            if silent {
                facts.pane.conversation.push(Body::Noticed(Notice::Info("The model gave no answer. /retry asks again.".into())));
            }
            return next_in_queue(facts);
        }
        News::TurnFailed { turn, trouble } if turn == id => {
            close(facts, Ending::Cut, None);
            facts.pane.turn = Turn::Idle;
            let answered = matches!(facts.pane.conversation.entries.last().map(|e| &e.body), Some(Body::Answered(a)) if !a.text.is_empty());
            facts.pane.can_continue = answered;
            facts.pane.conversation.push(Body::Noticed(Notice::Trouble(trouble)));
        }
        _late => {}
    }
    vec![]
}

/// Adds what came to the entry that grows, or begins a new one.
fn add(pane: &mut Pane, part: Part, now: u64) {
    let Turn::Streaming { entry, .. } = &mut pane.turn else { return };
    let open = entry.and_then(|(id, since)| Some((id, since, pane.conversation.get_mut(id)?)));
    match (open, part) {
        (Some((_, _, Body::Answered(answer))), Part::Text(delta)) => answer.text.push_str(&delta),
        (Some((_, _, Body::Thought(thought))), Part::Thought(delta)) => thought.summary.push_str(&delta),
        (Some((_, since, Body::Thought(thought))), Part::ThoughtDone { encrypted, summary }) => {
            finish_thought(thought, encrypted, summary, now - since.min(now));
            mark_maker(&pane.choice.model, pane.choice.provider.id, thought);
            *entry = None;
        }
        (Some((_, _, Body::Answered(answer))), Part::TextDone { item, text }) => {
            if !text.is_empty() {
                answer.text = text;
            }
            answer.item = item;
            answer.ending = Ending::Complete;
            *entry = None;
        }
        (open, part) => {
            if let Some((_, since, Body::Thought(thought))) = open {
                thought.tenths.get_or_insert(tenths(now - since.min(now)));
            }
            let body = match part {
                Part::Text(text) => Body::Answered(Answer { text, ..Answer::default() }),
                Part::Thought(summary) => Body::Thought(Thought { summary, ..Thought::default() }),
                Part::ThoughtDone { encrypted: None, summary } if summary.is_empty() => return,
                Part::ThoughtDone { encrypted, summary } => {
                    let mut thought = Thought::default();
                    finish_thought(&mut thought, encrypted, summary, 0);
                    mark_maker(&pane.choice.model, pane.choice.provider.id, &mut thought);
                    *entry = None;
                    pane.conversation.push(Body::Thought(thought));
                    return;
                }
                Part::TextDone { text, .. } if text.is_empty() => return,
                Part::TextDone { item, text } => {
                    *entry = None;
                    pane.conversation.push(Body::Answered(Answer { text, item, ending: Ending::Complete, stats: None }));
                    return;
                }
                Part::Call(call) => {
                    *entry = None;
                    pane.conversation.push(Body::Called(call));
                    return;
                }
            };
            *entry = Some((pane.conversation.push(body), now));
        }
    }
}

fn tenths(milliseconds: u64) -> u32 {
    u32::try_from(milliseconds / 100).unwrap_or(u32::MAX)
}

fn finish_thought(thought: &mut Thought, encrypted: Option<String>, summary: String, milliseconds: u64) {
    if !summary.is_empty() {
        thought.summary = summary;
    }
    thought.tenths = Some(tenths(milliseconds));
    thought.encrypted = encrypted.map(|content| Encrypted { content, model: String::new(), issuer: String::new() });
}

fn mark_maker(model: &str, issuer: &str, thought: &mut Thought) {
    if let Some(encrypted) = &mut thought.encrypted {
        (encrypted.model, encrypted.issuer) = (model.to_string(), issuer.to_string());
    }
}

/// Ends what is still open, and puts the numbers under the last answer.
fn close(facts: &mut Facts, ending: Ending, stats: Option<Stats>) {
    let now = facts.now;
    let open = match &facts.pane.turn {
        Turn::Streaming { entry, .. } => *entry,
        _ => None,
    };
    let conversation = &mut facts.pane.conversation;
    let asked = conversation.last_question().unwrap_or(0);
    let last: Option<EntryId> =
        conversation.entries.get(asked..).and_then(|turn| turn.iter().rev().find(|e| matches!(e.body, Body::Answered(_))).map(|e| e.id));
    if let Some((id, since)) = open
        && let Some(Body::Thought(thought)) = conversation.get_mut(id)
    {
        thought.tenths.get_or_insert(tenths(now - since.min(now)));
    }
    if let Some(Body::Answered(answer)) = last.and_then(|id| conversation.get_mut(id)) {
        if answer.ending == Ending::Open || ending != Ending::Stopped {
            answer.ending = ending;
        }
        answer.stats = stats;
    }
}

#[cfg(test)]
mod tests;
