//! The lines at the edges: the header with its rule, the hint line, the pill.

use crate::ui::{frame::Frame, look::Role, wrap};

/// Cells that stay free at both sides of every screen.
pub const MARGIN: u16 = 2;

/// A title at the left and facts at the right of the first row, with a thin rule under it. The last facts go first when there
/// is no room for all.
pub fn header(title: &str, facts: &[String], frame: &mut Frame) {
    let area = frame.area();
    let right = area.right().saturating_sub(MARGIN);
    let room = usize::from(right.saturating_sub(MARGIN));
    let facts = wrap::ellipsis(&fitting(facts, room * 3 / 4), room * 3 / 4);
    let from = frame.put_right(right, area.y, &facts, Role::Muted);
    let title = wrap::ellipsis(title, usize::from(from.saturating_sub(MARGIN + 2)));
    frame.put(MARGIN, area.y, from.saturating_sub(1), &title, Role::Strong);
    frame.rule(1, area.right().saturating_sub(1), area.y + 1);
}

/// Draws those of the facts of a header anew that can't be overlooked.
pub fn loud(facts: &[String], trouble: &[String], frame: &mut Frame) {
    if trouble.is_empty() {
        return;
    }
    let area = frame.area();
    let right = area.right().saturating_sub(MARGIN);
    let room = usize::from(right.saturating_sub(MARGIN)) * 3 / 4;
    let told = wrap::ellipsis(&fitting(facts, room), room);
    let from = right.saturating_sub(u16::try_from(wrap::width(&told)).unwrap_or(0));
    for (at, fact) in trouble.iter().filter_map(|fact| Some((told.find(fact.as_str())?, fact))) {
        let x = from.saturating_add(u16::try_from(wrap::width(&told[..at])).unwrap_or(0));
        frame.put(x, area.y, right, fact, Role::Trouble);
    }
}

/// The same for a part of the window: one rule with the title and the facts in it, a heavy one for the part that has the focus.
pub fn heading(title: &str, facts: &[String], front: bool, frame: &mut Frame) {
    let area = frame.area();
    let (left, right) = (1, area.right().saturating_sub(1));
    if front {
        frame.heavy_rule(left, right, 0);
    } else {
        frame.rule(left, right, 0);
    }
    let room = usize::from(right.saturating_sub(left + 6));
    let facts = wrap::ellipsis(&fitting(facts, room * 2 / 3), room * 2 / 3);
    let facts = format!(" {facts} ");
    let from = right.saturating_sub(1 + u16::try_from(wrap::width(&facts)).unwrap_or(0));
    let title = format!(" {} ", wrap::ellipsis(title, usize::from(from.saturating_sub(left + 4))));
    frame.put(from, 0, right.saturating_sub(1), &facts, Role::Muted);
    frame.put(left + 1, 0, from.saturating_sub(1), &title, if front { Role::Strong } else { Role::Muted });
}

/// As many facts as fit, the first ones before the last.
fn fitting(facts: &[String], room: usize) -> String {
    let kept = (1..=facts.len()).rev().find(|n| wrap::width(&facts[..*n].join(" · ")) <= room).unwrap_or(1);
    facts[..kept.min(facts.len())].join(" · ")
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
