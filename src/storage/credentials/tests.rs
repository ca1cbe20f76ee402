use super::*;
use crate::{domain::account::State, storage::credentials::row::credential};

/// As Hermes Agent 0.14 writes it (`docs/files.md` 2.8).
const AGENT_A: &str = include_str!("../../../tests/support/auth/agent_a.json");
/// As Hermes Agent 0.19 leaves it after a refresh was refused.
const AGENT_B_QUARANTINE: &str = include_str!("../../../tests/support/auth/agent_b_quarantine.json");

fn tokens(access: &str, refresh: &str) -> Tokens {
    Tokens {
        access: Secret::new(access),
        refresh: Secret::new(refresh),
        id: Secret::new(""),
        expires_in: Some(21_600),
        kind: "Bearer".into(),
    }
}

fn fresh(access: &str, label: Option<&str>) -> Fresh {
    Fresh {
        method: Method::Browser,
        tokens: tokens(access, "r1"),
        label: label.map(str::to_string),
        base_url: "https://api.x.ai/v1".into(),
    }
}

/// The credential that a target names.
fn found(store: &Store, provider: &str, target: Option<&str>) -> Result<Credential, NoTarget> {
    let mut rows = store.credentials(provider, 0);
    find(&rows, target).map(|at| rows.swap_remove(at))
}

fn names(store: &Store) -> Vec<String> {
    store.credentials("xai-oauth", 0).iter().map(|c| format!("{}:{}", c.label, c.source)).collect()
}

#[test]
fn files_of_hermes_agent_are_read_and_come_back_byte_for_byte() {
    let store = Store::parse(AGENT_A.as_bytes()).unwrap();
    assert_eq!(store.text().unwrap(), AGENT_A);
    assert_eq!(names(&store), ["sam@example.com:loopback_pkce", "work:manual:xai_pkce"]);
    assert_eq!(store.active_provider(), Some("xai-oauth"));
    assert_eq!(store.token_endpoint("xai-oauth"), Some("https://auth.x.ai/oauth2/token"));
    let quarantined = Store::parse(AGENT_B_QUARANTINE.as_bytes()).unwrap();
    assert_eq!(quarantined.text().unwrap(), AGENT_B_QUARANTINE);
    assert!(names(&quarantined).is_empty());
    assert!(quarantined.last_error("xai-oauth").unwrap().1.contains("revoked"));
}

#[test]
fn a_sign_in_is_an_account_of_its_own_in_the_exact_shape() {
    let mut store = Store::default();
    assert_eq!(store.add("xai-oauth", &fresh("opaque", None)), (1, "xai-oauth-oauth-1".into()));
    store.stamp();
    let value: Value = serde_json::from_str(&store.text().unwrap()).unwrap();
    let row = &value["credential_pool"]["xai-oauth"][0];
    let mut keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let want = [
        "access_token",
        "auth_type",
        "base_url",
        "expires_in",
        "id",
        "label",
        "last_error_code",
        "last_error_message",
        "last_error_reason",
        "last_error_reset_at",
        "last_refresh",
        "last_status",
        "last_status_at",
        "priority",
        "refresh_token",
        "request_count",
        "source",
    ];
    assert_eq!(keys, want);
    assert_eq!(
        (row["source"].as_str(), row["auth_type"].as_str(), row["priority"].as_i64()),
        (Some("manual:xai_pkce"), Some("oauth"), Some(0))
    );
    assert_eq!((value["active_provider"].as_str(), value["version"].as_i64()), (Some("xai-oauth"), Some(1)));
    assert!(value["updated_at"].as_str().unwrap().ends_with("+00:00") && row["last_refresh"].as_str().unwrap().ends_with('Z'));
    assert_eq!(store.add("xai-oauth", &fresh("two", Some("work"))).0, 2);
    assert_eq!(found(&store, "xai-oauth", Some("WORK")).unwrap().access.reveal(), "two");
    assert_eq!(found(&store, "xai-oauth", Some("1")).unwrap().access.reveal(), "opaque");
    assert_eq!(found(&store, "xai-oauth", None), Err(NoTarget::Ambiguous));
    assert_eq!(found(&store, "xai-oauth", Some("3")), Err(NoTarget::Unknown));
    assert_eq!(found(&store, "xai", None), Err(NoTarget::Empty));
}

