//! What servers offer. Everything in it was written by a stranger.

use super::{Definition, schema, text};
use serde_json::Value;

/// Characters of what a tool says of itself.
const MOST_WORDS: usize = 2_000;
/// Characters of a name that goes to a model.
const MOST_NAME: usize = 64;

/// A tool of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The server's own name of the tool: that is what it is called by.
    pub name: String,
    /// What it says of itself, bounded and cleaned.
    pub about: String,
    /// What it takes: a JSON schema of an object, cleaned for picky services.
    pub takes: Value,
    /// It claims to change nothing. A hint from a stranger: nothing may be allowed on its word alone.
    pub read_only: bool,
}

/// The tool as a model knows it: `mcp_<server>_<tool>` in letters, digits and `_`, at most 64 characters. What had to be cut ends in a
/// mark made of the whole name, so that two of them stay two.
pub fn offered_name(server: &str, tool: &str) -> String {
    let whole = format!("mcp_{server}_{tool}");
    let plain: String = whole.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if plain.len() <= MOST_NAME {
        return plain;
    }
    format!("{}_{:08x}", &plain[..MOST_NAME - 9], mark(&whole))
}

/// FNV-1a: the same in every version of the program, as conversations that are kept hold these names.
fn mark(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The tools of one page of `tools/list` that can be offered and are wanted.
pub(super) fn offers<'a>(page: &'a Value, definition: &'a Definition) -> impl Iterator<Item = Offer> {
    let tools = page.get("tools").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    tools.iter().filter_map(offer).filter(|offer| definition.wants(&offer.name))
}

fn offer(tool: &Value) -> Option<Offer> {
    let name = tool.get("name")?.as_str().filter(|name| is_name(name))?;
    let words = |key: &str| tool.get(key).and_then(Value::as_str).filter(|words| !words.trim().is_empty());
    Some(Offer {
        name: name.to_string(),
        about: text::lines(words("description").or_else(|| words("title")).unwrap_or_default(), MOST_WORDS),
        takes: schema::cleaned(tool.get("inputSchema")),
        read_only: tool.pointer("/annotations/readOnlyHint") == Some(&Value::Bool(true)),
    })
}

fn is_name(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::super::definition::read;
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_plain_and_stay_different() {
        assert_eq!(offered_name("my server", "a.b-c"), "mcp_my_server_a_b_c");
        assert_eq!(offered_name("ü", "t"), "mcp___t");
        let [one, other] = ["x", "y"].map(|end| offered_name("s", &format!("{}{end}", "long_".repeat(30))));
        assert!(one.len() == 64 && other.len() == 64 && one != other && one.starts_with("mcp_s_long_"), "{one} {other}");
        assert_eq!(offered_name("s", &"a".repeat(58)).len(), 64);
        assert!(!offered_name("s", &"a".repeat(58)).contains("__"));
    }

    #[test]
    fn a_hostile_list_is_tamed() {
        let page = json!({"tools": [
            {"name": "good", "description": format!("say\u{200b}\x1b[1m {}", "x".repeat(5_000)), "inputSchema": "no"},
            {"name": "bad name"}, {"name": ""}, {"name": "n".repeat(129)}, {"no": 1}, 7,
            {"name": "read.it", "title": "Reads", "annotations": {"readOnlyHint": true}},
            {"name": "out"}]});
        let definition = read(&json!({"s": {"command": "x", "tools": {"exclude": ["out"]}}})).remove(0).1.unwrap();
        let offers: Vec<Offer> = offers(&page, &definition).collect();
        assert_eq!(offers.iter().map(|o| o.name.as_str()).collect::<Vec<_>>(), ["good", "read.it"]);
        assert!(offers[0].about.starts_with("say x") && offers[0].about.chars().count() == 2_000);
        assert_eq!(offers[0].takes, json!({"type": "object", "properties": {}}));
        assert!(!offers[0].read_only && offers[1].read_only && offers[1].about == "Reads");
        assert_eq!(super::offers(&json!({"tools": "none"}), &definition).count(), 0);
    }
}
