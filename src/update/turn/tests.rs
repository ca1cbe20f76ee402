use super::*;
use crate::{
    domain::{
        attached::{Attached, Content, Found, Seen},
        conversation::{Call, Context, EntryId, Made, Outcome, Stats, Usage, Used},
        pane::{Keep, paste_mark},
        tool::{Approvals, Needs, Own, Request, Risk, Rule, Shown, Standing, Tool, Toolset, Verdict, Words},
        trouble::Trouble,
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
        models: &[],
        model: None,
        can_try: false,
        standing: Standing::Ready,
        served: false,
        ails: None,
    }];
    facts
}

/// A round in which these are called: name and arguments.
fn called(calls: &[(&str, &str)]) -> (Facts, Vec<Effect>) {
    let mut facts = with_tools();
    wish(&mut facts, Intent::Ask(draft("one")));
    let effects = round(&mut facts, calls);
    (facts, effects)
}

fn round(facts: &mut Facts, calls: &[(&str, &str)]) -> Vec<Effect> {
    let part = |(n, (name, arguments)): (usize, &(&str, &str))| Part::Call {
        call: Call { id: format!("c{n}"), name: (*name).into(), arguments: (*arguments).into() },
        item: None,
    };
    arrive(facts, calls.iter().enumerate().map(part).collect());
    finish(facts)
}

/// What was ordered, in short: `run c0`, `ask`, `ring`.
fn short(effects: &[Effect]) -> Vec<String> {
    let word = |effect: &Effect| match effect {
        Effect::RunTool(order) => format!("run {}{}", order.call.id, if order.allowed.is_some() { " allowed" } else { "" }),
        Effect::StartRound(_) => "ask".into(),
        Effect::Ring => "ring".into(),
        Effect::KeepRule(rule) => format!("keep {rule}"),
        other => format!("{other:?}"),
    };
    effects.iter().map(word).collect()
}

/// The outputs that the model is given.
fn outputs(facts: &Facts) -> Vec<String> {
    let output = |body: &&Body| match body {
        Body::Used(used) => Some(used.output().into_owned()),
        _ => None,
    };
    bodies(facts).iter().filter_map(output).collect()
}

fn calls(facts: &Facts) -> Vec<EntryId> {
    facts.front().conversation.last_calls().map(|(id, _)| id).collect()
}

fn ends(facts: &mut Facts, entry: EntryId, output: &str) -> Vec<Effect> {
    let (turn, outcome) = (facts.ids.turn, Outcome { ok: true, output: output.into(), ..Outcome::default() });
    on_news(facts, News::ToolReturned { turn, entry, outcome })
}

fn asks_leave(facts: &mut Facts, entry: EntryId, command: &str) -> Vec<Effect> {
    let request = Request {
        title: "Run this?".into(),
        what: Shown::Text(command.into()),
        place: "~".into(),
        dangers: vec![],
        rule: Rule::Command(command.into()),
        stamp: 7,
    };
    let turn = facts.ids.turn;
    on_news(facts, News::ToolAsks { turn, entry, request: Box::new(request) })
}

