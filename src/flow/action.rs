//! What a key does. `assets/keys.toml` binds keys to these names, written with dashes: `NewLine` is `new-line`; the palette and the
//! help list them.

/// What a key can be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Send the draft, or choose what is marked.
    Send,
    /// Break the line.
    NewLine,
    /// Stop the turn, or close what is on top.
    Cancel,
    /// Stop, then clear, then quit.
    Interrupt,
    /// Quit when the line is empty, else delete the character ahead.
    QuitOrDelete,
    /// Stop the process until `fg`.
    Suspend,
    /// Open the help.
    Help,
    /// Open the palette.
    Palette,
    /// Draw everything again.
    Repaint,
    /// Search the history.
    SearchHistory,
    /// Open `$EDITOR`.
    Editor,
    /// Find in the transcript.
    Find,
    /// Copy the last answer; again: choose a block.
    Copy,
    /// Copy the marked block.
    CopyBlock,
    /// Quote it in the composer.
    QuoteBlock,
    /// Write it to a file.
    SaveBlock,
    /// Unfold or fold what the model thought.
    Fold,
    /// Up: the line above, the history, the item above.
    Up,
    /// Down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The start of the line, or of the transcript.
    Home,
    /// The end of the line, or of the transcript.
    End,
    /// The start of the transcript.
    Top,
    /// The end of the transcript.
    Tail,
    /// The turn before.
    TurnUp,
    /// The turn after.
    TurnDown,
    /// A character to the left.
    Left,
    /// A character to the right.
    Right,
    /// A word to the left.
    WordLeft,
    /// A word to the right.
    WordRight,
    /// The start of the line of text.
    LineStart,
    /// The end of the line of text.
    LineEnd,
    /// Delete the character before.
    Backspace,
    /// Delete the character ahead.
    Delete,
    /// Delete the word before.
    DeleteWord,
    /// Delete the word ahead.
    DeleteWordAhead,
    /// Delete to the start of the line.
    DeleteToStart,
    /// Delete to the end of the line.
    DeleteToEnd,
    /// Take the last change back.
    UndoEdit,
    /// Do it again.
    RedoEdit,
    /// Complete the command, or the name of a file.
    Complete,
    /// Attach the picture that is on the clipboard.
    PastePicture,
    /// Open the picker.
    Picker,
    /// The other side of the screen.
    OtherSide,
    /// Ask again for what is listed.
    Refresh,
    /// Choose for this conversation only.
    ChooseHere,
    /// Choose for the next question only.
    ChooseOnce,
    /// Choose the one that was chosen before.
    BeforeThat,
    /// The next reasoning effort.
    CycleEffort,
    /// The QR code of the other address.
    SwapQr,
    /// The QR code alone on the whole screen.
    Zoom,
    /// Black for white.
    Invert,
    /// Copy the address for the browser.
    CopyAddress,
    /// Copy the code for another device.
    CopyCode,
    /// Copy the command that brings the browser's answer here.
    CopyCommand,
    /// The address alone on the screen.
    ShowAddress,
    /// The QR code beside a browser that leads.
    ShowQr,
    /// Once more by a browser, whose time was over.
    BrowserAgain,
    /// Open a browser of this machine.
    OpenBrowser,
    /// Begin again.
    StartOver,
    /// Type or paste an answer.
    PasteField,
    /// Another pane to the right of this one.
    SplitBeside,
    /// Another pane under this one.
    SplitBelow,
    /// The focus to the next pane.
    NextPane,
    /// The focus to the pane on the left.
    PaneLeft,
    /// The focus to the pane on the right.
    PaneRight,
    /// The focus to the pane above.
    PaneUp,
    /// The focus to the pane below.
    PaneDown,
    /// Ask all panes at once, or no longer.
    TiePanes,
    /// Close this pane.
    ClosePane,
    /// Close all panes but this one.
    KeepPane,
    /// Yes to what is asked.
    Yes,
    /// No to what is asked.
    No,
    /// Open the tools.
    Tools,
    /// Open the jobs.
    Jobs,
    /// Show the marked file with the system's program for it.
    OpenFile,
    /// Play the marked sound.
    PlayFile,
    /// Try what is marked.
    Try,
    /// Switch what is marked on or off.
    Toggle,
    /// Yes, as long as the conversation goes on.
    YesHere,
    /// Yes, from now on.
    YesAlways,
    /// No, with words for the model.
    NoBecause,
}
