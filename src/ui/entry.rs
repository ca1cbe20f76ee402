//! One entry of a conversation, laid out. An entry that did not change is never laid out again at the same width; an answer
//! that grows is laid out from its last block on.

mod call;
mod job;
mod trouble;

use crate::{
    domain::{
        attached::{Content, size},
        conversation::{Answer, Body, Compared, Ending, Entry, Notice, Said, Stats, Thought, Usage, Used},
        foreign::{Tamer, tame, tame_line},
    },
    ui::{
        line::{Line, Run, Styled},
        look::Role,
        markdown::Document,
        wrap::{self, PROSE},
    },
};
use std::sync::Arc;

/// Questions longer than this many lines are folded.
const LONG_QUESTION: usize = 30;
/// How many lines of a folded question are shown.
const SHOWN: usize = 8;
/// A block of an answer that does not end within so many bytes is drawn in several.
const LONGEST_BLOCK: usize = 256 << 10;
/// Answers longer than this are looked at once alone: a second look at all of it would keep the keys waiting.
const LONG_ANSWER: usize = 2 << 20;

/// The lines of one entry, with an empty one at the end when it is followed by something.
#[derive(Default)]
pub struct Layout {
    stamp: u64,
    /// An empty line before it: calls stand together, and what follows them apart.
    lead: usize,
    blank: Line,
    /// The Markdown of an answer, drawn two cells further in.
    document: Document,
    /// Everything else: whole for other entries, the closing lines of an answer.
    rest: Vec<Line>,
    /// The source as it was tamed, and how much of the raw text that covers.
    tamed: String,
    tamer: Tamer,
    seen: usize,
    /// There is more of the answer than was laid out.
    behind: bool,
}

/// How an entry is laid out.
pub struct Wanted {
    /// Cells that the body may use, both margins taken off.
    pub width: usize,
    /// Whether it is shown in full.
    pub unfolded: bool,
    /// The time, in milliseconds.
    pub now: u64,
    /// Bytes of an answer that are taken at most.
    pub most: usize,
}

impl Layout {
    /// Brings the layout up to date; says how many bytes of an answer were taken. `before` is what stands above it.
    pub fn update(&mut self, entry: &Entry, before: Option<&Body>, wanted: &Wanted) -> usize {
        let Wanted { width, unfolded, now, most } = *wanted;
        let stamp = stamp(&entry.body, unfolded, now);
        if stamp == self.stamp && !self.behind {
            return 0;
        }
        self.stamp = stamp;
        let thought = |body: &Body| matches!(body, Body::Thought(_));
        let follows = before.is_some_and(|before| is_act(before) || thought(before));
        let apart = follows && !is_act(&entry.body) && !thought(&entry.body);
        self.lead = usize::from(apart);
        let width = width.max(8);
        self.rest.clear();
        let lines = &mut self.rest;
        match &entry.body {
            Body::Answered(answer) => return self.answer(answer, width, most),
            Body::Said(said) => question(said, width, unfolded, lines),
            Body::Thought(thought) => reasoning(thought, width, unfolded, lines),
            Body::Noticed(Notice::Info(text)) => notice(text, width, lines),
            Body::Noticed(Notice::Trouble(trouble)) => trouble::lines(trouble, width, unfolded, lines),
            Body::Used(used) => call::lines(used, width, unfolded, now, lines),
            Body::Served(served) => call::served(served, width, lines),
            Body::Ran(used) => call::own_line(used, width, unfolded, now, lines),
            Body::Making(made) => job::lines(made, width, unfolded, lines),
        }
        if !(is_act(&entry.body) || matches!(entry.body, Body::Thought(_))) || unfolded {
            lines.push(Line::default());
        }
        0
    }

