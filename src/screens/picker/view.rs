//! The picture of the picker.

use super::{Asked, Picker, Side, standing};
use crate::{
    domain::{
        account::span,
        catalog::{self, Model, ModelList, Provider, Source, Standing},
        facts::Facts,
        foreign::tame_line,
    },
    flow::{action::Action, keymap},
    ui::{
        bars::{self, MARGIN},
        field::Field,
        frame::Frame,
        look::Role,
        popup, wrap,
    },
};
use ratatui::layout::{Position, Rect};

/// Windows narrower than this show one side at a time.
const BOTH: u16 = 76;
/// Columns of the providers beside their models.
const PROVIDERS: u16 = 30;
/// Models are not wider than this: what belongs together stays together.
const MODELS: u16 = 84;
const STANDING: u16 = 13;

impl Picker {
    pub(super) fn draw(&self, facts: &Facts, frame: &mut Frame) {
        let area = frame.area();
        frame.clear(area);
        bars::header(if facts.chosen { "Provider and model" } else { "Welcome to hermes. Who shall answer?" }, &[], frame);
        self.filter(frame);
        let body = Rect::new(MARGIN, 2, area.width.saturating_sub(2 * MARGIN), area.height.saturating_sub(5));
        if area.width >= BOTH {
            self.providers_side(facts, Rect { width: PROVIDERS, ..body }, frame);
            let left = body.x + PROVIDERS + 2;
            self.models_side(facts, Rect { x: left, width: body.right().saturating_sub(left).min(MODELS), ..body }, frame);
        } else if self.side == Side::Providers {
            self.providers_side(facts, body, frame);
        } else {
            self.models_side(facts, body, frame);
        }
        let origin = self.provider(facts).and_then(|p| facts.catalog.models.get(p.id)).map(|list| origin(list, facts));
        frame.put_right(body.right(), area.bottom().saturating_sub(3), origin.as_deref().unwrap_or_default(), Role::Muted);
        frame.rule(1, area.right().saturating_sub(1), area.bottom().saturating_sub(2));
        self.hints(facts, frame);
        if let Some((what, typed)) = &self.asking {
            self.field(*what, typed, facts, frame);
        }
    }

    /// What narrows the list, at the right end of the header.
    fn filter(&self, frame: &mut Frame) {
        let right = frame.area().right().saturating_sub(MARGIN);
        let words = &self.words;
        if words.is_empty() {
            let from = frame.put_right(right, 0, "type to filter", Role::Muted);
            frame.caret = Some(Position::new(from, 0));
            return;
        }
        // one cell more for the caret behind the last letter
        let width = u16::try_from(wrap::width(words.text()).min(24)).unwrap_or(0) + 1;
        words.draw("", "", Rect::new(right.saturating_sub(width), 0, width, 1), frame);
    }

    /// The heading of a side; a heavy rule says which has the focus, also without colours.
    fn heading(&self, side: Side, title: &str, area: Rect, frame: &mut Frame) -> Rect {
        let focused = self.side == side;
        if focused {
            frame.heavy_rule(area.x, area.right(), area.y);
        } else {
            frame.rule(area.x, area.right(), area.y);
        }
        let title = format!(" {} ", wrap::ellipsis(title, usize::from(area.width.saturating_sub(4))));
        frame.put(area.x + 1, area.y, area.right(), &title, if focused { Role::Strong } else { Role::Muted });
        Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
    }

    fn providers_side(&self, facts: &Facts, area: Rect, frame: &mut Frame) {
        let area = self.heading(Side::Providers, "Providers", area, frame);
        let fitting = self.providers(facts);
        if fitting.is_empty() {
            frame.put(area.x + 2, area.y, area.right(), "nothing fits", Role::Muted);
        }
        let marked = self.marked_provider(&fitting);
        let first = popup::first_shown(marked, usize::from(area.height));
        for (y, (number, (provider, models))) in (area.y..area.bottom()).zip(fitting.iter().enumerate().skip(first)) {
            let here = number == marked;
            let role = role(here, self.side == Side::Providers);
            let is_current = facts.chosen && facts.front().choice.provider.id == provider.id;
            frame.put(area.x, y, area.right(), mark(is_current, here), Role::Accent);
            let state = area.right().saturating_sub(STANDING);
            // how many of its models fit stands where its name leaves room
            let count = if *models > 0 { format!(" {models}") } else { String::new() };
            let room = usize::from(state.saturating_sub(area.x + 3)).saturating_sub(count.len());
            let after = frame.put(area.x + 2, y, state, &wrap::ellipsis(provider.short_title(), room), role);
            frame.put(after, y, state, &count, Role::Accent);
            frame.put(state, y, area.right(), words(provider, standing(provider, facts)), Role::Muted);
        }
    }

