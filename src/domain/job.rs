//! Media in the making: what was wished for, how far it is, and what came of it. A job is on the disk before anything is sent, and
//! survives the program.

use crate::domain::{
    sight::Sight,
    trouble::{Exit, Trouble, known_code},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fmt, path::PathBuf};

/// Names a job, and its file: `YYYYMMDD_HHMMSS_xxxxxx`, so that names sort by time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub String);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wished for. Pictures are named by a path, an `https` address or a data URL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Wish {
    /// A picture, new or changed.
    Image(ImageWish),
    /// A video.
    Video(VideoWish),
    /// A text, spoken.
    Speech(SpeechWish),
    /// What is said in a file, written down.
    Transcript(TranscriptWish),
}

/// A picture that is wished for (`docs/media.md` 4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageWish {
    /// What is to be seen.
    pub prompt: String,
    /// Who makes it.
    pub model: String,
    /// `16:9`
    pub shape: String,
    /// `1k` or `2k`.
    pub resolution: String,
    /// Pictures that are to be changed, or that it is made from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// How many.
    pub count: u64,
}

/// A video that is wished for (`docs/media.md` 5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoWish {
    /// What happens.
    pub prompt: String,
    /// Who makes it.
    pub model: String,
    /// `16:9`
    pub shape: String,
    /// `480p` or `720p`.
    pub resolution: String,
    /// Its length.
    pub seconds: u64,
    /// The first picture.
    #[serde(default)]
    pub first: Option<String>,
    /// Pictures of what is to be in it.
    #[serde(default)]
    pub references: Vec<String>,
}

/// A text that is to be spoken (`docs/media.md` 3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeechWish {
    /// The text, as long as it likes.
    pub text: String,
    /// `eve`
    pub voice: String,
    /// `en`
    pub language: String,
    /// A WAV file; else MP3.
    #[serde(default)]
    pub wav: bool,
}

/// A file that is to be written down (`docs/media.md` 6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TranscriptWish {
    /// The file.
    pub path: PathBuf,
    /// `en`
    pub language: String,
    /// Whether speakers are told apart.
    #[serde(default)]
    pub diarize: bool,
}

impl Wish {
    /// What it is about, in the person's words.
    pub fn subject(&self) -> String {
        match self {
            Wish::Image(wish) => wish.prompt.clone(),
            Wish::Video(wish) => wish.prompt.clone(),
            Wish::Speech(wish) => wish.text.clone(),
            Wish::Transcript(wish) => wish.path.display().to_string(),
        }
    }
    /// Who makes it, where there are several who could.
    pub fn model(&self) -> Option<&str> {
        match self {
            Wish::Image(wish) => Some(&wish.model),
            Wish::Video(wish) => Some(&wish.model),
            Wish::Speech(_) | Wish::Transcript(_) => None,
        }
    }
    /// The toolset that does it.
    pub fn toolset(&self) -> &'static str {
        match self {
            Wish::Image(_) => "image_gen",
            Wish::Video(_) => "video_gen",
            Wish::Speech(_) => "tts",
            Wish::Transcript(_) => "transcription",
        }
    }
    /// What is being made: `picture`.
    pub fn noun(&self) -> &'static str {
        match self {
            Wish::Image(_) => "picture",
            Wish::Video(_) => "video",
            Wish::Speech(_) => "speech",
            Wish::Transcript(_) => "transcript",
        }
    }
    /// Seconds that it usually takes: from, to (`docs/media.md` 4.2 and 5.2).
    pub fn usual(&self) -> (u64, u64) {
        match self {
            Wish::Image(wish) if wish.model.ends_with("-quality") => (10, 20),
            Wish::Image(_) => (5, 10),
            Wish::Video(_) => (60, 240),
            Wish::Speech(_) | Wish::Transcript(_) => (1, 10),
        }
    }
}

/// What the person asks for, in words of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plea {
    /// A picture of this; or the picture at this path, for the next question.
    Image(String),
    /// A video of this.
    Video(String),
    /// This text, spoken.
    Speech(String),
    /// What is said in the file at this path.
    Transcript(String),
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// What is wished for.
    pub wish: Wish,
    /// The provider that is asked.
    pub provider: String,
    /// The credential that it was sent with: what was begun with one account is asked for with it.
    #[serde(default)]
    pub account: String,
    /// That one is on this machine: a simulator. Its links may lead here, too.
    #[serde(default)]
    pub local: bool,
    /// Names the order at the service: two requests with one key are one, where the service knows such keys.
    #[serde(default)]
    pub key: String,
    /// When it was wished for, in seconds since 1970.
    pub made_at: i64,
    /// When it was done, or given up.
    #[serde(default)]
    pub ended_at: Option<i64>,
    /// How it stands.
    pub state: State,
    /// The service's number for it.
    #[serde(default)]
    pub remote: Option<String>,
    /// Where the results are. Such links do not last.
    #[serde(default)]
    pub links: Vec<String>,
    /// What came of it.
    #[serde(default)]
    pub product: Product,
    /// Another program is at it.
    #[serde(skip)]
    pub elsewhere: bool,
}

