//! What the person changes for good: settings, keys, sign-ins, the history of questions, exported conversations. Each is finished
//! once it has begun, whatever happens to the screen.

use crate::{
    accounts::{change, standing},
    domain::{catalog::Provider, pane::PaneId, trouble::Trouble},
    effects::notes::Teller,
    flow::{effect::Effect, news::News},
    http::hosts,
    services::{Services, tasks::blocking},
    settings::{edit, paths::shown},
    storage::{export, history},
};
use std::{path::Path, sync::Arc};
use tokio::sync::Mutex;

pub(super) struct Store {
    services: Arc<Services>,
    teller: Teller,
    /// One change after the other, in the order in which they were wished for.
    turn: Arc<Mutex<()>>,
}

impl Store {
    pub(super) fn new(services: Arc<Services>, teller: Teller) -> Self {
        Self { services, teller, turn: Arc::default() }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        let services = self.services.clone();
        match effect {
            Effect::KeepChoice { provider, model } => self.keep(async move { keep_choice(provider, model, &services).await }),
            Effect::KeepAddress(provider, address) => match hosts::base_address(&address) {
                Ok(_) => {
                    // it counts for whatever is asked next, also before the disk has it
                    let counts = address.clone();
                    services.settings.assume(|config| (config.provider, config.base_url) = (Some(provider.id.into()), Some(counts)));
                    self.keep(async move { keep_address(provider, address, &services).await });
                }
                Err(error) => self.teller.news(News::Done(format!("{error}; use an `https` address, or one of this machine"))),
            },
            Effect::KeepKey(provider, key) => self.keep(async move {
                change::keep_key(provider, key, None, &services).await?;
                Ok(Some(News::ProvidersSeen(standing::all(&services).await?)))
            }),
            Effect::KeepVariable(name, key) => self.keep(async move {
                change::keep_variable(name, key, &services).await?;
                Ok(Some(News::ProvidersSeen(standing::all(&services).await?)))
            }),
            Effect::LogOut(provider) => {
                let teller = self.teller.clone();
                self.keep(async move {
                    let told = match change::log_out(provider, &services).await? {
                        true => format!("Signed out of {}", provider.title),
                        false => format!("Nobody was signed in at {}", provider.title),
                    };
                    // what needs a sign-in can't be used any more
                    teller.news(News::ProvidersSeen(standing::all(&services).await?));
                    Ok(Some(News::Done(told)))
                })
            }
            Effect::KeepRule(rule) => self.keep(async move {
                let kept = in_config(&services, move |path| edit::add(path, "command_allowlist", &rule.to_string())).await;
                let told = format!("Kept in {}: it is not asked for again", shown(&services.paths.config()));
                kept.map(|()| Some(News::Done(told))).map_err(|trouble| trouble.help("it is allowed until the end of the program"))
            }),
            Effect::DropRule(rule) => self.keep(async move {
                let dropped = in_config(&services, move |path| edit::drop_from(path, "command_allowlist", &rule.to_string())).await;
                dropped.map(|()| None).map_err(|trouble| trouble.help("it is asked for until the end of the program"))
            }),
            Effect::KeepToolset(name, on) => self.keep(async move {
                let kept = in_config(&services, move |path| edit::switch_toolsets(path, &[&name], on)).await;
                kept.map(|()| None).map_err(|trouble| trouble.help("it counts until the end of the program"))
            }),
            Effect::KeepToolModel(name, model) => self.keep(async move {
                let kept = in_config(&services, move |path| edit::choose_tool_model(path, &name, model)).await;
                kept.map(|()| None).map_err(|trouble| trouble.help("it counts until the end of the program"))
            }),
            Effect::KeepHistory(text) => self.keep(async move {
                let stamp = chrono::Local::now().format("%Y-%m-%d %H:%M:%S%.6f").to_string();
                let path = services.paths.history();
                // the question is asked all the same; drafts have told by now that the disk takes nothing
                if let Err(error) = blocking(move || history::append(&path, &text, &stamp)).await? {
                    tracing::warn!("the history could not be written: {error}");
                }
                Ok(None)
            }),
            Effect::Export { pane, path, text } => self.keep_in(Some(pane), async move {
                let (folder, name) = (services.paths.folder.clone(), path.clone());
                match blocking(move || export::write(&folder, &name, &text)).await? {
                    Ok(file) => Ok(Some(News::Done(format!("Written to {}", shown(&file))))),
                    Err(error) => Err(Trouble::new("file_unwritable", format!("`{path}` could not be written: {error}"))
                        .help("name another file: /export FILE")),
                }
            }),
            other => return Some(other),
        }
        None
    }

    /// Does it to the end, and tells how it went.
    fn keep(&self, work: impl Future<Output = Result<Option<News>, Trouble>> + Send + 'static) {
        self.keep_in(None, work);
    }

    /// The same, for a pane.
    fn keep_in(&self, pane: Option<PaneId>, work: impl Future<Output = Result<Option<News>, Trouble>> + Send + 'static) {
        let (teller, turn) = (self.teller.clone(), self.turn.clone());
        drop(self.services.kept.run(async move {
            let _ours = turn.lock().await;
            match work.await {
                Ok(Some(news)) => teller.news(news),
                Ok(None) => {}
                Err(trouble) => {
                    tracing::warn!(code = trouble.code, "{}", trouble.message);
                    teller.news(News::Failed(pane, trouble));
                }
            }
        }));
    }
}

async fn keep_choice(provider: &'static Provider, model: String, services: &Services) -> Result<Option<News>, Trouble> {
    let path = services.paths.config();
    let chosen = {
        let path = path.clone();
        blocking(move || edit::choose(&path, provider, &model)).await?
    };
    chosen.map(|()| None).map_err(|error| {
        Trouble::new("file_unwritable", format!("{} was left as it is: {error}", shown(&path)))
            .help("the model is chosen for this conversation only")
    })
}

/// Changes the settings.
async fn in_config(services: &Services, change: impl FnOnce(&Path) -> Result<(), edit::Error> + Send + 'static) -> Result<(), Trouble> {
    let path = services.paths.config();
    let file = path.clone();
    let changed = blocking(move || change(&file)).await?;
    changed.map_err(|error| Trouble::new("file_unwritable", format!("{} was left as it is: {error}", shown(&path))))
}

async fn keep_address(provider: &'static Provider, address: String, services: &Services) -> Result<Option<News>, Trouble> {
    let path = services.paths.config();
    match blocking(move || edit::keep_address(&path, provider, &address)).await? {
        Ok(()) => Ok(None),
        Err(error) => Ok(Some(News::Done(format!("The address counts until the end of the program: {error}")))),
    }
}
