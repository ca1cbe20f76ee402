//! What is ordered: plain data that can be compared; done in `effects/`, or by the loop where the terminal itself is needed.

use crate::domain::{
    catalog::Provider,
    conversation::{Call, Entry, EntryId},
    herald::Herald,
    job::{JobId, Plea},
    login::{Answer, LoginId, LoginWish},
    pane::{Draft, PaneId},
    secret::Secret,
    sight::{Sight, Way},
    tool::{Rule, Tool, Tools},
    turn::TurnId,
};
use std::{path::PathBuf, sync::Arc};

/// An order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask a model: one round of a turn.
    StartRound(Box<RoundOrder>),
    /// Drop the connection of a turn, and end its tools.
    StopTurn(TurnId),
    /// Read what has to be known before a model is asked.
    Prepare(Box<PrepareOrder>),
    /// Look for files that a word which is being typed could mean.
    FindFiles(PaneId, String),
    /// Look at the files that a draft names.
    SeeFiles {
        /// The pane.
        pane: PaneId,
        /// Paths as they were written.
        paths: Vec<String>,
        /// Whether its model takes pictures.
        sees: bool,
    },
    /// Name a file in the draft of a pane, if it can be sent.
    AttachFile {
        /// The pane.
        pane: PaneId,
        /// The path as it was written.
        path: String,
        /// Whether its model takes pictures.
        sees: bool,
    },
    /// See whether what was pasted is the path of a file that was dropped on the window.
    SeeDropped(PaneId, String),
    /// Take the picture that is on the clipboard.
    PastePicture(PaneId),
    /// Do a call.
    RunTool(Box<ToolOrder>),
    /// Run a shell line of the person's own.
    RunLine(Box<LineOrder>),
    /// Stop the one that runs in this pane.
    StopLine(PaneId),
    /// Allow something for good.
    KeepRule(Rule),
    /// No longer allow it.
    DropRule(Rule),
    /// Have something made, with what this provider has.
    BeginJob {
        /// Where it was asked for.
        pane: PaneId,
        /// What.
        plea: Plea,
        /// Who answers there.
        provider: &'static Provider,
    },
    /// Look which jobs there are; those that nobody is at go on.
    SeeJobs,
    /// Give a job up.
    CancelJob(JobId),
    /// Try a job again.
    RepeatJob(JobId),
    /// Forget a job; what it made stays.
    ForgetJob(JobId),
    /// Make a picture ready for the terminal, which shows it in this way.
    SendPicture(Sight, Way),
    /// Ask tmux what stands behind it.
    AskTmux,
    /// See what can be seen of what a job made before this start; without one: look which there are, and the newest is meant.
    SeeProducts(Option<JobId>),
    /// Show a file with the system's program for it.
    OpenFile(PathBuf),
    /// Play a sound.
    PlayFile(PathBuf),
    /// Try a toolset for real, with what this provider has.
    TryToolset(String, &'static Provider),
    /// The model of a toolset is this one, for good.
    KeepToolModel(String, &'static str),
    /// Run these servers of `mcp_servers`, and no others.
    RunServers(Vec<String>),
    /// Switch a toolset in the settings.
    KeepToolset(String, bool),
    /// Ring the bell of the terminal: somebody is asked.
    Ring,
    /// Tell somebody who looks elsewhere, with the bell.
    Notify(Herald, String),
    /// Write the draft of a pane to the disk, soon.
    SaveDraft(PaneId, Draft),
    /// The draft was sent: remove it from the disk.
    WipeDraft(PaneId),
    /// Look for a draft that nobody has taken up, for a pane that was opened.
    FindDraft(PaneId),
    /// The pane is closed: it keeps no draft any more.
    DropDraft(PaneId),
    /// Add a question to the history on the disk.
    KeepHistory(String),
    /// Put text on the clipboard.
    Copy {
        /// The text.
        text: String,
        /// What it is.
        what: String,
    },
    /// Write a file.
    Export {
        /// The pane it is exported from.
        pane: PaneId,
        /// Where to, relative to the working folder.
        path: String,
        /// What to write.
        text: String,
    },
    /// List a provider's models: what is on the disk at once, then what the catalog's server and the provider say.
    ListModels {
        /// The provider.
        provider: &'static Provider,
        /// How far to ask.
        reach: Reach,
    },
    /// See what is left of the plan of a provider.
    SeePlan(&'static Provider),
    /// See how providers stand, and which servers run on this machine.
    SeeProviders,
    /// Write the provider and the model into the configuration.
    KeepChoice {
        /// The provider.
        provider: &'static Provider,
        /// The model.
        model: String,
    },
    /// A provider is at this address from now on.
    KeepAddress(&'static Provider, String),
    /// Keep an API key.
    KeepKey(&'static Provider, Secret),
    /// Keep a key in `.env`, as this variable.
    KeepVariable(&'static str, Secret),
    /// Sign in.
    StartLogin(LoginOrder),
    /// Give an attempt to sign in up.
    StopLogin(LoginId),
    /// What the person says to it.
    AnswerLogin(LoginId, Answer),
    /// Drop the credentials of a provider.
    LogOut(&'static Provider),
    /// Look whether all is well, with what models may use.
    Examine(Box<Tools>, Way),
    /// Show an address in a browser.
    OpenBrowser(String),
    /// Edit the text of a pane in `$EDITOR`. Done by the loop: it needs the terminal.
    OpenEditor(PaneId, String),
    /// Capture the mouse, or not. Done by the loop.
    SetMouse(bool),
    /// Stop the process until `fg`. Done by the loop.
    Suspend,
}

/// How far a list of models is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// What is on the disk: nobody is asked.
    Disk,
    /// The provider, too, and the catalog's server when the file is old.
    Fresh,
    /// Both, whatever the disk says.
    Anew,
}

/// All that an attempt to sign in needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct LoginOrder {
    /// The attempt.
    pub login: LoginId,
    /// Where.
    pub provider: &'static Provider,
    /// How.
    pub wish: LoginWish,
}

/// What is read before a model is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepareOrder {
    /// The turn that waits for it.
    pub turn: TurnId,
    /// What a conversation begins with, and whether the memory is on; none where that is known already.
    pub context: Option<bool>,
    /// Words of the question that may name files.
    pub paths: Vec<String>,
    /// Whether the model takes pictures.
    pub sees: bool,
}

/// All that one round needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundOrder {
    /// The turn that it belongs to.
    pub turn: TurnId,
    /// Where to ask.
    pub provider: &'static Provider,
    /// Whom to ask.
    pub model: String,
    /// How hard the model shall think.
    pub effort: Option<String>,
    /// Whether the model takes pictures, as far as it is known.
    pub sees: bool,
    /// The system prompt.
    pub instructions: String,
    /// What was said so far.
    pub entries: Vec<Arc<Entry>>,
    /// The conversation's id: header and prompt-cache key.
    pub conversation: String,
    /// What the model may call.
    pub tools: Vec<Arc<Tool>>,
}

/// All that a shell line of the person's own needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineOrder {
    /// The pane.
    pub pane: PaneId,
    /// The conversation: its working folder is the tools'.
    pub conversation: String,
    /// The entry of the line.
    pub entry: EntryId,
    /// The line.
    pub command: String,
}

/// All that one call needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolOrder {
    /// The turn that it belongs to.
    pub turn: TurnId,
    /// The conversation: it has a working folder, and processes, of its own.
    pub conversation: String,
    /// Who answers in it.
    pub provider: &'static Provider,
    /// The entry of the call.
    pub entry: EntryId,
    /// What is called; its name is that of a tool that is offered.
    pub call: Call,
    /// Names of the tools, and toolsets, that are offered beside it.
    pub offered: Vec<String>,
    /// The stamp of the request that was allowed; without it whatever has to be allowed is asked for.
    pub allowed: Option<u64>,
}
