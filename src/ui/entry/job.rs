//! Media that the person wished for, in the conversation: one line, and what came of it under that.

use crate::{
    domain::{
        foreign::{tame, tame_line},
        job::{Job, State, Wish},
        trouble::Exit,
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
        let under = |n: usize| match n {
            0 => Styled::new("    ✗ ", Role::Trouble),
            _ => Styled::new("      ", Role::Text),
        };
        let room = width.saturating_sub(6).clamp(4, PROSE);
        wrap::lines(&Styled::new(tame(&trouble.message).as_ref(), Role::Trouble), room, 0, under, out);
        // what the screen has for it, in the place of a command for a shell
        let next = match (&trouble.help, trouble.exit) {
            (_, Exit::SignIn) => "`/login` signs in, and F3 takes a key; `t` in F5 then tries again".into(),
            (Some(help), _) => format!("{}; F5 has it", tame_line(help)),
            (None, _) => "F5 has it".into(),
        };
        wrap::lines(&Styled::new(next, Role::Text), room, 0, |_| Styled::new("      ", Role::Text), out);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        job::{ImageWish, JobId},
        trouble::Trouble,
    };

    #[test]
    fn a_failure_stands_under_its_sign_and_names_a_key_instead_of_a_shell_command() {
        let wish = Wish::Image(ImageWish {
            prompt: "a boat".into(),
            model: "grok-imagine-image".into(),
            shape: "16:9".into(),
            resolution: "1k".into(),
            sources: Vec::new(),
            count: 1,
        });
        let mut job = Job::new(JobId("job_1".into()), wish, "xai", 0);
        let refused = Trouble { exit: Exit::SignIn, ..Trouble::new("signed_out", "xAI does not accept the sign-in any more") };
        job.state = State::Failed(refused.help("run `hermes login xai`"));
        let mut out = Vec::new();
        lines(&job, 40, false, &mut out);
        let told: Vec<&str> = out[1..].iter().map(|line| &*line.text).collect();
        assert!(told[0].starts_with("    ✗ xAI"), "{told:?}");
        assert!(told[1..].iter().all(|line| line.starts_with("      ") && !line.contains("hermes login")), "{told:?}");
        assert!(told.iter().all(|line| wrap::width(line) <= 40), "{told:?}");
        assert!(told.concat().contains("/login"), "{told:?}");
    }
}
