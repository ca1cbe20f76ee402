//! Who answers next: one list of everything that can be asked, over the chat. What was used lately is on digits, what can't be used is one
//! line until it is looked for, and one field narrows provider and model together. Providers have a screen of their own (`picker`).

use super::{
    Opening, picker, picking,
    typing::{self, Typed},
};
use crate::{
    commands,
    domain::{
        catalog::{self, Login, Model, Provider, Standing},
        facts::Facts,
        foreign::tame_line,
        pane::{Choice, Keep},
    },
    flow::{
        action::Action,
        effect::Reach,
        input::Input,
        intent::Intent,
        keymap,
        screen::{Context, Reply, Screen, Word},
    },
    ui::{
        bars,
        cache::Cache,
        field::Field,
        frame::Frame,
        look::Role,
        popup::{self, first_shown},
        wrap,
    },
};
use ratatui::layout::Rect;
use std::{cell::RefCell, rc::Rc};

/// The route to the switcher.
pub static SCREEN: Opening =
    Opening { name: "switcher", about: "Who answers next", places: &["switcher"], open: |facts, _| Box::new(Switcher::of(facts)) };

const LIVE: &[&str] = &["switcher", "list", "text", "everywhere"];
/// Choices of before that are offered on digits.
const LATELY: usize = 5;
/// Cells of the box, and rows of the list in it.
const BOX: (u16, u16) = (82, 14);
/// Cells of a row that are taken by its marks.
const MARKS: u16 = 6;

/// What the switcher remembers.
struct Switcher {
    words: Field,
    /// The marked row, by what it is.
    marked: Option<Row>,
    effort: Option<String>,
    rows: RefCell<Found>,
}

/// The rows, and what they were made of.
#[derive(Default)]
struct Found {
    of: Option<(String, u64, usize, usize)>,
    rows: Rc<Vec<Row>>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Row {
    /// What follows; it can't be marked.
    Heading(&'static str),
    /// A model, and the digit that chooses it.
    Model { provider: &'static str, id: String, digit: Option<usize> },
    /// A provider that has to be made able before anybody knows its models.
    Provider(&'static str),
    /// So many providers that can't be used yet.
    More(usize),
    /// What was typed, as it is.
    Typed(String),
}

impl Row {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Model { provider, id, .. }, Self::Model { provider: there, id: named, .. }) => provider == there && id == named,
            _ => self == other,
        }
    }
}

/// A provider by its id.
fn named(facts: &Facts, id: &str) -> Option<&'static Provider> {
    facts.catalog.providers.iter().copied().find(|provider| provider.id == id)
}

fn listed<'a>(facts: &'a Facts, provider: &str) -> &'a [Model] {
    facts.catalog.models.get(provider).map(|list| list.models.as_slice()).unwrap_or_default()
}

/// Whether a provider can be asked now; the one that answers can, as far as anybody knows.
fn is_able(facts: &Facts, provider: &Provider) -> bool {
    match facts.catalog.standings.get(provider.id) {
        Some(standing) => standing.is_able(),
        None => provider.id == facts.front().choice.provider.id,
    }
}

/// What a model is found by: its names, and words for what it is.
fn haystack(provider: &Provider, model: &Model) -> String {
    let is = |is: bool, words: &'static str| if is { words } else { "" };
    let free = provider.local || model.price == Some((0.0, 0.0));
    format!(
        "{} {} {} {}{}{}{}{}",
        model.id,
        provider.title,
        provider.id,
        is(model.sees, " sees pictures"),
        is(model.thinks, " thinks"),
        is(model.tools, " tools"),
        is(free, " free cheap"),
        is(provider.local, " local here"),
    )
    .to_lowercase()
}

