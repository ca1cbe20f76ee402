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

/// What is known of the plan of whoever answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Plan {
    /// Nobody asked.
    #[default]
    Unasked,
    /// It is being asked for; what was known before, and when that was asked for, in milliseconds of the program's clock.
    Asked(u64, Option<Share>),
    /// It was answered, or not.
    Told(u64, Option<Share>),
}

impl Plan {
    /// The share that is known.
    pub fn share(&self) -> Option<&Share> {
        match self {
            Self::Unasked => None,
            Self::Asked(_, share) | Self::Told(_, share) => share.as_ref(),
        }
    }
    /// When it was asked for last.
    pub fn asked_at(&self) -> Option<u64> {
        match self {
            Self::Unasked => None,
            Self::Asked(at, _) | Self::Told(at, _) => Some(*at),
        }
    }
}
