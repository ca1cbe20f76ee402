//! `/video`, `/say`, `/transcribe` and `/jobs`; `/image` is beside `/attach`.

use super::{Command, When, no_choices};
use crate::{
    domain::{facts::Facts, job::Plea},
    flow::{intent::Intent, screen::Reply},
};

/// The screen of the jobs, with what other programs have done meanwhile.
pub fn screen() -> Reply {
    Reply { intents: vec![Intent::SeeProducts(None)], ..Reply::open("jobs") }
}

pub(super) static VIDEO: Command = Command {
    name: "video",
    also: "film movie make generate",
    takes: "WORDS",
    about: "Make a video of this; it takes a few minutes, and you can go on meanwhile",
    when: When::Always,
    choices: no_choices,
    run: |words, _| match words.trim() {
        "" => Reply::intent(Intent::Tell("A video of what? `/video a boat at dawn`".into())),
        words => Reply::intent(Intent::Make(Plea::Video(words.into()))),
    },
};

pub(super) static SAY: Command = Command {
    name: "say",
    also: "speak speech voice tts read aloud",
    takes: "[WORDS]",
    about: "Speak this, or the last answer, into a sound file",
    when: When::Always,
    choices: no_choices,
    run: say,
};

pub(super) static TRANSCRIBE: Command = Command {
    name: "transcribe",
    also: "speech to text stt listen hear",
    takes: "PATH",
    about: "Write down what is said in a sound or video file",
    when: When::Always,
    choices: no_choices,
    run: |path, _| match path.trim().trim_matches(['"', '\'']) {
        "" => Reply::intent(Intent::Tell("Which file? `/transcribe PATH`".into())),
        path => Reply::intent(Intent::Make(Plea::Transcript(path.trim_start_matches('@').into()))),
    },
};

pub(super) static JOBS: Command = Command {
    name: "jobs",
    also: "media pictures videos progress",
    takes: "",
    about: "Pictures, videos and sounds: what is being made, and what was",
    when: When::Always,
    choices: no_choices,
    run: |_, _| screen(),
};

fn say(words: &str, facts: &Facts) -> Reply {
    let last = || facts.front().conversation.last_answer().map(|answer| answer.text.clone());
    let words = Some(words.trim()).filter(|words| !words.is_empty()).map(str::to_string);
    Reply::intent(match words.or_else(last) {
        Some(text) => Intent::Make(Plea::Speech(text)),
        None => Intent::Tell("There is no answer to speak yet; `/say WORDS` speaks words of yours".into()),
    })
}
