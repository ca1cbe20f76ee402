//! Panes: each with its own model, stream, draft and reading place; asked alone or together; in windows of any size.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::{
    domain::{conversation::Usage, pane::PaneId},
    flow::{effect::Effect, message::Message, news::News},
    sandbox::parse_faults,
};
use serde_json::json;
use std::time::Duration;
use support::{
    Start, Terminal,
    account::{edit, in_place_of_xai, refreshes, signed_in_behind, token},
    stage::Stage,
};

/// Text of so many short paragraphs, each of which says its number.
fn paragraphs(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("This is paragraph {n} of a long answer.\n\n")).collect()
}

/// Four panes, two beside two, each with an answer that still comes; the focus is in the last one.
fn four_streams(columns: u16, rows: u16) -> Stage {
    let mut stage = Stage::new(columns, rows);
    stage.press("ctrl+x v ctrl+x s ctrl+x left ctrl+x s");
    for turn in 1..=4 {
        stage.press("ctrl+x w").type_text(&format!("question {turn}")).press("enter").text_of(turn, &paragraphs(0, 60));
    }
    stage
}

/// What stands in the part of the window that begins at this cell.
fn part(screen: &str, column: usize, rows: std::ops::Range<usize>) -> Vec<String> {
    let line = |line: &str| line.chars().skip(column).take(70).collect::<String>();
    screen.lines().skip(rows.start).take(rows.len()).map(line).collect()
}

#[test]
fn words_go_to_the_pane_that_asked_and_keys_to_the_one_that_has_the_focus() {
    let mut stage = Stage::new(120, 30);
    stage.type_text("first").press("enter").press("ctrl+x v").type_text("second").press("enter");
    stage.text_of(1, "an answer to the first").text_of(2, "an answer to the second").type_text("typed");
    let screen = stage.screen();
    let (left, right) = (part(&screen, 0, 0..30).join("\n"), part(&screen, 61, 0..30).join("\n"));
    let left: String = left.lines().map(|line| line.chars().take(60).collect::<String>() + "\n").collect();
    assert!(left.contains("answer to the first") && !left.contains("second"), "{screen}");
    assert!(right.contains("answer to the second") && right.contains("❯ typed▏"), "{screen}");
    stage.press("ctrl+x left").type_text("other");
    let screen = stage.screen();
    assert!(screen.contains("❯ other▏") && screen.contains("❯ typed"), "each keeps its draft:\n{screen}");
    stage.press("esc");
    let running: Vec<bool> = stage.state.facts.panes.iter().map(|pane| pane.turn.is_running()).collect();
    assert_eq!(running, [false, true], "Esc stops the one that has the focus");
}

#[test]
fn the_focus_is_plain_without_colour_at_every_size() {
    let mut stage = four_streams(300, 100);
    for (columns, rows) in [(300, 100), (140, 40), (100, 60), (80, 24), (60, 16)] {
        stage.resize(columns, rows);
        for _ in 0..4 {
            stage.press("ctrl+x w");
            let front = stage.state.facts.panes.front_id();
            let (screen, (_, caret)) = (stage.screen(), stage.buffer());
            let heavy = screen.lines().filter(|line| line.contains('━')).count();
            let tabs = screen.lines().next().unwrap().matches('▸').count();
            assert_eq!(heavy + tabs, 1, "{columns}×{rows}, pane {front:?}:\n{screen}");
            assert!(caret.is_some(), "{columns}×{rows}:\n{screen}");
        }
    }
}

#[test]
fn nothing_is_lost_and_nothing_jumps_while_windows_change_and_four_answers_come() {
    let mut stage = four_streams(300, 100);
    // the one on the upper left is read, the others are followed
    stage.press("ctrl+x left ctrl+x up").press("pageup").press("pageup");
    let read = |stage: &mut Stage| part(&stage.screen(), 0, 1..40);
    let before = read(&mut stage);
    assert!(before.iter().any(|line| line.contains("This is paragraph")), "{before:#?}");
    for (n, size) in [(200, 60), (140, 40), (100, 60), (80, 24), (60, 16), (80, 24), (140, 40), (300, 100)].into_iter().enumerate() {
        stage.resize(size.0, size.1);
        for turn in 1..=4 {
            stage.text_of(turn, &paragraphs(60 + n, 1));
        }
        assert_eq!(stage.state.facts.panes.count(), 4);
        stage.screen();
    }
    assert_eq!(read(&mut stage), before, "the reading place has moved");
    for turn in 1..=4 {
        stage.finish_of(turn, Usage { output_tokens: 7, ..Usage::default() });
    }
    assert_eq!(read(&mut stage), before, "the reading place has moved");
    let screen = stage.screen();
    assert_eq!(screen.matches("paragraph 67").count(), 3, "whoever follows sees the end:\n{screen}");
    for pane in stage.state.facts.panes.iter() {
        let text = &pane.conversation.last_answer().unwrap().text;
        assert!((0..68).all(|n| text.contains(&format!("paragraph {n} "))), "a word is lost");
    }
}

