//! `hermes chat -q` and `hermes -z`: one question round the same ring, without a screen.

use super::{Subcommand, World, open, print, runtime};
use crate::{
    app::{
        headless::{Ended, Event, Headless},
        start,
    },
    domain::{
        catalog::Provider,
        conversation::{Ending, Usage, Use, Used},
        facts::{Facts, Theme},
        foreign::tame_line,
        pane::{Choice, Draft, Unfinished},
        tool::{Approvals, Own, Standing},
        trouble::{Exit, Trouble},
        turn::Part,
    },
    flow::news::News,
    services::tasks,
    settings::config::Config,
    ui::wrap,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::{
    io::{IsTerminal, Read},
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
    },
    run,
};

/// What is printed of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The text as it comes.
    Stream,
    /// The text when it is complete.
    Final,
    /// One JSON event a line.
    Json,
}

fn run(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let query = matches.get_one::<String>("query");
    if query.is_none() && std::io::stdin().is_terminal() {
        return open::run(world);
    }
    let form = if matches.get_flag("json") { Form::Json } else { Form::Stream };
    ask(query.map(String::as_str).unwrap_or_default(), form, world)
}

/// `hermes -z`: the final answer only.
pub(super) fn answer_only(question: &str, world: &World) -> Result<u8, Trouble> {
    ask(question, Form::Final, world)
}

fn ask(question: &str, form: Form, world: &World) -> Result<u8, Trouble> {
    prepare(question, world).and_then(|(facts, draft, runner)| turn(facts, draft, form, runner, world)).or_else(|trouble| {
        if form == Form::Json {
            event(&error_event(&trouble));
            return Ok(trouble.exit.status());
        }
        Err(trouble)
    })
}

fn prepare(question: &str, world: &World) -> Result<(Facts, Draft, Config), Trouble> {
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
        set.standing = Standing::Unusable("nobody is there to ask".into());
    }
    Ok((facts, Draft::new(text), config))
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

/// Prints what happens in the form that was asked for.
struct Printer {
    form: Form,
    answer: String,
    printed: usize,
    open_line: bool,
    /// A line of commentary is not ended yet.
    open_note: bool,
    /// The commentary that is coming was told.
    commented: bool,
    /// The model called a tool.
    called: bool,
    /// How the last round ended.
    ending: Option<Ending>,
    /// What all rounds took, as the service says.
    usage: Usage,
}

impl Printer {
    fn new(form: Form) -> Self {
        Self {
            form,
            answer: String::new(),
            printed: 0,
            open_line: false,
            open_note: false,
            commented: false,
            called: false,
            ending: None,
            usage: Usage::default(),
        }
    }

    /// False when nobody reads any more.
    fn news(&mut self, news: &News) -> bool {
        match news {
            News::PartsArrived { parts, .. } => parts.iter().all(|part| self.part(part)),
            News::Done(words) | News::Told(words) => {
                print::note(&format!("{words}\n"));
                true
            }
            News::TurnRetrying { wait, reason, .. } => {
                let seconds = *wait as f64 / 1000.0;
                if self.form == Form::Stream {
                    print::note(&format!("{reason}: trying again in {seconds:.0} s\n"));
                }
                self.event(json!({ "type": "retry", "wait": seconds, "reason": reason }))
            }
            News::RoundFinished { ending, usage, .. } => {
                self.ending = Some(*ending);
                self.usage.add(usage);
                if std::mem::take(&mut self.called) {
                    // its calls are done next, and another answer comes
                    self.end_line();
                    self.answer.clear();
                    self.printed = 0;
                }
                true
            }
            _ => true,
        }
    }

