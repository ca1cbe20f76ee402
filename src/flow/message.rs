//! One type, one queue, one direction.

use crate::flow::{input::Input, intent::Intent, news::News};

/// What `update` is given.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Something was pressed.
    Input(Input),
    /// Something is wanted.
    Intent(Intent),
    /// Something happened.
    News(News),
    /// Time has passed. Ordered only while something moves.
    Tick,
}
