//! The `terminal` toolset: a shell with a time limit whose working folder is kept, and processes in the background. Every command is
//! asked for, in full; some are never run. Where the system allows it a command does not see the program's secrets (`shell::view`).

pub mod dangers;
pub mod words;

use super::{
    Call, Returned, Row, Tell, ToolRow,
    arguments::Arguments,
    shell::{self, Ended, Log, Process},
    workshop::{Bench, Workshop},
};
use crate::{
    domain::{
        conversation::Outcome,
        tool::{Needs, Request, Risk, Rule, Shown},
    },
    settings::paths::shown,
};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Running commands.
pub static TOOLSET: Row = Row {
    name: "terminal",
    label: "💻 Terminal & Processes",
    is_on: true,
    backend: None,
    tools: &[
        ToolRow {
            name: "terminal",
            doing: "Running",
            done: "Ran",
            subject: &["command"],
            about: "Runs a shell command and gives its output and exit status. The working folder is kept from one call to the next. There is no \
                    terminal and no standard input: use flags instead of questions. What should go on after the call (a server, a watcher) is \
                    started with `background`. Use the file tools to read, search and change files.",
            takes: r#"{"type":"object","properties":{
                "command":{"type":"string","description":"The command, for bash where there is one"},
                "background":{"type":"boolean","description":"Start it and return at once; the tool `process` looks after it"},
                "timeout":{"type":"integer","description":"Seconds that it may take, at most 600"},
                "workdir":{"type":"string","description":"The folder for this command only"}},"required":["command"]}"#,
            risk: Risk::Changes,
            own: None,
            needs: Needs::Nothing,
        },
        ToolRow {
            name: "process",
            doing: "Looking after",
            done: "Looked after",
            subject: &["session_id", "action"],
            about: "Looks after the processes that `terminal` started in the background: `list` them, `poll` one for its state and its last \
                    output, read its `log`, `wait` for its end, `kill` it, `write` text to its input, `submit` a line, `close` its input.",
            takes: r#"{"type":"object","properties":{
                "action":{"type":"string","description":"What is to be done","enum":["list","poll","log","wait","kill","write","submit","close"]},
                "session_id":{"type":"string","description":"The process: proc_…"},
                "data":{"type":"string","description":"What to write"},
                "timeout":{"type":"integer","description":"Seconds to wait, at most 600"},
                "offset":{"type":"integer","description":"The first line of the log; the last lines where it is left out"},
                "limit":{"type":"integer","description":"Lines of the log, at most 2000"}},"required":["action"]}"#,
            risk: Risk::Changes,
            own: None,
            needs: Needs::Nothing,
        },
    ],
    run: |call| {
        async move {
            let bench = call.workshop.bench(&call.order.conversation);
            match call.order.call.name.as_str() {
                "process" => process(&call, &bench).await,
                _ => terminal(&call, &bench).await,
            }
        }
        .boxed()
    },
    trial: Some(("terminal", r#"{"command":"uname -sr && pwd"}"#)),
};

/// Seconds that a command may take.
const LONGEST: u64 = 600;

async fn terminal(call: &Call<'_>, bench: &Bench) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&["command", "background", "timeout", "workdir"])?;
    let command = arguments.text("command")?.trim();
    let background = arguments.flag("background")?;
    let usual = call.workshop.services.settings.current().tools.command_timeout.as_secs().clamp(1, LONGEST);
    let timeout = Duration::from_secs(arguments.number("timeout", 1..=LONGEST, usual)?);
    let home = call.workshop.services.home();
    let elsewhere = arguments.maybe_text("workdir")?.map(|workdir| folder(workdir, bench, home.as_deref()));
    let is_elsewhere = elsewhere.is_some();
    let folder = elsewhere.unwrap_or_else(|| bench.folder());
    if let Some(blocked) = blocked(command, call.workshop) {
        return Ok(blocked);
    }
    let stamp = stamp(&(command, background, &folder));
    if call.order.allowed != Some(stamp) {
        let title = if background { "Start this in the background?" } else { "Run this command?" };
        return Ok(Returned::Asks(Request { title: title.into(), ..request(command, shown(&folder), stamp) }));
    }
    let order = call.workshop.shell_order(command, folder, timeout).await?;
    if background {
        shell::learn(&order.setting).await;
        return bench.background.start(order).map(|started| Returned::Outcome(begun(&started)));
    }
    let ended = shell::run(order, call.tell).await?;
    if !is_elsewhere {
        bench.go(ended.folder.clone());
    }
    Ok(Returned::Outcome(outcome(&ended)))
}

fn folder(workdir: &str, bench: &Bench, home: Option<&Path>) -> PathBuf {
    match (workdir.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => bench.folder().join(workdir),
    }
}

/// What is never run, whoever allows it.
fn blocked(command: &str, workshop: &Workshop) -> Option<Returned> {
    let home = workshop.services.home().map(|home| home.display().to_string());
    let why = dangers::forbidden(command, home.as_deref())?;
    let error = format!("BLOCKED (hardline): {why}. It is never run, whoever allows it. Don't try it in another way.");
    let output = json!({ "output": "", "exit_code": -1, "status": "blocked", "error": error });
    let shown = Some(Shown::Text(error.into()));
    Some(Returned::Outcome(Outcome { shown, note: format!("blocked: {why}"), ..Outcome::failed(output.to_string()) }))
}

async fn process(call: &Call<'_>, bench: &Bench) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&["action", "session_id", "data", "timeout", "offset", "limit"])?;
    const ACTIONS: [&str; 8] = ["list", "poll", "log", "wait", "kill", "write", "submit", "close"];
    let action = arguments.one_of("action", &ACTIONS)?.ok_or_else(|| format!("`action` is missing: one of {}.", ACTIONS.join(", ")))?;
    let all = &bench.background;
    if action == "list" {
        let list: Vec<Value> = all.list().iter().map(state).collect();
        let note = format!("{} there", list.len());
        return Ok(done(json!({ "processes": list }), note));
    }
    let id = arguments.text("session_id")?;
    Ok(match action {
        "poll" => of(&all.poll(id)?),
        "log" => {
            let limit = usize::try_from(arguments.number("limit", 1..=2000, 200)?).unwrap_or(200);
            let offset = arguments.number("offset", 0..=u64::from(u32::MAX), 0)?;
            let log = all.log(id, usize::try_from(offset).ok().and_then(|offset| offset.checked_sub(1)), limit)?;
            Returned::Outcome(logged(id, &log))
        }
        "wait" => {
            let limit = arguments.number("timeout", 1..=LONGEST, 60)?;
            of(&all.wait(id, Duration::from_secs(limit)).await?)
        }
        "kill" => of(&all.kill(id)?),
        "close" => {
            all.close(id).await?;
            of(&all.poll(id)?)
        }
        _ => {
            let mut data = arguments.text("data")?.to_string();
            let command = all.poll(id)?.command;
            // what is typed into a shell is a command like any other
            if let Some(blocked) = blocked(&data, call.workshop) {
                return Ok(blocked);
            }
            let stamp = stamp(&(id, action, &data));
            if call.order.allowed != Some(stamp) {
                let title = format!("Type this into {id}?");
                // what may be typed here is no command elsewhere, and no command may be typed unasked
                let rule = Rule::Command(format!("{id} {action}: {data}"));
                return Ok(Returned::Asks(Request { title, rule, ..request(&data, format!("`{command}`"), stamp) }));
            }
            if action == "submit" && !data.ends_with('\n') {
                data.push('\n');
            }
            all.write(id, data.as_bytes()).await?;
            of(&all.poll(id)?)
        }
    })
}

/// Runs a shell line of the person's own: nobody is asked, and it may take as long as it takes.
pub async fn own_line(conversation: &str, command: &str, workshop: &Arc<Workshop>, tell: Tell<'_>) -> Outcome {
    const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let bench = workshop.bench(conversation);
    let ended = match workshop.shell_order(command, bench.folder(), A_DAY).await {
        Ok(order) => shell::run(order, tell).await,
        Err(why) => Err(why),
    };
    match ended {
        Ok(ended) => {
            bench.go(ended.folder.clone());
            let outcome = outcome(&ended);
            let output = outcome.shown.as_ref().map_or_else(|| outcome.output.clone(), |shown| shown.text().clone());
            Outcome { output, shown: None, ..outcome }
        }
        Err(why) => Outcome::failed(why),
    }
}

fn request(command: &str, place: String, stamp: u64) -> Request {
    Request {
        title: String::new(),
        what: Shown::Text(command.into()),
        place,
        dangers: dangers::dangers(command).into_iter().map(str::to_string).collect(),
        rule: Rule::Command(command.into()),
        stamp,
    }
}

fn stamp(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn begun(started: &shell::Started) -> Outcome {
    let output = json!({ "output": "Background process started", "session_id": started.id, "pid": started.pid });
    let shown = Some(Shown::Text(format!("{} · pid {}", started.id, started.pid).into()));
    Outcome { ok: true, happened: true, output: output.to_string().into(), shown, note: "in the background".into(), ..Outcome::default() }
}

fn outcome(ended: &Ended) -> Outcome {
    let error = match (ended.timed_out, ended.signal) {
        (true, _) => json!("The time was over, so it was ended. Give it more with `timeout`, or start it in the background."),
        (_, Some(signal)) => json!(format!("Signal {signal} ended it.")),
        _ => Value::Null,
    };
    let note = match (ended.timed_out, ended.signal, ended.exit) {
        (true, ..) => "its time was over".to_string(),
        (_, Some(signal), _) => format!("signal {signal}"),
        (_, _, Some(0)) => String::new(),
        (_, _, exit) => format!("exit {}", exit.unwrap_or(-1)),
    };
    let output = json!({ "output": ended.output, "exit_code": ended.exit, "error": error, "folder": ended.folder });
    let shown = if ended.output.trim().is_empty() { "(no output)" } else { &ended.output };
    let ok = ended.exit == Some(0);
    Outcome { ok, happened: true, output: output.to_string().into(), shown: Some(Shown::Text(shown.into())), note, ..Outcome::default() }
}

fn state(process: &Process) -> Value {
    json!({
        "session_id": process.id, "pid": process.pid, "command": process.command, "running": process.running, "exit_code": process.exit,
        "signal": process.signal, "error": process.trouble, "seconds": process.ran.as_secs(), "output_bytes": process.bytes,
        "last_output": process.last, "file": process.whole,
    })
}

fn of(process: &Process) -> Returned {
    let note = match (process.running, process.exit) {
        (true, _) => "running".to_string(),
        (false, Some(exit)) => format!("exit {exit}"),
        (false, None) => "ended".into(),
    };
    done(state(process), note)
}

fn done(value: Value, note: String) -> Returned {
    Returned::Outcome(Outcome { ok: true, happened: true, output: value.to_string().into(), note, ..Outcome::default() })
}

fn logged(id: &str, log: &Log) -> Outcome {
    let output = json!({ "session_id": id, "output": log.text, "first_line": log.first + 1, "lines": log.lines, "bytes_before": log.lost });
    let shown = Some(Shown::Text(log.text.as_str().into()));
    Outcome {
        ok: true,
        happened: true,
        output: output.to_string().into(),
        shown,
        note: format!("{} lines", log.lines),
        ..Outcome::default()
    }
}
