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

/// Exit statuses of the program (`docs/scripting.md`).
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
    /// The sentence with its next step, where one line has to do.
    pub fn sentence(&self) -> String {
        let help = self.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}{help}", self.message)
    }
    /// What helps a question that failed with it.
    pub fn remedy(&self) -> Remedy {
        match self.code {
            "plan_refused" | "quota_spent" | "xai_oauth_tier_denied" | "model_unknown" | "no_model" | "context_full" => Remedy::OtherModel,
            _ if self.exit == Exit::SignIn => Remedy::SignIn,
            _ => Remedy::Again,
        }
    }
    /// Says how the program ends because of it.
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }
}

/// The most useful thing that the person can do about a question that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Ask it again.
    Again,
    /// Sign in, or give a key; then it is asked.
    SignIn,
    /// Have somebody else answer.
    OtherModel,
}

/// The code of that name; none for one that this version does not know.
pub fn known_code(name: &str) -> Option<&'static str> {
    CODES.iter().map(|(known, _)| *known).find(|known| *known == name)
}

/// Every code a script may meet, with its meaning; `hermes help errors` prints them.
pub static CODES: &[(&str, &str)] = &[
    ("usage", "the command was called in a way it does not understand"),
    ("no_provider", "no provider is signed in, configured or named"),
    ("no_model", "no model is named, and only its server knows which there are"),
    ("key_missing", "the provider needs a key that is nowhere to be found"),
    ("key_refused", "the server did not accept the key"),
    ("invalid_provider", "there is no provider of that name"),
    ("xai_discovery_failed", "the sign-in server can't be reached"),
    ("xai_discovery_invalid_json", "the sign-in server did not describe itself in JSON"),
    ("xai_discovery_incomplete", "the sign-in server left an endpoint out"),
    ("xai_discovery_invalid", "the sign-in server named an address outside x.ai"),
    ("xai_callback_bind_failed", "no port of this machine can be listened on"),
    ("xai_callback_timeout", "nobody came back from the browser in time"),
    ("xai_authorization_failed", "the sign-in was refused"),
    ("xai_state_mismatch", "an answer belongs to another sign-in (possible CSRF)"),
    ("xai_code_missing", "there was no code in an answer"),
    ("xai_token_exchange_failed", "the token endpoint refused the code"),
    ("xai_token_exchange_invalid", "the token endpoint answered without tokens"),
    ("xai_oauth_tier_denied", "the plan of the account does not include API access"),
    ("device_code_request_failed", "the server gave no code for another device"),
    ("device_code_invalid", "the server's answer lacks what another device needs"),
    ("device_code_timeout", "the code for another device was not used in time"),
    ("xai_device_token_failed", "the sign-in was refused or has expired on the other device"),
    ("xai_device_token_invalid", "the server's answer to the other device has no tokens"),
    ("xai_auth_missing", "nobody is signed in"),
    ("xai_auth_missing_refresh_token", "the token has ended and can't be renewed"),
    ("xai_refresh_failed", "the sign-in could not be renewed, or has ended"),
    ("xai_refresh_invalid_json", "the answer to a renewal was no JSON"),
    ("xai_refresh_missing_access_token", "the answer to a renewal had no token"),
    ("plan_refused", "the plan of the account does not cover the request"),
    ("quota_spent", "the account has spent its quota or its limit"),
    ("rate_limited", "too many requests, also after waiting"),
    ("unreachable", "no connection to the server"),
    ("request_lost", "the connection was lost after the request was sent; the server may have acted on it"),
    ("timed_out", "the server did not answer in time"),
    ("stream_cut", "the answer broke off before its end"),
    ("stream_invalid", "the server sent something that is not a Responses stream"),
    ("server_error", "the server failed"),
    ("request_refused", "the server refused the request"),
    ("redirected", "the address leads to another one, which a key is not sent to"),
    ("intercepted", "something between here and the server answered with a page of its own"),
    ("proxy_refused", "the proxy on the way can't be used, or wants a password"),
    ("answer_empty", "the answer came to its end without a word"),
    ("answer_too_long", "the answer was ended because it went on without end"),
    ("model_unknown", "the server does not know the model"),
    ("attachment_unusable", "a file can't go with the question"),
    ("context_full", "the conversation is longer than the model can read"),
    ("address_refused", "the address is not one that a key may be sent to"),
    ("no_terminal", "the full screen needs a terminal"),
    ("system_unfit", "the system does not give the program what it needs: a clock, open files"),
    ("media_refused", "the service does not make such a picture, video or speech"),
    ("media_failed", "the service tried to make it, and could not"),
    ("media_unusable", "what the service made is not what it says it is"),
    ("job_busy", "another program is at the job, or the service has not answered yet"),
    ("media_unknown", "it was ordered, and nobody knows what became of it; it may have been charged"),
    ("link_expired", "the link to the result has expired"),
    ("file_unreadable", "a file could not be read"),
    ("file_unwritable", "a file could not be written"),
    ("crash", "a part of the program broke down; the log has the details"),
    ("interrupted", "stopped by the person"),
];
