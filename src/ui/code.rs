//! Colours for code: a text and its language to roles. Definitions are loaded when the first block with a language is drawn;
//! long blocks stay plain after a limit, because each line costs time.

use crate::ui::{
    line::{Run, Styled, push_run},
    look::Role,
};
use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// Lines of one block that get colours.
const MOST_LINES: usize = 2_000;
/// Longer lines stay plain: minified code would take seconds.
const LONGEST_LINE: usize = 2_000;

/// A line of which the colours take longer is the last that gets any; the first of a language, whose rules are made then, takes 6 ms.
const SLOW: Duration = Duration::from_millis(500);

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);
static RULES: LazyLock<Vec<(Scope, Role)>> = LazyLock::new(|| {
    [
        ("comment", Role::Comment),
        ("punctuation.definition.comment", Role::Comment),
        ("string", Role::Literal),
        ("punctuation.definition.string", Role::Literal),
        ("constant.numeric", Role::Number),
        ("constant.character.escape", Role::Constant),
        ("constant", Role::Constant),
        ("keyword.operator.word", Role::Keyword),
        ("keyword.operator", Role::Text),
        ("keyword", Role::Keyword),
        ("storage", Role::Keyword),
        ("entity.name.function", Role::Function),
        ("support.function", Role::Function),
        ("variable.function", Role::Function),
        ("entity.name.tag", Role::Keyword),
        ("entity.other.attribute-name", Role::Function),
        ("entity.name", Role::Type),
        ("entity.other.inherited-class", Role::Type),
        ("support.type.property-name", Role::Function),
        ("support", Role::Type),
        ("markup.inserted", Role::Added),
        ("markup.deleted", Role::Removed),
        ("markup.heading", Role::Heading),
        ("meta.diff.range", Role::Function),
    ]
    .iter()
    .filter_map(|(name, role)| Some((Scope::new(name).ok()?, *role)))
    .collect()
});

/// Colours one block, line after line.
pub struct Highlighter {
    state: Option<(ParseState, ScopeStack)>,
    lines: usize,
    /// The last line took too long.
    slow: bool,
}

impl Highlighter {
    /// For a block in that language (`rust`, `py`, `Dockerfile`, …); plain when it is not known.
    pub fn new(language: &str) -> Self {
        let state = syntax(language).map(|syntax| (ParseState::new(syntax), ScopeStack::new()));
        Self { state, lines: 0, slow: false }
    }

    /// The next line, without its line end.
    pub fn line(&mut self, text: &str) -> Styled {
        self.lines += 1;
        if self.lines > MOST_LINES || text.len() > LONGEST_LINE || self.slow {
            self.state = None;
        }
        self.coloured(text).unwrap_or_else(|| Styled::new(text, Role::Text))
    }

    fn coloured(&mut self, text: &str) -> Option<Styled> {
        let (state, stack) = self.state.as_mut()?;
        let mut line = String::with_capacity(text.len() + 1);
        line.push_str(text);
        line.push('\n');
        let began = Instant::now();
        let changes = state.parse_line(&line, &SYNTAXES).ok()?;
        // a rule that takes so long on one line would on others: they are left plain
        self.slow = began.elapsed() > SLOW;
        let mut styled = Styled { text: text.to_string(), runs: vec![] };
        let mut at = 0;
        for (position, change) in changes {
            let position = position.min(text.len());
            if position > at {
                push_run(&mut styled.runs, Run::new(position - at, role(stack)));
                at = position;
            }
            stack.apply(&change).ok()?;
        }
        push_run(&mut styled.runs, Run::new(text.len() - at, role(stack)));
        Some(styled)
    }
}

impl Clone for Highlighter {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), ..*self }
    }
}

fn role(stack: &ScopeStack) -> Role {
    stack
        .scopes
        .iter()
        .rev()
        .find_map(|scope| RULES.iter().find(|(rule, _)| rule.is_prefix_of(*scope)).map(|(_, role)| *role))
        .unwrap_or(Role::Text)
}

fn syntax(language: &str) -> Option<&'static SyntaxReference> {
    let language = language.split([',', ' ', '{', ':']).next().unwrap_or_default().trim();
    if language.is_empty() || matches!(language, "text" | "txt" | "plain" | "plaintext" | "output") {
        return None;
    }
    let known = match language {
        "shell" | "console" | "zsh" | "sh-session" => "bash",
        "golang" => "go",
        "c++" => "cpp",
        "jsonc" | "json5" => "json",
        "node" => "javascript",
        other => other,
    };
    SYNTAXES.find_syntax_by_token(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_gets_roles_and_keeps_its_text() {
        let mut rust = Highlighter::new("rust");
        let line = rust.line("fn main() { let a = \"x\"; } // done");
        assert_eq!(line.text, "fn main() { let a = \"x\"; } // done");
        assert_eq!(line.runs.iter().map(|r| r.len as usize).sum::<usize>(), line.text.len());
        for wanted in [Role::Keyword, Role::Function, Role::Literal, Role::Comment] {
            assert!(line.runs.iter().any(|r| r.role == wanted), "{wanted:?} in {:?}", line.runs);
        }
    }

    #[test]
    fn unknown_languages_and_long_lines_stay_plain() {
        assert_eq!(Highlighter::new("klingon").line("a b").runs.len(), 1);
        assert_eq!(Highlighter::new("rust").line(&"fn ".repeat(1000)).runs.len(), 1);
    }
}
