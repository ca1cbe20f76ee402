//! `/usage`

use super::{Command, When, no_choices};
use crate::{
    domain::catalog,
    flow::{intent::Intent, screen::Reply},
};

pub static COMMAND: Command = Command {
    name: "usage",
    also: "cost tokens context",
    takes: "",
    about: "Tokens and cost of this conversation",
    when: When::Always,
    choices: no_choices,
    run: |_, facts| {
        let usage = &facts.front().usage;
        let context = usage.context_tokens.unwrap_or(0);
        let context = match catalog::model(&facts.front().choice.model) {
            Some(model) => format!("{} of {}", catalog::tokens(context), catalog::tokens(model.context)),
            None => catalog::tokens(context),
        };
        let cost = match usage.cost_ticks {
            0 if facts.front().choice.provider.has_price() => "not told by the server".into(),
            0 => "none".into(),
            _ => format!("${:.4}", usage.cost_usd()),
        };
        Reply::intent(Intent::Note(format!(
            "Read      {} tokens, {} of them from the cache\nWritten   {} tokens, {} of them reasoning\nContext   {context}\nCost      {cost}",
            usage.input_tokens, usage.cached_tokens, usage.output_tokens, usage.reasoning_tokens
        )))
    },
};
