//! What the simulator does with tools: it asks for those that fit what was said, one step after the other, and answers from what
//! they really gave. A call that was refused with a reason is proposed once more.

use serde_json::{Value, json};

/// A function that is called: name and arguments.
pub type Call = (String, String);

/// What was asked, and what was done about it so far.
pub struct Seen<'a> {
    /// The words of the last message of the person.
    pub text: &'a str,
    /// Names of the functions on offer.
    pub tools: &'a [&'a str],
    /// Outputs of functions after that message.
    pub outputs: &'a [String],
}

/// What follows.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// These are called, with this thought before.
    Calls(&'static str, Vec<Call>),
    /// An answer.
    Answer(String),
}

/// How a refusal with a reason begins.
const REFUSED_WITH: &str = "The person refused this, and says: ";

/// What to do about it; nothing where no tool fits.
pub fn next(seen: &Seen) -> Option<Next> {
    let Some(steps) = steps(seen) else {
        // somebody else's tools
        return (!seen.outputs.is_empty()).then(|| Next::Answer(conclude(seen)));
    };
    let mut left = seen.outputs;
    for (n, Step { thought, calls }) in steps.iter().enumerate() {
        if left.is_empty() {
            return Some(Next::Calls(thought, calls.clone()));
        }
        let (mine, rest) = left.split_at(calls.len().min(left.len()));
        left = rest;
        let is_refused = mine.first().is_some_and(|output| output.starts_with(REFUSED_WITH));
        // proposed once more, and that is the end of it
        if is_refused && left.is_empty() && n + 1 == steps.len() {
            return Some(Next::Calls("They want it otherwise, or want to hear it again: once more, then.", calls.clone()));
        }
        if is_refused && n + 1 == steps.len() {
            left = &left[calls.len().min(left.len())..];
        }
        if let Some(refused) = mine.iter().find(|output| output.starts_with("Refused")).filter(|_| left.is_empty()) {
            return Some(Next::Answer(format!("I left it as it is. ({refused})")));
        }
    }
    Some(Next::Answer(conclude(seen)))
}

struct Step {
    thought: &'static str,
    calls: Vec<Call>,
}

fn step(thought: &'static str, calls: Vec<Call>) -> Option<Vec<Step>> {
    Some(vec![Step { thought, calls }])
}

fn call(name: &str, arguments: Value) -> Call {
    (name.to_string(), arguments.to_string())
}

/// What has to be done, in order.
fn steps(seen: &Seen) -> Option<Vec<Step>> {
    let has = |name: &str| seen.tools.contains(&name);
    let text = seen.text.trim();
    let named: Vec<Call> = exact(text, seen.tools);
    if !named.is_empty() {
        return step("A tool was asked for by name, so it is called.", named);
    }
    // what stands above the last paragraph is what it is about
    let text = text.rsplit("\n\n").next().unwrap_or(text);
    let lower = text.to_lowercase();
    if let Some(command) = after(text, &["run "]).filter(|_| has("terminal")) {
        let command = command.trim_matches('`').trim();
        return step("A command was asked for; its output is what counts.", vec![call("terminal", json!({ "command": command }))]);
    }
    if lower.contains("largest") && lower.contains("file") && has("terminal") {
        let look = "First look at what is there, with sizes.";
        return step(look, vec![call("terminal", json!({ "command": "ls -lA" }))]);
    }
    if let Some(address) = after(text, &["read "]).filter(|what| what.starts_with("http") && has("web_extract")) {
        let urls: Vec<&str> =
            address.split([' ', ',']).filter(|word| word.starts_with("http")).map(|word| word.trim_end_matches('.')).collect();
        return step("A page is named: it is fetched.", vec![call("web_extract", json!({ "urls": urls }))]);
    }
    if let Some(picture) = after(text, &["look at "]).filter(|what| has("vision_analyze") && !what.contains('@')) {
        let picture = picture.trim_end_matches('.').trim_matches(['`', '"']);
        return step("A picture is to be seen.", vec![call("vision_analyze", json!({ "image_url": picture, "question": "What is it?" }))]);
    }
    if let Some(what) = after(text, &["search x for "]).filter(|_| has("x_search")) {
        return step("Posts are on X.", vec![call("x_search", json!({ "query": what.trim_end_matches('.') }))]);
    }
    if lower.contains("skill") && has("skills_list") {
        return step("The skills are listed.", vec![call("skills_list", json!({}))]);
    }
    if lower.contains("video") && has("video_generate") {
        return step("There is a tool for this.", vec![call("video_generate", json!({ "prompt": text }))]);
    }
    if lower.contains("video") && has("skill_view") {
        let found = Step { thought: "No tool makes videos. A skill may say how.", calls: vec![call("skills_list", json!({}))] };
        return Some(vec![found, Step { thought: "This one is about it.", calls: vec![call("skill_view", json!({ "name": "comfyui" }))] }]);
    }
    if let Some(files) = after(text, &["read "]).filter(|_| has("read_file")) {
        let read: Vec<Call> = files
            .split([',', ' '])
            .map(|word| word.trim_end_matches('.').trim_matches(['`', '"', '\'']))
            .filter(|word| !word.is_empty() && *word != "and")
            .map(|path| call("read_file", json!({ "path": path, "limit": 40 })))
            .collect();
        return if read.is_empty() { None } else { step("Files are named: they are read side by side.", read) };
    }
    if let Some((old, new, path)) = change(text).filter(|_| has("patch")) {
        let patch = json!({ "mode": "replace", "path": path, "old_string": old, "new_string": new });
        return step("One exact replacement does it.", vec![call("patch", patch)]);
    }
    if let Some(words) = after(text, &["search for ", "find "]).filter(|_| has("search_files")) {
        let words = words.trim_matches(['`', '"', '.']);
        return step("A search over the files of the folder.", vec![call("search_files", json!({ "pattern": words, "limit": 10 }))]);
    }
    if let Some(what) = after(text, &["remember that ", "remember "]).filter(|_| has("memory")) {
        return step("Worth keeping.", vec![call("memory", json!({ "action": "add", "target": "memory", "content": what }))]);
    }
    if lower.contains("plan") && has("todo") {
        return Some(planned(&lower, has("terminal")));
    }
    if lower.starts_with("ask me") && has("clarify") {
        let question = json!({ "question": "Which of these shall it be?", "choices": ["The short one", "The long one"] });
        return step("It is not clear which one is meant.", vec![call("clarify", question)]);
    }
    None
}

