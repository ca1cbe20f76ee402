//! What the model has set itself to do, as a list over the composer.

use crate::{
    domain::{
        foreign::tame_line,
        tool::{Status, Task},
    },
    ui::{frame::Frame, look::Role, wrap},
};
use ratatui::layout::Rect;

/// Rows that the list takes at most, its heading included.
const MOST: usize = 7;

/// How many rows it takes where so many are free; none when there is nothing left to do.
pub fn rows(tasks: &[Task], free: u16) -> u16 {
    if tasks.iter().all(is_over) || free == 0 {
        return 0;
    }
    // with little room the one under way stands in the heading
    let wanted = u16::try_from((tasks.len() + 1).min(MOST)).unwrap_or(1);
    if free < wanted.min(4) { 1 } else { wanted.min(free) }
}

fn is_over(task: &Task) -> bool {
    matches!(task.status, Status::Completed | Status::Cancelled)
}

/// Draws it; the task under way is always in sight.
pub fn draw(tasks: &[Task], area: Rect, frame: &mut Frame) {
    let right = area.right();
    let room = usize::from(right.saturating_sub(area.x + 4));
    let over = tasks.iter().filter(|task| is_over(task)).count();
    let at = tasks.iter().position(|task| task.status == Status::InProgress).or_else(|| tasks.iter().position(|task| !is_over(task)));
    let count = format!("{over} of {} done", tasks.len());
    if area.height == 1 {
        let x = frame.put(area.x + 2, area.y, right, &format!("{count}  "), Role::Muted);
        if let Some(task) = at.and_then(|at| tasks.get(at)) {
            frame.put(x, area.y, right, &wrap::ellipsis(&tame_line(&task.content), usize::from(right.saturating_sub(x))), Role::Text);
        }
        return;
    }
    frame.put(area.x + 2, area.y, right, &count, Role::Muted);
    let shown = usize::from(area.height.saturating_sub(1));
    let first = at.unwrap_or(0).saturating_sub(shown / 2).min(tasks.len().saturating_sub(shown));
    for (y, task) in (area.y + 1..area.bottom()).zip(tasks.iter().skip(first)) {
        let (sign, sign_role, role) = match task.status {
            Status::Completed => ("✓", Role::Good, Role::Muted),
            Status::InProgress => ("▸", Role::Accent, Role::Text),
            Status::Pending => ("○", Role::Muted, Role::Text),
            Status::Cancelled => ("–", Role::Muted, Role::Muted),
        };
        frame.put(area.x + 2, y, right, sign, sign_role);
        frame.put(area.x + 4, y, right, &wrap::ellipsis(&tame_line(&task.content), room), role);
    }
}
