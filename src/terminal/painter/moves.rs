//! How the cursor gets from one cell to another.

use std::io::Write;

/// The bytes of the shortest move.
pub(super) fn go(from: Option<(u16, u16)>, (x, y): (u16, u16), out: &mut Vec<u8>) {
    let start = out.len();
    match (x, y) {
        (0, 0) => out.extend_from_slice(b"\x1b[H"),
        (0, _) => drop(write!(out, "\x1b[{}H", y + 1)),
        _ => drop(write!(out, "\x1b[{};{}H", y + 1, x + 1)),
    }
    let Some((from_x, from_y)) = from else { return };
    let absolute = out.len() - start;
    let mut relative: Vec<u8> = Vec::with_capacity(16);
    match y.cmp(&from_y) {
        std::cmp::Ordering::Equal => {}
        std::cmp::Ordering::Greater if y - from_y <= 3 => relative.extend(std::iter::repeat_n(b'\n', usize::from(y - from_y))),
        std::cmp::Ordering::Greater => drop(write!(relative, "\x1b[{}B", y - from_y)),
        std::cmp::Ordering::Less if from_y - y == 1 => relative.extend_from_slice(b"\x1b[A"),
        std::cmp::Ordering::Less => drop(write!(relative, "\x1b[{}A", from_y - y)),
    }
    match x.cmp(&from_x) {
        std::cmp::Ordering::Equal => {}
        _ if x == 0 => relative.push(b'\r'),
        std::cmp::Ordering::Greater if x - from_x == 1 => relative.extend_from_slice(b"\x1b[C"),
        std::cmp::Ordering::Greater => drop(write!(relative, "\x1b[{}C", x - from_x)),
        std::cmp::Ordering::Less if from_x - x <= 3 => relative.extend(std::iter::repeat_n(8, usize::from(from_x - x))),
        std::cmp::Ordering::Less => drop(write!(relative, "\x1b[{}D", from_x - x)),
    }
    if relative.len() < absolute {
        out.truncate(start);
        out.extend_from_slice(&relative);
    }
}
