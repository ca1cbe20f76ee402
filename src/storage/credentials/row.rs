//! One row of the pool, read and made (`docs/files.md` 2.5).

use super::{marks, number, text};
use crate::domain::{
    account::{self, Credential, Kind},
    secret::Secret,
};
use serde_json::{Map, Value, json};

/// Reads a row.
pub(super) fn credential(row: &Map<String, Value>, now: i64) -> Credential {
    let word = |name: &str| row.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty()).map(str::to_string);
    let access = word("access_token").unwrap_or_default();
    let last_refresh = word("last_refresh");
    let kind = if row.get("auth_type").and_then(Value::as_str) == Some("oauth") { Kind::OAuth } else { Kind::Key };
    let expires_at = match kind {
        Kind::OAuth => account::expiry(&access, last_refresh.as_deref(), number(row.get("expires_in"))),
        Kind::Key => None,
    };
    let source = word("source").unwrap_or_else(|| "manual".into());
    Credential {
        id: word("id").unwrap_or_default(),
        label: word("label").unwrap_or_else(|| source.clone()),
        kind,
        access: Secret::new(&access),
        refresh: word("refresh_token").map(Secret::new),
        base_url: word("base_url"),
        expires_at,
        last_refresh,
        state: marks::state(row, now),
        source,
    }
}

/// Behind those that are there.
pub(super) fn next_priority(rows: &[Value]) -> i64 {
    rows.iter().filter_map(|r| r.get("priority").and_then(Value::as_i64)).max().map_or(0, |most| most.saturating_add(1))
}

/// A row that nobody has used yet, behind those that are there.
pub(super) fn fresh(rows: &[Value], label: &str, auth_type: &str, source: &str, access: &str) -> Map<String, Value> {
    let priority = next_priority(rows);
    let id = std::iter::repeat_with(|| format!("{:06x}", fastrand::u32(..0x100_0000)))
        .find(|id| rows.iter().all(|row| text(row, "id") != id))
        .unwrap_or_default();
    let row = json!({
        "id": id, "label": label, "auth_type": auth_type, "priority": priority, "source": source, "access_token": access,
        "last_status": null, "last_status_at": null, "last_error_code": null, "last_error_reason": null,
        "last_error_message": null, "last_error_reset_at": null, "request_count": 0,
    });
    match row {
        Value::Object(row) => row,
        _ => Map::new(),
    }
}
