//! Whatever a disk or a server may hold or send: real texts, changed at random from a seed, are read without a panic, a hang, or more
//! memory than their length allows. `HERMES_MUTATIONS` says how many (a million: `HERMES_MUTATIONS=1000000 cargo test --release --test mutated`).

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use allocation_counter::measure;
use hermes::{
    completions::event::Chunks,
    domain::foreign::tame,
    http::{
        judge::{Judge, Reader},
        refusal::Refusal,
        sse::SseParser,
        think,
    },
    providers,
    responses::event::Events,
    settings::{config::Config, environment::Environment},
    storage::{catalog_cache, credentials::Store},
    ui::markdown::Document,
};
use std::{fs, path::Path};

/// Mutations of each kind without the variable: enough to meet a common fault, short enough for every run.
const USUAL: usize = 4_000;
/// Bytes that may be allocated at one time for each byte that is read, and beside that.
const A_BYTE: u64 = 400;
const BESIDE: u64 = 1 << 20;
/// The definitions of a language are read when its first block comes.
const LANGUAGES: u64 = 16 << 20;

/// What often breaks readers.
const TOKENS: &[&str] = &[
    "null",
    "{}",
    "[]",
    "\"\"",
    "-1",
    "1e999",
    "18446744073709551616",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "\u{1b}]0;x\u{7}",
    "\u{0}",
    "\n\n",
    "\r",
    "data: ",
    "data: [DONE]\n\n",
    "event: error\n",
    "<think>",
    "</think>",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "? ",
    "| ",
    ": ",
    "- ",
    "\t",
    "$",
    "${A",
    "\"",
    "'",
    "`",
    "```",
    "|",
    "~",
    "#",
    "\u{feff}",
    "हिन्दी",
    "👩‍👩‍👧",
    "\u{301}",
    "true",
    "e30.e30.",
    "2026-13-45T99:99:99Z",
];

/// A number that whoever runs this asks for.
#[expect(clippy::disallowed_methods, reason = "it is about the tests, not about the program")]
fn wanted(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

fn mutations() -> usize {
    wanted("HERMES_MUTATIONS").map_or(USUAL, |all| all / 5)
}

/// A text that was changed in a few places.
fn mutated(texts: &[Vec<u8>], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut text = texts[random.usize(..texts.len())].clone();
    for _ in 0..random.usize(1..6) {
        let at = random.usize(..=text.len());
        let end = random.usize(at..=text.len().min(at + 60));
        match random.u8(..9) {
            0 if at < text.len() => text[at] ^= 1 << random.u8(..8),
            1 => drop(text.drain(at..end)),
            2 => {
                let piece = text[at..end].to_vec();
                text.splice(at..at, piece);
            }
            3 => text.truncate(at),
            4 => {
                let other = &texts[random.usize(..texts.len())];
                let from = random.usize(..=other.len());
                text.splice(at..end, other[from..other.len().min(from + 80)].iter().copied());
            }
            5 => text.splice(at..at, std::iter::repeat_n(*random.choice(b"[{\"(>-*_ 0").unwrap(), random.usize(1..3_000))).for_each(drop),
            6 => text.splice(at..at, (0..random.usize(1..5)).map(|_| random.u8(..)).collect::<Vec<_>>()).for_each(drop),
            _ => text.splice(at..end, random.choice(TOKENS).unwrap().bytes()).for_each(drop),
        }
    }
    text
}

/// Reads mutations of the texts; a failure names the seed and the bytes.
fn each(texts: &[Vec<u8>], beside: u64, read: impl Fn(&[u8], &mut fastrand::Rng)) {
    let first = wanted("HERMES_SEED").unwrap_or(0) as u64;
    for seed in first..first + mutations() as u64 {
        let mut random = fastrand::Rng::with_seed(seed);
        let text = mutated(texts, &mut random);
        let _told = OnPanic(seed, &text);
        let cost = measure(|| read(&text, &mut random));
        let bound = beside + A_BYTE * text.len() as u64;
        assert!(cost.bytes_max <= bound, "{} bytes for {} of input", cost.bytes_max, text.len());
    }
}

/// Says what was read when reading it panicked.
struct OnPanic<'a>(u64, &'a [u8]);

