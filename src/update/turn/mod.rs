//! One turn from the question to the last word. A pure machine: an intent or a piece of news in, facts and orders out.

mod round;
mod stream;
pub mod tools;

pub use round::INSTRUCTIONS;

use crate::{
    domain::{
        attached::UNSENDABLE,
        catalog::Provider,
        conversation::{Body, Ending, Maker, Notice, Said, SetId},
        facts::Facts,
        pane::{Draft, Pane, PaneId, Unfinished, Waiting},
        trouble::{Remedy, Trouble},
        turn::{Part, Phase, Running, Turn, TurnId},
    },
    flow::{
        effect::{Effect, PrepareOrder},
        news::News,
    },
    providers,
};
use std::sync::Arc;
use stream::{add, end_answer};

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
            Turn::Idle if pane.unfinished.is_some() => go_on(facts, at),
            _ => vec![],
        };
    }
    facts.remember(&text);
    facts.panes.at_mut(at).draft = Draft::default();
    let mut effects = vec![Effect::KeepHistory(text)];
    if !facts.panes.tied {
        effects.extend(put(facts, at, draft, None));
        return effects;
    }
    facts.ids.set = SetId(facts.ids.set.0 + 1);
    for pane in facts.panes.ids() {
        effects.extend(put(facts, pane, draft.clone(), Some(facts.ids.set)));
    }
    effects
}

/// Asks in one pane, or has it wait there.
fn put(facts: &mut Facts, at: PaneId, draft: Draft, set: Option<SetId>) -> Vec<Effect> {
    let pane = facts.panes.at_mut(at);
    if pane.turn.is_running() {
        pane.queue.push(Waiting { draft, set });
        return vec![super::pane::journal(pane)];
    }
    // what waits since a stop, and what is being typed in another pane, waits on
    let mut effects = vec![if pane.queue.is_empty() && pane.draft.is_empty() { Effect::WipeDraft(at) } else { super::pane::journal(pane) }];
    effects.extend(start(facts, at, Said::of(draft), set));
    effects
}

/// Goes on with what was left in the middle.
pub fn go_on(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let pane = facts.panes.at(at);
    match pane.unfinished.filter(|_| !pane.turn.is_running()) {
        Some(Unfinished::Answer) => start(facts, at, Said { text: GO_ON.into(), ..Said::default() }, None),
        Some(Unfinished::Work) => work_on(facts, at),
        Some(Unfinished::Failed(Remedy::Again)) => again(facts, at),
        // the screens have what helps
        Some(Unfinished::Failed(_)) | None => vec![],
    }
}

/// The outputs of the calls are what the next round is asked with.
fn work_on(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let done = facts.panes.at(at).conversation.last_calls().next().map_or(0, |(_, used)| used.round);
    run(facts, at, done + 1, vec![], None)
}

/// What failed is asked again: from where it failed, so that nothing is done twice.
fn again(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    if facts.panes.at(at).conversation.last_calls().next().is_some() { work_on(facts, at) } else { retry(facts, at) }
}

/// A question that failed because nobody was signed in is asked, now that somebody is.
pub fn signed_in(facts: &mut Facts, at: PaneId, provider: &Provider) -> Vec<Effect> {
    let pane = facts.panes.at(at);
    let waits = pane.unfinished == Some(Unfinished::Failed(Remedy::SignIn)) && pane.choice.provider.id == provider.id;
    if waits { again(facts, at) } else { vec![] }
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
    let Some(id) = facts.panes.at(at).turn.id() else { return vec![] };
    round::end(facts, at, Ending::Stopped, None);
    if !has_answer(facts.panes.at(at)) {
        facts.notice(at, Notice::Info("Stopped before an answer came. /retry asks again.".into()));
    }
    vec![Effect::StopTurn(id)]
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
    conversation.entries[asked..].iter().any(|e| matches!(e.body, Body::Used(_)) || has_words(&e.body))
}

/// Whether words followed the last question, and all calls.
fn has_last_word(pane: &Pane) -> bool {
    let entries = pane.conversation.entries.iter().rev();
    entries.take_while(|e| !matches!(e.body, Body::Said(_) | Body::Used(_))).any(|e| has_words(&e.body))
}

fn has_words(body: &Body) -> bool {
    matches!(body, Body::Answered(answer) if !answer.text.trim().is_empty() && !answer.commentary)
}

/// Begins a turn with a question. Files that it names are read first, unless they were read before.
fn start(facts: &mut Facts, at: PaneId, said: Said, set: Option<SetId>) -> Vec<Effect> {
    let names = if said.files.is_empty() { said.typed.mentions() } else { vec![] };
    facts.add(at, Body::Said(said));
    run(facts, at, 1, names, set)
}

