//! Everything that is true whoever is looking. Changed in `update/` and nowhere else.

use crate::domain::{
    catalog::{self, Login as SignIn, Model, ModelList, Provider, Standing, Transport},
    conversation::{Body, EntryId, Notice, Outcome, SetId},
    health::Section,
    herald::Herald,
    job::Job,
    login::{Login, LoginId},
    pane::{Choice, Pane, PaneId},
    panes::Panes,
    plan::Plan,
    sight::Canvas,
    tool::{Means, Tools},
    turn::TurnId,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The facts of the running program.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The conversations on the screen.
    pub panes: Panes,
    /// Whether the person, or their settings, chose who answers; until then the simulator does.
    pub chosen: bool,
    /// Who can be asked, and what they have.
    pub catalog: Catalog,
    /// What models may use.
    pub tools: Tools,
    /// The sign-in that is under way, or has just ended.
    pub login: Option<Login>,
    /// What is left of the plan of whoever answers.
    pub plan: Plan,
    /// Media in the making, and those that were made; the oldest first.
    pub jobs: Vec<Arc<Job>>,
    /// The toolset that was tried last.
    pub trial: Option<Trial>,
    /// How everything stood when somebody asked last.
    pub examined: Option<Arc<[Section]>>,
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

/// A toolset that is tried, or was.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Which.
    pub set: String,
    /// What came, when it is there.
    pub outcome: Option<Outcome>,
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
    /// Counts the changes of the lists.
    pub edition: u64,
    /// Who was chosen, the latest first.
    pub lately: Vec<(&'static Provider, String)>,
    /// What the person says of one provider's model: how many tokens it reads.
    pub said: Option<(&'static str, String, u64)>,
}

impl Facts {
    /// Whether words of this turn's answer have come, or nobody waits for any.
    pub fn has_begun(&self, turn: TurnId) -> bool {
        let pane = self.panes.of_turn(turn).map(|id| self.panes.at(id));
        pane.and_then(|pane| pane.turn.running()).is_none_or(|running| running.first_word.is_some())
    }
}

/// Choices that are remembered.
const MOST_LATELY: usize = 9;

impl Catalog {
    /// What is known of the model that was chosen: from its provider's list, else from this program.
    pub fn model(&self, choice: &Choice) -> Option<&Model> {
        let listed = self.models.get(choice.provider.id).and_then(|list| list.models.iter().find(|m| m.id == choice.model));
        // a bare id says nothing of what the model can do
        listed.filter(|m| m.context > 0).or_else(|| self.built_in(choice))
    }
    /// How many tokens it reads, where that is known: as the person says, else as `model` has it.
    pub fn context(&self, choice: &Choice) -> Option<u64> {
        let said = self.said.as_ref().filter(|(provider, model, _)| *provider == choice.provider.id && *model == choice.model);
        said.map(|(.., tokens)| *tokens).or_else(|| self.model(choice).map(|model| model.context)).filter(|tokens| *tokens > 0)
    }
    /// What this program knows of a model by itself: of xAI's own, and of nobody else's that happens to be called the same.
    fn built_in(&self, choice: &Choice) -> Option<&Model> {
        catalog::model(&choice.model).filter(|_| choice.provider.catalog == "xai")
    }
    /// The models of a provider, as far as they are known.
    pub fn listed(&self, provider: &str) -> &[Model] {
        self.models.get(provider).map(|list| list.models.as_slice()).unwrap_or_default()
    }
    /// Somebody was chosen.
    pub fn used(&mut self, provider: &'static Provider, model: &str) {
        self.lately.retain(|(there, id)| there.id != provider.id || id != model);
        self.lately.insert(0, (provider, model.to_string()));
        self.lately.truncate(MOST_LATELY);
    }
    /// Whether a provider's list, where there is one, lacks the model.
    pub fn is_unlisted(&self, choice: &Choice) -> bool {
        let list = self.models.get(choice.provider.id);
        list.is_some_and(|list| !list.models.is_empty() && list.models.iter().all(|m| m.id != choice.model))
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
    /// Whether the terminal knows 256 colours only.
    pub shallow: bool,
    /// How the terminal shows pictures.
    pub canvas: Canvas,
    /// How somebody who looks elsewhere is told.
    pub herald: Herald,
    /// Whether the title of the window says what goes on.
    pub titled: bool,
    /// Whether the plan is looked after without anybody asking (`usage.plan`).
    pub plan_always: bool,
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
    /// The last question's that several panes were asked.
    pub set: SetId,
    /// The last attempt's to sign in.
    pub login: LoginId,
    /// What the ids of conversations are made of.
    pub seed: Seed,
}

/// Makes ids of conversations without a clock and without the system's random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seed {
    /// Seconds that the local time is ahead of UTC.
    pub ahead: i32,
    /// The state of a splitmix64 generator.
    pub state: u64,
}

impl Seed {
    /// The next id: `YYYYMMDD_HHMMSS_` and six hex digits, local time (`docs/wire.md` 2).
    pub fn conversation(&mut self, epoch: i64) -> String {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let local = chrono::DateTime::from_timestamp(epoch.saturating_add(i64::from(self.ahead)), 0).unwrap_or_default();
        format!("{}_{:06x}", local.format("%Y%m%d_%H%M%S"), (mixed ^ (mixed >> 31)) & 0xff_ffff)
    }
}

/// What is said once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    /// The catalog could not be used.
    CatalogFails,
    /// Drafts can't be kept.
    DraftsFail,
    /// The window is larger than what is drawn.
    WindowTooLarge,
}

/// A short word at the bottom is read in so many milliseconds.
pub const FLASH: u64 = 4_000;

impl Facts {
    /// The short word, as long as it is to be read.
    pub fn flashing(&self) -> Option<&str> {
        self.flash.as_ref().filter(|(_, at)| self.clock.now.saturating_sub(*at) < FLASH).map(|(words, _)| words.as_str())
    }
    /// Puts a text where Up finds it; false where it stands last already, or says nothing.
    pub fn remember(&mut self, text: &str) -> bool {
        let new = !text.trim().is_empty() && self.history.last().is_none_or(|last| last != text);
        if new {
            self.history.push(text.to_string());
        }
        new
    }
    /// What there is for the tools of whoever was chosen.
    pub fn means(&self, choice: &Choice) -> Means {
        let searches = choice.provider.catalog == "xai" && choice.provider.transport == Transport::Responses;
        let able = ["xai-oauth", "xai"].map(|id| self.catalog.standings.get(id).map(Standing::is_able));
        let xai = match able {
            // the simulator does what xAI does
            _ if choice.provider.login == SignIn::None && searches => Some(true),
            [None, None] => None,
            able => Some(able.contains(&Some(true))),
        };
        Means { sees: self.catalog.sees(choice), searches, xai }
    }
    /// Seconds since 1970.
    pub fn epoch(&self) -> i64 {
        self.clock.started_at.saturating_add(i64::try_from(self.clock.now / 1_000).unwrap_or(0))
    }
    /// The pane that has the focus.
    pub fn front(&self) -> &Pane {
        self.panes.front()
    }
    /// Adds an entry to the conversation of a pane, now.
    pub fn add(&mut self, pane: PaneId, body: Body) -> EntryId {
        let at = self.epoch();
        self.panes.at_mut(pane).conversation.push(body, at)
    }
    /// Tells something in the transcript of a pane.
    pub fn notice(&mut self, pane: PaneId, notice: Notice) {
        self.add(pane, Body::Noticed(notice));
    }
    /// An id for a conversation that begins now.
    pub fn fresh_conversation(&mut self) -> String {
        let epoch = self.epoch();
        self.ids.seed.conversation(epoch)
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