impl Drop for OnPanic<'_> {
    #[expect(clippy::disallowed_macros, reason = "what broke it is said by the test")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("HERMES_SEED={}: {}", self.0, self.1.escape_ascii());
        }
    }
}

fn answers() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/answers");
    let files = fs::read_dir(folder).unwrap().flatten().map(|entry| fs::read_to_string(entry.path()).unwrap());
    let mut bodies: Vec<Vec<u8>> = files.map(|file| file.split_once("\n---\n").unwrap().1.as_bytes().to_vec()).collect();
    bodies.sort();
    assert!(bodies.len() > 50);
    bodies
}

/// Reads a body as a stream in pieces of any length, then as a whole.
fn read_answer(body: &[u8], reader: &mut impl Reader, random: &mut fastrand::Rng) {
    let (mut parser, mut judge, mut rest) = (SseParser::new(1 << 20), Judge::default(), body);
    while !rest.is_empty() {
        let (piece, left) = rest.split_at(random.usize(1..=rest.len()));
        let _ = parser.push(piece, &mut |data| reader.read(data, &mut |event| judge.take(event)));
        rest = left;
        if judge.finish(&mut drop).is_some() {
            break;
        }
    }
    parser.finish(&mut |data| reader.read(data, &mut |event| judge.take(event)));
    reader.closed(&mut |event| judge.take(event));
    if judge.finish(&mut drop).is_none() {
        let _ = judge.cut(String::new(), &mut drop);
    }
    let values: Result<Vec<serde_json::Value>, _> = serde_json::Deserializer::from_slice(body).into_iter().collect();
    if let Ok(values) = values {
        let mut judge = Judge::default();
        reader.whole(&values, &mut |event| judge.take(event));
        let _ = judge.finish(&mut drop);
    }
}

#[test]
fn streams() {
    each(&answers(), BESIDE, |body, random| {
        read_answer(body, &mut Chunks::default(), random);
        read_answer(body, &mut Events::default(), random);
        let text = String::from_utf8_lossy(body);
        let _ = (Refusal::read(random.u16(100..600), None, &text), think::split(&text), tame(&text));
    });
}

