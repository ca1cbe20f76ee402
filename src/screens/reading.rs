//! A page of lines that is scrolled: what the help and the doctor share.

use crate::{
    flow::{
        action::Action,
        input::{Input, MouseKind},
        screen::Reply,
    },
    ui::{
        bars::{self, Fact, MARGIN},
        frame::Frame,
        line::Line,
        look::Role,
    },
};

/// The keys that such a page reacts to.
pub const PLACES: &[&str] = &["list", "reading", "everywhere"];

/// How far a page is scrolled.
#[derive(Debug, Default)]
pub struct Reading {
    /// The topmost line; none as long as nobody scrolled.
    first: Option<usize>,
}

/// Lines of a window.
fn page(size: (u16, u16)) -> usize {
    usize::from(size.1.saturating_sub(4)).max(1)
}

impl Reading {
    /// What a key does. There are `all` lines, and `top` is the first one as long as nobody scrolled.
    pub fn act(&mut self, action: Action, all: usize, top: usize, size: (u16, u16)) -> Reply {
        let step = page(size) as isize;
        let by = match action {
            Action::Cancel | Action::Interrupt | Action::Send => return Reply::close(),
            Action::Up => -1,
            Action::Down => 1,
            Action::PageUp => -step,
            Action::PageDown => step,
            Action::Top => isize::MIN / 2,
            Action::Tail => isize::MAX / 2,
            _ => return Reply::default(),
        };
        self.scroll(by, all, top, size)
    }
    /// What is typed, or the wheel.
    pub fn text(&mut self, input: &Input, all: usize, top: usize, size: (u16, u16)) -> Reply {
        let by = match input {
            Input::Key(key) if key.typed() == Some('q') => return Reply::close(),
            Input::Key(key) if key.typed() == Some(' ') => page(size) as isize,
            Input::Mouse(mouse) if mouse.kind == MouseKind::WheelUp => -3,
            Input::Mouse(mouse) if mouse.kind == MouseKind::WheelDown => 3,
            _ => return Reply::default(),
        };
        self.scroll(by, all, top, size)
    }
    fn scroll(&mut self, by: isize, all: usize, top: usize, size: (u16, u16)) -> Reply {
        let first = self.first.unwrap_or(top);
        let last = all.saturating_sub(page(size)).max(top);
        self.first = Some(first.saturating_add_signed(by).min(last));
        Reply::default()
    }
    /// Draws the lines over the whole window; `out` is what Esc does.
    pub fn draw(&self, (title, out): (&str, &str), facts: &[Fact], lines: &[Line], top: usize, frame: &mut Frame) {
        let area = frame.area();
        frame.clear(area);
        bars::header(title, facts, frame);
        let right = area.right().saturating_sub(MARGIN);
        let bottom = area.bottom().saturating_sub(2);
        // a window that has grown shows what there is
        let first = self.first.unwrap_or(top).min(lines.len().saturating_sub(1));
        for (y, line) in (area.y + 2..bottom).zip(lines.iter().skip(first)) {
            frame.put_line(MARGIN, y, right, line);
        }
        frame.rule(1, area.right().saturating_sub(1), bottom);
        let last_row = area.bottom().saturating_sub(1);
        bars::hints(&[("↑↓".into(), "scroll"), ("PageDown".into(), "a page on"), ("Esc".into(), out)], last_row, frame);
        let page = page((area.width, area.height));
        if lines.len() > page {
            let last = (first + page).min(lines.len());
            frame.put_right(right, last_row, &format!("{last} of {}", lines.len()), Role::Muted);
        }
    }
}
