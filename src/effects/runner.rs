//! Does what was ordered, counts what is under way, and stops it. Dropping the runner stops everything.

use crate::{
    domain::{catalog::Provider, login::LoginId, pane::Draft, secret::Secret, trouble::Trouble, turn::TurnId},
    effects::{
        catalog,
        clipboard::{Clipboard, Way},
        credentials, login,
        services::Services,
        turn::{self, Lessons},
    },
    flow::{
        effect::{Effect, Reach},
        news::News,
    },
    settings::{edit, paths::shown},
    storage::{drafts::Drafts, export, history},
};
use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::mpsc::UnboundedSender,
    task::{AbortHandle, JoinHandle},
};

/// Keystrokes are written down this long after the first of them.
const DRAFT_DELAY: Duration = Duration::from_millis(300);

/// What comes back from what is under way.
#[derive(Debug, PartialEq)]
pub enum Note {
    /// For `update`.
    News(News),
    /// For the terminal, as it is.
    Bytes(Vec<u8>),
}

/// Everything that is under way.
pub struct Runner {
    services: Arc<Services>,
    notes: UnboundedSender<Note>,
    turns: HashMap<TurnId, Task>,
    /// A list of models in the making; the newest wish counts.
    listing: Option<Task>,
    /// A look at the providers.
    looking: Option<Task>,
    /// The sign-in that is under way, and where to put what the person pastes.
    login: Option<(LoginId, UnboundedSender<Secret>, Task)>,
    lessons: Arc<Lessons>,
    clipboard: Clipboard,
    drafts: Arc<Mutex<Journal>>,
}

/// A task that ends with its owner; tokio's own would run on.
pub(super) struct Task(AbortHandle, JoinHandle<()>);

