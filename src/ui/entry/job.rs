//! Media that the person wished for, in the conversation: one line, and what came of it under that.

use super::marked;
use crate::{
    domain::{
        foreign::{tame, tame_line},
        job::{Job, State, Wish},
    },
    ui::{
        line::{Line, Styled},
        look::Role,
        wrap::{self, PROSE},
    },
};

/// Lines of a transcript that are shown of one that is folded.
const SHOWN: usize = 6;

/// `🎬 Making a video of a boat at dawn · 42 %`, and what came of it.
pub(super) fn lines(job: &Job, width: usize, unfolded: bool, out: &mut Vec<Line>) {
    let (head, role) = match &job.state {
        State::Waiting => ("waits", Role::Muted),
        State::Sent => ("is ordered", Role::Muted),
        State::Making { .. } => ("is being made", Role::Muted),
        State::Fetching => ("is being fetched", Role::Muted),
        State::Done => ("", Role::Text),
        State::Failed(_) => ("failed", Role::Trouble),
        State::Unknown => ("unknown", Role::Trouble),
        State::Cancelled => ("given up", Role::Muted),
    };
    let subject = tame_line(&job.wish.subject());
    let progress = job.share().map(|share| format!(" · {:.0} %", share * 100.0)).unwrap_or_default();
    let state = if head.is_empty() { String::new() } else { format!(" · {head}{progress}") };
    let room = width.saturating_sub(wrap::width(&state) + job.wish.noun().len() + 9);
    let mut line = Styled::new("  ", Role::Text);
    // the sign has a column of its own: terminals differ in how wide they draw some of them
    line.push("◆ ", if job.state == State::Done { Role::Good } else { Role::Muted });
    line.push(job.wish.noun(), Role::Muted);
    line.push("  ", Role::Text);
    line.push(&wrap::ellipsis(&subject, room), Role::Text);
    line.push(&state, role);
    out.push(Line::new(line, 0));
    let hang = |_: usize| Styled::new("    ", Role::Text);
    let room = width.saturating_sub(4).clamp(4, PROSE);
    if let State::Failed(trouble) = &job.state {
        marked("  ✗ ", Role::Trouble, &tame(&trouble.message), Role::Trouble, width, out);
        if let Some(help) = &trouble.help {
            wrap::lines(&Styled::new(format!("{}; F5 has it", tame_line(help)), Role::Text), room, 0, hang, out);
        }
    }
    if job.state == State::Unknown {
        let words = "It was sent, and no answer came: it may have been made, and charged. F5 can order it again.";
        wrap::lines(&Styled::new(words, Role::Text), room, 0, hang, out);
    }
    for sight in &job.product.sights {
        out.extend(Line::picture(&sight.thumb, 4));
    }
    for file in &job.product.files {
        wrap::lines(&Styled::new(tame_line(&file.to_string_lossy()), Role::Muted), room, 0, hang, out);
    }
    if let (Wish::Transcript(_), Some(text)) = (&job.wish, &job.product.text) {
        let before = out.len();
        wrap::lines(&Styled::new(tame(text).as_ref(), Role::Text), room, 0, hang, out);
        let all = out.len() - before;
        if all > SHOWN && !unfolded {
            out.truncate(before + SHOWN);
            out.push(Line::new(Styled::new(format!("    ▸ {} more lines", all - SHOWN), Role::Muted), 0));
        }
    }
}

/// What makes its lines stale.
pub(super) fn stamp(job: &Job) -> u64 {
    let state = match &job.state {
        State::Waiting => 0,
        State::Sent => 1,
        State::Making { progress } => 8 + progress.map_or(0, |percent| 1 + percent.min(100)),
        State::Fetching => 2,
        State::Done => 3,
        State::Failed(_) => 4,
        State::Unknown => 5,
        State::Cancelled => 6,
    };
    state * 64 + job.product.files.len() as u64 * 4 + job.product.sights.len() as u64
}
