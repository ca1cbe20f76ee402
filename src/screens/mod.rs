//! What can be on top: one folder or file a screen. A line in the table gives it a route and a section in the help.

mod asking;
pub mod blocks;
mod chat;
pub mod doctor;
pub mod help;
mod history;
mod jobs;
pub mod login;
pub mod palette;
pub mod panes;
pub mod picker;
pub mod picking;
mod reading;
mod switcher;
pub mod tools;
mod typing;
pub mod usage;
mod welcome;

use crate::{
    domain::facts::Facts,
    flow::screen::{Screen, ScreenName},
};

/// A screen that can be opened.
pub struct Opening {
    /// Its name, for routes.
    pub name: ScreenName,
    /// Its heading in the help.
    pub about: &'static str,
    /// The places of `keys.toml` that its section of the help lists.
    pub places: &'static [&'static str],
    /// Opens it over others.
    pub open: fn(&Facts, Below) -> Box<dyn Screen>,
}

/// What a screen is opened over.
#[derive(Debug, Clone, Copy)]
pub struct Below {
    /// The screen that was on top.
    pub top: ScreenName,
    /// The one under all others.
    pub bottom: ScreenName,
}

/// Every screen.
pub static REGISTRY: &[&Opening] = &[
    &panes::SCREEN,
    &palette::SCREEN,
    &history::SCREEN,
    &blocks::SCREEN,
    &login::SCREEN,
    &switcher::SCREEN,
    &picker::SCREEN,
    &welcome::SCREEN,
    &tools::SCREEN,
    &doctor::SCREEN,
    &usage::SCREEN,
    &jobs::SCREEN,
    &help::SCREEN,
    &help::SSH_PAGE,
    &asking::CLOSE,
    &asking::KEEP,
    &asking::LOG_OUT,
];

/// Opens the screen of that name.
pub fn open(name: ScreenName, facts: &Facts, below: Below) -> Option<Box<dyn Screen>> {
    named(name).map(|opening| (opening.open)(facts, below))
}

/// The row of that name.
pub fn named(name: ScreenName) -> Option<&'static Opening> {
    REGISTRY.iter().find(|opening| opening.name == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::keymap::KEYS;

    #[test]
    fn the_table_of_screens_is_sound() {
        for screen in REGISTRY {
            assert_eq!(REGISTRY.iter().filter(|s| s.name == screen.name).count(), 1);
            assert!(!screen.about.is_empty());
            for place in screen.places {
                assert!(KEYS.iter().any(|k| k.place == *place), "{place} has no keys");
            }
        }
        for key in KEYS.iter() {
            let live = ["everywhere", "reading"].contains(&key.place) || REGISTRY.iter().any(|s| s.places.contains(&key.place));
            assert!(live, "{} belongs to no screen", key.place);
        }
    }
}
