//! `/theme`

use super::{Command, When};
use crate::{
    domain::facts::Theme,
    flow::{intent::Intent, screen::Reply},
};

pub static COMMAND: Command = Command {
    name: "theme",
    also: "colours colors font dark light",
    takes: "[dark|light|mono]",
    about: "Choose the colours",
    when: When::Always,
    choices: |_| Theme::ALL.iter().map(|(name, _)| name.to_string()).collect(),
    run: |name, facts| {
        let next = || {
            Theme::ALL.iter().position(|(_, t)| *t == facts.look.theme).map_or(Theme::Dark, |at| Theme::ALL[(at + 1) % Theme::ALL.len()].1)
        };
        match (name, Theme::named(name)) {
            ("", _) => Reply::intent(Intent::SetTheme(next())),
            (_, Some(theme)) => Reply::intent(Intent::SetTheme(theme)),
            (name, None) => Reply::intent(Intent::Tell(format!("There is no theme `{name}`: dark, light or mono"))),
        }
    },
};
