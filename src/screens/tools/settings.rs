//! The settings of one toolset: who does it and with what credential, what can be chosen, and what came when it was tried.

use crate::{
    domain::{
        catalog::{self, Provider},
        facts::{Facts, Trial},
        foreign::{tame, tame_line},
        secret::Secret,
        tool::{Standing, Toolset},
    },
    flow::{action::Action, input::Input, intent::Intent, screen::Reply},
    screens::typing,
    ui::{
        bars,
        field::Field,
        frame::Frame,
        line::{Line, Styled},
        look::Role,
        popup::{self, Item},
        wrap,
    },
};
use ratatui::layout::Rect;

/// The keys of the box, and those while a key is typed.
const LIST: &[&str] = &["list", "everywhere"];
const FIELD: &[&str] = &["list", "text", "everywhere"];
/// Lines of what came that are shown.
const MOST_LINES: usize = 12;
/// What follows when nobody gives a credential.
const INACTIVE: &str = "xAI will remain inactive until credentials are configured.";
/// A key is not longer.
const LONGEST_KEY: usize = 1_000;

/// An open box.
pub(super) struct Settings {
    /// The toolset.
    set: String,
    marked: usize,
    /// The key that is being typed.
    key: Option<Field>,
    /// It was answered: the box goes.
    done: bool,
}

/// What a row of the box does.
#[derive(Clone, PartialEq)]
enum Does {
    SignIn,
    PasteKey,
    Skip,
    Model(&'static str),
    Try,
    Switch,
}

/// Whose credential tools of xAI would use.
enum Credential {
    SignIn,
    Key,
    Simulator,
    Missing,
    Unknown,
}

fn provider(facts: &Facts, id: &str) -> Option<&'static Provider> {
    facts.catalog.providers.iter().copied().find(|provider| provider.id == id)
}

fn credential(facts: &Facts) -> Credential {
    let choice = &facts.front().choice;
    let able = |id| facts.catalog.standings.get(id).map(catalog::Standing::is_able);
    match (able("xai-oauth"), able("xai")) {
        (Some(true), _) => Credential::SignIn,
        (_, Some(true)) => Credential::Key,
        _ if facts.means(choice).xai == Some(true) => Credential::Simulator,
        (None, None) => Credential::Unknown,
        _ => Credential::Missing,
    }
}

impl Settings {
    pub(super) fn of(set: &Toolset) -> Self {
        Self { set: set.name.to_string(), marked: 0, key: None, done: false }
    }

    /// Whether a toolset that is switched on needs a decision first.
    pub(super) fn is_needed(set: &Toolset, facts: &Facts) -> bool {
        set.backend.is_some() && matches!(credential(facts), Credential::Missing)
    }

    /// What is said when one is switched on that needs none.
    pub(super) fn told(set: &Toolset, facts: &Facts) -> Option<String> {
        set.backend?;
        words(&credential(facts)).map(str::to_string)
    }

