//! Slash commands, one file each: a line in the table makes a command appear in completion, palette and help.

mod attach;
mod compare;
mod copy;
mod doctor;
mod edit;
mod effort;
mod export;
mod help;
pub mod login;
pub mod media;
pub mod model;
mod mouse;
mod new;
mod quit;
mod retry;
mod split;
mod system;
mod theme;
pub mod tools;
mod tour;
mod undo;
mod usage;

use crate::{
    domain::facts::Facts,
    flow::{intent::Intent, screen::Reply},
};

/// A command that begins with `/`.
pub struct Command {
    /// Its name, without the slash.
    pub name: &'static str,
    /// Other words that people look for it with.
    pub also: &'static str,
    /// What may stand after it, as help shows it.
    pub takes: &'static str,
    /// In a few words.
    pub about: &'static str,
    /// When it can be run.
    pub when: When,
    /// Words that complete its argument.
    pub choices: fn(&Facts) -> Vec<String>,
    /// What it does.
    pub run: fn(&str, &Facts) -> Reply,
}

/// When a command can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At any time.
    Always,
    /// Not while an answer comes.
    Idle,
}

/// Every command, in the order in which help lists them.
pub static REGISTRY: &[&Command] = &[
    &help::COMMAND,
    &tour::COMMAND,
    &new::COMMAND,
    &retry::COMMAND,
    &undo::COMMAND,
    &edit::COMMAND,
    &copy::COMMAND,
    &export::COMMAND,
    &attach::ATTACH,
    &attach::IMAGE,
    &media::VIDEO,
    &media::SAY,
    &media::TRANSCRIBE,
    &media::JOBS,
    &effort::COMMAND,
    &system::COMMAND,
    &usage::COMMAND,
    &model::MODEL,
    &model::PROVIDER,
    &login::LOGIN,
    &login::LOGOUT,
    &tools::COMMAND,
    &doctor::COMMAND,
    &theme::COMMAND,
    &mouse::COMMAND,
    &split::COMMAND,
    &compare::COMMAND,
    &quit::COMMAND,
];

/// For commands without choices.
fn no_choices(_: &Facts) -> Vec<String> {
    vec![]
}

/// Whether a text in the composer is a command rather than a question: a slash and a word of letters.
pub fn is_command(text: &str) -> bool {
    let name = text.strip_prefix('/').and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
    text.starts_with('/') && !text.contains('\n') && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

/// Runs a line such as `/theme light`. A name may be shortened as long as it is clear.
pub fn run(line: &str, facts: &Facts) -> Reply {
    let line = line.trim().trim_start_matches('/');
    let (name, arguments) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let command = match find(name) {
        Ok(command) => command,
        Err(told) => return Reply::intent(Intent::Tell(told)),
    };
    if let Some(told) = too_early(command, facts) {
        return Reply::intent(Intent::Tell(told));
    }
    (command.run)(arguments.trim(), facts)
}

/// Why a line can't be run, before it is taken out of the composer: a typing mistake is mended, not typed again.
pub fn mistake(line: &str, facts: &Facts) -> Option<String> {
    let name = line.trim().trim_start_matches('/').split_whitespace().next().unwrap_or_default();
    find(name).map_or_else(Some, |command| too_early(command, facts))
}

/// A command that has to wait for the end of the answer.
fn too_early(command: &Command, facts: &Facts) -> Option<String> {
    let early = command.when == When::Idle && facts.front().turn.is_running();
    early.then(|| format!("/{} waits until the answer is finished; Esc stops it", command.name))
}

fn find(name: &str) -> Result<&'static Command, String> {
    let fitting: Vec<&&Command> = REGISTRY.iter().filter(|c| c.name.starts_with(name) && !name.is_empty()).collect();
    match (fitting.iter().find(|c| c.name == name), fitting.as_slice()) {
        (Some(exact), _) => Ok(exact),
        (None, [only]) => Ok(only),
        (None, []) => Err(format!("There is no command /{name}; /help lists them")),
        (None, several) => {
            Err(format!("/{name} could be {}", several.iter().map(|c| format!("/{}", c.name)).collect::<Vec<_>>().join(" or ")))
        }
    }
}

/// A line that completes what was typed, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What the composer would hold.
    pub line: String,
    /// What is shown for it.
    pub label: String,
    /// What it does.
    pub about: String,
    /// What may stand after it.
    pub takes: &'static str,
}

impl Completion {
    /// Whether something can still be typed after it.
    pub fn is_open(&self) -> bool {
        !self.takes.is_empty()
    }
    /// Whether it means something without that.
    pub fn can_run(&self) -> bool {
        self.takes.is_empty() || self.takes.starts_with('[')
    }
}

/// What could complete the text: names while the name is typed, then the choices of the command.
pub fn completions(text: &str, facts: &Facts) -> Vec<Completion> {
    if !is_command(text) {
        return vec![];
    }
    let typed = &text[1..];
    match typed.split_once(' ') {
        None => {
            let fits = |c: &&&Command| c.name.starts_with(typed);
            let shown = |c: &&Command| Completion {
                line: format!("/{}", c.name),
                label: format!("/{}", c.name),
                about: c.about.into(),
                takes: c.takes,
            };
            REGISTRY.iter().filter(fits).map(shown).collect()
        }
        Some((name, argument)) => {
            let Some(command) = REGISTRY.iter().find(|c| c.name == name) else { return vec![] };
            let several = command.takes.ends_with('…');
            let (before, word) = argument.rsplit_once(' ').filter(|_| several).unwrap_or(("", argument));
            let line = |c: &str| format!("/{name} {before}{}{c}", if before.is_empty() { "" } else { " " });
            let named = |c: &String| several && before.split(' ').any(|word| word == c);
            let choices = (command.choices)(facts).into_iter().filter(|c| c.starts_with(word) && !named(c));
            choices
                .map(|c| Completion { line: line(&c), label: c, about: String::new(), takes: if several { command.takes } else { "" } })
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_of_commands_is_sound() {
        let mut names = HashSet::new();
        for command in REGISTRY {
            assert!(names.insert(command.name), "{} is there twice", command.name);
            assert!(!command.about.is_empty() && !command.about.ends_with('.'), "{}", command.name);
            assert!(is_command(&format!("/{}", command.name)));
        }
    }

    #[test]
    fn paths_and_questions_are_not_commands() {
        assert!(is_command("/help") && is_command("/") && is_command("/theme light"));
        assert!(!is_command("/usr/bin is a folder") && !is_command("a /help") && !is_command("/help\nme"));
    }

    #[test]
    fn names_may_be_shortened() {
        assert!(find("he").is_ok_and(|c| c.name == "help"));
        assert!(find("e").is_err_and(|e| e.contains("/edit") && e.contains("/export")));
        assert!(find("zzz").is_err() && find("").is_err());
    }
}
