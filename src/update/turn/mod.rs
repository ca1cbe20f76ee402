//! One turn from the question to the last word. A pure machine: an intent or a piece of news in, facts and orders out.

mod stream;

use super::comparison;
use crate::{
    domain::{
        conversation::{Best, Body, Compared, Conversation, Ending, Maker, Notice, Said, SetId, Stats, Usage},
        facts::Facts,
        pane::{Draft, Pane, PaneId, Waiting},
        trouble::Trouble,
        turn::{Part, Phase, Running, Turn, TurnId},
    },
    flow::{
        effect::{Effect, RoundOrder},
        news::News,
    },
    providers,
};
use stream::{add, close, tenths};

/// What the model is told when the person has no system prompt of their own.
pub const INSTRUCTIONS: &str = "You are a helpful assistant in a terminal chat. Answer in Markdown: short paragraphs, lists and tables where they help, \
code in fenced blocks with their language. Say it plainly when you don't know something.";
/// Sent when the person lets a broken answer go on.
const GO_ON: &str = "Go on exactly where your answer broke off.";

/// A question: asked at once, or put into the queue while an answer comes; in all panes when they are tied. Nothing, after an answer
/// that broke off, goes on.
pub fn ask(facts: &mut Facts, at: PaneId, draft: Draft) -> Vec<Effect> {
    let text = draft.expanded();
    if text.trim().is_empty() {
        let pane = facts.panes.at(at);
        return match pane.turn {
            Turn::Idle if !pane.queue.is_empty() => next_in_queue(facts, at),
            Turn::Idle if pane.can_continue => go_on(facts, at),
            _ => vec![],
        };
    }
    facts.remember(&text);
    facts.panes.at_mut(at).draft = Draft::default();
    let mut effects = vec![Effect::KeepHistory(text.clone())];
    if !facts.panes.tied {
        effects.extend(put(facts, at, draft, text, None));
        return effects;
    }
    facts.ids.set = SetId(facts.ids.set.0 + 1);
    for pane in facts.panes.ids() {
        effects.extend(put(facts, pane, draft.clone(), text.clone(), Some(facts.ids.set)));
    }
    effects
}

/// Asks in one pane, or has it wait there.
fn put(facts: &mut Facts, at: PaneId, draft: Draft, text: String, set: Option<SetId>) -> Vec<Effect> {
    let pane = facts.panes.at_mut(at);
    if pane.turn.is_running() {
        pane.queue.push(Waiting { draft, set });
        return vec![super::pane::journal(pane)];
    }
    // what waits since a stop, and what is being typed in another pane, waits on
    let mut effects = vec![if pane.queue.is_empty() && pane.draft.is_empty() { Effect::WipeDraft(at) } else { super::pane::journal(pane) }];
    effects.extend(start(facts, at, Said { text, images: vec![] }, set));
    effects
}

/// Goes on after an answer that broke off.
pub fn go_on(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let pane = facts.panes.at(at);
    if pane.turn.is_running() || !pane.can_continue {
        return vec![];
    }
    start(facts, at, Said { text: GO_ON.into(), images: vec![] }, None)
}

/// Asks the last question again; what came after it is taken back.
pub fn retry(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let pane = facts.panes.at_mut(at);
    let conversation = &mut pane.conversation;
    let Some(question) = conversation.last_question().filter(|_| !pane.turn.is_running()) else {
        return super::tell(facts, "There is no question to ask again");
    };
    let said = match &conversation.entries[question].body {
        Body::Said(said) => said.clone(),
        _ => return vec![],
    };
    conversation.drop_from(question);
    start(facts, at, said, None)
}

/// Stops the turn. What came stays; what waits in the queue waits on.
pub fn stop(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let now = facts.clock.now;
    let pane = facts.panes.at_mut(at);
    let Some((id, set)) = pane.turn.running().map(|running| (running.id, running.set)) else { return vec![] };
    close(pane, now, Ending::Stopped, None);
    pane.turn = Turn::Idle;
    if !has_answer(pane) {
        facts.notice(at, Notice::Info("Stopped before an answer came. /retry asks again.".into()));
    }
    if let Some(set) = set {
        comparison::judge(facts, set);
    }
    vec![Effect::StopTurn(id)]
}

/// What is told of an answer that others were asked for, too.
fn compared(running: &Running, conversation: &Conversation, usage: &Usage, now: u64) -> Option<Compared> {
    let asked = conversation.last_question().unwrap_or(0);
    let answers = conversation.entries[asked..].iter().filter_map(|e| match &e.body {
        Body::Answered(answer) if !answer.commentary => Some(&answer.text),
        _ => None,
    });
    let words = || answers.map(|text| text.split_whitespace().count() as u64).sum::<u64>();
    let took = running.first_word.map_or(0, |first| now.saturating_sub(first));
    Some(Compared {
        set: running.set?,
        first: running.first_word.map(|first| first.saturating_sub(running.since)),
        rate: (words() * 10_000).checked_div(took).unwrap_or(0),
        cost_ticks: usage.cost_ticks,
        best: Best::default(),
    })
}

/// An answer that came to its end without a word.
fn no_answer(who: &str, ending: Ending) -> Trouble {
    let (why, help) = match ending {
        Ending::Truncated => (
            ": the limit of the output was reached before the first word",
            "a lower `/effort` leaves more room for the answer; /retry asks again",
        ),
        Ending::Filtered => (": its filter withheld it", "ask in other words"),
        _ => ("", "/retry asks again"),
    };
    Trouble::new("answer_empty", format!("{who} gave no answer{why}")).help(help)
}

