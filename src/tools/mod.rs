//! The table of toolsets: what a model may call. A toolset that is not in the table does not exist; a model is offered exactly what is
//! listed here, switched on and usable. Every tool stays away from the program's own secrets (`guard`).

pub mod alike;
pub mod arguments;
pub mod attach;
pub mod context;
pub mod file;
pub mod guard;
pub mod mcp;
pub mod media;
pub mod memory;
pub mod own;
pub mod pictures;
pub mod shell;
pub mod skills;
pub mod terminal;
pub mod vision;
pub mod web;
pub mod workshop;
pub mod x_search;
pub mod xai;

use crate::{
    domain::{
        catalog::Provider,
        conversation::{self, EntryId, Outcome},
        tool::{Approvals, Backend, Needs, Own, Request, Risk, Rule, Tool, Tools, Toolset, Words},
        turn::TurnId,
    },
    flow::effect::ToolOrder,
    settings::config::{Config, media::media_key, tools::is_toolset},
};
use arguments::Arguments;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use std::{path::Path, sync::Arc};
use workshop::Workshop;

/// A toolset as it is built in.
pub struct Row {
    /// The name in the configuration.
    pub name: &'static str,
    /// What people read, with its sign.
    pub label: &'static str,
    /// Whether it is on where nobody says anything.
    pub is_on: bool,
    /// Who does it, where that is a service.
    pub backend: Option<&'static Backend>,
    /// Its tools.
    pub tools: &'static [ToolRow],
    /// Does a call of one of them.
    pub run: Run,
    /// A call that shows that it works, and harms nothing: the tool, and JSON.
    pub trial: Option<(&'static str, &'static str)>,
}

/// A tool as it is built in.
pub struct ToolRow {
    /// The name that the model uses.
    pub name: &'static str,
    /// While it runs: `Reading`.
    pub doing: &'static str,
    /// Afterwards: `Read`.
    pub done: &'static str,
    /// The argument that says what it is about.
    pub subject: &'static [&'static str],
    /// What the model is told about it.
    pub about: &'static str,
    /// The schema of its arguments, JSON.
    pub takes: &'static str,
    /// What calling it may do.
    pub risk: Risk,
    /// Who answers, if it is not `run`.
    pub own: Option<Own>,
    /// What has to be there.
    pub needs: Needs,
}

/// A call with its arguments.
pub struct Call<'a> {
    /// What is ordered.
    pub order: &'a ToolOrder,
    /// What it is called with.
    pub arguments: Map<String, Value>,
    /// What it works with.
    pub workshop: &'a Arc<Workshop>,
    /// Takes what it prints.
    pub tell: Tell<'a>,
}

/// Does a call. The error is for the model.
pub type Run = for<'a> fn(Call<'a>) -> BoxFuture<'a, Result<Returned, String>>;

/// Takes what a tool prints.
pub type Tell<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// What came of a call.
#[derive(Debug, PartialEq)]
pub enum Returned {
    /// Somebody has to allow it first.
    Asks(Request),
    /// It has ended.
    Outcome(Outcome),
}

/// Every toolset, in the order of the screens.
pub static REGISTRY: &[&Row] = &[
    &web::TOOLSET,
    &terminal::TOOLSET,
    &file::TOOLSET,
    &vision::TOOLSET,
    &media::IMAGE,
    &media::VIDEO,
    &media::SPEECH,
    &media::TRANSCRIPTION,
    &x_search::TOOLSET,
    &skills::TOOLSET,
    &own::TODO,
    &memory::TOOLSET,
    &own::CLARIFY,
];

