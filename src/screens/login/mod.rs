//! Signing in: the browser, another device and a paste on one screen. What is true of the attempt is a fact; this screen
//! remembers only how it is looked at, and what is being typed.

mod act;
mod rows;
mod view;

use super::Opening;
use crate::{
    domain::{
        account::Method,
        facts::Facts,
        login::{self, Login},
    },
    flow::{
        action::Action,
        input::Input,
        screen::{Context, Reply, Screen},
    },
    ui::{cache::Cache, field::Field, frame::Frame, qr_code::QrCode},
};

/// The route to the screen.
pub static SCREEN: Opening =
    Opening { name: "login", about: "Sign in", places: &["login", "paste-field"], open: |_, _| Box::new(SignIn::default()) };

/// How the attempt is looked at.
struct SignIn {
    sight: Sight,
    /// The QR code is that of the browser's address although there is one of another device.
    swapped: bool,
    inverted: bool,
    /// The QR code is shown although a browser was opened here.
    scan: bool,
    /// What the server said is shown.
    unfolded: bool,
    /// What is being typed into the paste field.
    typed: Field,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { sight: Sight::All, swapped: false, inverted: false, scan: false, unfolded: false, typed: Field::new(LONGEST) }
    }
}

/// Nothing that is typed is longer.
const LONGEST: usize = 16 << 10;

/// What fills the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Sight {
    /// Everything.
    #[default]
    All,
    /// Everything, and keys go into the paste field.
    Field,
    /// The QR code alone.
    Zoomed,
    /// The address alone.
    Address,
}

/// What can be shown of an attempt now: expired codes are gone at once.
struct Shown<'a> {
    page: Option<&'a login::Page>,
    device: Option<&'a login::Device>,
}

impl<'a> Shown<'a> {
    fn of(login: &'a Login, now: u64) -> Self {
        let page = login.page.as_ref().filter(|p| login::left(p.since, p.window, now) > 0);
        let device = login.device.as_ref().filter(|d| login::left(d.since, d.lives, now) > 0);
        Self { page, device }
    }
    /// What the QR code says: a phone can't reach the loopback of this machine, so another device comes first.
    fn carried(&self, swapped: bool) -> Option<Carried<'a>> {
        let device = self.device.map(|d| Carried::Device(d.complete.as_deref().unwrap_or(&d.address)));
        let page = self.page.map(|p| Carried::Page(&p.address));
        if swapped { page.or(device) } else { device.or(page) }
    }
}

impl Shown<'_> {
    /// Whether the time of a browser is over that can have another three minutes.
    fn can_reopen(&self, login: &Login) -> bool {
        let is_over = login.ended.iter().any(|(method, _)| *method != Method::Device);
        self.page.is_none() && is_over && login.wish.timeout.is_none()
    }
    /// Which way stands first: at a desk the browser that was opened, elsewhere the phone.
    fn phone_leads(&self, login: &Login, scan: bool) -> bool {
        self.device.is_some() && (self.page.is_none() || scan || login.opened != Some(true))
    }
}

/// The address in the QR code.
enum Carried<'a> {
    /// Where the code for another device is entered.
    Device(&'a str),
    /// Where a browser of this machine is sent.
    Page(&'a str),
}

impl SignIn {
    /// The QR code; none while a browser that was opened here leads.
    fn code(&self, login: &Login, shown: &Shown, cache: &mut Cache) -> Option<QrCode> {
        if login.opened == Some(true) && shown.page.is_some() && !self.scan {
            return None;
        }
        self.any_code(shown, cache)
    }
    /// The code that z shows, whoever leads.
    fn any_code(&self, shown: &Shown, cache: &mut Cache) -> Option<QrCode> {
        let (Carried::Device(address) | Carried::Page(address)) = shown.carried(self.swapped)?;
        cache.qr_code(address)
    }
}

impl Screen for SignIn {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        match self.sight {
            Sight::Field => &["paste-field", "text", "everywhere"],
            _ => &["login", "reading", "everywhere"],
        }
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        self.acts(action, context)
    }
    fn text(&mut self, input: &Input, _: &mut Context) -> Reply {
        self.types(input)
    }
    fn moves(&self, facts: &Facts) -> Option<u64> {
        let login = facts.login.as_ref().filter(|l| l.outcome.is_none())?;
        let until_next = |since: u64| 1_000 - facts.clock.now.saturating_sub(since) % 1_000;
        match (&login.page, &login.device) {
            // the spinner of the first request
            (None, None) => Some(250 - facts.clock.now % 250),
            (page, device) => {
                let page = page.as_ref().map(|p| until_next(p.since));
                page.into_iter().chain(device.as_ref().map(|d| until_next(d.since))).min()
            }
        }
    }
    fn view(&self, facts: &Facts, cache: &mut Cache, frame: &mut Frame) {
        self.draw(facts, cache, frame);
    }
}
