//! Tables that fit the width: columns shrink and their cells wrap; where even that does not help, each row becomes a list.

use crate::ui::{
    line::{Line, Styled},
    look::Role,
    wrap,
};
use pulldown_cmark::Alignment;

/// Columns are not made narrower than this.
const NARROWEST: usize = 6;
const GAP: &str = " │ ";

/// No column of a table that is still coming is made wider than this.
const WIDEST: usize = 34;

/// Lays out a table at `width` cells. The first row is the head. One that `grows` has columns that depend on its head alone: no row that
/// comes moves those above it.
pub fn layout(rows: &[Vec<Styled>], alignments: &[Alignment], width: usize, grows: bool, source: usize, out: &mut Vec<Line>) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    if columns == 0 {
        return;
    }
    let natural = |rows: &[Vec<Styled>]| -> Vec<usize> {
        (0..columns).map(|c| rows.iter().filter_map(|r| r.get(c)).map(|cell| longest_line(&cell.text)).max().unwrap_or(0).max(1)).collect()
    };
    let room = width.saturating_sub((columns - 1) * GAP.chars().count());
    let fitted = if grows { fair(&natural(&rows[..1]), room) } else { fit(&natural(rows), room) };
    let Some(widths) = fitted else {
        return as_lists(rows, width, source, out);
    };
    for (number, row) in rows.iter().enumerate() {
        put_row(row, &widths, alignments, source, out);
        if number == 0 {
            let rule = widths.iter().map(|w| "─".repeat(*w)).collect::<Vec<_>>().join("─┼─");
            out.push(Line::new(Styled::new(rule, Role::Rule), source));
        }
    }
}

/// Cells of the longest line of a cell.
fn longest_line(text: &str) -> usize {
    text.split('\n').map(wrap::width).max().unwrap_or(0)
}

/// Each column as wide as the others, and no narrower than its head. None when the table cannot be that narrow.
fn fair(heads: &[usize], room: usize) -> Option<Vec<usize>> {
    let fitted = fit(heads, room)?;
    let share = (room / heads.len().max(1)).min(WIDEST);
    let wide: Vec<usize> = fitted.iter().map(|head| (*head).max(share)).collect();
    Some(if wide.iter().sum::<usize>() > room { fitted } else { wide })
}

/// Takes the missing room from the widest columns. None when the table cannot be that narrow.
fn fit(natural: &[usize], room: usize) -> Option<Vec<usize>> {
    if natural.iter().map(|w| (*w).min(NARROWEST)).sum::<usize>() > room {
        return None;
    }
    let mut most = natural.iter().copied().max().unwrap_or(0);
    let total = |most: usize| natural.iter().map(|w| (*w).min(most)).sum::<usize>();
    while total(most) > room {
        most -= 1;
    }
    let mut widths: Vec<usize> = natural.iter().map(|w| (*w).min(most)).collect();
    let mut left = room - widths.iter().sum::<usize>();
    for (width, natural) in widths.iter_mut().zip(natural) {
        let more = left.min(1).min(natural - *width);
        *width += more;
        left -= more;
    }
    Some(widths)
}

fn put_row(row: &[Styled], widths: &[usize], alignments: &[Alignment], source: usize, out: &mut Vec<Line>) {
    let empty = Styled::default();
    let cells: Vec<Vec<Line>> = widths
        .iter()
        .enumerate()
        .map(|(c, width)| {
            let mut lines = vec![];
            wrap::lines(row.get(c).unwrap_or(&empty), *width, source, |_| Styled::default(), &mut lines);
            lines
        })
        .collect();
    for number in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
        let mut line = Styled::default();
        for (c, width) in widths.iter().enumerate() {
            if c > 0 {
                line.push(GAP, Role::Rule);
            }
            let cell = cells[c].get(number);
            let used = cell.map_or(0, |l| wrap::width(&l.text));
            let spare = width.saturating_sub(used);
            let before = match alignments.get(c) {
                Some(Alignment::Right) => spare,
                Some(Alignment::Center) => spare / 2,
                _ => 0,
            };
            line.push(&" ".repeat(before), Role::Text);
            if let Some(cell) = cell {
                line.append(&cell.text, &cell.runs);
            }
            if c + 1 < widths.len() {
                line.push(&" ".repeat(spare - before), Role::Text);
            }
        }
        out.push(Line::new(line, source));
    }
}

fn as_lists(rows: &[Vec<Styled>], width: usize, source: usize, out: &mut Vec<Line>) {
    let Some((head, body)) = rows.split_first() else { return };
    for (number, row) in body.iter().enumerate() {
        if number > 0 {
            out.push(Line::new(Styled::default(), source));
        }
        for (c, cell) in row.iter().enumerate() {
            let mut styled = Styled::default();
            if let Some(name) = head.get(c).filter(|n| !n.text.is_empty()) {
                styled.push(&name.text.replace('\n', " "), Role::Strong);
                styled.push(": ", Role::Muted);
            }
            styled.append(&cell.text, &cell.runs);
            wrap::lines(&styled, width, source, |n| Styled::new(if n == 0 { "" } else { "  " }, Role::Text), out);
        }
    }
}
