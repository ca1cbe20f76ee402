//! What keys do in a field: the same in every one.

use crate::{
    flow::{action::Action, input::Input},
    ui::field::Field,
};
use std::hash::{BuildHasher, RandomState};

/// What came of a key in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// It is about something else.
    No,
    /// The caret moved, or nothing did.
    Caret,
    /// There is another text.
    Text,
}

/// Does what an action does to a line that is typed.
pub(super) fn act(field: &mut Field, action: Action) -> Typed {
    changing(field, |field| {
        match action {
            Action::Left => field.left(),
            Action::Right => field.right(),
            Action::WordLeft => field.word_left(),
            Action::WordRight => field.word_right(),
            Action::LineStart => field.home(),
            Action::LineEnd => field.end(),
            Action::Backspace => field.backspace(),
            Action::Delete => field.delete_ahead(),
            Action::DeleteWord => field.delete_word(),
            Action::DeleteWordAhead => field.delete_word_ahead(),
            Action::DeleteToStart => field.delete_to_start(),
            Action::DeleteToEnd => field.delete_to_end(),
            Action::UndoEdit => field.undo(),
            Action::RedoEdit => field.redo(),
            _ => return false,
        }
        true
    })
}

/// The digit that a key types.
pub(super) fn digit(input: &Input) -> Option<usize> {
    match input {
        Input::Key(key) => key.typed().and_then(|c| c.to_digit(10)).and_then(|digit| usize::try_from(digit).ok()),
        _ => None,
    }
}

/// Types or pastes.
pub(super) fn input(field: &mut Field, input: &Input) -> Typed {
    changing(field, |field| {
        match input {
            Input::Key(key) => match key.typed() {
                Some(c) => field.insert(c),
                None => return false,
            },
            Input::Paste(text) => field.paste(text),
            Input::Mouse(_) | Input::Terminal(_) | Input::Resize { .. } => return false,
        }
        true
    })
}

fn changing(field: &mut Field, change: impl FnOnce(&mut Field) -> bool) -> Typed {
    // no copy: it may be a key
    let keys = RandomState::new();
    let print = |field: &Field| keys.hash_one(field.text());
    let before = print(field);
    match change(field) {
        false => Typed::No,
        true if print(field) == before => Typed::Caret,
        true => Typed::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_whether_the_text_is_another() {
        let mut field = Field::default();
        assert_eq!(input(&mut field, &Input::Paste("ab".into())), Typed::Text);
        assert_eq!(act(&mut field, Action::Left), Typed::Caret);
        assert_eq!(act(&mut field, Action::Backspace), Typed::Text);
        assert_eq!(act(&mut field, Action::Backspace), Typed::Caret, "nothing stands before the caret");
        assert_eq!(act(&mut field, Action::Send), Typed::No);
        assert_eq!(input(&mut field, &Input::Paste("\n".into())), Typed::Caret);
    }
}
