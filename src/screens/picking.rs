//! A list with a field to narrow it: what palette and history share.

use super::typing::{self, Typed};
use crate::{
    flow::{action::Action, input::Input},
    ui::{
        bars,
        field::Field,
        frame::Frame,
        look::Role,
        popup::{self, Item},
        wrap,
    },
};
use nucleo_matcher::{
    Config, Matcher,
    pattern::{CaseMatching, Normalization, Pattern},
};
use std::cell::RefCell;

thread_local! {
    /// Made once: its tables take more than a hundred kilobytes.
    static MATCHER: RefCell<Matcher> = RefCell::new(Matcher::new(Config::DEFAULT));
}

/// The keys that lists with a field react to.
pub const PLACES: &[&str] = &["list", "text", "everywhere"];

/// What was typed, and what is marked.
#[derive(Debug, Default)]
pub struct Picking {
    /// What narrows the list.
    pub words: Field,
    /// The marked row among those that fit.
    pub marked: usize,
}

impl Picking {
    /// The items that fit what was typed, the best first; all of them in their order when nothing was typed.
    pub fn fitting(&self, items: &[Item]) -> Vec<usize> {
        let typed = self.words.text();
        if typed.trim().is_empty() {
            return (0..items.len()).collect();
        }
        let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
        let words = typed.trim().to_lowercase();
        MATCHER.with_borrow_mut(|matcher| {
            let scored = items.iter().enumerate().filter_map(|(n, item)| {
                // what a thing is called counts before what else it might be called, and that before what is said about it; a
                // sentence holds the letters of nearly everything, so it has to hold the words
                let mut called = || score(&item.label, typed, &pattern, matcher).map(|score| score + 2_000);
                let also = || item.also.split(' ').any(|word| word.starts_with(&words)).then_some(1_000);
                let said = || format!("{} {}", item.about, item.foot).to_lowercase().contains(&words).then_some(0);
                Some((called().or_else(also).or_else(said)?, n))
            });
            ranked(scored.collect())
        })
    }

    /// Moves the mark; false when the action is not about moving or editing.
    pub fn act(&mut self, action: Action, rows: usize) -> bool {
        let last = rows.saturating_sub(1);
        match action {
            Action::Up => self.marked = self.marked.checked_sub(1).unwrap_or(last),
            Action::Down => self.marked = if self.marked >= last { 0 } else { self.marked + 1 },
            Action::PageUp => self.marked = self.marked.saturating_sub(8),
            Action::PageDown => self.marked = (self.marked + 8).min(last),
            Action::Top => self.marked = 0,
            Action::Tail => self.marked = last,
            action => {
                let typed = typing::act(&mut self.words, action);
                self.narrowed(typed);
                return typed != Typed::No;
            }
        }
        true
    }

    /// Types into the field.
    pub fn text(&mut self, input: &Input) {
        let typed = typing::input(&mut self.words, input);
        self.narrowed(typed);
    }

    /// Another text has another best fit.
    fn narrowed(&mut self, typed: Typed) {
        if typed == Typed::Text {
            self.marked = 0;
        }
    }

    /// Draws the box with its field and its list.
    pub fn view(&self, title: &str, hint: &str, items: &[Item], empty: &str, frame: &mut Frame) {
        let fitting = self.fitting(items);
        let height = frame.area().height;
        let rows = u16::try_from(items.len()).unwrap_or(u16::MAX).clamp(1, 14);
        let told = if items.iter().any(|item| !item.foot.is_empty()) { 2 } else { 0 };
        let rows = rows.min(14 - told);
        let inner = popup::frame_box(title, 76, (rows + 4 + told).min(height.saturating_sub(2)), frame);
        if inner.height < 2 + told {
            return;
        }
        let field = ratatui::layout::Rect { height: 1, ..inner };
        self.words.draw("› ", hint, field, frame);
        let list = ratatui::layout::Rect { y: inner.y + 2, height: inner.height.saturating_sub(2 + told), ..inner };
        if fitting.is_empty() {
            frame.put(list.x + 2, list.y, list.right(), empty, Role::Muted);
        }
        let shown: Vec<Item> = fitting.iter().map(|n| items[*n].clone()).collect();
        popup::list(&shown, self.marked, list, frame);
        if let Some(marked) = shown.get(self.marked).filter(|_| told > 0) {
            let foot = wrap::ellipsis(&marked.foot, usize::from(inner.width.saturating_sub(2)));
            frame.put(inner.x + 2, inner.bottom().saturating_sub(1), inner.right(), &foot, Role::Muted);
        }
        let bottom = frame.area().bottom().saturating_sub(1);
        let line = ratatui::layout::Rect::new(0, bottom, frame.area().width, 1);
        frame.clear(line);
        let keys = [("↑↓", "move"), ("Enter", "choose"), ("Esc", "close")];
        bars::hints(&keys.map(|(k, a)| (k.to_string(), a)), bottom, frame);
    }
}

/// The texts that fit, the best first; all of them in their order when nothing was typed.
pub fn fitting(words: &str, texts: impl Iterator<Item = String>) -> Vec<usize> {
    if words.trim().is_empty() {
        return (0..texts.count()).collect();
    }
    let pattern = Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart);
    MATCHER.with_borrow_mut(|matcher| {
        ranked(texts.enumerate().filter_map(|(n, text)| Some((score(&text, words, &pattern, matcher)?, n))).collect())
    })
}

/// How well a text fits; one that begins with the words fits best.
fn score(text: &str, words: &str, pattern: &Pattern, matcher: &mut Matcher) -> Option<u32> {
    let score = pattern.score(nucleo_matcher::Utf32Str::new(text, &mut vec![]), matcher)?;
    let begins = text.trim_start_matches('/').to_lowercase().starts_with(&words.to_lowercase());
    Some(if begins { score + 10_000 } else { score })
}

fn ranked(mut scored: Vec<(u32, usize)>) -> Vec<usize> {
    scored.sort_by_key(|(score, n)| (std::cmp::Reverse(*score), *n));
    scored.into_iter().map(|(_, n)| n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_narrows_the_list_and_the_best_comes_first() {
        let items: Vec<Item> = ["/export", "/help", "/theme"].iter().map(|l| Item { label: l.to_string(), ..Item::default() }).collect();
        let mut picking = Picking::default();
        assert_eq!(picking.fitting(&items), [0, 1, 2]);
        picking.words = Field::holding("hel");
        assert_eq!(picking.fitting(&items), [1]);
        picking.act(Action::DeleteWord, 1);
        assert!(picking.words.is_empty());
        assert!(picking.act(Action::Up, 3));
        assert_eq!(picking.marked, 2);
    }
}
