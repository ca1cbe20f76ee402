//! What came of a call, as text.

use super::text;
use serde_json::Value;

/// Bytes of an answer; what is more is left out, and said.
const MOST_BYTES: usize = 1024 * 1024;

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// False when the tool itself says that it failed.
    pub ok: bool,
    /// What it said. Not yet fit to be drawn: it is a stranger's.
    pub text: String,
}

impl Answer {
    /// What a result says. Blocks of a kind that we don't know are named.
    pub(super) fn read(result: &Value) -> Result<Self, String> {
        if let Some(kind) = result.get("resultType").and_then(Value::as_str).filter(|kind| *kind != "complete") {
            return Err(format!("gave no result but `{}`, which is not supported", text::line(kind, 60)));
        }
        let blocks = result.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut said = String::new();
        let mut is_text = false;
        for block in blocks {
            is_text |= block.get("type").is_some_and(|kind| kind == "text");
            add(&mut said, &shown(block));
        }
        if let Some(data) = result.get("structuredContent").filter(|data| !is_text && !data.is_null()) {
            add(&mut said, &data.to_string());
        }
        Ok(Self { ok: result.get("isError") != Some(&Value::Bool(true)), text: bounded(said) })
    }
}

/// Adds a line, as long as there is room for the cut to be noticed.
fn add(said: &mut String, more: &str) {
    if said.len() <= MOST_BYTES {
        if !said.is_empty() {
            said.push('\n');
        }
        said.push_str(more);
    }
}

fn bounded(mut said: String) -> String {
    if said.len() > MOST_BYTES {
        said.truncate(said.floor_char_boundary(MOST_BYTES));
        said.push_str("\n[The rest was left out: the answer is longer than 1 MiB.]");
    }
    said
}

fn shown(block: &Value) -> String {
    let word = |key: &str| block.get(key).and_then(Value::as_str).unwrap_or_default();
    match word("type") {
        "text" => word("text").to_string(),
        "image" | "audio" => data(word("mimeType"), word("type"), word("data")),
        "resource" => resource(block.get("resource").unwrap_or(&Value::Null)),
        "resource_link" => format!("[{} {}]", text::line(word("name"), 200), text::line(word("uri"), 1_000)),
        other => format!("[{}, which can't be shown]", text::line(other, 60)),
    }
}

fn resource(resource: &Value) -> String {
    let word = |key: &str| resource.get(key).and_then(Value::as_str);
    let from = text::line(word("uri").unwrap_or("resource"), 1_000);
    match (word("text"), word("blob")) {
        (Some(text), _) => format!("[{from}]\n{text}"),
        (None, Some(blob)) => format!("[{from}] {}", data(word("mimeType").unwrap_or_default(), "data", blob)),
        (None, None) => format!("[{from}]"),
    }
}

/// `[image/png, 12 kB]`
fn data(mime: &str, otherwise: &str, base64: &str) -> String {
    let mime = text::line(mime, 100);
    let kind = if mime.is_empty() { otherwise } else { &mime };
    let bytes = base64.trim_end_matches('=').len() / 4 * 3 + base64.trim_end_matches('=').len() % 4 * 3 / 4;
    format!("[{kind}, {}]", text::size(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(result: Value) -> (bool, String) {
        let answer = Answer::read(&result).unwrap();
        (answer.ok, answer.text)
    }

    #[test]
    fn blocks_become_lines() {
        let content = json!([{"type": "text", "text": "one"}, {"type": "text", "text": "two"},
            {"type": "image", "mimeType": "image/png", "data": "A".repeat(16_000)}, {"type": "audio", "data": "AAA="},
            {"type": "resource", "resource": {"uri": "file:///a", "text": "inside"}},
            {"type": "resource", "resource": {"uri": "file:///b", "mimeType": "x/y", "blob": "AAAA"}},
            {"type": "resource_link", "name": "c", "uri": "file:///c"}, {"type": "hologram"}]);
        let (ok, text) = check(json!({"content": content, "structuredContent": {"unused": 1}}));
        assert!(ok);
        assert_eq!(
            text,
            "one\ntwo\n[image/png, 12 kB]\n[audio, 2 bytes]\n[file:///a]\ninside\n[file:///b] [x/y, 3 bytes]\n[c file:///c]\n\
             [hologram, which can't be shown]"
        );
    }

    #[test]
    fn data_speaks_where_text_is_missing() {
        assert_eq!(check(json!({"content": [], "structuredContent": {"a": 1}})), (true, "{\"a\":1}".into()));
        assert_eq!(check(json!({"content": [{"type": "text", "text": "no"}], "isError": true})), (false, "no".into()));
        assert_eq!(check(json!({})), (true, String::new()));
        assert!(Answer::read(&json!({"resultType": "input_required"})).unwrap_err().contains("input_required"));
    }

    #[test]
    fn a_flood_is_cut() {
        let (_, text) = check(json!({"content": [{"type": "text", "text": "ä".repeat(MOST_BYTES)}, {"type": "text", "text": "end"}]}));
        assert!(text.len() < MOST_BYTES + 100 && text.ends_with("longer than 1 MiB.]") && text.starts_with("ää"));
    }
}
