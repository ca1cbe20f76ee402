//! What was looked at when somebody asked whether all is well, and how it stands.

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It is as it should be.
    Ok,
    /// It works, and is worth a look.
    Warn,
    /// It does not work.
    Fail,
    /// It is so, and neither good nor bad.
    Info,
}

impl Health {
    /// Its word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Health::Ok => "ok",
            Health::Warn => "warn",
            Health::Fail => "fail",
            Health::Info => "info",
        }
    }
    /// Its sign.
    pub fn mark(self) -> &'static str {
        match self {
            Health::Ok => "✓",
            Health::Warn => "⚠",
            Health::Fail => "✗",
            Health::Info => "→",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub name: String,
    /// How it stands…
    pub health: Health,
    /// …in words…
    pub detail: String,
    /// …and what mends it.
    pub help: Option<String>,
}

impl Check {
    /// One without help.
    pub fn new(name: impl Into<String>, health: Health, detail: impl Into<String>) -> Self {
        Self { name: name.into(), health, detail: detail.into(), help: None }
    }
    /// With what mends it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Checks that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What they are about.
    pub title: &'static str,
    /// In the order in which they are told.
    pub checks: Vec<Check>,
}

/// Whether nothing is broken.
pub fn is_well(sections: &[Section]) -> bool {
    sections.iter().flat_map(|section| &section.checks).all(|check| check.health != Health::Fail)
}