    fn models_side(&self, facts: &Facts, area: Rect, frame: &mut Frame) {
        let title = self.provider(facts).map_or("Models".to_string(), |p| format!("Models of {}", p.short_title()));
        let area = self.heading(Side::Models, &title, area, frame);
        let fitting = self.models(facts);
        let typed = self.typed(facts);
        if fitting.is_empty() && typed.is_none() {
            let text = match self.provider(facts).map(|p| (standing(p, facts), p.local)) {
                Some((Some(Standing::NotRunning), _)) => "no server answers there",
                Some((Some(Standing::NeedsAddress), _)) => "it has no address yet",
                Some((_, true)) => "asking the server…",
                _ => "nothing is listed; type a model's id",
            };
            frame.put(area.x + 2, area.y, area.right(), text, Role::Muted);
        }
        let marked = self.marked_model(facts);
        let first = popup::first_shown(marked.unwrap_or(0), usize::from(area.height));
        let rows = fitting.iter().map(|m| Some(*m)).chain(typed.as_ref().map(|_| None));
        for (y, (number, model)) in (area.y..area.bottom()).zip(rows.enumerate().skip(first)) {
            let here = Some(number) == marked;
            let role = role(here, self.side == Side::Models);
            match model {
                Some(model) => self.model_row(model, here, role, facts, Rect { y, height: 1, ..area }, frame),
                None => {
                    frame.put(area.x, y, area.right(), if here { "›" } else { " " }, Role::Accent);
                    let role = if here { role } else { Role::Muted };
                    let text = format!("use `{}` as it is: not in the list", tame_line(typed.as_deref().unwrap_or_default()));
                    frame.put(area.x + 2, y, area.right(), &wrap::ellipsis(&text, usize::from(area.width.saturating_sub(2))), role);
                }
            }
        }
    }

    /// `● grok-4.3               1M  think tools see  $1.25/2.5`
    fn model_row(&self, model: &Model, here: bool, role: Role, facts: &Facts, area: Rect, frame: &mut Frame) {
        let choice = &facts.front().choice;
        let is_current = facts.chosen && self.provider(facts).is_some_and(|p| p.id == choice.provider.id) && choice.model == model.id;
        frame.put(area.x, area.y, area.right(), mark(is_current, here), Role::Accent);
        let price = match model.unconfirmed {
            true => Some("unconfirmed".to_string()),
            false => model.price.map(|(input, output)| format!("${input}/{output}")),
        };
        let can = [(model.thinks, "think"), (model.tools, "tools"), (model.sees, "see")];
        let mut column = area.right();
        if area.width >= 62 {
            column = column.saturating_sub(12);
            frame.put_right(area.right(), area.y, price.as_deref().unwrap_or_default(), Role::Muted);
        }
        // each mark has its place, so that they can be compared down the list
        let marks: String = can.iter().map(|(can, word)| if *can { format!("{word:<6}") } else { " ".repeat(6) }).collect();
        let from = column.saturating_sub(16);
        frame.put(from, area.y, column, marks.trim_end(), Role::Muted);
        let context = if model.context > 0 { catalog::tokens(model.context) } else { String::new() };
        frame.put_right(from.saturating_sub(2), area.y, &context, Role::Muted);
        let room = usize::from(from.saturating_sub(8 + area.x + 2));
        let role = if (model.deprecated || model.unconfirmed) && !here { Role::Muted } else { role };
        frame.put(area.x + 2, area.y, area.right(), &wrap::ellipsis(&tame_line(&model.id), room), role);
    }

