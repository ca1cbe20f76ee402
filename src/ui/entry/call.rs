//! A call: one line with what became of it; unfolded, all of what was asked and of what came.

use crate::{
    domain::{
        conversation::{Served, Use, Used},
        foreign::{tame, tame_line},
        tool::Shown,
    },
    ui::{
        diff,
        line::{Line, Styled},
        look::Role,
        wrap::{self, PROSE},
    },
};
use std::borrow::Cow;

/// Lines of what a running tool prints that are shown.
const LAST_LINES: usize = 12;
/// Lines of an output that are shown; the rest is in the file that the output names, or nowhere to be read by people.
const MOST_LINES: usize = 400;

pub(super) fn lines(used: &Use, width: usize, unfolded: bool, now: u64, out: &mut Vec<Line>) {
    out.push(Line::new(head(used, width, now), 0));
    if let Used::Done(outcome) = &used.state {
        outcome.sights.iter().for_each(|sight| out.extend(Line::picture(&sight.thumb, 4)));
    }
    if !unfolded {
        return;
    }
    let room = (width - 4).min(PROSE);
    let muted = |text: &str, out: &mut Vec<Line>| {
        let text = tame(text).replace('\t', "    ");
        wrap::lines(&Styled::new(text, Role::Muted), room, 0, |_| Styled::new("    ", Role::Text), out);
    };
    if let Some(input) = input(used) {
        let text = tame(&input).replace('\t', "    ");
        let prefix = |n: usize| Styled::new(if n == 0 { "    " } else { "      " }, Role::Text);
        wrap::lines(&Styled::new(text, Role::Text), room, 0, prefix, out);
    }
    match &used.state {
        Used::Asked => {}
        Used::Running { printed, .. } => muted(&last(printed.trim_end(), LAST_LINES), out),
        Used::Done(outcome) => match &outcome.shown {
            Some(Shown::Diff(text)) => diff::lines(text, width.min(PROSE + 4), 4, out),
            Some(Shown::Text(text)) => muted(&first(text.trim_end(), MOST_LINES), out),
            None => muted(&first(outcome.output.trim_end(), MOST_LINES), out),
        },
        Used::Refused { .. } | Used::Dropped { .. } => muted(used.output().trim_end(), out),
    }
}

/// What the service did by itself.
pub(super) fn served(served: &Served, width: usize, out: &mut Vec<Line>) {
    out.push(Line::new(told(("✓", Role::Good), served.done, &served.subject, "", width), 0));
}

/// A shell line of the person's own: the end of its output is seen without unfolding.
pub(super) fn own_line(used: &Use, width: usize, unfolded: bool, now: u64, out: &mut Vec<Line>) {
    if unfolded {
        return lines(used, width, true, now, out);
    }
    out.push(Line::new(head(used, width, now), 0));
    let output = match &used.state {
        Used::Running { printed, .. } | Used::Dropped { printed, .. } => Cow::Borrowed(printed.as_str()),
        _ => used.output(),
    };
    let output = tame(output.trim_end()).replace('\t', "    ");
    let shown = last(&output, LAST_LINES);
    let hidden = output.lines().count().saturating_sub(shown.lines().count());
    if hidden > 0 {
        out.push(Line::new(Styled::new(format!("    ▸ {hidden} lines above"), Role::Muted), 0));
    }
    let hang = |_: usize| Styled::new("    ", Role::Text);
    wrap::lines(&Styled::new(shown, Role::Text), (width - 4).min(PROSE), 0, hang, out);
}

/// A sign for what became of it, what it does or did, and a few muted words.
fn head(used: &Use, width: usize, now: u64) -> Styled {
    let (sign, role) = match &used.state {
        Used::Running { .. } => ("•", Role::Muted),
        Used::Asked => ("○", Role::Muted),
        Used::Done(outcome) if outcome.ok => ("✓", Role::Good),
        Used::Done(_) => ("✗", Role::Trouble),
        Used::Refused { .. } | Used::Dropped { .. } => ("–", Role::Muted),
    };
    let (verb, subject) = used.words();
    told((sign, role), verb, subject, &note(used, now), width)
}

/// `✓ Read src/main.rs  12 lines`
fn told((sign, role): (&str, Role), verb: &str, subject: &str, note: &str, width: usize) -> Styled {
    let (verb, subject) = (tame_line(verb), tame_line(subject.trim()));
    let free = (width - 4).min(PROSE + 20);
    let kept = wrap::width(&verb) + 1 + if note.is_empty() { 0 } else { wrap::width(note) + 2 };
    let mut line = Styled::new("  ", Role::Text);
    line.push(sign, role);
    line.push(" ", Role::Text);
    line.push(&verb, Role::Text);
    if !subject.is_empty() {
        line.push(" ", Role::Text);
        line.push(&wrap::ellipsis(&subject, free.saturating_sub(kept)), Role::Code);
    }
    if !note.is_empty() {
        line.push("  ", Role::Text);
        line.push(note, Role::Muted);
    }
    line
}

/// `exit 1 · 2.3 s`
fn note(used: &Use, now: u64) -> String {
    match &used.state {
        Used::Asked => String::new(),
        Used::Running { since, .. } => match now.saturating_sub(*since) / 1_000 {
            0 => String::new(),
            seconds => format!("{seconds} s"),
        },
        Used::Done(outcome) => {
            let time = match outcome.tenths {
                0 => String::new(),
                tenths => format!("{}.{} s", tenths / 10, tenths % 10),
            };
            let note = tame_line(&outcome.note);
            let parts = [wrap::ellipsis(&note, 40), time];
            parts.iter().filter(|part| !part.is_empty()).map(AsRef::as_ref).collect::<Vec<&str>>().join(" · ")
        }
        Used::Refused { reason: None } => "refused".into(),
        Used::Refused { reason: Some(_) } => "refused, with a reason".into(),
        Used::Dropped { .. } => "stopped".into(),
    }
}

/// What was asked, where one line does not tell it: several lines, or arguments that nobody has words for.
fn input(used: &Use) -> Option<Cow<'_, str>> {
    match &used.told {
        Some(told) if told.subject.trim().contains('\n') || wrap::width(&told.subject) > 40 => Some(Cow::Borrowed(told.subject.trim())),
        Some(_) => None,
        None => Some(Cow::Borrowed(&used.call.arguments)),
    }
}

fn last(text: &str, count: usize) -> Cow<'_, str> {
    let begin = text.rmatch_indices('\n').nth(count.saturating_sub(1)).map_or(0, |(at, _)| at + 1);
    Cow::Borrowed(&text[begin..])
}

fn first(text: &str, count: usize) -> Cow<'_, str> {
    match text.match_indices('\n').nth(count) {
        Some((at, _)) => Cow::Owned(format!("{}\n… {} more lines", &text[..at], text[at..].lines().count().saturating_sub(1))),
        None => Cow::Borrowed(text),
    }
}
