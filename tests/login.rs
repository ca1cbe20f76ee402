//! Signing in on the plain path: the real binary against the sandbox, by every way and with every refusal.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "support/raw.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod raw;
mod support;

use hermes::sandbox::{Options, Sandbox, parse_faults, serve};
use serde_json::Value;
use std::process::Stdio;
use support::account::{Adding, Home, approve, decide, follow, hermes};
use tokio::net::TcpListener;

async fn sandbox(faults: &str) -> Sandbox {
    serve(Options { port: 0, faults: parse_faults(faults).unwrap() }).await.unwrap()
}

#[tokio::test]
async fn the_browser_comes_back_and_the_login_is_stored() {
    let (server, home) = (sandbox("").await, Home::new());
    let mut adding = Adding::start(&home, &server, &["--label", "mine"]).await;
    let page = follow(&approve(&adding.page().await["url"]).await).await;
    assert!(page.1.contains("Code received"), "{}", page.1);
    let done = adding.event("signed_in").await;
    assert_eq!((done["method"].as_str(), done["label"].as_str()), (Some("browser"), Some("mine")));
    assert_eq!(adding.ended().await, 0);
    let auth = home.auth();
    assert_eq!(auth["credential_pool"]["xai-oauth"][0]["source"], "manual:xai_pkce");
    assert_eq!(auth["active_provider"], "xai-oauth");
    assert_eq!(home.read("config.yaml"), "model:\n  default: grok-4.3\n  provider: xai-oauth\n  base_url: https://api.x.ai/v1\n");
    // and the next program can chat
    let out = hermes(&home, &server).args(["-z", "hello"]).output().await.unwrap();
    assert!(out.status.success() && String::from_utf8_lossy(&out.stdout).contains("A short tour"), "{out:?}");
}

#[tokio::test]
async fn another_device_signs_in() {
    let (server, home) = (sandbox("quick-device,device-slow-down").await, Home::new());
    let mut adding = Adding::start(&home, &server, &["--device-code"]).await;
    let code = adding.event("device_code").await;
    assert!(code["verification_uri_complete"].as_str().unwrap().contains(code["user_code"].as_str().unwrap()));
    assert!(server.approve_device(code["user_code"].as_str().unwrap()));
    assert_eq!(adding.event("signed_in").await["method"], "device");
    assert_eq!(adding.ended().await, 0);
    assert_eq!(home.auth()["credential_pool"]["xai-oauth"][0]["source"], "manual:device_code");
}

#[tokio::test]
async fn every_form_of_a_paste_signs_in() {
    let server = sandbox("").await;
    for form in ["address", "broken", "query", "bare", "quoted"] {
        let home = Home::new();
        let mut adding = Adding::start(&home, &server, &["--manual-paste"]).await;
        let page = adding.page().await;
        assert_eq!((page["redirect_uri"].as_str(), page["listening"].as_bool()), (Some("http://127.0.0.1:56121/callback"), Some(false)));
        let back = approve(&page["url"]).await;
        let query = back.split_once('?').unwrap().1.to_string();
        let code = query.split('&').find_map(|p| p.strip_prefix("code=")).unwrap().to_string();
        let text = match form {
            "address" => back,
            "broken" => format!("  {}\t{}  ", &back[..30], &back[30..]),
            "query" => format!("?{query}"),
            "bare" => code,
            _ => format!("\"{back}\""),
        };
        adding.paste(&text).await;
        assert_eq!(adding.event("signed_in").await["method"], "paste", "{form}");
        assert_eq!(adding.ended().await, 0);
    }
}

#[tokio::test]
async fn a_wrong_paste_says_why_and_waits_on() {
    let (server, home) = (sandbox("").await, Home::new());
    let mut adding = Adding::start(&home, &server, &["--method", "browser", "--no-browser"]).await;
    let page = adding.page().await;
    let back = approve(&page["url"]).await;
    for (text, code) in [
        (back.replace("state=", "state=0"), "xai_state_mismatch"),
        ("https://accounts.x.ai/oauth2/consent".into(), "xai_code_missing"),
        ("not-a-code".into(), "xai_token_exchange_failed"),
    ] {
        adding.paste(&text).await;
        let failed = adding.event("failed").await;
        assert_eq!((failed["method"].as_str(), failed["code"].as_str()), (Some("paste"), Some(code)), "{text}");
    }
    adding.paste(&back).await;
    assert_eq!(adding.event("signed_in").await["method"], "paste");
    assert_eq!(adding.ended().await, 0);
}

