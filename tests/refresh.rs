//! Tokens that end: refreshed once by whoever is first, never in a loop, and never lost, whatever is killed when.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::sandbox::{Sandbox, parse_faults};
use serde_json::json;
use std::{process::Stdio, time::Duration};
use support::account::{Adding, Home, approve, ask, edit, follow, hermes, last, refreshes, sandbox, signed_in, token};

#[tokio::test]
async fn eight_programs_that_find_an_ended_token_make_one_request() {
    for mirror in [false, true] {
        let server = sandbox("").await;
        let home = signed_in(&server).await;
        edit(&home, |row| row["access_token"] = token(&json!({ "exp": 1 })).into());
        if mirror {
            // as Hermes Agent keeps it: the provider's own entry, and no row yet
            let mut auth = home.auth();
            let row = auth["credential_pool"]["xai-oauth"][0].clone();
            auth["credential_pool"] = json!({});
            auth["providers"]["xai-oauth"] = json!({
                "tokens": { "access_token": row["access_token"], "refresh_token": row["refresh_token"] },
                "auth_mode": "oauth_pkce", "last_refresh": "2026-05-20T09:30:00.123456Z", "their": "own" });
            std::fs::write(home.path().join("auth.json"), auth.to_string()).unwrap();
        }
        let all = futures_util::future::join_all((0..8).map(|_| ask(&home, &server))).await;
        for (status, out, error) in all {
            assert_eq!((status, last(&out)["type"].as_str()), (Some(0), Some("done")), "{out} {error}");
        }
        assert_eq!(refreshes(&server), 1);
        if mirror {
            let own = &home.auth()["providers"]["xai-oauth"];
            assert_eq!(own["their"], "own");
            assert_eq!(own["tokens"]["refresh_token"], home.auth()["credential_pool"]["xai-oauth"][0]["refresh_token"]);
        }
    }
}

#[tokio::test]
async fn a_token_that_the_service_refuses_is_renewed_and_the_question_asked_again() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    // good for long by its own claim, and not signed by the server: a 403 that speaks of validation
    let forged = token(&json!({ "iss": "http://127.0.0.1:1", "grant": "x", "iat": 4_000_000_000_u64, "exp": 4_102_444_800_u64 }));
    edit(&home, |row| row["access_token"] = forged.into());
    let (status, out, _) = ask(&home, &server).await;
    assert_eq!((status, last(&out)["type"].as_str(), refreshes(&server)), (Some(0), Some("done"), 1), "{out}");
}

#[tokio::test]
async fn a_service_that_refuses_every_token_is_not_asked_for_ever() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    server.set_faults(parse_faults("status=401").unwrap());
    let (status, out, _) = ask(&home, &server).await;
    assert_eq!((status, last(&out)["code"].as_str()), (Some(3), Some("key_refused")), "{out}");
    assert!(last(&out)["help"].as_str().unwrap().contains("hermes auth add xai-oauth"), "{out}");
    assert_eq!(refreshes(&server), 2);
}

#[tokio::test]
async fn plans_and_quotas_are_not_refreshed_away() {
    for (fault, code) in [("plan-refused", "plan_refused"), ("quota-spent", "quota_spent")] {
        let server = sandbox("").await;
        let home = signed_in(&server).await;
        server.set_faults(parse_faults(fault).unwrap());
        let (status, out, _) = ask(&home, &server).await;
        assert_eq!((status, last(&out)["code"].as_str(), refreshes(&server)), (Some(1), Some(code), 0), "{out}");
    }
}

#[tokio::test]
async fn a_grant_that_is_gone_asks_for_a_new_sign_in_and_says_why() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    edit(&home, |row| {
        row["access_token"] = token(&json!({ "exp": 1 })).into();
        row["refresh_token"] = "sandbox-rt-unknown".into();
    });
    for _ in 0..2 {
        let (status, out, _) = ask(&home, &server).await;
        let error = last(&out);
        assert_eq!((status, error["code"].as_str()), (Some(3), Some("xai_refresh_failed")), "{out}");
        assert!(error["help"].as_str().unwrap().contains("hermes auth add xai-oauth"));
    }
    assert_eq!(refreshes(&server), 1, "a dead token is not sent again");
    let row = &home.auth()["credential_pool"]["xai-oauth"][0];
    assert_eq!((row["last_status"].as_str(), row["last_error_reason"].as_str()), (Some("exhausted"), Some("invalid_grant")));
    let status = hermes(&home, &server).args(["auth", "status", "xai-oauth"]).output().await.unwrap();
    assert_eq!(status.status.code(), Some(3));
}

