//! `hermes tools`: the screen; `list`, `enable` and `disable` without one.

use super::{Subcommand, World, open, print};
use crate::{
    accounts::standing,
    domain::{
        foreign::tame_line,
        tool::{Means, Standing, Toolset},
        trouble::{Exit, Trouble},
    },
    providers::{XAI, XAI_OAUTH},
    settings::{edit, paths::shown},
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

pub(super) static SUBCOMMAND: Subcommand = Subcommand {
    name: "tools",
    command: || {
        let names = || Arg::new("names").value_name("NAME").help("Names of toolsets").required(true).num_args(1..);
        Command::new("tools")
            .about("What the model may use")
            .subcommand(
                Command::new("list")
                    .about("All toolsets, and whether they are on")
                    .arg(Arg::new("json").long("json").help("Print JSON").action(ArgAction::SetTrue)),
            )
            .subcommand(Command::new("enable").about("Switch toolsets on").arg(names()))
            .subcommand(Command::new("disable").about("Switch toolsets off").arg(names()))
    },
    run: |matches, world| match matches.subcommand() {
        Some(("list", matches)) => {
            let means = means(world);
            let sets: Vec<(Toolset, Standing)> = world
                .tools(&world.config())
                .sets
                .into_iter()
                .map(|set| (set.effective(&means), set))
                .map(|(standing, set)| (set, standing))
                .collect();
            match matches.get_flag("json") {
                true => drop(print::json(&Value::Array(sets.iter().map(document).collect()))),
                false => drop(print::out(&sets.iter().map(line).collect::<String>())),
            }
            Ok(0)
        }
        Some(("enable", matches)) => switch(matches, true, world),
        Some(("disable", matches)) => switch(matches, false, world),
        _ => open::tools(world),
    },
};

/// What there is for tools; models differ in whether they take pictures, so that is not asked here.
fn means(world: &World) -> Means {
    let store = world.auth_file().read().unwrap_or_default();
    let has = |provider| standing::status(provider, &store, &world.environment).signed_in;
    Means { sees: true, searches: true, xai: Some(has(XAI_OAUTH) || has(XAI)) }
}

fn document((set, standing): &(Toolset, Standing)) -> Value {
    let tools: Vec<&str> = set.tools.iter().map(|tool| tool.name.as_ref()).collect();
    let reason = match standing {
        Standing::Unusable(why) => json!(why),
        _ => Value::Null,
    };
    json!({ "toolset": set.name, "label": set.label, "enabled": *standing != Standing::Off, "usable": *standing == Standing::Ready,
        "reason": reason, "backend": set.backend.map(|backend| backend.name), "tools": tools })
}

fn line((set, standing): &(Toolset, Standing)) -> String {
    let (mark, state) = match standing {
        Standing::Ready => ("✓", "on".to_string()),
        Standing::Unusable(why) => ("✗", format!("on, but {why}")),
        Standing::Off => (" ", "off".to_string()),
    };
    tame_line(&format!("{mark} {:<12} {}  {state}", set.name, set.label)) + "\n"
}

fn switch(matches: &ArgMatches, on: bool, world: &World) -> Result<u8, Trouble> {
    let config = world.config();
    let sets = world.tools(&config).sets;
    let names: Vec<&str> = matches.get_many::<String>("names").into_iter().flatten().map(String::as_str).collect();
    if let Some(unknown) = names.iter().find(|name| !sets.iter().any(|set| set.name == **name)) {
        let known: Vec<&str> = sets.iter().map(|set| set.name.as_ref()).collect();
        return Err(Trouble::usage(format!("There is no toolset `{unknown}`")).help(format!("there are {}", known.join(", "))));
    }
    let path = world.paths.config();
    edit::switch_toolsets(&path, &names, on)
        .map_err(|error| Trouble::new("file_unwritable", format!("{} was left as it is: {error}", shown(&path))).exit(Exit::Failed))?;
    for name in names {
        print::out(&format!("{name} is {}\n", if on { "on" } else { "off" }));
    }
    Ok(0)
}
