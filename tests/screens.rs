//! The screens as people see them: each scene is compared with its text snapshot, and those that people shall see in the
//! README are drawn to `screenshots/`, from the same stage.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::{
    domain::{
        account::Method,
        attached::{Found, Seen},
        catalog::{Login, Model, ModelList, Provider, Source, Standing},
        conversation::{Body, Outcome},
        facts::Theme,
        health::{Check, Health, Section},
        job::{ImageWish, Job, JobId, Product, SpeechWish, State, VideoWish, Wish},
        login::{LoginNews, SignedIn},
        plan::{Share, Span},
        sight::{Sight, Thumb},
        tool::{Request, Rule, Shown},
        trouble::Trouble,
        turn::Part,
    },
    flow::{effect::Effect, message::Message, news::News},
    oauth::error::Error,
    storage::catalog_cache,
    terminal::painter::{Painter, Picture},
    ui::frame::Frame,
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use support::{picture, stage::Stage};

const ANSWER: &str = "Two loops are enough: the outer one takes the **next** number, the inner one strikes out its multiples.\n\n\
```rust\n/// All primes below `end`, in order.\nfn primes(end: usize) -> Vec<usize> {\n    let mut open = vec![true; end];\n    \
let mut found = vec![];\n    for n in 2..end {\n        if open[n] {\n            found.push(n);\n            \
(n * n..end).step_by(n).for_each(|m| open[m] = false);\n        }\n    }\n    found\n}\n```\n\n\
| Below | Primes | Time |\n|------:|-------:|:-----|\n| 1,000 | 168 | 4 µs |\n| 1,000,000 | 78,498 | 6 ms |\n| 100,000,000 | 5,761,455 | 1.1 s |\n\n\
Beyond that, sieve in *segments* that fit the cache: the memory stays";

fn question(stage: &mut Stage) -> &mut Stage {
    stage.type_text("How do I list the primes up to a hundred million in Rust?").press("enter");
    stage.wait(600).parts(vec![hermes::domain::turn::Part::Thought("A sieve.".into())]).wait(2_900)
}

fn streaming(stage: &mut Stage) {
    question(stage).text(ANSWER).type_text("And twin primes?");
}

const RICH: &str = "A sieve[^1] takes $O(n \\log \\log n)$ steps[^wheel], for the sum is\n\n\\[\n\\sum_{p \\leq n} \\frac{n}{p}\n\\]\n\n\
$$\\pi(x) \\approx \\frac{x}{\\ln x}$$\n\n[^1]: *Eratosthenes*, see [the article](https://en.example.org/wiki/Sieve) and https://oeis.example/A000040\n\n\
| What | Where |\n|---|---|\n| primes<br>twins | [list](https://good.example@evil.example/list), for $5 and $6 |\n\n\
Start it with `primes --no-browser`, or mail [us](mailto:me@a.example).\n\n[^wheel]: with a wheel";

fn rich(stage: &mut Stage) {
    stage.type_text("How fast is a sieve?").press("enter").wait(600).text(RICH).wait(900).finish(figures(312, 0));
}

fn light(stage: &mut Stage) {
    stage.state.facts.look.theme = Theme::Light;
    question(stage).text(ANSWER).text(" small, whatever the limit.").finish(hermes::domain::conversation::Usage {
        output_tokens: 312,
        context_tokens: Some(4_312),
        cost_ticks: 42_000_000,
        ..Default::default()
    });
}

fn reading(stage: &mut Stage) {
    for n in 1..4 {
        stage.talk(&format!("Question {n}"), ANSWER);
    }
    stage.type_text("more").press("enter").text("One line.").press("pageup").text("\n\nAnother line.").type_text("next");
}

/// How the providers of somebody stand who signed in once and runs Ollama.
fn seen(stage: &mut Stage, signed_in: bool) {
    let of = |provider: &&'static Provider| {
        let standing = match (provider.id, &provider.login) {
            ("xai-oauth", _) if signed_in => Standing::SignedIn("sam@example.com".into()),
            ("xai", _) if signed_in => Standing::KeyFound,
            ("ollama", _) => Standing::Running,
            ("lmstudio", _) => Standing::NotRunning,
            ("custom", _) => Standing::NeedsAddress,
            ("sandbox", _) => Standing::Ready,
            (_, Login::OAuth) => Standing::NeedsSignIn,
            _ => Standing::NeedsKey,
        };
        (provider.id, standing)
    };
    let standings = hermes::providers::REGISTRY.iter().map(of).collect();
    stage.message(Message::News(News::ProvidersSeen(standings)));
}

/// Nobody is signed in, and nothing stands in for xAI.
fn picker_less(stage: &mut Stage) {
    seen(stage, false);
    stage.state.facts.panes.front_mut().choice.provider = hermes::providers::XAI_OAUTH;
}

/// Files that go with a question, one that can't, and a word that is being completed.
fn attaching(stage: &mut Stage) {
    let pane = stage.state.facts.panes.front_id();
    stage.type_text("Why does @shot.png look wrong? See @src/cart.rs and @core, and @src/p");
    let seen = |path: &str, what: Result<&str, &str>| Seen { path: path.into(), what: what.map(Into::into).map_err(Into::into) };
    let all =
        [seen("shot.png", Ok("picture, 212 kB")), seen("src/cart.rs", Ok("4 kB")), seen("core,", Err("it is neither text nor a picture"))];
    let paths = stage.state.facts.panes.front().draft.mentions();
    stage.message(Message::News(News::FilesSeen { pane, paths, seen: all.to_vec() }));
    let paths = ["src/price.rs", "src/pages/", "src/pages/pay.rs"].map(String::from).to_vec();
    stage.message(Message::News(News::FilesFound(pane, Found { typed: "src/p".into(), paths })));
}

fn doctor(stage: &mut Stage) {
    stage.type_text("/doctor").press("enter");
    let files = vec![
        Check::new("home", Health::Ok, "~/.hermes"),
        Check::new("config.yaml", Health::Warn, "it holds a key, and other users can read it").help("`chmod 600 ~/.hermes/config.yaml`"),
        Check::new("log", Health::Info, "~/.hermes/hermes-tui/logs/hermes.log is made when something has to be noted"),
    ];
    let tools = vec![Check::new("guard", Health::Ok, "commands run in namespaces of their own, without this program's secrets")];
    let sections = vec![Section { title: "Files", checks: files }, Section { title: "Tools", checks: tools }];
    stage.message(Message::News(News::Examined(sections)));
}

