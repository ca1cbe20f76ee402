//! What a key does. `assets/keys.toml` binds keys to these names; the palette and the help list them.

use std::str::FromStr;

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a key can be bound to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $variant,)* }
        impl Action {
            /// All of them.
            pub const ALL: &'static [Action] = &[$(Action::$variant),*];
            /// The name in `keys.toml`.
            pub fn name(self) -> &'static str {
                match self { $(Action::$variant => $name,)* }
            }
        }
    };
}

actions! {
    /// Send the draft, or choose what is marked.
    Send = "send",
    /// Break the line.
    NewLine = "new-line",
    /// Stop the turn, or close what is on top.
    Cancel = "cancel",
    /// Stop, then clear, then quit.
    Interrupt = "interrupt",
    /// Quit when the line is empty, else delete the character ahead.
    QuitOrDelete = "quit-or-delete",
    /// Stop the process until `fg`.
    Suspend = "suspend",
    /// Open the help.
    Help = "help",
    /// Open the palette.
    Palette = "palette",
    /// Draw everything again.
    Repaint = "repaint",
    /// Search the history.
    SearchHistory = "search-history",
    /// Open `$EDITOR`.
    Editor = "editor",
    /// Find in the transcript.
    Find = "find",
    /// Copy the last answer; again: choose a block.
    Copy = "copy",
    /// Copy the marked block.
    CopyBlock = "copy-block",
    /// Unfold or fold what the model thought.
    Fold = "fold",
    /// Up: the line above, the history, the item above.
    Up = "up",
    /// Down.
    Down = "down",
    /// A page up.
    PageUp = "page-up",
    /// A page down.
    PageDown = "page-down",
    /// The start of the line, or of the transcript.
    Home = "home",
    /// The end of the line, or of the transcript.
    End = "end",
    /// The start of the transcript.
    Top = "top",
    /// The end of the transcript.
    Tail = "tail",
    /// The turn before.
    TurnUp = "turn-up",
    /// The turn after.
    TurnDown = "turn-down",
    /// A character to the left.
    Left = "left",
    /// A character to the right.
    Right = "right",
    /// A word to the left.
    WordLeft = "word-left",
    /// A word to the right.
    WordRight = "word-right",
    /// The start of the line of text.
    LineStart = "line-start",
    /// The end of the line of text.
    LineEnd = "line-end",
    /// Delete the character before.
    Backspace = "backspace",
    /// Delete the character ahead.
    Delete = "delete",
    /// Delete the word before.
    DeleteWord = "delete-word",
    /// Delete the word ahead.
    DeleteWordAhead = "delete-word-ahead",
    /// Delete to the start of the line.
    DeleteToStart = "delete-to-start",
    /// Delete to the end of the line.
    DeleteToEnd = "delete-to-end",
    /// Take the last change back.
    UndoEdit = "undo-edit",
    /// Do it again.
    RedoEdit = "redo-edit",
    /// Complete the command.
    Complete = "complete",
    /// Open the picker.
    Picker = "picker",
    /// The other side of the screen.
    OtherSide = "other-side",
    /// Ask again for what is listed.
    Refresh = "refresh",
    /// Choose for this conversation only.
    ChooseHere = "choose-here",
    /// The next reasoning effort.
    CycleEffort = "cycle-effort",
    /// The QR code of the other address.
    SwapQr = "swap-qr",
    /// The QR code alone on the whole screen.
    Zoom = "zoom",
    /// Black for white.
    Invert = "invert",
    /// Copy the address for the browser.
    CopyAddress = "copy-address",
    /// Copy the code for another device.
    CopyCode = "copy-code",
    /// The address alone on the screen.
    ShowAddress = "show-address",
    /// Open a browser of this machine.
    OpenBrowser = "open-browser",
    /// Begin again.
    StartOver = "start-over",
    /// Type or paste an answer.
    PasteField = "paste-field",
    /// Another pane to the right of this one.
    SplitBeside = "split-beside",
    /// Another pane under this one.
    SplitBelow = "split-below",
    /// The focus to the next pane.
    NextPane = "next-pane",
    /// The focus to the pane on the left.
    PaneLeft = "pane-left",
    /// The focus to the pane on the right.
    PaneRight = "pane-right",
    /// The focus to the pane above.
    PaneUp = "pane-up",
    /// The focus to the pane below.
    PaneDown = "pane-down",
    /// Ask all panes at once, or no longer.
    TiePanes = "tie-panes",
    /// Close this pane.
    ClosePane = "close-pane",
    /// Close all panes but this one.
    KeepPane = "keep-pane",
    /// Yes to what is asked.
    Yes = "yes",
    /// No to what is asked.
    No = "no",
}

impl FromStr for Action {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Action::ALL.iter().copied().find(|a| a.name() == name).ok_or_else(|| format!("`{name}` is not the name of an action"))
    }
}
