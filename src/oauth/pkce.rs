//! One attempt to sign in with a code: what it is protected by, and the address that the browser is sent to
//! (RFC 7636, `docs/sign-in.md` 3.2).

use crate::{
    domain::secret::Secret,
    oauth::{SCOPE, protocol},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use oauth2::{AuthUrl, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use std::borrow::Cow;
use url::Url;

/// The parameters of the authorization request, in the order in which the service has always got them.
const ORDER: [&str; 10] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "code_challenge",
    "code_challenge_method",
    "state",
    "nonce",
    "plan",
    "referrer",
];

/// What only this attempt knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// 86 characters that prove at the token endpoint who asked.
    pub verifier: Secret,
    /// SHA-256 of the verifier.
    pub challenge: String,
    /// 32 hex digits that come back with the code.
    pub state: Secret,
    /// 32 hex digits for the id token.
    nonce: String,
    /// Where the browser comes back to.
    pub redirect_uri: String,
}

impl Attempt {
    /// Fresh secrets.
    pub fn new(redirect_uri: String) -> Self {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256_len(64);
        let (state, nonce) = (random_hex(), random_hex());
        Self {
            verifier: Secret::new(verifier.secret()),
            challenge: challenge.as_str().into(),
            state: Secret::new(state),
            nonce,
            redirect_uri,
        }
    }
    /// The authorization request.
    pub fn address(&self, endpoint: &Url) -> Url {
        let client = protocol::client().set_auth_uri(AuthUrl::from_url(endpoint.clone()));
        let verifier = PkceCodeVerifier::new(self.verifier.reveal().into());
        let mut request = client
            .authorize_url(|| CsrfToken::new(self.state.reveal().into()))
            .add_scope(Scope::new(SCOPE.into()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("nonce", &self.nonce)
            // without it the consent page refuses loopback redirects
            .add_extra_param("plan", "generic")
            .add_extra_param("referrer", "hermes-agent");
        if let Ok(redirect) = RedirectUrl::new(self.redirect_uri.clone()) {
            request = request.set_redirect_uri(Cow::Owned(redirect));
        }
        in_order(&request.url().0, endpoint)
    }
}

/// The request with its parameters in their order, behind those that the endpoint has itself.
fn in_order(request: &Url, endpoint: &Url) -> Url {
    let mut pairs: Vec<_> = request.query_pairs().skip(endpoint.query_pairs().count()).collect();
    pairs.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name));
    let mut address = endpoint.clone();
    address.query_pairs_mut().extend_pairs(pairs);
    address
}

/// 16 random bytes as 32 hex digits.
fn random_hex() -> String {
    let bytes = URL_SAFE_NO_PAD.decode(CsrfToken::new_random_len(16).secret()).unwrap_or_default();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let attempt = Attempt { verifier, ..Attempt::new("http://127.0.0.1:1/callback".into()) };
        let address = attempt.address(&Url::parse("http://127.0.0.1:9/a").unwrap());
        assert!(address.as_str().contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"), "{address}");
    }

    #[test]
    fn the_address_has_its_parts_in_order_and_no_two_attempts_share_a_secret() {
        let attempt = Attempt::new("http://127.0.0.1:56121/callback".into());
        let address = attempt.address(&Url::parse("https://auth.x.ai/oauth2/authorize").unwrap());
        let begin = "https://auth.x.ai/oauth2/authorize?response_type=code&client_id=b1a00492-073a-47ea-816f-4c329264a828&redirect_uri=\
http%3A%2F%2F127.0.0.1%3A56121%2Fcallback&scope=openid+profile+email+offline_access+grok-cli%3Aaccess+api%3Aaccess&code_challenge=";
        assert!(address.as_str().starts_with(begin), "{address}");
        assert!(address.as_str().ends_with("&plan=generic&referrer=hermes-agent"));
        assert_eq!((attempt.verifier.reveal().len(), attempt.state.reveal().len()), (86, 32));
        let other = Attempt::new(String::new());
        assert!(other.verifier != attempt.verifier && other.state != attempt.state && other.nonce != attempt.nonce);
        assert!(!format!("{attempt:?}").contains(attempt.verifier.reveal()));
        let with_query = attempt.address(&Url::parse("http://127.0.0.1:9/a?tenant=1").unwrap());
        assert!(with_query.as_str().starts_with("http://127.0.0.1:9/a?tenant=1&response_type=code&"));
    }
}
