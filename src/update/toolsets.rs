//! What models may use: toolsets are switched, rules are taken back. It counts from the next request on, in every conversation.

use crate::{
    domain::{
        facts::Facts,
        tool::{Rule, Standing},
    },
    flow::effect::Effect,
};

/// Switches a toolset on or off, for good.
pub fn switch(facts: &mut Facts, name: String, on: bool) -> Vec<Effect> {
    let Some(set) = facts.tools.sets.iter_mut().find(|set| set.name == name) else { return vec![] };
    let is_on = set.standing != Standing::Off;
    if is_on == on {
        return vec![];
    }
    set.standing = if on { Standing::Ready } else { Standing::Off };
    vec![Effect::KeepToolset(name, on)]
}

/// What was allowed for good is asked for again.
pub fn drop_rule(facts: &mut Facts, rule: Rule) -> Vec<Effect> {
    let before = facts.tools.rules.len();
    facts.tools.rules.retain(|there| *there != rule);
    // a conversation that was told `always` meant itself, too
    for id in facts.panes.ids() {
        facts.panes.at_mut(id).allowed.retain(|there| *there != rule);
    }
    if facts.tools.rules.len() < before { vec![Effect::DropRule(rule)] } else { vec![] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::tool::Toolset,
        flow::intent::Intent,
        update::tests::{facts, wish},
    };

    #[test]
    fn a_toolset_that_is_switched_counts_at_once_and_is_kept() {
        let mut facts = facts();
        facts.tools.sets = vec![Toolset { name: "todo".into(), label: "x".into(), tools: vec![], standing: Standing::Off }];
        let switch = |facts: &mut Facts, on| wish(facts, Intent::SwitchToolset("todo".into(), on));
        assert_eq!(switch(&mut facts, true), [Effect::KeepToolset("todo".into(), true)]);
        assert_eq!(facts.tools.sets[0].standing, Standing::Ready);
        assert!(switch(&mut facts, true).is_empty(), "nothing changes");
        assert!(wish(&mut facts, Intent::SwitchToolset("nobody".into(), true)).is_empty());
        let rule = Rule::Command("ls".into());
        facts.tools.rules.push(rule.clone());
        assert_eq!(wish(&mut facts, Intent::DropRule(rule.clone())), [Effect::DropRule(rule.clone())]);
        assert!(wish(&mut facts, Intent::DropRule(rule)).is_empty() && facts.tools.rules.is_empty());
    }
}