#[test]
fn removing_a_mirror_removes_what_it_mirrors_and_it_does_not_come_back() {
    let mut store = Store::parse(AGENT_A.as_bytes()).unwrap();
    let mirror = found(&store, "xai-oauth", Some("sam@example.com")).unwrap();
    store.remove("xai-oauth", &mirror);
    assert_eq!(names(&store), ["work:manual:xai_pkce"]);
    assert!(store.text().unwrap().contains("\"env:XAI_API_KEY\""), "what was suppressed before stays");
    let mut again = Store::parse(store.text().unwrap().as_bytes()).unwrap();
    again.seed("xai-oauth");
    assert_eq!(names(&again), ["work:manual:xai_pkce"]);
    again.add("xai-oauth", &fresh("new", Some("new")));
    assert!(!again.text().unwrap().contains("loopback_pkce"), "a sign-in lifts the suppression");
}

#[test]
fn two_mirrors_of_two_generations_become_one() {
    let mut value: Value = serde_json::from_str(AGENT_A).unwrap();
    let mut other = value["credential_pool"]["xai-oauth"][0].clone();
    (other["id"], other["source"], other["access_token"]) = ("ffffff".into(), "device_code".into(), "old".into());
    value["credential_pool"]["xai-oauth"].as_array_mut().unwrap().insert(0, other);
    let store = Store::parse(value.to_string().as_bytes()).unwrap();
    assert_eq!(names(&store), ["sam@example.com:loopback_pkce", "work:manual:xai_pkce"]);
}

#[test]
fn a_mirror_that_nobody_wrote_is_there_all_the_same() {
    let mut value: Value = serde_json::from_str(AGENT_A).unwrap();
    value.as_object_mut().unwrap().remove("credential_pool");
    let store = Store::parse(value.to_string().as_bytes()).unwrap();
    let (first, again) = (store.credentials("xai-oauth", 0), store.credentials("xai-oauth", 0));
    assert_eq!((first.len(), first[0].source.as_str()), (1, "loopback_pkce"));
    assert_eq!(first[0].id, again[0].id);
}

#[test]
fn a_refresh_reaches_the_mirror_and_its_entry_and_keeps_what_is_unknown() {
    let mut value: Value = serde_json::from_str(AGENT_A).unwrap();
    value["providers"]["xai-oauth"]["their_own"] = json!({ "kept": 1.5 });
    value["providers"]["xai-oauth"]["last_auth_error"] = json!({ "code": "x" });
    let mut store = Store::parse(value.to_string().as_bytes()).unwrap();
    let mirror = found(&store, "xai-oauth", Some("sam@example.com")).unwrap();
    store.refreshed("xai-oauth", &mirror.id, "a2", None, &json!({ "expires_in": 900 }));
    let after: Value = serde_json::from_str(&store.text().unwrap()).unwrap();
    let (own, row) = (&after["providers"]["xai-oauth"], &after["credential_pool"]["xai-oauth"][0]);
    assert_eq!((own["tokens"]["access_token"].as_str(), row["access_token"].as_str()), (Some("a2"), Some("a2")));
    assert_eq!(row["refresh_token"], "made-up-refresh-0001", "a refresh token that was left out stays");
    assert_eq!((&own["their_own"]["kept"], &own["last_auth_error"], &row["last_status"]), (&json!(1.5), &Value::Null, &json!("ok")));
    assert_eq!((&own["tokens"]["expires_in"], &row["expires_in"]), (&json!(900), &json!(900)));
}

#[test]
fn a_grant_that_is_gone_is_marked_or_put_aside() {
    let mut store = Store::parse(AGENT_A.as_bytes()).unwrap();
    let (mirror, own) = (found(&store, "xai-oauth", Some("1")).unwrap(), found(&store, "xai-oauth", Some("2")).unwrap());
    store.grant_is_gone("xai-oauth", &own, "revoked");
    assert_eq!(found(&store, "xai-oauth", Some("2")).unwrap().state, State::Dead { reason: Some("invalid_grant".into()) });
    store.grant_is_gone("xai-oauth", &mirror, "revoked");
    assert_eq!(names(&store), ["work:manual:xai_pkce"]);
    assert_eq!(store.last_error("xai-oauth").unwrap().0, "xai_refresh_failed");
    assert!(!store.text().unwrap().contains("made-up-refresh-0001"));
    assert_eq!(store.reset("xai-oauth"), 1);
    assert_eq!(found(&store, "xai-oauth", None).unwrap().state, State::Ok);
}

