//! The ring without a screen: the same `update`, the same effects, nobody at the keyboard. What a screen would draw is handed to an
//! observer; what would be written down for a composer is not.

use crate::{
    domain::{
        conversation::{Body, Notice, Use},
        facts::Facts,
        pane::{Draft, PaneId},
        trouble::Trouble,
    },
    effects::{
        notes::{Note, Notes, queue},
        runner::Runner,
    },
    flow::{effect::Effect, intent::Intent, news::News},
    services::Services,
    update,
};
use std::{future::Future, pin::pin, sync::Arc, time::Instant};

/// A conversation that nobody looks at.
pub struct Headless {
    facts: Facts,
    runner: Runner,
    notes: Notes,
    started: Instant,
}

/// Something that happens while a question is answered.
#[derive(Debug)]
pub enum Event<'a> {
    /// News, before they count.
    News(&'a News),
    /// A call has ended, or was refused: its id, and what became of it.
    Returned(&'a str, &'a Use),
}

/// How a question ended.
#[derive(Debug, PartialEq)]
pub enum Ended {
    /// It was answered.
    Finished,
    /// It was not.
    Failed(Trouble),
    /// A signal came, by its number.
    Stopped(u8),
    /// The observer wants no more.
    Unread,
}

impl Headless {
    /// A conversation about to begin.
    pub fn new(facts: Facts, services: Arc<Services>) -> Self {
        let (teller, notes) = queue();
        Self { facts, runner: Runner::new(services, None, teller), notes, started: Instant::now() }
    }

    /// What is true now.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Asks, and goes on until the turn is over. `observe` is given what happens; false ends the listening.
    pub async fn ask(&mut self, question: Draft, stop: impl Future<Output = u8>, mut observe: impl FnMut(Event) -> bool) -> Ended {
        let mut stop = pin!(stop);
        for intent in [Intent::RunServers, Intent::Ask(question)] {
            let effects = update::on_intent(&mut self.facts, PaneId::default(), intent);
            self.run(effects);
        }
        // entries of which everything was told
        let mut looked = 0;
        while self.facts.front().turn.is_running() {
            let note = tokio::select! {
                biased;
                number = &mut stop => {
                    let stopped = update::on_intent(&mut self.facts, PaneId::default(), Intent::StopTurn);
                    self.run(stopped);
                    return Ended::Stopped(number);
                }
                note = self.notes.recv() => note,
            };
            let Note::News(news) = note else { continue };
            if !observe(Event::News(&news)) {
                return Ended::Unread;
            }
            self.facts.clock.now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let effects = update::on_news(&mut self.facts, news);
            self.run(effects);
            let entries = &self.facts.front().conversation.entries;
            for entry in &entries[looked.min(entries.len())..] {
                match &entry.body {
                    Body::Used(used) if used.is_open() => break,
                    Body::Used(used) if !observe(Event::Returned(&entry.call_id(&used.call), used)) => return Ended::Unread,
                    _ => looked += 1,
                }
            }
        }
        // whatever went wrong, an answer without words included, is the last thing that is told
        match self.facts.front().conversation.entries.last().map(|entry| &entry.body) {
            Some(Body::Noticed(Notice::Trouble(trouble))) => Ended::Failed(trouble.clone()),
            _ => Ended::Finished,
        }
    }

    fn run(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                // the history and the drafts are for what was typed in the composer
                Effect::KeepHistory(_) | Effect::SaveDraft(..) | Effect::WipeDraft(_) => {}
                // what only a terminal can do is not done
                effect => drop(self.runner.run(effect)),
            }
        }
    }
}
