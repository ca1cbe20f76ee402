//! What to do after a request was refused or failed. Pure: the loop that asks only obeys.

use super::RATE_LIMITED;
use crate::{
    domain::account::{Credential, Kind},
    http::{error::Error, refusal, retry},
};
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Refused tokens are renewed this often for one account.
const RENEWALS: u32 = 2;
/// Accounts that are tried after the first one.
const ROTATIONS: u32 = 8;

/// The answer to a failure.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Ask again with another token for the same account.
    Renew,
    /// Ask again with the next account; this one is marked with a status and a reason.
    Rotate {
        /// The HTTP status.
        status: u16,
        /// `quota_spent` or `auth_failed`.
        reason: &'static str,
    },
    /// Ask again without something that this model does not take.
    Without(Extra),
    /// Ask again without what other rounds thought.
    WithoutReasoning,
    /// Ask the same again after a pause.
    Wait(Duration),
    /// Tell the person.
    GiveUp,
}

/// What some models don't take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extra {
    /// A reasoning effort.
    Effort,
    /// Tools.
    Tools,
    /// What the service does by itself, searching for instance.
    Search,
}

/// What was tried for one round.
#[derive(Debug)]
pub struct Recovery {
    attempts: u32,
    renewals: u32,
    rotations: u32,
    /// This account was told once to slow down.
    limited: bool,
    /// There is no other account to go on with.
    alone: bool,
    /// Whether encrypted reasoning goes with the request.
    pub replay: bool,
    /// What goes with the request.
    pub extras: HashSet<Extra>,
}

impl Recovery {
    /// Nothing was tried yet.
    pub fn new(extras: HashSet<Extra>) -> Self {
        Self { extras, attempts: 1, renewals: 0, rotations: 0, limited: false, alone: false, replay: true }
    }
    /// There is no other account: the present one is asked again, where that may help.
    pub fn stay(&mut self, error: &Error, jitter: f64) -> Next {
        self.alone = true;
        self.wait(error, jitter)
    }
    /// Whether one more account may be tried, after a sign-in that has ended; counts it.
    pub fn may_move_on(&mut self) -> bool {
        (self.rotations, self.renewals, self.limited) = (self.rotations + 1, 0, false);
        self.rotations <= ROTATIONS
    }
    /// Whether anything was asked more than once.
    pub fn tried_again(&self) -> bool {
        self.attempts > 1
    }

    /// What follows a failure. `shown`: whether anything came before it. `by`: the credential that was sent, when it came from the
    /// file. `jitter` is random, from 0 to 1.
    pub fn after(&mut self, error: &Error, shown: bool, by: Option<&Credential>, jitter: f64) -> Next {
        if let Error::Refused(refusal) = error {
            let kind = refusal.kind();
            // all are answered once by leaving out what was refused
            let about = [
                (Extra::Effort, refusal.is_about_effort()),
                (Extra::Search, refusal.is_about_search()),
                (Extra::Tools, refusal.is_about_tools()),
            ];
            if let Some((extra, _)) = about.into_iter().find(|(extra, is)| *is && self.extras.contains(extra)) {
                self.extras.remove(&extra);
                return Next::Without(extra);
            }
            if refusal.is_about_reasoning() && self.replay {
                self.replay = false;
                return Next::WithoutReasoning;
            }
            // an old token: another one, and the same again. A server that refuses new ones, too, is not asked for ever
            let renewable = by.is_some_and(|c| c.kind == Kind::OAuth);
            if kind == refusal::Kind::Key && !shown && renewable && self.renewals < RENEWALS {
                self.renewals += 1;
                return Next::Renew;
            }
            // this account has nothing left, or rests: the next one of the person's goes on. A limit that is over in a moment is met
            // once before
            let reason = match kind {
                refusal::Kind::Spent | refusal::Kind::WrongPurse => Some("quota_spent"),
                refusal::Kind::Key => Some("auth_failed"),
                refusal::Kind::Rate if self.limited => Some(RATE_LIMITED),
                _ => None,
            };
            if let Some(reason) = reason.filter(|_| !shown && by.is_some() && self.rotations < ROTATIONS && !self.alone) {
                self.rotations += 1;
                self.renewals = 0;
                self.limited = false;
                return Next::Rotate { status: refusal.status, reason };
            }
            self.limited |= kind == refusal::Kind::Rate;
        }
        if shown {
            return Next::GiveUp;
        }
        self.wait(error, jitter)
    }

    fn wait(&mut self, error: &Error, jitter: f64) -> Next {
        // never before the time that the server asks for
        let in_time = error.retry_after().is_none_or(|wait| wait <= retry::LONGEST);
        if error.is_passing() && self.attempts < retry::ATTEMPTS && in_time {
            let wait = retry::wait(self.attempts, error.retry_after(), jitter);
            self.attempts += 1;
            return Next::Wait(wait);
        }
        Next::GiveUp
    }
}

/// What was learned from refusals in this run: what models don't take.
#[derive(Default)]
pub struct Lessons {
    refused: Mutex<HashSet<(Extra, String)>>,
}

