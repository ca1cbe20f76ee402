//! The sandbox's sign-in as the Python package Authlib sees it, with the id token checked against the published key. Skipped with a
//! message where Python or a package is missing; `HERMES_TEST_PYTHON` names another interpreter.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::sandbox::{Options, serve};
use std::process::Command;

const SCRIPT: &str = r#"
import os, sys
from urllib.parse import parse_qsl, urlsplit
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback has no TLS
import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

issuer, client, callback = sys.argv[1], "b1a00492-073a-47ea-816f-4c329264a828", "http://127.0.0.1:56121/callback"
found = requests.get(issuer + "/.well-known/openid-configuration").json()
assert found["issuer"] == issuer
session = OAuth2Session(client, scope="openid email offline_access api:access", redirect_uri=callback,
                        token_endpoint_auth_method="none", code_challenge_method="S256")
verifier = "v" * 50
url, state = session.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier, nonce="n1", plan="generic")
assert requests.get(url).status_code == 200
fields = dict(parse_qsl(urlsplit(url).query))
back = requests.post(found["authorization_endpoint"], data={**fields, "decision": "approve"}, allow_redirects=False)
assert back.status_code == 302, back.text
token = session.fetch_token(found["token_endpoint"], authorization_response=back.headers["Location"], code_verifier=verifier, state=state)
assert token["token_type"] == "Bearer" and token["expires_in"] == 21600, token

keys = KeySet.import_key_set(requests.get(found["jwks_uri"]).json())
claims = CodeIDToken(jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims, {"alg": "ES256"},
                     {"iss": {"value": issuer}, "aud": {"value": client}}, {"nonce": "n1", "client_id": client})
claims.validate()
assert session.get(found["userinfo_endpoint"]).json()["sub"] == claims["sub"]

first = token["refresh_token"]
renewed = session.refresh_token(found["token_endpoint"], refresh_token=first)
assert renewed["refresh_token"] != first and renewed["access_token"] != token["access_token"]
try:
    session.refresh_token(found["token_endpoint"], refresh_token=first)
    raise AssertionError("a used refresh token was taken")
except OAuthError as error:
    assert error.error == "invalid_grant", error
assert session.get(found["userinfo_endpoint"]).status_code == 401
print("fine")
"#;

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the interpreter is chosen from outside")]
async fn authlib_can_sign_in_to_the_sandbox() {
    let python = std::env::var("HERMES_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let there = Command::new(&python).args(["-c", "import authlib, joserfc, requests"]).output().is_ok_and(|o| o.status.success());
    if !there {
        return support::skipped(&format!("`{python}` with the packages `authlib`, `joserfc` and `requests` is not there"));
    }
    let sandbox = serve(Options::default()).await.unwrap();
    let issuer = sandbox.issuer();
    let run = tokio::task::spawn_blocking(move || {
        Command::new(python).args(["-c", SCRIPT, &issuer]).env("NO_PROXY", "127.0.0.1").output().unwrap()
    });
    let output = run.await.unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}