#[tokio::test]
async fn opaque_tokens_are_refreshed_by_what_was_said_of_their_life() {
    let server = sandbox("opaque-tokens").await;
    let home = signed_in(&server).await;
    assert_eq!(ask(&home, &server).await.0, Some(0));
    assert_eq!(refreshes(&server), 0);
    edit(&home, |row| row["last_refresh"] = "2026-01-01T00:00:00Z".into());
    assert_eq!(ask(&home, &server).await.0, Some(0));
    assert_eq!(refreshes(&server), 1);
}

#[tokio::test]
async fn a_refresh_that_fails_in_passing_costs_no_sign_in() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    let before = home.auth()["credential_pool"]["xai-oauth"][0]["refresh_token"].clone();
    edit(&home, |row| row["access_token"] = token(&json!({ "exp": 1 })).into());
    server.set_faults(parse_faults("token-fail").unwrap());
    let (status, out, _) = ask(&home, &server).await;
    assert_eq!((status, last(&out)["code"].as_str()), (Some(1), Some("xai_refresh_failed")), "{out}");
    assert_eq!(home.auth()["credential_pool"]["xai-oauth"][0]["refresh_token"], before);
    server.set_faults(vec![]);
    assert_eq!(ask(&home, &server).await.0, Some(0));
}

#[tokio::test]
async fn a_second_account_goes_on_when_the_first_has_nothing_left() {
    let server = sandbox("").await;
    let home = two_accounts(&server).await;
    server.set_faults(parse_faults("quota-spent,times=1").unwrap());
    assert_eq!(ask(&home, &server).await.0, Some(0));
    let rows = home.auth()["credential_pool"]["xai-oauth"].clone();
    assert_eq!((rows[0]["last_status"].as_str(), rows[1]["last_status"].as_str()), (Some("exhausted"), None));
    let out = hermes(&home, &server).args(["auth", "reset", "xai-oauth"]).output().await.unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("of 1 "));
}

/// A home with two accounts.
async fn two_accounts(server: &Sandbox) -> Home {
    let home = signed_in(server).await;
    let mut adding = Adding::start(&home, server, &["--method", "browser", "--label", "second"]).await;
    follow(&approve(&adding.page().await["url"]).await).await;
    assert_eq!(adding.ended().await, 0);
    home
}

#[tokio::test]
async fn an_account_that_gets_too_many_requests_rests_and_the_next_answers() {
    let server = sandbox("").await;
    let home = two_accounts(&server).await;
    server.set_faults(parse_faults("status=429,times=2").unwrap());
    let (status, out, error) = ask(&home, &server).await;
    assert_eq!((status, last(&out)["type"].as_str()), (Some(0), Some("done")), "{out} {error}");
    assert!(error.contains("gets too many requests and rests; second goes on"), "{error}");
    let rows = home.auth()["credential_pool"]["xai-oauth"].clone();
    assert_eq!((rows[0]["last_status"].as_str(), rows[0]["last_error_code"].as_i64()), (Some("exhausted"), Some(429)), "{rows}");
    assert!(rows[0]["last_status_at"].is_number() && rows[1]["last_status"].is_null(), "{rows}");
    // a rest is no end: it is told as what it is
    let out = hermes(&home, &server).args(["auth", "status", "xai-oauth", "--json"]).output().await.unwrap();
    assert_eq!((out.status.code(), last(&String::from_utf8_lossy(&out.stdout))["signed_in"].as_bool()), (Some(0), Some(true)));
}

#[tokio::test]
async fn words_of_a_quota_are_not_waited_out() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    server.set_faults(parse_faults("quota-spent").unwrap());
    let asked = server.requests().len();
    let (status, out, _) = ask(&home, &server).await;
    assert_eq!((status, last(&out)["code"].as_str(), server.requests().len() - asked), (Some(1), Some("quota_spent"), 1), "{out}");
}

#[tokio::test]
async fn the_next_account_goes_on_where_a_sign_in_has_ended() {
    for ended in ["its token has ended", "the service refuses it"] {
        let server = sandbox("").await;
        let home = two_accounts(&server).await;
        edit(&home, |row| {
            // good for long by its own claim, and not of the server
            let exp = if ended == "its token has ended" { 1 } else { 4_102_444_800_u64 };
            row["access_token"] = token(&json!({ "iss": "http://127.0.0.1:1", "exp": exp })).into();
            row["refresh_token"] = "sandbox-rt-unknown".into();
        });
        let (status, out, error) = ask(&home, &server).await;
        assert_eq!((status, last(&out)["type"].as_str()), (Some(0), Some("done")), "{ended}: {out} {error}");
        assert_eq!(error.matches("second goes on").count(), 1, "{ended}: {error}");
        let (status, _, error) = ask(&home, &server).await;
        assert!(status == Some(0) && !error.contains("goes on"), "{ended}: said once; {error}");
    }
}

