//! Whether something may be done, needs to be asked for, or can't be: a rule, not a question. Pure.

use crate::domain::tool::{Approvals, Request, Rule};
use std::path::Path;

/// What follows from a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is done.
    Allow,
    /// The person is asked.
    Ask,
    /// Nobody is there to ask.
    Refuse,
}

/// Decides by the rules of the conversation and those that hold for good; where none fits, by who is there to answer.
pub fn decide<'a>(request: &Request, rules: impl IntoIterator<Item = &'a Rule>, approvals: Approvals) -> Decision {
    match approvals {
        Approvals::Yes => Decision::Allow,
        _ if rules.into_iter().any(|rule| covers(rule, &request.rule)) => Decision::Allow,
        Approvals::Ask => Decision::Ask,
        Approvals::Refuse => Decision::Refuse,
    }
}

/// Whether a rule allows what another one would allow, too.
fn covers(rule: &Rule, wanted: &Rule) -> bool {
    match (rule, wanted) {
        (Rule::Command(rule), Rule::Command(command)) => rule == command,
        // by whole names: `/a/b` does not cover `/a/bc`
        (Rule::FilesBelow(rule), Rule::FilesBelow(folder)) => Path::new(folder).starts_with(rule),
        (Rule::Tool(rule), Rule::Tool(tool)) => rule == tool,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tool::Shown;

    #[test]
    fn rules_allow_what_they_name_and_nothing_else() {
        let command = |text: &str| Rule::Command(text.into());
        let files = |text: &str| Rule::FilesBelow(text.into());
        let request = |rule: Rule| Request {
            title: "Run this command?".into(),
            what: Shown::Text("ls".into()),
            place: "~".into(),
            dangers: vec![],
            rule,
            stamp: 1,
        };
        use {Approvals::*, Decision::*};
        for (wanted, rules, approvals, decision) in [
            (command("ls"), vec![], Approvals::Ask, Decision::Ask),
            (command("ls"), vec![], Approvals::Refuse, Decision::Refuse),
            (command("rm -rf x"), vec![], Yes, Allow),
            (command("ls"), vec![command("ls")], Approvals::Ask, Allow),
            (command("ls"), vec![command("ls")], Approvals::Refuse, Allow),
            (command("ls; rm x"), vec![command("ls")], Approvals::Ask, Decision::Ask),
            (command("ls "), vec![command("ls")], Approvals::Ask, Decision::Ask),
            (files("/a/b"), vec![files("/a")], Approvals::Ask, Allow),
            (files("/a/b"), vec![files("/a/b")], Approvals::Ask, Allow),
            (files("/a/bc"), vec![files("/a/b")], Approvals::Ask, Decision::Ask),
            (files("/a"), vec![files("/a/b")], Approvals::Ask, Decision::Ask),
            (files("ls"), vec![command("ls")], Approvals::Ask, Decision::Ask),
        ] {
            assert_eq!(decide(&request(wanted.clone()), &rules, approvals), decision, "{wanted} {rules:?}");
        }
    }
}
