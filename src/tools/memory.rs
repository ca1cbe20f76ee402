//! The `memory` toolset: what is worth keeping from one conversation to the next, in the two files of Hermes Agent
//! (`docs/tools.md` 5). Entries are texts with a line `§` between them; each file has a limit.

use super::{Returned, Row, ToolRow, arguments::Arguments, workshop::Workshop};
use crate::{
    domain::{
        conversation::Outcome,
        tool::{Needs, Risk, Shown},
    },
    files::{atomic, read},
    services::{secrets::Secrets, tasks::blocking},
};
use futures_util::FutureExt;
use serde_json::{Map, Value, json};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Keeping something.
pub static TOOLSET: Row = Row {
    name: "memory",
    label: "💾 Memory",
    is_on: true,
    backend: None,
    tools: &[ToolRow {
        name: "memory",
        doing: "Remembering",
        done: "Remembered",
        subject: &["content", "old_text"],
        about: "Keeps what is worth knowing in every later conversation: `user` for what the person is like and wants, `memory` for everything \
                else (the machine, the project, what was learned). Keep entries short, and only what lasts. `old_text` is a part of the entry \
                that is replaced or removed. What is kept is in the system prompt of the next conversation.",
        takes: r#"{"type":"object","properties":{
            "action":{"type":"string","description":"What is to be done","enum":["add","replace","remove"]},
            "target":{"type":"string","description":"Of the person, or of everything else","enum":["memory","user"]},
            "content":{"type":"string","description":"The entry, for add and replace"},
            "old_text":{"type":"string","description":"Words of the entry that is meant, for replace and remove"}},"required":["action","target"]}"#,
        risk: Risk::Changes,
        own: None,
        needs: Needs::Nothing,
    }],
    run: |call| {
        async move {
            let (folder, secrets) = (folder(call.workshop), call.workshop.services.secrets.clone());
            let done = blocking(move || change(&call.arguments, &folder, &secrets)).await;
            done.map(Returned::Outcome).map_err(|trouble| format!("{}.", trouble.message))
        }
        .boxed()
    },
    trial: None,
};

/// What stands between entries.
const BETWEEN: &str = "\n§\n";

/// One of the two files.
struct Store {
    name: &'static str,
    file: &'static str,
    /// Characters that it holds.
    most: usize,
}

const STORES: [Store; 2] = [Store { name: "memory", file: "MEMORY.md", most: 2_200 }, Store { name: "user", file: "USER.md", most: 1_375 }];

fn folder(workshop: &Workshop) -> PathBuf {
    workshop.services.paths.home.join("memories")
}

/// What is kept, for the system prompt; nothing where nothing is.
pub(super) fn prompt(home: &Path) -> Option<String> {
    let folder = home.join("memories");
    let block = |store: &Store| {
        let entries = entries(&folder.join(store.file)).ok().filter(|entries| !entries.is_empty())?;
        let heading = match store.name {
            "user" => "What you know of the person",
            _ => "What you have kept from earlier conversations",
        };
        Some(format!("{heading} ({}):\n{}", usage(&entries, store), entries.join(BETWEEN)))
    };
    let blocks: Vec<String> = STORES.iter().filter_map(block).collect();
    (!blocks.is_empty()).then(|| blocks.join("\n\n"))
}

fn entries(path: &Path) -> Result<Vec<String>, read::Error> {
    match read::text(path) {
        Ok(text) => Ok(text.split(BETWEEN).map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_string).collect()),
        Err(read::Error::Missing) => Ok(vec![]),
        Err(error) => Err(error),
    }
}

fn length(entries: &[String]) -> usize {
    entries.join(BETWEEN).chars().count()
}

/// `12% — 270/2,200 chars`
fn usage(entries: &[String], store: &Store) -> String {
    let (used, most) = (length(entries), store.most);
    let number = |n: usize| if n >= 1_000 { format!("{},{:03}", n / 1_000, n % 1_000) } else { n.to_string() };
    format!("{}% — {}/{} chars", used * 100 / most, number(used), number(most))
}

fn change(arguments: &Map<String, Value>, folder: &Path, secrets: &Arc<Secrets>) -> Outcome {
    let tried = work_out(arguments, folder, secrets);
    tried.unwrap_or_else(|mistake| Outcome::failed(json!({ "success": false, "error": mistake }).to_string()))
}

