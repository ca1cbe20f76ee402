//! The clipboard: the system's own where there is a display, else the terminal's (OSC 52). There is no answer to the latter,
//! so it is called "sent".

use crate::{
    services::tasks,
    settings::{environment::Environment, surroundings::has_display},
};
use base64::Engine;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    time::{Duration, Instant},
};
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

/// Puts a text on the clipboard of a display; whether that took it.
type Store = Box<dyn FnMut(String) -> bool>;
type Answer = tokio::sync::oneshot::Sender<bool>;

/// The clipboard of the system. On Linux the program that copied serves the text, so it is kept alive on a thread of its own.
pub struct Clipboard {
    open: Arc<dyn Fn() -> Store + Send + Sync>,
    patience: Duration,
    thread: Option<mpsc::Sender<(String, Answer)>>,
    /// Since when the display has been taking a text; written by the thread alone.
    busy: Arc<Mutex<Option<Instant>>>,
}

impl Default for Clipboard {
    fn default() -> Self {
        Self::new(PATIENCE, || {
            let mut clipboard = arboard::Clipboard::new().ok();
            Box::new(move |text| clipboard.as_mut().is_some_and(|c| c.set_text(text).is_ok()))
        })
    }
}

impl Clipboard {
    fn new(patience: Duration, open: impl Fn() -> Store + Send + Sync + 'static) -> Self {
        Self { open: Arc::new(open), patience, thread: None, busy: Arc::default() }
    }

    /// Puts a text away; to be awaited elsewhere: a display can be slow.
    pub fn copy(&mut self, text: String, environment: &Environment) -> impl Future<Output = Way> + use<> {
        let mut asked = None;
        if has_display(environment) && !self.is_stuck() {
            let (answer, answered) = tokio::sync::oneshot::channel();
            if self.thread().send((text.clone(), answer)).is_ok() {
                asked = Some(answered);
            }
        }
        let patience = self.patience;
        async move {
            let copied = match asked {
                // a display that is gone never answers
                Some(answered) => timeout(patience, answered).await == Ok(Ok(true)),
                None => false,
            };
            if copied { Way::System } else { osc52(&text) }
        }
    }

    /// Whether the display did not take an earlier text in time, and still has not: nobody waits for it again.
    fn is_stuck(&self) -> bool {
        lock(&self.busy).is_some_and(|since| since.elapsed() >= self.patience)
    }

    fn thread(&mut self) -> &mpsc::Sender<(String, Answer)> {
        let (open, busy) = (self.open.clone(), self.busy.clone());
        self.thread.get_or_insert_with(|| {
            let (sender, receiver) = mpsc::channel::<(String, Answer)>();
            tasks::thread(move || {
                let mut store = open();
                for (text, answer) in receiver {
                    // it went another way meanwhile, and newer ones may have, too
                    if !answer.is_closed() {
                        *lock(&busy) = Some(Instant::now());
                        let done = store(text);
                        *lock(&busy) = None;
                        let _ = answer.send(done);
                    }
                }
            });
            sender
        })
    }
}

/// The picture on the clipboard of the display, if there is one: its sides, and four bytes for each of its pixels.
pub(super) fn picture() -> Option<(u32, u32, Vec<u8>)> {
    let image = arboard::Clipboard::new().ok()?.get_image().ok()?;
    Some((u32::try_from(image.width).ok()?, u32::try_from(image.height).ok()?, image.bytes.into_owned()))
}

fn lock(busy: &Mutex<Option<Instant>>) -> MutexGuard<'_, Option<Instant>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
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
    use futures_util::FutureExt;

    #[test]
    fn without_a_display_the_terminal_is_asked() {
        assert_eq!(osc52("hi"), Way::Terminal(b"\x1b]52;c;aGk=\x07".to_vec()));
        assert_eq!(osc52(&"x".repeat(80_000)), Way::TooLong);
        assert!(!has_display(&Environment::of(&[("DISPLAY", ":0"), ("SSH_TTY", "/dev/pts/1")])));
    }

    #[tokio::test]
    async fn a_display_that_takes_nothing_costs_one_wait_and_an_old_text_never_comes_late() {
        let (go_on, gate) = mpsc::channel::<()>();
        let (taken, took) = mpsc::channel::<String>();
        let shared = std::sync::Mutex::new(Some((gate, taken)));
        let mut clipboard = Clipboard::new(Duration::from_millis(20), move || {
            let (gate, taken) = shared.lock().unwrap().take().unwrap();
            Box::new(move |text| gate.recv().is_ok() && taken.send(text).is_ok())
        });
        let display = Environment::of(&[("DISPLAY", ":0")]);
        let terminal = |text: &str| osc52(text);
        // both wait at first; the first is on its way to the display and can't be had back
        let (first, second) = (clipboard.copy("first".into(), &display), clipboard.copy("second".into(), &display));
        assert_eq!((first.await, second.await), (terminal("first"), terminal("second")));
        while !clipboard.is_stuck() {
            tokio::task::yield_now().await;
        }
        assert_eq!(clipboard.copy("third".into(), &display).now_or_never(), Some(terminal("third")), "nobody waits again");
        go_on.send(()).unwrap();
        assert_eq!(took.recv().unwrap(), "first");
        while lock(&clipboard.busy).is_some() {
            tokio::task::yield_now().await;
        }
        // it works again, and what went another way is not put there after all
        clipboard.patience = Duration::from_secs(20);
        go_on.send(()).unwrap();
        assert_eq!(clipboard.copy("fourth".into(), &display).await, Way::System);
        assert_eq!(took.recv().unwrap(), "fourth");
    }

    #[tokio::test]
    async fn a_display_that_is_not_there_is_told_from_one_that_takes_the_text() {
        let display = Environment::of(&[("DISPLAY", ":0")]);
        let mut there = Clipboard::new(PATIENCE, || Box::new(|_| true));
        assert_eq!(there.copy("hi".into(), &display).await, Way::System);
        let mut gone = Clipboard::new(PATIENCE, || Box::new(|_| false));
        assert_eq!(gone.copy("hi".into(), &display).await, osc52("hi"));
        let mut broken = Clipboard::new(PATIENCE, || panic!("the display's library broke down"));
        assert_eq!(broken.copy("hi".into(), &display).await, osc52("hi"));
        // and the next one does not wait for a thread that is gone
        assert_eq!(broken.copy("hi".into(), &display).await, osc52("hi"));
    }
}
