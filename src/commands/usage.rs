//! `/usage`

use super::{Command, When, no_choices};
use crate::{
    domain::catalog::{self, Login},
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
        let (usage, choice) = (&facts.front().usage, &facts.front().choice);
        let context = usage.context_tokens.unwrap_or(0);
        let context = match facts.catalog.context(choice) {
            Some(most) => format!("{} of {}", catalog::tokens(context), catalog::tokens(most)),
            None => catalog::tokens(context),
        };
        // what has no price was never counted; what was counted stays, whoever is chosen now
        let cost = match usage.cost_ticks {
            1.. => format!("${:.4}", usage.cost_usd()),
            _ if choice.provider.login == Login::OAuth => "part of the plan".into(),
            _ if choice.provider.has_price() => "not told by the server".into(),
            _ => "none".into(),
        };
        Reply::intent(Intent::Note(format!(
            "Read      {} tokens, {} of them from the cache\nWritten   {} tokens, {} of them reasoning\nContext   {context}\nCost      {cost}",
            usage.input_tokens, usage.cached_tokens, usage.output_tokens, usage.reasoning_tokens
        )))
    },
};
