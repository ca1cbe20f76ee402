//! Panes are opened, closed and tied together.

use super::{comparison, tell};
use crate::{
    domain::{
        conversation::Conversation,
        facts::Facts,
        pane::{Choice, Keep, Pane, PaneId},
        panes::{MOST, Way},
    },
    flow::effect::Effect,
};

/// Opens a pane with a conversation of its own and the same model; it has the focus.
pub fn split(facts: &mut Facts, at: PaneId, way: Way) -> Vec<Effect> {
    let conversation = Conversation::new(facts.fresh_conversation()).with_system(facts.panes.at(at).conversation.system.clone());
    let choice = facts.panes.at(at).choice.clone();
    match facts.panes.split(at, way, |id| Pane::new(id, conversation, choice)) {
        Some(new) => {
            facts.panes.focus(new);
            vec![Effect::FindDraft(new)]
        }
        None => tell(facts, format!("There is room for {MOST} panes; Ctrl+X q closes one")),
    }
}

/// Gives a pane the focus.
pub fn focus(facts: &mut Facts, pane: PaneId) -> Vec<Effect> {
    facts.panes.focus(pane);
    vec![]
}

/// From here on what is asked goes to all panes, or to the one that it is asked in.
pub fn tie(facts: &mut Facts, tied: bool) -> Vec<Effect> {
    let count = facts.panes.count();
    if tied && count < 2 {
        return tell(facts, "There is one pane only; Ctrl+X v opens another, /compare asks several models");
    }
    facts.panes.tied = tied;
    let all = if count == 2 { "both panes".to_string() } else { format!("all {count} panes") };
    tell(facts, if tied { format!("What you ask goes to {all}") } else { "What you ask goes to this pane only".into() })
}

/// Lets several models answer the same questions: the first here, the others in other panes. A pane that is opened for it goes
/// on with a copy of this conversation.
pub fn compare(facts: &mut Facts, at: PaneId, choices: Vec<Choice>) -> Vec<Effect> {
    let mut effects = vec![];
    let mut others = facts.panes.ids().into_iter().filter(|id| *id != at).collect::<Vec<_>>().into_iter();
    let mut last = at;
    for (n, choice) in choices.into_iter().enumerate() {
        let pane = match n {
            0 => Some(at),
            _ => others.next().or_else(|| branch(facts, at, last)),
        };
        let Some(pane) = pane else { break };
        last = pane;
        effects.extend(super::models::choose(facts, pane, choice, Keep::Here));
    }
    tie(facts, true);
    effects
}

/// A pane beside `last` that goes on with a copy of the conversation of `from`.
fn branch(facts: &mut Facts, from: PaneId, last: PaneId) -> Option<PaneId> {
    let id = facts.fresh_conversation();
    let pane = facts.panes.at(from);
    let (conversation, choice) = (pane.conversation.branch(id), pane.choice.clone());
    facts.panes.split(last, Way::Beside, |id| Pane::new(id, conversation, choice))
}

/// Closes a pane: its turn is stopped, what was typed in it is not lost.
pub fn close(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let Some(pane) = facts.panes.close(at) else { return tell(facts, "This is the only pane; Ctrl+D on an empty line quits") };
    let mut effects = super::stops(&pane);
    let sets = comparison::sets(&pane);
    // what waits was asked, and is in the history; what was typed is kept there, too
    if !pane.draft.text.trim().is_empty() {
        effects.extend(super::pane::remember(facts, pane.draft));
        tell(facts, "Closed; ↑ on an empty line brings back what was typed there");
    }
    effects.push(Effect::DropDraft(at));
    comparison::judge_all(facts, sets);
    effects
}