/// The rows for some words.
fn find(words: &str, facts: &Facts) -> Vec<Row> {
    let words: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_string).collect();
    let fits = |hay: &str| words.iter().all(|word| hay.contains(word.as_str()));
    let current = facts.front().choice.provider.id;
    let mut rows = vec![];
    let mut shown: Vec<(&str, &str)> = vec![];
    let model = |provider: &'static str, id: &str, digit| Row::Model { provider, id: id.to_string(), digit };
    let lately: Vec<(&'static str, &str)> = facts
        .catalog
        .lately
        .iter()
        .filter(|(provider, _)| is_able(facts, provider))
        .map(|(provider, id)| (provider.id, id.as_str()))
        .collect();
    if words.is_empty() {
        if !lately.is_empty() {
            rows.push(Row::Heading("lately"));
        }
        for (n, (provider, id)) in lately.iter().take(LATELY).enumerate() {
            rows.push(model(provider, id, Some(n + 1)));
            shown.push((provider, id));
        }
    }
    // the provider that answers comes first
    let mut providers: Vec<&'static Provider> = facts.catalog.providers.to_vec();
    providers.sort_by_key(|provider| provider.id != current);
    // whoever answers now is among them, whatever it lacks: nobody is led away from it unawares
    let (able, locked): (Vec<_>, Vec<_>) = providers.into_iter().partition(|provider| provider.id == current || is_able(facts, provider));
    let mut ready: Vec<(usize, Row)> = vec![];
    for provider in &able {
        for known in listed(facts, provider.id).iter().filter(|known| !shown.contains(&(provider.id, &known.id))) {
            if fits(&haystack(provider, known)) {
                // what is called so comes before what is only found by it
                let rank = words.first().map_or(0, |word| usize::from(!known.id.to_lowercase().contains(word.as_str())));
                ready.push((rank, model(provider.id, &known.id, None)));
            }
        }
    }
    ready.sort_by_key(|(rank, _)| *rank);
    if !ready.is_empty() && !shown.is_empty() {
        rows.push(Row::Heading("ready"));
    }
    rows.extend(ready.into_iter().map(|(_, row)| row));
    if words.is_empty() {
        rows.extend((!locked.is_empty()).then_some(Row::More(locked.len())));
        return rows;
    }
    let mut others = vec![];
    for provider in &locked {
        let before = others.len();
        let known = listed(facts, provider.id).iter().filter(|known| fits(&haystack(provider, known)));
        others.extend(known.map(|known| model(provider.id, &known.id, None)));
        if others.len() == before && fits(&format!("{} {}", provider.title, provider.id).to_lowercase()) {
            others.push(Row::Provider(provider.id));
        }
    }
    if !others.is_empty() {
        rows.push(Row::Heading("not usable yet"));
        rows.append(&mut others);
    }
    if rows.is_empty() {
        // letters that stand apart
        let all: Vec<(&'static Provider, &Model)> =
            able.iter().flat_map(|provider| listed(facts, provider.id).iter().map(move |known| (*provider, known))).collect();
        let names = all.iter().map(|(provider, known)| format!("{} {}", known.id, provider.title));
        let near = picking::fitting(&words.join(" "), names);
        rows.extend(near.into_iter().map(|n| model(all[n].0.id, &all[n].1.id, None)));
    }
    let typed = words.join(" ");
    let is_exact = listed(facts, current).iter().any(|known| known.id.eq_ignore_ascii_case(&typed));
    if words.len() == 1 && !is_exact {
        rows.push(Row::Typed(typed));
    }
    rows
}

impl Switcher {
    /// On the model that answers now.
    fn of(facts: &Facts) -> Self {
        let choice = &facts.front().choice;
        let marked = Some(Row::Model { provider: choice.provider.id, id: choice.model.clone(), digit: None });
        Self { words: Field::default(), marked, effort: choice.effort.clone(), rows: RefCell::default() }
    }

    fn rows(&self, facts: &Facts) -> Rc<Vec<Row>> {
        let mut found = self.rows.borrow_mut();
        let able = facts.catalog.providers.iter().filter(|provider| is_able(facts, provider)).count();
        let of = (self.words.text().to_string(), facts.catalog.edition, facts.catalog.lately.len(), able);
        if found.of.as_ref() != Some(&of) {
            *found = Found { rows: Rc::new(find(&of.0, facts)), of: Some(of) };
        }
        found.rows.clone()
    }

    /// The marked row: the one that was, as long as it is there; else the first that can be marked. What was typed is marked by going
    /// there alone.
    fn at(&self, rows: &[Row]) -> Option<usize> {
        let can = |row: &Row| !matches!(row, Row::Heading(_) | Row::Typed(_));
        let there = self.marked.as_ref().and_then(|marked| rows.iter().position(|row| row.is_same(marked)));
        there.or_else(|| rows.iter().position(can))
    }

    fn go(&mut self, rows: &[Row], by: isize) {
        let count = rows.iter().filter(|row| !matches!(row, Row::Heading(_))).count();
        if count == 0 {
            return;
        }
        let step = by.signum();
        // from nowhere the first step leads to the first row, or to the last
        let mut at = self.at(rows).unwrap_or(if step > 0 { rows.len() - 1 } else { 0 });
        for _ in 0..by.unsigned_abs() {
            loop {
                at = (at + rows.len()).saturating_add_signed(step) % rows.len();
                if !matches!(rows[at], Row::Heading(_)) {
                    break;
                }
            }
        }
        self.marked = rows.get(at).cloned();
    }

    /// Does what a row is for.
    fn choose(&self, row: &Row, keep: Keep, facts: &Facts) -> Reply {
        match row {
            Row::Heading(_) => Reply::default(),
            Row::More(_) => commands::model::picker(facts),
            Row::Provider(id) => named(facts, id).map_or_else(Reply::default, |provider| enable(provider, facts)),
            Row::Typed(id) => self.chosen(facts.front().choice.provider, id, keep),
            Row::Model { provider, id, .. } => match named(facts, provider) {
                Some(provider) if is_able(facts, provider) => self.chosen(provider, id, keep),
                Some(provider) => enable(provider, facts),
                None => Reply::default(),
            },
        }
    }

    fn chosen(&self, provider: &'static Provider, id: &str, keep: Keep) -> Reply {
        let model = if provider.catalog == "xai" { catalog::plain_id(id) } else { id.to_string() };
        let effort = self.effort.clone().filter(|effort| catalog::model(&model).is_none_or(|known| known.efforts.contains(effort)));
        Reply { intents: vec![Intent::ChooseModel(Choice { provider, model, effort }, keep)], ..Reply::close() }
    }

    /// The one that answered before.
    fn before(&self, facts: &Facts) -> Reply {
        let now = &facts.front().choice;
        let other = facts.catalog.lately.iter().find(|(provider, id)| (provider.id, id) != (now.provider.id, &now.model));
        match other {
            Some((provider, id)) => self.chosen(provider, id, Keep::Always),
            None => Reply::intent(Intent::Tell("Nobody else has answered yet".into())),
        }
    }

    fn efforts<'a>(&self, rows: &[Row], facts: &'a Facts) -> Option<(&'a Model, &'a [String])> {
        let Some(Row::Model { provider, id, .. }) = self.at(rows).and_then(|at| rows.get(at)) else { return None };
        let choice = Choice { provider: named(facts, provider)?, model: id.clone(), effort: None };
        facts.catalog.model(&choice).map(|known| (known, known.efforts.as_slice())).filter(|(_, efforts)| !efforts.is_empty())
    }

    fn effort_of(&self, known: &Model) -> String {
        let own = self.effort.as_ref().filter(|effort| known.efforts.contains(effort));
        own.or(known.default_effort.as_ref()).cloned().unwrap_or_default()
    }

    fn draw_row(&self, row: &Row, here: bool, facts: &Facts, area: Rect, frame: &mut Frame) {
        let (x, y, right) = (area.x, area.y, area.right());
        let role = if here { Role::Accent } else { Role::Text };
        frame.put(x, y, right, if here { "›" } else { " " }, Role::Accent);
        match row {
            Row::Heading(words) => _ = frame.put(x, y, right, words, Role::Muted),
            Row::More(count) => {
                let them = if *count == 1 { "provider needs" } else { "providers need" };
                frame.put(
                    x + 2,
                    y,
                    right,
                    &format!("{count} more {them} a key, a sign-in or a server"),
                    if here { role } else { Role::Muted },
                );
            }
            Row::Typed(id) => {
                let text = format!("use `{}` as it is: not in the list of {}", tame_line(id), facts.front().choice.provider.short_title());
                frame.put(x + 2, y, right, &wrap::ellipsis(&text, usize::from(right - x - 2)), if here { role } else { Role::Muted });
            }
            Row::Provider(id) => {
                let Some(provider) = named(facts, id) else { return };
                let from = frame.put_right(right, y, needs(facts, provider), Role::Muted);
                frame.put(x + MARKS, y, from.saturating_sub(1), provider.short_title(), if here { role } else { Role::Muted });
            }
            Row::Model { provider, id, digit } => {
                let Some(provider) = named(facts, provider) else { return };
                let (able, now) = (is_able(facts, provider), &facts.front().choice);
                if let Some(digit) = digit {
                    frame.put(x + 2, y, right, &digit.to_string(), Role::Muted);
                }
                if facts.chosen && now.provider.id == provider.id && now.model == *id {
                    frame.put(x + 4, y, right, "●", Role::Good);
                }
                let choice = Choice { provider, model: id.clone(), effort: None };
                let known = facts.catalog.model(&choice);
                let mut left = right;
                if area.width >= 50 {
                    let context = known.filter(|known| known.context > 0).map(|known| catalog::tokens(known.context)).unwrap_or_default();
                    frame.put_right(right, y, &context, Role::Muted);
                    left = left.saturating_sub(7);
                }
                if area.width >= 66 {
                    frame.put_right(left, y, &price(provider, known), Role::Muted);
                    left = left.saturating_sub(11);
                }
                let whose = match (able, provider.local && provider.id != "sandbox") {
                    (true, true) => format!("{} · here", provider.short_title()),
                    (true, false) => provider.short_title().to_string(),
                    (false, _) => format!("{} · {}", provider.short_title(), needs(facts, provider)),
                };
                let column = if area.width >= 66 { 18 + 12 * u16::from(!able) } else { area.width / 3 };
                left = left.saturating_sub(column);
                frame.put(left, y, left + column, &wrap::ellipsis(&whose, usize::from(column.saturating_sub(2))), Role::Muted);
                let role = if able || here { role } else { Role::Muted };
                let room = usize::from(left.saturating_sub(x + MARKS + 1));
                frame.put(x + MARKS, y, left, &wrap::ellipsis(&tame_line(id), room), role);
            }
        }
    }

    /// What is told of the marked row: `thinks · tools · takes no pictures · $1.25 in, $2.50 out per million`.
    fn foot(&self, row: Option<&Row>, facts: &Facts) -> String {
        let Some(Row::Model { provider, id, .. }) = row else { return String::new() };
        let Some(provider) = named(facts, provider) else { return String::new() };
        let choice = Choice { provider, model: id.clone(), effort: None };
        let Some(known) = facts.catalog.model(&choice) else { return "nothing is known of it".into() };
        let mut parts = vec![];
        parts.extend(known.thinks.then_some("thinks".to_string()));
        parts.push(if known.tools { "tools" } else { "no tools" }.into());
        parts.push(if known.sees { "takes pictures" } else { "takes no pictures" }.into());
        parts.extend(known.price.filter(|_| provider.has_price()).map(|(input, output)| format!("${input} in, ${output} out per million")));
        parts.extend(known.unconfirmed.then(|| "its provider does not list it".to_string()));
        parts.join(" · ")
    }
}

