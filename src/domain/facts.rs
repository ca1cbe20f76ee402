//! Everything that is true whoever is looking. Changed in `update/` and nowhere else.

use crate::domain::{
    catalog::{self, Model, ModelList, Provider, Standing},
    conversation::{Body, EntryId, Notice},
    login::{Login, LoginId},
    pane::{Choice, Pane},
    turn::TurnId,
};
use std::collections::{HashMap, HashSet};

/// The facts of the running program.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The conversation on the screen.
    pub pane: Pane,
    /// Whether the person, or their settings, chose who answers; until then the simulator does.
    pub chosen: bool,
    /// Who can be asked, and what they have.
    pub catalog: Catalog,
    /// The sign-in that is under way, or has just ended.
    pub login: Option<Login>,
    /// How the screen looks and listens.
    pub look: Look,
    /// A short word at the bottom of the screen, and when it came.
    pub flash: Option<(String, u64)>,
    /// What was asked before, the oldest first, from every run.
    pub history: Vec<String>,
    /// What time it is.
    pub clock: Clock,
    /// Ids that were given.
    pub ids: Ids,
    /// What was said already, and is said once.
    pub told: HashSet<Told>,
    /// Set when the program shall end.
    pub quitting: bool,
}

/// Providers and models.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalog {
    /// Every provider, in the order in which they are offered.
    pub providers: &'static [&'static Provider],
    /// How providers stand, by their ids; empty until somebody looked.
    pub standings: HashMap<&'static str, Standing>,
    /// Models by the ids of their providers.
    pub models: HashMap<&'static str, ModelList>,
}

impl Catalog {
    /// What is known of the model that was chosen: from its provider's list, else from this program.
    pub fn model(&self, choice: &Choice) -> Option<&Model> {
        let listed = self.models.get(choice.provider.id).and_then(|list| list.models.iter().find(|m| m.id == choice.model));
        // a bare id says nothing of what the model can do
        listed.filter(|m| m.context > 0).or_else(|| catalog::model(&choice.model))
    }
    /// Whether the model takes pictures; one that nobody knows is believed to.
    pub fn sees(&self, choice: &Choice) -> bool {
        self.model(choice).is_none_or(|m| m.sees)
    }
    /// The reasoning effort to send: the person's, else the model's default, none for a model that takes none.
    pub fn effort_to_send<'a>(&'a self, choice: &'a Choice) -> Option<&'a str> {
        match self.model(choice) {
            // of a family nobody knows what each member takes
            Some(family) if family.prefix && family.efforts.is_empty() => choice.effort.as_deref(),
            Some(model) => choice.effort.as_deref().filter(|e| model.efforts.iter().any(|m| m == e)).or(model.default_effort.as_deref()),
            None => choice.effort.as_deref(),
        }
    }
}

/// How the screen looks and listens.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Look {
    /// The colours that the person asked for.
    pub theme: Theme,
    /// Whether the mouse is ours rather than the terminal's.
    pub mouse: bool,
}

/// The time, given with each message and never read from a clock.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Clock {
    /// Milliseconds since the start.
    pub now: u64,
    /// When the program started, in seconds since 1970.
    pub started_at: i64,
}

/// The last ids, to make the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ids {
    /// The last turn's.
    pub turn: TurnId,
    /// The last attempt's to sign in.
    pub login: LoginId,
    /// The next conversation's; renewed by the loop after it was taken.
    pub fresh: String,
}

/// What is said once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    /// The catalog could not be used.
    CatalogFails,
    /// Drafts can't be kept.
    DraftsFail,
}

/// A short word at the bottom is read in so many milliseconds.
pub const FLASH: u64 = 4_000;

impl Facts {
    /// The short word, as long as it is to be read.
    pub fn flashing(&self) -> Option<&str> {
        self.flash.as_ref().filter(|(_, at)| self.clock.now.saturating_sub(*at) < FLASH).map(|(words, _)| words.as_str())
    }
    /// Seconds since 1970.
    pub fn epoch(&self) -> i64 {
        self.clock.started_at.saturating_add(i64::try_from(self.clock.now / 1_000).unwrap_or(0))
    }
    /// Adds an entry to the conversation, now.
    pub fn add(&mut self, body: Body) -> EntryId {
        let at = self.epoch();
        self.pane.conversation.push(body, at)
    }
    /// Tells something in the transcript.
    pub fn notice(&mut self, notice: Notice) {
        self.add(Body::Noticed(notice));
    }
}

/// Colours. All but `Mono` use the terminal's own sixteen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// For a dark background.
    #[default]
    Dark,
    /// For a light background.
    Light,
    /// Without colour.
    Mono,
}

impl Theme {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Theme); 3] = [("dark", Theme::Dark), ("light", Theme::Light), ("mono", Theme::Mono)];

    /// The theme of that name.
    pub fn named(name: &str) -> Option<Theme> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, theme)| *theme)
    }
    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, t)| *t == self).map_or("dark", |(name, _)| name)
    }
}