/// What models may use, by the settings. `wished` is the list of the command line, which wins.
pub fn tools(config: &Config, wished: Option<&[String]>, yolo: bool, folder: &Path) -> Tools {
    let is_known = |name: &String| is_toolset(name);
    let listed =
        wished.or(config.tools.toolsets.as_deref()).filter(|list| wished.is_some() || list.is_empty() || list.iter().any(is_known));
    let is_on = |row: &Row| {
        let said = listed.map_or(row.is_on, |list| list.iter().any(|name| name == row.name || name == "all" || name == "*"));
        said && !config.tools.disabled.iter().any(|name| name == row.name)
    };
    let media = &config.tools.media;
    let built_in = |row: &&Row| {
        // what Hermes Agent has others for is theirs to do
        let other = media.provider(row.name).filter(|provider| *provider != "xai");
        let barred = other.map(|other| format!("`{}.provider` is {other}, which only Hermes Agent has", media_key(row.name)));
        Toolset { on: is_on(row), barred, model: media.model(row.name).map(str::to_string), ..toolset(row) }
    };
    // servers are on unless somebody says otherwise; a list of the command line names what is meant
    let named = |name: &str| listed.is_some_and(|list| list.iter().any(|there| there == name || there == "all" || there == "*"));
    let is_barred = listed.is_some_and(|list| list.iter().any(|name| name == "no_mcp"));
    let servers = mcp::names(&config.tools.servers).into_iter().map(|(name, enabled)| {
        let is_off = !enabled || (wished.is_some() && !named(&name)) || is_barred || config.tools.disabled.contains(&name);
        Toolset {
            label: format!("🔌 {name}").into(),
            name: mcp::toolset(&name).into(),
            tools: vec![],
            backend: None,
            model: None,
            can_try: false,
            on: !is_off,
            barred: None,
            served: true,
            ails: None,
        }
    });
    Tools {
        sets: REGISTRY.iter().map(built_in).chain(servers).collect(),
        rules: config.tools.allowlist.iter().map(|rule| Rule::read(rule)).collect(),
        approvals: if yolo || config.tools.approves_all { Approvals::Yes } else { Approvals::Ask },
        most_rounds: config.tools.max_turns,
        folder: folder.display().to_string(),
        reads_context: true,
        ..Tools::default()
    }
}

/// One that is built in, as long as nobody has said anything.
fn toolset(row: &Row) -> Toolset {
    let tool = |tool: &ToolRow| {
        Arc::new(Tool {
            name: tool.name.into(),
            words: Words { doing: tool.doing.into(), done: tool.done.into(), subject: tool.subject },
            about: tool.about.into(),
            takes: tool.takes.into(),
            risk: tool.risk,
            own: tool.own,
            needs: tool.needs,
        })
    };
    let tools = row.tools.iter().map(tool).collect();
    Toolset {
        name: row.name.into(),
        label: row.label.into(),
        tools,
        backend: row.backend,
        model: None,
        can_try: row.trial.is_some(),
        on: row.is_on,
        barred: None,
        served: false,
        ails: None,
    }
}

/// Names of a list of toolsets that nobody knows.
pub fn unknown<'a>(wished: &'a [String], config: &Config) -> Vec<&'a str> {
    let served = mcp::names(&config.tools.servers);
    let known = |name: &str| {
        served.iter().any(|(there, _)| there == name) || matches!(name, "all" | "*") || name.starts_with("hermes-") || is_toolset(name)
    };
    wished.iter().map(String::as_str).filter(|name| !known(name)).collect()
}

/// Does a call.
pub async fn run(order: &ToolOrder, workshop: &Arc<Workshop>, tell: Tell<'_>) -> Returned {
    let row = REGISTRY.iter().find(|row| row.tools.iter().any(|tool| tool.name == order.call.name));
    let done = match (row, Arguments::read(&order.call.arguments)) {
        (Some(row), Ok(arguments)) => (row.run)(Call { order, arguments, workshop, tell }).await,
        (Some(_), Err(mistake)) => Err(mistake),
        (None, Ok(arguments)) => workshop.servers.call(order, arguments).await,
        (None, Err(mistake)) => Err(mistake),
    };
    done.unwrap_or_else(|mistake| Returned::Outcome(Outcome::failed(mistake)))
}

/// Tries a toolset: a call that harms nothing, or, where making something costs, asking the service who is there.
pub async fn try_one(name: &str, provider: &'static Provider, workshop: &Arc<Workshop>) -> Outcome {
    let Some(row) = REGISTRY.iter().find(|row| row.name == name) else { return Outcome::failed("There is no such toolset.") };
    let Some((tool, arguments)) = row.trial else { return media::asked(name, provider, workshop).await };
    let call = conversation::Call { id: String::new(), name: tool.into(), arguments: arguments.into() };
    let order = |allowed| ToolOrder {
        turn: TurnId::default(),
        conversation: "trial".into(),
        provider,
        entry: EntryId(0),
        call: call.clone(),
        offered: vec![],
        allowed,
    };
    // what is tried is ours, and the person asked for it
    match run(&order(None), workshop, &|_| {}).await {
        Returned::Outcome(outcome) => outcome,
        Returned::Asks(request) => match run(&order(Some(request.stamp)), workshop, &|_| {}).await {
            Returned::Outcome(outcome) => outcome,
            Returned::Asks(_) => Outcome::failed("It was not done."),
        },
    }
}

