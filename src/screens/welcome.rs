//! A first start: what was found on this machine, on digits, and one way to look around without an account. Everything else is in the
//! picker, a key away.

use super::{Opening, typing};
use crate::{
    commands,
    domain::{
        catalog::{Login, Provider, Standing},
        facts::Facts,
        foreign::tame_line,
        pane::{Choice, Keep},
    },
    flow::{
        action::Action,
        input::Input,
        intent::Intent,
        screen::{Context, Reply, Screen, Word},
    },
    providers,
    ui::{
        bars::{self, MARGIN},
        cache::Cache,
        frame::Frame,
        line::Styled,
        look::Role,
        wrap,
    },
};

/// The route to it.
pub static SCREEN: Opening = Opening { name: "welcome", about: "Welcome", places: &["welcome"], open: |_, _| Box::new(Welcome::default()) };

/// Digits that rows can have.
const MOST: usize = 9;

/// What the screen remembers.
#[derive(Default)]
struct Welcome {
    /// The rows in the order in which they came: none changes its place under a finger.
    rows: Vec<Row>,
    marked: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    /// It was found, and can be asked.
    Found(&'static Provider),
    /// Somebody can sign in there.
    SignIn(&'static Provider),
    /// The simulator.
    LookAround,
}

impl Row {
    fn name(self) -> String {
        match self {
            Self::Found(provider) if provider.local => format!("{} is running", provider.short_title()),
            Self::Found(provider) => provider.short_title().to_string(),
            Self::SignIn(provider) => provider.short_title().to_string(),
            Self::LookAround => "Look around".into(),
        }
    }
    fn about(self, facts: &Facts) -> String {
        match self {
            Self::Found(provider) => {
                let count = facts.catalog.listed(provider.id).len();
                let models = match count {
                    0 => String::new(),
                    1 => "1 model, ".into(),
                    count => format!("{count} models, "),
                };
                let how = match facts.catalog.standings.get(provider.id) {
                    _ if provider.local => "free and offline".to_string(),
                    Some(Standing::SignedIn(who)) => format!("signed in as {}", tame_line(who)),
                    _ => "a key was found".into(),
                };
                format!("{models}{how}")
            }
            Self::SignIn(provider) if is_able(provider, facts) => "signed in".into(),
            Self::SignIn(_) => "with a Grok plan: sign in".into(),
            Self::LookAround => "the sandbox: no account".into(),
        }
    }
}

fn is_able(provider: &Provider, facts: &Facts) -> bool {
    facts.catalog.standings.get(provider.id).is_some_and(Standing::is_able)
}

impl Welcome {
    fn choose(&self, row: Row, facts: &Facts) -> Reply {
        match row {
            // it may have come about while somebody looked at something else
            Row::SignIn(provider) if is_able(provider, facts) => {
                let choice = Choice { provider, model: provider.default_model.into(), effort: None };
                Reply { intents: vec![Intent::ChooseModel(choice, Keep::Always)], ..Reply::close() }
            }
            Row::SignIn(provider) => commands::login::screen(provider),
            Row::Found(provider) => match facts.catalog.listed(provider.id) {
                [model] => {
                    let choice = Choice { provider, model: model.id.clone(), effort: None };
                    Reply { intents: vec![Intent::ChooseModel(choice, Keep::Always)], ..Reply::close() }
                }
                // which of them is for the person to say
                _ => commands::model::enable(provider, facts),
            },
            Row::LookAround => {
                let choice = Choice { provider: providers::SANDBOX, model: providers::SANDBOX.default_model.into(), effort: None };
                Reply { intents: vec![Intent::ChooseModel(choice, Keep::Here)], ..Reply::close_with(Word::Tour) }
            }
        }
    }
}

impl Screen for Welcome {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        &["welcome", "list", "reading", "everywhere"]
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        let last = self.rows.len().saturating_sub(1);
        match action {
            Action::Cancel | Action::Interrupt => return Reply::close(),
            Action::Picker => return commands::model::picker(context.facts),
            Action::Send => return self.rows.get(self.marked).map_or_else(Reply::default, |row| self.choose(*row, context.facts)),
            Action::Up => self.marked = self.marked.checked_sub(1).unwrap_or(last),
            Action::Down => self.marked = if self.marked >= last { 0 } else { self.marked + 1 },
            Action::Top => self.marked = 0,
            Action::Tail => self.marked = last,
            _ => {}
        }
        Reply::default()
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        let Input::Key(key) = input else { return Reply::default() };
        match (typing::digit(input), key.typed()) {
            (Some(digit), _) => {
                let row = digit.checked_sub(1).and_then(|at| self.rows.get(at));
                row.map_or_else(Reply::default, |row| self.choose(*row, context.facts))
            }
            // who types a name looks for somebody
            (None, Some(c)) => Reply { word: Some(Word::LookFor(c.to_string())), ..commands::model::picker(context.facts) },
            _ => Reply::default(),
        }
    }
    fn hear(&mut self, word: Word, _: &mut Context) -> Reply {
        match word {
            // it is known who answers from here on
            Word::SignedIn(_) | Word::Chosen => Reply::close(),
            _ => Reply::default(),
        }
    }
    fn settle(&mut self, facts: &Facts, _: (u16, u16)) {
        let standing = |provider: &Provider| facts.catalog.standings.get(provider.id);
        let asked = |provider: &&&'static Provider| provider.local && provider.login == Login::None;
        let is_told = |provider: &&'static Provider| matches!(standing(provider), Some(Standing::Running | Standing::NotRunning));
        if facts.chosen || !facts.catalog.providers.iter().filter(asked).all(is_told) {
            return;
        }
        let is_found = |provider: &&&'static Provider| match standing(provider) {
            Some(Standing::Ready) => !provider.local && provider.id != providers::SANDBOX.id,
            standing => standing.is_some_and(Standing::is_able),
        };
        let found = facts.catalog.providers.iter().filter(is_found).map(|provider| Row::Found(provider));
        let sign_in =
            facts.catalog.providers.iter().filter(|provider| provider.login == Login::OAuth).map(|provider| Row::SignIn(provider));
        for row in found.chain(sign_in).chain([Row::LookAround]) {
            if self.rows.len() < MOST && !self.rows.contains(&row) {
                self.rows.push(row);
            }
        }
    }
    fn moves(&self, facts: &Facts) -> Option<u64> {
        self.rows.is_empty().then(|| 250 - facts.clock.now % 250)
    }
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        let area = frame.area();
        frame.clear(area);
        bars::header("Welcome to hermes. Who shall answer?", &[], frame);
        frame.rule(1, area.right().saturating_sub(1), area.bottom().saturating_sub(2));
        let (left, right) = (MARGIN + 2, area.right().saturating_sub(MARGIN));
        let mut y = if area.height < 20 { 3 } else { 4 };
        if self.rows.is_empty() {
            frame.put(left, y, right, &format!("{} Looking around on this machine", bars::spinner(facts.clock.now)), Role::Muted);
        } else {
            frame.put(left, y, right, "Found on this machine", Role::Muted);
            y += 2;
        }
        let names: Vec<String> = self.rows.iter().map(|row| row.name()).collect();
        let widest = names.iter().map(|name| wrap::width(name)).max().unwrap_or(0);
        for (number, (row, name)) in self.rows.iter().zip(&names).enumerate() {
            let is_marked = number == self.marked;
            frame.put(left, y, right, if is_marked { "›" } else { " " }, Role::Accent);
            let x = frame.put(left + 2, y, right, &format!("{}  ", number + 1), Role::Muted);
            frame.put(x, y, right, name, if is_marked { Role::Strong } else { Role::Text });
            let x = x.saturating_add(u16::try_from(widest).unwrap_or(u16::MAX)).saturating_add(4);
            frame.put(x, y, right, &wrap::ellipsis(&row.about(facts), usize::from(right.saturating_sub(x))), Role::Muted);
            y += 1;
        }
        let mut lines = vec![];
        let more = "Type a name, or press F2, for everybody else: OpenRouter, OpenAI, Anthropic and others, with a key. Who answers can be changed at \
                    any time, in the middle of a conversation.";
        let room = usize::from(right.saturating_sub(left)).min(76);
        wrap::lines(&Styled::new(more, Role::Muted), room, 0, |_| Styled::default(), &mut lines);
        for (y, line) in (y + 1..area.bottom().saturating_sub(2)).zip(&lines) {
            frame.put_line(left, y, right, line);
        }
        let last = area.bottom().saturating_sub(1);
        if let Some(words) = facts.flashing() {
            return bars::flash(&tame_line(words), last, frame);
        }
        let digits = format!("1–{}", self.rows.len().max(1));
        let hints = [("Enter", "choose"), (digits.as_str(), "at once"), ("F2", "all of them"), ("Esc", "to the chat"), ("F1", "help")];
        bars::hints(&hints.map(|(key, about)| (key.to_string(), about)), last, frame);
    }
}
