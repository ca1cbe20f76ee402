//! The one small runtime, and how a command ends: what was begun is finished, nothing else is waited for.

use super::print;
use crate::{
    domain::trouble::Trouble,
    services::{Services, tasks},
};
use std::{future::Future, time::Duration};
use tokio::{
    runtime::{Builder, LocalOptions, LocalRuntime},
    signal::unix::{Signal, SignalKind, signal},
};

/// What must be finished is waited for so long: longer than any request that spends something.
const PATIENCE: Duration = Duration::from_secs(45);
/// After so long the person is told why the program has not ended.
const QUIET: Duration = Duration::from_secs(1);
/// Threads that may wait for a disk.
const THREADS: usize = 4;
/// Files, pipes and connections that the program may hold at once, with room. Where fewer can be had it would stand still later,
/// at a connection that nobody can accept.
const FILES: usize = 24;

/// Everything on this thread, but what can only block.
pub fn new() -> Result<LocalRuntime, Trouble> {
    let unfit = |cause: &str| {
        Trouble::new("system_unfit", format!("The program could not start: {cause}"))
            .help("the system may be out of open files: see `ulimit -n`")
    };
    // tried and not looked up: what the caller left open counts as well
    let one = || rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 0);
    if let Err(cause) = (0..FILES).map(|_| one()).collect::<Result<Vec<_>, _>>() {
        return Err(unfit(&format!("it needs {FILES} more open files, and the system gives none ({cause})")));
    }
    let mut builder = Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(THREADS).thread_keep_alive(Duration::from_secs(2));
    // the library gives up where it finds no descriptor for its signals
    match tasks::caught(|| builder.build_local(LocalOptions::default())) {
        Ok(runtime) => runtime.map_err(|error| unfit(&error.to_string())),
        Err(broken) => Err(unfit(broken.raw.as_deref().unwrap_or("it broke down"))),
    }
}

/// Does the work of a command, then finishes what it has begun.
pub fn run<T>(services: &Services, work: impl Future<Output = T>) -> Result<T, Trouble> {
    let runtime = new()?;
    let result = runtime.block_on(work);
    runtime.block_on(finish(services));
    // a name that is still being looked up, or standard input that is still being read, is not waited for
    runtime.shutdown_background();
    Ok(result)
}

/// Waits for what must not be cut off. A signal ends the waiting.
async fn finish(services: &Services) {
    if services.kept.is_idle() {
        return;
    }
    let told = async {
        tokio::time::sleep(QUIET).await;
        print::note("Finishing what was begun; Ctrl+C ends without it\n");
        std::future::pending::<()>().await
    };
    tokio::select! {
        _ = services.kept.settle(PATIENCE) => {}
        _ = stop_signal() => {}
        () = told => {}
    }
}

/// From here on what the keyboard sends ends nothing here; a program that is started hears it as ever.
pub fn ignore_keyboard() -> Vec<Signal> {
    listen([SignalKind::interrupt(), SignalKind::quit()])
}

/// From here on the signals that end programs end nothing.
pub fn ignore_signals() -> Vec<Signal> {
    listen([SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()])
}

/// A signal that is listened to does nothing by itself any more.
fn listen(kinds: impl IntoIterator<Item = SignalKind>) -> Vec<Signal> {
    kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect()
}

/// Waits for a signal that ends programs; gives its number.
pub async fn stop_signal() -> u8 {
    let mut waiting = [(SignalKind::interrupt(), 2), (SignalKind::terminate(), 15), (SignalKind::hangup(), 1)]
        .map(|(kind, number)| (signal(kind).ok(), number));
    std::future::poll_fn(|context| {
        for (signal, number) in &mut waiting {
            if signal.as_mut().is_some_and(|s| s.poll_recv(context).is_ready()) {
                return std::task::Poll::Ready(*number);
            }
        }
        std::task::Poll::Pending
    })
    .await
}
