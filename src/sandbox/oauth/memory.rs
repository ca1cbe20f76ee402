//! What the sign-in remembers while it runs: codes that were given, device codes that wait, tokens that are used up, grants that
//! are revoked. Never reads a clock: the time is given. Never forgets that a refresh token was used.

use super::{
    Rejected,
    tokens::{self, Claims, Grant, IdKey, Read, Use},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};

/// An authorization code lives so many seconds.
const CODE_LIVES: i64 = 60;
/// A device code lives so many seconds.
pub const DEVICE_LIVES: i64 = 900;
/// Access tokens of a browser's sign-in live so many seconds, those of a device code fewer (`auth.md` 6.1).
const BROWSER_TOKEN: i64 = 6 * 3600;
const DEVICE_TOKEN: i64 = 900;
/// Codes of one kind that are remembered.
const REMEMBERED: usize = 1024;
/// Consonants only: no word comes out of them (RFC 8628 6.1).
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
/// A poll this much too early is still in time: sleeping is not exact.
const EARLY: TimeDelta = TimeDelta::milliseconds(300);

/// Everything that is remembered.
#[derive(Default)]
pub struct Memory {
    /// Signs id tokens.
    pub id_key: IdKey,
    codes: HashMap<String, Code>,
    devices: HashMap<String, Device>,
    /// Ids of refresh tokens that did their work.
    used: HashSet<String>,
    revoked: HashSet<String>,
    /// Access tokens that say nothing themselves.
    opaque: HashMap<String, Claims>,
}

/// What an authorization request asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Where the browser goes.
    pub redirect_uri: String,
    /// Of the method S256.
    pub challenge: String,
    /// Scopes, separated by spaces.
    pub scope: String,
    /// For the id token.
    pub nonce: Option<String>,
}

struct Code {
    asked: Asked,
    given: DateTime<Utc>,
    state: CodeState,
}

enum CodeState {
    Fresh,
    /// Shown with a wrong verifier or a wrong address.
    Spoilt,
    /// Exchanged for this grant.
    Exchanged(String),
}

struct Device {
    user_code: String,
    scope: String,
    given: DateTime<Utc>,
    /// Seconds between polls; grows when they come too fast.
    interval: i64,
    polled: Option<DateTime<Utc>>,
    decision: Decision,
}

/// What the person said to a device code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Waiting,
    /// Yes.
    Approved,
    /// No.
    Denied,
}

/// How strictly a poll is met.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mood {
    /// The first poll of a code is told to slow down.
    pub slow_first: bool,
    /// Everything is denied.
    pub deny: bool,
}

/// What counts of a bearer now.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// None of ours.
    Foreign,
    /// Too old.
    Expired,
    /// Forged, revoked, or no access token.
    Refused,
    /// Good.
    Good(Claims),
}

impl Memory {
    /// Gives an authorization code.
    pub fn give_code(&mut self, asked: Asked, now: DateTime<Utc>) -> String {
        // exchanged codes are kept for longer than they live: a second use must be noticed
        make_room(&mut self.codes, |code| code.given + TimeDelta::seconds(10 * CODE_LIVES) > now);
        let code = tokens::random();
        self.codes.insert(code.clone(), Code { asked, given: now, state: CodeState::Fresh });
        code
    }

    /// Exchanges a code for a grant. It can be tried once; a second use takes back what the first one gave.
    pub fn exchange(&mut self, code: &str, redirect_uri: &str, verifier: &str, now: DateTime<Utc>) -> Result<Grant, Rejected> {
        let Some(code) = self.codes.get_mut(code) else { return Err(Rejected::grant("The code is unknown")) };
        match &code.state {
            CodeState::Fresh => {}
            CodeState::Spoilt => return Err(Rejected::grant("The code is spoilt")),
            CodeState::Exchanged(grant) => {
                self.revoked.insert(grant.clone());
                return Err(Rejected::grant("The code was used before"));
            }
        }
        code.state = CodeState::Spoilt;
        if now >= code.given + TimeDelta::seconds(CODE_LIVES) {
            return Err(Rejected::grant("The code has expired"));
        }
        if redirect_uri != code.asked.redirect_uri {
            return Err(Rejected::grant("redirect_uri is not that of the authorization request"));
        }
        if tokens::challenge(verifier) != code.asked.challenge {
            return Err(Rejected::grant("code_verifier does not match code_challenge"));
        }
        let grant = Grant { id: tokens::random(), scope: code.asked.scope.clone(), lives: BROWSER_TOKEN, nonce: code.asked.nonce.clone() };
        code.state = CodeState::Exchanged(grant.id.clone());
        Ok(grant)
    }

    /// The challenge of a code that can still be exchanged.
    pub fn challenge(&self, code: &str) -> Option<&str> {
        self.codes.get(code).filter(|code| matches!(code.state, CodeState::Fresh)).map(|code| code.asked.challenge.as_str())
    }

    /// Gives a device code and the code for the person.
    pub fn give_device(&mut self, scope: String, interval: i64, now: DateTime<Utc>) -> (String, String) {
        // kept for longer than they live, so that a late poll hears why
        make_room(&mut self.devices, |device| device.given + TimeDelta::seconds(2 * DEVICE_LIVES) > now);
        let mut letters = String::new();
        while letters.is_empty() || self.devices.values().any(|device| device.user_code == letters) {
            letters = (0..8).filter_map(|_| fastrand::choice(LETTERS)).map(|letter| char::from(*letter)).collect();
        }
        let device_code = tokens::random();
        let shown = shown(&letters);
        let device = Device { user_code: letters, scope, given: now, interval, polled: None, decision: Decision::Waiting };
        self.devices.insert(device_code.clone(), device);
        (device_code, shown)
    }

