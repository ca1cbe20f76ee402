mod calls;
mod preparing;

use super::*;
use crate::{
    domain::{
        attached::{Attached, Content, Found, Seen},
        conversation::{Call, Context, EntryId, Made, Outcome, Stats, Usage, Used},
        pane::{Keep, paste_mark},
        tool::{Approvals, Needs, Own, Request, Risk, Rule, Shown, Tool, Toolset, Verdict, Words},
        trouble::{Exit, Trouble},
        turn::Part,
    },
    update::on_news,
};
use crate::{
    flow::intent::Intent,
    update::tests::{facts, wish},
};
use std::sync::Arc;

fn draft(text: &str) -> Draft {
    Draft::new(text)
}

fn asked(text: &str) -> (Facts, TurnId) {
    let mut facts = facts();
    wish(&mut facts, Intent::Ask(draft(text)));
    (facts, TurnId(1))
}

fn arrive(facts: &mut Facts, parts: Vec<Part>) -> Vec<Effect> {
    let turn = facts.ids.turn;
    on_news(facts, News::PartsArrived { turn, parts })
}

fn finish(facts: &mut Facts) -> Vec<Effect> {
    let turn = facts.ids.turn;
    on_news(facts, News::RoundFinished { turn, ending: Ending::Complete, usage: Usage { output_tokens: 7, ..Usage::default() } })
}

fn bodies(facts: &Facts) -> Vec<&Body> {
    facts.front().conversation.entries.iter().map(|e| &e.body).collect()
}

#[test]
fn a_question_starts_a_turn_and_leaves_the_composer() {
    let mut facts = facts();
    let effects = wish(&mut facts, Intent::Ask(draft("one")));
    let Some(Effect::StartRound(order)) = effects.last() else { panic!("{effects:?}") };
    assert_eq!(
        (order.turn, order.model.as_str(), order.effort.as_deref(), order.entries.len()),
        (TurnId(1), "grok-4.3", Some("medium"), 1)
    );
    assert_eq!(effects[..2], [Effect::KeepHistory("one".into()), Effect::WipeDraft(PaneId::default())]);
    assert_eq!(facts.history, ["one"]);
}

#[test]
fn a_second_question_waits_for_the_first() {
    let (mut facts, _) = asked("one");
    let effects = wish(&mut facts, Intent::Ask(draft("two")));
    // what waits survives a kill together with what is being typed
    assert_eq!(effects, [Effect::KeepHistory("two".into()), Effect::SaveDraft(PaneId::default(), draft("two"))]);
    assert_eq!(facts.front().queue, [Waiting { draft: draft("two"), set: None }]);
    assert_eq!(wish(&mut facts, Intent::Draft(draft("three"))), [Effect::SaveDraft(PaneId::default(), draft("two\n\nthree"))]);
    arrive(&mut facts, vec![Part::Text("answer".into())]);
    let effects = finish(&mut facts);
    assert_eq!(effects.first(), Some(&Effect::SaveDraft(PaneId::default(), draft("three"))));
    assert!(matches!(effects.last(), Some(Effect::StartRound(order)) if order.turn == TurnId(2) && order.entries.len() == 3));
}

#[test]
fn what_waits_since_a_stop_is_on_the_disk_whatever_is_asked_or_cleared() {
    let (mut facts, _) = asked("one");
    wish(&mut facts, Intent::Ask(draft("two")));
    wish(&mut facts, Intent::StopTurn);
    assert_eq!(wish(&mut facts, Intent::ClearDraft(draft("three"))), [Effect::SaveDraft(PaneId::default(), draft("two\n\nthree"))]);
    let effects = wish(&mut facts, Intent::Ask(draft("four")));
    assert!(effects.contains(&Effect::SaveDraft(PaneId::default(), draft("two"))), "{effects:?}");
}

