//! Tokens: made, signed and read. Access and refresh tokens carry all they say and are signed with a key that is written here, so
//! that a new run takes the tokens of an earlier one. Never use it for anything but the demo: everybody can forge these.

use super::{CLIENT, EMAIL};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use chrono::{DateTime, Utc};
use ring::{
    digest, hmac,
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

/// No secret: whoever reads this can sign.
const DEMO_KEY: &[u8] = b"the demo key of the hermes sandbox, which guards nothing";
/// The account.
const SUBJECT: &str = "sandbox-demo";
/// Refresh tokens live thirty days.
const REFRESH_LIVES: i64 = 30 * 24 * 3600;

/// What a person has allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// A random id that all its tokens carry.
    pub id: String,
    /// Scopes, separated by spaces.
    pub scope: String,
    /// How long its access tokens live, in seconds.
    pub lives: i64,
    /// What the client gave for the id token.
    pub nonce: Option<String>,
}

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Requests.
    Access,
    /// New tokens.
    Refresh,
}

/// What a genuine token says.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// What it is good for.
    pub good_for: Use,
    /// Its own id.
    pub id: String,
    /// The grant it belongs to, as far as it knows.
    pub grant: Grant,
    /// The end of its life, in seconds since 1970.
    pub expires: i64,
}

/// What a bearer turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// None of ours.
    Foreign,
    /// It says it is ours, and is not.
    Forged,
    /// Ours; whether it still counts is another question.
    Genuine(Claims),
}

/// Signs an access token that lives so many seconds.
pub fn access(issuer: &str, grant: &Grant, lives: i64, now: DateTime<Utc>) -> String {
    sign(&claims(issuer, grant, "access", lives, now))
}

/// Signs a refresh token.
pub fn refresh(issuer: &str, grant: &Grant, now: DateTime<Utc>) -> String {
    sign(&claims(issuer, grant, "refresh", REFRESH_LIVES, now))
}

fn claims(issuer: &str, grant: &Grant, good_for: &str, lives: i64, now: DateTime<Utc>) -> Value {
    json!({
        "iss": issuer, "sub": SUBJECT, "email": EMAIL, "client_id": CLIENT, "use": good_for, "grant": grant.id, "scope": grant.scope,
        "lives": grant.lives, "jti": random(), "iat": now.timestamp(), "exp": now.timestamp().saturating_add(lives),
    })
}

/// Reads a token, whoever made it.
pub fn read(token: &str) -> Read {
    let Some((signed, signature)) = token.rsplit_once('.') else { return Read::Foreign };
    let Some(claims) = signed.split_once('.').and_then(|(_, payload)| decode(payload)) else { return Read::Foreign };
    // any port: the run that gave it may have listened on another one
    if !claims["iss"].as_str().is_some_and(|issuer| issuer.starts_with("http://127.0.0.1:")) {
        return Read::Foreign;
    }
    let genuine = BASE64.decode(signature).is_ok_and(|bytes| hmac::verify(&key(), signed.as_bytes(), &bytes).is_ok());
    match genuine.then(|| said(&claims)).flatten() {
        Some(claims) => Read::Genuine(claims),
        None => Read::Forged,
    }
}

fn said(claims: &Value) -> Option<Claims> {
    let text = |name: &str| claims[name].as_str().map(str::to_string);
    let good_for = match claims["use"].as_str()? {
        "access" => Use::Access,
        "refresh" => Use::Refresh,
        _ => return None,
    };
    let grant = Grant { id: text("grant")?, scope: text("scope")?, lives: claims["lives"].as_i64()?, nonce: None };
    Some(Claims { good_for, id: text("jti")?, grant, expires: claims["exp"].as_i64()? })
}

fn decode(payload: &str) -> Option<Value> {
    serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()
}

fn sign(claims: &Value) -> String {
    let signed = parts(&json!({ "alg": "HS256", "typ": "JWT" }), claims);
    let tag = hmac::sign(&key(), signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(tag.as_ref()))
}

fn parts(header: &Value, claims: &Value) -> String {
    format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()))
}

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, DEMO_KEY)
}

