//! Facts and the stack of screens; who gets a message; the picture. Pure: what is to be done comes back as effects.

use crate::domain::pane::{Draft, PaneId};
use crate::{
    domain::facts::{FLASH, Facts, Told},
    flow::{
        action::Action,
        effect::Effect,
        input::{Input, Key},
        intent::Intent,
        keymap::{self, KEYS},
        message::Message,
        news::News,
        screen::{Context, Over, Reply, Route, Screen, ScreenName, Word},
    },
    screens::{self, Below, help, palette, panes},
    ui::{
        bars,
        cache::Cache,
        frame::{Frame, LARGEST},
        look::{Look, Role},
        wrap,
    },
    update,
};
use ratatui::layout::Rect;

/// Windows smaller than this are told what size is needed.
pub const SMALLEST: (u16, u16) = (60, 16);

/// Everything that is drawn.
pub struct State {
    /// What is true.
    pub facts: Facts,
    /// The chat, and what is on top of it; never empty.
    screens: Vec<(ScreenName, Box<dyn Screen>)>,
    /// The first key of a chord.
    prefix: Option<Key>,
    /// Columns and rows that are drawn.
    pub size: (u16, u16),
}

/// What a message leads to.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    /// To be done.
    pub effects: Vec<Effect>,
    /// The terminal's picture can't be trusted.
    pub repaint: bool,
    /// Nothing has changed but this area, which `view_typing` draws.
    pub typed: Option<Rect>,
}

impl State {
    /// The chat over these facts.
    pub fn new(facts: Facts, size: (u16, u16)) -> Self {
        Self::over(panes::SCREEN.name, facts, size)
    }
    /// Another screen at the bottom: leaving it ends the program.
    pub fn over(bottom: ScreenName, facts: Facts, size: (u16, u16)) -> Self {
        let opening = screens::named(bottom).unwrap_or(&panes::SCREEN);
        let screen = (opening.open)(&facts, Below { top: bottom, bottom });
        let mut state = Self { facts, screens: vec![(opening.name, screen)], prefix: None, size };
        state.resize(size);
        for (_, screen) in &mut state.screens {
            screen.settle(&state.facts, state.size);
        }
        state
    }

