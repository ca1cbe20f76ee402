//! Media in the making: each change of a job is seen wherever it is shown.

use crate::{
    domain::{
        conversation::Body,
        facts::Facts,
        job::{Job, JobId},
        pane::PaneId,
        sight::{Sight, Way},
    },
    flow::{effect::Effect, input::Told},
};
use std::sync::Arc;

/// A job that the person wished for has its place in the conversation in which they did.
pub fn begun(facts: &mut Facts, pane: PaneId, id: &JobId) {
    let Some(job) = facts.jobs.iter().find(|job| job.id == *id).cloned() else { return };
    if facts.panes.holds(pane) {
        facts.add(pane, Body::Making(job));
    }
}

/// A job has changed, or was found.
pub fn stands(facts: &mut Facts, job: Arc<Job>) -> Vec<Effect> {
    for id in facts.panes.ids() {
        facts.panes.at_mut(id).conversation.made(&job);
    }
    let before = match facts.jobs.binary_search_by(|there| there.id.cmp(&job.id)) {
        Ok(at) => Some(std::mem::replace(&mut facts.jobs[at], job.clone())),
        Err(at) => {
            facts.jobs.insert(at, job.clone());
            None
        }
    };
    let is_new = |sight: &&Sight| before.as_ref().is_none_or(|before| !before.product.sights.contains(sight));
    // what is laid over cells is made ready when it rests there
    let way = facts.look.canvas.way();
    let sent = job.product.sights.iter().filter(|sight| matches!(way, Way::ByName { .. }) && sight.thumb.id().is_some() && is_new(sight));
    let sent = sent.cloned().map(|sight| Effect::SendPicture(sight, way)).collect();
    // one that comes to its end while somebody is there
    if job.is_over() && before.as_ref().is_some_and(|before| !before.is_over()) {
        let (noun, end) =
            (job.wish.noun(), if job.product.files.is_empty() && job.product.text.is_none() { "is over" } else { "is there" });
        facts.flash = Some((format!("The {noun} {end}; F5 shows it"), facts.clock.now));
    }
    sent
}

/// The terminal has told something of itself.
pub fn terminal(facts: &mut Facts, told: Told) -> Vec<Effect> {
    let (canvas, herald) = (&mut facts.look.canvas, &mut facts.look.herald);
    match &told {
        Told::Name(name) => herald.named(name),
        Told::BehindTmux(name) => herald.behind_tmux(name),
        Told::Focus(focus) => herald.looked_at(*focus),
        Told::Sixel(_) | Told::Cell(..) => {}
    }
    match told {
        Told::Name(name) if canvas.named(&name) => return vec![Effect::AskTmux],
        Told::Name(_) | Told::Focus(_) => {}
        Told::Sixel(sixel) => canvas.draws_sixel(sixel),
        Told::Cell(width, height) => canvas.has_cells((width, height)),
        Told::BehindTmux(name) => canvas.behind_tmux(&name),
    }
    vec![]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::job::{SpeechWish, State, Wish},
        update::tests::facts,
    };

    #[test]
    fn a_job_is_seen_where_it_was_wished_for() {
        let mut facts = facts();
        let job = |id: &str, state| {
            let wish = Wish::Speech(SpeechWish { text: "x".into(), voice: "eve".into(), language: "en".into(), wav: false });
            Arc::new(Job { state, ..Job::new(JobId(id.into()), wish, "xai", 0) })
        };
        stands(&mut facts, job("b", State::Waiting));
        stands(&mut facts, job("a", State::Done));
        assert_eq!(facts.jobs.iter().map(|job| job.id.0.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(facts.flash, None, "what was over before says nothing");
        let front = facts.panes.front_id();
        begun(&mut facts, front, &JobId("b".into()));
        begun(&mut facts, front, &JobId("gone".into()));
        stands(&mut facts, job("b", State::Done));
        let last = facts.front().conversation.entries.last().map(|entry| entry.body.clone());
        assert_eq!(last, Some(Body::Making(job("b", State::Done))));
        assert_eq!((facts.front().conversation.entries.len(), facts.flashing()), (1, Some("The speech is over; F5 shows it")));
    }
}
