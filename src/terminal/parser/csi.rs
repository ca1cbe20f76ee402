//! Sequences that begin with `ESC [` or `ESC O`: the keys among them. Of the replies, those of which we make use; the others mean nothing here.

use super::layouts;
use crate::flow::input::{Code, Input, Key, Modifiers, Mouse, MouseKind, Told};

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
    if let Some(attributes) = text.strip_prefix('?').filter(|_| last == b'c') {
        return Some(Input::Terminal(Told::Sixel(attributes.split(';').skip(1).any(|attribute| attribute == "4"))));
    }
    if let Some((height, width)) = text.strip_prefix("6;").filter(|_| last == b't').and_then(|size| size.split_once(';')) {
        return Some(Input::Terminal(Told::Cell(width.parse().ok()?, height.parse().ok()?)));
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
    let key = match last {
        b'~' if number == Some(27) => coded(third?, None, None, modifiers)?,
        b'~' => with(tilde(number?)?, modifiers)?,
        b'u' => coded(number?, shifted, base, modifiers)?,
        b'Z' => held(with(Code::Tab, modifiers)?, Modifiers::SHIFT),
        // `ESC [ row ; column R` is a reply
        b'R' if number.is_some() => return None,
        b'I' | b'O' => return text.is_empty().then_some(Input::Terminal(Told::Focus(last == b'I'))),
        _ if number.is_none() || number == Some(1) => with(letter(last)?, modifiers)?,
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

/// The bits of the modifiers, which are told as `1 + bits`.
const SHIFT: u32 = 1;
const ALT: u32 = 2;
const CONTROL: u32 = 4;
/// Super, Hyper and Meta: a key that is held with one of them is for the desktop.
const OTHERS: u32 = 8 | 16 | 32;
const CAPS_LOCK: u32 = 64;

fn bits(modifiers: Option<u32>) -> u32 {
    modifiers.unwrap_or(1).saturating_sub(1)
}

/// A key with what is held; none with what is not for us.
fn with(code: Code, modifiers: Option<u32>) -> Option<Key> {
    let bits = bits(modifiers);
    let held = [(SHIFT, Modifiers::SHIFT), (ALT, Modifiers::ALT), (CONTROL, Modifiers::CONTROL)];
    let modifiers = held.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, modifier)| modifier).collect();
    (bits & OTHERS == 0).then_some(Key { code, modifiers })
}

/// A key by its number in Unicode, or in the private block of the kitty protocol; with what Shift makes of it, and the key that lies
/// there on a keyboard with Latin letters, where the terminal says so.
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
        _ => Code::Char(typed(number)?),
    };
    let mut key = with(code, modifiers)?;
    if let Code::Char(c) = key.code {
        let c = character(c, shifted.and_then(typed), base.and_then(typed), bits(modifiers));
        key.code = Code::Char(c);
        key.modifiers.remove(Modifiers::SHIFT);
    }
    Some(key)
}

fn typed(number: u32) -> Option<char> {
    char::from_u32(number).filter(|c| !c.is_control())
}

/// What a key with a character on it is, given what is held with it.
fn character(c: char, shifted: Option<char>, base: Option<char>, bits: u32) -> char {
    let upper = || shifted.unwrap_or_else(|| c.to_uppercase().next().unwrap_or(c));
    let shift = bits & SHIFT != 0;
    if bits & (CONTROL | ALT) == 0 {
        // Caps Lock and Shift take each other back, and only letters know of Caps Lock
        let caps = bits & CAPS_LOCK != 0 && c.is_alphabetic();
        return if shift != caps { upper() } else { c };
    }
    if layouts::is_foreign(c) {
        let key = base.or_else(|| layouts::key_of(c)).unwrap_or(c);
        return if shift && bits & CONTROL == 0 { key.to_ascii_uppercase() } else { key };
    }
    match shifted {
        // `Ctrl+_` is typed with Shift, but `Ctrl+Shift+C` is `Ctrl+C`
        Some(sign) if shift && bits & CONTROL != 0 => {
            if sign.is_alphabetic() {
                c
            } else {
                sign
            }
        }
        _ if shift && bits & CONTROL == 0 => upper(),
        _ => c,
    }
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
