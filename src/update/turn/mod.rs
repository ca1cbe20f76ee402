//! One turn from the question to the last word. A pure machine: an intent or a piece of news in, facts and orders out.

mod stream;

use crate::{
    domain::{
        conversation::{Body, Ending, Maker, Notice, Said, Stats},
        facts::Facts,
        pane::Draft,
        turn::{Phase, Running, Turn, TurnId},
    },
    flow::{
        effect::{Effect, RoundOrder},
        news::News,
    },
};
use stream::{add, close, tenths};

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
        // what waits since a stop waits on
        effects.push(if facts.pane.queue.is_empty() { Effect::WipeDraft } else { super::pane::journal(facts) });
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

/// Asks the last question again; what came after it is taken back.
pub fn retry(facts: &mut Facts) -> Vec<Effect> {
    let conversation = &mut facts.pane.conversation;
    let Some(at) = conversation.last_question().filter(|_| !facts.pane.turn.is_running()) else {
        return super::tell(facts, "There is no question to ask again");
    };
    let said = match &conversation.entries[at].body {
        Body::Said(said) => said.clone(),
        _ => return vec![],
    };
    conversation.drop_from(at);
    start(facts, said)
}

/// Stops the turn. What came stays; what waits in the queue waits on.
pub fn stop(facts: &mut Facts) -> Vec<Effect> {
    let Some(running) = facts.pane.turn.running() else { return vec![] };
    let id = running.id;
    close(facts, Ending::Stopped, None);
    facts.pane.turn = Turn::Idle;
    if !has_answer(facts) {
        facts.notice(Notice::Info("Stopped before an answer came. /retry asks again.".into()));
    }
    vec![Effect::StopTurn(id)]
}

/// Whether anything but thoughts followed the last question.
fn has_answer(facts: &Facts) -> bool {
    let conversation = &facts.pane.conversation;
    let asked = conversation.last_question().unwrap_or(0);
    conversation.entries[asked..].iter().any(|e| match &e.body {
        Body::Answered(answer) => !answer.text.trim().is_empty(),
        Body::Used(_) => true,
        _ => false,
    })
}

fn start(facts: &mut Facts, said: Said) -> Vec<Effect> {
    facts.ids.turn = TurnId(facts.ids.turn.0 + 1);
    let (turn, since) = (facts.ids.turn, facts.clock.now);
    facts.add(Body::Said(said));
    let pane = &mut facts.pane;
    pane.can_continue = false;
    let by = Maker { provider: pane.choice.provider.id.into(), account: String::new(), model: pane.choice.model.clone() };
    pane.turn = Turn::Running(Box::new(Running { id: turn, since, round: 1, by, phase: Phase::Waiting }));
    vec![Effect::StartRound(Box::new(RoundOrder {
        turn,
        provider: pane.choice.provider,
        model: pane.choice.model.clone(),
        effort: facts.catalog.effort_to_send(&pane.choice).map(str::to_string),
        sees: facts.catalog.sees(&pane.choice),
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
    let now = facts.clock.now;
    let Some(running) = facts.pane.turn.running_mut().filter(|running| news.turn() == Some(running.id)) else { return vec![] };
    match news {
        News::RoundStarted { account, .. } => running.by.account = account,
        News::TurnRetrying { wait, reason, .. } => running.phase = Phase::Retrying { until: now.saturating_add(wait), reason },
        News::TurnResumed { .. } => running.phase = Phase::Waiting,
        News::PartsArrived { parts, .. } => {
            match &mut running.phase {
                Phase::Streaming { heard, .. } => *heard = now,
                phase => *phase = Phase::Streaming { heard: now, entry: None },
            }
            for part in parts {
                add(facts, part);
            }
        }
        News::RoundFinished { ending, usage, .. } => {
            let stats = Stats { tenths: tenths(now.saturating_sub(running.since)), output_tokens: usage.output_tokens };
            facts.pane.usage.add(&usage);
            close(facts, ending, Some(stats));
            facts.pane.turn = Turn::Idle;
            facts.pane.can_continue = ending == Ending::Truncated;
            if !has_answer(facts) {
                facts.notice(Notice::Info("The model gave no answer. /retry asks again.".into()));
            }
            return next_in_queue(facts);
        }
        News::TurnFailed { trouble, .. } => {
            close(facts, Ending::Cut, None);
            facts.pane.turn = Turn::Idle;
            let last = facts.pane.conversation.entries.last().map(|e| &e.body);
            facts.pane.can_continue =
                matches!(last, Some(Body::Answered(answer)) if answer.ending == Some(Ending::Cut) && !answer.text.is_empty());
            facts.notice(Notice::Trouble(trouble));
        }
        _other => {}
    }
    vec![]
}

#[cfg(test)]
mod tests;
