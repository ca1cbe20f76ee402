//! A unified diff as lines: what is added, taken away and around it, told by its signs and by colour.

use crate::{
    domain::foreign::tame,
    ui::{
        line::{Line, Styled},
        look::Role,
        wrap,
    },
};

/// Adds the lines of a diff, each behind `indent` blanks. A line that is wider than `width` goes on under itself.
pub fn lines(diff: &str, width: usize, indent: usize, out: &mut Vec<Line>) {
    let blanks = " ".repeat(indent);
    for line in tame(diff).lines() {
        let role = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Role::Strong,
            [b'+', ..] => Role::Added,
            [b'-', ..] => Role::Removed,
            [b'@', b'@', ..] | [b'\\', ..] => Role::Muted,
            _ => Role::Text,
        };
        let styled = Styled::new(line.replace('\t', "    "), role);
        let room = width.saturating_sub(indent).max(4);
        wrap::lines(&styled, room, 0, |n| Styled::new(if n == 0 { blanks.clone() } else { format!("{blanks}  ") }, Role::Text), out);
    }
}