#[test]
fn an_answer_beside_others_is_followed_in_steps_that_only_go_on() {
    let mut stage = Stage::new(140, 40);
    stage.press("ctrl+x v").type_text("question").press("enter");
    let top = |stage: &mut Stage| {
        let lines = part(&stage.screen(), 71, 1..36);
        lines.iter().find_map(|line| line.split("paragraph ").nth(1)?.split(' ').next()?.parse::<usize>().ok())
    };
    let mut tops = vec![];
    for n in 0..100 {
        stage.text_of(1, &paragraphs(n, 1));
        tops.extend(top(&mut stage));
        let screen = stage.screen();
        assert!(screen.contains(&format!("paragraph {n} ")), "the end is in sight:\n{screen}");
    }
    assert!(tops.is_sorted(), "{tops:?}");
    tops.dedup();
    assert!((5..30).contains(&tops.len()), "{} steps for 200 rows", tops.len());
}

#[test]
fn the_wheel_turns_what_is_under_the_pointer() {
    let mut stage = four_streams(140, 40);
    let wheel = hermes::flow::input::Mouse { kind: hermes::flow::input::MouseKind::WheelUp, column: 3, row: 3 };
    let before = stage.screen();
    stage.message(Message::Input(hermes::flow::input::Input::Mouse(wheel)));
    let after = stage.screen();
    assert_ne!(part(&before, 0, 1..18), part(&after, 0, 1..18));
    assert_eq!(part(&before, 72, 1..39), part(&after, 72, 1..39));
}

#[test]
fn an_answer_that_comes_is_not_closed_without_a_question() {
    let mut stage = four_streams(140, 40);
    stage.press("ctrl+x q");
    assert!(stage.screen().contains("Close this pane?"));
    stage.press("n");
    assert_eq!(stage.state.facts.panes.count(), 4);
    stage.effects();
    stage.press("ctrl+x q y");
    assert_eq!(stage.state.facts.panes.count(), 3);
    assert!(stage.effects().iter().any(|effect| matches!(effect, Effect::StopTurn(_))));
    stage.press("ctrl+x k");
    assert!(stage.screen().contains("Keep only this pane?"));
    stage.press("y");
    assert_eq!(stage.state.facts.panes.count(), 1);
    assert!(!stage.screen().contains('━'), "{}", stage.screen());
}

#[test]
fn a_draft_that_was_left_goes_to_a_new_pane_or_into_the_history() {
    let mut stage = Stage::new(140, 40);
    stage.press("ctrl+x v");
    assert!(stage.effects().contains(&Effect::FindDraft(PaneId(1))));
    stage.message(Message::News(News::DraftFound(PaneId(1), hermes::domain::pane::Draft::new("left behind"))));
    assert!(stage.screen().contains("❯ left behind▏"));
    stage.message(Message::News(News::DraftFound(PaneId(1), hermes::domain::pane::Draft::new("another"))));
    assert!(stage.screen().contains("❯ left behind▏"), "what is there stays");
    assert_eq!(stage.state.facts.history, ["another"]);
    // and it is found for the pane that looked, wherever the focus is by then
    stage.press("ctrl+x left").type_text("typed here").press("ctrl+x v ctrl+x left").effects();
    stage.message(Message::News(News::DraftFound(PaneId(2), hermes::domain::pane::Draft::new("for the third"))));
    let panes = &stage.state.facts.panes;
    assert_eq!((panes.at(PaneId(0)).draft.text.as_str(), panes.at(PaneId(2)).draft.text.as_str()), ("typed here", "for the third"));
    assert!(matches!(&stage.effects()[..], [Effect::SaveDraft(PaneId(2), draft)] if draft.text == "for the third"));
}

#[test]
fn a_command_from_the_palette_is_typed_on_in_the_composer_whatever_was_searched() {
    let mut stage = Stage::new(100, 30);
    stage.talk("a question", "an answer").press("ctrl+f").type_text("ans");
    stage.press("ctrl+p").type_text("/export").press("enter").type_text("notes.md");
    assert!(stage.screen().contains("❯ /export notes.md▏"), "{}", stage.screen());
}

#[test]
fn a_stranger_finds_panes_in_the_palette() {
    let mut stage = Stage::new(140, 40);
    stage.press("ctrl+p").type_text("split").press("down enter");
    assert_eq!(stage.state.facts.panes.count(), 2, "{}", stage.screen());
    for (words, named) in [("compare", "/compare"), ("pane", "Ask all panes"), ("close", "Close pane")] {
        stage.press("ctrl+p").type_text(words);
        assert!(stage.screen().contains(named), "{words}:\n{}", stage.screen());
        stage.press("esc");
    }
    // the first key of a chord says what can follow
    stage.press("ctrl+x");
    assert!(stage.screen().contains("Ctrl+X …   v beside   s below   w next   b ask all   k keep   q close"), "{}", stage.screen());
}