    fn hints(&self, facts: &Facts, frame: &mut Frame) {
        let y = frame.area().bottom().saturating_sub(1);
        if let Some(words) = facts.flashing() {
            return bars::flash(&tame_line(words), y, frame);
        }
        if let Some((what, _)) = self.asking {
            let enter = if what == Asked::Key { "keep" } else { "use" };
            return bars::hints(&[("Enter".into(), enter), ("Esc".into(), "back")], y, frame);
        }
        let effort = self.model(facts).as_deref().and_then(catalog::model).filter(|m| !m.efforts.is_empty()).map(|known| {
            let now = self.effort.as_ref().or(known.default_effort.as_ref()).cloned().unwrap_or_default();
            format!("effort: {now}")
        });
        let choose = match (self.side, self.provider(facts).and_then(|p| standing(p, facts))) {
            (_, Some(Standing::NeedsSignIn)) => "sign in",
            (_, Some(Standing::NeedsKey)) => "give a key",
            (_, Some(Standing::NeedsAddress)) => "say where",
            (Side::Providers, _) => "its models",
            (Side::Models, _) => "choose",
        };
        let mut wanted: Vec<(Action, &str)> = vec![(Action::Send, choose), (Action::OtherSide, "other side")];
        if self.side == Side::Models {
            wanted.push((Action::ChooseHere, "this pane"));
            wanted.extend(effort.as_deref().map(|effort| (Action::CycleEffort, effort)));
        }
        wanted.extend([(Action::Refresh, "refresh"), (Action::Cancel, "back")]);
        let places = ["picker", "list"];
        let hints: Vec<(String, &str)> =
            wanted.into_iter().filter_map(|(action, about)| Some((keymap::hint(&places, action)?.to_string(), about))).collect();
        bars::hints(&hints, y, frame);
    }

    fn field(&self, what: Asked, typed: &Field, facts: &Facts, frame: &mut Frame) {
        let provider = self.provider(facts).map_or("", |p| p.short_title());
        let (title, hint, help) = match what {
            Asked::Key => {
                (format!("API key for {provider}"), "paste or type it; it is not shown", "Enter keeps it in auth.json   Esc back")
            }
            Asked::Address => {
                ("Where is the server?".into(), "https://host/v1", "https, or http on this machine   Enter uses it   Esc back")
            }
        };
        let inner = popup::frame_box(&title, 64, 5, frame);
        let field = Rect { height: 1, ..inner };
        match what {
            Asked::Key => typed.draw_hidden(0, "› ", hint, field, frame),
            Asked::Address => typed.draw("› ", hint, field, frame),
        }
        frame.put(inner.x, inner.y + 2, inner.right(), help, Role::Muted);
    }
}

/// What stands before a row: it is the chosen one, or the marked one.
fn mark(is_current: bool, here: bool) -> &'static str {
    match (is_current, here) {
        (true, _) => "●",
        (false, true) => "›",
        (false, false) => " ",
    }
}

/// The role of a row's text.
fn role(marked: bool, focused: bool) -> Role {
    match (marked, focused) {
        (true, true) => Role::Accent,
        (true, false) => Role::Strong,
        _ => Role::Text,
    }
}

/// How a provider stands, in a word or two.
pub(in crate::screens) fn words(provider: &Provider, standing: Option<&Standing>) -> &'static str {
    match standing {
        None => "",
        Some(Standing::SignedIn(_)) => "signed in",
        Some(Standing::KeyFound) => "key found",
        Some(Standing::Running) => "running",
        Some(Standing::Ready) if provider.id == "sandbox" => "offline demo",
        Some(Standing::Ready) => "ready",
        Some(Standing::NeedsSignIn) => "needs sign-in",
        Some(Standing::NeedsKey) => "needs a key",
        Some(Standing::NotRunning) => "not running",
        Some(Standing::NeedsAddress) => "no address",
    }
}

/// Where a list came from, and when.
pub(in crate::screens) fn origin(list: &ModelList, facts: &Facts) -> String {
    let age = list.fetched_at.map(|at| (facts.clock.started_at + i64::try_from(facts.clock.now / 1_000).unwrap_or(0)).saturating_sub(at));
    let age = match age {
        Some(age) if age < 60 => "just now".to_string(),
        Some(age) => format!("{} ago", span(age).split(' ').next().unwrap_or_default()),
        None => String::new(),
    };
    match list.source {
        Source::Live => format!("live, {age}"),
        Source::Cache => format!("catalog, {age}"),
        Source::BuiltIn => "built in".into(),
    }
}
