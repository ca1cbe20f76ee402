//! `/tour`

use super::{Command, When, no_choices};
use crate::flow::screen::{Reply, Word};

pub static COMMAND: Command = Command {
    name: "tour",
    also: "learn lesson first",
    takes: "",
    about: "Learn the keys by pressing them; again: end it",
    when: When::Always,
    choices: no_choices,
    run: |_, _| Reply { word: Some(Word::Tour), ..Reply::default() },
};
