//! Words for standard output and standard error: the only place that prints.

use crate::domain::{
    account::time_text,
    foreign::{tame, tame_line},
    login::SignedIn,
    trouble::Trouble,
};
use std::{
    io::{self, Write},
    sync::{Mutex, PoisonError},
};

/// `error: …` and under it `  help: …`, on standard error.
pub fn trouble(trouble: &Trouble) {
    let mut text = format!("error: {}\n", tame(&trouble.message));
    if let Some(help) = &trouble.help {
        text.push_str(&format!("  help: {}\n", tame(help)));
    }
    note(&text);
}

/// Who signed in, where it is stored, until when it lasts.
pub fn told(signed_in: &SignedIn) -> String {
    let until = signed_in.expires_at.and_then(time_text).map(|t| format!("; the token ends at {t} and renews itself")).unwrap_or_default();
    format!("Signed in as {}, stored in {}{until}\n", tame_line(&signed_in.label), signed_in.stored_in)
}

/// A line on standard error. Nobody listening is no failure.
pub fn note(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Why standard output could not be written, when it was not the reader who went away.
static BROKEN: Mutex<Option<String>> = Mutex::new(None);

/// Text on standard output; false when nobody takes it any more.
pub fn out(text: &str) -> bool {
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
