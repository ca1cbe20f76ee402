//! `/copy`

use super::{Command, When};
use crate::{
    domain::{conversation::Body, facts::Facts},
    flow::{intent::Intent, screen::Reply},
};

pub static COMMAND: Command = Command {
    name: "copy",
    also: "clipboard yank",
    takes: "[code|question]",
    about: "Copy the last answer, its last code, or the last question",
    when: When::Always,
    choices: |_| vec!["code".into(), "question".into()],
    run: |what, facts| match pick(what, facts) {
        Some((text, what)) => Reply::intent(Intent::Copy { text, what: what.into() }),
        None => Reply::intent(Intent::Tell("There is nothing to copy yet".into())),
    },
};

fn pick(what: &str, facts: &Facts) -> Option<(String, &'static str)> {
    let conversation = &facts.front().conversation;
    match what {
        "question" => match &conversation.entries[conversation.last_question()?].body {
            Body::Said(said) => Some((said.text.clone(), "the last question")),
            _ => None,
        },
        "code" => last_code(&conversation.last_answer()?.text).map(|code| (code, "the last code")),
        _ => Some((conversation.last_answer()?.text.clone(), "the last answer")),
    }
}

/// The inside of the last fenced block.
fn last_code(text: &str) -> Option<String> {
    let mut found = None;
    let mut open: Option<(String, Vec<&str>)> = None;
    for line in text.lines() {
        let mark: String = line.trim_start().chars().take_while(|c| *c == '`' || *c == '~').collect();
        match &mut open {
            Some((fence, code)) if mark.starts_with(fence.as_str()) && line.trim() == mark => {
                found = Some(code.join("\n"));
                open = None;
            }
            Some((_, code)) => code.push(line),
            None if mark.len() >= 3 => open = Some((mark, vec![])),
            None => {}
        }
    }
    found.or(open.map(|(_, code)| code.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_code_is_found() {
        assert_eq!(last_code("a\n```sh\none\n```\n````md\n```\nx\n```\n````\nend").as_deref(), Some("```\nx\n```"));
        assert_eq!(last_code("```\nopen").as_deref(), Some("open"));
        assert_eq!(last_code("none"), None);
    }
}