    fn set<'a>(&self, facts: &'a Facts) -> Option<&'a Toolset> {
        facts.tools.sets.iter().find(|set| set.name == self.set)
    }

    pub(super) fn places(&self) -> &'static [&'static str] {
        if self.key.is_some() { FIELD } else { LIST }
    }

    fn rows(&self, facts: &Facts) -> Vec<(Does, Item)> {
        let Some(set) = self.set(facts) else { return vec![] };
        let item = |label: &str| Item { label: label.into(), ..Item::default() };
        let mut rows = vec![];
        if Self::is_needed(set, facts) {
            rows.push((Does::SignIn, item("Sign in with xAI Grok OAuth (SuperGrok Subscription) — browser login")));
            rows.push((Does::PasteKey, item("Paste an xAI API key (console.x.ai)")));
            rows.push((Does::Skip, item("Skip — configure later via `hermes auth add xai-oauth`")));
        }
        for model in set.backend.map_or(&[][..], |backend| backend.models) {
            let in_use = set.model.as_deref() == Some(*model);
            rows.push((Does::Model(model), item(&format!("{model}{}", if in_use { "   ← currently in use" } else { "" }))));
        }
        if set.can_try || set.backend.is_some() {
            rows.push((Does::Try, item(if set.backend.is_some() { "Try it — asks the service, makes nothing" } else { "Try it" })));
        }
        rows.push((Does::Switch, item(if !set.on { "Switch it on" } else { "Switch it off" })));
        rows
    }

    /// What a key does; none closes the box.
    pub(super) fn act(&mut self, action: Action, facts: &Facts) -> Option<Reply> {
        if let Some(key) = &mut self.key {
            match action {
                Action::Cancel | Action::Interrupt => self.key = None,
                Action::Send => return Some(self.keep()),
                action => _ = typing::act(key, action),
            }
            return Some(Reply::default());
        }
        let rows = self.rows(facts);
        let last = rows.len().saturating_sub(1);
        match action {
            Action::Up => self.marked = self.marked.checked_sub(1).unwrap_or(last),
            Action::Down => self.marked = if self.marked >= last { 0 } else { self.marked + 1 },
            Action::Cancel | Action::Interrupt => return None,
            Action::Send => {
                let does = rows.get(self.marked.min(last)).map(|(does, _)| does.clone());
                return does.map_or(Some(Reply::default()), |does| self.does(&does, facts));
            }
            _ => {}
        }
        Some(Reply::default())
    }

    fn does(&mut self, does: &Does, facts: &Facts) -> Option<Reply> {
        let set = self.set(facts)?;
        let name = set.name.to_string();
        Some(match does {
            Does::SignIn => {
                let provider = provider(facts, "xai-oauth")?;
                Reply { intents: vec![Intent::LogIn(provider, Default::default())], ..Reply::open("login") }
            }
            Does::PasteKey => {
                self.key = Some(Field::new(LONGEST_KEY));
                Reply::default()
            }
            Does::Skip => {
                self.done = true;
                Reply::intent(Intent::Tell(INACTIVE.into()))
            }
            Does::Model(model) => Reply::intent(Intent::ChooseToolModel(name, model)),
            Does::Try => Reply::intent(Intent::TryToolset(name)),
            Does::Switch => Reply::intent(Intent::SwitchToolset(name, !set.on)),
        })
    }

    fn keep(&mut self) -> Reply {
        let typed = self.key.take().map(|mut key| key.take()).unwrap_or_default();
        match typed.trim() {
            "" => Reply::intent(Intent::Tell(INACTIVE.into())),
            key => Reply::intent(Intent::KeepVariable("XAI_API_KEY", Secret::new(key))),
        }
    }

    pub(super) fn text(&mut self, input: &Input) -> Reply {
        if let Some(key) = &mut self.key {
            let _ = typing::input(key, input);
        }
        Reply::default()
    }

    /// Whether it is to be closed.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    pub(super) fn settle(&mut self, facts: &Facts) {
        self.marked = self.marked.min(self.rows(facts).len().saturating_sub(1));
    }

    pub(super) fn draw(&self, facts: &Facts, frame: &mut Frame) {
        let Some(set) = self.set(facts) else { return };
        let width = 84.min(frame.area().width.saturating_sub(2));
        let room = usize::from(width.saturating_sub(6)).max(8);
        let lines = body(set, facts, room);
        let rows = self.rows(facts);
        let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let bottom_rows = if self.key.is_some() { 2 } else { count(rows.len()) };
        let height = count(lines.len()).saturating_add(bottom_rows).saturating_add(3);
        let inner = popup::frame_box(&tame_line(&set.label), width, height, frame);
        // with little room what can be done comes first
        let body_rows = inner.height.saturating_sub(bottom_rows + 1);
        for (y, line) in (inner.y..inner.y + body_rows).zip(&lines) {
            frame.put_line(inner.x + 1, y, inner.right(), line);
        }
        let list = Rect::new(inner.x, inner.y + body_rows.min(inner.height), inner.width, inner.height.saturating_sub(body_rows));
        let below = Rect { y: (list.y + 1).min(inner.bottom()), height: list.height.saturating_sub(1), ..list };
        let last_row = frame.area().bottom().saturating_sub(1);
        frame.clear(Rect::new(0, last_row, frame.area().width, 1));
        let keys: &[(&str, &str)] = match &self.key {
            Some(key) => {
                let field = Rect { height: 1.min(below.height), ..below };
                key.draw_hidden(0, "XAI_API_KEY › ", "paste it here", field, frame);
                &[("Enter", "keep it"), ("Esc", "back")]
            }
            None => {
                let items: Vec<Item> = rows.into_iter().map(|(_, item)| item).collect();
                popup::list(&items, self.marked, below, frame);
                &[("Enter", "choose"), ("↑↓", "move"), ("Esc", "back")]
            }
        };
        match facts.flashing() {
            Some(words) => bars::flash(&tame_line(words), last_row, frame),
            None => bars::hints(&keys.iter().map(|(key, about)| ((*key).to_string(), *about)).collect::<Vec<_>>(), last_row, frame),
        }
    }
}

