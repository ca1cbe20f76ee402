//! Who gets a message: screens over the chat, chords, words from one screen to another, and when the picture moves by itself.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::{
    app::state::SMALLEST,
    domain::{facts::FLASH, login::LoginNews, pane::PaneId, trouble::Trouble},
    flow::{effect::Effect, message::Message, news::News},
};
use support::stage::Stage;

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
    let quiet = stage.state.next_tick().unwrap();
    assert!(quiet > 250, "words that come are news themselves: {quiet}");
    stage.wait(quiet);
    assert!(stage.state.next_tick().is_some_and(|ms| ms <= 250), "silence is told");
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