    /// Whether there is more than was laid out.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        let lines = self.document.lines.len() + self.rest.len();
        if lines == 0 { 0 } else { self.lead + lines }
    }
    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// A line, and how many cells further in it stands.
    pub fn get(&self, number: usize) -> Option<(u16, &Line)> {
        let Some(number) = number.checked_sub(self.lead) else { return Some((0, &self.blank)) };
        match self.document.lines.get(number) {
            Some(line) => Some((2, line)),
            None => self.rest.get(number.checked_sub(self.document.lines.len())?).map(|line| (0, line)),
        }
    }

    /// Where the link of that number leads.
    pub fn address(&self, link: u16) -> Option<&Arc<str>> {
        self.document.address(link)
    }

    /// An answer is laid out from its first letter on.
    fn begin(&mut self, width: usize) {
        self.document = Document::wide((width - 2).min(PROSE), width - 2);
        self.tamer = Tamer::default();
        self.tamed.clear();
        self.seen = 0;
    }

    fn answer(&mut self, answer: &Answer, width: usize, most: usize) -> usize {
        // taming piece by piece: a piece ends before anything that what comes could still belong to
        let whole = if answer.ending.is_none() { settled(&answer.text) } else { answer.text.len() };
        if self.seen == 0 || whole < self.seen || !answer.text.is_char_boundary(self.seen) {
            self.begin(width);
        }
        let before = self.seen;
        let piece = answer.text.floor_char_boundary(before.saturating_add(most));
        self.seen = if piece < whole { settled(&answer.text[..piece]).max(before) } else { whole };
        self.behind = self.seen < whole;
        self.tamer.push(&answer.text[before..self.seen], &mut self.tamed);
        let ending = answer.ending.filter(|_| !self.behind);
        if ending.is_some() && whole <= LONG_ANSWER {
            // the finished item is the source of truth: where it says something else than its deltas did, it is laid out anew
            let tamed = tame(&answer.text);
            if tamed != self.tamed {
                self.begin(width);
                (self.tamed, self.seen) = (tamed.into_owned(), whole);
            }
        }
        let waits = self.lay_out(ending.is_none());
        if ending.is_some() && whole <= LONG_ANSWER {
            self.document.finish(&self.tamed);
        }
        if answer.commentary {
            // words on the way stand back behind those of the answer
            let quiet = |run: &mut Run| run.role = Role::Muted;
            self.document.lines.iter_mut().for_each(|line| line.runs.iter_mut().for_each(quiet));
        }
        let lines = &mut self.rest;
        if waits {
            lines.push(Line::new(Styled::new("  ⋯", Role::Muted), self.tamed.len()));
        }
        if !self.document.lines.is_empty() || waits {
            lines.push(Line::default());
        }
        if let Some(ending) = ending {
            let before = lines.len();
            closing(ending, answer, (width - 2).min(PROSE), self.seen, lines);
            if lines.len() > before {
                lines.push(Line::default());
            }
        }
        self.seen.saturating_sub(before)
    }

    /// Lays out what is new, and ends a block that has no end. Says whether a row of a table waits for its end.
    fn lay_out(&mut self, growing: bool) -> bool {
        let mut whole = if growing { whole_rows(&self.tamed) } else { self.tamed.len() };
        if whole < self.tamed.len() && self.document.in_code(&self.tamed) {
            whole = self.tamed.len();
        }
        let shown = &self.tamed[..whole];
        self.document.growing = growing;
        self.document.update(shown);
        let open = self.document.unsettled(shown);
        if open > LONGEST_BLOCK {
            let from = shown.floor_char_boundary(shown.len() - open / 2);
            let late = &shown[from..];
            let end = late.rfind('\n').or_else(|| late.rfind(' ')).map_or(shown.len(), |at| from + at + 1);
            self.document.settle(&shown[..end]);
            self.document.update(shown);
        }
        whole < self.tamed.len()
    }
}

/// The end of a growing text without the row of a table that has not come to its end, and without a table whose second line has not: until
/// then nobody knows that it is one.
fn whole_rows(text: &str) -> usize {
    let lines = text.len() - text.rfind('\n').map_or(0, |at| at + 1);
    let last = &text[text.len() - lines..];
    let is_row = |line: &str| line.trim_start().starts_with('|');
    if !last.is_empty() && !is_row(last) {
        return text.len();
    }
    let before = &text[..text.len() - lines];
    let rows: usize = before.lines().rev().take_while(|line| is_row(line)).take(2).count();
    match rows {
        0 if last.is_empty() => text.len(),
        0 => before.len(),
        1 => before.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1),
        _ => before.len(),
    }
}

