//! Calls that are under way. Each ends with its turn: whatever it has started is gone with it. No secret that is known leaves here.

use crate::{
    accounts::standing,
    domain::{
        conversation::{EntryId, Outcome},
        pane::PaneId,
        tool::{Request, Rule, Shown},
        trouble::Trouble,
        turn::TurnId,
    },
    effects::{files, notes::Teller},
    flow::{
        effect::{Effect, LineOrder, PrepareOrder, ToolOrder},
        news::News,
    },
    services::{
        Services,
        secrets::Secrets,
        tasks::{Task, blocking, spawn},
    },
    tools::{
        self, Returned,
        guard::Guard,
        mcp::Tell,
        media::jobs::Jobs,
        terminal,
        workshop::{Workshop, learn},
    },
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::time::timeout;

pub(super) struct Tools {
    /// Made with the first call.
    workshop: Option<Arc<Workshop>>,
    services: Arc<Services>,
    teller: Teller,
    /// A call that has ended is no longer here.
    running: Arc<Mutex<HashMap<(TurnId, EntryId), Task>>>,
    /// Shell lines of the person's own; one a pane.
    lines: HashMap<PaneId, Task>,
    /// A toolset that is tried.
    trial: Option<Task>,
}

impl Tools {
    pub(super) fn new(services: Arc<Services>, teller: Teller) -> Self {
        Self { workshop: None, services, teller, running: Arc::default(), lines: HashMap::new(), trial: None }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::RunTool(order) => self.start(*order),
            Effect::RunLine(order) => self.line(*order),
            Effect::StopLine(pane) => drop(self.lines.remove(&pane)),
            Effect::RunServers(names) => {
                let (workshop, teller) = (self.workshop(), self.teller.clone());
                let tell: Tell = Arc::new(move |name, stands| teller.news(News::ServerStands(name, stands)));
                let work = async move { workshop.servers.run(&names, &workshop.services, &workshop.guard, &tell).await };
                drop(self.services.kept.run(work));
            }
            Effect::TryToolset(name, provider) => {
                let (workshop, teller) = (self.workshop(), self.teller.clone());
                let (crashed, set) = (teller.clone(), name.clone());
                let work = async move {
                    let outcome = match learn(&workshop.services).await {
                        Ok(()) => masked(tools::try_one(&name, provider, &workshop).await, &workshop.services.secrets),
                        Err(trouble) => Outcome::failed(format!("{}.", trouble.message)),
                    };
                    teller.news(News::Tried(name, Box::new(outcome)));
                };
                let broke_down = move |trouble: Trouble| {
                    crashed.news(News::Tried(set, Box::new(Outcome::failed(format!("{}.", trouble.message)))));
                };
                // nobody waits for it when the program ends, or when another one is tried
                self.trial = Some(spawn(work, broke_down));
            }
            Effect::Prepare(order) => self.prepare(*order),
            other => return Some(other),
        }
        None
    }

    /// Reads what a turn begins with; servers that are just being started have a moment to tell their tools.
    fn prepare(&mut self, order: PrepareOrder) {
        let (workshop, services, teller) = (self.workshop.clone(), self.services.clone(), self.teller.clone());
        let turn = order.turn;
        drop(self.services.kept.run(async move {
            if let Some(workshop) = workshop {
                workshop.servers.wake();
                // whoever needs longer is there for the next question
                let _ = timeout(services.settings.current().tools.discovery, workshop.servers.settled()).await;
            }
            if let Ok(standings) = standing::all(&services).await {
                teller.news(News::ProvidersSeen(standings.into_iter().filter(|(id, _)| id.starts_with("xai")).collect()));
            }
            let read = blocking(move || files::prepared(order, &services)).await;
            teller.news(read.unwrap_or_else(|trouble| News::TurnFailed { turn, trouble }));
        }));
    }

    /// Ends the calls of a turn.
    pub(super) fn stop(&mut self, turn: TurnId) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).retain(|(of, _), _| *of != turn);
    }

    /// What tools work with; made when it is first needed.
    pub(super) fn workshop(&mut self) -> Arc<Workshop> {
        let new = || {
            let (services, teller) = (&self.services, self.teller.clone());
            let guard = Arc::new(Guard::new(&services.paths, services.home().as_deref()));
            let jobs = Jobs::new(services.clone(), guard.clone(), Arc::new(move |job| teller.news(News::JobStands(job))));
            Arc::new(Workshop::new(services.clone(), guard, Arc::new(jobs)))
        };
        self.workshop.get_or_insert_with(new).clone()
    }

    /// Runs a shell line of the person's own.
    fn line(&mut self, order: LineOrder) {
        let (workshop, teller) = (self.workshop(), self.teller.clone());
        let (pane, entry, crashed) = (order.pane, order.entry, teller.clone());
        let work = async move {
            // what could not be learned is not masked; that the line runs is what was asked for
            let _ = learn(&workshop.services).await;
            let tell = |text: &str| teller.news(News::LineTold { pane, entry, text: text.to_string() });
            let outcome = terminal::own_line(&order.conversation, &order.command, &workshop, &tell).await;
            teller.news(News::LineEnded { pane, entry, outcome: masked(outcome, &workshop.services.secrets) });
        };
        let broke_down = move |trouble: Trouble| {
            crashed.news(News::LineEnded { pane, entry, outcome: Outcome::failed(format!("{}.", trouble.message)) });
        };
        self.lines.insert(pane, spawn(work, broke_down));
    }

    fn start(&mut self, order: ToolOrder) {
        let workshop = self.workshop();
        let (teller, running) = (self.teller.clone(), self.running.clone());
        let (turn, entry) = (order.turn, order.entry);
        let (crashed, broken) = (teller.clone(), running.clone());
        let mut table = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let work = async move {
            teller.news(call(&order, workshop, &teller).await);
            forget(&running, turn, entry);
        };
        let broke_down = move |trouble: Trouble| {
            crashed.news(News::ToolReturned { turn, entry, outcome: Outcome::failed(format!("{}.", trouble.message)) });
            forget(&broken, turn, entry);
        };
        table.insert((turn, entry), spawn(work, broke_down));
    }
}

