//! What is left of the plan: asked for when somebody wants to see it, or now and then where the settings say so.

use crate::{
    accounts::plan::has_plan,
    domain::{
        facts::Facts,
        plan::{Plan, Share},
    },
    flow::effect::Effect,
};

/// Where the settings say `always`, it is asked for no more often than this, in milliseconds.
const EVERY: u64 = 15 * 60 * 1_000;

/// Somebody wants to see it.
pub(super) fn see(facts: &mut Facts) -> Vec<Effect> {
    let provider = facts.front().choice.provider;
    if !has_plan(provider) {
        // what belongs to somebody else's plan is not shown beside this one
        facts.plan = Plan::Unasked;
        return vec![];
    }
    facts.plan = Plan::Asked(facts.clock.now, facts.plan.share().cloned());
    vec![Effect::SeePlan(provider)]
}

/// A turn has ended, or the chat was opened.
pub(super) fn look(facts: &mut Facts) -> Vec<Effect> {
    let is_due = facts.plan.asked_at().is_none_or(|at| facts.clock.now.saturating_sub(at) >= EVERY);
    if facts.look.plan_always && is_due { see(facts) } else { vec![] }
}

/// It was answered, or not.
pub(super) fn seen(facts: &mut Facts, share: Option<Share>) {
    let at = facts.plan.asked_at().unwrap_or(facts.clock.now);
    facts.plan = Plan::Told(at, share);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::plan::Span, providers, update::tests::facts};

    #[test]
    fn it_is_asked_for_when_it_is_wanted_and_no_more_often_than_said() {
        let mut facts = facts();
        assert_eq!(look(&mut facts), [], "nobody asked");
        assert_eq!(see(&mut facts).len(), 1);
        let share = Share { used: 38.0, span: Span::Week, ends: None, products: vec![] };
        seen(&mut facts, Some(share.clone()));
        assert_eq!(facts.plan.share(), Some(&share));
        facts.look.plan_always = true;
        assert_eq!(look(&mut facts), [], "not so soon");
        facts.clock.now += EVERY;
        assert_eq!(look(&mut facts).len(), 1);
        assert_eq!(facts.plan.share(), Some(&share), "what was known stays until there is an answer");
        seen(&mut facts, None);
        assert_eq!(facts.plan.share(), None, "no answer, no line");
        facts.panes.front_mut().choice.provider = providers::named("ollama").unwrap();
        assert_eq!(see(&mut facts), []);
    }
}
