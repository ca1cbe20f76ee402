//! Hands each order to the family that it belongs to. Dropping the runner stops everything but what must be finished.

use crate::{
    effects::{
        desktop::Desktop, drafts::Journal, files::Files, jobs::Jobs, listing::Listing, login::Login, notes::Teller, store::Store,
        tools::Tools, turns::Turns,
    },
    flow::{effect::Effect, news::News},
    services::{Services, Word},
    storage::drafts::Drafts,
};
use std::sync::Arc;

/// Everything that is under way.
pub struct Runner {
    services: Arc<Services>,
    turns: Turns,
    tools: Tools,
    jobs: Jobs,
    teller: Teller,
    files: Files,
    login: Login,
    listing: Listing,
    store: Store,
    desktop: Desktop,
    drafts: Option<Journal>,
}

impl Runner {
    /// A runner whose notes go to `teller`. Without `drafts` nothing that is typed is written down.
    pub fn new(services: Arc<Services>, drafts: Option<Drafts>, teller: Teller) -> Self {
        let said = teller.clone();
        services.said_by(Arc::new(move |word| {
            said.news(match word {
                Word::Told(words) => News::Told(words),
                Word::Waits { .. } => News::Done(word.to_string()),
            })
        }));
        Self {
            turns: Turns::new(services.clone(), teller.clone()),
            tools: Tools::new(services.clone(), teller.clone()),
            jobs: Jobs::default(),
            teller: teller.clone(),
            files: Files::new(services.clone(), teller.clone()),
            login: Login::new(services.clone(), teller.clone()),
            listing: Listing::new(services.clone(), teller.clone()),
            store: Store::new(services.clone(), teller.clone()),
            desktop: Desktop::new(services.clone(), teller.clone()),
            drafts: drafts.map(|drafts| Journal::new(drafts, teller)),
            services,
        }
    }

    /// The world that effects work in.
    pub fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// How many turns are under way.
    pub fn turns_under_way(&self) -> usize {
        self.turns.under_way()
    }

    /// Does what can be done without the terminal; gives back what can't.
    pub fn run(&mut self, effect: Effect) -> Option<Effect> {
        // the first is what every key orders
        let effect = match &mut self.drafts {
            Some(drafts) => drafts.run(effect)?,
            None => effect,
        };
        if let Effect::StopTurn(turn) = &effect {
            self.tools.stop(*turn);
        }
        let effect = self.turns.run(effect)?;
        let effect = self.tools.run(effect)?;
        let effect = self.jobs.run(effect, &mut self.tools, &self.services, &self.teller)?;
        let effect = self.files.run(effect)?;
        let effect = self.login.run(effect)?;
        let effect = self.listing.run(effect)?;
        let effect = self.store.run(effect)?;
        self.desktop.run(effect)
    }

    /// Writes down at once what would be written later: the program is about to end, or to be stopped.
    pub fn flush(&mut self) {
        if let Some(drafts) = &mut self.drafts {
            drafts.flush();
        }
    }
}
