//! What is left of a plan: the share of its week that is used, as the service tells it (`docs/xai.md` 12). What it does not tell is not here.

/// How much of a plan is used, and when it begins anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Percent, from 0 to 100.
    pub used: f64,
    /// What it is a share of.
    pub span: Span,
    /// When the span ends, in seconds since 1970.
    pub ends: Option<i64>,
    /// Shares of products, as the service calls them.
    pub products: Vec<(String, f64)>,
}

/// What a plan is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// A week.
    Week,
    /// A month.
    Month,
    /// Something that the service does not name.
    Plan,
}

impl Span {
    /// `week`
    pub fn name(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Plan => "plan",
        }
    }
}

/// What is known of a plan. That of one provider is not told of another.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Whose it is, by the provider's id.
    of: &'static str,
    /// When it was asked for last, in milliseconds of the program's clock.
    asked_at: Option<u64>,
    /// Nobody has answered yet.
    is_asked: bool,
    share: Option<Share>,
}

impl Plan {
    /// It is asked for; what was known of the same one stays until there is an answer.
    pub fn ask(&mut self, of: &'static str, now: u64) {
        let share = self.share.take().filter(|_| self.of == of);
        *self = Self { of, asked_at: Some(now), is_asked: true, share };
    }
    /// It was answered, or not. An answer about another one changes nothing.
    pub fn told(&mut self, of: &str, share: Option<Share>) {
        if self.of == of {
            (self.is_asked, self.share) = (false, share);
        }
    }
    /// The share that is known of a provider's.
    pub fn share(&self, of: &str) -> Option<&Share> {
        self.share.as_ref().filter(|_| self.of == of)
    }
    /// Whether an answer about it is waited for.
    pub fn is_asked(&self, of: &str) -> bool {
        self.is_asked && self.of == of
    }
    /// When it was asked for last.
    pub fn asked_at(&self, of: &str) -> Option<u64> {
        self.asked_at.filter(|_| self.of == of)
    }
}