fn listed(stage: &mut Stage, source: Source) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.json");
    catalog_cache::write(&path, include_bytes!("support/catalog.json")).unwrap();
    let found = catalog_cache::read(&path, "xai").unwrap().unwrap().models;
    let fetched_at = Some(stage.state.facts.clock.started_at - 120);
    let models = hermes::domain::catalog::merged("xai", found);
    stage.message(Message::News(News::ModelsListed(ModelList { provider: "xai-oauth", models, source, fetched_at })));
}

fn picker(stage: &mut Stage) {
    stage.state.facts.panes.front_mut().choice.provider = hermes::providers::XAI_OAUTH;
    listed(stage, Source::Live);
    seen(stage, true);
    // the last row leads to all providers
    stage.press("f2 up enter");
}

/// Two were chosen lately; one provider more can be asked.
fn switcher(stage: &mut Stage) {
    let xai = hermes::providers::XAI_OAUTH;
    stage.state.facts.panes.front_mut().choice.provider = xai;
    listed(stage, Source::Live);
    seen(stage, true);
    let ollama = hermes::providers::named("ollama").unwrap();
    let local = |id: &str, sees| Model { id: id.into(), context: 40_960, tools: true, thinks: true, sees, ..Model::default() };
    let models = vec![local("qwen3:8b", false), local("llama3.2-vision:11b", true), local("qwen3-coder:30b-a3b-q4_K_M", false)];
    stage.message(Message::News(News::ModelsListed(ModelList { provider: "ollama", models, source: Source::Live, fetched_at: None })));
    stage.talk("Which loop is the inner one?", "The one that **strikes out** multiples.");
    stage.state.facts.catalog.used(ollama, "qwen3:8b");
    stage.state.facts.catalog.used(xai, "grok-4.3");
    stage.press("f2");
}

fn share(stage: &Stage, used: f64) -> Share {
    let products = vec![("GrokChat".to_string(), used - 8.0), ("GrokBuild".to_string(), 8.0)];
    Share { used, span: Span::Week, ends: Some(stage.state.facts.epoch() + 4 * 86_400), products }
}

fn tour(stage: &mut Stage) {
    stage.type_text("/tour").press("enter");
    stage.talk("hello", "A **simulator** answers.");
}

/// A Grok plan of which some is used.
fn usage(stage: &mut Stage) {
    stage.state.facts.panes.front_mut().choice.provider = hermes::providers::XAI_OAUTH;
    stage.talk("Which loop is the inner one?", "The one that **strikes out** multiples.");
    let share = share(stage, 38.0);
    stage.type_text("/usage").press("enter").message(Message::News(News::PlanSeen("xai-oauth", Some(share))));
}

/// Nobody is signed in; one server of this machine answers.
fn welcome(stage: &mut Stage) {
    stage.state.facts.chosen = false;
    listed(stage, Source::Cache);
    let local = |id: &str| Model { id: id.into(), context: 40_960, ..Model::default() };
    let models = vec![local("qwen3:8b"), local("llama3.2:3b"), local("gemma3:4b"), local("gpt-oss:20b")];
    stage.message(Message::News(News::ModelsListed(ModelList { provider: "ollama", models, source: Source::Live, fetched_at: None })));
    stage.open("welcome");
    seen(stage, false);
}

fn first_start(stage: &mut Stage) {
    stage.state.facts.chosen = false;
    listed(stage, Source::Cache);
    stage.press("f2");
    seen(stage, false);
}

fn signed_in(stage: &mut Stage) {
    stage.sign_in(None).wait(30_000).login(LoginNews::SignedIn(SignedIn {
        method: Method::Device,
        label: "sam@example.com".into(),
        stored_in: "~/.hermes/auth.json".into(),
        expires_at: Some(1_795_600_000),
    }));
}

const SHORT: &str = "A link is resolved when the symbol is first **needed**, not when the program starts:\n\n\
```c\nvoid *handle = dlopen(\"libz.so\", RTLD_LAZY);\n```\n\n- quick to start\n- a missing symbol is found late\n";

fn figures(output_tokens: u64, cost_ticks: u64) -> hermes::domain::conversation::Usage {
    hermes::domain::conversation::Usage { output_tokens, context_tokens: Some(2_100), cost_ticks, ..Default::default() }
}

/// Two models were asked the same.
fn comparing(stage: &mut Stage) {
    stage.state.facts.panes.front_mut().choice.provider = hermes::providers::named("xai").unwrap();
    stage.type_text("/compare grok-4.3 grok-4.20-0309-reasoning").press("enter");
    stage.type_text("What is lazy binding?").press("enter");
    stage.wait(400).text_of(1, SHORT).wait(500).text_of(2, SHORT);
    stage.text_of(1, "\nMost programs never notice, and start in half the time.").wait(1_300).finish_of(1, figures(96, 31_000_000));
    stage.text_of(2, "\nSet `LD_BIND_NOW` to have everything resolved at the start.").wait(900).finish_of(2, figures(88, 27_000_000));
}

/// Four conversations, two of which still come.
fn four(stage: &mut Stage) {
    stage.talk("Which crates read a QR code?", "`rqrr` reads them, `qrcode` makes them.").press("ctrl+x v");
    stage.type_text("What is lazy binding?").press("enter").wait(700).text(SHORT).press("ctrl+x s");
    stage.type_text("Explain semaphores in one sentence").press("enter").press("ctrl+x left ctrl+x s");
    stage.type_text("a list of").press("ctrl+x up ctrl+x right").type_text("And `dlsym`?");
}

const DIFF: &str = "--- a/src/cart.rs\n+++ b/src/cart.rs\n@@ -12,7 +12,9 @@ impl Cart {\n     /// What all of it costs, in cents.\n     pub fn total(&self) -> u64 {\n-        self.rows.iter().map(|row| row.price).sum()\n+        let rows = self.rows.iter();\n+        // a row is as many times in the cart as it says\n+        rows.map(|row| row.price * u64::from(row.count)).sum()\n     }\n \n     /// Whether there is nothing to pay for.\n";

