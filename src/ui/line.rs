//! Text with roles, and lines made of it.

use crate::ui::look::Role;

/// A stretch of text with one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Its length in bytes.
    pub len: u32,
    /// Its role.
    pub role: Role,
}

/// Text whose parts have roles; not yet broken into lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Styled {
    /// The text.
    pub text: String,
    /// Its parts; their lengths add up to that of the text.
    pub runs: Vec<Run>,
}

impl Styled {
    /// Text with one role.
    pub fn new(text: impl Into<String>, role: Role) -> Self {
        let mut styled = Self::default();
        styled.push(&text.into(), role);
        styled
    }
    /// Adds text.
    pub fn push(&mut self, text: &str, role: Role) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        push_run(&mut self.runs, text.len(), role);
    }
    /// Starts over, keeping the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.runs.clear();
    }
}

/// Adds a run, growing the last one where the role is the same.
pub fn push_run(runs: &mut Vec<Run>, len: usize, role: Role) {
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    match runs.last_mut() {
        Some(last) if last.role == role => last.len = last.len.saturating_add(len),
        _ if len == 0 => {}
        _ => runs.push(Run { len, role }),
    }
}

/// One line on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// What is drawn.
    pub text: Box<str>,
    /// Its parts.
    pub runs: Box<[Run]>,
    /// Where its block begins in the source of its entry, in bytes: an anchor that outlives a new width.
    pub source: u32,
}

impl Line {
    /// A line from text with roles.
    pub fn new(styled: Styled, source: usize) -> Self {
        Self { text: styled.text.into(), runs: styled.runs.into(), source: u32::try_from(source).unwrap_or(u32::MAX) }
    }
}
