//! Words for standard output and standard error: the only place that prints.

use crate::domain::{foreign::tame, trouble::Trouble};
use std::io::{self, Write};

/// `error: …` and under it `  help: …`, on standard error.
pub fn trouble(trouble: &Trouble) {
    let mut text = format!("error: {}\n", tame(&trouble.message));
    if let Some(help) = &trouble.help {
        text.push_str(&format!("  help: {}\n", tame(help)));
    }
    note(&text);
}

/// A line on standard error. Nobody listening is no failure.
pub fn note(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Text on standard output; false when the reader has gone.
pub fn out(text: &str) -> bool {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_ok()
}