/// Begins a turn with this round.
fn run(facts: &mut Facts, at: PaneId, round: u32, paths: Vec<String>, set: Option<SetId>) -> Vec<Effect> {
    facts.ids.turn = TurnId(facts.ids.turn.0 + 1);
    let (id, since, rounds_left) = (facts.ids.turn, facts.clock.now, facts.tools.most_rounds.saturating_sub(1));
    let pane = facts.panes.at_mut(at);
    pane.unfinished = None;
    if let Some(aside) = &mut pane.aside {
        aside.asked = true;
    }
    let by = Maker { provider: pane.choice.provider.id.into(), account: String::new(), model: pane.choice.model.clone() };
    let (first_word, output_tokens, phase) = (None, 0, Phase::Waiting);
    pane.turn = Turn::Running(Box::new(Running { id, since, round, by, set, first_word, output_tokens, rounds_left, phase }));
    let is_new = facts.tools.reads_context && facts.panes.at(at).conversation.context.is_none();
    let context = is_new.then(|| facts.tools.named("memory").is_some());
    if context.is_some() || !paths.is_empty() {
        let sees = facts.catalog.sees(&facts.panes.at(at).choice);
        return vec![Effect::Prepare(Box::new(PrepareOrder { turn: id, context, paths, sees }))];
    }
    round::order(facts, at).into_iter().collect()
}

/// Shows everything that the model is told before the conversation.
pub fn show_system(facts: &mut Facts, at: PaneId) {
    let Pane { conversation, choice, .. } = facts.panes.at(at);
    let whose = if conversation.system.is_some() { "your own" } else { "the built-in one; `/system TEXT` sets your own" };
    let later = match conversation.context {
        None if facts.tools.reads_context => "\n\n(What the folder says of itself, and the memory, are read with the first question.)",
        _ => "",
    };
    let text = format!("System prompt, {whose}:\n\n{}{later}", round::instructions(conversation, &facts.tools, Some(facts.means(choice))));
    facts.notice(at, Notice::Info(text));
}

fn next_in_queue(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let pane = facts.panes.at_mut(at);
    if pane.queue.is_empty() {
        return vec![];
    }
    let Waiting { draft, set } = pane.queue.remove(0);
    let mut effects = vec![super::pane::journal(pane)];
    effects.extend(start(facts, at, Said::of(draft), set));
    effects
}

/// The question of a turn that was not asked, because nobody knows its model, or a file can't go with it: it comes back into the
/// composer, to be changed.
pub fn taken_back(facts: &Facts, news: &News) -> Option<(PaneId, Draft)> {
    let News::TurnFailed { turn, trouble } = news else { return None };
    let at = facts.panes.of_turn(*turn).filter(|_| matches!(trouble.code, "model_unknown" | UNSENDABLE))?;
    let conversation = &facts.panes.at(at).conversation;
    match &conversation.entries[conversation.last_question()?].body {
        Body::Said(said) => Some((at, said.draft())),
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
            let calls = parts.iter().any(|part| matches!(part, Part::Call { .. }));
            for part in parts {
                add(pane, now, epoch, part);
            }
            if calls {
                tools::name(pane, &facts.tools);
            }
        }
        News::RoundFinished { ending, mut usage, .. } => {
            if providers::named(&running.by.provider).is_ok_and(|provider| !provider.has_price()) {
                // what it reports, nobody takes
                usage.cost_ticks = 0;
            }
            running.output_tokens = running.output_tokens.saturating_add(usage.output_tokens);
            pane.usage.add(&usage);
            if tools::has_open(pane) {
                end_answer(pane, now);
                return tools::begin(facts, at);
            }
            let who = facts.panes.at(at).choice.provider.title;
            round::end(facts, at, ending, Some(&usage));
            let pane = facts.panes.at_mut(at);
            pane.unfinished = (ending == Ending::Truncated).then_some(Unfinished::Answer);
            if !has_last_word(pane) {
                let trouble = no_answer(who, ending);
                pane.unfinished = Some(Unfinished::Failed(Remedy::Again));
                facts.notice(at, Notice::Trouble(trouble));
            }
            return next_in_queue(facts, at);
        }
        News::TurnFailed { trouble, .. } => {
            round::end(facts, at, Ending::Cut, None);
            let pane = facts.panes.at_mut(at);
            // what the program told meanwhile is none of it
            let last =
                pane.conversation.entries.iter().rev().map(|e| &e.body).find(|body| !matches!(body, Body::Noticed(_) | Body::Making(_)));
            let is_cut = matches!(last, Some(Body::Answered(answer)) if answer.ending == Some(Ending::Cut) && !answer.text.is_empty());
            // what is in the composer again is asked from there, and what was answered is
            let is_over = matches!(trouble.code, "model_unknown" | UNSENDABLE) || has_last_word(pane);
            pane.unfinished = match is_cut {
                true => Some(Unfinished::Answer),
                false => Some(Unfinished::Failed(trouble.remedy())).filter(|_| !is_over),
            };
            facts.notice(at, Notice::Trouble(trouble));
        }
        News::Prepared { context, files, .. } => {
            if let Some(context) = context {
                pane.conversation.context = Some(Arc::new(context));
            }
            if !files.is_empty() {
                pane.conversation.attach(files);
            }
            return round::order(facts, at).into_iter().collect();
        }
        News::ToolTold { entry, text, .. } => tools::told(pane, entry, &text),
        News::ToolAsks { entry, request, .. } => return tools::asks(facts, at, entry, *request),
        News::ToolReturned { entry, outcome, .. } => return tools::done(facts, at, entry, outcome),
        _other => {}
    }
    vec![]
}

#[cfg(test)]
mod tests;