/// What has to be done before a provider can be asked: sign in, or what its own screen asks for.
fn enable(provider: &'static Provider, facts: &Facts) -> Reply {
    match provider.login {
        Login::OAuth => commands::login::screen(provider),
        _ => Reply { word: Some(Word::LookFor(provider.title.into())), ..commands::model::picker(facts) },
    }
}

/// What a provider lacks.
fn needs(facts: &Facts, provider: &Provider) -> &'static str {
    match facts.catalog.standings.get(provider.id) {
        Some(Standing::NeedsSignIn) => "sign in first",
        Some(Standing::NeedsKey) => "needs a key",
        Some(Standing::NotRunning) => "not running",
        Some(Standing::NeedsAddress) => "no address",
        _ => "",
    }
}

/// What it costs, in a word.
fn price(provider: &Provider, known: Option<&Model>) -> String {
    match (&provider.login, known.and_then(|known| known.price)) {
        (Login::OAuth, _) => "plan".into(),
        _ if provider.local || !provider.has_price() => "free".into(),
        (_, Some((0.0, 0.0))) => "free".into(),
        (_, Some((input, output))) => format!("${input}/{output}"),
        _ => String::new(),
    }
}

impl Screen for Switcher {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        LIVE
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        let facts = context.facts;
        let rows = self.rows(facts);
        let marked = self.at(&rows).and_then(|at| rows.get(at));
        let nobody = || {
            let there = rows.iter().any(|row| matches!(row, Row::Typed(_)));
            let hint = if there { "; ↓ goes to the row that uses it as it is" } else { "" };
            Reply::intent(Intent::Tell(format!("No model of that name is listed{hint}")))
        };
        match action {
            Action::Cancel | Action::Interrupt => return Reply::close(),
            Action::Send => return marked.map_or_else(nobody, |row| self.choose(row, Keep::Always, facts)),
            Action::ChooseOnce => return marked.map_or_else(nobody, |row| self.choose(row, Keep::Once, facts)),
            Action::BeforeThat => return self.before(facts),
            Action::CycleEffort => {
                if let Some((known, efforts)) = self.efforts(&rows, facts) {
                    let now = self.effort_of(known);
                    let next = efforts.iter().position(|effort| *effort == now).map_or(0, |at| (at + 1) % efforts.len());
                    self.effort = efforts.get(next).cloned();
                }
            }
            Action::Refresh => {
                let anew = |provider: &&'static Provider| Intent::ListModels { provider, reach: Reach::Anew };
                let able = facts.catalog.providers.iter().filter(|provider| is_able(facts, provider)).map(anew);
                return Reply { intents: able.chain([Intent::SeeProviders]).collect(), ..Reply::default() };
            }
            Action::Up => self.go(&rows, -1),
            Action::Down => self.go(&rows, 1),
            Action::PageUp => self.go(&rows, -8),
            Action::PageDown => self.go(&rows, 8),
            action => self.narrow(facts, |words| typing::act(words, action)),
        }
        Reply::default()
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        let facts = context.facts;
        // a digit chooses at once, as long as nothing is looked for
        if let Input::Key(key) = input
            && let Some(typed) = key.typed().and_then(|c| c.to_digit(10)).filter(|_| self.words.is_empty())
        {
            let wanted = usize::try_from(typed).ok();
            let rows = self.rows(facts);
            let row = rows.iter().find(|row| matches!(row, Row::Model { digit, .. } if digit.is_some() && *digit == wanted));
            if let Some(row) = row {
                return self.choose(row, Keep::Always, facts);
            }
        }
        self.narrow(facts, |words| typing::input(words, input));
        Reply::default()
    }
    fn hear(&mut self, word: Word, context: &mut Context) -> Reply {
        match word {
            Word::LookFor(text) => self.narrow(context.facts, |words| {
                *words = Field::holding(&text);
                Typed::Text
            }),
            Word::SignedIn(provider) => {
                self.words = Field::default();
                self.marked = Some(Row::Model { provider: provider.id, id: provider.default_model.into(), digit: None });
                return Reply::intent(Intent::ListModels { provider, reach: Reach::Fresh });
            }
            _ => {}
        }
        Reply::default()
    }
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        let area = frame.area();
        let rows = self.rows(facts);
        // as high with one row as with all: nothing jumps while somebody types
        let inner = popup::frame_box("Who answers next?", BOX.0, (BOX.1 + 6).min(area.height.saturating_sub(3)), frame);
        if inner.height < 4 {
            return;
        }
        self.words.draw("› ", "provider, model, \"free\", \"pictures\"…", Rect { height: 1, ..inner }, frame);
        let list = Rect { y: inner.y + 2, height: inner.height.saturating_sub(4), ..inner };
        let at = self.at(&rows);
        let marked = at.and_then(|at| rows.get(at));
        if rows.is_empty() {
            frame.put(list.x + 2, list.y, list.right(), "nothing fits", Role::Muted);
        }
        let first = first_shown(at.unwrap_or(0), usize::from(list.height));
        for (y, (number, row)) in (list.y..list.bottom()).zip(rows.iter().enumerate().skip(first)) {
            self.draw_row(row, Some(number) == at, facts, Rect { y, height: 1, ..list }, frame);
        }
        let origin = match marked {
            Some(Row::Model { provider, .. }) => facts.catalog.models.get(provider).map(|list| picker::origin(list, facts)),
            _ => None,
        };
        let origin = origin.unwrap_or_default();
        let last = inner.bottom().saturating_sub(1);
        let from = frame.put_right(inner.right(), last, &origin, Role::Muted);
        let foot = wrap::ellipsis(&self.foot(marked, facts), usize::from(from.saturating_sub(inner.x + 2)));
        frame.put(inner.x, inner.bottom().saturating_sub(1), inner.right(), &foot, Role::Muted);
        let bottom = area.bottom().saturating_sub(1);
        frame.clear(Rect { y: bottom, height: 1, ..area });
        if let Some(words) = facts.flashing() {
            return bars::flash(&tame_line(words), bottom, frame);
        }
        let effort = self.efforts(&rows, facts).map(|(known, _)| format!("effort: {}", self.effort_of(known)));
        let is_locked = matches!(marked, Some(Row::Model { provider, .. } | Row::Provider(provider))
            if named(facts, provider).is_some_and(|provider| !is_able(facts, provider)));
        let enter = match marked {
            Some(Row::More(_)) => "all providers",
            _ if is_locked => "make it usable",
            _ => "from now on",
        };
        let mut wanted: Vec<(Action, &str)> = vec![(Action::Send, enter)];
        wanted.extend(effort.as_deref().map(|effort| (Action::CycleEffort, effort)));
        wanted.extend([(Action::ChooseOnce, "only once"), (Action::BeforeThat, "the one before"), (Action::Cancel, "back")]);
        let hints: Vec<(String, &str)> =
            wanted.into_iter().filter_map(|(action, about)| Some((keymap::hint(LIVE, action)?.to_string(), about))).collect();
        bars::hints(&hints, bottom, frame);
    }
}

impl Switcher {
    /// Other words: the first that fits is marked; without any, what answers now.
    fn narrow(&mut self, facts: &Facts, change: impl FnOnce(&mut Field) -> Typed) {
        if change(&mut self.words) == Typed::Text {
            self.marked = if self.words.text().trim().is_empty() { Self::of(facts).marked } else { None };
        }
    }
}
