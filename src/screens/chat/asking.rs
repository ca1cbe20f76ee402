//! What the person is asked before the turn goes on: a box in its pane, over the composer. It stays until it is answered.

use super::Chat;
use crate::{
    domain::{
        conversation::EntryId,
        facts::Facts,
        foreign::{tame, tame_line},
        pane::{Asks, Question},
        tool::{Request, Rule, Shown, Verdict},
    },
    flow::{
        action::Action,
        input::Input,
        intent::Intent,
        keymap,
        screen::{Context, Reply},
    },
    screens::typing,
    ui::{
        bars::MARGIN,
        diff,
        field::Field,
        frame::Frame,
        line::{Line, Styled},
        look::Role,
        popup,
        wrap::{self, PROSE},
    },
};
use ratatui::layout::Rect;

/// The places of `keys.toml` while something is asked.
pub(super) const APPROVAL: &[&str] = &["approval", "panes", "everywhere"];
/// While words are typed for it.
pub(super) const WORDS: &[&str] = &["approval-words", "text", "panes", "everywhere"];

/// A reason, or an answer, is not longer.
const LONGEST: usize = 4_000;
/// Rows that the box takes besides what is asked: its frame, the line under the body, the choices.
const AROUND: usize = 3;

/// A question on the screen.
pub(in crate::screens) struct Asking {
    /// Which one it is.
    entry: EntryId,
    since: u64,
    /// The width that it was laid out for.
    width: u16,
    title: String,
    body: Vec<Line>,
    choices: Vec<Choice>,
    /// The first line of the body that is seen.
    scroll: usize,
    /// The choice that Enter takes; none until the arrows have marked one.
    marked: Option<usize>,
    /// Words that are typed: a reason, or an answer.
    words: Option<Field>,
    /// Whether words alone can answer.
    is_open: bool,
}

struct Choice {
    key: String,
    label: String,
    verdict: Answer,
}

enum Answer {
    Now(Verdict),
    /// Words come first.
    Words,
}

impl Asking {
    fn new(question: &Question, width: u16) -> Self {
        let room = usize::from(width.saturating_sub(4)).clamp(8, PROSE);
        let (title, body, choices, is_open) = match &question.asks {
            Asks::Leave(request) => (request.title.clone(), body(request, room), choices(request), false),
            Asks::Words { question, choices } => {
                let mut lines = vec![];
                wrap::lines(&Styled::new(tame(question.trim()).as_ref(), Role::Text), room, 0, |_| Styled::default(), &mut lines);
                let choice = |(n, text): (usize, &String)| Choice {
                    key: (n + 1).to_string(),
                    label: tame_line(text),
                    verdict: Answer::Now(Verdict::Words(text.clone())),
                };
                ("A question".to_string(), lines, choices.iter().enumerate().map(choice).collect(), true)
            }
        };
        Self {
            entry: question.entry,
            since: question.since,
            width,
            title,
            body,
            choices,
            scroll: 0,
            marked: None,
            words: is_open.then(|| Field::new(LONGEST)),
            is_open,
        }
    }

    fn is_of(&self, question: &Question, width: u16) -> bool {
        (self.entry, self.since, self.width) == (question.entry, question.since, width)
    }

    /// Rows of the choices: one each for answers, two for the fixed ones, one more to type in.
    fn foot(&self) -> usize {
        let choices = if self.is_open { self.choices.len() } else { rows_of(&self.choices, self.room()).len() };
        choices + usize::from(self.words.is_some())
    }

    fn room(&self) -> usize {
        usize::from(self.width.saturating_sub(4)).clamp(8, PROSE)
    }

    /// How many rows the box takes where so many are free.
    fn rows(&self, free: u16) -> u16 {
        u16::try_from(self.body.len() + self.foot() + AROUND).unwrap_or(u16::MAX).min(free)
    }

