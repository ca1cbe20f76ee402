//! What keys do while signing in. A paste is an answer wherever it lands.

use super::{Shown, Sight, SignIn};
use crate::{
    domain::{
        facts::Facts,
        login::{Answer, Login},
        secret::Secret,
    },
    flow::{
        action::Action,
        input::Input,
        intent::Intent,
        screen::{Context, Reply, Word},
    },
    screens::typing,
};

impl SignIn {
    pub(super) fn acts(&mut self, action: Action, context: &mut Context) -> Reply {
        let Some(login) = &context.facts.login else { return Reply::close() };
        match (self.sight, action) {
            (_, Action::Interrupt) => return Reply { intents: vec![Intent::GiveUpLogin], ..Reply::close() },
            (Sight::Field, Action::Send) => return self.send(),
            (Sight::All, Action::Cancel) => return leave(),
            (_, Action::Cancel) => self.sight = Sight::All,
            (Sight::Field, action) => _ = typing::act(&mut self.typed, action),
            (Sight::Address, _) => self.sight = Sight::All,
            (_, action) => return self.command(action, login, context.facts),
        }
        Reply::default()
    }

    /// A command of the screen itself.
    fn command(&mut self, action: Action, login: &Login, facts: &Facts) -> Reply {
        let shown = Shown::of(login, facts.clock.now);
        let copy = |text: &str, what: &str| Reply::intent(Intent::Copy { text: text.into(), what: what.into() });
        match (action, shown.page, shown.device) {
            (Action::Send, ..) if matches!(login.outcome, Some(Ok(_))) => {
                return Reply { word: Some(Word::SignedIn(login.provider)), ..leave() };
            }
            (Action::StartOver, ..) => {
                *self = Self { inverted: self.inverted, ..Self::default() };
                return Reply::intent(Intent::LogInAgain);
            }
            // a browser that leads makes room first
            (Action::SwapQr | Action::ShowQr, Some(_), _) if login.opened == Some(true) && !self.scan => self.scan = true,
            (Action::ShowQr, ..) => self.scan = false,
            (Action::SwapQr, Some(_), Some(_)) => self.swapped = !self.swapped,
            (Action::Zoom, ..) if self.sight == Sight::Zoomed => self.sight = Sight::All,
            (Action::Zoom, ..) if shown.carried(self.swapped).is_some() => self.sight = Sight::Zoomed,
            (Action::Invert, ..) => self.inverted = !self.inverted,
            (Action::Fold, ..) => self.unfolded = !self.unfolded,
            (Action::PasteField, Some(_), _) => self.sight = Sight::Field,
            (Action::ShowAddress, Some(_), _) => self.sight = Sight::Address,
            (Action::CopyAddress, Some(page), _) => return copy(&page.address, "the address"),
            (Action::CopyCommand, Some(page), _) => {
                if let Some(forward) = &page.forward {
                    return copy(forward, "the command");
                }
            }
            (Action::OpenBrowser, Some(page), _) => return Reply::intent(Intent::OpenBrowser(page.address.clone())),
            (Action::BrowserAgain, ..) if shown.can_reopen(login) && login.is_under_way() => {
                return Reply::intent(Intent::AnswerLogin(Answer::Browser));
            }
            (Action::CopyCode, _, Some(device)) => return copy(&device.user_code, "the code"),
            _ => {}
        }
        Reply::default()
    }

    pub(super) fn types(&mut self, input: &Input) -> Reply {
        match input {
            Input::Paste(text) => {
                if self.sight != Sight::Field {
                    self.sight = Sight::All;
                }
                self.typed.clear();
                answer(text)
            }
            Input::Key(_) => {
                match self.sight {
                    Sight::Field => _ = typing::input(&mut self.typed, input),
                    // any key leads back
                    Sight::Address => self.sight = Sight::All,
                    _ => {}
                }
                Reply::default()
            }
            _ => Reply::default(),
        }
    }

    /// What was typed. The field stays: what was not taken is typed again, and Esc closes it before it leaves the screen.
    fn send(&mut self) -> Reply {
        let typed = self.typed.take();
        if typed.trim().is_empty() { Reply::default() } else { answer(&typed) }
    }
}

fn answer(text: &str) -> Reply {
    Reply::intent(Intent::AnswerLogin(Answer::Paste(Secret::new(text))))
}

fn leave() -> Reply {
    Reply { intents: vec![Intent::LeaveLogin], ..Reply::close() }
}
