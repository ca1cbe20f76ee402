use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const HERE: &str = "http://127.0.0.1:56121/callback";

fn asked() -> Asked {
    Asked { redirect_uri: HERE.into(), challenge: tokens::challenge(VERIFIER), scope: "openid".into(), nonce: Some("n".into()) }
}

fn start() -> (Memory, DateTime<Utc>) {
    (Memory::default(), DateTime::from_timestamp(1_800_000_000, 0).unwrap())
}

fn after(now: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    now + TimeDelta::seconds(seconds)
}

#[test]
fn a_code_used_twice_takes_back_what_it_gave() {
    let (mut memory, now) = start();
    let code = memory.give_code(asked(), now);
    assert_eq!(memory.challenge(&code), Some(asked().challenge.as_str()));
    let grant = memory.exchange(&code, HERE, VERIFIER, after(now, 59)).unwrap();
    assert_eq!((grant.scope.as_str(), grant.nonce.as_deref()), ("openid", Some("n")));
    let token = tokens::access("http://127.0.0.1:1", &grant, 60, now);
    assert!(matches!(memory.standing(&token, now), Standing::Good(_)));
    assert_eq!(memory.exchange(&code, HERE, VERIFIER, after(now, 61)).unwrap_err().error, "invalid_grant");
    assert_eq!(memory.standing(&token, now), Standing::Refused);
}

#[test]
fn a_code_is_spoilt_by_what_does_not_fit() {
    for (redirect_uri, verifier, seconds) in [("http://127.0.0.1:1/callback", VERIFIER, 0), (HERE, "wrong", 0), (HERE, VERIFIER, 60)] {
        let (mut memory, now) = start();
        let code = memory.give_code(asked(), now);
        assert_eq!(memory.exchange(&code, redirect_uri, verifier, after(now, seconds)).unwrap_err().error, "invalid_grant");
        assert_eq!(memory.exchange(&code, HERE, VERIFIER, now).unwrap_err().error, "invalid_grant");
    }
}

#[test]
fn a_refresh_token_works_once_and_its_replay_ends_the_grant() {
    let (mut memory, now) = start();
    let grant = Grant { id: "g".into(), scope: "openid".into(), lives: 900, nonce: None };
    let first = tokens::refresh("http://127.0.0.1:1", &grant, now);
    assert_eq!(memory.spend(&first, now).unwrap(), grant);
    let second = tokens::refresh("http://127.0.0.1:1", &grant, now);
    assert_eq!(memory.spend(&first, now).unwrap_err(), Rejected::grant("Refresh token has been revoked"));
    assert_eq!(memory.spend(&second, now).unwrap_err(), Rejected::grant("Refresh token has been revoked"));
    let access = tokens::access("http://127.0.0.1:1", &grant, 900, now);
    assert_eq!(memory.spend(&access, now).unwrap_err().error, "invalid_grant");
    assert_eq!(memory.standing(&access, now), Standing::Refused);
    // another run knows nothing of that
    assert_eq!(Memory::default().spend(&first, now).unwrap(), grant);
    assert_eq!(Memory::default().spend(&first, after(now, 31 * 24 * 3600)).unwrap_err().error, "invalid_grant");
}

#[test]
fn a_device_code_waits_slows_down_and_gives_once() {
    let (mut memory, now) = start();
    let error = |answer: Result<Grant, Rejected>| answer.unwrap_err().error;
    let (device, user) = memory.give_device("openid".into(), 5, now);
    assert_eq!(error(memory.poll(&device, Mood::default(), now)), "authorization_pending");
    assert_eq!(error(memory.poll(&device, Mood::default(), after(now, 4))), "slow_down");
    assert_eq!(error(memory.poll(&device, Mood::default(), after(now, 12))), "slow_down", "ten seconds now");
    assert_eq!(error(memory.poll(&device, Mood::default(), after(now, 27))), "authorization_pending", "fifteen were kept");
    assert_eq!(memory.decide(&user.to_lowercase().replace('-', " "), Decision::Approved, now), Ok(()));
    assert!(memory.decide(&user, Decision::Denied, now).is_err(), "decided once");
    assert_eq!(memory.poll(&device, Mood::default(), after(now, 60)).unwrap().lives, DEVICE_TOKEN);
    assert_eq!(error(memory.poll(&device, Mood::default(), after(now, 120))), "invalid_grant");
}

#[test]
fn a_device_code_is_denied_or_expires() {
    let (mut memory, now) = start();
    let (device, user) = memory.give_device("openid".into(), 5, now);
    memory.decide(&user, Decision::Denied, now).unwrap();
    assert_eq!(memory.poll(&device, Mood::default(), now).unwrap_err().error, "access_denied");
    let (device, user) = memory.give_device("openid".into(), 5, now);
    assert!(memory.decide(&user, Decision::Approved, after(now, 900)).is_err());
    assert_eq!(memory.poll(&device, Mood::default(), after(now, 900)).unwrap_err().error, "expired_token");
    let (device, _) = memory.give_device("openid".into(), 1, now);
    assert_eq!(memory.poll(&device, Mood { slow_first: true, deny: false }, now).unwrap_err().error, "slow_down");
    assert_eq!(memory.poll(&device, Mood { slow_first: true, deny: true }, after(now, 6)).unwrap_err().error, "access_denied");
}

#[test]
fn user_codes_have_eight_letters_and_no_vowels() {
    let (mut memory, now) = start();
    for _ in 0..100 {
        let (_, user) = memory.give_device("openid".into(), 5, now);
        assert_eq!((user.len(), &user[4..5]), (9, "-"), "{user}");
        assert!(letters(&user).bytes().all(|letter| LETTERS.contains(&letter)), "{user}");
    }
}

#[test]
fn an_opaque_token_is_known_until_it_ends() {
    let (mut memory, now) = start();
    let grant = Grant { id: "g".into(), scope: "openid".into(), lives: 900, nonce: None };
    let token = memory.give_opaque(&grant, 10, now);
    assert!(matches!(memory.standing(&token, now), Standing::Good(_)));
    assert_eq!(memory.standing(&token, after(now, 10)), Standing::Expired);
    assert_eq!(memory.standing("xai-key", now), Standing::Foreign);
    memory.revoke(&token);
    assert_eq!(memory.standing(&token, now), Standing::Refused);
}
