//! `hermes model`: the picker; `list` and `set` without a screen.

use super::{Subcommand, World, open, print, runtime};
use crate::{
    app::start,
    domain::{
        account::{span, time_text},
        catalog::{self, Model, ModelList, Provider, Source},
        foreign::tame_line,
        trouble::{Exit, Trouble},
    },
    effects::listing,
    providers,
    services::now,
    settings::{config::Config, edit, paths::shown},
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::time::Duration;

pub(super) static SUBCOMMAND: Subcommand = Subcommand {
    name: "model",
    command: || {
        Command::new("model")
            .about("Pick the provider and the model")
            .subcommand(
                Command::new("list")
                    .about("The models of a provider")
                    .arg(Arg::new("json").long("json").help("Print JSON").action(ArgAction::SetTrue))
                    .arg(
                        Arg::new("refresh")
                            .long("refresh")
                            .help("Ask the catalog's server also when the file is fresh")
                            .action(ArgAction::SetTrue),
                    ),
            )
            .subcommand(
                Command::new("set")
                    .about("Choose a model without the screen")
                    .arg(Arg::new("model-id").value_name("MODEL").help("The model's id, or `provider:model`").required(true)),
            )
    },
    run: |matches, world| match matches.subcommand() {
        Some(("list", matches)) => list(matches, world),
        Some(("set", matches)) => set(matches, world),
        _ => open::picker(world),
    },
};

/// The provider that is meant: the one that is named, else the one that would be asked.
fn provider(world: &World, config: &Config) -> Result<&'static Provider, Trouble> {
    match &world.wishes.provider {
        Some(name) => providers::named(name),
        None => start::choice(&world.wishes, &world.environment, config, || world.signed_in()).map(|choice| choice.provider),
    }
}

fn list(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let config = world.config();
    let provider = provider(world, &config)?;
    let chosen = config.model.clone().unwrap_or_else(|| provider.default_model.to_string());
    let said =
        config.context.filter(|_| config.provider.as_deref().is_none_or(|name| providers::named(name).is_ok_and(|p| p.id == provider.id)));
    let services = world.services(config)?;
    let anew = matches.get_flag("refresh");
    // who asks for a new list waits for it; anybody else is answered at once
    let patience = if anew { Duration::from_secs(15) } else { Duration::from_millis(1_500) };
    let (mut list, damage) = runtime::run(&services, listing::at_once(provider, &services, anew, patience))?;
    if let Some(damage) = damage {
        print::note(&format!("The catalog of models can't be used ({damage}); the built-in list is\n"));
    }
    if let (Some(tokens), Some(model)) = (said, list.models.iter_mut().find(|model| model.id == chosen)) {
        model.context = tokens;
    }
    if matches.get_flag("json") {
        print::json(&document(&list, &chosen));
    } else {
        print::out(&text(&list, &chosen, provider));
    }
    Ok(0)
}

fn document(list: &ModelList, chosen: &str) -> Value {
    let model = |m: &Model| {
        json!({ "id": m.id, "context": if m.context > 0 { json!(m.context) } else { Value::Null }, "reasoning": m.thinks, "tools": m.tools,
            "images": m.sees, "efforts": m.efforts, "default": m.id == chosen, "deprecated": m.deprecated, "confirmed": !m.unconfirmed,
            "price": m.price.map(|(input, output)| json!({ "input": input, "output": output })) })
    };
    json!({ "provider": list.provider, "source": list.source.name(), "fetched_at": list.fetched_at.and_then(time_text),
        "models": list.models.iter().map(model).collect::<Vec<_>>() })
}

fn text(list: &ModelList, chosen: &str, provider: &Provider) -> String {
    let age = list.fetched_at.map(|at| span(now().saturating_sub(at))).unwrap_or_default();
    let origin = match list.source {
        Source::Live => "as the provider lists them now".to_string(),
        Source::Cache => format!("from the catalog, {age} old"),
        Source::BuiltIn => "built in".to_string(),
    };
    let mut text = format!("{} ({origin}):\n", provider.title);
    let width = list.models.iter().map(|m| m.id.chars().count()).max().unwrap_or(0).min(48);
    for model in &list.models {
        let mark = if model.id == chosen { "●" } else { " " };
        let context = if model.context > 0 { catalog::tokens(model.context) } else { "?".into() };
        text.push_str(format!("{mark} {:<width$}  {context:>6}  {}", tame_line(&model.id), marks(model)).trim_end());
        text.push('\n');
    }
    if list.models.is_empty() {
        text.push_str("  nothing is listed; any id can be named with `--model`\n");
    }
    text
}

fn marks(model: &Model) -> String {
    let can = [
        (model.thinks, "thinks"),
        (model.tools, "tools"),
        (model.sees, "sees"),
        (model.deprecated, "deprecated"),
        (model.unconfirmed, "not confirmed by the account"),
    ];
    let mut words: Vec<String> = can.iter().filter(|(can, _)| *can).map(|(_, word)| word.to_string()).collect();
    words.extend(model.price.map(|(input, output)| format!("${input}/{output} a million")));
    words.join(" ")
}

fn set(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let wanted = matches.get_one::<String>("model-id").map(|m| m.trim()).unwrap_or_default();
    let config = world.config();
    let (provider, model) = match &world.wishes.provider {
        Some(name) => (providers::named(name)?, wanted),
        None => {
            let present = provider(world, &config).ok();
            let known = present.map(|present| listing::on_disk(present, &world.paths.catalog()).0);
            let is_listed = |id: &str| known.as_ref().is_some_and(|list| list.models.iter().any(|model| model.id == id));
            match providers::meant(wanted, present, is_listed) {
                (Some(provider), model) => (provider, model),
                (None, model) => (provider(world, &config)?, model),
            }
        }
    };
    let model = if provider.catalog == "xai" { catalog::plain_id(model) } else { model.to_string() };
    if model.is_empty() || model.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Trouble::usage("A model's id is one word").help("`hermes model list` shows them").exit(Exit::Usage));
    }
    let path = world.paths.config();
    edit::choose(&path, provider, &model).map_err(|error| {
        Trouble::new("file_unwritable", format!("{} was left as it is: {error}", shown(&path)))
            .help("mend the file, or name the model with `--model`")
    })?;
    print::out(&format!("{model} at {} answers from now on\n", provider.title));
    Ok(0)
}
