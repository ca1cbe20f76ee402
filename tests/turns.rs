//! Turns against the sandbox over real HTTP: the whole ring without a screen, under every fault.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::{
    app::start,
    domain::{
        catalog::Standing,
        conversation::{Body, Ending, Notice},
        facts::{Facts, Theme},
        pane::{Choice, Draft, Keep},
        secret::Secret,
        turn::Turn,
    },
    effects::{
        notes::{Note, Notes, queue},
        runner::Runner,
    },
    flow::{effect::Effect, intent::Intent, news::News},
    providers,
    sandbox::{Options, Sandbox, parse_faults, serve},
    services::Services,
    settings::{config::Config, environment::Environment, paths::Paths},
    storage::drafts::Drafts,
    update,
};
use std::{sync::Arc, time::Duration};

/// A program without a screen, and the service that it talks to.
struct Ring {
    facts: Facts,
    runner: Runner,
    notes: Notes,
    sandbox: Sandbox,
    heard: Vec<News>,
    _home: tempfile::TempDir,
}

impl Ring {
    async fn new(faults: &str) -> Self {
        let sandbox = serve(Options { port: 0, faults: parse_faults(faults).unwrap() }).await.unwrap();
        Self::to(sandbox.base_url(), sandbox)
    }
    fn to(address: String, sandbox: Sandbox) -> Self {
        let home = tempfile::tempdir().unwrap();
        let variables =
            [("XAI_API_KEY", "secret-key-1"), ("XAI_BASE_URL", address.as_str()), ("CUSTOM_BASE_URL", &address), ("CUSTOM_API_KEY", "x")];
        let environment = Environment::of(&variables);
        let paths = Paths { home: home.path().into(), folder: home.path().into() };
        let config = Config { stall: Duration::from_millis(400), first_byte: Duration::from_secs(20), ..Config::default() };
        let choice = Choice { provider: providers::named("xai").unwrap(), model: "grok-4.3".into(), effort: None };
        let facts = start::facts(choice, Theme::Dark, &config, None, vec![]);
        let (teller, notes) = queue();
        let (drafts, _) = Drafts::open(&paths.drafts(), &paths.folder, 1);
        let nowhere = Box::new(|| Box::pin(async { Ok(String::new()) }) as _);
        let services = Arc::new(Services::new(environment, paths, config, nowhere, Arc::new(|_| {})));
        Self { facts, runner: Runner::new(services, Some(drafts), teller), notes, sandbox, heard: vec![], _home: home }
    }
    fn wish(&mut self, intent: Intent) {
        let at = self.facts.panes.front_id();
        let effects = update::on_intent(&mut self.facts, at, intent);
        self.order(effects);
    }
    fn order(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            assert_eq!(self.runner.run(effect), None);
        }
    }
    /// Takes one note.
    async fn next(&mut self) {
        let note = tokio::time::timeout(support::DEADLINE, self.notes.recv()).await.expect("no news came");
        let Note::News(news) = note else { return };
        self.heard.push(news.clone());
        let effects = update::on_news(&mut self.facts, news);
        self.order(effects);
    }
    /// Asks, and goes on until nothing is under way.
    async fn ask(&mut self, question: &str) {
        self.wish(Intent::Ask(Draft::new(question)));
        while self.facts.front().turn != Turn::Idle {
            self.next().await;
        }
    }
    fn answer(&self) -> (&str, Option<Ending>) {
        let found = self.facts.front().conversation.entries.iter().rev().find_map(|e| match &e.body {
            Body::Answered(answer) => Some((answer.text.as_str(), answer.ending)),
            _ => None,
        });
        found.unwrap_or(("", None))
    }
    fn trouble(&self) -> Option<&str> {
        self.facts.front().conversation.entries.iter().rev().find_map(|e| match &e.body {
            Body::Noticed(Notice::Trouble(trouble)) => Some(trouble.code),
            _ => None,
        })
    }
    fn requests(&self) -> usize {
        self.sandbox.requests().len()
    }
}