/// How a job stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum State {
    /// It was not sent yet.
    Waiting,
    /// It was sent, and not answered yet.
    Sent,
    /// The service is at it.
    Making {
        /// Percent, where the service tells.
        progress: Option<u64>,
    },
    /// It is done, and being fetched.
    Fetching,
    /// It is there.
    Done,
    /// It came to nothing.
    Failed(#[serde(with = "kept")] Trouble),
    /// It was sent, and nobody knows what became of it: it may have been made, and charged.
    Unknown,
    /// The person gave it up.
    Cancelled,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Product {
    /// The files.
    #[serde(default)]
    pub files: Vec<PathBuf>,
    /// What was written down.
    #[serde(default)]
    pub text: Option<String>,
    /// What can be seen of the files.
    #[serde(skip)]
    pub sights: Vec<Sight>,
    /// What else the service says of it: `duration`, `words`.
    #[serde(default)]
    pub details: Map<String, Value>,
}

impl Job {
    /// One that nobody has sent yet, for this provider.
    pub fn new(id: JobId, wish: Wish, provider: &str, made_at: i64) -> Self {
        Self {
            id,
            wish,
            provider: provider.to_string(),
            account: String::new(),
            local: false,
            key: String::new(),
            made_at,
            ended_at: None,
            state: State::Waiting,
            remote: None,
            links: vec![],
            product: Product::default(),
            elsewhere: false,
        }
    }
    /// Whether nothing more comes by itself.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Done | State::Failed(_) | State::Unknown | State::Cancelled)
    }
    /// Where it goes on when it is tried again: as far back as it has to, and no farther. Something is made, and charged, a second time
    /// only where it starts over.
    pub fn again(&self) -> State {
        let is_given_up = match &self.state {
            // the service has said that nothing comes of it
            State::Failed(trouble) => trouble.code.starts_with("media_") || trouble.code == "link_expired" && self.remote.is_none(),
            State::Unknown => true,
            _ => false,
        };
        match (&self.remote, &self.links[..]) {
            (_, [_, ..]) if !is_given_up => State::Fetching,
            (Some(_), _) if !is_given_up => State::Making { progress: None },
            _ => State::Waiting,
        }
    }
    /// Seconds that it has taken so far, or took.
    pub fn seconds(&self, now: i64) -> u64 {
        u64::try_from(self.ended_at.unwrap_or(now).saturating_sub(self.made_at)).unwrap_or(0)
    }
    /// How far it is, from 0 to 1, where the service tells.
    pub fn share(&self) -> Option<f64> {
        match self.state {
            State::Making { progress: Some(percent) } => Some(percent.min(100) as f64 / 100.0),
            _ => None,
        }
    }
    /// The same; where the service does not tell, the time that it usually takes says how far it may be.
    pub fn guess(&self, now: i64) -> f64 {
        self.share().unwrap_or_else(|| (self.seconds(now) as f64 / self.wish.usual().1.max(1) as f64).min(0.95))
    }
}

/// A trouble on the disk. A code that this version does not know becomes a plain failure.
mod kept {
    use super::{Exit, Trouble, known_code};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Kept {
        code: String,
        message: String,
        #[serde(default)]
        help: Option<String>,
        #[serde(default)]
        sign_in: bool,
    }

    pub fn serialize<S: Serializer>(trouble: &Trouble, to: S) -> Result<S::Ok, S::Error> {
        let Trouble { code, message, help, exit, .. } = trouble.clone();
        Kept { code: code.into(), message, help, sign_in: exit == Exit::SignIn }.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Trouble, D::Error> {
        let kept = Kept::deserialize(from)?;
        let code = known_code(&kept.code).unwrap_or("server_error");
        let exit = if kept.sign_in { Exit::SignIn } else { Exit::Failed };
        Ok(Trouble { help: kept.help, ..Trouble::new(code, kept.message).exit(exit) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(state: State) -> Job {
        let wish = Wish::Speech(SpeechWish { text: "hello".into(), voice: "eve".into(), language: "en".into(), wav: false });
        Job { state, ..Job::new(JobId("20260101_000000_abcdef".into()), wish, "xai", 100) }
    }

    #[test]
    fn a_job_is_the_same_after_a_night_on_the_disk() {
        let trouble = Trouble::new("media_refused", "No").help("ask nicely");
        for state in [State::Waiting, State::Making { progress: Some(40) }, State::Failed(trouble), State::Unknown] {
            let job = job(state);
            let text = serde_json::to_string(&job).unwrap();
            assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job, "{text}");
        }
    }

    #[test]
    fn what_is_tried_again_goes_back_no_farther_than_it_has_to() {
        let with = |state, remote: bool, links: bool| {
            let remote = remote.then(|| "r".to_string());
            Job { remote, links: links.then(|| "l".to_string()).into_iter().collect(), ..job(state) }.again()
        };
        let failed = |code| State::Failed(Trouble::new(code, "No"));
        assert_eq!(with(failed("unreachable"), true, false), State::Making { progress: None });
        assert_eq!(with(failed("file_unwritable"), true, true), State::Fetching);
        assert_eq!(with(State::Cancelled, true, false), State::Making { progress: None });
        assert_eq!(with(failed("media_refused"), true, false), State::Waiting);
        assert_eq!(with(failed("unreachable"), false, false), State::Waiting);
        assert_eq!(with(State::Unknown, false, false), State::Waiting);
    }
}
