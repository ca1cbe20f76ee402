//! Who gets a message: screens over the chat, chords, words from one screen to another, and when the picture moves by itself.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::{
    app::state::{SMALLEST, State},
    domain::{
        catalog::Standing,
        conversation::Outcome,
        facts::FLASH,
        login::LoginNews,
        pane::PaneId,
        tool::{Request, Rule, Shown},
        trouble::Trouble,
    },
    flow::{effect::Effect, input::Input, message::Message, news::News},
    screens::REGISTRY,
    ui::{cache::Cache, frame::Frame},
};
use support::stage::Stage;

fn asks(stage: &mut Stage, command: &str) -> hermes::domain::conversation::EntryId {
    let entry = stage.calls(&[("terminal", &serde_json::json!({ "command": command }).to_string())])[0];
    let request = Request {
        title: "Run this command?".into(),
        what: Shown::Text(command.into()),
        place: "~".into(),
        dangers: vec![],
        rule: Rule::Command(command.into()),
        stamp: 1,
    };
    stage.asks(entry, request);
    entry
}

fn orders(stage: &mut Stage) -> Vec<String> {
    let short = |effect: &Effect| match effect {
        Effect::RunTool(order) if order.allowed.is_some() => Some("allowed".to_string()),
        Effect::StartRound(_) => Some("asked again".into()),
        Effect::StopTurn(_) => Some("stopped".into()),
        Effect::KeepRule(rule) => Some(format!("kept {rule}")),
        _ => None,
    };
    stage.effects().iter().filter_map(short).collect()
}

#[test]
fn keys_of_the_first_moment_belong_to_what_was_there_before() {
    let mut stage = Stage::new(100, 30);
    stage.with_tools().state.facts.tools.reads_context = false;
    stage.type_text("one").press("enter");
    asks(&mut stage, "ls");
    stage.effects();
    // a draft was being typed when the question came up
    stage.wait(299).type_text("yes");
    assert_eq!((orders(&mut stage), stage.state.facts.front().draft.text.as_str()), (vec![], "yes"));
    stage.wait(1);
    // Enter alone never answers, nor does a letter that means nothing
    stage.press("enter x");
    assert_eq!(orders(&mut stage), Vec::<String>::new());
    // marked with the arrows, it does
    stage.press("down enter");
    assert_eq!((orders(&mut stage), stage.state.facts.front().draft.text.as_str()), (vec!["allowed".to_string()], "yes"));
}

#[test]
fn each_key_of_a_question_does_what_it_says() {
    for (keys, done) in [
        ("y", vec!["allowed"]),
        ("s", vec!["allowed"]),
        ("a", vec!["kept ls", "allowed"]),
        ("n", vec!["asked again"]),
        ("up enter", vec![]),
        ("down down down enter", vec!["kept ls", "allowed"]),
        ("e n o enter", vec!["asked again"]),
        ("e esc y", vec!["allowed"]),
        ("e enter", vec![]),
        ("esc", vec!["stopped"]),
        ("ctrl+c", vec!["stopped"]),
    ] {
        let mut stage = Stage::new(100, 30);
        stage.with_tools().state.facts.tools.reads_context = false;
        stage.type_text("one").press("enter");
        asks(&mut stage, "ls");
        stage.wait(300).effects();
        stage.press(keys);
        assert_eq!(orders(&mut stage), done, "{keys}");
        assert!(!stage.state.facts.quitting);
    }
}

