//! A call of a tool that makes something: a job, which the call waits for. When the turn is stopped the job goes on.

use super::result;
use crate::{
    domain::job::{Job, State, Wish},
    tools::{Call, Returned},
};

/// Has a wish made.
pub(super) async fn make(call: &Call<'_>, wish: Wish, size: Option<u64>) -> Returned {
    if let Err((kind, why)) = result::check(&wish, size) {
        return result::refused(&wish, kind, &why);
    }
    let jobs = &call.workshop.jobs;
    let tell = |job: &Job| {
        if let State::Making { progress: Some(percent) } = job.state {
            (call.tell)(&format!("{percent} %\n"));
        }
    };
    let over = match jobs.begin(wish.clone(), call.order.provider).await {
        Ok(id) => jobs.over(&id, tell).await,
        Err(trouble) => return result::refused(&wish, "io_error", &trouble.sentence()),
    };
    match over {
        Some(job) => result::returned(&job),
        None => result::refused(&wish, "cancelled", "The person has taken it back."),
    }
}

/// Paths that a model names, as they are seen from the working folder of the conversation; what is no path stays as it is.
pub(super) fn seen_from(call: &Call<'_>, named: String) -> String {
    super::absolute(named, &call.workshop.bench(&call.order.conversation).folder(), &call.workshop.services)
}
