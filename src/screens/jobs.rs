//! Pictures, videos, sounds and transcripts: what is being made, and what was. What is marked is told in full below the list.

use super::Opening;
use crate::{
    domain::{
        account::span,
        facts::Facts,
        foreign::{tame, tame_line},
        job::{Job, State, Wish},
    },
    flow::{
        action::Action,
        input::Input,
        intent::Intent,
        keymap,
        screen::{Context, Reply, Screen},
    },
    settings::paths::shown,
    ui::{
        bars::{self, MARGIN},
        cache::Cache,
        frame::Frame,
        line::{Line, Styled},
        look::Role,
        popup::first_shown,
        wrap::{self, PROSE},
    },
};
use std::sync::Arc;

/// The route to the screen.
pub static SCREEN: Opening = Opening { name: "jobs", about: "Jobs", places: &["jobs"], open: |_, _| Box::new(Jobs { marked: 0 }) };

const LIVE: &[&str] = &["jobs", "everywhere"];
/// Lines that tell of the marked job.
const DETAILS: u16 = 6;
/// Lines of a text that are laid out.
const LONGEST: u16 = 60;
/// Rows of a window that has room for a picture beside the list.
const TALL: u16 = 22;
/// Cells of a bar.
const BAR: usize = 12;

struct Jobs {
    /// Counted from the newest, which is on top.
    marked: usize,
}

impl Jobs {
    fn job<'a>(&self, facts: &'a Facts) -> Option<&'a Arc<Job>> {
        facts.jobs.iter().rev().nth(self.marked)
    }

    /// Does what is wished for the marked job.
    fn change(&self, facts: &Facts, action: Action) -> Reply {
        let Some(job) = self.job(facts) else { return Reply::default() };
        let tell = |words: &str| Intent::Tell(words.into());
        let file = job.product.files.first();
        Reply::intent(match action {
            Action::OpenFile => match file {
                Some(file) => Intent::OpenFile(file.clone()),
                None => tell("There is no file yet"),
            },
            Action::PlayFile => match (&job.wish, file) {
                (Wish::Speech(_) | Wish::Video(_), Some(file)) => Intent::PlayFile(file.clone()),
                (Wish::Transcript(wish), _) => Intent::PlayFile(wish.path.clone()),
                _ => tell("There is no sound to play"),
            },
            Action::Copy => match (&job.product.text, file) {
                (Some(text), _) => Intent::Copy { text: text.clone(), what: "the transcript".into() },
                (None, Some(file)) => Intent::Copy { text: file.to_string_lossy().into_owned(), what: "the path".into() },
                (None, None) => tell("There is nothing to copy yet"),
            },
            Action::Try if job.elsewhere => tell("Another program is at it"),
            Action::Try if job.state == State::Done => tell("It is done"),
            Action::Try if !job.is_over() => tell("It is being made"),
            Action::Try => Intent::RepeatJob(job.id.clone()),
            Action::Delete if job.elsewhere => tell("Another program is at it"),
            Action::Delete if job.is_over() => Intent::ForgetJob(job.id.clone()),
            Action::Delete => Intent::CancelJob(job.id.clone()),
            _ => return Reply::default(),
        })
    }
}

/// Whether its picture changes by itself.
fn is_moving(job: &Job) -> bool {
    !job.is_over()
}

