//! `hermes help`

use super::{Subcommand, command, print};
use crate::{
    domain::trouble::{CODES, Trouble},
    screens::help,
    ui::wrap,
};
use clap::{Arg, Command};

pub(super) static SUBCOMMAND: Subcommand = Subcommand {
    name: "help",
    command: || {
        Command::new("help")
            .about("Show this help, the help of a command, the list of error codes, how to sign in over SSH, or what a plan pays for")
            .arg(Arg::new("topic").value_name("COMMAND|errors|ssh|plan").num_args(0..))
    },
    run: |matches, _| {
        let topic: Vec<&str> = matches.get_many::<String>("topic").into_iter().flatten().map(String::as_str).collect();
        let text = match topic[..] {
            ["errors"] => CODES.iter().map(|(code, about)| format!("{code:<34} {about}\n")).collect(),
            ["ssh"] => page(help::SSH),
            ["plan"] => page(PLAN),
            _ => of_command(&topic)?,
        };
        print::out(&text);
        Ok(0)
    },
};

/// What a sign-in is billed to (`docs/xai.md` 12).
const PLAN: &str = "\
# Two addresses, two purses
A sign-in with a Grok subscription works at two addresses of xAI, and each takes its money from elsewhere.

https://api.x.ai/v1, which is used here, bills the API: an allowance that is free for sign-ins, then API credits. When both are used up a request is refused although the plan has all of its share left; the plan is not touched by it, and signing in again changes nothing.

# What helps
The free allowance comes back within a day.

An API key is billed by itself:
    hermes auth add xai

Another address of xAI can be set, with the headers that it wants; a sign-in is sent to x.ai, and to grok.com where you name it:
    hermes config set model.base_url ADDRESS
    hermes config edit        (model.headers: names and values)

What is left of the plan, and when it begins anew: /usage in the chat, or https://grok.com/?_s=usage
";

/// How a command is called, or the program.
fn of_command(names: &[&str]) -> Result<String, Trouble> {
    let mut command = command();
    command.build();
    let mut found = &mut command;
    for name in names {
        found = found
            .find_subcommand_mut(name)
            .ok_or_else(|| Trouble::usage(format!("There is no help about `{name}`")).help("`hermes --help` lists the commands"))?;
    }
    Ok(found.render_help().to_string())
}

/// Columns that a page takes at most.
const WIDTH: usize = 80;

/// A page for a shell: paragraphs are broken, lines to be typed are not.
fn page(text: &str) -> String {
    let mut page = String::new();
    for line in text.lines() {
        match line.strip_prefix("# ") {
            Some(heading) => page.push_str(&format!("{heading}\n")),
            None if line.starts_with("    ") || line.is_empty() => page.push_str(&format!("{line}\n")),
            None => wrap::breaks(line, WIDTH, |range| page.push_str(&format!("{}\n", line[range].trim_end()))),
        }
    }
    page
}