#[tokio::test]
async fn an_answer_comes_with_its_thought_and_its_numbers() {
    let mut ring = Ring::new("").await;
    ring.ask("a table").await;
    let (text, ending) = ring.answer();
    assert!(text.contains("Merge sort") && ending == Some(Ending::Complete));
    assert!(ring.facts.front().usage.output_tokens > 100 && ring.facts.front().usage.cost_ticks > 0);
    assert!(
        ring.facts
            .front()
            .conversation
            .entries
            .iter()
            .any(|e| matches!(&e.body, Body::Thought(t) if t.made.is_some() && t.tenths.is_some()))
    );
}

#[tokio::test]
async fn the_second_turn_sends_everything_back_under_one_key() {
    let mut ring = Ring::new("").await;
    ring.ask("a table").await;
    ring.ask("say yes").await;
    let requests = ring.sandbox.requests();
    let (first, second) = (&requests[0].body, &requests[1].body);
    assert_eq!((first["store"].as_bool(), first["stream"].as_bool()), (Some(false), Some(true)));
    assert_eq!(first["prompt_cache_key"], second["prompt_cache_key"]);
    let key = first["prompt_cache_key"].as_str().unwrap();
    assert!(requests[0].headers.contains(&("x-grok-conv-id".into(), key.into())));
    let kinds: Vec<&str> = second["input"].as_array().unwrap().iter().map(|i| i["type"].as_str().or(i["role"].as_str()).unwrap()).collect();
    assert_eq!(kinds, ["user", "reasoning", "message", "user"]);
    assert!(second["input"][1]["encrypted_content"].is_string() && second["input"][2]["id"].as_str().unwrap().starts_with("msg_"));
    assert!(ring.facts.front().usage.cached_tokens > 0);
    assert_eq!(ring.answer().0, "yes");
}

#[tokio::test]
async fn turns_that_have_ended_are_forgotten() {
    let mut ring = Ring::new("").await;
    for _ in 0..20 {
        ring.ask("say yes").await;
    }
    assert_eq!(ring.runner.turns_under_way(), 0);
}

#[tokio::test]
async fn a_secret_that_a_server_quotes_is_masked() {
    let mut ring = Ring::new("status=400").await;
    ring.runner.services().secrets.learn(&hermes::domain::secret::Secret::new("Refused on"));
    ring.ask("say done").await;
    let entries = &ring.facts.front().conversation.entries;
    let told =
        entries.iter().find_map(|e| if let Body::Noticed(Notice::Trouble(trouble)) = &e.body { Some(trouble.clone()) } else { None });
    let told = told.unwrap();
    assert!(!format!("{told:?}").contains("Refused on") && told.raw.unwrap().contains("•••"));
}

#[tokio::test]
async fn passing_failures_are_tried_again_visibly() {
    for fault in ["status=429,retry-after=0,times=2", "status=503,retry-after=0,times=1"] {
        let mut ring = Ring::new(fault).await;
        ring.ask("say done").await;
        assert_eq!(ring.answer().0, "done", "{fault}");
        assert!(ring.heard.iter().any(|n| matches!(n, News::TurnRetrying { .. })), "{fault}");
    }
}

#[tokio::test]
async fn a_server_that_keeps_failing_is_named() {
    let mut ring = Ring::new("status=500,retry-after=0").await;
    ring.ask("say done").await;
    assert_eq!((ring.trouble(), ring.requests()), (Some("server_error"), 4));
}

#[tokio::test]
async fn refusals_are_not_tried_again() {
    for (fault, code) in
        [("plan-refused", "plan_refused"), ("quota-spent", "quota_spent"), ("status=401", "key_refused"), ("status=400", "request_refused")]
    {
        let mut ring = Ring::new(fault).await;
        ring.ask("say done").await;
        assert_eq!((ring.trouble(), ring.requests()), (Some(code), 1), "{fault}");
    }
}

