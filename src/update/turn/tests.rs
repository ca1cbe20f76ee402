use super::*;
use crate::flow::intent::Intent;
use crate::{
    domain::{
        catalog::{Login, Provider, Transport},
        conversation::{Conversation, Usage},
        facts::Theme,
        pane::Choice,
        trouble::Trouble,
    },
    update::{on_intent, on_news},
};

static PROVIDER: Provider = Provider {
    id: "sandbox",
    aliases: &[],
    title: "Sandbox",
    address: "",
    address_variables: &[],
    login: Login::None,
    transport: Transport::Responses,
    default_model: "grok-4.3",
    catalog: "xai",
    local: false,
};

fn facts() -> Facts {
    let choice = Choice { provider: &PROVIDER, model: "grok-4.3".into(), effort: None };
    Facts {
        pane: Pane::new(Conversation::new("c1"), choice),
        theme: Theme::Dark,
        mouse: false,
        history: vec![],
        flash: None,
        now: 1_000,
        providers: &[],
        chosen: true,
        started_at: 0,
        standings: Default::default(),
        models: Default::default(),
        catalog_fails: false,
        login: None,
        last_login: Default::default(),
        last_turn: TurnId(0),
        fresh_id: "c2".into(),
        quitting: false,
        drafts_fail: false,
    }
}

fn draft(text: &str) -> Draft {
    Draft::new(text)
}

fn asked(text: &str) -> (Facts, TurnId) {
    let mut facts = facts();
    on_intent(&mut facts, Intent::Ask(draft(text)));
    (facts, TurnId(1))
}

fn arrive(facts: &mut Facts, parts: Vec<Part>) -> Vec<Effect> {
    let turn = facts.last_turn;
    on_news(facts, News::PartsArrived { turn, parts })
}

fn finish(facts: &mut Facts) -> Vec<Effect> {
    let turn = facts.last_turn;
    on_news(facts, News::TurnFinished { turn, ending: Ending::Complete, usage: Usage { output_tokens: 7, ..Usage::default() } })
}

fn bodies(facts: &Facts) -> Vec<&Body> {
    facts.pane.conversation.entries.iter().map(|e| &e.body).collect()
}

#[test]
fn a_question_starts_a_turn_and_leaves_the_composer() {
    let mut facts = facts();
    let effects = on_intent(&mut facts, Intent::Ask(draft("one")));
    let Some(Effect::StartTurn(order)) = effects.last() else { panic!("{effects:?}") };
    assert_eq!(
        (order.turn, order.model.as_str(), order.effort.as_deref(), order.entries.len()),
        (TurnId(1), "grok-4.3", Some("medium"), 1)
    );
    assert_eq!(effects[..2], [Effect::KeepHistory("one".into()), Effect::WipeDraft]);
    assert_eq!(facts.history, ["one"]);
}

#[test]
fn a_second_question_waits_for_the_first() {
    let (mut facts, _) = asked("one");
    let effects = on_intent(&mut facts, Intent::Ask(draft("two")));
    // what waits survives a kill together with what is being typed
    assert_eq!(effects, [Effect::KeepHistory("two".into()), Effect::SaveDraft(draft("two"))]);
    assert_eq!(facts.pane.queue, [draft("two")]);
    assert_eq!(on_intent(&mut facts, Intent::Draft(draft("three"))), [Effect::SaveDraft(draft("two\n\nthree"))]);
    arrive(&mut facts, vec![Part::Text("answer".into())]);
    let effects = finish(&mut facts);
    assert_eq!(effects.first(), Some(&Effect::SaveDraft(draft("three"))));
    assert!(matches!(effects.last(), Some(Effect::StartTurn(order)) if order.turn == TurnId(2) && order.entries.len() == 3));
}