    /// A call has ended.
    fn returned(&mut self, id: &str, used: &Use) -> bool {
        if self.form == Form::Stream {
            self.end_line();
            let (verb, subject) = match &used.told {
                Some(told) => (told.done.as_ref(), told.subject.as_str()),
                None => (used.call.name.as_str(), used.call.arguments.as_str()),
            };
            let became = match &used.state {
                Used::Done(outcome) => outcome.note.clone(),
                Used::Refused { .. } => "refused: nobody is there to allow it; `--yolo` does".into(),
                _ => "stopped".into(),
            };
            let became = if became.is_empty() { became } else { format!("  ({became})") };
            print::note(&format!("{}\n", tame_line(&format!("{verb} {}{became}", wrap::ellipsis(subject, 200)))));
        }
        let ok = matches!(&used.state, Used::Done(outcome) if outcome.ok);
        self.event(json!({ "type": "tool_result", "id": id, "ok": ok, "output": used.output() }))
    }

    /// The turn is over. False when nobody reads any more.
    fn finish(&mut self, facts: &Facts) -> bool {
        let whole = self.form != Form::Final || self.text(&self.answer.clone());
        self.end_line();
        let pane = facts.front();
        let (reason, short) = match self.ending {
            _ if pane.unfinished == Some(Unfinished::Work) => {
                ("max_turns", "The limit of rounds with tools was reached: the work is not finished (`agent.max_turns`)")
            }
            Some(Ending::Truncated) => ("length", "The limit of the output was reached: the answer is not whole"),
            Some(Ending::Filtered) => ("content_filter", "The provider's filter withheld the rest: the answer is not whole"),
            _ => ("stop", ""),
        };
        if !short.is_empty() {
            print::note(&format!("{short}\n"));
        }
        let usage = &self.usage;
        let cost = if usage.cost_ticks > 0 { json!(usage.cost_usd()) } else { Value::Null };
        whole
            && self.event(json!({ "type": "done", "finish_reason": reason, "usage": {
                "input_tokens": usage.input_tokens, "cached_tokens": usage.cached_tokens,
                "output_tokens": usage.output_tokens, "reasoning_tokens": usage.reasoning_tokens, "cost_usd": cost } }))
    }

    fn part(&mut self, part: &Part) -> bool {
        match part {
            Part::Text(delta) => self.words(delta),
            Part::TextDone { text, commentary: false, .. } => {
                // the finished item is the source of truth for what is not printed yet
                if self.form == Form::Final {
                    self.answer.truncate(self.printed);
                }
                // what the deltas left out, when there were none at all
                let rest = if self.answer[self.printed..].is_empty() { text.clone() } else { String::new() };
                let whole = self.words(&rest);
                self.printed = self.answer.len();
                whole
            }
            // only its end was marked; what a stream has printed stays printed
            Part::TextWasThought => {
                self.answer.clear();
                self.printed = 0;
                true
            }
            Part::Commentary(delta) => {
                self.commented = true;
                if self.form == Form::Stream {
                    print::note(delta);
                    self.open_note = !delta.ends_with('\n');
                }
                self.event(json!({ "type": "commentary", "text": delta }))
            }
            Part::TextDone { commentary: true, text, .. } => {
                // what the deltas left out, when there were none at all
                let whole = std::mem::take(&mut self.commented) || text.is_empty() || self.part(&Part::Commentary(text.clone()));
                self.commented = false;
                if std::mem::take(&mut self.open_note) {
                    print::note("\n");
                }
                whole
            }
            Part::Thought(delta) => self.event(json!({ "type": "reasoning", "text": delta })),
            Part::Call { call, .. } => {
                self.called = true;
                self.event(json!({ "type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments }))
            }
            Part::ThoughtDone { .. } => true,
        }
    }

    fn words(&mut self, delta: &str) -> bool {
        if delta.is_empty() {
            return true;
        }
        self.answer.push_str(delta);
        match self.form {
            Form::Stream => self.text(delta),
            Form::Json => self.event(json!({ "type": "text", "text": delta })),
            Form::Final => true,
        }
    }

    fn text(&mut self, text: &str) -> bool {
        if text.is_empty() {
            return true;
        }
        self.open_line = !text.ends_with('\n');
        print::out(text)
    }

    fn end_line(&mut self) {
        if std::mem::take(&mut self.open_line) {
            print::out("\n");
        }
    }

    fn event(&self, value: Value) -> bool {
        self.form != Form::Json || event(&value)
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