#[tokio::test]
async fn a_cut_answer_stays_and_goes_on_when_asked() {
    let mut ring = Ring::new("cut,times=1").await;
    ring.ask("stream 200 words").await;
    assert_eq!((ring.answer().1, ring.trouble(), ring.requests()), (Some(Ending::Cut), Some("stream_cut"), 1));
    assert!(ring.answer().0.starts_with("the "));
    ring.wish(Intent::Ask(Draft::default()));
    while ring.facts.front().turn != Turn::Idle {
        ring.next().await;
    }
    assert_eq!(ring.requests(), 2);
    assert_eq!(ring.sandbox.requests()[1].body["input"][1]["status"], "incomplete");
    assert_eq!(ring.answer().1, Some(Ending::Complete));
}

#[tokio::test]
async fn silence_in_the_middle_ends_the_wait() {
    let mut ring = Ring::new("stall").await;
    ring.ask("stream 200 words").await;
    assert_eq!((ring.trouble(), ring.answer().1), (Some("timed_out"), Some(Ending::Cut)));
    assert!(!ring.answer().0.is_empty());
}

#[tokio::test]
async fn damaged_and_unknown_events_are_passed_over() {
    let mut ring = Ring::new("malformed").await;
    ring.ask("stream 50 words").await;
    assert!(ring.answer().0.ends_with("fin.") && ring.answer().1 == Some(Ending::Complete));
}

#[tokio::test]
async fn a_huge_line_is_read() {
    let mut ring = Ring::new("huge-line").await;
    ring.ask("say done").await;
    assert_eq!(ring.answer().1, Some(Ending::Complete));
}

#[tokio::test]
async fn an_error_inside_the_stream_keeps_what_came() {
    let mut ring = Ring::new("error-frame").await;
    ring.ask("stream 50 words").await;
    assert_eq!((ring.trouble(), ring.answer().1), (Some("server_error"), Some(Ending::Cut)));
    assert!(ring.answer().0.starts_with("the "));
}

#[tokio::test]
async fn an_answer_at_its_limit_says_so() {
    let mut ring = Ring::new("incomplete").await;
    ring.ask("stream 200 words").await;
    assert_eq!(ring.answer().1, Some(Ending::Truncated));
    assert!(ring.facts.front().unfinished.is_some());
}

#[tokio::test]
async fn stopping_closes_the_connection_and_keeps_what_came() {
    let mut ring = Ring::new("slow=5").await;
    ring.wish(Intent::Ask(Draft::new("stream 5000 words")));
    while ring.answer().0.is_empty() {
        ring.next().await;
    }
    assert_eq!((ring.sandbox.answering(), ring.runner.turns_under_way()), (1, 1));
    ring.wish(Intent::StopTurn);
    assert_eq!((ring.facts.front().turn.clone(), ring.answer().1), (Turn::Idle, Some(Ending::Stopped)));
    // the server sees it, too
    while ring.sandbox.answering() > 0 {
        tokio::task::yield_now().await;
    }
    let kept = ring.answer().0.to_string();
    ring.sandbox.set_faults(vec![]);
    ring.ask("say next").await;
    assert_eq!(ring.answer().0, "next");
    assert!(ring.facts.front().conversation.entries.iter().any(|e| matches!(&e.body, Body::Answered(a) if a.text == kept)));
}

#[tokio::test]
async fn effort_and_reasoning_that_are_refused_are_left_out_once() {
    let mut ring = Ring::new("").await;
    ring.facts.panes.front_mut().choice.model = "grok-4.20".into();
    ring.facts.panes.front_mut().choice.effort = Some("high".into());
    ring.ask("say done").await;
    assert_eq!((ring.answer().0, ring.requests()), ("done", 2));
    ring.ask("say again").await;
    assert_eq!(ring.requests(), 3, "the refusal was learned");
}

#[tokio::test]
async fn nobody_at_the_address_is_a_sentence() {
    let sandbox = serve(Options::default()).await.unwrap();
    let address = sandbox.base_url();
    drop(sandbox);
    let mut ring = Ring::to(address, serve(Options::default()).await.unwrap());
    ring.wish(Intent::Ask(Draft::new("say done")));
    while !ring.heard.iter().any(|n| matches!(n, News::TurnRetrying { .. })) {
        ring.next().await;
    }
    ring.wish(Intent::StopTurn);
    assert_eq!(ring.facts.front().turn, Turn::Idle);
}

