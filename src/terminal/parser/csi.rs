//! Sequences that begin with `ESC [` or `ESC O`: the keys among them. Everything else is a reply and means nothing here.

use super::layouts;
use crate::flow::input::{Code, Input, Key, Modifiers, Mouse, MouseKind};

/// A key after `ESC O`.
pub(super) fn ss3(byte: u8) -> Option<Input> {
    let code = match byte {
        b'M' => Code::Enter,
        b'X' => Code::Char('='),
        b'j'..=b'y' => Code::Char(char::from(byte - b'j' + b'*')),
        _ => letter(byte)?,
    };
    Some(Input::Key(Key::plain(code)))
}

/// A sequence with its parameters and its last byte.
pub(super) fn read(seen: &[u8], last: u8) -> Option<Input> {
    let text = std::str::from_utf8(seen).ok()?;
    if let Some(report) = text.strip_prefix('<') {
        return mouse(report);
    }
    if text.starts_with(['?', '>', '=', '!']) || text.ends_with(['$', ' ', '"', '\'']) {
        return None;
    }
    // `keys:shifted:base ; modifiers:event ; text`
    let mut parameters = text.split(';').map(|p| p.split(':').map(|n| n.parse::<u32>().ok()));
    let mut first = parameters.next()?;
    let number = first.next().flatten();
    let shifted = first.next().flatten();
    let base = first.next().flatten();
    let mut second = parameters.next();
    let modifiers = second.as_mut().and_then(|s| s.next()).flatten();
    let event = second.as_mut().and_then(|s| s.next()).flatten();
    if event == Some(3) {
        return None; // a key that went up
    }
    let third = parameters.next().and_then(|mut p| p.next()).flatten();
    // a key with Super or Hyper is a command of somebody else's, and no text
    if modifiers.is_some_and(|modifiers| modifiers.saturating_sub(1) & (8 | 16) != 0) {
        return None;
    }
    let key = match last {
        b'~' if number == Some(27) => coded(third?, None, None, modifiers)?,
        b'~' => with(tilde(number?)?, modifiers),
        b'u' => coded(number?, shifted, base, modifiers)?,
        b'Z' => held(with(Code::Tab, modifiers), Modifiers::SHIFT),
        // `ESC [ row ; column R` is a reply
        b'R' if number.is_some() => return None,
        b'I' | b'O' => return None,
        _ if number.is_none() || number == Some(1) => with(letter(last)?, modifiers),
        _ => return None,
    };
    Some(Input::Key(key))
}

/// The same key with one more modifier.
pub(super) fn held(key: Key, modifier: Modifiers) -> Key {
    Key { modifiers: key.modifiers | modifier, ..key }
}

fn letter(byte: u8) -> Option<Code> {
    Some(match byte {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'P' => Code::F(1),
        b'Q' => Code::F(2),
        b'R' => Code::F(3),
        b'S' => Code::F(4),
        _ => return None,
    })
}

fn tilde(number: u32) -> Option<Code> {
    Some(match number {
        1 | 7 => Code::Home,
        2 => Code::Insert,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11..=15 => Code::F(u8::try_from(number - 10).ok()?),
        17..=21 => Code::F(u8::try_from(number - 11).ok()?),
        23 | 24 => Code::F(u8::try_from(number - 12).ok()?),
        _ => return None,
    })
}

/// Modifiers as `1 + bits`: Shift, Alt, Control, Super, Hyper, Meta.
fn with(code: Code, modifiers: Option<u32>) -> Key {
    let bits = modifiers.unwrap_or(1).saturating_sub(1);
    let held = [(1, Modifiers::SHIFT), (2 | 32, Modifiers::ALT), (4, Modifiers::CONTROL)];
    Key { code, modifiers: held.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, modifier)| modifier).collect() }
}

/// A key by its number in Unicode, or in the private block of the kitty protocol; and the key at its place in the usual layout.
fn coded(number: u32, shifted: Option<u32>, base: Option<u32>, modifiers: Option<u32>) -> Option<Key> {
    let code = match number {
        13 | 57414 => Code::Enter,
        9 => Code::Tab,
        27 => Code::Esc,
        127 | 8 => Code::Backspace,
        57399..=57408 => Code::Char(char::from_digit(number - 57399, 10)?),
        57409 => Code::Char('.'),
        57410 => Code::Char('/'),
        57411 => Code::Char('*'),
        57412 => Code::Char('-'),
        57413 => Code::Char('+'),
        57415 => Code::Char('='),
        57416 => Code::Char(','),
        57417 => Code::Left,
        57418 => Code::Right,
        57419 => Code::Up,
        57420 => Code::Down,
        57421 => Code::PageUp,
        57422 => Code::PageDown,
        57423 => Code::Home,
        57424 => Code::End,
        57425 => Code::Insert,
        57426 => Code::Delete,
        // modifiers alone, media keys
        57344..=63743 => return None,
        _ => Code::Char(char::from_u32(number).filter(|c| !c.is_control())?),
    };
    let mut key = with(code, modifiers);
    if let Code::Char(c) = key.code {
        let is_command = key.modifiers.intersects(Modifiers::CONTROL | Modifiers::ALT);
        let capitals = !is_command && modifiers.is_some_and(|modifiers| modifiers.saturating_sub(1) & 64 != 0) && c.is_alphabetic();
        if is_command && !c.is_ascii() {
            let place = base.and_then(char::from_u32).filter(char::is_ascii).unwrap_or_else(|| layouts::usual(c));
            let is_shifted = key.modifiers.contains(Modifiers::SHIFT) && !key.modifiers.contains(Modifiers::CONTROL);
            key.code = Code::Char(if is_shifted { place.to_ascii_uppercase() } else { place });
        } else if key.modifiers.contains(Modifiers::SHIFT) != capitals && !key.modifiers.contains(Modifiers::CONTROL) {
            let upper =
                shifted.and_then(char::from_u32).filter(|c| !c.is_control()).unwrap_or_else(|| c.to_uppercase().next().unwrap_or(c));
            key.code = Code::Char(upper);
        }
        key.modifiers.remove(Modifiers::SHIFT);
    }
    Some(key)
}

fn mouse(report: &str) -> Option<Input> {
    let mut numbers = report.split(';').map(|n| n.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let kind = match button & !0b1_1100 {
        64 => MouseKind::WheelUp,
        65 => MouseKind::WheelDown,
        // buttons are nobody's business
        _ => return None,
    };
    Some(Input::Mouse(Mouse { kind, column: column.saturating_sub(1), row: row.saturating_sub(1) }))
}
