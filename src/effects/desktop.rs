//! What the desktop around the terminal does for us: the clipboard and the browser.

use crate::{
    domain::trouble::Trouble,
    effects::{
        clipboard::{Clipboard, Way},
        doctor::{self, Subject},
        notes::Teller,
    },
    flow::{effect::Effect, news::News},
    services::{Services, tasks::blocking},
};
use std::sync::Arc;

pub(super) struct Desktop {
    services: Arc<Services>,
    teller: Teller,
    clipboard: Clipboard,
}

impl Desktop {
    pub(super) fn new(services: Arc<Services>, teller: Teller) -> Self {
        Self { services, teller, clipboard: Clipboard::default() }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        let teller = self.teller.clone();
        match effect {
            Effect::OpenBrowser(address) => drop(self.services.kept.run(async move {
                let opened = blocking(move || open::that_detached(address).is_ok()).await;
                teller.news(News::BrowserOpened(opened.unwrap_or(false)));
            })),
            Effect::Examine(tools) => {
                let subject = Subject::of(&self.services, *tools);
                drop(self.services.kept.run(async move {
                    match blocking(move || doctor::examine(&subject)).await {
                        Ok(sections) => teller.news(News::Examined(sections)),
                        Err(trouble) => teller.news(News::Failed(None, trouble)),
                    }
                }));
            }
            Effect::Ring => teller.bytes(b"\x07".to_vec()),
            Effect::Copy { text, what } => {
                let way = self.clipboard.copy(text, &self.services.environment);
                drop(self.services.kept.run(async move { tell(way.await, &what, &teller) }));
            }
            other => return Some(other),
        }
        None
    }
}

fn tell(way: Way, what: &str, teller: &Teller) {
    teller.news(match way {
        Way::System => News::Copied(format!("Copied {what} to the clipboard")),
        Way::Terminal(bytes) => {
            teller.bytes(bytes);
            News::Copied(format!("Sent {what} to the terminal's clipboard"))
        }
        Way::TooLong => News::Failed(
            None,
            Trouble::new("usage", format!("{what} is too long for the terminal's clipboard")).help("/export writes it to a file"),
        ),
    });
}
