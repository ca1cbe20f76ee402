//! The picture of the switcher.

use super::{
    LIVE, Switcher,
    rows::{Row, is_able, named},
};
use crate::{
    domain::{
        catalog::{self, Login, Model, Provider},
        facts::Facts,
        foreign::tame_line,
        pane::Choice,
    },
    flow::{action::Action, keymap},
    screens::picker,
    ui::{
        bars,
        frame::Frame,
        look::Role,
        popup::{self, first_shown},
        wrap,
    },
};
use ratatui::layout::Rect;

/// Cells of the box, and rows of the list in it.
const BOX: (u16, u16) = (82, 14);
/// Cells of a row that are taken by its marks.
const MARKS: u16 = 6;

impl Switcher {
    pub(super) fn draw(&self, facts: &Facts, frame: &mut Frame) {
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
                let from = frame.put_right(right, y, picker::words(provider, facts.catalog.standings.get(provider.id)), Role::Muted);
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
                    (false, _) => {
                        format!("{} · {}", provider.short_title(), picker::words(provider, facts.catalog.standings.get(provider.id)))
                    }
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