fn forget(running: &Mutex<HashMap<(TurnId, EntryId), Task>>, turn: TurnId, entry: EntryId) {
    running.lock().unwrap_or_else(PoisonError::into_inner).remove(&(turn, entry));
}

async fn call(order: &ToolOrder, workshop: Arc<Workshop>, teller: &Teller) -> News {
    let (turn, entry) = (order.turn, order.entry);
    let services = workshop.services.clone();
    if let Err(trouble) = learn(&services).await {
        return News::ToolReturned { turn, entry, outcome: Outcome::failed(format!("{}.", trouble.message)) };
    }
    let tell = |text: &str| teller.news(News::ToolTold { turn, entry, text: services.secrets.mask(text).into_owned() });
    match tools::run(order, &workshop, &tell).await {
        Returned::Asks(request) => News::ToolAsks { turn, entry, request: Box::new(masked_request(request, &services.secrets)) },
        Returned::Outcome(outcome) => {
            let mut outcome = masked(outcome, &services.secrets);
            let (keeps, output) = (workshop.clone(), outcome.output.clone());
            // one that is cut is written down whole
            if let Ok(Some(output)) = blocking(move || keeps.bounded(&output)).await {
                outcome.output = output.into();
            }
            News::ToolReturned { turn, entry, outcome }
        }
    }
}

fn masked(mut outcome: Outcome, secrets: &Secrets) -> Outcome {
    outcome.output = secrets.mask(&outcome.output).into();
    outcome.shown = outcome.shown.map(|shown| masked_shown(shown, secrets));
    outcome.note = secrets.mask(&outcome.note).into_owned();
    outcome
}

/// What has to be allowed is seen as it is, but for secrets that are known; where one is hidden, that is said, and there is no rule of it.
fn masked_request(mut request: Request, secrets: &Secrets) -> Request {
    let shown = request.what.text().clone();
    let clean = secrets.mask_known(&shown);
    if clean != *shown {
        request.dangers.push("holds a secret, which is hidden here".into());
        request.what = match request.what {
            Shown::Text(_) => Shown::Text(clean.into()),
            Shown::Diff(_) => Shown::Diff(clean.into()),
        };
    }
    let rule = request.rule.to_string();
    let clean = secrets.mask_known(&rule);
    if clean != rule {
        request.rule = Rule::Command(clean);
    }
    request.title = secrets.mask_known(&request.title);
    request.place = secrets.mask_known(&request.place);
    request
}

fn masked_shown(shown: Shown, secrets: &Secrets) -> Shown {
    match shown {
        Shown::Text(text) => Shown::Text(secrets.mask(&text).into()),
        Shown::Diff(text) => Shown::Diff(secrets.mask(&text).into()),
    }
}