#[test]
fn thoughts_and_words_become_entries_with_their_times() {
    let (mut facts, turn) = asked("one");
    on_news(&mut facts, News::RoundStarted { turn, account: "one".into() });
    arrive(&mut facts, vec![Part::Thought("hm".into())]);
    // whoever is chosen for the next question has not made this answer
    facts.panes.front_mut().choice.model = "grok-4.7".into();
    facts.clock.now += 2_000;
    arrive(&mut facts, vec![Part::ThoughtDone { item: Some("blob".into()), summary: "hm, yes".into() }, Part::Text("a".into())]);
    arrive(&mut facts, vec![Part::Text("b".into()), Part::TextDone { commentary: false, item: Some("{}".into()), text: "ab".into() }]);
    facts.clock.now += 1_000;
    finish(&mut facts);
    let [_, Body::Thought(thought), Body::Answered(answer)] = bodies(&facts)[..] else { panic!() };
    assert_eq!((thought.summary.as_str(), thought.tenths), ("hm, yes", Some(20)));
    let by = Maker { provider: "sandbox".into(), account: "one".into(), model: "grok-4.3".into() };
    assert_eq!(thought.made, Some(Made { by: by.clone(), item: "blob".into() }));
    assert_eq!((answer.text.as_str(), answer.ending, answer.made.as_ref().map(|m| &m.by)), ("ab", Some(Ending::Complete), Some(&by)));
    assert_eq!(answer.stats, Some(Stats { tenths: 30, output_tokens: 7, compared: None }));
    assert_eq!(facts.front().turn, Turn::Idle);
}

#[test]
fn an_answer_of_another_model_names_it() {
    let (mut facts, _) = asked("one");
    let named = |facts: &mut Facts, model: &str| {
        arrive(facts, vec![Part::Commentary("on the way".into()), Part::Text("words".into())]);
        finish(facts);
        facts.panes.front_mut().choice.model = model.into();
        wish(facts, Intent::Ask(draft("next")));
        facts.front().conversation.last_answer().map(|answer| answer.named)
    };
    let (other, same) = ("grok-4.7", "grok-4.7");
    assert_eq!([named(&mut facts, other), named(&mut facts, same), named(&mut facts, same)], [Some(false), Some(true), Some(false)]);
}

#[test]
fn what_has_no_price_is_not_counted() {
    for (provider, cost) in [("xai", 7), ("sandbox", 0), ("xai-oauth", 0), ("ollama", 0), ("lmstudio", 0)] {
        let mut facts = facts();
        facts.panes.front_mut().choice.provider = providers::named(provider).unwrap();
        wish(&mut facts, Intent::Ask(draft("one")));
        arrive(&mut facts, vec![Part::Text("words".into())]);
        let (turn, usage) = (facts.ids.turn, Usage { output_tokens: 7, cost_ticks: 7, ..Usage::default() });
        on_news(&mut facts, News::RoundFinished { turn, ending: Ending::Complete, usage });
        assert_eq!(facts.front().usage.cost_ticks, cost, "{provider}");
    }
}

#[test]
fn stopping_keeps_what_came_and_late_news_changes_nothing() {
    let (mut facts, turn) = asked("one");
    arrive(&mut facts, vec![Part::Text("half".into())]);
    assert_eq!(wish(&mut facts, Intent::StopTurn), [Effect::StopTurn(turn)]);
    let before = facts.clone();
    assert!(arrive(&mut facts, vec![Part::Text("late".into())]).is_empty());
    assert!(finish(&mut facts).is_empty());
    assert_eq!(facts, before);
    assert!(matches!(bodies(&facts)[1], Body::Answered(a) if a.text == "half" && a.ending == Some(Ending::Stopped)));
}

#[test]
fn a_cut_answer_stays_and_can_go_on() {
    let (mut facts, turn) = asked("one");
    arrive(&mut facts, vec![Part::Text("ha".into())]);
    on_news(&mut facts, News::Told("the next account goes on".into()));
    arrive(&mut facts, vec![Part::Text("lf".into())]);
    on_news(&mut facts, News::TurnFailed { turn, trouble: Trouble::new("stream_cut", "broke") });
    assert!(facts.front().unfinished.is_some());
    let effects = wish(&mut facts, Intent::Ask(draft("")));
    let Some(Effect::StartRound(order)) = effects.last() else { panic!("{effects:?}") };
    assert!(matches!(&order.entries.last().unwrap().body, Body::Said(said) if said.text == GO_ON));
    assert!(order.entries.iter().any(|e| matches!(&e.body, Body::Answered(a) if a.text == "half" && a.ending == Some(Ending::Cut))));
}

