//! What stands round a text: quotes, and items of lists with their marks. Each takes room, and writes before every line.

use crate::ui::{
    line::{Line, Styled},
    look::Role,
    wrap,
};

/// The bar of a quote.
const BAR: &str = "▎ ";

/// A container round the text: a quote, or an item of a list.
struct Level {
    /// What stands before the first line; taken by it.
    marker: Option<Styled>,
    /// What stands before the others; blanks as wide as the mark when there is nothing.
    bar: Option<&'static str>,
    width: usize,
}

/// The containers that are open, the innermost last.
#[derive(Default)]
pub(super) struct Containers(Vec<Level>);

impl Containers {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub(super) fn open_quote(&mut self) {
        self.0.push(Level { marker: None, bar: Some(BAR), width: wrap::width(BAR) });
    }
    pub(super) fn open_item(&mut self, mark: String) {
        let width = wrap::width(&mark);
        self.0.push(Level { marker: Some(Styled::new(mark, Role::Muted)), bar: None, width });
    }
    pub(super) fn close(&mut self) {
        self.0.pop();
    }
    /// The item is a task.
    pub(super) fn mark_task(&mut self, done: bool) {
        if let Some(mark) = self.0.last_mut().and_then(|level| level.marker.as_mut()) {
            *mark = Styled::new(if done { "✓ " } else { "○ " }, Role::Muted);
        }
    }
    /// Whether the innermost is an item that has no line yet.
    pub(super) fn has_mark(&self) -> bool {
        self.0.last().is_some_and(|level| level.marker.is_some())
    }
    /// Cells that are left beside them.
    pub(super) fn room(&self, width: usize) -> usize {
        width.saturating_sub(self.0.iter().map(|level| level.width).sum()).max(4)
    }
    /// What stands in an empty line between blocks.
    pub(super) fn gap(&self) -> Styled {
        let mut line = Styled::default();
        if self.0.iter().any(|level| level.bar.is_some()) {
            self.0.iter().for_each(|level| level.push_rest(&mut line));
        }
        line
    }
    /// Puts what they want before these lines.
    pub(super) fn indent(&mut self, lines: &mut [Line]) {
        if self.0.is_empty() {
            return;
        }
        for line in lines {
            let mut whole = Styled::default();
            for level in &mut self.0 {
                match level.marker.take() {
                    Some(marker) => {
                        whole.text.push_str(&marker.text);
                        whole.runs.extend(marker.runs);
                    }
                    None => level.push_rest(&mut whole),
                }
            }
            whole.text.push_str(&line.text);
            whole.runs.extend(line.runs.iter().copied());
            *line = Line::new(whole, line.source as usize);
        }
    }
}

impl Level {
    fn push_rest(&self, line: &mut Styled) {
        match self.bar {
            Some(bar) => line.push(bar, Role::Muted),
            None => line.push(&" ".repeat(self.width), Role::Text),
        }
    }
}