#[test]
fn thoughts_and_words_become_entries_with_their_times() {
    let (mut facts, _) = asked("one");
    arrive(&mut facts, vec![Part::Thought("hm".into())]);
    facts.now += 2_000;
    arrive(&mut facts, vec![Part::ThoughtDone { encrypted: Some("blob".into()), summary: "hm, yes".into() }, Part::Text("a".into())]);
    arrive(&mut facts, vec![Part::Text("b".into()), Part::TextDone { item: Some("msg".into()), text: "ab".into() }]);
    facts.now += 1_000;
    finish(&mut facts);
    let [_, Body::Thought(thought), Body::Answered(answer)] = bodies(&facts)[..] else { panic!() };
    assert_eq!((thought.summary.as_str(), thought.tenths), ("hm, yes", Some(20)));
    assert_eq!(thought.encrypted.as_ref().map(|e| (e.model.as_str(), e.issuer.as_str())), Some(("grok-4.3", "sandbox")));
    assert_eq!((answer.text.as_str(), answer.ending, answer.item.as_deref()), ("ab", Ending::Complete, Some("msg")));
    assert_eq!(answer.stats, Some(Stats { tenths: 30, output_tokens: 7 }));
    assert_eq!(facts.pane.turn, Turn::Idle);
}

#[test]
fn stopping_keeps_what_came_and_late_news_changes_nothing() {
    let (mut facts, turn) = asked("one");
    arrive(&mut facts, vec![Part::Text("half".into())]);
    assert_eq!(on_intent(&mut facts, Intent::StopTurn), [Effect::StopTurn(turn)]);
    let before = facts.clone();
    assert!(arrive(&mut facts, vec![Part::Text("late".into())]).is_empty());
    assert!(finish(&mut facts).is_empty());
    assert_eq!(facts, before);
    assert!(matches!(bodies(&facts)[1], Body::Answered(a) if a.text == "half" && a.ending == Ending::Stopped));
}

#[test]
fn a_cut_answer_stays_and_can_go_on() {
    let (mut facts, turn) = asked("one");
    arrive(&mut facts, vec![Part::Text("half".into())]);
    on_news(&mut facts, News::TurnFailed { turn, trouble: Trouble::new("stream_cut", "broke") });
    assert!(facts.pane.can_continue);
    let effects = on_intent(&mut facts, Intent::Ask(draft("")));
    let Some(Effect::StartTurn(order)) = effects.last() else { panic!("{effects:?}") };
    assert!(matches!(&order.entries.last().unwrap().body, Body::Said(said) if said.text == GO_ON));
    assert!(order.entries.iter().any(|e| matches!(&e.body, Body::Answered(a) if a.text == "half" && a.ending == Ending::Cut)));
}

#[test]
fn retrying_asks_the_same_again_without_the_answer() {
    let (mut facts, _) = asked("one");
    arrive(&mut facts, vec![Part::Text("bad".into())]);
    finish(&mut facts);
    let effects = on_intent(&mut facts, Intent::Retry);
    assert!(matches!(&effects[..], [Effect::StartTurn(order)] if order.entries.len() == 1));
    assert_eq!(bodies(&facts).len(), 1);
}

#[test]
fn waiting_for_another_attempt_is_shown_and_ends() {
    let (mut facts, turn) = asked("one");
    on_news(&mut facts, News::TurnRetrying { turn, wait: 2_000, reason: "too many requests".into() });
    assert!(matches!(facts.pane.turn, Turn::Retrying { until: 3_000, .. }));
    on_news(&mut facts, News::TurnResumed { turn });
    assert!(matches!(facts.pane.turn, Turn::Waiting { since: 1_000, .. }));
}

#[test]
fn a_new_conversation_takes_the_fresh_id_and_stops_the_turn() {
    let (mut facts, turn) = asked("one");
    assert_eq!(on_intent(&mut facts, Intent::New), [Effect::StopTurn(turn)]);
    assert_eq!((facts.pane.conversation.id.as_str(), facts.pane.conversation.is_empty()), ("c2", true));
}