#[test]
fn calls_that_look_run_side_by_side_and_the_model_is_asked_again_when_all_have_ended() {
    let (mut facts, effects) = called(&[("look", r#"{"path":"a"}"#), ("look", r#"{"path":"b"}"#)]);
    assert_eq!(short(&effects), ["run c0", "run c1"]);
    let ids = calls(&facts);
    assert_eq!(short(&ends(&mut facts, ids[1], "two")), Vec::<String>::new());
    let effects = ends(&mut facts, ids[0], "one");
    assert_eq!((short(&effects), outputs(&facts)), (vec!["ask".into()], vec!["one".into(), "two".into()]));
    let Some(Effect::StartRound(order)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!((order.tools.len(), order.entries.len()), (4, 3));
    assert!(order.instructions.contains("Working folder"));
    arrive(&mut facts, vec![Part::Text("done".into())]);
    finish(&mut facts);
    assert!(!facts.front().turn.is_running());
    // the tokens of both rounds
    let Some(Body::Answered(answer)) = bodies(&facts).last().copied() else { panic!("no answer") };
    assert_eq!(answer.stats.map(|stats| stats.output_tokens), Some(14));
}

#[test]
fn what_may_change_something_runs_alone_and_in_its_place() {
    let (mut facts, effects) = called(&[("look", r#"{"path":"a"}"#), ("change", "{}"), ("look", r#"{"path":"b"}"#)]);
    assert_eq!(short(&effects), ["run c0"]);
    let ids = calls(&facts);
    assert_eq!(short(&ends(&mut facts, ids[0], "")), ["run c1"]);
    assert_eq!(short(&asks_leave(&mut facts, ids[1], "rm x")), ["ring"]);
    let waits = |facts: &Facts| facts.front().question.as_ref().map(|question| question.entry);
    assert_eq!(waits(&facts), Some(ids[1]));
    assert_eq!(short(&wish(&mut facts, Intent::Say(Verdict::Once))), ["run c1 allowed"]);
    assert_eq!(waits(&facts), None);
    assert_eq!(short(&ends(&mut facts, ids[1], "")), ["run c2"]);
    assert_eq!(short(&ends(&mut facts, ids[2], "")), ["ask"]);
}

#[test]
fn each_answer_to_a_question_has_its_consequence() {
    for (verdict, effects, said) in [
        (Verdict::Once, vec!["run c0 allowed"], None),
        (Verdict::Here, vec!["run c0 allowed"], None),
        (Verdict::Always, vec!["keep rm x", "run c0 allowed"], None),
        (Verdict::No(None), vec!["ask"], Some("Refused by the person")),
        (Verdict::No(Some(" it is mine ".into())), vec!["ask"], Some("says: it is mine")),
    ] {
        let (mut facts, _) = called(&[("change", "{}")]);
        let id = calls(&facts)[0];
        asks_leave(&mut facts, id, "rm x");
        assert_eq!(short(&wish(&mut facts, Intent::Say(verdict.clone()))), effects, "{verdict:?}");
        if let Some(said) = said {
            assert!(outputs(&facts)[0].contains(said), "{:?}", outputs(&facts));
            continue;
        }
        ends(&mut facts, id, "gone");
        // the same again: asked for after `once` alone
        round(&mut facts, &[("change", "{}")]);
        let id = calls(&facts)[0];
        let again = short(&asks_leave(&mut facts, id, "rm x"));
        assert_eq!(again, if verdict == Verdict::Once { ["ring"] } else { ["run c0 allowed"] }, "{verdict:?}");
        wish(&mut facts, Intent::StopTurn);
        // another conversation: what held in this one is over
        wish(&mut facts, Intent::New);
        wish(&mut facts, Intent::Ask(draft("two")));
        round(&mut facts, &[("change", "{}")]);
        let id = calls(&facts)[0];
        let elsewhere = short(&asks_leave(&mut facts, id, "rm x"));
        assert_eq!(elsewhere, if verdict == Verdict::Always { ["run c0 allowed"] } else { ["ring"] }, "{verdict:?}");
    }
}

#[test]
fn a_call_that_cannot_be_is_answered_in_words_and_the_turn_goes_on() {
    for (name, arguments, said) in [
        ("nothing", "{}", "There is no tool `nothing`. There are: change, clarify, look, todo."),
        ("look", "{\"path\":", "not valid JSON"),
        ("look", "[1]", "no JSON object"),
        ("todo", r#"{"tasks":[]}"#, "There is no argument `tasks`"),
        ("todo", r#"{"todos":[{"id":"1"}]}"#, "has no `content`"),
        ("todo", r#"{"todos":[{"id":"1","content":"x","status":"soon"}]}"#, "it is one of pending"),
        ("clarify", "{}", "`question` is missing"),
    ] {
        let (facts, effects) = called(&[(name, arguments)]);
        assert_eq!(short(&effects), ["ask"], "{name} {arguments}");
        assert!(outputs(&facts)[0].contains(said), "{:?}", outputs(&facts));
    }
    // a name in another spelling is meant all the same, and is called by its own
    let (_, effects) = called(&[("LOOK", "")]);
    assert!(matches!(&effects[..], [Effect::RunTool(order)] if order.call.name == "look"));
}

#[test]
fn the_same_call_twice_in_a_round_is_done_once() {
    let (mut facts, effects) = called(&[("change", r#"{"path":"a"}"#), ("change", r#"{"path":"a"}"#)]);
    assert_eq!(short(&effects), ["run c0"]);
    let id = calls(&facts)[0];
    assert_eq!(short(&ends(&mut facts, id, "done")), ["ask"]);
    assert!(outputs(&facts)[1].contains("same call"));
}

#[test]
fn a_turn_that_is_stopped_can_be_gone_on_with_whatever_its_tools_were_doing() {
    let (mut facts, _) = called(&[("look", r#"{"path":"a"}"#), ("change", "{}"), ("look", r#"{"path":"b"}"#)]);
    let (turn, ids) = (facts.ids.turn, calls(&facts));
    ends(&mut facts, ids[0], "one");
    on_news(&mut facts, News::ToolTold { turn, entry: ids[1], text: "half of it".into() });
    assert_eq!(wish(&mut facts, Intent::StopTurn), [Effect::StopTurn(turn)]);
    let outputs = outputs(&facts);
    assert!(outputs[0] == "one" && outputs[1].contains("half of it") && outputs[2].contains("Not done"), "{outputs:?}");
    // what comes late changes nothing
    assert!(ends(&mut facts, ids[1], "late").is_empty());
    assert!(!bodies(&facts).iter().any(|body| matches!(body, Body::Used(used) if used.output() == "late")));
    let effects = wish(&mut facts, Intent::Ask(draft("two")));
    assert!(effects.iter().any(|e| matches!(e, Effect::StartRound(order) if order.entries.len() == 5)));
    // a question that was open went with its turn
    round(&mut facts, &[("change", "{}")]);
    let id = calls(&facts)[0];
    asks_leave(&mut facts, id, "rm x");
    wish(&mut facts, Intent::StopTurn);
    assert!(facts.front().question.is_none() && wish(&mut facts, Intent::Say(Verdict::Once)).is_empty());
}

#[test]
fn at_the_limit_of_rounds_the_turn_pauses_and_enter_goes_on() {
    let mut facts = with_tools();
    facts.tools.most_rounds = 2;
    wish(&mut facts, Intent::Ask(draft("one")));
    for effects in [vec!["ask"], vec![]] {
        round(&mut facts, &[("look", "{}")]);
        let id = calls(&facts)[0];
        assert_eq!(short(&ends(&mut facts, id, "x")), effects);
    }
    assert!(!facts.front().turn.is_running());
    assert_eq!(facts.front().unfinished, Some(Unfinished::Work));
    let before = bodies(&facts).len();
    let effects = wish(&mut facts, Intent::Ask(draft("")));
    assert_eq!((short(&effects), bodies(&facts).len()), (vec!["ask".into()], before), "no question is put");
    assert_eq!(facts.front().turn.running().map(|running| running.round), Some(3));
}

#[test]
fn tasks_are_kept_and_counted() {
    let list = r#"{"todos":[{"id":"a","content":"one","status":"in_progress"},{"id":"b","content":"two","status":"pending"}]}"#;
    let (mut facts, effects) = called(&[("todo", list)]);
    assert_eq!(short(&effects), ["ask"]);
    assert_eq!(facts.front().tasks.len(), 2);
    round(&mut facts, &[("todo", r#"{"merge":true,"todos":[{"id":"a","status":"completed"}]}"#)]);
    let last = outputs(&facts).pop().unwrap();
    let told: serde_json::Value = serde_json::from_str(&last).unwrap();
    assert_eq!(
        (&told["summary"]["completed"], &told["summary"]["total"], &told["todos"][0]["content"]),
        (&1.into(), &2.into(), &"one".into())
    );
    round(&mut facts, &[("todo", "{}")]);
    assert_eq!(outputs(&facts).pop().unwrap(), last);
}

#[test]
fn a_question_of_the_model_is_answered_in_words() {
    let (mut facts, effects) = called(&[("clarify", r#"{"question":"Which?","choices":["a","b"]}"#), ("look", "{}")]);
    assert_eq!(short(&effects), ["ring"]);
    assert!(wish(&mut facts, Intent::Say(Verdict::Words(" b ".into()))).iter().any(|e| matches!(e, Effect::RunTool(_))));
    let told: serde_json::Value = serde_json::from_str(&outputs(&facts)[0]).unwrap();
    assert_eq!((&told["user_response"], &told["question"], &told["choices_offered"][0]), (&"b".into(), &"Which?".into(), &"a".into()));
}

#[test]
fn what_nobody_is_there_to_allow_is_refused_and_yes_to_all_asks_nobody() {
    for (approvals, effects, refused) in [(Approvals::Refuse, "ask", true), (Approvals::Yes, "run c0 allowed", false)] {
        let (mut facts, _) = called(&[("change", "{}")]);
        facts.tools.approvals = approvals;
        let id = calls(&facts)[0];
        assert_eq!(short(&asks_leave(&mut facts, id, "rm x")), [effects]);
        assert_eq!(outputs(&facts)[0].contains("nobody is there"), refused);
    }
}

#[test]
fn an_answer_without_a_word_after_its_tools_is_told() {
    let (mut facts, _) = called(&[("look", "{}")]);
    let id = calls(&facts)[0];
    ends(&mut facts, id, "x");
    finish(&mut facts);
    assert!(matches!(bodies(&facts).last(), Some(Body::Noticed(Notice::Trouble(trouble))) if trouble.code == "answer_empty"));
}

#[test]
fn what_the_folder_says_is_read_once_before_the_first_round() {
    let mut facts = with_tools();
    facts.tools.reads_context = true;
    let order = PrepareOrder { turn: TurnId(1), context: Some(false), paths: vec![], sees: true };
    assert!(wish(&mut facts, Intent::Ask(draft("one"))).contains(&Effect::Prepare(Box::new(order))));
    let context = Context {
        project: Some(("AGENTS.md".into(), "use make".into())),
        memory: Some("tea".into()),
        soul: Some("You are Hermes.".into()),
        skills: vec![],
    };
    let effects = on_news(&mut facts, News::Prepared { turn: TurnId(1), context: Some(context), files: vec![] });
    let told = |effects: &[Effect]| match effects.last() {
        Some(Effect::StartRound(order)) => order.instructions.clone(),
        other => panic!("{other:?}"),
    };
    let first = told(&effects);
    assert!(first.starts_with("You are Hermes.") && first.contains("AGENTS.md") && first.ends_with("tea"), "{first}");
    arrive(&mut facts, vec![Part::Text("a".into())]);
    finish(&mut facts);
    assert_eq!(told(&wish(&mut facts, Intent::Ask(draft("two")))), first, "the same, so that it stays in the cache");
    wish(&mut facts, Intent::StopTurn);
    wish(&mut facts, Intent::ShowSystem);
    assert!(matches!(bodies(&facts).last(), Some(Body::Noticed(Notice::Info(text))) if text.contains("use make")));
    // another conversation reads anew; one that was stopped meanwhile is not begun by what comes late
    wish(&mut facts, Intent::New);
    assert!(wish(&mut facts, Intent::Ask(draft("three"))).iter().any(|effect| matches!(effect, Effect::Prepare(..))));
    wish(&mut facts, Intent::StopTurn);
    let turn = facts.ids.turn;
    assert!(on_news(&mut facts, News::Prepared { turn, context: Some(Context::default()), files: vec![] }).is_empty());
}

#[test]
fn files_that_a_question_names_are_read_before_it_is_sent() {
    let mut facts = with_tools();
    let effects = wish(&mut facts, Intent::Ask(draft("what is in @a.txt, and in @b c?")));
    let order = PrepareOrder { turn: TurnId(1), context: None, paths: vec!["a.txt,".into(), "b".into()], sees: true };
    assert!(effects.contains(&Effect::Prepare(Box::new(order))), "{effects:?}");
    let file = Attached { path: "a.txt".into(), content: Content::Text("hello".into()) };
    let effects = on_news(&mut facts, News::Prepared { turn: TurnId(1), context: None, files: vec![file.clone()] });
    let sent = |effects: &[Effect]| match effects.last() {
        Some(Effect::StartRound(order)) => order.entries.iter().find_map(|entry| match &entry.body {
            Body::Said(said) => Some(said.files.clone()),
            _ => None,
        }),
        other => panic!("{other:?}"),
    };
    assert_eq!(sent(&effects), Some(vec![file.clone()]));
    // asked again it is what it was
    wish(&mut facts, Intent::StopTurn);
    assert_eq!(sent(&wish(&mut facts, Intent::Retry)), Some(vec![file]));
    wish(&mut facts, Intent::StopTurn);
    // what was pasted as a block, a mail or a listing, names no files
    let pasted = Draft { text: paste_mark(0).unwrap().to_string(), pastes: vec!["@a.txt".into()] };
    assert!(matches!(wish(&mut facts, Intent::Ask(pasted)).last(), Some(Effect::StartRound(_))));
    wish(&mut facts, Intent::StopTurn);
    // one that can't be sent brings the question back
    wish(&mut facts, Intent::Ask(draft("see @c.bin")));
    let failed = News::TurnFailed { turn: facts.ids.turn, trouble: Trouble::new(UNSENDABLE, "no") };
    assert_eq!(taken_back(&facts, &failed), Some((PaneId::default(), draft("see @c.bin"))));
    assert!(on_news(&mut facts, failed).is_empty() && !facts.front().turn.is_running());
}

#[test]
fn files_are_looked_at_when_others_are_named_and_for_another_model() {
    let mut facts = with_tools();
    let sees = |effects: Vec<Effect>| effects.iter().filter(|effect| matches!(effect, Effect::SeeFiles { .. })).count();
    assert_eq!(sees(wish(&mut facts, Intent::Draft(draft("look at @a.png")))), 1);
    assert_eq!(sees(wish(&mut facts, Intent::Draft(draft("look at @a.png please")))), 0);
    let choice = facts.front().choice.clone();
    assert_eq!(sees(wish(&mut facts, Intent::ChooseModel(choice, Keep::Here))), 1);
    assert_eq!(sees(wish(&mut facts, Intent::Draft(draft("look")))), 0);
    assert_eq!(sees(wish(&mut facts, Intent::Draft(draft("look at @a.png")))), 1);
}

#[test]
fn what_was_found_for_an_earlier_word_comes_too_late() {
    let mut facts = with_tools();
    let pane = PaneId::default();
    let found = |typed: &str| Found { typed: typed.into(), paths: vec![format!("{typed}.rs")] };
    for typed in ["", "m", "ma"] {
        assert_eq!(wish(&mut facts, Intent::FindFiles(typed.into())), [Effect::FindFiles(pane, typed.into())]);
    }
    for typed in ["ma", "", "m"] {
        on_news(&mut facts, News::FilesFound(pane, found(typed)));
    }
    assert_eq!(facts.front().naming.found, Some(found("ma")));
    let seen =
        |path: &str| News::FilesSeen { pane, paths: vec![path.into()], seen: vec![Seen { path: path.into(), what: Ok("1 byte".into()) }] };
    wish(&mut facts, Intent::Draft(draft("@a")));
    wish(&mut facts, Intent::Draft(draft("@ab")));
    on_news(&mut facts, seen("ab"));
    on_news(&mut facts, seen("a"));
    assert_eq!(facts.front().naming.seen[0].path, "ab");
}
