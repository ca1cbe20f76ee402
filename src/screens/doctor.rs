//! What `hermes doctor` says, to be read in the chat.

use super::{Opening, reading};
use crate::{
    domain::{
        facts::Facts,
        foreign::tame_line,
        health::{Check, Health, Section, is_well},
    },
    flow::{
        action::Action,
        input::Input,
        screen::{Context, Reply, Screen},
    },
    ui::{
        cache::Cache,
        frame::Frame,
        line::{Line, Styled},
        look::Role,
        wrap,
    },
};
use reading::Reading;

/// The route to the screen.
pub static SCREEN: Opening = Opening { name: "doctor", about: "Doctor", places: &[], open: |_, _| Box::new(Doctor::default()) };

#[derive(Default)]
struct Doctor {
    reading: Reading,
}

fn lines(facts: &Facts, columns: u16) -> Vec<Line> {
    let Some(sections) = &facts.examined else { return vec![Line::new(Styled::new("Looking …", Role::Muted), 0)] };
    let room = usize::from(columns.saturating_sub(8)).max(10);
    let mut lines = vec![];
    for Section { title, checks } in sections.iter() {
        lines.push(Line::new(Styled::new(format!("◆ {title}"), Role::Strong), 0));
        checks.iter().for_each(|check| told(check, room, &mut lines));
        lines.push(Line::default());
    }
    lines
}

/// `✓ home: ~/.hermes`, and under it what mends it.
fn told(check: &Check, room: usize, lines: &mut Vec<Line>) {
    let role = match check.health {
        Health::Ok => Role::Good,
        Health::Warn | Health::Fail => Role::Trouble,
        Health::Info => Role::Muted,
    };
    let prefix = |n: usize| {
        let mut left = Styled::new("  ", Role::Text);
        left.push(if n == 0 { check.health.mark() } else { " " }, role);
        left.push(" ", Role::Text);
        left
    };
    let mut words = Styled::new(tame_line(&check.name), Role::Text);
    words.push(&format!("  {}", tame_line(&check.detail)), if check.health == Health::Fail { Role::Trouble } else { Role::Muted });
    // what is no fault has what could be done on the same line
    let is_fault = matches!(check.health, Health::Warn | Health::Fail);
    if let Some(help) = check.help.as_ref().filter(|_| !is_fault) {
        words.push(&format!(" — {}", tame_line(help)), Role::Muted);
    }
    wrap::lines(&words, room, 0, prefix, lines);
    if let Some(help) = check.help.as_ref().filter(|_| is_fault) {
        wrap::lines(&Styled::new(tame_line(help), Role::Text), room, 0, |_| Styled::new("    ", Role::Text), lines);
    }
}

impl Screen for Doctor {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        reading::PLACES
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        let all = lines(context.facts, context.size.0).len();
        self.reading.act(action, all, 0, context.size)
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        let all = lines(context.facts, context.size.0).len();
        self.reading.text(input, all, 0, context.size)
    }
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        let state = match facts.examined.as_deref().map(is_well) {
            None => "looking",
            Some(true) => "nothing is broken",
            Some(false) => "what is marked ✗ needs a look",
        };
        let lines = lines(facts, frame.area().width);
        self.reading.draw(("Doctor", "close"), &[state.to_string().into()], &lines, 0, frame);
    }
}