#[tokio::test]
async fn a_foreign_answer_at_the_listener_ends_the_attempt() {
    let (server, home) = (sandbox("").await, Home::new());
    let mut adding = Adding::start(&home, &server, &[]).await;
    let redirect = adding.page().await["redirect_uri"].as_str().unwrap().to_string();
    let (status, page) = follow(&format!("{redirect}?code=stolen&state=other")).await;
    assert!(status == 400 && page.contains("Not accepted"), "{status} {page}");
    assert_eq!(adding.event("error").await["error"]["code"], "xai_state_mismatch");
    assert_eq!(adding.ended().await, 1);
    assert!(!home.path().join("auth.json").exists());
}

#[tokio::test]
async fn refusals_have_their_code_and_their_status() {
    for (faults, arguments, decision, code) in [
        ("", &[][..], "deny", "xai_authorization_failed"),
        ("token-fail", &["--method", "browser"], "approve", "xai_token_exchange_failed"),
        ("token-plan-refused", &["--method", "browser"], "approve", "xai_oauth_tier_denied"),
    ] {
        let (server, home) = (sandbox(faults).await, Home::new());
        let mut adding = Adding::start(&home, &server, arguments).await;
        let url = adding.page().await["url"].clone();
        let (status, page) = follow(&decide(&url, decision).await).await;
        assert!(status == 200 && (decision == "approve" || page.contains("Sign-in refused")), "{status} {page}");
        let error = adding.event("error").await["error"].clone();
        assert_eq!(error["code"], code);
        assert!(error["message"].as_str().unwrap().len() > 10 && error["help"].is_string(), "{error}");
        assert_eq!(adding.ended().await, 1, "{code}");
    }
}

#[tokio::test]
async fn a_stranger_ends_nothing() {
    let (server, home) = (sandbox("").await, Home::new());
    let mut adding = Adding::start(&home, &server, &["--method", "browser", "--no-browser"]).await;
    let page = adding.page().await;
    let redirect = page["redirect_uri"].as_str().unwrap().to_string();
    for state in ["", "&state=another"] {
        let knock = format!("{redirect}?error=access_denied&error_description=%00%1b%5B2J%E2%80%AEgo%3Cb%3E{state}");
        let (status, answer) = follow(&knock).await;
        assert!(status == 400 && answer.contains("Nothing has ended"), "{status} {answer}");
        assert!(answer.contains("go&lt;b&gt;") && !answer.contains(['\0', '\x1b', '\u{202e}']), "{answer:?}");
    }
    adding.paste("?error=access_denied&state=another").await;
    assert_eq!(adding.event("failed").await["code"], "xai_authorization_failed");
    follow(&approve(&page["url"]).await).await;
    adding.event("signed_in").await;
    assert_eq!(adding.ended().await, 0);
}

#[tokio::test]
async fn a_pasted_refusal_of_this_attempt_ends_it() {
    let (server, home) = (sandbox("").await, Home::new());
    let mut adding = Adding::start(&home, &server, &["--manual-paste"]).await;
    let back = decide(&adding.page().await["url"], "deny").await;
    adding.paste(&back).await;
    assert_eq!(adding.event("error").await["error"]["code"], "xai_authorization_failed");
    assert_eq!(adding.ended().await, 1);
}

/// A description of a server on this machine whose codes for other devices are elsewhere.
fn foreign_device() -> raw::Raw {
    raw::Raw::described(|port| {
        let here = format!("http://127.0.0.1:{port}");
        let body = serde_json::json!({ "authorization_endpoint": format!("{here}/a"), "token_endpoint": format!("{here}/t"),
            "device_authorization_endpoint": "https://evil.example/device" });
        raw::answer(200, "application/json", &body.to_string())
    })
}

