//! Turns that are under way: their connections, and what was learned from refusals.

mod round;

use crate::{
    accounts::recovery::Lessons,
    domain::turn::TurnId,
    effects::notes::Teller,
    flow::{effect::Effect, news::News},
    services::{
        Services,
        tasks::{Task, spawn},
    },
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// In debug builds, for tests: the first question of a conversation breaks its task.
#[cfg(debug_assertions)]
const CRASH: &str = "HERMES_CRASH";

pub(super) struct Turns {
    services: Arc<Services>,
    teller: Teller,
    lessons: Arc<Lessons>,
    /// A turn that has ended is no longer here.
    running: Arc<Mutex<HashMap<TurnId, Task>>>,
}

impl Turns {
    pub(super) fn new(services: Arc<Services>, teller: Teller) -> Self {
        Self { services, teller, lessons: Arc::default(), running: Arc::default() }
    }

    /// How many are under way.
    pub(super) fn under_way(&self) -> usize {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::StartRound(order) => {
                let (services, lessons, running) = (self.services.clone(), self.lessons.clone(), self.running.clone());
                let (teller, crashed, turn) = (self.teller.clone(), self.teller.clone(), order.turn);
                let mut table = self.running.lock().unwrap_or_else(PoisonError::into_inner);
                let work = async move {
                    #[cfg(debug_assertions)]
                    if services.environment.get(CRASH).is_some() && order.turn == TurnId(1) {
                        panic!("ordered by {CRASH}");
                    }
                    round::run(*order, &services, &lessons, |news| teller.news(news)).await;
                    forget(&running, turn);
                };
                let broken = self.running.clone();
                let broke_down = move |trouble| {
                    crashed.news(News::TurnFailed { turn, trouble });
                    forget(&broken, turn);
                };
                table.insert(turn, spawn(work, broke_down));
            }
            Effect::StopTurn(turn) => forget(&self.running, turn),
            other => return Some(other),
        }
        None
    }
}

fn forget(running: &Mutex<HashMap<TurnId, Task>>, turn: TurnId) {
    running.lock().unwrap_or_else(PoisonError::into_inner).remove(&turn);
}
