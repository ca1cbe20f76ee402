//! What `auth.json` holds, as its own JSON: unknown members are kept wherever they stand. Pure: reading and writing the file is
//! `auth_file`'s (`docs/files.md` 2.3 to 2.6, `docs/sign-in.md` 8.1 and 11).

mod marks;
mod mirror;
mod row;

use marks::clear_marks;

use crate::domain::{
    account::{self, Credential, Method, Tokens},
    secret::Secret,
};
use serde_json::{Map, Value, json};

/// The whole content.
#[derive(Clone, PartialEq)]
pub struct Store(Map<String, Value>);

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store(•••)")
    }
}

impl Default for Store {
    fn default() -> Self {
        let Value::Object(map) = json!({ "version": 1, "providers": {} }) else { return Self(Map::new()) };
        Self(map)
    }
}

/// A credential that a sign-in made.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// How the person signed in.
    pub method: Method,
    /// What the server gave.
    pub tokens: Tokens,
    /// What the person wants it to be called.
    pub label: Option<String>,
    /// Where it will be used.
    pub base_url: String,
}

/// Why a target names no row.
#[derive(Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// There are no rows at all.
    Empty,
    /// None is called that.
    Unknown,
    /// Several could be meant.
    Ambiguous,
}

impl Store {
    /// Reads the content of a file. The error is the end of a sentence.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
            .map_err(|e| format!("it is not JSON (line {}, column {})", e.line(), e.column()))?;
        let Value::Object(map) = value else { return Err("it is not a JSON object".into()) };
        for name in ["providers", "credential_pool", "suppressed_sources"] {
            if map.get(name).is_some_and(|v| !v.is_object() && !v.is_null()) {
                return Err(format!("`{name}` in it is not an object"));
            }
        }
        Ok(Self(map))
    }
    /// The content as Hermes Agent writes it: two blanks, ASCII only, a line end.
    pub fn text(&self) -> Option<String> {
        let pretty = serde_json::to_string_pretty(&self.0).ok()?;
        let mut text = String::with_capacity(pretty.len() + 1);
        for c in pretty.chars() {
            if c.is_ascii() {
                text.push(c);
            } else {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
            }
        }
        text.push('\n');
        Some(text)
    }
    /// Notes the time of the change.
    pub fn stamp(&mut self) {
        self.0.insert("version".into(), 1.into());
        self.0.entry("providers").or_insert_with(|| json!({}));
        let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
        self.0.insert("updated_at".into(), now.into());
    }

    /// Providers that have rows or an entry of their own.
    pub fn providers(&self) -> Vec<String> {
        let names =
            |key: &str| self.0.get(key).and_then(Value::as_object).map(|o| o.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        let mut all = names("credential_pool");
        all.extend(names("providers").into_iter().filter(|n| self.own(n).is_some()));
        all.dedup();
        let mut seen = std::collections::HashSet::new();
        all.retain(|name| seen.insert(name.clone()) && !self.credentials(name, 0).is_empty());
        all
    }
    /// The provider of the last sign-in.
    pub fn active_provider(&self) -> Option<&str> {
        self.0.get("active_provider")?.as_str().filter(|p| !p.is_empty())
    }
    /// The rows of a provider in their order, with the mirror of its own entry, whether or not that is written yet.
    pub fn credentials(&self, provider: &str, now: i64) -> Vec<Credential> {
        let mut seeded = self.clone();
        seeded.seed(provider);
        let mut rows: Vec<(i64, Credential)> = seeded
            .rows(provider)
            .iter()
            .filter_map(Value::as_object)
            .map(|row| (row.get("priority").and_then(Value::as_i64).unwrap_or(0), row::credential(row, now)))
            .collect();
        rows.sort_by_key(|(priority, _)| *priority);
        rows.into_iter().map(|(_, row)| row).filter(|row| !row.access.reveal().is_empty()).collect()
    }
    /// Why the provider's own entry can't be used any more: the code and the words of the last failure.
    pub fn last_error(&self, provider: &str) -> Option<(String, String)> {
        let error = self.0.get("providers")?.get(provider)?.get("last_auth_error")?;
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_string();
        Some((text("code"), text("message")))
    }
    /// The token endpoint that was found at the last sign-in.
    pub fn token_endpoint(&self, provider: &str) -> Option<&str> {
        self.0.get("providers")?.get(provider)?.get("discovery")?.get("token_endpoint")?.as_str()
    }
    /// `auth_mode` and `last_refresh` of the provider's own entry.
    pub fn own_facts(&self, provider: &str) -> (Option<&str>, Option<&str>) {
        let own = self.0.get("providers").and_then(|p| p.get(provider));
        let text = |name: &str| own.and_then(|o| o.get(name)).and_then(Value::as_str);
        (text("auth_mode"), text("last_refresh"))
    }

    /// Adds the credential of a sign-in: an account of its own. Lifts what was suppressed. Gives its number, from 1, and its label.
    pub fn add(&mut self, provider: &str, fresh: &Fresh) -> (usize, String) {
        self.lift(provider);
        let owner = account::owner(fresh.tokens.access.reveal()).or_else(|| account::owner(fresh.tokens.id.reveal()));
        let number = self.rows(provider).len() + 1;
        let label = fresh.label.clone().or(owner).unwrap_or_else(|| format!("{provider}-oauth-{number}"));
        let source = if fresh.method == Method::Device { "manual:device_code" } else { "manual:xai_pkce" };
        let mut row = row::fresh(self.rows(provider), &label, "oauth", source, fresh.tokens.access.reveal());
        row.insert("refresh_token".into(), fresh.tokens.refresh.reveal().into());
        row.insert("base_url".into(), fresh.base_url.clone().into());
        row.insert("last_refresh".into(), refresh_time().into());
        if let Some(seconds) = fresh.tokens.expires_in {
            row.insert("expires_in".into(), seconds.into());
        }
        self.push(provider, row);
        if self.active_provider().is_none() {
            self.0.insert("active_provider".into(), provider.into());
        }
        (number, label)
    }
    /// The row of a provider that was added last.
    pub fn last_row(&self, provider: &str) -> Map<String, Value> {
        self.rows(provider).last().and_then(Value::as_object).cloned().unwrap_or_default()
    }
    /// Adds a row that was made elsewhere, behind the others, unless it is there.
    pub fn add_row(&mut self, provider: &str, row: &Map<String, Value>) {
        let id = row.get("id");
        if self.rows(provider).iter().any(|there| there.get("id") == id) {
            return;
        }
        self.lift(provider);
        let mut row = row.clone();
        row.insert("priority".into(), row::next_priority(self.rows(provider)).into());
        self.push(provider, row);
        if self.active_provider().is_none() {
            self.0.insert("active_provider".into(), provider.into());
        }
    }
    /// Adds an API key. Gives its number, from 1, and its label.
    pub fn add_key(&mut self, provider: &str, key: &Secret, label: Option<String>, base_url: &str) -> (usize, String) {
        self.lift(provider);
        let number = self.rows(provider).len() + 1;
        let label = label.unwrap_or_else(|| format!("api-key-{number}"));
        let mut row = row::fresh(self.rows(provider), &label, "api_key", "manual", key.reveal());
        row.insert("base_url".into(), base_url.into());
        self.push(provider, row);
        (number, label)
    }
    /// Drops one row; with a mirror goes the entry that it mirrors, and it is not made again.
    pub fn remove(&mut self, provider: &str, credential: &Credential) {
        self.seed(provider);
        let rows = self.rows_mut(provider);
        rows.retain(|row| text(row, "id") != credential.id);
        for (number, row) in rows.iter_mut().enumerate() {
            put(row, "priority", number);
        }
        if credential.is_mirror() {
            if let Some(providers) = self.0.get_mut("providers").and_then(Value::as_object_mut) {
                providers.shift_remove(provider);
            }
            let suppressed = self.0.entry("suppressed_sources").or_insert_with(|| json!({}));
            if !suppressed.is_object() {
                *suppressed = json!({});
            }
            put(suppressed, provider, json!(["loopback_pkce", "device_code"]));
        }
    }
    /// Clears the provider's own entry and all its rows; false when there was nothing.
    pub fn log_out(&mut self, provider: &str) -> bool {
        let mut removed = false;
        for key in ["providers", "credential_pool"] {
            if let Some(map) = self.0.get_mut(key).and_then(Value::as_object_mut) {
                removed |= map.shift_remove(provider).is_some_and(|v| v.as_array().is_none_or(|rows| !rows.is_empty()));
            }
        }
        if self.active_provider() == Some(provider) {
            self.0.insert("active_provider".into(), Value::Null);
        }
        removed
    }
    /// Puts the tokens of a refresh into the row, and into the entry that it mirrors. A refresh token that the server left out
    /// stays the one it was.
    pub fn refreshed(&mut self, provider: &str, id: &str, access: &str, refresh: Option<&str>, answer: &Value) {
        self.seed(provider);
        let now = refresh_time();
        let Some(row) = self.rows_mut(provider).iter_mut().find(|row| text(row, "id") == id) else { return };
        put(row, "access_token", access);
        if let Some(refresh) = refresh {
            put(row, "refresh_token", refresh);
        }
        put(row, "last_refresh", now.clone());
        match answer.get("expires_in") {
            Some(seconds) if !seconds.is_null() => put(row, "expires_in", seconds.clone()),
            _ => drop(row.as_object_mut().map(|row| row.shift_remove("expires_in"))),
        }
        clear_marks(row, "ok".into());
        if !account::is_mirror(text(row, "source")) {
            return;
        }
        let Some(own) = self.0.get_mut("providers").and_then(|p| p.get_mut(provider)).and_then(Value::as_object_mut) else { return };
        own.shift_remove("last_auth_error");
        own.insert("last_refresh".into(), now.into());
        let tokens = own.entry("tokens").or_insert_with(|| json!({}));
        if !tokens.is_object() {
            *tokens = json!({});
        }
        put(tokens, "access_token", access);
        if let Some(refresh) = refresh {
            put(tokens, "refresh_token", refresh);
        }
        for name in ["id_token", "expires_in", "token_type"] {
            if let Some(value) = answer.get(name).filter(|v| !v.is_null()) {
                put(tokens, name, value.clone());
            }
        }
    }
    /// Counts a use.
    pub fn used(&mut self, provider: &str, id: &str) {
        self.seed(provider);
        if let Some(row) = self.rows_mut(provider).iter_mut().find(|row| text(row, "id") == id) {
            let count = row.get("request_count").and_then(Value::as_i64).unwrap_or(0);
            put(row, "request_count", count.saturating_add(1));
        }
    }
    /// Counts a use, and moves the row to the end of its line.
    pub fn used_and_moved(&mut self, provider: &str, id: &str) {
        self.used(provider, id);
        let rows = self.rows_mut(provider);
        rows.sort_by_key(|row| row.get("priority").and_then(Value::as_i64).unwrap_or(0));
        if let Some(at) = rows.iter().position(|row| text(row, "id") == id) {
            rows[at..].rotate_left(1);
        }
        for (number, row) in rows.iter_mut().enumerate() {
            put(row, "priority", number);
        }
    }
    /// How often a row was used.
    pub fn uses(&self, provider: &str, id: &str) -> i64 {
        let row = self.rows(provider).iter().find(|row| text(row, "id") == id);
        row.and_then(|row| row.get("request_count")).and_then(Value::as_i64).unwrap_or(0)
    }

    fn rows(&self, provider: &str) -> &[Value] {
        self.0.get("credential_pool").and_then(|p| p.get(provider)).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
    fn rows_mut(&mut self, provider: &str) -> &mut Vec<Value> {
        let pool = entry(self.0.entry("credential_pool").or_insert_with(|| json!({})), provider);
        if !pool.is_array() {
            *pool = json!([]);
        }
        match pool {
            Value::Array(rows) => rows,
            // it is one since the line above
            _ => unreachable!("an array was just put there"),
        }
    }
    /// Both tokens of the provider's own entry, when it can be used.
    fn own(&self, provider: &str) -> Option<(&str, &str)> {
        let tokens = self.0.get("providers")?.get(provider)?.get("tokens")?;
        let token = |name: &str| tokens.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
        Some((token("access_token")?, token("refresh_token").unwrap_or_default()))
    }
    fn push(&mut self, provider: &str, row: Map<String, Value>) {
        self.rows_mut(provider).push(Value::Object(row));
    }
}

/// The place of the row that a target names: an id, a label, or a number from 1. The only one when nothing is named.
pub fn find(rows: &[Credential], target: Option<&str>) -> Result<usize, NoTarget> {
    let at = match target {
        _ if rows.is_empty() => return Err(NoTarget::Empty),
        None if rows.len() == 1 => Some(0),
        None => return Err(NoTarget::Ambiguous),
        Some(target) => {
            let called = |row: &Credential| row.label.to_lowercase() == target.trim().to_lowercase();
            let labelled: Vec<usize> = (0..rows.len()).filter(|n| called(&rows[*n])).collect();
            match (rows.iter().position(|r| r.id == target), labelled.as_slice()) {
                (Some(at), _) => Some(at),
                (None, [at]) => Some(*at),
                (None, []) => target.trim_start_matches('#').parse::<usize>().ok().and_then(|n| n.checked_sub(1)),
                (None, _) => return Err(NoTarget::Ambiguous),
            }
        }
    };
    at.filter(|n| *n < rows.len()).ok_or(NoTarget::Unknown)
}

/// Sets a member of an object; what is none stays as it is.
fn put(value: &mut Value, name: &str, new: impl Into<Value>) {
    if let Value::Object(map) = value {
        map.insert(name.into(), new.into());
    }
}

fn entry<'a>(object: &'a mut Value, name: &str) -> &'a mut Value {
    if !object.is_object() {
        *object = json!({});
    }
    &mut object[name]
}

fn refresh_time() -> String {
    chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn now_float() -> f64 {
    chrono::Utc::now().timestamp_micros() as f64 / 1e6
}

/// A number as rows have it.
fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_f64().map(|n| n as i64),
        Value::String(text) => text.trim().parse::<f64>().ok().map(|n| n as i64),
        _ => None,
    }
}

/// A text member of a row.
fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
