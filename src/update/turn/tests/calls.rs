//! What becomes of the calls of a round.

use super::*;

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