    /// Takes the size of the window, and no more of it than is drawn.
    fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.size = (columns.min(LARGEST.0), rows.min(LARGEST.1));
        if self.size != (columns, rows) && self.facts.told.insert(Told::WindowTooLarge) {
            let words = format!("This window has {columns}×{rows} cells, of which {}×{} are drawn on", LARGEST.0, LARGEST.1);
            self.facts.flash = Some((words, self.facts.clock.now));
        }
    }

    /// With another screen on top.
    pub fn with(mut self, name: ScreenName) -> Self {
        self.open(name);
        self
    }

    fn fits(&self) -> bool {
        self.size.0 >= SMALLEST.0 && self.size.1 >= SMALLEST.1
    }

    fn top(&self) -> Option<&(ScreenName, Box<dyn Screen>)> {
        self.screens.last()
    }

    /// Puts a screen on top. One that is there already is gone back to, and no screen is there twice.
    fn open(&mut self, name: ScreenName) {
        if let Some(at) = self.screens.iter().position(|(there, _)| *there == name) {
            return self.screens.truncate(at + 1);
        }
        let (Some((top, _)), Some((bottom, _))) = (self.screens.last(), self.screens.first()) else { return };
        if let Some(screen) = screens::open(name, &self.facts, Below { top, bottom }) {
            self.screens.push((name, screen));
        }
    }

    /// Takes one message.
    pub fn update(&mut self, message: Message, cache: &mut Cache) -> Outcome {
        let mut outcome = Outcome::default();
        let types = matches!(message, Message::Input(Input::Key(_) | Input::Paste(_)));
        let area = if types { self.typing_area() } else { None };
        let mut typed_only = false;
        match message {
            Message::Input(input) => typed_only = self.input(&input, cache, &mut outcome),
            Message::Intent(intent) => {
                let at = self.facts.panes.front_id();
                outcome.effects = update::on_intent(&mut self.facts, at, intent);
            }
            Message::News(News::EditorClosed(pane, text)) => {
                if let Some(text) = text {
                    let draft = Draft::new(text.trim_end_matches('\n'));
                    self.tell(Word::Draft(pane, draft, Over::Anything), 0, cache, &mut outcome);
                }
                outcome.repaint = true;
            }
            Message::News(News::Attach { pane, word, instead_of }) => {
                self.tell(Word::Attach { pane, word, instead_of }, 0, cache, &mut outcome);
            }
            Message::News(News::DraftFound(pane, draft)) => self.tell(Word::Draft(pane, draft, Over::Nothing), 0, cache, &mut outcome),
            Message::News(news) => {
                if let News::Told(words) = &news
                    && self.top().is_some_and(|(top, _)| *top != panes::SCREEN.name)
                {
                    // the conversation, where it stays to be read, is not looked at
                    self.facts.flash = Some((words.clone(), self.facts.clock.now));
                }
                let taken_back = update::turn::taken_back(&self.facts, &news);
                outcome.effects = update::on_news(&mut self.facts, news);
                if let Some((pane, draft)) = taken_back {
                    self.tell(Word::Draft(pane, draft, Over::Nothing), 0, cache, &mut outcome);
                }
            }
            Message::Tick => {
                let now = self.facts.clock.now;
                self.facts.flash.take_if(|(_, at)| now.saturating_sub(*at) >= FLASH);
            }
        }
        for (_, screen) in &mut self.screens {
            screen.settle(&self.facts, self.size);
        }
        outcome.typed = area.filter(|area| typed_only && self.typing_area() == Some(*area));
        outcome
    }

    /// Where typing shows, as long as nothing stands over it and no other row is about what was typed before.
    fn typing_area(&self) -> Option<Rect> {
        match &self.screens[..] {
            [(_, screen)] if self.fits() && self.prefix.is_none() && self.facts.flash.is_none() => screen.typing_area(&self.facts),
            _ => None,
        }
    }

    /// Draws everything, from back to front.
    pub fn view(&self, cache: &mut Cache, frame: &mut Frame) {
        if !self.fits() {
            return too_small(frame);
        }
        cache.set_clock(self.facts.clock.now);
        for (_, screen) in &self.screens {
            frame.caret = None;
            screen.view(&self.facts, cache, frame);
        }
        if let Some(prefix) = self.prefix {
            self.chord(prefix, frame);
        }
    }

    /// Draws what an outcome calls typed, over the picture that was drawn before.
    pub fn view_typing(&self, frame: &mut Frame) {
        if let Some((_, screen)) = self.top() {
            screen.view_typing(&self.facts, frame);
        }
    }

    /// What a begun chord can become, in the place of the keys.
    fn chord(&self, prefix: Key, frame: &mut Frame) {
        let area = frame.area();
        let places = self.top().map_or(&[][..], |(_, top)| top.places(&self.facts));
        let begun = KEYS.iter().filter(|bound| places.contains(&bound.place) && !bound.then.is_empty());
        let mut ends: Vec<(String, &str)> = begun
            .filter_map(|bound| {
                let chord = bound.on.iter().find(|chord| chord.prefix == Some(prefix))?;
                Some((chord.key.to_string(), bound.then))
            })
            .collect();
        // letters alone are the ones that people remember
        ends.sort_by_key(|(key, _)| key.chars().count());
        let mut hints = vec![(format!("{prefix} …"), "")];
        hints.append(&mut ends);
        let bottom = area.bottom().saturating_sub(1);
        frame.clear(Rect::new(0, bottom, area.width, 1));
        bars::hints(&hints, bottom, frame);
    }

    /// How roles look now.
    pub fn look(&self) -> Look {
        Look { shallow: self.facts.look.shallow, canvas: self.facts.look.canvas, ..Look::new(self.facts.look.theme) }
    }

    /// When the picture changes by itself, in milliseconds from now; never, when nothing moves.
    pub fn next_tick(&self) -> Option<u64> {
        let now = self.facts.clock.now;
        let flash = self.facts.flash.as_ref().map(|(_, at)| (at + FLASH).saturating_sub(now).max(1));
        let moves = self.screens.iter().filter_map(|(_, screen)| screen.moves(&self.facts));
        moves.chain(flash).min()
    }

    /// Gives it to the top screen; says whether that has changed no more than what is typed.
    fn input(&mut self, input: &Input, cache: &mut Cache, outcome: &mut Outcome) -> bool {
        if let Input::Resize { columns, rows } = input {
            self.resize((*columns, *rows));
            return false;
        }
        if !matches!(input, Input::Mouse(_)) {
            // what was said about the step before would contradict the next one
            self.facts.flash = None;
        }
        let top = self.screens.len() - 1;
        let places = self.screens[top].1.places(&self.facts);
        let prefix = self.prefix.take();
        let reply = match input {
            Input::Key(key) => match keymap::action(places, prefix, *key) {
                Some(action) if self.everywhere(action, top, outcome) => return false,
                Some(action) => self.ask(top, cache, |screen, context| screen.act(action, context)),
                // a chord that means nothing is swallowed whole
                None if prefix.is_some() => Reply::default(),
                None if keymap::is_prefix(places, *key) => {
                    self.prefix = Some(*key);
                    Reply::default()
                }
                None => self.ask(top, cache, |screen, context| screen.text(input, context)),
            },
            input => self.ask(top, cache, |screen, context| screen.text(input, context)),
        };
        let typed_only = reply.typed_only && reply.intents.iter().all(|intent| matches!(intent, Intent::Draft(_)));
        self.follow(reply, top, None, cache, outcome);
        typed_only
    }

    /// Does what a key does on every screen, in every list and in every field.
    fn everywhere(&mut self, action: Action, top: usize, outcome: &mut Outcome) -> bool {
        let name = match action {
            Action::Repaint => {
                outcome.repaint = true;
                return true;
            }
            Action::Suspend => {
                let at = self.facts.panes.front_id();
                outcome.effects.extend(update::on_intent(&mut self.facts, at, Intent::Suspend));
                return true;
            }
            Action::Help => help::SCREEN.name,
            Action::Palette => palette::SCREEN.name,
            _ => return false,
        };
        // the same key again goes back
        if top > 0 && self.screens[top].0 == name {
            self.screens.truncate(top);
        } else {
            self.open(name);
        }
        true
    }

    /// Does what was chosen in the palette: in the chat, which is gone back to as with Esc.
    fn choose(&mut self, word: Word, cache: &mut Cache, outcome: &mut Outcome) {
        if let Word::Act(action) = word
            && self.everywhere(action, self.screens.len() - 1, outcome)
        {
            return;
        }
        // a field may have to be left before its screen
        for _ in 0..2 * self.screens.len() {
            let top = self.screens.len() - 1;
            if top > 0 {
                let reply = self.ask(top, cache, |screen, context| screen.act(Action::Cancel, context));
                self.follow(reply, top, None, cache, outcome);
            }
        }
        self.screens.truncate(1);
        self.tell(word, 0, cache, outcome);
    }

    fn ask(&mut self, index: usize, cache: &mut Cache, act: impl FnOnce(&mut dyn Screen, &mut Context) -> Reply) -> Reply {
        let mut context = Context { facts: &self.facts, cache, size: self.size };
        match self.screens.get_mut(index) {
            Some((_, screen)) => act(screen.as_mut(), &mut context),
            None => Reply::default(),
        }
    }

    /// Does what a screen wants to follow, in the pane that it is about, or in the one that has the focus.
    fn follow(&mut self, reply: Reply, from: usize, at: Option<PaneId>, cache: &mut Cache, outcome: &mut Outcome) {
        outcome.repaint |= reply.repaint;
        let ends_conversation = reply.intents.contains(&Intent::New);
        let at = at.unwrap_or(self.facts.panes.front_id());
        for intent in reply.intents {
            outcome.effects.extend(update::on_intent(&mut self.facts, at, intent));
        }
        // what is not looked at any more takes no room
        cache.keep(|pane| self.facts.panes.holds(pane) && !(ends_conversation && pane == at));
        let closed = self.screens.get(from).map(|(name, _)| *name).filter(|_| reply.route == Route::Close);
        match reply.route {
            Route::Stay => {}
            Route::Open(name) => self.open(name),
            Route::Close if from > 0 => self.screens.truncate(from),
            Route::Close => outcome.effects.extend(update::on_intent(&mut self.facts, at, Intent::Quit)),
        }
        if let Some(word) = reply.word {
            if closed == Some(palette::SCREEN.name) {
                return self.choose(word, cache, outcome);
            }
            let below = match reply.route {
                Route::Close => from.saturating_sub(1),
                Route::Open(_) => self.screens.len().saturating_sub(1),
                Route::Stay => 0,
            };
            self.tell(word, below, cache, outcome);
        }
    }

    fn tell(&mut self, word: Word, index: usize, cache: &mut Cache, outcome: &mut Outcome) {
        let at = match &word {
            Word::Draft(pane, ..) => Some(*pane),
            _ => None,
        };
        let reply = self.ask(index, cache, |screen, context| screen.hear(word, context));
        self.follow(reply, index, at, cache, outcome);
    }
}

fn too_small(frame: &mut Frame) {
    let area = frame.area();
    let text = format!("hermes needs {}×{} cells, this window has {}×{}", SMALLEST.0, SMALLEST.1, area.width, area.height);
    let mut y = area.y;
    wrap::breaks(&text, usize::from(area.width.max(1)), |range| {
        if y < area.bottom() {
            frame.put(area.x, y, area.right(), &text[range], Role::Text);
            y += 1;
        }
    });
}
