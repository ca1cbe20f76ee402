//! Roles and how they look. Nobody else names a colour. Colours are the terminal's own sixteen, so that they fit what the
//! person has chosen there; every screen is understood without any.

use crate::domain::{facts::Theme, sight::Canvas};
use ratatui::style::{Color, Modifier, Style};

/// What a piece of text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Role {
    Text,
    Strong,
    Emphasis,
    StrongEmphasis,
    Struck,
    Code,
    Title,
    Heading,
    Link,
    Quote,
    /// About the text rather than the text: times, counts, hints.
    Muted,
    /// What has the focus, and nothing else.
    Accent,
    Trouble,
    Good,
    /// The person's own words.
    Person,
    Rule,
    /// The row that is marked.
    Marked,
    /// What was searched for.
    Found,
    /// The place of it that one is at.
    FoundHere,
    Keyword,
    Literal,
    Number,
    Comment,
    Function,
    Type,
    Constant,
    Added,
    Removed,
}

/// A square of a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Module {
    /// Black.
    Dark,
    /// White.
    Light,
}

/// From dark to light.
const SHADES: [&str; 5] = [" ", "░", "▒", "▓", "█"];

/// Turns roles into styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Which colours.
    pub theme: Theme,
    /// The terminal knows 256 colours only.
    pub shallow: bool,
    /// How the terminal shows pictures.
    pub canvas: Canvas,
}

impl Look {
    /// A look in these colours.
    pub fn new(theme: Theme) -> Self {
        Self { theme, shallow: false, canvas: Canvas::default() }
    }
    /// Two pixels of a picture, one above the other: a sign, and its colours. Without colour it is the brightness alone.
    pub fn pixels(self, upper: [u8; 3], lower: [u8; 3]) -> (&'static str, Style) {
        if self.theme == Theme::Mono {
            let light = |[r, g, b]: [u8; 3]| u32::from(r) * 3 + u32::from(g) * 6 + u32::from(b);
            let shade = (light(upper) + light(lower)) / 2 * SHADES.len() as u32 / 2_551;
            return (SHADES[shade as usize], Style::new());
        }
        ("▀", Style::new().fg(self.ink(upper)).bg(self.ink(lower)))
    }
    /// A colour as the terminal has it.
    fn ink(self, [r, g, b]: [u8; 3]) -> Color {
        if !self.shallow {
            return Color::Rgb(r, g, b);
        }
        // the cube of six times six times six, whose steps are 0, 95, 135 … 255
        let step = |level: u8| if level < 48 { 0 } else { (level.saturating_sub(35) / 40).max(1) };
        Color::Indexed(16 + 36 * step(r) + 6 * step(g) + step(b))
    }
    /// Half a block of a picture in black and white: the upper module and the lower one. The same in every theme, for scanners.
    pub fn half_block(self, upper: Module, lower: Module) -> Style {
        let ink = |module| match module {
            Module::Dark => Color::Rgb(0, 0, 0),
            Module::Light => Color::Rgb(255, 255, 255),
        };
        Style::new().fg(ink(upper)).bg(ink(lower))
    }
    /// How a role looks.
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let style = match role {
            Role::Text => plain,
            Role::Strong | Role::Heading | Role::Person => plain.add_modifier(Modifier::BOLD),
            Role::Title => plain.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            Role::Emphasis => plain.add_modifier(Modifier::ITALIC),
            Role::StrongEmphasis => plain.add_modifier(Modifier::BOLD | Modifier::ITALIC),
            Role::Struck => plain.add_modifier(Modifier::CROSSED_OUT),
            Role::Link => plain.add_modifier(Modifier::UNDERLINED),
            Role::Quote => plain.add_modifier(Modifier::ITALIC),
            Role::Muted | Role::Rule | Role::Comment => plain.add_modifier(Modifier::DIM),
            Role::Accent | Role::Trouble => plain.add_modifier(Modifier::BOLD),
            Role::Marked => plain.add_modifier(Modifier::REVERSED),
            Role::Found => plain.add_modifier(Modifier::UNDERLINED),
            Role::FoundHere => plain.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            _ => plain,
        };
        match self.colour(role) {
            Some(colour) => style.fg(colour),
            None => style,
        }
    }
    fn colour(self, role: Role) -> Option<Color> {
        let dark = match self.theme {
            Theme::Mono => return None,
            Theme::Dark => true,
            Theme::Light => false,
        };
        // bright and yellow tones vanish on white, blue ones on black
        let pick = |on_dark, on_light| Some(if dark { on_dark } else { on_light });
        match role {
            Role::Accent => pick(Color::Cyan, Color::Blue),
            Role::Trouble | Role::Removed => Some(Color::Red),
            Role::Good | Role::Added | Role::Literal => Some(Color::Green),
            Role::Code => pick(Color::Cyan, Color::Magenta),
            Role::Keyword => Some(Color::Magenta),
            Role::Number | Role::Constant => pick(Color::Yellow, Color::Red),
            Role::Function => pick(Color::LightBlue, Color::Blue),
            Role::Type => pick(Color::Cyan, Color::Blue),
            Role::Found | Role::FoundHere => pick(Color::Yellow, Color::Blue),
            _ => None,
        }
    }
}
