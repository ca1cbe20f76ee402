//! Words for standard output and standard error: the only place that prints. Whatever is printed is tamed here: ids, labels and
//! answers come from servers and files. JSON has the exact text, with everything that could drive a terminal written as an escape.

use crate::domain::{
    account::time_text,
    foreign::{is_wild, tame, tame_line},
    login::SignedIn,
    trouble::Trouble,
};
use serde_json::{Map, Value};
use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
    sync::{Mutex, PoisonError},
};

/// `error: …` and under it `  help: …`, on standard error.
pub fn trouble(trouble: &Trouble) {
    let mut text = format!("error: {}\n", trouble.message);
    if let Some(help) = &trouble.help {
        text.push_str(&format!("  help: {help}\n"));
    }
    if let Some(cause) = cause(trouble) {
        text.push_str(&format!("  cause: {cause}\n"));
    }
    note(&text);
}

/// What the library or the server said, on one line, where that is more than the sentence.
fn cause(trouble: &Trouble) -> Option<String> {
    let line = tame_line(trouble.raw.as_deref()?).split_whitespace().collect::<Vec<_>>().join(" ");
    let cause: String = line.chars().take(300).collect();
    (!cause.is_empty() && !trouble.message.contains(&cause)).then_some(cause)
}

/// An error as scripts get it: `code`, `message`, `help`, and `cause` where there is one.
pub fn error(trouble: &Trouble) -> Map<String, Value> {
    let mut error = Map::new();
    error.insert("code".into(), trouble.code.into());
    error.insert("message".into(), trouble.message.as_str().into());
    error.insert("help".into(), trouble.help.as_deref().into());
    if let Some(raw) = &trouble.raw {
        error.insert("cause".into(), tame(raw).into());
    }
    error
}

/// Who signed in, where it is stored, until when it lasts.
pub fn told(signed_in: &SignedIn) -> String {
    let until = signed_in.expires_at.and_then(time_text).map(|t| format!("; the token ends at {t} and renews itself")).unwrap_or_default();
    format!("Signed in as {}, stored in {}{until}\n", tame_line(&signed_in.label), signed_in.stored_in)
}

/// Words on standard error. Nobody listening is no failure.
pub fn note(text: &str) {
    let _ = io::stderr().write_all(tame(text).as_bytes());
}

/// A line on standard error in the place of the one before, for a terminal.
pub fn progress(line: &str) {
    let _ = io::stderr().write_all(format!("\r\x1b[K{}", tame_line(line)).as_bytes());
}

/// Why standard output could not be written, when it was not the reader who went away.
static BROKEN: Mutex<Option<String>> = Mutex::new(None);

/// Words on standard output; false when nobody takes them any more.
pub fn out(text: &str) -> bool {
    write(&tame(text))
}

/// A line of JSON on standard output.
pub fn json(value: &Value) -> bool {
    write(&format!("{}\n", escaped(&value.to_string())))
}

/// A value as it is, for a pipe that asks for it; a terminal gets it tamed.
pub fn value(text: &str) -> bool {
    if io::stdout().is_terminal() { out(text) } else { write(text) }
}

/// JSON without a character that could drive a terminal, or turn the direction of writing: all of them stand in texts, where an
/// escape means the same.
fn escaped(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_wild) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match is_wild(c) {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}"))),
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

fn write(text: &str) -> bool {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    if let Err(error) = &written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        BROKEN.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.to_string());
    }
    written.is_ok()
}

/// What is to be told when something that was printed did not arrive, a disk being full for one.
pub fn lost() -> Option<Trouble> {
    let cause = BROKEN.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    Some(
        Trouble::new("file_unwritable", format!("Standard output can't be written: {cause}"))
            .help("make room on the disk, or print elsewhere"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_exact_text_and_drives_no_terminal() {
        let value = serde_json::json!({ "text": "a\u{1b}[2J\u{9b}b\u{202e}c\u{7f}d\u{10ffff}é👩‍👩" });
        let text = escaped(&value.to_string()).into_owned();
        assert!(!text.chars().any(is_wild), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
