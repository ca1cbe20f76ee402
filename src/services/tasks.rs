//! Work beside the loop. Three kinds, by what happens when nobody waits for it any more: a `Task` stops with its owner, `Kept` work
//! goes on to its end, `blocking` work runs on a small pool of threads because it cannot be interrupted at all. A panic in any of
//! them is the failure of that work and of nothing else.

use crate::domain::trouble::Trouble;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use std::{
    any::Any,
    cell::Cell,
    collections::HashMap,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
};

thread_local! {
    static IN_TASK: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is in the middle of a task: a panic there is caught, and told by the task's owner.
pub fn in_task() -> bool {
    IN_TASK.get()
}

/// From here on a panic in a task goes into the log with its place, and nothing is printed: its owner tells it.
pub fn catch_panics() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| match in_task() {
        true => tracing::error!("a part broke down: {info}"),
        false => previous(info),
    }));
}

/// A thread for work that never ends by itself. A panic there ends it and nothing else; its owner notices that it is gone.
pub fn thread(work: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        let _mark = Mark::set();
        work();
    });
}

/// Marks the thread as being in a task, until it is dropped.
struct Mark(bool);

impl Mark {
    fn set() -> Self {
        Self(IN_TASK.replace(true))
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        IN_TASK.set(self.0);
    }
}

/// What a panic is called when it is told.
fn crash(payload: &(dyn Any + Send)) -> Trouble {
    let words = payload.downcast_ref::<&str>().map(|s| s.to_string()).or_else(|| payload.downcast_ref::<String>().cloned());
    Trouble::new("crash", "A part of hermes broke down; everything else goes on")
        .help("try again; `hermes doctor` says where the log is, which has the details")
        .raw(words.unwrap_or_default())
}

/// The work's result, or how it broke down.
async fn guarded<T>(work: impl Future<Output = T>) -> Result<T, Trouble> {
    let mut work = pin!(work);
    poll_fn(move |context| {
        let _mark = Mark::set();
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            // a future that panicked is not asked again: this is its end
            Err(payload) => Poll::Ready(Err(crash(payload.as_ref()))),
        }
    })
    .await
}

/// Work that ends with its owner; tokio's own would run on.
pub struct Task(JoinHandle<()>);

impl Task {
    /// Whether it has come to its end.
    pub fn is_over(&self) -> bool {
        self.0.is_finished()
    }
    /// Waits for its end; still ends it when the waiting is given up.
    pub async fn ended(mut self) {
        // work that was ended from elsewhere has ended, too
        let _ = (&mut self.0).await;
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts work. `crashed` is its last word when it panics, so that nobody waits for it for ever.
pub fn spawn(work: impl Future<Output = ()> + Send + 'static, crashed: impl FnOnce(Trouble) + Send + 'static) -> Task {
    Task(start(async move {
        if let Err(trouble) = guarded(work).await {
            crashed(trouble);
        }
    }))
}

#[expect(clippy::disallowed_methods, reason = "this is the place where tasks start")]
fn start(work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(work)
}

/// Does what may break down, here and now.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Trouble> {
    let _mark = Mark::set();
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| crash(payload.as_ref()))
}

/// Does what may wait for a disk or a display, on a thread that may wait.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    match tokio::task::spawn_blocking(|| caught(work)).await {
        Ok(result) => result,
        Err(error) => Err(Trouble::new("crash", "A part of hermes was ended before its time").raw(error.to_string())),
    }
}

/// Work that is finished once it has begun: whoever waits for it may go away, the screen may close, the program may be about to
/// end. What it has changed elsewhere (a token that a server exchanged, a file) is kept.
pub struct Kept {
    running: Mutex<Vec<JoinHandle<()>>>,
    closing: watch::Sender<bool>,
}

impl Default for Kept {
    fn default() -> Self {
        Self { running: Mutex::default(), closing: watch::Sender::new(false) }
    }
}

/// The result of kept work; dropping it drops the waiting only.
pub type Waiting<T> = BoxFuture<'static, Result<T, Trouble>>;

