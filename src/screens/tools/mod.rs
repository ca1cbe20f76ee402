//! What the model may use: toolsets to switch, and what nobody is asked for any more.

mod settings;

use super::Opening;
use crate::{
    domain::{
        facts::Facts,
        foreign::tame_line,
        tool::{Approvals, Rule, Standing, Toolset},
    },
    flow::{
        action::Action,
        input::Input,
        intent::Intent,
        keymap,
        screen::{Context, Reply, Screen},
    },
    ui::{
        bars::{self, MARGIN},
        cache::Cache,
        frame::Frame,
        look::Role,
        popup::first_shown,
        wrap,
    },
};
use settings::Settings;

/// The route to the screen.
pub static SCREEN: Opening =
    Opening { name: "tools", about: "Tools", places: &["tools"], open: |_, _| Box::new(Tools { marked: 0, open: None }) };

const LIVE: &[&str] = &["tools", "everywhere"];

struct Tools {
    marked: usize,
    /// The settings of a toolset, over the list.
    open: Option<Settings>,
}

/// A row of the screen.
enum Row<'a> {
    Set(&'a Toolset),
    Rule(&'a Rule),
}

fn rows(facts: &Facts) -> Vec<Row<'_>> {
    facts.tools.sets.iter().map(Row::Set).chain(facts.tools.rules.iter().map(Row::Rule)).collect()
}

impl Tools {
    /// Does what is wished for the marked row.
    fn change(&mut self, facts: &Facts, action: Action) -> Reply {
        match (rows(facts).get(self.marked), action) {
            (Some(Row::Set(set)), Action::Toggle) => {
                let on = !set.on;
                let mut reply = Reply::intent(Intent::SwitchToolset(set.name.to_string(), on));
                if on && Settings::is_needed(set, facts) {
                    self.open = Some(Settings::of(set));
                } else if on {
                    reply.intents.extend(Settings::told(set, facts).map(Intent::Tell));
                }
                reply
            }
            (Some(Row::Set(set)), Action::Send) => {
                self.open = Some(Settings::of(set));
                Reply::default()
            }
            (Some(Row::Set(set)), Action::Try) => {
                self.open = Some(Settings::of(set));
                Reply::intent(Intent::TryToolset(set.name.to_string()))
            }
            (Some(Row::Rule(rule)), Action::Delete) => Reply::intent(Intent::DropRule((*rule).clone())),
            (Some(Row::Rule(_)), _) => Reply::intent(Intent::Tell("Delete takes it back: it is asked for again".into())),
            _ => Reply::default(),
        }
    }
}