#[tokio::test]
async fn a_device_endpoint_of_strangers_is_left_out_and_said() {
    let server = foreign_device();
    let issuer = format!("http://127.0.0.1:{}", server.port);
    let run = async |method: &str| {
        let home = Home::new();
        let mut command = home.command();
        command.env("XAI_OAUTH_ISSUER", &issuer).args(["auth", "add", "xai-oauth", "--json", "--timeout", "1", "--method", method]);
        let out = command.output().await.unwrap();
        String::from_utf8(out.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    let all = run("auto").await;
    assert_eq!(all[0]["methods"], serde_json::json!(["browser", "paste"]));
    let left_out = all.iter().find(|e| e["event"] == "failed" && e["method"] == "device").unwrap();
    assert_eq!(left_out["code"], "xai_discovery_invalid");
    assert!(left_out["message"].as_str().unwrap().contains("evil.example"), "{left_out}");
    assert!(all.iter().any(|e| e["event"] == "authorize_url"), "the others run");
    assert_eq!(run("device").await.last().unwrap()["error"]["code"], "xai_discovery_invalid");
    assert!(server.asked().iter().all(|request| request.head.contains("openid-configuration")));
}

#[tokio::test]
async fn a_way_that_ends_leaves_the_others() {
    let (server, home) = (sandbox("quick-device,device-deny").await, Home::new());
    let mut adding = Adding::start(&home, &server, &[]).await;
    let url = adding.page().await["url"].clone();
    let failed = adding.event("failed").await;
    assert_eq!((failed["method"].as_str(), failed["code"].as_str()), (Some("device"), Some("xai_device_token_failed")));
    follow(&approve(&url).await).await;
    assert_eq!(adding.event("signed_in").await["method"], "browser");
    assert_eq!(adding.ended().await, 0);
}

#[tokio::test]
async fn time_runs_out_with_the_code_of_the_way() {
    let server = sandbox("").await;
    for (arguments, code) in [
        (["--timeout", "1", "--no-browser"], "xai_callback_timeout"),
        (["--timeout", "1", "--device-code"], "device_code_timeout"),
        (["--timeout", "1", "--manual-paste"], "xai_callback_timeout"),
    ] {
        let home = Home::new();
        let mut adding = Adding::start(&home, &server, &arguments).await;
        assert_eq!(adding.event("error").await["error"]["code"], code, "{arguments:?}");
        assert_eq!(adding.ended().await, 1);
    }
}

#[tokio::test]
async fn a_taken_port_is_told_and_another_one_works() {
    // somebody else may hold it already, which is just as well
    let _taken = TcpListener::bind(("127.0.0.1", 56_121)).await;
    let (server, home) = (sandbox("").await, Home::new());
    let mut adding = Adding::start(&home, &server, &["--no-browser"]).await;
    let page = adding.page().await;
    assert_eq!(page["other_port"], true);
    assert!(!page["redirect_uri"].as_str().unwrap().contains(":56121/"));
    follow(&approve(&page["url"]).await).await;
    adding.event("signed_in").await;
    assert_eq!(adding.ended().await, 0);
}

/// Says something to a port; gives what it answers.
async fn say(port: u16, words: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn the_listener_answers_its_own_path_and_host_once() {
    let (server, home) = (sandbox("").await, Home::new());
    let mut adding = Adding::start(&home, &server, &[]).await;
    let page = adding.page().await;
    let redirect = page["redirect_uri"].as_str().unwrap().to_string();
    let client = support::account::client();
    let get = |url: String| client.get(url).send();
    assert_eq!(get(redirect.replace("/callback", "/other")).await.unwrap().status(), 404);
    let empty = get(redirect.clone()).await.unwrap();
    assert_eq!(empty.status(), 400);
    assert!(empty.text().await.unwrap().contains("No code came"));
    assert_eq!(client.post(&redirect).send().await.unwrap().status(), 501);
    assert_eq!(client.get(&redirect).header("host", "evil.example").send().await.unwrap().status(), 403);
    // newer protocols and whole addresses name their host elsewhere than in a header
    let newer = reqwest::Client::builder().no_proxy().tls_certs_only([]).http2_prior_knowledge().build().unwrap();
    let newer = newer.get(format!("{redirect}?code=c&state=s")).header("host", "evil.example").send().await;
    assert!(newer.is_err() || newer.unwrap().status() == 403);
    let port = redirect.split(':').nth(2).unwrap().split('/').next().unwrap().parse::<u16>().unwrap();
    let whole = format!("GET http://evil.example/callback?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    assert!(say(port, &whole).await.starts_with("HTTP/1.1 403"));
    let preflight = |origin: &'static str| client.request("OPTIONS".parse().unwrap(), &redirect).header("origin", origin).send();
    let known = preflight("https://accounts.x.ai").await.unwrap();
    assert_eq!(known.status(), 204);
    let header = |name: &str| known.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_string();
    assert_eq!(header("access-control-allow-origin"), "https://accounts.x.ai");
    assert_eq!(header("access-control-allow-private-network"), "true");
    assert_eq!(header("vary"), "Origin");
    let foreign = preflight("https://evil.example").await.unwrap();
    assert!(foreign.headers().get("access-control-allow-origin").is_none());
    // a connection that says nothing holds nobody up
    let _stuck = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    follow(&approve(&page["url"]).await).await;
    adding.event("signed_in").await;
    assert_eq!(adding.ended().await, 0);
}

#[tokio::test]
async fn without_a_server_or_with_a_wrong_one_the_reason_is_told() {
    let nobody = { TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap() };
    for (issuer, code) in [
        (format!("http://{nobody}"), "xai_discovery_failed"),
        ("http://auth.example".to_string(), "xai_discovery_invalid"),
        ("nonsense".to_string(), "xai_discovery_invalid"),
    ] {
        let home = Home::new();
        let out = home.command().env("XAI_OAUTH_ISSUER", &issuer).args(["auth", "add", "xai-oauth", "--json"]).output().await.unwrap();
        let last: Value = serde_json::from_str(String::from_utf8_lossy(&out.stdout).lines().last().unwrap()).unwrap();
        assert_eq!((last["error"]["code"].as_str(), out.status.code()), (Some(code), Some(1)), "{issuer}");
    }
}

#[tokio::test]
async fn lines_tell_the_same_as_events() {
    let (server, home) = (sandbox("quick-device").await, Home::new());
    let picture = home.path().join("code.png");
    let mut child = hermes(&home, &server)
        .args(["auth", "add", "grok-oauth", "--no-browser", "--qr-file", picture.to_str().unwrap()])
        .env("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
        .env("USER", "sam")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = support::account::lines(child.stdout.take().unwrap());
    let mut text = vec![];
    let mut code = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, found)) = line.split_once("enter the code  ") {
            code = found.to_string();
            assert!(server.approve_device(&code));
        }
        text.push(line);
    }
    let url = text.iter().find(|l| l.starts_with("http://") && l.contains("/oauth2/authorize?")).expect("the address stands alone");
    let port = url.split("127.0.0.1%3A").nth(1).unwrap().split('%').next().unwrap();
    assert!(text.contains(&format!("Waiting for callback on http://127.0.0.1:{port}/callback")), "{text:#?}");
    assert!(text.iter().any(|l| l.trim_start().starts_with(&format!("ssh -N -L {port}:127.0.0.1:{port} sam@"))), "{text:#?}");
    assert!(text.last().unwrap().starts_with("Signed in as demo@sandbox.invalid"), "{text:#?}");
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    let mut reader = png::Decoder::new(std::io::Cursor::new(std::fs::read(&picture).unwrap())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let side = reader.next_frame(&mut pixels).unwrap().width as usize;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| pixels[y * side + x]);
    assert!(image.detect_grids()[0].decode().unwrap().1.ends_with(&format!("/oauth2/device?user_code={code}")));
}

#[tokio::test]
async fn an_interrupt_ends_with_130_and_frees_the_port() {
    let (server, home) = (sandbox("").await, Home::new());
    let mut adding = Adding::start(&home, &server, &[]).await;
    let redirect = adding.page().await["redirect_uri"].as_str().unwrap().to_string();
    adding.signal("INT");
    assert_eq!(adding.event("error").await["error"]["code"], "interrupted");
    assert_eq!(adding.ended().await, 130);
    assert!(support::account::client().get(redirect).send().await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn keys_are_kept_listed_and_removed() {
    let home = Home::new();
    let run = async |arguments: &[&str]| {
        let out = home.command().args(arguments).output().await.unwrap();
        (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    assert_eq!(run(&["auth", "status", "xai"]).await.0, 3);
    assert_eq!(run(&["auth", "add", "x-ai", "--api-key", "xai-first-key"]).await.0, 0);
    assert_eq!(run(&["auth", "add", "xai", "--api-key", "xai-second-key", "--label", "work"]).await.0, 0);
    let (_, list, _) = run(&["auth", "list", "xai", "--json"]).await;
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((list[0]["index"].as_i64(), list[0]["type"].as_str(), list[0]["active"].as_bool()), (Some(1), Some("api_key"), Some(true)));
    assert_eq!(
        (list[1]["label"].as_str(), list[1]["status"].as_str(), list[1]["source"].as_str()),
        (Some("work"), Some("ok"), Some("manual"))
    );
    assert_eq!(run(&["auth", "status", "xai", "--json"]).await.0, 0);
    let (status, _, error) = run(&["auth", "remove", "xai"]).await;
    assert!(status == 2 && error.contains("#2 work"), "{error}");
    assert_eq!(run(&["auth", "remove", "grok", "WORK"]).await.0, 0);
    assert_eq!(run(&["auth", "remove", "xai"]).await.0, 0);
    assert_eq!(run(&["auth", "remove", "xai"]).await.0, 1);
    assert_eq!(run(&["auth", "add", "nobody"]).await.0, 2);
    assert_eq!(run(&["auth", "add", "sandbox"]).await.0, 2);
    assert!(!home.read("auth.json").contains("xai-second-key"), "nothing of a removed key stays");
    assert!(!home.read("hermes-tui/auth.last-good.json").contains("xai-second-key"));
}

#[tokio::test]
async fn damaged_and_unreadable_files_stay_byte_for_byte() {
    let server = sandbox("").await;
    for text in ["{ not json", "[]", "{\"providers\": 3}"] {
        let home = Home::new();
        std::fs::write(home.path().join("auth.json"), text).unwrap();
        for arguments in [
            &["auth", "list"][..],
            &["auth", "add", "xai-oauth", "--json"],
            &["auth", "logout", "xai-oauth"],
            &["auth", "add", "xai", "--api-key", "k"],
            &["--provider", "xai-oauth", "-z", "hello"],
            &["doctor"],
        ] {
            let out = hermes(&home, &server).args(arguments).stdin(Stdio::null()).output().await.unwrap();
            assert_eq!(out.status.code(), Some(1), "{arguments:?} {out:?}");
            let told = [out.stdout, out.stderr].concat();
            assert!(String::from_utf8_lossy(&told).contains("left as it is"), "{arguments:?}");
            assert_eq!(home.read("auth.json"), text, "{arguments:?}");
        }
    }
}

#[tokio::test]
async fn the_doctor_names_every_provider() {
    let home = Home::new();
    let out = home.command().args(["doctor"]).output().await.unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success() && text.contains("◆ Auth Providers"), "{text}");
    let out = home.command().args(["doctor", "--json"]).output().await.unwrap();
    let document: Value = serde_json::from_slice(&out.stdout).unwrap();
    let section = document["sections"].as_array().unwrap().iter().find(|s| s["title"] == "Auth Providers").unwrap();
    assert_eq!(section["checks"].as_array().unwrap().len(), hermes::providers::REGISTRY.len());
}
