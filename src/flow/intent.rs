//! What the person wants: read by `update`, which may turn it into facts and effects.

use crate::{
    domain::{
        catalog::Provider,
        facts::Theme,
        job::{JobId, Plea},
        login::{Answer, LoginWish},
        pane::{Choice, Draft, Keep, PaneId},
        panes::Way,
        secret::Secret,
        tool::{Rule, Verdict},
        trouble::Trouble,
    },
    flow::effect::Reach,
};
use std::path::PathBuf;

/// A wish.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Ask the model; waits in the queue while a turn runs.
    Ask(Draft),
    /// Stop the running turn and keep what came.
    StopTurn,
    /// Answer what is asked before the turn goes on.
    Say(Verdict),
    /// Run a shell line of the person's own.
    RunLine(Draft),
    /// Stop it.
    StopLine,
    /// Start the servers that offer tools.
    RunServers,
    /// Switch a toolset on or off, for good.
    SwitchToolset(String, bool),
    /// Have something made.
    Make(Plea),
    /// Write a text to a file of the working folder.
    Save {
        /// Where to.
        path: String,
        /// The text.
        text: String,
    },
    /// See what is left of the plan.
    SeePlan,
    /// The same, where the settings want it looked after.
    LookAtPlan,
    /// Look which jobs there are.
    SeeJobs,
    /// See what a job made before this start; without one: look which there are, and the newest is meant.
    SeeProducts(Option<JobId>),
    /// Give a job up.
    CancelJob(JobId),
    /// Try a job again.
    RepeatJob(JobId),
    /// Forget a job; what it made stays.
    ForgetJob(JobId),
    /// Show a file with the system's program for it.
    OpenFile(PathBuf),
    /// Play a sound.
    PlayFile(PathBuf),
    /// Try a toolset for real.
    TryToolset(String),
    /// Another model does what a toolset does.
    ChooseToolModel(String, &'static str),
    /// What was allowed for good is asked for again.
    DropRule(Rule),
    /// Go on after an answer that broke off.
    Continue,
    /// Ask the last question again, dropping its answer.
    Retry,
    /// Take the last question and its answer back.
    Undo,
    /// Take the last queued question back.
    Unqueue,
    /// Begin a new conversation.
    New,
    /// Remember what is in the composer.
    Draft(Draft),
    /// Look for files that a word which is being typed could mean.
    FindFiles(String),
    /// Name a file in the composer.
    AttachFile(String),
    /// Something was pasted that looks like a path.
    Dropped(String),
    /// Attach the picture that is on the clipboard.
    PastePicture,
    /// Put a text where Up finds it.
    Remember(Draft),
    /// Empty the composer; its text stays on disk and in the history.
    ClearDraft(Draft),
    /// Put text on the clipboard.
    Copy {
        /// The text.
        text: String,
        /// What it is, for the confirmation: `the last answer`.
        what: String,
    },
    /// Write the conversation to a file.
    Export {
        /// Where to; a name is made up when there is none.
        path: Option<String>,
    },
    /// Edit the draft in `$EDITOR`.
    OpenEditor(Draft),
    /// Ask another model from now on; written into the configuration, or for this conversation only.
    ChooseModel(Choice, Keep),
    /// Look at the providers again.
    SeeProviders,
    /// List a provider's models.
    ListModels {
        /// The provider.
        provider: &'static Provider,
        /// How far to ask.
        reach: Reach,
    },
    /// A provider is at this address, which was typed.
    KeepAddress(&'static Provider, String),
    /// Keep an API key that was typed.
    KeepKey(&'static Provider, Secret),
    /// Keep a key that was typed in `.env`, as this variable.
    KeepVariable(&'static str, Secret),
    /// Sign in at a provider.
    LogIn(&'static Provider, LoginWish),
    /// Sign out at a provider.
    LogOut(&'static Provider),
    /// Start the attempt to sign in over.
    LogInAgain,
    /// Look at something else while the attempt to sign in goes on, or leave it after its end.
    LeaveLogin,
    /// Give the attempt to sign in up.
    GiveUpLogin,
    /// What the person says to the attempt.
    AnswerLogin(Answer),
    /// Show the address of the sign-in in a browser of this machine.
    OpenBrowser(String),
    /// Choose the reasoning effort.
    SetEffort(String),
    /// Choose the person's own system prompt; none goes back to the built-in one.
    SetSystem(Option<String>),
    /// Show everything that the model is told before the conversation.
    ShowSystem,
    /// Choose the colours.
    SetTheme(Theme),
    /// Take or give back the mouse.
    SetMouse(bool),
    /// Open another pane beside this one or below it.
    Split(Way),
    /// Give a pane the focus.
    Focus(PaneId),
    /// Send what is asked to all panes, or to this one only.
    Tie(bool),
    /// Ask these models side by side: this pane and others, as many as it takes.
    Compare(Vec<Choice>),
    /// Close this pane.
    ClosePane,
    /// Close all panes but this one.
    KeepPane,
    /// Say something short at the bottom of the screen.
    Tell(String),
    /// Say something in the transcript.
    Note(String),
    /// Say in the transcript what went wrong.
    Complain(Trouble),
    /// Look whether all is well.
    Examine,
    /// Hand the terminal back to the shell until `fg`.
    Suspend,
    /// End the program.
    Quit,
}