    /// What the person says to a code; the error is a sentence for the person.
    pub fn decide(&mut self, user_code: &str, decision: Decision, now: DateTime<Utc>) -> Result<(), &'static str> {
        let letters = letters(user_code);
        let Some(device) = self.devices.values_mut().find(|device| device.user_code == letters) else {
            return Err("There is no such code. Look again at what the program shows.");
        };
        if now >= device.given + TimeDelta::seconds(DEVICE_LIVES) {
            return Err("This code has expired. Let the program make a new one.");
        }
        if device.decision != Decision::Waiting {
            return Err("This code was used before. Let the program make a new one.");
        }
        device.decision = decision;
        Ok(())
    }

    /// Answers a poll. An approved code gives its grant once.
    pub fn poll(&mut self, device_code: &str, mood: Mood, now: DateTime<Utc>) -> Result<Grant, Rejected> {
        let Some(device) = self.devices.get_mut(device_code) else { return Err(Rejected::grant("The device code is unknown")) };
        if now >= device.given + TimeDelta::seconds(DEVICE_LIVES) {
            return Err(Rejected::new("expired_token", "The device code has expired"));
        }
        let too_fast = match device.polled {
            Some(polled) => now + EARLY < polled + TimeDelta::seconds(device.interval),
            None => mood.slow_first,
        };
        device.polled = Some(now);
        if too_fast {
            device.interval += 5;
            return Err(Rejected::new("slow_down", format!("Wait {} seconds between polls", device.interval)));
        }
        match device.decision {
            _ if mood.deny => Err(Rejected::new("access_denied", "The person said no")),
            Decision::Denied => Err(Rejected::new("access_denied", "The person said no")),
            Decision::Waiting => Err(Rejected::new("authorization_pending", "The person has not answered yet")),
            Decision::Approved => {
                let grant = Grant { id: tokens::random(), scope: device.scope.clone(), lives: DEVICE_TOKEN, nonce: None };
                self.devices.remove(device_code);
                Ok(grant)
            }
        }
    }

    /// Uses a refresh token up, and gives its grant. Using it again ends the grant: one of the two users is a thief.
    pub fn spend(&mut self, token: &str, now: DateTime<Utc>) -> Result<Grant, Rejected> {
        let claims = self.refresh_token(token, now)?;
        if !self.used.insert(claims.id) {
            self.revoked.insert(claims.grant.id);
            return Err(Rejected::grant("Refresh token has been revoked"));
        }
        Ok(claims.grant)
    }

    /// Reads a refresh token and leaves it as it is.
    pub fn refresh_token(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, Rejected> {
        match tokens::read(token) {
            Read::Genuine(claims) if claims.good_for != Use::Refresh => Err(Rejected::grant("Refresh token is invalid")),
            Read::Genuine(claims) if self.revoked.contains(&claims.grant.id) => Err(Rejected::grant("Refresh token has been revoked")),
            Read::Genuine(claims) if claims.expires <= now.timestamp() => Err(Rejected::grant("Refresh token has expired")),
            Read::Genuine(claims) => Ok(claims),
            Read::Forged | Read::Foreign => Err(Rejected::grant("Refresh token is invalid")),
        }
    }

    /// Makes an access token that says nothing itself.
    pub fn give_opaque(&mut self, grant: &Grant, lives: i64, now: DateTime<Utc>) -> String {
        make_room(&mut self.opaque, |claims| claims.expires.saturating_add(3600) > now.timestamp());
        let token = tokens::random();
        let expires = now.timestamp().saturating_add(lives);
        let claims = Claims { good_for: Use::Access, id: token.clone(), grant: grant.clone(), expires };
        self.opaque.insert(token.clone(), claims);
        token
    }

    /// What counts of this bearer.
    pub fn standing(&self, token: &str, now: DateTime<Utc>) -> Standing {
        let claims = match (self.opaque.get(token), tokens::read(token)) {
            (Some(claims), _) => claims.clone(),
            (None, Read::Genuine(claims)) => claims,
            (None, Read::Forged) => return Standing::Refused,
            (None, Read::Foreign) => return Standing::Foreign,
        };
        if claims.good_for != Use::Access || self.revoked.contains(&claims.grant.id) {
            return Standing::Refused;
        }
        if claims.expires <= now.timestamp() { Standing::Expired } else { Standing::Good(claims) }
    }

    /// Ends the grant that a token belongs to, whichever token it is; others are passed over.
    pub fn revoke(&mut self, token: &str) {
        match (self.opaque.get(token), tokens::read(token)) {
            (Some(claims), _) => self.revoked.insert(claims.grant.id.clone()),
            (None, Read::Genuine(claims)) => self.revoked.insert(claims.grant.id),
            (None, Read::Forged | Read::Foreign) => false,
        };
    }
}

/// Forgets what is over, and everything when that is not enough.
fn make_room<T>(remembered: &mut HashMap<String, T>, keep: impl Fn(&T) -> bool) {
    if remembered.len() >= REMEMBERED {
        remembered.retain(|_, one| keep(one));
    }
    if remembered.len() >= REMEMBERED {
        remembered.clear();
    }
}

/// `bcdf ghjk` becomes `BCDFGHJK`.
fn letters(user_code: &str) -> String {
    user_code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// `BCDFGHJK` becomes `BCDF-GHJK`.
fn shown(letters: &str) -> String {
    letters.split_at_checked(4).map_or_else(|| letters.to_string(), |(first, second)| format!("{first}-{second}"))
}

#[cfg(test)]
mod tests;
