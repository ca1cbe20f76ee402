//! Text with roles, and lines made of it.

use crate::{domain::sight::Thumb, ui::look::Role};
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

/// A stretch of text with one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Run {
    /// Its length in bytes.
    pub len: u32,
    /// Its role.
    pub role: Role,
    /// The number of the link that it is part of, 0 for none: whoever laid it out knows where that leads. It takes the room that
    /// padding would.
    pub link: u16,
}

impl Run {
    /// A stretch that leads nowhere.
    pub fn new(len: usize, role: Role) -> Self {
        Self { len: u32::try_from(len).unwrap_or(u32::MAX), role, link: 0 }
    }
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
        self.push_linked(text, role, 0);
    }
    /// Adds text that is part of a link.
    pub fn push_linked(&mut self, text: &str, role: Role, link: u16) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        push_run(&mut self.runs, Run { link, ..Run::new(text.len(), role) });
    }
    /// Adds text that has its parts already.
    pub fn append(&mut self, text: &str, runs: &[Run]) {
        self.text.push_str(text);
        runs.iter().for_each(|run| push_run(&mut self.runs, *run));
    }
    /// Takes away the line ends at the end.
    pub fn trim_line_ends(&mut self) {
        let mut gone = self.text.len() - self.text.trim_end_matches('\n').len();
        self.text.truncate(self.text.len() - gone);
        while let Some(last) = self.runs.last_mut().filter(|_| gone > 0) {
            let here = gone.min(last.len as usize);
            gone -= here;
            last.len -= u32::try_from(here).unwrap_or(last.len);
            if last.len == 0 {
                self.runs.pop();
            }
        }
    }
    /// Starts over, keeping the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.runs.clear();
    }
}

/// Adds a run, growing the last one where nothing but the length differs.
pub fn push_run(runs: &mut Vec<Run>, run: Run) {
    match runs.last_mut() {
        Some(last) if last.role == run.role && last.link == run.link => last.len = last.len.saturating_add(run.len),
        _ if run.len == 0 => {}
        _ => runs.push(run),
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
    /// A row of a picture, in the place of text. Few lines are one.
    pub strip: Option<Box<Strip>>,
}

/// A row of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// The picture.
    pub thumb: Arc<Thumb>,
    /// The row of it.
    pub row: u16,
    /// Cells that stay free before it.
    pub indent: u16,
}

/// It takes part in telling lines apart, not in what they look like.
impl Hash for Strip {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (Arc::as_ptr(&self.thumb).addr(), self.row, self.indent).hash(state);
    }
}

impl Line {
    /// The rows of a picture.
    pub fn picture(thumb: &Arc<Thumb>, indent: u16) -> impl Iterator<Item = Line> {
        (0..thumb.rows()).map(move |row| Line { strip: Some(Box::new(Strip { thumb: thumb.clone(), row, indent })), ..Line::default() })
    }

    /// A line from text with roles.
    pub fn new(styled: Styled, source: usize) -> Self {
        Self { text: styled.text.into(), runs: styled.runs.into(), source: u32::try_from(source).unwrap_or(u32::MAX), strip: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_makes_no_run_longer() {
        assert_eq!(std::mem::size_of::<Run>(), 8);
    }

    #[test]
    fn line_ends_at_the_end_go_with_their_runs() {
        let mut styled = Styled::new("a\nb", Role::Text);
        styled.push("\n", Role::Code);
        styled.push("\n\n", Role::Text);
        styled.trim_line_ends();
        assert_eq!(styled, Styled::new("a\nb", Role::Text));
        let mut ends = Styled::new("\n\n", Role::Text);
        ends.trim_line_ends();
        assert_eq!(ends, Styled::default());
    }
}