fn leave(title: &str, what: Shown, dangers: &[&str], rule: Rule) -> Request {
    let dangers = dangers.iter().map(|danger| danger.to_string()).collect();
    Request { title: title.into(), what, place: "~/shop".into(), dangers, rule, stamp: 1 }
}

fn came(output: &str, note: &str, tenths: u64) -> (Outcome, u64) {
    let shown = Some(Shown::Text(output.into()));
    (Outcome { ok: true, happened: true, output: output.into(), shown, note: note.into(), ..Outcome::default() }, tenths * 100)
}

/// A file is to be changed, and the person is asked.
fn approving(stage: &mut Stage) {
    stage.with_tools().type_text("The total of a cart is wrong when a row counts twice. Mend it.").press("enter").wait(700);
    let read = stage.calls(&[("search_files", r#"{"pattern":"fn total"}"#), ("read_file", r#"{"path":"src/cart.rs"}"#)]);
    for (entry, (outcome, took)) in read.into_iter().zip([came("src/cart.rs:13", "1 found", 1), came("…", "58 lines", 1)]) {
        stage.wait(took).returns(entry, outcome);
    }
    stage.wait(900).text("`total` adds the price of each row once, whatever its count. One line does it.");
    let patch = stage.calls(&[("patch", r#"{"mode":"replace","path":"src/cart.rs","old_string":"a","new_string":"b"}"#)]);
    stage.asks(patch[0], leave("Change src/cart.rs?", Shown::Diff(DIFF.into()), &[], Rule::FilesBelow("/home/sam/shop".into())));
}

/// A command that deletes something.
fn deleting(stage: &mut Stage) {
    stage.with_tools().type_text("Clean up, then build").press("enter").wait(700);
    let run = stage.calls(&[("terminal", r#"{"command":"rm -r build && make"}"#)]);
    let what = Shown::Text("rm -r build && make".into());
    stage.asks(
        run[0],
        leave("Run this command?", what, &["deletes folders with all that is in them"], Rule::Command("rm -r build && make".into())),
    );
    stage.wait(400);
}

/// A turn with several calls, one of them unfolded by nobody, and its answer.
fn calling(stage: &mut Stage) {
    stage.with_tools().type_text("Do the tests pass?").press("enter").wait(700);
    stage.parts(vec![Part::Thought("Look first.".into())]).wait(1_100);
    let looks = stage.calls(&[("read_file", r#"{"path":"Cargo.toml"}"#), ("search_files", r##"{"pattern":"#[test]"}"##)]);
    for (entry, (outcome, took)) in looks.into_iter().zip([came("[package]", "24 lines", 1), came("…", "61 found", 2)]) {
        stage.wait(took).returns(entry, outcome);
    }
    let runs = stage.calls(&[("terminal", r#"{"command":"cargo test --workspace"}"#)]);
    stage.wait(8_400).returns(runs[0], Outcome { ok: false, note: "exit 101".into(), ..came("1 failed", "", 0).0 });
    let again =
        stage.calls(&[("terminal", r#"{"command":"cargo test cart::total -- --nocapture"}"#), ("patch", r#"{"path":"src/cart.rs"}"#)]);
    stage.wait(2_100).returns(again[0], Outcome { ok: false, note: "exit 101".into(), ..came("left: 3", "", 0).0 });
    stage.asks(again[1], leave("Change src/cart.rs?", Shown::Diff(DIFF.into()), &[], Rule::FilesBelow("/home/sam/shop".into())));
    stage.wait(900).press("y").wait(100).returns(again[1], came("", "+3 −1", 0).0);
    stage.wait(1_000).text("60 of 61 pass. The other one was right: **`total` ignored the count of a row.** It is mended.").wait(600);
    stage.finish(figures(212, 0));
    stage.type_text("And now?").press("enter").wait(600);
    stage.calls(&[("terminal", r#"{"command":"cargo test --workspace"}"#)]);
    stage.wait(3_300);
}

/// What the model has set itself to do.
fn planning(stage: &mut Stage) {
    stage.with_tools().type_text("Move the shop to the new payment service").press("enter").wait(700);
    stage.text("Five steps; I begin with what the old one does.");
    let task = |id: u32, content: &str, status: &str| format!(r#"{{"id":"{id}","content":"{content}","status":"{status}"}}"#);
    let tasks = [
        task(1, "List what calls the old service", "completed"),
        task(2, "Write a client for the new one", "in_progress"),
        task(3, "Move checkout over, behind a switch", "pending"),
        task(4, "Move refunds over", "pending"),
        task(5, "Delete the old client", "pending"),
    ];
    stage.calls(&[("todo", &format!(r#"{{"todos":[{}]}}"#, tasks.join(",")))]);
    stage.calls(&[("terminal", r#"{"command":"cargo add reqwest --features json"}"#)]);
    stage.wait(2_000);
}

/// The model wants to know something.
fn clarifying(stage: &mut Stage) {
    stage.with_tools().type_text("Publish it").press("enter").wait(700);
    stage.calls(&[("clarify", r#"{"question":"There are uncommitted changes in 3 files. What shall become of them?","choices":["Commit them first","Leave them out","Stop here"]}"#)]);
    stage.wait(500).press("down");
}

/// A scene: its name, its window, what happens, and whether its picture is for the README.
/// A lighthouse in the evening.
fn thumb(columns: u16, rows: u16) -> Arc<Thumb> {
    let (width, height) = (f32::from(columns), f32::from(rows * 2));
    let pixel = |n: u16| {
        let (x, y) = (f32::from(n % columns) / width, f32::from(n / columns) / height);
        let mix = |from: [f32; 3], to: [f32; 3], share: f32| [0, 1, 2].map(|n| (from[n] + (to[n] - from[n]) * share.clamp(0.0, 1.0)) as u8);
        let sun = ((x - 0.32).powi(2) * 3.2 + (y - 0.5).powi(2)).sqrt();
        match () {
            () if (x - 0.78).abs() < 0.025 + y * 0.02 && (0.3..0.78).contains(&y) => {
                if ((y * 12.0) as u32).is_multiple_of(2) {
                    [214, 72, 60]
                } else {
                    [236, 230, 218]
                }
            }
            () if (x - 0.78).abs() < 0.03 && (0.22..0.3).contains(&y) => [255, 226, 120],
            () if y > 0.72 + (x - 0.8).abs() * 0.5 => [38, 44, 52],
            () if y > 0.62 => mix([196.0, 120.0, 96.0], [24.0, 54.0, 88.0], (y - 0.62) * 3.0 + sun * 0.6),
            () => mix([255.0, 204.0, 120.0], [44.0, 52.0, 110.0], sun * 1.5),
        }
    };
    Arc::new(Thumb::new(7, columns, (0..columns * rows * 2).map(pixel).collect()).unwrap())
}

fn job(n: u32, wish: Wish, state: State) -> Job {
    // from now
    let ended_at = matches!(state, State::Done | State::Failed(_) | State::Unknown).then_some(-75 + 9 * i64::from(n));
    Job { ended_at, state, ..Job::new(JobId(format!("20260101_12000{n}_000000")), wish, "xai-oauth", -75) }
}

fn video(prompt: &str) -> Wish {
    let (prompt, model, shape, resolution) = (prompt.into(), "grok-imagine-video".into(), "16:9".into(), "720p".into());
    Wish::Video(VideoWish { prompt, model, shape, resolution, seconds: 8, first: None, references: vec![] })
}

fn drawn(prompt: &str) -> Job {
    let (model, shape, resolution) = ("grok-imagine-image".into(), "16:9".into(), "1k".into());
    let wish = Wish::Image(ImageWish { prompt: prompt.into(), model, shape, resolution, sources: vec![], count: 1 });
    let path = PathBuf::from("/home/sam/.hermes/cache/images/xai_grok-imagine-image_20260101_120001_5f1c22ab.jpg");
    let sight = Sight { path: path.clone(), about: "1024×576, 180 kB".into(), thumb: thumb(44, 12) };
    let product = Product { files: vec![path], sights: vec![sight], ..Product::default() };
    Job { product, ..job(1, wish, State::Done) }
}

fn stand(stage: &mut Stage, mut job: Job) {
    let now = stage.state.facts.epoch();
    (job.made_at, job.ended_at) = (job.made_at + now, job.ended_at.map(|at| at + now));
    stage.message(Message::News(News::JobStands(Arc::new(job))));
}

/// A list with everything that a job can be.
fn jobs(stage: &mut Stage) {
    stand(stage, drawn("a lighthouse in the evening"));
    let refused = Trouble::new("media_refused", "The service does not make this picture: content violates usage guidelines");
    let wish = drawn("somebody famous").wish;
    stand(stage, job(2, wish, State::Failed(refused.help("say it in another way, then try again"))));
    let said =
        Wish::Speech(SpeechWish { text: "Good morning, dear friends.".into(), voice: "eve".into(), language: "en".into(), wav: false });
    let sound = Product { files: vec!["/home/sam/.hermes/cache/audio/tts_20260101_120003.mp3".into()], ..Product::default() };
    stand(stage, Job { product: sound, ..job(3, said, State::Done) });
    stand(stage, job(4, video("a cat that learns to sail"), State::Unknown));
    stand(stage, job(5, video("waves against a lighthouse, a storm comes up"), State::Making { progress: Some(48) }));
    stand(stage, job(6, video("the same in winter"), State::Waiting));
    stage.press("f5 end");
}

/// Several answers with a word that comes again and again.
fn long_talk(stage: &mut Stage) {
    for n in 1..=4 {
        let lines: Vec<String> =
            (1..=12).map(|line| format!("{line}. {}", if line % 4 == 0 { "a wall of granite" } else { "a field of stones" })).collect();
        stage.talk(&format!("Question {n}"), &lines.join("\n"));
    }
}

/// A plan that does not cover the model.
fn failed(stage: &mut Stage) {
    stage.type_text("Write 200 words about lighthouses").press("enter");
    let turn = stage.state.facts.ids.turn;
    let trouble = Trouble::new(
        "plan_refused",
        "xAI Grok OAuth (SuperGrok Subscription) does not allow this: you do not have an active Grok subscription (no plan, a plan without `grok-4.3`, or its quota is used up)",
    )
    .help("signing in again will not help; see https://grok.com/?_s=usage, or pick another model")
    .raw("HTTP 403\n{\"code\":\"The caller does not have permission to execute the specified operation\",\"error\":\"You do not have an active Grok subscription. Manage subscriptions at https://grok.com/?_s=usage\"}");
    stage.message(Message::News(News::TurnFailed { turn, trouble }));
}

fn unknown_job(stage: &mut Stage) {
    stand(stage, job(4, video("a cat that learns to sail"), State::Unknown));
    stage.press("f5");
}

/// Where it was wished for.
fn made_picture(stage: &mut Stage) {
    let made = drawn("a lighthouse in the evening");
    let id = made.id.clone();
    stand(stage, made);
    stage.message(Message::News(News::JobBegun(stage.state.facts.panes.front_id(), id)));
    let film = job(5, video("waves against a lighthouse, a storm comes up"), State::Making { progress: Some(48) });
    let id = film.id.clone();
    stand(stage, film);
    stage.message(Message::News(News::JobBegun(stage.state.facts.panes.front_id(), id)));
    stage.wait(5_000).type_text("And what shall we say about it?");
}

struct Scene {
    name: &'static str,
    size: (u16, u16),
    play: fn(&mut Stage),
    shown: bool,
}

const SCENES: &[Scene] = &[
    Scene { name: "welcome", size: (80, 24), play: |_| {}, shown: true },
    Scene { name: "streaming", size: (100, 34), play: streaming, shown: true },
    Scene {
        name: "help",
        size: (80, 24),
        play: |stage| {
            stage.press("f1");
        },
        shown: true,
    },
    Scene {
        name: "help_200x60",
        size: (200, 60),
        play: |stage| {
            stage.press("f1");
        },
        shown: false,
    },
    Scene {
        name: "help_filter_80x24",
        size: (80, 24),
        play: |stage| {
            stage.press("f1").type_text("copy");
        },
        shown: false,
    },
    Scene {
        name: "palette",
        size: (80, 24),
        play: |stage| {
            stage.press("ctrl+p").type_text("co");
        },
        shown: true,
    },
    Scene { name: "light", size: (100, 34), play: light, shown: true },
    Scene { name: "usage", size: (80, 24), play: usage, shown: true },
    Scene {
        name: "plan_nearly_spent_80x24",
        size: (80, 24),
        play: |stage| {
            usage(stage);
            let share = share(stage, 96.0);
            stage.message(Message::News(News::PlanSeen("xai-oauth", Some(share))));
            stage.press("esc");
        },
        shown: false,
    },
    Scene { name: "welcome_first", size: (80, 24), play: welcome, shown: true },
    Scene { name: "welcome_first_60x16", size: (60, 16), play: welcome, shown: false },
    Scene { name: "tour", size: (80, 24), play: tour, shown: true },
    Scene { name: "tour_60x16", size: (60, 16), play: tour, shown: false },
    Scene {
        name: "login",
        size: (80, 24),
        play: |stage| {
            stage.sign_in(None).login(LoginNews::BrowserOpened(true)).wait(19_000);
        },
        shown: true,
    },
    Scene {
        name: "login_ssh",
        size: (80, 24),
        play: |stage| {
            stage.sign_in(Some("ssh -N -L 56121:127.0.0.1:56121 sam@build-7")).wait(42_000);
        },
        shown: true,
    },
    Scene {
        name: "login_last_seconds",
        size: (80, 24),
        play: |stage| {
            stage.sign_in(None).wait(167_500);
        },
        shown: true,
    },
    Scene {
        name: "login_timed_out",
        size: (80, 24),
        play: |stage| {
            stage.sign_in(None).wait(180_000);
            stage.login(LoginNews::Failed(Error::CallbackTimeout(Duration::from_secs(180)).into()));
        },
        shown: true,
    },
    Scene {
        name: "login_phone_80x24",
        size: (80, 24),
        play: |stage| {
            stage.sign_in(None).login(LoginNews::BrowserOpened(true)).wait(19_000).press("q");
        },
        shown: false,
    },
    Scene {
        name: "login_window_over_80x24",
        size: (80, 24),
        play: |stage| {
            stage.sign_in(Some("ssh -N -L 56121:127.0.0.1:56121 sam@build-7")).wait(180_000);
            stage.login(LoginNews::WayEnded(Method::Browser, Error::CallbackTimeout(Duration::from_secs(180)).into()));
        },
        shown: false,
    },
    Scene {
        name: "login_200x60",
        size: (200, 60),
        play: |stage| {
            stage.sign_in(Some("ssh -N -L 56121:127.0.0.1:56121 sam@build-7"));
        },
        shown: false,
    },
    Scene { name: "login_signed_in", size: (80, 24), play: signed_in, shown: true },
    Scene {
        name: "finding",
        size: (80, 24),
        play: |stage| {
            long_talk(stage);
            stage.press("pageup pageup ctrl+f").type_text("granite");
        },
        shown: true,
    },
    Scene { name: "failed", size: (80, 24), play: failed, shown: true },
    Scene { name: "failed_60x16", size: (60, 16), play: failed, shown: false },
    Scene {
        name: "failed_unfolded_80x24",
        size: (80, 24),
        play: |stage| {
            failed(stage);
            stage.press("ctrl+o");
        },
        shown: false,
    },
    Scene {
        name: "queued_80x24",
        size: (80, 24),
        play: |stage| {
            stage.type_text("Which loop is the inner one?").press("enter");
            for question in ["And the outer one?", "How long does it take?", "What about memory?", "And on two cores?"] {
                stage.type_text(question).press("enter");
            }
            stage.wait(2_000);
        },
        shown: false,
    },
    Scene {
        name: "long_draft_80x24",
        size: (80, 24),
        play: |stage| {
            let lines: Vec<String> = (1..=14).map(|n| format!("line {n} of a long question")).collect();
            stage.paste(&lines.join("\n"));
        },
        shown: false,
    },
    Scene {
        name: "login_60x16",
        size: (60, 16),
        play: |stage| {
            stage.sign_in(Some("ssh -N -L 56121:127.0.0.1:56121 sam@build-7"));
        },
        shown: false,
    },
    Scene {
        name: "login_120x40",
        size: (120, 40),
        play: |stage| {
            stage.sign_in(None).press("p").type_text("secret-code-123");
        },
        shown: false,
    },
    Scene {
        name: "login_refused_80x24",
        size: (80, 24),
        play: |stage| {
            stage.sign_in(None).wait(30_000);
            stage.login(LoginNews::PasteRefused(Error::StateMismatch.into()));
            stage.login(LoginNews::WayEnded(Method::Device, Error::DeviceDenied.into()));
        },
        shown: false,
    },
    Scene {
        name: "login_address_80x24",
        size: (80, 24),
        play: |stage| {
            stage.sign_in(None).press("v");
        },
        shown: false,
    },
    Scene {
        name: "login_zoomed_80x24",
        size: (80, 24),
        play: |stage| {
            stage.sign_in(None).press("z");
        },
        shown: false,
    },
    Scene { name: "picker", size: (80, 24), play: picker, shown: true },
    Scene {
        name: "picker_wide",
        size: (120, 30),
        play: |stage| {
            picker(stage);
        },
        shown: true,
    },
    Scene {
        name: "picker_filter",
        size: (80, 24),
        play: |stage| {
            picker(stage);
            stage.type_text("non");
        },
        shown: true,
    },
    Scene { name: "switcher", size: (80, 24), play: switcher, shown: true },
    Scene { name: "switcher_60x16", size: (60, 16), play: switcher, shown: false },
    Scene {
        name: "switcher_filter",
        size: (80, 24),
        play: |stage| {
            switcher(stage);
            stage.type_text("qwen");
        },
        shown: false,
    },
    Scene {
        name: "switcher_mono_120x40",
        size: (120, 40),
        play: |stage| {
            stage.state.facts.look.theme = Theme::Mono;
            switcher(stage);
            stage.type_text("grok-4.20");
        },
        shown: false,
    },
    Scene { name: "first_start", size: (80, 24), play: first_start, shown: true },
    Scene { name: "picker_60x16", size: (60, 16), play: picker, shown: false },
    Scene {
        name: "picker_key_80x24",
        size: (80, 24),
        play: |stage| {
            first_start(stage);
            stage.press("down enter").type_text("xai-secret");
        },
        shown: false,
    },
    Scene {
        name: "picker_typed_80x24",
        size: (80, 24),
        play: |stage| {
            picker(stage);
            stage.type_text("grok-9-mini");
        },
        shown: false,
    },
    Scene { name: "comparing", size: (120, 28), play: comparing, shown: true },
    Scene { name: "four_panes", size: (140, 40), play: four, shown: true },
    Scene { name: "stacked", size: (80, 24), play: comparing, shown: true },
    Scene { name: "tabs_60x16", size: (60, 16), play: comparing, shown: false },
    Scene {
        name: "chord_80x24",
        size: (80, 24),
        play: |stage| {
            stage.press("ctrl+x");
        },
        shown: false,
    },
    Scene {
        name: "closing_80x24",
        size: (80, 24),
        play: |stage| {
            stage.press("ctrl+x s").type_text("more").press("enter").text("An answer").press("ctrl+x q");
        },
        shown: false,
    },
    Scene { name: "approving", size: (100, 34), play: approving, shown: true },
    Scene { name: "approving_60x16", size: (60, 16), play: approving, shown: false },
    Scene { name: "deleting_80x24", size: (80, 24), play: deleting, shown: false },
    Scene {
        name: "refusing_80x24",
        size: (80, 24),
        play: |stage| {
            deleting(stage);
            stage.press("e").type_text("build is a link to the other disk");
        },
        shown: false,
    },
    Scene { name: "calling", size: (100, 30), play: calling, shown: true },
    Scene {
        name: "calling_unfolded_80x40",
        size: (80, 40),
        play: |stage| {
            calling(stage);
            stage.press("ctrl+o");
        },
        shown: false,
    },
    Scene { name: "planning", size: (80, 24), play: planning, shown: true },
    Scene { name: "planning_60x16", size: (60, 16), play: planning, shown: false },
    Scene {
        name: "tools",
        size: (80, 24),
        play: |stage| {
            stage.with_tools();
            stage.state.facts.tools.rules = ["cargo test", "files below /home/sam/shop"].map(Rule::read).into();
            stage.press("f3 down space");
        },
        shown: true,
    },
    Scene {
        name: "tool_settings",
        size: (80, 24),
        play: |stage| {
            stage.with_tools();
            picker_less(stage);
            stage.press("f3 down down down down down space");
        },
        shown: true,
    },
    Scene { name: "jobs", size: (90, 30), play: jobs, shown: true },
    Scene { name: "jobs_60x16", size: (60, 16), play: jobs, shown: false },
    Scene { name: "jobs_unknown_80x24", size: (80, 24), play: unknown_job, shown: false },
    Scene { name: "no_jobs_80x24", size: (80, 24), play: |stage| _ = stage.press("f5"), shown: false },
    Scene { name: "picture", size: (80, 30), play: made_picture, shown: true },
    Scene {
        name: "picture_mono_80x30",
        size: (80, 30),
        play: |stage| {
            stage.state.facts.look.theme = Theme::Mono;
            made_picture(stage);
        },
        shown: false,
    },
    Scene { name: "attaching", size: (80, 24), play: attaching, shown: true },
    Scene { name: "attaching_60x16", size: (60, 16), play: attaching, shown: false },
    Scene { name: "doctor_80x24", size: (80, 24), play: doctor, shown: false },
    Scene { name: "clarifying_80x24", size: (80, 24), play: clarifying, shown: false },
    Scene { name: "welcome_60x16", size: (60, 16), play: |_| {}, shown: false },
    Scene { name: "streaming_60x16", size: (60, 16), play: streaming, shown: false },
    Scene { name: "streaming_200x60", size: (200, 60), play: streaming, shown: false },
    Scene { name: "reading_80x24", size: (80, 24), play: reading, shown: false },
    Scene {
        name: "commands_80x24",
        size: (80, 24),
        play: |stage| {
            stage.type_text("/e");
        },
        shown: false,
    },
    Scene { name: "rich_80x24", size: (80, 24), play: rich, shown: false },
    Scene { name: "rich_60x30", size: (60, 30), play: rich, shown: false },
    Scene { name: "too_small_40x10", size: (40, 10), play: |_| {}, shown: false },
];

/// A picture that is not what the program draws is a failure; `SCREENSHOTS_UPDATE=1` draws it again, to be looked at.
#[test]
fn every_scene_looks_as_it_did() {
    #[expect(clippy::disallowed_methods, reason = "the program's own settings are not asked here")]
    let update = std::env::var_os("SCREENSHOTS_UPDATE").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let mut stale = vec![];
    for scene in SCENES {
        let mut stage = Stage::new(scene.size.0, scene.size.1);
        (scene.play)(&mut stage);
        insta::assert_snapshot!(scene.name, stage.screen());
        if scene.shown {
            let (buffer, caret) = stage.buffer();
            let png = picture::png(&buffer, caret, stage.state.facts.look.theme);
            let path = folder.join(format!("{}.png", scene.name));
            match fs::read(&path).ok().as_ref() == Some(&png) {
                true => {}
                false if update => fs::write(&path, png).unwrap(),
                false => stale.push(scene.name),
            }
        }
    }
    assert!(stale.is_empty(), "not what the program draws, `SCREENSHOTS_UPDATE=1` writes them again: {stale:?}");
}

#[test]
fn no_line_is_wider_than_its_window_at_any_width() {
    for width in 60..=200 {
        let mut stage = Stage::new(width, 24);
        streaming(&mut stage);
        for line in stage.screen().lines() {
            let cells = unicode_width::UnicodeWidthStr::width(line.replace('▏', "").as_str());
            assert!(cells <= usize::from(width), "{cells} cells at {width}: {line}");
        }
        stage.press("f1").screen();
        // no name runs under a key
        let palette = stage.press("esc ctrl+p").type_text("a").screen();
        for line in palette.lines().filter(|line| line.trim_end().ends_with('│') && line.contains("Ctrl+")) {
            let (name, _) = line.split_once("Ctrl+").unwrap();
            assert!(name.ends_with("  "), "{line}");
        }
    }
}

#[test]
fn a_finished_item_that_says_something_else_is_drawn_as_it_says() {
    let mut stage = Stage::new(80, 24);
    stage.type_text("hi").press("enter").text("Hello wrld").screen();
    stage.parts(vec![Part::TextDone { commentary: false, text: "Hello world, well met".into(), item: None }]);
    let screen = stage.screen();
    assert!(screen.contains("Hello world, well met") && !screen.contains("wrldd"), "{screen}");
}

#[test]
fn towers_of_marks_do_not_grow_while_they_stream() {
    let mut stage = Stage::new(80, 24);
    stage.type_text("hi").press("enter").text("a");
    (0..40).for_each(|_| drop(stage.text("\u{301}\u{301}").screen()));
    assert!(stage.screen().matches('\u{301}').count() <= 6);
}

#[test]
fn nobody_loses_the_page_by_looking_elsewhere() {
    let rows = |stage: &mut Stage| stage.screen().lines().take(19).map(str::to_string).collect::<Vec<_>>();
    let mut stage = Stage::new(80, 24);
    long_talk(&mut stage);
    let page = rows(stage.press("pageup pageup"));
    // the first place at or below the top of the page, and not the last of all
    let found = stage.press("ctrl+f").type_text("granite").screen();
    let marked = found.lines().position(|line| line.starts_with(" ▸")).unwrap();
    assert!(found.lines().nth(marked).unwrap().contains("granite") && !found.contains("12 of 12"), "{found}");
    stage.press("down down down");
    assert_eq!(rows(stage.press("esc")), page);
    // Enter stays there
    let there = rows(stage.press("ctrl+f").type_text("granite").press("down down"));
    let stays = rows(stage.press("enter"));
    let plain = |rows: &[String]| rows.iter().map(|row| row.replace('▸', " ")).collect::<Vec<_>>();
    assert_eq!(plain(&stays), plain(&there));
    // jumps are taken back, one key and all of them
    stage.press("esc pageup");
    let page = rows(&mut stage);
    assert!(stage.press("ctrl+end").screen().contains("Esc back to where you were"));
    stage.press("ctrl+up ctrl+up");
    assert_eq!(rows(stage.press("esc")), page);
    assert_ne!(rows(stage.press("esc")), page, "then the end");
}

#[test]
fn what_is_found_is_counted_while_more_comes_and_nothing_moves() {
    let mut stage = Stage::new(80, 24);
    long_talk(&mut stage);
    stage.type_text("go on").press("enter").text("granite here\n\n").press("ctrl+f").type_text("granite");
    let before = stage.screen();
    assert!(before.contains("of 13"), "{before}");
    for _ in 0..30 {
        stage.text("more granite\n\n");
    }
    let after = stage.screen();
    assert!(after.contains("of 43"), "{after}");
    assert_eq!(after.lines().skip(2).take(12).collect::<Vec<_>>(), before.lines().skip(2).take(12).collect::<Vec<_>>());
}

#[test]
fn who_answers_is_changed_with_two_keys_and_for_one_question() {
    let who = |stage: &Stage| {
        let choice = &stage.state.facts.panes.front().choice;
        format!("{}/{}", choice.provider.id, choice.model)
    };
    let mut stage = Stage::new(80, 24);
    switcher(&mut stage);
    assert_eq!(who(&stage), "xai-oauth/grok-4.3");
    // the one before, by the same key again; a digit; words over provider and model together
    assert_eq!(who(stage.press("f2")), "ollama/qwen3:8b");
    assert_eq!(who(stage.press("f2 f2")), "xai-oauth/grok-4.3");
    assert_eq!(who(stage.press("f2 2")), "ollama/qwen3:8b");
    assert_eq!(who(stage.press("f2").type_text("ollama vision").press("enter")), "ollama/llama3.2-vision:11b");
    // a filter that is taken back leaves the mark on what answers
    stage.press("f2").type_text("grok").press("ctrl+u enter");
    assert_eq!(who(&stage), "ollama/llama3.2-vision:11b");
    // only this question
    stage.press("f2").type_text("coder").press("ctrl+s");
    assert_eq!(who(&stage), "ollama/qwen3-coder:30b-a3b-q4_K_M");
    stage.type_text("Which one is quicker?").press("enter").text("The second.").finish(Default::default());
    assert_eq!(who(&stage), "ollama/llama3.2-vision:11b");
    // a name is looked for where it can be had, and nobody is said to have what they have not
    assert_eq!(who(stage.type_text("/model grok-4.3").press("enter")), "xai-oauth/grok-4.3");
    let asked = stage.type_text("/model qwen3:9b").press("enter").screen();
    assert!(asked.contains("Who answers next?") && asked.contains("use `qwen3:9b` as it is: not in the list"), "{asked}");
    // Enter alone takes nothing that no list has
    assert!(stage.press("enter").screen().contains("No model of that name is listed"), "{}", stage.screen());
    assert_eq!(who(stage.press("esc")), "xai-oauth/grok-4.3");
    assert_eq!(who(stage.type_text("/model qwen3:9b").press("enter down enter")), "xai-oauth/qwen3:9b");
}

#[test]
fn a_command_is_given_what_was_pasted() {
    let mut stage = Stage::new(80, 24);
    let long = "be kind\n".repeat(100);
    stage.type_text("/system ").paste(&long).press("enter");
    assert_eq!(stage.state.facts.panes.front_mut().conversation.system.as_deref().map(str::trim), Some(long.trim()));
}

#[test]
fn what_waits_can_be_edited_after_a_stop_and_is_asked_once() {
    let mut stage = Stage::new(80, 24);
    stage.type_text("one").press("enter").type_text("two").press("enter").press("esc");
    assert!(stage.screen().contains("  1  two"));
    stage.press("up").type_text(" and more").press("enter");
    let asked: Vec<String> = stage
        .effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::StartRound(order) => match &order.entries.last().unwrap().body {
                Body::Said(said) => Some(said.text.clone()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(asked, ["one", "two and more"]);
    assert!(stage.state.facts.panes.front_mut().queue.is_empty());
}

#[test]
fn a_command_that_has_to_wait_stays_in_the_composer_and_one_that_ran_can_be_had_back() {
    let mut stage = Stage::new(80, 24);
    stage.type_text("one").press("enter").type_text("/system ").paste(&"be kind\n".repeat(100)).press("enter");
    let screen = stage.screen();
    assert!(screen.contains("waits until") && screen.contains("[pasted 100 lines]"), "{screen}");
    stage.press("esc enter");
    assert!(stage.state.facts.panes.front_mut().conversation.system.is_some());
    stage.press("ctrl+_");
    assert!(stage.screen().contains("/system [pasted 100 lines]"));
}

#[test]
fn icons_of_fonts_are_typed_pasted_and_sent() {
    let mut stage = Stage::new(80, 24);
    stage.type_text("\u{f0001}").paste(" \u{f0002}").press("enter");
    assert_eq!(stage.state.facts.history.last().map(String::as_str), Some("\u{f0001} \u{f0002}"));
}

/// The bytes that a terminal gets for what is on the stage.
fn painted(stage: &mut Stage, painter: &mut Painter) -> String {
    let (columns, rows) = stage.state.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let mut frame = Frame::new(&mut buffer, stage.state.look());
    stage.view(&mut frame);
    let (caret, links, rows_move) = (frame.caret, frame.links, frame.rows_move);
    let mut bytes = vec![];
    painter.paint(Picture { cells: &buffer, rows: None, links, caret, rows_move, laid: &[] }, &mut bytes);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn links_of_an_answer_reach_the_terminal_and_scroll_with_it() {
    let mut stage = Stage::new(60, 16);
    let mut painter = Painter::new();
    let long = "a link whose words go on and on until they take a second line";
    stage.type_text("hi").press("enter").text("some words\n\nmore of them\n\n");
    stage.text(&format!("See [{long}](https://a.example/x), or [run](javascript:x).\n\nrest\n\nlast\n\n"));
    let first = painted(&mut stage, &mut painter);
    let opened: Vec<&str> = first.split("\x1b]8;id=").skip(1).filter_map(|part| part.split("\x1b\\").next()).collect();
    assert_eq!(opened.len(), 2, "{first:?}");
    assert!(opened[0].ends_with(";https://a.example/x") && opened[0] == opened[1], "{opened:?}");
    let screen = stage.screen();
    assert!(screen.contains("(a.example)") && screen.contains("run (javascript:x)"), "{screen}");
    // what comes below moves it, and it is not written again
    stage.text("one\n\ntwo");
    let second = painted(&mut stage, &mut painter);
    assert!(!second.contains("a.example") && second.contains("two"), "{second:?}");
    // what is drawn over it is no link
    stage.press("ctrl+p");
    let over = painted(&mut stage, &mut painter);
    let words = over.split("\x1b]8;id=").skip(1).map(|link| link.split("\x1b]8;;").next().unwrap_or_default());
    assert!(words.into_iter().all(|words| !words.contains('│')), "{over:?}");
}

#[test]
fn of_a_window_without_end_a_part_is_drawn() {
    let mut stage = Stage::new(65_535, 65_535);
    assert_eq!(stage.state.size, (1_000, 500));
    let (buffer, caret) = stage.buffer();
    assert_eq!((buffer.area.width, buffer.area.height), (1_000, 500));
    assert!(caret.is_some_and(|at| at.x < 1_000 && at.y < 500));
    let words = "This window has 65535×65535 cells";
    assert!(stage.screen().contains(words), "it is said once");
    stage.type_text("hello");
    assert!(stage.screen().contains("hello") && !stage.screen().contains(words));
    for (window, drawn) in [((1_001, 20), (1_000, 20)), ((80, 501), (80, 500)), ((80, 24), (80, 24))] {
        stage.message(Message::Input(hermes::flow::input::Input::Resize { columns: window.0, rows: window.1 }));
        assert_eq!(stage.state.size, drawn);
        assert!(!stage.screen().contains("This window has"));
    }
}

#[test]
fn the_line_under_an_answer_names_a_model_that_did_not_answer_before() {
    let mut stage = Stage::new(80, 30);
    stage.talk("one", "yes");
    stage.state.facts.panes.front_mut().choice.model = "grok-4.7".into();
    stage.talk("two", "no").talk("three", "perhaps");
    let screen = stage.screen();
    assert_eq!(screen.matches("grok-4.7 · 4.1 s · 312 tokens").count(), 1, "{screen}");
    assert_eq!(screen.matches("4.1 s · 312 tokens").count(), 3, "{screen}");
}

/// The lines of an answer while it comes, without the line of life and what is under it.
fn answer(stage: &mut Stage) -> Vec<String> {
    let screen = stage.screen();
    let lines: Vec<&str> = screen.lines().skip(2).collect();
    let end = lines.iter().position(|line| line.contains("writing ·") || line.contains("waiting")).unwrap_or(lines.len());
    let mut lines: Vec<String> = lines[..end].iter().map(|line| line.trim_end().to_string()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

#[test]
fn what_is_written_stays_where_it_is_while_the_answer_goes_on() {
    let texts = [
        include_str!("../assets/demo/rich.md"),
        include_str!("../assets/demo/tables.md"),
        include_str!("../assets/demo/code.md"),
        include_str!("../assets/demo/wide.md"),
    ];
    // what may still change: the line that is being written, the one before it that it may be drawn into, and what stands between them
    const OPEN: usize = 3;
    for text in texts {
        for (columns, rows) in [(60, 150), (200, 100)] {
            let mut stage = Stage::new(columns, rows);
            stage.type_text("hello").press("enter").wait(400);
            let mut before: Vec<String> = vec![];
            let words: Vec<&str> = text.split_inclusive(' ').collect();
            for word in words.chunks(2) {
                stage.text(&word.concat()).wait(20);
                let now = answer(&mut stage);
                let mut settled = before.len().saturating_sub(OPEN);
                // a table is laid out once more when it has come to its end
                let has_ended = before.iter().any(|line| line.contains('⋯')) && !now.iter().any(|line| line.contains('⋯'));
                if let Some(rule) = before.iter().rposition(|line| line.contains('┼')).filter(|_| has_ended) {
                    settled = settled.min(rule.saturating_sub(1));
                }
                assert!(
                    now.len() >= settled && now[..settled] == before[..settled],
                    "at {columns} columns, after {:?}:\n{}\n--- was\n{}",
                    word.concat(),
                    now.join("\n"),
                    before.join("\n")
                );
                before = now;
            }
        }
    }
}
