//! `/compare`

use super::{Command, When};
use crate::{
    domain::{facts::Facts, pane::Choice, panes::MOST},
    flow::{intent::Intent, screen::Reply},
    providers,
};

pub(super) static COMMAND: Command = Command {
    name: "compare",
    also: "several models side by side",
    takes: "MODEL MODEL…",
    about: "Ask several models the same, side by side",
    when: When::Idle,
    choices,
    run: |models, facts| {
        let choices: Vec<Choice> = models.split_whitespace().map(|model| named(model, facts)).collect();
        match choices.len() {
            0 if facts.panes.count() > 1 => Reply::intent(Intent::Tie(true)),
            0 | 1 => Reply::intent(Intent::Tell("Name two to four models: /compare grok-4.3 grok-4.20".into())),
            n if n > MOST => Reply::intent(Intent::Tell(format!("{MOST} models fit one window; {n} were named"))),
            _ => Reply::intent(Intent::Compare(choices)),
        }
    },
};

/// A model of the provider that answers now, or of the one that is named before it: `openrouter:qwen/qwen3-max`.
fn named(model: &str, facts: &Facts) -> Choice {
    let now = &facts.front().choice;
    let elsewhere = model.split_once(':').and_then(|(provider, model)| Some((providers::named(provider).ok()?, model)));
    match elsewhere {
        Some((provider, model)) if !model.is_empty() => Choice { provider, model: model.into(), effort: now.effort.clone() },
        _ => Choice { model: model.into(), ..now.clone() },
    }
}

/// The models after those that are named already.
fn choices(facts: &Facts) -> Vec<String> {
    let list = facts.catalog.models.get(facts.front().choice.provider.id);
    list.map(|list| list.models.iter().map(|model| model.id.clone()).collect()).unwrap_or_default()
}