/// Closes all panes but one.
pub fn keep(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let others: Vec<PaneId> = facts.panes.ids().into_iter().filter(|id| *id != at).collect();
    others.into_iter().flat_map(|id| close(facts, id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            conversation::{Best, Body, Ending, Usage},
            pane::Draft,
            panes::Arrangement,
            turn::{Part, TurnId},
        },
        flow::{intent::Intent, news::News},
        providers::SANDBOX,
        update::{
            on_news,
            tests::{facts, wish},
        },
    };

    /// The arrangement in short: `|` beside, `-` below.
    fn drawn(arrangement: &Arrangement) -> String {
        match arrangement {
            Arrangement::Pane(id) => id.0.to_string(),
            Arrangement::Split(way, parts) => {
                let sign = if *way == Way::Beside { "|" } else { "-" };
                format!("({})", parts.iter().map(drawn).collect::<Vec<_>>().join(sign))
            }
        }
    }

    fn ask(facts: &mut Facts, text: &str) -> Vec<Effect> {
        wish(facts, Intent::Ask(Draft::new(text)))
    }
    fn model(model: &str) -> Choice {
        Choice { provider: SANDBOX, model: model.into(), effort: None }
    }
    fn finish(facts: &mut Facts, turn: u64, words: &str, usage: Usage) {
        on_news(facts, News::PartsArrived { turn: TurnId(turn), parts: vec![Part::Text(words.into())] });
        facts.clock.now += 1_000;
        on_news(facts, News::RoundFinished { turn: TurnId(turn), ending: Ending::Complete, usage });
    }
    fn bests(facts: &Facts) -> Vec<Best> {
        let answers = |pane: &Pane| {
            let last = pane.conversation.entries.iter().rev().find_map(|e| match &e.body {
                Body::Answered(answer) => answer.stats?.compared,
                _ => None,
            });
            last.map(|compared| compared.best).unwrap_or_default()
        };
        facts.panes.iter().map(answers).collect()
    }

    #[test]
    fn panes_are_split_and_closed_and_one_has_the_focus() {
        let mut facts = facts();
        let at = |facts: &mut Facts, of, intent| {
            facts.panes.focus(PaneId(of));
            wish(facts, intent);
            facts.panes.front_id().0
        };
        assert_eq!(at(&mut facts, 0, Intent::Split(Way::Beside)), 1);
        assert_eq!(at(&mut facts, 1, Intent::Split(Way::Below)), 2);
        assert_eq!(at(&mut facts, 0, Intent::Split(Way::Beside)), 3);
        assert_eq!(drawn(facts.panes.arrangement()), "(0|3|(1-2))");
        assert_eq!(at(&mut facts, 0, Intent::Split(Way::Below)), 0, "there is no fifth");
        assert_eq!(facts.panes.ids(), [0, 3, 1, 2].map(PaneId));
        assert_eq!(at(&mut facts, 2, Intent::ClosePane), 1);
        assert_eq!(drawn(facts.panes.arrangement()), "(0|3|1)");
        assert_eq!(at(&mut facts, 1, Intent::KeepPane), 1);
        assert_eq!(drawn(facts.panes.arrangement()), "1");
        assert_eq!(at(&mut facts, 1, Intent::ClosePane), 1, "one stays");
        facts.panes.focus(PaneId(0));
        assert_eq!(facts.panes.front_id(), PaneId(1), "who is gone gets no focus");
        // an id is never given twice: news of a pane that was closed must not reach another
        assert_eq!(at(&mut facts, 1, Intent::Split(Way::Beside)), 4);
        let ids: std::collections::HashSet<String> = facts.panes.iter().map(|pane| pane.conversation.id.clone()).collect();
        assert_eq!(ids.len(), 2, "each has a conversation of its own");
    }

    #[test]
    fn panes_are_asked_and_stopped_by_themselves() {
        let mut facts = facts();
        ask(&mut facts, "one");
        wish(&mut facts, Intent::Split(Way::Beside));
        ask(&mut facts, "two");
        let text = |facts: &Facts, pane| match &facts.panes.at(PaneId(pane)).conversation.entries.last().unwrap().body {
            Body::Answered(answer) => answer.text.clone(),
            _ => String::new(),
        };
        for (turn, words) in [(1, "first"), (2, "second")] {
            on_news(&mut facts, News::PartsArrived { turn: TurnId(turn), parts: vec![Part::Text(words.into())] });
        }
        assert_eq!((text(&facts, 0), text(&facts, 1)), ("first".into(), "second".into()));
        assert_eq!(wish(&mut facts, Intent::StopTurn), [Effect::StopTurn(TurnId(2))]);
        assert!(facts.panes.at(PaneId(0)).turn.is_running(), "the other goes on");
        let effects = wish(&mut facts, Intent::Quit);
        assert!(effects.contains(&Effect::StopTurn(TurnId(1))));
    }

    #[test]
    fn closing_a_pane_stops_its_answer_and_loses_no_word() {
        let mut facts = facts();
        wish(&mut facts, Intent::Split(Way::Below));
        ask(&mut facts, "asked");
        ask(&mut facts, "waits");
        wish(&mut facts, Intent::Draft(Draft::new("half a thought")));
        let kept = Effect::KeepHistory("half a thought".into());
        assert_eq!(wish(&mut facts, Intent::ClosePane), [Effect::StopTurn(TurnId(1)), kept, Effect::DropDraft(PaneId(1))]);
        assert_eq!(facts.history, ["asked", "waits", "half a thought"]);
        assert_eq!(on_news(&mut facts, News::PartsArrived { turn: TurnId(1), parts: vec![Part::Text("late".into())] }), []);
        assert!(facts.front().conversation.is_empty());
    }

    #[test]
    fn one_question_goes_to_several_models_and_the_best_figures_are_marked() {
        let mut facts = facts();
        ask(&mut facts, "before");
        finish(&mut facts, 1, "yes", Usage::default());
        wish(&mut facts, Intent::Compare(vec![model("a"), model("b")]));
        assert!(facts.panes.tied);
        let models: Vec<&str> = facts.panes.iter().map(|pane| pane.choice.model.as_str()).collect();
        assert_eq!(models, ["a", "b"]);
        let lengths: Vec<usize> = facts.panes.iter().map(|pane| pane.conversation.entries.len()).collect();
        assert_eq!(lengths, [2, 2], "what was said so far goes on in both");
        let effects = ask(&mut facts, "which?");
        assert_eq!(effects.iter().filter(|e| matches!(e, Effect::StartRound(_))).count(), 2);
        assert_eq!(effects.iter().filter(|e| matches!(e, Effect::KeepHistory(_))).count(), 1);
        facts.clock.now += 100;
        finish(&mut facts, 2, "quick", Usage { output_tokens: 5, cost_ticks: 7, ..Usage::default() });
        assert_eq!(bests(&facts), [Best::default(), Best::default()], "nothing is best before all are in");
        finish(&mut facts, 3, "slow and long", Usage { output_tokens: 9, cost_ticks: 7, ..Usage::default() });
        let [first, second] = bests(&facts)[..] else { panic!() };
        assert_eq!(first, Best { first: true, rate: false, tokens: true, cost: false });
        assert_eq!(second, Best { rate: true, ..Best::default() });
        assert_eq!(wish(&mut facts, Intent::KeepPane), [Effect::DropDraft(PaneId(1))]);
        assert!(!facts.panes.tied, "nobody is left to compare with");
        ask(&mut facts, "and now?");
        assert_eq!((facts.panes.count(), facts.front().turn.id()), (1, Some(TurnId(4))));
    }

    #[test]
    fn a_pane_that_fails_or_is_closed_holds_no_figures_back() {
        let mut facts = facts();
        wish(&mut facts, Intent::Compare(vec![model("a"), model("b"), model("c")]));
        ask(&mut facts, "which?");
        finish(&mut facts, 1, "one", Usage { output_tokens: 5, ..Usage::default() });
        finish(&mut facts, 2, "two", Usage { output_tokens: 4, ..Usage::default() });
        facts.panes.focus(PaneId(2));
        wish(&mut facts, Intent::ClosePane);
        assert_eq!(bests(&facts).iter().filter(|best| best.tokens).count(), 1);
    }

    #[test]
    fn a_question_for_all_is_taken_back_from_all_and_figures_wait_for_nobody_who_left() {
        let mut facts = facts();
        wish(&mut facts, Intent::Compare(vec![model("a"), model("b"), model("c")]));
        ask(&mut facts, "one");
        ask(&mut facts, "teh question");
        assert_eq!(wish(&mut facts, Intent::Unqueue).len(), 2, "the other journals are written");
        assert!(facts.panes.iter().all(|pane| pane.queue.is_empty()));
        // two are finished with both questions, the third begins anew
        ask(&mut facts, "two");
        for (turn, tokens) in [(1, 5), (2, 4)] {
            finish(&mut facts, turn, "words", Usage { output_tokens: tokens, ..Usage::default() });
        }
        for (turn, tokens) in [(4, 5), (5, 4)] {
            finish(&mut facts, turn, "words", Usage { output_tokens: tokens, ..Usage::default() });
        }
        assert!(bests(&facts).iter().all(|best| !best.tokens));
        facts.panes.focus(PaneId(2));
        wish(&mut facts, Intent::New);
        assert_eq!(bests(&facts).iter().filter(|best| best.tokens).count(), 1, "the second question is judged, too");
    }
}