    /// Lines of the body that are seen in a box of that height.
    fn shown(&self, height: u16) -> usize {
        usize::from(height).saturating_sub(self.foot() + AROUND).max(1)
    }
}

/// What would be done, where, and what is dangerous about it.
fn body(request: &Request, room: usize) -> Vec<Line> {
    let mut lines = vec![];
    match &request.what {
        Shown::Diff(text) => diff::lines(text, room, 0, &mut lines),
        Shown::Text(text) => {
            // a command in full, as it would run
            let text = tame(text).replace('\t', "    ");
            wrap::lines(&Styled::new(text, Role::Strong), room, 0, |n| Styled::new(if n == 0 { "" } else { "  " }, Role::Text), &mut lines);
        }
    }
    let mut place = Styled::new(format!("in {}", tame_line(&request.place)), Role::Muted);
    for danger in &request.dangers {
        place.push(" · ", Role::Muted);
        place.push(&tame_line(danger), Role::Trouble);
    }
    wrap::lines(&place, room, 0, |_| Styled::default(), &mut lines);
    lines
}

fn choices(request: &Request) -> Vec<Choice> {
    let key = |action| keymap::hint(&["approval"], action).map(|chord| chord.to_string()).unwrap_or_default();
    let what = match &request.rule {
        Rule::Command(command) => format!("`{}`", wrap::ellipsis(&tame_line(command), 32)),
        Rule::Tool(name) => wrap::ellipsis(&tame_line(name), 32),
        Rule::FilesBelow(folder) => format!("files below {}", wrap::ellipsis(&tame_line(folder), 28)),
    };
    let choice = |action, label: String, verdict| Choice { key: key(action), label, verdict };
    vec![
        choice(Action::Yes, "once".into(), Answer::Now(Verdict::Once)),
        choice(Action::YesHere, "in this conversation".into(), Answer::Now(Verdict::Here)),
        choice(Action::YesAlways, format!("always {what}"), Answer::Now(Verdict::Always)),
        choice(Action::No, "no".into(), Answer::Now(Verdict::No(None))),
        choice(Action::NoBecause, "no, and tell the model why".into(), Answer::Words),
    ]
}

/// The fixed choices, as many in a row as fit.
fn rows_of(choices: &[Choice], room: usize) -> Vec<Vec<usize>> {
    let width = |n: usize| wrap::width(&choices[n].key) + 2 + wrap::width(&choices[n].label) + 4;
    let mut rows: Vec<Vec<usize>> = vec![vec![]];
    let mut used = 0;
    for n in 0..choices.len() {
        // what says no stands in a row of its own
        if used > 0 && (used + width(n) > room + 4 || n == 3) {
            rows.push(vec![]);
            used = 0;
        }
        used += width(n);
        if let Some(row) = rows.last_mut() {
            row.push(n);
        }
    }
    rows
}

impl Chat {
    /// Makes what is on the screen fit to what is asked.
    pub(super) fn settle_asking(&mut self, facts: &Facts, (columns, rows): (u16, u16)) {
        let width = columns.saturating_sub(2 * MARGIN).min(u16::try_from(PROSE + 4).unwrap_or(u16::MAX));
        match &facts.panes.at(self.pane).question {
            None => self.asking = None,
            Some(question) if self.asking.as_ref().is_some_and(|asking| asking.is_of(question, width)) => {}
            Some(question) => {
                let mut new = Asking::new(question, width);
                // only the width has changed: what was typed and marked stays
                if let Some(old) = self.asking.take().filter(|old| (old.entry, old.since) == (new.entry, new.since)) {
                    (new.words, new.marked) = (old.words, old.marked);
                }
                self.asking = Some(new);
            }
        }
        // the transcript keeps some rows, for what the model said before it asked
        self.asked_rows = self.asking.as_ref().map_or(0, |asking| asking.rows(rows.saturating_sub(10).max(rows / 2)));
        if let Some(asking) = &mut self.asking {
            let last = asking.body.len().saturating_sub(asking.shown(self.asked_rows));
            asking.scroll = asking.scroll.min(last);
        }
    }