impl Screen for Jobs {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        LIVE
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        let last = context.facts.jobs.len().saturating_sub(1);
        let before = self.marked;
        match action {
            Action::Up => self.marked = self.marked.saturating_sub(1),
            Action::Down => self.marked = (self.marked + 1).min(last),
            Action::Top | Action::PageUp => self.marked = 0,
            Action::Tail | Action::PageDown => self.marked = last,
            Action::Refresh => return Reply::intent(Intent::SeeJobs),
            Action::Cancel | Action::Interrupt => return Reply::close(),
            action => return self.change(context.facts, action),
        }
        match self.job(context.facts).filter(|job| self.marked != before && job.product.sights.is_empty()) {
            Some(job) if !job.product.files.is_empty() => Reply::intent(Intent::SeeProducts(Some(job.id.clone()))),
            _ => Reply::default(),
        }
    }
    fn text(&mut self, _: &Input, _: &mut Context) -> Reply {
        Reply::default()
    }
    fn settle(&mut self, facts: &Facts, _: (u16, u16)) {
        self.marked = self.marked.min(facts.jobs.len().saturating_sub(1));
    }
    fn moves(&self, facts: &Facts) -> Option<u64> {
        facts.jobs.iter().any(|job| is_moving(job)).then_some(1_000)
    }
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        let area = frame.area();
        frame.clear(area);
        let at_work = facts.jobs.iter().filter(|job| is_moving(job)).count();
        let state = match (facts.jobs.len(), at_work) {
            (0, _) => "nothing yet".to_string(),
            (all, 0) => format!("{all} done"),
            (_, n) => format!("{n} in the making"),
        };
        bars::header("Jobs", &[state.into()], frame);
        let bottom = area.bottom().saturating_sub(1);
        let end = bottom.saturating_sub(1);
        frame.rule(1, area.right().saturating_sub(1), end);
        let right = area.right().saturating_sub(MARGIN);
        match self.job(facts) {
            None => empty(right, frame),
            Some(marked) => {
                let mut told = details(marked, usize::from(right.saturating_sub(MARGIN)).min(PROSE));
                // where something can be seen there is room for it, whatever is marked: nothing jumps
                let seen = facts.jobs.iter().any(|job| !job.product.sights.is_empty());
                let room = if seen && end >= TALL { end / 2 + 2 } else { DETAILS }.min(end.saturating_sub(6));
                // a part of a picture is worse than none
                if told.len() > usize::from(room) {
                    told.retain(|line| line.strip.is_none());
                }
                let edge = end.saturating_sub(room + 1);
                self.list(facts, edge, right, frame);
                if room > 0 {
                    frame.rule(1, area.right().saturating_sub(1), edge);
                    for (y, line) in (edge + 1..end).zip(&told) {
                        frame.put_line(MARGIN, y, right, line);
                        frame.lay(MARGIN, y, right, line);
                    }
                }
            }
        }
        if let Some(words) = facts.flashing() {
            return bars::flash(&tame_line(words), bottom, frame);
        }
        let wanted: &[(Action, &str)] = match self.job(facts) {
            None => &[],
            Some(job) if job.elsewhere => &[],
            Some(job) if is_moving(job) => &[(Action::Delete, "give it up")],
            Some(job) if job.state == State::Done => match &job.wish {
                Wish::Transcript(_) => &[(Action::Copy, "copy it"), (Action::PlayFile, "play"), (Action::Delete, "forget")],
                Wish::Speech(_) => {
                    &[(Action::PlayFile, "play"), (Action::OpenFile, "open"), (Action::Copy, "copy the path"), (Action::Delete, "forget")]
                }
                _ => &[(Action::OpenFile, "open"), (Action::Copy, "copy the path"), (Action::Delete, "forget")],
            },
            Some(job) if job.state == State::Unknown => &[(Action::Try, "order it a second time"), (Action::Delete, "forget")],
            Some(_) => &[(Action::Try, "try again"), (Action::Delete, "forget")],
        };
        let ends = [(Action::Cancel, "done"), (Action::Help, "help")];
        let hint = |(action, about): (Action, &'static str)| Some((keymap::hint(LIVE, action)?.to_string(), about));
        let moves = Some(("↑↓".to_string(), "move")).filter(|_| facts.jobs.len() > 1);
        let hints: Vec<(String, &str)> =
            wanted.iter().copied().filter_map(hint).chain(moves).chain(ends.into_iter().filter_map(hint)).collect();
        bars::hints(&hints, bottom, frame);
    }
}

impl Jobs {
    fn list(&self, facts: &Facts, end: u16, right: u16, frame: &mut Frame) {
        let height = usize::from(end.saturating_sub(3));
        let first = first_shown(self.marked, height);
        for (n, job) in facts.jobs.iter().rev().enumerate().skip(first).take(height) {
            let Ok(y) = u16::try_from(n - first + 3) else { break };
            row(job, n == self.marked, facts, y, right, frame);
        }
    }
}

fn empty(right: u16, frame: &mut Frame) {
    let lines = [
        ("Nothing was made yet.", Role::Text),
        ("", Role::Text),
        ("/image WORDS       a picture", Role::Muted),
        ("/video WORDS       a video", Role::Muted),
        ("/say [WORDS]       speech: these words, or the last answer", Role::Muted),
        ("/transcribe PATH   what is said in a file", Role::Muted),
    ];
    for (y, (words, role)) in (3..).zip(lines) {
        frame.put(MARGIN + 2, y, right, words, role);
    }
}

