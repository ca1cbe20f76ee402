//! What keys do in a field: the same in every one.

use crate::{
    flow::{action::Action, input::Input},
    ui::field::Field,
};

/// Does what an action does to a line that is typed; false when it is about something else.
pub(super) fn act(field: &mut Field, action: Action) -> bool {
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
}

/// Types or pastes; false for what is neither.
pub(super) fn input(field: &mut Field, input: &Input) -> bool {
    match input {
        Input::Key(key) => match key.typed() {
            Some(c) => field.insert(c),
            None => return false,
        },
        Input::Paste(text) => field.paste(text),
        Input::Mouse(_) | Input::Resize { .. } => return false,
    }
    true
}
