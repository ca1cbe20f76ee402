//! An error in words: what could not be done, and what to do next.

/// What the person is told when something fails. The sentence is chosen once, where the error is made into a `Trouble`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A stable word for scripts (`rate_limited`, `stream_cut`, …), listed by `hermes help errors`.
    pub code: &'static str,
    /// What happened, one sentence without a final period.
    pub message: String,
    /// The next key or command.
    pub help: Option<String>,
    /// What the server said, for those who ask; secrets are masked.
    pub raw: Option<String>,
    /// How the program ends when this is why it ends.
    pub exit: Exit,
}

/// Exit statuses of the program (`scripting.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0
    Done,
    /// 1: network, server, refusals, damaged files.
    Failed,
    /// 2: wrong usage, unknown names.
    Usage,
    /// 3: not signed in, or sign-in needed again.
    SignIn,
    /// 130: stopped by the person.
    Interrupted,
}

impl Exit {
    /// The number that the process ends with.
    pub fn status(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::SignIn => 3,
            Exit::Interrupted => 130,
        }
    }
}

impl Trouble {
    /// A failure with its code and its sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, raw: None, exit: Exit::Failed }
    }
    /// A mistake in how the program was called.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new("usage", message) }
    }
    /// Adds the next step.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    /// Adds what the server said.
    pub fn raw(mut self, raw: impl Into<String>) -> Self {
        self.raw = Some(raw.into()).filter(|r: &String| !r.trim().is_empty());
        self
    }
    /// Says how the program ends because of it.
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }
}

/// Every code a script may meet, with its meaning; `hermes help errors` prints them.
pub static CODES: &[(&str, &str)] = &[
    ("usage", "the command was called in a way it does not understand"),
    ("no_provider", "no provider is signed in, configured or named"),
    ("key_missing", "the provider needs a key that is nowhere to be found"),
    ("key_refused", "the server did not accept the key"),
    ("plan_refused", "the plan of the account does not cover the request"),
    ("quota_spent", "the account has spent its quota or its limit"),
    ("rate_limited", "too many requests, also after waiting"),
    ("unreachable", "no connection to the server"),
    ("timed_out", "the server did not answer in time"),
    ("stream_cut", "the answer broke off before its end"),
    ("stream_invalid", "the server sent something that is not a Responses stream"),
    ("server_error", "the server failed"),
    ("request_refused", "the server refused the request"),
    ("model_unknown", "the server does not know the model"),
    ("context_full", "the conversation is longer than the model can read"),
    ("address_refused", "the address is not one that a key may be sent to"),
    ("no_terminal", "the full screen needs a terminal"),
    ("file_unreadable", "a file could not be read"),
    ("file_unwritable", "a file could not be written"),
    ("interrupted", "stopped by the person"),
];
