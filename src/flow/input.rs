//! What was pressed. The lowest word of the ring: made by `terminal`, read by the top screen, never by `update`.

use std::{fmt, str::FromStr};

/// One thing that the person did at the keyboard, or that happened to the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key went down (or repeated).
    Key(Key),
    /// A bracketed paste: line ends are `\n`, no other control characters than tabs.
    Paste(String),
    /// The terminal answers what it was asked.
    Terminal(Told),
    /// The mouse wheel, where the mouse is captured.
    Mouse(Mouse),
    /// The window has a new size, in cells.
    Resize {
        /// Width in cells.
        columns: u16,
        /// Height in cells.
        rows: u16,
    },
}

/// What the terminal answers. Nobody waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// What it is (XTVERSION): `kitty(0.42.1)`.
    Name(String),
    /// Whether it draws sixels (DA1).
    Sixel(bool),
    /// The width and the height of a cell in pixels.
    Cell(u16, u16),
    /// Whether the window has the focus.
    Focus(bool),
    /// What stands behind tmux, which passes on what is wrapped for it.
    BehindTmux(String),
}

/// The key itself.
pub use crossterm::event::KeyCode as Code;
/// What was held with it.
pub use crossterm::event::KeyModifiers as Modifiers;

/// A key with its modifiers. Letters typed with Shift arrive as the upper-case character without `SHIFT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// Control, Alt (Meta, Option), and, for keys that are not characters, Shift.
    pub modifiers: Modifiers,
}

/// What the mouse did, at a cell counted from the top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What happened.
    pub kind: MouseKind,
    /// Column, from 0.
    pub column: u16,
    /// Row, from 0.
    pub row: u16,
}

/// The kinds of mouse events that we act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MouseKind {
    WheelUp,
    WheelDown,
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self { code, modifiers: Modifiers::NONE }
    }
    /// A key with Control.
    pub const fn ctrl(code: Code) -> Self {
        Self { code, modifiers: Modifiers::CONTROL }
    }
    /// The character that this key types, when it types one.
    pub fn typed(&self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.modifiers.intersects(Modifiers::CONTROL | Modifiers::ALT) => Some(c),
            _ => None,
        }
    }
}

/// The notation of `assets/keys.toml` and of the tests: `enter`, `ctrl+p`, `alt+enter`, `shift+tab`, `?`, `f1`.
impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut key = Key::plain(Code::Esc);
        let mut rest = text;
        loop {
            let held = [("ctrl+", Modifiers::CONTROL), ("alt+", Modifiers::ALT), ("shift+", Modifiers::SHIFT)];
            let Some((after, modifier)) = held.iter().find_map(|(name, modifier)| Some((rest.strip_prefix(name)?, *modifier))) else {
                break;
            };
            key.modifiers |= modifier;
            rest = after;
        }
        key.code = match rest {
            "enter" => Code::Enter,
            "esc" => Code::Esc,
            "tab" => Code::Tab,
            "backspace" => Code::Backspace,
            "delete" => Code::Delete,
            "insert" => Code::Insert,
            "up" => Code::Up,
            "down" => Code::Down,
            "left" => Code::Left,
            "right" => Code::Right,
            "home" => Code::Home,
            "end" => Code::End,
            "pageup" => Code::PageUp,
            "pagedown" => Code::PageDown,
            "space" => Code::Char(' '),
            _ => {
                let mut chars = rest.chars();
                match (chars.next(), chars.as_str()) {
                    (Some(c), "") => Code::Char(c),
                    (Some('f'), number) => {
                        number.parse().ok().filter(|n| (1..=24).contains(n)).map(Code::F).ok_or_else(|| unknown(text))?
                    }
                    _ => return Err(unknown(text)),
                }
            }
        };
        Ok(key)
    }
}

fn unknown(text: &str) -> String {
    format!("`{text}` is not the name of a key")
}

/// As the hint line and the help screen write it: `Ctrl+P`, `Alt+Enter`, `↑`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in [(Modifiers::CONTROL, "Ctrl+"), (Modifiers::ALT, "Alt+"), (Modifiers::SHIFT, "Shift+")] {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            Code::Char(' ') => f.write_str("Space"),
            Code::Char(c) if self.typed().is_none() => write!(f, "{}", c.to_uppercase()),
            Code::Char(c) => write!(f, "{c}"),
            Code::Enter => f.write_str("Enter"),
            Code::Esc => f.write_str("Esc"),
            Code::Tab => f.write_str("Tab"),
            Code::Backspace => f.write_str("Backspace"),
            Code::Delete => f.write_str("Delete"),
            Code::Insert => f.write_str("Insert"),
            Code::Up => f.write_str("↑"),
            Code::Down => f.write_str("↓"),
            Code::Left => f.write_str("←"),
            Code::Right => f.write_str("→"),
            Code::Home => f.write_str("Home"),
            Code::End => f.write_str("End"),
            Code::PageUp => f.write_str("PageUp"),
            Code::PageDown => f.write_str("PageDown"),
            Code::F(n) => write!(f, "F{n}"),
            other => other.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_written() {
        for (name, shown) in [("ctrl+p", "Ctrl+P"), ("alt+enter", "Alt+Enter"), ("?", "?"), ("f1", "F1"), ("ctrl+up", "Ctrl+↑"), ("+", "+")]
        {
            assert_eq!(name.parse::<Key>().map(|k| k.to_string()), Ok(shown.to_string()), "{name}");
        }
        assert!("hyper+x".parse::<Key>().is_err());
        assert!("f99".parse::<Key>().is_err());
    }
}
