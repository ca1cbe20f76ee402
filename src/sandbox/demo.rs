//! What the simulator says: texts that were written beforehand, picked by what was asked.

use super::{
    acts::{self, Next, Seen},
    drills::{self, Drill},
};
use serde_json::{Value, json};
use std::time::Duration;

/// An answer before it is sent.
pub struct Plan {
    /// The summary of the reasoning, in deltas.
    pub thoughts: Vec<String>,
    /// What the service does by itself before it answers: finished items.
    pub served: Vec<Value>,
    /// What the answer cites: addresses, each where its mark stands.
    pub cites: Vec<Value>,
    /// Functions that are called instead of an answer: name and arguments.
    pub calls: Vec<(String, String)>,
    /// The answer, in deltas.
    pub words: Box<dyn Iterator<Item = String> + Send>,
    /// The pause before each delta; none for as fast as it goes.
    pub pace: Option<Duration>,
}

/// A pleasant pace.
const PACE: Duration = Duration::from_millis(13);

/// What was asked.
pub struct Asked<'a> {
    /// The words of the last message of the person.
    pub text: String,
    /// How many messages of the person there are.
    pub turn: usize,
    /// Pictures in the last message: kind and bytes.
    pub pictures: Vec<(String, usize)>,
    /// Outputs of functions after the last message.
    pub outputs: Vec<String>,
    /// Names of the functions on offer.
    pub tools: Vec<&'a str>,
    /// What the service may do by itself.
    pub built_in: Vec<&'a str>,
    /// The last output gave something to look at.
    pub looked: bool,
}

impl<'a> Asked<'a> {
    /// Reads a request.
    pub fn read(body: &'a Value) -> Self {
        let mut asked =
            Asked { text: String::new(), turn: 0, pictures: vec![], outputs: vec![], tools: vec![], built_in: vec![], looked: false };
        let tools = body.get("tools").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        asked.tools = tools.iter().filter_map(|t| t.get("name")?.as_str()).collect();
        asked.built_in = tools.iter().filter_map(|t| t.get("type")?.as_str()).filter(|kind| *kind != "function").collect();
        let Some(items) = body.get("input").and_then(Value::as_array) else {
            asked.text = body.get("input").and_then(Value::as_str).unwrap_or_default().to_string();
            asked.turn = 1;
            return asked;
        };
        for item in items {
            let is = |name: &str, value: &str| item.get(name).and_then(Value::as_str) == Some(value);
            if is("role", "user") {
                asked.turn += 1;
                asked.outputs.clear();
                asked.pictures.clear();
                asked.text = text_of(item.get("content"));
                let parts = item.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                asked.pictures.extend(parts.iter().filter_map(picture));
            } else if is("type", "function_call_output") {
                asked.outputs.push(text_of(item.get("output")));
                let parts = item.get("output").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let before = asked.pictures.len();
                asked.pictures.extend(parts.iter().filter_map(picture));
                asked.looked = asked.pictures.len() > before;
            }
        }
        asked
    }
}

