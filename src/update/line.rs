//! Shell lines of the person's own (`!ls`): they run at once, their output is shown, and the model is told of them with the next
//! question.

use crate::{
    domain::{
        conversation::{Body, Call, EntryId, Outcome, Told, Use, Used},
        facts::Facts,
        pane::{Draft, PaneId},
    },
    flow::effect::{Effect, LineOrder},
};

/// Runs a line in a pane; one at a time.
pub fn run(facts: &mut Facts, at: PaneId, draft: &Draft) -> Vec<Effect> {
    let text = draft.expanded();
    let command = text.trim().trim_start_matches('!').trim().to_string();
    if command.is_empty() {
        return vec![];
    }
    if facts.panes.at(at).line.is_some() {
        return super::tell(facts, "A line is still running here; Esc stops it");
    }
    facts.remember(&text);
    let now = facts.clock.now;
    let told = Some(Told { doing: "!".into(), done: "!".into(), subject: command.clone() });
    let call = Call { name: "!".into(), arguments: command.clone(), ..Call::default() };
    let state = Used::Running { since: now, printed: String::new() };
    let entry = facts.add(at, Body::Ran(Use { call, round: 0, made: None, told, state }));
    let pane = facts.panes.at_mut(at);
    pane.draft = Draft::default();
    pane.line = Some(entry);
    let conversation = pane.conversation.id.clone();
    let kept = if pane.queue.is_empty() { Effect::WipeDraft(at) } else { super::pane::journal(pane) };
    vec![Effect::KeepHistory(text), kept, Effect::RunLine(Box::new(LineOrder { pane: at, conversation, entry, command }))]
}

/// Stops the line that runs in a pane.
pub fn stop(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let pane = facts.panes.at_mut(at);
    let Some(entry) = pane.line.take() else { return vec![] };
    if let Some(Body::Ran(used)) = pane.conversation.get_mut(entry) {
        used.stop();
    }
    vec![Effect::StopLine(at)]
}

/// It prints.
pub fn told(facts: &mut Facts, at: PaneId, entry: EntryId, text: &str) {
    if facts.panes.holds(at)
        && facts.panes.at(at).line == Some(entry)
        && let Some(Body::Ran(used)) = facts.panes.at_mut(at).conversation.get_mut(entry)
    {
        used.printed(text);
    }
}

/// It has ended.
pub fn ended(facts: &mut Facts, at: PaneId, entry: EntryId, outcome: Outcome) {
    if !facts.panes.holds(at) || facts.panes.at(at).line != Some(entry) {
        return;
    }
    let now = facts.clock.now;
    let pane = facts.panes.at_mut(at);
    pane.line = None;
    if let Some(Body::Ran(used)) = pane.conversation.get_mut(entry) {
        used.end(outcome, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::conversation::{Answer, Said},
        flow::{intent::Intent, news::News},
        update::{
            on_news,
            tests::{facts, wish},
        },
    };

    #[test]
    fn a_line_runs_at_once_and_is_told_with_the_next_question() {
        let mut facts = facts();
        let effects = wish(&mut facts, Intent::RunLine(Draft::new("!ls -l")));
        let Some(Effect::RunLine(order)) = effects.last() else { panic!("{effects:?}") };
        assert_eq!(order.command, "ls -l");
        let (pane, entry) = (order.pane, order.entry);
        assert_eq!(wish(&mut facts, Intent::RunLine(Draft::new("!pwd"))), [], "one at a time");
        on_news(&mut facts, News::LineTold { pane, entry, text: "a\n".into() });
        let outcome = Outcome { ok: true, happened: true, output: "a\nb\n".into(), ..Outcome::default() };
        on_news(&mut facts, News::LineEnded { pane, entry, outcome });
        assert!(facts.front().line.is_none());
        let sent = |facts: &Facts| {
            let words = |entry: &std::sync::Arc<crate::domain::conversation::Entry>| match &entry.body {
                Body::Said(Said { text, .. }) | Body::Answered(Answer { text, .. }) => text.clone(),
                other => panic!("{other:?}"),
            };
            facts.front().conversation.to_send().iter().map(words).collect::<Vec<_>>()
        };
        assert!(sent(&facts).is_empty(), "it waits for a question");
        wish(&mut facts, Intent::Ask(Draft::new("what is b?")));
        let first = sent(&facts).remove(0);
        assert!(first.contains("$ ls -l\na\nb") && first.ends_with("what is b?"), "{first}");
        // also after a question that got no answer
        wish(&mut facts, Intent::StopTurn);
        let Some(Effect::RunLine(order)) = wish(&mut facts, Intent::RunLine(Draft::new("!date"))).pop() else { panic!("it does not run") };
        let outcome = Outcome { ok: true, happened: true, output: "Monday".into(), ..Outcome::default() };
        on_news(&mut facts, News::LineEnded { pane, entry: order.entry, outcome });
        wish(&mut facts, Intent::Ask(Draft::new("and now?")));
        let all = sent(&facts).join(" ");
        assert!(all.contains("$ ls -l") && all.contains("$ date\nMonday") && !all.contains("what is b?"), "{all}");
        // a line that is stopped is told as far as it came
        let effects = wish(&mut facts, Intent::RunLine(Draft::new("!sleep 9")));
        assert!(matches!(effects.last(), Some(Effect::RunLine(_))), "also while an answer comes");
        assert_eq!(wish(&mut facts, Intent::StopLine), [Effect::StopLine(pane)]);
        assert_eq!(wish(&mut facts, Intent::StopLine), []);
        // a conversation that is left takes its line along
        wish(&mut facts, Intent::RunLine(Draft::new("!sleep 9")));
        assert!(wish(&mut facts, Intent::New).contains(&Effect::StopLine(pane)) && facts.front().line.is_none());
    }
}