/// Whether anything but thoughts followed the last question.
fn has_answer(pane: &Pane) -> bool {
    let conversation = &pane.conversation;
    let asked = conversation.last_question().unwrap_or(0);
    conversation.entries[asked..].iter().any(|e| match &e.body {
        Body::Answered(answer) => !answer.text.trim().is_empty() && !answer.commentary,
        Body::Used(_) => true,
        _ => false,
    })
}

fn start(facts: &mut Facts, at: PaneId, said: Said, set: Option<SetId>) -> Vec<Effect> {
    facts.ids.turn = TurnId(facts.ids.turn.0 + 1);
    let (turn, since) = (facts.ids.turn, facts.clock.now);
    facts.add(at, Body::Said(said));
    let pane = facts.panes.at_mut(at);
    pane.can_continue = false;
    let by = Maker { provider: pane.choice.provider.id.into(), account: String::new(), model: pane.choice.model.clone() };
    pane.turn = Turn::Running(Box::new(Running { id: turn, since, round: 1, by, set, first_word: None, phase: Phase::Waiting }));
    vec![Effect::StartRound(Box::new(RoundOrder {
        turn,
        provider: pane.choice.provider,
        model: pane.choice.model.clone(),
        effort: facts.catalog.effort_to_send(&pane.choice).map(str::to_string),
        sees: facts.catalog.sees(&pane.choice),
        instructions: pane.conversation.system.clone().unwrap_or_else(|| INSTRUCTIONS.into()),
        entries: pane.conversation.to_send(),
        conversation: pane.conversation.id.clone(),
    }))]
}

fn next_in_queue(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let pane = facts.panes.at_mut(at);
    if pane.queue.is_empty() {
        return vec![];
    }
    let Waiting { draft, set } = pane.queue.remove(0);
    let mut effects = vec![super::pane::journal(pane)];
    effects.extend(start(facts, at, Said { text: draft.expanded(), images: vec![] }, set));
    effects
}

/// The question of a turn whose model nobody knows: it comes back into the composer, for another model.
pub fn taken_back(facts: &Facts, news: &News) -> Option<(PaneId, Draft)> {
    let News::TurnFailed { turn, trouble } = news else { return None };
    let at = facts.panes.of_turn(*turn).filter(|_| trouble.code == "model_unknown")?;
    let conversation = &facts.panes.at(at).conversation;
    match &conversation.entries[conversation.last_question()?].body {
        Body::Said(said) => Some((at, Draft::new(said.text.clone()))),
        _ => None,
    }
}

/// News of the current turn. News of any other turn changes nothing.
pub fn on_news(facts: &mut Facts, news: News) -> Vec<Effect> {
    let (now, epoch) = (facts.clock.now, facts.epoch());
    let Some(at) = news.turn().and_then(|turn| facts.panes.of_turn(turn)) else { return vec![] };
    let pane = facts.panes.at_mut(at);
    let Some(running) = pane.turn.running_mut() else { return vec![] };
    match news {
        News::RoundStarted { account, .. } => running.by.account = account,
        News::TurnRetrying { wait, reason, .. } => running.phase = Phase::Retrying { until: now.saturating_add(wait), reason },
        News::TurnResumed { .. } => running.phase = Phase::Waiting,
        News::PartsArrived { parts, .. } => {
            match &mut running.phase {
                Phase::Streaming { heard, .. } => *heard = now,
                phase => *phase = Phase::Streaming { heard: now, entry: None },
            }
            if parts.iter().any(|part| matches!(part, Part::Text(text) | Part::TextDone { text, .. } if !text.is_empty())) {
                running.first_word.get_or_insert(now);
            }
            for part in parts {
                add(pane, now, epoch, part);
            }
        }
        News::RoundFinished { ending, mut usage, .. } => {
            if providers::named(&running.by.provider).is_ok_and(|provider| !provider.has_price()) {
                // what it reports, nobody takes
                usage.cost_ticks = 0;
            }
            let (set, compared) = (running.set, compared(running, &pane.conversation, &usage, now));
            let stats = Stats { tenths: tenths(now.saturating_sub(running.since)), output_tokens: usage.output_tokens, compared };
            pane.usage.add(&usage);
            close(pane, now, ending, Some(stats));
            pane.turn = Turn::Idle;
            pane.can_continue = ending == Ending::Truncated;
            if !has_answer(pane) {
                let trouble = no_answer(pane.choice.provider.title, ending);
                facts.notice(at, Notice::Trouble(trouble));
            }
            if let Some(set) = set {
                comparison::judge(facts, set);
            }
            return next_in_queue(facts, at);
        }
        News::TurnFailed { trouble, .. } => {
            let set = running.set;
            close(pane, now, Ending::Cut, None);
            pane.turn = Turn::Idle;
            // what the program told meanwhile is none of it
            let last = pane.conversation.entries.iter().rev().map(|e| &e.body).find(|body| !matches!(body, Body::Noticed(_)));
            pane.can_continue =
                matches!(last, Some(Body::Answered(answer)) if answer.ending == Some(Ending::Cut) && !answer.text.is_empty());
            facts.notice(at, Notice::Trouble(trouble));
            if let Some(set) = set {
                comparison::judge(facts, set);
            }
        }
        _other => {}
    }
    vec![]
}

#[cfg(test)]
mod tests;