/// `xAI will use your existing XAI_API_KEY`
fn words(credential: &Credential) -> Option<&'static str> {
    match credential {
        Credential::SignIn => Some("xAI will use your xAI Grok OAuth (SuperGrok Subscription) credentials"),
        Credential::Key => Some("xAI will use your existing XAI_API_KEY"),
        Credential::Simulator => Some("The simulator stands in for xAI here"),
        Credential::Missing => Some("xAI needs credentials. Choose one:"),
        Credential::Unknown => None,
    }
}

fn body(set: &Toolset, facts: &Facts, room: usize) -> Vec<Line> {
    let mut lines = vec![];
    let mut add = |text: &str, role: Role| wrap::lines(&Styled::new(text, role), room, 0, |_| Styled::default(), &mut lines);
    if let Some(backend) = set.backend {
        add(&format!("Done by {}", backend.name), Role::Text);
    }
    let credential = credential(facts);
    match set.effective(&facts.means(&facts.front().choice)) {
        // that is the question
        Standing::Unusable(_) if set.backend.is_some() && matches!(credential, Credential::Missing) => {}
        Standing::Unusable(why) => add(&format!("✗ {}", tame_line(&why)), Role::Trouble),
        Standing::Off => add("It is off: models are not offered it.", Role::Muted),
        Standing::Ready => {}
    }
    if let Some(why) = &set.ails {
        add(&format!("⚠ {}", tame_line(why)), Role::Trouble);
    }
    for tool in &set.tools {
        // the first sentence says what it is for
        let about = tame_line(&tool.about);
        let first = about.split_inclusive(". ").next().unwrap_or_default();
        add(&format!("{}  {}", tame_line(&tool.name), first.trim()), Role::Muted);
    }
    if let Some(words) = words(&credential).filter(|_| set.backend.is_some()) {
        add("", Role::Text);
        add(words, Role::Text);
    }
    if let Some(Trial { outcome, .. }) = facts.trial.as_ref().filter(|trial| trial.set == set.name) {
        lines.push(Line::default());
        let mut add = |text: &str, role: Role| wrap::lines(&Styled::new(text, role), room, 0, |_| Styled::default(), &mut lines);
        match outcome {
            None => add("Trying …", Role::Muted),
            Some(outcome) => {
                let shown = outcome.shown.as_ref().map_or_else(|| outcome.output.clone(), |shown| shown.text().clone());
                add(
                    if outcome.ok { "✓ It works. What came:" } else { "✗ It failed. What came:" },
                    if outcome.ok { Role::Good } else { Role::Trouble },
                );
                let text = tame(shown.trim_end()).replace('\t', "    ");
                text.lines().take(MOST_LINES).for_each(|line| add(line, Role::Text));
            }
        }
    }
    lines
}
