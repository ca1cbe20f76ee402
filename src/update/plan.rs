//! What is left of the plan: asked for when somebody wants to see it, or now and then where the settings say so.

use crate::{accounts::plan::has_plan, domain::facts::Facts, flow::effect::Effect};

/// Where the settings say `always`, it is asked for no more often than this, in milliseconds.
const EVERY: u64 = 15 * 60 * 1_000;

/// Somebody wants to see it.
pub(super) fn see(facts: &mut Facts) -> Vec<Effect> {
    let provider = facts.front().choice.provider;
    if !has_plan(provider) {
        return vec![];
    }
    facts.plan.ask(provider.id, facts.clock.now);
    vec![Effect::SeePlan(provider)]
}

/// A turn has ended, or the chat was opened.
pub(super) fn look(facts: &mut Facts) -> Vec<Effect> {
    let asked_at = facts.plan.asked_at(facts.front().choice.provider.id);
    let is_due = asked_at.is_none_or(|at| facts.clock.now.saturating_sub(at) >= EVERY);
    if facts.look.plan_always && is_due { see(facts) } else { vec![] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::plan::{Share, Span},
        providers,
        update::tests::facts,
    };

    #[test]
    fn it_is_asked_for_when_it_is_wanted_and_no_more_often_than_said() {
        let mut facts = facts();
        assert_eq!(look(&mut facts), [], "nobody asked");
        assert_eq!(see(&mut facts).len(), 1);
        let share = Share { used: 38.0, span: Span::Week, ends: None, products: vec![] };
        facts.plan.told("sandbox", Some(share.clone()));
        assert_eq!(facts.plan.share("sandbox"), Some(&share));
        assert_eq!(facts.plan.share("xai-oauth"), None, "nobody else's");
        facts.look.plan_always = true;
        assert_eq!(look(&mut facts), [], "not so soon");
        facts.clock.now += EVERY;
        assert_eq!(look(&mut facts).len(), 1);
        assert_eq!(facts.plan.share("sandbox"), Some(&share), "what was known stays until there is an answer");
        facts.plan.told("xai-oauth", None);
        assert!(facts.plan.is_asked("sandbox"), "an answer about another one");
        facts.plan.told("sandbox", None);
        assert_eq!(facts.plan.share("sandbox"), None, "no answer, no line");
        facts.panes.front_mut().choice.provider = providers::named("ollama").unwrap();
        assert_eq!(see(&mut facts), []);
    }
}