impl Screen for Tools {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        self.open.as_ref().map_or(LIVE, Settings::places)
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        if let Some(open) = &mut self.open {
            let reply = open.act(action, context.facts);
            if reply.is_none() || open.is_done() {
                self.open = None;
            }
            return reply.unwrap_or_default();
        }
        let last = rows(context.facts).len().saturating_sub(1);
        match action {
            Action::Up => self.marked = self.marked.saturating_sub(1),
            Action::Down => self.marked = (self.marked + 1).min(last),
            Action::Top | Action::PageUp => self.marked = 0,
            Action::Tail | Action::PageDown => self.marked = last,
            Action::Toggle | Action::Delete | Action::Send | Action::Try => return self.change(context.facts, action),
            Action::Cancel | Action::Interrupt => return Reply::close(),
            _ => {}
        }
        Reply::default()
    }
    fn text(&mut self, input: &Input, _: &mut Context) -> Reply {
        self.open.as_mut().map_or_else(Reply::default, |open| open.text(input))
    }
    fn settle(&mut self, facts: &Facts, _: (u16, u16)) {
        self.marked = self.marked.min(rows(facts).len().saturating_sub(1));
        if let Some(open) = &mut self.open {
            open.settle(facts);
        }
    }
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        let area = frame.area();
        frame.clear(area);
        let asks = match facts.tools.approvals {
            Approvals::Ask => "asks before it changes something",
            Approvals::Refuse => "changes nothing",
            Approvals::Yes => "asks nobody (yolo)",
        };
        bars::header("Tools the model may use", &[asks.to_string().into()], frame);
        let bottom = area.bottom().saturating_sub(1);
        let end = bottom.saturating_sub(1);
        frame.rule(1, area.right().saturating_sub(1), end);
        let means = facts.means(&facts.front().choice);
        let rows = rows(facts);
        let sets = facts.tools.sets.len();
        // an empty line and a heading stand before the rules
        let line = |n: usize| if n < sets { n } else { n + 2 };
        let height = usize::from(end.saturating_sub(3));
        let first = first_shown(line(self.marked), height);
        let y_of = |line: usize| line.checked_sub(first).filter(|at| *at < height).and_then(|at| u16::try_from(at).ok()).map(|at| at + 3);
        let right = area.right().saturating_sub(MARGIN);
        if sets < rows.len()
            && let Some(y) = y_of(sets + 1)
        {
            frame.put(MARGIN, y, right, "Never asked for again", Role::Muted);
        }
        for (n, row) in rows.iter().enumerate() {
            let Some(y) = y_of(line(n)) else { continue };
            let marked = n == self.marked;
            frame.put(MARGIN, y, right, if marked { "›" } else { " " }, Role::Accent);
            match row {
                Row::Set(set) => draw_set(set, &set.effective(&means), marked, y, right, frame),
                Row::Rule(rule) => {
                    let role = if marked { Role::Accent } else { Role::Text };
                    let room = usize::from(right.saturating_sub(MARGIN + 2));
                    frame.put(MARGIN + 2, y, right, &wrap::ellipsis(&tame_line(&rule.to_string()), room), role);
                }
            }
        }
        if let Some(open) = &self.open {
            return open.draw(facts, frame);
        }
        if let Some(words) = facts.flashing() {
            return bars::flash(&tame_line(words), bottom, frame);
        }
        let wanted = match rows.get(self.marked) {
            Some(Row::Rule(_)) => [(Action::Delete, "take it back"), (Action::Up, "move")],
            _ => [(Action::Toggle, "on, off"), (Action::Up, "move")],
        };
        let of_sets = matches!(rows.get(self.marked), Some(Row::Set(_)));
        let more = [(Action::Send, "settings"), (Action::Try, "try it")].into_iter().filter(|_| of_sets);
        let end = [(Action::Cancel, "done"), (Action::Help, "help")];
        let hint = |(action, about): (Action, &'static str)| match action {
            Action::Up => Some(("↑↓".to_string(), about)),
            action => Some((keymap::hint(LIVE, action)?.to_string(), about)),
        };
        let hints: Vec<(String, &str)> = wanted.into_iter().chain(more).chain(end).filter_map(hint).collect();
        bars::hints(&hints, bottom, frame);
    }
}

/// `●  💻 Terminal & Processes      terminal, process      ready`
fn draw_set(set: &Toolset, standing: &Standing, marked: bool, y: u16, right: u16, frame: &mut Frame) {
    let (sign, role, state) = match standing {
        Standing::Ready if set.ails.is_some() => ("●", Role::Trouble, format!("⚠ {}", tame_line(set.ails.as_deref().unwrap_or_default()))),
        Standing::Ready if set.served && set.tools.is_empty() => ("●", Role::Muted, "starting".to_string()),
        Standing::Ready => ("●", Role::Good, set.backend.map_or("ready", |backend| backend.name).to_string()),
        Standing::Unusable(why) => ("●", Role::Trouble, format!("✗ {}", tame_line(why))),
        Standing::Off => ("○", Role::Muted, "off".to_string()),
    };
    frame.put(MARGIN + 2, y, right, sign, role);
    let label = if marked { Role::Accent } else { Role::Text };
    // the sign has a column of its own: terminals differ in how wide they draw some of them
    let name = tame_line(&set.label);
    let (icon, words) = name.split_once(' ').unwrap_or(("", &name));
    frame.put(MARGIN + 5, y, right, icon, label);
    let x = frame.put(MARGIN + 8, y, right, words.trim_start(), label);
    // a long reason leaves room for the name; the box has all of it
    let room = usize::from(right.saturating_sub(MARGIN + 34));
    let state = wrap::ellipsis(&state, room);
    let is_bad = matches!(standing, Standing::Unusable(_)) || set.ails.is_some();
    let from = frame.put_right(right, y, &state, if is_bad { Role::Trouble } else { Role::Muted });
    let names: Vec<&str> = set.tools.iter().map(|tool| tool.name.as_ref()).collect();
    let about = x.max(MARGIN + 33) + 2;
    if about < from {
        let room = usize::from(from.saturating_sub(about + 2));
        frame.put(about, y, from.saturating_sub(1), &wrap::ellipsis(&tame_line(&names.join(", ")), room), Role::Muted);
    }
}