/// The challenge that belongs to a verifier (RFC 7636 4.2).
pub fn challenge(verifier: &str) -> String {
    BASE64.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref())
}

/// 43 characters that nobody guesses.
pub fn random() -> String {
    let mut bytes = [0; 32];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        // good enough for a demo that guards nothing
        fastrand::fill(&mut bytes);
    }
    BASE64.encode(bytes)
}

/// The key of id tokens: a new one in each run, since they are read once and at once.
pub struct IdKey(Option<EcdsaKeyPair>);

impl Default for IdKey {
    fn default() -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok();
        Self(made.and_then(|made| EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).ok()))
    }
}

impl IdKey {
    /// The half for everybody, as RFC 7517 writes it.
    pub fn public(&self) -> Option<Value> {
        // 4, then x and y of 32 bytes each
        let point = self.0.as_ref()?.public_key().as_ref();
        let (x, y) = (point.get(1..33)?, point.get(33..65)?);
        Some(
            json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "sandbox", "x": BASE64.encode(x), "y": BASE64.encode(y) }),
        )
    }
    /// Says who signed in.
    pub fn sign(&self, issuer: &str, grant: &Grant, now: DateTime<Utc>) -> Option<String> {
        let mut claims = json!({
            "iss": issuer, "sub": SUBJECT, "aud": CLIENT, "iat": now.timestamp(), "exp": now.timestamp().saturating_add(3600),
            "email": EMAIL, "email_verified": true, "name": "Sandbox Demo",
        });
        if let Some(nonce) = &grant.nonce {
            claims["nonce"] = nonce.as_str().into();
        }
        let signed = parts(&json!({ "alg": "ES256", "typ": "JWT", "kid": "sandbox" }), &claims);
        let signature = self.0.as_ref()?.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", BASE64.encode(signature.as_ref())))
    }
}

/// Who signed in, for the userinfo endpoint.
pub fn person() -> Value {
    json!({ "sub": SUBJECT, "email": EMAIL, "email_verified": true, "name": "Sandbox Demo" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant { id: "g".into(), scope: "openid".into(), lives: 900, nonce: Some("n".into()) }
    }

    #[test]
    fn a_token_says_what_it_was_given_at_any_port() {
        let now = Utc::now();
        let Read::Genuine(claims) = read(&access("http://127.0.0.1:1", &grant(), 60, now)) else { panic!("not genuine") };
        assert_eq!((claims.good_for, claims.expires), (Use::Access, now.timestamp() + 60));
        assert_eq!(claims.grant, Grant { nonce: None, ..grant() });
        let Read::Genuine(claims) = read(&refresh("http://127.0.0.1:2", &grant(), now)) else { panic!("not genuine") };
        assert_eq!(claims.good_for, Use::Refresh);
    }

    #[test]
    fn a_changed_token_is_forged_and_others_are_foreign() {
        let token = access("http://127.0.0.1:1", &grant(), 60, Utc::now());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = access("http://127.0.0.1:1", &grant(), 61, Utc::now());
        assert_eq!(read(&format!("{}.{signature}", other.rsplit_once('.').unwrap().0)), Read::Forged);
        assert_eq!(read(&format!("{signed}.")), Read::Forged);
        for foreign in ["", "xai-abc", "a.b.c", "..", &access("https://auth.x.ai", &grant(), 60, Utc::now())] {
            assert_eq!(read(foreign), Read::Foreign, "{foreign}");
        }
    }

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        assert_eq!(challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn an_id_token_can_be_checked_with_the_public_key() {
        let key = IdKey::default();
        let public = key.public().unwrap();
        let coordinate = |name: &str| BASE64.decode(public[name].as_str().unwrap()).unwrap();
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        let token = key.sign("http://127.0.0.1:1", &grant(), Utc::now()).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point);
        assert!(key.verify(signed.as_bytes(), &BASE64.decode(signature).unwrap()).is_ok());
        assert_eq!(decode(signed.split_once('.').unwrap().1).unwrap()["nonce"], "n");
    }
}