    /// The keys that matter while something is asked.
    pub(super) fn asking_hints(&self) -> Option<Vec<(String, &'static str)>> {
        let asking = self.asking.as_ref()?;
        let mut wanted = match (asking.is_open, asking.words.is_some()) {
            (true, _) => vec![(Action::Send, "answer"), (Action::Cancel, "leave it open")],
            (false, true) => vec![(Action::Send, "no, with these words"), (Action::Cancel, "back")],
            (false, false) => vec![(Action::Yes, "yes"), (Action::No, "no"), (Action::Cancel, "stop")],
        };
        if asking.body.len() > asking.shown(self.asked_rows) {
            wanted.push((Action::PageDown, "read on"));
        }
        wanted.push((Action::Help, "help"));
        let hint = |(action, about): (Action, &'static str)| Some((keymap::hint(APPROVAL, action)?.to_string(), about));
        Some(wanted.into_iter().filter_map(hint).collect())
    }

    /// The places that are live while something is asked; none while keys are still for what was there before.
    pub(super) fn asking_places(&self, facts: &Facts) -> Option<&'static [&'static str]> {
        let question = facts.panes.at(self.pane).question.as_ref().filter(|question| question.takes_keys(facts.clock.now))?;
        let asking = self.asking.as_ref().filter(|asking| asking.entry == question.entry)?;
        Some(if asking.words.is_some() { WORDS } else { APPROVAL })
    }

    /// Does what a key does to the question.
    pub(super) fn act_in_asking(&mut self, action: Action, context: &mut Context) -> Reply {
        let Some(asking) = &mut self.asking else { return Reply::default() };
        let page = asking.shown(self.asked_rows);
        let last = asking.body.len().saturating_sub(page);
        let count = asking.choices.len();
        match action {
            // all of it is seen: the keys are for the transcript
            Action::PageUp | Action::PageDown if last == 0 => return self.act_in_chat(action, context),
            Action::Yes => return Reply::intent(Intent::Say(Verdict::Once)),
            Action::YesHere => return Reply::intent(Intent::Say(Verdict::Here)),
            Action::YesAlways => return Reply::intent(Intent::Say(Verdict::Always)),
            Action::No => return Reply::intent(Intent::Say(Verdict::No(None))),
            Action::NoBecause => asking.words = Some(Field::new(LONGEST)),
            // words that are typed are given up first; a question that is open is left so
            Action::Cancel if asking.words.is_some() && !asking.is_open => asking.words = None,
            Action::Cancel if asking.is_open => return Reply::intent(Intent::Say(Verdict::Words(String::new()))),
            Action::Cancel | Action::Interrupt => return Reply::intent(Intent::StopTurn),
            Action::PageUp => asking.scroll = asking.scroll.saturating_sub(page.saturating_sub(1).max(1)),
            Action::PageDown => asking.scroll = (asking.scroll + page.saturating_sub(1).max(1)).min(last),
            Action::Up if count > 0 => asking.marked = Some(asking.marked.map_or(count - 1, |n| (n + count - 1) % count)),
            Action::Down if count > 0 => asking.marked = Some(asking.marked.map_or(0, |n| (n + 1) % count)),
            Action::Send => return asking.send(),
            action => {
                if let Some(words) = &mut asking.words {
                    typing::act(words, action);
                }
            }
        }
        Reply::default()
    }

    /// Types into it.
    pub(super) fn type_in_asking(&mut self, input: &Input) -> Reply {
        let Some(asking) = &mut self.asking else { return Reply::default() };
        let Some(words) = &mut asking.words else { return Reply::default() };
        // a number on an empty line is that choice
        if asking.is_open
            && words.is_empty()
            && let Input::Key(key) = input
            && let Some(choice) = asking.choices.iter().find(|choice| key.typed().is_some_and(|c| choice.key == c.to_string()))
            && let Answer::Now(verdict) = &choice.verdict
        {
            return Reply::intent(Intent::Say(verdict.clone()));
        }
        typing::input(words, input);
        asking.marked = None;
        Reply::default()
    }