/// `› ●  video       a boat at dawn                    ━━━━━─────── 42 %   0:35`
fn row(job: &Job, marked: bool, facts: &Facts, y: u16, right: u16, frame: &mut Frame) {
    let (sign, role) = match &job.state {
        State::Done => ('●', Role::Good),
        State::Failed(_) => ('✗', Role::Trouble),
        State::Unknown => ('?', Role::Trouble),
        State::Cancelled => ('○', Role::Muted),
        State::Waiting => ('·', Role::Muted),
        _ => (bars::spinner(facts.clock.now), Role::Text),
    };
    frame.put(MARGIN, y, right, if marked { "›" } else { " " }, Role::Accent);
    frame.put(MARGIN + 2, y, right, &sign.to_string(), role);
    frame.put(MARGIN + 5, y, right, job.wish.noun(), Role::Muted);
    let seconds = job.seconds(facts.epoch());
    let time = match seconds {
        ..3_600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => span(i64::try_from(seconds).unwrap_or(i64::MAX)),
    };
    let time = format!("{time:>7}");
    let mut from = frame.put_right(right, y, &time, Role::Muted);
    match &job.state {
        State::Waiting | State::Sent | State::Making { .. } | State::Fetching if job.elsewhere => {
            from = frame.put_right(from, y, "another program is at it", Role::Muted);
        }
        State::Waiting => from = frame.put_right(from, y, "waits for its turn", Role::Muted),
        State::Sent | State::Making { .. } | State::Fetching => {
            let full = (job.guess(facts.epoch()) * BAR as f64).round() as usize;
            let percent = job.share().map_or("     ".to_string(), |share| format!(" {:>3.0} %", share * 100.0));
            from = frame.put_right(from, y, &percent, Role::Text);
            from = frame.put_right(from, y, &"─".repeat(BAR - full.min(BAR)), Role::Rule);
            from = frame.put_right(from, y, &"━".repeat(full.min(BAR)), Role::Text);
        }
        State::Done => {}
        State::Failed(_) => from = frame.put_right(from, y, "failed", Role::Trouble),
        State::Unknown => from = frame.put_right(from, y, "unknown", Role::Trouble),
        State::Cancelled => from = frame.put_right(from, y, "given up", Role::Muted),
    }
    let about = MARGIN + 17;
    let room = usize::from(from.saturating_sub(about + 2));
    let role = if marked { Role::Accent } else { Role::Text };
    frame.put(about, y, from.saturating_sub(1), &wrap::ellipsis(&tame_line(begin(&job.wish.subject(), room * 4)), room), role);
}

/// What is told of the marked job: what was wished for, with what, and what came of it.
fn details(job: &Job, width: usize) -> Vec<Line> {
    let mut lines = vec![];
    let plain = |_: usize| Styled::default();
    // no more of it than can be seen
    let most = width * usize::from(LONGEST);
    let mut tell = |text: &str, role| wrap::lines(&Styled::new(begin(text, most), role), width, 0, plain, &mut lines);
    match &job.state {
        State::Failed(trouble) => {
            tell(&tame(&trouble.message), Role::Trouble);
            trouble.help.iter().for_each(|help| tell(&tame(help), Role::Text));
        }
        State::Unknown => {
            tell("It was sent, and no answer came. It may have been made, and charged; nothing is sent again by itself.", Role::Trouble);
        }
        State::Making { .. } if !job.elsewhere => {
            let (from, to) = job.wish.usual();
            let usual = if to < 60 { format!("{from} to {to} seconds") } else { format!("{} to {} minutes", from / 60, to / 60) };
            tell(&format!("It goes on without this screen, and after a restart. It usually takes {usual}."), Role::Text);
        }
        _ => {}
    }
    job.product.files.iter().for_each(|file| tell(&tame_line(&shown(file)), Role::Text));
    if let Some(text) = &job.product.text {
        tell(&tame(begin(text, most)), Role::Text);
    }
    tell(&settings(job), Role::Muted);
    tell(&tame_line(begin(&job.wish.subject(), most)), Role::Muted);
    for sight in &job.product.sights {
        lines.push(Line::default());
        lines.extend(Line::picture(&sight.thumb, 0));
    }
    lines
}

/// The beginning of a text, so many bytes at most.
fn begin(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// `grok-imagine-video · 8 s · 16:9 · 720p`
fn settings(job: &Job) -> String {
    let facts: Vec<String> = match &job.wish {
        Wish::Image(wish) => vec![wish.model.clone(), wish.shape.clone(), wish.resolution.clone()],
        Wish::Video(wish) => vec![wish.model.clone(), format!("{} s", wish.seconds), wish.shape.clone(), wish.resolution.clone()],
        Wish::Speech(wish) => vec![format!("voice {}", wish.voice), wish.language.clone()],
        Wish::Transcript(wish) => vec![wish.language.clone()],
    };
    let facts: Vec<String> = facts.into_iter().chain(job.product.sights.iter().map(|sight| sight.about.clone())).collect();
    tame_line(&facts.join(" · "))
}
