//! What is read before a model is asked.

use super::*;

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
