//! What models may use: toolsets are switched, rules are taken back. It counts from the next request on, in every conversation.

use crate::{
    domain::{
        conversation::Outcome,
        facts::{Facts, Trial},
        pane::PaneId,
        tool::{Rule, Tool, Toolset},
    },
    flow::effect::Effect,
};
use std::sync::Arc;

/// Switches a toolset on or off, for good.
pub fn switch(facts: &mut Facts, name: String, on: bool) -> Vec<Effect> {
    let Some(set) = facts.tools.sets.iter_mut().find(|set| set.name == name) else { return vec![] };
    if set.on == on {
        return vec![];
    }
    set.on = on;
    if set.served {
        // what it has is known when it has told it anew
        (set.tools, set.barred, set.ails) = (vec![], None, None);
    }
    let servers = if set.served { run_servers(facts) } else { None };
    std::iter::once(Effect::KeepToolset(name, on)).chain(servers).collect()
}

/// Runs the servers that are on; nothing where none is known.
pub fn run_servers(facts: &mut Facts) -> Option<Effect> {
    let served = || facts.tools.sets.iter().filter(|set| set.served);
    let on = served().filter(|set| set.on).map(|set| set.name.to_string()).collect();
    served().next().is_some().then_some(Effect::RunServers(on))
}

/// Tries a toolset; what came is seen in its settings.
pub fn try_one(facts: &mut Facts, at: PaneId, name: String) -> Vec<Effect> {
    let provider = facts.panes.at(at).choice.provider;
    let Some(set) = facts.tools.sets.iter().find(|set| set.name == name) else { return vec![] };
    if !set.can_try && set.backend.is_none() {
        let output = "It is tried by asking a model for something that needs it.";
        facts.trial = Some(Trial { set: name, outcome: Some(Outcome { ok: true, output: output.into(), ..Outcome::default() }) });
        return vec![];
    }
    facts.trial = Some(Trial { set: name.clone(), outcome: None });
    vec![Effect::TryToolset(name, provider)]
}

/// Another model does what a toolset does, for good.
pub fn choose_model(facts: &mut Facts, name: String, model: &'static str) -> Vec<Effect> {
    let Some(set) = facts.tools.sets.iter_mut().find(|set| set.name == name) else { return vec![] };
    set.model = Some(model.to_string());
    vec![Effect::KeepToolModel(name, model)]
}

/// A server told its tools, or why it has none.
pub fn served(facts: &mut Facts, name: &str, stands: Result<Vec<Arc<Tool>>, String>) {
    // one that was switched off meanwhile is off
    let is_it = |set: &&mut Toolset| set.served && set.name == name && set.on;
    let Some(set) = facts.tools.sets.iter_mut().find(is_it) else { return };
    match stands {
        Ok(tools) => (set.tools, set.barred, set.ails) = (tools, None, None),
        Err(why) if set.tools.is_empty() => set.barred = Some(why),
        // it is being started again: a call waits for it, and the list of tools stays what it was
        Err(why) => set.ails = Some(why),
    }
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
        domain::tool::Standing,
        flow::intent::Intent,
        update::tests::{facts, wish},
    };

    #[test]
    fn a_toolset_that_is_switched_counts_at_once_and_is_kept() {
        let mut facts = facts();
        facts.tools.sets = vec![Toolset {
            name: "todo".into(),
            label: "x".into(),
            tools: vec![],
            backend: None,
            model: None,
            can_try: false,
            on: false,
            barred: None,
            served: false,
            ails: None,
        }];
        let switch = |facts: &mut Facts, on| wish(facts, Intent::SwitchToolset("todo".into(), on));
        assert_eq!(switch(&mut facts, true), [Effect::KeepToolset("todo".into(), true)]);
        let stands = |facts: &Facts, n: usize| facts.tools.sets[n].effective(&facts.means(&facts.front().choice));
        assert_eq!(stands(&facts, 0), Standing::Ready);
        assert!(switch(&mut facts, true).is_empty(), "nothing changes");
        assert!(wish(&mut facts, Intent::SwitchToolset("nobody".into(), true)).is_empty());
        // one of a server is started and stopped with it, and is usable when it has told its tools
        let mcp = |name: &str| Toolset {
            name: name.to_string().into(),
            label: "x".into(),
            tools: vec![],
            backend: None,
            model: None,
            can_try: false,
            on: true,
            barred: None,
            served: true,
            ails: None,
        };
        facts.tools.sets.extend([mcp("files"), mcp("mail")]);
        assert_eq!(wish(&mut facts, Intent::RunServers), [Effect::RunServers(vec!["files".into(), "mail".into()])]);
        let off = wish(&mut facts, Intent::SwitchToolset("files".into(), false));
        assert_eq!(off, [Effect::KeepToolset("files".into(), false), Effect::RunServers(vec!["mail".into()])]);
        served(&mut facts, "files", Err("it comes too late".into()));
        served(&mut facts, "mail", Err("it is down".into()));
        let standings = [stands(&facts, 1), stands(&facts, 2)];
        assert_eq!(standings, [Standing::Off, Standing::Unusable("it is down".into())]);
        // what keeps one from being used does so after it was switched off and on, too
        facts.tools.sets[0].barred = Some("another has it".into());
        switch(&mut facts, false);
        switch(&mut facts, true);
        assert_eq!(stands(&facts, 0), Standing::Unusable("another has it".into()));
        let rule = Rule::Command("ls".into());
        facts.tools.rules.push(rule.clone());
        assert_eq!(wish(&mut facts, Intent::DropRule(rule.clone())), [Effect::DropRule(rule.clone())]);
        assert!(wish(&mut facts, Intent::DropRule(rule)).is_empty() && facts.tools.rules.is_empty());
    }
}