/// What stands under an answer: how it ended, or its figures; and who made it, where that was another one before.
fn closing(ending: Ending, answer: &Answer, width: usize, source: usize, out: &mut Vec<Line>) {
    let who = if answer.named { format!("{} · ", wrap::ellipsis(&tame_line(&answer.model), width / 2)) } else { String::new() };
    let mut muted = |text: &str| out.push(Line::new(Styled::new(format!("  {who}{text}"), Role::Muted), source));
    match (ending, answer.stats) {
        (Ending::Stopped, _) => muted("stopped"),
        (Ending::Cut, _) => muted("broke off here"),
        (Ending::Truncated, _) => muted("the limit of the output was reached here"),
        (Ending::Filtered, _) => muted("the provider's filter withheld the rest"),
        (Ending::Complete, None) => {}
        (Ending::Complete, Some(Stats { compared: Some(compared), output_tokens, .. })) => {
            comparison(&compared, output_tokens, width, source, out);
        }
        (Ending::Complete, Some(stats)) => {
            let seconds = f64::from(stats.tenths) / 10.0;
            let rate = if stats.tenths > 0 { format!(" · {:.0}/s", stats.output_tokens as f64 / seconds) } else { String::new() };
            muted(&match stats.output_tokens {
                0 => format!("{seconds:.1} s"),
                tokens => format!("{seconds:.1} s · {tokens} tokens{rate}"),
            });
        }
    }
}

/// The figures of one of several answers; the best have a mark. No figure is broken apart.
fn comparison(compared: &Compared, tokens: u64, width: usize, source: usize, out: &mut Vec<Line>) {
    let cost = Usage { cost_ticks: compared.cost_ticks, ..Usage::default() }.cost_usd();
    let best = compared.best;
    let figures = [
        compared.first.map(|first| (format!("first word {}.{} s", first / 1_000, first / 100 % 10), best.first)),
        Some((format!("{} words/s", (compared.rate + 5) / 10), best.rate)).filter(|_| compared.rate > 0),
        Some((format!("{tokens} tokens"), best.tokens)).filter(|_| tokens > 0),
        Some((format!("${cost:.4}"), best.cost)).filter(|_| compared.cost_ticks > 0),
    ];
    let mut line = Styled::default();
    for (figure, best) in figures.into_iter().flatten() {
        let (mark, role) = if best { ("✓ ", Role::Text) } else { ("", Role::Muted) };
        if !line.text.is_empty() && wrap::width(&line.text) + 3 + wrap::width(mark) + wrap::width(&figure) > width + 2 {
            out.push(Line::new(std::mem::take(&mut line), source));
        }
        line.push(if line.text.is_empty() { "  " } else { " · " }, Role::Muted);
        line.push(mark, Role::Good);
        line.push(&figure, role);
    }
    if !line.text.is_empty() {
        out.push(Line::new(line, source));
    }
}

/// What was done, by a tool or by the service: lines that belong together.
fn is_act(body: &Body) -> bool {
    matches!(body, Body::Used(_) | Body::Served(_))
}

/// What makes a layout stale: cheap to take, and different whenever the entry would look different.
fn stamp(body: &Body, unfolded: bool, now: u64) -> u64 {
    let (kind, length, more) = match body {
        Body::Said(said) => (1, said.text.len() as u64, said.files.len() as u64),
        Body::Thought(thought) => match thought.tenths {
            Some(tenths) => (2, thought.summary.len() as u64, u64::from(tenths)),
            None => (3, if unfolded { thought.summary.len() as u64 } else { 0 }, 0),
        },
        Body::Answered(answer) => (
            answer.ending.map_or(4, |ending| 5 + ending as u64),
            answer.text.len() as u64,
            answer.stats.map_or(0, |stats| 1 + u64::from(stats.tenths) + marks(&stats)),
        ),
        Body::Served(served) => (11, served.subject.len() as u64, 0),
        Body::Used(used) | Body::Ran(used) => {
            let state = match &used.state {
                Used::Asked => 0,
                // its sign turns, and what it prints is seen when it is unfolded
                Used::Running { printed, .. } => {
                    8 + (now / 250) * 2 + if unfolded || matches!(body, Body::Ran(_)) { printed.len() as u64 } else { 0 }
                }
                Used::Refused { .. } => 2,
                Used::Dropped { .. } => 3,
                Used::Done(outcome) => 4 + u64::from(outcome.ok),
            };
            let output = match &used.state {
                Used::Done(outcome) => outcome.output.len() as u64,
                _ => 0,
            };
            (10, used.call.arguments.len() as u64 + output, state + u64::from(used.told.is_some()))
        }
        Body::Making(made) => (13, job::stamp(made), 0),
        Body::Noticed(_) => (12, 0, 0),
    };
    1 + u64::from(unfolded) + kind * 2 + (length << 8) + (more << 42)
}

