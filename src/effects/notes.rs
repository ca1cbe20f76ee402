//! What comes back from what is under way, in one queue. Its size is bounded by what was said, not by how often: words that nobody
//! has taken yet grow in place. An ending is never merged away, and nothing overtakes what belongs to the same turn.

use crate::{
    domain::{
        sight::Way,
        turn::{TurnId, merge},
    },
    flow::news::News,
};
use futures_util::task::AtomicWaker;
use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

/// What comes back.
#[derive(Debug, PartialEq)]
pub enum Note {
    /// For `update`.
    News(News),
    /// For the terminal, as it is.
    Bytes(Vec<u8>),
    /// A picture for the terminal: without pieces it can't be made.
    Picture {
        /// Which.
        id: u32,
        /// How it is shown.
        way: Way,
        /// What is sent.
        pieces: Vec<Vec<u8>>,
    },
}

/// So much of what a tool prints waits at most.
const MOST_PRINTED: usize = 64 << 10;

#[derive(Default)]
struct Queue {
    waiting: Mutex<VecDeque<Note>>,
    more: AtomicWaker,
}

/// Puts notes into the queue.
#[derive(Clone)]
pub struct Teller(Arc<Queue>);

/// Takes notes out of the queue; there is one of them.
pub struct Notes(Arc<Queue>);

/// What waits in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing.
    Nothing,
    /// Only what has time.
    Words,
    /// Something that is wanted now.
    Urgent,
}

/// A queue with its two ends.
pub fn queue() -> (Teller, Notes) {
    let queue = Arc::new(Queue::default());
    (Teller(queue.clone()), Notes(queue))
}

impl Teller {
    /// Tells news.
    pub fn news(&self, news: News) {
        let mut waiting = lock(&self.0.waiting);
        let news = match news {
            News::PartsArrived { turn, parts } => match latest(&mut waiting, turn) {
                Some(News::PartsArrived { parts: so_far, .. }) => {
                    parts.into_iter().for_each(|part| merge(so_far, part));
                    return;
                }
                _ => News::PartsArrived { turn, parts },
            },
            News::LineTold { pane, entry, text } => match waiting.back_mut() {
                Some(Note::News(News::LineTold { entry: same, pane: there, text: so_far })) if (*same, *there) == (entry, pane) => {
                    so_far.push_str(&text);
                    if so_far.len() > 2 * MOST_PRINTED {
                        so_far.drain(..so_far.ceil_char_boundary(so_far.len() - MOST_PRINTED));
                    }
                    return;
                }
                _ => News::LineTold { pane, entry, text },
            },
            News::ToolTold { turn, entry, text } => match latest(&mut waiting, turn) {
                Some(News::ToolTold { entry: same, text: so_far, .. }) if *same == entry => {
                    so_far.push_str(&text);
                    // the end of it is what is shown
                    if so_far.len() > 2 * MOST_PRINTED {
                        so_far.drain(..so_far.ceil_char_boundary(so_far.len() - MOST_PRINTED));
                    }
                    return;
                }
                _ => News::ToolTold { turn, entry, text },
            },
            other => other,
        };
        waiting.push_back(Note::News(news));
        drop(waiting);
        self.0.more.wake();
    }
    /// Hands bytes to the terminal.
    pub fn bytes(&self, bytes: Vec<u8>) {
        lock(&self.0.waiting).push_back(Note::Bytes(bytes));
        self.0.more.wake();
    }
    /// Sends the terminal something long, in pieces that it may get one after the other.
    pub fn pieces(&self, id: u32, way: Way, pieces: Vec<Vec<u8>>) {
        lock(&self.0.waiting).push_back(Note::Picture { id, way, pieces });
        self.0.more.wake();
    }
}

/// The last piece of news that waits of this turn.
fn latest(waiting: &mut VecDeque<Note>, turn: TurnId) -> Option<&mut News> {
    waiting.iter_mut().rev().find_map(|note| match note {
        Note::News(news) if news.turn() == Some(turn) => Some(news),
        _ => None,
    })
}

impl Notes {
    /// The next note; waits for it.
    pub async fn recv(&mut self) -> Note {
        poll_fn(|context| match self.look(context, |_| false) {
            Waiting::Nothing => Poll::Pending,
            _ => self.try_recv().map_or(Poll::Pending, Poll::Ready),
        })
        .await
    }
    /// What waits, and a call when something comes that can't be added to what waits. `patient` tells what has time.
    pub fn look(&mut self, context: &mut Context, patient: impl Fn(&News) -> bool) -> Waiting {
        // first, so that nothing comes between the two
        self.0.more.register(context.waker());
        let waiting = lock(&self.0.waiting);
        match waiting.iter().all(|note| matches!(note, Note::News(news) if patient(news))) {
            _ if waiting.is_empty() => Waiting::Nothing,
            true => Waiting::Words,
            false => Waiting::Urgent,
        }
    }
    /// Whether anything waits.
    pub fn is_empty(&self) -> bool {
        lock(&self.0.waiting).is_empty()
    }
    /// The next note, if one waits.
    pub fn try_recv(&mut self) -> Option<Note> {
        lock(&self.0.waiting).pop_front()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        conversation::{Ending, Usage},
        turn::Part,
    };
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::Wake,
    };

    fn words(turn: u64, text: &str) -> News {
        News::PartsArrived { turn: TurnId(turn), parts: vec![Part::Text(text.into())] }
    }

    #[test]
    fn words_that_have_time_call_once() {
        struct Calls(AtomicUsize);
        impl Wake for Calls {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let calls = Arc::new(Calls(AtomicUsize::new(0)));
        let waker = calls.clone().into();
        let mut context = Context::from_waker(&waker);
        let has_time = |news: &News| matches!(news, News::PartsArrived { .. });
        let (teller, mut notes) = queue();
        assert_eq!((notes.look(&mut context, has_time), notes.is_empty()), (Waiting::Nothing, true));
        for n in 0..5 {
            teller.news(words(1, "a"));
            assert_eq!(notes.look(&mut context, has_time), Waiting::Words, "{n}");
        }
        assert_eq!(calls.0.load(Ordering::SeqCst), 1);
        assert_eq!(notes.look(&mut context, |_| false), Waiting::Urgent);
        teller.news(News::Done("end".into()));
        assert_eq!((notes.look(&mut context, has_time), calls.0.load(Ordering::SeqCst)), (Waiting::Urgent, 2));
    }

    #[tokio::test]
    async fn words_that_wait_grow_in_place_and_endings_stay() {
        let (teller, mut notes) = queue();
        for _ in 0..1_000 {
            teller.news(words(1, "a"));
            teller.news(words(2, "b"));
        }
        let end = News::RoundFinished { turn: TurnId(1), ending: Ending::Complete, usage: Usage::default() };
        teller.news(end.clone());
        teller.news(words(2, "c"));
        // news of a turn that has ended is not lost either, and comes after its end
        teller.news(words(1, "late"));
        assert_eq!(notes.recv().await, Note::News(words(1, &"a".repeat(1_000))));
        assert_eq!(notes.recv().await, Note::News(words(2, &format!("{}c", "b".repeat(1_000)))));
        assert_eq!(notes.recv().await, Note::News(end));
        assert_eq!(notes.recv().await, Note::News(words(1, "late")));
        assert_eq!(notes.try_recv(), None);
    }
}
