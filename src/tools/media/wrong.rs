//! What can go wrong with a job, in sentences.

use crate::{
    domain::{job::Wish, trouble::Trouble},
    tools::xai::{Cause, Failed},
};

/// The trouble of a job whose request failed.
pub(super) fn trouble(failed: Failed, wish: &Wish) -> Trouble {
    let noun = wish.noun();
    match failed.cause {
        Cause::Uncertain => unknown(wish).raw(failed.trouble.message),
        Cause::Moderated(said) => {
            let said = said.trim_end_matches('.');
            let why = if said.is_empty() { String::new() } else { format!(": {said}") };
            Trouble::new("media_refused", format!("The service does not make this {noun}{why}"))
                .help("say it in another way, then try again")
        }
        Cause::TooLarge => Trouble::new("attachment_unusable", format!("What goes with the {noun} is too large for the service"))
            .help("make the file smaller, then try again"),
        Cause::Nowhere(said) if !said.is_empty() => {
            Trouble::new("model_unknown", format!("xAI does not know it: {}", said.trim_end_matches('.'))).help("name another one")
        }
        Cause::Nowhere(_) | Cause::Other => neutral(failed.trouble),
    }
}

/// It was sent, and nobody knows what became of it.
pub(super) fn unknown(wish: &Wish) -> Trouble {
    Trouble::new("media_unknown", format!("The {} was ordered, and nobody knows what became of it; it may have been charged", wish.noun()))
        .help("try again if it has to be; it is then ordered a second time")
}

/// Help that speaks of the conversation is of no use to a job.
pub(super) fn neutral(mut trouble: Trouble) -> Trouble {
    if trouble.help.as_ref().is_some_and(|help| help.contains("/retry")) {
        trouble.help = Some("try again".into());
    }
    trouble
}
