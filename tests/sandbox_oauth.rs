//! The sandbox's sign-in as other people's clients see it: the crate `oauth2` signs in with a code and with a device code, renews
//! and is refused. What that crate can't do wrong is sent by hand.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use hermes::sandbox::{Options, Sandbox, parse_faults, serve};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, CsrfToken, DeviceAuthorizationUrl, DeviceCodeErrorResponseType, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardDeviceAuthorizationResponse, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse},
};
use serde_json::Value;
use std::{sync::LazyLock, time::Duration};

const CLIENT: &str = "b1a00492-073a-47ea-816f-4c329264a828";
const CALLBACK: &str = "http://127.0.0.1:56121/callback";

/// Follows no redirects: nobody listens at the callback.
static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // one connection a request: each test has a runtime of its own
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_certs_only([])
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
});

/// Who authorizes, for devices too, gives tokens; asks and revokes nowhere.
type Client = BasicClient<EndpointSet, EndpointSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// The HTTP client in the shape that the crate asks for.
async fn execute(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let response = HTTP.execute(request.try_into()?).await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut answer = HttpResponse::new(response.bytes().await?.to_vec());
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

async fn sandbox(faults: &str) -> Sandbox {
    serve(Options { port: 0, faults: parse_faults(faults).unwrap() }).await.unwrap()
}

/// A client that knows what discovery says.
async fn client(sandbox: &Sandbox) -> Client {
    let document = get(&format!("{}/.well-known/openid-configuration", sandbox.issuer())).await;
    assert_eq!(document["issuer"], sandbox.issuer());
    let url = |name: &str| document[name].as_str().unwrap().to_string();
    BasicClient::new(ClientId::new(CLIENT.into()))
        .set_auth_uri(AuthUrl::new(url("authorization_endpoint")).unwrap())
        .set_token_uri(TokenUrl::new(url("token_endpoint")).unwrap())
        .set_device_authorization_url(DeviceAuthorizationUrl::new(url("device_authorization_endpoint")).unwrap())
        .set_redirect_uri(RedirectUrl::new(CALLBACK.into()).unwrap())
}

async fn get(url: &str) -> Value {
    HTTP.get(url).send().await.unwrap().json().await.unwrap()
}

/// Posts a form: status, `Location`, body.
async fn post(url: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = HTTP.post(url).header("Content-Type", "application/x-www-form-urlencoded").body(body);
    let response = request.send().await.unwrap();
    let place = response.headers().get("Location").map(|place| place.to_str().unwrap().to_string()).unwrap_or_default();
    (response.status().as_u16(), place, response.text().await.unwrap())
}

/// Opens the consent page and presses a button: what the browser is sent to, and the page it sees.
async fn press(sandbox: &Sandbox, client: &Client, challenge: PkceCodeChallenge, button: &str) -> (Vec<(String, String)>, String) {
    let (url, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("openid offline_access api:access".into()))
        .set_pkce_challenge(challenge)
        .add_extra_param("nonce", "n1")
        .add_extra_param("plan", "generic")
        .url();
    let page = HTTP.get(url.clone()).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("Approve") && page.contains(state.secret()) && !page.contains("<script"));
    let mut fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    fields.push(("decision".into(), button.into()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (status, place, body) = post(&format!("{}/oauth2/authorize", sandbox.issuer()), &fields).await;
    if place.is_empty() {
        return (vec![], body);
    }
    assert_eq!(status, 302);
    let place = url::Url::parse(&place).unwrap();
    assert!(place.as_str().starts_with(CALLBACK));
    let sent: Vec<(String, String)> = place.query_pairs().into_owned().collect();
    assert_eq!(field(&sent, "state"), *state.secret());
    (sent, body)
}

fn field(fields: &[(String, String)], name: &str) -> String {
    fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

async fn approved(sandbox: &Sandbox, client: &Client) -> (AuthorizationCode, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (sent, _) = press(sandbox, client, challenge, "approve").await;
    (AuthorizationCode::new(field(&sent, "code")), verifier)
}

async fn signed_in(sandbox: &Sandbox, client: &Client) -> BasicTokenResponse {
    let (code, verifier) = approved(sandbox, client).await;
    client.exchange_code(code).set_pkce_verifier(verifier).request_async(&execute).await.unwrap()
}

/// The error of the token endpoint, and its words.
type Refused = RequestTokenError<reqwest::Error, oauth2::basic::BasicErrorResponse>;

fn invalid_grant(answer: Result<BasicTokenResponse, Refused>) -> String {
    match answer {
        Err(RequestTokenError::ServerResponse(r)) if *r.error() == BasicErrorResponseType::InvalidGrant => {
            r.error_description().cloned().unwrap_or_default()
        }
        other => panic!("not refused: {other:?}"),
    }
}

/// Asks for something that is the same for everybody, with this bearer.
async fn ask(sandbox: &Sandbox, bearer: &str) -> (u16, Value) {
    let response = HTTP.get(format!("{}/api-key", sandbox.base_url())).bearer_auth(bearer).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_code_becomes_tokens_that_say_who_it_is() {
    let sandbox = sandbox("").await;
    let client = client(&sandbox).await;
    let tokens = signed_in(&sandbox, &client).await;
    assert_eq!(tokens.expires_in(), Some(Duration::from_secs(6 * 3600)));
    assert_eq!(tokens.scopes().unwrap().len(), 3);
    assert_eq!(ask(&sandbox, tokens.access_token().secret()).await.0, 200);
    let request = HTTP.get(format!("{}/oauth2/userinfo", sandbox.issuer())).bearer_auth(tokens.access_token().secret());
    let person: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(person["email"], "demo@sandbox.invalid");
    assert_eq!(get(&format!("{}/.well-known/jwks.json", sandbox.issuer())).await["keys"][0]["alg"], "ES256");
    let requests = sandbox.requests();
    let exchange = requests.iter().find(|request| request.path == "/oauth2/token").unwrap();
    assert_eq!((exchange.body["grant_type"].as_str(), exchange.body["code"].as_str()), (Some("authorization_code"), Some("…")));
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_replay_ends_everything() {
    let sandbox = sandbox("").await;
    let client = client(&sandbox).await;
    let first = signed_in(&sandbox, &client).await.refresh_token().unwrap().clone();
    let renewed = client.exchange_refresh_token(&first).request_async(&execute).await.unwrap();
    let second = renewed.refresh_token().unwrap();
    assert_ne!(first.secret(), second.secret());
    assert_eq!(ask(&sandbox, renewed.access_token().secret()).await.0, 200);
    let replay = client.exchange_refresh_token(&first).request_async(&execute).await;
    assert_eq!(invalid_grant(replay), "Refresh token has been revoked");
    let after = client.exchange_refresh_token(second).request_async(&execute).await;
    assert_eq!(invalid_grant(after), "Refresh token has been revoked");
    let (status, body) = ask(&sandbox, renewed.access_token().secret()).await;
    assert_eq!((status, body["code"].as_str()), (403, Some("permission-denied")));
    assert!(body["error"].as_str().unwrap().ends_with("[WKE=unauthenticated:bad-credentials]"));
}

#[tokio::test]
async fn another_run_takes_the_tokens_of_this_one() {
    let one = sandbox("").await;
    let tokens = signed_in(&one, &client(&one).await).await;
    drop(one);
    let other = sandbox("").await;
    assert_eq!(ask(&other, tokens.access_token().secret()).await.0, 200);
    let refresh = tokens.refresh_token().unwrap();
    let client = client(&other).await;
    assert!(client.exchange_refresh_token(refresh).request_async(&execute).await.is_ok());
    invalid_grant(client.exchange_refresh_token(refresh).request_async(&execute).await);
}

#[tokio::test]
async fn a_wrong_verifier_and_a_second_use_are_refused() {
    let sandbox = sandbox("").await;
    let client = client(&sandbox).await;
    let (code, _) = approved(&sandbox, &client).await;
    let wrong = PkceCodeVerifier::new("a".repeat(43));
    let words = invalid_grant(client.exchange_code(code).set_pkce_verifier(wrong).request_async(&execute).await);
    assert!(words.contains("code_verifier"), "{words}");

    let (code, verifier) = approved(&sandbox, &client).await;
    let again = PkceCodeVerifier::new(verifier.secret().clone());
    let tokens = client.exchange_code(code.clone()).set_pkce_verifier(verifier).request_async(&execute).await.unwrap();
    invalid_grant(client.exchange_code(code).set_pkce_verifier(again).request_async(&execute).await);
    assert_eq!(ask(&sandbox, tokens.access_token().secret()).await.0, 403, "what the first use gave is taken back");
}

#[tokio::test]
async fn a_challenge_that_is_sent_again_must_be_the_same() {
    let sandbox = sandbox("").await;
    let client = client(&sandbox).await;
    for (sent, status) in [("same", 200), ("other", 400)] {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let challenge_text = challenge.as_str().to_string();
        let (place, _) = press(&sandbox, &client, challenge, "approve").await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &field(&place, "code")),
            ("redirect_uri", CALLBACK),
            ("client_id", CLIENT),
            ("code_verifier", verifier.secret()),
            ("code_challenge", if sent == "same" { &challenge_text } else { sent }),
            ("code_challenge_method", "S256"),
        ];
        assert_eq!(post(&format!("{}/oauth2/token", sandbox.issuer()), &fields).await.0, status, "{sent}");
    }
}

#[tokio::test]
async fn a_request_without_s256_or_plan_is_an_error_page() {
    let sandbox = sandbox("").await;
    let client = client(&sandbox).await;
    let (plain, _) = PkceCodeChallenge::new_random_sha256();
    for (challenge, plan) in [(None, true), (Some(plain), false)] {
        let mut request = client.authorize_url(CsrfToken::new_random);
        if let Some(challenge) = challenge {
            request = request.set_pkce_challenge(challenge);
        }
        if plan {
            request = request.add_extra_param("plan", "generic");
        }
        let answer = HTTP.get(request.url().0).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (400, &"text/html; charset=utf-8".parse().unwrap()));
    }
}

#[tokio::test]
async fn a_person_can_deny_or_see_the_code() {
    let sandbox = sandbox("").await;
    let client = client(&sandbox).await;
    let (challenge, _) = PkceCodeChallenge::new_random_sha256();
    let (sent, _) = press(&sandbox, &client, challenge, "deny").await;
    assert_eq!(field(&sent, "error"), "access_denied");
    assert!(field(&sent, "code").is_empty() && !field(&sent, "error_description").is_empty());

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (_, page) = press(&sandbox, &client, challenge, "show").await;
    let code = page.split_once("id=code>").unwrap().1.split_once('<').unwrap().0;
    let exchange = client.exchange_code(AuthorizationCode::new(code.into())).set_pkce_verifier(verifier);
    assert!(exchange.request_async(&execute).await.is_ok());
}

async fn begin(client: &Client) -> StandardDeviceAuthorizationResponse {
    client.exchange_device_code().add_scope(Scope::new("offline_access api:access".into())).request_async(&execute).await.unwrap()
}

#[tokio::test]
async fn a_device_code_waits_until_it_is_approved() {
    let sandbox = sandbox("quick-device").await;
    let client = client(&sandbox).await;
    let details = begin(&client).await;
    assert_eq!((details.expires_in(), details.interval()), (Duration::from_secs(900), Duration::from_secs(1)));
    let page = HTTP.get(details.verification_uri_complete().unwrap().secret()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(details.user_code().secret()));
    // the first poll finds it waiting; the person answers while the client sleeps
    let (page, user_code) = (details.verification_uri().to_string(), details.user_code().secret().clone());
    let sleep = |time: Duration| {
        let (page, user_code) = (page.clone(), user_code.clone());
        async move {
            post(&page, &[("user_code", &user_code.to_lowercase()), ("decision", "approve")]).await;
            tokio::time::sleep(time).await;
        }
    };
    let tokens = client.exchange_device_access_token(&details).request_async(&execute, sleep, None).await.unwrap();
    assert_eq!(tokens.expires_in(), Some(Duration::from_secs(900)));
    assert_eq!(ask(&sandbox, tokens.access_token().secret()).await.0, 200);
    let polls = sandbox.requests().iter().filter(|request| request.path == "/oauth2/token").count();
    assert_eq!(polls, 2);
}

#[tokio::test]
async fn a_device_code_can_be_denied() {
    let sandbox = sandbox("").await;
    let client = client(&sandbox).await;
    let details = begin(&client).await;
    assert!(sandbox.deny_device(details.user_code().secret()) && !sandbox.approve_device(details.user_code().secret()));
    let answer = client.exchange_device_access_token(&details).request_async(&execute, tokio::time::sleep, None).await;
    let Err(RequestTokenError::ServerResponse(refused)) = answer else { panic!("not denied: {answer:?}") };
    assert_eq!(*refused.error(), DeviceCodeErrorResponseType::AccessDenied);
}

async fn poll(sandbox: &Sandbox, details: &StandardDeviceAuthorizationResponse) -> (u16, Value) {
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", CLIENT),
        ("device_code", details.device_code().secret()),
    ];
    let (status, _, body) = post(&format!("{}/oauth2/token", sandbox.issuer()), &fields).await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn polls_that_come_too_fast_are_slowed_down() {
    let sandbox = sandbox("").await;
    let client = client(&sandbox).await;
    let details = begin(&client).await;
    assert_eq!(poll(&sandbox, &details).await.1["error"], "authorization_pending");
    assert_eq!(poll(&sandbox, &details).await.1["error"], "slow_down");
    sandbox.set_faults(parse_faults("device-slow-down").unwrap());
    assert_eq!(poll(&sandbox, &begin(&client).await).await.1["error"], "slow_down");
    sandbox.set_faults(parse_faults("device-deny").unwrap());
    assert_eq!(poll(&sandbox, &begin(&client).await).await.1["error"], "access_denied");
}

#[tokio::test]
async fn faults_of_the_token_endpoint_happen_on_request() {
    let sandbox = sandbox("token-fail,times=1").await;
    let client = client(&sandbox).await;
    let refresh = |token: RefreshToken| {
        let client = client.clone();
        async move { client.exchange_refresh_token(&token).request_async(&execute).await }
    };
    let (code, verifier) = approved(&sandbox, &client).await;
    let again = PkceCodeVerifier::new(verifier.secret().clone());
    assert!(client.exchange_code(code.clone()).set_pkce_verifier(verifier).request_async(&execute).await.is_err());
    let tokens = client.exchange_code(code).set_pkce_verifier(again).request_async(&execute).await.unwrap();

    let token = tokens.refresh_token().unwrap().clone();
    sandbox.set_faults(parse_faults("token-plan-refused").unwrap());
    assert!(refresh(token.clone()).await.is_err());
    sandbox.set_faults(parse_faults("plan-refused,short-tokens=0").unwrap());
    let expired = refresh(token).await.unwrap();
    let (status, body) = ask(&sandbox, expired.access_token().secret()).await;
    assert_eq!((status, body["code"].as_str()), (401, Some("unauthenticated")));
    sandbox.set_faults(parse_faults("opaque-tokens").unwrap());
    let opaque = refresh(expired.refresh_token().unwrap().clone()).await.unwrap();
    assert!(!opaque.access_token().secret().contains('.'));
    assert_eq!(ask(&sandbox, opaque.access_token().secret()).await.0, 200);

    sandbox.set_faults(parse_faults("no-device").unwrap());
    let document = get(&format!("{}/.well-known/openid-configuration", sandbox.issuer())).await;
    assert!(document.get("device_authorization_endpoint").is_none());
    assert_eq!(post(&format!("{}/oauth2/device/code", sandbox.issuer()), &[("client_id", CLIENT)]).await.0, 404);
}

#[tokio::test]
async fn a_revoked_or_changed_token_does_not_count_and_a_key_does() {
    let sandbox = sandbox("").await;
    let client = client(&sandbox).await;
    let tokens = signed_in(&sandbox, &client).await;
    let access = tokens.access_token().secret();
    let (signed, _) = access.rsplit_once('.').unwrap();
    assert_eq!(ask(&sandbox, &format!("{signed}.AAAA")).await.0, 403);
    assert_eq!(ask(&sandbox, tokens.refresh_token().unwrap().secret()).await.0, 403, "a refresh token is no access token");
    assert_eq!(ask(&sandbox, "xai-any-key").await.0, 200);
    let revoke = format!("{}/oauth2/revoke", sandbox.issuer());
    assert_eq!(post(&revoke, &[("client_id", CLIENT), ("token", tokens.refresh_token().unwrap().secret())]).await.0, 200);
    assert_eq!(ask(&sandbox, access).await.0, 403);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_its_name() {
    let sandbox = sandbox("").await;
    let token = format!("{}/oauth2/token", sandbox.issuer());
    for (fields, status, error) in [
        (&[("grant_type", "refresh_token"), ("refresh_token", "x")][..], 400, "invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", "other")], 401, "invalid_client"),
        (&[("grant_type", "refresh_token"), ("client_id", CLIENT)], 400, "invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", CLIENT)], 400, "invalid_grant"),
        (&[("grant_type", "password"), ("client_id", CLIENT)], 400, "unsupported_grant_type"),
        (&[("client_id", CLIENT), ("client_id", CLIENT)], 400, "invalid_request"),
    ] {
        let (got, _, body) = post(&token, fields).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((got, body["error"].as_str()), (status, Some(error)), "{fields:?}");
    }
    let response = HTTP.post(&token).json(&serde_json::json!({ "grant_type": "refresh_token" })).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["cache-control"]), (400, &"no-store".parse().unwrap()));
}