/// The definition that goes with a request, in the flat form of the Responses API (`docs/wire.md` 5); none for a schema that is no JSON.
pub fn definition(tool: &Tool) -> Option<Value> {
    if tool.own == Some(Own::Service) {
        return Some(serde_json::json!({ "type": tool.name }));
    }
    let parameters: Value = serde_json::from_str(&tool.takes).ok()?;
    Some(serde_json::json!({ "type": "function", "name": tool.name, "description": tool.about, "parameters": parameters }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn on(config: &str, wished: Option<&[String]>) -> Vec<String> {
        let tools = tools(&Config::parse(config, &|_| None).unwrap(), wished, false, Path::new("/"));
        tools.sets.iter().filter(|set| set.on).map(|set| set.name.to_string()).collect()
    }

    #[test]
    fn the_table_of_tools_is_sound() {
        let (mut names, mut sets) = (HashSet::new(), HashSet::new());
        for row in REGISTRY {
            assert!(sets.insert(row.name) && !row.label.is_empty() && !row.tools.is_empty() && is_toolset(row.name));
            for tool in toolset(row).tools {
                assert!(names.insert(tool.name.clone()) && !tool.about.is_empty() && !tool.words.doing.is_empty());
                if tool.own == Some(Own::Service) {
                    assert_eq!(definition(&tool), Some(serde_json::json!({ "type": tool.name })));
                    continue;
                }
                let definition = definition(&tool).unwrap_or_else(|| panic!("{}: its schema is no JSON", tool.name));
                let parameters = &definition["parameters"];
                assert_eq!(parameters["type"], "object", "{}", tool.name);
                assert!(
                    parameters["properties"].is_object() && !tool.takes.contains("\"pattern\":\"") && !tool.takes.contains("\"format\"")
                );
                assert!(!tool.about.contains("  "), "{}", tool.name);
                let properties = parameters["properties"].as_object().unwrap();
                for required in parameters["required"].as_array().into_iter().flatten() {
                    assert!(properties.contains_key(required.as_str().unwrap()));
                }
                // what the service's grammar refuses (`docs/wire.md` 5)
                for (name, property) in properties {
                    assert!(property["description"].as_str().is_some_and(|text| !text.is_empty()), "{}: {name}", tool.name);
                    assert!(property.get("pattern").is_none() && property.get("format").is_none());
                    let words = property["enum"].as_array().cloned().unwrap_or_default();
                    assert!(words.iter().all(|word| !word.as_str().unwrap().contains('/')));
                }
                let known = |name: &&&str| parameters["properties"].get(**name).is_none();
                assert_eq!(tool.words.subject.iter().find(known), None, "{}: it takes no such argument", tool.name);
            }
        }
    }

    #[test]
    fn a_list_of_toolsets_means_what_hermes_agent_means_by_it() {
        let all = ["web", "terminal", "file", "vision", "image_gen", "tts", "transcription", "skills", "todo", "memory", "clarify"];
        assert_eq!(on("", None), all);
        assert_eq!(on("platform_toolsets: {cli: [hermes-cli]}", None), all);
        assert_eq!(on("platform_toolsets: {cli: [browser, file]}", None), ["file"]);
        assert_eq!(on("platform_toolsets: {cli: [browser]}", None), Vec::<String>::new());
        assert_eq!(on("platform_toolsets: {cli: []}", None), Vec::<String>::new(), "the last one was switched off");
        assert_eq!(
            on("agent: {disabled_toolsets: [terminal]}", None),
            ["web", "file", "vision", "image_gen", "tts", "transcription", "skills", "todo", "memory", "clarify"]
        );
        let wished = ["todo".to_string(), "terminal".to_string()];
        assert_eq!(on("platform_toolsets: {cli: [file]}\nagent: {disabled_toolsets: [terminal]}", Some(&wished)), ["todo"]);
        let config = Config::parse("mcp_servers: {files: {command: x}, gone: {command: y, enabled: false}}", &|_| None).unwrap();
        assert_eq!(unknown(&["todo".into(), "web".into(), "tado".into(), "files".into()], &config), ["tado"]);
        let served = |wished: Option<&[String]>| {
            let sets = tools(&config, wished, false, Path::new("/")).sets;
            sets.into_iter().filter(|set| set.served).map(|set| (set.name.to_string(), set.on)).collect::<Vec<_>>()
        };
        let want = |on| vec![("files".to_string(), on), ("gone".to_string(), false)];
        assert_eq!((served(None), served(Some(&wished)), served(Some(&["files".into()]))), (want(true), want(false), want(true)));
    }
}