#[test]
fn retrying_asks_the_same_again_without_the_answer() {
    let (mut facts, _) = asked("one");
    arrive(&mut facts, vec![Part::Text("bad".into())]);
    finish(&mut facts);
    let effects = wish(&mut facts, Intent::Retry);
    assert!(matches!(&effects[..], [Effect::StartRound(order)] if order.entries.len() == 1));
    assert_eq!(bodies(&facts).len(), 1);
    // what was taken back is not destroyed
    let dropped: Vec<u64> = facts.front().conversation.dropped.iter().map(|e| e.id.0).collect();
    assert_eq!(dropped, [0, 1]);
}

#[test]
fn waiting_for_another_attempt_is_shown_and_ends() {
    let (mut facts, turn) = asked("one");
    on_news(&mut facts, News::TurnRetrying { turn, wait: 2_000, reason: "too many requests".into() });
    let phase = |facts: &Facts| facts.front().turn.running().map(|running| running.phase.clone());
    assert_eq!(phase(&facts), Some(Phase::Retrying { until: 3_000, reason: "too many requests".into() }));
    on_news(&mut facts, News::TurnResumed { turn });
    assert_eq!(phase(&facts), Some(Phase::Waiting));
    // a server may name any time
    on_news(&mut facts, News::TurnRetrying { turn, wait: u64::MAX, reason: String::new() });
    assert!(matches!(phase(&facts), Some(Phase::Retrying { until: u64::MAX, .. })));
}

#[test]
fn a_new_conversation_takes_the_fresh_id_and_stops_the_turn() {
    let (mut facts, turn) = asked("one");
    assert_eq!(wish(&mut facts, Intent::New), [Effect::StopTurn(turn)]);
    assert_eq!((facts.front().conversation.id == "c1", facts.front().conversation.is_empty()), (false, true));
}

#[test]
fn a_whole_answer_stays_whole_when_something_breaks_after_it() {
    let (mut facts, turn) = asked("one");
    arrive(&mut facts, vec![Part::TextDone { commentary: false, text: "all of it".into(), item: None }]);
    on_news(&mut facts, News::TurnFailed { turn, trouble: Trouble::new("stream_cut", "broke") });
    let [_, Body::Answered(answer), Body::Noticed(_)] = bodies(&facts)[..] else { panic!() };
    assert_eq!((answer.ending, facts.front().unfinished.is_some()), (Some(Ending::Complete), false));
}

#[test]
fn enter_does_what_helps_a_question_that_failed() {
    let failed = |trouble: Trouble| {
        let (mut facts, turn) = asked("one");
        on_news(&mut facts, News::TurnFailed { turn, trouble });
        facts
    };
    let mut facts = failed(Trouble::new("server_error", "no"));
    assert_eq!(facts.front().unfinished, Some(Unfinished::Failed(Remedy::Again)));
    let effects = wish(&mut facts, Intent::Ask(draft("")));
    assert!(matches!(&effects[..], [Effect::StartRound(order)] if order.entries.len() == 1), "{effects:?}");
    assert_eq!(facts.front().unfinished, None);
    let mut facts = failed(Trouble::new("plan_refused", "no"));
    assert_eq!(facts.front().unfinished, Some(Unfinished::Failed(Remedy::OtherModel)));
    assert_eq!(wish(&mut facts, Intent::Ask(draft(""))), [], "the screens have what helps");
    // what is in the composer again is asked from there
    assert_eq!(failed(Trouble::new("model_unknown", "no")).front().unfinished, None);
    let mut facts = failed(Trouble::new("xai_refresh_failed", "no").exit(Exit::SignIn));
    let (at, provider) = (facts.panes.front_id(), facts.front().choice.provider);
    assert_eq!(signed_in(&mut facts, at, crate::providers::CUSTOM), [], "at another one");
    assert!(matches!(&signed_in(&mut facts, at, provider)[..], [Effect::StartRound(_)]), "it is asked now");
    assert_eq!(signed_in(&mut facts, at, provider), [], "once");
}

