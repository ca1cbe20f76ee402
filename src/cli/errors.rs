//! `hermes help`

use super::{Subcommand, print};
use crate::domain::trouble::{CODES, Trouble};
use clap::{Arg, Command};

pub(super) static SUBCOMMAND: Subcommand = Subcommand {
    name: "help",
    command: || {
        Command::new("help")
            .about("Show this help, the help of a command, or the list of error codes")
            .arg(Arg::new("topic").value_name("COMMAND|errors"))
    },
    run: |matches, _| {
        let topic = matches.get_one::<String>("topic").map(String::as_str);
        let mut command = super::command();
        let text = match topic {
            None => command.render_help().to_string(),
            Some("errors") => CODES.iter().map(|(code, about)| format!("{code:<34} {about}\n")).collect(),
            Some(name) => match command.find_subcommand_mut(name) {
                Some(subcommand) => subcommand.render_help().to_string(),
                None => return Err(Trouble::usage(format!("There is no help about `{name}`")).help("`hermes --help` lists the commands")),
            },
        };
        print::out(&text);
        Ok(0)
    },
};
