//! A code block as lines, coloured and behind its bar. While it is still coming, the lines that are finished keep their colours.

use crate::ui::{
    code::Highlighter,
    line::{Line, Styled},
    look::Role,
    wrap,
};

/// A code block that is still coming.
pub(super) struct OpenCode {
    /// Where it begins in the source.
    start: usize,
    /// Bytes of its text that are in `lines`.
    bytes: usize,
    lines: Vec<Line>,
    highlighter: Highlighter,
}

impl OpenCode {
    /// Nothing yet of the block that begins at `start`.
    pub(super) fn new(start: usize, language: &str) -> Self {
        Self { start, bytes: 0, lines: vec![], highlighter: Highlighter::new(language) }
    }

    /// Whether this is the block at `start`, and `text` goes on with what is laid out already.
    pub(super) fn goes_on(&self, start: usize, text: &str) -> bool {
        self.start == start && finished(text) >= self.bytes
    }

    /// Appends the lines of the block, `width` cells wide behind its bar; `info` is what stands at its fence.
    pub(super) fn layout(&mut self, text: &str, info: &str, width: usize, out: &mut Vec<Line>) {
        let (from, finished) = (out.len(), finished(text));
        for line in text[self.bytes..finished].split_terminator('\n') {
            code_lines(&self.highlighter.line(&expand_tabs(line)), width, self.start, &mut self.lines);
        }
        self.bytes = finished;
        out.extend(self.lines.iter().cloned());
        if finished < text.len() {
            let styled = self.highlighter.clone().line(&expand_tabs(&text[finished..]));
            code_lines(&styled, width, self.start, out);
        }
        if out.len() == from {
            code_lines(&Styled::default(), width, self.start, out);
        }
        if let Some(first) = out.get_mut(from) {
            label(first, info, width);
        }
    }
}

/// Bytes of whole lines.
fn finished(text: &str) -> usize {
    text.rfind('\n').map_or(0, |n| n + 1)
}

fn expand_tabs(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\t') { text.replace('\t', "    ").into() } else { text.into() }
}

/// One line of code, broken where it is too long, behind its bar.
fn code_lines(code: &Styled, width: usize, source: usize, out: &mut Vec<Line>) {
    let mut start = 0;
    let mut used = 0;
    let mut cuts = vec![];
    if wrap::width(&code.text) > width {
        let mut at = 0;
        for (grapheme, cells) in wrap::cells(&code.text) {
            // graphemes without a width are not told: find the place of this one
            at = code.text[at..].find(grapheme).map_or(at, |n| at + n);
            if used + usize::from(cells) > width {
                cuts.push(start..at);
                (start, used) = (at, 0);
            }
            used += usize::from(cells);
            at += grapheme.len();
        }
    }
    cuts.push(start..code.text.len());
    for range in cuts {
        let mut line = Styled::new("┃ ", Role::Muted);
        line.text.push_str(&code.text[range.clone()]);
        wrap::slice(&code.runs, range, &mut line.runs);
        out.push(Line::new(line, source));
    }
}

/// The language of the code, or the name of the file, at the right end of its first line, when there is room.
fn label(line: &mut Line, info: &str, width: usize) {
    let name = info.split([' ', '\t']).next_back().unwrap_or_default().trim_start_matches("title=").trim_matches('"');
    let used = wrap::width(&line.text);
    let full = (width + 2).min(78);
    if name.is_empty() || used + 2 + wrap::width(name) > full {
        return;
    }
    let mut styled = Styled { text: line.text.to_string(), runs: line.runs.to_vec() };
    styled.push(&" ".repeat(full - used - wrap::width(name)), Role::Text);
    styled.push(name, Role::Muted);
    *line = Line::new(styled, line.source as usize);
}
