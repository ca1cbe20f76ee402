//! The lines at the edges: the header with its rule, the hint line, the pill.

use crate::ui::{frame::Frame, look::Role, wrap};

/// Cells that stay free at both sides of every screen.
pub const MARGIN: u16 = 2;

/// What a header tells beside its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// In a few letters.
    pub text: String,
    /// Muted, as long as it can be overlooked.
    pub role: Role,
}

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self { text, role: Role::Muted }
    }
}

/// Between facts.
const DOT: &str = " · ";

/// A title at the left and facts at the right of the first row, with a thin rule under it. The last facts go first when there
/// is no room for all.
pub fn header(title: &str, facts: &[Fact], frame: &mut Frame) {
    let area = frame.area();
    let right = area.right().saturating_sub(MARGIN);
    let room = usize::from(right.saturating_sub(MARGIN));
    let from = put_facts(facts, room * 3 / 4, right, area.y, frame);
    let title = wrap::ellipsis(title, usize::from(from.saturating_sub(MARGIN + 2)));
    frame.put(MARGIN, area.y, from.saturating_sub(1), &title, Role::Strong);
    frame.rule(1, area.right().saturating_sub(1), area.y + 1);
}

/// The same for a part of the window: one rule with the title and the facts in it, a heavy one for the part that has the focus.
pub fn heading(title: &str, facts: &[Fact], front: bool, frame: &mut Frame) {
    let area = frame.area();
    let (left, right) = (1, area.right().saturating_sub(1));
    if front {
        frame.heavy_rule(left, right, 0);
    } else {
        frame.rule(left, right, 0);
    }
    let room = usize::from(right.saturating_sub(left + 6));
    let end = right.saturating_sub(2);
    let from = put_facts(facts, room * 2 / 3, end, 0, frame);
    frame.put(from.saturating_sub(1), 0, from, " ", Role::Muted);
    frame.put(end, 0, end + 1, " ", Role::Muted);
    let from = from.saturating_sub(1);
    let title = format!(" {} ", wrap::ellipsis(title, usize::from(from.saturating_sub(left + 4))));
    frame.put(left + 1, 0, from.saturating_sub(1), &title, if front { Role::Strong } else { Role::Muted });
}

/// Puts as many facts as fit before `right`, the first ones rather than the last; gives the column in which they begin.
fn put_facts(facts: &[Fact], room: usize, right: u16, y: u16, frame: &mut Frame) -> u16 {
    let mut wide = 0;
    let fits = |fact: &&Fact| {
        wide += wrap::width(&fact.text) + if wide > 0 { wrap::width(DOT) } else { 0 };
        wide <= room
    };
    let kept = facts.iter().take_while(fits).count().max(1).min(facts.len());
    let total: usize = facts[..kept].iter().map(|fact| wrap::width(&fact.text) + wrap::width(DOT)).sum();
    let from = right.saturating_sub(u16::try_from(total.saturating_sub(wrap::width(DOT)).min(room)).unwrap_or(right));
    let mut x = from;
    for (number, fact) in facts[..kept].iter().enumerate() {
        if number > 0 {
            x = frame.put(x, y, right, DOT, Role::Muted);
        }
        x = frame.put(x, y, right, &wrap::ellipsis(&fact.text, usize::from(right.saturating_sub(x))), fact.role);
    }
    from
}

/// Keys with what they do, as many as there is room for. The help and the way out are the last to go.
pub fn hints(hints: &[(String, &str)], y: u16, frame: &mut Frame) {
    let right = frame.area().right().saturating_sub(MARGIN);
    let width = |(key, about): &(String, &str)| wrap::width(key) + usize::from(!about.is_empty()) + wrap::width(about) + 3;
    let mut room = usize::from(right.saturating_sub(MARGIN)) + 3;
    let mut fits = |hint: &(String, &str)| {
        let left = room.checked_sub(width(hint));
        room = left.unwrap_or(0);
        left.is_some()
    };
    let lasts = |hint: &&(String, &str)| hint.0 == "F1" || hint.0 == "Esc";
    let lasting: Vec<&(String, &str)> = hints.iter().rev().filter(lasts).filter(|hint| fits(hint)).collect();
    let others: Vec<&(String, &str)> = hints.iter().filter(|hint| !lasts(hint)).take_while(|hint| fits(hint)).collect();
    let mut x = MARGIN;
    for hint in hints.iter().filter(|hint| lasting.iter().chain(&others).any(|kept| std::ptr::eq(*kept, *hint))) {
        x = frame.put(x, y, right, &hint.0, Role::Text);
        if !hint.1.is_empty() {
            x = frame.put(x + 1, y, right, hint.1, Role::Muted);
        }
        x += 3;
    }
}

/// Words at the beginning of a rule.
pub fn on_rule(text: &str, y: u16, frame: &mut Frame) {
    let right = frame.area().right().saturating_sub(MARGIN);
    let text = format!(" {} ", wrap::ellipsis(text, usize::from(right.saturating_sub(MARGIN + 8))));
    frame.put(MARGIN + 1, y, right, &text, Role::Muted);
}

/// Words at the end of a rule, over what is there.
pub fn at_rule_end(text: &str, role: Role, y: u16, frame: &mut Frame) {
    let right = frame.area().right().saturating_sub(MARGIN + 1);
    frame.put_right(right, y, &format!(" {text} "), role);
}

/// A short word in the place of the keys, cut where it does not fit.
pub fn flash(words: &str, y: u16, frame: &mut Frame) {
    let right = frame.area().right().saturating_sub(MARGIN);
    frame.put(MARGIN, y, right, &wrap::ellipsis(words, usize::from(right.saturating_sub(MARGIN))), Role::Text);
}

/// The sign of work that goes on, at this moment in milliseconds: four pictures a second.
pub fn spinner(now: u64) -> char {
    ['◐', '◓', '◑', '◒'][usize::try_from(now / 250 % 4).unwrap_or(0)]
}
