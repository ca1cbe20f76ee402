//! Tools as data: what a model may call, in which words a call is told, and what somebody has to allow first.

use std::{borrow::Cow, fmt, sync::Arc};

/// Text that is built in, or that a server of somebody else's gave.
pub type Text = Cow<'static, str>;

/// What calling a tool may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Risk {
    /// It looks, and changes nothing: nobody is asked, and several run side by side.
    Reads,
    /// It may change something: whether somebody is asked, the call itself says.
    Changes,
}

/// A tool in three moments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// While it runs: `Reading`.
    pub doing: Text,
    /// Afterwards: `Read`.
    pub done: Text,
    /// The argument that says what it is about: `path`; of several the first that there is.
    pub subject: &'static [&'static str],
}

/// Tools that are not done by an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// The list of what is to be done: the loop keeps it.
    Todo,
    /// A question to the person.
    Clarify,
    /// The service that answers does it by itself, and tells what it did.
    Service,
}

/// What has to be there before a tool can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Needs {
    /// Nothing.
    #[default]
    Nothing,
    /// A model that takes pictures.
    Sight,
    /// A service that does it by itself.
    Service,
    /// A sign-in at xAI, or a key.
    Xai,
}

/// What there is, for one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Means {
    /// Its model takes pictures.
    pub sees: bool,
    /// Its service searches by itself.
    pub searches: bool,
    /// There is a sign-in at xAI, or a key; not known before somebody looked.
    pub xai: Option<bool>,
}

impl Needs {
    /// Why it can't be used, the end of a sentence; none when it can.
    pub fn missing(self, means: &Means) -> Option<&'static str> {
        match self {
            Needs::Sight if !means.sees => Some("this model takes no pictures"),
            Needs::Service if !means.searches => Some("only xAI's models search by themselves"),
            Needs::Xai if means.xai == Some(false) => Some("no xAI credentials found: sign in with /login, or set XAI_API_KEY"),
            _ => None,
        }
    }
}

/// One function that a model may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// The name that the model uses.
    pub name: Text,
    /// In which words a call is told.
    pub words: Words,
    /// What the model is told about it.
    pub about: Text,
    /// The schema of its arguments, JSON text: read when a request is made, not before the first picture.
    pub takes: Text,
    /// What calling it may do.
    pub risk: Risk,
    /// Who answers, if it is not an effect.
    pub own: Option<Own>,
    /// What has to be there.
    pub needs: Needs,
}

/// Tools that belong together and are switched together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolset {
    /// The name in the configuration.
    pub name: Text,
    /// What people read, with its sign.
    pub label: Text,
    /// Its tools.
    pub tools: Vec<Arc<Tool>>,
    /// Who does it, where that is a service.
    pub backend: Option<&'static Backend>,
    /// The model that does it, where there is a choice.
    pub model: Option<String>,
    /// Whether it can be tried.
    pub can_try: bool,
    /// Whether it is switched on.
    pub on: bool,
    /// Why it can't be used although it is on, whatever else there is: the end of a sentence.
    pub barred: Option<String>,
    /// Its tools are those of a server of somebody else's, known when it has told them.
    pub served: bool,
    /// What its server suffers from now; its tools are offered all the same, for it may come back.
    pub ails: Option<String>,
}

impl Toolset {
    /// Its effective state with what there is: one that is on, and none of whose tools can be used, says why.
    pub fn effective(&self, means: &Means) -> Standing {
        // nothing as soon as one of its tools lacks nothing
        let missing: Option<Vec<&str>> = self.tools.iter().map(|tool| tool.needs.missing(means)).collect();
        match (self.on, &self.barred, missing.and_then(|all| all.first().copied())) {
            (false, ..) => Standing::Off,
            (true, Some(why), _) => Standing::Unusable(why.clone()),
            (true, None, Some(why)) => Standing::Unusable(why.into()),
            (true, None, None) => Standing::Ready,
        }
    }
}

/// A service that does what a toolset is for.
#[derive(Debug, PartialEq, Eq)]
pub struct Backend {
    /// What people read: `xAI TTS`.
    pub name: &'static str,
    /// The models that can do it; none where there is no choice.
    pub models: &'static [&'static str],
}

/// The effective state of a toolset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// On, and usable.
    Ready,
    /// On, and not usable: why, the end of a sentence.
    Unusable(String),
    /// Off.
    Off,
}

/// Services take no more tools with a request (`docs/xai.md` 4.7).
pub const MOST_TOOLS: usize = 128;

/// What the model may use, and what it need not ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// In the order of the screens.
    pub sets: Vec<Toolset>,
    /// What is allowed for good.
    pub rules: Vec<Rule>,
    /// Who answers when a call has to be allowed.
    pub approvals: Approvals,
    /// Rounds that one question may take.
    pub most_rounds: u32,
    /// How many calls that look only run side by side.
    pub side_by_side: usize,
    /// The folder that they begin in; empty where no tools are used.
    pub folder: String,
    /// Whether what the folder and the home say to the model is read when a conversation begins.
    pub reads_context: bool,
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            sets: vec![],
            rules: vec![],
            approvals: Approvals::Ask,
            most_rounds: 90,
            side_by_side: 8,
            folder: String::new(),
            reads_context: false,
        }
    }
}

/// Who answers when a call has to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Approvals {
    /// The person.
    #[default]
    Ask,
    /// Nobody is there: no.
    Refuse,
    /// Nobody is asked: yes.
    Yes,
}