fn work_out(arguments: &Map<String, Value>, folder: &Path, secrets: &Arc<Secrets>) -> Result<Outcome, String> {
    let arguments = Arguments(arguments);
    arguments.only(&["action", "target", "content", "old_text"])?;
    let action = arguments.one_of("action", &["add", "replace", "remove"])?.ok_or("`action` is missing: add, replace or remove.")?;
    let target = arguments.one_of("target", &["memory", "user"])?.ok_or("`target` is missing: memory or user.")?;
    let store = STORES.iter().find(|store| store.name == target).ok_or("There is no such memory.")?;
    let path = folder.join(store.file);
    let disk = |error: io::Error| format!("{} can't be written: {error}.", path.display());
    atomic::private_folder(folder).map_err(disk)?;
    // one change after the other, whichever of our programs makes it
    let lock = File::options().create(true).append(true).open(folder.join(format!("{}.lock", store.file))).map_err(disk)?;
    // on disks without locks there is one program mostly
    let _ = lock.lock();
    let before = entries(&path).map_err(|error| format!("{} can't be read: {error}. It is left as it is.", path.display()))?;
    let mut after = before.clone();
    let content = || -> Result<String, String> {
        let content = arguments.text("content")?.trim().replace(BETWEEN, "\n");
        if content.is_empty() {
            return Err("`content` is empty.".into());
        }
        if secrets.mask(&content) != content {
            return Err("That holds a secret: secrets are not kept here.".into());
        }
        Ok(content)
    };
    let meant = || -> Result<usize, String> {
        let words = arguments.text("old_text")?.trim();
        let found: Vec<usize> = (0..before.len()).filter(|n| before[*n].contains(words)).collect();
        match found[..] {
            [one] if !words.is_empty() => Ok(one),
            [] => Err(format!("No entry holds `{words}`. There are: {}", before.join(" | "))),
            _ => Err(format!("{} entries hold `{words}`: name more of the one that is meant.", found.len())),
        }
    };
    let message = match action {
        "add" => {
            let content = content()?;
            if after.contains(&content) {
                return Ok(told(&before, store, "It was known already."));
            }
            after.push(content);
            "Kept."
        }
        "replace" => {
            let at = meant()?;
            after[at] = content()?;
            "Replaced."
        }
        _ => {
            after.remove(meant()?);
            "Removed."
        }
    };
    if length(&after) > store.most && length(&after) > length(&before) {
        let entries = before.join(" | ");
        return Err(format!("That is more than {} characters. Make room first; there are: {entries}", store.most));
    }
    let text = if after.is_empty() { String::new() } else { after.join(BETWEEN) + "\n" };
    atomic::replace_for_good(&path, text.as_bytes()).map_err(disk)?;
    Ok(told(&after, store, message))
}

fn told(entries: &[String], store: &Store, message: &str) -> Outcome {
    let usage = usage(entries, store);
    let output = json!({ "success": true, "target": store.name, "entries": entries, "usage": usage, "entry_count": entries.len(), "message": message });
    Outcome {
        ok: true,
        happened: true,
        output: output.to_string().into(),
        shown: Some(Shown::Text(entries.join("\n").into())),
        note: usage,
        ..Outcome::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    #[test]
    fn entries_are_kept_replaced_and_removed_within_their_limit() {
        let home = tempfile::tempdir().unwrap();
        let secrets = Arc::new(Secrets::default());
        secrets.learn(&Secret::new("hunter22"));
        let folder = home.path().join("memories");
        let call = |arguments: Value| {
            let outcome = change(arguments.as_object().unwrap(), &folder, &secrets);
            (outcome.ok, serde_json::from_str::<Value>(&outcome.output).unwrap())
        };
        let add = |target: &str, content: &str| call(json!({ "action": "add", "target": target, "content": content }));
        assert_eq!(prompt(home.path()), None);
        assert!(add("memory", "the build needs make\nand gcc").0 && add("memory", "tea, not coffee").0);
        assert_eq!(add("memory", "tea, not coffee").1["message"], "It was known already.");
        let text = || std::fs::read_to_string(folder.join("MEMORY.md")).unwrap();
        assert_eq!(text(), "the build needs make\nand gcc\n§\ntea, not coffee\n");
        let (ok, told) = call(json!({ "action": "replace", "target": "memory", "old_text": "coffee", "content": "coffee" }));
        assert!(ok && told["entry_count"] == 2 && told["usage"] == "1% — 37/2,200 chars", "{told}");
        for (arguments, words) in [
            (json!({ "action": "remove", "target": "memory", "old_text": "rum" }), "No entry holds"),
            (json!({ "action": "remove", "target": "memory", "old_text": "e" }), "2 entries hold"),
            (json!({ "action": "add", "target": "user", "content": "x".repeat(1_376) }), "more than 1375"),
            (json!({ "action": "add", "target": "user", "content": "his password is hunter22" }), "secret"),
            (json!({ "action": "add", "target": "nobody", "content": "x" }), "target"),
            (json!({ "action": "add", "target": "user" }), "`content`"),
        ] {
            let (ok, told) = call(arguments);
            assert!(!ok && told["error"].as_str().unwrap().contains(words), "{told}");
        }
        assert!(add("user", "writes Rust").0);
        let prompt = prompt(home.path()).unwrap();
        assert!(prompt.contains("writes Rust") && prompt.contains("§\ncoffee"), "{prompt}");
        assert!(call(json!({ "action": "remove", "target": "user", "old_text": "Rust" })).0);
        assert_eq!(std::fs::read_to_string(folder.join("USER.md")).unwrap(), "");
    }
}