#[test]
fn words_of_answers() {
    let texts = [
        "# A\n\nSome **words**, `code`, [a link](https://a.example/b) and $x^2$.\n\n- one\n  1. two\n\n> quote\n\n",
        "| a | b |\n|---|:-:|\n| 1 | `2` |\n\n```rust\nfn main() {}\n```\n\n[^1]: note\n\n<br>text[^1]\n\n---\n",
        "हिन्दी 👩‍👩‍👧 e\u{301} \u{202e}x\u{1b}[2J\n\n\\(a_1\\) $$\\frac{1}{2}$$\n",
    ];
    each(&texts.map(|t| t.as_bytes().to_vec()), LANGUAGES, |body, random| {
        let text = tame(&String::from_utf8_lossy(body)).into_owned();
        let mut document = Document::new(random.usize(1..120));
        let cut = (0..=random.usize(..=text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
        document.update(&text[..cut]);
        document.finish(&text);
    });
}

#[test]
fn settings_and_variables() {
    let texts = [
        include_str!("../assets/config.yaml").to_string(),
        "model: {default: m, provider: custom, base_url: http://127.0.0.1:1/v1, api_key: sk-x, headers: {A: b}}\n".into(),
        "model:\n  default: ${NAME}\n  context_length: 8192\ncustom_providers:\n  - name: a\n    base_url: http://a/v1\n    key_env: B\n"
            .into(),
        "display: {streaming: true}\ndisplay: {streaming: false}\nagent:\n  system_prompt: |\n    Two\n    lines\n".into(),
        "XAI_API_KEY=\"a\\\"b\\\\c\"\nexport B='x' # c\nC=${B}\n".into(),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    each(&texts.map(String::into_bytes), BESIDE, |body, _| {
        fs::write(&path, body).unwrap();
        let config = Config::read(&path, &|name| (name == "NAME").then(|| "x".into()));
        assert!(config.problems.iter().all(|problem| !problem.is_empty()));
        let _ = Environment::of(&[]).with_file(&path).get("XAI_API_KEY");
    });
}

#[test]
fn credentials() {
    let row = |source: &str, expires: &str| {
        format!(
            r#"{{"id":"a1b2c3","label":"l","auth_type":"oauth","priority":0,"source":"{source}","access_token":"e30.eyJleHAiOjF9.x","refresh_token":"r",
               "last_status":"exhausted","last_status_at":1795656319.5,"last_error_code":429,"last_error_reset_at":"2026-05-20T09:30:00Z",
               "expires_in":{expires},"last_refresh":"2026-05-20T09:30:00.123456Z","request_count":3,"base_url":"https://api.x.ai/v1"}}"#
        )
    };
    let texts = ["21600", "1e18"].map(|expires| {
        format!(
            r#"{{"version":1,"providers":{{"xai-oauth":{{"tokens":{{"access_token":"a.e30.c","refresh_token":"r","expires_in":{expires}}},
               "last_refresh":"2026-05-20T09:30:00.123456Z","last_auth_error":null}}}},"credential_pool":{{"xai-oauth":[{},{}],"xai":[]}},
               "active_provider":"xai-oauth","suppressed_sources":{{"xai":["env:XAI_API_KEY"]}},"updated_at":"x"}}"#,
            row("manual:xai_pkce", expires),
            row("loopback_pkce", expires)
        )
    });
    each(&texts.map(String::into_bytes), BESIDE, |body, _| {
        let Ok(mut store) = Store::parse(body) else { return };
        for now in [0, 1_795_656_319, i64::MAX] {
            for provider in store.providers() {
                for credential in store.credentials(&provider, now) {
                    let _ = (credential.counts(now), credential.is_expiring(now), credential.only_rests(now), credential.is_new(now));
                }
            }
        }
        store.seed("xai-oauth");
        store.used_and_moved("xai-oauth", "a1b2c3");
        store.exhausted("xai-oauth", "a1b2c3", 429, "rate_limited", "", Some(1e300));
        store.refreshed("xai-oauth", "a1b2c3", "new", Some("r2"), &serde_json::json!({ "expires_in": 1 }));
        store.stamp();
        let text = store.text().unwrap();
        assert!(Store::parse(text.as_bytes()).unwrap() == store, "what is written is read as it was");
    });
}

#[test]
fn catalogs() {
    let texts = [
        r#"{"xai":{"id":"xai","models":{"grok-4.3":{"id":"grok-4.3","name":"Grok","reasoning":true,"tool_call":true,"attachment":true,
            "modalities":{"input":["text","image"],"output":["text"]},"cost":{"input":3,"output":15.5},"limit":{"context":131072,"output":8192}}}},
            "ollama":{"models":{}}}"#,
        r#"{"object":"list","data":[{"id":"mistral:7b","context_length":4096,"max_model_len":8192},{"id":"m\u001b]0;x"},{"id":"mistral:7b"}]}"#,
        r#"{"models":[{"name":"gemma:2b","details":{"family":"g"}}]}"#,
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("models_dev_cache.json");
    let ids: Vec<&str> = providers::REGISTRY.iter().map(|p| p.catalog).collect();
    each(&texts.map(|t| t.as_bytes().to_vec()), BESIDE, |body, _| {
        let listed = catalog_cache::listed(body).unwrap_or_default();
        assert!(listed.iter().all(|model| !model.id.chars().any(char::is_control)), "no id with control characters enters a list");
        fs::write(&path, body).unwrap();
        let _ = (catalog_cache::read_all(&path, &ids).is_ok(), catalog_cache::read(&path, "xai").is_ok());
    });
}
