//! The clipboard: the system's own where there is a display, else the terminal's (OSC 52). There is no answer to the latter,
//! so it is called "sent".

use crate::settings::environment::Environment;
use base64::Engine;
use std::{sync::mpsc, time::Duration};
use tokio::time::timeout;

/// Terminals cap what they take; beyond this it would be cut silently.
const MOST: usize = 74_000;

/// A display has this long to take a text.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a text got away.
#[derive(Debug, PartialEq, Eq)]
pub enum Way {
    /// It is on the system's clipboard.
    System,
    /// These bytes ask the terminal to put it there.
    Terminal(Vec<u8>),
    /// It is too long for the terminal, and there is no other way.
    TooLong,
}

/// The clipboard of the system. On Linux the program that copied serves the text, so it is kept alive on a thread of its own.
#[derive(Default)]
pub struct Clipboard {
    thread: Option<mpsc::Sender<(String, tokio::sync::oneshot::Sender<bool>)>>,
}

impl Clipboard {
    /// Puts a text away; to be awaited elsewhere: a display can be slow.
    pub fn copy(&mut self, text: String, environment: &Environment) -> impl Future<Output = Way> + use<> {
        let mut asked = None;
        if has_display(environment) {
            let (answer, answered) = tokio::sync::oneshot::channel();
            if self.thread().send((text.clone(), answer)).is_ok() {
                asked = Some(answered);
            }
        }
        async move {
            let copied = match asked {
                // a display that is gone never answers
                Some(answered) => timeout(PATIENCE, answered).await == Ok(Ok(true)),
                None => false,
            };
            if copied { Way::System } else { osc52(&text) }
        }
    }

    fn thread(&mut self) -> &mpsc::Sender<(String, tokio::sync::oneshot::Sender<bool>)> {
        self.thread.get_or_insert_with(|| {
            let (sender, receiver) = mpsc::channel::<(String, tokio::sync::oneshot::Sender<bool>)>();
            std::thread::spawn(move || {
                let mut clipboard = arboard::Clipboard::new().ok();
                for (text, answer) in receiver {
                    let done = clipboard.as_mut().is_some_and(|c| c.set_text(text).is_ok());
                    let _ = answer.send(done);
                }
            });
            sender
        })
    }
}

/// Whether this machine's own display is the person's.
fn has_display(environment: &Environment) -> bool {
    let remote = environment.first(&["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"]).is_some();
    !remote && (cfg!(not(all(unix, not(target_os = "macos")))) || environment.first(&["WAYLAND_DISPLAY", "DISPLAY"]).is_some())
}

fn osc52(text: &str) -> Way {
    if text.len() > MOST * 3 / 4 {
        return Way::TooLong;
    }
    Way::Terminal(format!("\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(text)).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_display_the_terminal_is_asked() {
        assert_eq!(osc52("hi"), Way::Terminal(b"\x1b]52;c;aGk=\x07".to_vec()));
        assert_eq!(osc52(&"x".repeat(80_000)), Way::TooLong);
        assert!(!has_display(&Environment::of(&[("DISPLAY", ":0"), ("SSH_TTY", "/dev/pts/1")])));
    }
}