#[tokio::test]
async fn a_key_that_is_kept_says_nothing_of_servers_that_run() {
    let mut ring = Ring::new("").await;
    ring.facts.catalog.standings.insert("ollama", Standing::Running);
    ring.wish(Intent::KeepKey(providers::named("openrouter").unwrap(), Secret::new("key-1")));
    while ring.facts.catalog.standings.get("openrouter") != Some(&Standing::KeyFound) {
        ring.next().await;
    }
    assert_eq!(ring.facts.catalog.standings["ollama"], Standing::Running, "nobody asked it");
}

#[tokio::test]
async fn a_conversation_goes_on_between_two_transports_and_back() {
    let mut ring = Ring::new("").await;
    ring.ask("a table").await;
    let choose = |name: &str| {
        let choice = Choice { provider: providers::named(name).unwrap(), model: "grok-4.3".into(), effort: None };
        Intent::ChooseModel(choice, Keep::Here)
    };
    ring.wish(choose("custom"));
    let told = ring
        .facts
        .front()
        .conversation
        .entries
        .iter()
        .any(|e| matches!(&e.body, Body::Noticed(Notice::Info(t)) if t.contains("reasoning")));
    assert!(told, "what is left out is said");
    ring.ask("show code in python").await;
    assert_eq!((ring.answer().1, ring.trouble()), (Some(Ending::Complete), None));
    ring.wish(choose("xai"));
    ring.ask("wide characters").await;
    assert_eq!((ring.answer().1, ring.trouble()), (Some(Ending::Complete), None));
    let requests = ring.sandbox.requests();
    let asked: Vec<(&str, usize)> = requests
        .iter()
        .map(|r| {
            let history = r.body.get("messages").or_else(|| r.body.get("input")).and_then(|h| h.as_array()).map(Vec::as_slice);
            let questions = history.unwrap_or_default().iter().filter(|item| item["role"] == "user").count();
            (r.path.as_str(), questions)
        })
        .collect();
    assert_eq!(asked, [("/v1/responses", 1), ("/v1/chat/completions", 2), ("/v1/responses", 3)], "both go on with full context");
    // hidden reasoning went back to its maker alone
    assert!(!requests[1].body.to_string().contains("encrypted_content"));
    assert!(requests[2].body.to_string().contains("encrypted_content"));
}

#[tokio::test]
async fn faults_of_the_other_transport_have_the_same_sentences() {
    for (fault, code) in
        [("status=400", "request_refused"), ("cut", "stream_cut"), ("error-frame", "server_error"), ("quota-spent", "quota_spent")]
    {
        let mut ring = Ring::new(fault).await;
        ring.facts.panes.front_mut().choice.provider = providers::named("custom").unwrap();
        ring.ask("hello").await;
        assert_eq!(ring.trouble(), Some(code), "{fault}");
    }
}

#[tokio::test]
async fn keys_are_kept_and_dropped_although_nobody_waits() {
    let mut ring = Ring::new("").await;
    let (groq, path) = (providers::named("groq").unwrap(), ring.runner.services().paths.auth());
    ring.wish(Intent::KeepKey(groq, Secret::new("kept-key")));
    // the program may end at once: what was begun is finished
    let kept = ring.runner.services().clone();
    drop(ring.runner);
    assert!(kept.kept.settle(support::DEADLINE).await);
    assert!(std::fs::read_to_string(&path).unwrap().contains("kept-key"));
    let (teller, notes) = queue();
    let services = Arc::new(Services::new(
        kept.environment.clone(),
        kept.paths.clone(),
        Config::default(),
        Box::new(|| Box::pin(async { Ok(String::new()) }) as _),
        Arc::new(|_| {}),
    ));
    (ring.runner, ring.notes) = (Runner::new(services, None, teller), notes);
    ring.wish(Intent::LogOut(groq));
    while !ring.heard.iter().any(|news| matches!(news, News::Done(told) if told.contains("Signed out"))) {
        ring.next().await;
    }
    assert!(!std::fs::read_to_string(&path).unwrap().contains("kept-key"));
}
