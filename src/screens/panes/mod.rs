//! The bottom screen: a chat for each pane, side by side, below each other, or, where the window is too small, one at a time under
//! a row of tabs. Keys go to the one that has the focus.

mod place;
mod view;

use super::{
    Opening, asking,
    chat::{Chat, Room},
};
use crate::{
    domain::{facts::Facts, pane::PaneId, panes::Way},
    flow::{
        action::Action,
        input::Input,
        intent::Intent,
        screen::{Context, Reply, Screen, Word},
    },
    ui::{cache::Cache, frame::Frame, transcript::Follow},
};
use place::{Direction, Layout, Place};
use ratatui::layout::Rect;

/// The route to the chat.
pub static SCREEN: Opening = Opening {
    name: "chat",
    about: "Chat",
    places: &["chat", "text", "find", "approval", "approval-words", "panes"],
    open: |facts, _| Box::new(Panes::new(facts)),
};

/// A chat for each pane, and where they are.
struct Panes {
    chats: Vec<Chat>,
    layout: Layout,
}

impl Panes {
    fn new(facts: &Facts) -> Self {
        Self { chats: facts.panes.iter().map(Chat::new).collect(), layout: Layout::default() }
    }

    fn place(&self, pane: PaneId) -> Option<Place> {
        self.layout.places.iter().find(|place| place.pane == pane).copied()
    }
    fn chat(&self, pane: PaneId) -> Option<&Chat> {
        self.chats.iter().find(|chat| chat.pane == pane)
    }

    /// What an action does that is about panes rather than about what is in one.
    fn of_panes(&self, action: Action, facts: &Facts) -> Option<Reply> {
        let panes = &facts.panes;
        let front = panes.front_id();
        let focus = |pane: Option<PaneId>| pane.map(Intent::Focus).map_or_else(Reply::default, Reply::intent);
        Some(match action {
            Action::SplitBeside => Reply::intent(Intent::Split(Way::Beside)),
            Action::SplitBelow => Reply::intent(Intent::Split(Way::Below)),
            Action::NextPane => focus(place::next(&panes.ids(), front)),
            Action::PaneLeft => focus(self.layout.neighbour(front, Direction::Left)),
            Action::PaneRight => focus(self.layout.neighbour(front, Direction::Right)),
            Action::PaneUp => focus(self.layout.neighbour(front, Direction::Up)),
            Action::PaneDown => focus(self.layout.neighbour(front, Direction::Down)),
            Action::TiePanes => Reply::intent(Intent::Tie(!panes.tied)),
            // who closes a pane in the middle of an answer is asked
            Action::ClosePane if panes.front().turn.is_running() && panes.count() > 1 => Reply::open(asking::CLOSE.name),
            Action::ClosePane => Reply::intent(Intent::ClosePane),
            Action::KeepPane if panes.iter().any(|pane| pane.id != front && pane.turn.is_running()) => Reply::open(asking::KEEP.name),
            Action::KeepPane => Reply::intent(Intent::KeepPane),
            _ => return None,
        })
    }

    /// Lets the chat of a pane do something in its part of the window.
    fn with(&mut self, pane: PaneId, context: &mut Context, act: impl FnOnce(&mut Chat, &mut Context) -> Reply) -> Reply {
        let size = self.place(pane).map_or(context.size, |place| (place.area.width, place.area.height));
        let mut inner = Context { facts: context.facts, cache: &mut *context.cache, size };
        match self.chats.iter_mut().find(|chat| chat.pane == pane) {
            Some(chat) => act(chat, &mut inner),
            None => Reply::default(),
        }
    }
}

impl Screen for Panes {
    fn places(&self, facts: &Facts) -> &'static [&'static str] {
        self.chat(facts.panes.front_id()).map_or(&["everywhere"], |chat| chat.places(facts))
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        let front = context.facts.panes.front_id();
        self.of_panes(action, context.facts).unwrap_or_else(|| self.with(front, context, |chat, context| chat.act(action, context)))
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        let front = context.facts.panes.front_id();
        let pane = match input {
            // the wheel turns what is under the pointer
            Input::Mouse(mouse) => self.layout.at(mouse.column, mouse.row).unwrap_or(front),
            _ => front,
        };
        self.with(pane, context, |chat, context| chat.text(input, context))
    }
    fn hear(&mut self, word: Word, context: &mut Context) -> Reply {
        if let Word::Act(action) = word
            && let Some(reply) = self.of_panes(action, context.facts)
        {
            return reply;
        }
        let pane = match &word {
            Word::Draft(pane, ..) | Word::Attach { pane, .. } => *pane,
            _ => context.facts.panes.front_id(),
        };
        self.with(pane, context, |chat, context| chat.hear(word, context))
    }
    fn settle(&mut self, facts: &Facts, size: (u16, u16)) {
        self.chats.retain(|chat| facts.panes.holds(chat.pane));
        for pane in facts.panes.iter() {
            if self.chat(pane.id).is_none() {
                self.chats.push(Chat::new(pane));
            }
        }
        if !self.layout.is_of(&facts.panes, size) {
            self.layout = Layout::of(&facts.panes, size);
        }
        let room = if self.layout.places.len() > 1 { Room::Part } else { Room::Whole };
        let follow = if self.layout.dividers.is_empty() { Follow::Rows } else { Follow::Jumps };
        for chat in &mut self.chats {
            (chat.room, chat.follow) = (room, follow);
            let seen = self.layout.places.iter().find(|place| place.pane == chat.pane);
            chat.settle(facts, seen.map_or(size, |place| (place.area.width, place.area.height)));
        }
    }
    fn moves(&self, facts: &Facts) -> Option<u64> {
        self.chats.iter().filter_map(|chat| chat.moves(facts)).min()
    }
    fn view(&self, facts: &Facts, cache: &mut Cache, frame: &mut Frame) {
        self.draw(facts, cache, frame);
    }
    fn typing_area(&self, facts: &Facts) -> Option<Rect> {
        let front = facts.panes.front_id();
        let chat = self.chat(front).filter(|chat| !chat.is_asked())?;
        Some(chat.composer_in(self.place(front)?.area))
    }
    fn view_typing(&self, facts: &Facts, frame: &mut Frame) {
        let front = facts.panes.front_id();
        if let (Some(chat), Some(place)) = (self.chat(front), self.place(front)) {
            frame.within(place.area, |frame| chat.draw_composer(facts, true, frame));
        }
    }
}