impl Tools {
    /// The tools that a model is offered, with what there is; those that are built in come first, and services take no more.
    pub fn offered(&self, means: Means) -> impl Iterator<Item = &Arc<Tool>> {
        self.on().filter(move |tool| tool.needs.missing(&means).is_none()).take(MOST_TOOLS)
    }
    /// Names of the toolsets that are usable, and of their tools.
    pub fn names(&self, means: Means) -> Vec<String> {
        let sets = self.sets.iter().filter(|set| set.effective(&means) == Standing::Ready).map(|set| set.name.to_string());
        sets.chain(self.offered(means).map(|tool| tool.name.to_string())).collect()
    }
    /// The tools that are switched on.
    fn on(&self) -> impl Iterator<Item = &Arc<Tool>> {
        self.sets.iter().filter(|set| set.on && set.barred.is_none()).flat_map(|set| &set.tools)
    }
    /// A tool that is on, by the name that the model used.
    pub fn named(&self, name: &str) -> Option<&Arc<Tool>> {
        let plain = |name: &str| name.to_lowercase().replace('-', "_");
        self.on().find(|tool| tool.name == name).or_else(|| self.on().find(|tool| plain(&tool.name) == plain(name)))
    }
}

/// What is told of a skill before it is read (`docs/tools.md` 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Its name.
    pub name: String,
    /// What it is filed under.
    pub category: String,
    /// What it is good for.
    pub about: String,
    /// Tools and toolsets without which it is of no use.
    pub requires: Vec<String>,
    /// Tools and toolsets that do the same better.
    pub steps_back_for: Vec<String>,
}

impl Skill {
    /// Whether it is of use beside these tools and toolsets.
    pub fn fits(&self, offered: &[String]) -> bool {
        self.requires.iter().all(|name| offered.contains(name)) && !self.steps_back_for.iter().any(|name| offered.contains(name))
    }
}

/// What was allowed for more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Exactly this command.
    Command(String),
    /// Any change of files below this folder.
    FilesBelow(String),
    /// Any call of this tool of a server: `SERVER/TOOL`.
    Tool(String),
}

/// How rules for files begin in the configuration…
const FILES_BELOW: &str = "files below ";
/// …and those for tools of servers; all others are commands.
const TOOL: &str = "mcp tool ";

impl Rule {
    /// A rule as it stands in the configuration.
    pub fn read(text: &str) -> Self {
        match text.strip_prefix(FILES_BELOW) {
            Some(folder) if folder.starts_with('/') => Self::FilesBelow(folder.to_string()),
            _ => match text.strip_prefix(TOOL) {
                Some(name) if name.contains('/') => Self::Tool(name.to_string()),
                _ => Self::Command(text.to_string()),
            },
        }
    }
}

impl Rule {
    /// Whether it reads back as itself: a command that looks like a rule for files holds in its conversation alone.
    pub fn can_be_kept(&self) -> bool {
        Self::read(&self.to_string()) == *self
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(command) => f.write_str(command),
            Self::FilesBelow(folder) => write!(f, "{FILES_BELOW}{folder}"),
            Self::Tool(name) => write!(f, "{TOOL}{name}"),
        }
    }
}

/// What has to be allowed before it is done: all that a person needs to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The question: `Run this command?`
    pub title: String,
    /// What would be done, in full: the command, the changes as a diff.
    pub what: Shown,
    /// Where: a folder, as people write it.
    pub place: String,
    /// What is dangerous about it, each in a few words.
    pub dangers: Vec<String>,
    /// What is allowed when it is allowed for more than once.
    pub rule: Rule,
    /// Tells this request from another one: what is done must be what was allowed.
    pub stamp: u64,
}

/// What the person says to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, this time.
    Once,
    /// Yes, in this conversation.
    Here,
    /// Yes, for good.
    Always,
    /// No; with words for the model, or without.
    No(Option<String>),
    /// The answer to a question of the model's; empty when the person leaves it open.
    Words(String),
}

/// Something that is shown as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Text, a shell command for instance.
    Text(Arc<str>),
    /// A unified diff.
    Diff(Arc<str>),
}

impl Shown {
    /// The words of it.
    pub fn text(&self) -> &Arc<str> {
        match self {
            Self::Text(text) | Self::Diff(text) => text,
        }
    }
}

/// A thing to do, of the model's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The model's id of it.
    pub id: String,
    /// What is to be done.
    pub content: String,
    /// How far it is.
    pub status: Status,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not begun.
    Pending,
    /// Under way.
    InProgress,
    /// Done.
    Completed,
    /// Given up.
    Cancelled,
}

impl Status {
    /// All of them, by the names that models use.
    pub const ALL: [(&'static str, Status); 4] = [
        ("pending", Status::Pending),
        ("in_progress", Status::InProgress),
        ("completed", Status::Completed),
        ("cancelled", Status::Cancelled),
    ];
    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, status)| *status == self).map_or("", |(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_back_as_they_were_written() {
        for rule in [Rule::Command("rm -r build".into()), Rule::FilesBelow("/home/me/a b".into()), Rule::Tool("a b/c".into())] {
            assert_eq!(Rule::read(&rule.to_string()), rule);
        }
        assert!(!Rule::Command("files below /".into()).can_be_kept() && !Rule::Command("mcp tool a/b".into()).can_be_kept());
        assert_eq!(Rule::read("files below "), Rule::Command("files below ".into()));
    }
}