#[tokio::test]
async fn credentials_take_turns_as_the_settings_say() {
    let server = sandbox("").await;
    for (strategy, uses) in [("round_robin", [2, 2]), ("least_used", [2, 2]), ("fill_first", [0, 0])] {
        let home = Home::new();
        std::fs::write(home.path().join("config.yaml"), format!("credential_pool_strategies:\n  xai: {strategy}\n")).unwrap();
        for label in ["a", "b"] {
            let added = hermes(&home, &server).args(["auth", "add", "xai", "--api-key", label, "--label", label]).output().await.unwrap();
            assert!(added.status.success());
        }
        for _ in 0..4 {
            let out = hermes(&home, &server).args(["--provider", "xai", "-z", "say done"]).output().await.unwrap();
            assert!(out.status.success(), "{out:?}");
        }
        let rows = home.auth()["credential_pool"]["xai"].clone();
        let mut counted: Vec<i64> = rows.as_array().unwrap().iter().map(|row| row["request_count"].as_i64().unwrap()).collect();
        counted.sort_unstable();
        assert_eq!(counted, uses, "{strategy}");
    }
}

#[tokio::test]
async fn whatever_is_killed_when_the_file_stays_readable_and_whole() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    let run = async |arguments: &[&str]| assert!(home.command().args(arguments).output().await.unwrap().status.success());
    run(&["auth", "add", "xai", "--api-key", "kept-key", "--label", "kept"]).await;
    let mut random = fastrand::Rng::with_seed(7);
    let mut cut = 0;
    for round in 0..500 {
        let label = format!("extra{}", round % 5);
        let key = format!("key-{round}");
        if round % 3 == 2 {
            edit(&home, |row| row["access_token"] = token(&json!({ "exp": 1 })).into());
        }
        let arguments: &[&str] = match round % 3 {
            0 => &["auth", "add", "xai", "--api-key", &key, "--label", &label],
            1 => &["auth", "remove", "xai", &label],
            _ => &["--provider", "xai-oauth", "-z", "say done"],
        };
        let untouched = home.auth()["credential_pool"]["xai-oauth"].clone();
        let mut child = hermes(&home, &server).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // the moment is what is tested
        tokio::time::sleep(Duration::from_micros(random.u64(0..12_000))).await;
        cut += usize::from(child.try_wait().unwrap().is_none());
        child.kill().await.unwrap();
        let auth = home.auth();
        assert_eq!(auth["credential_pool"]["xai"][0]["label"], "kept", "round {round}");
        assert_eq!(auth["credential_pool"]["xai"][0]["access_token"], "kept-key");
        assert_eq!(auth["credential_pool"]["xai-oauth"].as_array().map(Vec::len), Some(1), "round {round}");
        if round % 3 != 2 {
            assert_eq!(auth["credential_pool"]["xai-oauth"], untouched, "round {round}: nobody was to change the sign-in");
        }
        // and it still works, whatever the kill came between: always where it was being renewed, now and then where it was not
        if round % 3 != 2 && round % 10 != 0 {
            continue;
        }
        let out = hermes(&home, &server).args(["--provider", "xai-oauth", "-z", "say done"]).output().await.unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout), "done\n", "round {round}: {out:?}");
    }
    assert!(cut > 50, "only {cut} were killed in the middle");
    run(&["auth", "add", "xai", "--api-key", "last", "--label", "last"]).await;
    let left: Vec<_> =
        std::fs::read_dir(home.path()).unwrap().flatten().filter(|e| e.file_name().to_string_lossy().contains(".tmp.")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn no_secret_is_printed_or_logged() {
    let server = sandbox("").await;
    let home = signed_in(&server).await;
    let row = home.auth()["credential_pool"]["xai-oauth"][0].clone();
    let secrets = [row["access_token"].as_str().unwrap().to_string(), row["refresh_token"].as_str().unwrap().to_string()];
    let mut told = String::new();
    for arguments in [
        &["auth", "list"][..],
        &["auth", "list", "--json"],
        &["auth", "status", "--json"],
        &["doctor", "--json", "--prove"],
        &["--provider", "xai-oauth", "chat", "--json", "-q", "hello"],
        &["auth", "remove", "xai-oauth", "nobody"],
    ] {
        let out = hermes(&home, &server).args(arguments).output().await.unwrap();
        told += &String::from_utf8_lossy(&[out.stdout, out.stderr].concat());
    }
    server.set_faults(parse_faults("status=400").unwrap());
    let (_, out, error) = ask(&home, &server).await;
    told += &format!("{out}{error}");
    for secret in secrets {
        assert!(!told.contains(&secret));
    }
    // and nothing but the file itself and its copy holds them
    let holders = support::account::files_with(home.path(), row["refresh_token"].as_str().unwrap());
    assert_eq!(holders, ["auth.json", "auth.last-good.json"]);
}