/// The words of a content, whole or in parts.
pub fn text_of(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(|p| p.get("text")?.as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

/// Kind and bytes of a picture among the parts of a content; its address stands in the field or one deeper.
pub fn picture(part: &Value) -> Option<(String, usize)> {
    let image = part.get("image_url")?;
    let url = image.as_str().or_else(|| image.get("url")?.as_str())?;
    Some(match url.strip_prefix("data:").and_then(|u| u.split_once(";base64,")) {
        Some((kind, data)) => (kind.to_string(), data.trim_end_matches('=').len() * 3 / 4),
        None => ("a picture on the web".into(), 0),
    })
}

/// What is answered, and how fast.
pub fn plan(asked: &Asked) -> Plan {
    match drills::find(&asked.text) {
        Some(Drill::Stream { deltas, markdown, rate }) => {
            let pace = rate.map(|r| Duration::from_secs_f64(1.0 / r as f64));
            if markdown { at_once(drills::markdown(deltas), pace) } else { at_once(drills::words(deltas), pace) }
        }
        Some(Drill::Characters(count)) => at_once(drills::characters(count), None),
        Some(Drill::Words(count)) => at_once(drills::words(count), Some(Duration::from_millis(11))),
        Some(Drill::Say(text)) => at_once(std::iter::once(text), None),
        None => demo(asked),
    }
}

fn at_once(words: impl Iterator<Item = String> + Send + 'static, pace: Option<Duration>) -> Plan {
    Plan { thoughts: vec![], served: vec![], cites: vec![], calls: vec![], words: Box::new(words), pace }
}

/// A search by the service itself, and an answer that cites what was found.
fn searched(asked: &Asked) -> Option<Plan> {
    let (what, is_x) = match (acts::after(&asked.text, &["search the web for "]), asked.built_in.contains(&"x_search")) {
        (Some(what), _) if asked.built_in.contains(&"web_search") => (what, false),
        (_, true) => (asked.text.as_str(), true),
        _ => return None,
    };
    let what = what.trim_end_matches(['.', '?']);
    let id = fastrand::u64(..);
    let item = match is_x {
        true => json!({ "id": format!("ctc_{id:x}"), "type": "custom_tool_call", "call_id": format!("xs_call_{id:x}"),
            "name": "x_keyword_search", "input": json!({ "query": what }).to_string(), "status": "completed" }),
        false => json!({ "id": format!("ws_{id:x}"), "type": "web_search_call", "status": "completed",
            "action": { "type": "search", "query": what, "sources": [] } }),
    };
    let address = if is_x { "https://x.com/i/status/1" } else { "https://example.com/" };
    let before = format!("Three pages say something about **{what}**, and they agree with each other. ");
    let mark = format!("[[1]]({address})");
    let start = before.chars().count();
    let cite =
        json!({ "type": "url_citation", "url": address, "title": "1", "start_index": start, "end_index": start + mark.chars().count() });
    let answer = format!("{before}{mark}");
    let thoughts = vec!["This is better looked up than guessed.".into()];
    Some(Plan {
        thoughts,
        served: vec![item],
        cites: vec![cite],
        calls: vec![],
        words: Box::new(pieces(&answer).into_iter()),
        pace: Some(PACE),
    })
}

fn demo(asked: &Asked) -> Plan {
    if let Some(plan) = searched(asked).filter(|_| asked.outputs.is_empty()) {
        return plan;
    }
    let lower = asked.text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    let next = acts::next(&Seen { text: &asked.text, tools: &asked.tools, outputs: &asked.outputs });
    let mut calls = vec![];
    let (thought, answer): (&str, String) = if let Some(Next::Calls(thought, wanted)) = next {
        calls = wanted;
        (thought, String::new())
    } else if let (Some(Next::Answer(answer)), false) = (next, asked.looked) {
        ("The outputs are here; they only have to be told.", answer)
    } else if let Some((kind, bytes)) = asked.pictures.last() {
        (
            "There is a picture. A simulator has no eyes, but it can count.",
            format!("I can't see, but I was given **{kind}** with {bytes} bytes, and {} in all.", asked.pictures.len()),
        )
    } else if has(&["hostile", "escape sequence"]) {
        ("A text that tries to drive the terminal.", hostile())
    } else if has(&["markdown", "everything"]) {
        ("Headings, lists, a table, a quote and some code, each with a word on the keys.", include_str!("../../assets/demo/rich.md").into())
    } else if has(&["table"]) {
        ("One small table, and one that is too wide.", include_str!("../../assets/demo/tables.md").into())
    } else if has(&["wide", "unicode", "emoji", "日本"]) {
        ("Characters that take two cells, or none, or several characters for one.", include_str!("../../assets/demo/wide.md").into())
    } else if has(&["code", "script", "function", "program"]) {
        ("Something short in the language that was asked for.", code(&lower))
    } else if has(&["think"]) {
        (LONG_THOUGHT, "I thought about it for a while. The thought is folded above; `Ctrl+O` shows it.".into())
    } else if asked.turn <= 1 {
        ("A first message. A short tour shows best what this is.", include_str!("../../assets/demo/tour.md").into())
    } else {
        ("No demonstration fits, so I say what I am.", echo(asked))
    };
    let thoughts = thought.split_inclusive(". ").map(str::to_string).collect();
    let words: Vec<String> = pieces(&answer);
    Plan { thoughts, served: vec![], cites: vec![], calls, words: Box::new(words.into_iter()), pace: Some(PACE) }
}

/// Deltas of one or two words.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![];
    let mut piece = String::new();
    for word in text.split_inclusive([' ', '\n']) {
        piece.push_str(word);
        if piece.len() >= 7 {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

fn echo(asked: &Asked) -> String {
    let first: String = asked.text.chars().take(120).collect();
    let first = first.lines().next().unwrap_or_default().replace('`', "'");
    format!(
        "This is your question number {}, and it began with:\n\n> {first}\n\nI am a simulator and can't answer it. I can show you `code in rust`, `a table`, `markdown`, `wide characters`, \
         a long thought (`think hard`), or `write 2000 words`; with tools, `run ls` or `read README.md`.",
        asked.turn
    )
}

/// The block of the language that was named, or all of them.
fn code(lower: &str) -> String {
    let all = include_str!("../../assets/demo/code.md");
    let names: [(&str, &[&str]); 12] = [
        ("rust", &["rust"]),
        ("python", &["python"]),
        ("typescript", &["typescript", "javascript"]),
        ("go", &[" go", "golang"]),
        ("sh", &["shell", "bash", " sh"]),
        ("sql", &["sql"]),
        ("json", &["json"]),
        ("yaml", &["yaml"]),
        ("toml", &["toml"]),
        ("html", &["html", "css"]),
        ("diff", &["diff", "patch"]),
        ("c", &[" in c", " c "]),
    ];
    let wanted = names.iter().find(|(_, words)| words.iter().any(|w| lower.contains(w)));
    let Some((name, _)) = wanted else { return all.into() };
    let open = format!("```{name}\n");
    let block = all.split_once(&open).and_then(|(_, rest)| rest.split_once("```")).map(|(block, _)| block).unwrap_or_default();
    format!("Counting words, in `{name}`:\n\n{open}{block}```\n\nIt reads a text and says how often each word occurs.")
}

/// Everything that a terminal must not be given.
fn hostile() -> String {
    let tower = "\u{301}\u{302}\u{303}\u{304}".repeat(12);
    format!(
        "None of this may do anything: \x1b[2J\x1b[31mred\x1b[0m, \x1b]0;title\x07, \x1b]52;c;aGk=\x07, \u{9b}5m, \u{9d}8;;x\u{9c}, \x08\x08\x07, a\rb.\n\n\
         Direction: \u{202e}desrever\u{202c} and \u{2066}isolated\u{2069}. Nothing: a\u{200b}b\u{feff}c. A tower: Z{tower}algo.\n\n\
         ```text\n\x1b[?1049l in code\n```\n\n| \x1b[7mcell | 日\x1b[mx |\n|---|---|\n| \u{85} | \u{90}q |\n"
    )
}

const LONG_THOUGHT: &str = "The question asks for thinking rather than for an answer. That is a fair wish: people want to see how a long thought is folded away. \
First, what is known: nothing, as always in a simulator. Second, what could be concluded from it: very little. \
Third, whether the conclusion would change if the question were different: probably not. \
It remains to write a summary that is long enough to fill several lines, so that folding and unfolding can be seen at work. \
This sentence does that. So does this one. The thought ends here.";
