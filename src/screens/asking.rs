//! Questions before something is lost: an answer that still comes.

use super::{Below, Opening};
use crate::{
    commands,
    domain::facts::Facts,
    flow::{
        action::Action,
        input::Input,
        intent::Intent,
        keymap,
        screen::{Context, Reply, Screen, ScreenName},
    },
    ui::{bars, cache::Cache, frame::Frame, look::Role, popup, wrap},
};

/// Before the pane is closed.
pub static CLOSE: Opening = asks("close-pane", |_, _| {
    let about = "An answer still comes here. Closing stops it.";
    Box::new(Question { title: "Close this pane?", about, yes: "close", intent: Intent::ClosePane })
});

/// Before the others are closed.
pub static KEEP: Opening = asks("keep-pane", |_, _| {
    let about = "Answers still come in others. Closing stops them.";
    Box::new(Question { title: "Keep only this pane?", about, yes: "close the others", intent: Intent::KeepPane })
});

/// Before somebody is signed out.
pub static LOG_OUT: Opening = asks("log-out", |facts, _| {
    let about = "Every sign-in and key that is stored of it is dropped.";
    let provider = commands::login::signs_out(facts).unwrap_or(facts.front().choice.provider);
    Box::new(Question { title: "Sign out?", about, yes: "sign out", intent: Intent::LogOut(provider) })
});

const fn asks(name: ScreenName, open: fn(&Facts, Below) -> Box<dyn Screen>) -> Opening {
    Opening { name, about: "Questions", places: &["question"], open }
}

/// What is live while it is asked.
const LIVE: &[&str] = &["question", "everywhere"];

struct Question {
    title: &'static str,
    about: &'static str,
    yes: &'static str,
    intent: Intent,
}

impl Screen for Question {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        LIVE
    }
    fn act(&mut self, action: Action, _: &mut Context) -> Reply {
        match action {
            Action::Yes => Reply { intents: vec![self.intent.clone()], ..Reply::close() },
            Action::No | Action::Interrupt => Reply::close(),
            _ => Reply::default(),
        }
    }
    fn text(&mut self, _: &Input, _: &mut Context) -> Reply {
        Reply::default()
    }
    fn view(&self, _: &Facts, _: &mut Cache, frame: &mut Frame) {
        let inner = popup::frame_box(self.title, 56, 5, frame);
        frame.put(inner.x + 1, inner.y, inner.right(), &wrap::ellipsis(self.about, usize::from(inner.width)), Role::Text);
        let hint = |action| keymap::hint(LIVE, action).map(|chord| chord.to_string()).unwrap_or_default();
        let keys = [(hint(Action::Yes), self.yes), (hint(Action::No), "stay")];
        let mut x = inner.x + 1;
        for (key, about) in &keys {
            x = frame.put(x, inner.y + 2, inner.right(), key, Role::Strong);
            x = frame.put(x + 2, inner.y + 2, inner.right(), about, Role::Text) + 4;
        }
        let bottom = frame.area().bottom().saturating_sub(1);
        frame.clear(ratatui::layout::Rect::new(0, bottom, frame.area().width, 1));
        bars::hints(&keys, bottom, frame);
    }
}