fn open(start: Start) -> Terminal {
    let terminal = Terminal::start(start);
    terminal.see("Ask anything");
    terminal
}

#[test]
fn two_models_are_compared_and_one_is_kept() {
    let mut terminal = open(Start { size: (130, 40), ..Start::default() });
    terminal.send("/compare grok-4.3 grok-4.20-0309-reasoning\r");
    terminal.see("Ask both");
    terminal.send("stream 40 words\r");
    terminal.wait("the figures of both", |s| s.contents().matches("first word").count() == 2);
    let screen = terminal.text();
    assert!(screen.contains("grok-4.3") && screen.contains("grok-4.20-0309-reasoning"), "{screen}");
    assert_eq!(screen.matches("fin.").count(), 2, "{screen}");
    assert!(!screen.contains('$'), "the simulator costs nothing:\n{screen}");
    terminal.send("\x18w\x18k");
    terminal.wait("one pane", |s| s.contents().contains("Ask anything") && !s.contents().contains('│'));
    terminal.send("say it goes on\r");
    terminal.wait("the answer", |s| s.contents().contains("    it goes on") && s.contents().contains("grok-4.20-0309-reasoning"));
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn two_panes_at_two_providers_renew_fail_retry_and_are_stopped_by_themselves() {
    let ((xai, home), (other, _)) = (signed_in_behind(""), signed_in_behind(""));
    edit(&home, |row| row["access_token"] = token(&json!({ "exp": 1 })).into());
    xai.set_faults(parse_faults("token-slow=700").unwrap());
    other.set_faults(parse_faults("status=503,retry-after=30").unwrap());
    let [issuer, base] = in_place_of_xai(&xai);
    let their = other.base_url();
    let variables = [
        (issuer.0, issuer.1.as_str()),
        (base.0, base.1.as_str()),
        ("CUSTOM_BASE_URL", their.as_str()),
        ("CUSTOM_API_KEY", "their-own-key"),
    ];
    let arguments = ["--provider", "xai-oauth", "--model", "grok-4.3"];
    let mut terminal =
        open(Start { arguments: &arguments, size: (130, 40), home: Some(home.path()), variables: &variables, ..Start::default() });
    terminal.send("/compare grok-4.3 custom:grok-4.3\r");
    terminal.see("Ask both");
    terminal.send("\x18b");
    terminal.see("this pane only");
    // one renews, the other waits for its next attempt and is stopped
    terminal.send("say first\r");
    terminal.see("waiting for grok-4.3");
    terminal.send("\x18wsay second\r");
    terminal.see("trying again in");
    terminal.send("\x1b");
    terminal.see("Stopped before an answer came");
    terminal.see("    first");
    assert_eq!((refreshes(&xai), refreshes(&other)), (1, 0));
    // the other works, the first fails
    other.set_faults(vec![]);
    xai.set_faults(parse_faults("status=400").unwrap());
    terminal.send("say third\r");
    terminal.see("    third");
    terminal.send("\x18wsay fourth\r");
    terminal.see("✗");
    assert!(!terminal.text().contains("    fourth"), "{}", terminal.text());
    terminal.send("\x18wsay fifth\r");
    terminal.see("    fifth");
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn drafts_of_all_panes_survive_a_kill() {
    let home = tempfile::tempdir().unwrap();
    let start = || open(Start { size: (130, 40), home: Some(home.path()), ..Start::default() });
    let mut terminal = start();
    terminal.send("what was typed on the left");
    terminal.send("\x18v");
    terminal.see("│");
    terminal.send("and on the right");
    terminal.see("❯ and on the right");
    let drafts = home.path().join("hermes-tui/drafts");
    support::until("both drafts are on the disk", || {
        let files = std::fs::read_dir(&drafts).into_iter().flatten().flatten();
        let texts: Vec<String> = files.filter_map(|f| std::fs::read_to_string(f.path()).ok()).collect();
        texts.iter().any(|t| t.contains("on the left")) && texts.iter().any(|t| t.contains("on the right\""))
    });
    terminal.signal("KILL");
    terminal.ended();
    let mut terminal = Terminal::start(Start { size: (130, 40), home: Some(home.path()), ..Start::default() });
    terminal.wait("one of them", |s| s.contents().contains("on the left") || s.contents().contains("on the right"));
    terminal.send("\x18v");
    terminal.wait("both", |s| s.contents().contains("on the left") && s.contents().contains("on the right"));
    terminal.quiet(Duration::from_millis(50));
    terminal.send("\x03\x03\x03");
    terminal.ended();
}
