//! The calls of a round: which are done now, which wait, what the person is asked, and what the model is told of each. Pure, like
//! the rest of the turn. Calls that only look run side by side; one that may change something runs alone, in its place.

use super::round;
use crate::{
    domain::{
        conversation::{Call, EntryId, Outcome, Told, Use, Used},
        facts::Facts,
        pane::{Asks, Pane, PaneId, Question},
        tool::{Means, Own, Request, Risk, Status, Task, Tool, Tools, Verdict},
        turn::Phase,
    },
    flow::effect::{Effect, ToolOrder},
    update::permission::{Decision, decide},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Tasks that a list may have.
const MOST_TASKS: usize = 50;

/// Gives the calls that have just come the words in which they are told.
pub(super) fn name(pane: &mut Pane, tools: &Tools) {
    let unnamed: Vec<EntryId> = pane.conversation.last_calls().filter(|(_, used)| used.told.is_none()).map(|(id, _)| id).collect();
    for id in unnamed {
        let Some(used) = pane.conversation.call_mut(id) else { continue };
        let Some(tool) = tools.named(&used.call.name) else { continue };
        let arguments: Map<String, Value> = serde_json::from_str(&used.call.arguments).unwrap_or_default();
        let subject = tool.words.subject.iter().find_map(|name| match arguments.get(*name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        used.told = Some(Told { doing: tool.words.doing.clone(), done: tool.words.done.clone(), subject: subject.unwrap_or_default() });
    }
}

/// The answer of a round is whole: its calls are done now.
pub(super) fn begin(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let means = facts.means(&facts.panes.at(at).choice);
    let Facts { panes, tools, .. } = &mut *facts;
    let pane = panes.at_mut(at);
    if let Some(running) = pane.turn.running_mut() {
        running.phase = Phase::Working;
    }
    let calls: Vec<(EntryId, Call)> = open(pane).map(|(id, used)| (id, used.call.clone())).collect();
    for (number, (id, call)) in calls.iter().enumerate() {
        let twice = calls[..number].iter().any(|(_, other)| (&other.name, &other.arguments) == (&call.name, &call.arguments));
        let mistake = if twice {
            Some("This is the same call as another one of this round; its output counts.".into())
        } else {
            mistake(call, tools, means)
        };
        if let (Some(mistake), Some(used)) = (mistake, pane.conversation.call_mut(*id)) {
            used.state = Used::Done(Outcome::failed(mistake));
        }
    }
    step(facts, at)
}

/// What is wrong with a call before anything is tried, in words that let the model mend it.
fn mistake(call: &Call, tools: &Tools, means: Means) -> Option<String> {
    if tools.named(&call.name).is_none() {
        let mut names: Vec<&str> = tools.offered(means).map(|tool| tool.name.as_ref()).collect();
        names.sort_unstable();
        return Some(match names.is_empty() {
            true => format!("There is no tool `{}`: no tools are on. Answer without one.", call.name),
            false => format!("There is no tool `{}`. There are: {}.", call.name, names.join(", ")),
        });
    }
    if let Some(why) = tools.named(&call.name).and_then(|tool| tool.needs.missing(&means)) {
        return Some(format!("`{}` can't be used: {why}. Go on without it.", call.name));
    }
    arguments(call).err()
}

/// The arguments of a call; nothing stands for none.
fn arguments(call: &Call) -> Result<Map<String, Value>, String> {
    if call.arguments.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(&call.arguments) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("The arguments are no JSON object. Send the call again with one object of named arguments.".into()),
        Err(error) => Err(format!("The arguments are not valid JSON ({error}). Send the whole call again with valid JSON.")),
    }
}

/// The calls of this round that wait or run.
fn open(pane: &Pane) -> impl Iterator<Item = (EntryId, &Use)> {
    let round = pane.turn.running().map_or(0, |running| running.round);
    pane.conversation.last_calls().filter(move |(_, used)| used.round == round && used.is_open())
}

/// Whether the turn has calls that are still to be done.
pub(super) fn has_open(pane: &Pane) -> bool {
    open(pane).next().is_some()
}

/// Starts what can be started; when nothing is open any more, the next round.
fn step(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let mut effects = vec![];
    loop {
        let pane = facts.panes.at(at);
        if !matches!(pane.turn.running().map(|running| &running.phase), Some(Phase::Working)) {
            return effects;
        }
        let Some(next) = next(pane, &facts.tools) else {
            if !has_open(pane) {
                effects.extend(round::next(facts, at));
            }
            return effects;
        };
        effects.extend(start(facts, at, next));
    }
}

/// The next call that can be started beside those that run.
fn next(pane: &Pane, tools: &Tools) -> Option<EntryId> {
    let looks = |used: &Use| tools.named(&used.call.name).is_some_and(|tool| tool.risk == Risk::Reads && tool.own.is_none());
    let is_asked = |id: EntryId| pane.question.as_ref().is_some_and(|question| question.entry == id);
    let mut under_way = 0;
    for (id, used) in open(pane) {
        let waits = used.state == Used::Asked && !is_asked(id);
        match (waits, looks(used)) {
            (true, true) => return (under_way < tools.side_by_side).then_some(id),
            (true, false) => return (under_way == 0).then_some(id),
            (false, true) => under_way += 1,
            // what may change something is alone
            (false, false) => return None,
        }
    }
    None
}

fn start(facts: &mut Facts, at: PaneId, entry: EntryId) -> Vec<Effect> {
    let (now, means) = (facts.clock.now, facts.means(&facts.panes.at(at).choice));
    let Facts { panes, tools, .. } = &mut *facts;
    let pane = panes.at_mut(at);
    let Some(used) = pane.conversation.call_mut(entry) else { return vec![] };
    let call = used.call.clone();
    let own = match tools.named(&call.name) {
        Some(tool) => tool.own,
        // it was switched off meanwhile
        None => {
            used.state = Used::Done(Outcome::failed(mistake(&call, tools, means).unwrap_or_default()));
            return vec![];
        }
    };
    let Some(own) = own else {
        return order(facts, at, entry, None);
    };
    let asked = arguments(&call).and_then(|arguments| match own {
        Own::Todo => todo(&mut pane.tasks, &arguments).map(Err),
        Own::Clarify => clarify(&arguments).map(Ok),
        Own::Service => Err(format!("`{}` is done by your own service, not called as a function.", call.name)),
    });
    match asked {
        Ok(Ok(asks)) => {
            pane.question = Some(Question { entry, since: now, asks });
            vec![Effect::Ring]
        }
        Ok(Err(outcome)) => returned(pane, entry, outcome),
        Err(mistake) => returned(pane, entry, Outcome::failed(mistake)),
    }
}

fn returned(pane: &mut Pane, entry: EntryId, outcome: Outcome) -> Vec<Effect> {
    if let Some(used) = pane.conversation.call_mut(entry) {
        used.state = Used::Done(outcome);
    }
    vec![]
}

/// Orders a call to be done.
fn order(facts: &mut Facts, at: PaneId, entry: EntryId, allowed: Option<u64>) -> Vec<Effect> {
    let (now, means) = (facts.clock.now, facts.means(&facts.panes.at(at).choice));
    let Facts { panes, tools, .. } = &mut *facts;
    let offered = tools.names(means);
    let pane = panes.at_mut(at);
    let Some(turn) = pane.turn.id() else { return vec![] };
    let (conversation, provider) = (pane.conversation.id.clone(), pane.choice.provider);
    let Some(used) = pane.conversation.call_mut(entry) else { return vec![] };
    let Some(tool): Option<Arc<Tool>> = tools.named(&used.call.name).cloned() else {
        // it was switched off, or its server went away, while it was asked about
        used.state = Used::Done(Outcome::failed(mistake(&used.call, tools, means).unwrap_or_default()));
        return step(facts, at);
    };
    used.state = Used::Running { since: now, printed: String::new() };
    let call = Call { name: tool.name.to_string(), ..used.call.clone() };
    vec![Effect::RunTool(Box::new(ToolOrder { turn, conversation, provider, entry, call, offered, allowed }))]
}

/// A tool prints: the end of it is kept.
pub(super) fn told(pane: &mut Pane, entry: EntryId, text: &str) {
    if let Some(used) = pane.conversation.call_mut(entry) {
        used.printed(text);
    }
}

/// Something has to be allowed first.
pub(super) fn asks(facts: &mut Facts, at: PaneId, entry: EntryId, request: Request) -> Vec<Effect> {
    let now = facts.clock.now;
    let Facts { panes, tools, .. } = &mut *facts;
    let pane = panes.at_mut(at);
    let decision = decide(&request, tools.rules.iter().chain(&pane.allowed), tools.approvals);
    let Some(used) = pane.conversation.call_mut(entry) else { return vec![] };
    match decision {
        Decision::Allow => order(facts, at, entry, Some(request.stamp)),
        Decision::Ask => {
            used.state = Used::Asked;
            pane.question = Some(Question { entry, since: now, asks: Asks::Leave(request) });
            vec![Effect::Ring]
        }
        Decision::Refuse => {
            let why =
                "Refused: this needs the leave of a person, and nobody is there to give it. Go on without it, and say what is left to do.";
            used.state = Used::Refused { reason: Some(why.into()) };
            step(facts, at)
        }
    }
}

/// A call has ended.
pub(super) fn done(facts: &mut Facts, at: PaneId, entry: EntryId, outcome: Outcome) -> Vec<Effect> {
    let now = facts.clock.now;
    let pane = facts.panes.at_mut(at);
    match pane.conversation.call_mut(entry) {
        Some(used) if used.is_open() => {
            used.end(outcome, now);
            step(facts, at)
        }
        _ => vec![],
    }
}

/// The person answers what is asked in a pane.
pub fn answer(facts: &mut Facts, at: PaneId, verdict: Verdict) -> Vec<Effect> {
    let pane = facts.panes.at_mut(at);
    let Some(Question { entry, asks, .. }) = pane.question.take() else { return vec![] };
    let mut effects = vec![];
    match (asks, verdict) {
        (Asks::Leave(request), verdict @ (Verdict::Once | Verdict::Here | Verdict::Always)) => {
            match verdict {
                Verdict::Here => pane.allowed.push(request.rule),
                Verdict::Always if !request.rule.can_be_kept() => pane.allowed.push(request.rule),
                Verdict::Always if !facts.tools.rules.contains(&request.rule) => {
                    facts.tools.rules.push(request.rule.clone());
                    effects.push(Effect::KeepRule(request.rule));
                }
                _ => {}
            }
            effects.extend(order(facts, at, entry, Some(request.stamp)));
        }
        (Asks::Leave(_), Verdict::No(reason)) => {
            let reason = reason.filter(|words| !words.trim().is_empty());
            if let Some(used) = pane.conversation.call_mut(entry) {
                used.state = Used::Refused { reason: reason.map(|words| format!("The person refused this, and says: {}", words.trim())) };
            }
            effects.extend(step(facts, at));
        }
        (Asks::Words { question, choices }, verdict) => {
            let words = match verdict {
                Verdict::Words(words) => words.trim().to_string(),
                _ => String::new(),
            };
            let note = if words.is_empty() { "no answer".into() } else { words.clone() };
            let said = if words.is_empty() { json!("The person leaves it open: decide by yourself.") } else { json!(words) };
            let output = json!({ "question": question, "choices_offered": choices, "user_response": said }).to_string();
            returned(pane, entry, Outcome { ok: true, happened: true, output: output.into(), note, ..Outcome::default() });
            effects.extend(step(facts, at));
        }
        // words where a yes or a no is wanted: it is asked on
        (asks, Verdict::Words(_)) => pane.question = Some(Question { entry, since: 0, asks }),
    }
    effects
}

/// What the model wants to know (`docs/tools.md` 5.1).
fn clarify(arguments: &Map<String, Value>) -> Result<Asks, String> {
    only(arguments, &["question", "choices"])?;
    let question = arguments.get("question").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let question = question.ok_or("`question` is missing: a text is needed.")?.to_string();
    let choices = match arguments.get("choices") {
        None | Some(Value::Null) => vec![],
        Some(Value::Array(choices)) => choices
            .iter()
            .map(|choice| choice.as_str().map(str::to_string).ok_or("`choices` is a list of texts."))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err("`choices` is a list of texts.".into()),
    };
    // the person can always answer in their own words: more choices than keys are none
    Ok(Asks::Words { question, choices: choices.into_iter().take(9).collect() })
}

/// Changes the list of tasks, or reads it.
fn todo(tasks: &mut Vec<Task>, arguments: &Map<String, Value>) -> Result<Outcome, String> {
    only(arguments, &["todos", "merge"])?;
    if let Some(todos) = arguments.get("todos").filter(|todos| !todos.is_null()) {
        let todos = todos.as_array().ok_or("`todos` is a list of objects with `id`, `content` and `status`.")?;
        let merge = arguments.get("merge").and_then(Value::as_bool).unwrap_or(false);
        let mut list = if merge { tasks.clone() } else { vec![] };
        for todo in todos {
            add(&mut list, todo)?;
        }
        if list.len() > MOST_TASKS {
            return Err(format!("The list may have {MOST_TASKS} tasks at most."));
        }
        *tasks = list;
    }
    let count = |status: Status| tasks.iter().filter(|task| task.status == status).count();
    let mut summary = Map::from_iter([("total".to_string(), json!(tasks.len()))]);
    summary.extend(Status::ALL.map(|(name, status)| (name.to_string(), json!(count(status)))));
    let todos: Vec<Value> =
        tasks.iter().map(|task| json!({ "id": task.id, "content": task.content, "status": task.status.name() })).collect();
    let note = format!("{} of {} done", count(Status::Completed), tasks.len());
    Ok(Outcome {
        ok: true,
        happened: true,
        output: json!({ "todos": todos, "summary": summary }).to_string().into(),
        note,
        ..Outcome::default()
    })
}

/// Puts one task into the list: a new one, or one that is known by its id.
fn add(list: &mut Vec<Task>, todo: &Value) -> Result<(), String> {
    let text = |name: &str| match todo.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_string()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let id = text("id").unwrap_or_else(|| (list.len() + 1).to_string());
    let status = match text("status") {
        None => None,
        Some(name) => Some(
            Status::ALL
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, status)| *status)
                .ok_or_else(|| format!("`status` can't be `{name}`: it is one of {}.", Status::ALL.map(|(name, _)| name).join(", ")))?,
        ),
    };
    match list.iter_mut().find(|task| task.id == id) {
        Some(task) => {
            task.content = text("content").unwrap_or_else(|| task.content.clone());
            task.status = status.unwrap_or(task.status);
        }
        None => {
            let content = text("content").ok_or_else(|| format!("The task `{id}` has no `content`."))?;
            list.push(Task { id, content, status: status.unwrap_or(Status::Pending) });
        }
    }
    Ok(())
}

fn only(arguments: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match arguments.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("There is no argument `{name}`. There are: {}.", known.join(", "))),
        None => Ok(()),
    }
}