impl Kept {
    /// Starts work that will be finished.
    pub fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Waiting<T> {
        let (sender, receiver) = oneshot::channel();
        let task = start(async move {
            // nobody may be waiting any more: that is what this is for
            let _ = sender.send(guarded(work).await);
        });
        let mut running = lock(&self.running);
        running.retain(|task| !task.is_finished());
        running.push(task);
        let lost = || Trouble::new("crash", "A part of hermes was ended before its time");
        async move { receiver.await.unwrap_or_else(|_| Err(lost())) }.boxed()
    }
    /// Returns when the program is about to end: what has not begun to change anything shall not begin.
    pub async fn closing(&self) {
        let mut closing = self.closing.subscribe();
        // the sender lives as long as we do
        let _ = closing.wait_for(|closing| *closing).await;
    }
    /// Whether the program is about to end.
    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }
    /// Waits for what is under way, no longer than `patience`. False when something was left.
    pub async fn settle(&self, patience: Duration) -> bool {
        self.closing.send_replace(true);
        let all = async {
            loop {
                let Some(task) = lock(&self.running).pop() else { return };
                let _ = task.await;
            }
        };
        tokio::time::timeout(patience, all).await.is_ok()
    }
    /// Whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        lock(&self.running).iter().all(|task| task.is_finished())
    }
}

/// Work of which there is one at a time for each name: whoever wants it while it is under way waits for the same.
pub struct Flights<T> {
    flying: Arc<Mutex<HashMap<String, Flight<T>>>>,
}

/// Work that several may wait for.
pub type Flight<T> = Shared<Waiting<T>>;

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self { flying: Arc::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// The work of that name: what is under way, else begun by this call and kept.
    pub fn join(&self, name: &str, kept: &Kept, work: impl FnOnce() -> BoxFuture<'static, T>) -> Flight<T> {
        let mut flying = lock(&self.flying);
        if let Some(flight) = flying.get(name) {
            return flight.clone();
        }
        let (work, landing) = (work(), Landing { flying: self.flying.clone(), name: name.to_string() });
        let flight = kept
            .run(async move {
                let result = work.await;
                drop(landing);
                result
            })
            .shared();
        flying.insert(name.to_string(), flight.clone());
        flight
    }
}

/// Takes a flight off the list, also when it crashed.
struct Landing<T: Clone> {
    flying: Arc<Mutex<HashMap<String, Flight<T>>>>,
    name: String,
}

impl<T: Clone> Drop for Landing<T> {
    fn drop(&mut self) {
        lock(&self.flying).remove(&self.name);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn kept_work_ends_although_nobody_waits() {
        let (kept, (go, gone)) = (Kept::default(), oneshot::channel::<()>());
        let (done, mut seen) = oneshot::channel();
        drop(kept.run(async move {
            gone.await.ok();
            done.send(()).ok();
        }));
        go.send(()).unwrap();
        assert!(kept.settle(Duration::from_secs(30)).await);
        assert!(seen.try_recv().is_ok() && kept.is_idle());
    }

    #[tokio::test]
    async fn a_panic_is_the_failure_of_its_work() {
        let (sender, told) = oneshot::channel();
        let task = spawn(async { panic!("a broken part") }, |trouble| drop(sender.send(trouble)));
        task.ended().await;
        let trouble = told.await.unwrap();
        assert_eq!((trouble.code, trouble.raw.as_deref()), ("crash", Some("a broken part")));
        assert_eq!(Kept::default().run(async { panic!("too") }).await.map_err(|t: Trouble| t.code), Err::<(), _>("crash"));
        assert_eq!(blocking(|| panic!("on a thread")).await.map_err(|t: Trouble| t.code), Err::<(), _>("crash"));
        assert!(!in_task());
    }

    #[tokio::test]
    async fn who_comes_while_it_is_under_way_gets_the_same() {
        let (kept, flights) = (Kept::default(), Flights::<u32>::default());
        let (go, gone) = oneshot::channel::<()>();
        let first = flights.join("a", &kept, || async move { gone.await.map_or(0, |()| 1) }.boxed());
        let second = flights.join("a", &kept, || async { 2 }.boxed());
        go.send(()).unwrap();
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 1));
        assert_eq!(flights.join("a", &kept, || async { 3 }.boxed()).await.unwrap(), 3, "what has landed is begun anew");
    }
}