/// Marks are set when all answers to a question are in: long after the answer itself was laid out.
fn marks(stats: &Stats) -> u64 {
    let best = stats.compared.unwrap_or_default().best;
    let bits = [best.first, best.rate, best.tokens, best.cost].into_iter().fold(0, |bits, is| bits * 2 + u64::from(is));
    bits << 18
}

/// The end of the part of a growing text that is drawn as it is: not in the middle of `\r\n` or of a tower of marks.
fn settled(text: &str) -> usize {
    text.strip_suffix('\r').unwrap_or(text).len()
}

/// A sign, then text that hangs under its first line. Everything stands two cells in from the margin.
fn marked(sign: &str, sign_role: Role, text: &str, role: Role, width: usize, out: &mut Vec<Line>) {
    let prefix = |n: usize| match n {
        0 => {
            let mut first = Styled::new("  ", Role::Text);
            first.push(sign, sign_role);
            first
        }
        _ => Styled::new("    ", Role::Text),
    };
    wrap::lines(&Styled::new(text, role), width.saturating_sub(4).clamp(4, PROSE), 0, prefix, out);
}

fn question(said: &Said, width: usize, unfolded: bool, out: &mut Vec<Line>) {
    let text = tame(said.text.trim_end());
    let shown = match text.char_indices().nth(64 * 1024) {
        Some((cut, _)) if !unfolded => &text[..cut],
        _ => &text,
    };
    let prefix = |n: usize| if n == 0 { Styled::new("❯ ", Role::Accent) } else { Styled::new("  ", Role::Text) };
    let text_room = (width - 2).min(PROSE);
    wrap::lines(&Styled::new(shown.replace('\t', "    "), Role::Person), text_room, 0, prefix, out);
    if out.len() > LONG_QUESTION && !unfolded {
        out.truncate(SHOWN);
        let lines = text.lines().count().saturating_sub(SHOWN).max(1);
        out.push(Line::new(Styled::new(format!("  ▸ {lines} more lines"), Role::Muted), 0));
    }
    for file in &said.files {
        let what = match &file.content {
            Content::Picture(_) => "picture".to_string(),
            Content::Text(text) => size(text.len() as u64),
        };
        out.push(Line::new(Styled::new(format!("  ▪ {} · {what}", tame_line(&file.path)), Role::Muted), 0));
    }
}

fn reasoning(thought: &Thought, width: usize, unfolded: bool, out: &mut Vec<Line>) {
    let head = match (thought.tenths, unfolded) {
        // that it goes on is told below
        (None, false) => return,
        (None, true) => "  ▾ thinking".to_string(),
        (Some(tenths), unfolded) => {
            let time = if tenths < 10 { "a moment".to_string() } else { format!("{} s", (tenths + 5) / 10) };
            format!("  {} thought for {time}", if unfolded { '▾' } else { '▸' })
        }
    };
    out.push(Line::new(Styled::new(head, Role::Muted), 0));
    if unfolded {
        let text = tame(thought.summary.trim());
        wrap::lines(&Styled::new(text.as_ref(), Role::Muted), (width - 4).min(PROSE), 0, |_| Styled::new("    ", Role::Text), out);
    }
}

