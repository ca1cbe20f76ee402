//! `/effort`

use super::{Command, When};
use crate::{
    domain::facts::Facts,
    flow::{intent::Intent, screen::Reply},
};

pub static COMMAND: Command = Command {
    name: "effort",
    also: "thinking reasoning",
    takes: "LEVEL",
    about: "How hard the model thinks",
    when: When::Always,
    choices,
    run: |effort, facts| match effort {
        "" => {
            let now = facts.catalog.effort_to_send(&facts.front().choice).unwrap_or("none is sent");
            let takes = choices(facts);
            let takes = if takes.is_empty() { "this model takes none".to_string() } else { takes.join(", ") };
            Reply::intent(Intent::Tell(format!("Effort: {now} ({takes})")))
        }
        effort => Reply::intent(Intent::SetEffort(effort.to_string())),
    },
};

fn choices(facts: &Facts) -> Vec<String> {
    facts.catalog.model(&facts.front().choice).map(|m| m.efforts.clone()).unwrap_or_default()
}
