//! `hermes` without a command: the full screen.

use super::World;
use crate::{
    app::{
        run::{Ended, Screen},
        start,
        state::State,
    },
    domain::trouble::{Exit, Trouble},
    effects::runner::Runner,
    storage::{drafts::Drafts, history},
    terminal::session,
};
use std::io::IsTerminal;
use tokio::signal::unix::{SignalKind, signal};

/// Opens the chat and stays until the person leaves.
pub(super) fn run(world: &World) -> Result<u8, Trouble> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Trouble::new("no_terminal", "The full screen needs a terminal on standard input and output")
            .help("`hermes chat -q \"…\"` asks one question without one")
            .exit(Exit::Usage));
    }
    let config = world.config()?;
    let choice = start::choice(&world.wishes, &world.environment, &config)?;
    let theme = start::theme(&world.wishes, &world.environment, &config)?;
    let (drafts, draft) = Drafts::open(&world.paths.drafts(), &world.paths.folder, std::process::id());
    let history = history::read(&world.paths.history());
    let facts = start::facts(choice, theme, &config, draft, history);
    let services = world.services(config)?;
    let ended = runtime()?.block_on(async {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        let runner = Runner::new(services, drafts, sender);
        let screen = Screen::open(State::new(facts, session::size()), runner, start::conversation_id)?;
        screen.run(receiver).await
    });
    match ended {
        Ok(Ended::Quit) => Ok(0),
        Ok(Ended::Signal(number)) => Ok(128 + number),
        Ok(Ended::Gone) => Ok(128 + 1),
        Ok(Ended::Panicked) => Ok(1),
        Err(error) => {
            Err(Trouble::new("no_terminal", format!("The terminal can't be used: {error}")).help("`hermes reset` mends a broken one"))
        }
    }
}

/// The one small runtime: everything on this thread.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Trouble> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| {
        Trouble::new("no_terminal", format!("The program could not start: {e}")).help("the system may be out of file descriptors")
    })
}

/// Waits for a signal that ends programs; gives its number.
pub(super) async fn stop_signal() -> u8 {
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
