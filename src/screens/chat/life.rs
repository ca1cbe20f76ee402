//! The line of life: what goes on, glued to the text that it is about, with the way out. When an answer ends, its figures stand in the same
//! row. The only thing in the chat that turns.

use crate::{
    domain::{
        catalog::{self, Login},
        conversation::{Body, EntryId, Notice, Used},
        foreign::tame_line,
        pane::{Pane, Unfinished},
        trouble::Remedy,
        turn::{Phase, Running},
    },
    ui::{
        bars,
        line::{Line, Styled},
        look::Role,
        wrap::{self, PROSE},
    },
};

/// A stream that says nothing for so many milliseconds is told of.
const QUIET: u64 = 3_000;
/// Whoever has waited so long wants to know the way out, and what follows it.
const LONG: u64 = 20_000;
/// While something is under way, the picture of it changes this often, in milliseconds.
const SPIN: u64 = 250;
/// So many tokens are told of, in such steps.
const MANY: usize = 1_000;
const STEP: usize = 500;
/// Bytes of a text that make about one token.
pub(super) const TOKEN: usize = 4;

/// What goes on, and what the person can do about it.
#[derive(Debug, PartialEq)]
pub(super) struct Life {
    /// `◐ writing · 12 s · ~1.5k tokens`
    pub text: String,
    /// `Esc stop`
    pub out: &'static str,
}

/// What goes on in a pane; nothing where nothing does.
pub(super) fn life(pane: &Pane, now: u64) -> Option<Life> {
    let turns = bars::spinner(now);
    let life = |text: String, out| Some(Life { text, out });
    let seconds = |since: u64| now.saturating_sub(since) / 1_000;
    // that the person is asked stands there in full
    if pane.question.is_some() {
        return None;
    }
    if pane.line.is_some() {
        return life(format!("{turns} running in the shell"), "Esc stop");
    }
    let running = pane.turn.running()?;
    match &running.phase {
        Phase::Waiting => life(format!("{turns} waiting for {} · {} s", tame_line(&running.by.model), seconds(running.since)), "Esc stop"),
        Phase::Retrying { until, reason } => {
            let left = until.saturating_sub(now).div_ceil(1_000);
            life(format!("◌ {}: trying again in {left} s", tame_line(reason)), "Esc stop")
        }
        Phase::Working => life(format!("{turns} {} · {} s", at_work(pane), seconds(running.since)), "Esc stop"),
        Phase::Streaming { heard, .. } if now.saturating_sub(*heard) >= QUIET => {
            let silent = now.saturating_sub(*heard);
            let out = if silent >= LONG { "Esc stop; /retry asks again" } else { "Esc stop" };
            life(format!("◌ nothing new for {} s", silent / 1_000), out)
        }
        Phase::Streaming { entry, .. } => {
            let (text, out) = writing(pane, running, *entry, now);
            life(text, out)
        }
    }
}

/// What comes in: thoughts, or words of the answer; how long that goes on already, and about how much it is.
fn writing(pane: &Pane, running: &Running, entry: Option<(EntryId, u64)>, now: u64) -> (String, &'static str) {
    let growing = entry.and_then(|(id, since)| Some((pane.conversation.entries.iter().rev().take(2).find(|e| e.id == id)?, since)));
    let (what, since, bytes, out) = match growing.map(|(entry, since)| (&entry.body, since)) {
        Some((Body::Thought(thought), since)) => {
            ("thinking", since, thought.summary.len(), if thought.summary.is_empty() { "Esc stop" } else { "Ctrl+O watch it" })
        }
        // it moves with each line of the answer, and the last row of the window tells the way out
        Some((Body::Answered(answer), _)) => ("writing", running.since, answer.text.len(), ""),
        _ => ("writing", running.since, 0, ""),
    };
    let seconds = now.saturating_sub(since) / 1_000;
    // words that come move enough: the sign turns with the seconds
    let sign = bars::spinner(seconds * SPIN);
    // nobody counts before the end, so it is told of long answers alone, in large steps: a figure that changed with every picture would
    // cost more bytes than the words
    let text = match bytes / TOKEN / STEP * STEP {
        0..MANY => format!("{sign} {what} · {seconds} s"),
        tokens => format!("{sign} {what} · {seconds} s · ~{} tokens", catalog::tokens(tokens as u64)),
    };
    (text, out)
}

/// How many tools run: what each of them does stands above.
fn at_work(pane: &Pane) -> String {
    match pane.conversation.last_calls().filter(|(_, used)| matches!(used.state, Used::Running { .. })).count() {
        0 | 1 => "working".into(),
        several => format!("{several} tools at work"),
    }
}

/// The line under the text of a pane, `width` cells wide: what goes on, or what helps a question that failed.
pub(super) fn line(pane: &Pane, now: u64, width: usize) -> Option<Line> {
    life(pane, now).map(|life| life.line(width)).or_else(|| card(pane, width))
}

/// The keys that help a question that failed, the most useful first.
fn card(pane: &Pane, width: usize) -> Option<Line> {
    let Some(Unfinished::Failed(remedy)) = pane.unfinished.filter(|_| !pane.turn.is_running() && pane.queue.is_empty()) else {
        return None;
    };
    let Body::Noticed(Notice::Trouble(trouble)) = &pane.conversation.entries.last()?.body else { return None };
    let (first, model) = match remedy {
        Remedy::Again => ("ask again", Some(("F2", "other models"))),
        Remedy::SignIn if pane.choice.provider.login == Login::OAuth => ("sign in, then it is asked", Some(("F2", "other models"))),
        Remedy::SignIn => ("give a key", None),
        Remedy::OtherModel => ("other models", Some(("/retry", "ask again"))),
    };
    let raw = trouble.raw.is_some().then_some(("Ctrl+O", "what the server said"));
    let mut line = Styled::new("    ", Role::Text);
    for (key, about) in [Some(("Enter", first)), model, raw].into_iter().flatten() {
        let gap = if line.text.trim().is_empty() { "" } else { "   " };
        if wrap::width(&line.text) + gap.len() + key.len() + 1 + about.len() > width {
            break;
        }
        line.push(gap, Role::Text);
        line.push(key, Role::Text);
        line.push(&format!(" {about}"), Role::Muted);
    }
    Some(Line::new(line, 0))
}

impl Life {
    /// As it stands under the text, `width` cells wide: the way out at the right, where there is room for it.
    fn line(&self, width: usize) -> Line {
        let room = width.min(PROSE + 2);
        let (used, out) = (wrap::width(&self.text), wrap::width(self.out));
        let mut text = String::with_capacity(room + self.text.len());
        text.push_str("  ");
        if used + 2 > room {
            text.push_str(&wrap::ellipsis(&self.text, room.saturating_sub(2)));
        } else {
            text.push_str(&self.text);
            let gap = room - 2 - used;
            if gap >= out + 3 {
                text.extend(std::iter::repeat_n(' ', gap - out));
                text.push_str(self.out);
            }
        }
        Line::new(Styled::new(text, Role::Muted), 0)
    }
}

/// In how many milliseconds the picture of a pane changes by itself; never, when nothing moves.
pub(super) fn moves(pane: &Pane, now: u64) -> Option<u64> {
    let spin = Some(SPIN - now % SPIN);
    if pane.line.is_some() {
        return spin;
    }
    match &pane.turn.running()?.phase {
        // who is asked has all the time there is
        Phase::Working if pane.question.is_some() => None,
        // words that come are news themselves
        Phase::Streaming { heard, .. } if now.saturating_sub(*heard) < SPIN => Some(heard + SPIN - now),
        _ => spin,
    }
}
