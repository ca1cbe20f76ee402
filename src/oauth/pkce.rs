//! One attempt to sign in with a code: what it is protected by, and the address that the browser is sent to
//! (RFC 7636, `docs/sign-in.md` 3.2).

use crate::{
    domain::secret::Secret,
    oauth::{CLIENT_ID, SCOPE},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};
use url::Url;

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
    /// Fresh secrets. Nothing comes when the system has no random numbers.
    pub fn new(redirect_uri: String) -> Option<Self> {
        let verifier = URL_SAFE_NO_PAD.encode(random::<64>()?);
        let challenge = challenge(&verifier);
        let (state, nonce) = (hex(&random::<16>()?), hex(&random::<16>()?));
        Some(Self { verifier: Secret::new(verifier), challenge, state: Secret::new(state), nonce, redirect_uri })
    }
    /// The authorization request.
    pub fn address(&self, endpoint: &Url) -> Url {
        let mut address = endpoint.clone();
        address.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", &self.redirect_uri),
            ("scope", SCOPE),
            ("code_challenge", &self.challenge),
            ("code_challenge_method", "S256"),
            ("state", self.state.reveal()),
            ("nonce", &self.nonce),
            // without it the consent page refuses loopback redirects
            ("plan", "generic"),
            ("referrer", "hermes-agent"),
        ]);
        address
    }
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B
        assert_eq!(challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn the_address_has_its_parts_in_order_and_no_two_attempts_share_a_secret() {
        let attempt = Attempt::new("http://127.0.0.1:56121/callback".into()).unwrap();
        let address = attempt.address(&Url::parse("https://auth.x.ai/oauth2/authorize").unwrap());
        let begin = "https://auth.x.ai/oauth2/authorize?response_type=code&client_id=b1a00492-073a-47ea-816f-4c329264a828&redirect_uri=\
http%3A%2F%2F127.0.0.1%3A56121%2Fcallback&scope=openid+profile+email+offline_access+grok-cli%3Aaccess+api%3Aaccess&code_challenge=";
        assert!(address.as_str().starts_with(begin), "{address}");
        assert!(address.as_str().ends_with("&plan=generic&referrer=hermes-agent"));
        assert_eq!((attempt.verifier.reveal().len(), attempt.state.reveal().len()), (86, 32));
        let other = Attempt::new(String::new()).unwrap();
        assert!(other.verifier != attempt.verifier && other.state != attempt.state && other.nonce != attempt.nonce);
        assert!(!format!("{attempt:?}").contains(attempt.verifier.reveal()));
        let with_query = attempt.address(&Url::parse("http://127.0.0.1:9/a?tenant=1").unwrap());
        assert!(with_query.as_str().starts_with("http://127.0.0.1:9/a?tenant=1&response_type=code&"));
    }
}
