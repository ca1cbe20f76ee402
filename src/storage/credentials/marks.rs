//! Marks of failure on a row: exhausted for a while, or gone for good, and until when (`docs/sign-in.md` 6.5).

use super::{Store, now_float, number, put, text};
use crate::domain::account::{self, Credential, State};
use serde_json::{Map, Value, json};

/// Reasons with which a grant is gone for good.
const FATAL: [&str; 6] =
    ["token_invalidated", "token_revoked", "invalid_token", "invalid_grant", "unauthorized_client", "refresh_token_reused"];

/// A server that names a time names none that is further away, in seconds: a month and a day.
const LONGEST: i64 = 32 * 86_400;

impl Store {
    /// Forgets the marks of failures; gives how many rows had one.
    pub fn reset(&mut self, provider: &str) -> usize {
        let mut count = 0;
        for row in self.rows_mut(provider) {
            if row.get("last_status").is_some_and(|s| !s.is_null()) {
                count += 1;
            }
            clear_marks(row, Value::Null);
        }
        count
    }
    /// Marks one row as failed with this status. `reset_at` is when the server said it can be tried again.
    pub fn exhausted(&mut self, provider: &str, id: &str, code: u16, reason: &str, message: &str, reset_at: Option<f64>) {
        self.seed(provider);
        let Some(row) = self.rows_mut(provider).iter_mut().find(|row| text(row, "id") == id) else { return };
        put(row, "last_status", "exhausted");
        put(row, "last_status_at", now_float());
        put(row, "last_error_code", code);
        put(row, "last_error_reason", reason);
        put(row, "last_error_message", message);
        put(row, "last_error_reset_at", reset_at.map_or(Value::Null, Value::from));
    }
    /// The grant of a credential is gone. A row of its own is marked; the provider's own entry loses its tokens and keeps the
    /// reason, and its mirror goes (`docs/sign-in.md` 6.3, quarantine).
    pub fn grant_is_gone(&mut self, provider: &str, credential: &Credential, message: &str) {
        if !credential.is_mirror() {
            return self.exhausted(provider, &credential.id, 401, "invalid_grant", message, None);
        }
        self.rows_mut(provider).retain(|row| text(row, "id") != credential.id && !account::is_mirror(text(row, "source")));
        let Some(own) = self.0.get_mut("providers").and_then(|p| p.get_mut(provider)).and_then(Value::as_object_mut) else { return };
        if let Some(tokens) = own.get_mut("tokens").and_then(Value::as_object_mut) {
            tokens.shift_remove("access_token");
            tokens.shift_remove("refresh_token");
        }
        let at = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
        let error = json!({ "provider": provider, "code": "xai_refresh_failed", "message": message,
            "reason": "credential_pool_refresh_failure", "relogin_required": true, "at": at });
        own.insert("last_auth_error".into(), error);
    }
}

/// Takes the marks off a row.
pub(super) fn clear_marks(row: &mut Value, status: Value) {
    put(row, "last_status_at", if status.is_null() { Value::Null } else { now_float().into() });
    put(row, "last_status", status);
    for name in ["last_error_code", "last_error_reason", "last_error_message", "last_error_reset_at"] {
        put(row, name, Value::Null);
    }
}

/// A time as rows have it: epoch seconds, epoch milliseconds, or ISO.
fn moment(value: Option<&Value>) -> Option<i64> {
    let seconds = number(value).or_else(|| account::seconds_of(value?.as_str()?))?;
    Some(if seconds > 1_000_000_000_000 { seconds / 1_000 } else { seconds })
}

/// Whether a row can be used.
pub(super) fn state(row: &Map<String, Value>, now: i64) -> State {
    let reason = ["last_error_reason", "last_error_message"].iter().find_map(|n| row.get(*n).and_then(Value::as_str)).map(str::to_string);
    let code = number(row.get("last_error_code"));
    match row.get("last_status").and_then(Value::as_str) {
        Some("dead") => State::Dead { reason },
        Some("exhausted") if code == Some(401) && reason.as_deref().is_some_and(|r| FATAL.contains(&r)) => State::Dead { reason },
        Some("exhausted") => {
            let rest = if code == Some(401) { 300 } else { 3_600 };
            // nobody was marked in the future: a rest is never longer than its rule, whatever the clock was
            let marked = moment(row.get("last_status_at")).map(|at| at.min(now).saturating_add(rest));
            let until = moment(row.get("last_error_reset_at")).map(|at| at.min(now.saturating_add(LONGEST))).or(marked).unwrap_or(i64::MAX);
            if until <= now { State::Ok } else { State::Exhausted { until, code, reason } }
        }
        _ => State::Ok,
    }
}
