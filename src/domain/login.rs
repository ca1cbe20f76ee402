//! A sign-in under way, as the person sees it: what is shown, which ways are open, how it ended.

use crate::domain::{account::Method, catalog::Provider, secret::Secret, trouble::Trouble};

/// The id of an attempt to sign in; news of an earlier one changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoginId(pub u64);

/// One attempt. Times are milliseconds of the program's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    /// Which attempt.
    pub id: LoginId,
    /// Where.
    pub provider: &'static Provider,
    /// What was asked for, to start over with.
    pub wish: LoginWish,
    /// Ways that are open.
    pub methods: Vec<Method>,
    /// The address for a browser.
    pub page: Option<Page>,
    /// The code for another device.
    pub device: Option<Device>,
    /// Whether a browser was opened here; unknown as long as none was tried.
    pub opened: Option<bool>,
    /// Why the last paste, or what a stranger sent, was not taken.
    pub refused: Option<Trouble>,
    /// Ways that have ended.
    pub ended: Vec<(Method, Trouble)>,
    /// The person looks at something else meanwhile.
    pub away: bool,
    /// How it ended, if it did.
    pub outcome: Option<Result<SignedIn, Trouble>>,
}

/// What the person says to an attempt that is under way.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// What the browser ended up showing.
    Paste(Secret),
    /// Once more by a browser, whose time was over.
    Browser,
}

/// How the person wants to sign in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LoginWish {
    /// The ways; all of them when it is empty.
    pub methods: Vec<Method>,
    /// Bounds everything, in seconds.
    pub timeout: Option<u64>,
    /// What the credential shall be called.
    pub label: Option<String>,
    /// Never open a browser.
    pub no_browser: bool,
}

impl Login {
    /// Whether it can still come to an end.
    pub fn is_under_way(&self) -> bool {
        self.outcome.is_none()
    }
}

impl LoginWish {
    /// Whether a way is wanted.
    pub fn wants(&self, method: Method) -> bool {
        self.methods.is_empty() || self.methods.contains(&method)
    }
}

/// The authorization request, and the window for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The address for the browser.
    pub address: String,
    /// Where the browser comes back to.
    pub redirect_uri: String,
    /// When it was shown.
    pub since: u64,
    /// How long the answer is waited for, in milliseconds.
    pub window: u64,
    /// Where the browser's answer is waited for; nowhere when it can only be pasted.
    pub port: Option<Port>,
    /// The command that brings the browser's answer here from another machine.
    pub forward: Option<String>,
}

/// A port of this machine at which the browser's answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// The one that the server knows.
    Known,
    /// Another one, because that was taken.
    Other,
}

/// A code for another device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// What is typed there.
    pub user_code: String,
    /// Where.
    pub address: String,
    /// The same with the code filled in.
    pub complete: Option<String>,
    /// When it was shown.
    pub since: u64,
    /// How long it lives, in milliseconds.
    pub lives: u64,
}

/// A sign-in that worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The way that was first.
    pub method: Method,
    /// What the credential is called.
    pub label: String,
    /// The file that holds it.
    pub stored_in: String,
    /// When the access token ends, in seconds since 1970.
    pub expires_at: Option<i64>,
}

/// What happens while signing in.
#[derive(Debug, Clone, PartialEq)]
pub enum LoginNews {
    /// These ways are open.
    Started(Vec<Method>),
    /// There is an address for a browser. `since` is not known yet.
    PageReady(Page),
    /// There is a code for another device, asked about every so many seconds. `since` is not known yet.
    DeviceReady(Device, u64),
    /// A browser was opened, or could not be.
    BrowserOpened(bool),
    /// A paste was not taken; the waiting goes on.
    PasteRefused(Trouble),
    /// A stranger sent something to the listener; the waiting goes on.
    Knocked(Trouble),
    /// One way has ended; the others go on.
    WayEnded(Method, Trouble),
    /// Somebody is signed in.
    SignedIn(SignedIn),
    /// It is over.
    Failed(Trouble),
}

/// What is left of a span that began at `since`, in milliseconds.
pub fn left(since: u64, span: u64, now: u64) -> u64 {
    span.saturating_sub(now.saturating_sub(since))
}
