//! The row that mirrors the provider's own entry: made from it, kept one, suppressed when the person removed it (`docs/sign-in.md` 8.1).

use super::{Store, marks::clear_marks, put, row, text};
use crate::domain::account;
use serde_json::Value;

impl Store {
    /// Whether the person removed a source, `env:XAI_API_KEY` for one, which is still there in itself.
    pub fn is_removed(&self, provider: &str, source: &str) -> bool {
        let sources = self.0.get("suppressed_sources").and_then(|s| s.get(provider)).and_then(Value::as_array);
        sources.is_some_and(|s| s.iter().any(|known| known.as_str() == Some(source)))
    }
    /// A source does not count any more, until the person adds a credential.
    pub fn remove_source(&mut self, provider: &str, source: &str) {
        self.rows_mut(provider).retain(|row| text(row, "source") != source);
        if self.is_removed(provider, source) {
            return;
        }
        let suppressed = super::entry(self.0.entry("suppressed_sources").or_insert_with(|| serde_json::json!({})), provider);
        match suppressed {
            Value::Array(sources) => sources.push(source.into()),
            other => *other = serde_json::json!([source]),
        }
    }

    fn is_suppressed(&self, provider: &str) -> bool {
        let sources = self.0.get("suppressed_sources").and_then(|s| s.get(provider)).and_then(Value::as_array);
        sources.is_some_and(|s| s.iter().filter_map(Value::as_str).any(account::is_mirror))
    }
    pub(super) fn lift(&mut self, provider: &str) {
        if let Some(suppressed) = self.0.get_mut("suppressed_sources").and_then(Value::as_object_mut) {
            suppressed.shift_remove(provider);
            if suppressed.is_empty() {
                self.0.shift_remove("suppressed_sources");
            }
        }
    }
    /// Rows that somebody wrote without an id get one: the same each time until it is written down.
    fn name_rows(&mut self, provider: &str) {
        let nameless = |row: &Value| text(row, "id").is_empty() && row.is_object();
        if !self.rows(provider).iter().any(nameless) {
            return;
        }
        for (number, row) in self.rows_mut(provider).iter_mut().enumerate().filter(|(_, row)| nameless(row)) {
            let id = stable_id(&format!("{number}/{}", text(row, "access_token")));
            put(row, "id", id);
        }
    }
    /// Makes the mirror of the provider's own entry: one row, whatever the two generations of Hermes Agent left there.
    pub fn seed(&mut self, provider: &str) {
        self.name_rows(provider);
        let Some((access, refresh)) = self.own(provider).map(|(a, r)| (a.to_string(), r.to_string())) else { return };
        if self.is_suppressed(provider) {
            return;
        }
        let mirrors: Vec<&Value> = self.rows(provider).iter().filter(|row| account::is_mirror(text(row, "source"))).collect();
        let kept =
            mirrors.iter().find(|row| text(row, "access_token") == access).or(mirrors.first()).map(|row| text(row, "id").to_string());
        let own = self.0.get("providers").and_then(|p| p.get(provider)).cloned().unwrap_or_default();
        let id = match kept {
            Some(id) => {
                self.rows_mut(provider).retain(|row| !account::is_mirror(text(row, "source")) || text(row, "id") == id);
                id
            }
            None => {
                let source = if text(&own, "auth_mode") == "oauth_device_code" { "device_code" } else { "loopback_pkce" };
                let label = account::owner(&access).unwrap_or_else(|| source.to_string());
                let mut row = row::fresh(self.rows(provider), &label, "oauth", source, &access);
                // the same each time until it is written down
                let id = stable_id(provider);
                if self.rows(provider).iter().all(|row| text(row, "id") != id) {
                    row.insert("id".into(), id.into());
                }
                let id = row.get("id").and_then(Value::as_str).unwrap_or_default().to_string();
                self.push(provider, row);
                id
            }
        };
        let Some(row) = self.rows_mut(provider).iter_mut().find(|row| text(row, "id") == id) else { return };
        if text(row, "access_token") != access {
            clear_marks(row, Value::Null);
        }
        put(row, "access_token", access);
        if !refresh.is_empty() {
            put(row, "refresh_token", refresh);
        }
        if let Some(seconds) = own.pointer("/tokens/expires_in").filter(|v| !v.is_null()) {
            put(row, "expires_in", seconds.clone());
        }
        if let Some(time) = own.get("last_refresh") {
            put(row, "last_refresh", time.clone());
        }
    }
}

/// Six hex digits that are the same for the same words.
fn stable_id(words: &str) -> String {
    format!("{:06x}", words.bytes().fold(0x81_1c9d_u32, |id, byte| (id ^ u32::from(byte)).wrapping_mul(16_777_619)) >> 8)
}
