//! What happened. Nobody can refuse it; news of a turn that is no longer current changes nothing.

use crate::domain::{
    attached::{Attached, Found, Seen},
    catalog::{ModelList, Standing},
    conversation::{Context, Ending, EntryId, Outcome, Usage},
    health::Section,
    job::{Job, JobId},
    login::{LoginId, LoginNews},
    pane::{Draft, PaneId},
    plan::Share,
    tool::{Request, Tool},
    trouble::Trouble,
    turn::{Part, TurnId},
};
use crate::flow::input::Told;

use std::sync::Arc;

/// A piece of news.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// A round goes out with this account: the id of its credential, empty where none is stored.
    RoundStarted {
        /// The turn.
        turn: TurnId,
        /// The account.
        account: String,
    },
    /// The next attempt comes by itself.
    TurnRetrying {
        /// The turn.
        turn: TurnId,
        /// Milliseconds until then.
        wait: u64,
        /// Why, in a few words.
        reason: String,
    },
    /// A new attempt is on its way.
    TurnResumed {
        /// The turn.
        turn: TurnId,
    },
    /// Words, thoughts and calls, as they came.
    PartsArrived {
        /// The turn.
        turn: TurnId,
        /// In order.
        parts: Vec<Part>,
    },
    /// The answer of a round is complete, or reached the limit of the output.
    RoundFinished {
        /// The turn.
        turn: TurnId,
        /// How it ended.
        ending: Ending,
        /// What it cost, when the service said so.
        usage: Usage,
    },
    /// What has to be known before a model is asked was read.
    Prepared {
        /// The turn that waits for it.
        turn: TurnId,
        /// What the conversation begins with, where that was not known.
        context: Option<Context>,
        /// The files that go with the question.
        files: Vec<Attached>,
    },
    /// Files that a word which is being typed could mean.
    FilesFound(PaneId, Found),
    /// What there is of the files that a draft names.
    FilesSeen {
        /// The pane.
        pane: PaneId,
        /// The words that were looked at.
        paths: Vec<String>,
        /// Those that are files.
        seen: Vec<Seen>,
    },
    /// A word that attaches a file, for the composer: in the place of the text that is named, if there is one.
    Attach {
        /// The pane.
        pane: PaneId,
        /// The word.
        word: String,
        /// What it takes the place of.
        instead_of: Option<String>,
    },
    /// A job of the person's was begun, in this pane.
    JobBegun(PaneId, JobId),
    /// How a job stands.
    JobStands(Arc<Job>),
    /// A job is forgotten.
    JobForgotten(JobId),
    /// What was asked for as a picture is one that is there already.
    PictureThere(PaneId, String),
    /// What the terminal answers.
    TerminalTold(Told),
    /// A toolset was tried.
    Tried(String, Box<Outcome>),
    /// A server that offers tools is ready, with these; or is not, and why: the end of a sentence.
    ServerStands(String, Result<Vec<Arc<Tool>>, String>),
    /// A tool prints.
    ToolTold {
        /// The turn.
        turn: TurnId,
        /// The entry of the call.
        entry: EntryId,
        /// What is new.
        text: String,
    },
    /// A call has to be allowed before it is done.
    ToolAsks {
        /// The turn.
        turn: TurnId,
        /// The entry of the call.
        entry: EntryId,
        /// What would be done.
        request: Box<Request>,
    },
    /// A call has ended.
    ToolReturned {
        /// The turn.
        turn: TurnId,
        /// The entry of the call.
        entry: EntryId,
        /// What came of it.
        outcome: Outcome,
    },
    /// A shell line of the person's own prints.
    LineTold {
        /// The pane.
        pane: PaneId,
        /// Its entry.
        entry: EntryId,
        /// What is new.
        text: String,
    },
    /// It has ended.
    LineEnded {
        /// The pane.
        pane: PaneId,
        /// Its entry.
        entry: EntryId,
        /// What came of it.
        outcome: Outcome,
    },
    /// The turn ended in trouble. What came before stays.
    TurnFailed {
        /// The turn.
        turn: TurnId,
        /// Why.
        trouble: Trouble,
    },
    /// What is left of the plan of a provider, by its id, where somebody said so.
    PlanSeen(&'static str, Option<Share>),
    /// A list of models of a provider was found.
    ModelsListed(ModelList),
    /// The catalog on the disk can't be used; said once.
    CatalogDamaged(String),
    /// How providers stand.
    ProvidersSeen(Vec<(&'static str, Standing)>),
    /// An attempt to sign in goes on, or has ended.
    Login {
        /// The attempt.
        login: LoginId,
        /// What happened.
        news: LoginNews,
    },
    /// A browser was asked to show an address; whether there was one.
    BrowserOpened(bool),
    /// The text is on its way to the clipboard; says how.
    Copied(String),
    /// How everything stands.
    Examined(Vec<Section>),
    /// Something was done that the person asked for.
    Done(String),
    /// Something happened that the person did not ask for and should know: it stays to be read.
    Told(String),
    /// Something that the person asked for, in that pane, could not be done.
    Failed(Option<PaneId>, Trouble),
    /// The draft could not be written to the disk.
    DraftNotSaved(Trouble),
    /// A draft that was left lies ready for this pane.
    DraftFound(PaneId, Draft),
    /// The external editor was closed; the new text, or none when it was left without saving.
    EditorClosed(PaneId, Option<String>),
}

impl News {
    /// The turn that it is about, if it is about one.
    pub fn turn(&self) -> Option<TurnId> {
        match self {
            News::RoundStarted { turn, .. }
            | News::TurnRetrying { turn, .. }
            | News::TurnResumed { turn }
            | News::PartsArrived { turn, .. }
            | News::RoundFinished { turn, .. }
            | News::Prepared { turn, .. }
            | News::ToolTold { turn, .. }
            | News::ToolAsks { turn, .. }
            | News::ToolReturned { turn, .. }
            | News::TurnFailed { turn, .. } => Some(*turn),
            _ => None,
        }
    }
}
