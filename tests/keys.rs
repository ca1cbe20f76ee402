//! Any keys at any size: nothing panics, and the caret stays on the screen. The seed is fixed; `HERMES_KEYS=1000000` presses a
//! million keys instead of the shorter run.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::{
    commands::REGISTRY,
    domain::{
        account::Method,
        catalog::{Model, ModelList, Source, Standing},
        conversation::{Body, Call, Ending, EntryId, Outcome, Usage},
        login::LoginNews,
        pane::{Draft, PaneId},
        tool::{Request, Rule, Shown},
        trouble::Trouble,
        turn::{Part, TurnId},
    },
    flow::{
        input::{Code, Input, Key, Modifiers, Mouse, MouseKind},
        keymap::KEYS,
        message::Message,
        news::News,
    },
};
use support::stage::Stage;

const HOSTILE: &str = "a\x1b[2J\u{9b}1m \u{202e}abc\u{2066} Z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309} 日本語 👩‍👩‍👧‍👦🇩🇪❤️ \u{200b}\u{feff}\r\n| a | b |\n|--|--:|\n| 日 | \x07 |\n\n```rust\nfn x() { \x1b }\n";

/// What is pressed at once: a key, or a whole line.
fn inputs(random: &mut fastrand::Rng) -> Vec<Input> {
    let codes = [
        Code::Enter,
        Code::Esc,
        Code::Tab,
        Code::Backspace,
        Code::Delete,
        Code::Insert,
        Code::Up,
        Code::Down,
        Code::Left,
        Code::Right,
        Code::Home,
        Code::End,
        Code::PageUp,
        Code::PageDown,
    ];
    // every function key as well
    let mut codes = codes.to_vec();
    codes.extend((1..=24).map(Code::F));
    let letters: Vec<char> = "abcxyzCHP /\\?日é👩\u{301}\u{200d}🇩\u{f0000}\u{1b}".chars().collect();
    // whatever has a name, wherever it is pressed
    if random.u8(0..10) == 0 {
        let bound = &KEYS[random.usize(0..KEYS.len())];
        let chord = bound.on[random.usize(0..bound.on.len())];
        return chord.prefix.into_iter().chain([chord.key]).map(Input::Key).collect();
    }
    // a command as somebody types it, with some word behind it
    if random.u8(0..100) == 0 {
        let command = REGISTRY[random.usize(0..REGISTRY.len())].name;
        let line = format!("/{command} {}", ["", "dark", "high", "xai", "/tmp", "below", "a b c", HOSTILE][random.usize(0..8)]);
        let typed = line.chars().take_while(|c| *c != '\r').map(|c| Input::Key(Key::plain(Code::Char(c))));
        return typed.chain([Input::Key(Key::plain(Code::Enter))]).collect();
    }
    vec![match random.u8(0..100) {
        0..45 => Input::Key(Key::plain(Code::Char(letters[random.usize(0..letters.len())]))),
        45..75 => Input::Key(Key {
            code: codes[random.usize(0..codes.len())],
            modifiers: [(Modifiers::CONTROL, 4), (Modifiers::ALT, 8), (Modifiers::SHIFT, 8)]
                .into_iter()
                .filter(|(_, often)| random.u8(0..*often) == 0)
                .map(|(modifier, _)| modifier)
                .collect(),
        }),
        75..95 => {
            let alt = if random.u8(0..9) == 0 { Modifiers::ALT } else { Modifiers::NONE };
            Input::Key(Key { code: Code::Char(char::from(random.u8(b' '..0x7f))), modifiers: Modifiers::CONTROL | alt })
        }
        95 => Input::Paste(HOSTILE.repeat(random.usize(0..12))),
        96 => Input::Mouse(Mouse {
            kind: [MouseKind::WheelUp, MouseKind::WheelDown][random.usize(0..2)],
            column: random.u16(0..300),
            row: random.u16(0..100),
        }),
        _ => Input::Resize { columns: random.u16(1..=300), rows: random.u16(1..=100) },
    }]
}

fn news(stage: &Stage, random: &mut fastrand::Rng) -> News {
    // of a turn that runs, or of one that may be over
    let running: Vec<TurnId> = stage.state.facts.panes.iter().filter_map(|pane| pane.turn.id()).collect();
    let turn = running.get(random.usize(0..5)).copied().unwrap_or(stage.state.facts.ids.turn);
    let skipped = random.usize(0..40);
    let text = || HOSTILE.chars().skip(skipped).collect::<String>();
    match random.u8(0..20) {
        15..19 => tool_news(stage, turn, text(), random),
        0..4 => News::PartsArrived { turn, parts: vec![Part::Text(text())] },
        4 => News::PartsArrived { turn, parts: vec![Part::Thought(text()), Part::ThoughtDone { item: Some("x".into()), summary: text() }] },
        5 => News::PartsArrived { turn, parts: vec![Part::TextDone { commentary: false, item: None, text: text() }] },
        6 => News::TurnRetrying { turn, wait: random.u64(0..9_000), reason: text() },
        7 => News::TurnFailed { turn, trouble: Trouble::new("stream_cut", text()).help(text()).raw(text()) },
        8 => News::EditorClosed(PaneId::default(), Some(text())),
        9 => News::ModelsListed(ModelList {
            provider: ["xai", "sandbox", "xai-oauth"][random.usize(0..3)],
            models: (0..random.usize(0..40))
                .map(|n| Model { id: format!("{n}{}", text()), sees: n % 2 == 0, ..Model::default() })
                .collect(),
            source: Source::Live,
            fetched_at: Some(1_700_000_000),
        }),
        10 => News::ProvidersSeen(vec![("xai", Standing::SignedIn(text())), ("ollama", Standing::NotRunning)]),
        11 => News::Failed(None, Trouble::new("usage", text()).help(text())),
        12 => News::Login { login: stage.state.facts.ids.login, news: login_news(text(), random) },
        13 => News::DraftFound(PaneId(random.u32(0..6)), Draft::new(text())),
        _ => News::RoundFinished { turn, ending: Ending::Complete, usage: Usage::default() },
    }
}