#[test]
fn rest_ends_by_itself() {
    for (marks, now, want) in [
        (json!({ "last_status": "exhausted", "last_status_at": 1000.5, "last_error_code": 429 }), 4_599, false),
        (json!({ "last_status": "exhausted", "last_status_at": 1000.5, "last_error_code": 429 }), 4_600, true),
        (json!({ "last_status": "exhausted", "last_status_at": 1000.5, "last_error_code": 401 }), 1_300, true),
        (json!({ "last_status": "exhausted", "last_status_at": 1, "last_error_reset_at": 2_000_000_000_000_u64 }), 1_999_999_999, false),
        (json!({ "last_status": "exhausted", "last_status_at": 1, "last_error_reset_at": "1970-01-01T00:01:00+00:00" }), 60, true),
        (json!({ "last_status": "dead" }), i64::MAX, false),
        (
            json!({ "last_status": "exhausted", "last_status_at": 1, "last_error_code": 401, "last_error_reason": "token_revoked" }),
            i64::MAX,
            false,
        ),
    ] {
        let Value::Object(row) = marks.clone() else { panic!() };
        assert_eq!(credential(&row, now).is_usable(now), want, "{marks} at {now}");
    }
}

#[test]
fn logging_out_clears_both_places_and_nothing_else() {
    let mut store = Store::parse(AGENT_A.as_bytes()).unwrap();
    assert!(store.log_out("xai-oauth") && !store.log_out("xai-oauth"));
    let value: Value = serde_json::from_str(&store.text().unwrap()).unwrap();
    assert_eq!((&value["providers"], &value["credential_pool"], &value["active_provider"]), (&json!({}), &json!({}), &Value::Null));
    assert_eq!(value["suppressed_sources"], json!({ "xai": ["env:XAI_API_KEY"] }));
}

#[test]
fn rows_without_an_id_are_told_apart() {
    let rows = r#"{"credential_pool":{"xai-oauth":[{"auth_type":"oauth","access_token":"a","refresh_token":"ra"},{"auth_type":"oauth","access_token":"b","refresh_token":"rb"}]}}"#;
    let mut store = Store::parse(rows.as_bytes()).unwrap();
    let (first, second) = (found(&store, "xai-oauth", Some("1")).unwrap(), found(&store, "xai-oauth", Some("2")).unwrap());
    assert!(!first.id.is_empty() && first.id != second.id);
    store.refreshed("xai-oauth", &second.id, "b2", Some("rb2"), &json!({}));
    let tokens: Vec<String> = store.credentials("xai-oauth", 0).iter().map(|c| c.access.reveal().to_string()).collect();
    assert_eq!(tokens, ["a", "b2"]);
}

#[test]
fn damage_is_told_and_foreign_letters_are_escaped() {
    for bad in ["", "{", "[]", "3", "{\"providers\": []}", "{\"credential_pool\": 1}"] {
        assert!(Store::parse(bad.as_bytes()).is_err(), "{bad}");
    }
    let store = Store::parse("{\"providers\": {}, \"note\": \"é😀\"}".as_bytes()).unwrap();
    assert!(store.text().unwrap().contains("\"\\u00e9\\ud83d\\ude00\"") && store.text().unwrap().is_ascii());
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = Store::parse(&bytes);
    }
    #[test]
    fn rows_of_any_shape_are_survived(row in "\\PC{0,40}", number in proptest::num::f64::ANY) {
        let text = json!({ "credential_pool": { "xai-oauth": [row, number, null, {}, [], { "id": number, "access_token": row, "priority": "x" }] },
            "providers": { "xai-oauth": { "tokens": row } }, "suppressed_sources": { "xai-oauth": number } }).to_string();
        if let Ok(mut store) = Store::parse(text.as_bytes()) {
            store.add("xai-oauth", &fresh("a", None));
            let all = store.credentials("xai-oauth", 0);
            store.refreshed("xai-oauth", &all[0].id, "b", Some("c"), &json!(1));
            store.remove("xai-oauth", &all[0]);
            store.reset("xai-oauth");
            store.used_and_moved("xai-oauth", "x");
        }
    }
}
