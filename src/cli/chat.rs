//! `hermes chat -q` and `hermes -z`: one question round the same ring, without a screen.

mod printer;

use super::{Subcommand, World, open, print, runtime};
use crate::{
    app::{
        headless::{Ended, Event, Headless},
        start,
    },
    domain::{
        attached::{mention, mentions},
        catalog::Provider,
        facts::{Facts, Theme},
        foreign::tame_line,
        pane::{Choice, Draft, paste_mark},
        tool::{Approvals, Own},
        trouble::{Exit, Trouble},
    },
    services::tasks,
    settings::config::Config,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use printer::{Form, Printer};
use serde_json::{Value, json};
use std::{
    io::{IsTerminal, Read},
    path::Path,
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

pub(super) static SUBCOMMAND: Subcommand = Subcommand {
    name: "chat",
    command: || {
        Command::new("chat")
            .about("Ask one question and stream the answer; without `-q` and with a terminal, open the chat")
            .arg(
                Arg::new("query")
                    .short('q')
                    .long("query")
                    .value_name("PROMPT")
                    .help("The question; standard input is added to it")
                    .allow_hyphen_values(true),
            )
            .arg(Arg::new("json").long("json").help("Print one JSON event a line").action(ArgAction::SetTrue))
            .arg(
                Arg::new("attach")
                    .long("attach")
                    .visible_alias("image")
                    .value_name("PATH")
                    .help("A file or picture that goes with the question; may be repeated")
                    .action(ArgAction::Append)
                    .requires("query"),
            )
    },
    run,
};

fn run(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let query = matches.get_one::<String>("query");
    if query.is_none() && std::io::stdin().is_terminal() {
        return open::run(world);
    }
    let form = if matches.get_flag("json") { Form::Json } else { Form::Stream };
    let files: Vec<&str> = matches.get_many::<String>("attach").into_iter().flatten().map(String::as_str).collect();
    ask(query.map(String::as_str).unwrap_or_default(), &files, form, world)
}

/// `hermes -z`: the final answer only.
pub(super) fn answer_only(question: &str, world: &World) -> Result<u8, Trouble> {
    ask(question, &[], Form::Final, world)
}

fn ask(question: &str, files: &[&str], form: Form, world: &World) -> Result<u8, Trouble> {
    prepare(question, files, world).and_then(|(facts, draft, runner)| turn(facts, draft, form, runner, world)).or_else(|trouble| {
        if form == Form::Json {
            event(&error_event(&trouble));
            return Ok(trouble.exit.status());
        }
        Err(trouble)
    })
}

fn prepare(question: &str, files: &[&str], world: &World) -> Result<(Facts, Draft, Config), Trouble> {
    let mut text = question.to_string();
    if !std::io::stdin().is_terminal() {
        let bytes = piped(!text.trim().is_empty())?;
        let piped = String::from_utf8_lossy(&bytes);
        if !piped.trim().is_empty() {
            text = if text.is_empty() { piped.into_owned() } else { format!("{text}\n\n{piped}") };
        }
    }
    if text.trim().is_empty() {
        return Err(Trouble::usage("There is no question").help("`hermes chat -q \"…\"`, or a text on standard input"));
    }
    let config = world.config();
    let choice = start::choice(&world.wishes, &world.environment, &config, || world.signed_in())?;
    let mut facts = start::facts(choice, Theme::Mono, &config, None, vec![]);
    facts.tools = world.tools(&config);
    if facts.tools.approvals == Approvals::Ask {
        // nobody is there to ask
        facts.tools.approvals = Approvals::Refuse;
    }
    for set in facts.tools.sets.iter_mut().filter(|set| set.tools.iter().any(|tool| tool.own == Some(Own::Clarify))) {
        set.barred = Some("nobody is there to ask".into());
    }
    Ok((facts, draft(text, files)?, config))
}

/// A question with the files that were named beside it. What stands in the question itself names none: it may come from anywhere.
fn draft(text: String, files: &[&str]) -> Result<Draft, Trouble> {
    if let Some(missing) = files.iter().find(|path| !Path::new(path).exists()) {
        return Err(Trouble::new("file_unreadable", format!("There is no `{}`", tame_line(missing))).help("`--attach PATH`"));
    }
    let is_plain = |path: &&&str| mentions(&mention(path)).first().is_some_and(|found| found.path == ***path);
    if let Some(odd) = files.iter().find(|path| !is_plain(path)) {
        return Err(Trouble::new("file_unreadable", format!("The name of `{}` can't be written down in a question", tame_line(odd)))
            .help("give it a name without quotes and line breaks"));
    }
    let mark = paste_mark(0).map(String::from).unwrap_or_default();
    let words = files.iter().map(|path| format!("\n{}", mention(path)));
    Ok(Draft { text: std::iter::once(mark).chain(words).collect(), pastes: vec![text.into()] })
}

/// A pipe that says nothing is waited for so long…
const SILENCE: Duration = Duration::from_secs(3);
/// …and after this the person is told so.
const QUIET: Duration = Duration::from_secs(1);
/// Nobody asks more.
const LARGEST_INPUT: u64 = 16 << 20;

/// What comes on standard input. One that stays open and says nothing is not waited for where there is a question without it; one
/// that has sent something is read to its end.
fn piped(has_question: bool) -> Result<Vec<u8>, Trouble> {
    enum Came {
        Something,
        All(std::io::Result<Vec<u8>>),
    }
    let (sender, receiver) = mpsc::channel();
    // nothing else could end the reading
    tasks::thread(move || {
        let mut input = std::io::stdin().lock();
        let mut bytes = vec![0; 1];
        let first = input.read(&mut bytes);
        let all = match first {
            Ok(0) => Ok(vec![]),
            Ok(_) => {
                // whoever waits may have gone on
                let _ = sender.send(Came::Something);
                input.take(LARGEST_INPUT).read_to_end(&mut bytes).map(|_| bytes)
            }
            Err(error) => Err(error),
        };
        let _ = sender.send(Came::All(all));
    });
    let lost = || Trouble::new("file_unreadable", "Standard input could not be read");
    let mut came = receiver.recv_timeout(QUIET);
    if matches!(came, Err(RecvTimeoutError::Timeout)) {
        print::note(if has_question {
            "Waiting for standard input, which is open\n"
        } else {
            "Waiting for the question on standard input\n"
        });
        came = match has_question {
            true => receiver.recv_timeout(SILENCE - QUIET),
            false => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
    }
    if matches!(came, Ok(Came::Something)) {
        came = receiver.recv().map_err(|_| RecvTimeoutError::Disconnected);
    }
    match came {
        Err(RecvTimeoutError::Timeout) => {
            print::note("Standard input says nothing: the question is asked without it\n");
            Ok(vec![])
        }
        Ok(Came::All(Ok(bytes))) if bytes.len() as u64 > LARGEST_INPUT => {
            Err(Trouble::new("file_unreadable", format!("Standard input is longer than {} MiB", LARGEST_INPUT >> 20))
                .help("ask about a part of it"))
        }
        Ok(Came::All(Ok(bytes))) => Ok(bytes),
        Ok(Came::All(Err(error))) => Err(Trouble::new("file_unreadable", format!("Standard input could not be read: {error}"))),
        Ok(Came::Something) | Err(RecvTimeoutError::Disconnected) => Err(lost()),
    }
}

fn turn(facts: Facts, draft: Draft, form: Form, config: Config, world: &World) -> Result<u8, Trouble> {
    let services = world.services(config)?;
    let ended = runtime::run(&services, async {
        let mut printer = Printer::new(form);
        let (choice, session) = (&facts.front().choice, &facts.front().conversation.id);
        let start = json!({ "type": "start", "session_id": session, "provider": choice.provider.id, "model": choice.model });
        if !printer.event(start) {
            return Ended::Unread;
        }
        let mut ring = Headless::new(facts, services.clone());
        let ended = ring
            .ask(draft, runtime::stop_signal(), |event| match event {
                Event::News(news) => printer.news(news),
                Event::Returned(id, used) => printer.returned(id, used),
            })
            .await;
        printer.end_line();
        if ended == Ended::Finished {
            printer.finish(ring.facts());
        }
        ended
    })?;
    match ended {
        // the reader has seen enough
        Ended::Finished | Ended::Unread => Ok(Exit::Done.status()),
        Ended::Failed(trouble) => {
            let trouble = without_screen(trouble);
            if form == Form::Json {
                event(&error_event(&trouble));
            } else {
                print::trouble(&trouble);
            }
            Ok(trouble.exit.status())
        }
        Ended::Stopped(number) => {
            let trouble = Trouble::new("interrupted", "Stopped").exit(Exit::Interrupted);
            if form == Form::Json {
                event(&error_event(&trouble));
            }
            Ok(128 + number)
        }
    }
}

/// Asks a provider's default model for one word; gives the model that answered.
pub(super) fn prove(provider: &'static Provider, world: &World) -> Result<String, Trouble> {
    let config = world.settings();
    let choice = Choice { provider, model: provider.default_model.into(), effort: None };
    let facts = start::facts(choice, Theme::Mono, &config, None, vec![]);
    let services = world.services(config)?;
    let question = Draft::new("Answer with the word: ready");
    match runtime::run(&services, Headless::new(facts, services.clone()).ask(question, runtime::stop_signal(), |_| true))? {
        Ended::Finished => Ok(provider.default_model.to_string()),
        Ended::Failed(trouble) => Err(trouble),
        Ended::Stopped(_) | Ended::Unread => Err(Trouble::new("interrupted", "Stopped").exit(Exit::Interrupted)),
    }
}

/// Keys and slash commands in a help, and what a script does instead.
const INSTEAD: &[(&str, &str)] = &[
    (
        "F2 picks another model; the question is in the composer again",
        "`hermes model list` shows what there is; `--model` names another one",
    ),
    ("what came is kept; an empty Enter goes on, /retry asks again", "run the command again"),
    ("what came is kept; /retry asks again", "run the command again"),
    ("/retry asks again, /undo takes the question back", "run the command again, or ask something else"),
    ("a lower `/effort` leaves more room for the answer; /retry asks again", "ask for less, or set a lower `agent.reasoning_effort`"),
    ("take the @ away, or name another file; the question is in the composer again", "name another file with `--attach`"),
    ("/new begins another one", "ask something shorter, or another model with `--model`"),
    ("/retry asks it again", "running the command again asks it once more"),
    ("/retry asks again then", "run the command again then"),
    ("/retry asks again", "run the command again"),
    ("then /retry", "then run the command again"),
];

/// Help that names keys and slash commands is of no use to a script.
fn without_screen(mut trouble: Trouble) -> Trouble {
    trouble.help = trouble.help.map(|help| INSTEAD.iter().fold(help, |help, (screen, script)| help.replace(screen, script)));
    trouble
}

fn event(value: &Value) -> bool {
    print::json(value)
}

/// The last event of a run that failed.
pub(super) fn error_event(trouble: &Trouble) -> Value {
    let mut event = serde_json::Map::from_iter([("type".to_string(), Value::from("error"))]);
    event.extend(print::error(trouble));
    Value::Object(event)
}