#[test]
fn whoever_answers_one_question_is_asked_it_again_when_it_failed() {
    let mut facts = facts();
    let before = facts.front().choice.clone();
    let once = crate::domain::pane::Choice { model: "once".into(), ..before.clone() };
    wish(&mut facts, Intent::ChooseModel(once.clone(), Keep::Once));
    wish(&mut facts, Intent::Ask(draft("one")));
    let turn = facts.ids.turn;
    on_news(&mut facts, News::TurnFailed { turn, trouble: Trouble::new("server_error", "no") });
    assert_eq!(facts.front().choice, once);
    let effects = wish(&mut facts, Intent::Ask(draft("")));
    assert!(matches!(&effects[..], [Effect::StartRound(order)] if order.model == "once"), "{effects:?}");
    arrive(&mut facts, vec![Part::Text("here".into())]);
    finish(&mut facts);
    assert_eq!(facts.front().choice, before);
}

#[test]
fn stopping_while_only_thoughts_came_leaves_a_word() {
    let (mut facts, _) = asked("one");
    arrive(&mut facts, vec![Part::Thought("hm".into())]);
    wish(&mut facts, Intent::StopTurn);
    assert!(matches!(bodies(&facts)[..], [_, Body::Thought(_), Body::Noticed(Notice::Info(_))]));
}

#[test]
fn a_service_that_does_not_count_leaves_the_size_of_the_context_as_it_was() {
    let (mut facts, _) = asked("one");
    facts.panes.front_mut().usage.context_tokens = Some(900);
    arrive(&mut facts, vec![Part::Text("a".into())]);
    finish(&mut facts);
    assert_eq!(facts.front().usage.context_tokens, Some(900));
}

#[test]
fn a_call_that_nobody_ran_is_told_to_be_dropped() {
    let (mut facts, _) = asked("one");
    let call = Call { id: "c".into(), name: "read".into(), arguments: "{}".into() };
    arrive(&mut facts, vec![Part::Call { call: call.clone(), item: None }]);
    let state = |facts: &Facts| match bodies(facts)[1] {
        Body::Used(used) => (used.call.clone(), used.round, used.state.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(state(&facts), (call.clone(), 1, Used::Asked));
    wish(&mut facts, Intent::StopTurn);
    assert_eq!(state(&facts), (call, 1, Used::Dropped { printed: String::new(), begun: false }));
}

#[test]
fn entries_know_when_they_began() {
    let mut facts = facts();
    (facts.clock.started_at, facts.clock.now) = (1_700_000_000, 5_999);
    wish(&mut facts, Intent::Ask(draft("one")));
    facts.clock.now += 10_000;
    arrive(&mut facts, vec![Part::Text("a".into())]);
    let times: Vec<i64> = facts.front().conversation.entries.iter().map(|e| e.at).collect();
    assert_eq!(times, [1_700_000_005, 1_700_000_015]);
}

/// Tools that look, and one that changes something.
fn with_tools() -> Facts {
    let mut facts = facts();
    let tool = |name: &'static str, risk, own| {
        let words = Words { doing: "Doing".into(), done: "Did".into(), subject: &["path"] };
        Arc::new(Tool { name: name.into(), words, about: "x".into(), takes: "{}".into(), risk, own, needs: Needs::Nothing })
    };
    let tools = vec![
        tool("look", Risk::Reads, None),
        tool("change", Risk::Changes, None),
        tool("todo", Risk::Reads, Some(Own::Todo)),
        tool("clarify", Risk::Reads, Some(Own::Clarify)),
    ];
    facts.tools.sets = vec![Toolset {
        name: "all".into(),
        label: "All".into(),
        tools,
        backend: None,
        model: None,
        can_try: false,
        on: true,
        barred: None,
        served: false,
        ails: None,
    }];
    facts
}
