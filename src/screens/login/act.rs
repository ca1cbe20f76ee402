//! What keys do while signing in. A paste is an answer wherever it lands.

use super::{Shown, Sight, SignIn};
use crate::{
    domain::{login::Login, secret::Secret},
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
            (_, Action::Interrupt) => return leave(),
            (Sight::Field, Action::Send) => return self.send(),
            (Sight::All, Action::Cancel) => return leave(),
            (_, Action::Cancel) => self.sight = Sight::All,
            (Sight::Field, action) => _ = typing::act(&mut self.typed, action),
            (Sight::Address, _) => self.sight = Sight::All,
            (_, action) => return self.command(action, login, context.facts.clock.now),
        }
        Reply::default()
    }

    /// A command of the screen itself.
    fn command(&mut self, action: Action, login: &Login, now: u64) -> Reply {
        let shown = Shown::of(login, now);
        match action {
            Action::Send if matches!(login.outcome, Some(Ok(_))) => {
                return Reply { word: Some(Word::SignedIn(login.provider)), ..leave() };
            }
            Action::StartOver => {
                *self = Self { inverted: self.inverted, ..Self::default() };
                return Reply::intent(Intent::LogInAgain);
            }
            Action::SwapQr if shown.page.is_some() && shown.device.is_some() => self.swapped = !self.swapped,
            Action::Zoom if shown.carried(self.swapped).is_some() => {
                self.sight = if self.sight == Sight::Zoomed { Sight::All } else { Sight::Zoomed };
            }
            Action::Invert => self.inverted = !self.inverted,
            Action::PasteField if shown.page.is_some() => self.sight = Sight::Field,
            Action::ShowAddress if shown.page.is_some() => self.sight = Sight::Address,
            Action::CopyAddress => {
                if let Some(page) = shown.page {
                    return Reply::intent(Intent::Copy { text: page.address.clone(), what: "the address".into() });
                }
            }
            Action::OpenBrowser => {
                if let Some(page) = shown.page {
                    return Reply::intent(Intent::OpenBrowser(page.address.clone()));
                }
            }
            Action::CopyCode => {
                if let Some(device) = shown.device {
                    return Reply::intent(Intent::Copy { text: device.user_code.clone(), what: "the code".into() });
                }
            }
            _ => {}
        }
        Reply::default()
    }

    pub(super) fn types(&mut self, input: &Input) -> Reply {
        match input {
            Input::Paste(text) => {
                self.sight = Sight::All;
                self.typed.clear();
                Reply::intent(Intent::AnswerLogin(Secret::new(text)))
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

    fn send(&mut self) -> Reply {
        self.sight = Sight::All;
        let typed = self.typed.take();
        if typed.trim().is_empty() { Reply::default() } else { Reply::intent(Intent::AnswerLogin(Secret::new(typed))) }
    }
}

fn leave() -> Reply {
    Reply { intents: vec![Intent::LeaveLogin], ..Reply::close() }
}