/// A list of tasks of which one after the other is done.
fn planned(lower: &str, has_terminal: bool) -> Vec<Step> {
    const TASKS: [&str; 4] = ["Look at what is there", "Count the lines", "Write down what was found", "Check it once more"];
    let commands = ["ls", "wc -l *", "date", "ls | wc -l"];
    let list = |done: usize| {
        let status = |n: usize| match n.cmp(&done) {
            std::cmp::Ordering::Less => "completed",
            std::cmp::Ordering::Equal => "in_progress",
            std::cmp::Ordering::Greater => "pending",
        };
        let task = |(n, content): (usize, &&str)| json!({ "id": (n + 1).to_string(), "content": content, "status": status(n) });
        call("todo", json!({ "todos": TASKS.iter().enumerate().map(task).collect::<Vec<_>>() }))
    };
    let mut steps = vec![Step { thought: "Several steps: a list first.", calls: vec![list(0)] }];
    // only the list, when nothing is to be done yet
    if has_terminal && !lower.contains("only") {
        for (n, command) in commands.iter().enumerate() {
            steps.push(Step { thought: "The next task.", calls: vec![call("terminal", json!({ "command": command }))] });
            steps.push(Step { thought: "That one is done.", calls: vec![list(n + 1)] });
        }
    }
    steps
}

/// `call NAME {…}`, a line each, for functions that are on offer.
fn exact(text: &str, tools: &[&str]) -> Vec<Call> {
    let found = text.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix("call ")?;
        let (name, arguments) = rest.split_once(' ').unwrap_or((rest, "{}"));
        tools.contains(&name).then(|| (name.to_string(), arguments.trim().to_string()))
    });
    found.collect()
}

/// What follows one of these beginnings, whatever their case.
pub fn after<'a>(text: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    let begins = |beginning: &&&str| text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning));
    let beginning = beginnings.iter().find(begins)?;
    text.get(beginning.len()..).map(str::trim).filter(|rest| !rest.is_empty())
}

/// `change X to Y in FILE`
fn change(text: &str) -> Option<(&str, &str, &str)> {
    let (what, path) = after(text, &["change ", "replace "])?.rsplit_once(" in ")?;
    let (old, new) = what.split_once(" to ").or_else(|| what.split_once(" with "))?;
    let [old, new, path] = [old, new, path.trim_end_matches('.')].map(|text| text.trim().trim_matches(['`', '"']));
    Some((old, new, path))
}

/// The answer, from what the tools gave.
fn conclude(seen: &Seen) -> String {
    let lower = seen.text.to_lowercase();
    if lower.contains("largest") {
        let outputs = seen.outputs.join("\n");
        return match largest(&printed(&outputs)) {
            Some((name, bytes)) => format!("The largest file here is **{name}**, with {bytes} bytes."),
            None => format!("I could not tell from this:\n\n```\n{}\n```", printed(&outputs).trim_end()),
        };
    }
    if lower.contains("plan") && !seen.outputs.iter().any(|output| output.contains("exit_code")) {
        return "The list stands above the line you type in. Say the word, and I begin.".into();
    }
    if lower.contains("video") && seen.outputs.iter().any(|output| output.contains("comfyui")) {
        return "No tool here makes videos by itself. The skill **comfyui** says how to do it on a machine with a graphics card; or turn \
                🎬 Video Generation on with `F3`."
            .into();
    }
    let told = seen.outputs.iter().filter(|output| !output.starts_with(REFUSED_WITH));
    let quoted: Vec<String> = told.map(|output| format!("```\n{}\n```", beginning(printed(output).trim_end()))).collect();
    format!("The tools gave this:\n\n{}", quoted.join("\n\n"))
}