impl Task {
    /// Owns a task.
    pub(super) fn of(task: JoinHandle<()>) -> Self {
        Self(task.abort_handle(), task)
    }
    /// Waits for its end; still ends it when the waiting is given up.
    pub(super) async fn ended(mut self) {
        // a task that panicked has ended, too
        let _ = (&mut self.1).await;
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The draft that is still to be written.
struct Journal {
    drafts: Drafts,
    waiting: Option<Draft>,
    timer: Option<Task>,
}

impl Journal {
    fn write(&mut self) -> io::Result<()> {
        self.timer = None;
        match self.waiting.take() {
            Some(draft) => self.drafts.save(&draft),
            None => Ok(()),
        }
    }
}

impl Runner {
    /// A runner whose notes go into `notes`.
    pub fn new(services: Arc<Services>, drafts: Drafts, notes: UnboundedSender<Note>) -> Self {
        let drafts = Arc::new(Mutex::new(Journal { drafts, waiting: None, timer: None }));
        Self {
            services,
            notes,
            turns: HashMap::new(),
            listing: None,
            looking: None,
            login: None,
            lessons: Arc::default(),
            clipboard: Clipboard::default(),
            drafts,
        }
    }

    /// The world that effects work in.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Does what can be done without the terminal; gives back what can't.
    pub fn run(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::StartTurn(order) => {
                let (services, lessons, notes) = (self.services.clone(), self.lessons.clone(), self.notes.clone());
                let turn = order.turn;
                let task = spawn(async move {
                    // nobody listens any more when the program is ending
                    turn::run(*order, &services, &lessons, |news| drop(notes.send(Note::News(news)))).await;
                });
                self.turns.insert(turn, Task::of(task));
            }
            Effect::ListModels { provider, reach } => {
                let (services, notes) = (self.services.clone(), self.notes.clone());
                self.listing = Some(Task::of(spawn(async move {
                    let tell = |news| drop(notes.send(Note::News(news)));
                    list_models(provider, reach, &services, tell).await;
                })));
            }
            Effect::SeeProviders => {
                let (services, notes) = (self.services.clone(), self.notes.clone());
                self.looking = Some(Task::of(spawn(async move {
                    let _ = notes.send(Note::News(News::ProvidersSeen(catalog::standings(&services))));
                    let _ = notes.send(Note::News(News::ProvidersSeen(catalog::running(&services).await)));
                })));
            }
            Effect::KeepChoice { provider, model } => {
                if let Err(error) = edit::choose(&self.services.paths.config(), provider, &model) {
                    let path = shown(&self.services.paths.config());
                    let trouble = Trouble::new("file_unwritable", format!("{path} was left as it is: {error}"))
                        .help("the model is chosen for this conversation only");
                    let _ = self.notes.send(Note::News(News::Failed(trouble)));
                }
            }
            Effect::KeepAddress(provider, address) => {
                let news = match crate::http::hosts::base_address(&address) {
                    Ok(_) => {
                        let written = edit::keep_address(&self.services.paths.config(), provider, &address);
                        self.services.addresses.lock().unwrap_or_else(PoisonError::into_inner).insert(provider.id, address);
                        match written {
                            Ok(()) => News::ProvidersSeen(catalog::standings(&self.services)),
                            Err(error) => News::Done(format!("The address counts until the end of the program: {error}")),
                        }
                    }
                    Err(error) => News::Done(format!("{error}; use an `https` address, or one of this machine")),
                };
                let _ = self.notes.send(Note::News(news));
            }
            Effect::KeepKey(provider, key) => {
                let (services, notes) = (self.services.clone(), self.notes.clone());
                spawn(async move {
                    let news = match credentials::keep_key(provider, &key, None, &services).await {
                        Ok(_) => News::ProvidersSeen(catalog::standings(&services)),
                        Err(trouble) => News::Failed(trouble),
                    };
                    let _ = notes.send(Note::News(news));
                });
            }
            Effect::StartLogin(order) => {
                let (services, notes, login) = (self.services.clone(), self.notes.clone(), order.login);
                let (sender, answers) = tokio::sync::mpsc::unbounded_channel();
                // whoever was signing in gives the port back first
                self.login = None;
                let task = spawn(async move {
                    login::run(order, &services, answers, |news| drop(notes.send(Note::News(News::Login { login, news })))).await;
                });
                self.login = Some((login, sender, Task::of(task)));
            }
            Effect::StopLogin(login) => drop(self.login.take_if(|(id, ..)| *id == login)),
            Effect::AnswerLogin(login, text) => {
                if let Some((id, answers, _)) = &self.login
                    && *id == login
                {
                    let _ = answers.send(text);
                }
            }
            Effect::LogOut(provider) => {
                let (services, notes) = (self.services.clone(), self.notes.clone());
                spawn(async move {
                    let news = match credentials::log_out(provider, &services).await {
                        Ok(true) => News::Done(format!("Signed out of {}", provider.title)),
                        Ok(false) => News::Done(format!("Nobody was signed in at {}", provider.title)),
                        Err(trouble) => News::Failed(trouble),
                    };
                    let _ = notes.send(Note::News(news));
                });
            }
            Effect::OpenBrowser(address) => {
                let _ = self.notes.send(Note::News(News::BrowserOpened(open::that_detached(address).is_ok())));
            }
            Effect::StopTurn(turn) => drop(self.turns.remove(&turn)),
            Effect::SaveDraft(draft) => self.save_draft(draft),
            Effect::WipeDraft => {
                let mut journal = lock(&self.drafts);
                (journal.waiting, journal.timer) = (None, None);
                // a draft that stays is offered again at the next start: a nuisance, not a loss
                let _ = journal.drafts.wipe();
            }
            Effect::KeepHistory(text) => {
                let stamp = chrono::Local::now().format("%Y-%m-%d %H:%M:%S%.6f").to_string();
                // the question is asked all the same; drafts have told by now that the disk takes nothing
                let _ = history::append(&self.services.paths.history(), &text, &stamp);
            }
            Effect::Copy { text, what } => {
                let way = self.clipboard.copy(text, &self.services.environment);
                let notes = self.notes.clone();
                spawn(async move {
                    let news = match way.await {
                        Way::System => News::Copied(format!("Copied {what} to the clipboard")),
                        Way::Terminal(bytes) => {
                            let _ = notes.send(Note::Bytes(bytes));
                            News::Copied(format!("Sent {what} to the terminal's clipboard"))
                        }
                        Way::TooLong => News::Failed(
                            Trouble::new("usage", format!("{what} is too long for the terminal's clipboard"))
                                .help("/export writes it to a file"),
                        ),
                    };
                    let _ = notes.send(Note::News(news));
                });
            }
            Effect::Export { path, text } => {
                let news = match export::write(&self.services.paths.folder, &path, &text) {
                    Ok(file) => News::Done(format!("Written to {}", shown(&file))),
                    Err(error) => News::Failed(
                        Trouble::new("file_unwritable", format!("`{path}` could not be written: {error}"))
                            .help("name another file: /export FILE"),
                    ),
                };
                let _ = self.notes.send(Note::News(news));
            }
            for_the_loop @ (Effect::OpenEditor(_) | Effect::SetMouse(_) | Effect::Suspend) => return Some(for_the_loop),
        }
        None
    }

    /// Writes down at once what would be written later: the program is about to end, or to be stopped.
    pub fn flush(&mut self) {
        if let Err(error) = lock(&self.drafts).write() {
            let _ = self.notes.send(Note::News(News::DraftNotSaved(draft_trouble(&error))));
        }
    }

    fn save_draft(&mut self, draft: Draft) {
        let mut journal = lock(&self.drafts);
        journal.waiting = Some(draft);
        if journal.timer.is_some() {
            return;
        }
        let (drafts, notes) = (self.drafts.clone(), self.notes.clone());
        let task = spawn(async move {
            tokio::time::sleep(DRAFT_DELAY).await;
            if let Err(error) = lock(&drafts).write() {
                let _ = notes.send(Note::News(News::DraftNotSaved(draft_trouble(&error))));
            }
        });
        journal.timer = Some(Task::of(task));
    }
}

/// What is on the disk at once; then what the catalog's server and the provider itself say.
async fn list_models(provider: &'static Provider, reach: Reach, services: &Services, tell: impl Fn(News)) {
    let (mut list, damage) = catalog::on_disk(provider, services);
    tell(News::ModelsListed(list.clone()));
    if let Some(damage) = damage {
        tell(News::CatalogDamaged(damage));
    }
    if reach == Reach::Disk {
        return;
    }
    if catalog::is_listed(provider) && catalog::refresh(services, reach == Reach::Anew).await {
        list = catalog::on_disk(provider, services).0;
        tell(News::ModelsListed(list.clone()));
    }
    if let Some(list) = catalog::live(provider, services, &list).await {
        tell(News::ModelsListed(list));
    }
}

fn lock(journal: &Mutex<Journal>) -> std::sync::MutexGuard<'_, Journal> {
    journal.lock().unwrap_or_else(PoisonError::into_inner)
}

fn draft_trouble(error: &io::Error) -> Trouble {
    Trouble::new("file_unwritable", format!("Drafts can't be kept: {error}")).help("what you type is lost if the program is killed")
}

#[expect(clippy::disallowed_methods, reason = "this is the place where tasks start")]
pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(task)
}
