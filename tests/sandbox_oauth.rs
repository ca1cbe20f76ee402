//! The sign-in server of the sandbox against an OAuth client that is not ours: the `oauth2` crate.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::sandbox::{Options, Sandbox, parse_faults, serve};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, CsrfToken, DeviceAuthorizationUrl, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, StandardDeviceAuthorizationResponse, TokenResponse, TokenUrl,
    basic::BasicClient,
};
use serde_json::Value;
use support::account::{client, decide};

type Client = BasicClient<EndpointSet, EndpointSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let (parts, body) = request.into_parts();
    let answer = client().request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body).send().await?;
    let mut response = HttpResponse::new(vec![]);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}

/// A client that found everything by discovery.
async fn found(server: &Sandbox) -> Client {
    let address = format!("{}/.well-known/openid-configuration", server.issuer());
    let text = client().get(address).send().await.unwrap().text().await.unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let url = |name: &str| document[name].as_str().unwrap().to_string();
    BasicClient::new(ClientId::new("b1a00492-073a-47ea-816f-4c329264a828".into()))
        .set_auth_uri(AuthUrl::new(url("authorization_endpoint")).unwrap())
        .set_token_uri(TokenUrl::new(url("token_endpoint")).unwrap())
        .set_device_authorization_url(DeviceAuthorizationUrl::new(url("device_authorization_endpoint")).unwrap())
        .set_redirect_uri(RedirectUrl::new("http://127.0.0.1:56121/callback".into()).unwrap())
        .set_auth_type(oauth2::AuthType::RequestBody)
}

/// A code from the consent page, with the verifier that belongs to it.
async fn code(client: &Client) -> (AuthorizationCode, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("openid offline_access".into()))
        .add_extra_param("plan", "generic")
        .set_pkce_challenge(challenge)
        .url();
    let back: url::Url = decide(&Value::String(address.to_string()), "approve").await.parse().unwrap();
    let field = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(&field("state"), state.secret());
    (AuthorizationCode::new(field("code")), verifier)
}

#[tokio::test]
async fn a_code_becomes_tokens_once_and_tokens_rotate() {
    let server = serve(Options::default()).await.unwrap();
    let client = found(&server).await;
    let (code, verifier) = code(&client).await;
    let again = (code.clone(), PkceCodeVerifier::new(verifier.secret().clone()));
    let first = client.exchange_code(code).set_pkce_verifier(verifier).request_async(&send).await.unwrap();
    assert!(first.expires_in().is_some() && first.access_token().secret().split('.').count() == 3);
    let refresh = async |token: &RefreshToken| client.exchange_refresh_token(token).request_async(&send).await;
    let second = refresh(first.refresh_token().unwrap()).await.unwrap();
    let third = refresh(second.refresh_token().unwrap()).await.unwrap();
    // somebody uses an old one: nobody keeps the grant
    assert!(refresh(first.refresh_token().unwrap()).await.is_err());
    assert!(refresh(third.refresh_token().unwrap()).await.is_err());
    assert!(client.exchange_code(again.0).set_pkce_verifier(again.1).request_async(&send).await.is_err());
}

#[tokio::test]
async fn a_verifier_of_another_attempt_is_refused() {
    let server = serve(Options::default()).await.unwrap();
    let client = found(&server).await;
    let ((code, _), (_, other)) = (code(&client).await, code(&client).await);
    let refused = client.exchange_code(code).set_pkce_verifier(other).request_async(&send).await.unwrap_err();
    assert!(refused.to_string().contains("Server returned error response"), "{refused}");
}

#[tokio::test]
async fn another_device_is_waited_for_and_slowed_down() {
    let server = serve(Options { port: 0, faults: parse_faults("quick-device").unwrap() }).await.unwrap();
    let client = found(&server).await;
    let details: StandardDeviceAuthorizationResponse = client.exchange_device_code().request_async(&send).await.unwrap();
    assert!(details.verification_uri_complete().unwrap().secret().contains(details.user_code().secret()));
    assert!(server.decide_device(details.user_code().secret(), true));
    let tokens = client.exchange_device_access_token(&details).request_async(&send, tokio::time::sleep, None).await.unwrap();
    assert!(tokens.refresh_token().is_some());
    let details: StandardDeviceAuthorizationResponse = client.exchange_device_code().request_async(&send).await.unwrap();
    assert!(server.decide_device(details.user_code().secret(), false));
    assert!(client.exchange_device_access_token(&details).request_async(&send, tokio::time::sleep, None).await.is_err());
}

#[tokio::test]
async fn requests_without_pkce_or_from_strangers_are_refused() {
    let server = serve(Options::default()).await.unwrap();
    let good = "response_type=code&client_id=b1a00492-073a-47ea-816f-4c329264a828&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&code_challenge=x&\
code_challenge_method=S256&state=s&plan=generic";
    let status = async |query: String| client().get(format!("{}/oauth2/authorize?{query}", server.issuer())).send().await.unwrap().status();
    assert_eq!(status(good.into()).await, 200);
    for (from, to) in
        [("S256", "plain"), ("code_challenge=x&", ""), ("127.0.0.1%3A9", "evil.example"), ("b1a0", "0000"), ("plan=generic", "")]
    {
        assert_eq!(status(good.replace(from, to)).await, 400, "{to}");
    }
}