#[test]
fn a_conversation_with_500_calls_scrolls_like_one_with_none() {
    let mut stage = Stage::new(100, 30);
    stage.with_tools().state.facts.tools.reads_context = false;
    stage.state.facts.tools.most_rounds = 1_000;
    stage.type_text("count").press("enter");
    for n in 0..500 {
        let entry = stage.calls(&[("read_file", &format!(r#"{{"path":"file-{n}.txt"}}"#))])[0];
        let outcome = Outcome { ok: true, happened: true, output: "x\n".repeat(50).into(), note: "50 lines".into(), ..Outcome::default() };
        stage.returns(entry, outcome);
    }
    stage.text("All of them.").finish(Default::default());
    assert!(stage.screen().contains("file-499.txt"));
    let top = |stage: &mut Stage| stage.screen().lines().nth(2).unwrap().trim().to_string();
    stage.press("pageup pageup");
    assert!(top(&mut stage).starts_with("✓ Read file-4"), "{}", top(&mut stage));
    stage.press("ctrl+up");
    assert_eq!(top(&mut stage), "❯ count", "folded, calls are passed over");
    stage.press("ctrl+o ctrl+down");
    assert!(top(&mut stage).starts_with("✓ Read file-0.txt"), "unfolded, each is a stop");
    stage.press("ctrl+down ctrl+down");
    assert!(top(&mut stage).starts_with("✓ Read file-2.txt"));
    stage.press("end");
    assert!(stage.screen().contains("All of them."));
}

#[test]
fn screens_open_over_the_chat_and_close() {
    let mut stage = Stage::new(100, 30);
    stage.type_text("a thought");
    let chat = stage.screen();
    for key in ["f1", "f2", "ctrl+p", "ctrl+r"] {
        stage.press(key);
        assert_ne!(stage.screen(), chat, "{key}");
        stage.press("esc");
        assert_eq!(stage.screen(), chat, "{key}");
    }
    assert!(!stage.state.facts.quitting);
}

/// Every screen that can be over the chat, and each of its fields.
fn all_screens(mut look: impl FnMut(&str, &mut Stage)) {
    for opening in REGISTRY.iter().filter(|opening| opening.name != "chat") {
        look(opening.name, &mut Stage::showing(opening.name, 100, 30));
    }
    let mut finding = Stage::new(100, 30);
    look("find", finding.talk("a question", "an answer").press("ctrl+f").type_text("ans"));
    let mut pasting = Stage::of("xai-oauth", 100, 40);
    look("the field of the sign-in", pasting.sign_in(None).press("p").type_text("abc"));
    let mut key = Stage::new(100, 30);
    key.state.facts.chosen = false;
    key.press("f2").message(Message::News(News::ProvidersSeen(vec![("xai", Standing::NeedsKey)])));
    key.press("down enter").type_text("a key");
    assert!(key.screen().contains("API key for xAI"), "no field for a key:\n{}", key.screen());
    look("the field for a key", &mut key);
}

#[test]
fn what_keys_do_everywhere_they_do_on_every_screen_and_in_every_field() {
    all_screens(|name, stage| {
        let before = stage.screen();
        stage.repaint = false;
        stage.press("ctrl+l");
        assert!(stage.repaint, "Ctrl+L draws nothing again: {name}");
        assert_eq!(stage.screen(), before, "{name}");
        stage.effects();
        stage.press("ctrl+z");
        assert_eq!(stage.effects(), [Effect::Suspend], "{name}");
        if name != "help" {
            stage.press("f1");
            assert!(stage.screen().starts_with("  Keys and commands"), "F1 opens no help: {name}\n{}", stage.screen());
            stage.press("f1");
            assert_eq!(stage.screen(), before, "{name}");
        }
        if name != "palette" {
            stage.press("ctrl+p");
            assert!(stage.screen().contains("Do what?"), "Ctrl+P opens no palette: {name}");
            // the help over it, and back
            stage.press(if name == "help" { "ctrl+p" } else { "f1 f1 ctrl+p" });
            assert_eq!(stage.screen(), before, "{name}");
        }
        for _ in 0..3 {
            let chat = stage.screen();
            if chat.contains("Ask anything") && !chat.contains('╭') && !chat.contains("Find") {
                break;
            }
            stage.press("ctrl+c");
        }
        assert!(
            stage.screen().contains("Ask anything") && !stage.state.facts.quitting,
            "Ctrl+C does not leave: {name}\n{}",
            stage.screen()
        );
    });
}

#[test]
fn every_field_knows_the_same_keys() {
    let keys = "ctrl+a x alt+f alt+f y left backspace ctrl+_ alt+_ alt+b delete";
    let typed = |stage: &mut Stage| stage.press("ctrl+u").type_text("one two").press(keys).screen();
    for name in ["palette", "history", "picker"] {
        let mut stage = Stage::showing(name, 100, 30);
        // one two → xone twoy → xone twy → (undone and done again) → xone wy
        assert!(typed(&mut stage).contains("xone ▏wy"), "{name}:\n{}", stage.screen());
    }
    let mut finding = Stage::new(100, 30);
    finding.talk("a question", "an answer").press("ctrl+f");
    assert!(typed(&mut finding).contains("Find xone ▏wy"), "{}", finding.screen());
    let mut pasting = Stage::of("xai-oauth", 100, 40);
    pasting.sign_in(None).press("p").type_text("b").press("home").type_text("a").press("end").type_text("c");
    assert!(pasting.screen().contains("❯ abc▏"), "{}", pasting.screen());
    assert!(typed(&mut pasting).contains("•••e ▏wy"), "{}", pasting.screen());
}

#[test]
fn the_help_opens_at_the_section_of_the_screen_below() {
    for (name, heading) in [("picker", "Provider and model"), ("login", "Sign in"), ("history", "Lists"), ("blocks", "Parts of an answer")]
    {
        let mut stage = Stage::showing(name, 100, 24);
        stage.press("f1");
        let screen = stage.screen();
        assert_eq!(screen.lines().nth(2).map(str::trim), Some(heading), "{screen}");
        // from there it scrolls on as ever
        stage.press("up");
        assert_eq!(stage.screen().lines().nth(3).map(str::trim), Some(heading));
    }
    let mut stage = Stage::new(100, 24);
    stage.press("f1");
    assert_eq!(stage.screen().lines().nth(2).map(str::trim), Some("Chat"));
}

#[test]
fn what_is_chosen_over_another_screen_is_done_in_the_chat() {
    let mut stage = Stage::of("xai-oauth", 100, 40);
    stage.sign_in(None).effects();
    stage.press("ctrl+p").type_text("split beside").press("enter");
    assert!(!stage.effects().iter().any(|effect| matches!(effect, Effect::StopLogin(_))), "the sign-in goes on, as after Esc");
    assert!(stage.state.facts.login.as_ref().is_some_and(|login| login.away));
    assert_eq!(stage.state.facts.panes.count(), 2, "{}", stage.screen());
    // where there is no chat, nothing is offered that needs one
    let facts = Stage::of("xai-oauth", 100, 40).state.facts;
    let mut state = State::over("login", facts, (100, 40));
    let mut cache = Cache::default();
    state.update(Message::Input(Input::Key("ctrl+p".parse().unwrap())), &mut cache);
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 100, 40));
    state.view(&mut cache, &mut Frame::new(&mut buffer, state.look()));
    let text: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
    assert!(text.contains("Back to the shell") && !text.contains("/export") && !text.contains("Split beside"), "{text}");
}

#[test]
fn the_bottom_screen_ends_the_program() {
    let mut stage = Stage::new(100, 30);
    stage.press("ctrl+d");
    assert!(stage.state.facts.quitting);
}

#[test]
fn a_chord_is_two_keys_and_a_wrong_second_one_does_nothing() {
    let mut stage = Stage::new(100, 30);
    stage.type_text("text").press("ctrl+x");
    stage.effects();
    stage.press("z");
    assert!(stage.screen().contains("❯ text▏"), "the key was swallowed with the chord:\n{}", stage.screen());
    stage.press("q");
    assert!(stage.screen().contains("❯ textq▏"));
    stage.effects();
    stage.press("ctrl+x ctrl+e");
    assert_eq!(stage.effects(), [Effect::OpenEditor(PaneId::default(), "textq".into())]);
    // what comes in between ends the chord
    stage.press("ctrl+x").paste("!").press("ctrl+e");
    assert_eq!(stage.effects().iter().filter(|e| matches!(e, Effect::OpenEditor(..))).count(), 0);
}

#[test]
fn what_is_chosen_in_the_palette_happens_in_the_chat() {
    let mut stage = Stage::new(100, 30);
    stage.type_text("kept").press("ctrl+p").type_text("theme").press("enter");
    let screen = stage.screen();
    assert!(screen.contains("❯ /theme"), "{screen}");
    stage.press("esc").message(Message::News(News::EditorClosed(PaneId::default(), Some("from outside\n".into()))));
    assert!(stage.screen().contains("❯ from outside▏"), "{}", stage.screen());
}

#[test]
fn an_editor_that_closes_over_another_screen_fills_the_composer_below() {
    let mut stage = Stage::new(100, 30);
    stage.press("f1").message(Message::News(News::EditorClosed(PaneId::default(), Some("written".into()))));
    stage.press("esc");
    assert!(stage.screen().contains("❯ written▏"));
}

#[test]
fn what_is_told_shows_at_once_and_stays_in_the_conversation() {
    let told = || Message::News(News::Told("the tokens are elsewhere".into()));
    let mut picking = Stage::new(100, 30);
    picking.talk("a question", "an answer").press("f2");
    let mut signing_in = Stage::of("xai-oauth", 100, 40);
    signing_in.sign_in(None);
    for mut stage in [picking, signing_in] {
        stage.message(told());
        assert!(stage.screen().contains("the tokens are elsewhere"), "{}", stage.screen());
        stage.press("esc");
        assert_eq!(stage.screen().matches("the tokens are elsewhere").count(), 1, "{}", stage.screen());
    }
    let mut stage = Stage::new(100, 30);
    stage.talk("a question", "an answer").message(told());
    assert_eq!(stage.screen().matches("the tokens are elsewhere").count(), 1, "{}", stage.screen());
}

#[test]
fn the_picture_moves_by_itself_only_while_something_does() {
    let mut stage = Stage::new(100, 30);
    assert_eq!(stage.state.next_tick(), None);
    stage.message(Message::News(News::Done("It is done".into())));
    assert_eq!(stage.state.next_tick(), Some(FLASH));
    stage.wait(FLASH - 1);
    assert_eq!(stage.state.next_tick(), Some(1));
    stage.wait(1).message(Message::Tick);
    assert_eq!((stage.state.next_tick(), stage.state.facts.flash.is_none()), (None, true));
    stage.type_text("one").press("enter");
    assert!(stage.state.next_tick().is_some_and(|ms| ms <= 250), "a spinner turns");
    stage.text("words");
    stage.wait(100);
    stage.text("words");
    assert_eq!(stage.state.next_tick(), Some(250), "words that come are news themselves");
    stage.wait(250);
    assert!(stage.state.next_tick().is_some_and(|ms| ms <= 250), "the sign turns");
    assert!(stage.wait(3_000).screen().contains("nothing new for 3 s"), "silence is told");
    stage.finish(Default::default());
    stage.wait(FLASH * 2).message(Message::Tick);
    assert_eq!(stage.state.next_tick(), None);
}

#[test]
fn a_countdown_moves_until_the_attempt_has_ended() {
    let mut stage = Stage::of("xai-oauth", 100, 40);
    stage.sign_in(None);
    assert!(stage.state.next_tick().is_some_and(|ms| ms <= 1_000));
    stage.login(LoginNews::Failed(Trouble::new("usage", "It failed")));
    stage.wait(FLASH * 2).message(Message::Tick);
    assert_eq!(stage.state.next_tick(), None);
}

#[test]
fn a_word_about_the_last_step_is_gone_with_the_next() {
    let mut stage = Stage::new(100, 30);
    stage.message(Message::News(News::Done("It is done".into())));
    assert!(stage.screen().contains("It is done"));
    stage.press("x");
    assert!(!stage.screen().contains("It is done"));
}

#[test]
fn a_window_that_is_too_small_says_so_and_loses_nothing() {
    let mut stage = Stage::new(100, 30);
    stage.type_text("a thought");
    let before = stage.screen();
    for (columns, rows) in [(SMALLEST.0 - 1, 30), (100, SMALLEST.1 - 1), (1, 1), (7, 3)] {
        stage.resize(columns, rows);
        let words: String = stage.screen().split_whitespace().collect();
        assert!("hermesneeds60×16cells,thiswindowhas".starts_with(&words.chars().take(12).collect::<String>()), "{words}");
        assert_eq!(stage.buffer().1, None, "there is no caret");
    }
    stage.type_text("s");
    stage.resize(100, 30);
    assert!(before.contains("❯ a thought▏") && stage.screen().contains("❯ a thoughts▏"), "what is typed counts, seen or not");
}

#[test]
fn a_typed_letter_is_drawn_alone_and_whatever_shows_elsewhere_is_not() {
    let letter = |stage: &mut Stage, c: char| {
        let code = hermes::flow::input::Code::Char(c);
        stage.message_checked(Message::Input(Input::Key(hermes::flow::input::Key::plain(code))));
        stage.typed
    };
    let mut stage = Stage::new(80, 24);
    let area = letter(&mut stage, 'a').unwrap();
    assert_eq!(letter(&mut stage, 'b'), Some(area));
    stage.message_checked(Message::Input(Input::Key("backspace".parse().unwrap())));
    assert_eq!(stage.typed, Some(area));
    for caret in ["left", "right", "home", "end", "ctrl+left"] {
        stage.message_checked(Message::Input(Input::Key(caret.parse().unwrap())));
        assert_eq!(stage.typed, Some(area), "{caret}");
    }
    stage.press("end");
    // another row for the text, and a row less
    stage.type_text(&"x".repeat(usize::from(area.width) - 5));
    let rows: Vec<_> = (0..5).map(|_| letter(&mut stage, 'y')).collect();
    assert_eq!(rows.iter().filter(|typed| typed.is_none()).count(), 1, "{rows:?}");
    assert_eq!(letter(&mut stage, 'z').unwrap().height, 2);
    // what a slash offers stands above it
    stage.press("ctrl+u ctrl+u");
    assert_eq!(letter(&mut stage, '/'), None);
    assert_eq!(letter(&mut stage, 'm'), None);
    stage.press("backspace backspace");
    assert!(letter(&mut stage, 'a').is_some());
    // a short word that goes with the next key, a chord, a popup, a search
    stage.press("ctrl+c ctrl+c");
    assert_eq!(letter(&mut stage, 'a'), None);
    assert!(letter(&mut stage, 'a').is_some());
    for over in ["ctrl+x", "ctrl+p", "ctrl+f"] {
        stage.press(over);
        assert_eq!(letter(&mut stage, 'k'), None, "{over}");
        stage.press("esc esc");
    }
    // in one of two panes
    stage.resize(140, 40).press("ctrl+x v");
    let there = letter(&mut stage, 'a').unwrap();
    assert!(there.x > 70 && there.width < 70, "{there}");
    stage.resize(40, 10);
    assert_eq!(letter(&mut stage, 'a'), None, "the window is too small");
}

#[test]
fn a_part_of_an_answer_is_quoted_behind_what_is_typed_or_saved() {
    let mut stage = Stage::new(80, 24);
    stage.talk("How?", "Like so:\n\n```rust\nfn x() {}\nfn y() {}\n```\n");
    stage.type_text("see").press("ctrl+y ctrl+y q");
    assert_eq!(stage.state.facts.front().draft.expanded(), "see\n\n> fn x() {}\n> fn y() {}\n\n", "{}", stage.screen());
    stage.press("ctrl+y ctrl+y s");
    let saved = stage.effects().into_iter().find_map(|effect| match effect {
        Effect::Export { path, text, .. } => Some((path, text)),
        _ => None,
    });
    assert_eq!(saved, Some(("answer-2.rs".into(), "fn x() {}\nfn y() {}\n".into())));
}

#[test]
fn half_an_answer_is_not_told_as_a_whole_one() {
    let mut stage = Stage::new(80, 24);
    stage.type_text("How?").press("enter").wait(100).text("one\ntwo\n").press("ctrl+y");
    let told = stage.effects().into_iter().find_map(|effect| if let Effect::Copy { what, .. } = effect { Some(what) } else { None });
    assert_eq!(told.as_deref(), Some("what has come so far (2 lines)"));
}

#[test]
fn esc_twice_takes_the_last_question_back() {
    let mut stage = Stage::new(80, 24);
    stage.press("esc esc");
    assert!(stage.state.facts.front().draft.is_empty(), "there is none");
    stage.talk("How?", "Like so.").press("esc");
    assert!(stage.screen().contains("Esc again"), "{}", stage.screen());
    stage.press("esc");
    assert_eq!(stage.state.facts.front().draft.expanded(), "How?");
    assert!(stage.state.facts.front().conversation.entries.is_empty());
    // and what is being typed is nothing to lose
    stage.press("esc esc");
    assert_eq!(stage.state.facts.front().draft.expanded(), "How?");
}
