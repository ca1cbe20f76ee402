//! Everything that is true whoever is looking. Changed in `update/` and nowhere else.

use crate::domain::{
    catalog::{ModelList, Provider, Standing},
    conversation::{Body, EntryId, Notice},
    login::{Login, LoginId},
    pane::Pane,
    turn::TurnId,
};
use std::collections::HashMap;

/// The facts of the running program.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The conversation on the screen.
    pub pane: Pane,
    /// The colours that the person asked for.
    pub theme: Theme,
    /// Whether the mouse is ours rather than the terminal's.
    pub mouse: bool,
    /// What was asked before, the oldest first, from every run.
    pub history: Vec<String>,
    /// A short word at the bottom of the screen, and when it came.
    pub flash: Option<(String, u64)>,
    /// Milliseconds since the start; given with each message, never read from a clock.
    pub now: u64,
    /// Every provider, in the order in which they are offered.
    pub providers: &'static [&'static Provider],
    /// Whether the person, or their settings, chose who answers; until then the simulator does.
    pub chosen: bool,
    /// When the program started, in seconds since 1970.
    pub started_at: i64,
    /// How providers stand, by their ids; empty until somebody looked.
    pub standings: HashMap<&'static str, Standing>,
    /// Models by the ids of their providers.
    pub models: HashMap<&'static str, ModelList>,
    /// The catalog could not be used, which was said.
    pub catalog_fails: bool,
    /// The sign-in that is under way, or has just ended.
    pub login: Option<Login>,
    /// The last attempt's id, to make the next.
    pub last_login: LoginId,
    /// The last turn's id, to make the next.
    pub last_turn: TurnId,
    /// The id of the next conversation; renewed by the loop after it was taken.
    pub fresh_id: String,
    /// Set when the program shall end.
    pub quitting: bool,
    /// Where drafts can't be kept, said once.
    pub drafts_fail: bool,
}

impl Facts {
    /// Seconds since 1970.
    pub fn epoch(&self) -> i64 {
        self.started_at.saturating_add(i64::try_from(self.now / 1_000).unwrap_or(0))
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
