//! A bar that runs out, with the time that is left.

use crate::ui::{frame::Frame, look::Role};

/// Columns of the longest time.
const TIME: u16 = 6;
/// Cells of a bar at most.
const BAR: u16 = 30;
/// What follows the time.
const LEFT: &str = " left";

/// `Browser     ━━━━━━━━────   2:41 left`, quiet until the last half minute; from `x` to `right`. Times are milliseconds.
pub fn draw(label: &str, label_width: u16, left: u64, total: u64, (x, y): (u16, u16), right: u16, frame: &mut Frame) {
    let urgent = left < 30_000;
    frame.put(x, y, right, label, Role::Muted);
    let seconds = left.div_ceil(1_000);
    let time = format!("{}:{:02}", seconds / 60, seconds % 60);
    let (from, to) = (x + label_width, right.saturating_sub(TIME + 1 + LEFT.len() as u16));
    let room = u64::from(to.saturating_sub(from).min(BAR));
    // times come from servers and flags: any product of them must fit
    let part = (u128::from(room) * u128::from(left.min(total))).checked_div(u128::from(total)).unwrap_or(0);
    let full = u64::try_from(part).unwrap_or(room) + u64::from(left > 0 && part < u128::from(room) && left < total);
    let role = if urgent { Role::Trouble } else { Role::Muted };
    let bar = |count: u64, c: &str| c.repeat(usize::try_from(count).unwrap_or(0));
    let next = frame.put(from, y, right, &bar(full, "━"), role);
    let next = frame.put(next, y, right, &bar(room - full, "─"), Role::Rule);
    let role = if urgent { Role::Trouble } else { Role::Text };
    frame.put(next, y, right, &format!("{time:>width$}{LEFT}", width = usize::from(TIME) + 1), role);
}
