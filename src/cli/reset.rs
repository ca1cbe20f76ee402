//! `hermes reset`

use super::Subcommand;
use crate::{domain::trouble::Trouble, terminal::session};
use clap::Command;

pub(super) static SUBCOMMAND: Subcommand =
    Subcommand {
        name: "reset",
        command: || Command::new("reset").about("Give a broken terminal its modes back"),
        run: |_, _| match session::reset() {
            Ok(()) => Ok(0),
            Err(error) => Err(Trouble::new("no_terminal", format!("The terminal could not be reset: {error}"))
                .help("run it in the terminal that is broken")),
        },
    };