    /// Draws the box.
    pub(super) fn draw_asking(&self, front: bool, area: Rect, frame: &mut Frame) {
        let Some(asking) = self.asking.as_ref().filter(|_| area.height >= 3) else { return };
        let area = Rect { width: asking.width.min(area.width), ..area };
        let (right, bottom) = (area.right(), area.bottom() - 1);
        let role = if front { Role::Accent } else { Role::Rule };
        let inner = popup::outline(&tame_line(&asking.title), area, role, frame);
        let shown = asking.shown(area.height);
        for (y, line) in (inner.y..inner.bottom()).zip(asking.body.iter().skip(asking.scroll).take(shown)) {
            frame.put_line(inner.x, y, inner.right(), line);
        }
        if asking.body.len() > shown {
            let end = (asking.scroll + shown).min(asking.body.len());
            let words = format!(" {}–{end} of {} lines  PageUp PageDown ", asking.scroll + 1, asking.body.len());
            frame.put_right(right - 2, bottom, &words, Role::Muted);
        }
        asking.draw_foot(front, inner, frame);
    }
}

impl Asking {
    fn send(&mut self) -> Reply {
        let typed = self.words.as_ref().map(|words| words.text().trim().to_string()).filter(|words| !words.is_empty());
        match (typed, self.marked.and_then(|n| self.choices.get(n)).map(|choice| &choice.verdict)) {
            (Some(words), _) if self.is_open => Reply::intent(Intent::Say(Verdict::Words(words))),
            (Some(words), _) => Reply::intent(Intent::Say(Verdict::No(Some(words)))),
            (None, Some(Answer::Now(verdict))) => Reply::intent(Intent::Say(verdict.clone())),
            (None, Some(Answer::Words)) if self.words.is_none() => {
                self.words = Some(Field::new(LONGEST));
                Reply::default()
            }
            // nothing was typed or marked: Enter alone never answers
            _ => Reply::default(),
        }
    }

    fn draw_foot(&self, front: bool, inner: Rect, frame: &mut Frame) {
        let foot = u16::try_from(self.foot()).unwrap_or(u16::MAX).min(inner.height);
        let mut y = inner.bottom() - foot;
        let choice = |n: usize, x: u16, y: u16, frame: &mut Frame| {
            let Some(choice) = self.choices.get(n) else { return x };
            let role = if self.marked == Some(n) { Role::Accent } else { Role::Text };
            let mark = if self.marked == Some(n) { "›" } else { " " };
            frame.put(x.saturating_sub(1), y, inner.right(), mark, Role::Accent);
            let x = frame.put(x, y, inner.right(), &choice.key, Role::Strong);
            let label = wrap::ellipsis(&choice.label, usize::from(inner.right().saturating_sub(x + 2)));
            frame.put(x + 2, y, inner.right(), &label, role) + 4
        };
        let rows = match self.is_open {
            true => (0..self.choices.len()).map(|n| vec![n]).collect(),
            false => rows_of(&self.choices, self.room()),
        };
        for row in rows {
            let mut x = inner.x;
            for n in row {
                x = choice(n, x, y, frame);
            }
            y += 1;
        }
        if let Some(words) = &self.words {
            let (mark, hint) = if self.is_open { ("❯ ", "in your own words") } else { ("why: ", "what the model is told") };
            let caret = frame.caret;
            words.draw(mark, hint, Rect::new(inner.x, y.min(inner.bottom().saturating_sub(1)), inner.width, 1), frame);
            if !front {
                frame.caret = caret;
            }
        }
    }
}
