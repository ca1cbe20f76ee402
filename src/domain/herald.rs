//! How somebody who looks elsewhere is told: what the terminal has said of itself and of the window.

/// Tells of what has come while nobody looks at the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Herald {
    /// The person wants it (`tui.notify`).
    wanted: bool,
    /// The window has lost the focus, as the terminal tells. One that tells nothing is looked at.
    away: bool,
    /// How the desktop is reached.
    speech: Speech,
    /// tmux stands between, and passes on what is wrapped for it.
    in_tmux: bool,
}

/// How a terminal shows a notice of the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Speech {
    /// Not at all: its bell rings.
    Bell,
    /// `OSC 9`, as iTerm2 began it; terminals that don't know it pass over it.
    #[default]
    Nine,
    /// `OSC 777`, as urxvt began it.
    Triple7,
    /// `OSC 99`, kitty's.
    Ninety9,
}

/// Terminals with a better way than `OSC 9`, as they call themselves (XTVERSION).
const KNOWN: [(&str, Speech); 7] = [
    ("kitty", Speech::Ninety9),
    ("foot", Speech::Triple7),
    ("ghostty", Speech::Triple7),
    ("wezterm", Speech::Triple7),
    ("contour", Speech::Triple7),
    ("vte", Speech::Triple7),
    // tmux rings the bell, and marks the window
    ("tmux", Speech::Bell),
];

impl Herald {
    /// One that is wanted, or not.
    pub fn new(wanted: bool) -> Self {
        Self { wanted, ..Self::default() }
    }
    /// The terminal has told its name.
    pub fn named(&mut self, name: &str) {
        let name = name.to_lowercase();
        self.speech = KNOWN.iter().find(|(known, _)| name.starts_with(known)).map(|(_, speech)| *speech).unwrap_or_default();
    }
    /// The terminal behind tmux, which passes on what is wrapped for it.
    pub fn behind_tmux(&mut self, name: &str) {
        self.named(name);
        self.in_tmux = true;
    }
    /// The window has the focus, or has lost it.
    pub fn looked_at(&mut self, focus: bool) {
        self.away = !focus;
    }
    /// Whether somebody is to be told.
    pub fn calls(self) -> bool {
        self.wanted && self.away
    }
    /// How, and whether it is wrapped for tmux.
    pub fn speech(self) -> (Speech, bool) {
        (self.speech, self.in_tmux)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_who_looks() {
        let mut herald = Herald::new(true);
        assert!(!herald.calls(), "a terminal that tells nothing is looked at");
        herald.looked_at(false);
        assert!(herald.calls());
        herald.looked_at(true);
        assert!(!herald.calls());
        let mut unwanted = Herald::new(false);
        unwanted.looked_at(false);
        assert!(!unwanted.calls());
    }

    #[test]
    fn each_terminal_is_spoken_to_in_its_own_way() {
        let told = |name: &str| {
            let mut herald = Herald::new(true);
            herald.named(name);
            herald.speech()
        };
        assert_eq!(told("kitty(0.42.1)"), (Speech::Ninety9, false));
        assert_eq!(told("WezTerm 20240203"), (Speech::Triple7, false));
        assert_eq!(told("iTerm2 3.5"), (Speech::Nine, false));
        assert_eq!(told("tmux 3.4"), (Speech::Bell, false));
        let mut behind = Herald::new(true);
        behind.behind_tmux("kitty(0.42.1)");
        assert_eq!(behind.speech(), (Speech::Ninety9, true));
    }
}
