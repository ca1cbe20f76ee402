//! Something failed: a line that says what, and what can be done about it on the screen.

use super::marked;
use crate::{
    domain::{
        foreign::tame,
        trouble::{Remedy, Trouble},
    },
    ui::{
        line::{Line, Styled},
        look::Role,
        wrap::{self, PROSE},
    },
};
use serde_json::Value;
use std::borrow::Cow;

/// What the screen has in the place of a command for a shell.
const SIGN_IN: &str = "`/login` signs in, F2 leads to where a key is given";

/// One line that says what happened, a sentence about it, and what the server said when it is unfolded. The keys that help stand under the
/// last one (`screens/chat/life.rs`): a step that is one of them is not told a second time, and no command of a shell.
pub(super) fn lines(trouble: &Trouble, width: usize, unfolded: bool, out: &mut Vec<Line>) {
    let (room, message) = ((width - 4).min(PROSE), tame(&trouble.message));
    let hang = |_: usize| Styled::new("    ", Role::Text);
    // what is longer than a line has its reason below
    let (head, rest) = message.split_once(": ").filter(|_| wrap::width(&message) > room).unwrap_or((&message, ""));
    marked("✗ ", Role::Trouble, head, Role::Trouble, width, out);
    if !rest.is_empty() {
        wrap::lines(&Styled::new(sentence(rest), Role::Text), room, 0, hang, out);
    }
    let help = match (&trouble.help, trouble.remedy()) {
        (Some(help), Remedy::SignIn) if help.contains("`hermes ") => Some(SIGN_IN.into()),
        (Some(help), _) => Some(sentence(&tame(help))).filter(|_| !help.starts_with("/retry asks again")),
        (None, _) => None,
    };
    if let Some(help) = help {
        wrap::lines(&Styled::new(help, Role::Text), room, 0, hang, out);
    }
    if let Some(raw) = trouble.raw.as_ref().filter(|_| unfolded) {
        let bar = |_: usize| Styled::new("    ┃ ", Role::Rule);
        wrap::lines(&Styled::new(tame(&plain(raw)).as_ref(), Role::Muted), room.saturating_sub(2).max(4), 0, bar, out);
    }
}

/// Words as a sentence of their own; names, commands and code begin as they are.
fn sentence(words: &str) -> String {
    let first = words.split([' ', ',', ';', ':']).next().unwrap_or_default();
    let mut chars = words.chars();
    match chars.next() {
        Some(letter) if first.chars().all(|c| c.is_ascii_lowercase()) => letter.to_uppercase().chain(chars).collect(),
        _ => words.to_string(),
    }
}

/// What a server said, for people: the fields of an object, one a line, in the place of its JSON.
fn plain(raw: &str) -> Cow<'_, str> {
    let Some((before, value)) = raw.find('{').and_then(|at| Some((&raw[..at], serde_json::from_str::<Value>(&raw[at..]).ok()?))) else {
        return Cow::Borrowed(raw);
    };
    let mut lines = vec![before.trim().to_string()];
    fields(&value, "", &mut lines);
    lines.retain(|line| !line.is_empty());
    Cow::Owned(lines.join("\n"))
}

fn fields(value: &Value, name: &str, lines: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| fields(value, name, lines)),
        Value::Array(items) => items.iter().for_each(|item| fields(item, name, lines)),
        Value::Null => {}
        Value::String(text) => lines.push(format!("{name}: {text}")),
        other => lines.push(format!("{name}: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_said_is_told_in_its_words() {
        assert_eq!(
            plain("HTTP 403\n{\"code\":\"no\",\"error\":{\"message\":\"not yours\",\"param\":null}}"),
            "HTTP 403\ncode: no\nmessage: not yours"
        );
        assert_eq!(plain("HTTP 502\n<html>{"), "HTTP 502\n<html>{");
    }

    #[test]
    fn names_and_commands_begin_as_they_are() {
        assert_eq!(sentence("signing in again will not help"), "Signing in again will not help");
        for same in ["xAI says no", "grok-4.3 is gone", "/new begins another one", "`http` or `https`", ""] {
            assert_eq!(sentence(same), same);
        }
    }
}