/// News of tools: of calls that there are, and of some that there are not.
fn tool_news(stage: &Stage, turn: TurnId, text: String, random: &mut fastrand::Rng) -> News {
    let entries = &stage.state.facts.front().conversation.entries;
    let calls: Vec<EntryId> = entries.iter().filter(|e| matches!(e.body, Body::Used(_) | Body::Ran(_))).map(|e| e.id).collect();
    let entry = calls.get(random.usize(0..calls.len() + 1)).copied().unwrap_or(EntryId(random.u64(0..50)));
    let shown = [None, Some(Shown::Text(text.as_str().into())), Some(Shown::Diff(format!("--- a\n+++ b\n+{text}").into()))];
    let shown = shown[random.usize(0..3)].clone();
    let outcome = Outcome {
        ok: random.bool(),
        happened: true,
        output: text.as_str().into(),
        shown,
        note: text.clone(),
        picture: None,
        sights: vec![],
        tenths: 3,
    };
    let (pane, arguments) = (
        PaneId(random.u32(0..4)),
        [
            r#"{"command":"ls"}"#,
            r#"{"question":"a\u001b b?","choices":["x","y"]}"#,
            r#"{"todos":[{"id":1,"content":"日本","status":"pending"}]}"#,
            "{",
            "",
        ],
    );
    let name = ["terminal", "clarify", "todo", "read_file", "nothing"][random.usize(0..5)];
    match random.u8(0..9) {
        0..3 => {
            let call = Call { id: String::new(), name: name.into(), arguments: arguments[random.usize(0..5)].into() };
            News::PartsArrived { turn, parts: vec![Part::Call { call, item: None }] }
        }
        3..5 => {
            let what = if random.bool() { Shown::Text(text.as_str().into()) } else { Shown::Diff(text.repeat(9).into()) };
            let request = Request {
                title: text.clone(),
                what,
                place: text.clone(),
                dangers: vec![text.clone()],
                rule: Rule::Command(text),
                stamp: 1,
            };
            News::ToolAsks { turn, entry, request: Box::new(request) }
        }
        5 => News::ToolTold { turn, entry, text },
        6 => News::LineTold { pane, entry, text },
        7 => News::LineEnded { pane, entry, outcome },
        _ => News::ToolReturned { turn, entry, outcome },
    }
}

fn login_news(text: String, random: &mut fastrand::Rng) -> LoginNews {
    match random.u8(0..4) {
        0 => LoginNews::PasteRefused(Trouble::new("usage", text)),
        1 => LoginNews::WayEnded(Method::Browser, Trouble::new("usage", text.clone()).help(text)),
        2 => LoginNews::BrowserOpened(random.bool()),
        _ => LoginNews::Failed(Trouble::new("usage", text.clone()).help(text)),
    }
}

// two runs beside each other: they take the time of one
#[test]
fn any_keys_at_any_size_are_survived() {
    press(20_261_124);
}

#[test]
fn any_other_keys_at_any_size_are_survived() {
    press(20_261_128);
}

fn press(seed: u64) {
    #[expect(clippy::disallowed_methods, reason = "the length of the run is chosen from outside")]
    let count: u32 = std::env::var("HERMES_KEYS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stage = Stage::new(80, 24);
    stage.with_tools().state.facts.tools.reads_context = false;
    let mut typed = 0;
    for n in 0..count {
        let messages = match random.u8(0..12) {
            0 => vec![Message::News(news(&stage, &mut random))],
            _ => inputs(&mut random).into_iter().map(Message::Input).collect(),
        };
        stage.state.facts.clock.now += random.u64(0..700);
        for message in messages {
            if n % 3 == 1 {
                stage.message_checked(message);
                typed += u32::from(stage.typed.is_some());
            } else {
                stage.message(message);
            }
        }
        stage.state.facts.quitting = false;
        // a conversation that only grows would make the run quadratic
        if n % 1_500 == 0 {
            stage.press("esc esc").type_text("/new").press("enter");
        }
        // the screen of a sign-in, with an address and a code on it
        if n % 1_500 == 700 {
            stage.press("esc esc esc esc esc ctrl+u").sign_in(Some("ssh -N -L 56121:127.0.0.1:56121 sam@box"));
        }
        if n % 3 == 0 {
            let (columns, rows) = stage.state.size;
            let (_, caret) = stage.buffer();
            if let Some(caret) = caret {
                assert!(caret.x < columns && caret.y < rows, "the caret is at {caret} of {columns}×{rows} after {n} keys");
            }
        }
        stage.effects();
    }
    assert!(typed > count / 100, "{typed} keys of {count} were drawn alone");
}
