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
    /// What it was said to be in, as far as that had come.
    language: Box<str>,
    /// Bytes of its text that are in `lines`.
    bytes: usize,
    lines: Vec<Line>,
    highlighter: Highlighter,
}

impl OpenCode {
    /// Nothing yet of the block that begins at `start`.
    pub(super) fn new(start: usize, language: &str) -> Self {
        Self { start, language: language.into(), bytes: 0, lines: vec![], highlighter: Highlighter::new(language) }
    }

    /// Whether this is the block at `start`, in that language, and `text` goes on with what is laid out already.
    pub(super) fn goes_on(&self, start: usize, language: &str, text: &str) -> bool {
        self.start == start && *self.language == *language && finished(text) >= self.bytes
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
        label(from, info, width, out);
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
        // where the row could end: behind the last blank in it
        let mut blank = 0;
        for (grapheme, cells) in wrap::cells(&code.text) {
            // graphemes without a width are not told: find the place of this one
            at = code.text[at..].find(grapheme).map_or(at, |n| at + n);
            if used + usize::from(cells) > width {
                let end = if wrap::width(&code.text[start..blank.max(start)]) > width / 2 { blank } else { at };
                cuts.push(start..end);
                (start, used) = (end, wrap::width(&code.text[end..at]));
            }
            used += usize::from(cells);
            at += grapheme.len();
            if grapheme == " " {
                blank = at;
            }
        }
    }
    cuts.push(start..code.text.len());
    for (number, range) in cuts.into_iter().enumerate() {
        // a line that goes on is not one of its own: whoever copies it with the mouse sees that
        let mut line = Styled::new(if number == 0 { "┃ " } else { "↪ " }, Role::Muted);
        line.text.push_str(&code.text[range.clone()]);
        wrap::slice(&code.runs, range, &mut line.runs);
        out.push(Line::new(line, source));
    }
}

/// The language of the code, or the name of the file, at the right end of its first line; in a line of its own where there is no room.
fn label(first: usize, info: &str, width: usize, out: &mut Vec<Line>) {
    let name = info.split([' ', '\t']).next_back().unwrap_or_default().trim_start_matches("title=").trim_matches('"');
    let Some(line) = out.get(first).filter(|_| !name.is_empty()) else { return };
    let name = wrap::ellipsis(name, width);
    // near the code, and over the longest line that most code has
    let (used, full) = (wrap::width(&line.text), (width + 2).min(78));
    let is_free = used + 2 + wrap::width(&name) <= full;
    let (mut styled, used) = match is_free {
        true => (Styled { text: line.text.to_string(), runs: line.runs.to_vec() }, used),
        false => (Styled::new("┃ ", Role::Muted), 2),
    };
    styled.push(&" ".repeat((full - used).saturating_sub(wrap::width(&name))), Role::Text);
    styled.push(&name, Role::Muted);
    let line = Line::new(styled, line.source as usize);
    if is_free {
        out[first] = line;
    } else {
        out.insert(first, line);
    }
}