fn notice(text: &str, width: usize, out: &mut Vec<Line>) {
    let text = tame(text);
    wrap::lines(&Styled::new(text.as_ref(), Role::Muted), (width - 2).min(PROSE), 0, |_| Styled::new("  ", Role::Text), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::EntryId;

    fn answer(text: &str, ending: Option<Ending>) -> Entry {
        Entry { id: EntryId(1), at: 0, body: Body::Answered(Answer { text: text.into(), ending, ..Answer::default() }) }
    }
    fn wanted(most: usize) -> Wanted {
        Wanted { width: 60, unfolded: false, now: 0, most }
    }
    fn lines(layout: &Layout) -> Vec<&str> {
        (0..layout.len()).filter_map(|n| layout.get(n)).map(|(_, line)| &*line.text).collect()
    }

    #[test]
    fn an_answer_that_is_laid_out_in_pieces_ends_as_if_it_came_at_once() {
        let text = "A paragraph with **words** and 日本語 \u{1b}[1m.\r\n\r\n```rust\nfn x() {}\n```\n\n- one\n- two\n\n".repeat(40);
        for ending in [None, Some(Ending::Complete), Some(Ending::Stopped)] {
            let (mut whole, mut pieces) = (Layout::default(), Layout::default());
            let entry = answer(&text, ending);
            assert_eq!(whole.update(&entry, None, &wanted(usize::MAX)), text.len());
            assert!(!whole.is_behind());
            let mut steps = 0;
            loop {
                let taken = pieces.update(&entry, None, &wanted(100));
                assert!(taken <= 100);
                steps += 1;
                if !pieces.is_behind() {
                    break;
                }
                assert!(taken > 0 && !lines(&pieces).contains(&"  stopped"));
                assert_eq!(pieces.update(&entry, None, &wanted(0)), 0, "nothing is allowed");
            }
            assert!(steps >= text.len() / 100);
            assert_eq!(lines(&pieces), lines(&whole));
        }
    }

    #[test]
    fn no_row_of_a_table_that_comes_moves_those_above_it() {
        let text = "Words.\n\n| Planet | Moons | What is said of it |\n|---|--:|---|\n| Earth | 1 | short |\n| Jupiter | 95 | a long sentence that takes several lines in a window of sixty cells |\n\nAfter.";
        let mut layout = Layout::default();
        let mut before: Vec<String> = vec![];
        for end in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            layout.update(&answer(&text[..end], None), None, &wanted(usize::MAX));
            let mut now: Vec<String> = lines(&layout).iter().map(|line| line.to_string()).collect();
            assert!(now.iter().all(|line| !line.contains("| ") && !line.contains("--")), "{now:?}");
            // what waits, and the empty line behind it, are at the end
            while now.last().is_some_and(|line| line.trim().is_empty() || line.trim() == "⋯") {
                now.pop();
            }
            let in_table = text[..end].contains("|---|--:|---|\n") && !text[..end].contains("cells |\n\n");
            if in_table && before.iter().any(|line| line.contains('┼')) {
                assert_eq!(now[..before.len()], before, "{end}");
            }
            before = now;
        }
        // at its end it is as narrow as it can be, and the same as one that came at once
        let mut whole = Layout::default();
        whole.update(&answer(text, Some(Ending::Complete)), None, &wanted(usize::MAX));
        layout.update(&answer(text, Some(Ending::Complete)), None, &wanted(usize::MAX));
        assert_eq!(lines(&layout), lines(&whole));
        assert!(lines(&whole).iter().any(|line| line.starts_with("Earth   │     1 │")), "{:?}", lines(&whole));
    }

    #[test]
    fn a_table_behind_code_waits_and_rows_in_code_do_not() {
        let text = "```sh\nls\n| sort\n```\n\n| Name | Size |\n|---|---|\n| a | 1 |\n";
        let mut layout = Layout::default();
        let mut seen = 0;
        for end in 1..=text.len() {
            layout.update(&answer(&text[..end], None), None, &wanted(usize::MAX));
            let now = lines(&layout).join("\n");
            assert!(!now.contains("| Name"), "{now}");
            seen += usize::from(now.contains("┃ | so") && !now.contains('⋯'));
        }
        assert!(seen > 0);
    }

    #[test]
    fn code_breaks_at_blanks_and_says_so() {
        let mut layout = Layout::default();
        let text = "```sh\ndocker build --build-arg VERSION=1.2.3 --tag registry.example.com/team/service:1.2.3 .\necho done\n```\n";
        layout.update(&answer(text, Some(Ending::Complete)), None, &Wanted { width: 40, ..wanted(usize::MAX) });
        let shown: Vec<String> = lines(&layout).iter().map(|line| line.trim_end().to_string()).filter(|line| !line.is_empty()).collect();
        assert_eq!(shown[..2], ["┃ docker build --build-arg          sh", "↪ VERSION=1.2.3 --tag"], "{shown:?}");
        assert!(shown.last().unwrap().starts_with("┃ echo done"), "{shown:?}");
    }

    #[test]
    fn a_paragraph_without_an_end_is_not_laid_out_again_and_again() {
        let text = "words without an end ".repeat(100_000);
        let mut layout = Layout::default();
        let entry = answer(&text, None);
        while layout.update(&entry, None, &wanted(128 << 10)) > 0 {
            assert!(layout.document.unsettled(&layout.tamed) <= LONGEST_BLOCK);
        }
        assert!(!layout.is_behind());
        let shown: usize = lines(&layout).iter().map(|line| line.split(' ').filter(|word| !word.is_empty()).count()).sum();
        assert_eq!(shown, 400_000);
    }
}