impl Lessons {
    /// Whether a model takes it, as far as it is known.
    pub fn takes(&self, extra: Extra, model: &str) -> bool {
        !self.refused.lock().unwrap_or_else(PoisonError::into_inner).contains(&(extra, model.to_string()))
    }
    /// A model refused it.
    pub fn refuses(&self, extra: Extra, model: &str) {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert((extra, model.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{account::State, secret::Secret},
        http::{
            refusal::Refusal,
            unreached::{Unreached, Why},
        },
    };

    fn unreached(why: Why) -> Unreached {
        Unreached { why, at: "host".into(), via: None, cause: String::new() }
    }

    fn credential(kind: Kind) -> Credential {
        Credential {
            id: "a".into(),
            label: "a".into(),
            kind,
            source: "manual".into(),
            access: Secret::new("x"),
            refresh: None,
            base_url: None,
            expires_at: None,
            last_refresh: None,
            state: State::Ok,
        }
    }

    fn all() -> HashSet<Extra> {
        [Extra::Effort, Extra::Tools, Extra::Search].into()
    }

    fn refused(status: u16, body: &str) -> Error {
        Error::Refused(Refusal::read(status, None, body).into())
    }

    #[test]
    fn each_failure_has_its_answer() {
        let (token, key) = (credential(Kind::OAuth), credential(Kind::Key));
        let wait = |seconds| Next::Wait(Duration::from_secs(seconds));
        let spent = Next::Rotate { status: 402, reason: "quota_spent" };
        let ended = Next::Rotate { status: 401, reason: "auth_failed" };
        for (error, shown, by, want) in [
            (refused(400, r#"{"error":"reasoning_effort is not supported"}"#), false, None, Next::Without(Extra::Effort)),
            (refused(400, r#"{"error":"encrypted_content can't be read"}"#), false, None, Next::WithoutReasoning),
            (
                refused(400, r#"{"error":{"message":"registry.ollama.ai/library/gemma3:1b does not support tools"}}"#),
                false,
                None,
                Next::Without(Extra::Tools),
            ),
            (
                refused(404, r#"{"error":{"message":"No endpoints found that support tool use."}}"#),
                false,
                None,
                Next::Without(Extra::Tools),
            ),
            (refused(400, r#"{"error":"The tool web_search is not supported by this model"}"#), false, None, Next::Without(Extra::Search)),
            (refused(401, ""), false, Some(&token), Next::Renew),
            (refused(401, ""), true, Some(&token), Next::GiveUp),
            (refused(401, ""), false, Some(&key), ended),
            (refused(401, ""), false, None, Next::GiveUp),
            (refused(402, ""), false, Some(&token), spent.clone()),
            (refused(402, ""), true, Some(&token), Next::GiveUp),
            (refused(403, ""), false, Some(&token), Next::GiveUp),
            (refused(429, ""), false, None, wait(1)),
            (refused(503, ""), false, None, wait(1)),
            (refused(503, ""), true, None, Next::GiveUp),
            (refused(400, ""), false, None, Next::GiveUp),
            (Error::NotSent(unreached(Why::Refused)), false, None, wait(1)),
            (Error::NotSent(unreached(Why::Certificate("it has expired"))), false, None, Next::GiveUp),
            (Error::NotSent(unreached(Why::ProxyPassword)), false, None, Next::GiveUp),
            (Error::Failed(Refusal::read(500, None, "").into()), false, None, Next::GiveUp),
            // whatever may have been acted upon is not sent again by itself
            (Error::Lost("reset".into()), false, None, Next::GiveUp),
            (Error::Cut("reset".into()), false, None, Next::GiveUp),
            (Error::Silent(Duration::from_secs(1)), false, None, Next::GiveUp),
            (Error::Invalid("html".into()), false, None, Next::GiveUp),
        ] {
            assert_eq!(Recovery::new(all()).after(&error, shown, by, 0.0), want, "{error} {shown}");
        }
    }

    #[test]
    fn nothing_is_tried_for_ever() {
        let token = credential(Kind::OAuth);
        let answers = |error: Error, by: Option<&Credential>| {
            let mut recovery = Recovery::new(all());
            std::iter::repeat_with(move || recovery.after(&error, false, by, 0.0))
                .take_while(|next| *next != Next::GiveUp)
                .collect::<Vec<_>>()
        };
        assert_eq!(answers(refused(503, ""), None), [1, 2, 4].map(|s| Next::Wait(Duration::from_secs(s))));
        let all = answers(refused(401, ""), Some(&token));
        let renewals = all.iter().filter(|next| **next == Next::Renew).count();
        assert_eq!((renewals, all.len() - renewals), (18, 8), "two for each of nine accounts");
        assert_eq!(answers(refused(400, "reasoning effort and encrypted content"), None).len(), 2);
    }

    #[test]
    fn an_account_that_is_told_twice_to_slow_down_rests_while_the_next_goes_on() {
        let token = credential(Kind::OAuth);
        let slow = || refused(429, "");
        let mut recovery = Recovery::new(all());
        assert_eq!(recovery.after(&slow(), false, Some(&token), 0.0), Next::Wait(Duration::from_secs(1)));
        assert_eq!(recovery.after(&slow(), false, Some(&token), 0.0), Next::Rotate { status: 429, reason: "rate_limited" });
        // the next account is met with the same patience
        assert_eq!(recovery.after(&slow(), false, Some(&token), 0.0), Next::Wait(Duration::from_secs(2)));
        // and where there is none, the same is asked again
        let mut recovery = Recovery::new(all());
        recovery.after(&slow(), false, Some(&token), 0.0);
        recovery.after(&slow(), false, Some(&token), 0.0);
        assert_eq!(recovery.stay(&slow(), 0.0), Next::Wait(Duration::from_secs(2)));
        assert_eq!(recovery.after(&slow(), false, Some(&token), 0.0), Next::Wait(Duration::from_secs(4)));
    }

    #[test]
    fn a_server_that_asks_for_too_long_a_pause_is_not_asked_earlier() {
        let long = Error::Refused(Refusal::read(429, Some(Duration::from_secs(9_999)), "").into());
        assert_eq!(Recovery::new(all()).after(&long, false, None, 0.0), Next::GiveUp);
        let short = Error::Refused(Refusal::read(429, Some(Duration::from_secs(7)), "").into());
        assert_eq!(Recovery::new(all()).after(&short, false, None, 0.0), Next::Wait(Duration::from_secs(7)));
    }
}
