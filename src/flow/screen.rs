//! Screens: what can be on top. Keys go to the top one, drawing goes from back to front.

use crate::{
    domain::{
        catalog::Provider,
        facts::Facts,
        pane::{Draft, PaneId},
    },
    flow::{action::Action, input::Input, intent::Intent},
    ui::{cache::Cache, frame::Frame},
};
use ratatui::layout::Rect;

/// The name of a screen in the registry of `screens/`.
pub type ScreenName = &'static str;

/// What a screen may see while it acts.
pub struct Context<'a> {
    /// What is true.
    pub facts: &'a Facts,
    /// Laid-out lines, to measure how far a page goes.
    pub cache: &'a mut Cache,
    /// The size of the screen: columns, rows. That of the window, or of a part of it.
    pub size: (u16, u16),
}

/// Something that can be drawn and can be given keys. Dies with its state when it is closed.
pub trait Screen {
    /// The places of `keys.toml` that are live, the innermost first.
    fn places(&self, facts: &Facts) -> &'static [&'static str];
    /// A key that is bound.
    fn act(&mut self, action: Action, context: &mut Context) -> Reply;
    /// A key that is not bound, a paste or the mouse.
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply;
    /// A word from the screen that was on top of this one.
    fn hear(&mut self, word: Word, context: &mut Context) -> Reply {
        let _ = (word, context);
        Reply::default()
    }
    /// Facts or the window have changed: what it remembers is made to fit.
    fn settle(&mut self, facts: &Facts, size: (u16, u16)) {
        let _ = (facts, size);
    }
    /// In how many milliseconds its picture changes by itself; never, when nothing moves.
    fn moves(&self, facts: &Facts) -> Option<u64> {
        let _ = facts;
        None
    }
    /// Draws itself, and says where the caret is.
    fn view(&self, facts: &Facts, cache: &mut Cache, frame: &mut Frame);
    /// Where text that is typed stands, in cells of the window; none where typing changes more than that.
    fn typing_area(&self, facts: &Facts) -> Option<Rect> {
        let _ = facts;
        None
    }
    /// Draws that area alone, over what was drawn there before.
    fn view_typing(&self, facts: &Facts, frame: &mut Frame) {
        let _ = (facts, frame);
    }
}

/// What a screen, or a slash command, wants to follow.
#[derive(Debug, Default, PartialEq)]
pub struct Reply {
    /// Wishes for `update`.
    pub intents: Vec<Intent>,
    /// What happens to the stack of screens.
    pub route: Route,
    /// A word for the screen below, after this one was closed.
    pub word: Option<Word>,
    /// The terminal's picture can't be trusted: draw everything again.
    pub repaint: bool,
    /// The screen has changed in its `typing_area` alone.
    pub typed_only: bool,
}

/// What happens to the stack.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub enum Route {
    /// Nothing.
    #[default]
    Stay,
    /// Put a screen on top.
    Open(ScreenName),
    /// Go back.
    Close,
}

/// What a screen tells the one below it.
#[derive(Debug, Clone, PartialEq)]
pub enum Word {
    /// Do this, as if its key had been pressed.
    Act(Action),
    /// Put this into the composer.
    Fill(Draft),
    /// It was chosen who answers.
    Chosen,
    /// Begin the tour, or end it.
    Tour,
    /// Quote this in the composer.
    Quote(String),
    /// Show what fits these words.
    LookFor(String),
    /// Run this slash command.
    Run(String),
    /// Somebody signed in at this provider.
    SignedIn(&'static Provider),
    /// A draft for the composer of a pane: in the place of what is there, or only where nothing is.
    Draft(PaneId, Draft, Over),
    /// A word for the composer of a pane that attaches a file; in the place of a text, if one is named.
    Attach {
        /// The pane.
        pane: PaneId,
        /// The word.
        word: String,
        /// What it takes the place of.
        instead_of: Option<String>,
    },
    /// Go to this entry.
    Show(crate::domain::conversation::EntryId),
}

/// What becomes of a text that is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It is replaced.
    Anything,
    /// It stays; the draft goes into the history.
    Nothing,
}

impl Reply {
    /// One wish.
    pub fn intent(intent: Intent) -> Self {
        Self { intents: vec![intent], ..Self::default() }
    }
    /// Open a screen.
    pub fn open(name: ScreenName) -> Self {
        Self { route: Route::Open(name), ..Self::default() }
    }
    /// Go back.
    pub fn close() -> Self {
        Self { route: Route::Close, ..Self::default() }
    }
    /// Go back and tell the screen below.
    pub fn close_with(word: Word) -> Self {
        Self { route: Route::Close, word: Some(word), ..Self::default() }
    }
    /// Tell the chat itself.
    pub fn word(word: Word) -> Self {
        Self { word: Some(word), ..Self::default() }
    }
}