/// As much of a text as people read in an answer.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(3_000) {
        Some((at, _)) => format!("{}\n…", &text[..at]),
        None => text.to_string(),
    }
}

/// What a tool printed or read, out of its JSON; anything else as it is.
fn printed(output: &str) -> String {
    let value: Option<Value> = serde_json::from_str(output).ok();
    let field = |name: &str| value.as_ref()?.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_string);
    field("output")
        .or_else(|| field("content"))
        .or_else(|| field("diff"))
        .or_else(|| field("user_response"))
        .or_else(|| field("answer"))
        .unwrap_or_else(|| output.to_string())
}

/// The largest file of a listing by `ls -l`: its name and its bytes.
fn largest(listing: &str) -> Option<(String, u64)> {
    let file = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let size = fields.get(4)?.parse::<u64>().ok()?;
        (line.starts_with('-') && fields.len() > 8).then(|| (fields[8..].join(" "), size))
    };
    listing.lines().filter_map(file).max_by_key(|(_, size)| *size)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOLS: &[&str] = &["terminal", "read_file", "patch", "todo", "clarify", "search_files"];

    fn after_outputs(text: &str, outputs: &[&str]) -> Option<Next> {
        let outputs: Vec<String> = outputs.iter().map(|output| output.to_string()).collect();
        next(&Seen { text, tools: TOOLS, outputs: &outputs })
    }

    fn called(next: Option<Next>) -> Vec<(String, Value)> {
        match next {
            Some(Next::Calls(_, calls)) => calls.into_iter().map(|(name, text)| (name, serde_json::from_str(&text).unwrap())).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_said_becomes_calls() {
        let one = |text: &str| called(after_outputs(text, &[])).remove(0);
        assert_eq!(one("run `ls -l`"), ("terminal".into(), json!({ "command": "ls -l" })));
        assert_eq!(
            one("Change two words to one word in notes.txt"),
            ("patch".into(), json!({ "mode": "replace", "path": "notes.txt", "old_string": "two words", "new_string": "one word" }))
        );
        assert_eq!(one("list the files here and tell me which is largest").1, json!({ "command": "ls -lA" }));
        let paths: Vec<Value> =
            called(after_outputs("read README.md, ./a.txt and .hidden", &[])).into_iter().map(|c| c.1["path"].clone()).collect();
        assert_eq!(paths, ["README.md", "./a.txt", ".hidden"]);
        assert_eq!(after_outputs("what is a river?", &[]), None);
        assert_eq!(next(&Seen { text: "run ls", tools: &[], outputs: &[] }), None);
    }

    #[test]
    fn the_answer_comes_from_what_the_tools_gave() {
        let listing = json!({ "output": "total 8\n-rw-r--r-- 1 me me 12 Nov 28 05:00 a b.txt\ndrwxr-xr-x 2 me me 4096 Nov 28 05:00 dir\n-rw-r--r-- 1 me me 7 Nov 28 05:00 c\n", "exit_code": 0 });
        let answer = after_outputs("which file is the largest", &[&listing.to_string()]);
        assert_eq!(answer, Some(Next::Answer("The largest file here is **a b.txt**, with 12 bytes.".into())));
        assert!(matches!(after_outputs("run ls", &["Refused by the person."]), Some(Next::Answer(text)) if text.contains("left it")));
    }

    #[test]
    fn what_was_refused_with_a_reason_is_proposed_once_more() {
        let (text, refused) = ("change a to b in c", format!("{REFUSED_WITH}not now"));
        assert_eq!(called(after_outputs(text, &[&refused])).len(), 1);
        assert!(matches!(after_outputs(text, &[&refused, &refused]), Some(Next::Answer(_))));
        assert!(
            matches!(after_outputs(text, &[&refused, "{\"success\":true,\"diff\":\"x\"}"]), Some(Next::Answer(text)) if text.contains('x'))
        );
    }

    #[test]
    fn a_plan_is_worked_off() {
        let mut outputs: Vec<String> = vec![];
        let mut rounds = 0;
        while let Some(Next::Calls(_, calls)) = next(&Seen { text: "make a plan", tools: TOOLS, outputs: &outputs }) {
            outputs.extend(calls.iter().map(|_| "{\"exit_code\":0}".to_string()));
            rounds += 1;
        }
        assert_eq!(rounds, 9);
        assert!(matches!(after_outputs("only plan it", &["{}"]), Some(Next::Answer(_))));
    }
}
